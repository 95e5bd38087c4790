"""Builds what anybody may look at, and what the staff's parts share with it. Imported by roles and by
office_parts; knows nothing that only the staff's parts need, so that a gateway is soon there.
"""

import time
from collections.abc import Mapping, Sequence

from leitai.config import Settings
from leitai.office.awards.objections import Objections
from leitai.office.awards.ports import Winner
from leitai.office.awards.procedure import AwardsOffice
from leitai.office.awards.tokens import CertificateTokens
from leitai.office.calendar.calendar import Calendar
from leitai.office.draws import Draws
from leitai.office.identity import IdentityHash
from leitai.office.nominations.rostering import PublishedRoster
from leitai.office.pool.pool import Pool
from leitai.office.pool.winners import Winners
from leitai.office.signing import Signer
from leitai.rules.values import DelegationCode, Micros
from leitai.stores.postgres.awards_store import PostgresAwards
from leitai.stores.postgres.calendar_store import CalendarDays
from leitai.stores.postgres.draw_store import PostgresDraws
from leitai.stores.postgres.office_store import PostgresOffice
from leitai.stores.postgres.own_contests_store import OwnContests
from leitai.stores.postgres.pool import Database
from leitai.stores.postgres.pool_store import PoolRecords
from leitai.stores.postgres.results_store import PostgresSeals
from leitai.stores.postgres.rosters_store import PostgresPeople
from leitai.stores.postgres.stage_facts_store import StageFacts
from leitai.stores.postgres.vault import Vault
from leitai.web.auditing import SigningPart
from leitai.web.awards import PublicityPart
from leitai.web.calendar import CalendarPublic
from leitai.web.draw.public import PublicDraws
from leitai.web.draw.staff import Shorts
from leitai.web.parts import PublicPart
from leitai.web.rosters import PublicRosterPart


def public_parts(database: Database, vault: Vault, settings: Settings) -> tuple[PublicPart, ...]:
    """Return every part that anybody may look at. Nothing connects yet."""
    return (
        SigningPart(Signer(PostgresSeals(database, vault))),
        PublicRosterPart(PublishedRoster(PostgresPeople(database, vault), time.monotonic)),
        PublicityPart(*awards_office(database, vault, settings)),
        CalendarPublic(calendar(database)),
        PublicDraws(draws(database), shorts(database, vault)),
    )


def awards_office(database: Database, vault: Vault, settings: Settings) -> tuple[AwardsOffice, Objections]:
    """Return the awards after 定榜, and the objections to them."""
    store, awards = PostgresOffice(database, vault), PostgresAwards(database)
    sink = (
        ProvincesWinners(database, vault, settings)
        if settings.owner
        else Winners(pool(database, vault, settings), PoolRecords(database, vault))
    )
    office = AwardsOffice(store, awards, CertificateTokens(settings.server_key), now_us, sink)
    return office, Objections(store, awards, now_us)


class ProvincesWinners:
    """`office.awards.ports.WinnersSink` of a province's house.

    The one pool holds every province's people, a province's part by their delegation: what a contest of its own gave is
    written there as the nation's house writes, while people are known by the numbers on the province's roster.
    """

    def __init__(self, database: Database, vault: Vault, settings: Settings) -> None:
        self._database, self._vault, self._settings = database, vault, settings

    async def add(self, contest_id: int, year: int, winners: Sequence[Winner], actor: str) -> None:
        """See `WinnersSink.add`."""
        async with self._database.owned_by("") as nation:
            rosters = OwnContests(self._database, self._vault)
            await Winners(pool(nation, self._vault, self._settings), rosters).add(contest_id, year, winners, actor)


def now_us() -> Micros:
    """The wall clock of the office's own deadlines, in microseconds since 1970."""
    return Micros(time.time_ns() // 1000)


def pool(database: Database, vault: Vault, settings: Settings) -> Pool:
    """Return the expert pool (能手库)."""
    return Pool(PoolRecords(database, vault), IdentityHash(settings.server_key))


def calendar(database: Database) -> Calendar:
    """Return the year's calendar, with the facts that its stages go by."""
    days = CalendarDays(database)
    return Calendar(days, (days, StageFacts(database)))


def draws(database: Database) -> Draws:
    """Return the draws (抽签)."""
    store = PostgresDraws(database)
    return Draws(store, store, now_us)


def shorts(database: Database, vault: Vault) -> Shorts:
    """Return what gives the delegations' short names."""
    store = PostgresOffice(database, vault)

    async def named() -> Mapping[DelegationCode, str]:
        return {one.code: one.short for one in await store.delegations()}

    return named
