"""What many ask for at once is made once, and never before they asked; streams have turns of their own."""

import asyncio
from collections.abc import AsyncGenerator
from itertools import pairwise

import pytest
from starlette.responses import StreamingResponse

from leitai.web.errors import Refusal
from leitai.web.streams import EVERY_S, Shared, event_stream, quarter

STREAMS = 20
LOOKS = 4


async def test_one_body_serves_all_who_ask_within_a_moment() -> None:
    shared, state, made = Shared(0.02), ["old"], list[str]()

    def body() -> bytes:
        made.append(state[0])
        return state[0].encode()

    first = asyncio.create_task(shared.get("tail", body))
    await asyncio.sleep(0)
    state[0] = "new"
    others = [asyncio.create_task(shared.get("tail", body)) for _ in range(19)]
    apart = asyncio.create_task(shared.get("item 1", lambda: b"another"))
    leaves = asyncio.create_task(shared.get("tail", body))
    await asyncio.sleep(0)
    leaves.cancel()
    # All are told what holds after the last of them asked.
    assert await asyncio.gather(first, *others) == [b"new"] * 20
    assert await apart == b"another"
    assert made == ["new"]
    assert await shared.get("tail", body) == b"new"
    assert len(made) == 2


async def test_a_body_that_is_refused_is_refused_to_all_and_asked_for_again() -> None:
    shared = Shared(0.0)

    def refused() -> bytes:
        raise Refusal("not-found")

    tries = await asyncio.gather(*(shared.get("item 9", refused) for _ in range(3)), return_exceptions=True)
    assert [one.code for one in tries if isinstance(one, Refusal)] == ["not-found"] * 3
    with pytest.raises(Refusal):
        await shared.get("item 9", refused)
    assert await shared.get("item 9", lambda: b"there") == b"there"


async def test_streams_are_asked_once_in_a_quarter_of_a_second_and_not_at_one_instant() -> None:
    looks: list[list[tuple[int, float]]] = [[] for _ in range(STREAMS)]
    loop = asyncio.get_running_loop()

    async def bodies(number: int) -> AsyncGenerator[bytes]:
        while len(looks[number]) < LOOKS:
            looks[number].append((quarter(), loop.time() % EVERY_S))
            yield b"{}"
        raise Refusal("not-signed-in")

    async def read(number: int) -> list[bytes | str | memoryview]:
        response = event_stream(bodies(number))
        assert isinstance(response, StreamingResponse)
        return [chunk async for chunk in response.body_iterator]

    told = await asyncio.gather(*(read(number) for number in range(STREAMS)))
    assert told == [[b"data: {}\n\n"] * LOOKS + [b"event: refused\ndata: not-signed-in\n\n"]] * STREAMS
    for each in looks:
        # A machine that is busy may let a quarter pass.
        assert all(earlier < later for (earlier, _), (later, _) in pairwise(each))
    # Turns fall all over the quarter, or all into the same tenth of it; a machine that stalls puts some together.
    turns = [place for each in looks for _, place in each[1:]]
    tenths = [int(place / EVERY_S * 10) for place in turns]
    assert max(map(tenths.count, set(tenths))) <= len(turns) * 2 / 3
