"""Builds what provinces' own contests need: in a province's house its office and registration, in the nation's what
passes between both. Imported by roles and by office_parts.
"""

import time

from leitai.config import Settings
from leitai.office.awards.computing import Computing
from leitai.office.identity import IdentityHash
from leitai.office.nominations.lists import Nominations
from leitai.office.nominations.won import WonPlace, WonPlaces, WonSession
from leitai.office.own_contests import OwnContestsDesk
from leitai.office.own_contests_ports import Numbers
from leitai.office.results import NothingThere, NotPublished, Results
from leitai.rules.values import DelegationCode, Micros, Phase, SessionId
from leitai.stores.postgres.awards_store import PostgresAwards
from leitai.stores.postgres.lending_store import Lending, final_sessions
from leitai.stores.postgres.office_store import PostgresOffice
from leitai.stores.postgres.own_contests_store import OwnContests
from leitai.stores.postgres.pool import Database
from leitai.stores.postgres.vault import Vault
from leitai.stores.valkey.connection import Store
from leitai.stores.valkey.tickets import ValkeyTickets
from leitai.web.doors import WebSettings
from leitai.web.own_contests import OwnContestsPart, RegistrationPart


def own_contests_part(database: Database, vault: Vault, settings: Settings, lists: Nominations) -> OwnContestsPart:
    """Return the staff's doors. Nothing connects yet."""
    won = WonPlaces(lists, ProvincesResults(database, vault))
    lend = Lending(database).lend
    return OwnContestsPart(_desk(database, vault, settings), won, lend, min(settings.allowed_origins))


def registration_part(database: Database, vault: Vault, settings: Settings, store: Store) -> RegistrationPart:
    """Return the doors of who registers. Nothing connects yet."""
    limit = WebSettings(origins=settings.allowed_origins).max_body_bytes
    return RegistrationPart(_desk(database, vault, settings), ValkeyTickets(store).tries, limit)


def _desk(database: Database, vault: Vault, settings: Settings) -> OwnContestsDesk:
    office = PostgresOffice(database, vault)
    return OwnContestsDesk(
        OwnContests(database, vault, settings.own_people_most),
        Results(office),
        Computing(office),
        PostgresAwards(database),
        IdentityHash(settings.server_key),
        _now_us,
    )


def _now_us() -> Micros:
    return Micros(time.time_ns() // 1000)


class ProvincesResults:
    """`office.nominations.won.OwnResults`, asked as each province's own house would ask: nothing else is seen."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def sessions(self, owner: DelegationCode) -> list[WonSession]:
        """See `OwnResults`."""
        async with self._database.owned_by(owner) as own:
            return await final_sessions(own)

    async def best(self, owner: DelegationCode, session_id: SessionId, best: int) -> list[WonPlace]:
        """See `OwnResults`."""
        async with self._database.owned_by(owner) as own:
            try:
                judged = await Results(PostgresOffice(own, self._vault)).judged(session_id)
            except (NothingThere, NotPublished):
                raise KeyError(session_id) from None
            if judged.record.phase is not Phase.FINALIZED:
                raise KeyError(session_id)
            out = {one.sitting_id for one in judged.outcome.members if one.struck or one.absent}
            placed = [
                one
                for one in sorted(judged.outcome.individuals, key=lambda one: one.order)
                if one.rank <= best and one.score.sitting_id not in out
            ]
            numbers = await OwnContests(own, self._vault).numbers_of(
                session_id, [one.score.sitting_id for one in placed]
            )
        people = {one.score.sitting_id: judged.sittings[one.score.sitting_id].contestant.person for one in placed}
        return [
            WonPlace(
                one.rank,
                people[one.score.sitting_id].name,
                people[one.score.sitting_id].unit,
                one.score.centipoints,
                numbers.get(one.score.sitting_id, Numbers()),
            )
            for one in placed
        ]
