"""All stages of one gateway: a hall has some dozens of devices."""

from collections.abc import Callable

from leitai.live.clock import ContestClock, TimeSource
from leitai.live.rooms.hub import RoomHub
from leitai.live.rooms.room import monotonic_us
from leitai.live.stage.ports import StageStreams, StageTickets
from leitai.live.stage.room import StageClock, StageRoom
from leitai.wire.stage_messages import decode_stage_client

MOST_SOCKETS = 2_000
"""At one gateway, of all stages."""


class StageHub(RoomHub[StageRoom]):
    """`web.socket.SocketGateway` for stages."""

    def __init__(self, streams: StageStreams, tickets: StageTickets, now_us: Callable[[], int] = monotonic_us) -> None:
        """`now_us` is the monotonic clock. Nothing connects before somebody comes."""
        super().__init__(decode_stage_client, MOST_SOCKETS, now_us)
        self._streams = streams
        self._tickets = tickets

    async def redeem(self, ticket: str) -> tuple[int, int]:
        """See `RoomHub.redeem`."""
        seat = await self._tickets.redeem_stage_ticket(ticket)
        return seat.stage_id, seat.team

    def time_source(self, number: int) -> TimeSource:
        """See `RoomHub.time_source`."""
        return StageClock(self._streams, number)

    def make(self, number: int, clock: ContestClock) -> StageRoom:
        """See `RoomHub.make`."""
        return StageRoom(number, self._streams, clock, self._now_us)
