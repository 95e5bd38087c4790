"""Readiness by delegation, as the session's events tell it."""

from leitai.live.ports import SittingEvent
from leitai.live.readiness import POOR_ROUND_TRIP_US, Readiness
from leitai.rules.values import DelegationCode, Member, Micros, SittingId
from tests.support.live import CODES, session_file


def event(sitting: int, kind: str, detail: str = "") -> SittingEvent:
    return SittingEvent(SittingId(sitting), Micros(1), kind, detail)


def test_every_delegation_has_its_figures() -> None:
    readiness = Readiness(session_file(members=6, struck=[6]).members)
    for one in (
        event(1, "connected", "g1 1"),
        event(1, "check_in", "20000 -300 Chrome 128"),
        event(4, "connected", "g1 2"),
        event(4, "check_in", "400000 0 Chrome 86"),
        event(4, "left", "g1"),
        event(4, "disconnected", "g1 30000"),
        event(6, "connected", "g1 3"),
        event(2, "connected", "g1 4"),
    ):
        readiness.learn(one)
    by_code = {one.delegation: one for one in readiness.delegations()}
    assert set(by_code) == set(CODES)
    first = by_code[readiness_code(1)]
    assert (first.seats, first.came, first.connected, first.checked_in, first.poor, first.left) == (2, 2, 1, 2, 1, 1)
    assert first.round_trip_us == 400_000
    struck = by_code[readiness_code(6)]
    assert (struck.seats, struck.came) == (1, 0)
    assert dict(readiness.browsers) == {"Chrome 128": 1, "Chrome 86": 1}
    assert readiness.missing(readiness_code(2)) == [2, 5]


def test_rooms_and_whoever_is_missing_there_or_badly_connected() -> None:
    code = DelegationCode("110000")
    members = [Member(SittingId(n), f"选手{n}", code, room="一" if n < 3 else "二") for n in range(1, 5)]
    readiness = Readiness([*members, Member(SittingId(9), "别队", DelegationCode("130000"), room="一")])
    for sitting_id, round_trip_us in ((1, 20_000), (3, POOR_ROUND_TRIP_US + 1)):
        readiness.learn(SittingEvent(SittingId(sitting_id), Micros(1), "connected", "g 1"))
        readiness.learn(SittingEvent(SittingId(sitting_id), Micros(2), "check_in", f"{round_trip_us} 5 Chromium 86"))
    assert [(one.room, one.seats, one.checked_in, one.poor) for one in readiness.rooms(code)] == [
        ("一", 2, 1, 0),
        ("二", 2, 1, 1),
    ]
    people = {one.sitting_id: one for one in readiness.people(code)}
    assert list(people) == [1, 2, 3, 4]
    assert [one.sitting_id for one in people.values() if not one.checked_in] == [2, 4]
    worst = people[SittingId(3)]
    assert (worst.poor, worst.round_trip_us, worst.clock_offset_us, worst.browser) == (
        True,
        POOR_ROUND_TRIP_US + 1,
        5,
        "Chromium 86",
    )


def test_an_old_socket_that_ends_late_does_not_hide_the_new_one() -> None:
    readiness = Readiness(session_file(members=3).members)
    for one in (
        event(1, "connected", "g1 1"),
        event(1, "connected", "g2 1"),
        event(1, "disconnected", "g1 0"),
    ):
        readiness.learn(one)
    assert sum(one.connected for one in readiness.delegations()) == 1
    readiness.learn(event(1, "disconnected", "g2 0"))
    assert sum(one.connected for one in readiness.delegations()) == 0


def test_who_checks_in_twice_is_one_and_the_last_word_stands() -> None:
    readiness = Readiness(session_file(members=3).members)
    readiness.learn(event(1, "check_in", "500000 0 Chrome 86"))
    readiness.learn(event(1, "check_in", "20000 2000000 Edge 130"))
    (summary,) = [one for one in readiness.delegations() if one.checked_in]
    assert (summary.checked_in, summary.poor, summary.round_trip_us) == (1, 1, 20_000)
    assert {name: count for name, count in readiness.browsers.items() if count} == {"Edge 130": 1}


def readiness_code(sitting: int) -> DelegationCode:
    return session_file(members=6).members[sitting - 1].delegation
