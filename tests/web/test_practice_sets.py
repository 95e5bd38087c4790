"""Sets of practice at the learners' doors, over a real database and a clock that the tests turn."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest

from leitai.office.bank import MODULES
from leitai.office.practice.nightly import LOOK_S, ON_THE_WAY_US
from leitai.office.practice.titles import NIGHT_US
from leitai.office.practice.topics import PRACTISED_MODULES, module_of, topic, topics
from leitai.rules.practice_sets import PRACTISED
from leitai.stores.embedded.postgres import EmbeddedPostgres
from leitai.web.practice_sets import ANSWERS_A_MINUTE
from tests.support.office import batch, questions
from tests.support.practice import DAY_US, HOUR_US, MINUTE_US, Gym, fresh_gym, furnished_database
from tests.support.stores import held_up


@pytest.fixture(scope="module")
def furnished(postgres: EmbeddedPostgres) -> Iterator[str]:
    with furnished_database(postgres) as name:
        yield name


@pytest.fixture
async def house(postgres: EmbeddedPostgres, furnished: str) -> AsyncIterator[Gym]:
    async with fresh_gym(postgres, furnished) as house:
        yield house


def ids(taken: dict[str, Any]) -> list[int]:
    return [item["question"] for item in taken["items"]]


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_topics_are_numbers_of_their_own() -> None:
    numbers = [topic(module, one) for module in PRACTISED_MODULES for one in PRACTISED]
    assert sorted(set(numbers)) == sorted(numbers) == sorted(topics("", None))
    assert all(module_of(topic(module, one)) == module for module in PRACTISED_MODULES for one in PRACTISED)


async def test_only_what_is_released_is_served_from_its_day_on_until_it_is_withdrawn(house: Gym) -> None:
    asked = {"kind": "daily", "module": MODULES[0], "type": ""}
    assert code(await house.ask(1, "POST", "sets", asked)) == (409, "practice-nothing-released")
    await house.desk.release(0, MODULES[0], None, house.today + timedelta(days=1), "练兵组")
    house.catalogue.forget()
    assert code(await house.ask(1, "POST", "sets", asked)) == (409, "practice-nothing-released")
    house.now_us += DAY_US
    taken = await house.take(1, module=MODULES[0])
    assert {item["module"] for item in taken["items"]} == {MODULES[0]}
    assert code(await house.ask(1, "POST", "sets", {**asked, "module": MODULES[1]})) == (
        409,
        "practice-nothing-released",
    )
    # A question that the bank retires is served no more, nor is a version that was never approved.
    async with house.stores.database.connection() as connection:
        await connection.execute("update question set retired_at = now() where id <> all($1::bigint[])", ids(taken))
    house.catalogue.forget()
    again = await house.take(2, module=MODULES[0])
    assert set(ids(again)) <= set(ids(taken))
    release = (await house.desk.releases())[0]
    await house.desk.withdraw(release.release_id, "有误", "练兵组")
    house.now_us += 20_000_000
    assert code(await house.ask(3, "POST", "sets", asked)) == (409, "practice-nothing-released")
    # Whoever has the set goes on with it.
    assert (await house.study(1, taken))["state"] == "handed_in"


async def test_a_day_of_learning(house: Gym) -> None:
    await house.release_all()
    home = (await house.ask(1, "GET", "topics")).json()
    assert (home["questions"], home["daily_goal"], home["weekly_sets"], home["weekly_ready"]) == (0, 30, 0, True)
    assert sum(one["released"] for one in home["topics"]) == 240
    taken = await house.take(1, module=MODULES[0])
    assert [len(taken["items"]), taken["state"], taken["right"]] == [5, "open", 0]
    assert all(item["result"] is None for item in taken["items"])
    first = taken["items"][0]
    answer = (await house.answer(1, taken["set"], 1, await house.response(first, right=False))).json()
    result = answer["items"][0]["result"]
    assert (result["right"], result["counted"]) == (False, True)
    assert result["explanation"].startswith("依据第")
    assert result["options"] or result["blanks"]
    assert [item["result"] for item in answer["items"][1:]] == [None] * 4
    # Taking it again is the same set where one left it.
    assert (await house.take(1, module=MODULES[0])) == {**answer, "server_us": house.now_us}
    house.now_us += MINUTE_US
    for item in taken["items"][1:]:
        await house.answer(1, taken["set"], item["item"], await house.response(item, right=True))
    done = (await house.ask(1, "GET", f"sets/{taken['set']}")).json()
    assert (done["state"], done["right"], done["took_us"], done["centipoints"]) == ("handed_in", 4, MINUTE_US, 0)
    assert await house.ledger(1) == [(1, house.today, 0, 5)]
    home = (await house.ask(1, "GET", "topics")).json()
    assert (home["questions"], home["mistakes"]) == (5, 1)
    # What was wrong is due after ten minutes and comes first; others are new.
    house.now_us += 10 * MINUTE_US
    later = await house.take(1, module=MODULES[0])
    assert ids(later)[0] == first["question"]
    assert not set(ids(later)[1:]) & set(ids(taken))
    assert later["items"][0]["result"] is None
    body = await house.study(1, later)
    # A question counts once a day.
    assert [item["result"]["counted"] for item in body["items"]] == [False, True, True, True, True]
    assert (await house.ledger(1))[1:] == [(1, house.today, 0, 4)]
    # The next day it counts again, when it is due.
    house.now_us += 9 * DAY_US
    next_day = await house.study(1, await house.take(1, module=MODULES[0]))
    assert all(item["result"]["counted"] for item in next_day["items"])


async def test_whoever_has_done_all_of_a_topic_comes_back_tomorrow(house: Gym) -> None:
    await house.release_all()
    asked = {"kind": "daily", "module": MODULES[0], "type": "single"}
    sizes = [len((await house.study(1, await house.take(1, module=MODULES[0], type="single")))["items"]) for _ in "ab"]
    assert sizes == [5, 3]
    assert code(await house.ask(1, "POST", "sets", asked)) == (409, "practice-done-today")
    house.now_us += DAY_US
    again = await house.study(1, await house.take(1, module=MODULES[0], type="single"))
    assert [item["result"]["counted"] for item in again["items"]] == [True] * 5


async def test_a_set_of_the_week_earns_by_its_share_of_right_answers_twice_a_day(house: Gym) -> None:
    await house.release_all()
    earned: list[tuple[int, bool]] = []
    for right in (10, 7, 10):
        taken = await house.take(1, "weekly")
        assert [item["type"] for item in taken["items"]] == [
            *["single"] * 3,
            *["multiple"] * 3,
            *["true_false"] * 2,
            *["fill_in"] * 2,
        ]
        house.now_us += MINUTE_US
        body = (await house.hand_in(1, taken["set"], await house.responses(taken, right=right))).json()
        assert (body["state"], body["right"], body["took_us"]) == ("handed_in", right, MINUTE_US)
        assert all(item["result"]["explanation"] for item in body["items"])
        earned.append((body["centipoints"], body["counts"]))
    assert earned == [(1000, True), (700, True), (1000, False)]
    assert await house.ledger(1) == [(2, house.today, points, 0) for points in (1000, 700, 0)]
    house.now_us += DAY_US
    taken = await house.take(1, "weekly")
    assert (await house.hand_in(1, taken["set"], [[]] * 10)).json()["counts"] is True
    assert (await house.ledger(1))[-1] == (2, house.today, 0, 0)


async def test_a_set_of_the_week_ends_after_half_an_hour(house: Gym) -> None:
    await house.release_all()
    taken = await house.take(1, "weekly")
    responses = await house.responses(taken)
    house.now_us = taken["expires_us"]
    assert code(await house.hand_in(1, taken["set"], responses)) == (409, "practice-set-expired")
    looked = (await house.ask(1, "GET", f"sets/{taken['set']}")).json()
    assert looked["state"] == "expired"
    assert all(item["result"] is None for item in looked["items"])
    assert await house.ledger(1) == []
    other = await house.take(1, "weekly")
    assert other["set"] != taken["set"]
    assert code(await house.hand_in(1, taken["set"], responses)) == (409, "practice-set-expired")
    house.now_us = other["expires_us"] - 1
    assert (await house.hand_in(1, other["set"], await house.responses(other))).json()["counts"] is True


async def test_a_set_of_the_day_ends_at_midnight_and_what_was_answered_counts_for_its_day(house: Gym) -> None:
    await house.release_all()
    taken = await house.take(1, module=MODULES[0])
    day = house.today
    for item in taken["items"][:3]:
        await house.answer(1, taken["set"], item["item"], await house.response(item, right=True))
    house.now_us = taken["expires_us"]
    item = taken["items"][3]
    late = await house.answer(1, taken["set"], 4, await house.response(item, right=True))
    assert code(late) == (409, "practice-set-expired")
    assert await house.ledger(1) == []
    await house.take(1, module=MODULES[1])
    assert await house.ledger(1) == [(1, day, 0, 3)]


async def test_an_answer_that_came_in_time_counts_though_the_night_comes_before_the_store_has_it(house: Gym) -> None:
    await house.release_all()
    taken = await house.take(1, module=MODULES[0])
    day, response = house.today, await house.response(taken["items"][0], right=True)
    house.now_us = taken["expires_us"] - 1
    async with house.stores.database.transaction() as slow:
        # The answer has come, and waits while it looks up what stands beside the question.
        await slow.execute("lock table practice_feature in access exclusive mode")
        answering = asyncio.ensure_future(house.answer(1, taken["set"], 1, response))
        assert await held_up(answering, house.stores.database)
        house.now_us = taken["expires_us"]
        await house.nightly.run()
    assert (await answering).status_code == 200
    assert await house.ledger(1) == []
    house.now_us = taken["expires_us"] + ON_THE_WAY_US - 1
    await house.nightly.run()
    assert await house.ledger(1) == []
    house.now_us += 1
    await house.nightly.run()
    assert await house.ledger(1) == [(1, day, 0, 1)]


def test_titles_are_computed_after_the_nights_last_sets_are_closed() -> None:
    assert ON_THE_WAY_US + LOOK_S * 1e6 < NIGHT_US


async def test_answers_that_are_none_are_refused(house: Gym) -> None:
    await house.release_all()
    taken = await house.take(1, type="single")
    wrong: list[tuple[int, Sequence[str], tuple[int, str]]] = [
        (1, [], (400, "practice-answer-shape")),
        (1, ["Z"], (400, "practice-answer-shape")),
        (1, ["A", "B"], (400, "practice-answer-shape")),
        (9, ["A"], (404, "not-found")),
        (0, ["A"], (400, "bad-request")),
        (1, ["A"] * 21, (400, "bad-request")),
    ]
    for item, response, refused in wrong:
        assert code(await house.answer(1, taken["set"], item, response)) == refused, response
    assert code(await house.hand_in(1, taken["set"], [["A"]] * 5)) == (409, "practice-other-kind")
    weekly = await house.take(1, "weekly")
    assert code(await house.hand_in(1, weekly["set"], [["A"]])) == (400, "practice-answer-shape")
    assert code(await house.answer(1, weekly["set"], 1, ["A"])) == (409, "practice-other-kind")
    unknown = {"kind": "daily", "module": "园艺", "type": ""}
    assert code(await house.ask(1, "POST", "sets", unknown)) == (400, "bad-request")
    assert code(await house.ask(0, "POST", "sets", {"kind": "daily"})) == (401, "not-signed-in")
    assert await house.ledger(1) == []


async def test_the_book_of_mistakes(house: Gym) -> None:
    await house.release_all()
    for module in MODULES[:2]:
        await house.study(1, await house.take(1, module=module, type="single"), right=False)
        house.now_us += MINUTE_US
    book = (await house.ask(1, "GET", "mistakes")).json()
    assert (book["total"], book["pages"], len(book["entries"])) == (10, 1, 10)
    assert [one["module"] for one in book["entries"]] == [MODULES[1]] * 5 + [MODULES[0]] * 5
    of_one = (await house.ask(1, "GET", f"mistakes?module={MODULES[0]}")).json()
    assert of_one["total"] == 5
    entry = of_one["entries"][0]
    assert entry["explained"]
    assert entry["options"]
    assert entry["explanation"]
    assert not entry["mastered"]
    assert code(await house.ask(1, "POST", f"questions/{entry['question']}/mastered", {})) == (
        409,
        "practice-not-mastered",
    )
    for _ in range(2):
        house.now_us += 11 * MINUTE_US
        again = await house.take(1, module=MODULES[0], type="single")
        assert entry["question"] in ids(again)
        # While it waits for an answer, the book does not tell it.
        waiting = (await house.ask(1, "GET", f"mistakes?module={MODULES[0]}")).json()["entries"]
        assert not any(one["explained"] or one["options"] or one["explanation"] for one in waiting)
        await house.study(1, again)
        house.now_us += 20 * DAY_US
    gone = await house.ask(1, "POST", f"questions/{entry['question']}/mastered", {})
    assert gone.status_code == 204
    left = (await house.ask(1, "GET", f"mistakes?module={MODULES[0]}")).json()
    assert entry["question"] not in [one["question"] for one in left["entries"]]
    assert code(await house.ask(1, "POST", f"questions/{entry['question']}/mastered", {})) == (404, "not-found")
    assert (await house.ask(2, "GET", "mistakes")).json()["total"] == 0


async def test_bookmarks_and_notes(house: Gym) -> None:
    await house.release_all()
    taken = await house.take(1, module=MODULES[0])
    first, second = ids(taken)[:2]
    assert (await house.ask(1, "POST", f"questions/{first}/bookmark", {"on": True})).status_code == 204
    assert (await house.ask(1, "POST", f"questions/{second}/note", {"text": " 看第三条 "})).status_code == 204
    assert (await house.take(1, module=MODULES[0]))["items"][0]["bookmarked"] is True
    kept = (await house.ask(1, "GET", "bookmarks")).json()
    assert {(one["question"], one["bookmarked"], one["note"]) for one in kept["entries"]} == {
        (first, True, ""),
        (second, False, "看第三条"),
    }
    assert not any(one["explained"] or one["explanation"] for one in kept["entries"])
    assert (await house.ask(1, "POST", f"questions/{first}/bookmark", {"on": False})).status_code == 204
    assert (await house.ask(1, "POST", f"questions/{second}/note", {"text": ""})).status_code == 204
    assert (await house.ask(1, "GET", "bookmarks")).json()["total"] == 0
    long = {"text": "字" * 501}
    assert code(await house.ask(1, "POST", f"questions/{second}/note", long)) == (400, "bad-request")


async def test_too_many_requests_of_one_are_refused_and_others_go_on(house: Gym) -> None:
    await house.release_all()
    taken = await house.take(1)
    for _ in range(ANSWERS_A_MINUTE):
        await house.ask(1, "GET", f"sets/{taken['set']}")
    assert code(await house.ask(1, "GET", f"sets/{taken['set']}")) == (429, "too-many-tries")
    other = await house.take(2)
    assert (await house.ask(2, "GET", f"sets/{other['set']}")).status_code == 200
    house.now_us += MINUTE_US
    assert (await house.ask(1, "GET", f"sets/{taken['set']}")).status_code == 200


async def test_a_corrected_question_is_served_in_its_new_words_and_open_sets_keep_theirs(house: Gym) -> None:
    await house.release_all()
    taken = await house.take(1, module=MODULES[0], type="single")
    bank = questions(240)
    changed = [
        type(one)(one.type, one.stem, one.options, one.key, "新的解析。", one.difficulty, one.module, one.point)
        for one in bank
    ]
    await house.stores.office.import_bank(batch("bank"), changed)
    house.now_us += 20_000_000
    old = await house.study(1, taken)
    assert not any(item["result"]["explanation"] == "新的解析。" for item in old["items"])
    new = await house.study(2, await house.take(2, module=MODULES[0], type="single"))
    assert all(item["result"]["explanation"] == "新的解析。" for item in new["items"])


async def test_a_week_of_learning(house: Gym) -> None:
    """Seven days: thirty questions and two whole sets a day, mistakes that come back, and what the ledger says."""
    await house.release_all()
    first_day = house.today
    for _day in range(7):
        for _set in range(8):
            if (await house.ask(1, "GET", "topics")).json()["questions"] >= 30:
                break
            taken = await house.take(1)
            await house.answer(1, taken["set"], 1, await house.response(taken["items"][0], right=False))
            house.now_us += MINUTE_US
            await house.study(1, await house.take(1))
        for _set in range(2):
            weekly = await house.take(1, "weekly")
            house.now_us += MINUTE_US
            assert (await house.hand_in(1, weekly["set"], await house.responses(weekly))).json()["counts"]
        house.now_us = (house.now_us - house.now_us % DAY_US) + DAY_US + 2 * HOUR_US
    ledger = await house.ledger(1)
    days = [first_day + timedelta(days=one) for one in range(7)]
    assert {day: sum(one[3] for one in ledger if one[1] == day) for day in days} == dict.fromkeys(days, 30)
    assert sum(one[2] for one in ledger) == 14_000
    home = (await house.ask(1, "GET", "topics")).json()
    assert home["mistakes"] > 0
    assert sum(one["due"] for one in home["topics"]) > 0
    progress = await house.progress.progress(1)
    assert sum(one.released for one in progress) == 240
    assert 0 < sum(one.right for one in progress) <= sum(one.seen for one in progress)
