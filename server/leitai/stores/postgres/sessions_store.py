"""Sessions that are planned, in PostgreSQL: what `office.scheduling_ports` asks besides `OfficeStore`."""

from leitai.office.scheduling_ports import ContestSummary, PaperSummary, SessionSummary
from leitai.rules.values import Micros, Pacing, Phase, SessionId
from leitai.stores.postgres.pool import Database
from leitai.stores.postgres.queries import Queries

_SESSIONS = Queries("sessions")


class PlannedSessionsStore:
    """Papers, contests and sessions in short."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def papers(self) -> list[PaperSummary]:
        """See `SchedulingStore.papers`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_SESSIONS["papers"])
        return [
            PaperSummary(row["id"], row["title"], row["items"], row["centipoints"], row["seconds"]) for row in found
        ]

    async def contests(self) -> list[ContestSummary]:
        """See `SchedulingStore.contests`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_SESSIONS["contests"])
        return [ContestSummary(row["id"], row["title"], row["year"], row["roster"]) for row in found]

    async def sessions(self) -> list[SessionSummary]:
        """See `SchedulingStore.sessions`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_SESSIONS["sessions"])
        return [
            SessionSummary(
                SessionId(row["id"]),
                row["contest_id"],
                row["contest_title"],
                row["paper_title"],
                row["title"],
                Phase(row["phase"]),
                Pacing(row["pacing"]),
                Micros(row["start_us"]),
                Micros(row["lobby_opens_us"]),
                row["freeze_percent"],
                row["seats"],
                row["struck"],
                row["conducted"],
            )
            for row in found
        ]

    async def schedule_session(self, session_id: SessionId) -> bool:
        """See `SchedulingStore.schedule_session`."""
        async with self._database.transaction() as connection:
            # One at a time: two that are scheduled at once both look for one that is under way.
            await connection.execute(_SESSIONS["lock"])
            return await connection.fetchval(_SESSIONS["schedule"], session_id) is not None

    async def move_session(self, session_id: SessionId, start_us: Micros, lobby_opens_us: Micros) -> bool:
        """See `SchedulingStore.move_session`."""
        async with self._database.connection() as connection:
            return await connection.fetchval(_SESSIONS["move"], session_id, start_us, lobby_opens_us) is not None

    async def withdraw_session(self, session_id: SessionId) -> bool:
        """See `SchedulingStore.withdraw_session`."""
        async with self._database.connection() as connection:
            return await connection.fetchval(_SESSIONS["withdraw"], session_id) is not None
