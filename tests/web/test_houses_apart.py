"""A province never sees another's bank, papers, people or sessions, nor the nation a province's, nor a province its.

Every operation of the staff that takes an id is asked in another house, with every body that its contract allows for,
about what is Hebei's; nothing of it may be told or changed. What the database shows of each table is listed.
"""

import hashlib
import itertools
import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx2
import msgspec
import pytest

from leitai.live.clock import ContestClock
from leitai.live.sight import Sight
from leitai.office import papers
from leitai.office.contests import create_contest_session
from leitai.office.own_contests_ports import NewApplicant, NewPerson, Numbers, Registration
from leitai.office.session_ports import SessionSettings
from leitai.rules.prizes import Prize
from leitai.rules.rights import Role
from leitai.rules.values import DelegationCode, Micros, Phase, SessionId
from leitai.stores.postgres.own_contests_store import OwnContests
from leitai.stores.valkey.accept import ValkeyLedger
from leitai.stores.valkey.connection import open_store
from leitai.stores.valkey.session import ValkeySession
from leitai.web.contract import EVENTS, STAFF_OPERATIONS, Operation
from leitai.web.contract.desk import SESSION
from tests.support.media import png
from tests.support.office import START_US, Stores, batch, questions, small_session, stores_at
from tests.support.provinces import BEIJING, HEBEI
from tests.support.staff_doors import Office, staff_doors
from tests.web.test_rights import Watched

NO_NUMBERS = Numbers()
MARK = "冀密"
"""In every text of Hebei's."""
PLACES = {
    *("contest", "session", "paper", "question", "ruling", "appeal", "clarification", "request", "token", "stage"),
    *("upload", "sitting", "objection", "step", "receipt", "media"),
}
"""What in an address names something that belongs to somebody."""
SAME_FOR_ALL = {
    "code",
    "edition",
    "point",
    "template",
    "table",
    "item",
    "address",
    "number",
    "collection",
    "object",
    "file",
    "job",
}
OTHERS = {"staff", "person", "finding", "release", "feature", "learner"}
"""Not of a contest: accounts, the expert pool, practice; no province's house has any."""
SAY_NOTHING = {"question_fared", "question_media", "nominations_numbers"}
"""These say of whatever number that there is nothing of it, and no more."""
AUDIT = {"audit_entries", "audit_file"}
"""Auditors see what was done in every house: one chain of hashes holds it."""
ABOUT = [
    one
    for one in STAFF_OPERATIONS
    if one.signed_in and (SESSION in one.queries or any(f"{{{place}}}" in one.path for place in PLACES))
]


@dataclass
class Hebei:
    """What there is in Hebei's house, by what addresses and bodies call it."""

    stores: Stores
    ids: dict[str, object]

    async def everything(self) -> dict[str, list[str]]:
        """All rows of everything that Hebei sees of its own."""
        async with self.stores.database.connection() as connection:
            names = await connection.fetch(
                "select relname from pg_class where relnamespace = 'provincial'::regnamespace"
            )
            return {
                row["relname"]: sorted(
                    str(tuple(one.values()))
                    for one in await connection.fetch(f'select * from provincial."{row["relname"]}"')
                )
                for row in names
            }


async def own_session(
    stores: Stores,
    mark: str,
    *,
    names: str = "甲乙丙",
    prizes: Mapping[str, int] | None = None,
    team_prizes: Mapping[str, int] | None = None,
    numbers: Numbers = NO_NUMBERS,
) -> tuple[int, int, SessionId]:
    """A contest, a sealed paper and a session of a province's own, every text of it with a mark.

    The first of its people is known by `numbers`.
    """
    await stores.office.import_bank(batch("bank"), [replace(one, stem=f"{mark}{one.stem}") for one in questions(30)])
    own = OwnContests(stores.database, stores.vault)
    contest = await own.create_own_contest(f"{mark}比赛", f"{mark}厅", 2026, "tests")
    people = [NewPerson(f"{mark}人{one}", f"{mark}局", f"{mark}队", NO_NUMBERS) for one in names]
    people[0] = replace(people[0], numbers=numbers)
    await own.add_people(contest, people, bytes(32), "tests")
    await own.set_registration(contest, Registration("phone", Micros(2 * START_US), open=True), "tests")
    team = (await own.teams())[0].code
    phone = Numbers("13900000009", "", bytes(32))
    await own.register(contest, NewApplicant(f"{mark}人丁", f"{mark}局", team, phone, Micros(1)))
    table = [Prize(name, places) for name, places in (prizes or {f"{mark}奖": 1}).items()]
    table += [Prize(name, places, teams=True) for name, places in (team_prizes or {}).items()]
    await own.set_prizes(contest, 0, table, "tests", Micros(0))
    lines = papers.assemble(await stores.office.bank(), papers.share_out(4, papers.FULL_MIX), "seed")
    paper = await stores.office.create_paper(f"{mark}试卷", "seed", lines)
    settings = SessionSettings(f"{mark}场次", START_US, Micros(START_US - 1_800_000_000))
    made = await create_contest_session(stores.office, stores.codes, contest, paper, settings)
    return contest, paper, made.session_id


@pytest.fixture
async def hebei(database: str) -> AsyncIterator[Hebei]:
    async with stores_at(database, owner=HEBEI) as stores:
        contest, paper, session = await own_session(stores, MARK)
        async with stores.database.connection() as connection:
            await connection.execute(LEADER, HEBEI)
            sitting = await connection.fetchval("select id from sitting order by id limit 1")
            ids: dict[str, object] = {
                "contest": contest,
                "paper": paper,
                "session": session,
                "sitting": sitting,
                "question": await connection.fetchval("select id from question order by id limit 1"),
                "appeal": await connection.fetchval(APPEAL, session, sitting, MARK),
                "clarification": await connection.fetchval(CLARIFICATION, session, sitting, MARK),
                "request": await connection.fetchval(REQUEST, session),
                "token": await connection.fetchval(TOKEN, MARK, b"\1" * 32),
                "stage": await connection.fetchval(STAGE, MARK),
                "upload": await connection.fetchval(UPLOAD, "a" * 32, MARK, bytes(32)),
                "ruling": await connection.fetchval(RULING, session, MARK),
            }
            data = png(3, 2)
            ids["media"] = hashlib.sha256(data).hexdigest()
            await connection.execute(MEDIA, bytes.fromhex(str(ids["media"])), len(data), MARK)
            ids["step"] = await connection.fetchval(STEP, session, bytes(32))
            await connection.execute(LIST, session, MARK, ids["step"])
            ids["objection"] = await connection.fetchval(OBJECTION, session, MARK)
        yield Hebei(stores, ids)


LEADER = """insert into staff (login, name, roles, delegation, created_by)
  values ('of-hebei', '某人', '{team_leader}', $1, 'tests')"""
APPEAL = (
    "insert into appeal (session_id, sitting_id, item_no, text, filed_at_us) values ($1, $2, 1, $3, 1) returning id"
)
CLARIFICATION = """insert into clarification (session_id, sitting_id, item_no, question, at_us)
  values ($1, $2, 1, $3, 1) returning id"""
REQUEST = """insert into command_request (session_id, command, expects, actor, at_us, lapses_us)
  values ($1, 'finalize', '', 'of-hebei', 1, 2) returning id"""
TOKEN = "insert into air_token (name, digest, created_by) values ($1, $2, 'of-hebei') returning id"
STAGE = "insert into stage (title, plan, created_by) values ($1, '{\"teams\": []}', 'of-hebei') returning id"
UPLOAD = """insert into bank_upload (id, owner, file_name, module, sha256, data, state)
  values ($1, 'of-hebei', $2, '', $3, '', 'ready') returning id"""
MEDIA = (
    """insert into media (sha256, media_type, bytes, title, uploaded_by) values ($1, 'image/png', $2, $3, 'of-hebei')"""
)
STEP = """insert into award_step (session_id, kind, edition, digest, closes_us, actor, at_us, lapses_us)
  values ($1, 'open', 0, $2, 1, 'of-hebei', 1, 2) returning id"""
LIST = """insert into award_list (session_id, edition, content, digest, opens_us, closes_us, step_id)
  values ($1, 1, $2, sha256(convert_to($2, 'UTF8')), 1, 2, $3)"""
OBJECTION = """insert into award_objection (session_id, edition, origin, actor, text, at_us)
  values ($1, 1, 'desk', 'of-hebei', $2, 1) returning id"""
RULING = """insert into ruling (session_id, effect, evidence)
  values ($1, '{"kind": "void", "item": 1}', $2) returning id"""


class Asking:
    """Somebody in a house, with everything that may be said at its doors about what is Hebei's."""

    def __init__(self, office: Office, client: httpx2.AsyncClient, hebei: Hebei) -> None:
        self._office = office
        self._client = client
        self._hebei = hebei

    async def ask(self, one: Operation, body: object) -> httpx2.Response:
        places = _Names(self._hebei.ids)
        path = one.path.format_map(places)
        if SESSION in one.queries:
            path += f"?session={self._hebei.ids['session']}"
        if one.request is not None:
            return await self._client.request(one.method, path, json=body)
        if one.upload:
            headers = {"Content-Type": one.upload[0]}
            return await self._client.request(one.method, path, content=b"x", headers=headers)
        return await self._client.request(one.method, path)


class _Names(dict[str, object]):
    def __missing__(self, name: str) -> object:
        return {"code": BEIJING, "template": "xlsx", "table": "individuals"}.get(name, 1)


def bodies(one: Operation, ids: dict[str, object]) -> Iterator[object]:
    """Every body that says each word which may be said, the rest as short as can be, ids being Hebei's."""
    if one.request is None:
        yield None
        return
    words = _words(one.request)
    for chosen in itertools.product(*words.values()):
        yield _example(msgspec.inspect.type_info(one.request), "", ids, dict(zip(words, chosen, strict=True)))


def _words(request: type) -> dict[str, list[object]]:
    info: Any = msgspec.inspect.type_info(request)
    fields = getattr(info, "fields", ())
    return {
        field.encode_name: list(field.type.values)
        for field in fields
        if isinstance(field.type, msgspec.inspect.LiteralType)
    }


def _example(info: Any, name: str, ids: dict[str, object], words: dict[str, object]) -> object:
    kinds = msgspec.inspect
    match info:
        case kinds.StructType():
            tag = {info.tag_field: info.tag} if info.tag_field else {}
            fields = [one for one in info.fields if one.required or one.encode_name in (*ids, *words)]
            return tag | {one.encode_name: _example(one.type, one.encode_name, ids, words) for one in fields}
        case kinds.LiteralType():
            return words.get(name, info.values[0])
        case kinds.IntType():
            return ids[name] if name in ids else max(1, info.ge or 0, (info.gt or 0) + 1)
        case kinds.StrType():
            return "110000" if info.pattern else "x" * max(1, info.min_length or 0)
        case kinds.ListType() | kinds.VarTupleType():
            return [_example(info.item_type, name.removesuffix("s"), ids, words)]
        case kinds.UnionType():
            return _example(info.types[0], name, ids, words)
        case kinds.BoolType():
            return True
        case kinds.FloatType():
            return 1.0
        case _:
            return {}


@pytest.fixture
async def national(database: str, valkey_url: str) -> AsyncIterator[Office]:
    async with watching(database, valkey_url, "") as office:
        yield office


@asynccontextmanager
async def watching(database: str, valkey_url: str, owner: str) -> AsyncGenerator[Office]:
    """A house whose own session is under review: the doors go on to look up what they are asked about."""
    store = open_store(valkey_url)

    async def watch(stores: Stores) -> Watched:
        session = (await own_session(stores, "京"))[2] if owner else (await small_session(stores)).session_id
        file = await stores.archive.load_session(session)
        streams = ValkeySession(store, file.session_id, file.shards)
        clock = ContestClock(ValkeyLedger(store, file.session_id, file.shards))
        await clock.synchronise()
        watched = Watched(Sight(file, streams, clock), streams)
        watched.stand(Phase.UNDER_REVIEW)
        return watched

    try:
        async with staff_doors(database, valkey_url, watch=watch, owner=owner) as office:
            yield office
    finally:
        await store.aclose()


async def _nothing_comes_of_it(asking: Asking, hebei: Hebei) -> int:
    before = await hebei.everything()
    wrong: list[object] = []
    tried = 0
    for one in ABOUT:
        if one.media == EVENTS:
            continue
        for body in bodies(one, hebei.ids):
            answer = await asking.ask(one, body)
            tried += 1
            refused = 400 <= answer.status_code < 500 or (one.name in SAY_NOTHING and answer.status_code == 200)
            if not refused or MARK in answer.text:
                wrong.append((one.name, body, answer.status_code, answer.text[:200]))
    assert wrong == [], json.dumps(wrong, ensure_ascii=False, indent=1, default=str)
    assert await hebei.everything() == before
    return tried


async def test_another_provinces_office_in_its_own_house(database: str, valkey_url: str, hebei: Hebei) -> None:
    async with watching(database, valkey_url, BEIJING) as office:
        leader = await office.account("of-beijing", "team_leader", delegation=BEIJING)
        assert await _nothing_comes_of_it(Asking(office, leader, hebei), hebei) > len(ABOUT)
        # What is asked for without an id is the house's own.
        for one in STAFF_OPERATIONS:
            if one.method == "GET" and one.signed_in and "{" not in one.path and one.media != EVENTS:
                answer = await leader.get(one.path)
                assert answer.status_code != 500, one.name
                assert MARK not in answer.text, one.name


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
async def test_the_nations_staff_and_other_provinces_in_the_nations_house(
    role: Role, national: Office, hebei: Hebei
) -> None:
    home = BEIJING if role is Role.TEAM_LEADER else ""
    client = await national.account(f"of-{role.value.replace('_', '-')}", role.value, delegation=home)
    await _nothing_comes_of_it(Asking(national, client, hebei), hebei)
    for one in STAFF_OPERATIONS:
        if (
            one.method == "GET"
            and one.signed_in
            and "{" not in one.path
            and one.media != EVENTS
            and one.name not in AUDIT
        ):
            answer = await client.get(one.path)
            assert answer.status_code != 500, one.name
            assert MARK not in answer.text, one.name


async def test_hebei_itself_finds_all_of_it(database: str, valkey_url: str, hebei: Hebei) -> None:
    """Or the tests above would prove nothing."""
    async with staff_doors(database, valkey_url, owner=HEBEI) as office:
        leader = await office.account("he-leader", "team_leader", delegation=HEBEI)
        for place in ("bank/questions/{question}", "papers/{paper}", "own-contests/{contest}/people"):
            answer = await leader.get(f"/api/staff/{place}".format_map(hebei.ids))
            assert answer.status_code == 200, answer.text
            assert MARK in answer.text


def test_every_placeholder_is_said_to_be_somebodys_or_nobodys() -> None:
    named = {
        place for one in STAFF_OPERATIONS for place in (part[1:-1] for part in one.path.split("/") if part[:1] == "{")
    }
    assert named <= PLACES | SAME_FOR_ALL | OTHERS, named - (PLACES | SAME_FOR_ALL | OTHERS)


COMMON = {
    *("syllabus_edition", "syllabus_point", "knowledge_point", "practice_release", "practice_question", "import_batch"),
    *("audit", "signing_key", "ruling_move", "question_move", "draw_move", "schema_migration", "usable_version"),
}
"""The same in every house: nobody's own. A table that is added is nowhere in a province's house until it is named."""


async def test_a_provinces_house_sees_of_every_table_its_own_or_nothing(database: str, hebei: Hebei) -> None:
    async with stores_at(database, owner=BEIJING) as stores, stores.database.connection() as connection:
        tables = await connection.fetch(
            "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v')"
        )
        for table in (row["relname"] for row in tables):
            where: str = await connection.fetchval(
                "select relnamespace::regnamespace::text from pg_class where oid = $1::regclass", table
            )
            assert (where == "public") == (table in COMMON), table
            if where == "provincial":
                assert await connection.fetchval(f'select count(*) from "{table}"') == 0, table
        for other in ("", HEBEI):
            with pytest.raises(Exception, match="check option"):
                await connection.execute(
                    "insert into contest (title, organizer, year, owner) values ('x', 'x', 2026, $1)", other
                )


async def test_a_session_has_one_owner(database: str, hebei: Hebei) -> None:
    async with stores_at(database, owner=BEIJING) as stores:
        _, paper, _ = await own_session(stores, "京")
        settings = SessionSettings("京场次", START_US, Micros(START_US - 1))
        with pytest.raises(KeyError):
            await stores.office.contest(int(str(hebei.ids["contest"])))
        with pytest.raises(KeyError):
            await stores.archive.load_session(SessionId(int(str(hebei.ids["session"]))))
        with pytest.raises(Exception, match="one owner"):
            await stores.office.create_session(int(str(hebei.ids["contest"])), paper, settings, bytes(32), [])
    async with stores_at(database) as stores:
        assert await stores.office.current_session() is None
        assert [one.code for one in await stores.office.delegations() if one.code.endswith("0001")] == []
        assert len(await stores.office.delegations()) == 32
        assert DelegationCode(HEBEI) in {one.code for one in await stores.office.delegations()}
