"""What is done once a day of practice is over: its sets are closed, its patterns listed, its answers counted.

Each day is gone through once, by whichever process comes first; what was left undone is done the next time.
"""

import asyncio
from datetime import timedelta

import structlog

from leitai.office.bank_files_ports import Occasion, UseStore
from leitai.office.ports import StoreUnavailable
from leitai.office.practice.desk_ports import Network, NightStore
from leitai.office.practice.timing import Clock
from leitai.rules.beijing import beijing_day, day_begins_us
from leitai.rules.practice_patterns import MOST_TOGETHER, Finding, from_one_address, of_learner, together
from leitai.rules.practice_sets import WEEKLY_OPEN_US

LOOK_S = 60.0
ON_THE_WAY_US = 2 * 60_000_000
"""So long after its end a set is left to whoever answered: what came in time may still wait for the store, which takes
some statements of ten seconds at most (`stores.postgres.pool`), and is recorded by when it came."""
_log = structlog.get_logger()


class Nightly:
    """The nightly check.

    Args:
        store: where sets and findings are.
        uses: where the bank's statistics are.
        clock: the server's.
    """

    def __init__(self, store: NightStore, uses: UseStore, clock: Clock) -> None:
        self._store = store
        self._uses = uses
        self._clock = clock

    async def run(self) -> int:
        """Go through the days that are over, and return how many these were. Raises `StoreUnavailable`."""
        now_us = self._clock.now_us()
        # A set of 周周练 that was opened before midnight may be handed in for a while.
        today = beijing_day(now_us)
        quiet = today if now_us >= day_begins_us(today) + 2 * WEEKLY_OPEN_US else today - timedelta(days=1)
        for day in await self._store.open_days(today):
            # Sets of 日日学 ended at midnight; titles wait for what they earned.
            await self._store.close_day(day, now_us - ON_THE_WAY_US)
        done = 0
        for day in await self._store.open_days(quiet):
            findings: list[Finding] = []
            async for answers in self._store.answers_by_learner(day):
                findings += await asyncio.to_thread(of_learner, answers)
            async for network in self._store.answers_by_network(day, MOST_TOGETHER):
                findings += await asyncio.to_thread(_of_network, network)
            await self._uses.keep_uses(Occasion("practice", day.isoformat()), await self._store.uses(day))
            done += await self._store.finish_day(day, findings)
        return done

    async def keep(self) -> None:
        """Go through days as they end, until cancelled."""
        while True:
            try:
                if done := await self.run():
                    _log.info("practice_days_done", days=done)
            except StoreUnavailable as outage:
                _log.warning("archive_out", reason=str(outage))
            await self._clock.sleep(LOOK_S)


def _of_network(network: Network) -> list[Finding]:
    crowd = from_one_address(network.learners, network.answers)
    found = [] if crowd is None else [crowd]
    return found if network.given is None else found + together(network.given)
