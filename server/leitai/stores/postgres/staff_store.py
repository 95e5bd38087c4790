"""The staff's accounts in PostgreSQL: `office.staff_ports`, but for the audit, which is the office store's."""

from collections.abc import Collection, Sequence

import asyncpg

from leitai.office.ports import AlreadyThere
from leitai.office.staff_ports import StaffChange, StaffRecord
from leitai.rules.rights import Role, read_roles
from leitai.rules.values import DelegationCode, Micros
from leitai.stores.postgres import rows
from leitai.stores.postgres.pool import Database
from leitai.stores.postgres.queries import Queries

_STAFF = Queries("staff")


class StaffAccountsStore:
    """Accounts by id and login."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add_staff(
        self, login: str, name: str, roles: frozenset[Role], delegation: DelegationCode, actor: str
    ) -> int:
        """See `StaffStore.add_staff`."""
        async with self._database.connection() as connection:
            try:
                return await connection.fetchval(_STAFF["insert"], login, name, _names(roles), delegation, actor)
            except asyncpg.UniqueViolationError:
                raise AlreadyThere("staff", login) from None

    async def staff(self) -> Sequence[StaffRecord]:
        """See `StaffStore.staff`."""
        async with self._database.connection() as connection:
            return [self._record(row) for row in await connection.fetch(_STAFF["all"])]

    async def staff_member(self, staff_id: int) -> StaffRecord:
        """See `StaffStore.staff_member`."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_STAFF["one"], staff_id)
        if row is None:
            raise KeyError(staff_id)
        return self._record(row)

    async def staff_members(self, staff_ids: Collection[int]) -> Sequence[StaffRecord]:
        """See `StaffStore.staff_members`."""
        async with self._database.connection() as connection:
            return [self._record(row) for row in await connection.fetch(_STAFF["some"], list(staff_ids))]

    async def staff_by_login(self, login: str) -> StaffRecord | None:
        """See `StaffStore.staff_by_login`."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_STAFF["by_login"], login)
        return None if row is None else self._record(row)

    async def invite_staff(self, staff_id: int, digest: bytes, until_us: Micros) -> None:
        """See `StaffStore.invite_staff`."""
        async with self._database.connection() as connection:
            await connection.execute(_STAFF["invite"], staff_id, digest, until_us)

    async def take_invitation(self, staff_id: int, digest: bytes, password: str) -> bool:
        """See `StaffStore.take_invitation`."""
        async with self._database.connection() as connection:
            return await connection.fetchval(_STAFF["take_invitation"], staff_id, digest, password) is not None

    async def set_staff_password(self, staff_id: int, password: str) -> None:
        """See `StaffStore.set_staff_password`."""
        async with self._database.connection() as connection:
            await connection.execute(_STAFF["set_password"], staff_id, password)

    async def change_staff(self, staff_id: int, version: int, change: StaffChange) -> int | None:
        """See `StaffStore.change_staff`."""
        async with self._database.connection() as connection:
            return await connection.fetchval(
                _STAFF["change"],
                staff_id,
                version,
                change.name.strip(),
                _names(change.roles),
                change.delegation,
                change.disabled,
            )

    def _record(self, row: rows.Row) -> StaffRecord:
        return StaffRecord(
            staff_id=row["id"],
            login=row["login"],
            name=row["name"],
            roles=read_roles(row["roles"]),
            delegation=DelegationCode(row["delegation"]),
            password=row["password"] or "",
            invited_hmac=row["invited_hmac"] or b"",
            invited_until_us=Micros(row["invited_until_us"]),
            disabled=row["disabled"],
            version=row["version"],
            second_factor=row["second_factor"],
            house=DelegationCode(self._database.owner),
        )


def _names(roles: frozenset[Role]) -> list[str]:
    return sorted(role.value for role in roles)
