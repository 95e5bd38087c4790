"""Assembling a paper: the same questions, blueprint and seed give the same paper, on any machine.

Chance is SHA-256 alone: a question's lot is the digest of seed and the question's and version's numbers, so neither the
order in which questions come, nor a library's generator, nor a platform's sorting has a say.

    AssemblyError
    ├── NotFeasible   the bank cannot fill the blueprint: `shortages`
    ├── Exhausted     no other question fits the place
    └── Unfit         the question put in by hand does not fit the place, or is on the paper
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from leitai.rules.blueprints import (
    Blueprint,
    Candidate,
    Cell,
    Filling,
    Line,
    Shortage,
    cell_of,
    eligible,
    shortages,
    takes,
)
from leitai.rules.values import ItemNo


class AssemblyError(Exception):
    """Base of what can go wrong."""


class NotFeasible(AssemblyError):
    """The bank cannot fill the blueprint."""

    def __init__(self, found: tuple[Shortage, ...]) -> None:
        super().__init__(found)
        self.shortages = found


class Exhausted(AssemblyError):
    """No other question fits the place."""


class Unfit(AssemblyError):
    """The question does not fit the place, is excluded, or is on the paper."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A question on the paper. `line` is the place of its line in the blueprint, which any replacement must fit."""

    item_no: ItemNo
    line: int
    question_id: int
    version_id: int


def lot(seed: str, purpose: str, candidate: Candidate) -> bytes:
    """Return a question's lot: SHA-256 over the UTF-8 of `leitai paper 1`, purpose, seed, question and version, each
    ended by a line feed."""
    text = f"leitai paper 1\n{purpose}\n{seed}\n{candidate.question_id}\n{candidate.version_id}\n"
    return hashlib.sha256(text.encode()).digest()


def bank_state(candidates: Sequence[Candidate]) -> bytes:
    """Return SHA-256 over all that assembly knows of the bank (32 bytes), by which whoever repeats it knows the bank.

    One line for each question in the order of their numbers: question, version, type, module, difficulty, contests ago
    (`-` for never), practised and retired as 0 or 1, parted by tabs.
    """
    lines = [
        f"{one.question_id}\t{one.version_id}\t{one.type.value}\t{one.module}\t{one.difficulty}\t"
        f"{'-' if one.contests_ago is None else one.contests_ago}\t{one.practised:d}\t{one.retired:d}\n"
        for one in sorted(candidates, key=lambda one: (one.question_id, one.version_id))
    ]
    return hashlib.sha256("".join(lines).encode()).digest()


def assemble(candidates: Sequence[Candidate], blueprint: Blueprint, seed: str) -> tuple[Placed, ...]:
    """Return a paper that has exactly what the blueprint asks for.

    Lines that ask for most are filled first: module and difficulty, then one of them, then neither. A question for a
    line comes from the module that the paper has least of so far, there from the difficulty it has least of, and
    there it is the one with the smallest lot; a cell is passed over where taking from it would leave another line
    short. Items stand type after type in the order of the blueprint's worth, in each type by another lot.

    Raises:
        NotFeasible: the bank cannot fill the blueprint.
    """
    if found := shortages(blueprint, candidates):
        raise NotFeasible(found)
    heaps: dict[Cell, list[Candidate]] = {}
    for one in candidates:
        if eligible(one, blueprint.exclusions):
            heaps.setdefault(cell_of(one), []).append(one)
    for heap in heaps.values():
        heap.sort(key=lambda one: (lot(seed, "pick", one), one.question_id), reverse=True)
    picked = _pick(blueprint, heaps, seed)
    types = [type_ for type_, _ in blueprint.worth]
    picked.sort(key=lambda pair: (types.index(pair[1].type), lot(seed, "order", pair[1]), pair[1].question_id))
    return tuple(
        Placed(ItemNo(number), line, one.question_id, one.version_id) for number, (line, one) in enumerate(picked, 1)
    )


def _pick(blueprint: Blueprint, heaps: dict[Cell, list[Candidate]], seed: str) -> list[tuple[int, Candidate]]:
    lines = blueprint.lines
    left = [line.count for line in lines]
    modules: Counter[str] = Counter()
    difficulties: Counter[int] = Counter()
    picked: list[tuple[int, Candidate]] = []

    def leaves_enough(at: int, cell: Cell) -> bool:
        if not any(left[other] and other != at and takes(lines[other], cell) for other in range(len(lines))):
            return True
        rest = {one: len(heap) - (one == cell) for one, heap in heaps.items()}
        return Filling(lines, [count - (other == at) for other, count in enumerate(left)], rest).missing == 0

    for at in sorted(range(len(lines)), key=lambda at: ((not lines[at].module) + (not lines[at].difficulty), at)):
        while left[at]:
            able = [cell for cell, heap in heaps.items() if heap and takes(lines[at], cell)]
            able.sort(key=lambda cell: (modules[cell[1]], difficulties[cell[2]], lot(seed, "pick", heaps[cell][-1])))
            cell = next(one for one in able if leaves_enough(at, one))
            picked.append((at, heaps[cell].pop()))
            left[at] -= 1
            modules[cell[1]] += 1
            difficulties[cell[2]] += 1
    return picked


def fitting(
    candidates: Sequence[Candidate], blueprint: Blueprint, seed: str, paper: Sequence[Placed], item_no: ItemNo
) -> list[Candidate]:
    """Return the questions that could take an item's place, by their lots; raises KeyError for no such item."""
    line = _line(blueprint, paper, item_no)
    on_paper = {one.question_id for one in paper}
    able = [
        one
        for one in candidates
        if one.question_id not in on_paper and eligible(one, blueprint.exclusions) and takes(line, cell_of(one))
    ]
    return sorted(able, key=lambda one: (lot(seed, "pick", one), one.question_id))


def draw_another(
    candidates: Sequence[Candidate],
    blueprint: Blueprint,
    seed: str,
    paper: Sequence[Placed],
    item_no: ItemNo,
    refused: Collection[int] = (),
) -> tuple[Placed, ...]:
    """Return the paper with the next question by lot in an item's place.

    Args:
        candidates: what there is.
        blueprint: the paper's.
        seed: the paper's.
        paper: as it stands.
        item_no: the item to be replaced.
        refused: questions that were taken off the paper before, which do not come back by lot.

    Raises:
        Exhausted: there is no other.
        KeyError: there is no such item.
    """
    for one in fitting(candidates, blueprint, seed, paper, item_no):
        if one.question_id not in refused:
            return _put(paper, item_no, one)
    raise Exhausted


def put_by_hand(
    candidates: Sequence[Candidate],
    blueprint: Blueprint,
    seed: str,
    paper: Sequence[Placed],
    item_no: ItemNo,
    question_id: int,
) -> tuple[Placed, ...]:
    """Return the paper with a chosen question in an item's place; raises `Unfit`, KeyError."""
    for one in fitting(candidates, blueprint, seed, paper, item_no):
        if one.question_id == question_id:
            return _put(paper, item_no, one)
    raise Unfit


def _line(blueprint: Blueprint, paper: Sequence[Placed], item_no: ItemNo) -> Line:
    for one in paper:
        if one.item_no == item_no:
            return blueprint.lines[one.line]
    raise KeyError(item_no)


def _put(paper: Sequence[Placed], item_no: ItemNo, chosen: Candidate) -> tuple[Placed, ...]:
    return tuple(
        Placed(one.item_no, one.line, chosen.question_id, chosen.version_id) if one.item_no == item_no else one
        for one in paper
    )
