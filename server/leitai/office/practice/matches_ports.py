"""What matches between learners need. stores/valkey/matches and stores/postgres/matches_store implement it.

Every call may raise `StoreUnavailable`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import NamedTuple, Protocol

from leitai.rules.match_log import Made, Recorded
from leitai.wire.match_log import MatchSeat


class Found(Enum):
    """What seeking came to."""

    WAITS = "waits"
    PAIRED = "paired"
    """Just now, and by this call: whoever called makes the match."""
    PLAYS = "plays"
    """In a match that somebody else's call made, or an earlier one."""


class Sought(NamedTuple):
    """What seeking came to. `waited_us`: for how long; of a match, how long ago it was made."""

    found: Found
    match_id: int
    opponent_id: int
    waited_us: int


class Pairing(Protocol):
    """Who seeks and who plays, at whatever process."""

    async def seek(self, learner_id: int, level: int, match_id: int, again: int, *, alone: bool = False) -> Sought:
        """Pair a learner with somebody else who seeks, the nearest in level within reach of who has waited longer, or
        let the learner wait. One script: nobody is ever in two matches, nor in one with themselves.

        Args:
            learner_id: who seeks; from however many devices, they wait once.
            level: `rules.matches.level`.
            match_id: a new number, for the match if one is made.
            again: meet whoever seeks with the same number first, whatever their level; 0: anybody.
            alone: take the match for this learner alone.
        """
        ...

    async def withdraw(self, learner_id: int) -> None:
        """Seek no more."""
        ...

    async def playing(self, learner_id: int) -> int:
        """Return the match that a learner is in; 0: none."""
        ...

    async def begin(self, match_id: int, made: Made) -> bool:
        """Begin a match's log, durably; False: it has begun."""
        ...

    async def made(self, match_id: int) -> Made | None:
        """Return how a match was made; None: it was not, or is long over."""
        ...

    async def release(self, match_id: int, learners: Sequence[int]) -> None:
        """Let the players of a match seek another."""
        ...

    async def issue_match_ticket(self, seat: MatchSeat) -> str:
        """Return a ticket for one socket."""
        ...


@dataclass(frozen=True, slots=True)
class Recording:
    """An earlier play by another learner: how it was made, what they answered, and the points of practice they have."""

    match_id: int
    learner_id: int
    name: str
    played_us: int
    question_ids: tuple[int, ...]
    version_ids: tuple[int, ...]
    seconds: tuple[int, ...]
    replies: tuple[Recorded, ...]
    centipoints: int


@dataclass(frozen=True, slots=True)
class PlayedMatch:
    """A match that a learner has played. `won`: by whom, from the learner's side: 1 own, 2 the other's, 0 nobody's."""

    match_id: int
    ended_us: int
    opponent: str
    recorded: bool
    won: int
    won_by: str
    points: int
    opponent_points: int
    right: int
    earned: int


@dataclass(frozen=True, slots=True)
class MatchSums:
    """How a learner stands in matches against those who were there; `counted`: matches that earned today."""

    won: int
    drawn: int
    lost: int
    counted: int


class MatchReply(NamedTuple):
    """What somebody answered; `response` empty: nothing that counts."""

    response: tuple[str, ...]
    right: bool


@dataclass(frozen=True, slots=True)
class Review:
    """What a learner and their opponent answered in a match. `held`: questions that wait in open sets of the learner,
    which are not explained meanwhile, nor told what was answered to them.
    """

    question_ids: tuple[int, ...]
    version_ids: tuple[int, ...]
    own: tuple[MatchReply, ...]
    theirs: tuple[MatchReply, ...]
    held: frozenset[int]


class MatchStore(Protocol):
    """PostgreSQL as matches see it."""

    async def points(self, learner_id: int) -> int:
        """Return the hundredths of points of practice that somebody has in all."""
        ...

    async def names(self, learners: Sequence[int]) -> Mapping[int, str]:
        """Return what others see of learners."""
        ...

    async def held(self, learners: Sequence[int], at_us: int) -> frozenset[int]:
        """Return the questions that wait in open sets of any of them, and those with pictures or films."""
        ...

    async def recordings(self, learner_id: int, most: int) -> Sequence[Recording]:
        """Return plays of others over questions that this learner met in no match, the newest first."""
        ...

    async def history(self, learner_id: int, today: date, most: int) -> tuple[MatchSums, Sequence[PlayedMatch]]:
        """Return how somebody stands, and the newest matches."""
        ...

    async def review(self, learner_id: int, match_id: int, at_us: int) -> Review:
        """Return what was answered in a match that a learner has played to its end; raises KeyError for any other."""
        ...
