"""What overlays show, made of what this process follows anyway: the public board, the timeline, the paper.

A channel's body is made once for all its streams, at most five times a second, and told only when it changed: whole, or
to those who hold the one before, by the members that differ. It is public by construction: rows are those of the public
board; an item is told once the timeline that was in force after its opening says that it has opened; its right answer
and what was chosen once it is closed for good, and never while the board is frozen. Texts that contestants wrote are
not told at all.
"""

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from msgspec.structs import fields

from leitai.live.boards import BoardTable
from leitai.live.ports import ItemFile, SessionFile, SessionState
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
_MEMBERS = tuple(field.name for field in fields(AirBody) if field.name != "server_us")


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


class Told:
    """A body as it was looked at last."""

    def __init__(self, look: Look, now_us: int, members: Mapping[str, bytes], numbers: Mapping[str, int]) -> None:
        """`numbers`: with which number each member became what it is."""
        self.number = max(numbers.values())
        """Changes whenever the body does, and only grows within a look."""
        self.look = look
        self._now_us = now_us
        self._members = members
        self._numbers = numbers
        self._objects: dict[int, bytes] = {}

    @property
    def whole(self) -> bytes:
        """Its JSON."""
        return self._after(0)

    def to(self, held: "Told | None") -> bytes:
        """Return what to tell whoever holds an earlier one: `server_us` and the members that differ, each whole."""
        return self.whole if held is None or held.look != self.look else self._after(held.number)

    def renewed(self, now_us: int, members: Mapping[str, bytes], number: int) -> "Told":
        """Return the body as it is now; `number` is its own if it differs."""
        numbers = {
            name: known if members[name] == self._members[name] else number for name, known in self._numbers.items()
        }
        return Told(self.look, now_us, members, numbers)

    def _after(self, number: int) -> bytes:
        known = self._objects.get(number)
        if known is None:
            moved = [
                b',"%s":%s' % (name.encode(), self._members[name]) for name in _MEMBERS if self._numbers[name] > number
            ]
            known = self._objects[number] = b'{"server_us":%d%s}' % (self._now_us, b"".join(moved))
        return known


@dataclass(frozen=True, slots=True)
class _OfFile:
    """What stays as long as the session's file does."""

    file: SessionFile
    total: int
    delegations: list[AirDelegation]
    codes: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Rows:
    """What stays as long as no row of the public board changes."""

    table: BoardTable
    edition: int
    individuals: list[AirPerson]
    teams: list[AirTeam]


class Air:
    """The bodies of all channels."""

    def __init__(self, watched: OnAir, broadcast: Broadcast) -> None:
        self._watched = watched
        self._broadcast = broadcast
        self._made: dict[Look, tuple[float, Told]] = {}
        """When each was looked at last, in seconds of this process."""
        self._number = 0
        self._of_file: _OfFile | None = None
        self._rows: _Rows | None = None
        self._counted: tuple[tuple[SessionId, ItemNo], float, int] | None = None
        """The open item whose answers were counted last, when, and how many."""

    def body(self, look: Look) -> Told | None:
        """Return the encoded body; None while there is no session."""
        sight = self._watched.sight
        if sight is None:
            return None
        look = self._known(look, sight)
        made, now_s = self._made.get(look), time.monotonic()
        if made is not None and now_s - made[0] < EVERY_S:
            return made[1]
        body, now_us = self._body(look, sight), sight.clock.now_us()
        members = {name: encode(getattr(body, name)) for name in _MEMBERS}
        self._number += 1
        if made is None:
            told = Told(look, now_us, members, dict.fromkeys(_MEMBERS, self._number))
        else:
            told = made[1].renewed(now_us, members, self._number)
        self._made[look] = now_s, told
        return told

    def media(self, address: str) -> ItemFile | None:
        """Return what an item shows at an address; None: nothing, or of an item that has not been told yet."""
        if (sight := self._watched.sight) is None:
            return None
        told = {window.item_no for window in _opened(sight, _state(sight))}
        return next((one for one in sight.file.media if one.address == address and one.item_no in told), None)

    def _known(self, look: Look, sight: Sight) -> Look:
        """What nobody has set up is all the same, however it is called: so there are few bodies."""
        channel = look.channel if self._broadcast.is_used(look.channel) else ""
        delegation = look.delegation if look.delegation in self._file(sight).codes else ""
        return Look(channel, look.preview, delegation)

    def _file(self, sight: Sight) -> _OfFile:
        file, known = sight.file, self._of_file
        if known is None or known.file is not file:
            known = self._of_file = _OfFile(
                file,
                sum(not one.struck for one in file.members),
                [AirDelegation(one.code, one.name, one.short) for one in file.delegations],
                frozenset(str(one.code) for one in file.delegations),
            )
        return known

    def _board(self, table: BoardTable) -> _Rows:
        known = self._rows
        if known is None or known.table is not table or known.edition != table.rows_edition:
            best = people(table, table.people()[:BEST])
            known = self._rows = _Rows(table, table.rows_edition, best, teams(table))
        return known

    def _body(self, look: Look, sight: Sight) -> AirBody:
        file, table = sight.file, sight.table
        of_file, board, state = self._file(sight), self._board(table), _state(sight)
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
            delegations=of_file.delegations,
            total=of_file.total,
            individuals=board.individuals,
            teams=board.teams,
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
            total=self._file(sight).total,
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
    for form, count in sight.desk.counts(paper.item_no).items():
        for option in form:
            counts[option] += count
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
