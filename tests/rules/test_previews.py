import time
from dataclasses import replace
from random import Random

from leitai.rules.adjustments import NONE, adjust
from leitai.rules.effects import ChangeKey, CreditItem, Effect, OrderEquals, StrikeOff
from leitai.rules.honours import AwardKind, Quotas
from leitai.rules.outcomes import outcome, rebuild
from leitai.rules.previews import Crossing, preview
from leitai.rules.rulings import ActKind, Ruling, RulingAct
from leitai.rules.values import (
    ActorId,
    Answer,
    DelegationCode,
    ItemNo,
    Key,
    Member,
    Micros,
    Plan,
    QuestionType,
    SittingId,
)
from tests.rules.builders import SECOND, answer, item, plan, window

QUOTAS = Quotas(1, 1, (1, 1, 0, 0))


def ruled(effect: Effect, ruling_id: int = 1) -> Ruling:
    acts = tuple(RulingAct(kind, ActorId(kind.value), Micros(1), "因") for kind in (ActKind.PROPOSE, ActKind.APPROVE))
    return Ruling(ruling_id, effect, "据", acts)


def small() -> tuple[Plan, tuple[Member, ...], list[Answer]]:
    """Four of two delegations: 1 and 2 pick A, 3 picks B, 4 nothing; 1 is the quickest."""
    session = plan([item(1, right="A"), item(2, QuestionType.MULTIPLE, right="AB")])
    members = tuple(Member(SittingId(no), f"选手{no}", DelegationCode("12" if no > 2 else "11")) for no in range(1, 5))
    picks = [(1, "A", 1), (2, "A", 2), (3, "B", 3)]
    return session, members, [answer(1, pick, sitting=no, elapsed_us=us) for no, pick, us in picks]


def test_a_changed_key_shows_who_gains_and_loses() -> None:
    session, members, answers = small()
    ledger = rebuild(session, members, answers, [window(1)])
    before = outcome(ledger, members)
    seen = preview(
        ledger, members, adjust(session, members, [ruled(ChangeKey(ItemNo(1), Key(frozenset("B"))))]), QUOTAS
    )
    assert [(shift.sitting_id, shift.centipoints) for shift in seen.gain] == [(3, 100)]
    assert [(shift.sitting_id, shift.centipoints) for shift in seen.lose] == [(1, -100), (2, -100)]
    assert [(one.sitting_id, one.before and one.before.rank, one.after and one.after.rank) for one in seen.ranks] == [
        (3, 3, 1),
        (1, 1, 2),
        (2, 2, 3),
    ]
    assert [(one.after.delegation, one.centipoints) for one in seen.teams] == [("12", 100), ("11", -200)]
    knowledge, star = AwardKind.KNOWLEDGE, AwardKind.STAR
    assert set(seen.crossings) == {
        Crossing(knowledge, True, SittingId(3)),
        Crossing(knowledge, False, SittingId(1)),
        Crossing(star, True, SittingId(1)),
        Crossing(star, False, SittingId(2)),
        Crossing(star, True, SittingId(4)),
        Crossing(star, False, SittingId(3)),
        Crossing(AwardKind.TEAM_GRAND, True, delegation=DelegationCode("12")),
        Crossing(AwardKind.TEAM_GRAND, False, delegation=DelegationCode("11")),
        Crossing(AwardKind.TEAM_FIRST, True, delegation=DelegationCode("11")),
        Crossing(AwardKind.TEAM_FIRST, False, delegation=DelegationCode("12")),
    }
    assert outcome(ledger, members) == before, "a preview leaves no trace"
    assert ledger.adjustments == NONE


def test_striking_off_moves_everybody_behind_up() -> None:
    session, members, answers = small()
    ledger = rebuild(session, members, answers, [window(1)])
    seen = preview(ledger, members, adjust(session, members, [ruled(StrikeOff(SittingId(1)))]), QUOTAS)
    assert [(one.sitting_id, one.before and one.before.rank, one.after and one.after.rank) for one in seen.ranks] == [
        (2, 2, 1),
        (3, 3, 2),
        (4, 4, 3),
        (1, 1, None),
    ]
    assert [(one.sitting_id, one.centipoints) for one in seen.lose] == [(1, -100)]
    assert Crossing(AwardKind.KNOWLEDGE, True, SittingId(2)) in seen.crossings


def test_an_order_among_equals_closes_a_tie() -> None:
    session, members, answers = small()
    level = [replace(one, elapsed_us=Micros(5)) for one in answers[:2]]
    ledger = rebuild(session, members, level, [window(1)])
    order = ruled(OrderEquals(persons=(SittingId(2), SittingId(1))))
    seen = preview(ledger, members, adjust(session, members, [order]), QUOTAS)
    assert (seen.gain, seen.lose, seen.ranks) == ((), (), ())
    assert seen.open_before > seen.open_after
    assert Crossing(AwardKind.KNOWLEDGE, True, SittingId(2)) in seen.crossings


def test_the_absent_are_not_credited() -> None:
    session, members, answers = small()
    members = (*members[:3], replace(members[3], absent=True))
    ledger = rebuild(session, members, answers, [window(1)], [ruled(CreditItem(ItemNo(1)))])
    assert [(one.centipoints, one.elapsed_us, one.answered) for one in ledger.scores()] == [(100, 0, 0)] * 3 + [
        (0, 0, 0)
    ]


def nation() -> tuple[Plan, tuple[Member, ...], list[Answer]]:
    random = Random(7)
    session = plan([item(no, QuestionType.SINGLE) for no in range(1, 81)])
    members = tuple(Member(SittingId(no), f"选手{no}", DelegationCode(f"{no % 32:06}")) for no in range(1, 1601))
    answers = [
        answer(no, random.choice("AAB"), sitting=member.sitting_id, offset=no, elapsed_us=random.randrange(20 * SECOND))
        for no in range(1, 81)
        for member in members
    ]
    return session, members, answers


def test_a_preview_for_the_nation_takes_less_than_a_second() -> None:
    session, members, answers = nation()
    ledger = rebuild(session, members, answers, [window(no) for no in range(1, 81)])
    for effect in (ChangeKey(ItemNo(40), Key(frozenset("B"))), CreditItem(ItemNo(3))):
        began = time.process_time()
        seen = preview(ledger, members, adjust(session, members, [ruled(effect)]))
        assert seen.gain
        assert time.process_time() - began < 1
