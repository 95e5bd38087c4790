"""Imports, exports, near-duplicates and statistics at their doors, over a real database."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from leitai.office import intake
from leitai.office.bank_files_ports import Occasion
from leitai.office.bank_ports import Sought
from leitai.office.exporting.formats import ExportFormat
from leitai.office.importing.problems import FileRefused
from leitai.office_parts import bank_files
from leitai.rules.item_analysis import MICROS, Use
from leitai.rules.timeline import windows
from leitai.rules.values import Answer, AnswerStatus, Micros, PaperItem, Phase, QuestionType, Response
from leitai.stores.postgres.bank_files_store import PostgresBankFiles
from leitai.stores.postgres.questions_store import QuestionsStore
from leitai.web.bank_files import BankFilesPart
from leitai.web.contract.bank_files import BANK_FILES
from tests.support.office import Stores, batch, questions, small_session, stores_at
from tests.support.one_part import answered, at_its_doors
from tests.support.waiting import PATIENCE_S
from tests.support.workbooks import workbook

BASE = "/api/staff/bank"
HEAD = ["题型", "题干", "选项A", "选项B", "答案", "目录"]
WAGE = "用人单位自用工之日起超过一个月不满一年未与劳动者订立书面劳动合同的，应当每月支付（ ）倍的工资"
OWN = [one for one in BANK_FILES if "media" not in one.name]


def row(stem: str, answer: str = "A") -> list[str]:
    return ["单选题", stem, "一倍", "两倍", answer, "劳动关系"]


class Door:
    """The doors, and whoever asks there."""

    def __init__(self, client: httpx2.AsyncClient, stores: Stores, part: BankFilesPart) -> None:
        self.client = client
        self.stores = stores
        self.part = part

    async def get(self, path: str, login: str = "anna", **query: str | int) -> Any:
        return answered(await self.client.get(f"{BASE}/{path}", params=query, headers={"x-login": login}))

    async def post(self, path: str, body: object, login: str = "anna") -> Any:
        return answered(await self.client.post(f"{BASE}/{path}", json=body, headers={"x-login": login}))

    async def bring(self, name: str, data: bytes, login: str = "anna", module: str = "") -> Any:
        """Have a file read, and return its id."""
        headers = {"x-login": login, "content-type": "application/octet-stream"}
        query = {"name": name, "module": module}
        answer = await self.client.post(f"{BASE}/imports", content=data, params=query, headers=headers)
        await self.part.intake.settled()
        return answer.json()["upload"] if answer.status_code == 201 else answer.json()["error"]["code"]

    async def taken(self, upload: str, *, leave_out_refused: bool = False) -> Any:
        """Have an upload taken in, and return it."""
        told = await self.post(f"imports/{upload}", {"leave_out_refused": leave_out_refused})
        await self.part.intake.settled()
        return await self.get(f"imports/{upload}") if told == 204 else told

    async def audited(self, action: str) -> list[str]:
        async with self.stores.database.connection() as connection:
            found = await connection.fetch("select actor from audit where action = $1 order by no", action)
        return [row["actor"] for row in found]


@pytest.fixture
async def door(database: str) -> AsyncIterator[Door]:
    async with stores_at(database) as stores:
        part = bank_files(stores.database, stores.vault, QuestionsStore(stores.database))
        async with at_its_doors(part, OWN) as client:
            yield Door(client, stores, part)
        await part.intake.settled()


async def test_files_that_wait_for_their_turn_are_not_held(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    fetched: list[str] = []
    two, go_on = asyncio.Event(), asyncio.Event()
    upload_data = PostgresBankFiles.upload_data

    async def fetch(store: PostgresBankFiles, upload_id: str) -> bytes:
        fetched.append(upload_id)
        if len(fetched) == 2:
            two.set()
        return await upload_data(store, upload_id)

    async def read(_task: object, _tell: object) -> Any:
        await go_on.wait()
        raise FileRefused("file-broken")

    monkeypatch.setattr(PostgresBankFiles, "upload_data", fetch)
    monkeypatch.setattr(intake, "read_apart", read)
    for login in ("anna", "cai", "setter"):
        headers = {"x-login": login, "content-type": "application/octet-stream"}
        answer = await door.client.post(f"{BASE}/imports?name=a.txt", content=b"text", headers=headers)
        assert answer.status_code == 201
    await asyncio.wait_for(two.wait(), PATIENCE_S)
    assert len(fetched) == 2
    go_on.set()
    await door.part.intake.settled()
    assert len(fetched) == 3


async def test_an_import_goes_from_a_dry_run_to_drafts(door: Door) -> None:
    first = await door.bring("旧题.xlsx", workbook({"题库": [HEAD, row(WAGE)]}))
    known = (await door.taken(first))["report"]["commit"]
    assert known == {"added": 1, "revised": 0, "unchanged": 0, "held": 0}
    sheet = [
        HEAD,
        row(WAGE),
        row(f"{WAGE}？", "B"),
        row(WAGE.replace("每月", "按月")),
        row("工伤职工在停工留薪期内，工资福利待遇如何", "C"),
        row("失业保险金由谁发放"),
        row("失业保险金由谁发放？"),
    ]
    upload = await door.bring("C:\\题\\新题.xlsx", workbook({"单选": sheet, "说明": [["请勿修改表头"]]}))
    seen = await door.get(f"imports/{upload}")
    report = seen["report"]
    assert (seen["state"], seen["file_name"]) == ("ready", "新题.xlsx")
    assert [report[name] for name in ("accepted", "added", "revised", "unchanged", "refused")] == [3, 2, 0, 1, 1]
    assert [(one["sheet"], one["row"], one["column"], one["code"]) for one in report["problems"]] == [
        ("单选", 5, "答案", "answer-not-an-option")
    ]
    assert "C" in report["problems"][0]["message"]
    assert [(one["row"], one["first_row"]) for one in report["duplicates"]] == [(3, 2), (7, 6)]
    # What the bank has under the same stem is the same question; with a word changed it is like it.
    assert [(one["row"], one["question"] > 0, one["other_stem"]) for one in report["alike"]] == [(4, True, WAGE)]
    assert report["skipped"] == ["说明"]
    assert await door.get(f"imports/{upload}", "cai") == "not-found"
    assert await door.taken(upload) == "upload-rows-refused"
    done = await door.taken(upload, leave_out_refused=True)
    assert (done["state"], done["report"]["commit"]) == (
        "done",
        {"added": 2, "revised": 0, "unchanged": 1, "held": 0},
    )
    assert await door.taken(upload, leave_out_refused=True) == "upload-not-ready"
    async with door.stores.database.connection() as connection:
        states = await connection.fetch("select state, author from question_version order by id")
    assert [tuple(one) for one in states] == [("draft", "anna")] * 3
    assert (await door.get("likeness"))["total"] == 1
    assert await door.audited("import-bank") == ["anna", "anna"]
    assert await door.audited("check-bank-file") == ["anna", "anna"]


async def test_a_file_that_cannot_be_read_says_why(door: Door) -> None:
    upload = await door.bring("照片.xlsx", b"\x89PNG\r\n\x1a\n")
    seen = await door.get(f"imports/{upload}")
    assert (seen["state"], seen["report"]["code"]) == ("refused", "file-type")
    assert "不是可导入的文件" in seen["report"]["message"]
    assert await door.taken(upload, leave_out_refused=True) == "upload-not-ready"
    assert await door.bring("空.xlsx", b"") == "bad-request"
    assert await door.bring("", b"x") == "bad-request"
    assert await door.bring("x", b"x", module="天文") == "bad-request"
    assert await door.get(f"imports/{'0' * 32}") == "not-found"
    assert await door.get("imports/x") == "not-found"


async def test_what_is_taken_in_is_what_was_kept_and_only_while_it_is_fresh(door: Door) -> None:
    first = await door.bring("甲.xlsx", workbook({"题库": [HEAD, row(WAGE)]}))
    second = await door.bring("乙.xlsx", workbook({"题库": [HEAD, row("失业保险金由谁发放")]}))
    # Another file of the same person takes the place of the one before.
    assert await door.get(f"imports/{first}") == "not-found"
    async with door.stores.database.connection() as connection:
        await connection.execute("update bank_upload set created_at = now() - interval '3 hours'")
    assert await door.taken(second) == "not-found"


async def test_an_upload_whose_reader_is_gone_is_told_to_have_failed(door: Door) -> None:
    upload = await door.bring("甲.xlsx", workbook({"题库": [HEAD, row(WAGE)]}))
    async with door.stores.database.connection() as connection:
        await connection.execute("update bank_upload set state = 'reading', heard_at = now() - interval '1 minute'")
    assert (await door.get(f"imports/{upload}"))["state"] == "failed"
    assert await door.taken(upload) == "upload-not-ready"


@pytest.mark.parametrize("name", ["xlsx", "docx", "txt"])
async def test_a_template_is_read_as_it_is(door: Door, name: str) -> None:
    answer = await door.client.get(f"{BASE}/templates/{name}", headers={"x-login": "anna"})
    assert "attachment" in answer.headers["content-disposition"]
    upload = await door.bring(f"模板.{name}", answer.content)
    report = (await door.get(f"imports/{upload}"))["report"]
    assert (report["accepted"], report["refused"], report["duplicated"]) == (len(QuestionType), 0, 0)


async def test_every_format_goes_out_and_comes_in_again(door: Door) -> None:
    bank = questions(30)
    await door.stores.office.import_bank(batch(), bank)
    for form in ExportFormat:
        query = {"format": form.value}
        answer = await door.client.get(f"{BASE}/export", params=query, headers={"x-login": "bo"})
        assert answer.status_code == 200
        told = httpx2.Response(200, content=answer.headers["x-leitai-export"]).json()
        assert told["held"] + sum(told["left_out"].values()) == len(bank)
        upload = await door.bring(f"out.{form.value}", answer.content, module="社会保险")
        report = (await door.get(f"imports/{upload}"))["report"]
        assert (report["accepted"], report["refused"]) == (told["held"], 0)
        # Aiken has no place for most of a question, and says so.
        assert told["fields_lost"] is (form is ExportFormat.AIKEN)
        assert report["unchanged"] == (0 if form is ExportFormat.AIKEN else told["held"])
    assert len(await door.audited("export-bank")) == len(ExportFormat)
    assert await door.get("export", format="pdf") == "bad-request"


async def test_an_export_holds_what_the_search_finds(door: Door) -> None:
    await door.stores.office.import_bank(batch(), questions(30))
    store = door.part.store

    async def stems(sought: Sought) -> list[str]:
        return [one.stem for one in await store.found_questions(sought, 100)]

    assert len(await stems(Sought())) == 30
    assert await stems(Sought(terms=("第7道题", "依据"))) == ["第7道题的题干"]
    assert await stems(Sought(terms=("第７道",))) == ["第7道题的题干"]
    assert await stems(Sought(terms=("%",))) == []
    assert len(await stems(Sought(type=QuestionType.FILL_IN))) == 6
    assert len(await stems(Sought(difficulty=1, usable=True))) == 6
    assert await stems(Sought(author="somebody")) == []
    assert len(await store.found_questions(Sought(), 3)) == 3


async def test_pairs_are_worked_through(door: Door) -> None:
    changed = [WAGE, WAGE.replace("每月", "按月"), WAGE.replace("书面", ""), "失业保险金由谁发放"]
    await door.taken(await door.bring("甲.xlsx", workbook({"题库": [HEAD, *(row(stem) for stem in changed)]})))
    nothing: dict[str, object] = {}
    found = await door.post("likeness/scan", nothing, "bo")
    assert (found["total"], found["questions"], found["cut"]) == (3, 4, False)
    ids = [(one["one"]["question"], one["other"]["question"]) for one in found["pairs"]]
    (a, b), (c, d), (e, f) = ids
    assert found["pairs"][0]["permille"] >= found["pairs"][1]["permille"] >= 700
    assert await door.post("likeness", {"one": a, "other": b}) == 204
    assert await door.post("likeness", {"one": b, "other": a}) == "likeness-decided"
    assert await door.post("likeness", {"one": a, "other": a}) == "bad-request"
    assert await door.post("likeness", {"one": c, "other": d, "retire": 999}) == "bad-request"
    assert await door.post("likeness", {"one": c, "other": d, "retire": d}) == 204
    assert await door.post("likeness", {"one": c, "other": d, "retire": d}) == "question-retired"
    # Whatever had the retired one in it waits no more.
    left = [one for one in ids[2:] if d not in one]
    assert (await door.get("likeness"))["total"] == len(left)
    again = await door.post("likeness/scan", nothing)
    assert (again["total"], again["questions"]) == (len(left), 3)
    assert await door.audited("decide-likeness") == ["anna", "anna"]
    assert await door.audited("retire-question") == ["anna"]
    assert await door.audited("refused-retire-question") == ["anna"]
    assert {e, f} & {a, b, c, d}


def _right(item: PaperItem) -> Response:
    if item.type is QuestionType.FILL_IN:
        return tuple(blank[0] for blank in item.key.blanks)
    return tuple(sorted(item.key.options))


def _wrong(item: PaperItem) -> Response:
    if item.type is QuestionType.FILL_IN:
        return tuple("不知道" for _ in item.key.blanks)
    return (next(one for one in item.option_ids if (one,) != _right(item)),)


async def test_how_questions_fared_is_counted_from_a_final_session(door: Door) -> None:
    created = await small_session(door.stores, items=10, per_delegation=4)
    file = await door.stores.archive.load_session(created.session_id)
    # Twelve contestants: the one of place k has the first k items right. The last of them never came.
    answers = [
        Answer(
            member.sitting_id,
            item.item_no,
            1,
            _right(item) if item.item_no <= place else _wrong(item),
            Micros(window.opens_at_us + 1_000_000),
            Micros(1_000_000),
            elapsed_flagged=False,
            offset=place * 100 + item.item_no,
            status=AnswerStatus.ACCEPTED,
        )
        for place, member in enumerate(file.members)
        for item, window in zip(file.plan.items, windows(file.plan, file.start_us), strict=True)
        if place < 11
    ]
    await door.stores.archive.record_answers(file.session_id, 0, "1-1", answers)
    async with door.stores.database.connection() as connection:
        # What is on the paper stands nowhere in clear before the session is over.
        ids = [
            await connection.fetchrow("select question_id from question_version where stem = $1", content.stem)
            for content in file.contents
        ]
    first, last = (row["question_id"] for row in (ids[0], ids[9]) if row is not None)
    assert (await door.get("statistics", questions=first))["questions"] == []
    await door.stores.archive.save_phase(file.session_id, Phase.FINALIZED, Micros(1))
    told = {one["question"]: one for one in (await door.get("statistics", questions=f"{first},{last}"))["questions"]}
    # Eleven came, so that groups have three: places 8 to 10 and 0 to 2.
    assert told[first]["contests"] == 1
    assert told[first]["contest"] == {
        "takers": 11,
        "right_permille": 909,
        "discrimination_permille": 333,
        "group": 3,
    }
    assert told[last]["contest"] == {"takers": 11, "right_permille": 91, "discrimination_permille": 333, "group": 3}
    assert told[last]["practice"] == {
        "takers": 0,
        "right_permille": -1,
        "discrimination_permille": None,
        "group": 0,
    }
    # Practice brings what it counts, and brings it anew.
    version = next(iter((await door.part.store.versions_of(file.session_id)).values()))
    for right in (5, 10):
        use = {version: Use(20, right * MICROS, 0, 0, 0)}
        assert await door.part.store.keep_uses(Occasion("practice", "2022-05"), use)
    one = await door.get(f"questions/{first}/statistics")
    assert (one["whole"]["contests"], one["whole"]["practice"]["right_permille"]) == (1, 500)
    assert [(time["kind"], time["title"], time["use"]["takers"]) for time in one["times"]] == [
        ("practice", "2022-05", 20),
        ("contest", "全国统一在线比试", 11),
    ]
    assert await door.part.uses.count() == 0
    assert (await door.get("questions/999/statistics"))["times"] == []
    assert await door.get("statistics", questions="1,x") == "bad-request"
