"""Words of questions are kept in memory, and more questions are practised than are kept."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import date
from typing import Any, cast

import pytest

from leitai.office.bank import Question
from leitai.office.practice import catalogue
from leitai.office.practice.catalogue import Catalogue
from leitai.office.practice.features import Picture
from leitai.office.practice.sets_ports import SetsStore
from tests.support.office import questions

DAY = date(2022, 8, 1)
WORDS = questions(9)


class SlowStore:
    """Lets whoever asks for version 2 wait until it is `told`."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.told = asyncio.Event()

    async def shelves(self, _day: date) -> dict[Any, Any]:
        return {}

    async def featured(self, _day: date) -> dict[Any, Any]:
        return {}

    async def questions(self, version_ids: Sequence[int]) -> Mapping[int, Question]:
        await self._wait(version_ids)
        return {one: WORDS[one] for one in version_ids}

    async def pictures(self, version_ids: Sequence[int]) -> Mapping[int, tuple[Picture, ...]]:
        await self._wait(version_ids)
        return {one: (Picture(f"{one}", "image/png", 1, 1, ""),) for one in version_ids if one % 2}

    async def _wait(self, version_ids: Sequence[int]) -> None:
        if 2 in version_ids:
            self.asked.set()
            await self.told.wait()


async def words(kept: Catalogue, ids: Sequence[int]) -> list[str]:
    found = await kept.questions(ids)
    return [found[one].stem for one in ids]


async def shown(kept: Catalogue, ids: Sequence[int]) -> list[str]:
    return ["".join(one.media for one in each.pictures) for each in await kept.beside(ids, ids, DAY)]


@pytest.mark.parametrize(
    ("look", "expected"),
    [(words, [WORDS[1].stem, WORDS[2].stem]), (shown, ["1", ""])],
)
async def test_what_is_let_go_of_while_the_rest_is_fetched_is_told_all_the_same(
    look: Callable[[Catalogue, Sequence[int]], Coroutine[Any, Any, list[str]]],
    expected: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(catalogue, "_MOST_QUESTIONS", 2)
    store = SlowStore()
    kept = Catalogue(cast("SetsStore", store), lambda: 0.0)
    await look(kept, [1])
    asking = asyncio.create_task(look(kept, [1, 2]))
    await store.asked.wait()
    await look(kept, [3, 4])
    store.told.set()
    assert await asking == expected
