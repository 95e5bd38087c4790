"""Points cannot be farmed: replay, requests at once, forged bodies, guessed ids, a second device, early answers."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg
import pytest

from leitai.office.bank import MODULES
from leitai.stores.embedded.postgres import EmbeddedPostgres
from tests.support.practice import DAY_US, LEARNERS, MINUTE_US, Gym, fresh_gym, furnished_database

AT_ONCE = 20


@pytest.fixture(scope="module")
def furnished(postgres: EmbeddedPostgres) -> Iterator[str]:
    with furnished_database(postgres) as name:
        yield name


@pytest.fixture
async def house(postgres: EmbeddedPostgres, furnished: str) -> AsyncIterator[Gym]:
    async with fresh_gym(postgres, furnished) as house:
        await house.release_all()
        yield house


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


async def test_handing_in_again_gives_the_first_result_and_nothing_more(house: Gym) -> None:
    taken = await house.take(1, "weekly")
    first = await house.hand_in(1, taken["set"], await house.responses(taken, right=4))
    assert first.json()["centipoints"] == 400
    # Now that the answers are known.
    house.now_us += MINUTE_US
    for _ in range(3):
        again = await house.hand_in(1, taken["set"], await house.responses(taken))
        assert {**again.json(), "server_us": 0} == {**first.json(), "server_us": 0}
    house.now_us += DAY_US
    assert (await house.hand_in(1, taken["set"], await house.responses(taken))).json()["centipoints"] == 400
    assert [one[2] for one in await house.ledger(1)] == [400]


async def test_twenty_at_once_hand_one_set_in_once_and_others_notice_nothing(house: Gym) -> None:
    taken, other = await house.take(1, "weekly"), await house.take(2, "weekly")
    # Each with other answers: one of them counts, whole.
    bodies = [await house.responses(taken, right=number % 11) for number in range(AT_ONCE)]
    others = await house.responses(other, right=6)
    *answers, beside = await asyncio.gather(
        *(house.hand_in(1, taken["set"], body) for body in bodies), house.hand_in(2, other["set"], others)
    )
    assert {one.status_code for one in answers} == {200}
    points = {one.json()["centipoints"] for one in answers}
    assert len(points) == 1
    assert await house.ledger(1) == [(2, house.today, points.pop(), 0)]
    assert {one.json()["place_of_day"] for one in answers} == {1}
    assert beside.json()["centipoints"] == 600
    assert await house.ledger(2) == [(2, house.today, 600, 0)]


async def test_twenty_at_once_answer_one_question_once(house: Gym) -> None:
    taken = await house.take(1, type="single")
    item = taken["items"][0]
    options = [option["id"] for option in item["options"]]
    answers = await asyncio.gather(
        *(house.answer(1, taken["set"], 1, [options[number % 4]]) for number in range(AT_ONCE))
    )
    assert {one.status_code for one in answers} == {200}
    told = {json.dumps(one.json()["items"][0]["result"]["response"]) for one in answers}
    assert len(told) == 1
    async with house.stores.database.connection() as connection:
        assert await connection.fetchval("select seen from practice_card where learner_id = 1") == 1
        assert await connection.fetchval("select questions from practice_day where learner_id = 1") == 1


async def test_sets_taken_at_once_are_one(house: Gym) -> None:
    taken = await asyncio.gather(*(house.take(1, "weekly") for _ in range(AT_ONCE)))
    assert len({one["set"] for one in taken}) == 1
    daily = await asyncio.gather(
        *(house.take(1, module=MODULES[0]) for _ in range(5)), *(house.take(1, type="single") for _ in range(5))
    )
    sets = {one["set"]: {item["question"] for item in one["items"]} for one in (*daily, taken[0])}
    assert len(sets) == 3
    # No question waits in two of them: the one would tell the other's answer.
    assert sum(map(len, sets.values())) == len(set[int]().union(*sets.values()))


async def test_two_devices_are_one_learner(house: Gym) -> None:
    """Three sets at once on three devices cannot be: they get the same one; two counted sets a day are all there is."""
    for place in range(1, 6):
        first, second = await house.take(1, "weekly"), await house.take(1, "weekly")
        assert first["set"] == second["set"]
        responses = await house.responses(first)
        answers = await asyncio.gather(*(house.hand_in(1, first["set"], responses) for _ in range(2)))
        assert {one.json()["place_of_day"] for one in answers} == {place}
    assert [one[2] for one in await house.ledger(1)] == [1000, 1000, 0, 0, 0]


async def test_forged_members_are_not_read(house: Gym) -> None:
    taken = await house.take(1, "weekly")
    forged = {
        "right": 10,
        "centipoints": 1000,
        "points": 99,
        "took_us": 1,
        "handed_us": 1,
        "day": "2020-01-01",
        "counts": True,
        "learner": 2,
        "items": [{"item": 1, "result": {"right": True}}],
    }
    house.now_us += 5 * MINUTE_US
    body = {"responses": await house.responses(taken, right=0), **forged}
    done = (await house.ask(1, "POST", f"sets/{taken['set']}/hand-in", body)).json()
    assert (done["right"], done["centipoints"], done["took_us"]) == (0, 0, 5 * MINUTE_US)
    assert await house.ledger(1) == [(2, house.today, 0, 0)]
    assert await house.ledger(2) == []
    daily = await house.take(1, type="single")
    response = await house.response(daily["items"][0], right=False)
    answer = {"item": 1, "response": response, **forged, "counted": True}
    answer.pop("items")
    told = (await house.ask(1, "POST", f"sets/{daily['set']}/answers", answer)).json()
    assert (told["right"], told["items"][0]["result"]["right"]) == (0, False)
    opened = await house.ask(2, "POST", "sets", {"kind": "weekly", "questions": [1] * 10, "expires_us": 1 << 60})
    assert opened.json()["expires_us"] == house.now_us + 30 * MINUTE_US


async def test_anothers_set_and_none_are_the_same(house: Gym) -> None:
    mine, theirs = await house.take(1, "weekly"), await house.take(2, "weekly")
    daily = await house.take(2, type="single")
    responses = await house.responses(theirs)
    for number in (theirs["set"], daily["set"], theirs["set"] + 1000, 2**31 - 1):
        answers = [
            await house.ask(1, "GET", f"sets/{number}"),
            await house.hand_in(1, number, responses),
            await house.answer(1, number, 1, ["A"]),
        ]
        assert [code(one) for one in answers] == [(404, "not-found")] * 3
        assert len({one.content for one in answers}) == 1
    for path in ("sets/0x1", "sets/-1", f"sets/{2**63}", "sets/1;drop"):
        assert code(await house.ask(1, "GET", path)) == (404, "not-found")
    assert (await house.hand_in(2, theirs["set"], responses)).json()["counts"]
    assert await house.ledger(1) == []
    assert (await house.ask(1, "GET", f"sets/{mine['set']}")).json()["state"] == "open"


async def test_questions_that_one_was_never_asked_cannot_be_kept(house: Gym) -> None:
    mine, theirs = await house.take(1, type="single"), await house.take(2, type="multiple")
    foreign = theirs["items"][0]["question"]
    for number in (foreign, 2**31 - 1):
        for path, body in (("bookmark", {"on": True}), ("note", {"text": "x"}), ("mastered", {})):
            assert code(await house.ask(1, "POST", f"questions/{number}/{path}", body)) == (404, "not-found")
    assert (await house.ask(1, "GET", "bookmarks")).json()["total"] == 0
    assert foreign not in [item["question"] for item in mine["items"]]


async def test_no_answer_is_told_before_it_is_given(house: Gym) -> None:
    """Every body that a learner gets while a set is open, searched for what only the bank knows."""
    weekly = await house.take(1, "weekly")
    open_ids = [item["question"] for item in weekly["items"]]
    seen = [json.dumps(weekly, ensure_ascii=False)]
    for number in open_ids:
        for path, body in (("bookmark", {"on": True}), ("note", {"text": "记一下"})):
            answer = await house.ask(1, "POST", f"questions/{number}/{path}", body)
            seen.append(answer.text)
            assert answer.status_code == 204
    places = ("bookmarks", "mistakes", "topics", f"sets/{weekly['set']}")
    seen += [(await house.ask(1, "GET", path)).text for path in places]
    seen.append(json.dumps(await house.take(1, "weekly"), ensure_ascii=False))
    # Nor by way of sets of 日日学: none of them has a question of the open one.
    for module in MODULES:
        for _ in range(3):
            daily = await house.take(1, module=module)
            assert not {item["question"] for item in daily["items"]} & set(open_ids)
            seen.append(json.dumps(daily, ensure_ascii=False))
            house.now_us += MINUTE_US
            await house.study(1, daily)
    assert not any("依据第" in text or "三十日" in text for text in seen)
    house.now_us = weekly["expires_us"] - 1
    assert "依据第" in (await house.hand_in(1, weekly["set"], [[]] * 10)).text
    # What was bookmarked is explained once it was answered.
    kept = (await house.ask(1, "GET", "bookmarks")).json()["entries"]
    assert all(one["explained"] and one["explanation"] for one in kept)


async def test_what_is_known_already_is_not_told_while_it_is_asked_again(house: Gym) -> None:
    await house.study(1, await house.take(1, type="fill_in"), right=False)
    house.now_us += 11 * MINUTE_US
    again = await house.take(1, type="fill_in")
    for path in ("mistakes", "bookmarks"):
        for item in again["items"]:
            await house.ask(1, "POST", f"questions/{item['question']}/bookmark", {"on": True})
        assert "三十日" not in (await house.ask(1, "GET", path)).text


async def test_the_database_itself_keeps_what_was_recorded(house: Gym) -> None:
    taken = await house.take(1, "weekly")
    await house.hand_in(1, taken["set"], await house.responses(taken, right=3))
    daily = await house.take(1, type="single")
    await house.answer(1, daily["set"], 1, ["A"])
    forgeries = [
        f"update practice_set set centipoints = 1000 where id = {taken['set']}",
        f"update practice_set set closed_us = null where id = {taken['set']}",
        f"update practice_set set was_right[1] = not was_right[1] where id = {daily['set']}",
        f"update practice_set set given[1] = null where id = {daily['set']}",
        f"update practice_set set learner_id = 2 where id = {daily['set']}",
        "update practice_points set centipoints = 1000",
    ]
    for forgery in forgeries:
        with pytest.raises(asyncpg.PostgresError, match=r"kept|given once"):
            async with house.stores.database.connection() as connection:
                await connection.execute(forgery)


async def test_a_crowd_of_farmers_does_not_disturb_a_learner(house: Gym) -> None:
    """Farmers hand in one set each twenty times at once while somebody learns: every answer of the learner arrives."""
    farmers = range(3, LEARNERS + 1, 3)
    sets = {farmer: await house.take(farmer, "weekly") for farmer in farmers}
    bodies = {farmer: await house.responses(taken) for farmer, taken in sets.items()}

    async def learn() -> dict[str, Any]:
        return await house.study(1, await house.take(1))

    async def farm(farmer: int) -> set[int]:
        every = (house.hand_in(farmer, sets[farmer]["set"], bodies[farmer]) for _ in range(AT_ONCE))
        return {one.status_code for one in await asyncio.gather(*every)}

    learned, answers = await asyncio.gather(learn(), asyncio.gather(*(farm(farmer) for farmer in farmers)))
    assert learned["state"] == "handed_in"
    assert all(one == {200} for one in answers)
    for farmer in farmers:
        assert [one[2] for one in await house.ledger(farmer)] == [1000]
