"""Builds what the learners' door needs: accounts, and the parts of the practice. Imported by compose only."""

from dataclasses import dataclass

from leitai.config import Settings
from leitai.live.match.hub import MatchHub
from leitai.match_parts import match_parts
from leitai.office.accounts import AccessCodes
from leitai.office.identity import IdentityHash
from leitai.office.practice.book import Book
from leitai.office.practice.catalogue import Catalogue
from leitai.office.practice.learner_care import LearnerCare
from leitai.office.practice.learners import Learners
from leitai.office.practice.monthly import Monthly
from leitai.office.practice.nightly import Nightly
from leitai.office.practice.progress import LearnersProgress
from leitai.office.practice.push.encryption import Voluntary
from leitai.office.practice.push.posting import Posting
from leitai.office.practice.push.reminding import Reminding, Services
from leitai.office.practice.sets import Sets
from leitai.office.practice.standing import OwnStanding
from leitai.office.practice.timing import SYSTEM_CLOCK, Clock
from leitai.office.practice.titles import Titles
from leitai.office.printing.fonts import look_in
from leitai.stores.postgres.bank_files_store import PostgresBankFiles
from leitai.stores.postgres.boards_store import BoardsStore
from leitai.stores.postgres.learner_care_store import LearnerCareStore
from leitai.stores.postgres.media_store import PostgresMedia
from leitai.stores.postgres.monthly_store import PostgresMonthly
from leitai.stores.postgres.organisations_store import OrganisationsStore
from leitai.stores.postgres.pool import Database
from leitai.stores.postgres.practice_features_store import PracticeFeatures
from leitai.stores.postgres.practice_night_store import PracticeNights
from leitai.stores.postgres.practice_store import PracticeSets
from leitai.stores.postgres.push_store import PushSubscriptions
from leitai.stores.postgres.titles_store import TitlesStore
from leitai.stores.postgres.vault import Vault
from leitai.stores.valkey.connection import Store
from leitai.stores.valkey.learner_sessions import ValkeyLearnerSessions
from leitai.stores.valkey.tickets import ValkeyTickets
from leitai.web.doors import WebSettings
from leitai.web.learners import LearnerDoors, LearnersPart
from leitai.web.learners_boards import BoardsPart
from leitai.web.learners_incentives import IncentivesPart
from leitai.web.learners_push import PushPart
from leitai.web.monthly import MonthlyPart
from leitai.web.parts import PracticePart
from leitai.web.practice_films import FilmsPart
from leitai.web.practice_sets import SetsPart

TOTALS_KEPT_S = 10.0
"""For so long a board's count of learners may be as it was."""


@dataclass(frozen=True, slots=True)
class Practice:
    """What a process of the practice has."""

    accounts: LearnerDoors
    parts: tuple[PracticePart, ...]
    titles: Titles
    nightly: Nightly
    reminding: Reminding
    monthly: Monthly
    matches: MatchHub


def practice_parts(
    database: Database,
    vault: Vault,
    settings: Settings,
    web: WebSettings,
    store: Store,
    clock: Clock = SYSTEM_CLOCK,
    services: Services | None = None,
) -> Practice:
    """Return every part; nothing connects yet. `settings` say where the door is, `web` how it stands.

    `services` are those that reminders may be sent to: those of browsers, unless a test names others.
    """
    now_us = clock.now_us
    organisations, boards = OrganisationsStore(database), BoardsStore(database, TOTALS_KEPT_S)
    store_of_learners, hashes = LearnerCareStore(database, vault), IdentityHash(settings.server_key)
    learners = Learners(store_of_learners, hashes)
    care = LearnerCare(store_of_learners, hashes, AccessCodes(settings.server_key), now_us)
    tickets = ValkeyTickets(store, lambda: now_us() / 1e6)
    tries = tickets.tries
    doors = LearnerDoors(learners, ValkeyLearnerSessions(store), tries, organisations, now_us)
    titles = Titles(TitlesStore(database), clock)
    sets = PracticeSets(database)
    catalogue = Catalogue(sets)
    progress = LearnersProgress(sets, catalogue, now_us)
    standing = OwnStanding(boards, titles, progress, now_us)
    look_in(settings.fonts)
    address = min(settings.allowed_practice_origins)
    proof = Voluntary(settings.server_key, settings.push_contact) if settings.push_contact else None
    reminding = Reminding(PushSubscriptions(database, vault), Posting(), proof, clock, address, services)
    monthly = Monthly(PostgresMonthly(database, vault), clock)
    matches, hub = match_parts(database, settings, web, store, catalogue, tries, now_us)
    parts: tuple[PracticePart, ...] = (
        matches,
        PushPart(reminding, tries),
        LearnersPart(doors, web, care),
        BoardsPart(standing, boards, organisations, now_us),
        IncentivesPart(standing, doors, address, now_us),
        SetsPart(
            Sets(sets, catalogue, now_us), Book(sets, catalogue, now_us), progress, tries, now_us, settings.server_key
        ),
        FilmsPart(PracticeFeatures(database), PostgresMedia(database), tries, now_us),
        MonthlyPart(monthly, tickets.hand_over, tries, min(settings.allowed_monthly_origins), now_us),
    )
    nightly = Nightly(PracticeNights(database), PostgresBankFiles(database), clock)
    return Practice(doors, parts, titles, nightly, reminding, monthly, hub)
