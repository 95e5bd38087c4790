"""Results as the staff see them: lists, delegations, tables as files, bundles; and whether they may before publication.

Errors: `results.NotPublished`, `results.NothingThere`, `bundle.making.NotFinal`.
"""

import asyncio
from functools import partial

from leitai.office import result_tables
from leitai.office.award_table import Given, Held
from leitai.office.awards.computing import Computing
from leitai.office.awards.published import newest_list
from leitai.office.bundle.corrected import renamed
from leitai.office.bundle.making import Sealed, make_bundle
from leitai.office.bundle.ports import CorrectionStore, Finished, RecordStore, SealStore
from leitai.office.exporting.tables import write_tables
from leitai.office.results import Judged, NothingThere, Results, explained
from leitai.office.signing import Signer
from leitai.rules.award_corrections import as_rulings
from leitai.rules.honours import award_name, read_award
from leitai.rules.values import DelegationCode, SessionId, SittingId
from leitai.wire.bodies import ResultBody
from leitai.wire.results_bodies import DelegationRow, PersonRow

PAGE = 50


class FinalResults:
    """Results for the staff. Everything raises `StoreUnavailable` from the stores."""

    def __init__(self, record: RecordStore, seals: SealStore, awards: CorrectionStore) -> None:
        self._record = record
        self._awards = awards
        self._seals = seals
        self._results = Results(record)
        self._computing = Computing(record)
        self._signer = Signer(seals)

    async def sessions(self) -> list[Finished]:
        """Return the sessions that are over, the newest first."""
        return await self._seals.finished()

    async def key(self) -> bytes | None:
        """Return the public key that bundles are signed with; None before the first."""
        return await self._seals.public_key()

    async def judged(self, session_id: SessionId) -> Judged:
        """Return all of a session that is over; raises `NotPublished`, `NothingThere`."""
        return await self._results.judged(session_id)

    async def published_awards(self, session_id: SessionId) -> Held:
        """Return who holds what in the list that was published last: all that is to be seen by who sees no more."""
        listed = await newest_list(self._awards, session_id)
        return {SittingId(one.sitting): read_award(one.kind) for one in listed.people} if listed else {}

    async def people(
        self, judged: Judged, delegation: DelegationCode | None, name: str, held: Held | None = None
    ) -> list[PersonRow]:
        """Return contestants by their standing, those without one at the end, of one delegation or all; with the awards
        that follow from record and corrections, or those of `held`."""
        if held is None:
            held = (await self._given(judged)).held
        return await asyncio.to_thread(_people, judged, delegation, name.strip(), held)

    async def delegations(self, judged: Judged) -> list[DelegationRow]:
        """Return the delegations by their standing."""
        return await asyncio.to_thread(result_tables.delegation_rows, judged, (await self._given(judged)).awards)

    async def explanation(self, judged: Judged, sitting_id: SittingId) -> ResultBody:
        """Return a contestant's result item by item; raises `NothingThere`."""
        return await asyncio.to_thread(explained, judged, sitting_id)

    async def table(
        self, judged: Judged, name: str, delegation: DelegationCode | None = None, held: Held | None = None
    ) -> bytes:
        """Return a table as .xlsx: one of `result_tables.TABLES`, or `province` with its delegation (`held` as in
        `people`).

        Raises:
            NothingThere: there is no such table or delegation.
        """
        names, given = await self._record.delegations(), await self._given(judged)
        if name == "province":
            if delegation is None or delegation not in {one.code for one in names}:
                raise NothingThere
            made = partial(result_tables.province, judged, names, delegation, given.held if held is None else held)
        elif name in result_tables.TABLES:
            made = partial(result_tables.TABLES[name], judged, names, given)
        else:
            raise NothingThere
        return await asyncio.to_thread(lambda: write_tables(made()))

    async def _given(self, judged: Judged) -> Given:
        """Return the awards as they stand now, with what was put right after 定榜."""
        session_id = judged.record.session_id
        corrections = await self._awards.corrections(session_id)
        outcome = judged.outcome
        if as_rulings(corrections):
            outcome = (await self._computing.of(session_id, corrections)).outcome
        awards = await asyncio.to_thread(outcome.awards)
        return Given(renamed(awards, corrections), corrections)

    async def bundle(self, session_id: SessionId) -> Sealed:
        """Return a final session's bundle; raises `NotFinal`, `NothingThere`."""
        try:
            return await make_bundle(self._record, self._seals, self._awards, self._signer, session_id)
        except KeyError:
            raise NothingThere from None


def _people(judged: Judged, delegation: DelegationCode | None, name: str, held: Held) -> list[PersonRow]:
    placed = judged.outcome.by_sitting
    awards = {sitting_id: award_name(kind) for sitting_id, kind in held.items()}
    members = [
        one
        for one in judged.outcome.members
        if (delegation is None or one.delegation == delegation) and (not name or name in one.name)
    ]
    members.sort(
        key=lambda one: (placed[one.sitting_id].order if one.sitting_id in placed else 1 << 31, one.sitting_id)
    )
    rows: list[PersonRow] = []
    for member in members:
        standing = placed.get(member.sitting_id)
        score = standing.score if standing else None
        rows.append(
            PersonRow(
                member.sitting_id,
                standing.rank if standing else 0,
                member.name,
                member.delegation,
                judged.sittings[member.sitting_id].admission_no,
                score.centipoints if score else 0,
                score.elapsed_us if score else 0,
                score.answered if score else 0,
                member.struck,
                member.absent,
                awards.get(member.sitting_id, ""),
            )
        )
    return rows
