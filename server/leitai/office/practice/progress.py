"""Where a learner stands with the questions: the page on which a set is chosen, and how far somebody is by module."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from leitai.office.practice.catalogue import Catalogue
from leitai.office.practice.ports import ModuleProgress
from leitai.office.practice.sets_ports import SetsStore
from leitai.office.practice.topics import PRACTISED_MODULES, topic
from leitai.rules.beijing import beijing_day
from leitai.rules.practice_sets import PRACTISED, WEEKLY_MIX
from leitai.rules.values import Micros, QuestionType


@dataclass(frozen=True, slots=True)
class TopicStanding:
    """A module and type: questions released, answered before, and due again now."""

    module: str
    type: QuestionType
    released: int
    known: int
    due: int


@dataclass(frozen=True, slots=True)
class Home:
    """A learner's day: what there is to practise.

    Attributes:
        day: today.
        questions: questions of 日日学 that count today, by now.
        weekly_sets: sets of 周周练 handed in today.
        weekly_ready: there are enough questions for a set of 周周练.
        mistakes: how many stand in the book of mistakes.
        topics: in the syllabus' order, those with released questions.
    """

    day: date
    questions: int
    weekly_sets: int
    weekly_ready: bool
    mistakes: int
    topics: tuple[TopicStanding, ...]


class LearnersProgress:
    """`office.practice.ports.Progress`, and the page on which sets are chosen."""

    def __init__(self, store: SetsStore, catalogue: Catalogue, now_us: Callable[[], Micros]) -> None:
        self._store = store
        self._catalogue = catalogue
        self._now_us = now_us

    async def home(self, learner_id: int) -> Home:
        """Return what a learner may practise now."""
        now_us = self._now_us()
        day = beijing_day(now_us)
        released = await self._catalogue.released(day)
        today = await self._store.today(learner_id, day, now_us)
        topics = [
            TopicStanding(
                module,
                of_type,
                len(released.shelves[module, of_type].question_ids),
                today.known.get(topic(module, of_type), 0),
                today.due.get(topic(module, of_type), 0),
            )
            for module in PRACTISED_MODULES
            for of_type in PRACTISED
            if (module, of_type) in released.shelves
        ]
        ready = all(len(released.pool("", one)[0]) >= wanted for one, wanted in WEEKLY_MIX.items())
        return Home(day, today.questions, today.weekly_sets, ready, today.mistakes, tuple(topics))

    async def progress(self, learner_id: int) -> Sequence[ModuleProgress]:
        """See `Progress.progress`."""
        released = await self._catalogue.released(beijing_day(self._now_us()))
        known = await self._store.progress(learner_id)
        return [
            ModuleProgress(module, len(pool), *known.get(number, (0, 0)))
            for number, module in enumerate(PRACTISED_MODULES)
            if (pool := released.pool(module, None)[0]) or number in known
        ]
