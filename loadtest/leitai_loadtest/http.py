"""A small HTTP/1.1 client for asyncio: one kept-alive connection, a cookie, little work per request.

It knows what the contest's HTTP needs (Content-Length and chunked bodies, one cookie jar per person) and no more.
"""

import asyncio
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

TIMEOUT_S = 15.0


class HttpFailed(Exception):
    """No answer: refused, cut off, timed out, or not HTTP."""


@dataclass(frozen=True, slots=True)
class Response:
    """An answer; header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body as JSON values."""
        return json.loads(self.body)

    @property
    def error_code(self) -> str:
        """Return the stable code of an error body, or an empty text."""
        try:
            return str(self.json()["error"]["code"])
        except (ValueError, KeyError, TypeError):
            return ""


class HttpSession:
    """One person's requests: a connection kept alive, opened anew when it was lost, and that person's cookies."""

    def __init__(self, url: str, *, origin: str = "", language: str = "", timeout_s: float = TIMEOUT_S) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or "127.0.0.1"
        self._port = parts.port or 80
        self._head = f"Host: {parts.netloc}\r\n"
        if origin:
            self._head += f"Origin: {origin}\r\n"
        if language:
            self._head += f"Accept-Language: {language}\r\n"
        self._timeout_s = timeout_s
        self._connection: _Connection | None = None
        self.cookies: dict[str, str] = {}

    async def get(self, path: str, **headers: str) -> Response:
        """Request `path`; keyword names are header names with `_` for `-`."""
        return await self._request("GET", path, b"", headers)

    async def post(self, path: str, value: Any = None, **headers: str) -> Response:
        """Post `value` as JSON to `path`."""
        body = json.dumps({} if value is None else value).encode()
        return await self._request("POST", path, body, {"Content_Type": "application/json", **headers})

    async def send(self, path: str, data: bytes, media: str = "application/octet-stream") -> Response:
        """Post a file's bytes to `path`."""
        return await self._request("POST", path, data, {"Content_Type": media})

    def close(self) -> None:
        """Close the connection; a later request opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    async def _request(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Response:
        head = f"{method} {path} HTTP/1.1\r\n{self._head}"
        if self.cookies:
            head += "Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items()) + "\r\n"
        if body:
            head += f"Content-Length: {len(body)}\r\n"
        for name, value in headers.items():
            head += f"{name.replace('_', '-')}: {value}\r\n"
        raw = head.encode() + b"\r\n" + body
        kept = self._connection is not None and self._connection.usable
        try:
            response = await self._exchange(raw)
        except HttpFailed:
            if not kept:
                raise
            response = await self._exchange(raw)
        self._keep_cookies(response)
        return response

    async def _exchange(self, raw: bytes) -> Response:
        connection = self._connection
        if connection is None or not connection.usable:
            loop = asyncio.get_running_loop()
            try:
                async with asyncio.timeout(TIMEOUT_S):
                    _, connection = await loop.create_connection(_Connection, self._host, self._port)
            except (OSError, TimeoutError) as error:
                raise HttpFailed(str(error)) from error
            self._connection = connection
        return await connection.exchange(raw, self._timeout_s)

    def _keep_cookies(self, response: Response) -> None:
        for cookie in response.headers.get("set-cookie", "").split("\n"):
            name, separator, rest = cookie.partition("=")
            if separator:
                value = rest.split(";", 1)[0]
                if value.strip('"'):
                    self.cookies[name.strip()] = value
                else:
                    self.cookies.pop(name.strip(), None)


class _Connection(asyncio.Protocol):
    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._waiter: asyncio.Future[Response] | None = None
        self.usable = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport) or hasattr(transport, "write")
        self._transport = transport  # pyright: ignore[reportAttributeAccessIssue]
        self.usable = True

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        try:
            response = _parse(self._buffer)
        except (ValueError, IndexError) as error:
            self._fail(f"not HTTP: {error}")
            return
        if response is None:
            return
        self._buffer.clear()
        if response.headers.get("connection", "").lower() == "close":
            self.close()
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(response)

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(str(exc or "closed by the server"))

    async def exchange(self, raw: bytes, timeout_s: float) -> Response:
        """Send one request and wait for its answer; one at a time."""
        assert self._waiter is None
        assert self._transport is not None
        loop = asyncio.get_running_loop()
        self._waiter = waiter = loop.create_future()
        timer = loop.call_later(timeout_s, self._fail, "timed out")
        self._transport.write(raw)
        try:
            return await waiter
        except asyncio.CancelledError:
            self.close()
            raise
        finally:
            timer.cancel()

    def close(self) -> None:
        self.usable = False
        if self._transport is not None:
            self._transport.close()

    def _fail(self, reason: str) -> None:
        self.close()
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_exception(HttpFailed(reason))


def _parse(buffer: bytearray) -> Response | None:
    """Return the response that `buffer` holds, or None while it is incomplete."""
    end = buffer.find(b"\r\n\r\n")
    if end < 0:
        return None
    lines = buffer[:end].decode("latin-1").split("\r\n")
    status = int(lines[0].split(" ", 2)[1])
    headers: dict[str, str] = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        name = name.lower()
        value = value.strip()
        headers[name] = f"{headers[name]}\n{value}" if name in headers else value
    start = end + 4
    if headers.get("transfer-encoding", "").lower() == "chunked":
        body = _chunks(buffer, start)
        return None if body is None else Response(status, headers, body)
    length = 0 if status in (204, 304) else int(headers.get("content-length", "0"))
    if len(buffer) < start + length:
        return None
    return Response(status, headers, bytes(buffer[start : start + length]))


def _chunks(buffer: bytearray, start: int) -> bytes | None:
    body = bytearray()
    while True:
        end = buffer.find(b"\r\n", start)
        if end < 0:
            return None
        size = int(buffer[start:end].split(b";")[0], 16)
        start = end + 2
        if len(buffer) < start + size + 2:
            return None
        if size == 0:
            return bytes(body)
        body += buffer[start : start + size]
        start += size + 2
