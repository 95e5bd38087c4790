"""How ready each delegation is: who has come, who is connected, who has checked in, and how their lines are.

A fold over the session's events, for whoever runs the day. Nothing here decides anything.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median_high

from leitai.live.ports import SittingEvent
from leitai.rules.values import DelegationCode, Member, SittingId

POOR_ROUND_TRIP_US = 300_000
POOR_CLOCK_US = 1_000_000


@dataclass(slots=True)
class _Sitting:
    delegation: DelegationCode
    room: str = ""
    came: bool = False
    connected: bool = False
    gateway: str = ""
    checked_in: bool = False
    round_trip_us: int = 0
    clock_offset_us: int = 0
    browser: str = ""
    left: int = 0

    @property
    def poor(self) -> bool:
        """Whether line or clock deserve a look."""
        return self.round_trip_us > POOR_ROUND_TRIP_US or abs(self.clock_offset_us) > POOR_CLOCK_US


@dataclass(frozen=True, slots=True)
class PersonReadiness:
    """One contestant, as their browser measured it; round trip, clock and browser only once checked in."""

    sitting_id: SittingId
    room: str
    came: bool
    connected: bool
    checked_in: bool
    poor: bool
    round_trip_us: int
    clock_offset_us: int
    browser: str


@dataclass(frozen=True, slots=True)
class RoomReadiness:
    """One examination room in figures, as `DelegationReadiness`."""

    room: str
    seats: int
    came: int
    connected: int
    checked_in: int
    poor: int
    round_trip_us: int
    left: int


@dataclass(frozen=True, slots=True)
class DelegationReadiness:
    """One delegation in figures. `poor` counts those checked in whose line or clock deserves a look."""

    delegation: DelegationCode
    seats: int
    came: int
    connected: int
    checked_in: int
    poor: int
    round_trip_us: int
    """The middle one of those checked in; 0 when nobody is."""
    left: int
    """How often pages were left, all together."""


class Readiness:
    """What the events of one session say of its sittings."""

    def __init__(self, members: Sequence[Member]) -> None:
        """Whoever is struck off has no seat."""
        self._sittings = {one.sitting_id: _Sitting(one.delegation, one.room) for one in members if not one.struck}
        self._order = sorted({one.delegation for one in members})
        self.browsers: Counter[str] = Counter()
        """Browsers of those who checked in, by their names."""

    def learn(self, event: SittingEvent) -> None:
        """Take an event in; of a sitting without a seat it says nothing."""
        sitting = self._sittings.get(event.sitting_id)
        if sitting is None:
            return
        match event.kind:
            case "connected":
                sitting.came = sitting.connected = True
                sitting.gateway = event.detail.partition(" ")[0]
            case "disconnected":
                # Whoever came back elsewhere before the old socket was found dead stays connected.
                if event.detail.partition(" ")[0] == sitting.gateway:
                    sitting.connected = False
            case "check_in":
                self._check_in(sitting, event.detail)
            case "left":
                sitting.left += 1
            case _:
                pass

    def delegations(self) -> list[DelegationReadiness]:
        """Return every delegation, by code."""
        members: dict[DelegationCode, list[_Sitting]] = {code: [] for code in self._order}
        for sitting in self._sittings.values():
            members[sitting.delegation].append(sitting)
        return [_summary(code, members[code]) for code in self._order]

    def rooms(self, delegation: DelegationCode) -> list[RoomReadiness]:
        """Return the rooms of a delegation, by name."""
        of_room: dict[str, list[_Sitting]] = {}
        for one in self._sittings.values():
            if one.delegation == delegation:
                of_room.setdefault(one.room, []).append(one)
        return [_room(room, _summary(delegation, sittings)) for room, sittings in sorted(of_room.items())]

    def people(self, delegation: DelegationCode) -> list[PersonReadiness]:
        """Return the contestants of a delegation by room and number."""
        return [
            PersonReadiness(
                sitting_id,
                one.room,
                one.came,
                one.connected,
                one.checked_in,
                one.poor,
                one.round_trip_us,
                one.clock_offset_us,
                one.browser,
            )
            for sitting_id, one in sorted(self._sittings.items(), key=lambda entry: (entry[1].room, entry[0]))
            if one.delegation == delegation
        ]

    def missing(self, delegation: DelegationCode) -> list[SittingId]:
        """Return whoever of a delegation has not checked in, by number."""
        return sorted(
            sitting_id
            for sitting_id, one in self._sittings.items()
            if one.delegation == delegation and not one.checked_in
        )

    def _check_in(self, sitting: _Sitting, detail: str) -> None:
        round_trip, _, rest = detail.partition(" ")
        offset, _, browser = rest.partition(" ")
        if sitting.checked_in:
            self.browsers[sitting.browser] -= 1
        sitting.checked_in = True
        sitting.round_trip_us, sitting.clock_offset_us, sitting.browser = int(round_trip), int(offset), browser
        self.browsers[browser] += 1


def _summary(code: DelegationCode, sittings: Sequence[_Sitting]) -> DelegationReadiness:
    checked_in = [one for one in sittings if one.checked_in]
    return DelegationReadiness(
        code,
        seats=len(sittings),
        came=sum(one.came for one in sittings),
        connected=sum(one.connected for one in sittings),
        checked_in=len(checked_in),
        poor=sum(one.poor for one in checked_in),
        round_trip_us=median_high(one.round_trip_us for one in checked_in) if checked_in else 0,
        left=sum(one.left for one in sittings),
    )


def _room(room: str, all_: DelegationReadiness) -> RoomReadiness:
    return RoomReadiness(
        room, all_.seats, all_.came, all_.connected, all_.checked_in, all_.poor, all_.round_trip_us, all_.left
    )
