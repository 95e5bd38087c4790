"""What a desk and an overlay were told is held against what is told anew."""

from typing import Any

from leitai_loadtest.swarm.watchers import DeskView, faults_of


def _item(number: int, answered: int) -> dict[str, Any]:
    return {"item": number, "answered": answered}


def _moved(edition: int, *items: dict[str, Any]) -> dict[str, Any]:
    return {"edition": edition, "phase": "running", "newest": edition, "items": list(items)}


def test_a_desk_that_took_every_event_is_as_told_anew() -> None:
    view = DeskView()
    for moved in (_moved(1, _item(1, 0), _item(2, 0)), _moved(4, _item(1, 3))):
        view.take(moved)
    assert view.unlike({"items": [_item(1, 3), _item(2, 0)]}) == ""
    assert view.unlike({"items": [_item(1, 4), _item(2, 0)]}) == "items [1] are not as told anew"
    assert view.unlike({"items": [_item(1, 3), _item(2, 0), _item(3, 0)]}) == "items [3] are not as told anew"
    assert view.problems == []


def test_an_edition_that_runs_backwards_is_a_fault() -> None:
    view = DeskView()
    view.take(_moved(4))
    view.take(_moved(3))
    assert view.problems == ["edition 3 after 4"]


def test_only_answers_that_come_while_the_desk_looks_on_are_news() -> None:
    view = DeskView()
    tail: dict[str, Any] = {"newest": 2, "answers": [{"number": 2}, {"number": 1}]}
    assert view.fresh(tail) == []
    assert view.fresh(tail) == []
    assert view.fresh({"newest": 4, "answers": [{"number": number} for number in (4, 3, 2)]}) == [
        {"number": 4},
        {"number": 3},
    ]


def test_an_overlay_shows_boards_in_order_and_no_answer_too_early() -> None:
    row = {"rank": 1, "centipoints": 300}
    body: dict[str, Any] = {
        "version": 5,
        "individuals": [row, {"rank": 2, "centipoints": 200}],
        "teams": [row],
        "item": {"item": 3, "state": "open", "key": None, "distribution": None},
    }
    assert faults_of(body, body) == []
    assert faults_of({**body, "teams": [{"rank": 2, "centipoints": 0}, row]}, {"teams"}) == [
        "teams out of order at version 5"
    ]
    told = {**body, "item": {**body["item"], "key": ["A"]}}
    assert faults_of(told, told) == ["item 3 tells its answer while it is open"]
    assert faults_of({**told, "item": {**told["item"], "state": "closed"}}, told) == []
