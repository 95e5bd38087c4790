"""A contest in memory for tests of the live path: its session file, links and hubs that only take notes."""

from collections.abc import Sequence
from typing import Any, TypeVar

from leitai.live.connection import Connection
from leitai.live.intake import Full, Waiting
from leitai.live.ports import Accepted, BoardFollows, Delegation, SessionFile, Submission
from leitai.live.shapes import Shape
from leitai.rules.values import (
    Counted,
    DelegationCode,
    ItemNo,
    Key,
    Member,
    Micros,
    Pacing,
    PaperItem,
    Phase,
    Plan,
    QuestionType,
    SessionId,
    SittingId,
)
from leitai.wire.codec import decode_server
from leitai.wire.messages import (
    ClientCheckIn,
    ClientConduct,
    ClientHello,
    ClientQuestion,
    ClientReceipts,
    ClientWatch,
    ItemContent,
    ItemOption,
    ServerMessage,
)

M = TypeVar("M")
SECOND = 1_000_000
START = Micros(1_664_000_000_000_000)
CODES = ("110000", "650000", "660000")
TYPES = (QuestionType.SINGLE, QuestionType.MULTIPLE, QuestionType.TRUE_FALSE, QuestionType.FILL_IN)


def paper(items: int, seconds: int = 20) -> tuple[PaperItem, ...]:
    """Items of four types in turn; the right answer is always A, AC, T, or 三十日 and 书面."""
    made: list[PaperItem] = []
    for number in range(1, items + 1):
        type_ = TYPES[(number - 1) % len(TYPES)]
        options = {QuestionType.TRUE_FALSE: "TF", QuestionType.FILL_IN: ""}.get(type_, "ABCD")
        right = {QuestionType.TRUE_FALSE: "T", QuestionType.MULTIPLE: "AC", QuestionType.FILL_IN: ""}.get(type_, "A")
        blanks = (("三十日", "30日"), ("书面",)) if type_ is QuestionType.FILL_IN else ()
        made.append(
            PaperItem(ItemNo(number), type_, 100, seconds, tuple(options), Key(frozenset(right), blanks)),
        )
    return tuple(made)


def session_file(
    session_id: int = 7,
    *,
    items: int = 4,
    seconds: int = 20,
    members: int = 6,
    pacing: Pacing = Pacing.STREAMED,
    counted: Counted = Counted.FIRST,
    start_us: int = START,
    lobby_us: int = 60 * SECOND,
    struck: Sequence[int] = (),
    gap_us: int = 3 * SECOND,
    board_follows: BoardFollows = BoardFollows.CLOSE,
    show_key: bool = False,
    auto_finalize: bool = False,
    freeze_percent: int = 0,
    shards: int = 1,
) -> SessionFile:
    """A session of sittings 1, 2, 3, … over three delegations in turn."""
    plan_items = paper(items, seconds)
    return SessionFile(
        SessionId(session_id),
        1,
        "业务技能练兵比武",
        "组委会",
        "全国统一在线比试",
        Plan(pacing, counted, plan_items, Micros(gap_us), Micros(items * seconds * SECOND)),
        Micros(start_us),
        Micros(start_us - lobby_us),
        Phase.SCHEDULED,
        bytes(range(32)),
        tuple(
            ItemContent(
                item.type.value,
                f"第{item.item_no}题",
                [ItemOption(letter, f"选项{letter}") for letter in item.option_ids],
                len(item.key.blanks),
                item.centipoints,
            )
            for item in plan_items
        ),
        ("",) * items,
        tuple(
            Member(SittingId(number), f"选手{number:04}", DelegationCode(CODES[number % 3]), struck=number in struck)
            for number in range(1, members + 1)
        ),
        tuple(Delegation(DelegationCode(code), f"{code}代表队", code[:2]) for code in CODES),
        board_follows,
        show_key=show_key,
        freeze_percent=freeze_percent,
        auto_finalize=auto_finalize,
        shards=shards,
    )


class FakeLink:
    """A socket that keeps what is written to it."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self.closed: tuple[int, str] | None = None
        self.waiting = 0

    def send(self, frame: bytes) -> None:
        self.frames.append(frame)

    def send_many(self, frames: Sequence[bytes]) -> None:
        for frame in frames:
            self.send(frame)

    def close(self, code: int, reason: str) -> None:
        self.closed = (code, reason)

    def unsent(self) -> int:
        return self.waiting

    def ping(self) -> bool:
        return True

    def said(self) -> list[ServerMessage]:
        """Take everything written so far."""
        taken, self.frames = self.frames, []
        return [decode_server(frame) for frame in taken]

    def say(self, type_: type[M]) -> M:
        """Take everything written so far, which must be one message of `type_`."""
        (message,) = self.said()
        assert isinstance(message, type_), message
        return message


class FakeHub:
    """A gateway that notes what connections ask of it and lets everyone in when told to."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.submitted: list[tuple[int, Waiting]] = []
        self.full = False
        self.errors: list[str] = []
        self.closes: list[int] = []
        self.shapes: dict[int, Shape] = {
            item.item_no: Shape(item.type, item.option_ids, len(item.key.blanks)) for item in paper(4)
        }
        self.shapes[6] = Shape(QuestionType.CASE, (), 2)

    def contest_us(self, now_us: int) -> int:
        return START + now_us

    def join(self, connection: Connection, hello: ClientHello, now_us: int) -> None:
        self.calls.append(("join", hello, now_us))

    def leave(self, connection: Connection, now_us: int) -> None:
        self.calls.append(("leave", now_us))

    def watch(self, connection: Connection, message: ClientWatch) -> None:
        self.calls.append(("watch", message))

    def check_in(self, connection: Connection, message: ClientCheckIn, now_us: int) -> None:
        self.calls.append(("check_in", message, now_us))

    def conduct(self, connection: Connection, message: ClientConduct, now_us: int) -> None:
        self.calls.append(("conduct", message, now_us))

    def present(self, connection: Connection, message: ClientReceipts) -> None:
        self.calls.append(("present", message))

    def begin(self, connection: Connection, now_us: int) -> None:
        self.calls.append(("begin", None, now_us))

    def ask(self, connection: Connection, message: ClientQuestion, now_us: int) -> None:
        self.calls.append(("ask", message, now_us))

    def shape(self, item: int) -> Shape | None:
        return self.shapes.get(item)

    def submit(self, shard: int, answer: Waiting) -> None:
        if self.full:
            raise Full
        self.submitted.append((shard, answer))

    def receipt(self, answer: Submission, status: str, decision: Accepted) -> bytes:
        return f"{answer.client_seq}{status}{decision.offset}".encode().ljust(16, b".")[:16]

    def stalled(self, connection: Connection) -> None:
        self.calls.append(("stalled",))

    def resumed(self, connection: Connection) -> None:
        self.calls.append(("resumed",))

    def count_error(self, code: str) -> None:
        self.errors.append(code)

    def closing(self, connection: Connection, close_code: int, reason: str) -> None:
        self.closes.append(close_code)
