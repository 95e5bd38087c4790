"""A small contest for tests of the office and its store: a bank without texts that matter, people, a session."""

import hashlib
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from leitai.config import Settings
from leitai.office import papers
from leitai.office.accounts import AccessCodes
from leitai.office.bank import MODULES, TRUE_FALSE_OPTIONS, Option, Question
from leitai.office.contests import CreatedSession, create_contest_session
from leitai.office.import_ports import ImportBatch
from leitai.office.media_ports import PART_BYTES, NewMedia
from leitai.office.media_types import HEAD_BYTES, Picture, is_image, media_type, picture
from leitai.office.people_ports import Contestant, Person, RosterLine
from leitai.office.session_ports import SessionSettings
from leitai.rules.values import DelegationCode, Key, Micros, QuestionType
from leitai.stores.postgres.archive import PostgresArchive
from leitai.stores.postgres.media_store import PostgresMedia
from leitai.stores.postgres.office_store import PostgresOffice
from leitai.stores.postgres.pool import Database
from leitai.stores.postgres.vault import Vault

SERVER_KEY = bytes(range(32))
NOWHERE = Settings(
    valkey_url="redis://nowhere.invalid", database_url="postgresql://nowhere.invalid", secret_key=SERVER_KEY.hex()
)
"""Settings for parts of which nothing is asked that needs a store."""
START_US = Micros(1_660_000_000_000_000)


@dataclass(frozen=True)
class Stores:
    """Archive and office over one database."""

    database: Database
    archive: PostgresArchive
    office: PostgresOffice
    codes: AccessCodes
    vault: Vault


@asynccontextmanager
async def stores_at(dsn: str, server_key: bytes = SERVER_KEY, owner: str = "") -> AsyncGenerator[Stores]:
    """Both stores on a database, of the nation or of a province; its connections end with the block."""
    database = Database(dsn, owner=owner)
    vault = Vault(server_key)
    try:
        yield Stores(
            database, PostgresArchive(database, vault), PostgresOffice(database, vault), AccessCodes(server_key), vault
        )
    finally:
        await database.close()


def questions(count: int = 60) -> list[Question]:
    """`count` questions, types and modules in turn."""
    return [_question(number) for number in range(count)]


def batch(kind: str = "test") -> ImportBatch:
    """An import's trace."""
    return ImportBatch(f"{kind}.xlsx", bytes(32), 1, 0, 0, "tests")


def people(per_delegation: int, codes: tuple[str, ...] = ("110000", "650000", "660000")) -> list[RosterLine]:
    """Eligible contestants of some delegations."""
    return [
        RosterLine(
            seat,
            "named" if seat <= 15 else "drawn",
            Person(DelegationCode(code), f"选手{code[:2]}{seat:02d}", f"单位{seat}", 1, 100_000),
        )
        for code in codes
        for seat in range(1, per_delegation + 1)
    ]


async def small_session(
    stores: Stores,
    *,
    items: int = 10,
    per_delegation: int = 4,
    settings: SessionSettings | None = None,
    mix: Mapping[QuestionType, int] = papers.FULL_MIX,
    seconds: int | None = None,
) -> CreatedSession:
    """A scheduled session over three delegations. Items stay open as long as is usual for their types, or `seconds`."""
    await stores.office.import_bank(batch("bank"), questions())
    lines = papers.assemble(await stores.office.bank(), papers.share_out(items, mix), "seed", seconds=seconds)
    paper_id = await stores.office.create_paper("试卷", "seed", lines)
    contest_id = await stores.office.create_contest("业务技能练兵比武", "组委会", 2022)
    roster: list[Contestant] = await stores.office.import_roster(contest_id, batch("roster"), people(per_delegation))
    return await create_contest_session(
        stores.office,
        stores.codes,
        contest_id,
        paper_id,
        settings or SessionSettings("全国统一在线比试", START_US, Micros(START_US - 1_800_000_000)),
        roster,
    )


async def illustrate(stores: Stores, shown: Mapping[int, Sequence[tuple[bytes, str]]]) -> None:
    """Bring `questions()` into the bank, some of them, by their number, with files and captions.

    They show them as if they had when they were approved: an import brings texts alone.
    """
    await stores.office.import_bank(batch("bank"), questions())
    await show_files(stores.database, {questions()[number].stem: files for number, files in shown.items()})


async def show_files(database: Database, shown: Mapping[str, Sequence[tuple[bytes, str]]]) -> None:
    """Let the questions of these stems show files with captions, approved as they are."""
    media = PostgresMedia(database)
    for stem, files in shown.items():
        for place, (data, caption) in enumerate(files, 1):
            sha256 = await _kept(media, data, caption)
            async with database.transaction() as connection:
                await connection.execute("alter table question_media disable trigger question_media_kept")
                await connection.execute(
                    "insert into question_media (version_id, place, media_id, caption)"
                    " select v.id, $2, m.id, $3 from question_version v, media m where v.stem = $1 and m.sha256 = $4",
                    *(stem, place, caption, sha256),
                )
                await connection.execute("alter table question_media enable trigger question_media_kept")


async def _kept(media: PostgresMedia, data: bytes, title: str) -> bytes:
    kind = media_type(data[:HEAD_BYTES])
    film = not is_image(kind)
    arriving = await media.begin_media("tests")
    for no in range(-(-len(data) // PART_BYTES)):
        await media.add_part(arriving, no, data[no * PART_BYTES : (no + 1) * PART_BYTES])
    seen = Picture(0, 0) if film else picture(kind, data)
    new = NewMedia(kind, seen.width, seen.height, title, "case" if film else "question", "", "tests")
    sha256 = hashlib.sha256(data).digest()
    await media.complete_media(arriving, sha256, len(data), new)
    return sha256


def _question(number: int) -> Question:
    type_ = list(QuestionType)[number % 5]
    options: tuple[Option, ...] = ()
    key = Key()
    if type_ is QuestionType.TRUE_FALSE:
        options = tuple(Option(*option) for option in TRUE_FALSE_OPTIONS)
        key = Key(frozenset({"TF"[number // 5 % 2]}))
    elif type_ is QuestionType.FILL_IN:
        key = Key(blanks=(("三十日", "30日"), ("书面",)))
    else:
        options = tuple(Option(letter, f"选项{letter}之{number}") for letter in "ABCD")
        key = Key(frozenset({"ABCD"[number % 4]} if type_ is QuestionType.SINGLE else {"A", "C"}))
    return Question(
        type_,
        f"第{number}道题的题干",
        options,
        key,
        f"依据第{number}条。",
        number % 5 + 1,
        MODULES[number % 6],
        "知识点",
    )
