"""All matches of one gateway, and those that nobody looks after any more."""

import asyncio
from collections.abc import Callable

import structlog

from leitai.live.clock import ContestClock, TimeSource
from leitai.live.match.ports import MatchArchive, MatchQuestions, MatchStreams, MatchTickets
from leitai.live.match.room import MatchClock, MatchRoom
from leitai.live.ports import StoreUnavailable
from leitai.live.rooms.hub import RoomHub
from leitai.live.rooms.room import monotonic_us
from leitai.wire.match_messages import decode_match_client

MOST_SOCKETS = 20_000
"""At one gateway, of all matches."""
UNSEEN_US = 10_000_000
"""A match that no gateway has looked after for so long is taken up by the next that looks."""
LOOK_S = 5.0
_log = structlog.get_logger()


class MatchHub(RoomHub[MatchRoom]):
    """`web.socket.SocketGateway` for matches."""

    def __init__(
        self,
        streams: MatchStreams,
        tickets: MatchTickets,
        questions: MatchQuestions,
        archive: MatchArchive,
        secret: bytes,
        now_us: Callable[[], int] = monotonic_us,
    ) -> None:
        """Keys of questions derive from `secret`; `now_us` is the monotonic clock. Nothing connects yet."""
        super().__init__(decode_match_client, MOST_SOCKETS, now_us)
        self._streams = streams
        self._tickets = tickets
        self._questions = questions
        self._archive = archive
        self._secret = secret

    async def redeem(self, ticket: str) -> tuple[int, int]:
        """See `RoomHub.redeem`."""
        return await self._tickets.redeem_match_ticket(ticket)

    def time_source(self, number: int) -> TimeSource:
        """See `RoomHub.time_source`."""
        return MatchClock(self._streams, number)

    def make(self, number: int, clock: ContestClock) -> MatchRoom:
        """See `RoomHub.make`."""
        return MatchRoom(number, self._streams, self._questions, self._archive, self._secret, clock, self._now_us)

    async def keep(self) -> None:
        """Take up matches whose gateways died, so that they come to their end; until cancelled."""
        while True:
            try:
                async with asyncio.timeout(LOOK_S):
                    await self.take_up()
            except (StoreUnavailable, TimeoutError):
                pass
            except Exception:
                # The practice goes on, whatever is wrong with a match.
                _log.exception("matches_not_taken_up")
            await asyncio.sleep(LOOK_S)

    async def take_up(self) -> None:
        """Look once."""
        for match_id in await self._streams.forsaken(UNSEEN_US):
            room = await self.room(match_id)
            if room.match is None:
                # The ledger lost it.
                await self._streams.release(match_id, [])
