"""What nominations and rosters need from outside, as Protocols.

Every call may raise `office.ports.StoreUnavailable`. Each writing call is one transaction, its line of the audit in it.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from leitai.office.nominations.values import (
    ContestState,
    FrozenLine,
    History,
    NewNominee,
    Nominee,
    PeopleRequest,
    PracticeRecord,
    PracticeState,
    ProvinceList,
    RosterSeat,
    Upload,
    WonTaken,
)
from leitai.office.people_ports import DelegationName, RosterLine
from leitai.office.ports import AuditLog
from leitai.rules.values import ActorId, DelegationCode, Micros


class PastHonours(Protocol):
    """The expert pool as eligibility sees it."""

    async def past_honours(self, id_hashes: Sequence[bytes]) -> Mapping[bytes, History]:
        """Return what the pool knows of people, by hash of the identity number (`office.identity`); others are left
        out.
        """
        ...


class Drawn(Protocol):
    """The draw as the roster sees it."""

    async def drawn(self, contest_id: int) -> Mapping[DelegationCode, Sequence[str]]:
        """Return who was drawn, by delegation and in the order drawn, as the draw names them: `007 阿依古丽·买买提`.

        The number is the place in the frozen list. A delegation that has not drawn is left out.
        """
        ...


class PracticeEvidence(Protocol):
    """What people reached in practice: imported from files now, from the practice module later."""

    async def practice(self, contest_id: int, id_hashes: Sequence[bytes]) -> Mapping[bytes, PracticeRecord]:
        """Return the records of people, by hash of the identity number; who has none is left out."""
        ...

    async def practice_state(self, contest_id: int) -> PracticeState:
        """Return how much is known for a contest."""
        ...


class NominationStore(PracticeEvidence, Protocol):
    """Where lists are kept."""

    async def delegations(self) -> list[DelegationName]:
        """Return the delegations there are, by code."""
        ...

    async def contests(self) -> list[ContestState]:
        """Return every contest, the newest first."""
        ...

    async def contest_state(self, contest_id: int) -> ContestState:
        """Return how far a contest is; raises KeyError when there is none."""
        ...

    async def create_contest(self, title: str, organizer: str, year: int, actor: str) -> int:
        """Return the id of a new contest."""
        ...

    async def lists(self, contest_id: int) -> list[ProvinceList]:
        """Return the list of every delegation that sent one in, by code."""
        ...

    async def nominees(self, contest_id: int, delegation: DelegationCode | None = None) -> list[Nominee]:
        """Return the lines in force of one list or all, by delegation, list and place."""
        ...

    async def numbers(self, contest_id: int, delegation: DelegationCode, actor: str) -> Mapping[int, tuple[str, str]]:
        """Return identity and telephone numbers of a list as they are, by `nominee_id`; looking is in the audit."""
        ...

    async def taken(
        self, contest_id: int, delegation: DelegationCode, hashes: Sequence[bytes]
    ) -> Mapping[bytes, DelegationCode]:
        """Return which of these hashes (of identity or telephone numbers) stand on a list of another delegation."""
        ...

    async def replace_list(
        self,
        contest_id: int,
        delegation: DelegationCode,
        expects: int,
        upload: Upload,
        lines: Sequence[NewNominee],
        won: WonTaken | None = None,
    ) -> ProvinceList:
        """Put an upload in force in place of the one before, which is kept for an undo; `won` comes with it or neither
        does, and stays whatever is uploaded later.

        Raises `NominationRefused`: `lists-frozen`, `list-submitted`, `list-stale`, `person-elsewhere`.
        """
        ...

    async def undo_upload(
        self, contest_id: int, delegation: DelegationCode, expects: int, actor: str, at_us: Micros
    ) -> ProvinceList:
        """Put the upload before in force again, and forget the one undone. Raises `NominationRefused`:
        `nothing-to-undo`, or as `replace_list`.
        """
        ...

    async def submit_list(
        self, contest_id: int, delegation: DelegationCode, expects: int, actor: str, at_us: Micros
    ) -> ProvinceList:
        """Hand a list to the ministry. Raises `NominationRefused`: `list-empty`, or as `replace_list`."""
        ...

    async def return_list(
        self, contest_id: int, delegation: DelegationCode, expects: int, reason: str, actor: str, at_us: Micros
    ) -> ProvinceList:
        """Send a submitted list back. Raises `NominationRefused`: `list-not-submitted`, or as `replace_list`."""
        ...

    async def import_practice(self, contest_id: int, upload: Upload, records: Sequence[PracticeRecord]) -> None:
        """Keep records, each in place of an earlier one of the same person; raises `NominationRefused`
        (`lists-frozen`).
        """
        ...

    async def past_rosters(self, year: int, id_hashes: Sequence[bytes]) -> Mapping[bytes, Sequence[int]]:
        """Return the years of earlier contests of this house, before `year`, in whose rosters people stood."""
        ...

    async def freeze_lists(
        self, request: PeopleRequest, lines: Sequence[FrozenLine], actor: ActorId, at_us: Micros, *, alone: bool
    ) -> None:
        """Decide the request and freeze the contest's lists: `lines` are what stands from then on; uploads that were
        replaced are forgotten.

        Raises:
            NominationRefused: `list-stale` when the lists are not as they were when it was asked for, `lists-frozen`.
            RequestRefused: see `decide`.
        """
        ...


class RosterStore(AuditLog, Protocol):
    """Where rosters, and what two decide about people, are kept."""

    async def contest_state(self, contest_id: int) -> ContestState:
        """See `NominationStore.contest_state`."""
        ...

    async def delegations(self) -> list[DelegationName]:
        """Return the delegations there are, by code."""
        ...

    async def frozen_lines(self, contest_id: int) -> list[FrozenLine]:
        """Return the frozen lists by delegation, list and place."""
        ...

    async def make_roster(
        self, contest_id: int, lines: Sequence[tuple[RosterLine, bytes | None]], actor: str, at_us: Micros
    ) -> None:
        """Store the roster with the hashes its people are known by; raises `NominationRefused` (`roster-made`)."""
        ...

    async def seats(self, contest_id: int, delegation: DelegationCode | None = None) -> list[RosterSeat]:
        """Return the roster by delegation and seat; `struck` is what was decided, nothing that the rules say."""
        ...

    async def publish_roster(self, contest_id: int, actor: str, at_us: Micros) -> None:
        """Publish the roster; raises `NominationRefused` (`roster-missing`, `roster-published`)."""
        ...

    async def strike_off(self, request: PeopleRequest, actor: ActorId, at_us: Micros, *, alone: bool) -> None:
        """Decide the request and strike somebody off, in the sessions too whose lobby has not opened.

        Raises:
            NominationRefused: `already-struck`.
            RequestRefused: see `decide`.
        """
        ...

    async def ask(self, request: PeopleRequest) -> PeopleRequest:
        """Add a request and return it with its id."""
        ...

    async def request(self, request_id: int) -> PeopleRequest:
        """Return a request; raises KeyError when there is none."""
        ...

    async def open_requests(self, contest_id: int, now_us: Micros) -> list[PeopleRequest]:
        """Return the requests that are neither decided nor lapsed, by id."""
        ...

    async def decline(self, request: PeopleRequest, actor: ActorId, at_us: Micros) -> None:
        """Decline a request (who asked: take it back); raises `RequestRefused` (`request-decided`)."""
        ...


class PeopleStore(NominationStore, RosterStore, Protocol):
    """Both: one store keeps them."""
