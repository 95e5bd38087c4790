"""What passes between the nation and the provinces: questions that are lent, places that speak for nominees."""

from collections.abc import Mapping
from dataclasses import dataclass

from leitai.office.nominations.values import WonEvidence
from leitai.office.nominations.won import WonSession
from leitai.rules.values import DelegationCode, Micros, SessionId
from leitai.stores.postgres.auditing import audit
from leitai.stores.postgres.pool import Database
from leitai.stores.postgres.queries import Queries

_SQL = Queries("own_contests")


@dataclass(frozen=True, slots=True)
class WantedHouse:
    """A province whose house is wanted; `has_session`: a session of its own is ahead, under way, or not final yet."""

    code: str
    has_session: bool


class Lending:
    """The nation's side; the database is lent, not owned."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def lend(self, question_id: int, provinces: bool, actor: str) -> bool:
        """Let provinces use a question of the nation's, or not; False: it is not approved. Raises KeyError."""
        async with self._database.transaction() as connection:
            if not await connection.fetchval(_SQL["has_question"], question_id):
                raise KeyError(question_id)
            if await connection.fetchval(_SQL["lend"], question_id, provinces) is None:
                return False
            await audit(connection, actor, "lend-question", f"question {question_id}", {"provinces": provinces})
        return True

    async def won_places(self, contest_id: int, delegation: DelegationCode) -> Mapping[bytes, list[WonEvidence]]:
        """Return what speaks for whom, by hash of the identity number."""
        found: dict[bytes, list[WonEvidence]] = {}
        async with self._database.connection() as connection:
            for row in await connection.fetch(_SQL["won_places"], contest_id, delegation):
                one = WonEvidence(row["contest_title"], row["title"], row["rank"], row["people"], row["centipoints"])
                found.setdefault(row["id_hash"], []).append(one)
        return found

    async def wanted_houses(self, leaders: int, *, by_provider: bool) -> list[WantedHouse]:
        """Return the provinces with a session of their own, the next first, then those with so many team leaders who
        can sign in; raises `StoreUnavailable`.

        `by_provider`: a provider of identities signs in whoever has an account, also without a password.
        """
        async with self._database.connection() as connection:
            return [
                WantedHouse(row["code"], row["has_session"])
                for row in await connection.fetch(_SQL["houses_wanted"], leaders, by_provider)
            ]

    async def past_houses(self) -> list[str]:
        """Return the provinces with a final session of their own, by code: the public looks for its results and
        certificates; raises `StoreUnavailable`.
        """
        async with self._database.connection() as connection:
            return [row["code"] for row in await connection.fetch(_SQL["houses_past"])]


async def final_sessions(own: Database) -> list[WonSession]:
    """Return the final sessions of a province, whose house the connections are of."""
    async with own.connection() as connection:
        return [
            WonSession(SessionId(row["id"]), row["contest_title"], row["title"], Micros(row["start_us"]), row["people"])
            for row in await connection.fetch(_SQL["final_sessions"])
        ]
