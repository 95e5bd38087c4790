"""What the draw needs from outside. Every call may raise `office.ports.StoreUnavailable`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from leitai.office.ports import AuditLog
from leitai.rules.draw import NominationList
from leitai.rules.draw_protocol import Draw
from leitai.rules.values import ActorId, Micros

NEVER_US = Micros(0)
Manner = Literal["overview", "one_by_one", "all"]
"""What a hall's screen shows: all provinces, a province's names one after the other, or all of them at once."""


@dataclass(frozen=True, slots=True)
class DrawContest:
    """A contest with its last draw, if it has one: `number` is 0 and `state` empty otherwise."""

    contest_id: int
    title: str
    year: int
    number: int = 0
    state: str = ""


@dataclass(frozen=True, slots=True)
class KeptDraw:
    """A draw as it is kept: with the names of the staff who acted, and the digest of its record once it is over."""

    draw: Draw
    names: Mapping[ActorId, str] = field(default_factory=dict[ActorId, str])
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Showing:
    """Where the ceremony is. `edition` counts its moves; 0: it has not begun."""

    edition: int = 0
    province: str = ""
    manner: Manner = "overview"
    at_us: Micros = NEVER_US


class NominationSource(Protocol):
    """Who is in the draw."""

    async def nomination_lists(self, contest_id: int) -> Sequence[NominationList]:
        """Return the frozen lists of the eligible nominated, by delegation, each in its published order; none while
        the lists are not frozen."""
        ...


class DrawStore(AuditLog, Protocol):
    """Where draws are kept. Nothing of them is ever rewritten, and each act is one transaction with its audit."""

    async def draw_contests(self) -> Sequence[DrawContest]:
        """Return the contests, the newest first."""
        ...

    async def draw_contest(self, contest_id: int) -> DrawContest:
        """Return a contest; raises KeyError when there is none."""
        ...

    async def kept_draws(self, contest_id: int) -> Sequence[KeptDraw]:
        """Return every draw of a contest, by number."""
        ...

    async def add_draw(self, contest_id: int, draw: Draw) -> None:
        """Keep a draw that was announced; raises `DrawRefused` (`draw-stale`) when another has its number."""
        ...

    async def add_draw_event(self, contest_id: int, draw: Draw, record: tuple[bytes, str] | None) -> None:
        """Keep the last event of a draw, and its record with its digest when that was the end.

        Raises `DrawRefused` (`draw-stale`) when another came first; the schema refuses whatever the protocol does.
        """
        ...

    async def draw_record(self, contest_id: int, number: int) -> bytes | None:
        """Return the record of a draw; None while it is not over, or when there is none."""
        ...

    async def showing(self, contest_id: int, number: int) -> Showing:
        """Return where the ceremony is; raises KeyError when there is no such draw."""
        ...

    async def show(self, contest_id: int, number: int, showing: Showing, actor: ActorId) -> int | None:
        """Move the ceremony on from `showing.edition`; returns the new edition, None when it stands at another."""
        ...
