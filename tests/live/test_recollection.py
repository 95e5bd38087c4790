"""Sessions that are over, from the record: loaded when they are asked for, few kept, anew when the record moves."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from leitai.live import recollection
from leitai.live.clock import ContestClock
from leitai.live.ports import EarlierSession, SessionFile, SessionScript, SessionState, SittingEvent
from leitai.live.recollection import DESKS, FILES, Recollection
from leitai.live.sight import ItemState
from leitai.rules.timeline import windows
from leitai.rules.values import Answer, AnswerStatus, ItemNo, Micros, Phase, SessionId, SittingId
from tests.support.live import START, session_file

NOWHERE: Any = None
"""Streams of which nothing is read."""


class FixedTime:
    """A clock that stands."""

    async def time_us(self) -> Micros:
        return START


class FakeRecord:
    """Sessions 1 to 20, all closed; counts what is loaded."""

    def __init__(self) -> None:
        self.phases = {SessionId(number): Phase.CLOSED for number in range(1, 21)}
        self.revision = "1"
        self.loaded: list[int] = []
        self.filled: list[int] = []
        self.scripts: dict[int, SessionScript] = {}
        self.given: list[Answer] = []
        self.happened: list[SittingEvent] = []

    async def earlier_sessions(self, session_id: SessionId | None = None) -> list[EarlierSession]:
        return [
            EarlierSession(number, "比赛", f"第{number}场", phase, START, self.revision)
            for number, phase in self.phases.items()
            if session_id in (None, number)
        ]

    async def load_session(self, session_id: SessionId) -> SessionFile:
        self.loaded.append(session_id)
        return session_file(session_id)

    async def script(self, session_id: SessionId) -> SessionScript | None:
        return self.scripts.get(session_id)

    async def answers(self, session_id: SessionId) -> list[Answer]:
        self.filled.append(session_id)
        return self.given

    async def conduct(self, session_id: SessionId) -> list[SittingEvent]:
        return self.happened


def answer(sitting: int, item: int, stamp_us: int, offset: int) -> Answer:
    return Answer(
        *(SittingId(sitting), ItemNo(item), offset, ("A",), Micros(stamp_us), Micros(5_000_000), False, offset),
        AnswerStatus.ACCEPTED,
    )


@pytest.fixture
def record() -> FakeRecord:
    return FakeRecord()


@pytest.fixture
def past(record: FakeRecord) -> Recollection:
    return Recollection(record, lambda _file: (NOWHERE, ContestClock(FixedTime())))


async def test_a_session_is_as_it_was_left(record: FakeRecord, past: Recollection) -> None:
    file = session_file(3)
    state = SessionState(
        Phase.RUNNING, file.start_us, 4, tuple(windows(file.plan, file.start_us))[:3], skipped=(ItemNo(4),)
    )
    record.scripts[3] = SessionScript(state, ())
    # Shards come one after another; the tail has them as they came.
    record.given = [answer(1, 1, 30, 1), answer(2, 1, 10, 1), answer(3, 1, 20, 2)]
    record.happened = [SittingEvent(SittingId(1), START, "superseded")]
    sight = await past.sight(SessionId(3))
    # The script may lag behind the phase.
    assert sight.phase is Phase.CLOSED
    assert [*sight.items().values()] == [ItemState.CLOSED] * 3 + [ItemState.SKIPPED]
    assert sight.clock.known
    desk = await past.desk(sight)
    assert [one.answer.sitting_id for one in desk.tail(9)] == [1, 3, 2]
    assert [one.kind for one in desk.anomalies()] == ["two-devices"]
    plain = await past.sight(SessionId(4))
    assert [*plain.items().values()] == [ItemState.CLOSED] * 4


async def test_many_who_ask_at_once_load_it_once(record: FakeRecord, past: Recollection) -> None:
    sights = await asyncio.gather(*[past.sight(SessionId(5)) for _ in range(9)])
    desks = await asyncio.gather(*[past.desk(sights[0]) for _ in range(9)])
    assert (len(set(map(id, sights))), len(set(map(id, desks)))) == (1, 1)
    assert (record.loaded, record.filled) == ([5], [5])


async def test_few_are_kept(record: FakeRecord, past: Recollection) -> None:
    for number in range(1, FILES + 2):
        await past.desk(await past.sight(SessionId(number)))
    assert len(record.loaded) == FILES + 1
    # The newest are there still, the oldest is not.
    for number in range(FILES + 2 - DESKS, FILES + 2):
        await past.desk(await past.sight(SessionId(number)))
    assert (len(record.loaded), len(record.filled)) == (FILES + 1, FILES + 1)
    await past.desk(await past.sight(SessionId(1)))
    assert (record.loaded[-1], record.filled[-1]) == (1, 1)


async def test_what_the_record_learns_is_seen(
    record: FakeRecord, past: Recollection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recollection, "LOOK_S", 0.0)
    before = await past.sight(SessionId(6))
    assert await past.sight(SessionId(6)) is before
    record.phases[SessionId(6)] = Phase.FINALIZED
    final = await past.sight(SessionId(6))
    assert (before.phase, final.phase) == (Phase.CLOSED, Phase.FINALIZED)
    desk = await past.desk(final)
    record.revision, record.given = "2", [answer(1, 1, 30, 1)]
    assert (desk.newest, (await past.desk(await past.sight(SessionId(6)))).newest) == (0, 1)


async def test_only_what_is_over_is_there(record: FakeRecord, past: Recollection) -> None:
    with pytest.raises(KeyError):
        await past.sight(SessionId(21))
    assert len(await past.sessions()) == 20
    assert replace((await past.sessions())[0], revision="") == EarlierSession(
        SessionId(1), "比赛", "第1场", Phase.CLOSED, START, ""
    )
