"""What overlays show, made of what this process follows anyway: the public board, the timeline, the paper.

A channel's body is made once for all its streams, at most five times a second, and told only when it changed. It is
public by construction: rows are those of the public board; an item is told once the timeline that was in force after
its opening says that it has opened; its right answer and what was chosen once it is closed for good, and never while
the board is frozen. Texts that contestants wrote are not told at all.
"""

import time
from collections import Counter
from dataclasses import dataclass
from typing import Protocol

from leitai.live.boards import BoardTable
from leitai.live.ports import ItemFile, SessionState
from leitai.live.sight import Sight
from leitai.office.air_ports import Shown
from leitai.office.broadcast import Broadcast
from leitai.rules.adjustments import Adjustments
from leitai.rules.timeline import windows
from leitai.rules.values import JUDGED, DelegationCode, ItemNo, Pacing, PaperItem, Phase, SessionId, Window
from leitai.web.exchange import encode
from leitai.wire.air_bodies import (
    AirBody,
    AirCount,
    AirDelegation,
    AirItem,
    AirLineBody,
    AirOption,
    AirPerson,
    AirProgram,
    AirProvince,
    AirShown,
    AirTeam,
)
from leitai.wire.messages import BoardRow, View

EVERY_S = 0.2
"""A body is not made more often; streams ask four times a second."""
COUNT_EVERY_S = 1.0
"""How many have answered an open item is not told more often: a number on air that changes faster cannot be read, and
each change is a body of its own for every overlay."""
BEST = 50
_LINES = 30
_TELLS = frozenset({Phase.RUNNING, Phase.PAUSED, Phase.CLOSED, Phase.UNDER_REVIEW, Phase.FINALIZED})
_SERVER_US = b'{"server_us":0'


class OnAir(Protocol):
    """The session in force as this process follows it."""

    @property
    def sight(self) -> Sight | None:
        """What is seen of it; None while there is no session."""
        ...

    @property
    def adjustments(self) -> Adjustments:
        """What rulings change, as known last."""
        ...


@dataclass(frozen=True, slots=True)
class Look:
    """Which body: a channel's, with its preview in place of its program, and a delegation of one's own choice."""

    channel: str
    preview: bool = False
    delegation: str = ""


@dataclass(slots=True)
class _Made:
    at_s: float
    number: int
    encoded: bytes
    """With `server_us` 0."""
    told: bytes


class Air:
    """The bodies of all channels."""

    def __init__(self, watched: OnAir, broadcast: Broadcast) -> None:
        self._watched = watched
        self._broadcast = broadcast
        self._made: dict[Look, _Made] = {}
        self._number = 0
        self._counted: tuple[tuple[SessionId, ItemNo], float, int] | None = None
        """The open item whose answers were counted last, when, and how many."""

    def body(self, look: Look) -> tuple[int, bytes] | None:
        """Return the encoded body and a number that changes whenever it does; None while there is no session."""
        sight = self._watched.sight
        if sight is None:
            return None
        look = self._known(look, sight)
        made, now_s = self._made.get(look), time.monotonic()
        if made is not None and now_s - made.at_s < EVERY_S:
            return made.number, made.told
        encoded = encode(self._body(look, sight))
        if made is None or made.encoded != encoded:
            self._number += 1
            made = self._made[look] = _Made(now_s, self._number, encoded, b"")
        made.at_s = now_s
        made.told = b'{"server_us":%d' % sight.clock.now_us() + encoded.removeprefix(_SERVER_US)
        return made.number, made.told

    def media(self, address: str) -> ItemFile | None:
        """Return what an item shows at an address; None: nothing, or of an item that has not been told yet."""
        if (sight := self._watched.sight) is None:
            return None
        told = {window.item_no for window in _opened(sight, _state(sight))}
        return next((one for one in sight.file.media if one.address == address and one.item_no in told), None)

    def _known(self, look: Look, sight: Sight) -> Look:
        """What nobody has set up is all the same, however it is called: so there are few bodies."""
        channels = {one.name for one in self._broadcast.channels}
        delegations = {str(one.code) for one in sight.file.delegations}
        return Look(
            look.channel if look.channel in channels else "",
            look.preview,
            look.delegation if look.delegation in delegations else "",
        )

    def _body(self, look: Look, sight: Sight) -> AirBody:
        file, table = sight.file, sight.table
        state = _state(sight)
        channel = self._broadcast.channel(look.channel)
        shown = channel.preview if look.preview else channel.on_air
        chosen = shown.params.get("delegation", "") if shown is not None and shown.name == "province" else ""
        delegation = look.delegation or str(chosen)
        return AirBody(
            server_us=0,
            session=file.session_id,
            contest=file.contest_title,
            title=file.title,
            phase=state.phase.value,
            start_us=state.start_us,
            ends_at_us=max((window.closes_at_us for window in state.windows), default=0),
            frozen=table.frozen,
            version=table.rows_version,
            delegations=[AirDelegation(one.code, one.name, one.short) for one in file.delegations],
            total=sum(not one.struck for one in file.members),
            individuals=people(table, table.people()[:BEST]),
            teams=teams(table),
            province=AirProvince(
                delegation,
                people(table, table.page((View.PROVINCE, 1, delegation))) if delegation else [],
            ),
            item=self._item(sight, state),
            ticker=self._ticker(sight),
            program=AirProgram(channel.edition, shown_body(channel.on_air), shown_body(channel.preview)),
            reveal=sight.reveal,
        )

    def _item(self, sight: Sight, state: SessionState) -> AirItem | None:
        file = sight.file
        window = opened_last(sight, state)
        if window is None:
            return None
        paper = next(one for one in file.plan.items if one.item_no == window.item_no)
        content = file.contents[window.item_no - 1]
        closed = window.item_no in state.closed_items
        tells = closed and not sight.frozen
        return AirItem(
            item=window.item_no,
            of=len(file.plan.items),
            type=paper.type.value,
            stem=content.stem,
            options=[AirOption(one.id, one.text) for one in content.options],
            seconds=paper.seconds,
            opens_at_us=window.opens_at_us,
            closes_at_us=window.closes_at_us,
            state="closed" if closed else "open",
            answered=self._answered(sight, window.item_no, closed=closed),
            total=sum(not one.struck for one in file.members),
            distribution=_distribution(sight, paper) if tells else None,
            key=self._key(paper) if tells else None,
            media=list(content.media),
        )

    def _answered(self, sight: Sight, item_no: ItemNo, *, closed: bool) -> int:
        if sight.table.item != item_no or sight.frozen:
            return 0
        if closed:
            return sight.table.answered
        which, now_s = (sight.file.session_id, item_no), time.monotonic()
        if self._counted is None or self._counted[0] != which or now_s - self._counted[1] >= COUNT_EVERY_S:
            self._counted = which, now_s, sight.table.answered
        return self._counted[2]

    def _key(self, paper: PaperItem) -> list[str] | None:
        adjustments = self._watched.adjustments
        if paper.item_no in adjustments.voided or paper.type in JUDGED:
            return None
        key = adjustments.items.get(paper.item_no, paper).key
        return sorted(key.options) or [alternatives[0] for alternatives in key.blanks if alternatives]

    def _ticker(self, sight: Sight) -> list[AirLineBody]:
        lines = [AirLineBody(f"d{one.line_id}", one.at_us, one.text) for one in self._broadcast.lines]
        lines += [AirLineBody(f"a{one.id}", one.at_us, one.text) for one in sight.announcements.values()]
        return sorted(lines, key=lambda one: (one.at_us, one.id))[-_LINES:]


def opened_last(sight: Sight, state: SessionState) -> Window | None:
    """Return the window of the item that opened last; None before the first, and where all open at once."""
    return max(_opened(sight, state), key=lambda window: window.opens_at_us, default=None)


def _opened(sight: Sight, state: SessionState) -> list[Window]:
    """The windows of the items that have opened; none where all open at once."""
    if sight.file.plan.pacing is not Pacing.STREAMED or state.phase not in _TELLS:
        return []
    return [
        window
        for window in state.windows
        if window.opens_at_us <= sight.looked_us and window.item_no not in state.skipped
    ]


def _state(sight: Sight) -> SessionState:
    file = sight.file
    return sight.state or SessionState(file.phase, file.start_us, 0, windows(file.plan, file.start_us))


def _distribution(sight: Sight, paper: PaperItem) -> list[AirCount]:
    """How many chose each option; of several options each is counted."""
    counts: Counter[str] = Counter()
    for group in sight.desk.item(paper.item_no).groups:
        for option in group.form:
            counts[option] += group.count
    return [AirCount(option, counts[option]) for option in paper.option_ids]


def people(table: BoardTable, rows: list[BoardRow]) -> list[AirPerson]:
    """Return rows of individuals as they go on air."""
    return [
        AirPerson(
            row.key, row.rank, table.rank_before(row.key), row.name, row.delegation, row.centipoints, row.elapsed_ms
        )
        for row in rows
    ]


def teams(table: BoardTable) -> list[AirTeam]:
    """Return the board of delegations as it goes on air."""
    best = table.best_of_each()
    return [
        AirTeam(
            row.rank,
            table.team_rank_before(row.key),
            row.delegation,
            row.centipoints,
            row.elapsed_ms,
            best.get(row.delegation, ""),
        )
        for row in table.page((View.DELEGATIONS, 1, ""))
    ]


def shown_body(shown: Shown | None) -> AirShown | None:
    """Return an overlay with its parameters as it is told."""
    return None if shown is None else AirShown(shown.name, shown.params)


def delegation_codes(sight: Sight | None) -> frozenset[DelegationCode]:
    """Return the codes of those that take part."""
    return frozenset() if sight is None else frozenset(one.code for one in sight.file.delegations)
