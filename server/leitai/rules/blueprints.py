"""Blueprints of papers: how many questions of which kind, worth what, and which ones stay out.

A blueprint's lines may overlap: "4 多选 of 社会保险, hard" beside "16 多选 of any module". Whether a bank can fill all
of them at once is a question of flows, so a shortage is told for single lines, and for lines that are short together
only because they draw on the same questions (Hall's condition: the lines of the cut).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from leitai.rules.values import Marking, QuestionType

MAX_ITEMS = 300
MAX_LINES = 100
_CHOICES = frozenset({QuestionType.MULTIPLE, QuestionType.INDETERMINATE})


@dataclass(frozen=True, slots=True)
class Worth:
    """What an item of a type is worth, and how long its window is when streamed."""

    centipoints: int
    seconds: int
    marking: Marking = Marking.EXACT


@dataclass(frozen=True, slots=True)
class Line:
    """So many questions of a type; of one module and one difficulty (1 easy to 5 hard), or of any (`""`, 0)."""

    type: QuestionType
    count: int
    module: str = ""
    difficulty: int = 0


@dataclass(frozen=True, slots=True)
class Exclusions:
    """What stays out. Retired questions always do.

    Args:
        contests: questions used in the last so many contests.
        practice: questions that contestants may have met in practice.
    """

    contests: int = 0
    practice: bool = False


@dataclass(frozen=True, slots=True)
class Blueprint:
    """A paper's plan. Items come in the order of `worth`, type after type."""

    lines: tuple[Line, ...]
    worth: tuple[tuple[QuestionType, Worth], ...]
    exclusions: Exclusions = Exclusions()

    @property
    def items(self) -> int:
        """How many items the paper has."""
        return sum(line.count for line in self.lines)

    @property
    def centipoints(self) -> int:
        """What they are worth together."""
        worth = dict(self.worth)
        return sum(line.count * worth[line.type].centipoints for line in self.lines)


STANDARD = Blueprint(
    (
        Line(QuestionType.SINGLE, 40),
        Line(QuestionType.MULTIPLE, 20),
        Line(QuestionType.TRUE_FALSE, 20),
    ),
    (
        (QuestionType.SINGLE, Worth(100, 20)),
        (QuestionType.MULTIPLE, Worth(200, 30)),
        (QuestionType.TRUE_FALSE, Worth(100, 15)),
    ),
)
"""DOMAIN, Defaults: 40 单选 × 1, 20 多选 × 2, 20 判断 × 1 = 80 items, 100 points."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question as assembly sees it: the version to be used, and what a blueprint asks of it, no text."""

    question_id: int
    version_id: int
    type: QuestionType
    module: str
    difficulty: int
    contests_ago: int | None = None
    """In which contest before this one it was used last: 1 is the newest; None: in none."""
    practised: bool = False
    retired: bool = False


@dataclass(frozen=True, slots=True)
class Shortage:
    """Lines (by their places in the blueprint) that need more than they have together."""

    lines: tuple[int, ...]
    needs: int
    has: int


def faults(blueprint: Blueprint) -> tuple[str, ...]:
    """Return what is wrong with a blueprint in itself, as codes of wire.errors; empty: nothing.

    `blueprint-empty`, `blueprint-too-large`, `blueprint-bad-line` (a count or difficulty beyond its range, or a line
    twice), `blueprint-bad-worth` (a type without worth, or twice; points or seconds beyond their range; a share
    of points where there is but one right pick).
    """
    found: list[str] = []
    if not blueprint.lines or blueprint.items == 0:
        found.append("blueprint-empty")
    if blueprint.items > MAX_ITEMS or len(blueprint.lines) > MAX_LINES:
        found.append("blueprint-too-large")
    kinds = Counter((line.type, line.module, line.difficulty) for line in blueprint.lines)
    sound = all(line.count >= 1 and 0 <= line.difficulty <= 5 for line in blueprint.lines)
    if not sound or any(times > 1 for times in kinds.values()):
        found.append("blueprint-bad-line")
    worth = dict(blueprint.worth)
    if (
        len(worth) != len(blueprint.worth)
        or any(line.type not in worth for line in blueprint.lines)
        or not all(_sensible(type_, one) for type_, one in blueprint.worth)
    ):
        found.append("blueprint-bad-worth")
    return tuple(found)


def _sensible(type_: QuestionType, worth: Worth) -> bool:
    exact = worth.marking is Marking.EXACT or type_ in _CHOICES
    return 1 <= worth.centipoints <= 10_000 and 1 <= worth.seconds <= 3600 and exact


def eligible(candidate: Candidate, exclusions: Exclusions) -> bool:
    """Whether the exclusions let a question in."""
    if candidate.retired or (exclusions.practice and candidate.practised):
        return False
    ago = candidate.contests_ago
    return ago is None or ago > exclusions.contests


Cell = tuple[QuestionType, str, int]
"""What questions alike for every blueprint have in common: type, module, difficulty."""


def cell_of(candidate: Candidate) -> Cell:
    """Return the cell of a question."""
    return candidate.type, candidate.module, candidate.difficulty


def takes(line: Line, cell: Cell) -> bool:
    """Whether a line takes questions of a cell."""
    type_, module, difficulty = cell
    return line.type is type_ and line.module in ("", module) and line.difficulty in (0, difficulty)


def supply(blueprint: Blueprint, candidates: Sequence[Candidate]) -> Counter[Cell]:
    """Return how many questions of each cell the exclusions leave."""
    return Counter(cell_of(one) for one in candidates if eligible(one, blueprint.exclusions))


def available(blueprint: Blueprint, cells: Mapping[Cell, int]) -> tuple[int, ...]:
    """Return how many questions each line could draw on by itself."""
    return tuple(sum(count for cell, count in cells.items() if takes(line, cell)) for line in blueprint.lines)


def shortages(blueprint: Blueprint, candidates: Sequence[Candidate]) -> tuple[Shortage, ...]:
    """Return every shortage, in the order of the lines; empty: the bank can fill the paper.

    A line that is short by itself is told by itself. Of the others, with what those leave out of account, each group
    that is short together is told once.
    """
    cells = supply(blueprint, candidates)
    has = available(blueprint, cells)
    alone = [Shortage((at,), line.count, has[at]) for at, line in enumerate(blueprint.lines) if line.count > has[at]]
    counts = [0 if line.count > has[at] else line.count for at, line in enumerate(blueprint.lines)]
    filling = Filling(blueprint.lines, counts, cells)
    together = [
        Shortage(group, sum(counts[at] for at in group), filling.reach(group)) for group in filling.short_groups()
    ]
    return tuple(sorted([*alone, *together], key=lambda one: one.lines))


class Filling:
    """The largest filling of lines from cells: a maximum flow, kept by augmenting paths.

    `missing` is how many questions cannot be placed.
    """

    def __init__(self, lines: Sequence[Line], counts: Sequence[int], cells: Mapping[Cell, int]) -> None:
        self._cells = [cell for cell in sorted(cells, key=lambda one: (one[0].value, one[1], one[2])) if cells[cell]]
        self._left = [cells[cell] for cell in self._cells]
        self._supply = list(self._left)
        self._open = list(counts)
        self._wanted = list(counts)
        self._takes = [[at for at, cell in enumerate(self._cells) if takes(line, cell)] for line in lines]
        self._placed: list[dict[int, int]] = [{} for _ in lines]
        for line in range(len(lines)):
            while self._open[line] and self._augment(line):
                pass

    @property
    def missing(self) -> int:
        """How many questions cannot be placed."""
        return sum(self._open)

    def short_groups(self) -> list[tuple[int, ...]]:
        """Return the lines that are short together, each group of those that share questions."""
        groups: list[tuple[int, ...]] = []
        seen: set[int] = set()
        for line, open_ in enumerate(self._open):
            if open_ and line not in seen:
                group = self._reached(line)
                # What several short lines reach they reach together.
                for other, still in enumerate(self._open):
                    if still and other not in group and self._reached(other) & group:
                        group |= self._reached(other)
                seen |= group
                groups.append(tuple(sorted(group)))
        return groups

    def reach(self, group: Sequence[int]) -> int:
        """Return how many questions these lines have together."""
        return sum(self._supply[cell] for cell in {cell for line in group for cell in self._takes[line]})

    def _reached(self, start: int) -> set[int]:
        """Lines whose questions the line at `start` would have to be given, itself included."""
        lines, waiting = {start}, [start]
        while waiting:
            for cell in self._takes[waiting.pop()]:
                for other, placed in enumerate(self._placed):
                    if placed.get(cell) and other not in lines:
                        lines.add(other)
                        waiting.append(other)
        return lines

    def _augment(self, line: int) -> bool:
        """Place more questions on a line, moving others' if need be; False: no more fit."""
        came: dict[int, tuple[int, int]] = {}
        before: dict[int, int] = {line: -1}
        waiting = [line]
        for at in waiting:
            for cell in self._takes[at]:
                if cell in came:
                    continue
                came[cell] = (at, before[at])
                if self._left[cell]:
                    self._push(line, cell, came)
                    return True
                for other, placed in enumerate(self._placed):
                    if placed.get(cell) and other not in before:
                        before[other] = cell
                        waiting.append(other)
        return False

    def _push(self, start: int, end: int, came: Mapping[int, tuple[int, int]]) -> None:
        path: list[tuple[int, int, int]] = []
        cell = end
        while True:
            line, given_up = came[cell]
            path.append((line, cell, given_up))
            if line == start:
                break
            cell = given_up
        amount = min(self._open[start], self._left[end])
        for line, _, given_up in path:
            if given_up >= 0:
                amount = min(amount, self._placed[line][given_up])
        for line, cell, given_up in path:
            self._placed[line][cell] = self._placed[line].get(cell, 0) + amount
            if given_up >= 0:
                self._placed[line][given_up] -= amount
        self._left[end] -= amount
        self._open[start] -= amount
