"""A province's house in a process of its own, beside the nation's on the same stores, and its office's people."""

import os
import socket
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from leitai.office.staff import Staff
from leitai.office.staff_ports import StaffChange
from leitai.rules.rights import Role
from leitai.rules.values import DelegationCode
from tests.support.office import SERVER_KEY, Stores, stores_at
from tests.support.serving import Process
from tests.support.staff_doors import CHEAP, PASSWORD
from tests.support.waiting import PATIENCE_S

HEBEI, BEIJING = "130000", "110000"
ROLES = "gateway,director,recorder,office"


def environment(dsn: str, valkey_url: str, owner: str = "") -> dict[str, str]:
    """What a process is told to serve the nation or a province."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return {
        "LEITAI_VALKEY_URL": valkey_url,
        "LEITAI_DATABASE_URL": dsn,
        "LEITAI_SECRET_KEY": SERVER_KEY.hex(),
        "LEITAI_OWNER": owner,
        "LEITAI_TWO_PERSONS": "false",
        "LEITAI_OFFICE_LISTEN": f"127.0.0.1:{port}",
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }


@dataclass
class House:
    """A province's house that runs."""

    owner: str
    process: Process
    office_url: str
    stores: Stores
    clients: list[httpx2.AsyncClient] = field(default_factory=list[httpx2.AsyncClient])

    @property
    def url(self) -> str:
        """Where contestants and whoever registers come."""
        return self.process.url

    def anybody(self, url: str = "") -> httpx2.AsyncClient:
        """A browser."""
        url = url or self.url
        client = httpx2.AsyncClient(base_url=url, headers={"Origin": url}, timeout=PATIENCE_S)
        self.clients.append(client)
        return client

    async def leader(self, login: str) -> httpx2.AsyncClient:
        """Somebody of the province's office, signed in."""
        staff = Staff(self.stores.office, SERVER_KEY, CHEAP)
        change = StaffChange(login, frozenset({Role.TEAM_LEADER}), DelegationCode(self.owner), disabled=False)
        _, code = await staff.invite("tests", login, change)
        client = self.anybody(self.office_url)
        answer = await client.post("/api/staff/welcome", json={"login": login, "code": code, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        return client


@asynccontextmanager
async def house_of(owner: str, dsn: str, valkey_url: str, folder: Path) -> AsyncGenerator[House]:
    """A province's house for the time of the block; nothing of the province's is there yet."""
    told = environment(dsn, valkey_url, owner)
    async with stores_at(dsn, owner=owner) as stores:
        process = Process(told, ROLES, folder)
        house = House(owner, process, f"http://{told['LEITAI_OFFICE_LISTEN']}", stores)
        try:
            yield house
        finally:
            for client in house.clients:
                await client.aclose()
            process.stop()


def said(answer: httpx2.Response) -> tuple[int, str]:
    """The status of an answer, and the code of what was refused."""
    return answer.status_code, answer.json()["error"]["code"] if answer.status_code >= 400 else ""


async def done(answer: httpx2.Response) -> Any:
    """The body of an answer that is none of an error."""
    assert answer.status_code < 300, (answer.request.url, answer.text)
    return answer.json() if answer.content else None


async def sealed_paper(setter: httpx2.AsyncClient, others: Sequence[httpx2.AsyncClient], title: str, body: Any) -> int:
    """Assemble a paper, have it approved by two others, and seal it."""
    paper: int = (await done(await setter.post("/api/staff/papers", json={"title": title, "body": body})))["paper"]
    door = f"/api/staff/papers/{paper}/acts"
    await done(await setter.post(door, json={"act": "submit", "edition": 1}))
    for other in others:
        await done(await other.post(door, json={"act": "approve", "edition": 1}))
    await done(await setter.post(door, json={"act": "seal", "edition": 1}))
    return paper
