"""The JSON bodies of the practice office: releases of questions, what the nightly check found, participation."""

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from leitai.wire.practice_set_bodies import PractisedType

_Line = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]


class ReleaseTopic(Struct, frozen=True):
    """A module and type: questions that are served now, that are released for a later day, and that could be released.

    `ready` are approved, in use, in the edition that is looked at, and not released.
    """

    module: str
    type: str
    served: int
    scheduled: int
    ready: int


class ReleaseBody(Struct, frozen=True):
    """A release; `type` empty: all types. `withdrawn_by` empty: it holds. `edition` 0: whatever the edition."""

    release: int
    edition: int
    edition_name: str
    module: str
    type: str
    from_day: date
    questions: int
    released_by: str
    released_at_us: int
    withdrawn_by: str
    reason: str


class ReleaseEdition(Struct, frozen=True):
    """An edition of the syllabus."""

    edition: int
    name: str


class ReleasesBody(Struct, frozen=True):
    """All releases, the newest first, and what there is by module and type; `edition` 0: whatever the edition."""

    today: date
    edition: int
    editions: list[ReleaseEdition]
    topics: list[ReleaseTopic]
    releases: list[ReleaseBody]


class ReleaseRequest(Struct, frozen=True):
    """Release what is ready of a module, of one type or (empty) of all, from a day on; `edition` 0: whatever."""

    edition: Annotated[int, Meta(ge=0, le=2**31 - 1)]
    module: Annotated[str, Meta(min_length=1, max_length=30)]
    type: PractisedType
    from_day: date


class WithdrawRequest(Struct, frozen=True):
    """Take a release back, for a reason."""

    reason: _Line


class FeatureBody(Struct, frozen=True):
    """A question that is featured; `film` and `poster` are titles, empty: none.

    `withdrawn_by` empty: it is featured from `from_day` on. `served`: the question is in practice now.
    """

    feature: int
    question: int
    module: str
    type: str
    stem: str
    film: str
    poster: str
    captions: bool
    served: bool
    from_day: date
    featured_by: str
    featured_at_us: int
    withdrawn_by: str


class FeatureFilm(Struct, frozen=True):
    """A lecture or a picture of the bank to choose; `module` may be empty."""

    media: str
    title: str
    module: str


class FeaturesBody(Struct, frozen=True):
    """Features, the newest first, and the lectures and pictures that can be shown with one."""

    today: date
    features: list[FeatureBody]
    films: list[FeatureFilm]
    pictures: list[FeatureFilm]


class FeatureChoice(Struct, frozen=True):
    """A question in practice; `explained`: it has an explanation."""

    question: int
    module: str
    type: str
    stem: str
    explained: bool


class FeatureChoices(Struct, frozen=True):
    """Questions that were searched for, twenty at most."""

    questions: list[FeatureChoice]


class FeatureRequest(Struct, frozen=True):
    """Feature a question from a day on.

    `film` and `poster` name files of the bank, empty: none. `captions` are WebVTT, without styles, for the film.
    """

    question: Annotated[int, Meta(ge=1, le=2**31 - 1)]
    film: Annotated[str, Meta(pattern=r"^([0-9a-f]{64})?$")]
    poster: Annotated[str, Meta(pattern=r"^([0-9a-f]{64})?$")]
    captions: Annotated[str, Meta(max_length=200_000)]
    from_day: date


class FindingMark(Struct, frozen=True):
    """What somebody of the practice office said of a finding."""

    at_us: int
    seen_by: str
    note: str


class FindingBody(Struct, frozen=True):
    """A pattern of a day (rules.practice_patterns): whom it concerns, in how many answers, the middle time of them.

    `learners` are numbers; names are shown where whoever asks may see them. `seen_by` empty: nobody has looked yet;
    it and `note` are the last of `marks`, which has all, the first first. `compared` false: so much came from this
    address that its learners' answers were not compared with each other.
    """

    finding: int
    day: date
    pattern: str
    learners: list[int]
    answers: int
    figure_us: int
    seen_by: str
    note: str
    marks: list[FindingMark]
    compared: bool


class FindingsBody(Struct, frozen=True):
    """A page of findings; `checked`: the last day that was gone through, null before the first."""

    page: int
    pages: int
    total: int
    checked: date | None
    findings: list[FindingBody]


class FindingRequest(Struct, frozen=True):
    """What became of a finding."""

    note: _Line


class ParticipationRow(Struct, frozen=True):
    """A province (code, empty: the public) and module (empty: all of them) over the days asked for.

    `learner_days`: each learner once a day, so that those of a province's modules add up to more than its own.
    `answers`, `right`: all of them and the right ones.
    """

    province: str
    province_name: str
    module: str
    learner_days: int
    answers: int
    right: int


class ParticipationBody(Struct, frozen=True):
    """Participation from `first` to `last`, both included; `checked`: the last day that is in it, null: none is."""

    first: date
    last: date
    checked: date | None
    rows: list[ParticipationRow]
