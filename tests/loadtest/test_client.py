"""The test client follows docs/wire.md against a contest in memory."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from leitai_loadtest.client import Contestant, Unexpected
from leitai_loadtest.door import DoorClosed
from tests.support.fake_contest import CODE, SESSION, FakeContest


@pytest.fixture
async def contest() -> AsyncGenerator[FakeContest]:
    # Its items stay open for longer than anybody here takes for an answer.
    async with FakeContest(contestants=3, items=2, seconds=600).served() as contest:
        yield contest


@asynccontextmanager
async def _played(contest: FakeContest) -> AsyncGenerator[None]:
    playing = asyncio.create_task(contest.play())
    try:
        yield
    finally:
        playing.cancel()
        (ended,) = await asyncio.gather(playing, return_exceptions=True)
    assert isinstance(ended, asyncio.CancelledError)


async def test_a_wrong_code_is_refused(contest: FakeContest) -> None:
    with pytest.raises(DoorClosed) as refused:
        async with Contestant.sign_in(contest.url, "A1", "wrong"):
            pass
    assert (refused.value.status, refused.value.code) == (401, "wrong-credentials")


async def test_from_sign_in_to_an_acknowledged_answer(contest: FakeContest) -> None:
    async with Contestant.sign_in(contest.url, "A1", CODE) as someone:
        welcome = await someone.hello()
        assert (welcome["session"], welcome["sitting"]) == (SESSION, 1)
        await someone.expect("snapshot")
        assert (await someone.probe())["server_us"] > 0
        await someone.check_in()
        async with _played(contest):
            opened = await someone.expect("open", item=1)
            content = await someone.unseal(opened)
            assert content["type"] == "single"
            ack = await someone.answer(1, ["A"])
            assert ack["status"] == "accepted"
            assert someone.unacked == []


async def test_an_answer_without_its_acknowledgement_is_said_again(contest: FakeContest) -> None:
    async with Contestant.sign_in(contest.url, "A2", CODE) as someone:
        await someone.hello()
        await someone.expect("snapshot")
        async with _played(contest):
            await someone.expect("open", item=1)
            contest.swallow_acks = 1
            seq = await someone.give(1, ["B"])
            await someone.drop()
            assert [answer["seq"] for answer in someone.unacked] == [seq]
            assert (await someone.resume())["recovered"]
            await someone.expect("ack", seq=seq)
            assert someone.unacked == []
            assert contest.responses[2, seq] == ["B"]


async def test_a_viewer_watches(contest: FakeContest) -> None:
    async with Contestant.viewer(contest.url, SESSION) as someone:
        assert someone.welcome["sitting"] == 0
        assert (await someone.watch("individuals"))["rows"] == []


async def test_what_does_not_come_is_told_with_what_came(contest: FakeContest) -> None:
    async with Contestant.viewer(contest.url, SESSION) as someone:
        await someone.expect("snapshot")
        with pytest.raises(Unexpected, match=r"no open .* held: \[\]"):
            await someone.expect("open", within_s=0.05)
        await contest.cut(4005)
        assert await someone.expect_close() == 4005
        with pytest.raises(Unexpected, match="closed with 4005"):
            await someone.expect("open")
