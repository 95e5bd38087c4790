"""The book of mistakes, bookmarks and notes: what a learner has been asked, with the answer where it may be told."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from leitai.office.bank import Question
from leitai.office.practice.catalogue import Catalogue
from leitai.office.practice.features import Beside
from leitai.office.practice.sets import SetRefused
from leitai.office.practice.sets_ports import Noted, SetsStore
from leitai.office.practice.topics import topics
from leitai.rules.beijing import beijing_day
from leitai.rules.practice_sets import MASTERED_STREAK
from leitai.rules.values import Micros

PAGE = 20
MAX_NOTE = 500


@dataclass(frozen=True, slots=True)
class BookEntry:
    """A question of the book. `explained`: its answer may be told, since it was answered and waits in no open set."""

    noted: Noted
    question: Question
    explained: bool
    beside: Beside
    """Its lecture may be shown only where it is `explained`."""


@dataclass(frozen=True, slots=True)
class BookPage:
    """A page of the book, from 1."""

    entries: tuple[BookEntry, ...]
    total: int


class Book:
    """What learners keep."""

    def __init__(self, store: SetsStore, catalogue: Catalogue, now_us: Callable[[], Micros]) -> None:
        self._store = store
        self._catalogue = catalogue
        self._now_us = now_us

    async def mistakes(self, learner_id: int, module: str, page: int) -> BookPage:
        """Return a page of the book of mistakes, of a module or ('') of all; raises ValueError for no such module."""
        after = (page - 1) * PAGE
        found, total = await self._store.mistakes(learner_id, topics(module, None), self._now_us(), after, PAGE)
        return BookPage(await self._entries(found), total)

    async def marked(self, learner_id: int, page: int) -> BookPage:
        """Return a page of what is bookmarked or has a note."""
        found, total = await self._store.marked(learner_id, self._now_us(), (page - 1) * PAGE, PAGE)
        return BookPage(await self._entries(found), total)

    async def bookmark(self, learner_id: int, question_id: int, *, on: bool) -> None:
        """Set or take a bookmark; raises KeyError for a question that the learner was never asked."""
        await self._store.mark(learner_id, question_id, self._now_us(), bookmarked=on, note=None)

    async def note(self, learner_id: int, question_id: int, text: str) -> None:
        """Keep a note, or none; raises KeyError for a question that the learner was never asked."""
        await self._store.mark(learner_id, question_id, self._now_us(), bookmarked=None, note=text.strip())

    async def forget(self, learner_id: int, question_id: int) -> None:
        """Take a question out of the book of mistakes.

        Raises:
            KeyError: it is not there.
            SetRefused: `practice-not-mastered`.
        """
        if not await self._store.forget_mistake(learner_id, question_id, MASTERED_STREAK):
            raise SetRefused("practice-not-mastered")

    async def _entries(self, found: Sequence[Noted]) -> tuple[BookEntry, ...]:
        words = await self._catalogue.questions([one.version_id for one in found])
        beside = await self._catalogue.beside(
            [one.question_id for one in found], [one.version_id for one in found], beijing_day(self._now_us())
        )
        return tuple(
            BookEntry(one, words[one.version_id], one.card is not None and not one.held, shown)
            for one, shown in zip(found, beside, strict=True)
        )
