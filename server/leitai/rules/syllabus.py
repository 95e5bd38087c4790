"""The syllabus 大纲: six modules (plan 四(一)) with knowledge points 知识点, in editions.

    draft ── publish ──→ published

In a draft, points are added, renamed and retired freely. Once it is published (the plan: in March) points are added as
its supplement (by the end of August) and retired, each for a reason; names stand. What is to be renamed waits for the
next edition. Questions refer to the point itself, so that no edition changes a question.

`SyllabusRefused` is this module's only error; its `code` is stable and one of those of `wire.errors`.
"""

from dataclasses import dataclass, replace

from leitai.rules.rights import Act, timely
from leitai.rules.stages import EditionStage

MAX_NAME_CHARS = 60


class SyllabusRefused(Exception):
    """A change was refused for the reason that `code` names:

    - `syllabus-name-missing`, `syllabus-name-too-long`, `syllabus-name-taken`, `syllabus-unknown-module`;
    - `syllabus-published`: the names of a published edition stand, and it is published once;
    - `syllabus-not-in-work`: a later edition was made of it;
    - `syllabus-unknown-point`, `syllabus-point-retired`, `syllabus-point-not-retired`;
    - `syllabus-reason-missing`; `syllabus-draft-open`: the edition in work is not published yet.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Point:
    """A knowledge point in an edition. `supplement`: it was added once the edition had been published."""

    point_id: int
    module: str
    name: str
    place: int
    retired: bool = False
    retired_reason: str = ""
    supplement: bool = False


@dataclass(frozen=True, slots=True)
class Edition:
    """An edition. `in_work`: it is the newest one, and the only one that changes."""

    name: str
    published: bool = False
    in_work: bool = True
    points: tuple[Point, ...] = ()

    @property
    def stage(self) -> EditionStage:
        """Where it stands, as rights see it."""
        if not self.in_work:
            return EditionStage.PAST
        return EditionStage.PUBLISHED if self.published else EditionStage.DRAFT

    def point(self, point_id: int) -> Point:
        """Return a point; raises `SyllabusRefused` (`syllabus-unknown-point`)."""
        for one in self.points:
            if one.point_id == point_id:
                return one
        raise SyllabusRefused("syllabus-unknown-point")


def read_name(name: str) -> str:
    """Return a name of an edition or a point as it is kept: on one line, without blanks at its ends.

    Raises:
        SyllabusRefused: `syllabus-name-missing`, `syllabus-name-too-long`.
    """
    plain = " ".join(name.split())
    if not plain:
        raise SyllabusRefused("syllabus-name-missing")
    if len(plain) > MAX_NAME_CHARS:
        raise SyllabusRefused("syllabus-name-too-long")
    return plain


def next_edition(newest: Edition, name: str) -> Edition:
    """Return a new draft with what the newest edition has and did not retire, in its order, each module from 1.

    Raises:
        SyllabusRefused: `syllabus-draft-open`, `syllabus-name-…`.
    """
    plain = read_name(name)
    if not newest.published:
        raise SyllabusRefused("syllabus-draft-open")
    if plain == newest.name:
        raise SyllabusRefused("syllabus-name-taken")
    places: dict[str, int] = {}
    copied: list[Point] = []
    for one in sorted(newest.points, key=lambda one: one.place):
        if not one.retired:
            places[one.module] = places.get(one.module, 0) + 1
            copied.append(Point(one.point_id, one.module, one.name, places[one.module]))
    return Edition(plain, points=tuple(copied))


def publish(edition: Edition) -> Edition:
    """Return the edition as published; raises `SyllabusRefused` (`syllabus-published`, `syllabus-not-in-work`)."""
    _in_work(edition)
    if not timely(Act.PUBLISH_SYLLABUS, edition.stage):
        raise SyllabusRefused("syllabus-published")
    return replace(edition, published=True)


def add(edition: Edition, point_id: int, module: str, name: str, *, modules: tuple[str, ...]) -> Edition:
    """Return the edition with another point, the last of its module.

    Args:
        point_id: the id that it has.
        modules: those that there are.

    Raises:
        SyllabusRefused: see there.
    """
    _in_work(edition)
    if module not in modules:
        raise SyllabusRefused("syllabus-unknown-module")
    plain = read_name(name)
    _free(edition, module, plain)
    place = max((one.place for one in edition.points if one.module == module), default=0) + 1
    added = Point(point_id, module, plain, place, supplement=edition.published)
    return replace(edition, points=(*edition.points, added))


def rename(edition: Edition, point_id: int, name: str) -> Edition:
    """Return the edition with another name for a point; raises `SyllabusRefused`."""
    _in_work(edition)
    one = edition.point(point_id)
    if edition.published:
        raise SyllabusRefused("syllabus-published")
    plain = read_name(name)
    if plain != one.name:
        _free(edition, one.module, plain)
    return _with(edition, replace(one, name=plain))


def retire(edition: Edition, point_id: int, reason: str) -> Edition:
    """Return the edition without a point for new questions; those that refer to it stay. Raises `SyllabusRefused`."""
    _in_work(edition)
    one = edition.point(point_id)
    if one.retired:
        raise SyllabusRefused("syllabus-point-retired")
    if not reason.strip():
        raise SyllabusRefused("syllabus-reason-missing")
    return _with(edition, replace(one, retired=True, retired_reason=reason.strip()))


def restore(edition: Edition, point_id: int) -> Edition:
    """Return the edition with a retired point in use again; raises `SyllabusRefused`."""
    _in_work(edition)
    one = edition.point(point_id)
    if not one.retired:
        raise SyllabusRefused("syllabus-point-not-retired")
    return _with(edition, replace(one, retired=False, retired_reason=""))


def _in_work(edition: Edition) -> None:
    if not timely(Act.EDIT_SYLLABUS, edition.stage):
        raise SyllabusRefused("syllabus-not-in-work")


def _free(edition: Edition, module: str, name: str) -> None:
    if any(one.module == module and one.name == name for one in edition.points):
        raise SyllabusRefused("syllabus-name-taken")


def _with(edition: Edition, changed: Point) -> Edition:
    return replace(
        edition, points=tuple(changed if one.point_id == changed.point_id else one for one in edition.points)
    )
