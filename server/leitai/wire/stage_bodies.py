"""The bodies of stage rounds: planning, the director's console, devices, votes, and results."""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from leitai.rules.stage_events import MOST_CHOICES, MOST_POINTS, MOST_QUESTIONS, MOST_ROUNDS, MOST_TEAMS, StageSettings
from leitai.wire.stage_log import StageKey, StageText
from leitai.wire.stage_messages import ServerStage

Name = Annotated[str, Meta(min_length=1, max_length=40, pattern=r"^[^\x00-\x1f\x7f]*$")]
Points = Annotated[int, Meta(ge=0, le=MOST_POINTS)]
Seconds = Annotated[int, Meta(ge=1, le=3600)]
Number = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Team = Annotated[int, Meta(ge=1, le=MOST_TEAMS)]
MOST_MEDIA = 100
"""Of one question."""
Kind = Literal["required", "buzzer", "risk", "timed", "sudden_death"]


class StageSettingsBody(Struct, frozen=True):
    """What answers are worth, in hundredths of points, and how long things take, in seconds."""

    base: Points = 10_000
    required: Points = 1_000
    required_penalty: Points = 0
    buzzer: Points = 1_000
    buzzer_penalty: Points = 1_000
    false_start_penalty: Points = 1_000
    buzzer_chances: Team = 1
    stakes: Annotated[list[Annotated[int, Meta(ge=1, le=MOST_POINTS)]], Meta(max_length=8)] = field(
        default_factory=lambda: list(StageSettings().stakes)
    )
    timed: Points = 500
    timed_penalty: Points = 0
    answer_s: Seconds = 30
    buzzer_s: Seconds = 10
    timed_s: Seconds = 90


class StageRoundRequest(Struct, frozen=True):
    """A round: questions of the bank by their numbers, and so many drawn besides; `module` empty: of any."""

    kind: Kind
    title: Name
    questions: Annotated[list[Annotated[int, Meta(ge=1, le=2**31 - 1)]], Meta(max_length=MOST_QUESTIONS)] = []
    draw: Annotated[int, Meta(ge=0, le=MOST_QUESTIONS)] = 0
    module: Annotated[str, Meta(max_length=60)] = ""


class StageRequest(Struct, frozen=True):
    """A new stage."""

    title: Name
    teams: Annotated[list[Name], Meta(min_length=2, max_length=MOST_TEAMS)]
    rounds: Annotated[list[StageRoundRequest], Meta(min_length=1, max_length=MOST_ROUNDS)]
    settings: StageSettingsBody = field(default_factory=StageSettingsBody)


class StagePlanBody(Struct, frozen=True):
    """A stage's plan as it was asked for; `edition` counts its changes."""

    edition: int
    plan: StageRequest


class StageReplanRequest(Struct, frozen=True):
    """Another plan in the place of the one of that edition."""

    edition: Annotated[int, Meta(ge=1, le=2**31 - 1)]
    plan: StageRequest


class StageLine(Struct, frozen=True):
    """A stage in the list: `draft`, `running` or `ended`."""

    stage: int
    title: str
    state: str
    teams: int
    questions: int
    created_us: int


class StageList(Struct, frozen=True):
    """All stages, the newest first, and the modules that questions may be drawn of."""

    stages: list[StageLine]
    modules: list[str]


class StageMade(Struct, frozen=True):
    """The number of a new stage."""

    stage: int


class StageCode(Struct, frozen=True):
    """A code that lets devices in: to a team's desk, or as screens (`team` 0)."""

    team: int
    name: str
    code: str


class StageCodes(Struct, frozen=True):
    """New codes, which are shown this once; `address` is where devices find the pages."""

    address: str
    codes: list[StageCode]


class StagePlanRound(Struct, frozen=True):
    """A round as it is planned."""

    round: int
    kind: str
    title: str
    questions: int
    begun: bool


class StageScoreLine(Struct, frozen=True):
    """A change of a team's points: `right`, `wrong`, `false_start` or `award`, and whether it may be withdrawn."""

    seq: int
    at_us: int
    actor: str
    team: int
    centipoints: int
    why: str
    question: int
    reason: str


class StagePressLine(Struct, frozen=True):
    """A press that counts, as it was measured; `elapsed_us` is negative when it was not."""

    team: int
    stamp_us: int
    elapsed_us: int


class StageConsole(Struct, frozen=True):
    """Everything of a stage for whoever directs and judges it. `key` is of the question that is shown; `most_from_one`
    is how many votes of the vote came from the network address with most of them.
    """

    stage: int
    state: str
    server_us: int
    codes: int
    settings: StageSettingsBody
    rounds: list[StagePlanRound]
    view: ServerStage
    next_question: int
    coming: StageText | None
    key: StageKey | None
    presses: list[StagePressLine]
    lines: list[StageScoreLine]
    most_from_one: int = 0


class StageRunRequest(Struct, frozen=True):
    """What a director does. Which members matter depends on `act`:

    `begin`; `round` (`round`, `teams` of a sudden death); `stake` (`team`, `stake`, 0: pass); `run` (`team`);
    `question` (`question`, `team`); `buzzer` (`question`); `timer` (`seconds`); `film` (`question`,
    `film`, `playing`, `from_start`: not from where it stood); `reveal` (`question`);
    `open_vote` (`title`, `choices`); `close_vote` (`vote`); `end`.
    """

    act: Literal[
        "begin",
        "round",
        "stake",
        "run",
        "question",
        "buzzer",
        "timer",
        "film",
        "reveal",
        "open_vote",
        "close_vote",
        "end",
    ]
    round: Annotated[int, Meta(ge=0, le=MOST_ROUNDS)] = 0
    teams: Annotated[list[Team], Meta(max_length=MOST_TEAMS)] = []
    team: Annotated[int, Meta(ge=0, le=MOST_TEAMS)] = 0
    stake: Points = 0
    question: Annotated[int, Meta(ge=0, le=MOST_QUESTIONS)] = 0
    seconds: Annotated[int, Meta(ge=0, le=3600)] = 0
    title: Annotated[str, Meta(max_length=40)] = ""
    choices: Annotated[list[Annotated[str, Meta(max_length=40)]], Meta(max_length=MOST_CHOICES)] = []
    vote: Number = 0
    film: Annotated[int, Meta(ge=0, le=MOST_MEDIA)] = 0
    playing: bool = False
    from_start: bool = False


class StageJudgeRequest(Struct, frozen=True):
    """What a judge does: `right` or `wrong` (`question`, `team`), `award` (`team`, `centipoints`, `reason`), `withdraw`
    (`seq`).
    """

    act: Literal["right", "wrong", "award", "withdraw"]
    question: Annotated[int, Meta(ge=0, le=MOST_QUESTIONS)] = 0
    team: Annotated[int, Meta(ge=0, le=MOST_TEAMS)] = 0
    centipoints: Annotated[int, Meta(ge=-MOST_POINTS, le=MOST_POINTS)] = 0
    reason: Annotated[str, Meta(max_length=100)] = ""
    seq: Number = 0


class StageDone(Struct, frozen=True):
    """An act is entry `seq` of the log."""

    seq: int


class StageJoinRequest(Struct, frozen=True):
    """The code of a desk or of the screens, as typed."""

    code: Annotated[str, Meta(max_length=64)]


class StageSeatBody(Struct, frozen=True):
    """Where a device sits: `team` 0 and no name for a screen."""

    stage: int
    title: str
    team: int
    name: str


class StageVoteRequest(Struct, frozen=True):
    """A vote: the code that led to it, and what is chosen, as the ballot has it."""

    code: Annotated[str, Meta(max_length=16)]
    choice: Annotated[str, Meta(max_length=40)]


class StageBallotBody(Struct, frozen=True):
    """The vote that a code leads to; `vote` 0: it is closed, or the code leads nowhere."""

    vote: int
    title: str
    choices: list[str]
    stage_title: str


class StageResultTeam(Struct, frozen=True):
    """A team's result. `by_round` are its points in each round, gifts by hand beside them."""

    rank: int
    team: int
    name: str
    centipoints: int
    decider: int
    by_round: list[int]
    awards: int
    right: int
    wrong: int
    false_starts: int


class StageResults(Struct, frozen=True):
    """The standings of a stage with what they follow from: every change of points, and the whole log."""

    stage: int
    title: str
    state: str
    rounds: list[str]
    teams: list[StageResultTeam]
    lines: list[StageScoreLine]
    log: list[dict[str, Any]]
