"""A month's sitting for tests: a paper of the bank's questions that keys mark, and what somebody answered."""

from collections.abc import Sequence

from leitai.office.papers import assemble
from leitai.office.ports import OfficeStore
from leitai.office.practice.monthly import assemble_month
from leitai.rules.timeline import BEGINNING
from leitai.rules.values import (
    Answer,
    AnswerStatus,
    ItemNo,
    Micros,
    PaperItem,
    Plan,
    QuestionType,
    Response,
    SessionId,
    SittingId,
)
from leitai.stores.postgres.archive import PostgresArchive
from tests.support.office import batch, questions

MIX = {QuestionType.INDETERMINATE: 3, QuestionType.TRUE_FALSE: 2}


async def monthly_paper(office: OfficeStore, title: str = "月月比试卷", *, whole: bool = False) -> int:
    """Return the id of a sealed paper of five items, or of the defaults' fifty, from a bank that is brought in."""
    await office.import_bank(batch("bank"), questions(200 if whole else 60))
    bank = await office.bank()
    lines = assemble_month(bank, title) if whole else assemble(bank, MIX, title)
    return await office.create_paper(title, title, lines)


def right(item: PaperItem) -> Response:
    """The right response to an item that a key of options marks."""
    return tuple(sorted(item.key.options))


async def sat(
    archive: PostgresArchive,
    session_id: SessionId,
    sitting_id: SittingId,
    plan: Plan,
    begun_us: int,
    marked: Sequence[bool],
    offset: int,
) -> None:
    """Record what somebody answered, right or wrong by item, a second apart; `offset` is the last one that was used."""
    answers = [_answer(sitting_id, BEGINNING, 1, (), begun_us, 0, offset + 1)]
    for at, (item, well) in enumerate(zip(plan.items, marked, strict=True), 1):
        wrong = next((one,) for one in item.option_ids if (one,) != right(item))
        answers.append(
            _answer(sitting_id, item.item_no, at + 1, right(item) if well else wrong, begun_us, at, offset + 1 + at)
        )
    await archive.record_answers(session_id, 0, f"{answers[-1].offset}-0", answers)


def _answer(
    sitting_id: SittingId, item: ItemNo, seq: int, response: Response, begun_us: int, second: int, offset: int
) -> Answer:
    elapsed_us = second * 1_000_000
    return Answer(
        sitting_id,
        item,
        seq,
        response,
        Micros(begun_us + elapsed_us),
        Micros(elapsed_us),
        True,
        offset,
        AnswerStatus.ACCEPTED,
    )
