"""The gateway: the contest's door, for contestants and for the public."""

import asyncio
import contextlib
import gc
import time
from collections.abc import Callable, Generator
from typing import cast

import structlog
import uvicorn

from leitai.live.clock import ContestClock
from leitai.live.gateway import Gateway
from leitai.live.ports import SessionFile, StoreUnavailable
from leitai.live.stage.hub import StageHub
from leitai.machine_door import ProcessReadiness
from leitai.office.accounts import Accounts, KeptAccounts
from leitai.office.judging import Desk, Hearing, file_appeal
from leitai.office.practice.monthly_sitters import SittersOfMonths
from leitai.office.results import Judged, Results
from leitai.office.session_ports import FinalSession
from leitai.office.standings import OVER
from leitai.own_parts import registration_part
from leitai.public_parts import public_parts
from leitai.resources import built_client
from leitai.roles.following import follow
from leitai.roles.item_media import ItemBytes, ItemMedia
from leitai.roles.parts import Parts
from leitai.roles.results import KeptResults
from leitai.rules.appeals import AppealWindow
from leitai.rules.phases import under_way
from leitai.rules.values import ItemNo, Micros, SessionId, SittingId
from leitai.stage_doors import stage_doors
from leitai.stores.postgres.media_store import PostgresMedia
from leitai.stores.postgres.monthly_store import PostgresMonthly
from leitai.stores.postgres.results_store import final_sessions
from leitai.stores.valkey.accept import ValkeyLedger
from leitai.stores.valkey.session import ValkeySession
from leitai.stores.valkey.spare import Spare, ValkeySpare
from leitai.stores.valkey.stages import ValkeyStages
from leitai.stores.valkey.tickets import ValkeyTickets
from leitai.web.app import build_app
from leitai.web.doors import MONTHLY_COOKIE, SESSION_COOKIE, Doors, NotThere, WebSettings
from leitai.web.earlier_boards import EarlierBoards
from leitai.web.handing import Giver, Taker
from leitai.web.judging_bodies import own_appeal
from leitai.web.listening import Acceptor, Parting, open_listener, taken_up
from leitai.web.live_session import LiveSession
from leitai.web.socket import BOARD_PATH, PATH, STAGE_PATH, Sockets
from leitai.web.socket_starlette import websocket_routes
from leitai.wire.ruling_bodies import AppealItem, OwnAppeal, OwnAppeals

STAGE_KEPT_BYTES = 32 << 20
"""Of what stages show that is kept in memory, by each gateway."""
_ACCOUNTS_S = 20.0
_ACCOUNTS_AT_LAST_S = 600.0
_TICK_S = 0.5
_log = structlog.get_logger()


async def attend_contest(
    parts: Parts,
    readiness: ProcessReadiness,
    stopping: asyncio.Event,
    began: Callable[[], None],
    may_go_first: Callable[[], bool],
) -> None:
    """Serve contestants and the public until `stopping`, the session in force if there is one.

    `may_go_first` says whether connections may come before the session's own work is under way.
    """
    running = parts.running
    monthly = parts.settings.lane == "monthly"
    only_viewers = parts.settings.viewers_in >= 0
    none_in_force = False

    def told(none: bool) -> None:
        nonlocal none_in_force
        none_in_force = none

    accounts = SittersOfMonths(PostgresMonthly(parts.database, parts.vault)) if monthly else _accounts(parts)
    media = ItemMedia(lambda: running.gateway, parts.archive.load_session, PostgresMedia(parts.database).item_part)

    async def attend(file: SessionFile) -> None:
        ledger = ValkeyLedger(parts.store, file.session_id, file.shards)
        session = ValkeySession(parts.reading, file.session_id, file.shards)
        tickets = ValkeyTickets(parts.store)
        while True:
            clock = ContestClock(ledger)
            gateway = Gateway(parts.name, file, session, ledger, tickets, clock, only_viewers=only_viewers)
            try:
                await gateway.start()
                break
            except StoreUnavailable as outage:
                _log.warning("ledger_out", reason=str(outage))
                await asyncio.sleep(0.3)
        running.gateway = gateway
        beside: list[asyncio.Task[None]] = []
        if not only_viewers:
            beside.append(asyncio.create_task(media.warm(file)))
            beside.append(asyncio.create_task(_keep_accounts(accounts, gateway, parts.spare)))
        _log.info("gateway_attends")
        began()
        try:
            await gateway.failed
        finally:
            for task in beside:
                task.cancel()
            if running.gateway is gateway:
                running.gateway = None
            await asyncio.shield(gateway.stop())

    web = WebSettings(
        origins=parts.settings.allowed_origins,
        https=parts.settings.https,
        client=built_client(),
        network_key=parts.settings.server_key[:32],
        seat_cookie=MONTHLY_COOKIE if monthly else SESSION_COOKIE,
    )
    home = f"{min(parts.settings.allowed_practice_origins)}/practice#monthly" if monthly else ""

    def at_rest() -> bool:
        gateway = running.gateway
        if gateway is None:
            return True
        view = gateway.ring.view
        return not under_way(view.phase, Micros(view.start_us), Micros(gateway.clock.now_us()))

    earlier = _earlier(parts, at_rest)
    doors = Doors(
        accounts=accounts,
        tickets=ValkeyTickets(parts.store),
        session=LiveSession(lambda: running.gateway, home, lambda: none_in_force),
        earlier=earlier,
        results=KeptResults(parts, earlier.sessions, at_rest),
        appeals=_Appeals(parts),
        media=media,
        readiness=readiness,
        sign_ins=running.sign_ins,
    )
    # Apart from the contest's: no film of a stage takes the room of a picture that all contestants ask for at once.
    staged = ItemBytes(PostgresMedia(parts.database).item_part, STAGE_KEPT_BYTES)
    public = (
        *public_parts(parts.database, parts.vault, parts.settings),
        stage_doors(parts.database, parts.settings, parts.store, staged),
        registration_part(parts.database, parts.vault, parts.settings, parts.store),
    )
    stage_streams = ValkeyStages(parts.store, parts.reading)
    stages = StageHub(stage_streams, stage_streams)
    at: Sockets = {
        PATH: lambda: running.gateway,
        BOARD_PATH: lambda: running.gateway,
        STAGE_PATH: lambda: stages,
    }
    if parts.settings.driver == "starlette":
        app = build_app(doors, web, websocket_routes(at, web), public)
        http: str | type[asyncio.Protocol] = "httptools"
        sockets: str | type[asyncio.Protocol] = "websockets-sansio"
    else:
        from leitai.web import socket_picows  # not on every platform

        app = build_app(doors, web, parts=public)
        giver = Giver(parts.settings.viewers_out) if parts.settings.viewers_out >= 0 else None
        http = socket_picows.arriving(giver)
        sockets = socket_picows.picows_protocol(at, web)
    server = _Server(
        uvicorn.Config(
            Parting(app, stopping.is_set),
            loop="none",
            http=http,  # pyright: ignore[reportArgumentType]
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
    attending = asyncio.create_task(follow(parts, stopping, attend, began, says_itself=True, told=told))
    if only_viewers:
        door: Acceptor | Taker = Taker(parts.settings.viewers_in, server.protocol, may_go_first)
    else:
        listener = taken_up(parts.settings.listener) or open_listener(parts.settings.address)
        door = Acceptor(listener, server.protocol, server.held, may_go_first)
    door.start()
    await asyncio.wait({asyncio.create_task(stopping.wait()), attending, serving}, return_when="FIRST_COMPLETED")
    stopping.set()
    # Whoever comes now is others' matter; then the goodbyes and the answers under way, then what was asked over HTTP.
    door.stop()
    await attending
    await stages.stop()
    server.should_exit = True
    await serving


def _earlier(parts: Parts, at_rest: Callable[[], bool]) -> EarlierBoards:
    monthly = parts.settings.lane == "monthly"

    async def finals() -> list[FinalSession]:
        # 月月比 shows the month in force, and the practice pages those before.
        return [] if monthly else await final_sessions(parts.database)

    async def judged(session_id: SessionId) -> Judged:
        # Not kept there: what a board is made of takes far more room than the board.
        return await Results(parts.office).judged(session_id)

    return EarlierBoards(finals, judged, parts.office.delegations, at_rest)


def _accounts(parts: Parts) -> KeptAccounts:
    return Accounts(parts.office, parts.codes)


async def _keep_accounts(accounts: KeptAccounts, gateway: Gateway, spare: ValkeySpare) -> None:
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


async def _take_accounts(accounts: KeptAccounts, session_id: SessionId, spare: ValkeySpare) -> None:
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
