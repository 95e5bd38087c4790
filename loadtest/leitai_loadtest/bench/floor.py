"""Drives the floor with the crowd's own tempers: as many connections, the same pacing, no protocol."""

import asyncio
import json
import sys
from dataclasses import dataclass
from random import Random
from time import monotonic
from typing import Any, cast

from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from leitai_loadtest.answering import plan_streamed, temper
from leitai_loadtest.bench.floor_server import OPENING
from leitai_loadtest.crowd import SETTLE_S
from leitai_loadtest.figures import milliseconds, percentile
from leitai_loadtest.scene import allow_many_files

ANSWER = b"a" * 56
CONTENT = {"type": "true_false", "stem": "", "options": [], "blanks": 0}
CONNECTING_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Floor:
    """What the bare responder spent and took."""

    answers: int
    cpu_us_per_answer: float
    rss_kib_per_connection: float
    ack_ms_p50: float
    ack_ms_p99: float
    open_spread_ms_p99: float


class _Runner(WSListener):
    def __init__(self, bout: "_Bout", seat: int) -> None:
        super().__init__()
        self._bout = bout
        self.random = Random(seat)
        self.temper = temper(self.random)
        self.transport: WSTransport | None = None
        self._sent_s = 0.0

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        now = monotonic()
        if frame.get_payload_as_bytes() == OPENING:
            self._bout.arrived(self, now)
        else:
            self._bout.latencies.append(now - self._sent_s)

    def answer(self) -> None:
        self._sent_s = monotonic()
        if self.transport is not None:
            self.transport.send(WSMsgType.BINARY, ANSWER)


class _Bout:
    def __init__(self, seconds: float, *, burst: bool) -> None:
        self.seconds = seconds
        self.burst = burst
        self.latencies: list[float] = []
        self.spreads: list[float] = []
        self._waiting: list[_Runner] = []
        self._first_s = 0.0
        self._last_s = 0.0

    def arrived(self, runner: _Runner, now: float) -> None:
        if not self._waiting:
            self._first_s = now
            asyncio.get_running_loop().call_later(SETTLE_S, self._settle)
        self._last_s = now
        self._waiting.append(runner)

    def _settle(self) -> None:
        self.spreads.append(self._last_s - self._first_s)
        waiting, self._waiting = self._waiting, []
        loop = asyncio.get_running_loop()
        for runner in waiting:
            if self.burst:
                runner.answer()
            else:
                for move in plan_streamed(CONTENT, 0, runner.temper, runner.random, self.seconds - SETTLE_S):
                    loop.call_later(move.after_s, runner.answer)


async def measure(contestants: int, items: int, seconds: float, *, burst: bool) -> Floor:
    """Run the floor in a process of its own and return its figures."""
    allow_many_files()
    server = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "leitai_loadtest.bench.floor_server",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert server.stdin is not None
    assert server.stdout is not None
    stdin, stdout = server.stdin, server.stdout

    async def ask(word: str) -> dict[str, Any]:
        stdin.write(f"{word}\n".encode())
        return json.loads(await stdout.readline())

    try:
        url = f"ws://127.0.0.1:{json.loads(await stdout.readline())['port']}/"
        bout = _Bout(seconds, burst=burst)
        before = await ask("figures")
        runners = await _connect(url, bout, contestants)
        connected = await ask("figures")
        for _ in range(items):
            stdin.write(b"open\n")
            await asyncio.sleep(seconds)
        await asyncio.sleep(0.2)
        after = await ask("figures")
        for runner in runners:
            if runner.transport is not None:
                runner.transport.disconnect()
    finally:
        stdin.close()
        await server.wait()
    answers = len(bout.latencies)
    return Floor(
        answers=answers,
        cpu_us_per_answer=round((after["cpu_s"] - connected["cpu_s"]) * 1e6 / max(1, answers), 2),
        rss_kib_per_connection=round((connected["rss_kib"] - before["rss_kib"]) / max(1, connected["connections"]), 2),
        ack_ms_p50=milliseconds(percentile(bout.latencies, 0.5)),
        ack_ms_p99=milliseconds(percentile(bout.latencies, 0.99)),
        open_spread_ms_p99=milliseconds(percentile(bout.spreads, 0.99)),
    )


async def _connect(url: str, bout: _Bout, contestants: int) -> list[_Runner]:
    gate = asyncio.Semaphore(CONNECTING_AT_ONCE)

    async def one(seat: int) -> _Runner:
        async with gate:
            _, listener = await ws_connect(lambda: _Runner(bout, seat), url, read_buffer_init_size=2048)
            return cast("_Runner", listener)

    return list(await asyncio.gather(*(one(seat) for seat in range(contestants))))
