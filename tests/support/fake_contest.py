"""A contest in memory that keeps docs/wire.md as far as a client sees it: what the load test's own tests run against.

Nothing here is fast, durable or shared with the server's own code but the messages' types.
"""

import asyncio
import hashlib
import secrets
import socket
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from leitai.wire import messages as m
from leitai.wire.codec import decode_client, encode

SESSION = 7
TYPES = ("single", "multiple", "indeterminate", "true_false", "fill_in", "short_answer", "case")
BLANKS = {"fill_in": 2, "short_answer": 1, "case": 2}
CODE = "a-code"


def now_us() -> int:
    """Return the fake contest's clock."""
    return time.time_ns() // 1000


class FakeContest:
    """Contestants `A1`, `A2`, …, all with the code `CODE`; items open one by one, or together when paper-paced."""

    def __init__(self, contestants: int, items: int, seconds: float, *, pacing: str = "streamed") -> None:
        self.url = ""
        self.contestants = contestants
        self.items = items
        self.seconds = seconds
        self.pacing = pacing
        self.phase = "lobby"
        self.start_us = 0
        self.windows: list[m.ItemWindow] = []
        self.feed: list[bytes] = []
        self.tickets: dict[str, int] = {}
        self.sockets: dict[WebSocket, int] = {}
        self.recorded: dict[tuple[int, int], m.ServerAck] = {}
        """The acknowledgement of each (sitting, seq)."""
        self.responses: dict[tuple[int, int], list[str]] = {}
        self.checked_in: set[int] = set()
        self.everyone_checked_in = asyncio.Event()
        self.hellos: list[m.ClientHello] = []
        self.swallow_acks = 0
        """So many of the next acknowledgements are recorded but never sent."""
        self.keys = {item: secrets.token_bytes(32) for item in range(1, items + 1)}
        self.paper = encode(
            m.SealedPaper(SESSION, pacing, [self._seal(item) for item in range(1, items + 1)]),
        )

    async def play(self, *, gap_s: float = 0.05) -> None:
        """Run the whole contest from the lobby until it is closed."""
        first = now_us() + 100_000
        step = 0 if self.pacing == "paper" else round((self.seconds + gap_s) * 1e6)
        self.start_us = first
        self.windows = [
            m.ItemWindow(item, first + step * (item - 1), first + step * (item - 1) + round(self.seconds * 1e6))
            for item in range(1, self.items + 1)
        ]
        await self.tell(m.ServerTimeline(len(self.feed) + 1, 1, self.windows))
        self.phase = "running"
        await self.tell(m.ServerPhase(len(self.feed) + 1, "running", first))
        for window in self.windows:
            await asyncio.sleep(max(0.0, (window.opens_at_us - now_us()) / 1e6))
            await self.broadcast(encode(m.ServerOpen(window.item, self.keys[window.item])))
        await asyncio.sleep(max(0.0, (self.windows[-1].closes_at_us - now_us()) / 1e6))
        self.phase = "closed"
        await self.tell(m.ServerPhase(len(self.feed) + 1, "closed", first))

    async def tell(self, entry: Any) -> None:
        """Add an entry to the feed and send it to everyone."""
        self.feed.append(encode(entry))
        await self.broadcast(self.feed[-1])

    async def broadcast(self, frame: bytes) -> None:
        """Send a frame to every socket."""
        for peer in list(self.sockets):
            await self._send(peer, frame)

    async def cut(self, code: int = 1012) -> None:
        """Close every socket."""
        for peer in list(self.sockets):
            self.sockets.pop(peer, None)
            await peer.close(code)

    @asynccontextmanager
    async def served(self) -> AsyncGenerator["FakeContest"]:
        """Serve on a free port of the loopback until the block ends."""
        listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        routes = [
            Route("/api/contest", self._contest),
            Route("/api/sign-in", self._sign_in, methods=["POST"]),
            Route("/api/tickets", self._ticket, methods=["POST"]),
            Route(f"/api/sessions/{SESSION}/sealed", self._sealed),
            WebSocketRoute("/live", self._live),
            WebSocketRoute("/live/board", self._live),
        ]
        config = uvicorn.Config(
            Starlette(routes=routes),
            ws="websockets-sansio",
            log_level="critical",
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield self
        finally:
            server.should_exit = True
            await task

    async def _contest(self, _: Request) -> Response:
        session = {
            "id": SESSION,
            "pacing": self.pacing,
            "phase": self.phase,
            "start_us": self.start_us,
            "items": self.items,
            "contestants": self.contestants,
        }
        return JSONResponse({"contest": {"id": 1}, "session": session, "delegations": [], "server_us": now_us()})

    async def _sign_in(self, request: Request) -> Response:
        asked = await request.json()
        if asked["code"] != CODE:
            return JSONResponse({"error": {"code": "wrong-credentials", "message": "", "retry": False}}, 401)
        sitting = int(asked["admission_no"][1:])
        response = JSONResponse({"session": SESSION, "sitting": sitting, "admission_no": asked["admission_no"]})
        response.set_cookie("leitai", str(sitting), httponly=True)
        return response

    async def _ticket(self, request: Request) -> Response:
        if "leitai" not in request.cookies:
            return JSONResponse({"error": {"code": "not-signed-in", "message": "", "retry": False}}, 401)
        ticket = secrets.token_urlsafe(12)
        self.tickets[ticket] = int(request.cookies["leitai"])
        return JSONResponse({"ticket": ticket, "expires_in_s": 30})

    async def _sealed(self, _: Request) -> Response:
        return Response(self.paper, media_type="application/msgpack")

    async def _live(self, peer: WebSocket) -> None:
        await peer.accept(subprotocol=m.SUBPROTOCOL)
        try:
            hello = decode_client(await peer.receive_bytes())
            assert isinstance(hello, m.ClientHello)
            await self._hello(peer, hello)
            while True:
                await self._heard(peer, decode_client(await peer.receive_bytes()))
        except WebSocketDisconnect:
            pass
        finally:
            self.sockets.pop(peer, None)

    async def _hello(self, peer: WebSocket, hello: m.ClientHello) -> None:
        sitting = self.tickets.pop(hello.ticket, 0)
        if not sitting and hello.session != SESSION:
            await peer.close(4004)
            return
        self.hellos.append(hello)
        recovered = hello.epoch == "e1"
        offset = len(self.feed)
        await self._send(
            peer, encode(m.ServerWelcome(SESSION, sitting, "e1", offset, recovered, now_us(), bytes(16), 20))
        )
        if recovered:
            for frame in self.feed[hello.offset : offset]:
                await self._send(peer, frame)
        else:
            await self._send(peer, encode(m.ServerSnapshot(offset, self.phase, self.start_us, 1, self.windows)))
        self.sockets[peer] = sitting
        for answered in hello.unacked:
            await self._answer(peer, sitting, answered.item, answered.seq, answered.response)
        for window in self.windows:
            if window.opens_at_us <= now_us() < window.closes_at_us:
                await self._send(peer, encode(m.ServerOpen(window.item, self.keys[window.item])))

    async def _heard(self, peer: WebSocket, message: Any) -> None:
        sitting = self.sockets.get(peer, 0)
        match message:
            case m.ClientProbe(id=number):
                await self._send(peer, encode(m.ServerClock(number, now_us())))
            case m.ClientCheckIn():
                self.checked_in.add(sitting)
                if len(self.checked_in) == self.contestants:
                    self.everyone_checked_in.set()
                await self._send(peer, encode(m.ServerCheckedIn(now_us())))
            case m.ClientAnswer(item=item, seq=seq, response=response):
                await self._answer(peer, sitting, item, seq, response)
            case m.ClientWatch(view=view, page=page, delegation=delegation):
                await self._send(peer, encode(m.ServerBoard(view, page, delegation, 1, 1, 0, False, [])))
            case _:
                await self._send(peer, encode(m.ServerError("frame-invalid", "")))

    async def _answer(self, peer: WebSocket, sitting: int, item: int, seq: int, response: list[str]) -> None:
        stamp = now_us()
        known = self.recorded.get((sitting, seq))
        if known is None:
            window = next((window for window in self.windows if window.item == item), None)
            in_time = window is not None and window.opens_at_us <= stamp < window.closes_at_us
            status = m.AckStatus.ACCEPTED if in_time else m.AckStatus.LATE
            ack = m.ServerAck(item, seq, status, stamp, 1, len(self.recorded) + 1, secrets.token_bytes(16))
            self.recorded[sitting, seq] = ack
            self.responses[sitting, seq] = response
        else:
            ack = m.ServerAck(
                known.item, seq, known.status, known.stamp_us, known.elapsed_us, known.offset, known.receipt, True
            )
        if self.swallow_acks:
            self.swallow_acks -= 1
            return
        await self._send(peer, encode(ack))

    async def _send(self, peer: WebSocket, frame: bytes) -> None:
        try:
            await peer.send_bytes(frame)
        except (RuntimeError, WebSocketDisconnect):
            self.sockets.pop(peer, None)

    def _seal(self, item: int) -> m.SealedItem:
        kind = TYPES[(item - 1) % len(TYPES)]
        letters = "ABCD" if kind in ("single", "multiple", "indeterminate") else ""
        options = [m.ItemOption(letter, f"选项 {letter}") for letter in letters]
        parts = ["第一问", "第二问"] if kind == "case" else []
        plaintext = encode(m.ItemContent(kind, f"第 {item} 题", options, BLANKS.get(kind, 0), 100, parts))
        nonce = secrets.token_bytes(12)
        key = self.keys[item]
        sealed = nonce + AESGCM(key).encrypt(nonce, plaintext, f"leitai:{SESSION}:{item}".encode())
        return m.SealedItem(item, round(self.seconds), sealed, hashlib.sha256(key + plaintext).digest())
