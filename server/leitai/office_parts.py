"""Builds the parts of the office's work before and after a contest, with what each needs. Imported by compose only."""

import time
from collections.abc import Mapping, Sequence

from leitai.config import Settings
from leitai.office.accounts import AccessCodes
from leitai.office.awards.objections import Objections
from leitai.office.awards.printing import Printing
from leitai.office.awards.procedure import AwardsOffice
from leitai.office.awards.tokens import CertificateTokens
from leitai.office.calendar.calendar import Calendar
from leitai.office.draws import Draws
from leitai.office.identity import IdentityHash
from leitai.office.intake import Intake
from leitai.office.likeness_desk import LikenessDesk
from leitai.office.media_desk import MediaDesk
from leitai.office.nominations.lists import Nominations
from leitai.office.nominations.rostering import PublishedRoster, Rostering
from leitai.office.nominations.tickets import TicketOffice
from leitai.office.paper_room import PaperRoom
from leitai.office.pool.history import PoolHistory
from leitai.office.pool.pool import Pool
from leitai.office.pool.sync import Synchronisation
from leitai.office.pool.winners import Winners
from leitai.office.question_desk import QuestionDesk
from leitai.office.question_uses import QuestionUses
from leitai.office.syllabus_desk import SyllabusDesk
from leitai.results_parts import public_results, results_parts
from leitai.rules.values import DelegationCode, Micros
from leitai.stores.postgres.awards_store import PostgresAwards
from leitai.stores.postgres.bank_files_store import PostgresBankFiles
from leitai.stores.postgres.calendar_store import CalendarDays
from leitai.stores.postgres.draw_store import PostgresDraws
from leitai.stores.postgres.media_store import PostgresMedia
from leitai.stores.postgres.office_store import PostgresOffice
from leitai.stores.postgres.paper_store import PostgresPapers
from leitai.stores.postgres.pool import Database
from leitai.stores.postgres.pool_store import PoolRecords
from leitai.stores.postgres.questions_store import QuestionsStore
from leitai.stores.postgres.rosters_store import PostgresPeople
from leitai.stores.postgres.syllabus_store import SyllabusEditionsStore
from leitai.stores.postgres.vault import Vault
from leitai.web.awards import AwardsPart, PublicityPart
from leitai.web.bank import BankPart
from leitai.web.bank_files import BankFilesPart
from leitai.web.calendar import CalendarDoors, CalendarPublic
from leitai.web.draw.public import PublicDraws
from leitai.web.draw.staff import DrawPart, Shorts
from leitai.web.media import MediaPart
from leitai.web.nominations import NominationsPart
from leitai.web.papers import PapersPart
from leitai.web.parts import OfficePart, PublicPart
from leitai.web.pool import PoolDoors
from leitai.web.rosters import PublicRosterPart, RostersPart


def office_parts(database: Database, vault: Vault, settings: Settings) -> tuple[OfficePart, ...]:
    """Return every part for the staff, in no particular order. Nothing connects yet."""
    awards, objections = awards_office(database, vault, settings)
    syllabus, questions = SyllabusEditionsStore(database), QuestionsStore(database)
    pool = _pool(database, vault, settings)
    return (
        *results_parts(database, vault),
        BankPart(QuestionDesk(questions, syllabus), SyllabusDesk(syllabus)),
        bank_files(database, vault, questions),
        MediaPart(MediaDesk(PostgresMedia(database), questions)),
        *_people(database, vault, settings),
        AwardsPart(awards, objections, Printing(awards, min(settings.allowed_origins))),
        PapersPart(PaperRoom(PostgresPapers(database, vault))),
        PoolDoors(pool, Synchronisation(pool, settings.server_key)),
        CalendarDoors(_calendar(database)),
        DrawPart(_draws(database), _shorts(database, vault)),
    )


def bank_files(database: Database, vault: Vault, questions: QuestionsStore) -> BankFilesPart:
    """Return imports and exports, likeness, and how questions fared."""
    store, office = PostgresBankFiles(database), PostgresOffice(database, vault)
    return BankFilesPart(store, Intake(store, office), LikenessDesk(store, questions), QuestionUses(office, store))


def public_parts(database: Database, vault: Vault, settings: Settings) -> tuple[PublicPart, ...]:
    """Return every part that anybody may look at. Nothing connects yet."""
    return (
        *public_results(database, vault),
        PublicRosterPart(PublishedRoster(PostgresPeople(database, vault), time.monotonic)),
        PublicityPart(*awards_office(database, vault, settings)),
        CalendarPublic(_calendar(database)),
        PublicDraws(_draws(database), _shorts(database, vault)),
    )


def awards_office(database: Database, vault: Vault, settings: Settings) -> tuple[AwardsOffice, Objections]:
    """Return the awards after 定榜, and the objections to them."""
    store, awards = PostgresOffice(database, vault), PostgresAwards(database)
    sink = Winners(_pool(database, vault, settings), PoolRecords(database, vault))
    office = AwardsOffice(store, awards, CertificateTokens(settings.server_key), _now_us, sink)
    return office, Objections(store, awards, _now_us)


def _people(database: Database, vault: Vault, settings: Settings) -> tuple[OfficePart, ...]:
    store = PostgresPeople(database, vault)
    key = settings.server_key
    lists = Nominations(store, PoolHistory(_pool(database, vault, settings)), IdentityHash(key), _now_us)
    office, address = PostgresOffice(database, vault), min(settings.allowed_origins)
    rostering = Rostering(store, lists, TheDrawn(office), two_persons=settings.two_persons, now_us=_now_us)
    tickets = TicketOffice(office, AccessCodes(key), address, time.monotonic)
    return (NominationsPart(lists, rostering), RostersPart(rostering, tickets))


class TheDrawn:
    """`office.nominations.ports.Drawn` from the draws that the office keeps."""

    def __init__(self, office: PostgresOffice) -> None:
        self._office = office

    async def drawn(self, contest_id: int) -> Mapping[DelegationCode, Sequence[str]]:
        """Return who was drawn, by delegation."""
        return {one.delegation: one.drawn for one in await self._office.draws(contest_id)}


def _now_us() -> Micros:
    return Micros(time.time_ns() // 1000)


def _pool(database: Database, vault: Vault, settings: Settings) -> Pool:
    return Pool(PoolRecords(database, vault), IdentityHash(settings.server_key))


def _calendar(database: Database) -> Calendar:
    days = CalendarDays(database)
    return Calendar(days, (days,))


def _draws(database: Database) -> Draws:
    store = PostgresDraws(database)
    return Draws(store, store, _now_us)


def _shorts(database: Database, vault: Vault) -> Shorts:
    store = PostgresOffice(database, vault)

    async def shorts() -> Mapping[DelegationCode, str]:
        return {one.code: one.short for one in await store.delegations()}

    return shorts
