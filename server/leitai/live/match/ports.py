"""What a match needs while it is played. Every call may raise `live.ports.StoreUnavailable`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from leitai.rules.match_log import Entry, Match
from leitai.rules.values import Micros, PaperItem, Response
from leitai.wire.match_log import MatchSeat
from leitai.wire.messages import ItemContent

MOST_ANSWERS = 8
"""Of one player to one question that reach the log; only the first can count."""


@dataclass(frozen=True, slots=True)
class MatchItem:
    """A question of a match: how it is judged, what is read of it, and what is told once it is closed."""

    item: PaperItem
    content: ItemContent
    explanation: str


class AnswerMade(NamedTuple):
    """An answer on its way. `elapsed_us` negative: not measured, so that it is taken from the scheduled opening."""

    seat: int
    question: int
    response: Response
    right: bool
    elapsed_us: int
    opens_us: int


class AnswerKept(NamedTuple):
    """An answer in the log. `entry` 0: too many of this player's, nothing was recorded."""

    entry: int
    stamp_us: int


class MatchStreams(Protocol):
    """A match's log in the ledger."""

    async def time_us(self, match_id: int) -> Micros:
        """Return the match's clock: that of the node that keeps it."""
        ...

    async def log(self, match_id: int, after: int) -> list[Entry]:
        """Return the entries after a number."""
        ...

    async def append(self, match_id: int, last: int, entries: Sequence[Entry]) -> bool:
        """Append entries, durably, if `last` is the newest there; False: somebody else was first."""
        ...

    async def answer(self, match_id: int, made: AnswerMade, age_us: int, believed_us: int) -> AnswerKept:
        """Append an answer, durably. A player's second one to a question is not appended: the first is returned.

        One script, one clock: the stamp is that clock less `age_us`. `believed_us` is the clock as the caller knows it
        when it sends: a call that lay unread for a second is refused with `StoreUnavailable`, so that it is sent again
        with its true age.
        """
        ...

    async def here(self, match_id: int, seats: Mapping[int, Micros]) -> None:
        """Set down when each seat was connected last, and that somebody looks after the match."""
        ...

    async def seen(self, match_id: int) -> dict[int, Micros]:
        """Return when each seat was connected last, at any gateway."""
        ...

    async def release(self, match_id: int, learners: Sequence[int]) -> None:
        """Let the players of a match that is over seek another; the log is kept for some minutes."""
        ...

    async def forsaken(self, unseen_us: int) -> list[int]:
        """Return matches that are not over and that nobody has looked after for so long, some of them."""
        ...


class MatchTickets(Protocol):
    """One-use tickets of players."""

    async def redeem_match_ticket(self, ticket: str) -> MatchSeat:
        """Use a ticket up; raises `live.ports.TicketRefused`."""
        ...


class MatchQuestions(Protocol):
    """The bank as a match sees it."""

    async def items(self, version_ids: Sequence[int]) -> Sequence[MatchItem]:
        """Return the questions of a match, in its order."""
        ...


class MatchArchive(Protocol):
    """Where results stay."""

    async def keep(self, match_id: int, match: Match) -> Sequence[int]:
        """Keep the result of a finished match and what it earns, for good; return what each seat earned.

        Once for each match: whoever keeps it again is told what was written first.
        """
        ...
