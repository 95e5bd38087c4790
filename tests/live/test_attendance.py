"""Who is connected, and where: the same from every order in which gateways' events may come, and whoever dies."""

from leitai.live.attendance import GONE_AFTER_US, Presence
from leitai.live.ports import SittingEvent
from leitai.rules.values import Micros, SittingId

NOW = 1_000_000_000


def _presence(*events: tuple[int, str, str]) -> Presence:
    presence = Presence()
    for sitting, kind, detail in events:
        presence.learn(SittingEvent(SittingId(sitting), Micros(NOW), kind, detail))
    return presence


def test_whoever_leaves_is_connected_no_more() -> None:
    presence = _presence(
        (1, "connected", "a 1"), (2, "connected", "a 2"), (1, "left", "a"), (1, "disconnected", "a 300")
    )
    assert presence.connected == 1


def test_an_old_goodbye_does_not_end_a_new_connection() -> None:
    presence = _presence((1, "connected", "a 1"), (1, "connected", "b 1"), (1, "disconnected", "a 300"))
    assert presence.connected == 1
    presence.learn(SittingEvent(SittingId(1), Micros(NOW), "disconnected", "b 300"))
    assert presence.connected == 0


def test_nobody_is_connected_at_a_gateway_that_is_gone() -> None:
    presence = _presence((1, "connected", "a 1"), (2, "connected", "b 1"), (3, "connected", "b 2"))
    presence.heard_of({"a": Micros(NOW), "b": Micros(NOW)}, NOW + GONE_AFTER_US - 1)
    assert presence.connected == 3
    presence.heard_of({"a": Micros(NOW + 1), "b": Micros(NOW)}, NOW + GONE_AFTER_US)
    assert presence.connected == 1
    presence.learn(SittingEvent(SittingId(2), Micros(NOW), "connected", "a 2"))
    assert presence.connected == 2
    presence.heard_of({"a": Micros(NOW + 1)}, NOW + 2)
    assert presence.connected == 2
    # It was only the store that was away.
    presence.heard_of({"a": Micros(NOW + 1), "b": Micros(NOW + 1)}, NOW + 2)
    assert presence.connected == 3
