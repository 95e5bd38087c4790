"""The public boards as a gateway holds them: one table, its pages, and what changed on a page."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from leitai.live.ports import BoardUpdate, Delegation
from leitai.rules.values import Member
from leitai.wire.codec import encode
from leitai.wire.messages import BoardRow, ServerBoard, View

PAGE = 50
FOUND = 20

PageKey = tuple[View, int, str]
"""A view, its 1-based page, and the delegation's code for `View.PROVINCE`."""


class BoardTable:
    """The public standings in force, fed by the director's updates."""

    def __init__(self, members: Sequence[Member], delegations: Sequence[Delegation]) -> None:
        self._members = {member.sitting_id: member for member in members}
        self._delegations = {int(delegation.code): delegation for delegation in delegations}
        self._people: dict[int, BoardRow] = {}
        self._teams: dict[int, BoardRow] = {}
        self._people_in_order: list[BoardRow] = []
        self._teams_in_order: list[BoardRow] = []
        self._by_delegation: dict[str, list[BoardRow]] = {}
        self.version = 0
        self.frozen = False
        self.item = 0
        self.answered = 0
        self.connected = 0

    def apply(self, update: BoardUpdate) -> bool:
        """Take an update. False: it does not follow the version held, and a full one must come first."""
        if not update.full and update.base != self.version:
            return False
        if update.full:
            self._people.clear()
            self._teams.clear()
        for key, order, rank, centipoints, elapsed_ms in update.people:
            member = self._members.get(key)  # pyright: ignore[reportArgumentType]
            if member is not None:
                self._people[key] = BoardRow(
                    key, order, rank, centipoints, elapsed_ms, member.name, str(member.delegation)
                )
        for key, order, rank, centipoints, elapsed_ms in update.delegations:
            delegation = self._delegations.get(key)
            if delegation is not None:
                self._teams[key] = BoardRow(
                    key, order, rank, centipoints, elapsed_ms, delegation.short, str(delegation.code)
                )
        if update.people or update.full:
            self._people_in_order = sorted(self._people.values(), key=_order)
            by_delegation: dict[str, list[BoardRow]] = {}
            for row in self._people_in_order:
                by_delegation.setdefault(row.delegation, []).append(row)
            self._by_delegation = by_delegation
        if update.delegations or update.full:
            self._teams_in_order = sorted(self._teams.values(), key=_order)
        self.version, self.frozen = update.version, update.frozen
        self.item, self.answered, self.connected = update.item, update.answered, update.connected
        return True

    def total(self, view: View, delegation: str = "") -> int:
        """Return how many rows a view has in all."""
        return len(self._rows(view, delegation))

    def page(self, key: PageKey) -> list[BoardRow]:
        """Return the rows of a page in order; a province's rows are ranked among themselves."""
        view, page, delegation = key
        rows = self._rows(view, delegation)
        if view is View.DELEGATIONS:
            return rows
        part = rows[(page - 1) * PAGE : page * PAGE]
        if view is not View.PROVINCE:
            return part
        first_of_rank: dict[int, int] = {}
        for place, row in enumerate(rows, 1):
            first_of_rank.setdefault(row.rank, place)
        start = (page - 1) * PAGE
        return [
            BoardRow(
                row.key,
                start + place,
                first_of_rank[row.rank],
                row.centipoints,
                row.elapsed_ms,
                row.name,
                row.delegation,
            )
            for place, row in enumerate(part, 1)
        ]

    def find(self, part: str) -> list[BoardRow]:
        """Return the first rows whose name holds `part`."""
        part = part.strip().casefold()
        if not part:
            return []
        found: list[BoardRow] = []
        for row in self._people_in_order:
            if part in row.name.casefold():
                found.append(row)
                if len(found) == FOUND:
                    break
        return found

    def person(self, key: int) -> BoardRow | None:
        """Return a sitting's row."""
        return self._people.get(key)

    def people(self) -> list[BoardRow]:
        """Return everyone's rows in order."""
        return self._people_in_order

    def _rows(self, view: View, delegation: str) -> list[BoardRow]:
        if view is View.DELEGATIONS:
            return self._teams_in_order
        if view is View.PROVINCE:
            return self._by_delegation.get(delegation, [])
        if view is View.INDIVIDUALS:
            return self._people_in_order
        return []


@dataclass(slots=True, eq=False)
class WatchedPage:
    """A page that somebody watches: what its watchers have, so that the next change is a delta."""

    key: PageKey
    version: int = 0
    watchers: int = 0
    total: int = 0
    frozen: bool = False
    rows: dict[int, BoardRow] = field(default_factory=dict[int, BoardRow])
    _whole: bytes = b""

    def whole(self, table: BoardTable) -> bytes:
        """Return the frame of the page whole, as its watchers have it now; encoded once."""
        if not self._whole or not self.rows:
            self._whole = encode(self.full(table))
        return self._whole

    def full(self, table: BoardTable) -> ServerBoard:
        """Return the page whole, as its watchers have it now."""
        if not self.rows:
            self._move(table)
        return self._board(self.version, True, sorted(self.rows.values(), key=_order), [])

    def delta(self, table: BoardTable) -> ServerBoard | None:
        """Move to the table's version and return what changed; None when nothing on this page did."""
        before, base, was = self.rows, self.version, (self.total, self.frozen)
        rows = {row.key: row for row in table.page(self.key)}
        gone = [key for key in before if key not in rows]
        changed: list[BoardRow] = []
        for key, row in rows.items():
            old = before.get(key)
            if old is None:
                changed.append(row)
            elif old != row:
                changed.append(BoardRow(key, row.order, row.rank, row.centipoints, row.elapsed_ms))
        if not changed and not gone and was == (self._total(table), table.frozen):
            return None
        self._move(table)
        return self._board(base, False, changed, gone)

    def _move(self, table: BoardTable) -> None:
        self.rows = {row.key: row for row in table.page(self.key)}
        self.version, self.total, self.frozen = table.version, self._total(table), table.frozen
        self._whole = b""

    def _total(self, table: BoardTable) -> int:
        view, _, delegation = self.key
        return table.total(view, delegation)

    def _board(self, base: int, full: bool, rows: list[BoardRow], gone: list[int]) -> ServerBoard:
        view, page, delegation = self.key
        return ServerBoard(view, page, delegation, self.version, base, full, self.total, self.frozen, rows, gone)


def _order(row: BoardRow) -> int:
    return row.order
