"""Are keys, origins and door set for the day, and is there a session that can be held?"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from leitai.doctor.findings import Demand, Finding, Severity, failing, judged, warning

_ORIGIN = re.compile(r"(https?)://([a-z0-9.-]+|\[[0-9a-f:]+\])(:[1-9][0-9]{0,4})?")
_ORDINARY = {"http": ":80", "https": ":443"}
_HERE = ("localhost", "127.0.0.1", "[::1]")
_ANYWHERE = ("0.0.0.0", "::", "")  # noqa: S104 (looked for, not listened on)
_KEY_BYTES = 32
_DIFFERENT_BYTES = 16
"""32 random bytes have fewer different ones once in more than 10^12 keys."""


class Door(Enum):
    """What was found at the address to listen on."""

    FREE = "free"
    OURS = "leitai"
    """A server of ours answers there."""
    TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class SettingsSeen:
    """What the deployment is set to."""

    key: bytes
    """The secret key; empty where it is none."""
    key_of_demo: bool
    """It is the one that `leitai run` made for itself."""
    origins: Sequence[str]
    https: bool
    host: str
    port: int
    door: Door
    office_host: str = "127.0.0.1"
    office_origins: Sequence[str] = ()
    metrics_host: str = "127.0.0.1"
    metrics_token: bool = False
    """Whoever reads the figures must bring a token."""


@dataclass(frozen=True, slots=True)
class SessionSeen:
    """The session that the servers would serve."""

    session: int
    phase: str
    starts_in_s: float
    secret_opens: bool
    """Its secret opens under the server's key."""
    items: int
    sealed: int
    """Items that could be sealed with their content."""
    seats: int
    """Sittings that are not struck off."""
    codes: int
    """Of these, those with an access code of their own."""
    without_seat: int
    """People of the contest's roster who have no sitting."""


def judge_settings(seen: SettingsSeen, demand: Demand) -> list[Finding]:
    """Return what there is to say of the settings."""
    different = len(set(seen.key))
    steps = {(after - before) % 256 for before, after in zip(seen.key, seen.key[1:], strict=False)}
    weak = len(seen.key) < _KEY_BYTES or different < _DIFFERENT_BYTES or len(steps) < _DIFFERENT_BYTES // 2
    found = [
        judged("secret.key", failing(weak), f"{different}/{len(seen.key)}", f"≥ {_DIFFERENT_BYTES}/{_KEY_BYTES}"),
        judged("secret.demo", failing(seen.key_of_demo), "demo" if seen.key_of_demo else "✓", "✓"),
    ]
    for origin in (*seen.origins, *seen.office_origins):
        well = _exact(origin)
        found.append(judged("origins.exact", failing(not well), origin, "https://contest.example.cn"))
        if well:
            found.append(_secure(origin))
    if not seen.origins:
        found.append(judged("origins.exact", Severity.FAILURE, "—", "https://contest.example.cn"))
    secure = any(origin.startswith("https:") for origin in seen.origins)
    found.append(
        judged("origins.cookie", failing(secure != seen.https), f"LEITAI_HTTPS={_said(seen.https)}", _said(secure))
    )
    taken = failing(seen.door is Door.TAKEN)
    address = f"{seen.host}:{seen.port}"
    for setting, host in (("LEITAI_LISTEN", seen.host), ("LEITAI_OFFICE_LISTEN", seen.office_host)):
        everywhere = failing(host in _ANYWHERE and not demand.all_interfaces)
        found.append(judged("ports.interface", everywhere, host, "127.0.0.1", setting))
    told_to_all = failing(seen.metrics_host in _ANYWHERE and not seen.metrics_token and not demand.all_interfaces)
    found.append(judged("ports.metrics", told_to_all, seen.metrics_host, "127.0.0.1"))
    found.append(judged("ports.door", taken, seen.door.value, "free / leitai", address))
    return found


def judge_session(seen: SessionSeen | None) -> list[Finding]:
    """Return what there is to say of the session; None: there is none."""
    if seen is None:
        return [judged("session.scheduled", Severity.WARNING, "—", "scheduled")]
    number = str(seen.session)
    over = seen.phase in ("draft", "finalized")
    missed = seen.phase in ("scheduled", "lobby") and seen.starts_in_s < 0
    when = f"{seen.phase}, {_duration(seen.starts_in_s)}"
    opens = judged(
        "session.secret", failing(not seen.secret_opens), "✓" if seen.secret_opens else "—", "✓", subject=number
    )
    return [
        judged("session.scheduled", warning(over) or failing(missed), when, "scheduled", number),
        opens,
        judged(
            "session.paper",
            failing(seen.items == 0 or seen.sealed < seen.items),
            f"{seen.sealed}/{seen.items}",
            f"{seen.items}/{seen.items}" if seen.items else "≥ 1",
            number,
        ),
        judged(
            "session.codes",
            failing(seen.seats == 0 or seen.codes < seen.seats),
            f"{seen.codes}/{seen.seats}",
            f"{seen.seats}/{seen.seats}" if seen.seats else "≥ 1",
            number,
        ),
        judged("session.roster", failing(seen.without_seat > 0), seen.without_seat, 0, number),
    ]


def _exact(origin: str) -> bool:
    """Whether browsers send an origin so: scheme, host in small letters, port only where it is not the usual one."""
    found = _ORIGIN.fullmatch(origin)
    return found is not None and found[3] != _ORDINARY[found[1]]


def _secure(origin: str) -> Finding:
    scheme, _, rest = origin.partition("://")
    here = rest.rpartition(":")[0] in _HERE or rest in _HERE
    bad = failing(scheme == "http" and not here) or warning(here)
    return judged("origins.https", bad, origin, "https://…")


def _said(value: bool) -> str:
    return "true" if value else "false"


def _duration(seconds: float) -> str:
    sign, whole = "−" if seconds < 0 else "+", abs(int(seconds))
    return f"{sign}{whole // 86400} d {whole % 86400 // 3600:02d}:{whole % 3600 // 60:02d}"
