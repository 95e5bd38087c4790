"""Editions of the syllabus: what may change in which, and what the next one takes over."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitai.rules import syllabus
from leitai.rules.syllabus import Edition, SyllabusRefused

MODULES = ("社会保险", "劳动关系")


def edition(*names: str, published: bool = False) -> Edition:
    made = Edition("2022 版")
    for number, name in enumerate(names, 1):
        made = syllabus.add(made, number, "社会保险", name, modules=MODULES)
    return syllabus.publish(made) if published else made


def refused(code: str) -> "pytest.RaisesExc[SyllabusRefused]":
    return pytest.raises(SyllabusRefused, match=f"^{code}$")


def test_a_draft_changes_freely() -> None:
    made = syllabus.rename(edition("参保", "待遇"), 2, " 待遇  领取 ")
    made = syllabus.retire(made, 1, "并入")
    assert [(one.name, one.place, one.retired) for one in made.points] == [("参保", 1, True), ("待遇 领取", 2, False)]
    assert syllabus.restore(made, 1).points[0].retired_reason == ""


def test_a_published_edition_is_supplemented_and_its_names_stand() -> None:
    made = edition("参保", published=True)
    made = syllabus.add(made, 9, "社会保险", "个人养老金", modules=MODULES)
    assert (made.points[1].supplement, made.points[1].place) == (True, 2)
    assert syllabus.retire(made, 1, "条例废止").points[0].retired
    with refused("syllabus-published"):
        syllabus.rename(made, 1, "参保登记")
    with refused("syllabus-published"):
        syllabus.publish(made)


def test_the_next_edition_takes_what_is_in_use() -> None:
    newest = syllabus.retire(edition("参保", "待遇", "争议", published=True), 2, "旧")
    made = syllabus.next_edition(newest, "2023 版")
    assert [(one.point_id, one.name, one.place) for one in made.points] == [(1, "参保", 1), (3, "争议", 2)]
    assert not made.published
    with refused("syllabus-draft-open"):
        syllabus.next_edition(edition(), "2023 版")
    with refused("syllabus-name-taken"):
        syllabus.next_edition(newest, "2022 版")


def test_what_cannot_be() -> None:
    made = edition("参保", "待遇")
    with refused("syllabus-name-missing"):
        syllabus.add(made, 3, "社会保险", "  ", modules=MODULES)
    with refused("syllabus-name-too-long"):
        syllabus.rename(made, 1, "长" * 61)
    with refused("syllabus-name-taken"):
        syllabus.rename(made, 1, "待遇")
    with refused("syllabus-name-taken"):
        syllabus.add(made, 3, "社会保险", "参保", modules=MODULES)
    with refused("syllabus-unknown-module"):
        syllabus.add(made, 3, "天文", "参保", modules=MODULES)
    with refused("syllabus-unknown-point"):
        syllabus.retire(made, 7, "旧")
    with refused("syllabus-reason-missing"):
        syllabus.retire(made, 1, " ")
    with refused("syllabus-point-not-retired"):
        syllabus.restore(made, 1)
    with refused("syllabus-point-retired"):
        syllabus.retire(syllabus.retire(made, 1, "旧"), 1, "旧")
    with refused("syllabus-not-in-work"):
        syllabus.rename(Edition("2021 版", in_work=False, points=made.points), 1, "名")


_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "rename", "retire", "restore", "publish", "next"]),
        st.integers(1, 6),
        st.text("甲乙丙", max_size=2),
        st.sampled_from(MODULES),
    ),
    max_size=30,
)


@given(_STEPS)
def test_names_and_places_are_unique_in_a_module_whatever_is_done(steps: list[tuple[str, int, str, str]]) -> None:
    made, added = Edition("0"), 0
    for number, (act, point, name, module) in enumerate(steps, 1):
        try:
            match act:
                case "add":
                    made = syllabus.add(made, added + 1, module, name, modules=MODULES)
                    added += 1
                case "rename":
                    made = syllabus.rename(made, point, name)
                case "retire":
                    made = syllabus.retire(made, point, name)
                case "restore":
                    made = syllabus.restore(made, point)
                case "publish":
                    made = syllabus.publish(made)
                case _:
                    made = syllabus.next_edition(made, f"第{number}版")
        except SyllabusRefused:
            continue
        for of in MODULES:
            own = [one for one in made.points if one.module == of]
            assert len({one.name for one in own}) == len({one.place for one in own}) == len(own)
