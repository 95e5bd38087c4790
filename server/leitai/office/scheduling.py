"""Sessions before their day: made as drafts from a paper, scheduled, moved, withdrawn; and their access codes."""

import asyncio
from dataclasses import dataclass

from leitai.office import sheets
from leitai.office.accounts import AccessCodes
from leitai.office.contests import create_contest_session, reissue_codes
from leitai.office.scheduling_ports import ContestSummary, PaperSummary, SchedulingStore, SessionSummary
from leitai.office.session_ports import SessionSettings
from leitai.rules.values import ActorId, Micros, Phase, SessionId

BEFORE_THE_DAY = (Phase.DRAFT, Phase.SCHEDULED)


class NotSchedulable(Exception):
    """A session is not made, scheduled or moved.

    `code`: `paper-not-sealed` (or not there), `roster-missing` (the contest has none), `time-past`, `session-under-way`
    (another is on, and takes every process's attention until it is final), `session-begun` (its lobby has opened),
    `session-withdrawn` (it was in force before: make another), `session-not-in-force` (its director is not there to
    hear of it).
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Sheet:
    """Access codes in clear, once: slips to print, and the same as a table."""

    slips: str
    table: str
    seats: int


class Scheduling:
    """What is planned."""

    def __init__(self, store: SchedulingStore, codes: AccessCodes, address: str) -> None:
        """`address` is where contestants sign in, as printed on their slips."""
        self._store = store
        self._codes = codes
        self._address = address

    async def papers(self) -> list[PaperSummary]:
        """Return the papers, the newest first."""
        return await self._store.papers()

    async def contests(self) -> list[ContestSummary]:
        """Return the contests, the newest first."""
        return await self._store.contests()

    async def sessions(self) -> list[SessionSummary]:
        """Return the sessions, the newest first."""
        return await self._store.sessions()

    async def one(self, session_id: SessionId) -> SessionSummary:
        """Return a session; raises KeyError when there is none."""
        for found in await self._store.sessions():
            if found.session_id == session_id:
                return found
        raise KeyError(session_id)

    async def create(
        self, actor: ActorId, contest_id: int, paper_id: int, settings: SessionSettings, now_us: int
    ) -> SessionId:
        """Make a draft for a contest's whole roster.

        Raises:
            KeyError: there is no such contest.
            NotSchedulable: see there.
            StoreUnavailable: from the store; nothing was made.
        """
        if settings.start_us <= now_us:
            raise NotSchedulable("time-past")
        if all(paper.paper_id != paper_id for paper in await self._store.papers()):
            raise NotSchedulable("paper-not-sealed")
        if not await self._store.roster(contest_id):
            raise NotSchedulable("roster-missing")
        made = await create_contest_session(self._store, self._codes, contest_id, paper_id, settings, phase=Phase.DRAFT)
        detail = {"contest": contest_id, "paper": paper_id, "start_us": settings.start_us, "seats": len(made.seats)}
        await self._store.audit(actor, "create-session", f"session {made.session_id}", detail)
        return made.session_id

    async def schedule(self, actor: ActorId, session_id: SessionId) -> None:
        """Schedule a draft: from then on it is in force, unless a newer one is; raises `NotSchedulable`, KeyError."""
        planned = await self.one(session_id)
        if planned.phase is not Phase.DRAFT:
            raise NotSchedulable("session-begun")
        if planned.conducted:
            raise NotSchedulable("session-withdrawn")
        if not await self._store.schedule_session(session_id):
            raise NotSchedulable("session-under-way")
        await self._store.audit(actor, "schedule-session", f"session {session_id}", {"start_us": planned.start_us})

    async def move(
        self, actor: ActorId, session_id: SessionId, start_us: Micros, lobby_opens_us: Micros, now_us: int
    ) -> None:
        """Set another start for what has not begun; raises `NotSchedulable`, KeyError. A director is not told here."""
        if start_us <= now_us:
            raise NotSchedulable("time-past")
        planned = await self.one(session_id)
        if not await self._store.move_session(session_id, start_us, lobby_opens_us):
            raise NotSchedulable("session-begun")
        before = {"start_us": planned.start_us, "lobby_opens_us": planned.lobby_opens_us}
        detail = {"start_us": start_us, "lobby_opens_us": lobby_opens_us, "before": before}
        await self._store.audit(actor, "reschedule-session", f"session {session_id}", detail)

    async def withdraw(self, actor: ActorId, session_id: SessionId) -> None:
        """Make it a draft again; raises `NotSchedulable` once its lobby has opened. A director is not told here."""
        if not await self._store.withdraw_session(session_id):
            raise NotSchedulable("session-begun")
        await self._store.audit(actor, "withdraw-session", f"session {session_id}", {})

    async def issue_codes(self, actor: ActorId, session_id: SessionId) -> Sheet:
        """Give every sitting a new access code; the codes before open nothing any more.

        Raises:
            KeyError: there is no such session.
            NotSchedulable: its lobby has opened.
            StoreUnavailable: from the store; the old codes stand.
        """
        planned = await self.one(session_id)
        if planned.phase not in BEFORE_THE_DAY:
            raise NotSchedulable("session-begun")
        contest = await self._store.contest(planned.contest_id)
        names = {one.code: one.name for one in await self._store.delegations()}
        seats = await reissue_codes(self._store, self._codes, session_id)
        await self._store.audit(actor, "reissue-codes", f"session {session_id}", {"seats": len(seats)})
        slips = await asyncio.to_thread(
            sheets.slips, contest.title, planned.title, planned.start_us, self._address, seats, names
        )
        return Sheet(slips, sheets.table(seats, names), len(seats))
