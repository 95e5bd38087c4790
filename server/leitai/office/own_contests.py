"""A province's own contests: their people by file or by registration, and their prizes (issue 6, point 8).

Everything else of such a contest (bank, papers, sessions, rulings, what goes on air) is the office's own work, done in
the house of the province.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from leitai.office.awards.computing import Computed, Computing
from leitai.office.identity import IdentityHash
from leitai.office.importing.nominees import read_id_number, read_phone
from leitai.office.importing.own_roster import OwnRosterFile, numbers_of, read_own_roster
from leitai.office.importing.people import read_name
from leitai.office.importing.problems import FileRefused, Problem
from leitai.office.own_contests_ports import (
    Asks,
    NewApplicant,
    NewPerson,
    OwnContestRefused,
    OwnContestStore,
    Registration,
)
from leitai.office.results import Judged, NotPublished, Results
from leitai.rules.award_corrections import Correction
from leitai.rules.prizes import BadPrizes, Prize, check_prizes
from leitai.rules.values import DelegationCode, Micros, Phase, SessionId

READERS = 2
"""Files read at once."""
_MAX_UNIT = 100


@dataclass(frozen=True, slots=True)
class OwnRosterReport:
    """What a roster holds and what was done with it; `people` counts the whole roster once it was taken in."""

    file_name: str
    fault: FileRefused | None = None
    accepted: tuple[NewPerson, ...] = ()
    refused: tuple[Problem, ...] = ()
    skipped: tuple[str, ...] = ()
    people: int = 0


@dataclass(frozen=True, slots=True)
class PrizeList:
    """Who has won what in a session, with what was put right after 定榜, and which ties wait for a ruling.

    `final`: no ruling changes anything any more. `teams`: what each is called.
    """

    judged: Judged
    computed: Computed
    final: bool
    teams: Mapping[DelegationCode, str]


class Corrections(Protocol):
    """As much of `office.awards.ports.AwardsStore` as this needs."""

    async def corrections(self, session_id: SessionId) -> list[Correction]:
        """Return the corrections of a session, withdrawn ones too, by id."""
        ...


class OwnContestsDesk:
    """What a province's office does with its own contests. Everything raises `StoreUnavailable` from the store.

    Args:
        store: keeps them.
        results: of sessions that are over.
        computing: of their awards.
        corrections: what was put right in these.
        hashes: of numbers, under the server's key.
        now_us: the time.
    """

    def __init__(
        self,
        store: OwnContestStore,
        results: Results,
        computing: Computing,
        corrections: Corrections,
        hashes: IdentityHash,
        now_us: Callable[[], Micros],
    ) -> None:
        self.store = store
        self.now_us = now_us
        self._results = results
        self._computing = computing
        self._corrections = corrections
        self._hashes = hashes
        self._reading = asyncio.Semaphore(READERS)

    async def roster(self, contest_id: int, file_name: str, data: bytes, actor: str, *, keep: bool) -> OwnRosterReport:
        """Read a roster and say what is in it; `keep`: add everybody in it when nothing is refused.

        Raises KeyError for no such contest; `OwnContestRefused`: `roster-full` when there would be too many, kept or
        not; `person-registered` when somebody came meanwhile.
        """
        contest = await self.store.own_contest(contest_id)
        try:
            async with self._reading:
                file: OwnRosterFile = await asyncio.to_thread(read_own_roster, file_name, data, self._hashes)
        except FileRefused as refusal:
            return OwnRosterReport(file_name, refusal)
        if contest.people + len(file.accepted) > self.store.most:
            raise OwnContestRefused("roster-full")
        people = 0
        if keep and file.accepted and not file.refused:
            people = await self.store.add_people(contest_id, file.accepted, file.sha256, actor)
        return OwnRosterReport(file_name, None, file.accepted, file.refused, file.skipped, people)

    async def set_registration(self, contest_id: int, asks: Asks, closes_us: int, actor: str, *, opens: bool) -> None:
        """Open, change or close registration; raises KeyError, `OwnContestRefused` (`registration-past`)."""
        if opens and closes_us <= self.now_us():
            raise OwnContestRefused("registration-past")
        await self.store.set_registration(contest_id, Registration(asks, Micros(closes_us), opens), actor)

    async def register(self, contest_id: int, name: str, unit: str, team: str, phone: str, id_number: str) -> None:
        """Take down somebody who registers for a contest that is open for it.

        Raises:
            KeyError: the contest takes nobody.
            OwnContestRefused: `registration-closed`, `already-registered`, `registration-full`, `name-odd`,
                `unit-missing`, `team-unknown`, `phone-wrong`, `id-number-wrong`.
        """
        registration = (await self.store.own_contest(contest_id)).registration
        if registration is None:
            raise KeyError(contest_id)
        if not registration.takes(self.now_us()):
            raise OwnContestRefused("registration-closed")
        said, problem = read_name(name)
        if problem is not None:
            raise OwnContestRefused("name-odd")
        place = " ".join(unit.split())
        if not place or len(place) > _MAX_UNIT or not place.isprintable():
            raise OwnContestRefused("unit-missing")
        if all(one.code != team for one in await self.store.teams()):
            raise OwnContestRefused("team-unknown")
        phone = _number(registration.asks, "phone", phone)
        id_number = _number(registration.asks, "id", id_number)
        numbers = numbers_of(phone, id_number, self._hashes)
        applicant = NewApplicant(said, place, DelegationCode(team), numbers, self.now_us())
        await self.store.register(contest_id, applicant)

    async def decide(
        self, contest_id: int, applicant_ids: Sequence[int], actor: str, *, approves: bool, reason: str
    ) -> int:
        """Put applicants on the roster or decline them; raises KeyError, `OwnContestRefused`:
        `reason-missing`, `roster-full`, `person-registered`."""
        reason = reason.strip()
        if not approves and not reason:
            raise OwnContestRefused("reason-missing")
        return await self.store.decide_applicants(
            contest_id, applicant_ids, actor, approves=approves, reason="" if approves else reason
        )

    async def set_prizes(self, contest_id: int, expects: int, prizes: Sequence[Prize], actor: str) -> int:
        """Change the table of prizes; returns its edition. Raises KeyError, `OwnContestRefused` (`prizes-bad`, …)."""
        named = [Prize(one.name.strip(), one.places, one.teams) for one in prizes]
        try:
            check_prizes(named)
        except BadPrizes:
            raise OwnContestRefused("prizes-bad") from None
        return await self.store.set_prizes(contest_id, expects, named, actor, self.now_us())

    async def won(self, contest_id: int, session_id: SessionId) -> PrizeList:
        """Return who has won what.

        Raises KeyError; `NothingThere`: no such session; `OwnContestRefused` (`not-over-yet`).
        """
        contest = await self.store.own_contest(contest_id)
        if all(one.session_id != session_id for one in contest.sessions):
            raise KeyError(session_id)
        try:
            judged = await self._results.judged(session_id)
        except NotPublished:
            raise OwnContestRefused("not-over-yet") from None
        computed = await self._computing.of(session_id, await self._corrections.corrections(session_id))
        teams = {one.code: one.name for one in await self.store.teams()}
        return PrizeList(judged, computed, judged.record.phase is Phase.FINALIZED, teams)


def _number(asks: Asks, which: Asks, written: str) -> str:
    """Return a number that is asked for, in its one form; empty: it is not asked for."""
    if asks not in (which, "both"):
        return ""
    number, problem = read_phone(written) if which == "phone" else read_id_number(written)
    if problem:
        raise OwnContestRefused("phone-wrong" if which == "phone" else "id-number-wrong")
    return number
