"""What people do over HTTP, blocking (docs/wire.md, HTTP; schema/http)."""

import http.client
import json
from collections.abc import Generator
from typing import Any
from urllib.parse import urlsplit

import msgspec

TIMEOUT_S = 30.0


class Refused(Exception):
    """The server refused a request; `status` and the stable `code` say how."""

    def __init__(self, path: str, status: int, code: str) -> None:
        super().__init__(f"{path}: {status} {code}")
        self.status = status
        self.code = code

    @property
    def passes(self) -> bool:
        """Whether asking again later makes sense."""
        return self.status == 429 or self.status >= 500


class Door:
    """One person's requests, with that person's cookies, from the address `source` (empty: any).

    Requests raise `Refused`, and OSError or http.client.HTTPException when there is no answer.
    """

    def __init__(self, url: str, source: str = "") -> None:
        self._url = url
        self._source = source
        parts = urlsplit(url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(
            parts.hostname or "127.0.0.1",
            parts.port,
            timeout=TIMEOUT_S,
            source_address=(source, 0) if source else None,
        )
        self._cookies: dict[str, str] = {}

    def contest(self) -> dict[str, Any]:
        """Return the public description of contest, session and delegations."""
        return json.loads(self._request("GET", "/api/contest"))

    def sign_in(self, admission_no: str, code: str) -> dict[str, Any]:
        """Sign in and return who this is."""
        return json.loads(self._request("POST", "/api/sign-in", {"admission_no": admission_no, "code": code}))

    def sealed(self, session: int) -> bytes:
        """Return the sealed paper as MessagePack."""
        return self._request("GET", f"/api/sessions/{session}/sealed")

    def ticket(self) -> str:
        """Return a fresh ticket for one socket."""
        return str(json.loads(self._request("POST", "/api/tickets", {}))["ticket"])

    def result(self, session: int) -> dict[str, Any]:
        """Return the own result of a session that is closed."""
        return json.loads(self._request("GET", f"/api/sessions/{session}/result"))

    def standings(self, session: int) -> dict[str, Any]:
        """Return the canonical standings of a session that is closed."""
        return json.loads(self._request("GET", f"/api/sessions/{session}/standings"))

    def board(self, session: int) -> list[dict[str, Any]] | None:
        """Return all rows of the board of individuals; None while it is frozen, for it shows an earlier moment then."""
        rows: list[dict[str, Any]] = []
        page = pages = 1
        while page <= pages:
            body = json.loads(self._request("GET", f"/api/sessions/{session}/boards/individuals?page={page}"))
            if body["frozen"]:
                return None
            rows += body["rows"]
            pages = body["pages"]
            page += 1
        return rows

    def staff_sign_in(self, login: str, password: str) -> None:
        """Sign in at the staff's door."""
        self._request("POST", "/api/staff/sign-in", {"login": login, "password": password})

    def get(self, path: str) -> dict[str, Any]:
        """Return what is at a path."""
        return msgspec.json.decode(self._request("GET", path))

    def beside(self) -> "Door":
        """Return another connection of the same person."""
        door = Door(self._url, self._source)
        door._cookies = dict(self._cookies)
        return door

    def events(self, path: str) -> Generator[tuple[dict[str, Any], int]]:
        """Yield the events of a stream, each with its length in bytes, until it ends.

        Raises `Refused` also when the stream says so.
        """
        cookies = "; ".join(f"{name}={cookie}" for name, cookie in self._cookies.items())
        self._connection.request("GET", path, headers={"Accept": "text/event-stream", "Cookie": cookies})
        response = self._connection.getresponse()
        if response.status >= 300:
            raise Refused(path.partition("?")[0], response.status, _code(response.read()))
        refused = False
        while line := response.readline():
            kind, _, value = line.rstrip(b"\r\n").partition(b": ")
            if kind == b"event":
                refused = value == b"refused"
            elif kind == b"data":
                if refused:
                    raise Refused(path.partition("?")[0], 403, value.decode())
                yield msgspec.json.decode(value), len(line)

    def close(self) -> None:
        """Close the connection; a later request opens another."""
        self._connection.close()

    def _request(self, method: str, path: str, value: dict[str, Any] | None = None) -> bytes:
        headers = {"Content-Type": "application/json"} if value is not None else {}
        if self._cookies:
            headers["Cookie"] = "; ".join(f"{name}={cookie}" for name, cookie in self._cookies.items())
        try:
            self._connection.request(method, path, None if value is None else json.dumps(value), headers)
            response = self._connection.getresponse()
            body = response.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            raise
        for cookie in response.headers.get_all("Set-Cookie", []):
            name, _, rest = cookie.partition("=")
            self._cookies[name.strip()] = rest.partition(";")[0]
        if response.status >= 300:
            raise Refused(path, response.status, _code(body))
        return body


def _code(body: bytes) -> str:
    try:
        return str(json.loads(body)["error"]["code"])
    except (ValueError, KeyError, TypeError):
        return ""
