"""月月比 in PostgreSQL: `office.practice.monthly_ports.MonthlyStore`."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from leitai.office.practice.monthly_ports import Month, MonthResult, OwnMonth, Sitter
from leitai.office.practice.ports import Earned
from leitai.office.scheduling_ports import PaperSummary
from leitai.office.session_ports import SessionSettings
from leitai.rules.monthly import MonthlyRefused, Sat
from leitai.rules.practice_boards import Kind
from leitai.rules.values import JUDGED, Answer, Micros, Phase, Plan, QuestionType, SessionId, SittingId, Standing
from leitai.stores.postgres import rows
from leitai.stores.postgres.auditing import UNIQUE, audit, refusing
from leitai.stores.postgres.office_store import insert_session
from leitai.stores.postgres.paper_seal import items_of
from leitai.stores.postgres.points_store import add_points
from leitai.stores.postgres.pool import Database
from leitai.stores.postgres.queries import Queries
from leitai.stores.postgres.rows import Row
from leitai.stores.postgres.vault import Vault

CONTEST, ORGANIZER = "月月比", "练兵组"
_MONTHLY = Queries("monthly")
_SESSION = Queries("session")


class PostgresMonthly:
    """Months, sittings, results.

    Args:
        database: lent, not owned.
        vault: seals the secrets of sessions, and opens the papers that they play.
    """

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def sealed_papers(self) -> Sequence[PaperSummary]:
        """See `MonthlyStore.sealed_papers`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_MONTHLY["sealed_papers"])
        return [
            PaperSummary(row["id"], row["title"], row["items"], row["centipoints"], row["seconds"]) for row in found
        ]

    async def months(self) -> Sequence[Month]:
        """See `MonthlyStore.months`."""
        async with self._database.connection() as connection:
            return [_month(row) for row in await connection.fetch(_MONTHLY["months"])]

    async def schedule(
        self, month: date, paper_id: int, settings: SessionSettings, secret: bytes, actor: str
    ) -> SessionId:
        """See `MonthlyStore.schedule`."""
        taken = {UNIQUE: lambda: MonthlyRefused("monthly-month-taken")}
        with refusing(taken):
            async with self._database.transaction() as connection:
                await connection.execute(_MONTHLY["lock"])
                if not await connection.fetchval(_MONTHLY["paper_is_free"], paper_id):
                    raise MonthlyRefused("paper-not-sealed")
                known: int | None = await connection.fetchval(_MONTHLY["contest"], month.year)
                contest_id: int = known or await connection.fetchval(
                    _MONTHLY["add_contest"], CONTEST, ORGANIZER, month.year
                )
                session_id = await insert_session(
                    connection, self._vault, contest_id, paper_id, settings, secret, Phase.DRAFT
                )
                items = await items_of(connection, self._vault, session_id)
                if any(QuestionType(item["type"]) in JUDGED for item in items):
                    raise MonthlyRefused("monthly-judged")
                closes_us = settings.start_us + settings.duration_us
                await connection.execute(_MONTHLY["insert"], session_id, month, settings.start_us, closes_us, actor)
                detail = {
                    "month": month.isoformat(),
                    "paper": paper_id,
                    "opens_us": settings.start_us,
                    "closes_us": closes_us,
                    "own_us": settings.own_us,
                }
                await audit(connection, actor, "schedule-monthly", f"session {session_id}", detail)
        return session_id

    async def withdraw(self, session_id: SessionId, actor: str) -> None:
        """See `MonthlyStore.withdraw`."""
        async with self._database.transaction() as connection:
            if await connection.fetchval(_MONTHLY["hold"], session_id) is None:
                raise KeyError(session_id)
            if await connection.fetchval(_MONTHLY["withdraw"], session_id, actor) is None:
                raise MonthlyRefused("monthly-begun")
            await audit(connection, actor, "withdraw-monthly", f"session {session_id}", {})

    async def prepare(self, until_us: int) -> int:
        """See `MonthlyStore.prepare`."""
        async with self._database.connection() as connection:
            return len(await connection.fetch(_MONTHLY["prepare"], until_us))

    async def own(self, learner_id: int, since: date) -> Sequence[OwnMonth]:
        """See `MonthlyStore.own`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_MONTHLY["own"], learner_id, since)
        return [_own(row) for row in found]

    async def enrol(self, session_id: SessionId, learner_id: int, now_us: int) -> SittingId:
        """See `MonthlyStore.enrol`."""
        async with self._database.connection() as connection:
            found: int | None = None
            while found is None:
                # Two tabs at once: the one that lost sees the other's row only in its next statement.
                found = await connection.fetchval(_MONTHLY["enrol"], session_id, learner_id, now_us)
        return SittingId(found)

    async def sitter(self, sitting_id: SittingId) -> Sitter | None:
        """See `SitterStore.sitter`."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_MONTHLY["sitter"], sitting_id)
        return None if row is None else Sitter(SessionId(row["session_id"]), row["name"], row["place"])

    async def to_settle(self) -> Sequence[Month]:
        """See `MonthlyStore.to_settle`."""
        async with self._database.connection() as connection:
            return [_month(row) for row in await connection.fetch(_MONTHLY["to_settle"])]

    async def plan(self, session_id: SessionId) -> Plan:
        """See `MonthlyStore.plan`."""
        async with self._database.transaction(snapshot=True) as connection:
            session = await connection.fetchrow(_SESSION["session"], session_id)
            return rows.plan(session, await items_of(connection, self._vault, session_id))

    async def sittings(self, session_id: SessionId) -> Sequence[SittingId]:
        """See `MonthlyStore.sittings`."""
        async with self._database.connection() as connection:
            return [SittingId(row["id"]) for row in await connection.fetch(_MONTHLY["sittings"], session_id)]

    async def answers_of(
        self, session_id: SessionId, sittings: Sequence[SittingId]
    ) -> Mapping[SittingId, Sequence[Answer]]:
        """See `MonthlyStore.answers_of`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_MONTHLY["answers_of"], session_id, list(sittings))
        answers: defaultdict[SittingId, list[Answer]] = defaultdict(list)
        for row in found:
            answers[SittingId(row["sitting_id"])].append(rows.answer(row))
        return answers

    async def settle(self, month: Month, day: date, results: Sequence[tuple[Sat, Standing]]) -> None:
        """See `MonthlyStore.settle`."""
        async with self._database.transaction() as connection:
            ids = [sat.score.sitting_id for sat, _ in results]
            found = await connection.fetch(_MONTHLY["learners_of"], month.session_id, ids)
            learners = {SittingId(row["id"]): row["learner_id"] for row in found}
            # In the order in which matches of two write, too: neither waits for the other in a circle.
            for sat, standing in sorted(results, key=lambda one: learners[one[0].score.sitting_id]):
                score = sat.score
                learner_id: int | None = await connection.fetchval(
                    _MONTHLY["write_result"],
                    month.session_id,
                    score.sitting_id,
                    sat.begun_us,
                    score.centipoints,
                    score.elapsed_us,
                    score.answered,
                    standing.rank,
                )
                if learner_id is not None:
                    earned = Earned(learner_id, day, Kind.MONTHLY, month.session_id, score.centipoints)
                    await add_points(connection, earned)

    async def settled(self, session_id: SessionId, now_us: int) -> None:
        """See `MonthlyStore.settled`."""
        async with self._database.connection() as connection:
            await connection.execute(_MONTHLY["settled"], session_id, now_us)


def _month(row: Row) -> Month:
    return Month(
        SessionId(row["session_id"]),
        row["month"],
        row["title"],
        row["paper_title"],
        row["items"],
        row["centipoints"],
        Micros(row["opens_us"]),
        Micros(row["closes_us"]),
        Micros(row["own_us"]),
        Phase(row["phase"]),
        row["enrolled"],
        row["sat"],
        row["settled"],
        row["scheduled_by"],
        row["withdrawn_by"],
    )


def _own(row: Row) -> OwnMonth:
    result = None
    if row["rank"] is not None and row["settled"]:
        result = MonthResult(row["own_centipoints"], row["elapsed_us"], row["answered"], row["rank"], row["others"])
    begun_us = None if row["begun_us"] is None else Micros(row["begun_us"])
    return OwnMonth(_month(row), begun_us, result)
