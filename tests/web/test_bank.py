"""The bank's doors over a real database: who may what, what is told, and what comes of words with faults."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from leitai.office.question_desk import QuestionDesk
from leitai.office.syllabus_desk import SyllabusDesk
from leitai.stores.postgres.questions_store import QuestionsStore
from leitai.stores.postgres.syllabus_store import SyllabusEditionsStore
from leitai.web.bank import BankPart
from leitai.web.contract.bank import BANK
from tests.support.office import Stores, stores_at
from tests.support.one_part import answered, at_its_doors

WORDS = {
    "type": "single",
    "stem": "哪一项是社会保险？",
    "options": ["养老保险", "车辆保险"],
    "right": ["A"],
    "explanation": "社会保险法第二条。",
    "difficulty": 2,
    "module": "社会保险",
}


class Door:
    """The bank's doors, and whoever asks there."""

    def __init__(self, client: httpx2.AsyncClient, stores: Stores) -> None:
        self._client = client
        self.stores = stores

    async def get(self, path: str, login: str = "anna", **query: Any) -> Any:
        return answered(await self._client.get(f"/api/staff/bank/{path}", params=query, headers={"x-login": login}))

    async def post(self, path: str, body: object, login: str = "anna") -> Any:
        return answered(await self._client.post(f"/api/staff/bank/{path}", json=body, headers={"x-login": login}))

    async def move(self, question: int, move: str, login: str, **more: object) -> Any:
        seen = await self.get(f"questions/{question}", "bo")
        body = {"move": move, "version": seen["versions"][-1]["version"], "state": seen["state"], **more}
        return await self.post(f"questions/{question}/moves", body, login)

    async def audited(self) -> list[str]:
        async with self.stores.database.connection() as connection:
            return [row["action"] for row in await connection.fetch("select action from audit order by no")]


@pytest.fixture
async def door(database: str) -> AsyncIterator[Door]:
    async with stores_at(database) as stores:
        syllabus = SyllabusEditionsStore(stores.database)
        part = BankPart(QuestionDesk(QuestionsStore(stores.database), syllabus), SyllabusDesk(syllabus))
        async with at_its_doors(part, BANK) as client:
            yield Door(client, stores)


async def test_a_question_goes_from_its_setter_to_its_reviewer(door: Door) -> None:
    saved = await door.post("questions", WORDS)
    question = saved["question"]["question"]
    assert saved["question"]["versions"][0]["words"] == {
        **WORDS,
        "blanks": [],
        "reference": "",
        "parts": [],
        "point": 0,
        "point_name": "",
        "tags": [],
    }
    assert await door.move(question, "approve", "bo") == "question-illegal-move"
    assert await door.move(question, "submit", "bo") == "forbidden"
    assert (await door.move(question, "submit", "anna"))["state"] == "in_review"
    may = {one["move"]: one["refused"] for one in (await door.get(f"questions/{question}", "anna"))["moves"]}
    assert may == {
        "write": "question-in-review",
        "submit": "question-illegal-move",
        "recall": "",
        "approve": "forbidden",
        "return": "forbidden",
        "retire": "",
        "restore": "question-not-retired",
    }
    assert await door.move(question, "return", "bo") == "question-reason-missing"
    returned = await door.move(question, "return", "bo", reason="请写明条款")
    assert (returned["state"], returned["acts"][-1]["reason"]) == ("returned", "请写明条款")
    write = {"version": 1, "state": "returned", "words": {**WORDS, "explanation": "社会保险法第二条第一款。"}}
    assert (await door.post(f"questions/{question}/versions", write))["question"]["state"] == "draft"
    assert await door.post(f"questions/{question}/versions", write) == "question-stale"
    same = {**write, "version": 2, "state": "draft"}
    assert await door.post(f"questions/{question}/versions", same) == "question-unchanged"
    told = await door.get(f"questions/{question}/differences", older=1, newer=2)
    assert [(one["field"], [piece["kind"] for piece in one["pieces"]]) for one in told["fields"]] == [
        ("explanation", ["same", "added", "same"])
    ]
    assert await door.get(f"questions/{question}/differences", older=1, newer=3) == "not-found"
    said = await door.post(f"questions/{question}/comments", {"version": 2, "text": " 好 "}, "bo")
    assert [(one["author"], one["text"]) for one in said["comments"]] == [("bo", "好")]
    assert await door.post(f"questions/{question}/comments", {"version": 2, "text": " "}, "bo") == "comment-missing"
    await door.move(question, "submit", "anna")
    assert (await door.move(question, "approve", "bo"))["usable"] == 2
    assert "refused-approve-question" in await door.audited()
    assert (await door.audited())[-1] == "approve-question"


async def test_nobody_reviews_what_they_helped_to_write(door: Door) -> None:
    question = (await door.post("questions", WORDS, "carl"))["question"]["question"]
    write = {"version": 1, "state": "draft", "words": {**WORDS, "difficulty": 3}}
    assert (await door.post(f"questions/{question}/versions", write, "anna"))["faults"] == []
    await door.move(question, "submit", "anna")
    assert await door.move(question, "approve", "carl") == "question-own-version"
    assert (await door.move(question, "approve", "bo"))["state"] == "approved"


async def test_words_with_faults_are_told_beside_their_fields_and_kept_nowhere(door: Door) -> None:
    saved = await door.post("questions", {**WORDS, "right": ["C"], "point": 12})
    assert saved["question"] is None
    assert [(one["field"], one["code"]) for one in saved["faults"]] == [
        ("answer", "answer-not-an-option"),
        ("point", "point-unknown"),
    ]
    assert saved["faults"][0]["message"] == "答案 C 不在选项中。"
    assert (await door.get("questions"))["total"] == 0
    await door.post("questions", WORDS)
    assert await door.post("questions", {**WORDS, "stem": "哪一项是 社会保险"}) == "question-stem-taken"


async def test_the_list_is_searched_and_filtered(door: Door) -> None:
    first = (await door.post("questions", WORDS))["question"]["question"]
    await door.post("questions", {**WORDS, "stem": "劳动合同", "module": "劳动关系"}, "carl")

    async def found(**query: Any) -> list[int]:
        return [one["question"] for one in (await door.get("questions", **query))["rows"]]

    assert await found(q="社会保险") == [first, first + 1]
    assert await found(q="哪一 社会") == [first]
    assert await found(q=f"#{first}") == [first]
    assert await found(module="劳动关系", state="draft", type="single", difficulty=2) == [first + 1]
    assert await found(mine="true") == [first]
    assert await found(state="usable") == []
    assert await door.get("questions", q="社") == "search-too-short"
    wrong: list[dict[str, Any]] = [
        {"state": "lost"},
        {"type": "riddle"},
        {"difficulty": 6},
        {"page": 0},
        {"q": "长" * 201},
        {"point": "x"},
    ]
    for bad in wrong:
        assert await door.get("questions", **bad) == "bad-request"


async def test_what_is_not_there_and_what_no_person_does(door: Door) -> None:
    question = (await door.post("questions", WORDS))["question"]["question"]
    assert await door.get(f"questions/{question + 9}") == "not-found"
    assert (
        await door.post(f"questions/{question}/moves", {"move": "lock", "version": 1, "state": "draft"})
        == "bad-request"
    )


async def test_the_syllabus_grows_and_questions_choose_from_it(door: Door) -> None:
    shown = await door.get("syllabus")
    assert [one["name"] for one in shown["modules"]][:2] == ["党的基本路线方针政策", "就业创业"]
    edition = shown["shown"]["edition"]
    added = await door.post(f"syllabus/editions/{edition}/points", {"module": "社会保险", "name": "参保"})
    (point,) = next(one for one in added["modules"] if one["name"] == "社会保险")["points"]
    saved = await door.post("questions", {**WORDS, "point": point["point"]})
    assert saved["question"]["versions"][0]["words"]["point_name"] == "参保"
    other = await door.post("questions", {**WORDS, "stem": "别的", "module": "劳动关系", "point": point["point"]})
    assert [one["code"] for one in other["faults"]] == ["point-unknown"]
    path = f"syllabus/editions/{edition}/points/{point['point']}"
    retired = await door.post(path, {"act": "retire", "reason": "并入"})
    (now,) = next(one for one in retired["modules"] if one["name"] == "社会保险")["points"]
    assert (now["retired"], now["reason"], now["questions"]) == (True, "并入", 1)
    # A question keeps the point that it has; no other one gets it.
    question = saved["question"]["question"]
    write = {"version": 1, "state": "draft", "words": {**WORDS, "point": point["point"], "difficulty": 5}}
    assert (await door.post(f"questions/{question}/versions", write))["faults"] == []
    again = await door.post("questions", {**WORDS, "stem": "别的", "point": point["point"]})
    assert [one["code"] for one in again["faults"]] == ["point-unknown"]
    assert await door.post("syllabus/editions", {"name": "2023 版"}) == "syllabus-draft-open"
    assert await door.post(f"syllabus/editions/{edition}/publish", {}) == "forbidden"
    assert (await door.post(f"syllabus/editions/{edition}/publish", {}, "bo"))["shown"]["published_at_us"] > 0
    assert await door.post(path, {"act": "rename", "name": "登记"}) == "syllabus-published"
    assert await door.post(path, {"act": "forget"}) == "bad-request"
    second = await door.post("syllabus/editions", {"name": "2023 版"})
    assert [one["name"] for one in second["editions"]] == ["2023 版", "2022 版"]
    assert (await door.get("syllabus", edition=edition))["shown"]["in_work"] is False
    assert await door.get("syllabus", edition=99) == "not-found"
    assert "refused-rename-point" in await door.audited()
