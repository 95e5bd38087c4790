"""Own results of sessions that are final and not in force any more: the record's own words, worked out once, and never
while others answer."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass, field

import pytest

from leitai.live.ports import SessionFile
from leitai.office import earlier_results
from leitai.office.earlier_results import EarlierResults, NotNow
from leitai.office.results import Judged, NothingThere, NotPublished, Results
from leitai.rules.values import Answer, Phase, SessionId, SittingId
from leitai.stores.postgres.results_store import final_sessions
from tests.support.finished import finished_contest
from tests.support.office import Stores, stores_at


@dataclass
class Past:
    """A record with a session, and what it was asked for."""

    stores: Stores
    file: SessionFile
    at_rest: bool = True
    judged: int = 0
    read: list[SittingId] = field(default_factory=list[SittingId])

    def __post_init__(self) -> None:
        self.results = EarlierResults(self._finals, self._judged, self._answers, lambda: self.at_rest)

    @property
    def session(self) -> SessionId:
        return self.file.session_id

    async def _finals(self) -> Collection[SessionId]:
        return {one.session_id for one in await final_sessions(self.stores.database)}

    async def _judged(self, session_id: SessionId) -> Judged:
        self.judged += 1
        return await Results(self.stores.office).judged(session_id)

    async def _answers(self, session_id: SessionId, sitting_id: SittingId) -> Sequence[Answer]:
        self.read.append(sitting_id)
        return await self.stores.office.answers(session_id, sitting_id)


@pytest.fixture
async def past(database: str) -> AsyncIterator[Past]:
    async with stores_at(database) as stores:
        yield Past(stores, await finished_contest(stores))


async def test_everybody_reads_what_the_record_says_which_is_worked_out_once(past: Past) -> None:
    everybody = [member.sitting_id for member in past.file.members]
    plain = Results(past.stores.office)
    told = await asyncio.gather(*(past.results.own(past.session, one) for one in everybody * 2))
    assert told[: len(everybody)] == told[len(everybody) :]
    assert told[: len(everybody)] == [await plain.own(past.session, one) for one in everybody]
    assert past.judged == 1
    assert sorted(past.read) == sorted(everybody)


async def test_nothing_is_begun_while_others_answer_and_what_is_there_is_told(past: Past) -> None:
    first, second = (member.sitting_id for member in past.file.members[:2])
    past.at_rest = False
    for _ in range(2):
        with pytest.raises(NotNow):
            await past.results.own(past.session, first)
    assert (past.judged, past.read) == (0, [])
    past.at_rest = True
    told = await past.results.own(past.session, first)
    past.at_rest = False
    assert await past.results.own(past.session, first) == told
    # Somebody else of the session costs a reading of their own answers, and no more.
    assert await past.results.own(past.session, second) != told
    assert (past.judged, past.read) == (1, [first, second])
    with pytest.raises(NothingThere):
        await past.results.own(past.session, SittingId(2**40))


async def test_what_is_not_final_is_never_kept(past: Past) -> None:
    who = past.file.members[0].sitting_id
    start_us = past.file.start_us
    await past.stores.archive.save_phase(past.session, Phase.UNDER_REVIEW, start_us, None)
    for times in (1, 2):
        await past.results.own(past.session, who)
        assert past.judged == times
    await past.stores.archive.save_phase(past.session, Phase.UNDER_REVIEW, start_us, start_us)
    with pytest.raises(NotPublished):
        await past.results.own(past.session, who)


async def test_what_was_not_asked_for_longest_makes_room(past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(earlier_results, "RESULTS_KEPT", 2)
    first, second, third = (member.sitting_id for member in past.file.members[:3])
    for one in (first, second, first, third, first):
        await past.results.own(past.session, one)
    assert past.read == [first, second, third]
    await past.results.own(past.session, second)
    assert past.read == [first, second, third, second]


async def test_a_session_that_goes_on_costs_whoever_asks_for_results_nothing(
    past: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once for each recorded answer everything would be worked out anew, to say that it is not published."""
    await past.stores.archive.save_phase(past.session, Phase.RUNNING, past.file.start_us, None)
    asked: list[SessionId] = []

    async def answers(session_id: SessionId, sitting_id: SittingId | None = None) -> list[Answer]:
        asked.append(session_id)
        return []

    monkeypatch.setattr(past.stores.office, "answers", answers)
    plain = Results(past.stores.office)
    who = past.file.members[0].sitting_id
    for refused in (plain.own(past.session, who), plain.judged(past.session), plain.reviewed(past.session)):
        with pytest.raises(NotPublished):
            await refused
    assert asked == []
