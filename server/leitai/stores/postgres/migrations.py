"""Brings a PostgreSQL database to the schema that this program was written for.

A migration is a file `NNNN_name.sql`: plain SQL, applied once, in order of its number, in a transaction of its own,
and recorded in the table `schema_migration`. A recorded file never changes again: what comes later is a new file.

    MigrationError
    ├── BadMigrationFileError     migration-file           a wrong name or number, or it ends its transaction
    ├── DatabaseNewerError        database-newer           the database knows migrations that the program does not
    ├── MigrationChangedError     migration-changed        a recorded file is not what it was when it was applied
    ├── MigrationOutOfOrderError  migration-out-of-order   a file without record comes before one that has been applied
    └── MigrationFailedError      migration-failed         the database refused a file; nothing of that file remains
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import asyncpg

# "leit" in ASCII: one key for all of a database's migrations; advisory locks are per database.
_LOCK = 0x6C656974
_CONNECT_S = 5

_FILE_NAME = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")

_TABLE = """
create table if not exists schema_migration (
    version integer primary key,
    name text not null,
    sha256 text not null,
    applied_at timestamptz not null default clock_timestamp()
)
"""

# Views do not follow their tables' columns: those by which each owner sees its own are made anew (schema/sql/0029).
_HAS_VIEWS = "select to_regprocedure('make_owners_views()') is not null"
_MAKE_VIEWS = "select make_owners_views()"


class MigrationError(Exception):
    """Base of what can go wrong. `code` is stable."""

    code: ClassVar[str] = "migration-error"


class BadMigrationFileError(MigrationError):
    """`path` cannot be a migration, for `reason`."""

    code = "migration-file"

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path.name}: {reason}")
        self.path = path
        self.reason = reason


class DatabaseNewerError(MigrationError):
    """The database is at version `database`, the program knows versions up to `program` only."""

    code = "database-newer"

    def __init__(self, database: int, program: int, unknown: tuple[str, ...]) -> None:
        super().__init__(
            f"the database is newer than this program: it has migration {', '.join(unknown)}, "
            f"this program knows them up to {program:04d}. Run the newer program, or name another database"
        )
        self.database = database
        self.program = program
        self.unknown = unknown


class MigrationChangedError(MigrationError):
    """The file of `version` is not the one that was applied to this database."""

    code = "migration-changed"

    def __init__(self, version: int, name: str, recorded: str, found: str) -> None:
        super().__init__(
            f"migration {version:04d}_{name} was changed after it had been applied to this database "
            f"(sha256 {recorded[:12]}… then, {found[:12]}… now); put it back, and write a new one instead"
        )
        self.version = version
        self.name = name
        self.recorded = recorded
        self.found = found


class MigrationOutOfOrderError(MigrationError):
    """`version` was never applied, but the later `applied` was."""

    code = "migration-out-of-order"

    def __init__(self, version: int, name: str, applied: int) -> None:
        super().__init__(
            f"migration {version:04d}_{name} was never applied to this database, but the later {applied:04d} was; "
            "give it a number after that one"
        )
        self.version = version
        self.name = name
        self.applied = applied


class MigrationFailedError(MigrationError):
    """The database refused `version`; `sqlstate` and `reason` are its own. Nothing of this file remains."""

    code = "migration-failed"

    def __init__(self, version: int, name: str, sqlstate: str, reason: str) -> None:
        super().__init__(f"migration {version:04d}_{name} failed: {reason} (SQLSTATE {sqlstate})")
        self.version = version
        self.name = name
        self.sqlstate = sqlstate
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Migration:
    """One file."""

    version: int
    name: str
    sql: str
    path: Path

    @property
    def sha256(self) -> str:
        """Hash of the text; line endings do not count, since a checkout may change them."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def read_migrations(folder: Path) -> tuple[Migration, ...]:
    """The migrations in `folder`, in order.

    Raises:
        BadMigrationFileError: a file is not named `NNNN_name.sql`, or two have one number.
    """
    found: dict[int, Migration] = {}
    for path in sorted(folder.glob("*.sql")):
        match = _FILE_NAME.fullmatch(path.name)
        if match is None:
            raise BadMigrationFileError(path, "a migration is named NNNN_name.sql, in small letters")
        version = int(match[1])
        if version in found:
            raise BadMigrationFileError(path, f"{found[version].path.name} has the same number")
        found[version] = Migration(version, match[2], path.read_text(encoding="utf-8"), path)
    return tuple(found.values())


async def migrate(dsn: str, folder: Path) -> tuple[Migration, ...]:
    """Apply what `folder` has and the database at `dsn` has not; returns what was applied, in order.

    Programs that do this at the same time wait for each other. Each file is applied whole or not at all; when one
    fails, those before it stay applied.

    Raises:
        MigrationError: one of the tree above; before anything is applied, except for MigrationFailedError.
        OSError, asyncpg.PostgresError: the database cannot be reached or used.
    """
    migrations = read_migrations(folder)
    connection: asyncpg.Connection = await asyncpg.connect(dsn, timeout=_CONNECT_S)
    try:
        await connection.execute("select pg_advisory_lock($1)", _LOCK)
        await connection.execute(_TABLE)
        pending = await _pending(connection, migrations)
        for migration in pending:
            await _apply(connection, migration, last=migration is pending[-1])
        return tuple(pending)
    finally:
        # The lock ends with the connection.
        await connection.close()


async def _pending(connection: "asyncpg.Connection", migrations: Sequence[Migration]) -> list[Migration]:
    recorded = {
        int(row["version"]): (str(row["name"]), str(row["sha256"]))
        for row in await connection.fetch("select version, name, sha256 from schema_migration order by version")
    }
    known = {migration.version: migration for migration in migrations}
    unknown = tuple(f"{version:04d}_{name}" for version, (name, _) in recorded.items() if version not in known)
    if unknown:
        raise DatabaseNewerError(max(recorded), max(known, default=0), unknown)
    for version, (name, sha256) in recorded.items():
        if known[version].sha256 != sha256:
            raise MigrationChangedError(version, name, sha256, known[version].sha256)
    pending = [migration for migration in migrations if migration.version not in recorded]
    if pending and recorded and pending[0].version < max(recorded):
        raise MigrationOutOfOrderError(pending[0].version, pending[0].name, max(recorded))
    return pending


async def _apply(connection: "asyncpg.Connection", migration: Migration, *, last: bool) -> None:
    transaction = connection.transaction()
    await transaction.start()
    try:
        # Without arguments this is the simple protocol, which takes a whole script.
        await connection.execute(migration.sql)
        if not connection.is_in_transaction():
            raise BadMigrationFileError(migration.path, "it ends the transaction that it is applied in")
        # In the same transaction: who comes after a failure finds the file without record, and makes both.
        if last and await connection.fetchval(_HAS_VIEWS):
            await connection.execute(_MAKE_VIEWS)
        await connection.execute(
            "insert into schema_migration (version, name, sha256) values ($1, $2, $3)",
            migration.version,
            migration.name,
            migration.sha256,
        )
    except asyncpg.PostgresError as error:
        await transaction.rollback()
        sqlstate = str(getattr(error, "sqlstate", None) or "")
        raise MigrationFailedError(migration.version, migration.name, sqlstate, str(error)) from error
    await transaction.commit()
