"""Short ways to the values of the law, for its tests."""

from collections.abc import Sequence

from leitai.rules.values import (
    JUDGED,
    Answer,
    AnswerStatus,
    Counted,
    ItemNo,
    Key,
    Marking,
    Micros,
    Pacing,
    PaperItem,
    Plan,
    QuestionType,
    Response,
    Score,
    SittingId,
    Window,
)

SECOND = 1_000_000
START = Micros(1_664_000_000_000_000)


def item(
    item_no: int = 1,
    type: QuestionType = QuestionType.SINGLE,  # noqa: A002 - named as the field
    *,
    right: str = "A",
    options: str = "ABCD",
    blanks: Sequence[Sequence[str]] = (),
    centipoints: int = 100,
    seconds: int = 20,
    marking: Marking = Marking.EXACT,
) -> PaperItem:
    if type is QuestionType.TRUE_FALSE:
        options = "TF"
    if type in {QuestionType.FILL_IN, *JUDGED}:
        options = right = ""
        blanks = blanks or [[]]
    key = Key(frozenset(right), tuple(tuple(alternatives) for alternatives in blanks))
    return PaperItem(ItemNo(item_no), type, centipoints, seconds, tuple(options), key, marking)


def plan(
    items: Sequence[PaperItem], pacing: Pacing = Pacing.STREAMED, counted: Counted = Counted.FIRST, **fields: Micros
) -> Plan:
    return Plan(pacing, counted, tuple(items), **fields)


def answer(
    item_no: int,
    response: str | Response,
    *,
    sitting: int = 1,
    offset: int = 1,
    elapsed_us: int = SECOND,
    status: AnswerStatus = AnswerStatus.ACCEPTED,
) -> Answer:
    return Answer(
        SittingId(sitting),
        ItemNo(item_no),
        offset,
        tuple(response),
        Micros(START + elapsed_us),
        Micros(elapsed_us),
        elapsed_flagged=False,
        offset=offset,
        status=status,
    )


def window(item_no: int, length_us: int = 20 * SECOND, opens_at_us: int = START) -> Window:
    return Window(ItemNo(item_no), Micros(opens_at_us), Micros(opens_at_us + length_us))


def score(sitting: int, centipoints: int = 0, elapsed_us: int = 0, multiple: int = 0, true_false: int = 0) -> Score:
    return Score(SittingId(sitting), centipoints, Micros(elapsed_us), multiple, true_false)
