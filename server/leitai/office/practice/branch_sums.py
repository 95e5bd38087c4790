"""Sums of organisations, added up every few seconds from what learners have earned since."""

import structlog

from leitai.office.ports import StoreUnavailable
from leitai.office.practice.boards_ports import BoardStore
from leitai.office.practice.timing import Clock

EVERY_S = 5.0
"""What came since is added by whoever reads: of a nation that learns some thousand lines."""
_log = structlog.get_logger()


class BranchSums:
    """Adds up, so that boards have little to add themselves."""

    def __init__(self, boards: BoardStore, clock: Clock) -> None:
        self._boards = boards
        self._clock = clock

    async def keep(self) -> None:
        """Add up again and again, until cancelled."""
        while True:
            try:
                await self._boards.add_up()
            except StoreUnavailable as outage:
                _log.warning("archive_out", reason=str(outage))
            await self._clock.sleep(EVERY_S)
