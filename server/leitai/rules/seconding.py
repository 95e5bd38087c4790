"""Commands to a session that one person may only ask for: another confirms them, in time, or nothing happens.

What ends something for good, or moves it for everybody, is asked for by one of the staff and confirmed by another. A
request lapses by itself, and stands only while the session is as whoever asked has seen it.
"""

from dataclasses import dataclass
from typing import Protocol

from leitai.rules.rights import Act
from leitai.rules.values import ActorId, ItemNo, Micros, Pacing, SessionId

SECOND_WITHIN_US = 180_000_000
"""A request lapses after this long."""
_ALWAYS = frozenset({"close", "skip", "finalize", "thaw"})
_NEEDS = {
    "announce": Act.ANNOUNCE,
    "finalize": Act.FINALIZE,
    "freeze": Act.FREEZE,
    "thaw": Act.FREEZE,
    "reschedule": Act.SCHEDULE,
    "withdraw": Act.SCHEDULE,
}
COMMANDING = frozenset({Act.CONDUCT, *_NEEDS.values()}) - {Act.SCHEDULE}
"""The acts that are done by commands from the console."""


class RequestRefused(Exception):
    """A request or its confirmation is not taken.

    `code`: `request-self-confirmation`, `request-lapsed`, `request-decided` (somebody was faster),
    `second-not-needed` (one person may do it alone).
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Asked(Protocol):
    """Anything that one person asked for and another is to confirm."""

    @property
    def actor(self) -> ActorId:
        """Who asked."""
        ...

    @property
    def lapses_us(self) -> Micros:
        """From when on nobody confirms it any more."""
        ...


@dataclass(frozen=True, slots=True)
class CommandRequest:
    """What somebody asked for. `name` is that person's, `expects` the session's edition as it was seen."""

    request_id: int
    session_id: SessionId
    command: str
    item: ItemNo
    seconds: int
    expects: str
    actor: ActorId
    name: str
    at_us: Micros
    lapses_us: Micros

    def stands(self, edition: str, now_us: int) -> bool:
        """Whether it can still be confirmed, in a session that is at `edition`."""
        return now_us < self.lapses_us and (not self.expects or self.expects == edition)


def act_of(command: str) -> Act:
    """Return what one must have the right to for a command; when it may be given follows from the same line."""
    return _NEEDS.get(command, Act.CONDUCT)


def needs_second(command: str, item: int, pacing: Pacing) -> bool:
    """Whether a command needs a second person: force collection, 定榜, 解封, leaving an item out, more time for
    all of it."""
    if command == "extend":
        return item == 0 or pacing is Pacing.PAPER
    return command in _ALWAYS


def check_decision(request: Asked, actor: ActorId, now_us: int, *, confirms: bool) -> None:
    """Raise `RequestRefused` unless `actor` may confirm it now; whoever asked may take it back at any time."""
    if confirms and actor == request.actor:
        raise RequestRefused("request-self-confirmation")
    if confirms and now_us >= request.lapses_us:
        raise RequestRefused("request-lapsed")
