"""A paper's way: two others approve, nobody reads what is sealed, and what is sent back begins anew."""

import random

import pytest

from leitai.rules.papers import (
    PaperAct,
    PaperActKind,
    PaperStanding,
    PaperState,
    may_see,
    refusal,
    standing,
)
from leitai.rules.rights import Role
from leitai.rules.values import ActorId

ANNA, BO, CHEN, DING = map(ActorId, ("anna", "bo", "chen", "ding"))
SETTER, REVIEWER = frozenset({Role.SETTER}), frozenset({Role.REVIEWER})
K = PaperActKind


def after(*acts: tuple[PaperActKind, ActorId]) -> PaperStanding:
    return standing([PaperAct(K.ASSEMBLE, ANNA), *(PaperAct(kind, actor) for kind, actor in acts)])


def test_two_others_approve_before_it_is_sealed() -> None:
    here = after((K.SUBMIT, ANNA), (K.APPROVE, BO))
    assert here.state is PaperState.IN_REVIEW
    assert refusal(here, K.SEAL, ANNA) == "paper-not-now"
    assert refusal(here, K.APPROVE, ANNA) == "paper-own-work"
    assert refusal(here, K.APPROVE, BO) == "paper-approved-before"
    here = after((K.SUBMIT, ANNA), (K.APPROVE, BO), (K.APPROVE, CHEN))
    assert (here.state, here.approvers) == (PaperState.APPROVED, (BO, CHEN))
    assert refusal(here, K.SEAL, ANNA) is None


def test_whoever_changed_an_item_approves_nothing_either() -> None:
    here = after((K.CHANGE, DING), (K.SUBMIT, ANNA))
    assert here.edition == 2
    assert refusal(here, K.APPROVE, DING) == "paper-own-work"


def test_what_is_sent_back_begins_anew() -> None:
    here = after((K.SUBMIT, ANNA), (K.APPROVE, BO), (K.APPROVE, CHEN), (K.RETURN, CHEN))
    assert (here.state, here.approvers) == (PaperState.ASSEMBLED, ())
    assert refusal(here, K.SEAL, ANNA) == "paper-not-now"
    again = after((K.SUBMIT, ANNA), (K.APPROVE, BO), (K.RETURN, BO), (K.CHANGE, ANNA), (K.SUBMIT, ANNA))
    assert refusal(again, K.APPROVE, BO) is None


def test_nothing_but_its_opening_follows_the_sealing() -> None:
    sealed = after((K.SEAL_AT_MACHINE, ANNA))
    assert sealed.state is PaperState.SEALED
    assert {kind for kind in K if refusal(sealed, kind, BO) is None} == {K.OPEN}
    assert after((K.SEAL_AT_MACHINE, ANNA), (K.OPEN, ActorId("conductor"))).state is PaperState.OPENED


def test_who_may_look() -> None:
    assembled, sealed = after(), after((K.SEAL_AT_MACHINE, ANNA))
    in_review = after((K.SUBMIT, ANNA))
    assert may_see(assembled, ANNA, SETTER)
    assert not may_see(assembled, BO, SETTER)
    assert not may_see(assembled, BO, REVIEWER)
    assert may_see(in_review, BO, REVIEWER)
    assert not may_see(in_review, ANNA, frozenset({Role.OPERATOR}))
    everybody = frozenset(Role)
    opened = after((K.SEAL_AT_MACHINE, ANNA), (K.OPEN, ActorId("conductor")))
    assert not any(may_see(here, who, everybody) for here in (sealed, opened) for who in (ANNA, BO))


def test_a_paper_begins_with_its_assembly_and_is_assembled_once() -> None:
    with pytest.raises(ValueError, match="begins"):
        standing([PaperAct(K.SUBMIT, ANNA)])
    with pytest.raises(ValueError, match="paper-not-now"):
        after((K.ASSEMBLE, ANNA))


def test_no_way_leads_to_a_seal_without_two_who_did_not_make_it() -> None:
    chance = random.Random(5)
    sealed = 0
    for _ in range(600):
        acts = [PaperAct(K.ASSEMBLE, ANNA)]
        for _ in range(12):
            kinds = [kind for kind in K if kind not in (K.SEAL_AT_MACHINE, K.OPEN, K.ASSEMBLE)]
            act = PaperAct(chance.choice(kinds), chance.choice((ANNA, BO, CHEN, DING)))
            if refusal(standing(acts), act.kind, act.actor) is None:
                acts.append(act)
        here = standing(acts)
        if here.state is PaperState.SEALED:
            sealed += 1
            since = max(at for at, act in enumerate(acts) if act.kind is K.SUBMIT)
            approved = {act.actor for act in acts[since:] if act.kind is K.APPROVE}
            makers = {act.actor for act in acts if act.kind in (K.ASSEMBLE, K.CHANGE)}
            assert len(approved) == 2
            assert not approved & makers
            assert not any(act.kind is K.CHANGE for act in acts[since:])
    assert sealed > 10
