"""The staff's accounts against a real PostgreSQL: invitations, passwords, changes, and what the audit keeps of them."""

import json
from collections.abc import AsyncIterator
from typing import Any

import argon2
import asyncpg
import pytest

from leitai.office.staff import STRANGERS_A_MINUTE, Staff, StaffRefused
from leitai.office.staff_ports import StaffChange, StaffRecord
from leitai.rules.rights import Role
from leitai.rules.values import DelegationCode
from tests.support.office import SERVER_KEY, Stores, stores_at

PASSWORD = "correct horse 电池"
CHEAP = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
NOWHERE = DelegationCode("")


def change(
    *roles: Role, name: str = "王芳", delegation: DelegationCode = NOWHERE, disabled: bool = False
) -> StaffChange:
    return StaffChange(name, frozenset(roles or {Role.JUDGE}), delegation, disabled)


@pytest.fixture
async def stores(database: str) -> AsyncIterator[Stores]:
    async with stores_at(database) as opened:
        yield opened


@pytest.fixture
def staff(stores: Stores) -> Staff:
    return Staff(stores.office, SERVER_KEY, CHEAP)


async def welcomed(staff: Staff, login: str = "wang", *roles: Role) -> StaffRecord:
    _, code = await staff.invite("root", login, change(*roles))
    return await staff.welcome(login, code, PASSWORD)


async def test_an_invitation_leads_to_a_password_of_ones_own(staff: Staff) -> None:
    invited, code = await staff.invite("root", " Wang ", change(Role.JUDGE))
    assert (invited.login, invited.password) == ("wang", "")
    assert await staff.sign_in("wang", code) is None
    member = await staff.welcome("WANG", code.lower().replace("-", " "), PASSWORD)
    assert member.roles == {Role.JUDGE}
    signed_in = await staff.sign_in("wang", PASSWORD)
    assert signed_in is not None
    assert signed_in.staff_id == invited.staff_id


async def test_an_invitation_works_once_and_only_the_newest_works(staff: Staff) -> None:
    member, first = await staff.invite("root", "wang", change())
    _, second = await staff.invite_again("root", member.staff_id)
    with pytest.raises(StaffRefused, match="invitation-refused"):
        await staff.welcome("wang", first, PASSWORD)
    await staff.welcome("wang", second, PASSWORD)
    with pytest.raises(StaffRefused, match="invitation-refused"):
        await staff.welcome("wang", second, PASSWORD + "!")
    with pytest.raises(StaffRefused, match="invitation-refused"):
        await staff.welcome("nobody", second, PASSWORD)


async def test_an_old_invitation_is_refused(staff: Staff, stores: Stores, database: str) -> None:
    member, code = await staff.invite("root", "wang", change())
    await _execute(database, "update staff set invited_until = now() - interval '1 s' where id = $1", member.staff_id)
    with pytest.raises(StaffRefused, match="invitation-refused"):
        await staff.welcome("wang", code, PASSWORD)


@pytest.mark.parametrize("weak", ["short", "wang wang wang", "aaaaaaaaaaaa", "x" * 201])
async def test_a_weak_password_is_refused_and_the_invitation_stays(staff: Staff, weak: str) -> None:
    _, code = await staff.invite("root", "wang", change())
    with pytest.raises(StaffRefused, match="password-weak"):
        await staff.welcome("wang", code, weak)
    assert (await staff.welcome("wang", code, PASSWORD)).password


async def test_a_wrong_password_an_unknown_login_and_a_disabled_account_look_alike(staff: Staff) -> None:
    member = await welcomed(staff)
    assert await staff.sign_in("wang", PASSWORD + "?") is None
    assert await staff.sign_in("nobody", PASSWORD) is None
    await staff.change("root", member.staff_id, member.version, change(disabled=True))
    assert await staff.sign_in("wang", PASSWORD) is None
    assert await staff.member(member.staff_id) is None


async def test_a_password_is_changed_by_whoever_knows_it(staff: Staff) -> None:
    member = await welcomed(staff)
    with pytest.raises(StaffRefused, match="wrong-login"):
        await staff.change_password(member, "something else", "another one 123")
    await staff.change_password(member, PASSWORD, "another one 123")
    assert await staff.sign_in("wang", PASSWORD) is None
    assert await staff.sign_in("wang", "another one 123") is not None


async def test_of_two_who_change_an_account_the_second_is_told(staff: Staff) -> None:
    member = await welcomed(staff)
    changed = await staff.change("root", member.staff_id, member.version, change(Role.CHIEF_JUDGE))
    assert changed.version == member.version + 1
    with pytest.raises(StaffRefused, match="stale-version"):
        await staff.change("other", member.staff_id, member.version, change(Role.AUDITOR))
    with pytest.raises(StaffRefused, match="not-found"):
        await staff.change("other", 10**6, 1, change())


async def test_the_last_administrator_stays(staff: Staff) -> None:
    first = await welcomed(staff, "first", Role.ADMINISTRATOR)
    for lesser in (change(Role.AUDITOR), change(Role.ADMINISTRATOR, disabled=True)):
        with pytest.raises(StaffRefused, match="last-administrator"):
            await staff.change("first", first.staff_id, first.version, lesser)
    await staff.invite("first", "second", change(Role.ADMINISTRATOR))
    with pytest.raises(StaffRefused, match="last-administrator"):  # the second has no password yet
        await staff.change("first", first.staff_id, first.version, change(Role.AUDITOR))
    third = await welcomed(staff, "third", Role.ADMINISTRATOR)
    await staff.change("first", third.staff_id, third.version, change(Role.AUDITOR))


@pytest.mark.parametrize("login", ["", "a", "-ab", "a b", "王芳", "a" * 33, "a/b"])
async def test_a_login_that_cannot_be_one(staff: Staff, login: str) -> None:
    with pytest.raises(StaffRefused, match="login-invalid"):
        await staff.invite("root", login, change())


async def test_a_login_is_taken_once(staff: Staff) -> None:
    await staff.invite("root", "wang", change())
    with pytest.raises(StaffRefused, match="login-taken"):
        await staff.invite("root", "WANG", change())


@pytest.mark.parametrize(
    "wanted",
    [
        change(Role.TEAM_LEADER),
        change(Role.TEAM_LEADER, Role.JUDGE, delegation=DelegationCode("110000")),
        change(Role.JUDGE, name="  "),
        StaffChange("王芳", frozenset(), NOWHERE, disabled=False),
    ],
)
async def test_roles_that_do_not_go_together(staff: Staff, wanted: StaffChange) -> None:
    with pytest.raises(StaffRefused, match="roles-invalid"):
        await staff.invite("root", "wang", wanted)


async def test_a_team_leader_and_a_judge_may_have_a_delegation(staff: Staff) -> None:
    leader, _ = await staff.invite("root", "li", change(Role.TEAM_LEADER, delegation=DelegationCode("110000")))
    judge, _ = await staff.invite("root", "wu", change(Role.JUDGE, delegation=DelegationCode("130000")))
    assert (leader.standing.delegation, judge.standing.delegation) == ("110000", "130000")


async def test_the_audit_has_every_act_and_no_secret(staff: Staff, database: str) -> None:
    member, code = await staff.invite("root", "wang", change())
    await staff.welcome("wang", code, PASSWORD)
    await staff.sign_in("wang", PASSWORD)
    await staff.sign_in("wang", "not that one")
    await staff.change("root", member.staff_id, 3, change(Role.AUDITOR))
    rows = await _fetch(database, "select actor, action, detail::text as detail from audit order by id")
    assert [(row["actor"], row["action"]) for row in rows] == [
        ("root", "staff-invite"),
        ("root", "staff-invitation"),
        ("wang", "staff-welcome"),
        ("wang", "staff-sign-in"),
        ("wang", "staff-sign-in-refused"),
        ("root", "staff-change"),
    ]
    kept = " ".join(row["detail"] for row in rows) + str(await _fetch(database, "select * from staff"))
    assert code not in kept
    assert PASSWORD not in kept


async def test_names_that_nobody_has_are_in_the_audit_too_and_never_flood_it(stores: Stores, database: str) -> None:
    now_s = [1000.0]
    staff = Staff(stores.office, SERVER_KEY, CHEAP, lambda: now_s[0])
    for _ in range(STRANGERS_A_MINUTE + 7):
        assert await staff.sign_in("my-own-password", PASSWORD) is None
    now_s[0] += 59.9
    assert await staff.sign_in("other", PASSWORD) is None
    now_s[0] += 0.1
    assert await staff.sign_in("another", PASSWORD) is None
    rows = await _fetch(database, "select actor, action, subject, detail::text as detail from audit order by id")
    assert len(rows) == STRANGERS_A_MINUTE + 1
    told = [(row["actor"], row["action"], row["subject"], json.loads(row["detail"])) for row in rows]
    stranger = ("nobody", "staff-sign-in-refused", "staff")
    assert told[:-1] == [(*stranger, {"code": "unknown-login"})] * STRANGERS_A_MINUTE
    assert told[-1] == (*stranger, {"code": "unknown-login", "more": 8})


async def _execute(dsn: str, statement: str, *args: object) -> None:
    connection: Any = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement, *args)
    finally:
        await connection.close()


async def _fetch(dsn: str, statement: str) -> list[Any]:
    connection: Any = await asyncpg.connect(dsn)
    try:
        return await connection.fetch(statement)
    finally:
        await connection.close()
