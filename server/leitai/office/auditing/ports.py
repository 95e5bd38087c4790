"""What the audit's pages and checks need from its store. Every call may raise `StoreUnavailable`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from leitai.office.auditing.chain import Entry, Head
from leitai.office.ports import AuditLog
from leitai.rules.values import Micros


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries: empty or None members ask for nothing."""

    actor: str = ""
    action: str = ""
    text: str = ""
    """Somewhere in actor, action, subject or detail, in any case."""
    from_us: Micros | None = None
    until_us: Micros | None = None


class AuditStore(AuditLog, Protocol):
    """The audit as it is read."""

    async def entries_after(self, no: int, limit: int) -> Sequence[Entry]:
        """Return the entries after a number, in order, `limit` at most."""
        ...

    async def page(self, wanted: AuditFilter, before: int | None, limit: int) -> Sequence[Entry]:
        """Return entries that fit, the newest first, those below `before` only."""
        ...

    async def head(self) -> Head:
        """Return the last entry's number and hash; 0 and nothing before the first."""
        ...

    async def words(self) -> tuple[Sequence[str], Sequence[str]]:
        """Return the actors and the actions that occur, each in order."""
        ...

    async def names(self) -> Mapping[str, str]:
        """Return the names of the accounts by login."""
        ...
