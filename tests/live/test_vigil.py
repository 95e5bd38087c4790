"""Who is overdue is closed, who is due is pinged, and a crowd that came together is not pinged together."""

from leitai.live.connection import Connection, Stage
from leitai.live.vigil import HELLO_WITHIN_US, PING_EVERY_US, PONG_WITHIN_US, Vigil
from leitai.wire.messages import CloseCode
from tests.support.live import SECOND, FakeHub, FakeLink


class Pinged(FakeLink):
    """A socket that counts pings."""

    pings = 0

    def ping(self) -> bool:
        self.pings += 1
        return True


def opened(vigil: Vigil, count: int, *, stage: Stage = Stage.LIVE) -> list[tuple[Connection, Pinged]]:
    made: list[tuple[Connection, Pinged]] = []
    for _ in range(count):
        link = Pinged()
        connection = Connection(FakeHub(), link, 0)
        connection.stage = stage
        vigil.add(connection, 0)
        made.append((connection, link))
    return made


def test_who_says_no_hello_in_time_is_refused() -> None:
    vigil = Vigil()
    (connection, link) = opened(vigil, 1, stage=Stage.OPENED)[0]
    vigil.look(HELLO_WITHIN_US - 1)
    assert link.closed is None
    vigil.look(HELLO_WITHIN_US)
    assert link.closed == (CloseCode.REFUSED, "hello-expected")
    assert connection.stage is Stage.CLOSED


def test_everyone_is_pinged_once_a_round_and_never_all_at_once() -> None:
    vigil = Vigil()
    crowd = opened(vigil, 1600)
    most_at_once = 0
    seconds = 3 * PING_EVERY_US // SECOND
    for second in range(seconds):
        before = sum(link.pings for _, link in crowd)
        vigil.look(second * SECOND)
        for connection, _ in crowd:
            connection.pong(second * SECOND + 2000)
        most_at_once = max(most_at_once, sum(link.pings for _, link in crowd) - before)
    assert min(link.pings for _, link in crowd) >= 1
    assert max(link.pings for _, link in crowd) <= 3
    assert most_at_once <= 40
    assert {connection.round_trip_us for connection, _ in crowd} == {2000}


def test_who_does_not_answer_a_ping_is_closed_and_comes_back() -> None:
    vigil = Vigil()
    (_, link) = opened(vigil, 1)[0]
    at_us = 0
    while not link.pings:
        at_us += SECOND
        vigil.look(at_us)
    vigil.look(at_us + PONG_WITHIN_US - 1)
    assert link.closed is None
    vigil.look(at_us + PONG_WITHIN_US)
    assert link.closed == (CloseCode.SLOW, "slow-client")


def test_who_has_gone_is_neither_pinged_nor_kept() -> None:
    vigil = Vigil()
    (connection, link) = opened(vigil, 1)[0]
    connection.stage = Stage.CLOSED
    for second in range(2 * PING_EVERY_US // SECOND):
        vigil.look(second * SECOND)
    assert link.pings == 0
