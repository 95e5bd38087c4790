"""An operator's commands reach the director, and the operator learns what became of them."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from leitai.live.commanding import NotConducted, hand_over
from leitai.live.conductor import CommandRefused
from leitai.live.ports import Command, SessionState
from leitai.rules.values import Micros, Phase, SessionId
from leitai.stores.valkey.connection import open_store
from leitai.stores.valkey.session import ValkeySession
from tests.support.waiting import PATIENCE_S

AT_START = SessionState(Phase.RUNNING, Micros(1_000_000), 1, ())


@asynccontextmanager
async def _directed(session: ValkeySession, moves: dict[str, Phase]) -> AsyncGenerator[list[Command]]:
    """A director that carries out the commands in `moves` and refuses all others."""
    token = await session.lease("director", 60_000)
    await session.publish(token, AT_START, 1, [])
    seen: list[Command] = []
    ending = asyncio.Event()

    async def follow() -> None:
        state, offset = AT_START, 1
        while not ending.is_set():
            position, commands = await session.commands(state.command, 50)
            for command in commands:
                seen.append(command)
                offset += 1
                came_of_it = (position, "" if command.kind in moves else "command-refused")
                phase = moves.get(command.kind, state.phase)
                state = replace(state, phase=phase, command=position, outcomes=(*state.outcomes, came_of_it))
                await session.publish(token, state, offset, [])

    following = asyncio.create_task(follow())
    try:
        yield seen
    finally:
        ending.set()
        await following


@pytest.fixture
async def session(valkey_url: str, unique_id: int) -> AsyncIterator[ValkeySession]:
    store = open_store(valkey_url)
    yield ValkeySession(store, SessionId(unique_id), 1)
    await store.aclose()


async def test_a_command_is_carried_out_and_says_by_whom(session: ValkeySession) -> None:
    async with _directed(session, {"pause": Phase.PAUSED}) as seen:
        state = await hand_over(session, Command("pause", "chief"), PATIENCE_S)
    assert seen == [Command("pause", "chief")]
    assert state.phase is Phase.PAUSED


async def test_a_command_that_the_phase_does_not_allow_is_known_as_refused(session: ValkeySession) -> None:
    async with _directed(session, {}):
        with pytest.raises(CommandRefused) as refusal:
            await hand_over(session, Command("finalize", "chief"), PATIENCE_S)
    assert refusal.value.code == "command-refused"


async def test_a_session_that_nobody_conducts_takes_no_command(session: ValkeySession) -> None:
    with pytest.raises(NotConducted):
        await hand_over(session, Command("pause", "chief"), PATIENCE_S)


async def test_a_director_that_is_gone_is_not_waited_for_without_end(session: ValkeySession) -> None:
    async with _directed(session, {}):
        pass
    with pytest.raises(NotConducted):
        await hand_over(session, Command("pause", "chief"), 0.05)
