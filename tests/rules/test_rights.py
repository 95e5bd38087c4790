"""The table of rights: whole, closed, and as the law divides the work."""

from itertools import product

import pytest

from leitai.rules.rights import RIGHTS, Act, Role, Standing, acts_of, may, read_roles
from leitai.rules.values import DelegationCode, Phase

BEIJING, HEBEI = DelegationCode("110000"), DelegationCode("130000")


def test_every_act_has_its_line() -> None:
    assert set(RIGHTS) == set(Act)
    assert all(right.roles | right.own for right in RIGHTS.values())


@pytest.mark.parametrize("role", Role)
def test_exactly_what_the_table_grants_is_granted(role: Role) -> None:
    who = Standing(frozenset({role}), BEIJING)
    for act, phase in product(Act, [None, *Phase]):
        right = RIGHTS[act]
        in_time = phase is None or phase in right.phases
        assert may(who, act, phase=phase) == (in_time and role in right.roles)
        assert may(who, act, phase=phase, delegation=BEIJING) == (in_time and role in right.roles | right.own)
        assert may(who, act, phase=phase, delegation=HEBEI) == (in_time and role in right.roles)


def test_who_has_no_role_may_nothing() -> None:
    nobody = Standing(frozenset())
    assert not any(may(nobody, act, phase=phase) for act, phase in product(Act, Phase))
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
