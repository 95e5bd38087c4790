"""Looks at PostgreSQL: its settings, standbys, clock and schema, and the session it holds. Changes nothing."""

import os
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg

from leitai.doctor.judgement.deployment import SessionSeen
from leitai.doctor.judgement.machine import ClockSeen
from leitai.doctor.judgement.postgres import LOOKED_AT, DatabaseSeen
from leitai.live.ports import SessionFile, StoreUnavailable
from leitai.live.sealing import seal_paper
from leitai.stores.postgres.archive import PostgresArchive
from leitai.stores.postgres.migrations import read_migrations
from leitai.stores.postgres.pool import Database
from leitai.stores.postgres.queries import Queries
from leitai.stores.postgres.vault import Vault, WrongServerKey

_SQL = Queries("doctor")
_LOOKS = 5
_PORT = "5432"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_UNREACHABLE = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)


async def look(dsn: str, migrations: Path) -> tuple[DatabaseSeen, ClockSeen | None]:
    """Return what the database says of itself, and its clock when it answered."""
    shipped = {one.version: one.sha256 for one in read_migrations(migrations)}
    try:
        connection: asyncpg.Connection = await asyncpg.connect(dsn, timeout=5, command_timeout=10)
    except _UNREACHABLE as reason:
        return DatabaseSeen(unreachable=str(reason) or type(reason).__name__), None
    try:
        settings = {row["name"]: row["setting"] for row in await connection.fetch(_SQL["settings"], list(LOOKED_AT))}
        standbys = [row["state"] for row in await connection.fetch(_SQL["standbys"])]
        recorded: dict[int, str] = {}
        if await connection.fetchval(_SQL["has_migrations"]):
            recorded = {row["version"]: row["sha256"] for row in await connection.fetch(_SQL["migrations"])}
        clock = await _clock(connection)
    except _UNREACHABLE as reason:
        return DatabaseSeen(unreachable=str(reason) or type(reason).__name__), None
    finally:
        await connection.close(timeout=5)
    return DatabaseSeen("", settings, _guarded(dsn), standbys, recorded, shipped), clock


async def look_at_session(dsn: str, server_key: bytes, owner: str = "") -> SessionSeen | None:
    """Return the session that servers of a house would take up; None when there is none, or no schema yet."""
    database = Database(dsn, max_size=1, owner=owner)
    archive = PostgresArchive(database, Vault(server_key))
    try:
        session_id = await archive.current_session()
        if session_id is None:
            return None
        try:
            file: SessionFile | None = await archive.load_session(session_id)
        except WrongServerKey:
            file = None
        async with database.connection() as connection:
            seats = await connection.fetchrow(_SQL["seats"], session_id)
            row = await connection.fetchrow(_SQL["session_head"], session_id)
    except (StoreUnavailable, asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError):
        return None
    finally:
        await database.close()
    assert seats is not None
    assert row is not None
    return SessionSeen(
        session=session_id,
        phase=row["phase"],
        starts_in_s=row["start_us"] / 1e6 - time.time(),
        secret_opens=file is not None,
        items=row["items"],
        sealed=row["items"] if file is None else _sealed(file),
        seats=seats["seats"],
        codes=seats["codes"],
        without_seat=seats["without_seat"],
    )


def _sealed(file: SessionFile) -> int:
    """Return how many items can be sealed with something in them."""
    plan = file.plan
    seconds = tuple(item.seconds for item in plan.items)
    paper = seal_paper(file.secret, file.session_id, plan.pacing.value, file.contents, seconds)
    return sum(bool(content.stem and item.sealed) for content, item in zip(file.contents, paper.items, strict=True))


async def _clock(connection: "asyncpg.Connection") -> ClockSeen:
    """Compare clocks by the quickest of a few questions."""
    looked: list[ClockSeen] = []
    for _ in range(_LOOKS):
        before = time.time()
        there = float(await connection.fetchval(_SQL["now"]) or 0)
        after = time.time()
        looked.append(ClockSeen("PostgreSQL", (there - (before + after) / 2) * 1000, (after - before) * 500))
    return min(looked, key=lambda one: one.uncertainty_ms)


def addresses(dsn: str) -> list[tuple[str, int]]:
    """Return host and port of every server of a DSN; a host begins with / for a Unix socket."""
    parts = urlsplit(dsn)
    query = parse_qs(parts.query)
    named = parts.netloc.rpartition("@")[2] or ",".join(query.get("host", ["localhost"]))
    port = query.get("port", [_PORT])[0]
    found: list[tuple[str, int]] = []
    for server in named.split(","):
        host, colon, own = server.rpartition(":")
        # An IPv6 address stands in brackets, a Unix socket begins with a slash.
        plain = not colon or server.endswith("]") or server.startswith("/")
        found.append((server.strip("[]"), int(port)) if plain else (host.strip("[]"), int(own or port)))
    return found


def is_here(dsn: str) -> bool:
    """Whether a DSN leads to this machine alone."""
    return all(host.startswith("/") or host in _LOOPBACK for host, _ in addresses(dsn))


def _guarded(dsn: str) -> bool:
    given = urlsplit(dsn).password or any(name in os.environ for name in ("PGPASSWORD", "PGPASSFILE"))
    return is_here(dsn) or bool(given)
