"""The practice office's doors, and what is done once a day of practice is over."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any

import asyncpg
import httpx2
import openpyxl
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from leitai.office.bank import MODULES
from leitai.office.practice.nightly import ON_THE_WAY_US
from leitai.office.practice.release_desk import ReleaseDesk
from leitai.office.staff_ports import StaffRecord
from leitai.rules.rights import NO_DELEGATION, RIGHTS, Role
from leitai.rules.values import Micros, QuestionType
from leitai.stores.embedded.postgres import EmbeddedPostgres
from leitai.stores.postgres.bank_files_store import PostgresBankFiles
from leitai.stores.postgres.paper_store import PostgresPapers
from leitai.stores.postgres.practice_night_store import PracticeNights
from leitai.stores.postgres.syllabus_store import SyllabusEditionsStore
from leitai.web.contract.practice_sets import PRACTICE_OFFICE
from leitai.web.errors import EXCEPTION_HANDLERS, Refusal
from leitai.web.practice_desk import PracticeDeskPart
from tests.support.practice import DAY_US, HOUR_US, MINUTE_US, Gym, fresh_gym, furnished_database

BASE = "/api/staff/practice"


async def signed_in(request: Request) -> StaffRecord:
    role = request.headers.get("x-role", "")
    if not role:
        raise Refusal("not-signed-in")
    return StaffRecord(1, role, role, frozenset({Role(role)}), NO_DELEGATION, "", b"", Micros(0), False, 1)


class Office:
    """The practice office beside the learners' doors."""

    def __init__(self, house: Gym, client: httpx2.AsyncClient) -> None:
        self.house = house
        self.client = client

    async def get(self, path: str, role: str = "practice_office") -> httpx2.Response:
        return await self.client.get(f"{BASE}/{path}", headers={"x-role": role})

    async def post(self, path: str, body: object, role: str = "practice_office") -> httpx2.Response:
        return await self.client.post(f"{BASE}/{path}", json=body, headers={"x-role": role})

    async def release(self, module: str, question_type: str = "", days: int = 0, edition: int = 0) -> Any:
        day = (self.house.today + timedelta(days=days)).isoformat()
        answer = await self.post(
            "releases", {"edition": edition, "module": module, "type": question_type, "from_day": day}
        )
        self.house.catalogue.forget()
        return answer.json() if answer.status_code == 200 else answer.json()["error"]["code"]

    async def audited(self) -> list[str]:
        async with self.house.stores.database.connection() as connection:
            found = await connection.fetch("select action from audit where action like '%practice%' order by no")
        return [row["action"] for row in found]


@pytest.fixture(scope="module")
def furnished(postgres: EmbeddedPostgres) -> Iterator[str]:
    with furnished_database(postgres) as name:
        yield name


@pytest.fixture
async def empty_gym(postgres: EmbeddedPostgres, furnished: str) -> AsyncIterator[Gym]:
    async with fresh_gym(postgres, furnished) as house:
        yield house


@pytest.fixture
async def office(empty_gym: Gym) -> AsyncIterator[Office]:
    desk = ReleaseDesk(empty_gym.desk, SyllabusEditionsStore(empty_gym.stores.database), empty_gym.now)
    endpoints = PracticeDeskPart(desk).endpoints(signed_in, 64 * 1024)
    app = Starlette(
        routes=[Route(one.path, endpoints[one.name], methods=[one.method]) for one in PRACTICE_OFFICE],
        exception_handlers=dict(EXCEPTION_HANDLERS),
    )
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://office.example") as client:
        yield Office(empty_gym, client)


def of_module(body: dict[str, Any], module: str) -> tuple[int, int, int]:
    found = [one for one in body["topics"] if one["module"] == module]
    return tuple(sum(one[name] for one in found) for name in ("served", "scheduled", "ready"))  # pyright: ignore[reportReturnType]


async def test_questions_are_released_scheduled_and_withdrawn(office: Office) -> None:
    body = (await office.get("releases")).json()
    assert of_module(body, MODULES[0]) == (0, 0, 40)
    body = await office.release(MODULES[0], "single")
    assert of_module(body, MODULES[0]) == (8, 0, 32)
    body = await office.release(MODULES[0], days=3)
    assert of_module(body, MODULES[0]) == (8, 32, 0)
    assert await office.release(MODULES[0]) == "practice-nothing-to-release"
    newest, first = body["releases"]
    assert (newest["questions"], newest["type"], first["questions"], first["type"]) == (32, "", 8, "single")
    office.house.now_us += 3 * DAY_US
    assert of_module((await office.get("releases")).json(), MODULES[0]) == (40, 0, 0)
    gone = await office.post(f"releases/{first['release']}/withdraw", {"reason": "法规已修订"})
    assert of_module(gone.json(), MODULES[0]) == (32, 0, 8)
    again = await office.post(f"releases/{first['release']}/withdraw", {"reason": "法规已修订"})
    assert (again.status_code, again.json()["error"]["code"]) == (409, "practice-withdrawn")
    # What was withdrawn may be released again.
    assert of_module(await office.release(MODULES[0]), MODULES[0]) == (40, 0, 0)
    assert await office.audited() == ["release-practice"] * 2 + ["withdraw-practice", "release-practice"]


async def test_papers_know_what_was_met_in_practice(office: Office) -> None:
    await office.release(MODULES[0], "single")
    await office.release(MODULES[1], days=3)
    release = (await office.get("releases")).json()["releases"][-1]["release"]
    await office.post(f"releases/{release}/withdraw", {"reason": "有误"})
    stores = office.house.stores
    # By the database's own day, which is after those of these tests.
    async with stores.database.connection() as connection:
        await connection.execute("update practice_release set from_day = now()::date + 3 where module = $1", MODULES[1])
    met = [one for one in await PostgresPapers(stores.database, stores.vault).candidates() if one.practised]
    assert [(one.module, one.type) for one in met] == [(MODULES[0], QuestionType.SINGLE)] * 8


async def test_a_release_may_keep_to_an_edition_of_the_syllabus(office: Office) -> None:
    edition = (await office.get("releases")).json()["editions"][0]["edition"]
    async with office.house.stores.database.connection() as connection:
        await connection.execute(
            "update syllabus_point set retired_at = now() where edition_id = $1 and module = $2", edition, MODULES[1]
        )
    body = (await office.get(f"releases?edition={edition}")).json()
    assert of_module(body, MODULES[0]) == (0, 0, 40)
    assert of_module(body, MODULES[1]) == (0, 0, 0)
    assert await office.release(MODULES[1], edition=edition) == "practice-nothing-to-release"
    assert of_module(await office.release(MODULES[0], edition=edition), MODULES[0]) == (40, 0, 0)
    assert await office.release(MODULES[0], edition=99) == "not-found"
    assert await office.release("园艺") == "not-found"


async def test_only_who_may(office: Office) -> None:
    for one in PRACTICE_OFFICE:
        assert one.act is not None
        for role in Role:
            path = one.path.removeprefix(f"{BASE}/").replace("{release}", "1").replace("{finding}", "1")
            path += "?first=2022-08-01&last=2022-08-02" if "participation" in path else ""
            answer = await (office.get(path, role.value) if one.method == "GET" else office.post(path, {}, role.value))
            assert (answer.status_code == 403) is (role not in RIGHTS[one.act].roles), (one.name, role)


async def test_a_day_that_is_over_is_gone_through_once(office: Office) -> None:
    house = office.house
    for module in MODULES[:2]:
        await office.release(module)
    async with house.stores.database.connection() as connection:
        await connection.execute(
            "update learner set kind = 'window', organisation_id = (select id from organisation where code = '130000')"
            " where id = 1"
        )
    day = house.today
    # A farm of twelve from one address, each right in steady seconds; and one set that is left unfinished.
    for learner in range(1, 13):
        for module in MODULES[:2]:
            for _ in range(2):
                taken = await house.take(learner, module=module)
                for item in taken["items"]:
                    house.now_us += 500_000
                    await house.answer(learner, taken["set"], item["item"], await house.response(item, right=True))
        house.now_us += MINUTE_US
    taken = await house.take(20, module=MODULES[0])
    await house.answer(20, taken["set"], 1, await house.response(taken["items"][0], right=False))
    assert await house.nightly.run() == 0
    house.now_us = taken["expires_us"] + ON_THE_WAY_US
    assert await house.nightly.run() == 0
    # Unfinished sets of the day count as soon as it is over; the rest waits for the last sets of 周周练.
    assert await house.ledger(20) == [(1, day, 0, 1)]
    house.now_us += HOUR_US
    assert await house.nightly.run() == 1
    assert await house.nightly.run() == 0
    body = (await office.get("findings")).json()
    assert body["checked"] == day.isoformat()
    found = {(one["pattern"], tuple(one["learners"])): one for one in body["findings"]}
    assert found["impossible_speed", (1,)]["answers"] == 20
    assert found["impossible_speed", (1,)]["figure_us"] == 500_000
    assert ("steady_right", (12,)) in found
    crowd = next(one for one in body["findings"] if one["pattern"] == "one_address")
    assert crowd["learners"] == [*range(1, 13), 20]
    assert not any(20 in one["learners"] for one in body["findings"] if one["pattern"] != "one_address")
    # All of an address are counted, however much of it is looked through.
    nights = PracticeNights(house.stores.database)
    (whole,) = [one async for one in nights.answers_by_network(day, crowd["answers"])]
    (beyond,) = [one async for one in nights.answers_by_network(day, crowd["answers"] - 1)]
    assert whole.given is not None
    assert len(whole.given) == whole.answers == crowd["answers"] == 12 * 20 + 1
    assert (beyond.learners, beyond.answers, beyond.given) == (whole.learners, whole.answers, None)
    number = crowd["finding"]
    assert (await office.post(f"findings/{number}", {"note": "同一办公室"})).status_code == 204
    seen = next(one for one in (await office.get("findings")).json()["findings"] if one["finding"] == number)
    assert (seen["seen_by"], seen["note"], seen["compared"]) == ("practice_office", "同一办公室", True)
    # A second word stands beside the first one, of whoever and however often.
    assert (await office.post(f"findings/{number}", {"note": "已电话核实"})).status_code == 204
    seen = next(one for one in (await office.get("findings")).json()["findings"] if one["finding"] == number)
    assert (seen["seen_by"], seen["note"]) == ("practice_office", "已电话核实")
    assert [one["note"] for one in seen["marks"]] == ["同一办公室", "已电话核实"]
    assert seen["marks"][0]["at_us"] <= seen["marks"][1]["at_us"]
    async with house.stores.database.connection() as connection:
        for rewriting in ("update practice_finding_mark set note = ''", "delete from practice_finding_mark"):
            with pytest.raises(asyncpg.PostgresError):
                await connection.execute(rewriting)
    assert (await office.post("findings/999", {"note": "x"})).status_code == 404
    # Participation by province and module.
    rows = (await office.get(f"participation?first={day}&last={day}")).json()["rows"]
    assert [
        (one["province_name"], one["module"], one["learner_days"], one["answers"], one["right"]) for one in rows
    ] == [
        ("河北省", "", 1, 20, 20),
        *(("河北省", module, 1, 10, 10) for module in sorted(MODULES[:2])),
        ("", "", 12, 221, 220),
        *(
            ("", module, 12 if module == MODULES[0] else 11, 111 if module == MODULES[0] else 110, 110)
            for module in sorted(MODULES[:2])
        ),
    ]
    table = await office.get(f"participation.xlsx?first={day}&last={day}")
    sheet = openpyxl.load_workbook(BytesIO(table.content)).active
    assert sheet is not None
    assert [cell.value for cell in sheet[3]][:5] == ["河北省", "全部模块", 1, 20, 20]
    assert [cell.value for cell in sheet[4]][:5] == ["河北省", rows[1]["module"], 1, 10, 10]
    assert (await office.get(f"participation?first={day}&last=2021-01-01")).status_code == 400
    # The bank learns how its questions fared.
    uses = PostgresBankFiles(house.stores.database)
    fared = await uses.fared([taken["items"][0]["question"]])
    assert fared[0].practice_use.takers >= 1
    assert fared[0].contests == 0
