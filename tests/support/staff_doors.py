"""The staff's application over real stores, and a browser for whoever comes: nothing of a session is under way."""

import secrets
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import argon2
import httpx2

from leitai.config import Settings
from leitai.live.clock import ContestClock
from leitai.live.ports import SessionFile
from leitai.live.recollection import Recollection
from leitai.office.accounts import AccessCodes
from leitai.office.blinding import Blinding
from leitai.office.broadcast import Broadcast
from leitai.office.identity_ports import SignOn
from leitai.office.judging import Desk
from leitai.office.reveals import Reveals
from leitai.office.scheduling import Scheduling
from leitai.office.second_factor import SecondFactor
from leitai.office.seconding import Seconding
from leitai.office.staff import Staff
from leitai.office.staff_ports import StaffChange
from leitai.office.words import Words
from leitai.office_parts import office_parts
from leitai.roles.item_media import ItemBytes
from leitai.rules.adjustments import NONE
from leitai.rules.rights import read_roles
from leitai.rules.values import DelegationCode, SessionId, SittingId
from leitai.stores.postgres.factor_store import PostgresFactors
from leitai.stores.postgres.media_store import PostgresMedia
from leitai.stores.valkey.accept import ValkeyLedger
from leitai.stores.valkey.connection import open_store
from leitai.stores.valkey.pipe import Pipe
from leitai.stores.valkey.session import ValkeySession
from leitai.stores.valkey.sign_in_flows import ValkeySignInFlows
from leitai.stores.valkey.staff_sessions import ValkeyStaffSessions
from leitai.stores.valkey.tickets import ValkeyTickets
from leitai.web.air import Air
from leitai.web.broadcast import AirDoors
from leitai.web.console import ConsoleDoors
from leitai.web.doors import NotYet
from leitai.web.entrance import Identity
from leitai.web.feed import Feed
from leitai.web.judged import Judged
from leitai.web.judging import JudgingDoors
from leitai.web.reveal import RevealDoors
from leitai.web.staff import StaffDoors, build_staff_app
from tests.support.doors import ORIGIN, settings
from tests.support.office import NOWHERE, SERVER_KEY, Stores, stores_at

PASSWORD = "correct horse 电池"
CHEAP = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Ready:
    """Nothing is missing."""

    async def check(self) -> list[str]:
        return []


class Nothing:
    """No session to watch."""

    sight = None
    commanded = None
    adjustments = NONE
    reveal_store = None


async def never_awarded(_session: SessionId) -> bytes:
    raise NotYet


class Office:
    """An office with a browser each for whoever comes."""

    def __init__(self, app: Any, staff: Staff, other: ValkeyStaffSessions, stores: Stores) -> None:
        self.app = app
        self.staff = staff
        self.stores = stores
        self.other = other
        """Sessions as another process sees them."""
        self._clients: list[httpx2.AsyncClient] = []

    def browser(self, origin: str = ORIGIN) -> httpx2.AsyncClient:
        transport = httpx2.ASGITransport(app=self.app)
        client = httpx2.AsyncClient(transport=transport, base_url=ORIGIN, headers={"Origin": origin})
        self._clients.append(client)
        return client

    async def account(self, login: str, *roles: str, delegation: str = "") -> httpx2.AsyncClient:
        """A browser in which somebody with these roles has taken the invitation."""
        change = StaffChange("王芳", read_roles(roles), DelegationCode(delegation), disabled=False)
        _, code = await self.staff.invite("root", login, change)
        browser = self.browser()
        answer = await browser.post("/api/staff/welcome", json={"login": login, "code": code, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        return browser

    async def close(self) -> None:
        for client in self._clients:
            await client.aclose()


@asynccontextmanager
async def staff_doors(
    database: str,
    valkey_url: str,
    *,
    sign_on: SignOn | None = None,
    clock: Callable[[], float] = time.time,
    tries: int = 5,
    watch: Callable[[Stores], Awaitable[Any]] | None = None,
    owner: str = "",
    given: Settings = NOWHERE,
) -> AsyncGenerator[Office]:
    """An office with `tries` a minute for each login, the nation's or a province's (`owner`).

    `sign_on` is the provider of identities, if there is one; `watch` makes what is seen of a session in force; `given`
    are the settings of the parts.
    """
    unique = secrets.token_hex(8)
    pipe, elsewhere, store = Pipe(valkey_url), Pipe(valkey_url), open_store(valkey_url)

    async def count(name: str, window_s: int) -> int:
        return await ValkeyTickets(pipe).tries(f"{unique} {name}", window_s)

    # Accounts are numbered from 1 in every test's own database, on one Valkey: rounds begun by others are taken away.
    for staff_id in range(1, 33):
        await pipe.execute_command("DEL", f"leitai:staff-round:{staff_id}")
    async with stores_at(database, owner=owner) as stores:
        watched = Nothing() if watch is None else await watch(stores)
        staff = Staff(stores.office, SERVER_KEY, CHEAP)
        factor = SecondFactor(PostgresFactors(stores.database, stores.vault), stores.office.audit, SERVER_KEY, clock)

        async def numbers(_session: SessionId) -> dict[SittingId, str]:
            return {}

        async def seat_of(_session: SessionId, _number: str) -> None:
            return None

        def recalled(file: SessionFile) -> tuple[ValkeySession, ContestClock]:
            ledger = ValkeyLedger(store, file.session_id, file.shards)
            return ValkeySession(store, file.session_id, file.shards), ContestClock(ledger)

        console = ConsoleDoors(
            watched,
            stores.office.audit,
            Seconding(stores.office),
            Words(stores.office),
            seat_of,
            numbers,
            two_persons=False,
        )
        judging = JudgingDoors(
            Judged(watched, Recollection(stores.archive, recalled)),
            stores.office,
            Desk(stores.office),
            staff.all,
            count,
        )
        broadcast = Broadcast(stores.office, SERVER_KEY)
        feed = Feed(watched, stores.office, never_awarded, "tests")
        nowhere: Any = None
        media = ItemBytes(PostgresMedia(stores.database).item_part)
        doors = StaffDoors(
            staff=staff,
            sessions=ValkeyStaffSessions(pipe),
            tries=count,
            readiness=Ready(),
            console=console,
            scheduling=Scheduling(stores.office, AccessCodes(SERVER_KEY), "http://contest.test"),
            judging=judging,
            blinding=Blinding(SERVER_KEY),
            air=AirDoors(watched, broadcast, Air(watched, broadcast), feed),
            reveal=RevealDoors(watched, Reveals(stores.office), stores.office.audit),
            media=media,
            identity=Identity(factor, ValkeySignInFlows(pipe), sign_on),
            parts=office_parts(stores.database, stores.vault, given, nowhere, media, lambda: False),
        )
        app = build_staff_app(doors, settings(tries_per_number=tries), None)
        made = Office(app, staff, ValkeyStaffSessions(elsewhere), stores)
        yield made
        await made.close()
    await pipe.aclose()
    await elsewhere.aclose()
    await store.aclose()
