"""Lists as provinces send them in, with people made up and identity numbers that pass their check; and an office with
nothing but its doors for people.
"""

import itertools
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import msgspec

from leitai.config import Settings
from leitai.office.draws import nomination_id
from leitai.office.nominations.values import ContestState, RosterSeat
from leitai.office.people_ports import Contestant, DelegationName, Person
from leitai.office.staff import Staff
from leitai.office_parts import office_parts
from leitai.rules.draw import NominationList
from leitai.rules.draw_protocol import take
from leitai.rules.id_numbers import check_digit
from leitai.rules.rights import read_roles
from leitai.rules.transcript import transcript_of
from leitai.rules.values import DelegationCode, Micros
from leitai.stores.postgres.draw_store import PostgresDraws
from leitai.web.broadcast import AirDoors
from leitai.web.cookies import STAFF_COOKIE
from leitai.web.judging import JudgingDoors
from leitai.web.rosters import PublicRosterPart
from leitai.web.staff import StaffDoors, build_staff_app
from tests.support.doors import ORIGIN, settings
from tests.support.draws import announced, events, notice
from tests.support.office import NOWHERE, SERVER_KEY, Stores
from tests.support.workbooks import workbook

HEAD = [
    "名单类型",
    "序号",
    "姓名",
    "证件号码",
    "手机号码",
    "单位",
    "日日学之星次数",
    "周周练积分",
    "曾参加赛事",
    "曾获称号",
]
FILE = {"Content-Type": "application/octet-stream"}
PRACTICE_HEAD = ["姓名", "证件号码", "日日学之星次数", "周周练积分", "截至日期"]


def id_number(number: int, division: str = "110101") -> str:
    """An identity number; each `number` below 10,000,000 its own."""
    years, serial = divmod(number, 1000)
    body = f"{division}{1960 + years % 40}{1 + years // 40 % 12:02d}{1 + years // 480 % 28:02d}{serial:03d}"
    return body + check_digit(body)


def line(number: int, which: object = "推荐", no: object = "", **changes: object) -> list[object]:
    """An eligible person's line."""
    cells: dict[str, object] = dict(
        zip(
            HEAD,
            [which, no, f"人员{_name(number)}", id_number(number), f"138{number:08d}", "某市人社局", 2, 1200, "", ""],
            strict=True,
        )
    )
    return list((cells | changes).values())


def listed(first: int, named: int = 15, nominated: int = 100) -> list[list[object]]:
    """A province's list: people from the number `first` on."""
    numbers = itertools.count(first)
    return [
        *(line(next(numbers), "自主确定", no) for no in range(1, named + 1)),
        *(line(next(numbers), "推荐", no) for no in range(1, nominated + 1)),
    ]


def nomination_file(rows: Sequence[Sequence[object]], head: Sequence[str] = HEAD) -> bytes:
    """The file of a list."""
    return workbook({"名单": [head, *rows]})


def practice_file(records: Mapping[int, tuple[int, object]], day: str = "2022-08-31") -> bytes:
    """A file of practice records: titles and points by a person's number."""
    rows = [
        [f"人员{_name(number)}", id_number(number), titles, points, day] for number, (titles, points) in records.items()
    ]
    return workbook({"练兵数据": [PRACTICE_HEAD, *rows]})


class Published:
    """A roster of one, published."""

    async def newest(self) -> tuple[ContestState, list[RosterSeat], dict[DelegationCode, DelegationName]]:
        beijing = DelegationName(DelegationCode("110000"), "北京市", "北京")
        who = Contestant(1, 1, "named", Person(beijing.code, "张三", "某单位", 1, 100_000))
        contest = ContestState(1, "比武", 2022, 0, Micros(1), Micros(2), Micros(3))
        return contest, [RosterSeat(who, "", decided=False)], {beijing.code: beijing}


def public_roster() -> PublicRosterPart:
    """The door to a published roster, without a store."""
    published: Any = Published()
    return PublicRosterPart(published)


class Cookies:
    """The web sessions of the staff: whoever brings the cookie `of-N` is the person of account N."""

    async def staff_session(self, cookie: str) -> int | None:
        return int(cookie.removeprefix("of-"))


class PeopleOffice:
    """The office with its doors for people, over a real database; a browser for whoever comes."""

    def __init__(self, stores: Stores, two_persons: bool) -> None:
        nothing: Any = None
        self.under_way = False
        """Whether a contest is."""
        self.stores = stores
        self.settings: Settings = msgspec.structs.replace(NOWHERE, two_persons=two_persons)
        cookies: Any = Cookies()
        doors = StaffDoors(
            staff=Staff(stores.office, SERVER_KEY),
            sessions=cookies,
            tries=nothing,
            readiness=nothing,
            console=nothing,
            scheduling=nothing,
            judging=JudgingDoors(nothing, nothing, nothing, nothing, nothing),
            blinding=nothing,
            air=AirDoors(nothing, nothing, nothing, nothing),
            reveal=nothing,
            media=nothing,
            identity=nothing,
            parts=office_parts(stores.database, stores.vault, self.settings, nothing, nothing, lambda: self.under_way),
        )
        self._app = build_staff_app(doors, settings(), None)
        self._clients: list[httpx2.AsyncClient] = []

    async def person(self, login: str, role: str, delegation: str = "") -> httpx2.AsyncClient:
        """A browser in which somebody of that role is signed in."""
        roles = read_roles([role])
        staff_id = await self.stores.office.add_staff(login, f"{login}本人", roles, DelegationCode(delegation), "tests")
        client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=self._app),
            base_url=ORIGIN,
            headers={"Origin": ORIGIN},
            cookies={STAFF_COOKIE: f"of-{staff_id}"},
        )
        self._clients.append(client)
        return client

    async def audited(self, action: str) -> list[tuple[str, str]]:
        """Who did that, and about what."""
        async with self.stores.database.connection() as connection:
            found = await connection.fetch("select actor, subject from audit where action = $1 order by id", action)
        return [(row["actor"], row["subject"]) for row in found]

    async def close(self) -> None:
        for client in self._clients:
            await client.aclose()


@asynccontextmanager
async def people_office(stores: Stores, *, two_persons: bool = True) -> AsyncGenerator[PeopleOffice]:
    """An office; its browsers are closed with the block."""
    office = PeopleOffice(stores, two_persons)
    try:
        yield office
    finally:
        await office.close()


async def sent(
    client: httpx2.AsyncClient, contest: int, code: str, data: bytes, expects: int | None = None
) -> dict[str, Any]:
    """What comes of a file: a dry run, or with `expects` an upload."""
    query = {"name": "名单.xlsx", **({} if expects is None else {"expects": str(expects)})}
    path = f"/api/staff/nominations/{contest}/{code}/upload"
    answer = await client.post(path, params=query, content=data, headers=FILE)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def drawn(stores: Stores, contest: int, places: Mapping[str, int]) -> Mapping[str, Sequence[str]]:
    """Keep a draw of so many of each delegation; returns who was drawn, as the draw names them."""
    most = max(places.values())
    lists: list[NominationList] = []
    for code in sorted(places):
        lines = [one for one in await stores.office.nominations(contest) if one.person.delegation == code]
        ids = [nomination_id(one) for one in lines if one.list == "nominated"]
        # A list that is shorter than the places is drawn whole.
        short = ids if places[code] == most else ids[: places[code]]
        lists.append(NominationList(DelegationCode(code), code, tuple(short)))
    store, draw = PostgresDraws(stores.database), announced(notice(lists, places=most))
    await store.add_draw(contest, draw)
    for event in events():
        draw = take(draw, event)
        transcript = transcript_of("比赛", 2022, draw, ()) if draw.ended else None
        record = (transcript.to_json(), transcript.digest) if transcript else None
        await store.add_draw_event(contest, draw, record)
    return {one.delegation: one.drawn for one in await stores.office.draws(contest)}


def _name(number: int) -> str:
    """A number in characters: names hold no digits."""
    return "".join("零一二三四五六七八九"[int(digit)] for digit in str(number))
