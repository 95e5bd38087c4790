"""What the console shows of processes and of rooms, in the bodies of the wire."""

from collections.abc import Mapping

from leitai.live.health import Health
from leitai.live.readiness import PersonReadiness
from leitai.live.sight import Sight
from leitai.rules.values import DelegationCode, SittingId
from leitai.wire.console_bodies import ConsoleGateway, ConsoleHealth, ConsolePerson, ConsoleRoom, ConsoleRooms


def health_body(health: Health) -> ConsoleHealth:
    """Return how the processes do."""
    return ConsoleHealth(
        health.answers,
        health.ack_us(50),
        health.ack_us(99),
        health.feed_behind,
        health.board_lag_us,
        health.recorder.behind,
        health.recorder.oldest_us,
        [
            ConsoleGateway(
                one.name,
                one.sockets,
                one.contestants,
                one.waiting,
                one.feed_behind,
                one.board_lag_us,
                one.silent_us,
                one.gone,
            )
            for one in health.gateways
        ],
    )


def rooms_body(sight: Sight, code: DelegationCode, numbers: Mapping[SittingId, str]) -> ConsoleRooms:
    """Return a delegation by rooms; `numbers` are admission numbers."""
    names = {one.sitting_id: one.name for one in sight.file.members if one.delegation == code}
    short = next((one.short for one in sight.file.delegations if one.code == code), code)

    def told(one: PersonReadiness) -> ConsolePerson:
        return ConsolePerson(
            numbers.get(one.sitting_id, ""),
            names[one.sitting_id],
            one.room,
            one.came,
            one.connected,
            one.checked_in,
            one.round_trip_us,
            one.clock_offset_us,
            one.browser,
        )

    people = sight.readiness.people(code)
    return ConsoleRooms(
        code,
        short,
        [
            ConsoleRoom(
                one.room,
                one.seats,
                one.came,
                one.connected,
                one.checked_in,
                one.poor,
                one.round_trip_us,
                one.left,
            )
            for one in sight.readiness.rooms(code)
        ],
        [told(one) for one in people if not one.checked_in],
        [told(one) for one in people if one.checked_in and one.poor],
    )
