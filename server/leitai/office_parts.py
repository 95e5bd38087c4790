"""Builds the parts of the office's work before and after a contest, with what each needs. Imported by roles only."""

from collections.abc import Callable, Mapping, Sequence

from leitai.config import Settings
from leitai.office.accounts import AccessCodes
from leitai.office.awards.printing import Printing
from leitai.office.identity import IdentityHash
from leitai.office.intake import Intake
from leitai.office.likeness_desk import LikenessDesk
from leitai.office.media_desk import MediaDesk
from leitai.office.nominations.lists import Nominations
from leitai.office.nominations.rostering import Rostering
from leitai.office.nominations.tickets import TicketOffice
from leitai.office.pacing import Pacing
from leitai.office.paper_room import PaperRoom
from leitai.office.pool.history import PoolHistory
from leitai.office.pool.sync import Synchronisation
from leitai.office.practice.evidence import Evidence
from leitai.office.practice.features import FeatureDesk
from leitai.office.practice.learner_care import LearnerCare
from leitai.office.practice.monthly import Monthly
from leitai.office.practice.organisation_files import Organisations
from leitai.office.practice.release_desk import ReleaseDesk
from leitai.office.practice.timing import SYSTEM_CLOCK
from leitai.office.printing.fonts import look_in
from leitai.office.question_desk import QuestionDesk
from leitai.office.question_uses import QuestionUses
from leitai.office.syllabus_desk import SyllabusDesk
from leitai.own_parts import own_contests_part
from leitai.public_parts import awards_office, calendar, draws, now_us, pool, shorts
from leitai.results_parts import results_parts
from leitai.rules.values import DelegationCode
from leitai.stage_parts import stage_part
from leitai.stores.postgres.bank_files_store import PostgresBankFiles
from leitai.stores.postgres.learner_care_store import LearnerCareStore
from leitai.stores.postgres.lending_store import Lending
from leitai.stores.postgres.media_store import PostgresMedia
from leitai.stores.postgres.monthly_store import PostgresMonthly
from leitai.stores.postgres.office_store import PostgresOffice
from leitai.stores.postgres.organisations_store import OrganisationsStore
from leitai.stores.postgres.paper_store import PostgresPapers
from leitai.stores.postgres.pool import Database
from leitai.stores.postgres.practice_desk_store import PracticeDesk
from leitai.stores.postgres.practice_features_store import PracticeFeatures
from leitai.stores.postgres.printing_store import PostgresPrints
from leitai.stores.postgres.questions_store import QuestionsStore
from leitai.stores.postgres.rosters_store import PostgresPeople
from leitai.stores.postgres.syllabus_store import SyllabusEditionsStore
from leitai.stores.postgres.titles_store import TitlesStore
from leitai.stores.postgres.vault import Vault
from leitai.stores.valkey.connection import Store
from leitai.stores.valkey.learner_sessions import ValkeyLearnerSessions
from leitai.web.awards import AwardsPart
from leitai.web.bank import BankPart
from leitai.web.bank_files import BankFilesPart
from leitai.web.calendar import CalendarDoors
from leitai.web.doors import ItemBytes
from leitai.web.draw.staff import DrawPart
from leitai.web.learner_care import LearnerCarePart
from leitai.web.learners_office import LearnersOffice
from leitai.web.media import MediaPart
from leitai.web.monthly import MonthlyDeskPart
from leitai.web.nominations import NominationsPart
from leitai.web.papers import PapersPart
from leitai.web.parts import OfficePart
from leitai.web.pool import PoolDoors
from leitai.web.practice_desk import PracticeDeskPart
from leitai.web.practice_features import FeaturesPart
from leitai.web.rosters import RostersPart


def office_parts(
    database: Database,
    vault: Vault,
    settings: Settings,
    store: Store,
    media: ItemBytes,
    under_way: Callable[[], bool],
) -> tuple[OfficePart, ...]:
    """Return every part for the staff, in no particular order. Nothing connects yet.

    `media` reads what stages show; `under_way`: whether a contest is, so that long work that can wait takes its time.
    """
    look_in(settings.fonts)
    awards, objections = awards_office(database, vault, settings)
    syllabus, questions = SyllabusEditionsStore(database), QuestionsStore(database)
    experts, prints = pool(database, vault, settings), PostgresPrints(database, vault)
    printing = Printing(awards, min(settings.allowed_origins), prints)
    return (
        *results_parts(database, vault),
        BankPart(QuestionDesk(questions, syllabus), SyllabusDesk(syllabus)),
        bank_files(database, vault, questions),
        MediaPart(MediaDesk(PostgresMedia(database), questions)),
        *_people(database, vault, settings, Pacing(under_way)),
        AwardsPart(awards, objections, printing),
        PapersPart(PaperRoom(PostgresPapers(database, vault))),
        PoolDoors(experts, Synchronisation(experts, settings.server_key)),
        CalendarDoors(calendar(database)),
        DrawPart(draws(database), shorts(database, vault)),
        LearnersOffice(
            Organisations(OrganisationsStore(database)),
            Evidence(TitlesStore(database), PostgresPeople(database, vault), now_us),
        ),
        PracticeDeskPart(ReleaseDesk(PracticeDesk(database), syllabus, now_us)),
        LearnerCarePart(
            LearnerCare(
                LearnerCareStore(database, vault),
                IdentityHash(settings.server_key),
                AccessCodes(settings.server_key),
                now_us,
            ),
            OrganisationsStore(database),
            ValkeyLearnerSessions(store).end,
        ),
        FeaturesPart(FeatureDesk(PracticeFeatures(database), now_us)),
        MonthlyDeskPart(Monthly(PostgresMonthly(database, vault), SYSTEM_CLOCK)),
        stage_part(database, settings, store, media),
    )


def bank_files(database: Database, vault: Vault, questions: QuestionsStore) -> BankFilesPart:
    """Return imports and exports, likeness, and how questions fared."""
    store, office = PostgresBankFiles(database), PostgresOffice(database, vault)
    return BankFilesPart(store, Intake(store, office), LikenessDesk(store, questions), QuestionUses(office, store))


def _people(database: Database, vault: Vault, settings: Settings, reading: Pacing) -> tuple[OfficePart, ...]:
    store = PostgresPeople(database, vault)
    key = settings.server_key
    lists = Nominations(store, PoolHistory(pool(database, vault, settings)), IdentityHash(key), now_us, reading)
    office, address = PostgresOffice(database, vault), min(settings.allowed_origins)
    rostering = Rostering(store, lists, TheDrawn(office), two_persons=settings.two_persons, now_us=now_us)
    tickets = TicketOffice(office, AccessCodes(key), address, PostgresPrints(database, vault))
    own = own_contests_part(database, vault, settings, lists)
    return (NominationsPart(lists, rostering, Lending(database).won_places), RostersPart(rostering, tickets), own)


class TheDrawn:
    """`office.nominations.ports.Drawn` from the draws that the office keeps."""

    def __init__(self, office: PostgresOffice) -> None:
        self._office = office

    async def drawn(self, contest_id: int) -> Mapping[DelegationCode, Sequence[str]]:
        """Return who was drawn, by delegation."""
        return {one.delegation: one.drawn for one in await self._office.draws(contest_id)}
