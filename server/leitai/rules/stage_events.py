"""The words of stage rounds 现场赛: what is agreed before, and the events that a stage's log is made of.

Teams sit at desks before an audience. A stage is played in rounds of five kinds (issue 6, point 8): 必答 in turn, 抢答
for whoever presses first, 风险题 with a stake, 限时速答 against time, 加赛 between teams that stand equal. The plan of
2022 leaves them to whoever runs the stage, so every figure here is a default that a stage may set otherwise.

Points are hundredths, times microseconds on the store's clock; teams, rounds and questions are numbered from 1.

`StageRefused` is the one error of the law of stages; its `code` is stable and one of those of `wire.errors`.
"""

from dataclasses import dataclass, field
from enum import Enum

from leitai.rules.values import Micros

LEAST_TEAMS, MOST_TEAMS = 2, 12
MOST_ROUNDS, MOST_QUESTIONS = 20, 300
MOST_POINTS = 100_000
"""Of a rule, a stake or one gift, either way: 1,000 points."""
LONGEST_S = 3600
MOST_CHOICES = 12


class StageRefused(Exception):
    """An event does not follow, or a plan cannot be played; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class RoundKind(Enum):
    """How a round is played."""

    REQUIRED = "required"
    """必答: teams in turn, each a question of its own."""
    BUZZER = "buzzer"
    """抢答: whoever presses first answers."""
    RISK = "risk"
    """风险题: teams in turn, each stakes points before it sees the question, or passes."""
    TIMED = "timed"
    """限时速答: teams in turn, each as many questions as it can within the time."""
    SUDDEN_DEATH = "sudden_death"
    """加赛: teams that stand equal press until they do not."""


BUZZED = frozenset({RoundKind.BUZZER, RoundKind.SUDDEN_DEATH})
"""Kinds whose questions belong to whoever presses first."""


@dataclass(frozen=True, slots=True)
class StageSettings:
    """What answers are worth and how long things take. What a wrong answer costs is given as a positive number.

    `buzzer_chances` is how many teams may answer one question, one after the other as they pressed.
    """

    base: int = 10_000
    required: int = 1_000
    required_penalty: int = 0
    buzzer: int = 1_000
    buzzer_penalty: int = 1_000
    false_start_penalty: int = 1_000
    buzzer_chances: int = 1
    stakes: tuple[int, ...] = (1_000, 2_000, 3_000)
    timed: int = 500
    timed_penalty: int = 0
    answer_s: int = 30
    buzzer_s: int = 10
    timed_s: int = 90


@dataclass(frozen=True, slots=True)
class RoundPlan:
    """A round before it is played."""

    kind: RoundKind
    title: str
    questions: int


@dataclass(frozen=True, slots=True)
class StagePlan:
    """What a stage is to be: teams by their names, rounds in their order, and the settings.

    Questions are numbered through the whole stage, so those of the second round follow the first round's.
    """

    title: str
    teams: tuple[str, ...]
    rounds: tuple[RoundPlan, ...]
    settings: StageSettings = field(default_factory=StageSettings)

    def first_question(self, round_no: int) -> int:
        """Return the number of a round's first question."""
        return sum(one.questions for one in self.rounds[: round_no - 1]) + 1


def check_plan(plan: StagePlan) -> None:
    """Raise `StageRefused` with `stage-bad-plan` unless a stage can be played by the plan."""
    settings = plan.settings
    figures = (
        settings.base,
        settings.required,
        settings.required_penalty,
        settings.buzzer,
        settings.buzzer_penalty,
        settings.false_start_penalty,
        settings.timed,
        settings.timed_penalty,
    )
    seconds = (settings.answer_s, settings.buzzer_s, settings.timed_s)
    names = {name.strip() for name in plan.teams}
    if not (
        LEAST_TEAMS <= len(plan.teams) <= MOST_TEAMS
        and len(names) == len(plan.teams)
        and "" not in names
        and 1 <= len(plan.rounds) <= MOST_ROUNDS
        and all(one.questions >= 1 for one in plan.rounds)
        and sum(one.questions for one in plan.rounds) <= MOST_QUESTIONS
        and all(0 <= one <= MOST_POINTS for one in figures)
        and all(1 <= one <= LONGEST_S for one in seconds)
        and 1 <= settings.buzzer_chances <= MOST_TEAMS
        and len(settings.stakes) == len(set(settings.stakes))
        and all(1 <= one <= MOST_POINTS for one in settings.stakes)
        and (settings.stakes or all(one.kind is not RoundKind.RISK for one in plan.rounds))
    ):
        raise StageRefused("stage-bad-plan")


# --- events ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StageBegun:
    """The stage begins as planned. The first event of every log, and never another."""

    plan: StagePlan


@dataclass(frozen=True, slots=True)
class RoundBegun:
    """A round begins; `teams` are those of a sudden death, empty for every other kind."""

    round: int
    teams: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class StakeChosen:
    """A team stakes points on the question that it is to see next; 0: it passes, and the turn goes on."""

    team: int
    stake: int


@dataclass(frozen=True, slots=True)
class RunBegun:
    """A team's time in a round against time begins."""

    team: int


@dataclass(frozen=True, slots=True)
class QuestionShown:
    """A question is shown to everybody; `team` is whose turn it is, 0 where they press for it."""

    question: int
    team: int = 0


@dataclass(frozen=True, slots=True)
class BuzzerOpened:
    """From `opens_at_us` on a press counts; whoever pressed or presses before has started falsely."""

    question: int
    opens_at_us: Micros


@dataclass(frozen=True, slots=True)
class Pressed:
    """A press as the server took it: `stamp_us` is when it arrived. It is a fact, whatever it is worth.

    `elapsed_us` runs from the moment that the opening was written to this desk's socket; negative: it was not measured.
    """

    team: int
    question: int
    stamp_us: Micros
    elapsed_us: int = -1


@dataclass(frozen=True, slots=True)
class TimerSet:
    """The time for what goes on runs anew."""

    seconds: int


@dataclass(frozen=True, slots=True)
class FilmSet:
    """A film of the question that is shown runs for everybody from now on, or stands still.

    `film` is its place among what the question shows, from 1. It goes on from where it stood, or from its beginning.
    """

    question: int
    film: int
    playing: bool
    from_start: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """A judge finds a team's answer right or wrong."""

    question: int
    team: int
    right: bool


@dataclass(frozen=True, slots=True)
class Revealed:
    """The right answer is shown to everybody; nobody answers this question any more."""

    question: int


@dataclass(frozen=True, slots=True)
class Awarded:
    """Judges give points to a team by hand, or take them, for a reason."""

    team: int
    centipoints: int
    reason: str


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """An earlier judgement, gift or false start is taken back: the stage stands as if it had not been."""

    seq: int


@dataclass(frozen=True, slots=True)
class VoteOpened:
    """The audience may vote; `code` stands in the QR code of this vote alone."""

    vote: int
    title: str
    choices: tuple[str, ...]
    code: str


@dataclass(frozen=True, slots=True)
class VoteClosed:
    """The vote is over; `counts` are of the choices in their order."""

    vote: int
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class StageEnded:
    """The stage is over; nothing follows."""


Event = (
    StageBegun
    | RoundBegun
    | StakeChosen
    | RunBegun
    | QuestionShown
    | BuzzerOpened
    | Pressed
    | TimerSet
    | FilmSet
    | Judged
    | Revealed
    | Awarded
    | Withdrawn
    | VoteOpened
    | VoteClosed
    | StageEnded
)


@dataclass(frozen=True, slots=True)
class Entry:
    """An event in its place. `at_us` is when it was written down, on the store's clock."""

    seq: int
    at_us: Micros
    actor: str
    """A login of the staff; empty for presses."""
    event: Event
