"""The staff of a chain, each signed in at the office's door in a browser of their own."""

import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from leitai.cli.rehearsal.house import House
from leitai.office.staff import Staff
from leitai.office.staff_ports import StaffChange
from leitai.rules.rights import NO_DELEGATION, Role
from leitai.rules.values import DelegationCode
from leitai_loadtest.http import HttpSession, Response

PATIENCE_S = 120.0
_STAFF = "/api/staff"


class Refused(Exception):
    """A door refused, or answered what it should not: `path`, `status` and the error's `code`."""

    def __init__(self, path: str, status: int, code: str) -> None:
        super().__init__(path, status, code)
        self.path = path
        self.status = status
        self.code = code


class Amiss(Exception):
    """A step did not come out as it must: `step`, and what there was instead."""

    def __init__(self, step: str, instead: str) -> None:
        super().__init__(step, instead)
        self.step = step
        self.instead = instead


def must(holds: bool, step: str, instead: object) -> None:
    """Raise `Amiss` unless something holds."""
    if not holds:
        raise Amiss(step, str(instead)[:500])


class Desk:
    """Somebody of the staff; paths are those below /api/staff. Everything raises `Refused`."""

    def __init__(self, login: str, http: HttpSession) -> None:
        self.login = login
        self._http = http

    async def get(self, path: str) -> Any:
        """Return what a door answers."""
        return _told(path, await self._http.get(_STAFF + path))

    async def fetch(self, path: str) -> bytes:
        """Return a file."""
        return _taken(path, await self._http.get(_STAFF + path)).body

    async def post(self, path: str, body: Mapping[str, object] | None = None) -> Any:
        """Return what comes of an act; None for an answer without a body."""
        return _told(path, await self._http.post(_STAFF + path, body or {}))

    async def bring(self, path: str, data: bytes, **query: object) -> Any:
        """Return what comes of a file."""
        asked = urlencode({name: str(value) for name, value in query.items()})
        return _told(path, await self._http.send(f"{_STAFF}{path}?{asked}", data))

    @property
    def cookies(self) -> Mapping[str, str]:
        """What a browser must have to be at this desk."""
        return self._http.cookies

    def close(self) -> None:
        """Close the connection."""
        self._http.close()


class Desks:
    """Whoever of the staff takes part; `close` at the end."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._staff = Staff(house.parts.office, house.parts.settings.server_key)
        self._desks: list[Desk] = []

    async def open(self, login: str, name: str, role: Role, delegation: str = NO_DELEGATION) -> Desk:
        """Invite somebody, take the invitation, and return the desk."""
        change = StaffChange(name, frozenset({role}), DelegationCode(delegation), disabled=False)
        _, code = await self._staff.invite("chain", login, change)
        url = self._house.office_url
        desk = Desk(login, HttpSession(url, origin=url, timeout_s=PATIENCE_S))
        self._desks.append(desk)
        await desk.post("/welcome", {"login": login, "code": code, "password": secrets.token_urlsafe(18)})
        return desk

    def close(self) -> None:
        """Close every desk."""
        for desk in self._desks:
            desk.close()


def public(house: House) -> HttpSession:
    """Return anybody at the contest's door."""
    return HttpSession(house.url, origin=house.url, timeout_s=PATIENCE_S)


def _taken(path: str, answer: Response) -> Response:
    if answer.status >= 300:
        raise Refused(path, answer.status, answer.error_code)
    return answer


def _told(path: str, answer: Response) -> Any:
    return _taken(path, answer).json() if answer.body else None
