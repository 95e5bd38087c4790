"""The law of a running match: a log of events, replayed to where it stands, and what must happen next.

Whoever carries a match at whatever gateway replays the same log and appends what `due` says; an entry that is there
already is not appended again. Answers are facts in the log: those that count are the first of each seat whose stamp
lies in the question's window, wherever in the log they stand before the end.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from leitai.rules.matches import QUESTIONS, Tally, WonBy, points, winner

SEATS = (1, 2)
COME_WITHIN_US = 15_000_000
"""Whoever was paired must be on the line within so long."""
PAUSE_US = 4_000_000
"""From both being there to the first opening (three, two, one), and from a question's end to the next: the right answer
is read, and the next question comes down sealed. After the last one's end the match ends as much later. A default."""
GRACE_US = 400_000
"""After a window's end frames that arrived within it may still be on their way into the log."""
AWAY_AFTER = 3
"""Questions in a row without an answer, after which a player has left."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What somebody answered in an earlier play; `response` empty: nothing."""

    response: tuple[str, ...]
    right: bool
    elapsed_us: int


@dataclass(frozen=True, slots=True)
class Player:
    """Somebody in a match. `recorded_us`: when a recording was played; 0 for whoever is here."""

    learner_id: int
    name: str
    recorded_us: int = 0


@dataclass(frozen=True, slots=True)
class Made:
    """Two have been brought together over ten questions. `recording` is the match that the second's answers are of."""

    players: tuple[Player, ...]
    question_ids: tuple[int, ...]
    version_ids: tuple[int, ...]
    seconds: tuple[int, ...]
    recording: int = 0
    replies: tuple[Recorded, ...] = ()
    pause_us: int = PAUSE_US


@dataclass(frozen=True, slots=True)
class Came:
    """A player is on the line."""

    seat: int


@dataclass(frozen=True, slots=True)
class Opened:
    """A question, from 1, opens and closes at these instants."""

    question: int
    opens_us: int
    closes_us: int


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer: stamped with its arrival; `flagged`: its elapsed time could not be measured from the delivery."""

    seat: int
    question: int
    response: tuple[str, ...]
    right: bool
    stamp_us: int
    elapsed_us: int
    flagged: bool = False


@dataclass(frozen=True, slots=True)
class Closed:
    """The question takes no answer any more: its right answer is told."""

    question: int


@dataclass(frozen=True, slots=True)
class Left:
    """A player has left; `away`: was silent for too long."""

    seat: int
    away: bool = False


@dataclass(frozen=True, slots=True)
class Finished:
    """All is played: what is in the log so far is the result, and is being kept."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The result is kept for good; `earned` are the hundredths of points of each seat."""

    earned: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Voided:
    """It never began: somebody did not come."""


Event = Made | Came | Opened | Answered | Closed | Left | Finished | Ended | Voided


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the log: its number, from 1, and when it was appended."""

    seq: int
    at_us: int
    event: Event


class MatchRefused(Exception):
    """An event does not follow on the log."""


@dataclass(frozen=True, slots=True)
class Match:
    """Where a match stands.

    Attributes:
        windows: by question, its opening and closing.
        answers: by question and seat, what counts.
        closed: questions that are closed.
        closed_us: when the newest of them was; 0 before.
        finished_us: when it was; 0 before.
    """

    made: Made
    made_us: int
    seq: int
    came: frozenset[int] = frozenset()
    windows: Mapping[int, tuple[int, int]] = field(default_factory=dict[int, tuple[int, int]])
    answers: Mapping[tuple[int, int], Answered] = field(default_factory=dict[tuple[int, int], Answered])
    closed: int = 0
    closed_us: int = 0
    left: tuple[Left, ...] = ()
    finished_us: int = 0
    earned: tuple[int, ...] | None = None
    void: bool = False

    @property
    def question(self) -> int:
        """The newest question that has been given an opening; 0 before the first."""
        return len(self.windows)

    @property
    def played(self) -> bool:
        """Whether all questions are closed: nobody leaves any more."""
        return self.closed == QUESTIONS

    @property
    def over(self) -> bool:
        """Whether nothing more follows."""
        return self.void or self.earned is not None

    @property
    def gone(self) -> frozenset[int]:
        """The seats that have left."""
        return frozenset(one.seat for one in self.left)

    @property
    def live(self) -> tuple[int, ...]:
        """The seats of those who are no recording."""
        return tuple(seat for seat in SEATS if not self.made.players[seat - 1].recorded_us)

    def worth(self, question: int, seat: int) -> int:
        """Return the points of an answer; 0 where there is none."""
        answer = self.answers.get((question, seat))
        if answer is None:
            return 0
        return points(right=answer.right, elapsed_us=answer.elapsed_us, limit_us=self._limit_us(question))

    def tally(self, seat: int) -> Tally:
        """Return what a seat has of the questions that are closed."""
        worth = right = elapsed_us = 0
        for question in range(1, self.closed + 1):
            answer = self.answers.get((question, seat))
            worth += self.worth(question, seat)
            right += answer is not None and answer.right
            elapsed_us += self._limit_us(question) if answer is None else answer.elapsed_us
        return Tally(worth, right, elapsed_us)

    @property
    def outcome(self) -> tuple[int, WonBy]:
        """Who has won by what is closed, and why."""
        return winner(self.tally(1), self.tally(2), self.gone)

    def _limit_us(self, question: int) -> int:
        return self.made.seconds[question - 1] * 1_000_000


def begun(entry: Entry) -> Match:
    """Return a match of the first entry of its log; raises `MatchRefused`."""
    made = entry.event
    if not isinstance(made, Made) or entry.seq != 1 or len(made.players) != len(SEATS):
        raise MatchRefused(f"no match begins with {entry}")
    if not len(made.question_ids) == len(made.version_ids) == len(made.seconds) == QUESTIONS:
        raise MatchRefused("a match has ten questions")
    if len(made.replies) != (QUESTIONS if made.players[1].recorded_us else 0):
        raise MatchRefused("a recording has ten answers, nobody else has any")
    return Match(made, entry.at_us, 1)


def after(match: Match, entry: Entry) -> Match:
    """Return where a match stands after the next entry of its log; raises `MatchRefused` where it does not follow."""
    if entry.seq != match.seq + 1:
        raise MatchRefused(f"{entry.seq} after {match.seq}")
    now = replace(match, seq=entry.seq)
    event = entry.event
    if isinstance(event, Answered):
        # A fact: what does not count stays in the log for itself.
        return (
            replace(now, answers={**match.answers, (event.question, event.seat): event})
            if counts(match, event)
            else now
        )
    if match.over:
        raise MatchRefused("it is over")
    match event:
        case Came(seat) if seat in match.live:
            return replace(now, came=match.came | {seat})
        case Opened(question, opens_us, closes_us) if (
            not match.finished_us
            and question == match.question + 1 == match.closed + 1 <= QUESTIONS
            and opens_us < closes_us
        ):
            return replace(now, windows={**match.windows, question: (opens_us, closes_us)})
        case Closed(question) if not match.finished_us and question == match.question == match.closed + 1:
            return replace(now, closed=question, closed_us=entry.at_us)
        case Left(seat, away) if (
            not match.finished_us and seat in match.live and seat not in match.gone and (away or not match.played)
        ):
            return replace(now, left=(*match.left, event))
        case Finished() if match.question and not match.finished_us:
            return replace(now, finished_us=entry.at_us)
        case Ended(earned) if match.finished_us and len(earned) == len(SEATS):
            return replace(now, earned=earned)
        case Voided() if not match.question:
            return replace(now, void=True)
        case _:
            raise MatchRefused(f"{event} does not follow")


def counts(match: Match, answer: Answered) -> bool:
    """Whether an answer counts: the first of its seat, stamped in the window of a question, of whoever has not left."""
    window = match.windows.get(answer.question)
    if window is None or match.finished_us or match.over or answer.seat in match.gone:
        return False
    return (answer.question, answer.seat) not in match.answers and window[0] <= answer.stamp_us < window[1]


@dataclass(frozen=True, slots=True)
class Due:
    """What must happen now (`event`), or when to look again (`at_us`). Neither: the result is to be kept, or is."""

    event: Event | None = None
    at_us: int = 0


def due(match: Match, now_us: int) -> Due:
    """Return what a match needs at a moment. It follows from the log and the clock alone, so that it does not matter
    who looks, nor how many do.
    """
    if match.finished_us or match.over:
        return Due()
    if not match.question:
        if set(match.live) <= match.came:
            return Due(_opening(match, 1, now_us))
        late_us = match.made_us + COME_WITHIN_US
        return Due(Voided()) if now_us >= late_us else Due(at_us=late_us)
    if match.left:
        return Due(Finished())
    if match.closed < match.question:
        return _open(match, now_us)
    silent = [seat for seat in match.live if _silent(match, seat)]
    if silent:
        return Due(Left(silent[0], away=True))
    if match.played:
        read_us = match.closed_us + match.made.pause_us
        return Due(Finished()) if now_us >= read_us else Due(at_us=read_us)
    return Due(_opening(match, match.question + 1, now_us))


def _open(match: Match, now_us: int) -> Due:
    question = match.question
    opens_us, closes_us = match.windows[question]
    if all((question, seat) in match.answers for seat in SEATS):
        return Due(Closed(question))
    wake_us = closes_us + GRACE_US
    # A recording's answers are known: they are there also when nobody looked at their time.
    if match.made.replies and (question, 2) not in match.answers:
        reply = match.made.replies[question - 1]
        at_us = opens_us + reply.elapsed_us
        if reply.response and at_us < closes_us:
            if now_us >= at_us:
                return Due(Answered(2, question, reply.response, reply.right, at_us, reply.elapsed_us))
            wake_us = at_us
    return Due(Closed(question)) if now_us >= wake_us else Due(at_us=wake_us)


def _opening(match: Match, question: int, now_us: int) -> Opened:
    opens_us = now_us + match.made.pause_us
    return Opened(question, opens_us, opens_us + match.made.seconds[question - 1] * 1_000_000)


def _silent(match: Match, seat: int) -> bool:
    last = range(match.closed - AWAY_AFTER + 1, match.closed + 1)
    return match.closed >= AWAY_AFTER and not any((question, seat) in match.answers for question in last)
