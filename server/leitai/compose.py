"""The composition root: the only place that builds parts and wires them together."""

import asyncio
import contextlib
import gc
import os
import resource
import secrets
import signal
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import msgspec
import structlog
import uvicorn

from leitai.config import BadSettings, Settings
from leitai.live.clock import ContestClock
from leitai.live.director import Director
from leitai.live.gateway import Gateway
from leitai.live.ports import SessionFile, StoreUnavailable
from leitai.live.recorder import Recorder
from leitai.machine_door import ProcessReadiness, serve_machines
from leitai.notices import tell_ready
from leitai.office.accounts import AccessCodes, Accounts
from leitai.office.auditing.watch import tell_heads
from leitai.office.judging import Desk, Hearing, file_appeal
from leitai.office.results import NothingThere, NotPublished, Results
from leitai.office.standings import OVER
from leitai.office_door import Watching, serve_office
from leitai.office_parts import office_parts, public_parts
from leitai.resources import NotShippedError, shipped
from leitai.rules.appeals import AppealWindow
from leitai.rules.values import DelegationCode, ItemNo, Micros, SessionId, SittingId
from leitai.stores.postgres.archive import PostgresArchive
from leitai.stores.postgres.audit_store import PostgresAudit
from leitai.stores.postgres.migrations import migrate
from leitai.stores.postgres.office_store import PostgresOffice
from leitai.stores.postgres.paper_seal import seal_what_lies_open
from leitai.stores.postgres.pool import AWAY, Database
from leitai.stores.postgres.vault import Vault
from leitai.stores.valkey.accept import ValkeyLedger
from leitai.stores.valkey.connection import Store, open_store
from leitai.stores.valkey.session import ValkeySession
from leitai.stores.valkey.spare import Spare, ValkeySpare
from leitai.stores.valkey.staff_sessions import ValkeyStaffSessions
from leitai.stores.valkey.tickets import ValkeyTickets
from leitai.web.app import build_app
from leitai.web.doors import Doors, NotThere, NotYet, WebSettings
from leitai.web.feed import Feed
from leitai.web.judging_bodies import own_appeal
from leitai.web.listening import Acceptor, Parting, open_listener, taken_up
from leitai.web.live_session import LiveSession
from leitai.web.metrics import Running
from leitai.web.socket_starlette import websocket_route
from leitai.wire.reveal_bodies import RevealBody
from leitai.wire.ruling_bodies import AppealItem, OwnAppeal, OwnAppeals

ROLES = ("gateway", "director", "recorder", "office")
_FOLLOW_S = 1.0
_BEHIND_GATEWAYS = 5
_STOP_WITHIN_S = 16.0
_ACCOUNTS_S = 20.0
_ACCOUNTS_AT_LAST_S = 600.0
_TICK_S = 0.5
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Parts:
    """What every role of a process shares."""

    settings: Settings
    store: Store
    """For all that must be quick: answers, tickets, web sessions, the clock."""
    reading: Store
    """A client of its own for the feed, boards and streams, whose long replies must not stand before answers."""
    database: Database
    vault: Vault
    archive: PostgresArchive
    office: PostgresOffice
    codes: AccessCodes
    spare: ValkeySpare
    name: str
    """This process's own name among all, new at every start."""
    running: Running


@asynccontextmanager
async def open_parts(settings: Settings, roles: tuple[str, ...] = ()) -> AsyncGenerator[Parts]:
    """Build what the settings name; nothing connects yet."""
    try:
        store = open_store(settings.valkey_url, replicas=settings.valkey_replicas)
        reading = open_store(settings.valkey_url, replicas=settings.valkey_replicas)
    except ValueError as bad:
        raise BadSettings(f"valkey_url: {bad}") from bad
    database = Database(settings.database_url)
    vault = Vault(settings.server_key)
    parts = Parts(
        settings,
        store,
        reading,
        database,
        vault,
        PostgresArchive(database, vault),
        PostgresOffice(database, vault),
        AccessCodes(settings.server_key),
        ValkeySpare(reading, settings.server_key),
        f"{settings.name or 'leitai'}-{os.getpid()}-{secrets.token_hex(4)}",
        Running(roles),
    )
    try:
        yield parts
    finally:
        await database.close()
        await store.aclose()
        await reading.aclose()


async def serve(settings: Settings, roles: tuple[str, ...]) -> None:
    """Run roles in this process until SIGTERM or SIGINT; a supervisor is told once all of them do their work."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    if "gateway" in roles:
        _allow_many_sockets()
    else:
        # Where cores are few, standings and records wait for acknowledgements, not the other way round.
        os.nice(_BEHIND_GATEWAYS)
    try:
        await migrate(settings.database_url, shipped("sql"))
    except AWAY as outage:
        # A contest goes on without it; nothing else than a copy of its session is needed to take part.
        _log.warning("archive_out", reason=repr(outage))
    async with open_parts(settings, roles) as parts:
        with contextlib.suppress(StoreUnavailable):
            await seal_what_lies_open(parts.database, parts.vault)
        readiness = ProcessReadiness(parts.store, parts.running, stopping)
        machines = asyncio.create_task(serve_machines(settings, parts.running, readiness, parts.store))
        workers: list[Awaitable[None]] = []
        to_begin = set(roles)

        def began(role: str) -> None:
            if role in to_begin:
                to_begin.discard(role)
                if not to_begin:
                    tell_ready()

        def may_go_first() -> bool:
            # A door of one's own, or one's work under way: otherwise whoever shares the door knows more.
            return settings.listener < 0 or "gateway" not in to_begin

        if "gateway" in roles:
            workers.append(_gateway_role(parts, readiness, stopping, lambda: began("gateway"), may_go_first))
        if "director" in roles:
            workers.append(_follow(parts, stopping, lambda file: _direct(parts, file), lambda: began("director")))
        if "recorder" in roles:
            workers.append(_follow(parts, stopping, lambda file: _record(parts, file), lambda: began("recorder")))
        if "office" in roles:
            workers.append(_office_role(parts, readiness, stopping, lambda: began("office")))
        # Everything built so far stays: what the collector need not look at again costs no pauses.
        gc.collect()
        gc.freeze()
        working = asyncio.gather(*workers)
        stopping_task = asyncio.create_task(stopping.wait())
        await asyncio.wait({working, stopping_task}, return_when=asyncio.FIRST_COMPLETED)
        stopping.set()
        try:
            async with asyncio.timeout(_STOP_WITHIN_S):
                await working
        finally:
            await _end(machines)


def _allow_many_sockets() -> None:
    """Raise this process's limit of open files as far as it may."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


# --- roles -----------------------------------------------------------------------------------------------------------


async def _follow(
    parts: Parts,
    stopping: asyncio.Event,
    work: Callable[[SessionFile], Awaitable[None]],
    began: Callable[[], None],
    *,
    says_itself: bool = False,
) -> None:
    """Do a role's work for the session in force, and change over when another takes its place.

    `began` is called once the work is under way or there is none to do; work that `says_itself` when it is under way
    calls it.
    """
    current: SessionId | None = None
    task: asyncio.Task[None] | None = None
    try:
        while not stopping.is_set():
            try:
                file = await _in_force(parts, current)
                if file is not None and file.session_id != current:
                    await _end(task)
                    with structlog.contextvars.bound_contextvars(contest=file.contest_id, session=file.session_id):
                        current, task = file.session_id, asyncio.ensure_future(work(file))
                if task is None or not says_itself:
                    began()
            except StoreUnavailable as outage:
                _log.warning("archive_out", reason=str(outage))
            if task is not None and task.done():
                task.result()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), _FOLLOW_S)
    finally:
        await _end(task)


async def _in_force(parts: Parts, current: SessionId | None) -> SessionFile | None:
    """Return the session to serve unless it is `current`; None: there is no other.

    While the archive is out, whoever has none takes the copy in the ledger. Raises `StoreUnavailable`.
    """
    try:
        wanted = await parts.archive.current_session()
        return None if wanted in (None, current) else await parts.archive.load_session(wanted)
    except StoreUnavailable:
        if current is not None or (spare := await parts.spare.fetch()) is None:
            raise
        _log.warning("spare_session_taken", session=spare.file.session_id)
        return spare.file


async def _end(task: asyncio.Task[None] | None) -> None:
    if task is not None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _direct(parts: Parts, file: SessionFile) -> None:
    session = ValkeySession(parts.reading, file.session_id, file.shards)
    ledger = ValkeyLedger(parts.store, file.session_id, file.shards)
    parts.running.director = Director(parts.name, file, session, ledger, parts.archive, ContestClock(ledger))
    await parts.running.director.run()


async def _record(parts: Parts, file: SessionFile) -> None:
    streams = ValkeySession(parts.reading, file.session_id, file.shards)
    parts.running.recorder = Recorder(file.session_id, file.shards, streams, parts.archive)
    await parts.running.recorder.run()


async def _gateway_role(
    parts: Parts,
    readiness: ProcessReadiness,
    stopping: asyncio.Event,
    began: Callable[[], None],
    may_go_first: Callable[[], bool],
) -> None:
    running = parts.running
    accounts = Accounts(parts.office, parts.codes)

    async def attend(file: SessionFile) -> None:
        ledger = ValkeyLedger(parts.store, file.session_id, file.shards)
        session = ValkeySession(parts.reading, file.session_id, file.shards)
        tickets = ValkeyTickets(parts.store)
        while True:
            gateway = Gateway(parts.name, file, session, ledger, tickets, ContestClock(ledger))
            try:
                await gateway.start()
                break
            except StoreUnavailable as outage:
                _log.warning("ledger_out", reason=str(outage))
                await asyncio.sleep(0.3)
        running.gateway = gateway
        reloading = asyncio.create_task(_keep_accounts(accounts, gateway, parts.spare))
        _log.info("gateway_attends")
        began()
        try:
            await gateway.failed
        finally:
            reloading.cancel()
            if running.gateway is gateway:
                running.gateway = None
            await asyncio.shield(gateway.stop())

    web = WebSettings(
        origins=parts.settings.allowed_origins,
        https=parts.settings.https,
        client=_client_folder(),
        network_key=parts.settings.server_key[:32],
    )
    doors = Doors(
        accounts=accounts,
        tickets=ValkeyTickets(parts.store),
        session=LiveSession(lambda: running.gateway),
        results=_Results(parts),
        appeals=_Appeals(parts),
        readiness=readiness,
        sign_ins=running.sign_ins,
    )
    public = public_parts(parts.database, parts.vault, parts.settings)
    if parts.settings.driver == "starlette":
        app = build_app(doors, web, [websocket_route(lambda: running.gateway, web)], public)
        arriving: str | type[asyncio.Protocol] = "httptools"
        sockets: str | type[asyncio.Protocol] = "websockets-sansio"
    else:
        from leitai.web.socket_picows import Arriving, picows_protocol  # not on every platform

        app = build_app(doors, web, parts=public)
        arriving = Arriving
        sockets = picows_protocol(lambda: running.gateway, web)
    server = _Server(
        uvicorn.Config(
            Parting(app, stopping.is_set),
            loop="none",
            http=arriving,  # pyright: ignore[reportArgumentType]
            ws=sockets,  # pyright: ignore[reportArgumentType]
            ws_per_message_deflate=False,
            ws_max_size=64 * 1024,
            lifespan="off",
            access_log=False,
            # Logs are configured already; uvicorn's own configuration would go around the filter.
            log_config=None,
            log_level="warning",
            timeout_keep_alive=75,
            forwarded_allow_ips=parts.settings.proxies,
            timeout_graceful_shutdown=3,
            server_header=False,
        )
    )
    # The collector's own moments are felt as tens of milliseconds; the gateway collects when nobody answers.
    gc.disable()
    serving = asyncio.create_task(server.serve(sockets=[]))
    attending = asyncio.create_task(_follow(parts, stopping, attend, began, says_itself=True))
    listener = taken_up(parts.settings.listener) or open_listener(parts.settings.address)
    acceptor = Acceptor(listener, server.protocol, server.held, may_go_first)
    acceptor.start()
    await asyncio.wait({asyncio.create_task(stopping.wait()), attending, serving}, return_when="FIRST_COMPLETED")
    stopping.set()
    # Whoever comes now is others' matter; then the goodbyes and the answers under way, then what was asked over HTTP.
    acceptor.stop()
    await attending
    server.should_exit = True
    await serving


async def _office_role(
    parts: Parts, readiness: ProcessReadiness, stopping: asyncio.Event, began: Callable[[], None]
) -> None:
    sessions, tickets = ValkeyStaffSessions(parts.store), ValkeyTickets(parts.store)

    def opened(file: SessionFile) -> tuple[ValkeySession, ValkeyLedger, ContestClock]:
        ledger = ValkeyLedger(parts.store, file.session_id, file.shards)
        return ValkeySession(parts.reading, file.session_id, file.shards), ledger, ContestClock(ledger)

    watching = Watching(parts.archive, opened)
    client = _client_folder()
    feed = Feed(watching, parts.office, _Results(parts).awards, parts.name)
    # An audit that is cut short afterwards lacks what the log says it had.
    telling = asyncio.create_task(tell_heads(PostgresAudit(parts.database)))
    try:
        await serve_office(
            parts.settings,
            parts.office,
            watching,
            feed,
            sessions,
            tickets,
            readiness,
            client,
            office_parts(parts.database, parts.vault, parts.settings),
            began,
            stopping,
        )
    finally:
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)


async def _keep_accounts(accounts: Accounts, gateway: Gateway, spare: ValkeySpare) -> None:
    """Hold a session's contestants in memory: they sign in without the archive, also while it is out.

    What changed since is taken over when nobody answers: it takes tens of milliseconds. Whoever starts while the
    archive is out finds the session's copy in the ledger.
    """
    session_id = gateway.file.session_id
    loaded_s = -_ACCOUNTS_AT_LAST_S
    while True:
        since_s = time.monotonic() - loaded_s
        if since_s > _ACCOUNTS_AT_LAST_S or (since_s > _ACCOUNTS_S and gateway.quiet()):
            try:
                await accounts.load(session_id)
                loaded_s = time.monotonic()
                await spare.keep(Spare(gateway.file, accounts.packed(session_id)))
            except StoreUnavailable as outage:
                _log.warning("archive_out", reason=str(outage))
                if not accounts.holds(session_id):
                    await _take_accounts(accounts, session_id, spare)
        await asyncio.sleep(1)


async def _take_accounts(accounts: Accounts, session_id: SessionId, spare: ValkeySpare) -> None:
    with contextlib.suppress(StoreUnavailable):
        kept = await spare.fetch()
        if kept is not None and kept.file.session_id == session_id:
            accounts.unpack(session_id, kept.accounts)


class _Server(uvicorn.Server):
    """uvicorn without signal handling and accepting, which are ours, and without ten wakings a second, which the live
    path feels.
    """

    async def main_loop(self) -> None:
        while not await self.on_tick(0):  # noqa: ASYNC110 (the base class sets a flag)
            await asyncio.sleep(_TICK_S)

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield

    def protocol(self) -> asyncio.Protocol:
        """Return the protocol of a new connection, as uvicorn makes it for its own listeners."""
        make = cast("Callable[..., asyncio.Protocol]", self.config.http_protocol_class)
        return make(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)

    def held(self) -> int:
        """Return how many connections there are."""
        return len(self.server_state.connections)


# --- adapters between rooms ------------------------------------------------------------------------------------------


class _Results:
    """`web.doors.Results` from the office and, for the live canonical standings, the ledger."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._office = Results(parts.office)

    async def own(self, session_id: SessionId, sitting_id: SittingId) -> bytes:
        """See `doors.Results.own`."""
        return await _published(self._office.own(session_id, sitting_id))

    async def awards(self, session_id: SessionId) -> bytes:
        """See `doors.Results.awards`."""
        return await _published(self._office.awards(session_id))

    async def eligibility(self, session_id: SessionId, delegation: DelegationCode) -> bytes:
        """See `doors.Results.eligibility`."""
        return await _published(self._office.eligibility(session_id, delegation))

    async def draw(self, session_id: SessionId, delegation: DelegationCode) -> bytes:
        """See `doors.Results.draw`."""
        return await _published(self._office.draw(session_id, delegation))

    async def reveal(self, session_id: SessionId) -> bytes:
        """See `doors.Results.reveal`."""
        held = await ValkeySession(self._parts.reading, session_id, 1).reveal()
        return msgspec.json.encode(RevealBody(session_id, held.edition, held.reveal))

    async def standings(self, session_id: SessionId) -> bytes:
        """See `doors.Results.standings`."""
        session = ValkeySession(self._parts.reading, session_id, 1)
        state, standings = await session.state(), await session.standings()
        if state is None or state.freeze is not None or not standings:
            raise NotYet
        return standings


class _Appeals:
    """`web.doors.Appeals`: of the session in force judged by what the gateway knows, of any other by the record."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._desk = Desk(parts.office)

    async def own(self, session_id: SessionId, sitting_id: SittingId) -> OwnAppeals:
        """See `doors.Appeals.own`."""
        hearing, now_us = await self._hearing(session_id)
        known = hearing.phase in OVER
        return OwnAppeals(
            hearing.open_at(now_us),
            hearing.window.ends_at_us if known else 0,
            hearing.window.ends_at_us + hearing.window.appeal_us if known else 0,
            [AppealItem(item.item_no, item.type.value) for item in hearing.plan.items],
            [own_appeal(one) for one in await self._parts.office.appeals(session_id, sitting_id)],
        )

    async def file(self, session_id: SessionId, sitting_id: SittingId, item_no: ItemNo | None, text: str) -> OwnAppeal:
        """See `doors.Appeals.file`."""
        hearing, now_us = await self._hearing(session_id)
        return own_appeal(await file_appeal(self._parts.office, hearing, sitting_id, item_no, text, now_us))

    async def _hearing(self, session_id: SessionId) -> tuple[Hearing, Micros]:
        gateway = self._parts.running.gateway
        if gateway is None or not gateway.clock.known:
            raise StoreUnavailable
        now_us, file, view = Micros(gateway.clock.now_us()), gateway.file, gateway.ring.view
        if file.session_id == session_id and view.windows:
            window = AppealWindow(Micros(max(one.closes_at_us for one in view.windows)), file.appeal_us)
            return Hearing(session_id, file.plan, view.phase, window), now_us
        try:
            return await self._desk.hearing(session_id), now_us
        except KeyError:
            raise NotThere from None


async def _published(asked: Awaitable[bytes]) -> bytes:
    """Say in the doors' words what the office refuses."""
    try:
        return await asked
    except NotPublished:
        raise NotYet from None
    except NothingThere:
        raise NotThere from None


def _client_folder() -> Path | None:
    try:
        return shipped("client")
    except NotShippedError:
        return None
