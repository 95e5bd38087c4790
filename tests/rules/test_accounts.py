"""The accounts of a sitting add up to its score, whatever was ruled, and say why."""

from dataclasses import replace
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from leitai.rules.accounts import Verdict, accounts, striking, touching
from leitai.rules.adjustments import adjust
from leitai.rules.effects import AcceptAlternative, AdjustJudgement, Compensate, StrikeOff, VoidItem, Warn
from leitai.rules.ledger import Ledger
from leitai.rules.rulings import ActKind, Ruling, RulingAct, in_force
from leitai.rules.values import ActorId, AnswerStatus, Counted, ItemNo, Micros, Pacing
from tests.rules.builders import START, answer, plan, window
from tests.rules.test_replay import ITEMS, MEMBERS, SCOPES, History, random_history


@settings(max_examples=300)
@given(st.integers(0, 2**63))
def test_accounts_add_up_to_the_score(seed: int) -> None:
    random = Random(seed)
    pacing = random.choice(list(Pacing))
    session = plan(ITEMS, pacing, random.choice(list(Counted)), duration_us=Micros(60))
    past, ledger = History(), Ledger(session, [one.sitting_id for one in MEMBERS])
    for event in random_history(random, pacing):
        past.apply(session, ledger, event)
    in_force = adjust(session, MEMBERS, past.rulings.values())
    for member in MEMBERS:
        own = [one for one in past.answers if one.sitting_id == member.sitting_id]
        marks = {(no, offset): earned for (who, no, offset), earned in past.marks.items() if who == member.sitting_id}
        told = accounts(session, member.sitting_id, own, past.windows.values(), in_force, marks)
        score = ledger.score(member.sitting_id)
        assert sum(one.centipoints for one in told) == score.centipoints
        assert [one.item.item_no for one in told] == [one.item_no for one in ITEMS]
        times = [one.elapsed_us for one in told]
        if pacing is Pacing.STREAMED:
            assert sum(times) == score.elapsed_us
        elif score.answered:
            assert max(times) == score.elapsed_us
        for one in told:
            assert (one.verdict is Verdict.OPEN) is (one.item.item_no not in past.windows)
            if one.verdict is Verdict.RIGHT:
                assert one.centipoints == one.item.centipoints
            elif one.verdict in (Verdict.WRONG, Verdict.LATE, Verdict.EARLY, Verdict.NONE, Verdict.VOID, Verdict.OPEN):
                assert one.centipoints == 0


def test_a_verdict_says_what_became_of_an_answer() -> None:
    session = plan(ITEMS)
    given_answers = [
        answer(1, "A", offset=1),
        answer(2, "A", offset=2),
        answer(3, "F", offset=3),
        replace(answer(4, ("甲",), offset=4), status=AnswerStatus.LATE),
    ]
    windows = [window(no, 20) for no in (1, 2, 3, 4)]
    told = accounts(session, MEMBERS[0].sitting_id, given_answers, windows)
    assert [one.verdict for one in told] == [
        Verdict.RIGHT,
        Verdict.PART,
        Verdict.WRONG,
        Verdict.LATE,
        Verdict.OPEN,
    ]
    assert [one.counts for one in told] == [True, True, True, False, False]
    missing = accounts(session, MEMBERS[0].sitting_id, [], windows)
    assert {one.verdict for one in missing[:4]} == {Verdict.NONE}


def ruled(ruling_id: int, effect: object, *, approved: bool = True) -> Ruling:
    acts = (RulingAct(ActKind.PROPOSE, ActorId("a"), START, "因"),)
    if approved:
        acts = (*acts, RulingAct(ActKind.APPROVE, ActorId("b"), Micros(START + ruling_id)))
    return Ruling(ruling_id, effect, "证据", acts)  # type: ignore[arg-type]


def test_the_rulings_that_have_a_say_are_named() -> None:
    first, second = MEMBERS[0], MEMBERS[3]
    one = ItemNo(1)
    rulings = [
        ruled(1, AcceptAlternative(one, ("B",))),
        ruled(2, VoidItem(ItemNo(2))),
        ruled(3, AdjustJudgement(first.sitting_id, one, 50)),
        ruled(4, Compensate(SCOPES[2], Micros(5), one)),
        ruled(5, Warn(first.sitting_id)),
        ruled(6, StrikeOff(second.sitting_id)),
        ruled(7, VoidItem(one), approved=False),
    ]
    rulings = in_force(rulings)
    assert [one.ruling_id for one in touching(rulings, ItemNo(1), first)] == [1, 3]
    assert [one.ruling_id for one in touching(rulings, ItemNo(1), second)] == [1, 4]
    assert [one.ruling_id for one in touching(rulings, ItemNo(2), first)] == [2]
    assert striking(rulings, first.sitting_id) == []
    assert [one.ruling_id for one in striking(rulings, second.sitting_id)] == [6]
