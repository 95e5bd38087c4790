"""Boards at a gateway: a client that applies what it is sent holds the page."""

from hypothesis import given, settings
from hypothesis import strategies as st

from leitai.live.boards import PAGE, BoardTable, PageKey, WatchedPage
from leitai.live.ports import BoardUpdate
from leitai.wire.messages import BoardRow, ServerBoard, View
from tests.support.live import CODES, session_file

FILE = session_file(members=130)
Row = tuple[int, int, int, int, int]


class Page:
    """A client's page, kept as docs/wire.md says."""

    def __init__(self) -> None:
        self.version = -1
        self.rows: dict[int, BoardRow] = {}

    def take(self, board: ServerBoard) -> None:
        if board.full:
            self.rows = {row.key: row for row in board.rows}
        else:
            assert board.base == self.version
            for row in board.rows:
                held = self.rows.get(row.key)
                if not row.name and held is not None:
                    row = BoardRow(
                        row.key, row.order, row.rank, row.centipoints, row.elapsed_ms, held.name, held.delegation
                    )
                self.rows[row.key] = row
            for key in board.gone:
                del self.rows[key]
        self.version = board.version

    def shown(self) -> list[BoardRow]:
        return sorted(self.rows.values(), key=lambda row: row.order)


def _ranked(points: dict[int, int]) -> list[Row]:
    ordered = sorted(points, key=lambda key: (-points[key], key))
    rows: list[Row] = []
    for order, key in enumerate(ordered, 1):
        tied = bool(rows) and rows[-1][3] == points[key]
        rows.append((key, order, rows[-1][2] if tied else order, points[key], 1000))
    return rows


def _changed(before: list[Row], now: list[Row]) -> list[Row]:
    known = set(before)
    return [row for row in now if row not in known]


def _teams(points: dict[int, int]) -> list[Row]:
    sums = {int(code): sum(points[key] for key in points if CODES[key % 3] == code) for code in CODES}
    return _ranked(sums)


KEYS: list[PageKey] = [
    (View.INDIVIDUALS, 1, ""),
    (View.INDIVIDUALS, 2, ""),
    (View.INDIVIDUALS, 3, ""),
    (View.DELEGATIONS, 1, ""),
    (View.PROVINCE, 1, "650000"),
]
moves = st.lists(st.dictionaries(st.integers(1, 130), st.integers(0, 8), max_size=40), min_size=1, max_size=6)


@given(moves, st.sets(st.integers(0, 5)), st.data())
@settings(max_examples=60, deadline=None)
def test_deltas_applied_are_the_full_page(drawn: list[dict[int, int]], full_at: set[int], data: st.DataObject) -> None:
    table = BoardTable(FILE.members, FILE.delegations)
    points = dict.fromkeys(range(1, 131), 0)
    people, teams = _ranked(points), _teams(points)
    assert table.apply(BoardUpdate(1, 0, True, people, teams))
    watched = {key: WatchedPage(key) for key in KEYS}
    early = {key: Page() for key in KEYS}
    for key in KEYS:
        early[key].take(watched[key].full(table))
    late: dict[PageKey, Page] = {}
    for version, move in enumerate(drawn, 2):
        points |= move
        now, teams_now = _ranked(points), _teams(points)
        full = version in full_at
        sent = (now, teams_now) if full else (_changed(people, now), _changed(teams, teams_now))
        assert table.apply(BoardUpdate(version, version - 1, full, *sent))
        people, teams = now, teams_now
        for key in KEYS:
            delta = watched[key].delta(table)
            if delta is not None:
                for page in (early[key], *([late[key]] if key in late else [])):
                    page.take(delta)
            if key not in late and data.draw(st.booleans()):
                late[key] = Page()
                late[key].take(watched[key].full(table))
            for page in (early[key], *([late[key]] if key in late else [])):
                assert page.shown() == table.page(key)
    assert [row.key for row in table.people()] == [row[0] for row in people]


@given(st.lists(st.integers(0, 5), min_size=130, max_size=130))
@settings(max_examples=30, deadline=None)
def test_a_province_is_ranked_among_its_own(points: list[int]) -> None:
    table = BoardTable(FILE.members, FILE.delegations)
    by_key = dict(enumerate(points, 1))
    table.apply(BoardUpdate(1, 0, True, _ranked(by_key), _teams(by_key)))
    for code in CODES:
        own = {key: value for key, value in by_key.items() if CODES[key % 3] == code}
        rows = table.page((View.PROVINCE, 1, code))
        assert [(row.key, row.order, row.rank) for row in rows] == [row[:3] for row in _ranked(own)][:PAGE]
        assert {row.delegation for row in rows} == {code}
        assert table.total(View.PROVINCE, code) == len(own)


def test_pages_hold_everyone_once() -> None:
    table = BoardTable(FILE.members, FILE.delegations)
    points = {key: key % 7 for key in range(1, 131)}
    table.apply(BoardUpdate(1, 0, True, _ranked(points), _teams(points)))
    pages = [table.page((View.INDIVIDUALS, page, "")) for page in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [50, 50, 30, 0]
    assert [row.order for page in pages for row in page] == list(range(1, 131))
    assert table.page((View.NONE, 1, "")) == []
    assert len(table.page((View.DELEGATIONS, 1, ""))) == 3


def test_an_update_that_does_not_follow_changes_nothing() -> None:
    table = BoardTable(FILE.members, FILE.delegations)
    assert not table.apply(BoardUpdate(5, 4, False, [(1, 1, 1, 1, 1)], []))
    assert (table.version, table.people()) == (0, [])
    assert table.apply(BoardUpdate(5, 4, True, [(1, 1, 1, 1, 1)], []))
    assert not table.apply(BoardUpdate(7, 6, False, [(1, 1, 1, 9, 1)], []))
    assert not table.apply(BoardUpdate(5, 4, False, [(1, 1, 1, 9, 1)], []))
    assert (table.version, table.people()[0].centipoints) == (5, 1)


def test_a_full_board_forgets_who_is_not_on_it() -> None:
    table = BoardTable(FILE.members, FILE.delegations)
    table.apply(BoardUpdate(1, 0, True, [(1, 1, 1, 5, 1), (2, 2, 2, 4, 1)], []))
    watched = WatchedPage((View.INDIVIDUALS, 1, ""))
    watched.full(table)
    table.apply(BoardUpdate(2, 1, True, [(2, 1, 1, 4, 1), (404, 2, 2, 0, 0)], []))
    delta = watched.delta(table)
    assert delta is not None
    assert (delta.gone, [row.key for row in delta.rows], delta.total) == ([1], [2], 1)
    assert table.person(1) is None


def test_names_are_found_by_a_part() -> None:
    table = BoardTable(FILE.members, FILE.delegations)
    points = dict.fromkeys(range(1, 131), 1)
    table.apply(BoardUpdate(1, 0, True, _ranked(points), []))
    assert [row.name for row in table.find(" 0012 ")] == ["选手0012"]
    assert len(table.find("选手")) == 20
    assert table.find("") == table.find("   ") == table.find("nobody") == []


def test_nothing_is_told_when_nothing_moved_on_the_page() -> None:
    table = BoardTable(FILE.members, FILE.delegations)
    points = {key: 200 - key for key in range(1, 131)}
    rows = _ranked(points)
    table.apply(BoardUpdate(1, 0, True, rows, []))
    first, third = WatchedPage((View.INDIVIDUALS, 1, "")), WatchedPage((View.INDIVIDUALS, 3, ""))
    first.full(table)
    third.full(table)
    points[130] -= 1
    table.apply(BoardUpdate(2, 1, False, _changed(rows, _ranked(points)), []))
    assert first.delta(table) is None
    delta = third.delta(table)
    assert delta is not None
    assert [(row.key, row.name) for row in delta.rows] == [(130, "")]
    assert (delta.base, delta.version) == (1, 2)
