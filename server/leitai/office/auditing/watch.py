"""The chain as it is watched: checked entry by entry as it grows, and its head told to the log."""

import asyncio
import time
from dataclasses import dataclass

import structlog

from leitai.office.auditing.chain import Break, ChainCheck, Head
from leitai.office.auditing.ports import AuditStore
from leitai.office.ports import StoreUnavailable
from leitai.rules.values import Micros

AT_ONCE = 2_000
HEADS_S = 60.0
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ChainState:
    """How the chain stands: every entry up to `head` was recomputed, the last time at `at_us` (the server's clock)."""

    head: Head
    at_us: Micros
    broken: Break | None


class ChainWatch:
    """Keeps the state of the chain. What was checked once is not checked again, unless asked from the start."""

    def __init__(self, store: AuditStore) -> None:
        self._store = store
        self._check = ChainCheck()
        self._checking = asyncio.Lock()

    async def state(self, *, anew: bool = False) -> ChainState:
        """Check what was added, or with `anew` everything, and return the state.

        Raises:
            StoreUnavailable: from the store.
        """
        async with self._checking:
            check = ChainCheck() if anew else self._check
            while entries := await self._store.entries_after(check.head.no, AT_ONCE):
                await asyncio.to_thread(check.take, entries)
            self._check = check
            broken = check.breaks[0] if check.breaks else None
            return ChainState(check.head, Micros(time.time_ns() // 1000), broken)


async def tell_heads(store: AuditStore, every_s: float = HEADS_S) -> None:
    """Tell the log where the audit stands whenever it moved, until cancelled: an audit that is cut short afterwards
    lacks what the log says it had.
    """
    told = 0
    while True:
        try:
            head = await store.head()
            if head.no != told:
                _log.info("audit_head", no=head.no, hash=head.hash.hex())
                told = head.no
        except StoreUnavailable:
            pass  # the next time
        await asyncio.sleep(every_s)
