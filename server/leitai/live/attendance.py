"""Who has entered, where each sitting's newest connection is, and how often a page was left.

Every gateway learns the same from the session's events and draws the same conclusions: exactly one connection of a
sitting stays, wherever it came in.
"""

from collections import Counter

from leitai.live.ports import SittingEvent
from leitai.rules.values import SittingId

_NEVER = (0, "")


class Attendance:
    """What one gateway, called `name`, knows of all sittings."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._entered: set[SittingId] = set()
        self._newest: dict[SittingId, tuple[int, str]] = {}
        self._left: Counter[SittingId] = Counter()

    def has_entered(self, sitting_id: SittingId) -> bool:
        """Whether the sitting was ever connected: such a one may come back at any time."""
        return sitting_id in self._entered

    def enter(self, sitting_id: SittingId, at_us: int) -> bool:
        """Take note of a connection here that said hello at `at_us` of the contest's clock.

        False: a newer one of the sitting is known already, and this one must go.
        """
        moment = (at_us, self._name)
        if moment < self._newest.get(sitting_id, _NEVER):
            return False
        self._newest[sitting_id] = moment
        self._entered.add(sitting_id)
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
            self._entered.add(event.sitting_id)
            gateway, _, _ = event.detail.partition(" ")
            moment = (event.at_us, gateway)
            if moment > self._newest.get(event.sitting_id, _NEVER):
                self._newest[event.sitting_id] = moment
                return True
        elif event.kind == "left" and event.detail != self._name:
            self._left[event.sitting_id] += 1
        return False
