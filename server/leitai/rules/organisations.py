"""The organisations of window staff: a tree of provinces, cities, counties, townships, villages and units.

A file brings lines that name each other by code; `graft` finds what they add to the tree that is there, or what is
wrong with each. A level may be left out on the way down; none comes twice, since levels rise from one to the next.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum


class Level(IntEnum):
    """How far down in the tree."""

    PROVINCE = 1
    CITY = 2
    COUNTY = 3
    TOWNSHIP = 4
    VILLAGE = 5
    UNIT = 6


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation as the tree has it.

    Attributes:
        code: its own, once in the nation.
        name: its name.
        level: how far down.
        parent: the code of the one above; empty for a province.
        province: the code of the province that it lies in.
        closed: nobody joins it any more.
    """

    code: str
    name: str
    level: Level
    parent: str
    province: str
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a file: `index` is its place there."""

    index: int
    code: str
    name: str
    level: Level
    parent: str
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a line: `field` is one of `code`, `level`, `parent`, and `code` is stable:

    - `organisation-repeated`: a line before has the code (`detail`: its index);
    - `organisation-parent-unknown`: nobody has the code of the one above;
    - `organisation-cycle`: the ways up from it come back to it;
    - `organisation-level`: it is not below the one above it, or a province is under something;
    - `organisation-moved`: it is in the tree already, elsewhere or at another level (`detail`: where);
    - `organisation-province`: a province that is none of the nation's;
    - `organisation-not-own`: it lies in another province than whose brings the file;
    - `organisation-under-refused`: the one above it is refused itself.
    """

    index: int
    field: str
    code: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Graft:
    """What lines do to a tree.

    Attributes:
        added: new organisations, each after the one above it.
        changed: known ones with another name, or closed or opened.
        unchanged: how many are there already as they are in the file.
        faults: what is refused, by line.
    """

    added: tuple[Organisation, ...]
    changed: tuple[Organisation, ...]
    unchanged: int
    faults: tuple[Fault, ...]


def graft(tree: Mapping[str, Organisation], lines: Sequence[Line], *, own: str | None) -> Graft:
    """Find what lines add to a tree and change in it.

    Args:
        tree: every organisation there is, by code.
        lines: of the file, in its order.
        own: the code of the only province they may lie in; None: any.
    """
    grafting = _Grafting(tree, lines, own)
    return grafting.done()


class _Grafting:
    def __init__(self, tree: Mapping[str, Organisation], lines: Sequence[Line], own: str | None) -> None:
        self._tree = tree
        self._own = own
        self._lines: dict[str, Line] = {}
        self._faults: list[Fault] = []
        self._found: dict[str, Organisation | None] = {}
        """By code of a line: what became of it; None: refused."""
        for line in lines:
            if (earlier := self._lines.get(line.code)) is not None:
                self._refuse(line, "code", "organisation-repeated", str(earlier.index))
            else:
                self._lines[line.code] = line

    def done(self) -> Graft:
        for code in self._lines:
            self._settle(code)
        added: list[Organisation] = []
        changed: list[Organisation] = []
        unchanged = 0
        # In the order in which they were settled, whoever is above comes first.
        for code, found in self._found.items():
            known = self._tree.get(code)
            if found is None:
                continue
            if known is None:
                added.append(found)
            elif known == found:
                unchanged += 1
            else:
                changed.append(found)
        faults = tuple(sorted(self._faults, key=lambda fault: fault.index))
        return Graft(tuple(added), tuple(changed), unchanged, faults)

    def _settle(self, code: str) -> None:
        """Settle a line after those above it. A file may be deeper than a stack is."""
        way: list[str] = []
        on_way: set[str] = set()
        at = code
        while at in self._lines and at not in self._found:
            if at in on_way:
                for one in way[way.index(at) :]:
                    self._found[one] = None
                    self._refuse(self._lines[one], "parent", "organisation-cycle")
                break
            way.append(at)
            on_way.add(at)
            at = self._lines[at].parent
        for one in reversed(way):
            if one not in self._found:
                self._found[one] = self._judged(self._lines[one])

    def _judged(self, line: Line) -> Organisation | None:
        known = self._tree.get(line.code)
        if line.level is Level.PROVINCE:
            if line.parent:
                return self._refuse(line, "parent", "organisation-level")
            if known is None or known.level is not Level.PROVINCE:
                return self._refuse(line, "code", "organisation-province")
            province = line.code
        else:
            above = self._above(line)
            if above is None:
                return None
            if above.level >= line.level:
                return self._refuse(line, "level", "organisation-level", above.name)
            province = above.province
        if self._own is not None and province != self._own:
            return self._refuse(line, "parent" if line.parent else "code", "organisation-not-own")
        if known is not None and (known.level, known.parent) != (line.level, line.parent):
            return self._refuse(line, "parent", "organisation-moved", known.parent)
        if line.level is Level.PROVINCE:
            # The nation's provinces are not theirs to rename or close.
            return known
        return Organisation(line.code, line.name, line.level, line.parent, province, line.closed)

    def _above(self, line: Line) -> Organisation | None:
        if line.parent in self._lines:
            above = self._found[line.parent]
            if above is None:
                self._refuse(line, "parent", "organisation-under-refused", line.parent)
            return above
        above = self._tree.get(line.parent)
        if above is None:
            self._refuse(line, "parent", "organisation-parent-unknown", line.parent)
        return above

    def _refuse(self, line: Line, field: str, code: str, detail: str = "") -> None:
        self._faults.append(Fault(line.index, field, code, detail))
