"""What the office needs from its store, as Protocols with the records they speak in. stores/postgres implements them.

Each part of the office has ports of its own beside it (`people_ports`, `session_ports`, `staff_ports`, …); here is what
all of them share. Every call of a store may raise `StoreUnavailable`. Each writing call is one transaction: it happens
whole or not at all.
"""

from collections.abc import Mapping
from typing import Protocol

from leitai.office.import_ports import ImportStore
from leitai.office.people_ports import ContestantStore
from leitai.office.session_ports import ContestStore, SessionStore


class StoreUnavailable(Exception):
    """The database did not answer; the call may be repeated."""


class AlreadyThere(Exception):
    """What was to be created exists: a roster of the contest, nominations. Nothing was written."""


class AuditLog(Protocol):
    """Where every act of the staff is written down."""

    async def audit(self, actor: str, action: str, subject: str, detail: Mapping[str, object]) -> None:
        """Write down who did what. Each entry holds the hash of all before it."""
        ...


class OfficeStore(ImportStore, ContestantStore, ContestStore, SessionStore, AuditLog, Protocol):
    """PostgreSQL as the office sees it."""

    async def audit_break(self) -> int | None:
        """Return the number of the first audit entry that does not follow from those before it; None: all do."""
        ...
