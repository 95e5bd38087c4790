"""What every role of a process shares: clients of the stores, and what is kept of the contest."""

import os
import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from leitai.config import BadSettings, Settings
from leitai.office.accounts import AccessCodes
from leitai.stores.postgres.archive import PostgresArchive
from leitai.stores.postgres.office_store import PostgresOffice
from leitai.stores.postgres.pool import Database
from leitai.stores.postgres.vault import Vault
from leitai.stores.valkey.connection import Store, open_store
from leitai.stores.valkey.spare import ValkeySpare
from leitai.web.metrics import Running


@dataclass(frozen=True, slots=True)
class Parts:
    """What every role of a process shares."""

    settings: Settings
    store: Store
    """For all that must be quick: answers, tickets, web sessions, the clock."""
    reading: Store
    """A client of its own for the feed, boards and streams, whose long replies must not stand before answers."""
    database: Database
    vault: Vault
    archive: PostgresArchive
    office: PostgresOffice
    codes: AccessCodes
    spare: ValkeySpare
    name: str
    """This process's own name among all, new at every start."""
    running: Running


@asynccontextmanager
async def open_parts(
    settings: Settings, roles: tuple[str, ...] = (), *, nice: int = 0, connections: int = 8
) -> AsyncGenerator[Parts]:
    """Build what the settings name; nothing connects yet. `nice`, and `connections` at most: see `Database`."""
    try:
        store = open_store(settings.valkey_url, replicas=settings.valkey_replicas)
        reading = open_store(settings.valkey_url, replicas=settings.valkey_replicas)
    except ValueError as bad:
        raise BadSettings(f"valkey_url: {bad}") from bad
    database = Database(settings.database_url, max_size=connections, owner=settings.owner, nice=nice)
    vault = Vault(settings.server_key)
    parts = Parts(
        settings,
        store,
        reading,
        database,
        vault,
        PostgresArchive(database, vault, settings.lane),
        PostgresOffice(database, vault),
        AccessCodes(settings.server_key),
        ValkeySpare(reading, settings.server_key, settings.lane, settings.owner),
        f"{settings.name or 'leitai'}-{os.getpid()}-{secrets.token_hex(4)}",
        Running(roles),
    )
    try:
        yield parts
    finally:
        await database.close()
        await store.aclose()
        await reading.aclose()
