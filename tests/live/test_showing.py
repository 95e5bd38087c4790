"""Showing boards to thousands: in slices, contestants first, of boards the latest, and nothing to who does not read."""

import asyncio
import time
from collections.abc import Sequence

import pytest

from leitai.live import showing
from leitai.live.boards import BoardTable
from leitai.live.connection import Connection, Stage
from leitai.live.ports import BoardUpdate
from leitai.live.showing import APART, APART_REST_S, SLICE, Showing
from leitai.rules.values import SittingId
from leitai.wire.messages import ClientWatch, ServerBoard, ServerMoves, ServerProgress, View
from tests.support.live import FakeHub, FakeLink, session_file
from tests.support.waiting import PATIENCE_S, eventually

FILE = session_file(members=60)
WATCH = ClientWatch(View.INDIVIDUALS)


class Hall:
    """An audience before a board that moves when told to."""

    def __init__(self, *, apart: bool = False) -> None:
        self.table = BoardTable(FILE.members, FILE.delegations)
        self.everyone: dict[Connection, None] = {}
        self.serving = False
        self.crowded = False
        self.showing = Showing(
            FILE, self.table, self.everyone, self._write, lambda: self.serving, lambda: self.crowded, apart=apart
        )
        self.move(1)

    def _write(self, connection: Connection, frames: Sequence[bytes]) -> None:
        connection.send_many(frames)

    def move(self, points: int, *, answered: int = 0) -> None:
        """Give everyone so many centipoints."""
        base = self.table.version
        rows = [(key, key, 1, points, 1000) for key in range(1, 61)]
        assert self.table.apply(BoardUpdate(base + 1, base, not base, rows, [], answered=answered))

    def seat(self, count: int, *, sitting: int = 0) -> list[tuple[Connection, FakeLink]]:
        """Let viewers in, or one contestant."""
        seated: list[tuple[Connection, FakeLink]] = []
        for _ in range(count):
            link = FakeLink()
            connection = Connection(FakeHub(), link, 0)
            connection.stage = Stage.LIVE
            connection.sitting_id = SittingId(sitting)
            self.everyone[connection] = None
            seated.append((connection, link))
        return seated

    def watchers(self, count: int) -> list[tuple[Connection, FakeLink]]:
        """Let viewers in who watch the first page, and forget what they were told at first."""
        seated = self.seat(count)
        for connection, link in seated:
            self.showing.watch(connection, WATCH)
            link.frames.clear()
        return seated


def boards(link: FakeLink) -> list[tuple[bool, int, int]]:
    """Take whether each board frame was whole, its base (0 when whole), and its version."""
    told: list[tuple[bool, int, int]] = []
    for message in link.said():
        if isinstance(message, ServerBoard):
            told.append((True, 0, message.version))
        elif isinstance(message, ServerMoves):
            told.append((False, message.base, message.version))
    return told


async def test_a_round_lets_the_loop_turn_after_every_slice() -> None:
    hall = Hall()
    audience = hall.watchers(3 * SLICE)
    hall.move(2)
    written: list[int] = []
    round_ = asyncio.create_task(hall.showing.round())
    while not round_.done():
        await asyncio.sleep(0)
        written.append(sum(bool(link.frames) for _, link in audience))
    assert written[-1] == 3 * SLICE
    assert max(after - before for before, after in zip([0, *written], written, strict=False)) <= SLICE
    assert {tuple(boards(link)) for _, link in audience} == {((False, 1, 2),)}


async def test_where_only_viewers_are_a_round_leaves_the_processor_between_slices() -> None:
    hall = Hall(apart=True)
    audience = hall.watchers(3 * APART)
    hall.move(2)
    began = time.monotonic()
    round_ = asyncio.create_task(hall.showing.round())
    while not any(link.frames for _, link in audience):  # noqa: ASYNC110 (turn by turn)
        await asyncio.sleep(0)
    assert sum(bool(link.frames) for _, link in audience) == APART
    await round_
    assert time.monotonic() - began >= 3 * APART_REST_S
    assert {tuple(boards(link)) for _, link in audience} == {((False, 1, 2),)}


async def test_who_comes_in_the_middle_of_a_round_gets_the_page_once() -> None:
    hall = Hall()
    audience = hall.watchers(2 * SLICE)
    hall.move(2)
    round_ = asyncio.create_task(hall.showing.round())
    while not any(link.frames for _, link in audience):  # noqa: ASYNC110 (turn by turn)
        await asyncio.sleep(0)
    (newcomer, link), *_ = hall.seat(1)
    hall.showing.watch(newcomer, WATCH)
    last, last_link = audience[-1]
    assert not last_link.frames
    hall.showing.watch(last, WATCH)
    await round_
    assert boards(link) == boards(last_link) == [(True, 0, 2)]
    hall.move(3)
    await hall.showing.round()
    assert boards(link) == boards(last_link) == [(False, 2, 3)]


async def test_the_page_moves_on_for_nobody_before_the_next_round() -> None:
    hall = Hall()
    (early, early_link), *_ = hall.watchers(1)
    hall.move(2)
    hall.move(3)
    (_, late_link), *_ = hall.watchers(1)
    await hall.showing.round()
    assert boards(early_link) == boards(late_link) == [(False, 1, 3)]
    hall.showing.forget(early)
    hall.move(4)
    await hall.showing.round()
    assert (boards(early_link), boards(late_link)) == ([], [(False, 3, 4)])


async def test_who_does_not_read_is_left_out_and_gets_the_page_whole_later() -> None:
    hall = Hall()
    (slow, slow_link), (_, quick_link) = hall.watchers(2)
    slow.stalled_us = 1
    for points in (2, 3):
        hall.move(points)
        await hall.showing.round()
    assert boards(quick_link) == [(False, 1, 2), (False, 2, 3)]
    assert not slow_link.frames
    slow.stalled_us = 0
    hall.showing.resumed(slow)
    assert boards(slow_link) == [(True, 0, 3)]
    hall.showing.resumed(slow)
    assert boards(slow_link) == []
    hall.move(4)
    await hall.showing.round()
    assert boards(slow_link) == boards(quick_link) == [(False, 3, 4)]


async def test_viewers_wait_while_contestants_are_served_but_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(showing, "PATIENCE_S", 3600.0)
    hall = Hall()
    ((_, link),) = hall.watchers(1)
    hall.move(2)
    hall.serving = True
    round_ = asyncio.create_task(hall.showing.round())
    await asyncio.sleep(0.02)
    assert not link.frames
    hall.move(3)
    hall.serving = False
    await round_
    assert boards(link) == [(False, 1, 3)]
    monkeypatch.setattr(showing, "PATIENCE_S", 0.03)
    hall.serving = True
    hall.move(4)
    async with asyncio.timeout(PATIENCE_S):
        await hall.showing.round()
    assert boards(link) == [(False, 3, 4)]


async def test_viewers_wait_longer_while_a_crowd_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(showing, "PATIENCE_S", 0.0)
    monkeypatch.setattr(showing, "CROWD_PATIENCE_S", 3600.0)
    hall = Hall()
    ((_, link),) = hall.watchers(1)
    hall.move(2)
    hall.serving = hall.crowded = True
    round_ = asyncio.create_task(hall.showing.round())
    await asyncio.sleep(0.02)
    assert not link.frames
    hall.crowded = False
    await round_
    assert boards(link) == [(False, 1, 2)]


async def test_progress_is_told_when_it_moved_to_viewers_only() -> None:
    hall = Hall()
    ((_, link),) = hall.watchers(1)
    (_, contestant), *_ = hall.seat(1, sitting=5)
    await hall.showing.round()
    link.frames.clear()
    await hall.showing.round()
    assert link.frames == []
    hall.move(1, answered=17)
    await hall.showing.round()
    (told,) = [message for message in link.said() if isinstance(message, ServerProgress)]
    assert told.answered == 17
    assert contestant.frames == []


async def test_a_round_shows_what_several_updates_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(showing, "EVERY_S", 0.3)
    hall = Hall()
    ((_, link),) = hall.watchers(1)
    running = asyncio.create_task(hall.showing.run())

    def moved(points: int) -> None:
        hall.move(points)
        hall.showing.board_moved([BoardUpdate(points, points - 1, False, [(1, 1, 1, points, 1000)], [])])

    async def shown() -> list[tuple[bool, int, int]]:
        return boards(link)

    try:
        moved(2)
        (first,) = await eventually(shown, bool)
        # The next round is not due for a while, or it shows all of these.
        for points in range(3, 10):
            moved(points)
        (second,) = await eventually(shown, bool)
    finally:
        running.cancel()
    assert (first, second) == ((False, 1, 2), (False, 2, 9))


async def test_numbers_alone_take_no_more_than_their_share_and_news_wait_for_no_share(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hall = Hall()
    ((_, link),) = hall.watchers(1)
    hall.showing.board_moved([BoardUpdate(2, 1, False, [], [])])
    monkeypatch.setattr(showing, "EVERY_S", 0.0)
    monkeypatch.setattr(showing, "NUMBERS_SHARE", 1e-9)  # another round of them would be due in an hour at the earliest
    running = asyncio.create_task(hall.showing.run())
    try:
        async with asyncio.timeout(PATIENCE_S):
            await _told(link, ServerProgress)
            hall.table.connected += 1
            hall.showing.board_moved([BoardUpdate(3, 2, False, [], [])])
            for _ in range(50):
                await asyncio.sleep(0)
            assert link.said() == []
            hall.move(2)
            hall.showing.board_moved([BoardUpdate(3, 2, False, [(1, 1, 1, 2, 1000)], [])])
            await _told(link, ServerMoves)
    finally:
        running.cancel()


async def _told(link: FakeLink, kind: type) -> None:
    async def frames() -> int:
        return len(link.frames)

    await eventually(frames, bool)
    assert kind in {type(message) for message in link.said()}
