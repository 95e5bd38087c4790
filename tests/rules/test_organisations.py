"""Grafting files of organisations onto the tree: what is added, and every way in which a line can be wrong."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitai.rules.organisations import Fault, Graft, Level, Line, Organisation, graft

JILIN = Organisation("220000", "吉林省", Level.PROVINCE, "", "220000")
HEBEI = Organisation("130000", "河北省", Level.PROVINCE, "", "130000")
CITY = Organisation("220100", "长春市", Level.CITY, "220000", "220000")
TREE = {one.code: one for one in (JILIN, HEBEI, CITY)}


def lines(*rows: tuple[str, Level, str]) -> list[Line]:
    return [Line(index, code, f"机构{code}", level, parent) for index, (code, level, parent) in enumerate(rows)]


def grafted(*rows: tuple[str, Level, str], own: str | None = None) -> Graft:
    return graft(TREE, lines(*rows), own=own)


def faults(*rows: tuple[str, Level, str], own: str | None = None) -> list[tuple[int, str, str]]:
    return [(one.index, one.field, one.code) for one in grafted(*rows, own=own).faults]


def test_a_line_comes_after_the_one_above_it_whatever_the_files_order() -> None:
    done = grafted(
        ("U-1", Level.UNIT, "V-1"),
        ("V-1", Level.VILLAGE, "T-1"),
        ("T-1", Level.TOWNSHIP, "C-1"),
        ("C-1", Level.COUNTY, "220100"),
    )
    assert [one.code for one in done.added] == ["C-1", "T-1", "V-1", "U-1"]
    assert {one.province for one in done.added} == {"220000"}
    assert done.faults == ()


def test_levels_may_be_left_out() -> None:
    done = grafted(("U-1", Level.UNIT, "220000"), ("U-2", Level.UNIT, "220100"))
    assert [one.parent for one in done.added] == ["220000", "220100"]


def test_a_file_that_comes_twice_changes_nothing() -> None:
    same = Line(0, "220100", "长春市", Level.CITY, "220000")
    assert graft(TREE, [same], own=None) == Graft((), (), 1, ())
    other = graft(TREE, [replace(same, name="长春", closed=True)], own=None)
    assert other.changed == (replace(CITY, name="长春", closed=True),)


def test_a_province_is_there_already_and_is_nobodys_to_change() -> None:
    named = Line(0, "220000", "别的名字", Level.PROVINCE, "", closed=True)
    assert graft(TREE, [named], own=None) == Graft((), (), 1, ())
    assert faults(("990000", Level.PROVINCE, "")) == [(0, "code", "organisation-province")]
    assert faults(("220000", Level.PROVINCE, "130000")) == [(0, "parent", "organisation-level")]
    assert faults(("220100", Level.PROVINCE, "")) == [(0, "code", "organisation-province")]


def test_a_code_that_comes_again_is_refused_and_the_first_stays() -> None:
    done = grafted(("C-1", Level.COUNTY, "220100"), ("C-1", Level.COUNTY, "220000"))
    assert done.faults == (Fault(1, "code", "organisation-repeated", "0"),)
    assert [one.parent for one in done.added] == ["220100"]


def test_what_is_above_must_be_there() -> None:
    assert faults(("C-1", Level.COUNTY, "nowhere"), ("U-1", Level.UNIT, "C-1")) == [
        (0, "parent", "organisation-parent-unknown"),
        (1, "parent", "organisation-under-refused"),
    ]


@pytest.mark.parametrize("level", [Level.CITY, Level.PROVINCE])
def test_what_is_under_must_be_lower(level: Level) -> None:
    (fault,) = faults(("C-1", level, "220100"))
    assert fault[2] == "organisation-level"


def test_cycles_are_found_and_so_is_what_hangs_on_them() -> None:
    assert faults(("A1", Level.COUNTY, "A1")) == [(0, "parent", "organisation-cycle")]
    assert faults(
        ("B1", Level.UNIT, "A1"), ("A1", Level.COUNTY, "A2"), ("A2", Level.TOWNSHIP, "A3"), ("A3", Level.VILLAGE, "A1")
    ) == [
        (0, "parent", "organisation-under-refused"),
        (1, "parent", "organisation-cycle"),
        (2, "parent", "organisation-cycle"),
        (3, "parent", "organisation-cycle"),
    ]


def test_what_is_in_the_tree_stays_where_it_is() -> None:
    assert faults(("220100", Level.COUNTY, "220000")) == [(0, "parent", "organisation-moved")]
    assert faults(("220100", Level.CITY, "130000")) == [(0, "parent", "organisation-moved")]


def test_a_province_brings_its_own_alone() -> None:
    assert faults(("C-1", Level.COUNTY, "220100"), ("H-1", Level.CITY, "130000"), own="220000") == [
        (1, "parent", "organisation-not-own")
    ]
    assert faults(("220000", Level.PROVINCE, ""), own="130000") == [(0, "code", "organisation-not-own")]


def test_a_chain_deeper_than_the_stack_is_read() -> None:
    chain = [("X0", Level.UNIT, "nowhere"), *((f"X{no}", Level.UNIT, f"X{no - 1}") for no in range(1, 3_000))]
    assert len(faults(*reversed(chain))) == 3_000


CODES = st.sampled_from(["A1", "A2", "A3", "A4", "220000", "220100", "130000", "nowhere"])


@given(st.lists(st.tuples(CODES, st.sampled_from(Level), st.one_of(CODES, st.just(""))), max_size=8))
def test_whatever_comes_the_tree_stays_one(rows: list[tuple[str, Level, str]]) -> None:
    done = grafted(*rows)
    tree = dict(TREE)
    for one in done.added:
        above = tree[one.parent]
        assert above.level < one.level
        assert above.province == one.province
        assert one.code not in tree
        tree[one.code] = one
    assert all(tree[one.code].parent == one.parent for one in done.changed)
    refused = {one.index for one in done.faults}
    assert len(done.added) + len(done.changed) + done.unchanged + len(refused) == len(rows)
