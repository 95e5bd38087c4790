"""What the doctor says: findings, and the demands they are measured by."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


class Severity(Enum):
    """How bad a finding is."""

    OK = "ok"
    WARNING = "warning"
    """The contest works; it is slower, or a second mishap costs more than it need."""
    FAILURE = "failure"
    """To be changed before the day: answers may be lost, or contestants turned away."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    id: str
    """Stable, `area.what`; `words.WORDS` has a title and advice for each."""
    severity: Severity
    seen: str
    """Figures, values of settings, or the words of whoever refused."""
    wanted: str
    """The same in which it would be well."""
    subject: str = ""
    """Which one, where there are several of a kind: an address, a setting's own name."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What a deployment is to carry."""

    contestants: int = 1600
    processes: int = 3
    """Processes of the server, of every role, that share the two stores."""
    replicas: int = 0
    """Replicas that must have an answer on disk before it is acknowledged."""
    all_interfaces: bool = False
    """The door may listen on every interface (inside a container, or behind a firewall)."""


def judged(id_: str, bad: Severity | None, seen: object, wanted: object, subject: str = "") -> Finding:
    """Return a finding; `bad` is None when all is well."""
    return Finding(id_, bad or Severity.OK, str(seen), str(wanted), subject)


def failing(condition: bool) -> Severity | None:
    """Return a failure where `condition` holds."""
    return Severity.FAILURE if condition else None


def warning(condition: bool) -> Severity | None:
    """Return a warning where `condition` holds."""
    return Severity.WARNING if condition else None


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that `share` of `values` do not exceed (nearest rank); raises ValueError when there is none."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * share) - 1)]
