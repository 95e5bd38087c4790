"""One socket of a room, sans I/O: frames in with the moment of their arrival, frames out through its link.

It speaks to the same drivers as a contestant's (`live.connection`), and shares nothing with those but the link.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from leitai.live.connection import Link
from leitai.wire.codec import BadFrame, encode
from leitai.wire.errors import ERRORS, say
from leitai.wire.messages import ClientHello, ClientProbe, CloseCode, ServerBye, ServerClock, ServerError

if TYPE_CHECKING:
    from leitai.live.rooms.room import Room

_BURST = 40
_PER_SECOND = 15
_MOST_STRIKES = 20


class Host(Protocol):
    """Where a connection comes in."""

    def join(self, connection: "RoomConnection", ticket: str) -> None:
        """Let it in by its ticket, soon."""
        ...

    def left(self, connection: "RoomConnection") -> None:
        """Take note that it is gone."""
        ...


class RoomConnection:
    """One socket and what is known of it."""

    def __init__(self, host: Host, decode: Callable[[bytes], Any], link: Link, now_us: int, locale: str) -> None:
        """`now_us` is the monotonic clock, here and in every call; `decode` reads a frame, or raises `BadFrame`."""
        self._host = host
        self._decode = decode
        self._link = link
        self._locale = locale
        self._room: Room | None = None
        self._tokens = _BURST
        self._tokens_us = now_us
        self._strikes = 0
        self._unshown = b""
        self.seat = 0
        """Whose socket this is; 0: somebody's who only watches, or nobody's yet."""
        self.closed = False
        self.said_hello = False
        """It has shown its ticket."""
        self.stalled_us = 0
        self.delivered_question = 0
        self.delivered_us = 0
        """When the opening of that question was written to it."""

    @property
    def joined(self) -> bool:
        """Whether it has been let in."""
        return self._room is not None

    # --- in -----------------------------------------------------------------------------------------------------------

    def received(self, frame: bytes, now_us: int) -> None:
        """Take a binary frame that arrived at `now_us`."""
        if self.closed:
            return
        if not self._has_token(now_us):
            self.fault("too-many-messages")
            return
        try:
            message = self._decode(frame)
        except BadFrame as bad:
            self.fault(bad.code, abuse=bad.abuse)
            return
        if isinstance(message, ClientHello):
            if self.said_hello:
                self.fault("hello-repeated")
                return
            self.said_hello = True
            self._host.join(self, message.ticket)
        elif self._room is None:
            self.fault("hello-expected")
        elif isinstance(message, ClientProbe):
            self.send(encode(ServerClock(message.id, self._room.clock.at_monotonic_us(now_us))))
        else:
            self._room.received(self, message, now_us)

    def received_text(self) -> None:
        """Take note of a text frame, of which this protocol has none."""
        self.fault("frame-not-binary")

    def pong(self, now_us: int) -> None:
        """Nothing is measured of the line: what counts is the arrival."""

    def writing_paused(self, now_us: int) -> None:
        """Take note that the client reads more slowly than we write."""
        self.stalled_us = self.stalled_us or now_us

    def writing_resumed(self) -> None:
        """Take note that it caught up: it is shown the newest."""
        self.stalled_us = 0
        if self._unshown:
            self.show(self._unshown)

    def lost(self, now_us: int) -> None:
        """Take note that the socket is gone."""
        self.closed = True
        self._away()

    # --- out ----------------------------------------------------------------------------------------------------------

    def entered(self, room: "Room", seat: int) -> None:
        """Take note of the room that it was let into."""
        self._room, self.seat = room, seat

    def send(self, frame: bytes) -> None:
        """Write a frame, unless the conversation has ended."""
        if not self.closed:
            self._link.send(frame)

    def show(self, frame: bytes) -> None:
        """Write where the room stands; for one that is behind only the newest, once it reads again."""
        self._unshown = frame if self.stalled_us else b""
        if not self.stalled_us:
            self.send(frame)

    def fault(self, code: str, *, abuse: bool = False) -> None:
        """Say that something could not be used; close when an honest client cannot have sent it, or keeps on."""
        self._strikes += 1
        if abuse or self._strikes > _MOST_STRIKES:
            self.end(CloseCode.ABUSE, code if abuse else "abuse", 0)
        else:
            self.refuse(code)

    def refuse(self, code: str, seq: int = 0) -> None:
        """Say that something came too late or too often, as it may from an honest client."""
        text = ERRORS[code]
        self.send(encode(ServerError(code, text.say(self._locale), text.retry, 0, seq)))

    def end(self, close_code: int, code: str, resume_after_ms: int) -> None:
        """Say why and close."""
        if self.closed:
            return
        self._link.send(encode(ServerBye(code, say(code, self._locale), resume_after_ms)))
        self.closed = True
        self._away()
        self._link.close(close_code, code)

    # --- inside -------------------------------------------------------------------------------------------------------

    def _away(self) -> None:
        room, self._room = self._room, None
        if room is not None:
            room.leave(self)
        self._host.left(self)

    def _has_token(self, now_us: int) -> bool:
        gained = (now_us - self._tokens_us) * _PER_SECOND // 1_000_000
        if gained:
            self._tokens = min(_BURST, self._tokens + gained)
            self._tokens_us = now_us
        self._tokens -= 1
        return self._tokens >= 0
