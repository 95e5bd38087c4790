"""`leitai staff`: the accounts of the staff, for whoever has the machine: the first administrator comes in this way."""

import getpass
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from leitai.cli.desk import Config, Owner
from leitai.config import Settings, read_settings
from leitai.identity_parts import identity_of_staff
from leitai.office.staff import Staff, StaffRefused, normalise_login
from leitai.office.staff_ports import StaffChange, StaffRecord
from leitai.resources import shipped
from leitai.rules.provinces import PROVINCES
from leitai.rules.rights import Role
from leitai.rules.values import DelegationCode
from leitai.stores.postgres.migrations import migrate
from leitai.stores.postgres.office_store import PostgresOffice
from leitai.stores.postgres.pool import Database
from leitai.stores.postgres.vault import Vault
from leitai.stores.valkey.connection import open_store
from leitai.stores.valkey.staff_sessions import ValkeyStaffSessions
from leitai.wire.errors import ERRORS

app = App(name="staff", help="工作人员账号 · Accounts of the staff")


@app.command
async def invite(
    login: str,
    *,
    name: str,
    role: Annotated[list[Role] | None, Parameter(help="in a province's house they are all team_leader")] = None,
    delegation: Annotated[str, Parameter(help="in a province's house the province's")] = "",
    owner: Owner = None,
    config: Config = None,
) -> None:
    """Make an account and print the code with which its person chooses a password, once, within a week."""
    home = read_settings(config, owner=owner).owner
    roles, home = _leading(home, role, delegation) if home else (frozenset(role or ()), delegation)
    if not roles:
        raise SystemExit("请用 --role 指定角色 · Give a --role")
    async with _staff(config, owner) as (staff, console):
        change = StaffChange(name, roles, DelegationCode(home), disabled=False)
        _print_code(console, *await staff.invite(getpass.getuser(), login, change))


@app.command(name="invite-again")
async def invite_again(login: str, *, owner: Owner = None, config: Config = None) -> None:
    """Print a new code for an account whose password or code was lost."""
    async with _staff(config, owner) as (staff, console):
        known = next((one for one in await staff.all() if one.login == normalise_login(login)), None)
        if known is None:
            raise StaffRefused("not-found")
        _print_code(console, *await staff.invite_again(getpass.getuser(), known.staff_id))


@app.command(name="reset-second-factor")
async def reset_second_factor(login: str, *, owner: Owner = None, config: Config = None) -> None:
    """Take an account's second factor away and end its sessions: for an administrator who lost the device."""
    settings = read_settings(config, owner=owner)
    async with _staff(config, owner) as (staff, console):
        database, store = _opened(settings), open_store(settings.valkey_url)
        try:
            identity = identity_of_staff(database, Vault(settings.server_key), store, settings)
            known = next((one for one in await staff.all() if one.login == normalise_login(login)), None)
            if known is None:
                raise StaffRefused("not-found")
            await identity.factor.reset(f"machine:{getpass.getuser()}", known)
            await ValkeyStaffSessions(store).end_staff_sessions(known.staff_id)
        finally:
            await store.aclose()
            await database.close()
        console.print(f"已重置两步验证 second factor reset: {known.login}")


@app.command(name="list")
async def list_all(*, owner: Owner = None, config: Config = None) -> None:
    """Print every account."""
    async with _staff(config, owner) as (staff, console):
        table = Table("账号 login", "姓名 name", "角色 roles", "代表队 delegation", "状态 state")
        for one in await staff.all():
            state = "停用 disabled" if one.disabled else "启用 active" if one.password else "待加入 invited"
            table.add_row(
                one.login, one.name, " ".join(sorted(role.value for role in one.roles)), one.delegation, state
            )
        console.print(table)


def _print_code(console: Console, member: StaffRecord, code: str) -> None:
    until = datetime.fromtimestamp(member.invited_until_us / 1e6).astimezone()
    console.print(f"账号 login        {member.login}")
    console.print(f"邀请码 invitation  {code}")
    console.print(f"有效期至 until      {until:%Y-%m-%d %H:%M %Z}")


def _leading(home: str, role: list[Role] | None, delegation: str) -> tuple[frozenset[Role], str]:
    """Return roles and delegation of an account in a province's house: its team leaders' alone are seen there."""
    if set(role or ()) - {Role.TEAM_LEADER} or delegation not in ("", home):
        raise SystemExit(
            f"{PROVINCES[DelegationCode(home)]}的地址只有本省领队的账号：角色 team_leader，代表队 {home} · "
            f"A house has the accounts of its province's team leaders: role team_leader, delegation {home}"
        )
    return frozenset({Role.TEAM_LEADER}), home


def _opened(settings: Settings) -> Database:
    return Database(settings.database_url, owner=settings.owner)


@asynccontextmanager
async def _staff(config: Path | None, owner: str | None) -> AsyncGenerator[tuple[Staff, Console]]:
    settings = read_settings(config, owner=owner)
    await migrate(settings.database_url, shipped("sql"))
    database = _opened(settings)
    try:
        store = PostgresOffice(database, Vault(settings.server_key))
        yield Staff(store, settings.server_key), Console(highlight=False, soft_wrap=True)
    except StaffRefused as refused:
        text = ERRORS[refused.code]
        raise SystemExit(f"{text.zh} {text.en}") from refused
    finally:
        await database.close()
