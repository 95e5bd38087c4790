"""The practice over real stores for tests: learners, organisations, a clock that is moved, and the doors to them."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import argon2
import httpx2
from starlette.applications import Starlette

from leitai.office.accounts import AccessCodes
from leitai.office.identity import IdentityHash
from leitai.office.practice import timing
from leitai.office.practice.book import Book
from leitai.office.practice.catalogue import Catalogue
from leitai.office.practice.evidence import Evidence
from leitai.office.practice.learner_care import LearnerCare
from leitai.office.practice.learners import Learners
from leitai.office.practice.learners_ports import LearnerRecord, NewLearner
from leitai.office.practice.matches import Matches
from leitai.office.practice.memory import missed_in_match
from leitai.office.practice.monthly import Monthly
from leitai.office.practice.organisation_files import Organisations, OrganisationsReport
from leitai.office.practice.passwords import Passwords
from leitai.office.practice.ports import Earned, KindName, NoProgress
from leitai.office.practice.progress import LearnersProgress
from leitai.office.practice.push.encryption import Voluntary
from leitai.office.practice.push.posting import Posting
from leitai.office.practice.push.reminding import Reminding
from leitai.office.practice.sets import Sets
from leitai.office.practice.standing import OwnStanding
from leitai.office.practice.titles import Titles
from leitai.rules.practice_boards import Kind
from leitai.rules.values import Micros, SessionId, SittingId
from leitai.stores.postgres.boards_store import BoardsStore
from leitai.stores.postgres.learner_care_store import LearnerCareStore
from leitai.stores.postgres.matches_store import PostgresMatches
from leitai.stores.postgres.media_store import PostgresMedia
from leitai.stores.postgres.monthly_store import PostgresMonthly
from leitai.stores.postgres.organisations_store import OrganisationsStore
from leitai.stores.postgres.points_store import add_points
from leitai.stores.postgres.pool import Database
from leitai.stores.postgres.practice_features_store import PracticeFeatures
from leitai.stores.postgres.practice_store import PracticeSets
from leitai.stores.postgres.push_store import PushSubscriptions
from leitai.stores.postgres.rosters_store import PostgresPeople
from leitai.stores.postgres.titles_store import TitlesStore
from leitai.stores.postgres.vault import Vault
from leitai.stores.valkey.connection import open_store
from leitai.stores.valkey.matches import ValkeyMatches
from leitai.web.doors import WebSettings
from leitai.web.learners import LearnerDoors, LearnersPart
from leitai.web.learners_boards import BoardsPart
from leitai.web.learners_incentives import IncentivesPart
from leitai.web.learners_push import PushPart
from leitai.web.monthly import MonthlyPart
from leitai.web.practice import build_practice_app
from leitai.web.practice_films import FilmsPart
from leitai.web.practice_matches import MatchesPart
from leitai.web.practice_sets import SetsPart
from tests.support.doors import ORIGIN, World, settings
from tests.support.office import SERVER_KEY
from tests.support.workbooks import workbook

HEAD = ["机构编码", "机构名称", "级别", "上级编码", "状态"]
PASSWORD = "a good pass phrase"
TODAY = date(2022, 8, 31)
"""A Wednesday, and the day by which eligibility is measured."""
TREE = (
    ["220100", "长春市", "市", "220000"],
    ["220102", "南关区", "区县", "220100"],
    ["JL-NG-1", "南关区社保窗口", "单位", "220102"],
    ["JL-NG-2", "南关区就业窗口", "单位", "220102"],
    ["JL-CC-1", "长春市人社局窗口", "单位", "220100"],
    ["130100", "石家庄市", "市", "130000"],
    ["HE-SJZ-1", "石家庄社保窗口", "单位", "130100"],
)


class Clock:
    """The server's clock: noon in Beijing of a day, until it is moved."""

    def __init__(self) -> None:
        self.day = TODAY

    def __call__(self) -> Micros:
        return Micros(((self.day - date(1970, 1, 1)).days * 24 + 4) * 3_600_000_000)


@dataclass
class Sessions:
    """Sessions in memory."""

    cookies: dict[str, int] = field(default_factory=dict[str, int])
    made: int = 0

    async def open(self, learner_id: int) -> str:
        """See `LearnerSessions`."""
        self.made += 1
        self.cookies[f"cookie-{self.made}"] = learner_id
        return f"cookie-{self.made}"

    async def learner(self, cookie: str) -> int | None:
        """See `LearnerSessions`."""
        return self.cookies.get(cookie)

    async def close(self, cookie: str) -> None:
        """See `LearnerSessions`."""
        self.cookies.pop(cookie, None)

    async def end(self, learner_id: int) -> None:
        """See `LearnerSessions`."""
        self.cookies = {cookie: one for cookie, one in self.cookies.items() if one != learner_id}


@dataclass(frozen=True)
class Practice:
    """Everything of a practice on one database."""

    database: Database
    learners: Learners
    organisations: Organisations
    boards: BoardsStore
    titles: Titles
    titles_store: TitlesStore
    evidence: Evidence
    people: PostgresPeople
    standing: OwnStanding
    clock: Clock
    sessions: Sessions
    tries: dict[str, int]
    monthly: Monthly
    handed: dict[str, tuple[SessionId, SittingId]]
    """Who was handed over to which sitting, by code."""
    app: Starlette

    async def tree(self, *rows: Sequence[str], own: str | None = None) -> OrganisationsReport:
        """Import organisations, `TREE` unless others are named."""
        return await self.bring(table(*(rows or TREE)), own=own)

    async def bring(
        self, data: bytes, *, own: str | None = None, dry_run: bool = False, leave_out: bool = False
    ) -> OrganisationsReport:
        """Import a file."""
        return await self.organisations.take(
            "tree.xlsx", data, actor="tests", own=own, dry_run=dry_run, leave_out=leave_out
        )

    async def organisation(self, code: str) -> int:
        """Return the number of an organisation."""
        async with self.database.connection() as connection:
            return await connection.fetchval("select id from organisation where code = $1", code)

    async def learner(
        self, account: str, name: str = "", *, at: str = "", nickname: str = "", id_number: str = ""
    ) -> LearnerRecord:
        """Register somebody; `at` is the code of where they work."""
        kind: KindName = "window" if at else "public"
        place = await self.organisation(at) if at else None
        new = NewLearner(kind, place, name or account, nickname, id_number=id_number, password=PASSWORD)
        return await self.learners.register(account if account[0] in "+1" else f"of.{account}", new)

    async def earn(
        self,
        learner: LearnerRecord | int,
        centipoints: int,
        *,
        on: date | None = None,
        kind: Kind = Kind.WEEKLY,
        source: int | None = None,
        questions: int = 0,
    ) -> bool:
        """Write into the ledger, as a set does."""
        learner_id = learner if isinstance(learner, int) else learner.learner.learner_id
        async with self.database.transaction() as connection:
            fresh: int = await connection.fetchval("select count(*) + 1000 from practice_points")
            which = fresh if source is None else source
            earned = Earned(learner_id, on or self.clock.day, kind, which, centipoints, questions)
            return await add_points(connection, earned)

    def visitor(self) -> httpx2.AsyncClient:
        """A browser that nobody is signed in to."""
        transport = httpx2.ASGITransport(app=self.app)
        return httpx2.AsyncClient(transport=transport, base_url=ORIGIN, headers={"Origin": ORIGIN})


@asynccontextmanager
async def practising(dsn: str, web: WebSettings | None = None) -> AsyncGenerator[Practice]:
    """A practice on a database; its connections end with the block."""
    database, vault, clock, sessions = Database(dsn), Vault(SERVER_KEY), Clock(), Sessions()
    hashes, web = IdentityHash(SERVER_KEY), web or settings()
    # Hashing as it is in earnest takes a tenth of a second and 64 MiB each.
    passwords = Passwords(argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    accounts = LearnerCareStore(database, vault)
    learners = Learners(accounts, hashes, passwords)
    care = LearnerCare(accounts, hashes, AccessCodes(SERVER_KEY), clock, passwords)
    organisations, boards, ledger = OrganisationsStore(database), BoardsStore(database), TitlesStore(database)
    people = PostgresPeople(database, vault)
    titles = Titles(ledger, timing.Clock(clock, asyncio.sleep))
    standing = OwnStanding(boards, titles, NoProgress(), clock)
    counted: dict[str, int] = {}

    async def tries(name: str, _window_s: int) -> int:
        counted[name] = counted.get(name, 0) + 1
        return counted[name]

    handed: dict[str, tuple[SessionId, SittingId]] = {}

    async def hand_over(session_id: SessionId, sitting_id: SittingId) -> str:
        code = f"code-{len(handed) + 1}"
        handed[code] = (session_id, sitting_id)
        return code

    monthly = Monthly(PostgresMonthly(database, vault), timing.Clock(clock, asyncio.sleep))
    doors = LearnerDoors(learners, sessions, tries, organisations, clock)
    sets, catalogue = PracticeSets(database), Catalogue(PracticeSets(database))
    progress = LearnersProgress(sets, catalogue, clock)
    proof, kept = Voluntary(SERVER_KEY, "mailto:tests@practice.example"), PushSubscriptions(database, vault)
    reminding = Reminding(kept, Posting(), proof, timing.Clock(clock, asyncio.sleep), ORIGIN)
    # Nobody finds a match here: the client of the store connects to nothing.
    seekers = ValkeyMatches(open_store("redis://127.0.0.1:1"))
    matches = Matches(seekers, PostgresMatches(database, missed_in_match), catalogue, clock)
    parts = (
        MatchesPart(matches, tries, web.ticket_seconds),
        SetsPart(Sets(sets, catalogue, clock), Book(sets, catalogue, clock), progress, tries, clock, SERVER_KEY),
        FilmsPart(PracticeFeatures(database), PostgresMedia(database), tries, clock),
        PushPart(reminding, tries),
        LearnersPart(doors, web, care),
        BoardsPart(standing, boards, organisations, clock),
        IncentivesPart(standing, doors, ORIGIN, clock),
        MonthlyPart(monthly, hand_over, tries, "https://monthly.example", clock),
    )
    try:
        yield Practice(
            database,
            learners,
            Organisations(organisations),
            boards,
            titles,
            ledger,
            Evidence(ledger, people, clock),
            people,
            standing,
            clock,
            sessions,
            counted,
            monthly,
            handed,
            build_practice_app(doors, parts, World().doors().readiness, web),
        )
    finally:
        await database.close()


def table(*rows: Sequence[Any]) -> bytes:
    """A workbook of rows under the template's header."""
    return workbook({"机构": [HEAD, *[[*row, *[""] * (len(HEAD) - len(row))] for row in rows]]})
