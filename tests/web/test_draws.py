"""The draw on a real database, from the lists to the record: who may do what, and what the schema refuses."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import asyncpg
import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from leitai.office.draws import Announcement, Draws, tidy_value
from leitai.office.people_ports import Nomination, NominationList, Person
from leitai.office.staff_ports import StaffRecord
from leitai.rules.draw import commitment
from leitai.rules.draw_check import examine
from leitai.rules.draw_protocol import MOVES, DrawAct, DrawRefused, Event, take
from leitai.rules.rights import Role
from leitai.rules.values import ActorId, DelegationCode, Micros
from leitai.stores.postgres.draw_store import PostgresDraws
from leitai.web.contract.draw import DRAW, PUBLIC_DRAW
from leitai.web.draw.public import PublicDraws
from leitai.web.draw.staff import DrawPart
from leitai.web.errors import EXCEPTION_HANDLERS, Refusal
from tests.support.draws import ANNOUNCED_US, HOUR_US, KNOWN_US, SEEDS, VALUE
from tests.support.office import Stores, batch, stores_at

CODES = ("110000", "650000", "660000")
ANNOUNCE = {
    "number": 1,
    "parties": ["赛务组", "公证处"],
    "value_name": "双色球开奖号码",
    "value_kind": "numbers",
    "known_from_us": KNOWN_US,
    "places": 35,
}
COMMITMENTS = [commitment(bytes.fromhex(seed)) for seed in SEEDS]


class House:
    """A contest whose lists are in, its doors, and a clock that one sets."""

    def __init__(self, stores: Stores, contest: int) -> None:
        self.stores = stores
        self.contest = contest
        self.store = PostgresDraws(stores.database)
        self.now_us = int(ANNOUNCED_US)
        self.draws = Draws(self.store, self.store, lambda: self.now_us)
        self.path = f"/api/staff/draws/{contest}"

        async def shorts() -> Mapping[DelegationCode, str]:
            return {DelegationCode("110000"): "北京"}

        async def signed_in(request: Request) -> StaffRecord:
            login, _, role = request.headers.get("x-tests", "").partition(" ")
            if not login:
                raise Refusal("not-signed-in")
            roles = frozenset({Role(role)})
            return StaffRecord(
                1, login, login, roles, DelegationCode(""), "", b"", Micros(0), disabled=False, version=1
            )

        endpoints = {**DrawPart(self.draws, shorts).endpoints(signed_in, 4096)}
        endpoints.update(PublicDraws(self.draws, shorts).public_endpoints())
        app = Starlette(
            routes=[Route(one.path, endpoints[one.name], methods=[one.method]) for one in (*DRAW, *PUBLIC_DRAW)],
            exception_handlers=dict(EXCEPTION_HANDLERS),
        )
        transport = httpx2.ASGITransport(app=app)
        self.client = httpx2.AsyncClient(transport=transport, base_url="http://office.test")

    async def post(self, who: str, path: str, body: object, status: int = 200) -> Any:
        answer = await self.client.post(self.path + path, json=body, headers={"x-tests": who})
        assert answer.status_code == status, answer.text
        return answer.json()

    async def refused(self, who: str, path: str, body: object) -> str:
        answer = await self.client.post(self.path + path, json=body, headers={"x-tests": who})
        assert answer.status_code >= 400, answer.text
        return answer.json()["error"]["code"]

    async def get(self, path: str, status: int = 200) -> Any:
        answer = await self.client.get(path)
        assert answer.status_code == status, answer.text
        return answer.json() if status == 200 else answer.json()["error"]["code"]

    async def played(self, number: int = 1, upto: int = 8, seeds: list[str] | None = None, reason: str = "") -> None:
        """Play a draw's acts through the doors."""
        own = seeds or list(SEEDS)
        given = [commitment(bytes.fromhex(seed)) for seed in own]
        announcement = {**ANNOUNCE, "number": number, "reason": reason, "known_from_us": self.now_us + 24 * HOUR_US}
        acts: list[tuple[str, str, Any]] = [
            ("", OPERATOR, announcement),
            ("/witness", OPERATOR, {"act": "commit", "party": 1, "content": given[0]}),
            ("/witness", NOTARY, {"act": "commit", "party": 2, "content": given[1]}),
            ("/acts", OPERATOR, {"act": "enter_value", "content": "３，8、14 19 22 27  05"}),
            ("/witness", NOTARY, {"act": "confirm_value", "content": VALUE}),
            ("/witness", OPERATOR, {"act": "disclose", "party": 1, "content": own[0].upper()}),
            ("/witness", NOTARY, {"act": "disclose", "party": 2, "content": own[1]}),
            ("/acts", OPERATOR, {"act": "draw"}),
        ]
        for place, (path, who, body) in enumerate(acts[:upto]):
            if place == 3:
                self.now_us += 25 * HOUR_US
            self.now_us += 1
            if path:
                await self.post(who, f"/{number}{path}", {**body, "expects": place})
            else:
                await self.post(who, "", body, 201)

    async def both(self, act: str, expects: int, contents: Sequence[str]) -> None:
        """Both parties do an act for themselves at once."""
        bodies = [
            {"act": act, "expects": expects, "party": party, "content": content}
            for party, content in enumerate(contents, start=1)
        ]
        await asyncio.gather(*map(self.post, (OPERATOR, NOTARY), ("/1/witness",) * 2, bodies))

    async def audited(self) -> list[tuple[str, str, dict[str, Any]]]:
        async with self.stores.database.connection() as connection:
            rows = await connection.fetch("select actor, action, detail from audit order by no")
        return [(row["actor"], row["action"], json.loads(row["detail"])) for row in rows]


_FREEZE = "insert into nomination_freeze (contest_id, at_us, request_id) values ($1, 1, 1)"
OPERATOR, NOTARY, ANOTHER = "oper operator", "nota auditor", "jue chief_judge"


@pytest.fixture
async def house(database: str) -> AsyncIterator[House]:
    async with stores_at(database) as stores:
        contest = await stores.office.create_contest("业务技能练兵比武", "组委会", 2022)
        await stores.office.import_nominations(contest, batch("nominations"), _nominations())
        async with stores.database.connection() as connection:
            await connection.execute(_FREEZE, contest)
        made = House(stores, contest)
        yield made
        await made.client.aclose()


_LISTS: tuple[tuple[NominationList, int], ...] = (("nominated", 40), ("named", 15))


def _nominations() -> list[Nomination]:
    return [
        Nomination(which, no, Person(DelegationCode(code), f"人{which[0]}{code[:2]}{no}", "单位", 1, 100_000))
        for code in CODES
        for which, last in _LISTS
        for no in range(1, last + 1)
    ]


async def test_from_the_lists_to_the_record(house: House) -> None:
    assert await house.get("/api/draws") == {"contests": []}
    await house.played(upto=1)
    told = (await house.get(f"/api/draws/{house.contest}"))["draws"][0]
    assert (told["state"], told["value"], told["record_sha256"]) == ("announced", "", "")
    assert (told["lists"][0]["short"], told["lists"][0]["nominated"]) == ("北京", 40)
    lists = await house.get(f"/api/draws/{house.contest}/1/lists")
    assert lists["lists"][0]["nominated"][:2] == ["001 人n111", "002 人n112"]
    assert lists["lists_sha256"] == told["lists_sha256"]
    assert await house.get(f"/api/draws/{house.contest}/1/record", 404) == "not-found"


async def test_a_draw_carried_out_and_published(house: House) -> None:
    await house.played()
    record = (await house.client.get(f"/api/draws/{house.contest}/1/record")).content
    examined = examine(record)
    assert examined.sound
    assert b"oper" not in record
    body = await house.get(f"/api/draws/{house.contest}")
    draw = body["draws"][0]
    assert (draw["state"], draw["value"]) == ("drawn", VALUE)
    assert [one["seed"] for one in draw["parties"]] == list(SEEDS)
    assert examined.record is not None
    assert draw["record_sha256"] == examined.record.whole
    assert all(one["who"] == one["login"] == "" for one in draw["events"])
    drawn = await house.stores.office.draws(house.contest)
    assert [one.delegation for one in drawn] == list(CODES)
    assert [len(one.drawn) for one in drawn] == [35, 35, 35]
    staff = (await house.client.get(house.path, headers={"x-tests": ANOTHER})).json()
    assert [one["who"] for one in staff["draws"][0]["events"]].count("nota") == 3
    assert (staff["lists"]["provinces"], staff["lists"]["nominated"]) == (3, 120)
    actions = [action for _, action, _ in await house.audited()]
    assert actions == [
        "draw-announce",
        "draw-commit",
        "draw-commit",
        "draw-enter-value",
        "draw-confirm-value",
        "draw-disclose",
        "draw-disclose",
        "draw-draw",
    ]
    audited = json.dumps(await house.audited())
    assert not any(seed in audited for seed in SEEDS)


async def test_what_is_refused_changes_nothing_and_is_audited(house: House) -> None:
    refused = house.refused
    past = {**ANNOUNCE, "known_from_us": house.now_us}
    assert await refused(OPERATOR, "", past) == "draw-too-late"
    assert await refused(OPERATOR, "", {**ANNOUNCE, "number": 2}) == "draw-stale"
    assert await refused(OPERATOR, "", {**ANNOUNCE, "reason": "再来"}) == "draw-reason-missing"
    assert await refused(OPERATOR, "", {**ANNOUNCE, "parties": ["甲"]}) == "bad-request"
    assert (await house.get(f"/api/draws/{house.contest}"))["draws"] == []
    await house.played(upto=2)
    commit = {"act": "commit", "expects": 2, "party": 2, "content": COMMITMENTS[1]}
    assert await refused(OPERATOR, "/1/witness", commit) == "draw-party-same-person"
    assert await refused(NOTARY, "/1/witness", {**commit, "content": COMMITMENTS[0]}) == "draw-commitment-known"
    assert await refused(NOTARY, "/1/witness", {**commit, "expects": 1, "party": 1}) == "draw-stale"
    assert await refused(OPERATOR, "/1/acts", {"act": "abandon", "expects": 1, "content": "遗失"}) == "draw-stale"
    assert await refused(NOTARY, "/2/witness", commit) == "not-found"
    await house.post(NOTARY, "/1/witness", commit)
    value = {"act": "enter_value", "expects": 3, "content": VALUE}
    assert await refused(OPERATOR, "/1/acts", value) == "draw-value-not-yet"
    house.now_us += 30 * HOUR_US
    assert await refused(OPERATOR, "/1/acts", {**value, "content": "3.8"}) == "draw-value-malformed"
    await house.post(OPERATOR, "/1/acts", value)
    confirm = {"act": "confirm_value", "expects": 4, "content": VALUE}
    assert await refused(OPERATOR, "/1/witness", confirm) == "draw-self-confirmation"
    assert await refused(NOTARY, "/1/witness", {**confirm, "content": "1 2 3"}) == "draw-value-differs"
    assert await refused(OPERATOR, "/1/acts", {"act": "draw", "expects": 4}) == "draw-illegal-act"
    codes = [detail["code"] for _, action, detail in await house.audited() if action.endswith("-refused")]
    assert codes == [
        "draw-too-late",
        "draw-stale",
        "draw-reason-missing",
        "draw-party-same-person",
        "draw-commitment-known",
        "draw-stale",
        "draw-stale",
        "draw-value-not-yet",
        "draw-value-malformed",
        "draw-self-confirmation",
        "draw-value-differs",
        "draw-illegal-act",
    ]


async def test_no_draw_is_done_again_unseen(house: House) -> None:
    await house.played()
    first = (await house.client.get(f"/api/draws/{house.contest}/1/record")).content
    assert await house.refused(OPERATOR, "/1/acts", {"act": "draw", "expects": 8}) == "draw-illegal-act"
    assert await house.refused(OPERATOR, "/1/acts", {"act": "abandon", "expects": 8, "content": "x"}) == (
        "draw-illegal-act"
    )
    announcement = {**ANNOUNCE, "number": 2, "known_from_us": house.now_us + HOUR_US}
    assert await house.refused(OPERATOR, "", announcement) == "draw-reason-missing"
    other = ["aa" * 32, "bb" * 32]
    await house.played(2, 2, other, "公证处要求重抽")
    reused = {"act": "commit", "expects": 2, "party": 2, "content": COMMITMENTS[1]}
    assert await house.refused(NOTARY, "/2/witness", reused) == "draw-commitment-known"
    await house.post(OPERATOR, "/2/acts", {"act": "abandon", "expects": 2, "content": "公证处遗失种子"})
    await house.played(3, 8, ["cc" * 32, "dd" * 32], "上次作废")
    body = await house.get(f"/api/draws/{house.contest}")
    assert [(one["number"], one["state"]) for one in body["draws"]] == [(1, "drawn"), (2, "abandoned"), (3, "drawn")]
    records = [(await house.client.get(f"/api/draws/{house.contest}/{n}/record")).content for n in (1, 2, 3)]
    assert records[0] == first
    assert all(examine(record).sound for record in records)
    named = json.loads(records[2])["earlier"]
    assert [(one["ended"], one["sha256"]) for one in named] == [
        (
            json.loads(record)["events"][-1]["act"].replace("draw", "drawn").replace("abandon", "abandoned"),
            json.loads(record)["sha256"],
        )
        for record in records[:2]
    ]
    assert (await house.stores.office.draws(house.contest))[0].key == json.loads(records[2])["provinces"][0]["key"]


async def test_lists_that_changed_are_not_drawn_from(house: House) -> None:
    await house.played(upto=7)
    async with house.stores.database.connection() as connection:
        await connection.execute("alter table nomination disable trigger user")
        await connection.execute("update nomination set name = '别人' where no = 7 and delegation = '650000'")
    assert await house.refused(OPERATOR, "/1/acts", {"act": "draw", "expects": 7}) == "draw-lists-changed"


async def test_without_lists_there_is_no_draw(house: House) -> None:
    other = await house.stores.office.create_contest("别的比赛", "组委会", 2023)
    await house.stores.office.import_nominations(other, batch("nominations"), _nominations())
    house.path = f"/api/staff/draws/{other}"
    assert await house.refused(OPERATOR, "", ANNOUNCE) == "draw-lists-missing"
    house.path = "/api/staff/draws/999"
    assert await house.refused(OPERATOR, "", ANNOUNCE) == "not-found"


_EVENT = "insert into draw_event (contest_id, number, no, act, actor, at_us, content) values ({c}, 1, 9,"
_AGAIN = "parties, value_name, value_kind, known_from_us, places, algorithm, lists from draw_round"
TAMPERINGS = [
    "update draw_round set places = 34",
    "delete from draw_round",
    "truncate draw_round cascade",
    "update draw_event set content = 'x' where act = 'confirm_value'",
    "delete from draw_event where act = 'draw'",
    "truncate draw_event",
    "update draw_record set record = '{{}}'",
    "delete from draw_record",
    "truncate draw_record",
    "delete from draw_move",
    _EVENT + " 'draw', 'x', {late}, '')",
    _EVENT + " 'abandon', 'x', {late}, 'why')",
    "insert into draw_round select contest_id, 3, 'why', " + _AGAIN,
    "insert into draw_round select contest_id, 2, '', " + _AGAIN,
]


async def test_the_schema_itself_refuses_what_the_protocol_does(house: House) -> None:
    await house.played()
    late = house.now_us + 100 * HOUR_US
    async with house.stores.database.connection() as connection:
        for statement in TAMPERINGS:
            with pytest.raises(asyncpg.PostgresError):
                await connection.execute(statement.format(c=house.contest, late=late))
        # Another is announced with a reason only, and never ends without its record, nor with one before.
        async with connection.transaction():
            await connection.execute(
                "insert into draw_round select contest_id, 2, 'why', parties, value_name, value_kind,"
                " known_from_us + $1, places, algorithm, lists from draw_round",
                200 * HOUR_US,
            )
            event = "insert into draw_event (contest_id, number, no, act, actor, at_us, party, content)"
            await connection.execute(f"{event} values ($1, 2, 1, 'announce', 'a', $2, 0, '')", house.contest, late)
        values = f"{event} values ({house.contest}, 2, 2"
        for tail in (
            f", 'commit', 'a', {late - 1}, 1, '{'0' * 64}')",
            f", 'commit', 'a', {KNOWN_US + 300 * HOUR_US}, 1, '{'0' * 64}')",
            f", 'commit', 'a', {late}, 3, '{'0' * 64}')",
            f", 'commit', 'a', {late}, 0, '{'0' * 64}')",
            f", 'commit', 'a', {late}, 1, '{COMMITMENTS[0]}')",
            f", 'enter_value', 'a', {late}, 0, '1')",
            f", 'abandon', 'a', {late}, 0, 'without a record')",
        ):
            with pytest.raises(asyncpg.PostgresError):
                await connection.execute(values + tail)
        record = "insert into draw_record (contest_id, number, record, digest) values ($1, 2, '{}', $2)"
        with pytest.raises(asyncpg.PostgresError):
            await connection.execute(record, house.contest, "0" * 64)


async def test_the_schema_refuses_a_wrong_seed_and_ones_own_confirmation(house: House) -> None:
    await house.played(upto=4)
    event = (
        "insert into draw_event (contest_id, number, no, act, actor, at_us, party, content)"
        " values ($1, 1, $2, $3, $4, $5, $6, $7)"
    )
    later = house.now_us + 1
    async with house.stores.database.connection() as connection:
        with pytest.raises(asyncpg.CheckViolationError):
            await connection.execute(event, house.contest, 5, "confirm_value", "oper", later, 0, VALUE)
        await connection.execute(event, house.contest, 5, "confirm_value", "nota", later, 0, VALUE)
        with pytest.raises(asyncpg.PostgresError):
            await connection.execute(event, house.contest, 6, "disclose", "oper", later, 1, SEEDS[1])


async def test_the_schema_has_the_protocols_table(house: House) -> None:
    async with house.stores.database.connection() as connection:
        rows = await connection.fetch("select from_state, act, to_state, at_last from draw_move")
    kept = {(row["from_state"], row["act"]): (row["to_state"], row["at_last"]) for row in rows}
    assert kept == {
        (state.value if state else None, act.value): (move.to.value, move.at_last.value)
        for (state, act), move in MOVES.items()
    }


async def test_of_two_at_once_one_is_refused(house: House) -> None:
    await house.played(upto=1)
    (kept,) = await house.store.kept_draws(house.contest)
    at = Micros(house.now_us + 1)
    both = [
        take(kept.draw, Event(DrawAct.COMMIT, ActorId(who), at, party, COMMITMENTS[party - 1]))
        for who, party in (("oper", 1), ("nota", 2))
    ]
    done = await asyncio.gather(
        *(house.store.add_draw_event(house.contest, one, None) for one in both), return_exceptions=True
    )
    refusals = [one for one in done if one is not None]
    assert len(refusals) == 1
    assert isinstance(refusals[0], DrawRefused)
    assert refusals[0].code == "draw-stale"
    asked = Announcement(2, "再抽", ["甲", "乙"], "某值", "text", Micros(house.now_us + HOUR_US))
    with pytest.raises(DrawRefused, match="draw-under-way"):
        await house.draws.announce(house.contest, asked, ActorId("oper"))


async def test_parties_wait_for_nobody(house: House) -> None:
    """Both commit, and both disclose, on what their pages showed before either did."""
    await house.played(upto=1)
    await house.both("commit", 1, COMMITMENTS)
    house.now_us += 25 * HOUR_US
    await house.post(OPERATOR, "/1/acts", {"act": "enter_value", "expects": 3, "content": VALUE})
    await house.post(NOTARY, "/1/witness", {"act": "confirm_value", "expects": 4, "content": VALUE})
    await house.both("disclose", 5, SEEDS)
    assert (await house.get(f"/api/draws/{house.contest}"))["draws"][0]["state"] == "disclosed"
    assert not [action for _, action, _ in await house.audited() if action.endswith("-refused")]


async def test_the_ceremony_is_led_by_the_operator_and_seen_by_all(house: House) -> None:
    await house.played(upto=7)
    show = {"province": "110000", "manner": "one_by_one", "expects": 0}
    assert await house.refused(OPERATOR, "/1/showing", show) == "draw-not-drawn"
    await house.post(OPERATOR, "/1/acts", {"act": "draw", "expects": 7})
    public = f"/api/draws/{house.contest}/1/showing"
    assert (await house.get(public))["edition"] == 0
    moved = await house.post(OPERATOR, "/1/showing", show)
    assert (moved["edition"], moved["province"], moved["at_us"]) == (1, "110000", house.now_us)
    assert await house.refused(OPERATOR, "/1/showing", show) == "draw-stale"
    assert await house.refused(OPERATOR, "/1/showing", {**show, "expects": 1, "province": "120000"}) == "not-found"
    assert await house.refused(OPERATOR, "/1/showing", {**show, "expects": 1, "manner": "overview"}) == "not-found"
    last = await house.post(OPERATOR, "/1/showing", {"province": "", "manner": "overview", "expects": 1})
    assert last["edition"] == 2
    assert await house.get(f"/api/draws/{house.contest}/2/showing", 404) == "not-found"
    assert ("oper", "draw-show", {"province": "110000", "manner": "one_by_one"}) in await house.audited()


@pytest.mark.parametrize(
    ("kind", "text", "tidy"),
    [
        ("numbers", " 3,8、14；19\n22 ", "3 8 14 19 22"),
        ("numbers", "０３ 007 0", "3 7 0"),
        ("numbers", "3.8", "3.8"),
        ("text", " ａＢ12 ", "aB12"),
    ],
)
def test_values_are_read_as_people_type_them(kind: str, text: str, tidy: str) -> None:
    assert tidy_value(kind, text) == tidy
