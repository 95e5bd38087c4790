"""The JSON bodies of marking. Blind: nothing in them says whose an answer is, or what another judge gave it."""

from typing import Annotated

from msgspec import Meta, Struct


class MarkingProgress(Struct, frozen=True):
    """How far the marking of one item is, in answers; `differing` ones wait for a third judge."""

    item: int
    type: str
    unmarked: int
    one: int
    differing: int
    settled: int


class MarkingProgressBody(Struct, frozen=True):
    """How far the marking is. A third judge is asked where two totals differ by more of the points."""

    session: int
    phase: str
    difference_percent: int
    items: list[MarkingProgress]


class MarkingPart(Struct, frozen=True):
    """A text that is asked for: the sub-item of a case (empty in a short-answer item), and its reference answers."""

    text: str
    reference: list[str]
    centipoints: int


class MarkingItem(Struct, frozen=True):
    """An item that judges mark, as it stands in the paper."""

    item: int
    type: str
    stem: str
    parts: list[MarkingPart]


class MarkingAnswer(Struct, frozen=True):
    """An answer to be marked. `id` is this judge's own name for it."""

    id: str
    item: int
    response: list[str]


class MarkingQueue(Struct, frozen=True):
    """The next answers for this judge, in the order to take them, of all `waiting` ones; and their items."""

    session: int
    phase: str
    waiting: int
    answers: list[MarkingAnswer]
    items: list[MarkingItem]
    progress: MarkingProgressBody


class MarkRequest(Struct, frozen=True):
    """What a judge gives an answer: centipoints for each part."""

    session: Annotated[int, Meta(ge=0, le=2**31 - 1)]
    id: Annotated[str, Meta(max_length=200)]
    centipoints: Annotated[list[Annotated[int, Meta(ge=0, le=1_000_000)]], Meta(max_length=40)]
