"""Where a stage stands: its questions, presses and points, as its log (`rules.stage`) leaves them."""

from dataclasses import dataclass, field

from leitai.rules.stage_events import BUZZED, Entry, RoundKind, StagePlan, StageSettings
from leitai.rules.values import Micros

NEVER = Micros(0)


@dataclass(frozen=True, slots=True)
class Line:
    """One change of a team's points, and the entry that it comes from."""

    seq: int
    team: int
    centipoints: int
    why: str
    """`right`, `wrong`, `false_start` or `award`."""
    question: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Press:
    """A press that counts."""

    stamp_us: Micros
    seq: int
    team: int
    elapsed_us: int
    """As with answers: from the writing of the opening to this desk; negative: not measured."""


@dataclass(frozen=True, slots=True)
class Film:
    """A film of the question, where the director left it. How long it is nobody here knows."""

    film: int
    """Its place among what the question shows, from 1."""
    playing: bool
    at_us: Micros
    """When it was left so."""
    from_us: int
    """How far it had run then."""

    def run_us(self, now_us: Micros) -> int:
        """Return how far it has run."""
        return self.from_us + (now_us - self.at_us if self.playing else 0)


@dataclass(frozen=True, slots=True)
class Asked:
    """The question that was shown last."""

    question: int
    team: int
    """Whose turn it is; 0 where they press for it."""
    stake: int
    shown_at_us: Micros
    opens_at_us: Micros = NEVER
    closes_at_us: Micros = NEVER
    presses: tuple[Press, ...] = ()
    """In the order in which they arrived."""
    false_starts: tuple[int, ...] = ()
    """Teams that have no part in this question any more."""
    verdicts: tuple[tuple[int, bool], ...] = ()
    revealed: bool = False
    film: Film | None = None
    """The film that was played last; None: none was."""

    def over(self, chances: int) -> bool:
        """Whether nobody may answer any more."""
        answered = any(right for _, right in self.verdicts)
        return self.revealed or answered or len(self.verdicts) >= (chances if self.team == 0 else 1)

    def answering(self, chances: int) -> int:
        """Return whose answer is to be judged; 0: nobody's."""
        if self.over(chances):
            return 0
        judged = {team for team, _ in self.verdicts}
        waiting = (press.team for press in self.presses if press.team not in judged)
        return self.team or next(waiting, 0)


@dataclass(frozen=True, slots=True)
class Vote:
    """A vote of the audience."""

    number: int
    title: str
    choices: tuple[str, ...]
    code: str
    counts: tuple[int, ...] | None = None
    """None while it is open."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a stage stands after its log."""

    plan: StagePlan
    entries: tuple[Entry, ...] = field(repr=False)
    round_no: int = 0
    rounds_begun: tuple[int, ...] = ()
    contenders: tuple[int, ...] = ()
    """Who plays the round."""
    turns: int = 0
    """How many turns of this round have been taken, passes among them."""
    asked_in_round: int = 0
    asked: Asked | None = None
    stake: tuple[int, int] = (0, 0)
    """Who has staked how much on the next question."""
    running: int = 0
    """Whose time runs."""
    timer_ends_us: Micros = NEVER
    lines: tuple[Line, ...] = ()
    deciders: tuple[int, ...] = ()
    """What each team won in sudden deaths: it orders teams of equal points and adds none."""
    vote: Vote | None = None
    ended: bool = False

    @property
    def seq(self) -> int:
        """The number of the last entry."""
        return self.entries[-1].seq

    @property
    def settings(self) -> StageSettings:
        """What answers are worth."""
        return self.plan.settings

    @property
    def kind(self) -> RoundKind | None:
        """How the round that goes on is played; None before the first."""
        return self.plan.rounds[self.round_no - 1].kind if self.round_no else None

    @property
    def answering(self) -> int:
        """Whose answer is to be judged; 0: nobody's."""
        return self.asked.answering(self.chances) if self.asked else 0

    @property
    def chances(self) -> int:
        """How many teams may answer one question of this round."""
        return self.settings.buzzer_chances if self.kind is RoundKind.BUZZER else 1

    @property
    def turn(self) -> int:
        """Whose turn it is in a round by turns; 0: it is none."""
        if self.kind in (None, *BUZZED):
            return 0
        return self.contenders[self.turns % len(self.contenders)]

    @property
    def next_question(self) -> int:
        """The number of the question that comes next in this round; 0: there is none."""
        if not self.round_no or self.asked_in_round >= self.plan.rounds[self.round_no - 1].questions:
            return 0
        return self.plan.first_question(self.round_no) + self.asked_in_round

    @property
    def pressing(self) -> tuple[int, ...]:
        """Who may press for the question that is shown or comes next, false starts aside."""
        if self.kind is RoundKind.BUZZER:
            return self.contenders
        if self.kind is not RoundKind.SUDDEN_DEATH:
            return ()
        won = [self.deciders[team - 1] for team in self.contenders]
        return tuple(team for team in self.contenders if won.count(self.deciders[team - 1]) > 1)

    @property
    def scores(self) -> tuple[int, ...]:
        """Every team's points, in the order of the plan."""
        points = [self.settings.base] * len(self.plan.teams)
        for line in self.lines:
            points[line.team - 1] += line.centipoints
        return tuple(points)

    @property
    def ranks(self) -> tuple[int, ...]:
        """Every team's rank, in the order of the plan: by points, then by sudden deaths; equals share it."""
        held = list(zip(self.scores, self.deciders, strict=True))
        return tuple(1 + sum(other > own for other in held) for own in held)

    @property
    def withdrawable(self) -> tuple[int, ...]:
        """The entries that may be withdrawn, the newest last."""
        return tuple(line.seq for line in self.lines)
