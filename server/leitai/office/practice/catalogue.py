"""What is released at this moment, and the words of questions: kept in memory, since every set needs them.

What is withdrawn or retired is in no new set after `KEPT_S`, and as long as a look takes.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from leitai.office.bank import Question
from leitai.office.practice.features import Beside, Lecture, Picture
from leitai.office.practice.sets_ports import Key, SetsStore, Shelf
from leitai.rules.values import QuestionType

T = TypeVar("T")

KEPT_S = 10.0
_MOST_QUESTIONS = 4_000


@dataclass(frozen=True, slots=True)
class Released:
    """What is released on a day; `version` finds the version in use of each question.

    `featured` are those that the practice office features, with their lectures, the newest first.
    """

    shelves: Mapping[Key, Shelf]
    version: Mapping[int, int]
    featured: Mapping[int, Lecture | None] = field(default_factory=dict[int, Lecture | None])
    _pools: dict[tuple[str, QuestionType | None], tuple[tuple[int, ...], frozenset[int]]] = field(
        default_factory=dict[tuple[str, QuestionType | None], tuple[tuple[int, ...], frozenset[int]]]
    )

    def pool(self, module: str, question_type: QuestionType | None) -> tuple[tuple[int, ...], frozenset[int]]:
        """Return the questions of a module and a type ('' and None: all), in a fixed order and as a set."""
        asked = (module, question_type)
        if asked not in self._pools:
            found = tuple(
                question_id
                for (of_module, of_type), shelf in self.shelves.items()
                if module in ("", of_module) and question_type in (None, of_type)
                for question_id in shelf.question_ids
            )
            self._pools[asked] = (found, frozenset(found))
        return self._pools[asked]


class Catalogue:
    """Shared by everyone who practises in this process.

    Args:
        store: where releases are.
        clock: seconds that only rise.
    """

    def __init__(self, store: SetsStore, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._kept: tuple[float, date, Released] | None = None
        self._questions: OrderedDict[int, Question] = OrderedDict()
        self._pictures: OrderedDict[int, tuple[Picture, ...]] = OrderedDict()
        self._looking = asyncio.Lock()

    async def released(self, day: date) -> Released:
        """Return what is released on a day, as of `KEPT_S` ago at most."""
        if (kept := self._of(day)) is not None and (self._clock() < kept[0] or self._looking.locked()):
            # One looks again; the others go on with what there is.
            return kept[2]
        async with self._looking:
            if (kept := self._of(day)) is not None and self._clock() < kept[0]:
                return kept[2]
            return await self._look(day)

    def _of(self, day: date) -> tuple[float, date, Released] | None:
        return self._kept if self._kept is not None and self._kept[1] == day else None

    async def _look(self, day: date) -> Released:
        shelves = await self._store.shelves(day)
        version = {
            question_id: version_id
            for shelf in shelves.values()
            for question_id, version_id in zip(shelf.question_ids, shelf.version_ids, strict=True)
        }
        released = Released(shelves, version, await self._store.featured(day))
        self._kept = (self._clock() + KEPT_S, day, released)
        return released

    def forget(self) -> None:
        """Look again at once: something was released or withdrawn in this process."""
        self._kept = None

    async def questions(self, version_ids: Sequence[int]) -> dict[int, Question]:
        """Return versions of questions."""
        return await _kept(self._questions, version_ids, self._store.questions)

    async def beside(self, question_ids: Sequence[int], version_ids: Sequence[int], day: date) -> tuple[Beside, ...]:
        """Return what stands beside each of some questions, shown in these versions."""
        featured = (await self.released(day)).featured
        pictures = await _kept(self._pictures, version_ids, self._all_pictures)
        return tuple(
            Beside(pictures[version_id], question_id in featured, featured.get(question_id))
            for question_id, version_id in zip(question_ids, version_ids, strict=True)
        )

    async def _all_pictures(self, version_ids: Sequence[int]) -> Mapping[int, tuple[Picture, ...]]:
        """Also of those that have none: not asked for again."""
        fetched = await self._store.pictures(version_ids)
        return {one: fetched.get(one, ()) for one in version_ids}


async def _kept(
    kept: OrderedDict[int, T], wanted: Sequence[int], fetch: Callable[[Sequence[int]], Awaitable[Mapping[int, T]]]
) -> dict[int, T]:
    """Return what is wanted, fetching what is not kept; what was not used for the longest time goes for it."""
    found = {one: kept[one] for one in wanted if one in kept}
    if missing := [one for one in wanted if one not in found]:
        found.update(await fetch(missing))
    # All of it: while something was fetched, others may have let go of the rest.
    for one, value in found.items():
        kept[one] = value
        kept.move_to_end(one)
    while len(kept) > _MOST_QUESTIONS:
        kept.popitem(last=False)
    return found
