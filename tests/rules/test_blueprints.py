"""Blueprints and assembly: exact counts, every shortage named, the same paper for the same seed on any machine."""

import random
from collections import Counter
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leitai.rules.assembly import (
    Exhausted,
    NotFeasible,
    Unfit,
    assemble,
    bank_state,
    draw_another,
    fitting,
    put_by_hand,
)
from leitai.rules.blueprints import (
    STANDARD,
    Blueprint,
    Candidate,
    Exclusions,
    Line,
    Shortage,
    Worth,
    available,
    cell_of,
    eligible,
    faults,
    shortages,
    supply,
    takes,
)
from leitai.rules.values import ItemNo, Marking, QuestionType

SINGLE, MULTIPLE, TRUE_FALSE = QuestionType.SINGLE, QuestionType.MULTIPLE, QuestionType.TRUE_FALSE
TYPES = (SINGLE, MULTIPLE, TRUE_FALSE)
MODULES = ("就业创业", "社会保险", "劳动关系")
WORTH = tuple((type_, Worth(100, 20)) for type_ in TYPES)


def question(number: int, type_: QuestionType = SINGLE, module: str = "就业创业", difficulty: int = 1) -> Candidate:
    return Candidate(number, 10_000 + number, type_, module, difficulty)


candidates = st.lists(
    st.builds(
        Candidate,
        question_id=st.integers(1, 10_000),
        version_id=st.integers(1, 10_000),
        type=st.sampled_from(TYPES),
        module=st.sampled_from(MODULES),
        difficulty=st.integers(1, 3),
        contests_ago=st.none() | st.integers(1, 4),
        practised=st.booleans(),
        retired=st.booleans(),
    ),
    max_size=50,
    unique_by=lambda one: one.question_id,
)
lines = st.lists(
    st.builds(
        Line,
        type=st.sampled_from(TYPES),
        count=st.integers(1, 5),
        module=st.sampled_from(("", *MODULES)),
        difficulty=st.integers(0, 3),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda line: (line.type, line.module, line.difficulty),
)
exclusions = st.builds(Exclusions, contests=st.integers(0, 4), practice=st.booleans())
blueprints = st.builds(lambda made, out: Blueprint(tuple(made), WORTH, out), lines, exclusions)
given_bank = given(candidates, blueprints, st.text(max_size=8), st.randoms(use_true_random=False))


@given_bank
@settings(max_examples=40, deadline=None)
def test_a_paper_is_exactly_what_was_asked_for_or_every_shortage_is_named(
    bank: list[Candidate], blueprint: Blueprint, seed: str, chance: random.Random
) -> None:
    short = shortages(blueprint, bank)
    # Hall's condition over every set of lines, computed from its definition.
    cells = supply(blueprint, bank)
    wanting = [
        group
        for size in range(1, len(blueprint.lines) + 1)
        for group in combinations(blueprint.lines, size)
        if sum(line.count for line in group)
        > sum(count for cell, count in cells.items() if any(takes(line, cell) for line in group))
    ]
    assert bool(short) == bool(wanting)
    for one in short:
        group = [blueprint.lines[at] for at in one.lines]
        assert one.needs == sum(line.count for line in group) > one.has
        assert one.has == sum(count for cell, count in cells.items() if any(takes(line, cell) for line in group))
    for group in wanting:
        assert len(group) > 1 or any(one.lines == (blueprint.lines.index(line),) for one in short for line in group)
    if short:
        with pytest.raises(NotFeasible) as refused:
            assemble(bank, blueprint, seed)
        assert refused.value.shortages == short
        return

    paper = assemble(bank, blueprint, seed)
    by_id = {one.question_id: one for one in bank}
    assert [one.item_no for one in paper] == list(range(1, blueprint.items + 1))
    assert len({one.question_id for one in paper}) == len(paper)
    assert Counter(one.line for one in paper) == {at: line.count for at, line in enumerate(blueprint.lines)}
    for one in paper:
        source = by_id[one.question_id]
        assert one.version_id == source.version_id
        assert takes(blueprint.lines[one.line], cell_of(source))
        assert eligible(source, blueprint.exclusions)
        assert not source.retired
        assert source.contests_ago is None or source.contests_ago > blueprint.exclusions.contests
        assert not (blueprint.exclusions.practice and source.practised)
    order = [TYPES.index(by_id[one.question_id].type) for one in paper]
    assert order == sorted(order)

    shuffled = list(bank)
    chance.shuffle(shuffled)
    assert assemble(shuffled, blueprint, seed) == paper
    assert bank_state(shuffled) == bank_state(bank)


def test_the_paper_of_a_seed_is_the_same_on_every_machine() -> None:
    """A change of these numbers is a change of the law: no paper of before could be repeated."""
    bank = [
        question(number, TYPES[number % 3], MODULES[number // 3 % 3], number // 9 % 3 + 1) for number in range(1, 61)
    ]
    blueprint = Blueprint((Line(SINGLE, 4), Line(MULTIPLE, 2, "社会保险"), Line(TRUE_FALSE, 2, "", 2)), WORTH)
    assert [one.question_id for one in assemble(bank, blueprint, "2022")] == KNOWN
    assert [one.question_id for one in assemble(bank, blueprint, "2023")] != KNOWN
    assert bank_state(bank).hex() == KNOWN_STATE


def test_a_paper_spreads_over_modules_and_difficulties() -> None:
    bank = [question(number, SINGLE, MODULES[number % 3], number // 3 % 3 + 1) for number in range(1, 271)]
    paper = assemble(bank, Blueprint((Line(SINGLE, 27),), WORTH), "seed")
    by_id = {one.question_id: one for one in bank}
    assert set(Counter(by_id[one.question_id].module for one in paper).values()) == {9}
    assert set(Counter(by_id[one.question_id].difficulty for one in paper).values()) == {9}


def test_a_shortage_says_which_line_needs_how_many_and_has() -> None:
    bank = [question(1, MULTIPLE, "社会保险", 5), question(2, MULTIPLE, "社会保险", 5), question(3, SINGLE)]
    blueprint = Blueprint((Line(SINGLE, 1), Line(MULTIPLE, 4, "社会保险", 5), Line(TRUE_FALSE, 2)), WORTH)
    assert shortages(blueprint, bank) == (Shortage((1,), 4, 2), Shortage((2,), 2, 0))
    assert available(blueprint, supply(blueprint, bank)) == (1, 2, 0)


def test_lines_that_are_short_together_only_are_told_together() -> None:
    bank = [question(number, SINGLE, "社会保险", 3) for number in range(1, 4)]
    blueprint = Blueprint((Line(SINGLE, 2, "社会保险"), Line(SINGLE, 2, "", 3)), WORTH)
    assert shortages(blueprint, bank) == (Shortage((0, 1), 4, 3),)


def test_a_general_line_leaves_a_special_one_what_it_needs() -> None:
    bank = [question(1, SINGLE, "社会保险", 1), *(question(number, SINGLE, "就业创业", 2) for number in range(2, 5))]
    blueprint = Blueprint((Line(SINGLE, 3), Line(SINGLE, 1, "", 1)), WORTH)
    for seed in map(str, range(20)):
        paper = assemble(bank, blueprint, seed)
        assert {one.question_id for one in paper if one.line == 1} == {1}


def test_another_is_drawn_from_the_same_line_until_there_is_none() -> None:
    bank = [question(number, SINGLE, "就业创业", 1 + number % 2) for number in range(1, 7)]
    blueprint = Blueprint((Line(SINGLE, 1, "", 1), Line(SINGLE, 1, "", 2)), WORTH)
    paper = assemble(bank, blueprint, "seed")
    item = next(one.item_no for one in paper if one.line == 0)
    refused: set[int] = set()
    for _ in range(2):
        refused.add(next(one.question_id for one in paper if one.item_no == item))
        paper = draw_another(bank, blueprint, "seed", paper, item, refused)
        drawn = next(one for one in paper if one.item_no == item)
        assert drawn.question_id not in refused
        assert drawn.question_id % 2 == 0
    refused |= {one.question_id for one in paper}
    with pytest.raises(Exhausted):
        draw_another(bank, blueprint, "seed", paper, item, refused)
    with pytest.raises(KeyError):
        draw_another(bank, blueprint, "seed", paper, ItemNo(9))


def test_what_is_put_in_by_hand_fits_its_line_and_is_not_on_the_paper() -> None:
    bank = [question(1), question(2), question(3, module="社会保险"), replace(question(4), retired=True)]
    blueprint = Blueprint((Line(SINGLE, 1, "就业创业"),), WORTH)
    paper = assemble(bank, blueprint, "seed")
    there = paper[0].question_id
    other = 3 - there
    assert [one.question_id for one in fitting(bank, blueprint, "seed", paper, ItemNo(1))] == [other]
    assert put_by_hand(bank, blueprint, "seed", paper, ItemNo(1), other)[0].question_id == other
    for unfit in (there, 3, 4, 99):
        with pytest.raises(Unfit):
            put_by_hand(bank, blueprint, "seed", paper, ItemNo(1), unfit)


def test_the_default_is_that_of_the_rules() -> None:
    assert faults(STANDARD) == ()
    assert (STANDARD.items, STANDARD.centipoints) == (80, 10_000)
    assert [(line.type, line.count) for line in STANDARD.lines] == [(SINGLE, 40), (MULTIPLE, 20), (TRUE_FALSE, 20)]


@pytest.mark.parametrize(
    ("blueprint", "code"),
    [
        (Blueprint((), WORTH), "blueprint-empty"),
        (Blueprint((Line(SINGLE, 301),), WORTH), "blueprint-too-large"),
        (Blueprint((Line(SINGLE, 0), Line(MULTIPLE, 1)), WORTH), "blueprint-bad-line"),
        (Blueprint((Line(SINGLE, 1), Line(SINGLE, 2)), WORTH), "blueprint-bad-line"),
        (Blueprint((Line(SINGLE, 1, "", 6),), WORTH), "blueprint-bad-line"),
        (Blueprint((Line(SINGLE, 1),), ()), "blueprint-bad-worth"),
        (Blueprint((Line(SINGLE, 1),), ((SINGLE, Worth(0, 20)),)), "blueprint-bad-worth"),
        (Blueprint((Line(SINGLE, 1),), ((SINGLE, Worth(1, 20, Marking.PARTIAL)),)), "blueprint-bad-worth"),
        (Blueprint((Line(SINGLE, 1),), (*WORTH, *WORTH)), "blueprint-bad-worth"),
    ],
)
def test_what_is_wrong_in_itself_is_said(blueprint: Blueprint, code: str) -> None:
    assert faults(blueprint) == (code,)


KNOWN = [57, 60, 54, 45, 49, 40, 11, 44]
KNOWN_STATE = "d26e1dc38ca6d29a8505985e09fba584c067d253f2b10be2415138746fd95eac"
