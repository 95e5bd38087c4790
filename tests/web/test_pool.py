"""The doors of the expert pool: who may do what about whom, uploads, a province's own system."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.routing import Route

from leitai.office.pool.files import write_file
from leitai.office.pool.ports import Private
from leitai.office.pool.sealing import mailbox_of, read_key
from leitai.office.staff_ports import StaffRecord
from leitai.rules.beijing import day_begins_us
from leitai.rules.pool import Expert, PoolHonour
from leitai.rules.rights import NO_DELEGATION, Role
from leitai.rules.values import DelegationCode, Micros
from leitai.web.contract.pool import NDJSON, POOL, XLSX
from leitai.web.errors import EXCEPTION_HANDLERS, Refusal
from leitai.web.pool import PoolDoors
from leitai.web.security import Doorkeeper
from tests.support.doors import ORIGIN, settings
from tests.support.office import SERVER_KEY
from tests.support.pool import BEIJING, HEBEI, NOW_US, PoolHouse, id_number, pool_house, row, table


def _member(login: str, role: Role, delegation: DelegationCode = NO_DELEGATION) -> StaffRecord:
    return StaffRecord(1, login, login, frozenset({role}), delegation, "", b"", Micros(0), False, 1)


STAFF = {
    "operator": _member("operator", Role.OPERATOR),
    "beijing": _member("beijing", Role.TEAM_LEADER, BEIJING),
    "hebei": _member("hebei", Role.TEAM_LEADER, HEBEI),
    "auditor": _member("auditor", Role.AUDITOR),
    "root": _member("root", Role.ADMINISTRATOR),
    **{role.value: _member(role.value, role) for role in (Role.JUDGE, Role.SETTER, Role.PRACTICE_OFFICE)},
}


@dataclass
class Doors:
    """The doors over a real pool, and whoever comes to them."""

    house: PoolHouse
    app: Starlette

    async def ask(
        self,
        who: str,
        path: str,
        body: object = None,
        *,
        content: bytes | None = None,
        media: str = XLSX,
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Response:
        said = {"Origin": ORIGIN, "X-Who": who, **(headers or {})}
        transport = httpx2.ASGITransport(app=self.app)
        async with httpx2.AsyncClient(transport=transport, base_url=ORIGIN, headers=said) as client:
            if content is not None:
                return await client.post(path, content=content, headers={"Content-Type": media})
            return await (client.get(path) if body is None else client.post(path, json=body))

    async def bring(self, *rows: list[object], who: str = "operator", query: str = "") -> dict[str, Any]:
        answer = await self.ask(who, f"/api/staff/pool/import?file=a.xlsx{query}", content=table(*rows))
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def audited(self) -> list[str]:
        async with self.house.database.connection() as connection:
            return [one["action"] for one in await connection.fetch("select action from audit order by id")]


@pytest.fixture
async def doors(database: str) -> AsyncIterator[Doors]:
    async def signed_in(request: Request) -> StaffRecord:
        member = STAFF.get(request.headers.get("x-who", ""))
        if member is None:
            raise Refusal("not-signed-in")
        return member

    async with pool_house(database) as house:
        endpoints = PoolDoors(house.pool, house.sync).endpoints(signed_in, 64 * 1024)
        app = Starlette(
            routes=[Route(one.path, endpoints[one.name], methods=[one.method]) for one in POOL],
            middleware=[Middleware(Doorkeeper, settings=settings())],
            exception_handlers=dict(EXCEPTION_HANDLERS),
        )
        yield Doors(house, app)


async def test_history_is_uploaded_dry_first(doors: Doors) -> None:
    dry = await doors.bring(row("张三", 1), row("李四", 年份=2010), query="&dry_run=1")
    assert (dry["rows"], dry["refused_rows"], dry["committed"]) == (1, 1, False)
    assert dry["problems"] == [
        {
            "sheet": "能手库",
            "row": 3,
            "column": "年份",
            "code": "pool-year",
            "sentence": "年份应在 2019—2026 之间。",
        }
    ]
    assert not (await doors.bring(row("张三", 1), row("李四", 年份=2010)))["committed"]
    assert (await doors.bring(row("张三", 1), row("李四", 年份=2010), query="&leave_out=1"))["committed"]
    broken = await doors.ask("operator", "/api/staff/pool/import", content=b"MZ not a table \0")
    assert [one["code"] for one in broken.json()["problems"]] == ["file-type"]
    wrong = await doors.ask("operator", "/api/staff/pool/import", content=table(row("王五")), media="text/html")
    assert wrong.status_code == 415
    assert (await doors.ask("operator", "/api/staff/pool/import", content=b"")).status_code == 400
    assert await doors.audited() == ["import-pool"]


async def test_a_year_begins_as_it_does_in_beijing(doors: Doors) -> None:
    """In the first eight hours of it another one is still on in Greenwich."""
    begins_us = day_begins_us(date(2027, 1, 1))
    for at_us, committed in ((begins_us - 1, False), (begins_us, True)):
        doors.house.clock.us = at_us
        assert (await doors.bring(row("张三", 1, 年份=2027)))["committed"] is committed
    (one,) = (await doors.ask("operator", "/api/staff/pool")).json()["people"]
    for at_us, year in ((begins_us - 1, 2026), (begins_us, 2027)):
        doors.house.clock.us = at_us
        body = (await doors.ask("operator", f"/api/staff/pool/people/{one['person']}")).json()
        assert body["barred_year"] == year


async def test_what_a_file_is_called_keeps_no_import_out_of_the_audit(doors: Doors) -> None:
    path = "/api/staff/pool/import?file=C%3A%5C%E5%8E%86%E5%8F%B2%00%0A.xlsx"
    answer = await doors.ask("operator", path, content=table(row("张三", 1)))
    assert answer.json()["committed"]
    async with doors.house.database.connection() as connection:
        assert await connection.fetchval("select subject from audit where action = 'import-pool'") == "历史.xlsx"


async def test_a_team_leader_sees_and_keeps_the_own_province_only(doors: Doors) -> None:
    await doors.bring(row("张三", 1, 手机号="13800001234"), row("李四", 2, 省份="河北"))
    everyone = (await doors.ask("operator", "/api/staff/pool")).json()
    assert (everyone["total"], everyone["own"]) == (2, "")
    own = (await doors.ask("beijing", "/api/staff/pool?province=130000")).json()
    assert ([one["name"] for one in own["people"]], own["own"]) == (["张三"], BEIJING)
    numbers = {one["name"]: one["person"] for one in everyone["people"]}
    mine = await doors.ask("beijing", f"/api/staff/pool/people/{numbers['张三']}")
    body = mine.json()
    assert (body["id_number"], body["phone"]) == ("*" * 14 + id_number(1)[-4:], "*******1234")
    assert id_number(1) not in mine.text
    assert [one["rule"] for one in body["barred"]] == []
    change = {"act": "change", "version": 1, "unit": "某厅", "expertise": ["社保"], "state": "active"}
    for path, what in (
        (f"/api/staff/pool/people/{numbers['李四']}", None),
        (f"/api/staff/pool/people/{numbers['李四']}", change),
        (f"/api/staff/pool/people/{numbers['张三']}", {**change, "act": "join", "other": numbers["李四"]}),
    ):
        assert (await doors.ask("beijing", path, what)).status_code == 403
    assert (await doors.ask("beijing", f"/api/staff/pool/people/{numbers['张三']}", change)).json()["unit"] == "某厅"
    foreign = await doors.bring(row("王五", 省份="河北"), who="beijing")
    assert [one["code"] for one in foreign["problems"]] == ["pool-not-own"]
    moved = {"act": "transfer", "version": 2, "province": HEBEI}
    assert (await doors.ask("beijing", f"/api/staff/pool/people/{numbers['张三']}", moved)).status_code == 200
    assert (await doors.ask("beijing", "/api/staff/pool")).json()["total"] == 0
    assert (await doors.ask("hebei", "/api/staff/pool")).json()["total"] == 2
    assert (await doors.audited()).count("pool-refused") == 3


async def test_what_is_asked_for_is_checked(doors: Doors) -> None:
    for query in ("kind=king", "state=gone", "year=1999", "province=11", "page=0", f"text={'x' * 65}", "text=%00"):
        assert (await doors.ask("operator", f"/api/staff/pool?{query}")).status_code == 400, query
    assert (await doors.ask("operator", "/api/staff/pool/people/77")).status_code == 404
    assert (await doors.ask("operator", "/api/staff/pool/people/x")).status_code == 404


async def test_tables_to_take_away(doors: Doors) -> None:
    await doors.bring(row("张三", 1))
    for name in ("template", "export?province=110000"):
        answer = await doors.ask("beijing", f"/api/staff/pool/{name}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, XLSX)
        assert answer.content.startswith(b"PK")
    assert (await doors.audited())[-1] == "export-pool"


def _file(key: Ed25519PrivateKey, sequence: int = 1) -> bytes:
    honours = frozenset({PoolHonour(2021, "star", "", 1, BEIJING)})
    people = [(Expert("张三", BEIJING, "某局", revised_us=Micros(NOW_US), honours=honours), Private(id_number(1)))]
    return write_file(key, mailbox_of(SERVER_KEY), BEIJING, sequence, Micros(NOW_US), people)


async def test_a_provinces_system_brings_its_file_by_its_token(doors: Doors) -> None:
    made = await doors.ask("root", "/api/staff/pool/keys", {"province": BEIJING})
    key = read_key(made.json()["private"].encode())
    token = (await doors.ask("root", "/api/staff/pool/tokens", {"province": BEIJING})).json()
    data = _file(key)

    async def send(content: bytes, secret: str, query: str = "") -> httpx2.Response:
        bearer = {"Authorization": f"Bearer {secret}"}
        return await doors.ask("", f"/api/pool/sync{query}", content=content, media=NDJSON, headers=bearer)

    dry = (await send(data, token["secret"], "?dry_run=1")).json()
    assert (dry["added"], dry["committed"]) == (1, False)
    taken = (await send(data, token["secret"])).json()
    assert (taken["added"], taken["committed"], taken["repeated"]) == (1, True, False)
    assert (await send(data, token["secret"])).json()["repeated"]
    broken = data.replace("某局".encode(), "某厅".encode())
    wrong = await send(broken, token["secret"])
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (403, "pool-signature")
    assert wrong.headers["leitai-line"] == "3"
    assert (await send(_file(key, 1).replace(b'"sequence":1', b'"sequence":0'), token["secret"])).status_code == 400
    for secret in ("", "leitai-pool-nobody", token["secret"][:-1]):
        assert (await send(data, secret)).status_code == 401
    hebei = (await doors.ask("operator", "/api/staff/pool/tokens", {"province": HEBEI})).json()
    other = await send(_file(key, 2), hebei["secret"])
    assert (other.status_code, other.json()["error"]["code"]) == (403, "pool-file-province")
    told = (await doors.ask("operator", "/api/staff/pool/provinces")).json()
    assert [(one["province"], one["people"]) for one in told["taken"]] == [(BEIJING, 1)]
    assert token["secret"] not in str(told)
    assert (await doors.ask("root", "/api/staff/pool/revoke", {"token": token["token"]})).status_code == 204
    assert (await send(data, token["secret"])).status_code == 401
    assert (await doors.ask("root", "/api/staff/pool/revoke", {"key": made.json()["key"]})).status_code == 204
    page = await doors.ask("operator", "/api/staff/pool/files", content=_file(key, 3), media=NDJSON)
    assert page.json()["error"]["code"] == "pool-key-revoked"
    assert (await doors.audited()).count("pool-file-refused") == 4
