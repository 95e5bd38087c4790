from dataclasses import replace
from datetime import date

import pytest

from leitai.rules.eligibility import (
    ContestKind,
    Evidence,
    Figure,
    Honour,
    HonourKind,
    Participation,
    RuleCode,
    check,
    eligible,
)

AS_OF = date(2022, 8, 31)
GOOD = Evidence(daily_star_titles=1, weekly_centipoints=100_000)


def failed(evidence: Evidence, as_of: date = AS_OF) -> list[RuleCode]:
    results = check(evidence, as_of)
    assert [result.code for result in results] == list(RuleCode)
    assert eligible(results) is all(result.passed for result in results)
    return [result.code for result in results if not result.passed]


def test_the_least_that_is_enough() -> None:
    assert failed(GOOD) == []
    assert failed(replace(GOOD, daily_star_titles=0)) == [RuleCode.DAILY_STAR]
    assert failed(replace(GOOD, weekly_centipoints=99_999)) == [RuleCode.WEEKLY_POINTS]
    assert failed(Evidence(0, 0)) == [RuleCode.DAILY_STAR, RuleCode.WEEKLY_POINTS]


def test_figures_are_shown() -> None:
    stars, points, *_ = check(replace(GOOD, weekly_centipoints=99_999), AS_OF)
    assert stars.evidence == (Figure(1, 1),)
    assert points.evidence == (Figure(99_999, 100_000),)


@pytest.mark.parametrize(
    ("kind", "year", "rule"),
    [
        (ContestKind.INTER_PROVINCIAL, 2020, RuleCode.NO_FORMER_CONTEST),
        (ContestKind.REGIONAL, 2021, RuleCode.NO_FORMER_CONTEST),
        (ContestKind.NATIONAL, 2019, RuleCode.NO_FORMER_CONTEST),
        (ContestKind.NATIONAL, 2022, RuleCode.NO_FORMER_CONTEST),
        (ContestKind.NATIONAL, 2023, None),
        (ContestKind.UNIFIED_ONLINE, 2020, RuleCode.NO_FORMER_CONTEST),
        (ContestKind.UNIFIED_ONLINE, 2021, None),
        (ContestKind.UNIFIED_ONLINE, 2022, None),
        (ContestKind.LAW_KNOWLEDGE, 2019, RuleCode.NO_LAW_CONTEST),
        (ContestKind.LAW_KNOWLEDGE, 2020, None),
        (ContestKind.PROVINCIAL, 2021, None),
    ],
)
def test_former_contests(kind: ContestKind, year: int, rule: RuleCode | None) -> None:
    former = Participation(kind, year)
    evidence = replace(GOOD, participations=(Participation(ContestKind.UNIFIED_ONLINE, 2021), former))
    assert failed(evidence) == ([] if rule is None else [rule])
    assert [r.evidence for r in check(evidence, AS_OF) if not r.passed] == ([] if rule is None else [(former,)])


def test_the_unified_contest_of_2022_counts_the_year_after() -> None:
    evidence = replace(GOOD, participations=(Participation(ContestKind.UNIFIED_ONLINE, 2022),))
    assert failed(evidence, date(2023, 8, 31)) == [RuleCode.NO_FORMER_CONTEST]


def test_titles() -> None:
    assert failed(replace(GOOD, titles=(Honour(HonourKind.STAR, 2021),))) == []
    assert failed(replace(GOOD, titles=(Honour(HonourKind.KNOWLEDGE, 2022),))) == [RuleCode.NO_KNOWLEDGE_TITLE]
    assert failed(replace(GOOD, titles=(Honour(HonourKind.KNOWLEDGE, 2023),))) == []
    held = Honour(HonourKind.KNOWLEDGE, 2019)
    evidence = replace(GOOD, titles=(held,))
    assert failed(evidence) == [RuleCode.NO_KNOWLEDGE_TITLE]
    assert check(evidence, AS_OF)[-1].evidence == (held,)


def test_figures_measured_too_late_tell_nothing() -> None:
    assert failed(replace(GOOD, measured_on=AS_OF)) == []
    with pytest.raises(ValueError, match="after 2022-08-31"):
        check(replace(GOOD, measured_on=date(2022, 9, 1)), AS_OF)
