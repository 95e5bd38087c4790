"""A province's list from upload to freeze: checked, kept, undone, submitted, returned, frozen."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from leitai.office.eligibility import measured_by
from leitai.office.identity import IdentityHash
from leitai.office.importing.nominees import (
    NomineeEntry,
    NomineeFile,
    PracticeFile,
    read_nominee_file,
    read_practice_file,
)
from leitai.office.importing.problems import FileRefused, Problem
from leitai.office.nominations.evidence import judge_people
from leitai.office.nominations.ports import NominationStore, PastHonours
from leitai.office.nominations.values import (
    ContestState,
    FrozenLine,
    Judged,
    NominationRefused,
    Nominee,
    PracticeState,
    ProvinceList,
    Upload,
)
from leitai.office.pacing import Pacing
from leitai.office.people_ports import NominationList
from leitai.office.roster import NAMED_PLACES, NOMINATED_PLACES
from leitai.rules.values import DelegationCode, Micros

QUOTAS: dict[NominationList, int] = {"named": NAMED_PLACES, "nominated": NOMINATED_PLACES}


@dataclass(frozen=True, slots=True)
class CheckedLine:
    """A line of a file with its person's eligibility."""

    entry: NomineeEntry
    judged: Judged


@dataclass(frozen=True, slots=True)
class UploadReport:
    """What a file holds and what was done with it.

    Attributes:
        file_name: as it was sent.
        fault: why the file as a whole was refused; None: it was read.
        lines: everyone in it who stands as a line.
        refused: every row's problems, those found across provinces among them.
        skipped: sheets without a header of people.
        kept: the list as it stands now, when it was taken in.
    """

    file_name: str
    fault: FileRefused | None = None
    lines: tuple[CheckedLine, ...] = ()
    refused: tuple[Problem, ...] = ()
    skipped: tuple[str, ...] = ()
    kept: ProvinceList | None = None


@dataclass(frozen=True, slots=True)
class PracticeReport:
    """What a file of practice records holds; `state` is what is known now, when it was taken in."""

    file_name: str
    fault: FileRefused | None = None
    records: int = 0
    refused: tuple[Problem, ...] = ()
    state: PracticeState | None = None


@dataclass(frozen=True, slots=True)
class ProvinceView:
    """A province's list with everyone's eligibility."""

    contest: ContestState
    standing: ProvinceList
    lines: tuple[tuple[Nominee, Judged], ...]


class Nominations:
    """The lists of all provinces.

    Args:
        store: keeps them.
        honours: the expert pool.
        hashes: of identity numbers, under the server's key.
        now_us: the time.
        reading: whose turn it is to read a file: all provinces may upload in the same minute, also of a contest.
    """

    def __init__(
        self,
        store: NominationStore,
        honours: PastHonours,
        hashes: IdentityHash,
        now_us: Callable[[], Micros],
        reading: Pacing,
    ) -> None:
        self.store = store
        self._honours = honours
        self._hashes = hashes
        self.now_us = now_us
        self._reading = reading

    async def upload(
        self,
        contest_id: int,
        delegation: DelegationCode,
        file_name: str,
        data: bytes,
        *,
        actor: str,
        expects: int | None = None,
    ) -> UploadReport:
        """Read a province's file and say what is in it; with `expects`, the edition of the list as it was seen, put it
        in force when nothing in it is refused.

        Raises:
            KeyError: there is no such contest.
            NominationRefused: see `NominationStore.replace_list`.
            StoreUnavailable: from the store; nothing was taken in.
        """
        contest = await self.store.contest_state(contest_id)
        if contest.frozen_us is not None:
            raise NominationRefused("lists-frozen")
        delegations = await self.store.delegations()
        try:
            async with self._reading.turn():
                file = await asyncio.to_thread(
                    read_nominee_file, file_name, data, delegation, delegations, self._hashes, quotas=QUOTAS
                )
        except FileRefused as refusal:
            return UploadReport(file_name, refusal)
        elsewhere = await self._elsewhere(contest_id, delegation, file)
        people = [(entry.nominee.id_hash, entry.nominee.person) for entry in file.accepted]
        judged = await judge_people(self.store, self._honours, contest_id, contest.year, people)
        lines = tuple(CheckedLine(entry, one) for entry, one in zip(file.accepted, judged, strict=True))
        refused = (*file.refused, *elsewhere)
        kept = None
        if expects is not None and lines and not refused:
            trace = Upload(0, file_name[:200], file.sha256, self.now_us(), actor)
            nominees = [entry.nominee for entry in file.accepted]
            kept = await self.store.replace_list(contest_id, delegation, expects, trace, nominees)
        return UploadReport(file_name, None, lines, refused, file.skipped, kept)

    async def import_practice(
        self, contest_id: int, file_name: str, data: bytes, *, actor: str, keep: bool
    ) -> PracticeReport:
        """Read records of practice up to 31 August of the contest's year, and `keep` them when none is refused.

        Raises as `upload` does.
        """
        contest = await self.store.contest_state(contest_id)
        try:
            async with self._reading.turn():
                file: PracticeFile = await asyncio.to_thread(
                    read_practice_file, file_name, data, measured_by(contest.year), self._hashes
                )
        except FileRefused as refusal:
            return PracticeReport(file_name, refusal)
        state = None
        if keep and file.accepted and not file.refused:
            trace = Upload(0, file_name[:200], file.sha256, self.now_us(), actor)
            await self.store.import_practice(contest_id, trace, file.accepted)
            state = await self.store.practice_state(contest_id)
        return PracticeReport(file_name, None, len(file.accepted), file.refused, state)

    def hash_phone(self, phone: str) -> bytes:
        """Return by what a telephone number is known."""
        return self._hashes.of_phone(phone)

    async def undo(self, contest_id: int, delegation: DelegationCode, expects: int, actor: str) -> ProvinceList:
        """Take the last upload back; raises as `NominationStore.undo_upload`."""
        return await self.store.undo_upload(contest_id, delegation, expects, actor, self.now_us())

    async def submit(
        self, contest_id: int, delegation: DelegationCode, expects: int, actor: str, *, short: bool
    ) -> ProvinceList:
        """Hand the list to the ministry. `short`: it is meant to have fewer than 15 + 100.

        Raises `NominationRefused`: `list-short`, or as `NominationStore.submit_list`.
        """
        standing = await self.standing(contest_id, delegation)
        whole = (standing.named, standing.nominated) == (NAMED_PLACES, NOMINATED_PLACES)
        if standing.state in ("uploaded", "returned") and not whole and not short:
            raise NominationRefused("list-short")
        return await self.store.submit_list(contest_id, delegation, expects, actor, self.now_us())

    async def send_back(
        self, contest_id: int, delegation: DelegationCode, expects: int, reason: str, actor: str
    ) -> ProvinceList:
        """Return a submitted list to its province; raises `NominationRefused` (`reason-missing`, or as the store)."""
        if not reason.strip():
            raise NominationRefused("reason-missing")
        return await self.store.return_list(contest_id, delegation, expects, reason.strip(), actor, self.now_us())

    async def standing(self, contest_id: int, delegation: DelegationCode) -> ProvinceList:
        """Return how one province's list stands."""
        found = (one for one in await self.store.lists(contest_id) if one.delegation == delegation)
        return next(found, ProvinceList(delegation, "none"))

    async def province(self, contest_id: int, delegation: DelegationCode) -> ProvinceView:
        """Return a province's list with everyone's eligibility; raises KeyError for no such contest."""
        contest = await self.store.contest_state(contest_id)
        nominees = await self.store.nominees(contest_id, delegation)
        judged = await self._judge(contest, nominees)
        standing = await self.standing(contest_id, delegation)
        return ProvinceView(contest, standing, tuple(zip(nominees, judged, strict=True)))

    async def overview(self, contest_id: int) -> tuple[ContestState, list[tuple[ProvinceList, int]]]:
        """Return how every delegation's list stands, with how many on it are not eligible, by code."""
        contest = await self.store.contest_state(contest_id)
        nominees = await self.store.nominees(contest_id)
        failing: dict[DelegationCode, int] = {}
        for nominee, judged in zip(nominees, await self._judge(contest, nominees), strict=True):
            code = nominee.person.delegation
            failing[code] = failing.get(code, 0) + (not judged.eligible)
        standing = {one.delegation: one for one in await self.store.lists(contest_id)}
        every = [standing.get(one.code, ProvinceList(one.code, "none")) for one in await self.store.delegations()]
        return contest, [(one, failing.get(one.delegation, 0)) for one in every]

    async def to_freeze(self, contest_id: int) -> list[FrozenLine]:
        """Return every submitted list's lines as they would be frozen now."""
        contest = await self.store.contest_state(contest_id)
        submitted = {one.delegation for one in await self.store.lists(contest_id) if one.state == "submitted"}
        nominees = [one for one in await self.store.nominees(contest_id) if one.person.delegation in submitted]
        return [
            FrozenLine(nominee.list, nominee.no, judged.person, judged.eligible, nominee.id_hash)
            for nominee, judged in zip(nominees, await self._judge(contest, nominees), strict=True)
        ]

    async def _judge(self, contest: ContestState, nominees: Sequence[Nominee]) -> list[Judged]:
        people = [(one.id_hash, one.person) for one in nominees]
        return await judge_people(self.store, self._honours, contest.contest_id, contest.year, people)

    async def _elsewhere(self, contest_id: int, delegation: DelegationCode, file: NomineeFile) -> list[Problem]:
        """Problems of people, or telephones, that another province sent in."""
        lines = [entry.nominee for entry in file.accepted]
        hashes = [one for line in lines for one in (line.id_hash, line.phone_hash)]
        taken = await self.store.taken(contest_id, delegation, hashes)
        if not taken:
            return []
        names = {one.code: one.short for one in await self.store.delegations()}
        problems: list[Problem] = []
        for entry in file.accepted:
            if other := taken.get(entry.nominee.id_hash):
                problems.append(entry.problem("id_number", "id-elsewhere", names.get(other, other)))
            elif other := taken.get(entry.nominee.phone_hash):
                problems.append(entry.problem("phone", "phone-elsewhere", names.get(other, other)))
        return problems
