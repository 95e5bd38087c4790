from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitai.rules.honours import AwardKind, Quotas
from leitai.rules.outcomes import Outcome, outcome, rebuild
from leitai.rules.reveals import CallOut, Group, Place, Reveal, RevealRefused, Step, steps, take_up
from leitai.rules.values import DelegationCode, Member, Micros, SittingId
from tests.rules.builders import answer, item, plan, window

QUOTAS = Quotas(2, 1, (1, 1, 1, 0))
NAMES = {DelegationCode(str(code)): f"队{code}" for code in (11, 12, 13)}
SESSION = plan([item(1), item(2)])
MEMBERS = tuple(
    Member(SittingId(no), f"选手{no}", DelegationCode(str(11 + no % 3)), absent=no == 9) for no in range(1, 10)
)


def finished() -> Outcome:
    """Nine of three delegations, a smaller number is quicker; 1 to 4 are right on both items, 4 as quick as 3."""
    answers = [
        answer(
            no,
            "A" if member.sitting_id <= 4 or no == 1 else "B",
            sitting=member.sitting_id,
            offset=no,
            elapsed_us=3 if member.sitting_id == 4 else member.sitting_id,
        )
        for no in (1, 2)
        for member in MEMBERS
        if not member.absent
    ]
    return outcome(rebuild(SESSION, MEMBERS, answers, [window(1), window(2)]), MEMBERS, QUOTAS)


def made(group: Group, **options: int | str) -> tuple[Step, ...]:
    done = finished()
    return steps(done, done.awards(), group, NAMES, **options)  # pyright: ignore[reportArgumentType]


def told(listed: tuple[Step, ...]) -> list[object]:
    return [
        (step.rank, step.sitting_id or step.delegation) if isinstance(step, Place) else step.award for step in listed
    ]


def test_individuals_come_from_the_last_place_up_and_awards_are_called_out() -> None:
    listed = made(Group.INDIVIDUALS)
    assert told(listed) == [
        (8, 8),
        (7, 7),
        (6, 6),
        (5, 5),
        (3, 4),
        (3, 3),
        AwardKind.STAR,
        (2, 2),
        (1, 1),
        AwardKind.KNOWLEDGE,
    ]
    out = listed[-1]
    assert isinstance(out, CallOut)
    assert [place.sitting_id for place in out.places] == [1, 2]
    stars = listed[6]
    assert isinstance(stars, CallOut)
    assert {place.sitting_id for place in stars.places} == {3, 4, 5}


def test_a_province_is_ranked_among_itself() -> None:
    assert told(made(Group.PROVINCE, delegation="11")) == [(2, 6), (1, 3), AwardKind.STAR]
    assert told(made(Group.PROVINCE, delegation="99")) == []


def test_delegations_with_their_prizes() -> None:
    assert told(made(Group.DELEGATIONS)) == [
        (3, "11"),
        AwardKind.TEAM_SECOND,
        (2, "13"),
        AwardKind.TEAM_FIRST,
        (1, "12"),
        AwardKind.TEAM_GRAND,
    ]
    assert made(Group.DELEGATIONS)[0].name == "队11"  # pyright: ignore[reportAttributeAccessIssue]


@pytest.mark.parametrize(("best", "last"), [(2, 2), (3, 3), (4, 3), (99, 8)])
def test_only_the_best_places_are_revealed_with_whoever_equals_the_last(best: int, last: int) -> None:
    first = made(Group.INDIVIDUALS, best=best)[0]
    assert isinstance(first, Place)
    assert first.rank == last
    assert made(Group.INDIVIDUALS, best=0) == ()


def test_a_director_plays_it() -> None:
    reveal = Reveal(made(Group.DELEGATIONS))
    assert reveal.current is None
    with pytest.raises(RevealRefused, match=r"^reveal-at-start$"):
        reveal.back()
    reveal = reveal.play().next().next()
    assert (reveal.shown, reveal.playing) == (2, True)
    assert isinstance(reveal.current, CallOut)
    assert not reveal.pause().playing
    assert reveal.back() == replace(reveal, shown=1, playing=False)
    for wrong in (-1, 7):
        with pytest.raises(RevealRefused, match=r"^reveal-no-such-step$"):
            reveal.jump(wrong)
    ended = reveal.jump(5).play().next()
    assert (ended.shown, ended.playing) == (6, False), "at the end nothing plays on"
    for move in (ended.next, ended.play):
        with pytest.raises(RevealRefused, match=r"^reveal-at-end$"):
            move()


@given(st.integers(0, 6))
def test_it_goes_on_after_a_reload(shown: int) -> None:
    listed = made(Group.DELEGATIONS)
    held = Reveal(listed).jump(shown).set_down()
    assert take_up(made(Group.DELEGATIONS), held) == Reveal(listed, shown)


@pytest.mark.parametrize("held", ["", "[]", "{}", '{"digest":"x","shown":1}', "null"])
def test_what_belongs_to_another_list_is_refused(held: str) -> None:
    listed = made(Group.DELEGATIONS)
    with pytest.raises(RevealRefused, match=r"^reveal-changed$"):
        take_up(listed, held)
    first = listed[0]
    assert isinstance(first, Place)
    other = (replace(first, elapsed_us=Micros(first.elapsed_us + 1)), *listed[1:])
    with pytest.raises(RevealRefused, match=r"^reveal-changed$"):
        take_up(other, Reveal(listed, 1).set_down())
