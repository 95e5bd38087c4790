"""How long acknowledgements took is told to the microsecond, and a stalled disk once does not decide it."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from leitai_loadtest.acks import JUDGED, Taken, add_to_page, ratios, rows, taken
from leitai_loadtest.journal import Journal


def _journals(ms_by_item: Mapping[int, Sequence[float | None]]) -> list[dict[str, Any]]:
    """Return a journal for each place in the items' lists; None: never acknowledged."""
    people = max(map(len, ms_by_item.values()))
    return [
        {"answers": [{"item": item, "ack_ms": ms[place]} for item, ms in ms_by_item.items() if place < len(ms)]}
        for place in range(people)
    ]


def _steady(milliseconds: float, items: int = 4) -> Taken:
    return taken(_journals({item: [milliseconds] * 10 for item in range(1, items + 1)}))


def test_figures_are_exact() -> None:
    # 1.001, 1.002, … 1.100 ms: Locust's table says 1.
    found = taken(_journals({7: [1 + number / 1000 for number in range(1, 101)]}))
    assert found.whole == found.items[7]
    assert (found.whole.answers, found.whole.p50_ms, found.whole.p95_ms) == (100, 1.05, 1.095)
    assert (found.whole.p99_ms, found.whole.most_ms) == (1.099, 1.1)


def test_a_contestant_writes_down_microseconds() -> None:
    journal = Journal("A1")
    ack = {"status": "accepted", "stamp_us": 1, "elapsed_us": 1, "offset": 1, "receipt": b"r", "duplicate": False}
    journal.give(1, ["A"], 5.0).acknowledge(ack | {"code": ""}, 5.001234)
    journal.give(1, ["B"], 6.0)
    found = taken([json.loads(journal.line())])
    assert (found.whole.answers, found.whole.most_ms) == (1, 1.234)


def test_a_disk_that_stalls_once_decides_the_whole_and_not_the_item_in_the_middle() -> None:
    quiet = [2.0] * 99 + [3.0]
    found = taken(_journals({1: quiet, 2: [300.0] * 100, 3: quiet, 4: quiet, 5: quiet}))
    assert found.whole.p99_ms == 300.0
    assert (found.middle.answers, found.middle.p99_ms, found.middle.most_ms) == (100, 2.0, 3.0)
    assert found.items[2].p50_ms == 300.0


def test_what_was_never_acknowledged_took_no_time() -> None:
    found = taken(_journals({1: [None, 4.0], 2: [None]}))
    assert list(found.items) == [1]
    assert found.whole.answers == 1
    nothing = taken([])
    assert (nothing.whole.answers, nothing.whole.p99_ms, nothing.middle.p99_ms) == (0, 0.0, 0.0)


def test_turns_tell_a_ratio_and_how_far_it_spreads() -> None:
    first, second = [_steady(ms) for ms in (4.0, 5.0, 4.0)], [_steady(ms) for ms in (4.2, 5.0, 4.8)]
    found = {one.figure: one for one in ratios(first, second)}
    judged = found[JUDGED]
    assert judged.turns == (1.05, 1.0, 1.2)
    assert judged.middle == 1.2  # 4.8 by 4.0
    assert judged.as_json()["ratio_of_each_turn"] == [1.05, 1.0, 1.2]
    assert found["p50"].first_ms == (4.0, 5.0, 4.0)


def test_no_ratio_to_nothing() -> None:
    (judged,) = (one for one in ratios([taken([])], [_steady(3.0)]) if one.figure == JUDGED)
    assert judged.turns == ()
    assert judged.middle == 0.0


def test_locusts_page_has_them_at_its_end(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    page.write_text('<body><div id="root"></div><script>"</body>"</script></body></html>', "utf-8")
    add_to_page(page, _steady(1.5, items=2))
    text = page.read_text("utf-8")
    assert text.startswith('<body><div id="root"></div><script>"</body>"</script><section id="acks">')
    assert text.endswith("</section></body></html>")
    assert "<td>all answers</td><td>20</td><td>1.500</td>" in text
    assert text.count("<tr>") == 1 + len(rows(_steady(1.5, items=2))) == 5


@pytest.mark.parametrize("text", ["", "no page"])
def test_a_page_without_an_end_has_them_too(tmp_path: Path, text: str) -> None:
    page = tmp_path / "report.html"
    page.write_text(text, "utf-8")
    add_to_page(page, _steady(1.5))
    assert page.read_text("utf-8").startswith(f'{text}<section id="acks">')
