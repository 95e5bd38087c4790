from dataclasses import replace
from itertools import product

import pytest

from leitai.rules.adjustments import NONE, WHOLE_PAPER, adjust
from leitai.rules.effects import (
    EFFECTS,
    AcceptAlternative,
    AdjustJudgement,
    ChangeKey,
    Compensate,
    CreditItem,
    Effect,
    OrderEquals,
    Scope,
    ScopeKind,
    StrikeOff,
    VoidItem,
    Warn,
    fault,
    name_of,
)
from leitai.rules.honours import OrderRuling
from leitai.rules.marking import mark
from leitai.rules.rulings import (
    APPROVALS,
    LEGAL_ACTS,
    REASONED,
    RULING_PHASES,
    ActKind,
    Court,
    Judge,
    Ruling,
    RulingAct,
    RulingRefused,
    RulingState,
    act,
    in_force,
    propose,
    supposed,
)
from leitai.rules.values import (
    ActorId,
    DelegationCode,
    ItemNo,
    Key,
    Marking,
    Member,
    Micros,
    Pacing,
    Phase,
    QuestionType,
    SittingId,
)
from tests.rules.builders import item, plan

ITEMS = [
    item(1, QuestionType.SINGLE, right="A"),
    item(2, QuestionType.MULTIPLE, right="AB", centipoints=200),
    item(3, QuestionType.TRUE_FALSE, right="T"),
    item(4, QuestionType.FILL_IN, blanks=[["三十日"], ["书面"]]),
    item(5, QuestionType.SHORT_ANSWER, centipoints=500),
]
STREAMED, PAPER = plan(ITEMS), plan(ITEMS, Pacing.PAPER, duration_us=Micros(1))
BEIJING, TIBET = DelegationCode("110000"), DelegationCode("540000")
MEMBERS = (
    Member(SittingId(1), "甲", BEIJING, room="一"),
    Member(SittingId(2), "乙", BEIJING, room="二"),
    Member(SittingId(3), "丙", TIBET, absent=True),
)
COURT = Court(STREAMED, MEMBERS, Phase.UNDER_REVIEW)
ANNA, BO = Judge(ActorId("anna")), Judge(ActorId("bo"))
VOID = VoidItem(ItemNo(1))


def proposed(effect: Effect = VOID, *, ruling_id: int = 1, judge: Judge = ANNA, at_us: int = 10) -> Ruling:
    return propose(ruling_id, effect, "题目有误", "教材第 3 页", judge, Micros(at_us), COURT)


def approved(effect: Effect = VOID, *, ruling_id: int = 1, at_us: int = 20) -> Ruling:
    return act(proposed(effect, ruling_id=ruling_id), ActKind.APPROVE, BO, Micros(at_us), COURT, version=1)


def withdrawn(ruling: Ruling, at_us: int = 30) -> Ruling:
    asked = act(ruling, ActKind.PROPOSE_WITHDRAWAL, ANNA, Micros(at_us), COURT, version=2, reason="复核")
    return act(asked, ActKind.APPROVE_WITHDRAWAL, BO, Micros(at_us + 1), COURT, version=3)


def scoped(kind: ScopeKind, us: int = 5_000_000, item_no: int | None = 1, **whom: object) -> Compensate:
    scope = Scope(kind, **whom)  # pyright: ignore[reportArgumentType]
    return Compensate(scope, Micros(us), None if item_no is None else ItemNo(item_no))


def refused(code: str):
    return pytest.raises(RulingRefused, match=f"^{code}$")


def test_two_judges_put_a_ruling_in_force_and_two_take_it_back() -> None:
    ruling = proposed()
    assert (ruling.state, ruling.version, ruling.reason) == (RulingState.PROPOSED, 1, "题目有误")
    assert in_force([ruling]) == []
    ruling = approved()
    assert ruling.state is RulingState.IN_FORCE
    assert ruling.approved == RulingAct(ActKind.APPROVE, ActorId("bo"), Micros(20))
    asked = act(ruling, ActKind.PROPOSE_WITHDRAWAL, BO, Micros(30), COURT, version=2, reason="复核")
    assert asked.state is RulingState.WITHDRAWAL_PROPOSED
    assert in_force([asked]) == [asked], "half withdrawn still counts"
    kept = act(asked, ActKind.DECLINE_WITHDRAWAL, ANNA, Micros(40), COURT, version=3, reason="维持")
    assert kept.state is RulingState.IN_FORCE
    gone = act(asked, ActKind.APPROVE_WITHDRAWAL, ANNA, Micros(40), COURT, version=3)
    assert gone.state is RulingState.WITHDRAWN
    assert in_force([gone]) == []


@pytest.mark.parametrize(("state", "kind"), list(product(RulingState, ActKind)))
def test_only_the_table_s_acts_are_legal(state: RulingState, kind: ActKind) -> None:
    asked = act(approved(), ActKind.PROPOSE_WITHDRAWAL, ANNA, Micros(30), COURT, version=2, reason="复核")
    ruling = {
        RulingState.PROPOSED: proposed(),
        RulingState.DECLINED: act(proposed(), ActKind.DECLINE, ANNA, Micros(20), COURT, version=1, reason="撤回"),
        RulingState.IN_FORCE: approved(),
        RulingState.WITHDRAWAL_PROPOSED: asked,
        RulingState.WITHDRAWN: withdrawn(approved()),
    }[state]
    assert ruling.state is state
    third = Judge(ActorId("chen"))
    if (state, kind) in LEGAL_ACTS:
        moved = act(ruling, kind, third, Micros(50), COURT, version=ruling.version, reason="因")
        assert moved.state is LEGAL_ACTS[state, kind]
        assert moved.version == ruling.version + 1
    else:
        with refused("ruling-illegal-act"):
            act(ruling, kind, third, Micros(50), COURT, version=ruling.version, reason="因")


def test_nobody_approves_what_they_proposed() -> None:
    with refused("ruling-self-approval"):
        act(proposed(), ActKind.APPROVE, ANNA, Micros(20), COURT, version=1)
    asked = act(approved(), ActKind.PROPOSE_WITHDRAWAL, BO, Micros(30), COURT, version=2, reason="复核")
    with refused("ruling-self-approval"):
        act(asked, ActKind.APPROVE_WITHDRAWAL, BO, Micros(40), COURT, version=3)
    again = act(asked, ActKind.DECLINE_WITHDRAWAL, BO, Micros(40), COURT, version=3, reason="收回")
    assert again.state is RulingState.IN_FORCE, "a proposer may take a proposal back"
    assert set(ActKind) == APPROVALS | REASONED


CONCERNED: list[tuple[Effect, set[DelegationCode]]] = [
    (VOID, set()),
    (CreditItem(ItemNo(1)), set()),
    (ChangeKey(ItemNo(1), Key(frozenset("B"))), set()),
    (AcceptAlternative(ItemNo(1), ("B",)), set()),
    (AdjustJudgement(SittingId(1), ItemNo(1), 50), {BEIJING}),
    (Warn(SittingId(3)), {TIBET}),
    (StrikeOff(SittingId(3)), {TIBET}),
    (scoped(ScopeKind.ALL), set()),
    (scoped(ScopeKind.SITTING, sitting_id=SittingId(2)), {BEIJING}),
    (scoped(ScopeKind.ROOM, delegation=BEIJING, room="一"), {BEIJING}),
    (scoped(ScopeKind.DELEGATION, delegation=TIBET), {TIBET}),
    (OrderEquals(persons=(SittingId(1), SittingId(3))), {BEIJING, TIBET}),
    (OrderEquals(delegations=(BEIJING, TIBET)), {BEIJING, TIBET}),
]


@pytest.mark.parametrize(("effect", "delegations"), CONCERNED)
def test_a_judge_from_a_delegation_concerned_takes_no_part(effect: Effect, delegations: set[DelegationCode]) -> None:
    for home in (BEIJING, TIBET):
        local = Judge(ActorId("local"), home)
        if home in delegations:
            with refused("ruling-conflict-of-interest"):
                proposed(effect, judge=local)
            with refused("ruling-conflict-of-interest"):
                act(proposed(effect), ActKind.APPROVE, local, Micros(20), COURT, version=1)
            with refused("ruling-conflict-of-interest"):
                act(proposed(effect), ActKind.DECLINE, local, Micros(20), COURT, version=1, reason="因")
        else:
            assert proposed(effect, judge=local).state is RulingState.PROPOSED
    assert {type(effect) for effect, _ in CONCERNED} == set(EFFECTS.values())


@pytest.mark.parametrize("phase", Phase)
def test_rulings_are_made_from_the_start_until_the_session_is_final(phase: Phase) -> None:
    court = replace(COURT, phase=phase)
    if phase in RULING_PHASES:
        assert propose(1, VOID, "因", "据", ANNA, Micros(1), court).state is RulingState.PROPOSED
        return
    code = "session-finalized" if phase is Phase.FINALIZED else "ruling-phase"
    with refused(code):
        propose(1, VOID, "因", "据", ANNA, Micros(1), court)
    with refused(code):
        act(proposed(), ActKind.APPROVE, BO, Micros(20), court, version=1)


def test_what_is_missing_or_stale_is_refused() -> None:
    with refused("ruling-reason-missing"):
        propose(1, VOID, " ", "据", ANNA, Micros(1), COURT)
    with refused("ruling-evidence-missing"):
        propose(1, VOID, "因", "\n", ANNA, Micros(1), COURT)
    with refused("ruling-reason-missing"):
        act(approved(), ActKind.PROPOSE_WITHDRAWAL, ANNA, Micros(30), COURT, version=2)
    with refused("ruling-stale"):
        act(approved(), ActKind.PROPOSE_WITHDRAWAL, ANNA, Micros(30), COURT, version=1, reason="因")
    with refused("ruling-time"):
        act(proposed(at_us=10), ActKind.APPROVE, BO, Micros(9), COURT, version=1)


FAULTS: list[tuple[Effect, str | None]] = [
    (VoidItem(ItemNo(9)), "ruling-unknown-item"),
    (AdjustJudgement(SittingId(1), ItemNo(9), 1), "ruling-unknown-item"),
    (AdjustJudgement(SittingId(9), ItemNo(1), 1), "ruling-unknown-person"),
    (AdjustJudgement(SittingId(1), ItemNo(1), 101), "ruling-bad-points"),
    (AdjustJudgement(SittingId(1), ItemNo(1), -1), "ruling-bad-points"),
    (AdjustJudgement(SittingId(1), ItemNo(5), 500), None),
    (Warn(SittingId(9)), "ruling-unknown-person"),
    (StrikeOff(SittingId(9)), "ruling-unknown-person"),
    (AcceptAlternative(ItemNo(1), ("B",)), None),
    (AcceptAlternative(ItemNo(1), ("A", "B")), "ruling-bad-key"),
    (AcceptAlternative(ItemNo(1), ()), "ruling-bad-key"),
    (AcceptAlternative(ItemNo(2), ("A", "Z")), "ruling-bad-key"),
    (AcceptAlternative(ItemNo(4), ("", "口头")), None),
    (AcceptAlternative(ItemNo(4), ("", " ")), "ruling-bad-key"),
    (AcceptAlternative(ItemNo(5), ("文",)), "ruling-bad-key"),
    (ChangeKey(ItemNo(1), Key(frozenset("AB"))), "ruling-bad-key"),
    (ChangeKey(ItemNo(1), Key(frozenset("A"), also=(frozenset("C"),))), None),
    (ChangeKey(ItemNo(2), Key()), "ruling-bad-key"),
    (ChangeKey(ItemNo(2), Key(frozenset("BCD"))), None),
    (ChangeKey(ItemNo(4), Key(blanks=(("甲",),))), "ruling-bad-key"),
    (ChangeKey(ItemNo(4), Key(blanks=(("甲",), ("乙",)))), None),
    (ChangeKey(ItemNo(5), Key(blanks=(("文",),))), "ruling-bad-key"),
    (scoped(ScopeKind.ALL, us=0), "ruling-bad-time"),
    (scoped(ScopeKind.ALL, us=3_600_000_001), "ruling-bad-time"),
    (scoped(ScopeKind.ALL, item_no=None), "ruling-unknown-item"),
    (scoped(ScopeKind.ALL, item_no=9), "ruling-unknown-item"),
    (scoped(ScopeKind.ROOM, delegation=TIBET, room="一"), "ruling-unknown-person"),
    (scoped(ScopeKind.ROOM, delegation=BEIJING, room="一"), None),
    (OrderEquals(), "ruling-bad-order"),
    (OrderEquals(persons=(SittingId(1),)), "ruling-bad-order"),
    (OrderEquals(persons=(SittingId(1), SittingId(1))), "ruling-bad-order"),
    (OrderEquals(persons=(SittingId(1), SittingId(9))), "ruling-unknown-person"),
    (OrderEquals((SittingId(1), SittingId(2)), (BEIJING, TIBET)), "ruling-bad-order"),
]


@pytest.mark.parametrize(("effect", "code"), FAULTS)
def test_a_senseless_effect_is_refused(effect: Effect, code: str | None) -> None:
    assert fault(effect, STREAMED, MEMBERS) == code
    if code:
        with refused(code):
            proposed(effect)


def test_a_paper_paced_session_is_compensated_as_a_whole() -> None:
    assert fault(scoped(ScopeKind.ALL, item_no=None), PAPER, MEMBERS) is None
    assert fault(scoped(ScopeKind.ALL, item_no=1), PAPER, MEMBERS) == "ruling-unknown-item"
    granted = [approved(scoped(ScopeKind.ALL, us=5)), approved(scoped(ScopeKind.DELEGATION, us=2, delegation=TIBET))]
    whole = [replace(one, effect=replace(one.effect, item_no=None)) for one in granted]  # pyright: ignore[reportCallIssue]
    compensations = adjust(PAPER, MEMBERS, whole).compensations
    assert compensations == {(1, WHOLE_PAPER): 5, (2, WHOLE_PAPER): 5, (3, WHOLE_PAPER): 7}


def test_effects_have_stable_names() -> None:
    assert name_of(VOID) == "void_item"
    assert len({name_of(effect) for effect, _ in CONCERNED}) == len(EFFECTS) == 9


def test_rulings_on_one_key_go_by_the_time_they_came_into_force() -> None:
    widen = approved(AcceptAlternative(ItemNo(1), ("B",)), ruling_id=1, at_us=40)
    change = approved(ChangeKey(ItemNo(1), Key(frozenset("C"))), ruling_id=2, at_us=30)
    one, two = adjust(STREAMED, MEMBERS, [widen, change]), adjust(STREAMED, MEMBERS, [change, widen])
    assert one == two
    assert one.items[ItemNo(1)].key.options == {"B", "C"}
    first = replace(widen, acts=(widen.acts[0], replace(widen.acts[1], at_us=Micros(25))))
    assert adjust(STREAMED, MEMBERS, [first, change]).items[ItemNo(1)].key.options == {"C"}


def test_rulings_as_they_were_at_an_instant() -> None:
    ruling = withdrawn(approved(at_us=20), at_us=30)
    assert [len(in_force([ruling], Micros(at))) for at in (5, 10, 20, 21, 31, 32)] == [0, 0, 0, 1, 1, 0]
    assert adjust(STREAMED, MEMBERS, [ruling], Micros(25)).voided == {1}
    assert adjust(STREAMED, MEMBERS, [ruling]) == replace(NONE, absent=frozenset({SittingId(3)}))


def test_a_proposal_supposed_approved() -> None:
    assert in_force([supposed(proposed(), Micros(20))])
    asked = act(approved(), ActKind.PROPOSE_WITHDRAWAL, ANNA, Micros(30), COURT, version=2, reason="复核")
    assert not in_force([supposed(asked, Micros(40))])
    assert supposed(approved(), Micros(40)) == approved()


def test_what_the_fold_gathers() -> None:
    rulings = [
        approved(effect, ruling_id=ruling_id)
        for ruling_id, effect in enumerate(
            (
                CreditItem(ItemNo(2)),
                VoidItem(ItemNo(2)),
                CreditItem(ItemNo(3)),
                AcceptAlternative(ItemNo(4), ("", "口头")),
                Warn(SittingId(1)),
                Warn(SittingId(1)),
                StrikeOff(SittingId(2)),
                OrderEquals(delegations=(TIBET, BEIJING)),
            ),
            start=1,
        )
    ]
    folded = adjust(STREAMED, MEMBERS, rulings)
    assert (folded.voided, folded.credited, folded.unranking) == ({2}, {3}, {2, 3})
    assert folded.items[ItemNo(4)].key.blanks == (("三十日",), ("书面", "口头"))
    assert (folded.warnings, folded.struck, folded.absent) == ({1: 2}, {2}, {3})
    assert folded.orders == (OrderRuling(8, delegations=(TIBET, BEIJING)),)


@pytest.mark.parametrize(
    ("marking", "response", "earned"),
    [
        (Marking.EXACT, "AB", 200),
        (Marking.EXACT, "CD", 200),
        (Marking.EXACT, "A", 0),
        (Marking.PARTIAL, "A", 100),
        (Marking.PARTIAL, "C", 100),
        (Marking.PARTIAL, "AC", 0),
    ],
)
def test_another_set_of_options_is_as_right(marking: Marking, response: str, earned: int) -> None:
    widened = adjust(STREAMED, MEMBERS, [approved(AcceptAlternative(ItemNo(2), ("C", "D")))]).items[ItemNo(2)]
    assert mark(replace(widened, marking=marking), tuple(response)) == earned
