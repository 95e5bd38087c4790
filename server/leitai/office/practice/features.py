"""What stands beside a question in practice: its pictures, and where the practice office features it a lecture.

Pictures belong to the question and are there from the beginning. A lecture explains: it is there only where the right
answer may be told.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from leitai.rules.beijing import beijing_day
from leitai.rules.values import Micros, QuestionType

MAX_CAPTIONS = 200_000
_NOT_TAKEN = ("STYLE", "REGION")
_ARROW = " --> "


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture, or the film of a case, that a version of a question shows. `caption`: for those who do not see it."""

    media: str
    type: str
    width: int
    height: int
    caption: str


@dataclass(frozen=True, slots=True)
class Lecture:
    """A film beside an explanation. `poster`: the picture that stands for it, or empty; `captions`: there are some."""

    media: str
    type: str
    title: str
    poster: str
    captions: bool


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside a question; `featured`: the practice office features it."""

    pictures: tuple[Picture, ...] = ()
    featured: bool = False
    lecture: Lecture | None = None


class FilmGate(Protocol):
    """Who may see what. Every call may raise `StoreUnavailable`."""

    async def may_see(self, learner_id: int, question_id: int, sha256: bytes, at_us: int) -> bool:
        """Whether a file may be shown to a learner now.

        A picture of a question that they were asked; a lecture, and what stands for it, of one that they answered and
        that waits in none of their open sets.
        """
        ...

    async def captions(self, learner_id: int, question_id: int, at_us: int) -> str:
        """Return the captions of a lecture that may be shown; raises KeyError."""
        ...


@dataclass(frozen=True, slots=True)
class Feature:
    """A question that is or was featured; `film` and `poster` are titles, empty where there are none.

    `withdrawn_by` empty: it is in force from `from_day` on. `served`: the question is released.
    """

    feature_id: int
    question_id: int
    module: str
    type: QuestionType
    stem: str
    film: str
    poster: str
    captions: bool
    served: bool
    from_day: date
    featured_by: str
    featured_at_us: Micros
    withdrawn_by: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A question that could be featured; `explained`: its newest approved version has an explanation."""

    question_id: int
    module: str
    type: QuestionType
    stem: str
    explained: bool


@dataclass(frozen=True, slots=True)
class Film:
    """A film or a picture of the bank to choose."""

    media: str
    title: str
    module: str


class FeatureRefused(Exception):
    """A question is not featured; `code` says why.

    practice-featured: it is already.
    practice-not-explained: it has neither an explanation nor is a lecture given.
    practice-captions: what is given as captions is not WebVTT, or more than that.
    practice-withdrawn: it was taken back before.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class FeatureStore(Protocol):
    """Features as the practice office keeps them. Every call may raise `StoreUnavailable`; writing ones are audited."""

    async def features(self, day: date) -> Sequence[Feature]:
        """Return the features, the newest first."""
        ...

    async def choices(self, text: str, most: int) -> Sequence[Choice]:
        """Return released questions with a text in their stem, or of that number."""
        ...

    async def films(self) -> tuple[Sequence[Film], Sequence[Film]]:
        """Return the lectures and the pictures of the bank, the newest first."""
        ...

    async def feature(
        self, question_id: int, film: bytes | None, poster: bytes | None, captions: str, from_day: date, actor: str
    ) -> None:
        """Feature a question.

        Raises:
            KeyError: no such released question, no such film or picture.
            FeatureRefused: `practice-featured`, `practice-not-explained`.
        """
        ...

    async def take_back(self, feature_id: int, actor: str) -> None:
        """Feature it no longer; raises KeyError, `FeatureRefused` (`practice-withdrawn`)."""
        ...


@dataclass(frozen=True, slots=True)
class FeatureDesk:
    """What the practice office does with features.

    Args:
        store: where they are.
        now_us: the server's clock.
    """

    store: FeatureStore
    now_us: Callable[[], Micros]

    @property
    def today(self) -> date:
        """The day in Beijing."""
        return beijing_day(self.now_us())

    async def feature(
        self, question_id: int, film: bytes | None, poster: bytes | None, captions: str, from_day: date, actor: str
    ) -> None:
        """Feature a question from a day on; a day that is over is today. Raises as `FeatureStore.feature`."""
        if captions and (film is None or not is_webvtt(captions)):
            raise FeatureRefused("practice-captions")
        day = max(from_day, self.today)
        await self.store.feature(question_id, film, poster if film else None, captions, day, actor)


def is_webvtt(text: str) -> bool:
    """Whether a text is WebVTT (W3C) with at least one caption, and nothing that could change how the page looks."""
    lines = text.removeprefix("\ufeff").splitlines()
    if len(text) > MAX_CAPTIONS or "\0" in text or not lines or lines[0].split(maxsplit=1)[:1] != ["WEBVTT"]:
        return False
    return not any(line.startswith(_NOT_TAKEN) for line in lines) and any(_ARROW in line for line in lines)
