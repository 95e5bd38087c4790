"""The bank as a workplace on a real database: search, versions, four eyes in the schema, imports, the syllabus."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from leitai.office.bank import Question
from leitai.office.bank_ports import MOST, PAGE, Sought, TooShort
from leitai.office.importing.bank_import import import_bank
from leitai.resources import shipped
from leitai.rules.questions import MOVES, Move, QuestionRefused, QuestionState, VersionRecord
from leitai.rules.syllabus import SyllabusRefused, next_edition
from leitai.rules.values import ActorId, QuestionType
from leitai.stores.embedded.postgres import EmbeddedPostgres
from leitai.stores.postgres.migrations import migrate, read_migrations
from leitai.stores.postgres.questions_store import QuestionsStore
from leitai.stores.postgres.syllabus_store import SyllabusEditionsStore
from tests.support.office import Stores, batch, questions, stores_at
from tests.support.stores import fresh_database
from tests.support.workbooks import workbook

ANNA, BO = ActorId("anna"), ActorId("bo")


@dataclass(frozen=True)
class Bank:
    stores: Stores
    questions: QuestionsStore
    syllabus: SyllabusEditionsStore

    async def found(self, *terms: str, page: int = 1, **more: Any) -> list[str]:
        hits = await self.questions.search(replace(Sought(terms), **more), page)
        return [one.stem for one in hits.rows]

    async def newest(self, question_id: int) -> VersionRecord:
        return (await self.questions.dossier(question_id)).versions[-1].record

    async def move(self, question_id: int, move: Move, actor: ActorId, reason: str = "理由") -> None:
        await self.questions.add_act(question_id, await self.newest(question_id), move, actor, reason)

    async def acts(self) -> list[tuple[str, str]]:
        async with self.stores.database.connection() as connection:
            return [(row["actor"], row["action"]) for row in await connection.fetch("select * from audit order by no")]


@pytest.fixture
async def bank(database: str) -> AsyncIterator[Bank]:
    async with stores_at(database) as stores:
        yield Bank(stores, QuestionsStore(stores.database), SyllabusEditionsStore(stores.database))


def about(stem: str, **more: Any) -> Question:
    return replace(questions(2)[0], stem=stem, **more)


async def test_the_law_and_the_schema_have_one_table_of_moves(bank: Bank) -> None:
    async with bank.stores.database.connection() as connection:
        rows = await connection.fetch("select from_state, move, to_state from question_move")
    assert {
        (QuestionState(row["from_state"]), Move(row["move"])): QuestionState(row["to_state"]) for row in rows
    } == MOVES


async def test_a_question_from_draft_to_a_second_approved_version(bank: Bank) -> None:
    of = await bank.questions.add_question(about("养老保险的最低缴费年限"), 0, ANNA)
    assert await bank.stores.office.bank() == []
    await bank.move(of, Move.SUBMIT, ANNA)
    with pytest.raises(QuestionRefused, match="question-own-version"):
        await bank.move(of, Move.APPROVE, ANNA)
    await bank.move(of, Move.APPROVE, BO)
    (usable,) = await bank.questions.usable(module="党的基本路线方针政策", question_type=QuestionType.SINGLE)
    revised = about("养老保险的最低缴费年限是多少", explanation="有新规定。")
    await bank.questions.add_version(of, await bank.newest(of), revised, 0, BO)
    assert (await bank.questions.usable())[0] == usable
    with pytest.raises(QuestionRefused, match="question-illegal-move"):
        await bank.move(of, Move.APPROVE, BO)
    await bank.move(of, Move.SUBMIT, ANNA)
    await bank.move(of, Move.RETURN, ANNA, "写明条文")
    await bank.questions.add_comment(of, 2, BO, "见第十六条")
    await bank.move(of, Move.SUBMIT, BO)
    await bank.move(of, Move.APPROVE, ANNA)
    assert [entry.question for entry in await bank.stores.office.bank()] == [revised]
    dossier = await bank.questions.dossier(of)
    assert [(one.record.author, one.record.state.value) for one in dossier.versions] == [
        ("anna", "approved"),
        ("bo", "approved"),
    ]
    assert [(one.version, one.move.value, one.actor, one.reason) for one in dossier.acts][3] == (
        2,
        "return",
        "anna",
        "写明条文",
    )
    assert [(one.version, one.author, one.text) for one in dossier.comments] == [(2, "bo", "见第十六条")]
    assert (await bank.acts())[-2:] == [("bo", "submit-question"), ("anna", "approve-question")]
    assert await bank.stores.office.audit_break() is None


async def test_who_looked_at_something_else_is_told_and_nothing_happens(bank: Bank) -> None:
    of = await bank.questions.add_question(about("失业保险金"), 0, ANNA)
    seen = await bank.newest(of)
    await bank.questions.add_version(of, seen, about("失业保险金的领取"), 0, ANNA)
    for late in (
        bank.questions.add_version(of, seen, about("失业保险金的期限"), 0, BO),
        bank.questions.add_act(of, seen, Move.SUBMIT, ANNA),
    ):
        with pytest.raises(QuestionRefused, match="question-stale"):
            await late
    with pytest.raises(QuestionRefused, match="question-stem-taken"):
        await bank.questions.add_question(about("失业保险金的领取。"), 0, BO)
    assert len((await bank.questions.dossier(of)).versions) == 2
    with pytest.raises(KeyError):
        await bank.questions.add_comment(of, 3, ANNA, "没有这个版本")
    with pytest.raises(KeyError):
        await bank.questions.dossier(of + 99)


async def test_locked_versions_never_change_whoever_asks(bank: Bank) -> None:
    await bank.stores.office.import_bank(batch(), questions(3))
    first, second, _ = [one.version_id for one in await bank.questions.usable()]
    await bank.questions.lock_versions([first], ANNA, "paper 1")
    await bank.questions.lock_versions([first, second], ANNA, "paper 2")
    of = (await bank.questions.usable())[0].question_id
    assert (await bank.newest(of)).state is QuestionState.LOCKED
    with pytest.raises(QuestionRefused, match="question-illegal-move"):
        await bank.move(of, Move.RECALL, ANNA)
    draft = await bank.questions.add_question(about("尚未审核"), 0, ANNA)
    version_id = (await bank.questions.dossier(draft)).versions[0].version_id
    with pytest.raises(QuestionRefused, match="question-illegal-move"):
        await bank.questions.lock_versions([second, version_id], ANNA, "paper 3")
    with pytest.raises(QuestionRefused, match="question-illegal-move"):
        await bank.questions.lock_versions([second, 999], ANNA, "paper 3")
    for statement in (
        "update question_version set stem = '别的'",
        "update question_version set state = 'approved' where state = 'locked'",
        "update question_version set state = 'approved' where state = 'draft'",
        "delete from question_version",
        "update question_act set actor = 'x'",
        "delete from question_comment",
    ):
        async with bank.stores.database.connection() as connection:
            if "comment" in statement:
                await bank.questions.add_comment(draft, 1, ANNA, "话")
            with pytest.raises(asyncpg.PostgresError):
                await connection.execute(statement)


async def test_retired_questions_are_not_usable_and_come_back(bank: Bank) -> None:
    await bank.stores.office.import_bank(batch(), questions(2))
    of = (await bank.questions.usable())[0].question_id
    await bank.move(of, Move.RETIRE, BO)
    assert [one.question_id for one in await bank.questions.usable()] == [of + 1]
    assert len(await bank.stores.office.bank()) == 1
    assert [one.question_id for one in (await bank.questions.search(Sought(state=QuestionState.RETIRED), 1)).rows] == [
        of
    ]
    with pytest.raises(QuestionRefused, match="question-illegal-move"):
        await bank.move(of, Move.RETIRE, BO)
    await bank.move(of, Move.RESTORE, BO)
    assert len(await bank.questions.usable()) == 2


async def test_what_people_type_is_found(bank: Bank) -> None:
    made = [
        about("职工参加基本养老保险，由用人单位缴费。", explanation="《社会保险法》第十条"),
        about("劳动合同期限", explanation="参加基本养老保险的另有规定。", tags=("试用期",)),
        about("缴费基数为 ＡＢＣ 与１００％", difficulty=5, module="社会保险"),
    ]
    await bank.stores.office.import_bank(batch(), made)
    assert await bank.found("养老") == [made[0].stem, made[1].stem]
    assert await bank.found("基本养老保险", "用人") == [made[0].stem]
    assert await bank.found("abc与100%") == [made[2].stem]
    assert await bank.found("缴费基数") == [made[2].stem]
    assert await bank.found("选项A之0") != []
    assert await bank.found("试用期") == [made[1].stem]
    assert await bank.found("第十条") == [made[0].stem]
    assert await bank.found("第十一条") == []
    assert await bank.found("养_") == await bank.found("%%") == []
    assert await bank.found("缴费", difficulty=5, module="社会保险") == [made[2].stem]
    assert await bank.found("缴费", "职") == [made[0].stem]
    assert await bank.found(author="nobody") == []
    assert len(await bank.found(usable=True, type=QuestionType.SINGLE)) == 3
    assert await bank.found("养老", state=QuestionState.DRAFT) == []
    with pytest.raises(TooShort):
        await bank.found("养")


async def test_every_substring_of_two_characters_finds_its_question(bank: Bank) -> None:
    text = "用人单位自用工之日起即与劳动者建立劳动关系，𠮷氏ｅｔａｌ. 5‰"
    of = await bank.questions.add_question(about(text), 0, ANNA)
    await bank.questions.add_question(about("无关"), 0, ANNA)
    plain = text.replace(" ", "")
    for start in range(len(plain) - 1):
        for end in (start + 2, start + 5, len(plain)):
            hits = await bank.questions.search(Sought((plain[start:end],)), 1)
            assert [one.question_id for one in hits.rows] == [of], plain[start:end]


async def test_pages_and_what_stands_nearly_everywhere(bank: Bank) -> None:
    made = [about(f"社会保险第{number}题") for number in range(MOST + 30)]
    await bank.stores.office.import_bank(batch(), made)
    hits = await bank.questions.search(Sought(("社会保险",)), 2)
    assert (hits.total, hits.more, len(hits.rows)) == (MOST, True, 20)
    assert hits.rows[0].stem == f"社会保险第{MOST + 9}题"
    rare = await bank.questions.search(Sought(("第17题",)), 1)
    assert ([one.stem for one in rare.rows], rare.total, rare.more) == (["社会保险第17题"], 1, False)
    everything = await bank.questions.search(Sought(), 3)
    assert (everything.total, len(everything.rows)) == (MOST + 30, 20)
    assert [one.stem for one in (await bank.questions.search(Sought(question_id=7), 1)).rows] == ["社会保险第6题"]


async def test_imports_are_approved_or_drafts_and_leave_alone_what_is_under_review(bank: Bank) -> None:
    office = bank.stores.office
    one, two, three = questions(3)
    await office.import_bank(batch(), [one])
    assert (await bank.acts())[-1] == ("tests", "import-bank")
    of = (await bank.questions.usable())[0].question_id
    commit = await office.import_bank(batch("pages"), [replace(one, explanation="新"), two], drafts=True)
    assert (commit.added, commit.revised, commit.held) == (1, 1, 0)
    assert [entry.question for entry in await office.bank()] == [one]
    assert (await bank.newest(of)).state is QuestionState.DRAFT
    # The same file again changes nothing.
    again = await office.import_bank(batch("pages"), [replace(one, explanation="新"), two], drafts=True)
    assert (again.added, again.revised, again.unchanged) == (0, 0, 2)
    await bank.move(of, Move.SUBMIT, ANNA)
    held = await office.import_bank(batch("pages"), [replace(one, explanation="更新"), three], drafts=True)
    assert (held.added, held.revised, held.unchanged, held.held) == (1, 0, 0, 1)
    # The operators' command line brings what counts at once, also where a draft says the same.
    await office.import_bank(batch(), [replace(one, explanation="新")])
    assert [entry.question.explanation for entry in await office.bank()] == ["新"]
    dossier = await bank.questions.dossier(of)
    assert [one.imported_from for one in dossier.versions] == ["test.xlsx", "pages.xlsx", "test.xlsx"]
    head = ["题型", "题干", "选项A", "选项B", "答案", "难度", "目录"]
    data = workbook({"题库": [head, ["单选", "甲是什么", "一", "二", "A", "易", "社会保险"]]})
    report = await import_bank(office, "b.xlsx", data, actor="anna", dry_run=False, drafts=True)
    assert report.added == 1
    assert await bank.found("甲是", state=QuestionState.DRAFT) == ["甲是什么"]


async def test_questions_take_their_point_from_the_syllabus_and_add_it_where_it_is_new(bank: Bank) -> None:
    (edition,) = await bank.syllabus.editions()
    assert (edition.name, edition.points, edition.in_work) == ("2022 版", 0, True)
    await bank.stores.office.import_bank(batch(), [about("甲乙丙"), about("丁戊己", module="社会保险", point="参保")])
    points = {one.name: one for one in (await bank.syllabus.edition(edition.edition_id)).points}
    assert set(points) == {"知识点", "参保"}
    assert await bank.syllabus.point_uses() == {one.point_id: 1 for one in points.values()}
    assert await bank.found(point_id=points["参保"].point_id) == ["丁戊己"]
    added = await bank.syllabus.add_point(edition.edition_id, "社会保险", "工伤认定", ANNA)
    await bank.stores.office.import_bank(batch(), [about("庚辛壬", module="社会保险", point="工伤认定")])
    assert await bank.found(point_id=added) == ["庚辛壬"]
    (usable,) = await bank.questions.usable(point_id=added)
    assert usable.point_id == added


async def test_editions_follow_each_other_and_points_live_through_them(bank: Bank) -> None:
    first = (await bank.syllabus.editions())[0].edition_id
    kept = await bank.syllabus.add_point(first, "社会保险", "参保", ANNA)
    gone = await bank.syllabus.add_point(first, "社会保险", "旧事", ANNA)
    with pytest.raises(SyllabusRefused, match="syllabus-name-taken"):
        await bank.syllabus.add_point(first, "社会保险", "参保", BO)
    await bank.syllabus.set_point(
        first,
        replace((await bank.syllabus.edition(first)).point(gone), retired=True, retired_reason="废止"),
        "retire",
        BO,
    )
    await bank.syllabus.publish_edition(first, BO)
    with pytest.raises(SyllabusRefused, match="syllabus-published"):
        await bank.syllabus.publish_edition(first, BO)
    late = await bank.syllabus.add_point(first, "社会保险", "个人养老金", ANNA)
    published = await bank.syllabus.edition(first)
    assert [(one.point_id, one.supplement, one.retired) for one in published.points] == [
        (kept, False, False),
        (gone, False, True),
        (late, True, False),
    ]
    second = await bank.syllabus.add_edition(next_edition(published, "2023 版"), first, ANNA)
    with pytest.raises(SyllabusRefused, match="syllabus-not-in-work"):
        await bank.syllabus.add_edition(next_edition(published, "2024 版"), first, ANNA)
    assert [one.point_id for one in (await bank.syllabus.edition(second)).points] == [kept, late]
    assert not (await bank.syllabus.edition(first)).in_work
    point = (await bank.syllabus.edition(second)).point(kept)
    await bank.syllabus.set_point(second, replace(point, name="参保登记"), "rename", ANNA)
    with pytest.raises(SyllabusRefused, match="syllabus-name-taken"):
        await bank.syllabus.set_point(second, replace(point, name="个人养老金"), "rename", ANNA)
    # Under its new name and under its old one it is the same point.
    await bank.stores.office.import_bank(batch(), [about("甲乙丙", module="社会保险", point="参保登记")])
    assert [one.point_id for one in await bank.questions.usable()] == [kept]
    assert ("bo", "publish-edition") in await bank.acts()


async def test_a_bank_of_before_is_taken_over_as_approved_with_its_points(
    postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    for migration in read_migrations(shipped("sql")):
        if migration.version < next(one.version for one in read_migrations(shipped("sql")) if one.name == "bank"):
            (tmp_path / migration.path.name).write_text(migration.sql)
    async with fresh_database(postgres, template="template0") as dsn:
        await migrate(dsn, tmp_path)
        connection: asyncpg.Connection = await asyncpg.connect(dsn)
        await connection.execute(_BEFORE)
        await connection.close()
        await migrate(dsn, shipped("sql"))
        async with stores_at(dsn) as stores:
            made = Bank(stores, QuestionsStore(stores.database), SyllabusEditionsStore(stores.database))
            (usable,) = await made.questions.usable()
            (point,) = (await made.syllabus.edition(1)).points
            assert (point.module, point.name, point.point_id) == ("社会保险", "参保", usable.point_id)
            (version,) = (await made.questions.dossier(usable.question_id)).versions
            assert (version.record.author, version.record.state) == ("root", QuestionState.APPROVED)
            assert await made.found("何为社保") == ["何为社保？"]
            assert await made.acts() == [("schema", "approve-imported")]
            assert await stores.office.audit_break() is None


_BEFORE = """
insert into import_batch (kind, file_name, file_sha256, accepted, refused, duplicates, actor)
  values ('bank', 'old.xlsx', sha256('x'), 1, 0, 0, 'root');
insert into question (stem_key) values (sha256('y'));
insert into question_version (question_id, version, type, stem, option_ids, option_texts, key, explanation, difficulty,
  module, point, content_hash, batch_id)
  values (1, 1, 'short_answer', '何为社保？', '{}', '{}', '{"blanks": [["社会保险"]]}', '', 3, '社会保险', '参保',
    sha256('z'), 1);
"""


@pytest.mark.parametrize("text", ["", "甲", "甲乙", "甲乙甲乙甲", "a1𠮷é\U0001f600 '\\{},\"null", "字" * 3000])
async def test_every_two_characters_that_stand_next_to_each_other_are_found(bank: Bank, text: str) -> None:
    async with bank.stores.database.connection() as connection:
        grams = await connection.fetchval("select search_grams($1)", text)
    assert grams == [(ord(a) * 65599 + ord(b)) % 2147483647 for a, b in pairwise(text)]


async def test_what_one_import_brings_is_found_by_its_own_words_in_its_own_state(bank: Bank) -> None:
    made = [replace(about(f"{mark}的规定"), explanation=f"见{mark}条") for mark in ("甲一", "乙二", "丙三")]
    await bank.stores.office.import_bank(batch(), made[:2])
    await bank.stores.office.import_bank(
        batch("pages"), [replace(made[0], explanation="另见丁四条"), made[2]], drafts=True
    )
    assert await bank.found("丁四", state=QuestionState.DRAFT) == ["甲一的规定"]
    assert await bank.found("见甲一") == []
    assert await bank.found("乙二条", state=QuestionState.APPROVED) == ["乙二的规定"]
    assert await bank.found("丙三", state=QuestionState.DRAFT) == ["丙三的规定"]
    # What is approved stays usable while there is a newer draft.
    assert [one.question.stem for one in await bank.stores.office.bank()] == ["甲一的规定", "乙二的规定"]


@pytest.mark.parametrize("count", [0, 1, PAGE, PAGE + 1, 3 * PAGE - 1, 4 * PAGE])
async def test_pages_are_the_same_from_whichever_end_they_are_reached(bank: Bank, count: int) -> None:
    await bank.stores.office.import_bank(batch(), [about(f"第{number}条") for number in range(count)])
    told: list[str] = []
    for page in range(1, count // PAGE + 3):
        hits = await bank.questions.search(Sought(), page)
        assert hits.total == count
        assert len(hits.rows) == max(0, min(PAGE, count - (page - 1) * PAGE))
        told += [one.stem for one in hits.rows]
    assert told == [f"第{number}条" for number in reversed(range(count))]
