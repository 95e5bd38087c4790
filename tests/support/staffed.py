"""A house that runs, with its office's door and staff who are signed in there."""

import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2

from leitai.cli.rehearsal.house import House, housed
from leitai.office.contests import Seat
from leitai.office.session_ports import SessionSettings
from leitai.office.staff import Staff
from leitai.office.staff_ports import StaffChange
from leitai.rules.rights import NO_DELEGATION, read_roles
from leitai.rules.values import DelegationCode, Micros
from tests.support.office import Stores, small_session
from tests.support.stores import furnished_folder
from tests.support.waiting import PATIENCE_S, eventually

PASSWORD = "a good pass phrase"
ITEMS = 4
SECONDS = 600
"""Of every item: longer than any test looks at the first."""
APPEAL_US = Micros(2 * 3600 * 1_000_000)


class Office:
    """The office of a house that runs, and browsers of its staff."""

    def __init__(self, house: House, seats: Sequence[Seat]) -> None:
        self.house = house
        self.seats = seats
        """Of everyone who takes part, with their codes."""
        self._clients: list[httpx2.AsyncClient] = []

    async def account(self, login: str, role: str, delegation: str = NO_DELEGATION) -> httpx2.AsyncClient:
        """A browser in which somebody of that role is signed in."""
        staff = Staff(self.house.parts.office, self.house.parts.settings.server_key)
        change = StaffChange("某人", read_roles([role]), DelegationCode(delegation), disabled=False)
        _, code = await staff.invite("tests", login, change)
        client = httpx2.AsyncClient(
            base_url=self.house.office_url, headers={"Origin": self.house.office_url}, timeout=PATIENCE_S
        )
        self._clients.append(client)
        body = {"login": login, "code": code, "password": PASSWORD}
        assert (await client.post("/api/staff/welcome", json=body)).status_code == 200
        return client

    def keep(self, client: httpx2.AsyncClient) -> None:
        """Close a browser with the others."""
        self._clients.append(client)

    async def contestant(self, seat: Seat) -> httpx2.AsyncClient:
        """A browser in which a contestant is signed in at the contest's door."""
        client = httpx2.AsyncClient(base_url=self.house.url, headers={"Origin": self.house.url}, timeout=PATIENCE_S)
        self._clients.append(client)
        body = {"admission_no": seat.admission_no, "code": seat.code}
        assert (await client.post("/api/sign-in", json=body)).status_code == 200
        return client

    async def close(self) -> None:
        for client in self._clients:
            await client.aclose()


@asynccontextmanager
async def staffed_office(
    *, two_persons: bool = False, appeal_us: Micros = APPEAL_US, together: bool = True
) -> AsyncGenerator[Office]:
    """A session that starts in an hour, with its roles in one process or each in its own. Its items end by command."""
    with furnished_folder() as folder:
        async with housed(Path(folder) / "data", two_persons=two_persons, together=together) as house:
            parts = house.parts
            stores = Stores(parts.database, parts.archive, parts.office, parts.codes, parts.vault)
            start_us = Micros(time.time_ns() // 1000 + 3600 * 1_000_000)
            settings = SessionSettings("试赛", start_us, Micros(start_us - 7200 * 1_000_000), appeal_us=appeal_us)
            created = await small_session(stores, items=ITEMS, settings=settings, seconds=SECONDS)
            # Two rooms in every delegation.
            async with parts.database.connection() as connection:
                await connection.execute(
                    "update sitting set room = case when id % 2 = 0 then '二考场' else '一考场' end"
                )
            async with house.open_doors():
                office = Office(house, created.seats)
                yield office
                await office.close()


async def see(client: httpx2.AsyncClient) -> dict[str, Any]:
    answer = await client.get("/api/staff/console")
    return answer.json() if answer.status_code == 200 else {}


async def seen(client: httpx2.AsyncClient, phase: str) -> dict[str, Any]:
    return await eventually(lambda: see(client), lambda body: body.get("phase") == phase and body["conducted"] is True)
