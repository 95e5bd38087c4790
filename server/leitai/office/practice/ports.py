"""Who learns and what earns points: the values that every part of practice shares."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

from leitai.rules.practice_boards import Kind as Kind

KindName = Literal["public", "staff", "window"]
LevelName = Literal["province", "city", "county", "township", "village", "unit"]
LEVELS: tuple[LevelName, ...] = ("province", "city", "county", "township", "village", "unit")
"""The levels of the organisations' tree, from the top; the nation above them is no organisation."""


@dataclass(frozen=True, slots=True)
class Learner:
    """A learner as every request knows them.

    Attributes:
        learner_id: the number.
        kind: `public`, `staff` (of whatever office), `window` (who always has an organisation).
        name: as registered.
        nickname: what boards show instead; may be empty.
        organisation_id: where they work; None for the public.
        places: by `LEVELS`, the organisation and those above it; None where a level is left out. Empty for the public.
    """

    learner_id: int
    kind: KindName
    name: str
    nickname: str
    organisation_id: int | None
    places: tuple[int | None, ...]

    @property
    def shown(self) -> str:
        """What others see."""
        return self.nickname or self.name


@dataclass(frozen=True, slots=True)
class Earned:
    """One entry of the ledger.

    Attributes:
        learner_id: who.
        on_day: the day in Beijing on which it was handed in, by the server's clock.
        kind: what earned it.
        source: which, a number of its own kind: nothing earns twice.
        centipoints: what counts: 0 where it was done and counts for nothing (a third set of 周周练 on a day).
        questions: distinct questions that it adds to those the learner answered in 日日学 on that day. Whoever writes
            it makes sure that a question counts once a day.
    """

    learner_id: int
    on_day: date
    kind: Kind
    source: int
    centipoints: int
    questions: int = 0


@dataclass(frozen=True, slots=True)
class ModuleProgress:
    """How far somebody is in a module of the syllabus: questions released, seen, and last answered right."""

    module: str
    released: int
    seen: int
    right: int


class Progress(Protocol):
    """What the own page asks of the sets' part."""

    async def progress(self, learner_id: int) -> Sequence[ModuleProgress]:
        """Return the modules in the syllabus' order; raises `StoreUnavailable`."""
        ...


class NoProgress:
    """`Progress` of a house without sets."""

    async def progress(self, learner_id: int) -> Sequence[ModuleProgress]:
        """Return nothing."""
        del learner_id
        return ()
