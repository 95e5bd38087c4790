"""A match for tests: its questions, and a log in memory under a clock that the test moves."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from leitai.live.match.ports import AnswerKept, AnswerMade, MatchItem
from leitai.live.ports import StoreUnavailable, TicketRefused
from leitai.rules.match_log import Answered, Entry, Made, Match, Player, Recorded
from leitai.rules.matches import QUESTIONS
from leitai.rules.values import ItemNo, Key, Micros, PaperItem, QuestionType
from leitai.wire.match_log import MatchSeat, pack_match_entry, unpack_match_entry
from leitai.wire.match_messages import MatchServerMessage, decode_match_server
from leitai.wire.messages import ItemContent, ItemOption
from tests.support.live import FakeLink

S = 1_000_000
OFFSET_US = 1_664_000_000 * S
"""The store's clock less the monotonic one."""
MATCH_ID = 2**51 + 7
SECRET = bytes(range(32))
MADE = Made((Player(1, "小麦"), Player(2, "阿青")), tuple(range(1, 11)), tuple(range(101, 111)), (20,) * QUESTIONS)
REPLIES = tuple(Recorded(("A",), place % 2 == 0, (place + 2) * S) for place in range(QUESTIONS))
RECORDED = Made(
    (Player(1, "小麦"), Player(2, "阿青", OFFSET_US)),
    MADE.question_ids,
    MADE.version_ids,
    MADE.seconds,
    9,
    REPLIES,
)
"""A play of 2 as a recording."""


@dataclass
class FakeMatch:
    """`MatchStreams`, `MatchTickets`, `MatchQuestions` and `MatchArchive` in memory. Every right answer is B."""

    mono_us: int = 1_000_000
    entries: list[Entry] = field(default_factory=list[Entry])
    out: int = 0
    """So many of the next answers fail before anything happens."""
    archive_out: int = 0
    kept: list[Match] = field(default_factory=list[Match])
    released: list[tuple[int, tuple[int, ...]]] = field(default_factory=list[tuple[int, tuple[int, ...]]])
    looked_after: set[int] = field(default_factory=set[int])
    earned: tuple[int, int] = (30, 0)

    def now_us(self) -> int:
        """The monotonic clock of the gateway."""
        return self.mono_us

    def begin(self, made: Made = MADE) -> None:
        """Let the office have made a match."""
        self.entries = [Entry(1, self.mono_us + OFFSET_US, made)]

    async def time_us(self, match_id: int) -> Micros:
        return Micros(self.mono_us + OFFSET_US)

    async def log(self, match_id: int, after: int) -> list[Entry]:
        # Through the kept form, as from the ledger.
        return [unpack_match_entry(pack_match_entry(one)) for one in self.entries[after:]]

    async def append(self, match_id: int, last: int, entries: Sequence[Entry]) -> bool:
        await asyncio.sleep(0)
        if len(self.entries) != last:
            return False
        self.entries += entries
        return True

    async def answer(self, match_id: int, made: AnswerMade, age_us: int, believed_us: int) -> AnswerKept:
        if self.out:
            self.out -= 1
            raise StoreUnavailable
        for one in self.entries:
            event = one.event
            if isinstance(event, Answered) and (event.seat, event.question) == (made.seat, made.question):
                return AnswerKept(one.seq, event.stamp_us)
        stamp_us = max(self.mono_us + OFFSET_US - age_us, made.opens_us)
        flagged = made.elapsed_us < 0
        elapsed_us = stamp_us - made.opens_us if flagged else made.elapsed_us
        event = Answered(made.seat, made.question, made.response, made.right, stamp_us, elapsed_us, flagged)
        self.entries.append(Entry(len(self.entries) + 1, self.mono_us + OFFSET_US, event))
        return AnswerKept(len(self.entries), stamp_us)

    async def here(self, match_id: int, seats: Mapping[int, Micros]) -> None:
        self.looked_after.add(match_id)

    async def seen(self, match_id: int) -> dict[int, Micros]:
        return {}

    async def release(self, match_id: int, learners: Sequence[int]) -> None:
        self.released.append((match_id, tuple(learners)))

    async def forsaken(self, unseen_us: int) -> list[int]:
        return [MATCH_ID] if self.entries and not self.released else []

    async def redeem_match_ticket(self, ticket: str) -> MatchSeat:
        if ticket not in ("1", "2"):
            raise TicketRefused
        return MatchSeat(MATCH_ID, int(ticket))

    async def items(self, version_ids: Sequence[int]) -> Sequence[MatchItem]:
        options = [ItemOption(one, f"选项{one}") for one in "ABCD"]
        return [
            MatchItem(
                PaperItem(ItemNo(place), QuestionType.SINGLE, 100, 0, tuple("ABCD"), Key(frozenset("B"), ())),
                ItemContent("single", f"第{place}题，绝密", options, 0, 100),
                f"第{place}题的解析",
            )
            for place in range(1, len(version_ids) + 1)
        ]

    async def keep(self, match_id: int, match: Match) -> Sequence[int]:
        if self.archive_out:
            self.archive_out -= 1
            raise StoreUnavailable
        self.kept.append(match)
        return self.earned


def heard(link: FakeLink) -> list[MatchServerMessage]:
    """What was written to a player."""
    return [decode_match_server(frame) for frame in link.frames]
