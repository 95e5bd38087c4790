"""What a contestant does over HTTP (docs/wire.md, HTTP): sign in, fetch the sealed paper, get tickets."""

from typing import Any
from urllib.parse import urlsplit

from leitai_loadtest.http import HttpSession, Response


class DoorClosed(Exception):
    """The server refused a request; `status` and the stable `code` say how."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(status, code)
        self.status = status
        self.code = code


def socket_url(url: str, path: str = "/live") -> str:
    """Return the address of a socket of the server at `url`: `/live`, or `/live/board` for whoever only watches."""
    parts = urlsplit(url)
    return f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}{path}"


class Door:
    """One person's way in. Raises `DoorClosed` when refused and `HttpFailed` when there is no answer."""

    def __init__(self, url: str, *, origin: str = "", language: str = "") -> None:
        self.url = url
        self.http = HttpSession(url, origin=origin, language=language)

    async def contest(self) -> dict[str, Any]:
        """Return the public description of contest, session and delegations."""
        return _json(await self.http.get("/api/contest"))

    async def sign_in(self, admission_no: str, code: str) -> dict[str, Any]:
        """Sign in and return who this is: session, sitting, name, delegation."""
        return _json(await self.http.post("/api/sign-in", {"admission_no": admission_no, "code": code}))

    async def enter(self, code: str) -> dict[str, Any]:
        """Enter with the code by which the practice's page handed a learner over, and return who this is."""
        return _json(await self.http.post("/api/entry", {"code": code}))

    async def me(self) -> dict[str, Any]:
        """Return who is signed in."""
        return _json(await self.http.get("/api/me"))

    async def sign_out(self) -> None:
        """Sign out."""
        _accept(await self.http.post("/api/sign-out"))

    async def ticket(self) -> str:
        """Return a fresh ticket for one socket."""
        return str(_json(await self.http.post("/api/tickets"))["ticket"])

    async def sealed(self, session: int) -> bytes:
        """Return the sealed paper of a session as MessagePack."""
        return _accept(await self.http.get(f"/api/sessions/{session}/sealed")).body

    async def result(self, session: int) -> dict[str, Any]:
        """Return the own result of a session that is closed."""
        return _json(await self.http.get(f"/api/sessions/{session}/result"))

    def close(self) -> None:
        """Close the connection; the cookie stays."""
        self.http.close()


def _accept(response: Response) -> Response:
    if response.status >= 300:
        raise DoorClosed(response.status, response.error_code)
    return response


def _json(response: Response) -> Any:
    return _accept(response).json()
