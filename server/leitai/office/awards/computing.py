"""A session's awards from its record and the corrections made since: the list, and everyone's line with why."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from leitai.office.ports import OfficeStore
from leitai.office.results import settled_marks
from leitai.office.session_ports import SessionRecord, Sitting
from leitai.office.standings import ITEM_CLOSED, Outcome, compute
from leitai.rules.award_corrections import Correction, as_rulings, names
from leitai.rules.award_reasons import Explanation, explain
from leitai.rules.honours import Awards, Reason, award_name
from leitai.rules.publicity import Holder
from leitai.rules.values import SessionId, SittingId
from leitai.wire.awards_bodies import AwardList, ListedPerson, ListedShortfall, ListedTeam


@dataclass(frozen=True, slots=True)
class Computed:
    """A session's awards as they follow from everything that is known.

    Attributes:
        names: how everyone's name reads, corrections included.
        content: the list as JSON, canonical: equal lists have equal bytes.
        digest: its SHA-256.
    """

    record: SessionRecord
    outcome: Outcome
    awards: Awards
    lines: Sequence[Explanation]
    sittings: Mapping[SittingId, Sitting]
    names: Mapping[SittingId, str]
    listed: AwardList
    content: str
    digest: bytes


class Computing:
    """Computes awards, once for each state of the record, for the session asked about last."""

    def __init__(self, store: OfficeStore) -> None:
        self._store = store
        self._kept: tuple[tuple[SessionId, str, tuple[int, ...]], Computed] | None = None
        self._lock = asyncio.Lock()

    async def of(self, session_id: SessionId, corrections: Sequence[Correction]) -> Computed:
        """Return the awards with these corrections.

        Raises:
            KeyError: there is no such session.
            StoreUnavailable: from the store.
        """
        async with self._lock:
            revision = await self._store.revision(session_id)
            if revision is None:
                raise KeyError(session_id)
            key = (session_id, revision, tuple(one.correction_id for one in corrections))
            if self._kept is None or self._kept[0] != key:
                self._kept = (key, await self._compute(session_id, corrections))
            return self._kept[1]

    async def _compute(self, session_id: SessionId, corrections: Sequence[Correction]) -> Computed:
        record = await self._store.session(session_id)
        closings = await self._store.session_events(session_id, ITEM_CLOSED)
        answers = await self._store.answers(session_id)
        rulings = [*await self._store.rulings(session_id), *as_rulings(corrections)]
        marks = await settled_marks(self._store, record)
        sittings = {one.sitting_id: one for one in await self._store.sittings(session_id)}
        delegations: dict[str, str] = {one.code: one.name for one in await self._store.delegations()}

        def work() -> Computed:
            outcome = compute(record, answers, closings, rulings, marks)
            awards = outcome.awards()
            read = {member.sitting_id: member.name for member in outcome.members} | names(corrections)
            listed = _list(record, outcome, awards, sittings, read, delegations)
            content = msgspec.json.encode(listed)
            digest = hashlib.sha256(content).digest()
            lines = explain(outcome.members, outcome.individuals, awards)
            return Computed(record, outcome, awards, lines, sittings, read, listed, content.decode(), digest)

        # A second of work for 1,600 × 80: not on the loop.
        return await asyncio.to_thread(work)


def _list(
    record: SessionRecord,
    outcome: Outcome,
    awards: Awards,
    sittings: Mapping[SittingId, Sitting],
    read: Mapping[SittingId, str],
    delegations: Mapping[str, str],
) -> AwardList:
    teams = {team.delegation: team for team in outcome.delegations}
    people = [
        ListedPerson(
            award_name(award.kind),
            award.reason.place,
            award.reason.rank,
            award.reason.quota,
            read[award.sitting_id],
            award.delegation,
            sittings[award.sitting_id].contestant.person.unit,
            outcome.by_sitting[award.sitting_id].score.centipoints,
            [read[one] for one in award.reason.passed_over],
            _ruling(award.reason),
            award.sitting_id,
            sittings[award.sitting_id].contestant.contestant_id,
        )
        for award in awards.persons
    ]
    placed = [
        ListedTeam(
            award_name(award.kind),
            award.reason.place,
            award.reason.rank,
            award.reason.quota,
            award.delegation,
            delegations.get(award.delegation, award.delegation),
            teams[award.delegation].centipoints,
            _ruling(award.reason),
        )
        for award in awards.teams
    ]
    short = [
        ListedShortfall(award_name(one.kind), one.quota, one.eligible, one.delegation or "")
        for one in awards.shortfalls
    ]
    contest = record.contest
    return AwardList(record.session_id, contest.title, contest.year, people, placed, short)


def _ruling(reason: Reason) -> int:
    return reason.ruling_id or 0


def holders(listed: AwardList) -> list[Holder]:
    """Return who holds what in a list, to be compared with another."""
    people = [Holder(f"sitting {one.sitting}", one.kind, one.name, one.delegation) for one in listed.people]
    return [*people, *(Holder(one.delegation, one.kind, one.name, one.delegation) for one in listed.teams)]
