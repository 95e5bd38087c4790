"""Stage rounds through their doors over real stores: planned, joined, pressed, judged, voted on, told as results."""

import asyncio
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx2
import openpyxl
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.routing import Route

from leitai.live.rooms.room import monotonic_us
from leitai.live.stage.hub import StageHub
from leitai.office.staff_ports import StaffRecord
from leitai.office.stage.audience import Audience
from leitai.office.stage.stages import Recorder, Stages
from leitai.roles.item_media import ItemBytes
from leitai.rules.rights import NO_DELEGATION, Role
from leitai.rules.values import Micros
from leitai.stores.postgres.media_store import PostgresMedia
from leitai.stores.postgres.stage_store import PostgresStages
from leitai.stores.valkey.connection import Store, open_store
from leitai.stores.valkey.keys import StageKeys
from leitai.stores.valkey.stages import ValkeyStages
from leitai.web.contract.stage import PUBLIC_STAGE, STAGE
from leitai.web.errors import EXCEPTION_HANDLERS
from leitai.web.security import Doorkeeper
from leitai.web.stage import StagePart
from leitai.web.stage_public import StageDoors
from leitai.wire.codec import encode
from leitai.wire.messages import ClientHello
from leitai.wire.stage_messages import ClientPress, ServerStage, ServerStageWelcome
from tests.support.doors import ORIGIN, settings
from tests.support.live import FakeLink
from tests.support.office import SERVER_KEY, Stores, batch, questions, stores_at
from tests.support.stages import last, said
from tests.support.waiting import eventually

BOTH = frozenset({Role.BROADCAST_DIRECTOR, Role.JUDGE})
TEAMS = ["甲队", "乙队", "丙队", "丁队"]
PLAN = {
    "title": "全省决赛",
    "teams": TEAMS,
    "rounds": [
        {"kind": "required", "title": "必答题", "draw": 4},
        {"kind": "buzzer", "title": "抢答题", "draw": 3},
        {"kind": "sudden_death", "title": "加赛", "draw": 1},
    ],
}


@dataclass
class House:
    """The doors of the staff and of the public, a gateway's hub, and the stores behind them."""

    stores: Stores
    store: Store
    roles: frozenset[Role] = BOTH
    phones: dict[str, httpx2.AsyncClient] = field(default_factory=dict[str, httpx2.AsyncClient])
    stage_id: int = 0

    def __post_init__(self) -> None:
        self.ledger = ValkeyStages(self.store)
        self.archive = PostgresStages(self.stores.database)
        self.stages = Stages(self.archive, self.ledger, SERVER_KEY)
        self.hub = StageHub(self.ledger, self.ledger)
        self.now_s = 0.0
        self.links: dict[int, Any] = {}
        """The connections of desks, by team."""
        audience = Audience(self.stages, lambda: self.now_s)
        media = ItemBytes(PostgresMedia(self.stores.database).item_part)
        public = StageDoors(audience, self.ledger, media, settings(), SERVER_KEY, ORIGIN)
        endpoints = {
            **StagePart(self.stages, media, ORIGIN).endpoints(self._signed_in, 64 * 1024),
            **public.public_endpoints(),
        }
        self._app = Starlette(
            routes=[
                Route(one.path, endpoints[one.name], methods=[one.method])
                for one in (*STAGE, *PUBLIC_STAGE)
                if one.name != "stage_stream"
            ],
            middleware=[Middleware(Doorkeeper, settings=settings())],
            exception_handlers=dict(EXCEPTION_HANDLERS),
        )

    def client(self, name: str) -> httpx2.AsyncClient:
        """A browser with cookies of its own."""
        if name not in self.phones:
            transport = httpx2.ASGITransport(app=self._app)
            self.phones[name] = httpx2.AsyncClient(transport=transport, base_url=ORIGIN, headers={"Origin": ORIGIN})
        return self.phones[name]

    async def staff(self, path: str, body: object = None) -> httpx2.Response:
        client = self.client("staff")
        path = f"/api/staff/stages{path}"
        return await (client.get(path) if body is None else client.post(path, json=body))

    async def run(self, act: str, **members: object) -> httpx2.Response:
        return await self.staff(f"/{self.stage_id}/run", {"act": act, **members})

    async def judge(self, act: str, **members: object) -> httpx2.Response:
        return await self.staff(f"/{self.stage_id}/judge", {"act": act, **members})

    async def console(self) -> dict[str, Any]:
        return (await self.staff(f"/{self.stage_id}")).json()

    async def begin(self, plan: object = PLAN) -> dict[int, str]:
        """Plan a stage, make its codes, begin it; returns the codes."""
        await self.stores.office.import_bank(batch("bank"), questions())
        self.stage_id = (await self.staff("", plan)).json()["stage"]
        await self.forget_ledger()
        made = (await self.staff(f"/{self.stage_id}/codes", {})).json()["codes"]
        assert (await self.run("begin")).status_code == 200
        return {one["team"]: one["code"] for one in made}

    async def forget_ledger(self) -> None:
        """Stages are numbered from 1 in every test's own database, on one Valkey: what others left is forgotten."""
        keys = StageKeys(self.stage_id)
        names = (keys.log, keys.presses, keys.ballot, keys.desks, keys.votes(1), keys.voters(1), keys.networks(1))
        await self.store.execute_command("DEL", *names)

    async def seated(self, round_: dict[str, Any], **figures: int) -> tuple[dict[int, FakeLink], FakeLink]:
        """A stage of one round that has begun, with every team at its desk; returns their links and a screen's."""
        codes = await self.begin({**PLAN, "rounds": [round_], "settings": figures})
        sat = {team: await self.sit(TEAMS[team - 1], codes[team]) for team in (1, 2, 3, 4)}
        self.links = {team: connection for team, (connection, _) in sat.items()}
        _, screen = await self.sit("大屏", codes[0])
        return {team: link for team, (_, link) in sat.items()}, screen

    async def sit(self, name: str, code: str) -> tuple[Any, FakeLink]:
        """Let a device in by its code, and open its socket."""
        client = self.client(name)
        assert (await client.post("/api/stage/join", json={"code": code})).status_code == 200
        ticket = (await client.post("/api/stage/tickets", json={})).json()["ticket"]
        link = FakeLink()
        connection = self.hub.open(link, monotonic_us(), "zh-CN")
        connection.received(encode(ClientHello(ticket)), monotonic_us())

        async def told() -> bool:
            return any(isinstance(one, ServerStageWelcome) for one in said(link))

        await eventually(told, bool)
        return connection, link

    async def close(self) -> None:
        await self.hub.stop()
        for client in self.phones.values():
            await client.aclose()

    async def _signed_in(self, _request: Request) -> StaffRecord:
        return StaffRecord(1, "anna", "安娜", self.roles, NO_DELEGATION, "", b"", Micros(0), False, 1)


@pytest.fixture
async def house(database: str, valkey_url: str) -> AsyncIterator[House]:
    store = open_store(valkey_url)
    async with stores_at(database) as stores:
        made = House(stores, store)
        yield made
        await made.close()
    await store.aclose()


def code_of(answer: httpx2.Response) -> str:
    return answer.json()["error"]["code"]


async def stands(link: FakeLink, fits: Any) -> ServerStage:
    async def ask() -> ServerStage:
        return last(said(link), ServerStage)

    return await eventually(ask, fits)


async def test_a_stage_from_its_plan_to_its_results(house: House) -> None:
    codes = await house.begin()
    assert sorted(codes) == [0, 1, 2, 3, 4]
    desks = {team: await house.sit(TEAMS[team - 1], codes[team]) for team in (1, 2, 3, 4)}
    _, screen = await house.sit("大屏", codes[0])
    await house.run("round", round=1)
    assert code_of(await house.run("question", question=1, team=2)) == "stage-not-their-turn"
    assert (await house.run("question", question=1, team=1)).status_code == 200
    assert (await house.judge("right", question=1, team=1)).status_code == 200

    await house.run("round", round=2)
    await house.run("question", question=5)
    await stands(screen, lambda stage: stage.question and stage.question.question == 5)
    # The key is the judges' alone until it is revealed, wherever one looks.
    seen = await house.console()
    explanation: str = seen["key"]["explanation"]
    assert explanation
    desks[4][0].received(encode(ClientPress(5, 1)), monotonic_us())
    await stands(screen, lambda stage: stage.question.false_starts == [4])
    await house.run("buzzer", question=5)
    view = await stands(desks[1][1], lambda stage: stage.question.opens_at_us > 0)
    assert view.question is not None
    opens_us = view.question.opens_at_us

    async def opened() -> bool:
        return await house.ledger.time_us(house.stage_id) > opens_us + 5_000

    await eventually(opened, bool)
    now_us = monotonic_us()
    desks[2][0].received(encode(ClientPress(5, 1)), now_us)
    desks[3][0].received(encode(ClientPress(5, 1)), now_us - 2_000)
    view = await stands(screen, lambda stage: len(stage.question.presses) == 2)
    assert view.question is not None
    assert [one.team for one in view.question.presses] == [3, 2], "the third team's frame arrived first"
    frames = [frame for _, link in desks.values() for frame in link.frames] + screen.frames
    assert not any(explanation.encode() in frame for frame in frames)
    log = await house.store.execute_command("XRANGE", StageKeys(house.stage_id).log, "-", "+")
    assert explanation.encode() not in repr(log).encode() + b"".join(fields[1] for _, fields in log)

    assert code_of(await house.judge("right", question=5, team=2)) == "stage-not-answering"
    judged = (await house.judge("wrong", question=5, team=3)).json()["seq"]
    assert (await house.judge("withdraw", seq=judged)).status_code == 200
    await house.judge("right", question=5, team=3)
    await house.run("reveal", question=5)
    view = await stands(screen, lambda stage: stage.question.revealed)
    assert view.question is not None
    assert view.question.explanation == explanation
    assert code_of(await house.judge("award", team=1, centipoints=500, reason="")) == "stage-reason-missing"
    await house.judge("award", team=1, centipoints=500, reason="风采展示")
    await Recorder(house.stages).round()
    assert (await house.run("end")).status_code == 200
    assert code_of(await house.judge("award", team=1, centipoints=500, reason="迟到的加分")) == "stage-ended"

    told = (await house.staff(f"/{house.stage_id}/results")).json()
    teams = [(one["rank"], one["name"], one["centipoints"], one["by_round"], one["awards"]) for one in told["teams"]]
    assert teams == [
        (1, "甲队", 11_500, [1_000, 0, 0], 500),
        (2, "丙队", 11_000, [0, 1_000, 0], 0),
        (3, "乙队", 10_000, [0, 0, 0], 0),
        (4, "丁队", 9_000, [0, -1_000, 0], 0),
    ]
    assert [one["why"] for one in told["lines"]] == ["right", "false_start", "right", "award"]
    kinds = [one["kind"] for one in told["log"]]
    assert kinds[0] == "stage_begun"
    assert kinds[-1] == "stage_ended"
    assert "withdrawn" in kinds
    workbook = await house.staff(f"/{house.stage_id}/results.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(workbook.content), read_only=True)
    rows = list(book["名次"].iter_rows(values_only=True))
    assert rows[2][:3] == (1, "甲队", 115)
    assert book.sheetnames == ["名次", "得分明细", "现场记录"]
    async with house.stores.database.connection() as connection:
        acts = await connection.fetch("select actor, action, detail::text as detail from audit order by no")
    assert {row["actor"] for row in acts if row["action"].startswith("stage-")} == {"anna"}
    assert {"stage-judged", "stage-withdrawn", "stage-awarded", "stage-question-shown"} <= {
        row["action"] for row in acts
    }
    assert not any(code in row["detail"] for row in acts for code in codes.values())


async def test_whose_right_it_is(house: House) -> None:
    await house.begin()
    for role in Role:
        house.roles = frozenset({role})
        sees = role in {Role.OPERATOR, Role.BROADCAST_DIRECTOR, Role.JUDGE, Role.CHIEF_JUDGE, Role.AUDITOR}
        for path in ("", f"/{house.stage_id}", f"/{house.stage_id}/results", f"/{house.stage_id}/results.xlsx"):
            assert ((await house.staff(path)).status_code == 403) is not sees, (role, path)
        runs = role in {Role.OPERATOR, Role.BROADCAST_DIRECTOR}
        answers = (await house.run("timer"), await house.staff(f"/{house.stage_id}/codes", {}))
        assert [one.status_code == 403 for one in answers] == [not runs] * 2
        assert ((await house.staff("", {**PLAN, "teams": ["甲", "甲"]})).status_code == 403) is not runs
        assert ((await house.judge("withdraw")).status_code == 403) is (role not in {Role.JUDGE, Role.CHIEF_JUDGE})
    house.roles = BOTH
    assert (await house.staff("/999")).status_code == 404
    assert code_of(await house.run("timer")) == "stage-no-round"


async def test_what_cannot_be_planned(house: House) -> None:
    await house.stores.office.import_bank(batch("bank"), questions())
    for changes, code in (
        ({"teams": ["甲", "甲"]}, "stage-bad-plan"),
        ({"teams": ["甲"]}, "bad-request"),
        ({"rounds": []}, "bad-request"),
        ({"rounds": [{"kind": "buzzer", "title": "抢答题"}]}, "stage-bad-plan"),
        ({"rounds": [{"kind": "lunch", "title": "午餐", "draw": 1}]}, "bad-request"),
        ({"rounds": [{"kind": "buzzer", "title": "抢答题", "draw": 61}]}, "stage-too-few-questions"),
        ({"settings": {"stakes": []}, "rounds": [{"kind": "risk", "title": "风险题", "draw": 1}]}, "stage-bad-plan"),
        ({"settings": {"buzzer": -1}}, "bad-request"),
    ):
        assert code_of(await house.staff("", {**PLAN, **changes})) == code, changes
    assert (await house.staff("")).json()["stages"] == []


async def test_devices_come_by_their_codes_and_go_with_them(house: House) -> None:
    codes = await house.begin()
    desk = house.client("desk")
    assert code_of(await desk.post("/api/stage/tickets", json={})) == "not-signed-in"
    assert code_of(await desk.post("/api/stage/join", json={"code": "0000-0000-00000"})) == "stage-code-wrong"
    joined = await desk.post("/api/stage/join", json={"code": codes[2].lower().replace("-", " ")})
    assert joined.json() == {"stage": house.stage_id, "title": "全省决赛", "team": 2, "name": "乙队"}
    cookie = joined.headers["set-cookie"]
    assert all(word in cookie for word in ("leitai_stage=", "HttpOnly", "SameSite=Strict"))
    assert (await desk.post("/api/stage/tickets", json={})).status_code == 200
    await house.staff(f"/{house.stage_id}/codes", {})
    assert code_of(await desk.post("/api/stage/tickets", json={})) == "not-signed-in"
    assert code_of(await desk.post("/api/stage/join", json={"code": codes[2]})) == "stage-code-wrong"
    assert (await desk.post("/api/stage/leave", json={})).status_code == 204
    answers = [await desk.post("/api/stage/join", json={"code": "1111-1111-11111"}) for _ in range(11)]
    assert [code_of(one) for one in answers] == ["stage-code-wrong"] * 10 + ["too-many-tries"]
    foreign = await desk.post("/api/stage/join", json={"code": codes[1]}, headers={"Origin": "https://elsewhere.test"})
    assert code_of(foreign) == "origin-refused"


async def test_the_audience_votes_once_each(house: House) -> None:
    codes = await house.begin()
    _, screen = await house.sit("大屏", codes[0])
    assert code_of(await house.run("open_vote", title="最佳风采", choices=["甲队"])) == "stage-bad-vote"
    both = [house.run("open_vote", title="最佳风采", choices=["甲队", "乙队"]) for _ in range(2)]
    assert sorted([one.status_code for one in await asyncio.gather(*both)]) == [200, 409]
    view = await stands(screen, lambda stage: stage.vote is not None)
    assert view.vote is not None
    code = view.vote.code
    path = f"/api/stages/{house.stage_id}"

    async def vote(name: str, choice: int) -> httpx2.Response:
        body = {"code": code, "choice": [*TEAMS, "长" * 41][choice]}
        return await house.client(name).post(f"{path}/votes", json=body)

    assert code_of(await vote("phone 0", 1)) == "stage-vote-closed", "it has not seen the ballot"
    for n in range(12):
        ballot = await house.client(f"phone {n}").get(f"{path}/ballot", params={"code": code})
        assert ballot.json() == {"vote": 1, "title": "最佳风采", "choices": ["甲队", "乙队"], "stage_title": "全省决赛"}
        assert (await vote(f"phone {n}", n % 3 // 2)).status_code == 204
    assert code_of(await vote("phone 3", 1)) == "stage-voted"
    again = await house.client("phone 3").get(f"{path}/ballot", params={"code": code})
    assert "set-cookie" not in again.headers, "a phone keeps its name"
    forged = house.client("forger")
    forged.cookies.set("leitai_voter", "a" * 64)
    assert code_of(await vote("forger", 1)) == "stage-vote-closed"
    assert code_of(await vote("phone 3", 2)) == "stage-vote-closed"
    assert code_of(await vote("phone 3", 4)) == "bad-request"
    assert (await house.client("lost").get(f"{path}/ballot", params={"code": "AAAAAA"})).json()["vote"] == 0
    assert (await house.client("lost").get("/api/stages/999/ballot", params={"code": code})).status_code == 404
    await stands(screen, lambda stage: stage.vote.counts == [8, 4])
    # All of these came from one address; the director is told, whatever their cookies.
    assert (await house.console())["most_from_one"] == 12
    picture = await house.client("lost").get(f"{path}/ballot.svg", params={"code": code})
    assert picture.headers["content-type"].startswith("image/svg+xml")
    assert picture.text.startswith("<svg")
    assert (await house.client("lost").get(f"{path}/ballot.svg", params={"code": "<&>"})).status_code == 404
    assert code_of(await house.run("end")) == "stage-vote-open"
    assert (await house.run("close_vote", vote=1)).status_code == 200
    assert code_of(await house.run("close_vote", vote=1)) == "stage-vote-closed"
    view = await stands(screen, lambda stage: not stage.vote.open)
    assert view.vote is not None
    assert (view.vote.counts, view.vote.code) == ([8, 4], "")
    house.now_s += 2
    assert (await house.client("late").get(f"{path}/ballot", params={"code": code})).json()["vote"] == 0


async def test_nobody_gets_new_votes_by_throwing_cookies_away(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leitai.web.stage_public.DEVICES_PER_NETWORK", 3)
    codes = await house.begin()
    _, screen = await house.sit("大屏", codes[0])
    await house.run("open_vote", title="最佳风采", choices=["甲队", "乙队"])
    view = await stands(screen, lambda stage: stage.vote is not None)
    assert view.vote is not None
    path, code = f"/api/stages/{house.stage_id}", view.vote.code
    stuffer, refused = house.client("stuffer"), list[str]()
    # The window of a minute may turn between two tries: more than two turns it does not.
    for _ in range(12):
        stuffer.cookies.clear()
        ballot = await stuffer.get(f"{path}/ballot", params={"code": code})
        if ballot.status_code != 200:
            refused.append(code_of(ballot))
            continue
        assert (await stuffer.post(f"{path}/votes", json={"code": code, "choice": "甲队"})).status_code == 204
    assert len(refused) >= 12 - 2 * 3
    assert set(refused) == {"too-many-tries"}


async def test_a_plan_is_changed_until_the_stage_begins(house: House) -> None:
    await house.stores.office.import_bank(batch("bank"), questions())
    house.stage_id = (await house.staff("", PLAN)).json()["stage"]
    path = f"/{house.stage_id}/plan"
    kept = (await house.staff(path)).json()
    assert (kept["edition"], kept["plan"]["teams"], kept["plan"]["rounds"][1]["draw"]) == (1, TEAMS, 3)
    renamed = {**PLAN, "title": "全省总决赛", "teams": ["甲队", "乙队"]}
    changed = (await house.staff(path, {"edition": 1, "plan": renamed})).json()
    assert (changed["edition"], changed["plan"]["title"]) == (2, "全省总决赛")
    assert code_of(await house.staff(path, {"edition": 1, "plan": PLAN})) == "stage-plan-stale"
    assert code_of(await house.staff(path, {"edition": 2, "plan": {**PLAN, "teams": ["甲", "甲"]}})) == "stage-bad-plan"
    assert code_of(await house.staff("/999/plan", {"edition": 1, "plan": PLAN})) == "not-found"
    await house.forget_ledger()
    assert (await house.run("begin")).status_code == 200
    assert [one["name"] for one in (await house.console())["view"]["teams"]] == ["甲队", "乙队"]
    assert code_of(await house.staff(path, {"edition": 2, "plan": PLAN})) == "stage-begun"
    assert code_of(await house.run("begin")) == "stage-begun"
    # What it has shown is not shown on another stage.
    await house.run("round", round=1)
    await house.run("question", question=1, team=1)
    await Recorder(house.stages).round()
    async with house.stores.database.connection() as connection:
        question = await connection.fetchval("select question_id from stage_shown")
    again = {"kind": "buzzer", "title": "抢答题", "questions": [question]}
    assert code_of(await house.staff("", {**PLAN, "rounds": [again]})) == "stage-too-few-questions"


async def test_a_stake_is_chosen_before_the_question_and_won_or_lost_whole(house: House) -> None:
    desks, screen = await house.seated({"kind": "risk", "title": "风险题", "draw": 3})
    await house.run("round", round=1)
    view = await stands(screen, lambda stage: stage.round is not None)
    assert (view.round.kind, view.round.turn, view.round.stake) == ("risk", 1, 0)  # pyright: ignore[reportOptionalMemberAccess]
    assert code_of(await house.run("question", question=1, team=1)) == "stage-no-stake"
    assert code_of(await house.run("stake", team=1, stake=1_500)) == "stage-bad-stake"
    assert code_of(await house.run("stake", team=2, stake=1_000)) == "stage-not-their-turn"
    await house.run("stake", team=1, stake=3_000)
    # Every desk sees the stake, and nobody the question before it is shown.
    view = await stands(desks[2], lambda stage: stage.round.stake == 3_000)
    assert view.question is None
    await house.run("question", question=1, team=1)
    await stands(desks[1], lambda stage: stage.question and stage.question.answering == 1)
    assert (await house.judge("wrong", question=1, team=1)).status_code == 200
    view = await stands(screen, lambda stage: stage.teams[0].centipoints == 7_000)
    await house.run("stake", team=2, stake=0)
    view = await stands(screen, lambda stage: stage.round.turn == 3)
    await house.run("stake", team=3, stake=2_000)
    await house.run("question", question=2, team=3)
    await house.judge("right", question=2, team=3)
    view = await stands(desks[4], lambda stage: stage.teams[2].centipoints == 12_000)
    assert [one.centipoints for one in view.teams] == [7_000, 10_000, 12_000, 10_000]


async def test_a_team_answers_as_many_as_it_can_within_its_time(house: House) -> None:
    desks, screen = await house.seated({"kind": "timed", "title": "限时速答", "draw": 4}, timed_s=1)
    await house.run("round", round=1)
    assert code_of(await house.run("question", question=1, team=1)) == "stage-not-their-turn", "its time does not run"
    await house.run("run", team=1)
    view = await stands(desks[1], lambda stage: stage.round.running == 1)
    ends_us = view.timer_ends_us
    for question in (1, 2):
        assert (await house.run("question", question=question, team=1)).status_code == 200
        await stands(desks[1], lambda stage, shown=question: stage.question and stage.question.question == shown)
        await house.judge("right" if question == 1 else "wrong", question=question, team=1)
    view = await stands(screen, lambda stage: stage.teams[0].centipoints == 10_500)
    assert view.timer_ends_us == ends_us, "the time runs through"

    async def over() -> bool:
        return await house.ledger.time_us(house.stage_id) > ends_us

    await eventually(over, bool)
    assert code_of(await house.run("question", question=3, team=1)) == "stage-time-over"
    await house.run("run", team=2)
    view = await stands(desks[2], lambda stage: stage.round.running == 2)
    assert view.timer_ends_us > ends_us
    assert (await house.run("question", question=3, team=2)).status_code == 200
    await stands(desks[2], lambda stage: stage.question and stage.question.question == 3)


async def test_a_sudden_death_is_pressed_for_by_equals_alone_and_orders_them(house: House) -> None:
    desks, screen = await house.seated({"kind": "sudden_death", "title": "加赛", "draw": 2})
    await house.judge("award", team=1, centipoints=500, reason="风采展示")
    assert code_of(await house.run("round", round=1, teams=[1, 2])) == "stage-not-equal"
    await house.run("round", round=1, teams=[2, 3])
    await house.run("question", question=1)
    await house.run("buzzer", question=1)
    view = await stands(screen, lambda stage: stage.question and stage.question.opens_at_us > 0)
    assert view.question is not None
    opens_us = view.question.opens_at_us

    async def opened() -> bool:
        return await house.ledger.time_us(house.stage_id) > opens_us + 5_000

    await eventually(opened, bool)
    now_us = monotonic_us()
    # The fourth team stands as the others do, but it is no contender.
    house.links[4].received(encode(ClientPress(1, 1)), now_us - 2_000)
    house.links[3].received(encode(ClientPress(1, 1)), now_us)
    view = await stands(screen, lambda stage: stage.question.answering == 3)
    assert view.question is not None
    assert [one.team for one in view.question.presses] == [3]
    await house.judge("right", question=1, team=3)
    view = await stands(desks[2], lambda stage: stage.teams[2].rank == 2)
    assert [(one.rank, one.centipoints) for one in view.teams] == [(1, 10_500), (3, 10_000), (2, 10_000), (3, 10_000)]
    assert code_of(await house.run("question", question=2)) == "stage-decided"


async def test_a_ledger_that_has_lost_the_log_is_given_it_back(house: House) -> None:
    await house.begin()
    await house.run("round", round=1)
    await Recorder(house.stages).round()
    await house.store.execute_command("DEL", StageKeys(house.stage_id).log)
    assert (await house.run("question", question=1, team=1)).status_code == 200
    seen = await house.console()
    assert (seen["view"]["question"]["question"], seen["view"]["round"]["title"]) == (1, "必答题")
    assert [one.kind for one in await house.ledger.log(house.stage_id, 0, 0)] == [
        "stage_begun",
        "round_begun",
        "question_shown",
    ]


async def test_a_stage_that_is_over_is_read_from_the_record_once_the_ledger_has_let_it_go(house: House) -> None:
    await house.begin()
    assert (await house.run("end")).status_code == 200
    log = StageKeys(house.stage_id).log
    assert await house.store.execute_command("TTL", log) > 0
    await house.store.execute_command("DEL", log)
    anew = Stages(house.archive, house.ledger, SERVER_KEY)
    assert (await anew.stage(house.stage_id)).ended
    assert not await house.store.execute_command("EXISTS", log), "nothing is put back that nobody would take out again"
