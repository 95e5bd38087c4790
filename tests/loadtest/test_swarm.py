"""What Locust's contestants hold against the server, without Locust and without a server."""

import dataclasses
from typing import Any

import pytest

from leitai_loadtest.journal import Journal
from leitai_loadtest.swarm.addresses import address
from leitai_loadtest.swarm.checks import Evidence, doubled, lost, misplaced
from leitai_loadtest.swarm.hall import Hall, out_of_order
from leitai_loadtest.swarm.scenarios import FEWEST_VIEWERS, SCENARIOS

WINDOW_US = 8_000_000
LATE = 3
"""The item that was answered too late; item 4 was not answered at all."""


def _ack(item: int, seq: int, status: str = "accepted", **more: Any) -> dict[str, Any]:
    known = {
        "type": "ack",
        "item": item,
        "seq": seq,
        "status": status,
        "stamp_us": 1_000 * seq,
        "elapsed_us": 100 * seq,
    }
    return {**known, "offset": seq, "receipt": bytes([seq] * 16), "duplicate": False, "code": "", **more}


def _evidence(*, first_counts: bool = True) -> Evidence:
    """What somebody has who answered items 1 and 2, item 3 too late, and in a paper item 1 once more."""
    journal = Journal("A1", session=7, sitting=5)
    acks = [_ack(1, 1), _ack(2, 2), _ack(LATE, 3, "late")]
    acks += [] if first_counts else [_ack(1, 4)]
    for ack in acks:
        assert journal.give(ack["item"], ["A"], 0.0).acknowledge(ack, 1.0)
    of_item = {ack["item"]: ack for ack in acks}
    items = [_item(number, of_item.get(number)) for number in (1, 2, LATE, 4)]
    elapsed_us = 100 + 200 + 2 * WINDOW_US if first_counts else 400
    place = {"rank": 2, "centipoints": 200}
    return Evidence(
        journal=journal,
        contradictions=[],
        first_counts=first_counts,
        summed=first_counts,
        windows_us=dict.fromkeys((1, 2, LATE, 4), WINDOW_US),
        result={**place, "elapsed_us": elapsed_us, "items": items},
        snapshot={"answers": list(of_item.values())},
        own=place,
        standing={**place, "elapsed_us": elapsed_us},
        row=place,
    )


def _item(number: int, ack: dict[str, Any] | None) -> dict[str, Any]:
    if ack is None:
        return {"item": number, "response": [], "status": "", "stamp_us": 0, "elapsed_us": 0, "centipoints": 0}
    points = 100 if ack["status"] == "accepted" else 0
    shown = {name: ack[name] for name in ("item", "status", "stamp_us", "elapsed_us")}
    return {**shown, "response": ["A"], "centipoints": points}


def _with_item(evidence: Evidence, number: int, **changed: Any) -> Evidence:
    items = [item | changed if item["item"] == number else item for item in evidence.result["items"]]
    return dataclasses.replace(evidence, result={**evidence.result, "items": items})


@pytest.mark.parametrize("first_counts", [True, False], ids=["streamed", "paper"])
def test_a_sound_contest_holds(*, first_counts: bool) -> None:
    evidence = _evidence(first_counts=first_counts)
    assert lost(evidence) == doubled(evidence) == misplaced(evidence) == []


@pytest.mark.parametrize(
    "changed",
    [{"status": "", "stamp_us": 0}, {"stamp_us": 1_001}, {"elapsed_us": 99}, {"response": ["B"]}, {"status": "early"}],
    ids=lambda changed: " ".join(changed),
)
@pytest.mark.parametrize("item", [1, LATE])
def test_what_is_not_published_as_acknowledged_is_lost(item: int, changed: dict[str, Any]) -> None:
    (problem,) = lost(_with_item(_evidence(), item, **changed))
    assert problem.endswith(", and not published so")


def test_what_was_never_acknowledged_is_lost() -> None:
    evidence = _evidence()
    evidence.journal.give(4, ["A"], 0.0)
    assert lost(evidence) == ["item 4 seq 4: never acknowledged"]


@pytest.mark.parametrize("forged", [{"receipt": bytes(16)}, {"offset": 9}, {"seq": 9}, {"stamp_us": 9}])
def test_a_page_loaded_again_must_get_the_same_acknowledgements(forged: dict[str, Any]) -> None:
    evidence = _evidence()
    first, *rest = evidence.snapshot["answers"]
    (problem,) = lost(dataclasses.replace(evidence, snapshot={"answers": [first | forged, *rest]}))
    assert problem.startswith("item 1 seq 1: acknowledged, and a page loaded again gets (")


def test_a_first_answer_that_counts_is_not_replaced_by_a_second() -> None:
    evidence = _evidence()
    assert evidence.journal.give(1, ["B"], 0.0).acknowledge(_ack(1, 4), 1.0)
    assert doubled(evidence) == ["item 1: 2 accepted answers"]


def test_two_answers_are_not_one() -> None:
    evidence = _evidence()
    assert evidence.journal.give(4, ["B"], 0.0).acknowledge(_ack(4, 4, "late", offset=LATE), 1.0)
    assert doubled(evidence) == ["offset 3: 2 answers"]


@pytest.mark.parametrize(
    ("item", "changed", "problem"),
    [
        (4, {"status": "accepted", "stamp_us": 5}, "item 4: an answer of 5 that was never given"),
        (2, {"centipoints": 200}, "200 centipoints in all, 300 by the items"),
    ],
    ids=["an answer from nowhere", "points twice"],
)
def test_what_is_there_twice_or_from_nowhere(item: int, changed: dict[str, Any], problem: str) -> None:
    assert doubled(_with_item(_evidence(), item, **changed)) == [problem]


def test_elapsed_time_is_the_sum_of_the_acknowledged() -> None:
    evidence = _evidence()
    result = {**evidence.result, "elapsed_us": evidence.result["elapsed_us"] + 1}
    (problem,) = doubled(dataclasses.replace(evidence, result=result))
    assert problem.endswith(f"{evidence.result['elapsed_us']} by the acknowledgements")


def test_contradictions_are_doubles() -> None:
    assert doubled(dataclasses.replace(_evidence(), contradictions=["twice"])) == ["twice"]


@pytest.mark.parametrize("place", ["own", "standing", "row"])
@pytest.mark.parametrize("name", ["rank", "centipoints"])
def test_every_place_shows_the_same(place: str, name: str) -> None:
    evidence = _evidence()
    moved = getattr(evidence, place) | {name: 99}
    (problem,) = misplaced(dataclasses.replace(evidence, **{place: moved}))
    assert problem.startswith(f"{name} 99 by the ")


def test_who_is_missing_is_misplaced() -> None:
    nowhere = dataclasses.replace(_evidence(), standing=None, row=None, own=None)
    assert misplaced(nowhere) == ["missing from the standings", "missing from the board"]


def test_a_frozen_board_proves_nothing() -> None:
    assert misplaced(dataclasses.replace(_evidence(), row=None, frozen=True)) == []


def _row(sitting: int, rank: int, *key: int) -> dict[str, Any]:
    names = ("centipoints", "elapsed_us", "multiple_centipoints", "true_false_centipoints")
    return {"sitting_id": sitting, "rank": rank, **dict(zip(names, key, strict=True))}


def test_the_order_of_standings() -> None:
    sound = [
        _row(1, 1, 300, 50, 100, 100),
        _row(2, 2, 200, 40, 100, 0),
        _row(3, 3, 200, 40, 0, 100),
        _row(4, 3, 200, 40, 0, 100),
        _row(5, 5, 200, 41, 200, 0),
    ]
    assert out_of_order(sound) == []
    assert out_of_order([*sound[:3], sound[3] | {"rank": 4}, sound[4]]) == [
        "sitting 4 has rank 4, by its points and time 3"
    ]


def test_contestants_come_from_addresses_of_their_own_but_behind_one_nat() -> None:
    halls = {name: Hall("http://127.0.0.1:1", SCENARIOS[name], lambda *_: None) for name in ("national", "one-nat")}
    taken = {address(halls["national"], number, viewer=viewer) for number in range(1600) for viewer in (False, True)}
    assert len(taken) == 3200 or taken == {""}  # not every system has all of 127.0.0.0/8
    assert {address(halls["one-nat"], number) for number in range(1600)} == {""}
    elsewhere = Hall("http://192.0.2.1", SCENARIOS["national"], lambda *_: None)
    assert address(elsewhere, 1) == ""


def test_viewers_of_scenarios() -> None:
    assert SCENARIOS["viewers"].viewers(1600) == 400
    assert SCENARIOS["national"].viewers(1600) == FEWEST_VIEWERS
