"""A server that tells what a test sets, as `/api/air` does: for pictures that no real contest shows on demand."""

import asyncio
import contextlib
import copy
import json
import re
import socket
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from leitai.web.doors import WebSettings
from leitai.web.pages import Pages
from leitai.web.security import Doorkeeper
from leitai.web.staff import PAGES

TOKEN = "a-token-that-reads"
_SCHEMA = Path(__file__).parents[2] / "schema/sql/0001_contest.sql"
DELEGATIONS = re.findall(r"\('(\d{6})', '([^']+)', '([^']+)'\)", _SCHEMA.read_text("utf-8"))
LONG_NAME = "阿卜杜热合曼·买买提伊敏·吐尔逊"
HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "</div><svg/onload=alert(1)>",
    "javascript:alert(1)",
    "{{constructor.constructor('alert(1)')()}}",
    '"><iframe srcdoc="<script>parent.alert(1)</script>">',
    "\u202e倒写\u2066的名字",
    "&lt;b&gt;实体&lt;/b&gt;",
    "Z̸̡̢̛̪͓͍͈̙̞̈́̓̐̕͝a̷l̶g̵o̸",
)
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN = ("伟", "秀英", "强", "桂兰", "建华", "志明", "小红", "海燕", "国庆", "丽娜")


def air_body(*, now_us: int | None = None) -> dict[str, Any]:
    """A contest in its twelfth item: 32 delegations, fifty leaders, an open item."""
    now = now_us or time.time_ns() // 1000
    delegations = [{"code": code, "name": name, "short": short} for code, name, short in DELEGATIONS]
    codes = [one["code"] for one in delegations]
    people = [person(index, codes[index * 7 % len(codes)]) for index in range(50)]
    teams: list[dict[str, Any]] = [
        {
            "rank": index + 1,
            "before": max(1, index + 1 + (index % 5 - 2)),
            "delegation": codes[index * 5 % len(codes)],
            "centipoints": 52_350 - index * 425,
            "elapsed_ms": 7_812_345 + index * 60_123,
            "best": person(index, codes[0])["name"],
        }
        for index in range(len(codes))
    ]
    return {
        "server_us": now,
        "session": 7,
        "contest": "全国人社知识竞赛",
        "title": "全国人社知识竞赛 · 总决赛",
        "phase": "running",
        "start_us": now - 240_000_000,
        "ends_at_us": now + 1_360_000_000,
        "frozen": False,
        "version": 12,
        "delegations": delegations,
        "total": 1600,
        "individuals": people,
        "teams": teams,
        "province": {"delegation": codes[0], "rows": [person(index, codes[0]) for index in range(50)]},
        "item": {
            "item": 12,
            "of": 80,
            "type": "single",
            "stem": "用人单位自用工之日起超过一个月不满一年未与劳动者订立书面劳动合同的，应当每月支付几倍的工资？",
            "options": [
                {"id": "A", "text": "一倍"},
                {"id": "B", "text": "一点五倍"},
                {"id": "C", "text": "二倍"},
                {"id": "D", "text": "三倍"},
            ],
            "seconds": 20,
            "opens_at_us": now - 6_000_000,
            "closes_at_us": now + 14_000_000,
            "state": "open",
            "answered": 1203,
            "total": 1600,
            "distribution": None,
            "key": None,
        },
        "ticker": [
            {"id": "d1", "at_us": now - 2_000_000, "text": "总决赛正在进行，32 支代表队、1600 名选手同场竞答"},
            {"id": "a2", "at_us": now - 1_000_000, "text": "第 12 题开放作答"},
        ],
        "program": {"edition": 1, "on": None, "preview": None},
        "reveal": None,
    }


def closed(body: dict[str, Any]) -> dict[str, Any]:
    """The body after its item has closed."""
    body = copy.deepcopy(body)
    counts = [{"id": "A", "count": 102}, {"id": "B", "count": 51}, {"id": "C", "count": 1340}, {"id": "D", "count": 60}]
    body["item"] |= {"state": "closed", "answered": 1553, "distribution": counts, "key": ["C"]}
    return body


def revealed(body: dict[str, Any]) -> dict[str, Any]:
    """The body in the middle of a reveal, with an award called out."""
    body = copy.deepcopy(body)
    names = {one["code"]: one["name"] for one in body["delegations"]}
    rows = [
        {
            "rank": team["rank"],
            "name": names[team["delegation"]],
            "delegation": team["delegation"],
            "centipoints": team["centipoints"],
            "elapsed_ms": team["elapsed_ms"],
            "awards": ["team_first"] if team["rank"] <= 6 else ["team_second"],
        }
        for team in body["teams"][4:]
    ]
    holders = [{"name": row["name"], "delegation": row["delegation"]} for row in rows[:2]]
    body["reveal"] = {
        "group": "delegations",
        "delegation": "",
        "of": 32,
        "shown": 28,
        "title": "团体名次",
        "rows": rows,
        "call_out": {"award": "team_first", "holders": holders},
    }
    return body


def person(index: int, delegation: str) -> dict[str, Any]:
    """A row of an individual; the third has a very long name."""
    name = _SURNAMES[index % len(_SURNAMES)] + _GIVEN[index * 3 % len(_GIVEN)]
    return {
        "key": 100 + index,
        "rank": index + 1,
        "before": max(1, index + 1 + (index % 4 - 1) * 2),
        "name": LONG_NAME if index == 2 else name,
        "delegation": delegation,
        "centipoints": 1150 - index * 10,
        "elapsed_ms": 48_123 + index * 777,
    }


class FakeAir:
    """What is on air in a test. `tell` changes it for everyone who listens."""

    def __init__(self, body: dict[str, Any]) -> None:
        self.body = body
        self.refused = False
        self.streams = 0
        self._edition = 0
        self._closing = False
        self._changed = asyncio.Condition()

    async def tell(self, body: dict[str, Any] | None = None, **members: Any) -> None:
        """Tell another body, or the same with other members."""
        self.body = {**(body or self.body), **members}
        async with self._changed:
            self._edition += 1
            self._changed.notify_all()

    async def take(self, name: str, **params: Any) -> None:
        """What the director takes on air; an empty name clears the channel."""
        on = {"name": name, "params": params} if name else None
        edition = self.body["program"]["edition"] + 1
        await self.tell(program={**self.body["program"], "edition": edition, "on": on})

    async def close(self, *, refused: bool = False) -> None:
        """End all streams; with `refused` nobody gets a new one."""
        self.refused = refused
        self._closing = True
        async with self._changed:
            self._changed.notify_all()
            await self._changed.wait_for(lambda: self.streams == 0)
        self._closing = False

    def app(self, url: str, client: Path) -> Starlette:
        """The office's pages, and this air."""
        app = Starlette(
            routes=[Route("/api/air", self._once), Route("/api/air/stream", self._stream)],
            middleware=[Middleware(Doorkeeper, settings=WebSettings(origins=frozenset((url,)), client=client))],
        )
        app.router.redirect_slashes = False
        app.router.default = Pages(client, PAGES)
        return app

    def _may(self, request: Request) -> bool:
        return request.query_params.get("token") == TOKEN and not self.refused

    def _now(self) -> dict[str, Any]:
        return {**self.body, "server_us": time.time_ns() // 1000}

    async def _once(self, request: Request) -> Response:
        if not self._may(request):
            return JSONResponse({"error": "token-revoked"}, 403, _KEPT_NOWHERE)
        return JSONResponse(self._now(), 200, _KEPT_NOWHERE)

    async def _stream(self, request: Request) -> Response:
        if not self._may(request):
            return JSONResponse({"error": "token-revoked"}, 403, _KEPT_NOWHERE)
        changes = request.query_params.get("changes") == "1"
        return StreamingResponse(self._events(changes=changes), 200, _KEPT_NOWHERE, "text/event-stream")

    async def _events(self, *, changes: bool) -> AsyncGenerator[bytes]:
        self.streams += 1
        try:
            told, held = -1, dict[str, Any]()
            while not self._closing:
                if told != self._edition:
                    told, now = self._edition, self._now()
                    moved = {name: now[name] for name in now if not changes or now[name] != held.get(name, ...)}
                    held = now
                    yield b"data: " + json.dumps(moved, ensure_ascii=False).encode() + b"\n\n"
                async with self._changed:
                    if told == self._edition and not self._closing:
                        await self._changed.wait()
        finally:
            self.streams -= 1
            async with self._changed:
                self._changed.notify_all()


_KEPT_NOWHERE = {"Cache-Control": "no-store"}


@asynccontextmanager
async def on_air(client: Path, body: dict[str, Any] | None = None) -> AsyncGenerator[tuple[FakeAir, str]]:
    """An air and the address of its server."""
    air = FakeAir(body or air_body())
    async with serving(lambda url: air.app(url, client)) as url:
        try:
            yield air, url
        finally:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(air.close(refused=True), 5)


@asynccontextmanager
async def serving(app: Callable[[str], Starlette]) -> AsyncGenerator[str]:
    """The address of a server of the app that `app` makes for it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = uvicorn.Config(app(url), log_level="critical", lifespan="off", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield url
        finally:
            server.should_exit = True
            await task
