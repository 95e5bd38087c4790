"""The JSON bodies of the question bank and the syllabus. Times are microseconds of the Unix epoch."""

from msgspec import Struct


class CasePart(Struct, frozen=True):
    """A sub-item of a case with its reference answer."""

    text: str = ""
    reference: str = ""


class QuestionWords(Struct, frozen=True):
    """What a question says, as it is written and read.

    `right` are the right options' ids (`A`…`H`; `T` or `F` of true-false); `blanks` the alternatives of each blank of a
    fill-in; `reference` the answer of a short-answer; `parts` the sub-items of a case, whose shared stem is `stem`.
    `point` is the knowledge point's id, 0 for none; `point_name`, what it was called then, is not read.
    """

    type: str = ""
    stem: str = ""
    options: list[str] = []
    right: list[str] = []
    blanks: list[list[str]] = []
    reference: str = ""
    parts: list[CasePart] = []
    explanation: str = ""
    difficulty: int = 3
    module: str = ""
    point: int = 0
    point_name: str = ""
    tags: list[str] = []


class QuestionFound(Struct, frozen=True):
    """A question in a list, by its newest version. `usable`: the version that papers may take, 0 for none."""

    question: int
    version: int
    state: str
    usable: int
    type: str
    stem: str
    difficulty: int
    module: str
    point: str
    author: str
    at_us: int


class QuestionsBody(Struct, frozen=True):
    """A page of what was found. `more`: there are more than `total`; only so many of the newest are ranked."""

    rows: list[QuestionFound]
    total: int
    more: bool
    page: int
    size: int


class QuestionVersion(Struct, frozen=True):
    """A version. `imported_from`: the file that brought it, or empty."""

    version: int
    state: str
    author: str
    author_name: str
    at_us: int
    imported_from: str
    words: QuestionWords


class QuestionAct(Struct, frozen=True):
    """What was done with a version."""

    version: int
    move: str
    actor: str
    actor_name: str
    reason: str
    at_us: int


class QuestionComment(Struct, frozen=True):
    """A comment on a version."""

    comment: int
    version: int
    author: str
    author_name: str
    text: str
    at_us: int


class QuestionMove(Struct, frozen=True):
    """A move and why the reader may not make it now, as a code of wire.errors; empty: it may be made."""

    move: str
    refused: str


class QuestionBody(Struct, frozen=True):
    """All of a question: versions from the first, acts and comments in their order, and every move there is.

    `lent`: one of the nation's that provinces may use; `foreign`: it is seen by a province that it was lent to.
    """

    question: int
    state: str
    usable: int
    versions: list[QuestionVersion]
    acts: list[QuestionAct]
    comments: list[QuestionComment]
    moves: list[QuestionMove]
    lent: bool = False
    foreign: bool = False


class QuestionFault(Struct, frozen=True):
    """What is wrong with a field (`stem`, `option_A`, `answer`, …); `part` is the sub-item of a case, from 1, or 0."""

    field: str
    part: int
    code: str
    message: str


class QuestionSaved(Struct, frozen=True):
    """What became of words: a question, or what is wrong with them, when nothing was kept."""

    question: QuestionBody | None
    faults: list[QuestionFault]


class QuestionWrite(Struct, frozen=True):
    """Words of a new version, and the version and state of the newest one that its writer saw."""

    version: int
    state: str
    words: QuestionWords


class QuestionMoveRequest(Struct, frozen=True):
    """A move on the newest version, as its maker saw it."""

    move: str
    version: int
    state: str
    reason: str = ""


class QuestionCommentRequest(Struct, frozen=True):
    """A comment on a version."""

    version: int
    text: str


class DifferencePiece(Struct, frozen=True):
    """A stretch of text: `same`, `removed` or `added`."""

    kind: str
    text: str


class FieldDifference(Struct, frozen=True):
    """A field that differs. `place`: which option or sub-item of it, or empty."""

    field: str
    place: str
    pieces: list[DifferencePiece]


class DifferencesBody(Struct, frozen=True):
    """What differs between two versions, in reading order."""

    older: int
    newer: int
    fields: list[FieldDifference]


class SyllabusEdition(Struct, frozen=True):
    """An edition in short; `published_at_us` is 0 for a draft. `in_work`: the newest, the only one that changes."""

    edition: int
    name: str
    based_on: int
    created_by: str
    created_at_us: int
    published_at_us: int
    points: int
    in_work: bool


class SyllabusPoint(Struct, frozen=True):
    """A knowledge point. `supplement`: added after the publication; `questions`: how many in use refer to it."""

    point: int
    name: str
    retired: bool
    reason: str
    supplement: bool
    questions: int


class SyllabusModule(Struct, frozen=True):
    """A module with its points in their order."""

    name: str
    points: list[SyllabusPoint]


class SyllabusBody(Struct, frozen=True):
    """Every edition, the newest first, and one of them whole."""

    editions: list[SyllabusEdition]
    shown: SyllabusEdition
    modules: list[SyllabusModule]


class EditionRequest(Struct, frozen=True):
    """A new edition, made of the one in work."""

    name: str


class PointRequest(Struct, frozen=True):
    """A new point of a module."""

    module: str
    name: str


class PointChange(Struct, frozen=True):
    """`act`: rename (to `name`), retire (for `reason`) or restore."""

    act: str
    name: str = ""
    reason: str = ""
