"""Which commands need a second person, and when a request may be confirmed."""

import pytest

from leitai.rules.seconding import (
    SECOND_WITHIN_US,
    CommandRequest,
    RequestRefused,
    check_decision,
    needs_second,
)
from leitai.rules.values import ActorId, ItemNo, Micros, Pacing, SessionId

LAPSES_US = Micros(10 + SECOND_WITHIN_US)
ASKED = CommandRequest(
    1, SessionId(1), "close", ItemNo(0), 0, "running 3", ActorId("anna"), "安", Micros(10), LAPSES_US
)


@pytest.mark.parametrize(
    ("command", "item", "pacing", "needed"),
    [
        ("close", 0, Pacing.STREAMED, True),
        ("skip", 3, Pacing.STREAMED, True),
        ("finalize", 0, Pacing.PAPER, True),
        ("thaw", 0, Pacing.STREAMED, True),
        ("freeze", 0, Pacing.STREAMED, False),
        ("extend", 0, Pacing.STREAMED, True),
        ("extend", 3, Pacing.STREAMED, False),
        ("extend", 3, Pacing.PAPER, True),
        ("pause", 0, Pacing.STREAMED, False),
        ("resume", 0, Pacing.STREAMED, False),
        ("announce", 0, Pacing.STREAMED, False),
    ],
)
def test_what_is_grave_needs_two(command: str, item: int, pacing: Pacing, needed: bool) -> None:
    assert needs_second(command, item, pacing) is needed


def test_another_confirms_in_time_and_nobody_their_own() -> None:
    bo, last_us = ActorId("bo"), ASKED.lapses_us - 1
    check_decision(ASKED, bo, last_us, confirms=True)
    with pytest.raises(RequestRefused, match="request-lapsed"):
        check_decision(ASKED, bo, ASKED.lapses_us, confirms=True)
    with pytest.raises(RequestRefused, match="request-self-confirmation"):
        check_decision(ASKED, ASKED.actor, 11, confirms=True)
    # To take it back is always possible.
    check_decision(ASKED, ASKED.actor, ASKED.lapses_us, confirms=False)


def test_a_request_stands_while_the_session_is_as_it_was_seen() -> None:
    assert ASKED.stands("running 3", ASKED.lapses_us - 1)
    assert not ASKED.stands("running 3", ASKED.lapses_us)
    assert not ASKED.stands("paused 4", 11)
