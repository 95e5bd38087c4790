"""The JSON bodies of words between operators and contestants."""

from typing import Annotated

from msgspec import Meta, Struct

Words = Annotated[str, Meta(min_length=1, max_length=500)]


class AnnounceRequest(Struct, frozen=True):
    """Words for a delegation, a room of it, or one contestant by admission number: exactly one of these ways."""

    session: int
    text: Words
    delegation: Annotated[str, Meta(max_length=6)] = ""
    room: Annotated[str, Meta(max_length=100)] = ""
    admission_no: Annotated[str, Meta(max_length=20)] = ""


class AnswerQuestionRequest(Struct, frozen=True):
    """The answer to a contestant's question, for whoever asked or for all."""

    text: Words
    to_all: bool = False


class ClarificationBody(Struct, frozen=True):
    """A contestant's question, and its answer if `answered_at_us` is not 0. `item` is 0 when it is about none."""

    id: int
    sitting: int
    name: str
    delegation: str
    room: str
    item: int
    question: str
    at_us: int
    answer: str
    answered_by: str
    answered_at_us: int
    to_all: bool


class AnnouncementBody(Struct, frozen=True):
    """What was announced, to whom: everyone, a delegation, a room of it, or one contestant (`name`)."""

    id: int
    text: str
    by: str
    at_us: int
    delegation: str
    room: str
    name: str


class WordsBody(Struct, frozen=True):
    """All words of the session in force: questions by age, announcements with the newest first."""

    session: int
    phase: str
    server_us: int
    questions: list[ClarificationBody]
    announcements: list[AnnouncementBody]
