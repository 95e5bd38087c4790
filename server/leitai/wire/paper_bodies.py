"""The JSON bodies of blueprints and papers. Only `PaperPagesBody` and `FitsBody` hold questions."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

TypeName = Literal["single", "multiple", "indeterminate", "true_false", "fill_in", "short_answer", "case"]
Title = Annotated[str, Meta(min_length=1, max_length=100)]


class LineBody(Struct, frozen=True):
    """So many questions of a type, of a module and a difficulty (1 easy to 5 hard) or of any (empty, 0)."""

    type: TypeName
    count: Annotated[int, Meta(ge=1, le=300)]
    module: Annotated[str, Meta(max_length=50)] = ""
    difficulty: Annotated[int, Meta(ge=0, le=5)] = 0


class WorthBody(Struct, frozen=True):
    """What an item of a type is worth and how long its window is when streamed."""

    type: TypeName
    centipoints: Annotated[int, Meta(ge=1, le=10_000)]
    seconds: Annotated[int, Meta(ge=1, le=3600)]
    marking: Literal["exact", "partial"] = "exact"


class BlueprintBody(Struct, frozen=True):
    """A paper's plan: items in the order of `worth`. Left out: what was used in the last `contests` contests, or, with
    `practice`, what contestants may have met in practice; retired questions always.
    """

    lines: Annotated[list[LineBody], Meta(max_length=100)]
    worth: Annotated[list[WorthBody], Meta(max_length=7)]
    contests: Annotated[int, Meta(ge=0, le=100)] = 0
    practice: bool = False


class StoredBlueprintBody(Struct, frozen=True):
    """A blueprint that is kept; `version` goes back when it is saved anew."""

    blueprint: int
    title: str
    body: BlueprintBody
    version: int
    actor: str
    changed_us: int


class BlueprintsBody(Struct, frozen=True):
    """The blueprints that are kept, that of the rules, and the modules there are."""

    blueprints: list[StoredBlueprintBody]
    standard: BlueprintBody
    modules: list[str]


class SaveBlueprintRequest(Struct, frozen=True):
    """A blueprint to be kept: a new one (0) or in place of `version` of one."""

    title: Title
    body: BlueprintBody
    blueprint: int = 0
    version: int = 0


class BlueprintSaved(Struct, frozen=True):
    """The number of a blueprint."""

    blueprint: int


class ShortageBody(Struct, frozen=True):
    """Lines (by place, from 0) that need more than they have together."""

    lines: list[int]
    needs: int
    has: int


class FeasibilityBody(Struct, frozen=True):
    """What each line could draw on by itself, and every shortage; none: the bank can fill the blueprint."""

    has: list[int]
    shortages: list[ShortageBody]


class AssembleRequest(Struct, frozen=True):
    """A paper to be assembled. An empty seed is drawn by the server; `blueprint` is the kept one it came from, or 0."""

    title: Title
    body: BlueprintBody
    blueprint: int = 0
    seed: Annotated[str, Meta(max_length=100)] = ""


class PaperMade(Struct, frozen=True):
    """The number of the new paper."""

    paper: int


class PaperHeadBody(Struct, frozen=True):
    """A paper in short. `makers` assembled or changed it; `approvers` approved it since it was last submitted."""

    paper: int
    title: str
    state: str
    edition: int
    items: int
    centipoints: int
    seconds: int
    created_us: int
    session: str
    makers: list[str]
    approvers: list[str]


class PapersBody(Struct, frozen=True):
    """The papers, the newest first."""

    papers: list[PaperHeadBody]


class PaperActBody(Struct, frozen=True):
    """What was done with a paper, by whom and when, and why where a reason was given."""

    kind: str
    edition: int
    actor: str
    at_us: int
    note: str


class PaperLookBody(Struct, frozen=True):
    """Somebody looked at the questions of a paper, or was refused (`what`)."""

    actor: str
    at_us: int
    edition: int
    what: str


class PaperRecordBody(Struct, frozen=True):
    """A paper, what was done with it and who looked, the newest look first; and what whoever asks may do with it."""

    head: PaperHeadBody
    acts: list[PaperActBody]
    looks: list[PaperLookBody]
    sees: bool
    may: list[str]


class PaperOptionBody(Struct, frozen=True):
    """An option and whether the key has it."""

    id: str
    text: str
    right: bool


class PaperQuestionBody(Struct, frozen=True):
    """A question with its key. `blanks` are the accepted texts of each blank, or reference answers."""

    question: int
    type: str
    module: str
    point: str
    difficulty: int
    stem: str
    options: list[PaperOptionBody]
    blanks: list[list[str]]
    parts: list[str]
    explanation: str


class PaperMediaBody(Struct, frozen=True):
    """A file of the bank that an item shows, and the words for those who do not see it.

    `width` and `height` are a picture's in pixels, 0 of a film.
    """

    media: str
    type: str
    width: int
    height: int
    caption: str


class PaperItemBody(Struct, frozen=True):
    """An item of a draft."""

    item: int
    centipoints: int
    seconds: int
    question: PaperQuestionBody
    media: list[PaperMediaBody]


class ReplacementBody(Struct, frozen=True):
    """An item that was replaced, `drawn` by lot or chosen `by_hand`, and why."""

    item: int
    how: str
    reason: str
    actor: str


class PaperPagesBody(Struct, frozen=True):
    """A draft's questions. `seed` and `bank_state` (SHA-256 of what assembly saw of the bank) repeat the assembly."""

    paper: int
    edition: int
    seed: str
    bank_state: str
    items: list[PaperItemBody]
    replacements: list[ReplacementBody]


class FitsBody(Struct, frozen=True):
    """Questions that could take an item's place."""

    questions: list[PaperQuestionBody]


class ReplaceRequest(Struct, frozen=True):
    """An item to be replaced: by `question`, or by the next by lot (0); `edition` is the one that was seen."""

    edition: int
    item: Annotated[int, Meta(ge=1, le=300)]
    reason: Annotated[str, Meta(max_length=500)]
    question: int = 0


class PaperActRequest(Struct, frozen=True):
    """`submit` for review, `approve`, `return` (with a reason) or `seal` the edition that was seen."""

    act: Literal["submit", "approve", "return", "seal"]
    edition: int
    note: Annotated[str, Meta(max_length=500)] = ""


class PaperMoved(Struct, frozen=True):
    """Where the paper stands now."""

    state: str
