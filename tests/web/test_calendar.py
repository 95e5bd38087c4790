"""The calendar's doors on a real database: days that are set, states of what has happened, a file for programs."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.routing import Route

from leitai.office.bank import MODULES
from leitai.office.calendar.calendar import Calendar, Shown
from leitai.office.calendar.ics import calendar_file
from leitai.office.calendar.ports import Year
from leitai.office.staff_ports import StaffRecord
from leitai.office.syllabus_desk import SyllabusDesk
from leitai.rules.calendar import Span, Stage, StageState, State
from leitai.rules.draw_protocol import take
from leitai.rules.rights import NO_DELEGATION, Role
from leitai.rules.transcript import transcript_of
from leitai.rules.values import ActorId, Micros, Phase
from leitai.stores.postgres.calendar_store import CalendarDays
from leitai.stores.postgres.draw_store import PostgresDraws
from leitai.stores.postgres.stage_facts_store import StageFacts
from leitai.stores.postgres.syllabus_store import SyllabusEditionsStore
from leitai.web.calendar import CalendarDoors, CalendarPublic
from leitai.web.contract.calendar import CALENDAR, STAFF_CALENDAR
from leitai.web.errors import EXCEPTION_HANDLERS
from leitai.web.security import Doorkeeper
from tests.support.doors import ORIGIN, settings
from tests.support.draws import announced, events, lists, notice
from tests.support.office import Stores, small_session, stores_at

DAY_US = 86_400_000_000
SEPTEMBER = 1_662_000_000_000_000  # 2022-09-01 10:40 in Beijing


@dataclass
class Doors:
    """The calendar of a house, and its clock."""

    stores: Stores
    now_us: int = SEPTEMBER
    role: Role = Role.OPERATOR

    def __post_init__(self) -> None:
        days = CalendarDays(self.stores.database)
        self.calendar = Calendar(days, (days, StageFacts(self.stores.database)), lambda: self.now_us)

    async def ask(self, path: str, body: object = None, **headers: str) -> httpx2.Response:
        endpoints = {
            **CalendarPublic(self.calendar).public_endpoints(),
            **CalendarDoors(self.calendar).endpoints(self._signed_in, 64 * 1024),
        }
        app = Starlette(
            routes=[Route(one.path, endpoints[one.name], methods=[one.method]) for one in (*CALENDAR, *STAFF_CALENDAR)],
            middleware=[Middleware(Doorkeeper, settings=settings())],
            exception_handlers=dict(EXCEPTION_HANDLERS),
        )
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url=ORIGIN, headers={"Origin": ORIGIN}) as client:
            return await (client.get(path, headers=headers) if body is None else client.post(path, json=body))

    async def states(self) -> dict[str, str]:
        return {one["stage"]: one["state"] for one in (await self.ask("/api/calendar")).json()["stages"]}

    async def _signed_in(self, _request: Request) -> StaffRecord:
        return StaffRecord(1, "anna", "anna", frozenset({self.role}), NO_DELEGATION, "", b"", Micros(0), False, 1)


@pytest.fixture
async def doors(database: str) -> AsyncIterator[Doors]:
    async with stores_at(database) as stores:
        yield Doors(stores)


async def test_days_are_set_and_seen_by_everybody(doors: Doors) -> None:
    assert (await doors.ask("/api/calendar")).status_code == 404
    assert (await doors.ask("/api/staff/calendar")).json()["calendar"] is None
    await doors.stores.office.create_contest("去年的比武", "组委会", 2021)
    contest = await doors.stores.office.create_contest("比武", "组委会", 2022)
    assert set((await doors.states()).values()) == {"not_planned"}
    staff = (await doors.ask("/api/staff/calendar")).json()
    assert (staff["version"], staff["calendar"]["contest"], len(staff["contests"])) == (0, contest, 2)
    plan = [*staff["plan"], {"stage": "awards", "first": None, "last": None}]
    plan[5]["note"] = "请各省按时报送"
    assert plan[5]["stage"] == "nomination"
    saved = await doors.ask("/api/staff/calendar", {"contest": contest, "version": 0, "stages": plan})
    assert saved.json()["version"] == 1
    seen = await doors.ask("/api/calendar")
    body = seen.json()
    assert (body["year"], body["today"]) == (2022, "2022-09-01")
    assert {one["stage"]: one["state"] for one in body["stages"]} == {
        "bank_revision": "done",
        "bank_publication": "done",
        "practice": "under_way",
        "supplement": "done",
        "eligibility": "done",
        "nomination": "under_way",
        "draw": "planned",
        "contest": "planned",
        "appeals": "not_planned",
        "publicity": "not_planned",
        "awards": "not_planned",
    }
    nomination = next(one for one in body["stages"] if one["stage"] == "nomination")
    assert (nomination["first"], nomination["done"], nomination["total"]) == ("2022-09-01", 0, 32)
    assert nomination["note"] == "请各省按时报送"
    assert seen.headers["cache-control"] == "public, max-age=5"
    again = await doors.ask("/api/calendar", **{"If-None-Match": seen.headers["etag"]})
    assert again.status_code == 304
    stale = await doors.ask("/api/staff/calendar", {"contest": contest, "version": 0, "stages": []})
    assert (stale.status_code, stale.json()["error"]["code"]) == (409, "stale-version")


WRONG: list[tuple[list[object], str]] = [
    ([{"stage": "draw", "first": "2022-09-02", "last": "2022-09-01"}], "calendar-order"),
    ([{"stage": "draw", "first": "2022-09-02", "last": None}], "bad-request"),
    ([{"stage": "draw"}, {"stage": "draw", "first": "2022-09-02", "last": "2022-09-03"}] * 2, "bad-request"),
    ([{"stage": "lunch"}], "bad-request"),
    ([{"stage": "draw", "first": "2022-09-31", "last": "2022-10-01"}], "bad-request"),
]


async def test_days_that_cannot_be(doors: Doors) -> None:
    contest = await doors.stores.office.create_contest("比武", "组委会", 2022)
    for stages, code in WRONG:
        refused = await doors.ask("/api/staff/calendar", {"contest": contest, "version": 0, "stages": stages})
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, code), stages
    gone = await doors.ask("/api/staff/calendar", {"contest": contest + 1, "version": 0, "stages": []})
    assert gone.status_code == 404


async def test_only_operators_set_days(doors: Doors) -> None:
    for role in Role:
        doors.role = role
        answer = await doors.ask("/api/staff/calendar")
        assert (answer.status_code == 403) is (role is not Role.OPERATOR)


async def test_states_follow_what_has_happened(doors: Doors) -> None:
    created = await small_session(doors.stores)
    seen: list[tuple[str, str]] = []
    for phase in (Phase.SCHEDULED, Phase.RUNNING, Phase.CLOSED, Phase.FINALIZED):
        async with doors.stores.database.connection() as connection:
            await connection.execute("update session set phase = $2 where id = $1", created.session_id, phase.value)
        states = await doors.states()
        seen.append((states["contest"], states["appeals"]))
    assert seen == [
        ("not_planned", "not_planned"),
        ("under_way", "not_planned"),
        ("done", "under_way"),
        ("done", "done"),
    ]
    async with doors.stores.database.connection() as connection:
        await connection.execute(
            "insert into nomination"
            " (contest_id, delegation, list, no, name, unit, daily_star_titles, weekly_centipoints)"
            " select s.contest_id, d.code, 'nominated', 1, '某', '', 1, 1"
            " from session s, (select code from delegation order by code limit 31) d where s.id = $1",
            created.session_id,
        )
    answer = (await doors.ask("/api/calendar")).json()
    nomination = next(one for one in answer["stages"] if one["stage"] == "nomination")
    assert (nomination["state"], nomination["done"], nomination["total"]) == ("under_way", 31, 32)


async def test_the_draw_is_told_by_its_acts(doors: Doors) -> None:
    contest = await doors.stores.office.create_contest("比武", "组委会", 2022)
    days = [{"stage": "draw", "first": "2022-08-11", "last": "2022-08-20"}]
    await doors.ask("/api/staff/calendar", {"contest": contest, "version": 0, "stages": days})
    seen = [(await doors.states())["draw"]]
    await doors.ask("/api/staff/calendar", {"contest": contest, "version": 1, "stages": []})
    store, draw = PostgresDraws(doors.stores.database), announced(notice(lists()))
    await store.add_draw(contest, draw)
    seen.append((await doors.states())["draw"])
    for event in events():
        draw = take(draw, event)
        transcript = transcript_of("比武", 2022, draw, ()) if draw.ended else None
        record = (transcript.to_json(), transcript.digest) if transcript else None
        await store.add_draw_event(contest, draw, record)
    seen.append((await doors.states())["draw"])
    # Its last day has passed: what is recorded here is not done by that.
    assert seen == ["overdue", "under_way", "done"]


async def test_the_bank_is_told_by_the_years_editions(doors: Doors) -> None:
    await doors.stores.office.create_contest("比武", "组委会", 2022)
    desk, anna = SyllabusDesk(SyllabusEditionsStore(doors.stores.database)), ActorId("anna")
    edition = (await desk.store.editions())[0].edition_id

    async def seen() -> list[str]:
        states = await doors.states()
        return [states[stage] for stage in ("bank_revision", "bank_publication", "supplement")]

    assert await seen() == ["not_planned"] * 3
    await desk.add_point(anna, edition, MODULES[0], "新修订")
    assert await seen() == ["under_way", "not_planned", "not_planned"]
    await desk.publish(anna, edition)
    assert await seen() == ["done", "done", "not_planned"]
    supplemented = await desk.begin_edition(anna, "2022 版增补")
    assert await seen() == ["done", "done", "under_way"]
    await desk.add_point(anna, supplemented, MODULES[0], "增补")
    await desk.publish(anna, supplemented)
    assert await seen() == ["done", "done", "done"]


async def test_a_file_for_calendar_programs(doors: Doors) -> None:
    contest = await doors.stores.office.create_contest("比武；第一届", "组委会", 2022)
    days = [{"stage": "draw", "first": "2022-09-11", "last": "2022-09-20", "note": "公证, 现场直播"}]
    await doors.ask("/api/staff/calendar", {"contest": contest, "version": 0, "stages": days})
    answer = await doors.ask("/api/calendar.ics")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    lines = answer.text.split("\r\n")
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-2:] == ["END:VCALENDAR", ""]
    assert "DTSTART;VALUE=DATE:20220911" in lines
    assert "DTEND;VALUE=DATE:20220921" in lines
    assert "SUMMARY:抽签" in lines
    assert r"DESCRIPTION:公证\, 现场直播" in lines
    assert answer.text.count("BEGIN:VEVENT") == 1


def test_long_lines_are_folded_between_characters() -> None:
    year = Year(1, "长" * 100, "", 2022, 1, Micros(0))
    stage = StageState(Stage.DRAW, State.PLANNED, Span(date(2022, 9, 11), date(2022, 9, 20)))
    text = calendar_file(Shown(year, date(2022, 9, 1), (stage,), {Stage.DRAW: "注" * 90 + "\\;,"}))
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    unfolded = text.replace("\r\n ", "")
    assert "X-WR-CALNAME:" + "长" * 100 in unfolded
    assert "DESCRIPTION:" + "注" * 90 + "\\\\\\;\\," in unfolded
