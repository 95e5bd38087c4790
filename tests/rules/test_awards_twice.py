"""Awards of 10,000 random contests, and everyone's reason, against a second computation that shares nothing."""

import random
from time import process_time

from leitai.rules.award_reasons import Verdict, explain
from leitai.rules.awards import AwardKind, Awards, OrderRuling, Quotas, cascade
from leitai.rules.honours import award_name
from leitai.rules.ranking import rank, rank_delegations
from leitai.rules.values import DelegationCode, Member, Micros, Score, SittingId
from tests.rules.second_awards import Second, second_awards

CONTESTS = 10_000
AT_MOST_S = 10.0
FULL = Micros(5)
CODES = [DelegationCode(code) for code in ("110000", "120000", "130000", "140000", "150000")]


def contest(chance: random.Random) -> tuple[list[Member], list[Score], list[OrderRuling], Quotas]:
    """Few people, few different results: ties everywhere."""
    members: list[Member] = []
    for code in CODES[: chance.randint(1, 4)]:
        for _ in range(chance.randint(0, 4)):
            no = SittingId(len(members) + 1)
            struck, absent = chance.random() < 0.1, chance.random() < 0.1
            members.append(Member(no, f"选手{no}", code, struck=struck, absent=absent))
    levels, times = chance.randint(1, 6), chance.randint(1, 3)
    scores = [
        Score(
            one.sitting_id,
            chance.randrange(levels),
            Micros(chance.randrange(times)),
            chance.randrange(2),
            chance.randrange(2),
        )
        for one in members
        if not one.struck
    ]
    rulings: list[OrderRuling] = []
    for number in range(chance.choice((0, 0, 1, 3))):
        persons = [one.sitting_id for one in members]
        delegations = list(CODES)
        chance.shuffle(persons)
        chance.shuffle(delegations)
        if chance.random() < 0.5:
            rulings.append(OrderRuling(number + 1, persons=tuple(persons)))
        else:
            rulings.append(OrderRuling(number + 1, delegations=tuple(delegations[: chance.randint(2, 5)])))
    quotas = Quotas(chance.randint(1, 8), chance.randint(1, 3), tuple(chance.randint(0, 2) for _ in range(4)))  # pyright: ignore[reportArgumentType]
    return members, scores, rulings, quotas


def told(awards: Awards) -> Second:
    """The cascade's awards in the words of the second computation."""
    return Second(
        {(award_name(one.kind), one.sitting_id, one.reason.place) for one in awards.persons},
        {(award_name(one.kind), one.delegation, one.reason.place) for one in awards.teams},
        {
            (
                one.delegation or "",
                tuple((award_name(kind), seats) for kind, seats in one.seats),
                frozenset((*one.persons, *one.delegations)),
            )
            for one in awards.ties
        },
        {(one.delegation, frozenset(one.candidates)) for one in awards.waiting},
        {(award_name(one.kind), one.quota, one.eligible, one.delegation or "") for one in awards.shortfalls},
    )


def test_ten_thousand_contests_have_the_same_awards_twice() -> None:
    chance = random.Random(2022)
    tied = waiting = ruled = 0
    began = process_time()
    for _ in range(CONTESTS):
        members, scores, rulings, quotas = contest(chance)
        standings = rank(scores)
        awards = cascade(members, standings, rank_delegations(members, standings, FULL), rulings, quotas)
        orders = [(*one.persons, *one.delegations) for one in rulings]
        second = second_awards(
            members, scores, orders, FULL, quotas.knowledge, quotas.stars_per_delegation, quotas.teams
        )
        assert told(awards) == second, (members, scores, rulings, quotas)
        tied, waiting = tied + bool(awards.ties), waiting + bool(awards.waiting)
        ruled += any(one.reason.ruling_id for one in (*awards.persons, *awards.teams))
    assert process_time() - began < AT_MOST_S
    # What is compared is worth it.
    assert min(tied, waiting, ruled) > CONTESTS // 100


def test_everyones_reason_says_what_the_awards_say() -> None:
    chance = random.Random(50)
    for _ in range(500):
        members, scores, rulings, quotas = contest(chance)
        standings = rank(scores)
        awards = cascade(members, standings, rank_delegations(members, standings, FULL), rulings, quotas)
        lines = explain(members, standings, awards)
        assert sorted(one.sitting_id for one in lines) == [one.sitting_id for one in members]
        given = {one.sitting_id: one for one in awards.persons}
        for line in lines:
            assert (line.verdict is Verdict.AWARDED) == (line.sitting_id in given)
            award = given.get(line.sitting_id)
            if award is None:
                continue
            assert line.kind is award.kind
            # A ruling sets equals apart; without one the place is that of the award's own reason.
            place = line.national_place if award.kind is AwardKind.KNOWLEDGE else line.after_passing
            if award.reason.ruling_id is None:
                assert place == award.reason.place
            else:
                assert place <= award.reason.place
            if award.kind is AwardKind.STAR:
                assert set(line.passed_over) <= set(award.reason.passed_over)
        out = [one for one in lines if one.verdict in (Verdict.STRUCK, Verdict.ABSENT)]
        assert all(one.national_place == 0 for one in out)


def test_the_words_of_one_province() -> None:
    beijing, hebei = CODES[0], CODES[2]
    members = [
        Member(SittingId(1), "甲", beijing),
        Member(SittingId(2), "乙", beijing, struck=True),
        Member(SittingId(3), "丙", beijing),
        Member(SittingId(4), "丁", beijing),
        Member(SittingId(5), "戊", beijing, absent=True),
        Member(SittingId(6), "己", hebei),
    ]
    scores = [Score(SittingId(no), 100 - no, Micros(0), 0, 0) for no in (1, 3, 4, 5, 6)]
    standings = rank(scores)
    quotas = Quotas(1, 1, (1, 0, 0, 0))
    awards = cascade(members, standings, rank_delegations(members, standings, FULL), (), quotas)
    lines = {one.name: one for one in explain(members, standings, awards)}
    assert (lines["甲"].verdict, lines["甲"].kind) == (Verdict.AWARDED, AwardKind.KNOWLEDGE)
    third = lines["丙"]
    assert (third.verdict, third.kind) == (Verdict.AWARDED, AwardKind.STAR)
    assert (third.national_place, third.province_place, third.after_passing) == (2, 2, 1)
    assert third.passed_over == (SittingId(1),)
    assert (lines["丁"].verdict, lines["丁"].kind, lines["丁"].after_passing) == (Verdict.BEHIND, None, 2)
    assert (lines["乙"].verdict, lines["乙"].rank) == (Verdict.STRUCK, 0)
    assert lines["戊"].verdict is Verdict.ABSENT
    assert lines["己"].kind is AwardKind.STAR
