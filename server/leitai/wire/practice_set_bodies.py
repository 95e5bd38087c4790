"""The JSON bodies of sets of practice, for learners. Right answers stand only in what was answered.

Whatever else a client sends of points, durations or results is not read.
"""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Struct

ModuleName = Annotated[str, Meta(max_length=30)]
"""A module of the syllabus; empty: all of them."""
PractisedType = Literal["", "single", "multiple", "indeterminate", "true_false", "fill_in"]
"""A type of question; empty: all of them."""
_Text = Annotated[str, Meta(max_length=200)]
PracticeResponse = Annotated[list[_Text], Meta(max_length=20)]
"""As in a contest: option ids ascending, `T` or `F`, or one text per blank."""


class PracticeTopic(Struct, frozen=True):
    """A module and type: questions released, answered before, due again now."""

    module: str
    type: str
    released: int
    known: int
    due: int


class PracticeHomeBody(Struct, frozen=True):
    """What a learner may practise now.

    `questions` of `daily_goal`: questions of 日日学 that count today, and how many make the day count for the title.
    `weekly_sets` of `weekly_counted`: sets of 周周练 handed in today, and how many count. `weekly_ready`: there are
    enough questions for one.
    """

    day: date
    questions: int
    daily_goal: int
    weekly_sets: int
    weekly_counted: int
    weekly_ready: bool
    mistakes: int
    topics: list[PracticeTopic]


class PracticeOption(Struct, frozen=True):
    """An option of a question."""

    id: str
    text: str


class PracticePicture(Struct, frozen=True):
    """A picture, or the film of a case, that belongs to a question; `media` names it in its address.

    `caption`: what it shows, for those who do not see it. `width` and `height` in pixels, 0 for a film.
    """

    media: str
    type: str
    width: int
    height: int
    caption: str


class PracticeLecture(Struct, frozen=True):
    """A film that explains a question; `media` names it in its address.

    `poster` names the picture that stands for it, empty: none. `captions`: there are some, in WebVTT.
    """

    media: str
    type: str
    title: str
    poster: str
    captions: bool


class PracticeResult(Struct, frozen=True):
    """What an answer was worth, with the right one and its explanation.

    `options`: the right options; `blanks`: the accepted texts of each blank. `point`: the knowledge point. `counted`:
    it adds a question to the day. `lecture`: a film beside the explanation.
    """

    right: bool
    response: list[str]
    options: list[str]
    blanks: list[list[str]]
    explanation: str
    point: str
    counted: bool
    lecture: PracticeLecture | None


class PracticeItem(Struct, frozen=True):
    """A question of a set; `result` is null until it may be told. `featured`: the practice office features it."""

    item: int
    question: int
    module: str
    type: str
    stem: str
    options: list[PracticeOption]
    blanks: int
    bookmarked: bool
    pictures: list[PracticePicture]
    featured: bool
    result: PracticeResult | None


class PracticeSetBody(Struct, frozen=True):
    """A set of practice.

    `kind`: `daily` (answered one by one, each with its result) or `weekly` (handed in as a whole). `state`: `open`,
    `handed_in`, `expired`. `place_of_day`: of 周周练, which of the day it was, 0 before; `counts`: its points count.
    `took_us`: from opening to hand-in, by the server's clock.
    """

    set: int
    kind: str
    module: str
    type: str
    state: str
    opened_us: int
    expires_us: int
    server_us: int
    items: list[PracticeItem]
    right: int
    centipoints: int
    place_of_day: int
    counts: bool
    took_us: int


class OpenSetRequest(Struct, frozen=True):
    """Ask for a set: of 日日学 by module and type, of 周周练 as they are drawn."""

    kind: Literal["daily", "weekly"]
    module: ModuleName = ""
    type: PractisedType = ""


class AnswerRequest(Struct, frozen=True):
    """Answer a question of a set of 日日学."""

    item: Annotated[int, Meta(ge=1, le=20)]
    response: PracticeResponse


class HandInRequest(Struct, frozen=True):
    """Hand a set of 周周练 in: a response for each item in order, empty for what is left out."""

    responses: Annotated[list[PracticeResponse], Meta(max_length=20)]


class BookEntryBody(Struct, frozen=True):
    """A question that a learner keeps.

    `explained`: `options`, `blanks` and `explanation` tell the answer; false while it was not answered, or stands in an
    open set. `wrong`: it is in the book of mistakes; `mastered`: it may leave it.
    """

    question: int
    module: str
    type: str
    stem: str
    choices: list[PracticeOption]
    bookmarked: bool
    note: str
    wrong: bool
    mastered: bool
    seen: int
    right: int
    explained: bool
    options: list[str]
    blanks: list[list[str]]
    explanation: str
    point: str
    pictures: list[PracticePicture]
    lecture: PracticeLecture | None


class BookBody(Struct, frozen=True):
    """A page of the book."""

    page: int
    pages: int
    total: int
    entries: list[BookEntryBody]


class BookmarkRequest(Struct, frozen=True):
    """Set a bookmark, or take it away."""

    on: bool


class NoteRequest(Struct, frozen=True):
    """Keep a note; empty: none."""

    text: Annotated[str, Meta(max_length=500, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")]
