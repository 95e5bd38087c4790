"""The report of a rehearsal: flat, and the same fields every time."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from leitai.cli.rehearsal.verdict import Verdict

FROM_SIMULATION = (
    "items",
    "connect_s",
    "answers_sent",
    "answers_acked",
    "late",
    "ack_ms_p50",
    "ack_ms_p99",
    "ack_ms_max",
    "open_spread_ms_p50",
    "open_spread_ms_p99",
    "recovered",
    "viewers",
)
OF_VIEWERS = ("board_lag_ms_p50", "board_lag_ms_p99", "viewer_bytes_per_s")


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a rehearsal found. None: it could not be seen from here (a server reached by `--url`)."""

    contestants: int
    """Signed in, connected and checked in."""
    items: int
    connect_s: float
    """From the first sign-in until everyone had checked in."""
    answers_sent: int
    answers_acked: int
    answers_lost: int | None
    """Acknowledged, and not in PostgreSQL as acknowledged."""
    answers_doubled: int | None
    late: int
    ack_ms_p50: float
    ack_ms_p99: float
    ack_ms_max: float
    open_spread_ms_p50: float
    open_spread_ms_p99: float
    gateway_cpu_us_per_answer: float | None
    """CPU of the gateways while items were open: opening, answer, durable acknowledgement."""
    gateway_cpu_us_per_answer_with_boards: float | None
    """All its CPU from the lobby to the end: closings, own scores, boards, clocks and pings as well."""
    store_cpu_us_per_answer: float | None
    rss_kib_per_connection: float | None
    recorded_in_postgres: int | None
    board_equals_recomputation: bool | None
    recovered: int
    """Connections resumed with every missed entry of the feed."""
    receipts_verified: int | None
    viewers: int
    """Anonymous viewers who saw a page of a board."""
    board_lag_ms_p50: float | None
    """From the closing of an item until the page that it moved reached a viewer."""
    board_lag_ms_p99: float | None
    viewer_bytes_per_s: float | None
    """What a viewer received, but for what it was given on arrival."""
    sockets_per_gateway: list[int] | None = None
    """Open in each gateway's process when everyone had checked in; a handful of each are its own."""
    processes_ended: int | None = None
    """Killed or replaced while the contest ran."""
    store_failovers_s: list[float] | None = None
    """Of a Cluster: how long each primary that was killed had no successor."""

    def sound(self, wanted: int) -> bool:
        """Whether `wanted` contestants took part and nothing was lost, doubled or miscounted."""
        return (
            self.contestants == wanted
            and not self.answers_lost
            and not self.answers_doubled
            and self.board_equals_recomputation is not False
            and self.receipts_verified in (None, self.answers_acked)
        )


def from_outside(simulation: Mapping[str, Any]) -> Report:
    """Return what the contestants alone could see."""
    boards: dict[str, Any] = {name: simulation.get(name) for name in OF_VIEWERS}
    return Report(
        contestants=simulation["entered"],
        answers_lost=None,
        answers_doubled=None,
        gateway_cpu_us_per_answer=None,
        gateway_cpu_us_per_answer_with_boards=None,
        store_cpu_us_per_answer=None,
        rss_kib_per_connection=None,
        recorded_in_postgres=None,
        board_equals_recomputation=None,
        receipts_verified=None,
        **{name: simulation[name] for name in FROM_SIMULATION},
        **boards,
    )


def from_inside(
    simulation: Mapping[str, Any],
    verdict: Verdict,
    *,
    gateway_cpu_s: float,
    gateway_cpu_with_boards_s: float,
    store_cpu_s: float,
    rss_kib_per_connection: float,
    board_equals: bool,
    sockets_per_gateway: Sequence[int],
    processes_ended: int,
    store_failovers_s: Sequence[float] | None,
) -> Report:
    """Return the whole report."""
    answers = max(1, simulation["answers_acked"])
    return msgspec.structs.replace(
        from_outside(simulation),
        answers_lost=verdict.lost,
        answers_doubled=verdict.doubled + verdict.foreign,
        gateway_cpu_us_per_answer=round(gateway_cpu_s * 1e6 / answers, 2),
        gateway_cpu_us_per_answer_with_boards=round(gateway_cpu_with_boards_s * 1e6 / answers, 2),
        store_cpu_us_per_answer=round(store_cpu_s * 1e6 / answers, 2),
        rss_kib_per_connection=round(rss_kib_per_connection, 2),
        recorded_in_postgres=verdict.recorded,
        board_equals_recomputation=board_equals,
        receipts_verified=verdict.receipts_verified,
        sockets_per_gateway=list(sockets_per_gateway),
        processes_ended=processes_ended,
        store_failovers_s=None if store_failovers_s is None else list(store_failovers_s),
    )
