"""What stands behind the doors in tests: a small contest in memory, and a note of every call."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace

import msgspec

from leitai.live.ports import Admitted, ItemFile, StoreUnavailable, TicketRefused
from leitai.office.session_ports import FinalSession
from leitai.rules.appeals import AppealRefused
from leitai.rules.values import DelegationCode, ItemNo, Micros, SessionId, SittingId
from leitai.web.doors import BoardPage, Doors, Found, Identity, NotNow, NotThere, NotYet, WebSettings
from leitai.wire.bodies import (
    AwardsBody,
    ContestBody,
    ContestHead,
    DelegationHead,
    DelegationParticipation,
    DrawBody,
    DrawEntry,
    EligibilityBody,
    EligibilityRow,
    EligibilityRule,
    KnowledgeAward,
    ParticipationBody,
    ResultBody,
    ResultItem,
    Rule,
    SessionHead,
    StarAward,
    TeamAward,
)
from leitai.wire.messages import BoardRow, ItemOption, SealedItem, SealedPaper, View
from leitai.wire.reveal_bodies import RevealBody
from leitai.wire.ruling_bodies import AppealItem, OwnAppeal, OwnAppeals
from tests.support.media import png

SESSION = SessionId(7)
EARLIER = SessionId(5)
ORIGIN = "https://contest.example"
BEIJING = DelegationCode("110000")
XINJIANG_CORPS = DelegationCode("660000")
PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Person:
    """An `Identity`."""

    session_id: SessionId
    sitting_id: SittingId
    admission_no: str
    name: str
    delegation: DelegationCode
    delegation_name: str
    struck: bool = False


LI = Person(SESSION, SittingId(1), "20260001", "李明", BEIJING, "北京市代表队")
WANG = Person(SESSION, SittingId(2), "20260002", "王芳", XINJIANG_CORPS, "新疆生产建设兵团代表队")
STRUCK = Person(SESSION, SittingId(3), "20260003", "赵强", BEIJING, "北京市代表队", struck=True)
CODES = {"20260001": "AB12CD34", "20260002": "EF56GH78", "20260003": "JK90MN12"}


@dataclass
class Calls:
    """The names of the calls that went through the doors, in order; a name in `fail` raises instead."""

    made: list[str] = field(default_factory=list[str])
    fail: dict[str, Exception] = field(default_factory=dict[str, Exception])

    def note(self, name: str) -> None:
        """Keep the name of a call that begins."""
        self.made.append(name)
        if name in self.fail:
            raise self.fail[name]

    def store_fails_at(self, name: str) -> None:
        """Let the call raise `StoreUnavailable` from now on."""
        self.fail[name] = StoreUnavailable()


class FakeAccounts:
    """Three contestants."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self.people: dict[str, Identity] = {one.admission_no: one for one in (LI, WANG, STRUCK)}
        self.by_sitting = {one.sitting_id: one for one in self.people.values()}
        self.seen: list[tuple[str, str]] = []

    async def sign_in(self, admission_no: str, code: str) -> Identity | None:
        self._calls.note("sign_in")
        self.seen.append((admission_no, code))
        return self.people.get(admission_no) if CODES.get(admission_no) == code else None

    async def identity(self, sitting_id: SittingId) -> Identity | None:
        self._calls.note("identity")
        return self.by_sitting.get(sitting_id)


class FakeTickets:
    """Tickets, cookies and counters in dicts; nothing runs out by time."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self.issued: dict[str, Admitted] = {}
        self.cookies: dict[str, tuple[SessionId, SittingId]] = {}
        self.handed: dict[str, tuple[SessionId, SittingId]] = {}
        self.counts: dict[str, int] = {}
        self._serial = 0

    def _next(self, kind: str) -> str:
        self._serial += 1
        return f"{kind}-{self._serial}"

    async def issue(self, session_id: SessionId, sitting_id: SittingId, network: str) -> str:
        self._calls.note("issue")
        ticket = self._next("ticket")
        self.issued[ticket] = Admitted(session_id, sitting_id, network)
        return ticket

    async def redeem(self, ticket: str) -> Admitted:
        self._calls.note("redeem")
        try:
            return self.issued.pop(ticket)
        except KeyError:
            raise TicketRefused from None

    async def open_web_session(self, session_id: SessionId, sitting_id: SittingId) -> str:
        self._calls.note("open_web_session")
        cookie = self._next("cookie")
        self.cookies[cookie] = (session_id, sitting_id)
        return cookie

    async def web_session(self, cookie: str) -> tuple[SessionId, SittingId] | None:
        self._calls.note("web_session")
        return self.cookies.get(cookie)

    async def close_web_session(self, cookie: str) -> None:
        self._calls.note("close_web_session")
        self.cookies.pop(cookie, None)

    async def hand_over(self, session_id: SessionId, sitting_id: SittingId) -> str:
        self._calls.note("hand_over")
        code = self._next("CODE")
        self.handed[code] = (session_id, sitting_id)
        return code

    async def take_over(self, code: str) -> tuple[SessionId, SittingId]:
        self._calls.note("take_over")
        try:
            return self.handed.pop(code)
        except KeyError:
            raise TicketRefused from None

    async def tries(self, name: str, window_s: int) -> int:
        self._calls.note("tries")
        self.counts[name] = self.counts.get(name, 0) + 1
        return self.counts[name]


def contest_body(phase: str = "lobby") -> ContestBody:
    """Return a contest of two delegations."""
    return ContestBody(
        ContestHead(1, "全国人社知识竞赛", "组委会"),
        SessionHead(
            id=SESSION,
            title="决赛",
            pacing="streamed",
            counted="first",
            phase=phase,
            start_us=1_760_000_000_000_000,
            ends_at_us=1_760_000_600_000_000,
            items=2,
            total_centipoints=300,
            contestants=120,
            show_own=True,
            late_entry_us=600_000_000,
            duration_us=0,
            gap_us=3_000_000,
            rules=[Rule("计分", "单选题每题 1 分")],
        ),
        [
            DelegationHead(BEIJING, "北京市代表队", "北京", 60),
            DelegationHead(XINJIANG_CORPS, "新疆生产建设兵团代表队", "兵团", 60),
        ],
        1_759_999_000_000_000,
    )


def person_row(order: int) -> BoardRow:
    """Return the row of the contestant in place `order`."""
    delegation = BEIJING if order % 2 else XINJIANG_CORPS
    return BoardRow(1000 + order, order, order, 10_000 - order, 60_000 + order, f"选手{order:03}", delegation)


class FakePublicSession:
    """A board of 120 people and 2 delegations, sealed items, all in memory."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self.body: ContestBody | None = contest_body()
        self.none = False
        self.version = 3
        self.frozen = False
        self.rows: list[BoardRow] | None = [person_row(order) for order in range(1, 121)]
        paper = SealedPaper(SESSION, "streamed", [SealedItem(1, 20, b"\0" * 60, b"\1" * 32)])
        self.paper = msgspec.msgpack.encode(paper)
        self.paper_name = "7"
        self.turnout: ParticipationBody | None = ParticipationBody(
            SESSION, [DelegationParticipation(code, 60, 58, 55, 57) for code in (BEIJING, XINJIANG_CORPS)]
        )

    def contest(self) -> ContestBody | None:
        self._calls.note("contest")
        return self.body

    def none_in_force(self) -> bool:
        return self.none

    def participation(self) -> ParticipationBody | None:
        self._calls.note("participation")
        return self.turnout

    def sealed(self, session_id: SessionId) -> tuple[str, bytes] | None:
        self._calls.note("sealed")
        return (self.paper_name, self.paper) if session_id == SESSION else None

    def page(self, session_id: SessionId, view: View, page: int, delegation: DelegationCode) -> BoardPage | None:
        self._calls.note("page")
        if session_id != SESSION:
            raise NotThere
        if self.rows is None:
            return None
        if view is View.DELEGATIONS:
            board = [
                BoardRow(110000, 1, 1, 500_000, 600_000, "北京市代表队", BEIJING),
                BoardRow(660000, 2, 2, 400_000, 600_000, "新疆生产建设兵团代表队", XINJIANG_CORPS),
            ]
            rows = tuple(board if page == 1 else ())
            return BoardPage(self.version, 2, 1, 32, self.frozen, "running", rows, (60, 60)[: len(rows)])
        if view is View.PROVINCE and delegation not in (BEIJING, XINJIANG_CORPS):
            raise NotThere
        people = [row for row in self.rows if not delegation or row.delegation == delegation]
        pages = -(-len(people) // PAGE_SIZE)
        shown = tuple(people[(page - 1) * PAGE_SIZE : page * PAGE_SIZE])
        return BoardPage(self.version, len(people), pages, PAGE_SIZE, self.frozen, "running", shown)

    def find(self, session_id: SessionId, text: str, limit: int) -> Sequence[Found] | None:
        self._calls.note("find")
        if session_id != SESSION:
            raise NotThere
        if self.rows is None:
            return None
        found = [row for row in self.rows if text in row.name][:limit]
        return [Found(row, (row.order - 1) // PAGE_SIZE + 1) for row in found]


class FakeEarlier:
    """The contest of last year, with five contestants; `rows` None: not put together yet."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self.rows: list[BoardRow] | None = [person_row(order) for order in range(1, 6)]
        self.finals = [FinalSession(EARLIER, "去年的竞赛", "去年决赛", Micros(1_700_000_000_000_000))]

    async def sessions(self) -> Sequence[FinalSession]:
        self._calls.note("earlier_sessions")
        return self.finals

    async def page(self, session_id: SessionId, view: View, page: int, delegation: DelegationCode) -> BoardPage | None:
        self._calls.note("earlier_page")
        if session_id != EARLIER or delegation not in ("", BEIJING, XINJIANG_CORPS):
            raise NotThere
        if self.rows is None:
            return None
        rows = self.rows if page == 1 else []
        return BoardPage(1, 5, 1, PAGE_SIZE, frozen=False, phase="finalized", rows=rows, members=[1] * len(rows))

    async def find(self, session_id: SessionId, text: str, limit: int) -> Sequence[Found] | None:
        self._calls.note("earlier_find")
        if session_id != EARLIER:
            raise NotThere
        return None if self.rows is None else [Found(row, 1) for row in self.rows if text in row.name][:limit]


class FakeResults:
    """Results of the same contest; `published` false: not yet."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self.published = True
        self.at_rest = True

    def _check(self, name: str, session_id: SessionId, delegation: DelegationCode = BEIJING) -> None:
        self._calls.note(name)
        if session_id != SESSION or delegation not in (BEIJING, XINJIANG_CORPS):
            raise NotThere
        if not self.published:
            raise NotYet

    async def own(self, session_id: SessionId, sitting_id: SittingId) -> bytes:
        self._check("own", session_id)
        if not self.at_rest:
            raise NotNow
        options = [ItemOption("A", "对"), ItemOption("B", "错")]
        item = ResultItem(1, "single", "题干", options, ["A"], ["A"], "见第一条", 100, 100, "accepted", 5, 9)
        name = next(one.name for one in (LI, WANG, STRUCK) if one.sitting_id == sitting_id)
        return msgspec.json.encode(ResultBody(name, "20260001", BEIJING, 100, 1, 120, 1, 5, [item]))

    async def awards(self, session_id: SessionId) -> bytes:
        self._check("awards", session_id)
        return msgspec.json.encode(
            AwardsBody(
                [KnowledgeAward(1, 1001, "选手001", BEIJING, 9999, "全国第 1 名")],
                [StarAward(1, 3, 1003, "选手003", BEIJING, 9997, "本省第 2 名", ["选手001"])],
                [TeamAward("特等奖", 1, BEIJING, "北京市代表队", 500_000, "团体第 1 名")],
                [],
                [],
            )
        )

    async def eligibility(self, session_id: SessionId, delegation: DelegationCode) -> bytes:
        self._check("eligibility", session_id, delegation)
        rules = [EligibilityRule("daily-star", passed=True, evidence="3")]
        return msgspec.json.encode(EligibilityBody([EligibilityRow("李明", delegation, "named", True, rules)]))

    async def draw(self, session_id: SessionId, delegation: DelegationCode) -> bytes:
        self._check("draw", session_id, delegation)
        return msgspec.json.encode(DrawBody("00", "11", "22", "rfc3797-sha256", [DrawEntry(1, "李明")], [1]))

    async def reveal(self, session_id: SessionId) -> bytes:
        self._check("reveal", session_id)
        return msgspec.json.encode(RevealBody(session_id, 0, None))

    async def standings(self, session_id: SessionId) -> bytes:
        self._check("standings", session_id)
        return b'{"individuals":[]}'


class FakeReadiness:
    """Ready unless `problems` says otherwise."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    async def check(self) -> list[str]:
        return self.problems


class FakeAppeals:
    """Appeals on a paper of one item, taken while `open`."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self.open = True
        self.filed: list[OwnAppeal] = []

    async def own(self, session_id: SessionId, sitting_id: SittingId) -> OwnAppeals:
        self._calls.note("own_appeals")
        return OwnAppeals(self.open, 1, 2, [AppealItem(1, "single")], self.filed)

    async def file(self, session_id: SessionId, sitting_id: SittingId, item_no: ItemNo | None, text: str) -> OwnAppeal:
        self._calls.note("file_appeal")
        if not self.open:
            raise AppealRefused("appeal-too-late")
        if not text.strip():
            raise AppealRefused("appeal-text-missing")
        made = OwnAppeal(len(self.filed) + 1, item_no or 0, text, 1, "filed", 0, "")
        self.filed.append(made)
        return made


class FakeItemMedia:
    """One picture at `ADDRESS`, of an item that has opened when `opened`."""

    ADDRESS = "a" * 22
    DATA = png(3, 2)

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self.opened = True

    async def find(self, session_id: SessionId, address: str) -> ItemFile | None:
        self._calls.note("item_media")
        if not self.opened or (session_id, address) != (SESSION, self.ADDRESS):
            return None
        return ItemFile(ItemNo(1), address, "0" * 64, "image/png", len(self.DATA))

    async def read(self, file: ItemFile, first: int, last: int) -> AsyncIterator[bytes]:
        yield self.DATA[first : last + 1]


class World:
    """All fakes together, and the doors that lead to them."""

    def __init__(self) -> None:
        self.calls = Calls()
        self.accounts = FakeAccounts(self.calls)
        self.tickets = FakeTickets(self.calls)
        self.session = FakePublicSession(self.calls)
        self.earlier = FakeEarlier(self.calls)
        self.results = FakeResults(self.calls)
        self.appeals = FakeAppeals(self.calls)
        self.media = FakeItemMedia(self.calls)
        self.readiness = FakeReadiness()
        self.sign_ins: Counter[str] = Counter()

    def doors(self) -> Doors:
        """Return the doors to this world."""
        return Doors(
            self.accounts,
            self.tickets,
            self.session,
            self.earlier,
            self.results,
            self.appeals,
            self.media,
            self.readiness,
            self.sign_ins,
        )


def settings(**changes: object) -> WebSettings:
    """Return settings for tests, with changes."""
    return replace(WebSettings(origins=frozenset((ORIGIN,)), https=True), **changes)  # pyright: ignore[reportArgumentType]
