"""What viewers saw of boards is told in figures."""

from typing import Any

from leitai_loadtest.viewer import Boards
from tests.support.packing import pack


def _board(version: int, view: str = "individuals", rows: int = 1) -> bytes:
    board: dict[str, Any] = {"type": "board", "view": view, "page": 1, "delegation": "", "version": version}
    return pack(board | {"rows": [[1, 1, 1, 100, 0, "", ""]] * rows})


def test_a_frame_counts_once_and_is_as_late_as_its_last_arrival() -> None:
    boards = Boards()
    for now in (10.0, 10.25, 10.5):
        boards.take(_board(1), now)
    figures = boards.figures([9.0])
    assert figures["board_frames"] == 3
    assert figures["board_spread_ms_p99"] == 500
    assert figures["board_lag_ms_p99"] == 1500


def test_the_next_move_of_each_page_answers_a_closing() -> None:
    boards = Boards()
    boards.take(_board(1), 1.0)
    boards.take(_board(2, rows=0), 2.1)
    boards.take(_board(3), 2.4)
    boards.take(_board(4), 2.9)
    boards.take(_board(4, view="delegations"), 2.7)
    assert [round(lag, 3) for lag in boards.lags([2.0])] == [0.4, 0.7]
    assert boards.lags([3.0]) == []
