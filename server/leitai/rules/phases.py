"""Phases of a session: one table of legal moves, and the one function that makes a move.

    draft ⇄ scheduled ⇄ lobby → running ⇄ paused
                                   └──────┴──→ closed → under_review → finalized

`IllegalMove` is this module's only error. An illegal move changes nothing: phases are values.
"""

from collections.abc import Mapping
from types import MappingProxyType

from leitai.rules.values import Micros, Phase

LEGAL_MOVES: Mapping[Phase, frozenset[Phase]] = MappingProxyType(
    {
        Phase.DRAFT: frozenset({Phase.SCHEDULED}),
        Phase.SCHEDULED: frozenset({Phase.DRAFT, Phase.LOBBY}),
        Phase.LOBBY: frozenset({Phase.SCHEDULED, Phase.RUNNING}),
        Phase.RUNNING: frozenset({Phase.PAUSED, Phase.CLOSED}),
        Phase.PAUSED: frozenset({Phase.RUNNING, Phase.CLOSED}),
        Phase.CLOSED: frozenset({Phase.UNDER_REVIEW}),
        Phase.UNDER_REVIEW: frozenset({Phase.FINALIZED}),
        Phase.FINALIZED: frozenset(),
    }
)
"""Where a session may go from each phase. A session that began never returns to before its start, and a finalized
one (定榜) stays as it is."""


SOON_US = 60_000_000
"""So long before its start a session is about to begin."""
_BEGUN = frozenset({Phase.RUNNING, Phase.PAUSED, Phase.CLOSED, Phase.UNDER_REVIEW, Phase.FINALIZED})


class IllegalMove(Exception):
    """A move that `LEGAL_MOVES` does not hold.

    Attributes:
        from_phase: the phase the session is in, and stays in.
        to_phase: the phase that was asked for.
    """

    def __init__(self, from_phase: Phase, to_phase: Phase) -> None:
        super().__init__(from_phase, to_phase)
        self.from_phase = from_phase
        self.to_phase = to_phase

    def __str__(self) -> str:
        return f"{self.from_phase.value} -> {self.to_phase.value}"


def move(current: Phase, to: Phase) -> Phase:
    """The phase after a move from `current` to `to`. Staying is not a move.

    Raises:
        IllegalMove: the table does not hold it.
    """
    if to not in LEGAL_MOVES[current]:
        raise IllegalMove(current, to)
    return to


def has_begun(phase: Phase, start_us: Micros, now_us: Micros) -> bool:
    """Whether somebody may have answered by `now_us`.

    An archive learns of a phase after the fact, so that a lobby counts whose start has come.
    """
    return phase in _BEGUN or (phase is Phase.LOBBY and now_us >= start_us)


def under_way(phase: Phase, start_us: Micros, now_us: Micros) -> bool:
    """Whether people answer or are about to (`SOON_US`): then nothing else may hold them up that can wait."""
    return accepts_answers(phase) or (phase is Phase.LOBBY and now_us >= start_us - SOON_US)


def accepts_answers(phase: Phase) -> bool:
    """Whether answers are judged by their windows in this phase; in every other one they are refused.

    Also while paused: an answer sent before the pause may arrive after it, and the windows tell the two apart.
    """
    return phase in (Phase.RUNNING, Phase.PAUSED)
