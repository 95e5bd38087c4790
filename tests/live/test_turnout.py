"""Turnout by delegation, as the session's events tell it."""

from leitai.live.attendance import GONE_AFTER_US
from leitai.live.ports import SittingEvent
from leitai.live.turnout import Turnout
from leitai.rules.values import DelegationCode, Micros, SittingId
from tests.support.live import CODES, session_file

NOW = 10 * GONE_AFTER_US


def _turnout(*events: tuple[int, str, str]) -> Turnout:
    """Six sittings: 1 and 4 of 650000, 2 and 5 of 660000, 3 of 110000, whose 6 is struck off."""
    turnout = Turnout(session_file(members=6, struck=[6]).members, [DelegationCode(code) for code in CODES])
    for sitting, kind, detail in events:
        turnout.learn(SittingEvent(SittingId(sitting), Micros(1), kind, detail))
    return turnout


def _figures(turnout: Turnout) -> list[tuple[int, int, int, int]]:
    return [(one.seats, one.came, one.connected, one.checked_in) for one in turnout.delegations()]


def test_every_delegation_has_its_figures_in_the_order_of_the_contest() -> None:
    turnout = _turnout(
        (1, "connected", "a 1"),
        (1, "check_in", "20000 0 Chrome 128"),
        (1, "check_in", "21000 0 Chrome 128"),
        (4, "connected", "b 1"),
        (4, "disconnected", "b 20000"),
        (4, "left", "b"),
        (2, "connected", "a 2"),
        (6, "connected", "a 3"),
        (99, "connected", "a 4"),
    )
    assert [one.delegation for one in turnout.delegations()] == list(CODES)
    assert _figures(turnout) == [(1, 0, 0, 0), (2, 2, 1, 1), (2, 1, 1, 0)]


def test_who_comes_back_elsewhere_stays_connected_and_came_once() -> None:
    turnout = _turnout((1, "connected", "a 1"), (1, "connected", "b 1"), (1, "disconnected", "a 20000"))
    assert _figures(turnout)[1] == (2, 1, 1, 0)
    turnout.learn(SittingEvent(SittingId(1), Micros(2), "disconnected", "b 20000"))
    assert _figures(turnout)[1] == (2, 1, 0, 0)


def test_nobody_is_connected_at_a_gateway_that_is_gone() -> None:
    turnout = _turnout((1, "connected", "a 1"), (4, "connected", "b 1"))
    turnout.heard_of({"a": Micros(NOW), "b": Micros(NOW - GONE_AFTER_US + 1)}, NOW)
    assert _figures(turnout)[1] == (2, 2, 2, 0)
    turnout.heard_of({"a": Micros(NOW), "b": Micros(NOW - GONE_AFTER_US)}, NOW)
    assert _figures(turnout)[1] == (2, 2, 1, 0)
    turnout.heard_of({"a": Micros(NOW), "b": Micros(NOW)}, NOW)
    assert _figures(turnout)[1] == (2, 2, 2, 0)
    turnout.heard_of({}, NOW)
    turnout.learn(SittingEvent(SittingId(4), Micros(3), "connected", "a 2"))
    assert _figures(turnout)[1] == (2, 2, 0, 0)
