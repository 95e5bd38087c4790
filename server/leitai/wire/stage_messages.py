"""The messages of a stage's sockets: desks of teams, and screens.

They share `hello`, `probe`, `clock`, `error` and `bye` with the contest's own (`wire.messages`), and its form: one
MessagePack map in one binary frame.

A desk presses; everybody is told where the stage stands, whole, whenever something happens. docs/wire.md tells the
conversation; schema/wire/stage.schema.json and stage.asyncapi.yaml are generated from this module.
"""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from leitai.wire.codec import decode_by, decode_small
from leitai.wire.messages import (
    ClientHello,
    ClientProbe,
    ItemMedia,
    ItemOption,
    Seq,
    ServerBye,
    ServerClock,
    ServerError,
)

STAGE_FRAME_BYTES = 1024
"""A larger frame from a desk is abuse."""


class ClientPress(Struct, frozen=True, tag="press", tag_field="type"):
    """The button of a desk. `question` is the one that it shows; `seq` is new with every press of this desk, and a
    press is sent again with its own until `pressed` comes: it is recorded once.
    """

    question: Annotated[int, Meta(ge=1, le=300)]
    seq: Seq


class ServerStageWelcome(Struct, frozen=True, tag="stage_welcome", tag_field="type"):
    """Answers `hello`: whose desk this is, `team` 0 for a screen."""

    stage: int
    team: int
    server_us: int
    resume_min_ms: int


class StageTeam(Struct, frozen=True):
    """A team and how it stands; `decider` is what it won in sudden deaths."""

    team: int
    name: str
    centipoints: int
    rank: int
    decider: int
    connected: bool


class StageRound(Struct, frozen=True):
    """The round that goes on: `required`, `buzzer`, `risk`, `timed` or `sudden_death`."""

    round: int
    kind: str
    title: str
    questions: int
    asked: int
    turn: int
    """Whose turn it is, or will be; 0 where they press."""
    running: int
    """Whose time runs, in a round against time; 0: nobody's."""
    stake: int
    """What is staked on the question that comes next."""
    contenders: list[int]


class StagePress(Struct, frozen=True):
    """A press that counts; `behind_us` is its distance to the first."""

    team: int
    stamp_us: int
    behind_us: int


class StageVerdict(Struct, frozen=True):
    """What a judge found of a team's answer."""

    team: int
    right: bool


class StageFilm(Struct, frozen=True):
    """The film that the director plays: at `at_us` of the stage's clock it had run `from_us`, and has run on since then
    if it is `playing`. `film` is its place in `media`, from 1. It may be over meanwhile: the server does not know how
    long films are.
    """

    film: int
    playing: bool
    at_us: int
    from_us: int


class StageQuestion(Struct, frozen=True):
    """The question that is shown. `key`, `texts` and `explanation` stay empty until it is revealed. `media`: what it
    shows, in its order; a film stands still until the director plays it.
    """

    question: int
    team: int
    stake: int
    type: str
    stem: str
    options: list[ItemOption]
    parts: list[str]
    opens_at_us: int
    """When the buzzer opens or has opened; 0: not yet."""
    closes_at_us: int
    presses: list[StagePress]
    false_starts: list[int]
    answering: int
    verdicts: list[StageVerdict]
    over: bool
    revealed: bool
    key: list[str] = []
    texts: list[list[str]] = []
    explanation: str = ""
    media: list[ItemMedia] = []
    film: StageFilm | None = None


class StageVote(Struct, frozen=True):
    """A vote of the audience; `code` leads to it while it is open."""

    vote: int
    title: str
    choices: list[str]
    counts: list[int]
    open: bool
    code: str = ""


class StageLast(Struct, frozen=True):
    """The last change of points: `right`, `wrong`, `false_start` or `award`."""

    seq: int
    team: int
    centipoints: int
    why: str


class ServerStage(Struct, frozen=True, tag="stage", tag_field="type"):
    """Where the stage stands, whole; a greater `version` is newer. `state` is `waiting`, `running` or `ended`."""

    version: int
    state: str
    title: str
    teams: list[StageTeam]
    timer_ends_us: int = 0
    round: StageRound | None = None
    question: StageQuestion | None = None
    vote: StageVote | None = None
    last: StageLast | None = None


class ServerGo(Struct, frozen=True, tag="go", tag_field="type"):
    """The buzzer is open: written at the instant of the opening, to desks before screens, in an order drawn anew."""

    question: int


class ServerPressed(Struct, frozen=True, tag="pressed", tag_field="type"):
    """The press is recorded, durably; what it is worth is told by `stage`. `elapsed_us` is negative when it was not
    measured.
    """

    question: int
    seq: int
    stamp_us: int
    elapsed_us: int


StageClientMessage = ClientHello | ClientProbe | ClientPress
StageServerMessage = ServerStageWelcome | ServerStage | ServerGo | ServerPressed | ServerClock | ServerError | ServerBye

_client = msgspec.msgpack.Decoder(StageClientMessage)
_server = msgspec.msgpack.Decoder(StageServerMessage)


def decode_stage_client(frame: bytes) -> StageClientMessage:
    """Read a frame of a desk or screen; raises `BadFrame` and nothing else."""
    return decode_small(_client, frame, STAGE_FRAME_BYTES)


def decode_stage_server(frame: bytes) -> StageServerMessage:
    """Read a frame of the server; raises `BadFrame`."""
    return decode_by(_server, frame)
