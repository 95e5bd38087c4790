"""The office's own door: the staff's pages and doors in a process apart from the contest. Imported by compose only.

What works for the staff may block, hash and count; none of it runs on a loop that serves contestants.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Protocol

import structlog
import uvicorn
from msgspec.structs import replace

from leitai.config import Settings
from leitai.live.clock import ContestClock
from leitai.live.commanding import Commanded
from leitai.live.health import RecorderHealth
from leitai.live.notes import Note
from leitai.live.ports import Archive, EarlierSessions, Ledger, SessionFile, SightStore, StoreUnavailable, Tickets
from leitai.live.recollection import Recollection
from leitai.live.sight import Sight
from leitai.office.accounts import AccessCodes
from leitai.office.air_ports import BroadcastStore
from leitai.office.blinding import Blinding
from leitai.office.broadcast import REFRESH_S, Broadcast
from leitai.office.judging import Desk
from leitai.office.judging_ports import JudgingStore
from leitai.office.reveals import Reveals, RevealStore
from leitai.office.scheduling import Scheduling
from leitai.office.scheduling_ports import SchedulingStore
from leitai.office.seconding import Seconding
from leitai.office.seconding_ports import SecondingStore
from leitai.office.staff import Staff
from leitai.office.staff_ports import StaffSessions, StaffStore
from leitai.office.words import Words
from leitai.office.words_ports import Announcement, Clarification, WordsStore
from leitai.rules.adjustments import NONE, Adjustments, adjust
from leitai.rules.phases import under_way
from leitai.rules.values import Micros, SessionId, SittingId
from leitai.web.air import Air
from leitai.web.broadcast import AirDoors
from leitai.web.console import ConsoleDoors
from leitai.web.doors import ItemBytes, Readiness, WebSettings
from leitai.web.entrance import Identity
from leitai.web.feed import Feed
from leitai.web.judged import Judged
from leitai.web.judging import JudgingDoors
from leitai.web.listening import open_listener, taken_up
from leitai.web.parts import OfficePart
from leitai.web.reveal import RevealDoors
from leitai.web.staff import StaffDoors, build_staff_app

_FOLLOW_S = 1.0
_LOOK_S = 0.4
_RECORDER_S = 2.0
_AGAIN_S = 5.0
"""What was handed to the ledger and is not seen there by then is handed to it again; it is known by its id."""
_log = structlog.get_logger()


class WatchedSession(SightStore, Commanded, RevealStore, Protocol):
    """A session's streams, to read and to command."""


class RecordedSessions(Archive, EarlierSessions, Protocol):
    """The archive: what the session in force needs of it, and what is over."""


class OfficeAndStaffStore(
    JudgingStore, WordsStore, StaffStore, SchedulingStore, SecondingStore, BroadcastStore, Protocol
):
    """What is kept of the office."""


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave signals to us."""
        yield


async def serve_office(
    settings: Settings,
    store: OfficeAndStaffStore,
    watching: "Watching",
    feed: Feed,
    media: ItemBytes,
    sessions: StaffSessions,
    tickets: Tickets,
    identity: Identity,
    readiness: Readiness,
    client: Path | None,
    office_parts: tuple[OfficePart, ...],
    began: Callable[[], None],
    stopping: asyncio.Event,
) -> None:
    """Serve the staff until `stopping`; `began` is called once the door is open. Raises OSError when it is taken."""
    listener = taken_up(settings.office_listener) or open_listener(settings.office_address)
    host, port = listener.getsockname()[:2]
    settings = replace(settings, office_listen=f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
    staff = Staff(store, settings.server_key)
    web = WebSettings(origins=settings.allowed_office_origins, https=settings.https, client=client)
    seconding = Seconding(store)
    words = Words(store)

    async def seat_of(session_id: SessionId, admission_no: str) -> SittingId | None:
        sitting = await store.sitting_by_admission(session_id, admission_no)
        return None if sitting is None else sitting.sitting_id

    known: dict[SessionId, dict[SittingId, str]] = {}

    async def numbers(session_id: SessionId) -> dict[SittingId, str]:
        if session_id not in known:
            found = await store.sittings(session_id)
            known.clear()
            known[session_id] = {one.sitting_id: one.admission_no for one in found}
        return known[session_id]

    console = ConsoleDoors(watching, store.audit, seconding, words, seat_of, numbers, settings.two_persons)
    judges = JudgingDoors(Judged(watching, watching.earlier), store, Desk(store), staff.all, tickets.tries)
    broadcast = Broadcast(store, settings.server_key)
    air = AirDoors(watching, broadcast, Air(watching, broadcast), feed)
    address = min(settings.allowed_origins)
    scheduling = Scheduling(store, AccessCodes(settings.server_key), address)
    blinding = Blinding(settings.server_key)
    reveal = RevealDoors(watching, Reveals(store), store.audit)
    doors = StaffDoors(
        staff=staff,
        sessions=sessions,
        tries=tickets.tries,
        readiness=readiness,
        console=console,
        scheduling=scheduling,
        judging=judges,
        blinding=blinding,
        air=air,
        reveal=reveal,
        media=media,
        identity=identity,
        parts=office_parts,
    )
    app = build_staff_app(doors, web, client)
    server = _Server(
        uvicorn.Config(
            app,
            loop="none",
            http="httptools",
            ws="none",
            lifespan="off",
            access_log=False,
            log_config=None,
            log_level="warning",
            timeout_graceful_shutdown=3,
            server_header=False,
        )
    )
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    _log.info("office_open", address=settings.office_listen)
    began()
    telling = asyncio.create_task(_tell_when_empty(store))
    recording = asyncio.create_task(_follow_recorder(watching))
    following = asyncio.gather(
        watching.follow(), _follow_office(watching, seconding, words), _keep_air(watching, broadcast), feed.follow()
    )
    await asyncio.wait({asyncio.create_task(stopping.wait()), serving}, return_when="FIRST_COMPLETED")
    telling.cancel()
    following.cancel()
    recording.cancel()
    await asyncio.gather(following, return_exceptions=True)
    server.should_exit = True
    await serving


class Watching:
    """Follows the session in force, whichever it is: `web.console.Watched`, `web.air.OnAir`."""

    def __init__(
        self,
        archive: RecordedSessions,
        open_session: Callable[[SessionFile], tuple[WatchedSession, Ledger, ContestClock]],
    ) -> None:
        """`open_session` gives a session's streams, its ledger and clock."""
        self._archive = archive
        self._open = open_session
        self.sight: Sight | None = None
        self.commanded: Commanded | None = None
        self.reveal_store: RevealStore | None = None
        self.adjustments: Adjustments = NONE
        self.ledger: Ledger | None = None
        self.earlier = Recollection(archive, self._recalled)

    def under_way(self) -> bool:
        """Whether people answer in the session in force, or are about to."""
        sight = self.sight
        if sight is None or sight.state is None:
            return False
        return under_way(sight.state.phase, sight.state.start_us, Micros(sight.clock.now_us()))

    async def follow(self) -> None:
        """Change over whenever another session takes the place of the one in force, until cancelled."""
        try:
            while True:
                try:
                    wanted = await self._archive.current_session()
                    if wanted is not None and (self.sight is None or self.sight.file.session_id != wanted):
                        await self._change(await self._archive.load_session(wanted))
                    if self.sight is not None and self.sight.state is not None:
                        file = self.sight.file
                        rulings = await self._archive.rulings(file.session_id)
                        self.adjustments = adjust(file.plan, file.members, rulings)
                except StoreUnavailable as outage:
                    _log.warning("archive_out", reason=str(outage))
                await asyncio.sleep(_FOLLOW_S)
        finally:
            if self.sight is not None:
                await self.sight.stop()

    async def recorded(self, file: SessionFile) -> list[str]:
        """Return up to which position each shard's answers are in the archive; raises `StoreUnavailable`."""
        return [
            await self._archive.recorder_position(file.session_id, shard, "answers") for shard in range(file.shards)
        ]

    def _recalled(self, file: SessionFile) -> tuple[WatchedSession, ContestClock]:
        session, _, clock = self._open(file)
        return session, clock

    async def _change(self, file: SessionFile) -> None:
        if self.sight is not None:
            await self.sight.stop()
        session, self.ledger, clock = self._open(file)
        self.sight, self.adjustments = Sight(file, session, clock), NONE
        self.commanded = self.reveal_store = session
        self.sight.start()
        _log.info("office_watches", session=file.session_id)


async def _follow_recorder(watching: "Watching") -> None:
    """Know how far answers have reached the archive."""
    while True:
        await asyncio.sleep(_RECORDER_S)
        if (sight := watching.sight) is None:
            continue
        try:
            await sight.look_behind(await watching.recorded(sight.file))
        except StoreUnavailable:
            sight.health.recorder = RecorderHealth()


async def _follow_office(watching: "Watching", seconding: Seconding, words: Words) -> None:
    """Know what is asked for and said at other offices' doors, and have told what is kept and not told yet."""
    told: dict[str, float] = {}
    while True:
        try:
            if (sight := watching.sight) is not None and watching.ledger is not None:
                session_id = sight.file.session_id
                await seconding.look(session_id, sight.clock.now_us())
                await words.look(session_id)
                for note in _notes(words):
                    if not sight.caught_up or note.id in sight.notes:
                        continue
                    if told.get(f"{session_id} {note.id}", 0.0) < time.monotonic():
                        told[f"{session_id} {note.id}"] = time.monotonic() + _AGAIN_S
                        await watching.ledger.events([note.event()])
        except StoreUnavailable as outage:
            _log.warning("archive_out", reason=str(outage))
        await asyncio.sleep(_LOOK_S)


def _notes(words: Words) -> list[Note]:
    """Return what is for some contestants only; what is for everyone is in the feed, but for answers."""
    announced = [_announced(one) for one in words.announcements if not one.to_all]
    answered = [note for one in words.clarifications if (note := _answered(one)) is not None]
    return [*announced, *answered]


def _announced(one: Announcement) -> Note:
    return Note(
        f"a{one.announcement_id}",
        one.at_us,
        one.text,
        delegation=one.delegation or "",
        room=one.room,
        sitting=one.sitting_id or 0,
    )


def _answered(one: Clarification) -> Note | None:
    if (answer := one.answer) is None:
        return None
    to = 0 if answer.to_all else one.sitting_id
    return Note(f"c{one.clarification_id}", answer.at_us, answer.text, one.question, sitting=to)


async def _keep_air(watching: Watching, broadcast: Broadcast) -> None:
    """Read what goes on air again and again, until cancelled."""
    while True:
        sight = watching.sight
        try:
            await broadcast.refresh(None if sight is None else sight.file.session_id)
        except StoreUnavailable as outage:
            _log.warning("archive_out", reason=str(outage))
        await asyncio.sleep(REFRESH_S)


async def _tell_when_empty(store: StaffStore) -> None:
    """Say how the first account is made, when there is none."""
    try:
        if not await store.staff():
            _log.warning("no_staff", do="leitai staff invite LOGIN --name NAME --role administrator")
    except StoreUnavailable as outage:
        _log.warning("archive_out", reason=str(outage))
