"""The practice office's work: questions are released, findings looked at, participation summed up."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from leitai.office.bank_ports import EditionSummary, SyllabusStore
from leitai.office.practice.desk_ports import DeskStore, Release, Stock
from leitai.office.practice.sets_ports import Key
from leitai.office.practice.topics import PRACTISED_MODULES
from leitai.rules.beijing import beijing_day
from leitai.rules.practice_sets import PRACTISED
from leitai.rules.values import Micros, QuestionType

WHATEVER = 0
"""No edition of the syllabus: questions of all of them, and those without a knowledge point."""


@dataclass(frozen=True, slots=True)
class Releases:
    """All releases, and what there is by module and type, in the syllabus' order."""

    today: date
    edition_id: int
    editions: Sequence[EditionSummary]
    stock: Mapping[Key, Stock]
    releases: Sequence[Release]


class ReleaseDesk:
    """What the practice office does.

    Args:
        store: where releases are.
        syllabus: where editions are.
        now_us: the server's clock.
    """

    def __init__(self, store: DeskStore, syllabus: SyllabusStore, now_us: Callable[[], Micros]) -> None:
        self.store = store
        self._syllabus = syllabus
        self._now_us = now_us

    async def all(self, edition_id: int = WHATEVER) -> Releases:
        """Return the releases; `Stock.ready` is of an edition."""
        today = beijing_day(self._now_us())
        stock = await self.store.stock(edition_id, today)
        ordered = {
            (module, one): stock[module, one]
            for module in PRACTISED_MODULES
            for one in PRACTISED
            if (module, one) in stock
        }
        return Releases(today, edition_id, await self._syllabus.editions(), ordered, await self.store.releases())

    async def release(
        self, edition_id: int, module: str, question_type: QuestionType | None, from_day: date, actor: str
    ) -> None:
        """Release what is ready of a module and type from a day on; a day that is over is today.

        Raises:
            KeyError: no such edition or module.
            ReleaseRefused: `practice-nothing-to-release`.
        """
        if module not in PRACTISED_MODULES:
            raise KeyError(module)
        day = max(from_day, beijing_day(self._now_us()))
        await self.store.release(edition_id, module, question_type, day, actor)
