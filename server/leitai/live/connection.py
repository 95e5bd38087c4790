"""One socket's conversation, without I/O: frames and moments come in, frames go out through a `Link`.

Both drivers (web/socket_picows.py, web/socket_starlette.py) carry this same class. A frame is handled synchronously:
decoded, judged for shape, handed on. Whatever must wait for a store is the gateway's.
"""

from collections.abc import Sequence
from enum import Enum
from typing import Protocol

from leitai.live.boards import WatchedPage
from leitai.live.intake import Full, Waiting
from leitai.live.ports import Accepted, Outcome, Submission
from leitai.live.shapes import Shape
from leitai.rules.values import ItemNo, SittingId
from leitai.wire.codec import BadFrame, decode_client, encode
from leitai.wire.errors import ERRORS, say
from leitai.wire.messages import (
    AckStatus,
    Answered,
    ClientAnswer,
    ClientBegin,
    ClientCheckIn,
    ClientConduct,
    ClientHello,
    ClientProbe,
    ClientQuestion,
    ClientReceipts,
    ClientWatch,
    CloseCode,
    ServerAck,
    ServerBye,
    ServerClock,
    ServerError,
)

VIEWER = SittingId(0)
DELIVERY_CAP_US = 250_000
"""A delivery later than this after the scheduled opening does not shorten the elapsed time: refusing to read gains
nothing."""
UNSENT_LIMIT_BYTES = 64 * 1024
STALL_LIMIT_US = 5_000_000
_MOST_STRIKES = 20
_BURST = 120
_PER_SECOND = 40


class Link(Protocol):
    """The driver's side of a socket. Calls never block and never raise; after the end they do nothing."""

    def send(self, frame: bytes) -> None:
        """Write one binary frame."""
        ...

    def send_many(self, frames: Sequence[bytes]) -> None:
        """Write several binary frames at once."""
        ...

    def close(self, code: int, reason: str) -> None:
        """Close with a code after what was written."""
        ...

    def unsent(self) -> int:
        """Return how many bytes wait for the client to read."""
        ...

    def ping(self) -> bool:
        """Send a ping whose answer comes back as `Connection.pong`; False when this driver cannot."""
        ...


class Stage(Enum):
    """Where a conversation stands."""

    OPENED = "opened"
    JOINING = "joining"
    LIVE = "live"
    CLOSED = "closed"


# On the answers' way a member that is looked up through its class, or hashed, costs as much as a call.
_LIVE = Stage.LIVE
_CLOSED = Stage.CLOSED
_REFUSED = Outcome.REFUSED
_OUTCOME_STATUS = (
    (Outcome.ACCEPTED, AckStatus.ACCEPTED, AckStatus.ACCEPTED.value, ""),
    (Outcome.LATE, AckStatus.LATE, AckStatus.LATE.value, "too-late"),
    (Outcome.EARLY, AckStatus.EARLY, AckStatus.EARLY.value, "too-early"),
)


class Connection:
    """One socket and what is known of it."""

    __slots__ = (
        "delivered_item",
        "delivered_us",
        "expects_pong_us",
        "fed",
        "hub",
        "link",
        "locale",
        "moved",
        "round_trip_us",
        "shard",
        "shown",
        "sitting_id",
        "stage",
        "stalled_us",
        "strikes",
        "tokens",
        "tokens_us",
        "watching",
    )

    def __init__(self, hub: "Hub", link: Link, now_us: int, locale: str = "zh-CN") -> None:
        """`now_us` is the monotonic clock, here and in every call."""
        self.hub = hub
        self.link = link
        self.locale = locale
        self.stage = Stage.OPENED
        self.sitting_id = VIEWER
        self.shard = 0
        self.tokens = _BURST
        self.tokens_us = now_us
        self.strikes = 0
        self.delivered_item = 0
        self.delivered_us = 0
        self.expects_pong_us = 0
        self.fed = 0
        """Offset of the last feed entry that was written to it."""
        self.round_trip_us = 0
        self.stalled_us = 0
        self.moved = False
        """Told to come back elsewhere, in the middle of a conversation."""
        self.watching: WatchedPage | None = None
        self.shown = 0
        """The version of that page that was written to it."""

    @property
    def is_contestant(self) -> bool:
        """Whether a ticket opened it."""
        return self.sitting_id != VIEWER

    # --- in -----------------------------------------------------------------------------------------------------------

    def received(self, frame: bytes, now_us: int) -> None:
        """Take a binary frame that arrived at `now_us`."""
        if self.stage is _CLOSED:
            if self.moved:
                self._crossed(frame, now_us)
            return
        self.tokens -= 1
        if self.tokens < 0 and not self._refilled(now_us):
            self.fault("too-many-messages")
            return
        try:
            message = decode_client(frame)
        except BadFrame as bad:
            self.fault(bad.code, abuse=bad.abuse)
            return
        if type(message) is ClientAnswer:
            if (self.stage is _LIVE and self.sitting_id) or self._may_act():
                self._answer(message, now_us)
        elif type(message) is ClientProbe:
            self.send(encode(ServerClock(message.id, self.hub.contest_us(now_us))))
        elif type(message) is ClientHello:
            if self.stage is not Stage.OPENED:
                self.fault("hello-repeated")
                return
            self.stage = Stage.JOINING
            self.hub.join(self, message, now_us)
        elif type(message) is ClientWatch:
            if self.stage is Stage.LIVE:
                self.hub.watch(self, message)
            else:
                self.fault("hello-expected")
        elif self._may_act():
            if type(message) is ClientCheckIn:
                self.hub.check_in(self, message, now_us)
            elif type(message) is ClientConduct:
                self.hub.conduct(self, message, now_us)
            elif type(message) is ClientReceipts:
                self.hub.present(self, message)
            elif type(message) is ClientQuestion:
                self.hub.ask(self, message, now_us)
            elif type(message) is ClientBegin:
                self.hub.begin(self, now_us)

    def resent(self, unacked: list[Answered], now_us: int) -> None:
        """Take answers that a client could not know to be recorded, as they came with its `hello`."""
        for one in unacked:
            self._answer(ClientAnswer(one.item, one.seq, one.response), now_us)

    def received_text(self) -> None:
        """Take note of a text frame, of which this protocol has none."""
        self.fault("frame-not-binary")

    def pong(self, now_us: int) -> None:
        """Take note of the answer to a ping."""
        if self.expects_pong_us:
            self.round_trip_us = now_us - self.expects_pong_us
            self.expects_pong_us = 0

    def writing_paused(self, now_us: int) -> None:
        """Take note that the client reads more slowly than we write."""
        if not self.stalled_us:
            self.stalled_us = now_us
            self.hub.stalled(self)

    def writing_resumed(self) -> None:
        """Take note that it caught up."""
        self.stalled_us = 0
        self.hub.resumed(self)

    def lost(self, now_us: int) -> None:
        """Take note that the socket is gone."""
        if self.stage is not Stage.CLOSED:
            self.stage = Stage.CLOSED
        self.hub.leave(self, now_us)

    # --- out ----------------------------------------------------------------------------------------------------------

    def send(self, frame: bytes) -> None:
        """Write a frame, unless the conversation has ended."""
        if self.stage is not _CLOSED:
            self.link.send(frame)

    def send_many(self, frames: Sequence[bytes]) -> None:
        """Write several frames at once, unless the conversation has ended."""
        if self.stage is not Stage.CLOSED:
            self.link.send_many(frames)

    def fault(self, code: str, *, abuse: bool = False, item: int = 0, seq: int = 0) -> None:
        """Say that something could not be used; close when an honest client cannot have sent it, or keeps on."""
        if code != "store-unavailable":
            self.strikes += 1
        self.hub.count_error(code)
        if abuse or self.strikes > _MOST_STRIKES:
            self.end(CloseCode.ABUSE, code if abuse else "abuse", 0)
            return
        text = ERRORS[code]
        self.send(encode(ServerError(code, text.say(self.locale), text.retry, item, seq)))

    def end(self, close_code: int, code: str, resume_after_ms: int) -> None:
        """Say why and close."""
        if self.stage is Stage.CLOSED:
            return
        self.link.send(encode(ServerBye(code, say(code, self.locale), resume_after_ms)))
        self.moved = close_code == CloseCode.MOVED and self.stage is Stage.LIVE and self.is_contestant
        self.stage = Stage.CLOSED
        self.hub.closing(self, close_code, code)
        self.link.close(close_code, code)

    def acknowledge(self, answer: Submission, decision: Accepted) -> None:
        """Say what became of an answer."""
        frame = encode(make_ack(self.hub, answer, decision))
        if self.stage is not _CLOSED:
            self.link.send(frame)

    # --- inside -------------------------------------------------------------------------------------------------------

    def _may_act(self) -> bool:
        if self.stage is not Stage.LIVE:
            self.fault("hello-expected")
            return False
        if not self.is_contestant:
            self.fault("not-a-contestant")
            return False
        return True

    def _crossed(self, frame: bytes, now_us: int) -> None:
        """Take an answer that was on its way when we said goodbye: it came now, however long its sender is on the move.

        The acknowledgement is given where the sender comes back, with the stamp of this arrival.
        """
        try:
            message = decode_client(frame)
        except BadFrame:
            return
        self.tokens -= 1
        if type(message) is ClientAnswer and (self.tokens >= 0 or self._refilled(now_us)):
            self._answer(message, now_us)

    def _answer(self, message: ClientAnswer, now_us: int) -> None:
        shape = self.hub.shape(message.item)
        if shape is None:
            self._refuse(message, "unknown-item")
            return
        response = shape.taken(message.response)
        if response is None:
            self._refuse(message, "bad-response")
            return
        elapsed_us = -1  # the delivery was not to this connection
        if message.item == self.delivered_item:
            elapsed_us = max(now_us - self.delivered_us, 0)
        answer = Waiting(
            self.sitting_id, ItemNo(message.item), message.seq, response, 0, elapsed_us, now_us, self.acknowledge
        )
        try:
            self.hub.submit(self.shard, answer)
        except Full:
            self.fault("store-unavailable", item=message.item, seq=message.seq)

    def _refuse(self, message: ClientAnswer, code: str) -> None:
        self.hub.count_error(code)
        self.send(encode(ServerAck(message.item, message.seq, AckStatus.REJECTED, code=code)))

    def _refilled(self, now_us: int) -> bool:
        """Whether this connection's bucket, now empty, has gained tokens since it was last filled; takes one."""
        gained = (now_us - self.tokens_us) * _PER_SECOND // 1_000_000
        self.tokens = min(_BURST, gained) - 1
        if gained:
            self.tokens_us = now_us
        return self.tokens >= 0


def make_ack(hub: "Hub", answer: Submission, decision: Accepted) -> ServerAck:
    """Return the acknowledgement of a decision, with its receipt when something was recorded."""
    outcome = decision.outcome
    if outcome is _REFUSED:
        hub.count_error(decision.code)
        return ServerAck(answer.item_no, answer.client_seq, AckStatus.REJECTED, decision.stamp_us, code=decision.code)
    for told, status, name, code in _OUTCOME_STATUS:
        if told is outcome:
            return ServerAck(
                answer.item_no,
                answer.client_seq,
                status,
                decision.stamp_us,
                decision.elapsed_us,
                decision.offset,
                hub.receipt(answer, name, decision),
                decision.duplicate,
                code,
            )
    raise AssertionError(outcome)


class Hub(Protocol):
    """What a connection asks of the gateway it belongs to. Nothing here waits."""

    def contest_us(self, now_us: int) -> int: ...
    def join(self, connection: Connection, hello: ClientHello, now_us: int) -> None: ...
    def leave(self, connection: Connection, now_us: int) -> None: ...
    def watch(self, connection: Connection, message: ClientWatch) -> None: ...
    def check_in(self, connection: Connection, message: ClientCheckIn, now_us: int) -> None: ...
    def conduct(self, connection: Connection, message: ClientConduct, now_us: int) -> None: ...
    def begin(self, connection: Connection, now_us: int) -> None: ...
    def present(self, connection: Connection, message: ClientReceipts) -> None: ...
    def ask(self, connection: Connection, message: ClientQuestion, now_us: int) -> None: ...
    def shape(self, item: int) -> Shape | None: ...
    def submit(self, shard: int, answer: Waiting, /) -> None: ...
    def receipt(self, answer: Submission, status: str, decision: Accepted, /) -> bytes: ...
    def stalled(self, connection: Connection) -> None: ...
    def resumed(self, connection: Connection) -> None: ...
    def count_error(self, code: str) -> None: ...
    def closing(self, connection: Connection, close_code: int, reason: str) -> None: ...
