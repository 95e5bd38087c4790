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

from leitai.config import read_settings
from leitai.identity_parts import identity_of_staff
from leitai.office.staff import Staff, StaffRefused, normalise_login
from leitai.office.staff_ports import StaffChange, StaffRecord
from leitai.resources import shipped
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

Config = Annotated[Path | None, Parameter(help="TOML file of settings")]


@app.command
async def invite(login: str, *, name: str, role: list[Role], delegation: str = "", config: Config = None) -> None:
    """Make an account and print the code with which its person chooses a password, once, within a week."""
    async with _staff(config) as (staff, console):
        change = StaffChange(name, frozenset(role), DelegationCode(delegation), disabled=False)
        _print_code(console, *await staff.invite(getpass.getuser(), login, change))


@app.command(name="invite-again")
async def invite_again(login: str, *, config: Config = None) -> None:
    """Print a new code for an account whose password or code was lost."""
    async with _staff(config) as (staff, console):
        known = next((one for one in await staff.all() if one.login == normalise_login(login)), None)
        if known is None:
            raise StaffRefused("not-found")
        _print_code(console, *await staff.invite_again(getpass.getuser(), known.staff_id))


@app.command(name="reset-second-factor")
async def reset_second_factor(login: str, *, config: Config = None) -> None:
    """Take an account's second factor away and end its sessions: for an administrator who lost the device."""
    settings = read_settings(config)
    async with _staff(config) as (staff, console):
        database, store = Database(settings.database_url), open_store(settings.valkey_url)
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
async def list_all(*, config: Config = None) -> None:
    """Print every account."""
    async with _staff(config) as (staff, console):
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


@asynccontextmanager
async def _staff(config: Path | None) -> AsyncGenerator[tuple[Staff, Console]]:
    settings = read_settings(config)
    await migrate(settings.database_url, shipped("sql"))
    database = Database(settings.database_url)
    try:
        store = PostgresOffice(database, Vault(settings.server_key))
        yield Staff(store, settings.server_key), Console(highlight=False, soft_wrap=True)
    except StaffRefused as refused:
        text = ERRORS[refused.code]
        raise SystemExit(f"{text.zh} {text.en}") from refused
    finally:
        await database.close()
