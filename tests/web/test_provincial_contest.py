"""A province plays a contest of its own in its house, on the same stores and at the same time as the nation's.

Questions that the nation lends beside one of its own, people from a file and one who registers, a paper with four eyes,
answers over sockets, prizes, graphics; its best go into the list of nominees. The nation's contest goes on.
"""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx2
import pytest

from leitai.office.bundle.verifying import verify
from leitai.office.session_ports import SessionSettings
from leitai.rules.values import Micros, SessionId
from leitai.stores.postgres.lending_store import Lending
from leitai_loadtest.client import Contestant
from tests.support.nominations import FILE, id_number
from tests.support.office import small_session, stores_at
from tests.support.provinces import BEIJING, HEBEI, House, done, environment, house_of, sealed_paper
from tests.support.serving import Process, forget
from tests.support.staff_doors import PASSWORD, staff_doors
from tests.support.staffed import see
from tests.support.waiting import PATIENCE_S, eventually
from tests.support.workbooks import workbook

pytestmark = pytest.mark.xdist_group("console")
HEAD = ["姓名", "单位", "队伍", "手机号", "身份证号"]
NAMES = ["赵一", "钱二", "孙三", "李四"]
PEOPLE = [
    [name, "市人社局", team, f"1390000000{n}", id_number(n)]
    for n, (name, team) in enumerate(zip(NAMES, ["石家庄市", "唐山市", "石家庄市", "唐山市"], strict=True), start=1)
]
PLAN = {
    "lines": [{"type": "single", "count": 3}, {"type": "multiple", "count": 1}],
    "worth": [
        {"type": "single", "centipoints": 100, "seconds": 600},
        {"type": "multiple", "centipoints": 200, "seconds": 600},
    ],
}
STREAMED = {
    "lines": [{"type": "single", "count": 3}],
    "worth": [{"type": "single", "centipoints": 100, "seconds": 8}],
}
OWN = {
    "type": "multiple",
    "stem": "冀省窗口服务的规范有哪些？",
    "options": ["一次告知", "首问负责", "推诿", "拖延"],
    "right": ["A", "B"],
    "module": "综合服务规范",
}


async def test_a_province_runs_its_own_contest_beside_the_nations(
    database: str, valkey_url: str, tmp_path: Path
) -> None:
    await forget(valkey_url, SessionId(1))
    await forget(valkey_url, SessionId(2))
    async with stores_at(database) as stores:
        start_us = Micros(time.time_ns() // 1000 + 3_600_000_000)
        rules = SessionSettings("全国统一在线比试", start_us, Micros(start_us - 7_200_000_000))
        national = await small_session(stores, settings=rules)
        lending = Lending(stores.database)
        for entry in await stores.office.bank():
            if entry.question.type.value == "single":
                assert await lending.lend(entry.version_id, provinces=True, actor="tests")
    nation = Process(environment(database, valkey_url), "gateway,director,recorder", tmp_path)
    try:
        async with house_of(HEBEI, database, valkey_url, tmp_path) as house:
            nation.wait_ready()
            seat = national.seats[0]
            async with Contestant.sign_in(nation.url, seat.admission_no, seat.code) as someone:
                await someone.hello()
                await _contest(house, database, valkey_url, tmp_path)
                # The nation's session is the one in force there, as before, and its contestant was not disturbed.
                assert (await someone.probe())["id"] == 1
                assert someone.close_code is None
                async with httpx2.AsyncClient(base_url=nation.url, timeout=PATIENCE_S) as anybody:
                    assert (await done(await anybody.get("/api/contest")))["session"]["id"] == national.session_id
                    assert (await anybody.get("/api/publicity")).status_code == 404
    finally:
        nation.stop()


async def _contest(house: House, database: str, valkey_url: str, folder: Path) -> None:
    async def opened() -> int:
        try:
            return (await house.anybody(house.office_url).get("/healthz")).status_code
        except httpx2.TransportError:
            return 0

    await eventually(opened, lambda status: status == 200)
    anna, bo, cai = [await house.leader(login) for login in ("he-anna", "he-bo", "he-cai")]
    contest = (await done(await anna.post("/api/staff/own-contests", json=_words())))["contest"]
    own = f"/api/staff/own-contests/{contest}"
    await done(await anna.post(f"{own}/roster?keep=true", content=workbook({"名单": [HEAD, *PEOPLE]}), headers=FILE))
    await _registered(house, anna, contest)
    table = [{"name": "一等奖", "places": 1}, {"name": "二等奖", "places": 2}]
    await done(await anna.post(f"{own}/prizes", json={"expects": 0, "prizes": table}))

    written = await done(await anna.post("/api/staff/bank/questions", json=OWN))
    question = written["question"]["question"]
    for who, move, state in ((anna, "submit", "draft"), (bo, "approve", "in_review")):
        body = {"move": move, "version": 1, "state": state, "reason": ""}
        await done(await who.post(f"/api/staff/bank/questions/{question}/moves", json=body))
    paper = await sealed_paper(anna, (bo, cai), "冀省试卷", PLAN)
    now_us = time.time_ns() // 1000
    wish = {"contest": contest, "paper": paper, "title": "决赛", "start_us": now_us + 3_600_000_000}
    rules = {"pacing": "paper", "lobby_minutes": 120, "appeal_minutes": 0, "freeze_percent": 0}
    session = (await done(await anna.post("/api/staff/sessions", json={**wish, "rules": rules})))["session"]
    codes = await done(await anna.post(f"/api/staff/sessions/{session}/codes", json={}))
    seats = [line.split(",") for line in codes["table"].splitlines()[1:]]
    assert len(seats) == 5
    await done(await anna.post(f"/api/staff/sessions/{session}", json={"act": "schedule"}))
    body = await eventually(lambda: see(anna), lambda seen: seen.get("phase") == "lobby" and seen["conducted"])
    assert (body["session"], [one["seats"] for one in body["delegations"]]) == (session, [2, 3])

    secret = (await done(await bo.post("/api/staff/broadcast/tokens", json={"name": "冀台"})))["secret"]
    await _command(anna, "start", session)
    await eventually(lambda: see(anna), lambda seen: seen.get("phase") == "running")
    items = (await house.stores.archive.load_session(SessionId(session))).plan.items
    by_name = {one[2]: (one[0], one[1]) for one in seats}
    for wrong, name in enumerate([*NAMES, "周五"]):
        await _answer(house, *by_name[name], items, wrong)
    for command, phase in (("close", "closed"), ("review", "under_review"), ("finalize", "finalized")):
        await eventually(lambda now=command: _command(bo, now, session), lambda done_: done_)
        await eventually(lambda: see(anna), lambda seen, now=phase: seen.get("phase") == now)

    async def listed() -> dict[str, Any]:
        return (await anna.get(f"{own}/prizes/{session}")).json()

    prizes = await eventually(listed, lambda seen: seen.get("final") is True)
    assert [(one["prize"], one["rank"], one["name"]) for one in prizes["won"]] == [
        ("一等奖", 1, "赵一"),
        ("二等奖", 2, "钱二"),
        ("二等奖", 3, "孙三"),
    ]
    assert prizes["ties"] == []
    fixed = await anna.post(f"{own}/prizes", json={"expects": 1, "prizes": []})
    assert fixed.json()["error"]["code"] == "prizes-fixed"
    results = await done(await cai.get(f"/api/staff/sessions/{session}/results"))
    assert [one["name"] for one in results["rows"]][:3] == NAMES[:3]
    bundle = await cai.get(f"/api/staff/sessions/{session}/bundle")
    found = verify(bundle.content)
    assert (found.findings, found.contestants, found.awards) == ((), 5, 3)
    await _published(house, anna, bo, session, by_name["周五"])

    air = await done(await house.anybody(house.office_url).get(f"/api/air?token={secret}"))
    assert air["session"] == session, air
    await _streamed(house, (anna, bo, cai), contest, secret)
    await _elsewhere(secret, contest, session, database, valkey_url)


async def _streamed(house: House, leaders: Sequence[httpx2.AsyncClient], contest: int, secret: str) -> None:
    """Another session of the contest, whose items open one by one for all, to its final standings."""
    anna, bo, cai = leaders
    paper = await sealed_paper(anna, (bo, cai), "冀省附加卷", STREAMED)
    start_us = time.time_ns() // 1000 + 3_600_000_000
    wish = {"contest": contest, "paper": paper, "title": "附加赛", "start_us": start_us}
    rules = {"gap_s": 1, "lobby_minutes": 120, "appeal_minutes": 0, "freeze_percent": 0, "board_follows": "answer"}
    session = (await done(await anna.post("/api/staff/sessions", json={**wish, "rules": rules})))["session"]
    codes = await done(await anna.post(f"/api/staff/sessions/{session}/codes", json={}))
    seats = {line.split(",")[2]: line.split(",") for line in codes["table"].splitlines()[1:]}
    await done(await anna.post(f"/api/staff/sessions/{session}", json={"act": "schedule"}))
    await eventually(lambda: see(anna), lambda seen: (seen.get("session"), seen.get("phase")) == (session, "lobby"))
    keys = [sorted(one.key.options) for one in (await house.stores.archive.load_session(SessionId(session))).plan.items]
    public = house.anybody()

    async def in_force() -> int:
        return (await public.get("/api/contest")).json()["session"]["id"]

    await eventually(in_force, lambda seen: seen == session)

    async def play(name: str, right: int) -> None:
        """Answer the first `right` items right and the others not at all, and hear the points that come of it."""
        number, code = seats[name][:2]
        async with Contestant.sign_in(house.url, number, code) as someone:
            await someone.hello()
            await someone.check_in()
            checked_in.release()
            for item, key in enumerate(keys, start=1):
                opened = await someone.expect("open", item=item)
                assert (await someone.unseal(opened))["stem"]
                if item <= right:
                    ack = await someone.answer(item, key)
                    assert ack["status"] == "accepted", ack
                await someone.expect("closed", item=item)
            await someone.expect("own", centipoints=100 * right)

    async def watch() -> list[Any]:
        """What the public sees of the teams, and what graphics are told, once everything has closed."""
        async with Contestant.viewer(house.url, session) as viewer:
            await viewer.watch("delegations")
            checked_in.release()
            await viewer.expect("closed", item=len(keys))

            async def board() -> list[Any]:
                return (await viewer.watch("delegations"))["rows"]

            return await eventually(board, lambda rows: sum(row[3] for row in rows) == 600)

    checked_in = asyncio.Semaphore(0)
    async with asyncio.timeout(2 * PATIENCE_S), asyncio.TaskGroup() as playing:
        right = {"赵一": 3, "钱二": 2, "周五": 1}
        for name, count in right.items():
            playing.create_task(play(name, count))
        viewed = playing.create_task(watch())
        for _ in range(len(right) + 1):
            await checked_in.acquire()
        await _command(anna, "start", session)
    teams = {one["code"]: one["name"] for one in (await done(await anna.get("/api/staff/own-contests")))["teams"]}
    rows = [(rank, teams[team], points) for _, _, rank, points, _, _, team in viewed.result()]
    assert rows == [(1, "石家庄市", 300), (2, "唐山市", 300)]

    graphics = house.anybody(house.office_url)

    async def air() -> dict[str, Any]:
        return (await graphics.get(f"/api/air?token={secret}")).json()

    told = await eventually(air, lambda body: body["session"] == session and body["phase"] == "closed")
    assert [(one["name"], one["centipoints"]) for one in told["individuals"][:3]] == [
        ("赵一", 300),
        ("钱二", 200),
        ("周五", 100),
    ]
    assert {one["name"] for one in told["delegations"]} >= {"石家庄市", "唐山市"}
    assert (await graphics.get(f"/overlay/top10?token={secret}")).status_code == 200
    for command, phase in (("review", "under_review"), ("finalize", "finalized")):
        await eventually(lambda now=command: _command(bo, now, session), lambda done_: done_)
        await eventually(lambda: see(anna), lambda seen, now=phase: seen.get("phase") == now)

    async def results() -> list[tuple[int, str, int]]:
        answer = await cai.get(f"/api/staff/sessions/{session}/results")
        return [(one["rank"], one["name"], one["centipoints"]) for one in answer.json().get("rows", [])][:3]

    final = [(1, "赵一", 300), (2, "钱二", 200), (3, "周五", 100)]
    assert await eventually(results, lambda rows: rows == final) == final
    bundle = (await cai.get(f"/api/staff/sessions/{session}/bundle")).content
    assert verify(bundle).findings == ()


def _words() -> dict[str, object]:
    return {"title": "冀省练兵比武", "organizer": "冀省厅", "year": 2026}


async def _registered(house: House, leader: httpx2.AsyncClient, contest: int) -> None:
    own = f"/api/staff/own-contests/{contest}"
    closes_us = time.time_ns() // 1000 + 3_600_000_000
    await done(await leader.post(f"{own}/registration", json={"asks": "phone", "closes_us": closes_us, "open": True}))
    public = house.anybody()
    shown = await done(await public.get("/api/registrations"))
    team = next(one["code"] for one in shown["teams"] if one["name"] == "唐山市")
    me = {"name": "周五", "unit": "县人社局", "team": team, "phone": "13900000005"}
    await done(await public.post(f"/api/registrations/{contest}", json=me))
    assert (await public.post(f"/api/registrations/{contest}", json=me)).status_code == 409
    waiting = (await done(await leader.get(f"{own}/people")))["applicants"]
    body = {"act": "approve", "applicants": [one["applicant"] for one in waiting]}
    assert (await done(await leader.post(f"{own}/applicants", json=body)))["decided"] == 1


async def _command(client: httpx2.AsyncClient, command: str, session: int) -> bool:
    edition = (await see(client)).get("edition", 0)
    request = {"session": session, "command": command, "expects": edition}
    return (await client.post("/api/staff/console/conduct", json=request)).status_code == 204


async def _answer(house: House, number: str, code: str, items: Any, wrong: int) -> None:
    """Sign in, answer all but the last `wrong` items right, and hear that each was recorded."""
    async with asyncio.timeout(PATIENCE_S), Contestant.sign_in(house.url, number, code) as someone:
        await someone.hello()
        await someone.expect("open", item=1)
        for item in items[: len(items) - wrong]:
            ack = await someone.answer(item.item_no, sorted(item.key.options))
            assert ack["status"] == "accepted", ack


async def _published(
    house: House, first: httpx2.AsyncClient, second: httpx2.AsyncClient, session: int, seat: tuple[str, str]
) -> None:
    """The prizes are published by two persons, and somebody who got none objects at the contest's door."""
    door = f"/api/staff/awards/{session}"
    seen = await done(await first.get(door))
    asked = await done(await first.post(f"{door}/steps", json={"kind": "open", "digest": seen["digest"]}))
    step = asked["steps"][0]["step"]
    await done(await second.post(f"/api/staff/award-steps/{step}", json={"decision": "confirm"}))
    public = house.anybody()
    shown = await done(await public.get("/api/publicity"))
    assert [(one["kind"], one["name"]) for one in shown["people"]] == [
        ("一等奖", "赵一"),
        ("二等奖", "钱二"),
        ("二等奖", "孙三"),
    ]
    awards = await done(await public.get(f"/api/sessions/{session}/awards"))
    assert [(one["prize"], one["rank"], one["reason"]) for one in awards["prizes"]] == [
        ("一等奖", 1, "prize_place"),
        ("二等奖", 2, "prize_place"),
        ("二等奖", 3, "prize_place"),
    ]
    await done(await public.post("/api/sign-in", json={"admission_no": seat[0], "code": seat[1]}))
    objection = {"text": "第三名的成绩有疑问。", "about": "孙三"}
    mine = await done(await public.post(f"/api/sessions/{session}/objections", json=objection))
    assert [one["state"] for one in mine["objections"]] == ["filed"]
    filed = (await done(await second.get(f"/api/staff/objections?session={session}")))["objections"]
    assert [(one["origin"], one["name"], one["text"]) for one in filed] == [("contestant", "周五", objection["text"])]
    answer = {"upheld": False, "reason": "成绩无误。"}
    await done(await second.post(f"/api/staff/objections/{filed[0]['objection']}", json=answer))
    own = await done(await public.get(f"/api/sessions/{session}/objections/own"))
    assert [(one["state"], one["reason"]) for one in own["objections"]] == [("refused", "成绩无误。")]


async def _elsewhere(secret: str, contest: int, session: int, database: str, valkey_url: str) -> None:
    """What the nation's office and another province's know of it: a token and an account that are strangers there."""
    async with staff_doors(database, valkey_url) as nation, staff_doors(database, valkey_url, owner=BEIJING) as other:
        for office in (nation, other):
            stranger = office.browser()
            assert (await stranger.get(f"/api/air?token={secret}")).status_code == 401
        leader = nation.browser()
        await done(await leader.post("/api/staff/sign-in", json={"login": "he-anna", "password": PASSWORD}))
        made = await nation.stores.office.create_contest("全国比武", "组委会", 2026)
        door = f"/api/staff/nominations/{made}/{HEBEI}"
        sessions = (await done(await leader.get(f"{door}/own-sessions")))["sessions"]
        told = [(one["session"], one["title"], one["people"]) for one in sessions if one["session"] == session]
        assert (told, len(sessions)) == ([(session, "决赛", 5)], 2)
        body = {"session": session, "best": 5, "expects": 0}
        taken = await done(await leader.post(f"{door}/take-best", json=body))
        # Whoever registered by telephone alone cannot be nominated.
        assert (taken["taken"], taken["left_out"]) == (4, [{"rank": 5, "name": "周五", "why": "no-numbers"}])
        listed = (await done(await leader.get(door)))["people"]
        assert [(one["listed"], one["no"], one["name"], one["won"][0]["rank"]) for one in listed] == [
            ("nominated", place, name, place) for place, name in enumerate(NAMES, start=1)
        ]
        assert listed[0]["won"][0]["contest_title"] == "冀省练兵比武"
        again = await leader.post(f"{door}/take-best", json={**body, "expects": taken["edition"]})
        assert again.json()["error"]["code"] == "nothing-won"
        assert (await leader.get(f"/api/staff/nominations/{made}/{BEIJING}/own-sessions")).status_code == 403
        stranger = await nation.account("of-beijing", "team_leader", delegation=BEIJING)
        taken_by_other = await stranger.post(
            f"/api/staff/nominations/{made}/{BEIJING}/take-best", json={**body, "expects": 0}
        )
        assert taken_by_other.json()["error"]["code"] == "not-found"
        assert contest not in {
            one["contest"] for one in (await done(await leader.get("/api/staff/people-contests")))["contests"]
        }
