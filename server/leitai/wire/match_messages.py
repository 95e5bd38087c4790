"""The messages of a match's sockets, at the practice's address.

They share `hello`, `probe`, `clock`, `error` and `bye` with the contest's own (`wire.messages`), and its form: one
MessagePack map in one binary frame. Questions come sealed as the contest's items do, with the match in the place of the
session and the question in that of the item; the key comes at the opening.

docs/wire.md tells the conversation; schema/wire/match.schema.json and match.asyncapi.yaml are generated from here.
"""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from leitai.rules.matches import QUESTIONS
from leitai.wire.codec import decode_by, decode_small
from leitai.wire.messages import ClientHello, ClientProbe, SealedItem, ServerBye, ServerClock, ServerError

MATCH_FRAME_BYTES = 1024
"""A larger frame from a player is abuse."""
Question = Annotated[int, Meta(ge=1, le=QUESTIONS)]


class ClientMatchAnswer(Struct, frozen=True, tag="match_answer", tag_field="type"):
    """The answer to the question that is open: option ids ascending, or `T` or `F`. The first one is final; it may be
    sent again until `match_answered` comes.
    """

    question: Question
    response: Annotated[list[Annotated[str, Meta(max_length=8)]], Meta(min_length=1, max_length=8)]


class ClientMatchLeave(Struct, frozen=True, tag="match_leave", tag_field="type"):
    """Leave the match for good, which loses it."""


class ServerMatchWelcome(Struct, frozen=True, tag="match_welcome", tag_field="type"):
    """Answers `hello`: `seat` is 1 or 2."""

    match: int
    seat: int
    server_us: int
    resume_min_ms: int


class MatchPlayer(Struct, frozen=True):
    """A player and how they stand by the questions that are closed.

    `recorded_us`: the answers are those of an earlier play, at this time; 0: the player is here. `answered`: the
    question that is open has an answer. `earned`: hundredths of points of practice, once the match has ended.
    """

    seat: int
    name: str
    recorded_us: int
    connected: bool
    points: int
    right: int
    elapsed_us: int
    answered: bool
    left: bool
    earned: int = 0


class MatchAnswer(Struct, frozen=True):
    """What a player answered to a closed question; an empty `response`: nothing, or nothing in time."""

    seat: int
    response: list[str]
    right: bool
    points: int
    elapsed_us: int


class MatchClosed(Struct, frozen=True):
    """A closed question with its right answer and what both answered."""

    question: int
    key: list[str]
    explanation: str
    answers: list[MatchAnswer]


class ServerMatch(Struct, frozen=True, tag="match", tag_field="type"):
    """Where the match stands, whole; a greater `version` is newer.

    `state`: `gathering` until both are there; `soon` before an opening; `open`; `closed` after it; `saving` until the
    result is kept; `ended`; `void` when somebody did not come. `question` has the opening and closing that are told; 0
    before the first. `won`: the seat, 0 for nobody; `won_by`: `points`, `time`, `left`, `drawn`, empty before the end.
    """

    version: int
    state: str
    questions: int
    question: int
    opens_us: int
    closes_us: int
    players: list[MatchPlayer]
    last: MatchClosed | None = None
    won: int = 0
    won_by: str = ""


class ServerMatchSealed(Struct, frozen=True, tag="match_sealed", tag_field="type"):
    """The next question, sealed; it comes some seconds before its opening."""

    sealed: SealedItem


class ServerMatchKey(Struct, frozen=True, tag="match_key", tag_field="type"):
    """The question opens: its key, written to both at the instant, in an order drawn anew; again to whoever returns."""

    question: int
    key: bytes


class ServerMatchAnswered(Struct, frozen=True, tag="match_answered", tag_field="type"):
    """The answer that is recorded, durably: the first one. `status` is `accepted` or `late`; `flagged`: the elapsed
    time is from the scheduled opening, since the key did not go out on this connection.
    """

    question: int
    response: list[str]
    status: str
    stamp_us: int
    elapsed_us: int
    flagged: bool = False


MatchClientMessage = ClientHello | ClientProbe | ClientMatchAnswer | ClientMatchLeave
MatchServerMessage = (
    ServerMatchWelcome
    | ServerMatch
    | ServerMatchSealed
    | ServerMatchKey
    | ServerMatchAnswered
    | ServerClock
    | ServerError
    | ServerBye
)
_client = msgspec.msgpack.Decoder(MatchClientMessage)
_server = msgspec.msgpack.Decoder(MatchServerMessage)


def decode_match_client(frame: bytes) -> MatchClientMessage:
    """Read a player's frame; raises `BadFrame` and nothing else."""
    return decode_small(_client, frame, MATCH_FRAME_BYTES)


def decode_match_server(frame: bytes) -> MatchServerMessage:
    """Read a frame of the server; raises `BadFrame`."""
    return decode_by(_server, frame)
