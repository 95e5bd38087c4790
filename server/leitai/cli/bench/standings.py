"""`leitai bench standings`: what the director spends to bring the standings up to date."""

import random
import time
from collections.abc import Callable

from leitai.cli.bench.telling import tell
from leitai.live.boards import BoardTable
from leitai.live.ports import BoardFollows, BoardUpdate, Delegation, SessionFile
from leitai.live.standings import Standings
from leitai.rules.values import (
    Answer,
    AnswerStatus,
    Counted,
    DelegationCode,
    ItemNo,
    Key,
    Member,
    Micros,
    Pacing,
    PaperItem,
    Phase,
    Plan,
    QuestionType,
    SessionId,
    SittingId,
    Window,
)

_BATCH = 256
_ITEMS = 20
_WINDOW_US = 30_000_000
_DELEGATIONS = 32


def standings(*, contestants: int = 1600, batches: int = 12) -> None:
    """Tell CPU milliseconds with so many contestants: `batch_ms` for 256 answers and the board update after them,
    `quiet_ms` for 256 answers to an open item on a board that waits for closings, `closing_ms` for the closing of an
    item that all have answered with its update, `table_ms` for a gateway that takes that update, and `sort_ms` for
    sorting as many numbers, the floor."""
    draw = random.Random(1)  # noqa: S311 (answers made up)
    found: dict[str, float] = {"contestants": contestants}
    _fill(found, _of(contestants, BoardFollows.ANSWER), draw, batches, ("batch_ms", "batch_worst_ms"))
    _fill(found, _of(contestants, BoardFollows.CLOSE), draw, batches, ("quiet_ms", "quiet_worst_ms"))
    found["closing_ms"], found["table_ms"] = _close(_of(contestants, BoardFollows.CLOSE), draw)
    numbers = [draw.getrandbits(60) for _ in range(contestants)]
    found["sort_ms"] = _ms(lambda: sorted(numbers))
    tell(**found)


def _fill(
    found: dict[str, float], file: SessionFile, draw: random.Random, batches: int, names: tuple[str, str]
) -> None:
    """Let everyone answer the first item and close it, then measure batches of answers to the second."""
    board = Standings(file)
    offset = _everyone(board, file, draw, ItemNo(1))
    board.close(_window(1))
    board.update(ItemNo(2), full=True)
    order = draw.sample(range(len(file.members)), min(len(file.members), batches * _BATCH))
    took: list[float] = []
    for batch in range(0, len(order), _BATCH):
        answers = [
            _answer(SittingId(member + 1), ItemNo(2), offset + batch + place, draw)
            for place, member in enumerate(order[batch : batch + _BATCH], 1)
        ]

        def take(answers: list[Answer] = answers) -> None:
            for answer in answers:
                board.record(answer)
            board.update(ItemNo(2))

        took.append(_ms(take))
    found[names[0]] = round(sum(took) / len(took), 3)
    found[names[1]] = round(max(took), 3)


def _close(file: SessionFile, draw: random.Random) -> tuple[float, float]:
    board, table = Standings(file), BoardTable(file.members, file.delegations)
    _everyone(board, file, draw, ItemNo(1))
    board.close(_window(1))
    _take(table, board.update(ItemNo(1)))
    _everyone(board, file, draw, ItemNo(2))
    updates: list[BoardUpdate | None] = []

    def close() -> None:
        board.close(_window(2))
        updates.append(board.update(ItemNo(0)))

    return _ms(close), _ms(lambda: _take(table, updates[0]))


def _take(table: BoardTable, update: BoardUpdate | None) -> None:
    assert update is not None
    assert table.apply(update)


def _ms(work: Callable[[], object]) -> float:
    began = time.process_time_ns()
    work()
    return round((time.process_time_ns() - began) / 1e6, 3)


def _everyone(board: Standings, file: SessionFile, draw: random.Random, item: ItemNo) -> int:
    for offset, member in enumerate(file.members, 1):
        board.record(_answer(member.sitting_id, item, offset, draw))
    return len(file.members)


def _answer(sitting: SittingId, item: ItemNo, offset: int, draw: random.Random) -> Answer:
    elapsed = Micros(draw.randrange(1_000_000, _WINDOW_US))
    return Answer(sitting, item, item, (draw.choice("ABCD"),), Micros(0), elapsed, False, offset, AnswerStatus.ACCEPTED)


def _window(item: int) -> Window:
    return Window(ItemNo(item), Micros(item * _WINDOW_US), Micros((item + 1) * _WINDOW_US))


def _of(contestants: int, follows: BoardFollows) -> SessionFile:
    codes = [DelegationCode(f"{number:02}0000") for number in range(11, 11 + _DELEGATIONS)]
    items = tuple(
        PaperItem(
            ItemNo(number), QuestionType.SINGLE, 100, 30, ("A", "B", "C", "D"), Key(frozenset({"ABCD"[number % 4]}))
        )
        for number in range(1, _ITEMS + 1)
    )
    return SessionFile(
        session_id=SessionId(1),
        contest_id=1,
        contest_title="",
        organizer="",
        title="",
        plan=Plan(Pacing.STREAMED, Counted.FIRST, items),
        start_us=Micros(0),
        lobby_opens_us=Micros(0),
        phase=Phase.RUNNING,
        secret=bytes(32),
        contents=(),
        explanations=(),
        members=tuple(Member(SittingId(number + 1), "", codes[number % _DELEGATIONS]) for number in range(contestants)),
        delegations=tuple(Delegation(code, "", "") for code in codes),
        board_follows=follows,
    )
