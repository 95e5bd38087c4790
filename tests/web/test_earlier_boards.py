"""Boards of earlier sessions from the record: the final ones alone, put together once, while nobody answers."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import pytest

from leitai.live.ports import SessionFile
from leitai.office.ports import StoreUnavailable
from leitai.office.results import Judged, Results, recompute
from leitai.office.session_ports import FinalSession
from leitai.rules.values import DelegationCode, Phase, SessionId
from leitai.stores.postgres.results_store import final_sessions
from leitai.web.doors import BoardPage, NotThere
from leitai.web.earlier_boards import BELIEVED_S, EarlierBoards
from leitai.wire.messages import View
from tests.support.finished import finished_contest
from tests.support.office import Stores, stores_at

ALL = DelegationCode("")


@dataclass
class Past:
    """A record with a session, and how often it was asked for it."""

    stores: Stores
    file: SessionFile
    at_rest: bool = True
    out: bool = False
    now_s: float = 100.0
    judged: list[SessionId] = field(default_factory=list[SessionId])
    looked: int = 0

    def boards(self) -> EarlierBoards:
        return EarlierBoards(
            self._finals, self._judged, self.stores.office.delegations, lambda: self.at_rest, lambda: self.now_s
        )

    async def _finals(self) -> Sequence[FinalSession]:
        self.looked += 1
        await self._reached()
        return await final_sessions(self.stores.database)

    async def _judged(self, session_id: SessionId) -> Judged:
        self.judged.append(session_id)
        await self._reached()
        return await Results(self.stores.office).judged(session_id)

    async def _reached(self) -> None:
        # Whoever asks meanwhile waits behind.
        await asyncio.sleep(0)
        if self.out:
            raise StoreUnavailable("out")

    async def moved(self, phase: Phase, frozen: bool = False) -> None:
        frozen_us = self.file.start_us if frozen else None
        await self.stores.archive.save_phase(self.file.session_id, phase, self.file.start_us, frozen_us)


@pytest.fixture
async def past(database: str) -> AsyncIterator[Past]:
    async with stores_at(database) as stores:
        yield Past(stores, await finished_contest(stores))


async def test_a_final_board_says_what_a_recomputation_says(past: Past) -> None:
    session, boards = past.file.session_id, past.boards()
    assert [(one.session_id, one.title) for one in await boards.sessions()] == [(session, past.file.title)]
    told = json.loads(await recompute(past.stores.office, session))
    people = await boards.page(session, View.INDIVIDUALS, 1, ALL)
    assert people is not None
    assert (people.phase, people.frozen, people.total) == ("finalized", False, len(told["individuals"]))
    assert [(row.key, row.order, row.rank, row.centipoints, row.elapsed_ms) for row in people.rows] == [
        (one["sitting_id"], one["order"], one["rank"], one["centipoints"], one["elapsed_us"] // 1000)
        for one in told["individuals"]
    ]
    names: dict[int, str] = {member.sitting_id: member.name for member in past.file.members}
    assert [row.name for row in people.rows] == [names[row.key] for row in people.rows]
    teams = await boards.page(session, View.DELEGATIONS, 1, ALL)
    assert teams is not None
    counted = zip(teams.rows, teams.members, strict=True)
    assert [(row.delegation, row.order, row.centipoints, count) for row, count in counted] == [
        (one["delegation"], one["order"], one["centipoints"], one["members"]) for one in told["delegations"]
    ]
    own = await boards.page(session, View.PROVINCE, 1, DelegationCode("650000"))
    assert own is not None
    assert [row.key for row in own.rows] == [row.key for row in people.rows if row.delegation == "650000"]
    assert [row.order for row in own.rows] == list(range(1, len(own.rows) + 1))
    first = people.rows[0]
    found = await boards.find(session, first.name, 1)
    assert found is not None
    assert [(one.row.key, one.page) for one in found] == [(first.key, 1)]
    assert past.judged == [session]
    with pytest.raises(NotThere):
        await boards.page(session, View.PROVINCE, 1, DelegationCode("999999"))


async def test_what_is_not_final_or_not_published_is_not_there(past: Past) -> None:
    session, boards = past.file.session_id, past.boards()
    for phase, frozen in ((Phase.UNDER_REVIEW, False), (Phase.CLOSED, False), (Phase.FINALIZED, True)):
        await past.moved(phase, frozen)
        past.now_s += BELIEVED_S
        assert await boards.sessions() == []
        with pytest.raises(NotThere):
            await boards.page(session, View.INDIVIDUALS, 1, ALL)
    assert past.judged == []
    await past.moved(Phase.FINALIZED)
    past.now_s += BELIEVED_S
    assert await boards.page(session, View.INDIVIDUALS, 1, ALL) is not None


async def test_the_record_is_asked_every_few_seconds_which_are_final(past: Past) -> None:
    boards = past.boards()
    await boards.sessions()
    past.now_s += BELIEVED_S - 0.001
    await boards.sessions()
    assert past.looked == 1
    past.now_s += 0.001
    await boards.sessions()
    assert past.looked == 2


async def test_a_board_is_put_together_while_nobody_answers_and_shown_whenever(past: Past) -> None:
    session, boards = past.file.session_id, past.boards()
    past.at_rest = False
    assert await boards.page(session, View.INDIVIDUALS, 1, ALL) is None
    assert await boards.find(session, "选手", 5) is None
    assert past.judged == []
    past.at_rest = True
    assert await boards.page(session, View.INDIVIDUALS, 1, ALL) is not None
    past.at_rest = False
    assert await boards.page(session, View.DELEGATIONS, 1, ALL) is not None
    assert past.judged == [session]


async def test_however_many_ask_one_of_them_waits_for_a_record_that_is_out(past: Past) -> None:
    session, boards = past.file.session_id, past.boards()
    past.out = True

    async def asked() -> list[BoardPage | BaseException | None]:
        asking = (boards.page(session, View.INDIVIDUALS, number, ALL) for number in range(1, 51))
        return await asyncio.gather(*asking, return_exceptions=True)

    assert {type(one) for one in await asked()} == {StoreUnavailable}
    assert past.looked == 1
    # It is out again between the list of sessions and the record of one.
    past.out, past.now_s = False, past.now_s + BELIEVED_S
    await boards.sessions()
    past.out = True
    assert {type(one) for one in await asked()} == {StoreUnavailable}
    assert past.judged == [session]
    past.out, past.now_s = False, past.now_s + BELIEVED_S
    assert {type(one) for one in await asked()} == {BoardPage}
    past.out, past.now_s = True, past.now_s + BELIEVED_S
    with pytest.raises(StoreUnavailable):
        await boards.sessions()
    assert await boards.page(session, View.DELEGATIONS, 1, ALL) is not None
