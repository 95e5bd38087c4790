"""Boards at a gateway: a client that applies what it is sent holds the page."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from leitai.live.boards import PAGE, BoardTable, PageKey, WatchedPage
from leitai.live.ports import BoardUpdate, Delegation
from leitai.rules.values import DelegationCode, Member, SittingId
from leitai.web.boards import encode_page
from leitai.web.doors import BoardPage
from leitai.wire.codec import decode_server
from leitai.wire.messages import BoardRow, ServerBoard, ServerMoves, View
from tests.support.live import CODES, session_file

FILE = session_file(members=130)
NAMES = "王李张刘陈杨黄赵吴周伟芳娜敏静磊洋艳勇军"
Row = tuple[int, int, int, int, int]


class Page:
    """A client's page, kept as docs/wire.md says."""

    def __init__(self, key: PageKey) -> None:
        self.version = -1
        self.number = 0
        self.rows: list[BoardRow] = []
        self._first = (key[1] - 1) * PAGE + 1

    def take(self, frame: bytes) -> None:
        message = decode_server(frame)
        if isinstance(message, ServerBoard):
            self.rows, self.number = message.rows, message.number
        else:
            assert isinstance(message, ServerMoves)
            assert (message.number, message.base) == (self.number, self.version)
            self.rows = self._moved(message)
        self.version = message.version

    def _moved(self, moves: ServerMoves) -> list[BoardRow]:
        order = moves.order or list(range(len(self.rows)))
        entrants = iter(moves.entrants)
        rows: list[BoardRow] = []
        for place, origin in enumerate(order):
            had = self.rows[origin] if origin >= 0 else (rows[-1] if rows else BoardRow(0, 0, 0, 0, 0))
            key, name, delegation = had.key, had.name, had.delegation
            if origin < 0:
                entrant = next(entrants)
                key, name, delegation = entrant.key, entrant.name, FILE.delegations[entrant.delegation].code
            rank = self._first + place
            if place in moves.tied:
                rank = rows[-1].rank
            elif not place and moves.rank:
                rank = moves.rank
            points = had.centipoints + (moves.centipoints[place] if moves.centipoints else 0)
            points += moves.gain if origin >= 0 else 0
            elapsed = had.elapsed_ms + (moves.elapsed_ms[place] if moves.elapsed_ms else 0)
            rows.append(BoardRow(key, self._first + place, rank, points, elapsed, name, delegation))
        assert next(entrants, None) is None
        return rows


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
    watched = {key: WatchedPage(key, number) for number, key in enumerate(KEYS, 1)}
    early = {key: Page(key) for key in KEYS}
    for key in KEYS:
        early[key].take(watched[key].whole(table))
    late: dict[PageKey, Page] = {}
    for version, move in enumerate(drawn, 2):
        points |= move
        now, teams_now = _ranked(points), _teams(points)
        full = version in full_at
        sent = (now, teams_now) if full else (_changed(people, now), _changed(teams, teams_now))
        assert table.apply(BoardUpdate(version, version - 1, full, *sent))
        people, teams = now, teams_now
        for key in KEYS:
            if frame := watched[key].advance(table):
                for page in (early[key], *([late[key]] if key in late else [])):
                    page.take(frame)
            if key not in late and data.draw(st.booleans()):
                late[key] = Page(key)
                late[key].take(watched[key].whole(table))
            for page in (early[key], *([late[key]] if key in late else [])):
                assert page.rows == table.page(key)
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
    watched = WatchedPage((View.INDIVIDUALS, 1, ""), 1)
    watched.whole(table)
    table.apply(BoardUpdate(2, 1, True, [(2, 1, 1, 4, 1), (404, 2, 2, 0, 0)], []))
    board = decode_server(watched.advance(table))
    assert isinstance(board, ServerBoard)
    assert ([row.key for row in board.rows], board.total) == ([2], 1)
    assert table.person(1) is None


def test_numbers_alone_move_no_rows() -> None:
    table = BoardTable(FILE.members, FILE.delegations)
    table.apply(BoardUpdate(1, 0, True, [(1, 1, 1, 5, 1)], []))
    table.apply(BoardUpdate(2, 1, False, [], [], item=1, answered=7))
    assert (table.version, table.rows_version, table.answered) == (2, 1, 7)
    table.apply(BoardUpdate(3, 2, False, [], [], frozen=True))
    assert table.rows_version == 3


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
    first, third = WatchedPage((View.INDIVIDUALS, 1, ""), 1), WatchedPage((View.INDIVIDUALS, 3, ""), 3)
    first.whole(table)
    third.whole(table)
    points[130] -= 1
    table.apply(BoardUpdate(2, 1, False, _changed(rows, _ranked(points)), []))
    assert first.advance(table) == b""
    moves = decode_server(third.advance(table))
    assert moves == ServerMoves(3, 2, 1, centipoints=[0] * 29 + [-1])


def test_who_comes_to_a_page_is_told_with_the_rank_before_the_item() -> None:
    table = BoardTable(FILE.members, FILE.delegations)
    level = dict.fromkeys(range(1, 131), 0)
    table.apply(BoardUpdate(1, 0, True, _ranked(level), []))
    watched = WatchedPage((View.INDIVIDUALS, 1, ""), 1)
    watched.whole(table)
    first = level | {120: 5, 60: 4}
    table.apply(BoardUpdate(2, 1, False, [], [], item=1))
    table.apply(BoardUpdate(3, 2, False, _changed(_ranked(level), _ranked(first)), []))
    assert _entrants(watched.advance(table)) == [(120, 0), (60, 0)]
    table.apply(BoardUpdate(4, 3, False, [], [], item=2))
    second = first | {130: 9}
    table.apply(BoardUpdate(5, 4, False, _changed(_ranked(first), _ranked(second)), []))
    assert _entrants(watched.advance(table)) == [(130, 3)]
    third = second | {129: 8}
    table.apply(BoardUpdate(6, 5, False, _changed(_ranked(second), _ranked(third)), []))
    assert _entrants(watched.advance(table)) == [(129, 3)]


def _entrants(frame: bytes) -> list[tuple[int, int]]:
    moves = decode_server(frame)
    assert isinstance(moves, ServerMoves)
    return [(entrant.key, entrant.rank) for entrant in moves.entrants]


def test_moves_of_a_contest_take_a_tenth_of_a_page() -> None:
    """Over a contest of 20 items, on the pages that most watch: the first, the delegations', a province's."""
    chance = random.Random(1)
    members = tuple(
        Member(SittingId(key), chance.choice(NAMES) + chance.choice(NAMES), DelegationCode(f"{11 + key % 32}0000"))
        for key in range(1, 1601)
    )
    codes = sorted({str(member.delegation) for member in members})
    delegations = tuple(Delegation(DelegationCode(code), f"{code}代表队", code[:2]) for code in codes)
    table = BoardTable(members, delegations)
    skill = {key: chance.betavariate(5, 2) for key in range(1, 1601)}
    points, elapsed = dict.fromkeys(skill, 0), dict.fromkeys(skill, 0)
    pages = [WatchedPage(key, 1) for key in ((View.INDIVIDUALS, 1, ""), (View.DELEGATIONS, 1, ""))]
    pages.append(WatchedPage((View.PROVINCE, 1, codes[0]), 1))
    told = whole = 0
    for version in range(21):
        people = _in_order(points, elapsed)
        sums = {int(code): 0 for code in codes}
        spent = dict(sums)
        for key in skill:
            sums[int(members[key - 1].delegation)] += points[key]
            spent[int(members[key - 1].delegation)] += elapsed[key]
        table.apply(BoardUpdate(version + 1, version, not version, people, _in_order(sums, spent)))
        for page in pages:
            moves = page.advance(table)
            if version:
                told += len(moves)
                whole += len(encode_page(_body(table, page.key), page.key[0], 1))
        for key, chances in skill.items():
            points[key] += 250 if chance.random() < chances else 0
            elapsed[key] += min(int(chance.lognormvariate(1.9, 0.45) * 1000), 20_000)
    assert told < 0.1 * whole


def _in_order(points: dict[int, int], elapsed: dict[int, int]) -> list[Row]:
    ordered = sorted(points, key=lambda key: (-points[key], elapsed[key], key))
    return [(key, place, place, points[key], elapsed[key]) for place, key in enumerate(ordered, 1)]


def _body(table: BoardTable, key: PageKey) -> BoardPage:
    rows = table.page(key)
    members = [50] * len(rows) if key[0] is View.DELEGATIONS else []
    return BoardPage(table.version, table.total(key[0], key[2]), 32, PAGE, False, "running", rows, members)
