"""What viewers saw of boards is told in figures."""

from typing import Any

from leitai_loadtest.viewer import Boards
from tests.support.packing import pack


def _moves(version: int, page: int = 1) -> bytes:
    moves: dict[str, Any] = {"type": "moves", "number": page, "version": version, "base": version - 1}
    return pack(moves | {"centipoints": [100, 0]})


def test_moves_are_as_late_as_they_reach_each_viewer() -> None:
    boards = Boards()
    for now in (10.0, 10.25, 10.5):
        boards.take(_moves(1), now)
    figures = boards.figures([9.0])
    assert figures["board_frames"] == 3
    assert figures["board_spread_ms_p99"] == 500
    assert (figures["board_lag_ms_p50"], figures["board_lag_ms_p99"]) == (1250, 1500)


def test_the_next_moves_of_each_page_answer_a_closing() -> None:
    boards = Boards()
    boards.take(_moves(1), 1.0)
    boards.take(_moves(3), 2.4)
    boards.take(_moves(4), 2.9)
    boards.take(_moves(4, page=2), 2.7)
    assert [round(lag, 3) for lag in boards.lags([2.0])] == [0.4, 0.7]
    assert boards.lags([3.0]) == []


def test_what_a_viewer_is_given_on_arrival_is_no_stream() -> None:
    boards = Boards()
    for given in ("welcome", "snapshot", "board"):
        boards.take(pack({"type": given}), 1.0)
    boards.take(_moves(1), 1.0)
    boards.viewer_seconds = 4.0
    assert boards.figures([])["viewer_bytes_per_s"] == round((len(_moves(1)) + 2) / 4, 1)
