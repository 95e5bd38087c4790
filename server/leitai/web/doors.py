"""What the HTTP doors need from behind them. compose fills a `Doors`; tests put fakes there.

Three exceptions may come from any of them: `NotYet` (before its time), `NotThere` (no such thing) and
`live.ports.StoreUnavailable`.
"""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from leitai.live.ports import ItemFile, Tickets
from leitai.office.session_ports import FinalSession
from leitai.rules.values import DelegationCode, ItemNo, SessionId, SittingId
from leitai.wire.bodies import ContestBody, ParticipationBody
from leitai.wire.messages import BoardRow, View
from leitai.wire.ruling_bodies import OwnAppeal, OwnAppeals

SESSION_COOKIE = "leitai_sid"
MONTHLY_COOKIE = "leitai_monthly"
"""Of learners who sit 月月比, so that it is none of the contest's."""


class NotYet(Exception):
    """It exists or will exist, and is not published yet."""


class NotNow(Exception):
    """It would hold up those who answer, and is worked out after them."""


class NotThere(Exception):
    """No such session, delegation or sitting."""


class Identity(Protocol):
    """A contestant as the pages know them; `office.accounts.SignedIn` is one."""

    @property
    def session_id(self) -> SessionId:
        """The session of the sitting."""
        ...

    @property
    def sitting_id(self) -> SittingId:
        """The sitting."""
        ...

    @property
    def admission_no(self) -> str:
        """The number of the admission ticket."""
        ...

    @property
    def name(self) -> str:
        """The person's name."""
        ...

    @property
    def delegation(self) -> DelegationCode:
        """Whom the person sits for."""
        ...

    @property
    def delegation_name(self) -> str:
        """The delegation's full name."""
        ...

    @property
    def struck(self) -> bool:
        """Struck off: may sign in, gets no ticket."""
        ...


class Accounts(Protocol):
    """Who may sign in."""

    async def sign_in(self, admission_no: str, code: str) -> Identity | None:
        """Return who this is, or None for an unknown number as for a wrong code, after the same work.

        Both come as `credentials.plain` leaves them: upper case, only 0-9 and A-Z, perhaps empty.
        """
        ...

    async def identity(self, sitting_id: SittingId) -> Identity | None:
        """Return who has the sitting. Asked at every start of a page: answer from memory where possible."""
        ...


@dataclass(frozen=True, slots=True)
class BoardPage:
    """A page of a board as this process knows it now; `rows` in order and with their names.

    Two equal pages are the same page: it is encoded once for as long as it stays equal.
    """

    version: int
    total: int
    """Rows of the whole board."""
    pages: int
    page_size: int
    frozen: bool
    phase: str
    rows: Sequence[BoardRow]
    members: Sequence[int] = ()
    """On the board of delegations: how many each counts, in order of `rows`."""


@dataclass(frozen=True, slots=True)
class Found:
    """A row of the individuals' board, and its page there."""

    row: BoardRow
    page: int


class PublicSession(Protocol):
    """What anybody may see of the live contest, from this process's memory: no call waits."""

    def contest(self) -> ContestBody | None:
        """Return the contest and the session in force; None while this process knows none."""
        ...

    def none_in_force(self) -> bool:
        """Whether there is no session to know: not that the stores are away, or are not read yet."""
        ...

    def participation(self) -> ParticipationBody | None:
        """Return who takes part, the same object for a second; None while this process knows no session."""
        ...

    def sealed(self, session_id: SessionId) -> tuple[str, bytes] | None:
        """Return (a name of this content for the ETag, the encoded SealedPaper); None: not this session."""
        ...

    def page(self, session_id: SessionId, view: View, page: int, delegation: DelegationCode) -> BoardPage | None:
        """Return a page of the public board; None while this process has no board yet.

        Beyond the last page `rows` are empty. `delegation` is empty but for `View.PROVINCE`. Raises `NotThere` for a
        session that this process does not serve, or a delegation that the session does not have.
        """
        ...

    def find(self, session_id: SessionId, text: str, limit: int) -> Sequence[Found] | None:
        """Return individuals whose name holds `text`, in order of the board; `NotThere` and None as `page`."""
        ...


class EarlierBoards(Protocol):
    """Boards of sessions that are final and not in force any more."""

    async def sessions(self) -> Sequence[FinalSession]:
        """Return the newest sessions that are final and published, the newest first; one in force may be among them."""
        ...

    async def page(self, session_id: SessionId, view: View, page: int, delegation: DelegationCode) -> BoardPage | None:
        """As `PublicSession.page`; None while it is not put together, because others answer."""
        ...

    async def find(self, session_id: SessionId, text: str, limit: int) -> Sequence[Found] | None:
        """As `PublicSession.find`; None as `page`."""
        ...


class Results(Protocol):
    """What is published after the session, encoded as JSON: the `…Body` of wire.bodies named at each."""

    async def own(self, session_id: SessionId, sitting_id: SittingId) -> bytes:
        """Return a `ResultBody`; `NotNow` while others answer, of an earlier session that nobody asked about before."""
        ...

    async def awards(self, session_id: SessionId) -> bytes:
        """Return an `AwardsBody`; `NotYet` before the first publication 公示."""
        ...

    async def eligibility(self, session_id: SessionId, delegation: DelegationCode) -> bytes:
        """Return an `EligibilityBody`."""
        ...

    async def draw(self, session_id: SessionId, delegation: DelegationCode) -> bytes:
        """Return a `DrawBody`."""
        ...

    async def reveal(self, session_id: SessionId) -> bytes:
        """Return a `RevealBody`: what of a reveal is shown at this moment."""
        ...

    async def standings(self, session_id: SessionId) -> bytes:
        """Return the canonical standings, byte for byte what a recomputation gives."""
        ...


class Appeals(Protocol):
    """Appeals of contestants; what is refused is `AppealRefused`."""

    async def own(self, session_id: SessionId, sitting_id: SittingId) -> OwnAppeals:
        """Return whether appeals are taken, and a sitting's own."""
        ...

    async def file(self, session_id: SessionId, sitting_id: SittingId, item_no: ItemNo | None, text: str) -> OwnAppeal:
        """Add an appeal, dated by the contest's clock; None: it is about the session as a whole."""
        ...


class ItemBytes(Protocol):
    """What is in pictures and films of items. Whoever reads has asked whether they may be seen."""

    def read(self, file: ItemFile, first: int, last: int) -> AsyncIterator[bytes]:
        """Give the bytes from `first` to `last`, both included."""
        ...


class ItemMedia(ItemBytes, Protocol):
    """Pictures and films of items."""

    async def find(self, session_id: SessionId, address: str) -> ItemFile | None:
        """Return what is at an address; None: nothing, or of an item that has not opened yet."""
        ...


class Readiness(Protocol):
    """Whether this process can do its work."""

    async def check(self) -> list[str]:
        """Return what is missing, by short names without addresses (`ledger`, `session`); empty: ready."""
        ...


@dataclass(frozen=True, slots=True)
class Doors:
    """Everything behind the doors."""

    accounts: Accounts
    tickets: Tickets
    session: PublicSession
    earlier: EarlierBoards
    results: Results
    appeals: Appeals
    media: ItemMedia
    readiness: Readiness
    sign_ins: Counter[str] = field(default_factory=Counter[str])
    """Tries to sign in, counted by the code of their refusal, `ok` for none."""


@dataclass(frozen=True, slots=True)
class WebSettings:
    """How the doors stand."""

    origins: frozenset[str]
    """The exact origins of our own pages, e.g. `https://contest.example.cn`, in the form browsers send."""
    https: bool = False
    """Browsers reach us by https: cookies are marked Secure."""
    client: Path | None = None
    """The folder of the built client."""
    tries_per_number: int = 10
    """Sign-ins per minute and admission number."""
    tries_per_address: int = 0
    """Sign-ins per minute and address; 0: not counted, since a whole exam room sits behind one address."""
    max_body_bytes: int = 64 * 1024
    network_key: bytes = b""
    """Up to 32 bytes, secret: what contestants' addresses are digested with."""
    cookie_hours: int = 12
    seat_cookie: str = SESSION_COOKIE
    """The name of contestants' cookie: browsers keep cookies by host and not by port."""
    ticket_seconds: int = 30
