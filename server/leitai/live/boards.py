"""The public boards as a gateway holds them: one table, its pages, and what changed on a page."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from leitai.live.ports import BoardUpdate, Delegation
from leitai.rules.values import Member
from leitai.wire.codec import encode
from leitai.wire.messages import BoardEntrant, BoardRow, ServerBoard, ServerMoves, View

PAGE = 50
FOUND = 20

PageKey = tuple[View, int, str]
"""A view, its 1-based page, and the delegation's code for `View.PROVINCE`."""


class BoardTable:
    """The public standings in force, fed by the director's updates."""

    def __init__(self, members: Sequence[Member], delegations: Sequence[Delegation]) -> None:
        self._members = {member.sitting_id: member for member in members}
        self._delegations = {int(delegation.code): delegation for delegation in delegations}
        self._places = {str(delegation.code): place for place, delegation in enumerate(delegations)}
        self._people: dict[int, BoardRow] = {}
        self._teams: dict[int, BoardRow] = {}
        self._people_in_order: list[BoardRow] = []
        self._teams_in_order: list[BoardRow] = []
        self._by_delegation: dict[str, list[BoardRow]] = {}
        self._before: dict[int, BoardRow] = {}
        """People as they stood when the board first moved after another item opened or closed."""
        self._teams_before: dict[int, BoardRow] = {}
        self._item_moved = False
        self.version = 0
        self.rows_version = 0
        """The version since which no row has changed."""
        self.rows_edition = 0
        """Counts here how often rows were taken; versions may begin anew."""
        self.frozen = False
        self.phase = ""
        """The session's phase at the freeze; empty while the board is not frozen."""
        self.item = 0
        self.answered = 0
        self.connected = 0

    def apply(self, update: BoardUpdate) -> bool:
        """Take an update. False: it does not follow the version held, and a full one must come first."""
        follows = update.base == self.version
        if not update.full and not follows:
            return False
        self._item_moved = self._item_moved or update.item != self.item
        takes = bool(update.people or update.delegations or update.full) and not (follows and update.repeats)
        if takes:
            self._take_rows(update)
        if takes or update.frozen != self.frozen:
            self.rows_version = update.version
        self.version, self.frozen, self.phase = update.version, update.frozen, update.phase
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

    def place_of(self, delegation: str) -> int:
        """Return a delegation's place in the list of the contest's; -1 when it is not there."""
        return self._places.get(delegation, -1)

    def rank_before(self, key: int) -> int:
        """Return a person's rank before the latest item, for arrows; 0: not known, or all shared the first place."""
        row = self._before.get(key)
        return row.rank if row is not None else 0

    def team_rank_before(self, key: int) -> int:
        """Return a delegation's rank before the latest item; 0 likewise."""
        row = self._teams_before.get(key)
        return row.rank if row is not None else 0

    def best_of_each(self) -> dict[str, str]:
        """Return the name of each delegation's best contestant."""
        return {code: rows[0].name for code, rows in self._by_delegation.items()}

    def people(self) -> list[BoardRow]:
        """Return everyone's rows in order."""
        return self._people_in_order

    def _take_rows(self, update: BoardUpdate) -> None:
        self.rows_edition += 1
        if self._item_moved and update.people:
            self._item_moved = False
            ranked = bool(self._people_in_order) and self._people_in_order[-1].rank > 1
            self._before = dict(self._people) if ranked else {}
            self._teams_before = dict(self._teams) if ranked else {}
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

    def _rows(self, view: View, delegation: str) -> list[BoardRow]:
        if view is View.DELEGATIONS:
            return self._teams_in_order
        if view is View.PROVINCE:
            return self._by_delegation.get(delegation, [])
        if view is View.INDIVIDUALS:
            return self._people_in_order
        return []


class WatchedPage:
    """A page that somebody watches: what its watchers have, so that the next change is told by its moves."""

    def __init__(self, key: PageKey, number: int) -> None:
        """`number` is the page's own at this gateway."""
        self.key = key
        self.number = number
        self.version = 0
        self.watchers = 0
        self._total = 0
        self._frozen = False
        self._rows: list[BoardRow] = []
        self._whole = b""

    def whole(self, table: BoardTable) -> bytes:
        """Return the frame of the page whole, as its watchers have it now."""
        if not self._rows:
            self._move(table, table.page(self.key))
        if not self._whole:
            view, page, delegation = self.key
            self._whole = encode(
                ServerBoard(view, page, delegation, self.number, self.version, self._total, self._frozen, self._rows)
            )
        return self._whole

    def advance(self, table: BoardTable) -> bytes:
        """Move to the table's version; return the frame that takes the watchers there, empty when nothing changed."""
        before, base = self._rows, self.version
        rows = table.page(self.key)
        told_otherwise = (self._total, self._frozen) == (self._total_of(table), table.frozen)
        if told_otherwise and rows == before:
            return b""
        self._move(table, rows)
        if told_otherwise and self._follows_places():
            moves = encode(self._moves(table, base, before))
            if len(moves) < len(self.whole(table)):
                return moves
        return self.whole(table)

    def _move(self, table: BoardTable, rows: list[BoardRow]) -> None:
        self._rows, self._whole = rows, b""
        self.version, self._total, self._frozen = table.version, self._total_of(table), table.frozen

    def _total_of(self, table: BoardTable) -> int:
        view, _, delegation = self.key
        return table.total(view, delegation)

    def _follows_places(self) -> bool:
        first = (self.key[1] - 1) * PAGE + 1
        return all(row.order == order for order, row in enumerate(self._rows, first)) and all(
            row.rank in (row.order, above.rank) for above, row in pairwise(self._rows)
        )

    def _moves(self, table: BoardTable, base: int, before: list[BoardRow]) -> ServerMoves:
        stood = {row.key: place for place, row in enumerate(before)}
        order = [stood.get(row.key, -1) for row in self._rows]
        gains = Counter(
            row.centipoints - before[place].centipoints
            for row, place in zip(self._rows, order, strict=True)
            if place >= 0
        )
        gain = gains.most_common(1)[0][0] if gains else 0
        entrants: list[BoardEntrant] = []
        centipoints: list[int] = []
        elapsed_ms: list[int] = []
        above = _NOBODY
        for row, place in zip(self._rows, order, strict=True):
            if place < 0:
                rank = table.rank_before(row.key) if self.key[0] is View.INDIVIDUALS else 0
                entrants.append(BoardEntrant(row.key, row.name, table.place_of(row.delegation), rank))
            had = above if place < 0 else before[place]
            centipoints.append(row.centipoints - had.centipoints - (gain if place >= 0 else 0))
            elapsed_ms.append(row.elapsed_ms - had.elapsed_ms)
            above = row
        return ServerMoves(
            self.number,
            self.version,
            base,
            [] if order == list(range(len(before))) else order,
            entrants,
            gain,
            centipoints if any(centipoints) else [],
            elapsed_ms if any(elapsed_ms) else [],
            [place for place, (above, row) in enumerate(pairwise(self._rows), 1) if row.rank == above.rank],
            self._rows[0].rank if self._rows and self._rows[0].rank != self._rows[0].order else 0,
        )


_NOBODY = BoardRow(0, 0, 0, 0, 0)


def _order(row: BoardRow) -> int:
    return row.order
