"""Questions of the bank: one table of legal moves, four eyes, and versions that stay what they are."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitai.rules.questions import (
    MOVES,
    REASONED,
    USABLE,
    WRITABLE,
    Editor,
    Move,
    QuestionRecord,
    QuestionRefused,
    QuestionState,
    VersionRecord,
    apply,
    lock,
    refusal,
)
from leitai.rules.rights import Role, Standing
from leitai.rules.values import ActorId

SETTER, REVIEWER = frozenset({Role.SETTER}), frozenset({Role.REVIEWER})
BOTH = SETTER | REVIEWER
ANNA, BO = Editor(ActorId("anna"), Standing(SETTER)), Editor(ActorId("bo"), Standing(REVIEWER))
PERSONAL = [move for move in Move if move is not Move.LOCK]


def question(*states: QuestionState, author: str = "anna", retired: bool = False) -> QuestionRecord:
    made = tuple(VersionRecord(number, ActorId(author), state) for number, state in enumerate(states, 1))
    return QuestionRecord(made, retired)


def test_from_the_first_draft_to_approval() -> None:
    one = apply(QuestionRecord(), Move.WRITE, ANNA)
    one = apply(one, Move.SUBMIT, ANNA)
    returned = apply(one, Move.RETURN, BO, "依据不足")
    assert returned.state is QuestionState.RETURNED
    again = apply(apply(returned, Move.WRITE, ANNA), Move.SUBMIT, ANNA)
    approved = apply(again, Move.APPROVE, BO)
    assert [version.state for version in approved.versions] == [QuestionState.RETURNED, QuestionState.APPROVED]
    assert approved.usable == approved.versions[1]


def test_an_approved_version_stays_usable_while_another_is_written_and_reviewed() -> None:
    one = question(QuestionState.APPROVED)
    for move, editor in ((Move.WRITE, ANNA), (Move.SUBMIT, ANNA), (Move.RETURN, BO), (Move.SUBMIT, ANNA)):
        one = apply(one, move, editor, "理由" if move in REASONED else "")
        assert one.usable == question(QuestionState.APPROVED).versions[0]
    one = apply(one, Move.APPROVE, BO)
    assert one.usable is not None
    assert one.usable.no == 2


@pytest.mark.parametrize(("state", "move"), list(product([s for s in QuestionState if s.value != "retired"], PERSONAL)))
def test_every_move_is_legal_exactly_where_the_table_says(state: QuestionState, move: Move) -> None:
    who = Editor(ActorId("carl"), Standing(BOTH))
    legal = (state, move) in MOVES or move is Move.RETIRE or (move is Move.WRITE and state in WRITABLE)
    before = question(state)
    assert (refusal(before, move, who) is None) == legal
    if legal:
        after = apply(before, move, who, "理由" if move in REASONED else "")
        assert after != before
    else:
        with pytest.raises(QuestionRefused):
            apply(before, move, who, "理由")


def test_nobody_reviews_what_they_wrote_since_the_last_approved_version() -> None:
    both = Editor(ActorId("anna"), Standing(BOTH))
    helped = QuestionRecord(
        (
            VersionRecord(1, ActorId("anna"), QuestionState.APPROVED),
            VersionRecord(2, ActorId("bo"), QuestionState.DRAFT),
            VersionRecord(3, ActorId("carl"), QuestionState.IN_REVIEW),
        )
    )
    assert helped.writers(3) == {"bo", "carl"}
    assert helped.writers(1) == {"anna"}
    assert refusal(helped, Move.APPROVE, BO) == "question-own-version"
    assert refusal(helped, Move.RETURN, Editor(ActorId("carl"), Standing(BOTH))) == "question-own-version"
    # What anna wrote was approved by another; of what is new she wrote nothing.
    assert refusal(helped, Move.APPROVE, both) is None
    assert refusal(question(QuestionState.IN_REVIEW), Move.APPROVE, both) == "question-own-version"


def test_each_role_does_its_own() -> None:
    assert refusal(question(QuestionState.DRAFT), Move.SUBMIT, BO) == "forbidden"
    assert refusal(question(QuestionState.IN_REVIEW, author="x"), Move.APPROVE, ANNA) == "forbidden"
    assert refusal(question(QuestionState.APPROVED), Move.RETIRE, BO) is None
    for role in set(Role) - BOTH:
        who = Editor(ActorId("z"), Standing(frozenset({role})))
        assert all(refusal(question(state), move, who) for state in QuestionState for move in Move)
    nobody_locks = Editor(ActorId("z"), Standing(frozenset(Role)))
    assert refusal(question(QuestionState.APPROVED), Move.LOCK, nobody_locks) == "forbidden"


def test_retired_questions_rest_until_they_are_restored() -> None:
    one = apply(question(QuestionState.APPROVED), Move.RETIRE, ANNA, "法律已废止")
    assert (one.state, one.usable) == (QuestionState.RETIRED, None)
    assert {refusal(one, move, ANNA) for move in (Move.WRITE, Move.SUBMIT, Move.RETIRE)} == {"question-retired"}
    back = apply(one, Move.RESTORE, ANNA, "误停用")
    assert back == question(QuestionState.APPROVED)
    assert refusal(back, Move.RESTORE, ANNA) == "question-not-retired"


@pytest.mark.parametrize("move", sorted(REASONED, key=str))
def test_what_needs_a_reason_is_refused_without_one(move: Move) -> None:
    who = Editor(ActorId("carl"), Standing(BOTH))
    before = question(QuestionState.IN_REVIEW, retired=move is Move.RESTORE)
    with pytest.raises(QuestionRefused, match="question-reason-missing"):
        apply(before, move, who, " ")
    with pytest.raises(QuestionRefused, match="question-reason-too-long"):
        apply(before, move, who, "长" * 501)


def test_what_is_reviewed_is_taken_back_before_it_is_changed() -> None:
    assert refusal(question(QuestionState.IN_REVIEW), Move.WRITE, ANNA) == "question-in-review"
    assert apply(question(QuestionState.IN_REVIEW), Move.RECALL, ANNA).state is QuestionState.DRAFT


def test_locking_is_for_approved_versions_and_for_good() -> None:
    one = question(QuestionState.APPROVED, QuestionState.DRAFT)
    locked = lock(one, 1)
    assert locked.versions[0].state is QuestionState.LOCKED
    assert lock(locked, 1) == locked
    assert locked.usable == locked.versions[0]
    for number in (0, 2, 3):
        with pytest.raises(QuestionRefused, match="question-illegal-move"):
            lock(one, number)


_MOVING = st.lists(
    st.tuples(
        st.sampled_from(Move), st.sampled_from(["anna", "bo", "carl"]), st.sampled_from([SETTER, REVIEWER, BOTH])
    ),
    max_size=30,
)


@given(_MOVING)
def test_whatever_is_tried_locked_versions_stay_and_nothing_is_approved_by_its_writer(
    steps: list[tuple[Move, str, frozenset[Role]]],
) -> None:
    one = QuestionRecord()
    for move, login, roles in steps:
        who, before = Editor(ActorId(login), Standing(roles)), one
        try:
            one = lock(one, len(one.versions)) if move is Move.LOCK else apply(one, move, who, "理由")
        except QuestionRefused:
            assert one is before
            continue
        assert one.versions[: len(before.versions) - 1] == before.versions[:-1]
        for old, new in zip(before.versions, one.versions, strict=False):
            assert old.author == new.author
            if old.state is QuestionState.LOCKED:
                assert new == old
        if move is Move.APPROVE:
            assert who.actor not in one.writers(len(one.versions))
        if before.usable is not None and move is not Move.RETIRE:
            assert one.usable is not None
        assert one.usable is None or one.usable.state in USABLE
