"""The tree of organisations in PostgreSQL (`office.practice.learners_ports.OrganisationStore`)."""

from collections.abc import Mapping, Sequence

import asyncpg

from leitai.office.practice.learners_ports import Branch, OrganisationName
from leitai.rules.organisations import Graft, Level, Organisation
from leitai.stores.postgres.auditing import AuditingStore, audit
from leitai.stores.postgres.queries import Queries

_TREE = Queries("organisations")


class _TreeChanged(Exception):
    """Nothing of the transaction stays."""


class OrganisationsStore(AuditingStore):
    """The tree."""

    async def tree(self, province: str | None = None) -> dict[str, Organisation]:
        """See `OrganisationStore.tree`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_TREE["all"], province)
        return {
            row["code"]: Organisation(
                row["code"], row["name"], Level(row["level"]), row["parent"], row["province"], row["closed"]
            )
            for row in found
        }

    async def children(self, parent: int | None, limit: int = 2000) -> list[Branch]:
        """See `OrganisationStore.children`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_TREE["children"], parent, limit)
        return [
            Branch(row["id"], row["code"], row["name"], Level(row["level"]), row["closed"], row["inner"])
            for row in found
        ]

    async def counts(self, parent: int | None) -> Mapping[int, int]:
        """See `OrganisationStore.counts`."""
        async with self._database.connection() as connection:
            if parent is None:
                found = await connection.fetch(_TREE["counts"])
            else:
                found = await connection.fetch(_TREE["counts_under"], parent)
        return {row["id"]: row["learners"] for row in found}

    async def names(self, ids: Sequence[int]) -> Mapping[int, OrganisationName]:
        """See `OrganisationStore.names`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_TREE["names"], list(ids))
        return {row["id"]: OrganisationName(row["name"], Level(row["level"])) for row in found}

    async def province_of(self, organisation_id: int) -> str:
        """See `OrganisationStore.province_of`."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_TREE["organisation"], organisation_id)
        if row is None:
            raise KeyError(organisation_id)
        return row["province"]

    async def take_in(self, seen: Graft, actor: str, detail: Mapping[str, object]) -> bool:
        """See `OrganisationStore.take_in`."""
        try:
            async with self._database.transaction() as connection:
                # One file after another: whoever comes second finds what the first brought.
                await connection.execute(_TREE["lock"])
                await connection.executemany(
                    _TREE["insert"],
                    [(one.code, one.name, one.level.value, one.parent, one.province, one.closed) for one in seen.added],
                )
                await connection.executemany(
                    _TREE["update"], [(one.code, one.name, one.closed) for one in seen.changed]
                )
                codes = [one.code for one in seen.added]
                written = await connection.fetch(_TREE["ids"], codes)
                if len(written) != len(codes):
                    # An organisation that was to be above is gone.
                    raise _TreeChanged
                await audit(connection, actor, "import-organisations", "organisations", detail)
        except (asyncpg.UniqueViolationError, _TreeChanged):
            return False
        return True
