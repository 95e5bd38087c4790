"""How many of each delegation have entered, are connected, and have checked in: figures that anybody may know.

A fold over the session's events. It knows nothing of answers or points, so a frozen board hides nothing of it. It takes
13 bytes a sitting and a microsecond an event, since every gateway keeps it beside what contestants need.
"""

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from leitai.live.attendance import GONE_AFTER_US
from leitai.live.ports import SittingEvent
from leitai.rules.values import DelegationCode, Member, Micros

_CAME, _CHECKED_IN = 1, 2
_NOWHERE = 0


@dataclass(frozen=True, slots=True)
class DelegationTurnout:
    """One delegation in figures."""

    delegation: DelegationCode
    seats: int
    came: int
    """Were connected at least once."""
    connected: int
    checked_in: int


class Turnout:
    """What the events of one session say of its delegations."""

    def __init__(self, members: Iterable[Member], delegations: Sequence[DelegationCode]) -> None:
        """Whoever is struck off has no seat. `delegations` gives the order of the figures."""
        places = {code: place for place, code in enumerate(delegations)}
        seats = sorted(
            (one.sitting_id, places[one.delegation]) for one in members if not one.struck and one.delegation in places
        )
        self._delegations = tuple(delegations)
        self._sittings = array("q", [sitting for sitting, _ in seats])
        self._place = array("H", [place for _, place in seats])
        self._at = array("H", bytes(2 * len(seats)))
        self._state = bytearray(len(seats))
        self._gateways: dict[str, int] = {"": _NOWHERE}
        self._gone: set[int] = {_NOWHERE}
        self._seats = Counter(place for _, place in seats)
        self._came: Counter[int] = Counter()
        self._checked_in: Counter[int] = Counter()
        self._connected: Counter[tuple[int, int]] = Counter()
        """By gateway and delegation."""

    def learn(self, event: SittingEvent) -> None:
        """Take an event in; of a sitting without a seat it says nothing."""
        seat = bisect_left(self._sittings, event.sitting_id)
        if seat == len(self._sittings) or self._sittings[seat] != event.sitting_id:
            return
        match event.kind:
            case "connected":
                self._move(seat, self._number(event.detail.partition(" ")[0]))
                self._mark(seat, _CAME, self._came)
            case "disconnected":
                # Whoever came back elsewhere before the old socket was found dead stays connected.
                if self._at[seat] == self._number(event.detail.partition(" ")[0]):
                    self._move(seat, _NOWHERE)
            case "check_in":
                self._mark(seat, _CHECKED_IN, self._checked_in)
            case _:
                pass

    def heard_of(self, gateways: Mapping[str, Micros], now_us: int) -> None:
        """Take note of when each gateway was there last: nobody is connected at one that is gone."""
        there = {name for name, at_us in gateways.items() if now_us - at_us < GONE_AFTER_US}
        self._gone = {number for name, number in self._gateways.items() if name not in there}

    def delegations(self) -> list[DelegationTurnout]:
        """Return every delegation's figures, in order."""
        connected: Counter[int] = Counter()
        for (gateway, place), count in self._connected.items():
            if gateway not in self._gone:
                connected[place] += count
        return [
            DelegationTurnout(code, self._seats[place], self._came[place], connected[place], self._checked_in[place])
            for place, code in enumerate(self._delegations)
        ]

    def _number(self, gateway: str) -> int:
        return self._gateways.setdefault(gateway, len(self._gateways))

    def _move(self, seat: int, gateway: int) -> None:
        place = self._place[seat]
        if before := self._at[seat]:
            self._connected[before, place] -= 1
        if gateway:
            self._connected[gateway, place] += 1
        self._at[seat] = gateway

    def _mark(self, seat: int, bit: int, counter: Counter[int]) -> None:
        if not self._state[seat] & bit:
            self._state[seat] |= bit
            counter[self._place[seat]] += 1
