"""What a stage needs while it is played. Every call may raise `live.ports.StoreUnavailable`."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from leitai.live.rooms.ports import GONE_US as GONE_US
from leitai.live.rooms.ports import LONGEST_AGE_US as LONGEST_AGE_US
from leitai.live.rooms.ports import connected as connected
from leitai.rules.values import Micros
from leitai.wire.stage_log import KeptEntry, StageSeat

MOST_PRESSES = 16
"""Of one team for one question; a hand on a button makes two or three."""


@dataclass(slots=True)
class PressMade:
    """A press on its way. `age_us` is how long it has waited since it arrived, as of the call."""

    team: int
    question: int
    seq: int
    age_us: int
    elapsed_us: int
    """Since the opening was written to this desk, by one clock; negative: not measured."""


class PressKept(NamedTuple):
    """A press in the log. `entry` 0: the team has pressed too often, nothing was recorded."""

    entry: int
    stamp_us: int
    elapsed_us: int


class StageStreams(Protocol):
    """A stage's log in the ledger."""

    async def time_us(self, stage_id: int) -> Micros:
        """Return the stage's clock: that of the node that keeps it."""
        ...

    async def log(self, stage_id: int, after: int, block_ms: int) -> list[KeptEntry]:
        """Return the entries after a number, waiting for the first for `block_ms` (0: not at all)."""
        ...

    async def press(self, stage_id: int, press: PressMade, believed_us: int) -> PressKept:
        """Append a press, durably, once for each `seq` of a team and question; a repetition returns the original.

        One script, one clock: the stamp is that clock less `age_us`. `believed_us` is the clock as the caller knows
        it when it sends (0: unknown): a call that lay unread for a second is refused with `StoreUnavailable`, so that
        it is sent again with its true age.
        """
        ...

    async def counts(self, stage_id: int, vote: int, choices: int) -> list[int]:
        """Return the votes for each choice so far."""
        ...

    async def here(self, stage_id: int, teams: dict[int, Micros]) -> None:
        """Set down when each desk was connected last."""
        ...

    async def desks(self, stage_id: int) -> dict[int, Micros]:
        """Return when each desk was connected last, at any gateway."""
        ...


class StageTickets(Protocol):
    """One-use tickets of desks and screens."""

    async def redeem_stage_ticket(self, ticket: str) -> StageSeat:
        """Use a ticket up; raises `live.ports.TicketRefused`."""
        ...
