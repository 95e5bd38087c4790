"""公示: its period in working days, who may do which step when, objections, what changed, and corrections."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from leitai.rules import award_corrections as law
from leitai.rules.award_corrections import Correction, Rename, Withdraw
from leitai.rules.beijing import BEIJING
from leitai.rules.effects import OrderEquals, StrikeOff
from leitai.rules.publicity import (
    OPEN_OBJECTIONS,
    STEP_WITHIN_US,
    Change,
    ChangeKind,
    Holder,
    Publication,
    PublicityRefused,
    Step,
    StepKind,
    changes,
    check_confirmation,
    check_objection,
    check_step,
    period_end,
)
from leitai.rules.rulings import RulingState, in_force
from leitai.rules.values import ActorId, DelegationCode, Member, Micros, SittingId

DIGEST, OTHER = b"1" * 32, b"2" * 32
NOW = Micros(1_000_000)
OPEN = Publication(1, DIGEST, Micros(1), Micros(10_000_000))
NONE = Publication()


def at(*when: int) -> int:
    return round(datetime(*when, tzinfo=BEIJING).timestamp()) * 1_000_000  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("opens", "days", "off", "worked", "ends"),
    [
        # A Wednesday: Thursday, Friday, Monday, Tuesday, Wednesday.
        ((2022, 9, 21, 10), 5, (), (), (2022, 9, 29)),
        ((2022, 9, 21, 0, 0, 0), 1, (), (), (2022, 9, 23)),
        ((2022, 9, 21, 23, 59, 59), 1, (), (), (2022, 9, 23)),
        # National Day, with the Saturday and Sunday after it worked instead.
        ((2022, 9, 30, 10), 1, tuple(date(2022, 10, day) for day in range(1, 8)), (date(2022, 10, 8),), (2022, 10, 9)),
        ((2022, 9, 30, 10), 1, tuple(date(2022, 10, day) for day in range(1, 8)), (), (2022, 10, 11)),
    ],
)
def test_a_period_is_counted_in_working_days(
    opens: tuple[int, ...], days: int, off: tuple[date, ...], worked: tuple[date, ...], ends: tuple[int, ...]
) -> None:
    assert period_end(at(*opens), days, off, worked) == at(*ends)


@pytest.mark.parametrize("days", [0, -1, 61])
def test_a_period_that_is_none(days: int) -> None:
    with pytest.raises(PublicityRefused, match="awards-period"):
        period_end(at(2022, 9, 21), days)


def asked(kind: StepKind, publication: Publication, digest: bytes = DIGEST, **more: int) -> str:
    """The code that a step is refused with; empty: it is not."""
    given: dict[str, int] = {"now_us": NOW, "final": True, "tied": False, "undecided": 0, **more}
    if kind is StepKind.OPEN:
        given.setdefault("closes_us", NOW + 1)
    try:
        check_step(kind, publication, digest, **given)  # pyright: ignore[reportArgumentType]
    except PublicityRefused as refused:
        return refused.code
    return ""


def test_which_step_is_possible_when() -> None:
    end = OPEN.closes_us
    definite = replace(OPEN, definite_us=Micros(11_000_000))
    assert asked(StepKind.OPEN, NONE) == ""
    assert asked(StepKind.OPEN, NONE, final=False) == "awards-not-final"
    assert asked(StepKind.OPEN, NONE, tied=True) == "awards-tied"
    assert asked(StepKind.OPEN, NONE, closes_us=NOW) == "awards-period"
    assert asked(StepKind.OPEN, OPEN) == "awards-step"
    assert asked(StepKind.REVISE, NONE) == asked(StepKind.SETTLE, NONE) == "awards-step"
    assert asked(StepKind.REVISE, OPEN) == "awards-unchanged"
    assert asked(StepKind.REVISE, OPEN, OTHER) == ""
    assert asked(StepKind.REVISE, OPEN, OTHER, tied=True) == "awards-tied"
    assert asked(StepKind.REVISE, definite, OTHER) == asked(StepKind.SETTLE, definite) == "awards-step"
    assert asked(StepKind.SETTLE, OPEN, now_us=OPEN.closes_us - 1) == "awards-period-open"
    assert asked(StepKind.SETTLE, OPEN, now_us=end) == ""
    assert asked(StepKind.SETTLE, OPEN, now_us=end, undecided=1) == "objections-undecided"
    assert asked(StepKind.SETTLE, OPEN, OTHER, now_us=end) == "awards-list-differs"


def test_another_person_confirms_what_was_seen_in_time() -> None:
    step = Step(1, StepKind.SETTLE, 1, DIGEST, Micros(0), ActorId("wang"), "王", NOW, Micros(NOW + STEP_WITHIN_US))

    def confirmed(actor: str, now_us: int, publication: Publication = OPEN, digest: bytes = DIGEST) -> str:
        try:
            check_confirmation(step, publication, digest, ActorId(actor), now_us)
        except PublicityRefused as refused:
            return refused.code
        return ""

    assert confirmed("li", NOW) == confirmed("li", NOW + STEP_WITHIN_US - 1) == ""
    assert confirmed("wang", NOW) == "step-self-confirmation"
    assert confirmed("li", NOW + STEP_WITHIN_US) == "step-lapsed"
    assert confirmed("li", NOW, replace(OPEN, edition=2)) == "awards-step"
    assert confirmed("li", NOW, digest=OTHER) == "awards-changed"


def test_when_objections_are_taken() -> None:
    def filed(text: str = "身份不符", publication: Publication = OPEN, waiting: int = 0, now_us: int = NOW) -> str:
        try:
            check_objection(publication, text, waiting, now_us)
        except PublicityRefused as refused:
            return refused.code
        return ""

    assert filed() == filed(now_us=OPEN.closes_us - 1) == filed(text="字" * 2000) == ""
    assert filed(now_us=OPEN.closes_us) == filed(publication=NONE) == "objection-not-open"
    assert filed(publication=replace(OPEN, definite_us=Micros(5))) == "objection-not-open"
    assert filed(text=" \n") == "objection-text-missing"
    assert filed(text="字" * 2001) == "objection-text-too-long"
    assert filed(waiting=OPEN_OBJECTIONS - 1) == ""
    assert filed(waiting=OPEN_OBJECTIONS) == "objection-too-many"


def test_what_differs_between_two_lists() -> None:
    before = [Holder("1", "star", "甲", "110000"), Holder("2", "star", "乙", "110000"), Holder("3", "star", "丙", "1")]
    after = [Holder("1", "knowledge", "甲", "110000"), Holder("3", "star", "丙丙", "1"), Holder("4", "star", "丁", "1")]
    assert changes(before, after) == [
        Change(ChangeKind.OTHER, "甲", "110000", "star", "knowledge"),
        Change(ChangeKind.RENAMED, "丙丙", "1", "丙", "丙丙"),
        Change(ChangeKind.GAINED, "丁", "1", "", "star"),
        Change(ChangeKind.LOST, "乙", "110000", "star", ""),
    ]
    assert changes(after, after) == []


def correction(no: int, effect: law.CorrectionEffect) -> Correction:
    return Correction(no, effect, "查实", ActorId("chief"), Micros(no))


def test_corrections_are_rulings_to_the_law_of_outcomes_until_they_are_withdrawn() -> None:
    made = [
        correction(1, StrikeOff(SittingId(7))),
        correction(2, Rename(SittingId(8), "旧名")),
        correction(3, OrderEquals((SittingId(5), SittingId(6)))),
        correction(4, Withdraw(1)),
        correction(5, Rename(SittingId(8), "新名")),
    ]
    rulings = law.as_rulings(made)
    assert [(one.ruling_id, one.state) for one in rulings] == [(-3, RulingState.IN_FORCE)]
    assert [one.ruling_id for one in in_force(rulings)] == [-3]
    assert [one.ruling_id for one in law.as_rulings(made[:3])] == [-1, -3]
    assert law.names(made) == {8: "新名"}


def test_corrections_without_sense() -> None:
    beijing = DelegationCode("110000")
    members = [Member(SittingId(no), "某", beijing, struck=no == 3) for no in (1, 2, 3)]
    made = [correction(1, StrikeOff(SittingId(2)))]

    def fault(effect: law.CorrectionEffect) -> str | None:
        return law.fault(effect, members, made)

    assert fault(StrikeOff(SittingId(1))) is None
    assert fault(StrikeOff(SittingId(2))) == fault(StrikeOff(SittingId(3))) == "correction-senseless"
    assert fault(StrikeOff(SittingId(9))) == fault(Rename(SittingId(9), "某")) == "correction-unknown-person"
    assert fault(Rename(SittingId(1), "䶮")) is None
    assert fault(Rename(SittingId(1), " ")) == fault(Rename(SittingId(1), "字" * 51)) == "correction-senseless"
    assert fault(OrderEquals((SittingId(1), SittingId(2)))) is None
    assert fault(OrderEquals((SittingId(1),))) == fault(OrderEquals()) == "correction-senseless"
    assert fault(OrderEquals(delegations=(beijing, DelegationCode("120000")))) == "correction-unknown-person"
    assert fault(Withdraw(1)) is None
    assert fault(Withdraw(2)) == "correction-senseless"
