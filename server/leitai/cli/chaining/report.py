"""What a whole chain came to: counts, durations and checks, the same fields every time."""

from collections.abc import Mapping

import msgspec


class ChainReport(msgspec.Struct, frozen=True, kw_only=True):
    """Everything is as it must be when every one of `checks` holds."""

    provinces: int
    read: int
    """People whom the provinces sent in."""
    ineligible: int
    """Of these; all for the expert pool's history of a former year."""
    drawn: int
    roster: int
    """Who keep their place."""
    tickets: int
    contestants: int
    """Signed in, connected and checked in."""
    answers_acked: int
    answers_lost: int
    answers_doubled: int
    ack_ms_p99: float
    ties_ordered: int
    awards: Mapping[str, int]
    awards_total: int
    certificates: int
    plaques: int
    in_pool: int
    bundle_bytes: int
    bundle_findings: int
    longest_upload_s: float
    seconds: Mapping[str, float]
    """How long each step took."""
    checks: Mapping[str, bool]

    @property
    def sound(self) -> bool:
        """Whether every check holds."""
        return all(self.checks.values())
