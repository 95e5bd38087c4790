"""Judges and overlays for a load test: accounts and tokens of a house of ours."""

import csv
import secrets
from collections.abc import Iterable
from pathlib import Path

from leitai.cli.rehearsal.house import House
from leitai.office.broadcast import Broadcast
from leitai.office.staff import Staff
from leitai.office.staff_ports import StaffChange
from leitai.rules.rights import NO_DELEGATION, Role

ACTOR = "loadtest"


async def write_watchers(house: House, path: Path, desks: int, overlays: int) -> None:
    """Make accounts of judges and tokens of overlays, and write them as the locustfile reads them."""
    settings = house.parts.settings
    staff, broadcast = (
        Staff(house.parts.office, settings.server_key),
        Broadcast(house.parts.office, settings.server_key),
    )
    rows: list[tuple[str, str, str]] = []
    for number in range(1, desks + 1):
        login, password = f"judge-{number}", secrets.token_urlsafe(16)
        change = StaffChange(f"裁判{number}", frozenset({Role.JUDGE}), NO_DELEGATION, disabled=False)
        _, code = await staff.invite(ACTOR, login, change)
        await staff.welcome(login, code, password)
        rows.append(("desk", login, password))
    for number in range(1, overlays + 1):
        _, secret = await broadcast.issue(ACTOR, f"overlay {number}")
        rows.append(("overlay", "", secret))
    _write(path, rows)


def _write(path: Path, rows: Iterable[tuple[str, str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        path.chmod(0o600)
        csv.writer(file).writerows([("role", "login", "secret"), *rows])
