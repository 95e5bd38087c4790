"""A stage for tests: its plan, a log in memory under a clock that the test moves, and doors over nothing."""

import asyncio
from collections.abc import Iterable
from typing import Any

from leitai.live.ports import StoreUnavailable, TicketRefused
from leitai.live.stage.ports import LONGEST_AGE_US, PressKept, PressMade
from leitai.office.stage.ports import SeatKept, StageMedia, Voted
from leitai.rules.stage_events import Entry, Event, Pressed, RoundKind, RoundPlan, StagePlan
from leitai.rules.stage_state import Vote
from leitai.rules.values import Micros
from leitai.web.stage_public import StageDoors
from leitai.wire.messages import ItemOption
from leitai.wire.stage_log import KeptEntry, StageKey, StageSeat, StageText, kept
from leitai.wire.stage_messages import StageServerMessage, decode_stage_server
from tests.support.doors import settings
from tests.support.live import FakeLink

PLAN = StagePlan(
    "全省决赛",
    ("甲队", "乙队", "丙队", "丁队"),
    (RoundPlan(RoundKind.BUZZER, "抢答题", 3), RoundPlan(RoundKind.REQUIRED, "必答题", 4)),
)
TEXT = StageText("single", "试用期最长多久？", [ItemOption("A", "一个月"), ItemOption("B", "六个月")])
KEY = StageKey(["B"], [], "劳动合同法第十九条")
OFFSET_US = 1_664_000_000_000_000
"""The store's clock less the monotonic one."""


class FakeStreams:
    """`StageStreams` and `StageTickets` in memory: stamps and repetitions as the real script makes them."""

    def __init__(self) -> None:
        self.mono_us = 1_000_000
        self.entries: list[KeptEntry] = []
        self.repeats: dict[tuple[int, int, int], PressKept] = {}
        self.out = 0
        """So many of the next presses fail before anything happens."""
        self.held: asyncio.Event | None = None
        """Presses wait for it before they reach the store."""
        self.hanging: asyncio.Event | None = None
        """Whoever asks for the time waits for it."""
        self.asked = 0
        """How often the log was asked for."""
        self._grown = asyncio.Event()

    def now_us(self) -> int:
        """The monotonic clock of the gateway."""
        return self.mono_us

    def add(self, *events: Event, text: StageText | None = None, key: StageKey | None = None) -> None:
        """Let somebody at the office append events now."""
        for event in events:
            at_us = Micros(self.mono_us + OFFSET_US)
            self.entries.append(kept(Entry(len(self.entries) + 1, at_us, "anna", event), text, key))
        self._grown.set()

    async def time_us(self, stage_id: int) -> Micros:
        if self.hanging is not None:
            await self.hanging.wait()
        return Micros(self.mono_us + OFFSET_US)

    async def log(self, stage_id: int, after: int, block_ms: int) -> list[KeptEntry]:
        self.asked += 1
        while block_ms and len(self.entries) <= after:
            self._grown.clear()
            await self._grown.wait()
        return self.entries[after:]

    async def press(self, stage_id: int, press: PressMade, believed_us: int) -> PressKept:
        age_us = press.age_us
        if self.held is not None:
            await self.held.wait()
        if self.out:
            self.out -= 1
            raise StoreUnavailable
        name = (press.team, press.question, press.seq)
        if name not in self.repeats:
            stamp_us = self.mono_us + OFFSET_US - min(age_us, LONGEST_AGE_US)
            entry = Entry(
                len(self.entries) + 1,
                Micros(self.mono_us + OFFSET_US),
                "",
                Pressed(press.team, press.question, Micros(stamp_us), press.elapsed_us),
            )
            self.repeats[name] = PressKept(entry.seq, stamp_us, press.elapsed_us)
            self.entries.append(kept(entry))
            self._grown.set()
        return self.repeats[name]

    async def counts(self, stage_id: int, vote: int, choices: int) -> list[int]:
        return [0] * choices

    async def here(self, stage_id: int, teams: dict[int, Micros]) -> None: ...

    async def desks(self, stage_id: int) -> dict[int, Micros]:
        return {}

    async def redeem_stage_ticket(self, ticket: str) -> StageSeat:
        if not ticket.isdigit():
            raise TicketRefused
        return StageSeat(7, int(ticket), "1")


def said(link: FakeLink) -> list[StageServerMessage]:
    """What was written to a device."""
    return [decode_stage_server(frame) for frame in link.frames]


def last(messages: Iterable[Any], kind: type[Any]) -> Any:
    """The newest message of a kind."""
    return [one for one in messages if isinstance(one, kind)][-1]


class _Folk:
    """One stage, 7, whose vote is open and leads from the code `K7M2QX`; nobody has a code for a desk."""

    async def seat_of(self, code: str) -> SeatKept | None:
        return None

    async def holds(self, seat: StageSeat) -> bool:
        return False

    async def shown(self, stage_id: int, address: str) -> tuple[str, StageMedia] | None:
        return None

    async def ballot(self, stage_id: int) -> tuple[str, Vote] | None:
        if stage_id != 7:
            raise KeyError(stage_id)
        return "全省决赛", Vote(1, "最佳风采", ("甲队", "乙队"), "K7M2QX")


class _Seats:
    async def seat(self, seat: StageSeat) -> str:
        return "cookie"

    async def seated(self, cookie: str) -> StageSeat | None:
        return None

    async def leave(self, cookie: str) -> None: ...

    async def issue_stage_ticket(self, seat: StageSeat) -> str:
        return "ticket"

    async def vote(self, stage_id: int, vote: int, code: str, choice: int, device: str, network: str) -> Voted:
        return Voted.CLOSED

    async def stage_tries(self, name: str, window_s: int) -> int:
        return 0


def stage_doors() -> StageDoors:
    """The public doors of stages over nothing."""
    nothing: Any = None
    return StageDoors(_Folk(), _Seats(), nothing, settings(), bytes(32), "http://contest.test")
