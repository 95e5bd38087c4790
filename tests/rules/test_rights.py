"""The table of rights: whole, closed, as the law divides the work, and at one with each part's own law of stages."""

from dataclasses import replace
from itertools import product
from typing import get_args

import pytest

from leitai.rules.draw_protocol import ACTS as DRAW_ACTS
from leitai.rules.draw_protocol import MOVES
from leitai.rules.papers import ACTS as PAPER_ACTS
from leitai.rules.papers import FROM, PaperStanding, may_see
from leitai.rules.publicity import Publication, PublicityRefused, StepKind, check_step
from leitai.rules.questions import ACTS as QUESTION_ACTS
from leitai.rules.questions import Editor, QuestionRecord, VersionRecord, refusal
from leitai.rules.rights import RIGHTS, Act, Role, Standing, acts_of, may, read_roles, timely
from leitai.rules.seconding import COMMANDING, act_of
from leitai.rules.stages import AwardStage, DrawState, PaperState, QuestionState, Stage
from leitai.rules.syllabus import Edition, SyllabusRefused, add, publish
from leitai.rules.values import ActorId, DelegationCode, Micros, Phase

BEIJING, HEBEI = DelegationCode("110000"), DelegationCode("130000")
KINDS: tuple[type[Stage], ...] = get_args(Stage)
ANNA, BO = ActorId("anna"), ActorId("bo")


def kind_of(act: Act) -> type[Stage] | None:
    """What kind of stages an act's line speaks of."""
    right = RIGHTS[act]
    stages = right.when or right.own_when
    return type(next(iter(stages))) if stages else None


def test_every_act_has_its_line() -> None:
    assert set(RIGHTS) == set(Act)
    assert all(right.roles | right.own or right.house for right in RIGHTS.values())
    assert not any(right.roles & right.own for right in RIGHTS.values())


def test_a_line_speaks_of_one_kind_of_stages() -> None:
    for act, right in RIGHTS.items():
        for stages in (right.when, right.own_when):
            assert stages is None or {type(one) for one in stages} == {kind_of(act)}, act
            assert stages is None or stages < set(kind_of(act) or ()), f"{act}: every stage is none"


@pytest.mark.parametrize("role", Role)
def test_exactly_what_the_table_grants_is_granted(role: Role) -> None:
    who = Standing(frozenset({role}), BEIJING)
    for act, right in RIGHTS.items():
        for stage in (None, *(kind_of(act) or Phase)):
            in_time = stage is None or right.when is None or stage in right.when
            own_when = right.own_when or right.when
            own_in_time = stage is None or own_when is None or stage in own_when
            everywhere = role in right.roles and in_time
            at_home = everywhere or (role in right.own and own_in_time)
            assert may(who, act, phase=stage) == everywhere, (act, stage)
            assert may(who, act, phase=stage, delegation=BEIJING) == at_home, (act, stage)
            assert may(who, act, phase=stage, delegation=HEBEI) == everywhere, (act, stage)


@pytest.mark.parametrize("role", Role)
def test_in_a_provinces_house_its_office_does_what_the_table_says_and_nobody_else_anything(role: Role) -> None:
    home, visitor = Standing(frozenset({role}), BEIJING, BEIJING), Standing(frozenset({role}), HEBEI, BEIJING)
    national = Standing(frozenset({role}), house=BEIJING)
    for act, right in RIGHTS.items():
        for stage in (None, *(kind_of(act) or Phase)):
            in_time = stage is None or right.when is None or stage in right.when
            granted = role is Role.TEAM_LEADER and right.house and in_time
            for delegation in (None, BEIJING, HEBEI):
                assert may(home, act, phase=stage, delegation=delegation) == granted, (act, stage)
                assert not may(visitor, act, phase=stage, delegation=delegation), (act, stage)
                assert not may(national, act, phase=stage, delegation=delegation), (act, stage)
    assert acts_of(visitor) == acts_of(national) == frozenset()
    assert visitor.working == national.working == frozenset()
    assert acts_of(home) == {act for act, right in RIGHTS.items() if right.house and role is Role.TEAM_LEADER}


def test_what_is_the_nations_alone_is_done_in_no_provinces_house() -> None:
    nations = {
        *(Act.MANAGE_STAFF, Act.READ_AUDIT, Act.LEND_QUESTIONS, Act.EDIT_SYLLABUS, Act.PUBLISH_SYLLABUS),
        *(Act.NOMINATE, Act.REVIEW_NOMINATIONS, Act.SEE_IDENTITY, Act.KEEP_ROSTER, Act.PREPARE_DRAW, Act.WITNESS_DRAW),
        *(Act.KEEP_POOL, Act.TAKE_POOL_FILES, Act.KEEP_POOL_KEYS),
        *(Act.IMPORT_PRACTICE, Act.RELEASE_PRACTICE, Act.PLAN_CALENDAR),
    }
    assert not any(RIGHTS[act].house for act in nations)
    leader = Standing(frozenset({Role.TEAM_LEADER}), BEIJING)
    assert not may(leader, Act.KEEP_OWN_CONTEST, delegation=BEIJING)


def test_a_stage_of_another_kind_is_a_mistake() -> None:
    for act, kind in product(Act, KINDS):
        if RIGHTS[act].when is None or kind is kind_of(act):
            continue
        with pytest.raises(ValueError, match="no stage"):
            timely(act, next(iter(kind)))


def test_who_has_no_role_may_nothing() -> None:
    nobody = Standing(frozenset())
    assert not any(may(nobody, act) for act in Act)
    assert acts_of(nobody) == frozenset()


def test_nobody_rules_on_a_finalized_session() -> None:
    everybody = Standing(frozenset(Role))
    for act in (Act.PROPOSE_RULING, Act.APPROVE_RULING, Act.MARK, Act.DECIDE_APPEAL, Act.CONDUCT):
        assert not may(everybody, act, phase=Phase.FINALIZED)


def test_an_administrator_and_an_operator_see_no_answers() -> None:
    for role in (Role.ADMINISTRATOR, Role.OPERATOR, Role.BROADCAST_DIRECTOR, Role.TEAM_LEADER):
        assert not any(may(Standing(frozenset({role})), Act.SEE_DESK, phase=phase) for phase in Phase)


def test_a_role_that_there_is_not_is_refused() -> None:
    assert read_roles(["judge"]) == {Role.JUDGE}
    with pytest.raises(ValueError, match="king"):
        read_roles(["judge", "king"])


# --- the table and each part's own law say the same -------------------------------------------------------------------


def test_papers() -> None:
    for act in set(PAPER_ACTS.values()):
        assert RIGHTS[act].when == {state for kind, one in PAPER_ACTS.items() if one is act for state in FROM[kind]}
    for state in PaperState:
        here = PaperStanding(state, 1, frozenset({ANNA}), ())
        seen = may_see(here, ANNA, frozenset({Role.SETTER})) or may_see(here, BO, frozenset({Role.REVIEWER}))
        assert seen == timely(Act.READ_PAPER, state)


@pytest.mark.parametrize("state", QuestionState)
def test_questions(state: QuestionState) -> None:
    retired = state is QuestionState.RETIRED
    newest = VersionRecord(1, ANNA, QuestionState.APPROVED if retired else state)
    question = QuestionRecord((newest,), retired=retired)
    assert question.state is state
    bo = Editor(BO, Standing(frozenset({Role.SETTER, Role.REVIEWER})))
    for act in set(QUESTION_ACTS.values()):
        moves = [move for move, one in QUESTION_ACTS.items() if one is act]
        assert any(refusal(question, move, bo) is None for move in moves) == timely(act, state), act


def test_draws() -> None:
    for act in (Act.PREPARE_DRAW, Act.WITNESS_DRAW):
        moved = {state for (state, one) in MOVES if state is not None and DRAW_ACTS[one] is act}
        # The ceremony is led once the names are drawn.
        assert RIGHTS[act].when == moved | ({DrawState.DRAWN} if act is Act.PREPARE_DRAW else set())


def test_the_syllabus() -> None:
    for edition in (Edition("甲"), Edition("甲", published=True), Edition("甲", published=True, in_work=False)):
        for act, done in (
            (Act.EDIT_SYLLABUS, lambda one: add(one, 1, "乙", "丙", modules=("乙",))),
            (Act.PUBLISH_SYLLABUS, publish),
        ):
            if timely(act, edition.stage):
                done(edition)
            else:
                with pytest.raises(SyllabusRefused):
                    done(edition)


def test_awards() -> None:
    published = Publication(1, b"old", Micros(1), Micros(10))
    stages = {
        AwardStage.NOT_FINAL: (Publication(), 5),
        AwardStage.FINAL: (Publication(), 5),
        AwardStage.OPEN: (published, 5),
        AwardStage.ENDED: (published, 10),
        AwardStage.DEFINITE: (replace(published, definite_us=Micros(11)), 12),
    }
    for stage, (publication, now_us) in stages.items():
        final = stage is not AwardStage.NOT_FINAL
        assert publication.stage(now_us, final=final) is stage
        possible: set[StepKind] = set()
        for kind, digest in product(StepKind, (b"old", b"new")):
            try:
                check_step(kind, publication, digest, now_us=now_us, final=final, tied=False, undecided=0, closes_us=20)
                possible.add(kind)
            except PublicityRefused:
                continue
        assert bool(possible) == timely(Act.PUBLISH_AWARDS, stage), (stage, possible)
        assert (final and publication.takes_objections(now_us)) == timely(Act.OBJECT_TO_AWARDS, stage)


def test_commands() -> None:
    assert {act_of(command) for command in ("lobby", "start", "pause", "extend", "skip", "close", "review")} == {
        Act.CONDUCT
    }
    assert {act_of(command) for command in ("announce", "finalize", "freeze", "thaw")} == COMMANDING - {Act.CONDUCT}
