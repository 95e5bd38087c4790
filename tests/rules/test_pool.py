"""The expert pool's law: merging is a join, matching is symmetric, and what an honour says about taking part."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitai.rules.eligibility import Evidence, RuleCode, check
from leitai.rules.id_numbers import check_digit, masked_id_number, masked_phone, valid_id_number
from leitai.rules.pool import (
    Expert,
    Identity,
    Match,
    PoolHonour,
    PoolKind,
    PoolState,
    Source,
    barred,
    match,
    merge,
    merge_honours,
    participations,
    titles,
)
from leitai.rules.values import DelegationCode, Micros

BEIJING, CORPS = DelegationCode("110000"), DelegationCode("660000")

provinces = st.sampled_from([BEIJING, CORPS])
honours = st.builds(
    PoolHonour,
    year=st.integers(2019, 2024),
    kind=st.sampled_from([kind.value for kind in PoolKind]),
    title=st.sampled_from(["", "一等奖"]),
    place=st.integers(0, 3),
    province=provinces,
    source=st.sampled_from([source.value for source in Source]),
)
experts = st.builds(
    Expert,
    name=st.sampled_from(["张三", "李四"]),
    province=provinces,
    unit=st.sampled_from(["", "某局"]),
    expertise=st.sampled_from([(), ("社会保险",)]),
    state=st.sampled_from(list(PoolState)),
    revised_us=st.integers(0, 3).map(Micros),
    honours=st.lists(honours, max_size=5).map(merge_honours),
)
identities = st.builds(
    Identity,
    name=st.sampled_from(["张三", "李四"]),
    province=provinces,
    unit=st.sampled_from(["", "某局", "某厅"]),
    digest=st.sampled_from([None, b"1", b"2"]),
    won=st.frozensets(st.sampled_from([(2021, "star", ""), (2020, "provincial", "一等奖")])),
)


@given(experts, experts, experts)
def test_merging_is_a_join(one: Expert, other: Expert, third: Expert) -> None:
    assert merge(one, one) == one
    assert merge(one, other) == merge(other, one)
    assert merge(merge(one, other), third) == merge(one, merge(other, third))


@given(experts, experts)
def test_merging_loses_no_honour(one: Expert, other: Expert) -> None:
    both = merge(one, other)
    assert {honour.key for honour in both.honours} == {honour.key for honour in one.honours | other.honours}
    assert all(honour in one.honours | other.honours for honour in both.honours)
    assert both.revised_us == max(one.revised_us, other.revised_us)


def test_of_two_who_say_the_same_the_higher_counts() -> None:
    said = PoolHonour(2022, "knowledge", place=7, province=BEIJING)
    given_ = replace(said, place=3, source=Source.CONTEST.value)
    assert merge_honours([said], [given_]) == merge_honours([given_], [said]) == {given_}


@given(identities, identities)
def test_matching_is_symmetric_and_a_number_is_never_overruled(one: Identity, other: Identity) -> None:
    assert match(one, other) is match(other, one)
    if one.digest and other.digest:
        assert match(one, other) is (Match.SAME if one.digest == other.digest else Match.DIFFERENT)
    if match(one, other) is Match.POSSIBLE:
        assert (one.name, one.province) == (other.name, other.province)


def test_a_name_alone_leaves_it_to_a_person() -> None:
    known = Identity("张三", BEIJING, "某局", b"1")
    assert match(known, Identity("张三", BEIJING, "某局")) is Match.SAME
    assert match(known, Identity("张三", BEIJING, "某厅")) is Match.POSSIBLE
    assert match(known, Identity("张三", BEIJING)) is Match.POSSIBLE
    assert match(Identity("张三", BEIJING), Identity("张三", BEIJING)) is Match.POSSIBLE
    star = frozenset({(2021, "star", "")})
    assert match(Identity("张三", BEIJING, won=star), Identity("张三", BEIJING, "某局", won=star)) is Match.SAME
    assert (
        match(Identity("张三", BEIJING, "某厅", won=star), Identity("张三", BEIJING, "某局", won=star))
        is Match.POSSIBLE
    )
    assert match(known, Identity("张三", CORPS, "某局")) is Match.DIFFERENT
    assert match(known, Identity("李四", CORPS, "", b"1")) is Match.SAME


@pytest.mark.parametrize(
    ("kind", "year", "codes"),
    [
        ("knowledge", 2019, [RuleCode.NO_KNOWLEDGE_TITLE]),
        ("knowledge", 2022, [RuleCode.NO_FORMER_CONTEST, RuleCode.NO_KNOWLEDGE_TITLE]),
        ("knowledge", 2021, [RuleCode.NO_KNOWLEDGE_TITLE]),
        ("star", 2021, []),
        ("star", 2022, [RuleCode.NO_FORMER_CONTEST]),
        ("star", 2023, []),
        ("national", 2020, [RuleCode.NO_FORMER_CONTEST]),
        ("regional", 2020, [RuleCode.NO_FORMER_CONTEST]),
        ("inter_provincial", 2019, [RuleCode.NO_FORMER_CONTEST]),
        ("unified_online", 2021, []),
        ("law_knowledge", 2019, [RuleCode.NO_LAW_CONTEST]),
        ("law_knowledge", 2020, []),
        ("provincial", 2020, []),
    ],
)
def test_what_an_honour_says_about_the_contest_of_2023(kind: str, year: int, codes: list[RuleCode]) -> None:
    assert [result.code for result in barred([PoolHonour(year, kind)], 2023)] == codes


@given(st.lists(honours, max_size=6), st.integers(2019, 2025))
def test_what_bars_is_what_the_law_says_of_the_same_facts(held: list[PoolHonour], year: int) -> None:
    facts = Evidence(9, 900_000, participations(held), titles(held))
    failed = tuple(result for result in check(facts, date(year, 8, 31)) if not result.passed)
    assert barred(held, year) == failed
    later = barred([*held, PoolHonour(2026, "knowledge"), PoolHonour(2026, "national")], year)
    assert later == failed


def test_identity_numbers() -> None:
    body = "11010519491231002"
    assert check_digit(body) == "X"  # the standard's own example
    assert valid_id_number(body + "X")
    assert not valid_id_number(body + "x")
    assert not valid_id_number(body + "1")
    assert not valid_id_number("110105194913310025")
    assert not valid_id_number("")
    assert not valid_id_number("１" * 18)
    assert masked_id_number(body + "X") == "*" * 14 + "002X"
    assert masked_phone("13800001234") == "*******1234"
    assert masked_id_number("") == masked_phone("") == ""


@given(st.text("0123456789", min_size=16, max_size=16), st.integers(0, 17), st.sampled_from("0123456789X"))
def test_one_wrong_digit_is_always_found(tail: str, at: int, sign: str) -> None:
    body = ("1" + tail)[:6] + "19900101" + tail[6:9]
    number = body + check_digit(body)
    assert valid_id_number(number)
    wrong = number[:at] + sign + number[at + 1 :]
    assert valid_id_number(wrong) is (wrong == number)
