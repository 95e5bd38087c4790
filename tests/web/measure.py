"""How many requests a core of this machine serves, with fakes behind the doors: `python -m tests.web.measure`.

A server process under uvicorn (uvloop, httptools) as in service; its CPU time is what is told, so that the client's
share and other programs on the machine do not count.
"""

import argparse
import asyncio
import json
import multiprocessing
import resource
import socket
import time
from collections.abc import Awaitable, Callable
from multiprocessing.connection import Connection
from typing import cast

import uvicorn
import uvloop
from starlette.types import Receive, Scope, Send

from leitai.rules.values import SittingId
from leitai.web.app import build_app
from tests.support.doors import BEIJING, CODES, ORIGIN, SESSION, Person, World, settings

Link = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Step = Callable[[int, Link], Awaitable[None]]


def _crowded(contestants: int) -> World:
    world = World()
    for number in range(contestants):
        admission_no = f"{30_000_000 + number}"
        sitting = SittingId(1000 + number)
        world.accounts.people[admission_no] = Person(SESSION, sitting, admission_no, "选手", BEIJING, "北京市代表队")
        CODES[admission_no] = "AB12CD34"
    world.accounts.by_sitting = {one.sitting_id: one for one in world.accounts.people.values()}
    world.session.paper = bytes(50_000)
    return world


def _serve(listener: socket.socket, contestants: int, talk: Connection) -> None:
    app = build_app(_crowded(contestants).doors(), settings())

    async def beside_a_floor(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] != "/floor":
            await app(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"{}"})

    config = uvicorn.Config(
        beside_a_floor, loop="uvloop", http="httptools", access_log=False, log_level="warning", lifespan="off"
    )
    server = uvicorn.Server(config)

    async def tell() -> None:
        loop = asyncio.get_running_loop()
        while await loop.run_in_executor(None, talk.recv) == "cpu":
            usage = resource.getrusage(resource.RUSAGE_SELF)
            talk.send(usage.ru_utime + usage.ru_stime)
        server.should_exit = True

    async def main() -> None:
        await asyncio.gather(server.serve(sockets=[listener]), tell())

    uvloop.run(main())


async def _exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> bytes:
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(head.decode("latin-1"))
    length = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
    await reader.readexactly(int(length.split(b":")[1]))
    return head


def _post(path: str, body: object, cookie: str = "") -> bytes:
    content = json.dumps(body).encode()
    return (
        f"POST {path} HTTP/1.1\r\nHost: contest.example\r\nOrigin: {ORIGIN}\r\nContent-Type: application/json\r\n"
        f"Accept-Language: zh-CN,zh;q=0.9\r\n{cookie}Content-Length: {len(content)}\r\n\r\n"
    ).encode() + content


async def _load(address: tuple[str, int], contestants: int, talk: Connection) -> None:
    def cpu() -> float:
        talk.send("cpu")
        return talk.recv()

    links = [await asyncio.open_connection(*address) for _ in range(min(contestants, 400))]
    cookies: list[str] = [""] * contestants

    async def sign_in(number: int, link: Link) -> None:
        request = _post("/api/sign-in", {"admission_no": f"{30_000_000 + number}", "code": "ab12-cd34"})
        head = await _exchange(*link, request)
        value = head.split(b"leitai_sid=")[1].split(b";")[0].decode()
        cookies[number] = f"Cookie: leitai_sid={value}\r\n"

    async def ticket(number: int, link: Link) -> None:
        await _exchange(*link, _post("/api/tickets", {}, cookies[number]))

    def get(path: str) -> Step:
        async def one(number: int, link: Link) -> None:
            head = f"GET {path} HTTP/1.1\r\nHost: contest.example\r\n{cookies[number]}\r\n"
            await _exchange(*link, head.encode())

        return one

    async def run(step: Step, lane: int) -> None:
        for number in range(lane, contestants, len(links)):
            await step(number, links[lane])

    steps = {
        "bare ASGI": get("/floor"),
        "sign-in": sign_in,
        "tickets": ticket,
        "sealed (50 kB)": get(f"/api/sessions/{SESSION}/sealed"),
        "board page": get(f"/api/sessions/{SESSION}/boards/individuals"),
        "healthz": get("/healthz"),
    }
    for name, step in steps.items():
        begun, cpu_begun = time.perf_counter(), cpu()

        await asyncio.gather(*(run(step, lane) for lane in range(len(links))))
        took, burnt = time.perf_counter() - begun, cpu() - cpu_begun
        print(
            f"{name:>15}: {contestants / burnt:8,.0f} per core and second ({burnt / contestants * 1e6:4.0f} µs), "
            f"{contestants} in {took:.2f} s"
        )
    for _, writer in links:
        writer.close()


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contestants", type=int, default=8000)
    contestants: int = parser.parse_args().contestants
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    pipe = multiprocessing.Pipe()
    ours, theirs = cast("tuple[Connection, Connection]", pipe)
    context = multiprocessing.get_context("fork")
    server = context.Process(target=_serve, args=(listener, contestants, theirs))
    server.start()
    try:
        uvloop.run(_load(listener.getsockname(), contestants, ours))
        ours.send("stop")
        server.join(10)
    finally:
        server.kill()


if __name__ == "__main__":
    main()
