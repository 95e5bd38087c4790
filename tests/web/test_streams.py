"""What many ask for at once is made once, and never before they asked."""

import asyncio

import pytest

from leitai.web.errors import Refusal
from leitai.web.streams import Shared


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
