"""Who has entered, where each sitting's newest connection is, and how often a page was left.

Every gateway learns the same from the session's events and draws the same conclusions: exactly one connection of a
sitting stays, wherever it came in.
"""

import sys
from collections import Counter
from collections.abc import Mapping

from leitai.live.ports import SittingEvent
from leitai.rules.values import Micros, SittingId

PRESENT_EVERY_S = 2.0
"""A gateway says so often that it is there."""
GONE_AFTER_US = 7_000_000
"""A gateway not heard of for so long is gone, and nobody is connected there."""
_NEVER = (0, "")


class Presence:
    """Who is connected, and where, as the director learns it from the session's events."""

    def __init__(self) -> None:
        self._at: dict[SittingId, str] = {}
        self._gone: set[str] = set()

    @property
    def connected(self) -> int:
        """How many are connected at gateways that are there."""
        if not self._gone:
            return len(self._at)
        return sum(gateway not in self._gone for gateway in self._at.values())

    def learn(self, event: SittingEvent) -> None:
        """Take an event in."""
        gateway, _, _ = event.detail.partition(" ")
        if event.kind == "connected":
            self._at[event.sitting_id] = gateway
        elif event.kind == "disconnected" and self._at.get(event.sitting_id) == gateway:
            # Whoever came back elsewhere before the old socket was found dead stays connected.
            del self._at[event.sitting_id]

    def heard_of(self, gateways: Mapping[str, Micros], now_us: int) -> None:
        """Take note of when each gateway was there last; one that comes back has its contestants again."""
        there = {name for name, at_us in gateways.items() if now_us - at_us < GONE_AFTER_US}
        self._gone = set(self._at.values()) - there


class Attendance:
    """What one gateway, called `name`, knows of all sittings."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._newest: dict[SittingId, int] = {}
        self._elsewhere: dict[SittingId, str] = {}
        """The gateway of the newest connection, where it is not this one."""
        self._left: Counter[SittingId] = Counter()

    def has_entered(self, sitting_id: SittingId) -> bool:
        """Whether the sitting was ever connected: such a one may come back at any time."""
        return sitting_id in self._newest

    def enter(self, sitting_id: SittingId, at_us: int) -> bool:
        """Take note of a connection here that said hello at `at_us` of the contest's clock.

        False: a newer one of the sitting is known already, and this one must go.
        """
        moment = (at_us, self._name)
        if moment < self._moment(sitting_id):
            return False
        self._newest[sitting_id] = at_us
        self._elsewhere.pop(sitting_id, None)
        return True

    def left(self, sitting_id: SittingId) -> int:
        """Return how often the sitting's page was left."""
        return self._left[sitting_id]

    def leave_page(self, sitting_id: SittingId) -> int:
        """Take note that the page of a connection here was left; return how often by now."""
        self._left[sitting_id] += 1
        return self._left[sitting_id]

    def learn(self, event: SittingEvent) -> bool:
        """Take an event in, our own ones too. True: a connection elsewhere is newer than ours of that sitting."""
        if event.kind == "connected":
            gateway, _, _ = event.detail.partition(" ")
            moment = (event.at_us, gateway)
            if moment > self._moment(event.sitting_id):
                self._newest[event.sitting_id] = event.at_us
                self._elsewhere[event.sitting_id] = sys.intern(gateway)
                return True
        elif event.kind == "left" and event.detail != self._name:
            self._left[event.sitting_id] += 1
        return False

    def _moment(self, sitting_id: SittingId) -> tuple[int, str]:
        at_us = self._newest.get(sitting_id)
        return _NEVER if at_us is None else (at_us, self._elsewhere.get(sitting_id, self._name))
