"""What judges do, on a real database: nothing is lost, rewritten, or approved by whoever proposed it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import asyncpg
import pytest

from leitai.office import papers
from leitai.office.bank import MODULES, Question
from leitai.office.contests import create_contest_session
from leitai.office.ports import AlreadyThere
from leitai.office.session_ports import SessionSettings
from leitai.office.words_ports import Announcement, Clarification, ClarificationAnswer
from leitai.rules.appeals import Appeal, AppealRefused
from leitai.rules.decisions import Decision
from leitai.rules.effects import Effect, VoidItem
from leitai.rules.markings import Mark, MarkRefused
from leitai.rules.rights import NO_DELEGATION, Role
from leitai.rules.rulings import LEGAL_ACTS, ActKind, Ruling, RulingAct, RulingRefused, RulingState
from leitai.rules.values import ActorId, DelegationCode, ItemNo, Key, Micros, Phase, QuestionType, SessionId, SittingId
from leitai.stores.embedded.postgres import EmbeddedPostgres
from leitai.stores.postgres.migrations import migrate
from leitai.stores.postgres.office_store import PostgresOffice
from tests.rules.test_rulings import CONCERNED
from tests.support.office import START_US, Stores, batch, people, small_session, stores_at
from tests.support.stores import fresh_database

ANNA, BO, LOCAL = ActorId("anna"), ActorId("bo"), ActorId("local")
VOID = VoidItem(ItemNo(1))
ONE = ItemNo(1)


@dataclass(frozen=True)
class Bench:
    stores: Stores
    office: PostgresOffice
    session_id: SessionId
    sitting_id: SittingId


@pytest.fixture
async def bench(database: str) -> AsyncIterator[Bench]:
    async with stores_at(database) as stores:
        created = await small_session(stores)
        for login in (ANNA, BO, LOCAL):
            await stores.office.add_staff(login, login, frozenset({Role.JUDGE}), NO_DELEGATION, "tests")
        sittings = await stores.office.sittings(created.session_id)
        yield Bench(stores, stores.office, created.session_id, sittings[0].sitting_id)


def acted(ruling: Ruling, kind: ActKind, actor: ActorId, at_us: int, reason: str = "") -> Ruling:
    return replace(ruling, acts=(*ruling.acts, RulingAct(kind, actor, Micros(at_us), reason)))


def proposal(effect: Effect = VOID) -> Ruling:
    return acted(Ruling(0, effect, "教材第 3 页", ()), ActKind.PROPOSE, ANNA, 10, "题目有误")


async def added(bench: Bench, *acts: tuple[ActKind, ActorId]) -> Ruling:
    ruling = await bench.office.add_ruling(bench.session_id, proposal())
    for place, (kind, actor) in enumerate(acts):
        ruling = acted(ruling, kind, actor, 20 + place, "" if kind is ActKind.APPROVE else "因")
        await bench.office.add_act(ruling)
    return ruling


@pytest.mark.parametrize("effect", [effect for effect, _ in CONCERNED])
async def test_a_ruling_comes_back_as_it_was_made(bench: Bench, effect: Effect) -> None:
    made = await bench.office.add_ruling(bench.session_id, proposal(effect))
    assert made == replace(proposal(effect), ruling_id=made.ruling_id)
    approved = acted(made, ActKind.APPROVE, BO, 20)
    await bench.office.add_act(approved)
    assert await bench.office.ruling(made.ruling_id) == (bench.session_id, approved)
    assert await bench.stores.archive.rulings(bench.session_id) == [approved], "the live contest reads the same"
    assert await bench.office.rulings(SessionId(404)) == []
    with pytest.raises(KeyError):
        await bench.office.ruling(404)


async def test_the_store_itself_refuses_an_approval_by_the_proposer(bench: Bench) -> None:
    ruling = await added(bench)
    with pytest.raises(RulingRefused, match="ruling-self-approval"):
        await bench.office.add_act(acted(ruling, ActKind.APPROVE, ANNA, 20))
    ruling = await added(bench, (ActKind.APPROVE, BO), (ActKind.PROPOSE_WITHDRAWAL, BO))
    with pytest.raises(RulingRefused, match="ruling-self-approval"):
        await bench.office.add_act(acted(ruling, ActKind.APPROVE_WITHDRAWAL, BO, 30))
    await bench.office.add_act(acted(ruling, ActKind.APPROVE_WITHDRAWAL, ANNA, 30))
    (_, back) = await bench.office.ruling(ruling.ruling_id)
    assert back.state is RulingState.WITHDRAWN


async def test_the_store_knows_the_same_moves_as_the_rules(bench: Bench) -> None:
    async with bench.stores.database.connection() as connection:
        found = await connection.fetch("select from_state, kind, to_state from ruling_move")
    moves = {
        (row["from_state"] and RulingState(row["from_state"]), ActKind(row["kind"])): RulingState(row["to_state"])
        for row in found
    }
    assert moves == dict(LEGAL_ACTS)


async def test_acts_follow_each_other(bench: Bench) -> None:
    ruling = await added(bench)
    approved = acted(ruling, ActKind.APPROVE, BO, 20)
    await bench.office.add_act(approved)
    with pytest.raises(RulingRefused, match="ruling-stale"):
        await bench.office.add_act(acted(ruling, ActKind.DECLINE, BO, 20, "因"))
    with pytest.raises(RulingRefused, match="ruling-illegal-act"):
        await bench.office.add_act(acted(approved, ActKind.APPROVE, ANNA, 30))
    with pytest.raises(RulingRefused, match="ruling-illegal-act"):
        await bench.office.add_act(acted(approved, ActKind.PROPOSE_WITHDRAWAL, ANNA, 19, "早于批准"))
    with pytest.raises(asyncpg.CheckViolationError):
        await bench.office.add_act(acted(approved, ActKind.PROPOSE_WITHDRAWAL, ANNA, 30))


async def test_of_two_judges_at_once_one_is_told(bench: Bench) -> None:
    ruling = await added(bench)
    tries = await asyncio.gather(
        bench.office.add_act(acted(ruling, ActKind.APPROVE, BO, 20)),
        bench.office.add_act(acted(ruling, ActKind.DECLINE, ANNA, 20, "撤回")),
        return_exceptions=True,
    )
    refused = [one for one in tries if one is not None]
    assert len(refused) == 1
    assert isinstance(refused[0], RulingRefused)
    assert refused[0].code == "ruling-stale"
    (_, after) = await bench.office.ruling(ruling.ruling_id)
    assert after.version == 2


async def test_nothing_is_ruled_once_the_session_is_final(bench: Bench) -> None:
    ruling = await added(bench)
    await bench.stores.archive.save_phase(bench.session_id, Phase.FINALIZED, START_US)
    with pytest.raises(RulingRefused, match="session-finalized"):
        await bench.office.add_act(acted(ruling, ActKind.APPROVE, BO, 20))
    with pytest.raises(RulingRefused, match="session-finalized"):
        await bench.office.add_ruling(bench.session_id, proposal())
    assert await bench.office.rulings(bench.session_id) == [ruling]


async def test_marks_come_back_in_the_order_they_were_given(bench: Bench) -> None:
    answer = (bench.sitting_id, ONE, 7)
    given = [Mark(ANNA, (100, 50), Micros(1)), Mark(BO, (0, 0), Micros(2)), Mark(LOCAL, (9, 9), Micros(3))]
    for no, mark in enumerate(given, start=1):
        await bench.office.add_mark(bench.session_id, answer, no, mark)
    assert await bench.office.marks(bench.session_id) == {answer: given}
    assert await bench.stores.archive.marks(bench.session_id) == {answer: given}


async def test_a_judge_marks_once_and_nobody_takes_another_s_turn(bench: Bench) -> None:
    answer = (bench.sitting_id, ONE, 7)
    await bench.office.add_mark(bench.session_id, answer, 1, Mark(ANNA, (100,), Micros(1)))
    with pytest.raises(MarkRefused, match="mark-twice"):
        await bench.office.add_mark(bench.session_id, answer, 2, Mark(ANNA, (100,), Micros(1)))
    with pytest.raises(MarkRefused, match="mark-stale"):
        await bench.office.add_mark(bench.session_id, answer, 1, Mark(BO, (100,), Micros(1)))
    with pytest.raises(asyncpg.CheckViolationError):
        await bench.office.add_mark(bench.session_id, answer, 4, Mark(BO, (100,), Micros(1)))


async def test_appeals_and_their_decisions(bench: Bench) -> None:
    filed = await bench.office.add_appeal(bench.session_id, Appeal(0, bench.sitting_id, ONE, "题干\0有歧义", Micros(5)))
    assert filed.text == "题干有歧义"
    with pytest.raises(AppealRefused, match="appeal-repeated"):
        await bench.office.add_appeal(bench.session_id, Appeal(0, bench.sitting_id, ONE, "再诉", Micros(6)))
    other = await bench.office.add_appeal(bench.session_id, Appeal(0, bench.sitting_id, None, "断网", Micros(6)))
    ruling = await added(bench, (ActKind.APPROVE, BO))
    upheld = replace(filed, decision=Decision(ANNA, Micros(9), "见裁决", ruling.ruling_id))
    await bench.office.add_decision(upheld)
    with pytest.raises(AppealRefused, match="appeal-decided"):
        await bench.office.add_decision(replace(upheld, decision=Decision(BO, Micros(9), "维持")))
    await bench.office.add_appeal(bench.session_id, Appeal(0, bench.sitting_id, ONE, "再诉", Micros(10)))
    first, second, _ = await bench.office.appeals(bench.session_id)
    assert (first, second) == (upheld, other)
    assert await bench.office.appeals(bench.session_id, SittingId(404)) == []
    assert await bench.office.appeal(filed.appeal_id) == (bench.session_id, upheld)
    with pytest.raises(KeyError):
        await bench.office.appeal(404)


async def test_two_tabs_file_one_appeal(bench: Bench) -> None:
    appeal = Appeal(0, bench.sitting_id, ONE, "题干有歧义", Micros(5))
    tries = await asyncio.gather(
        *(bench.office.add_appeal(bench.session_id, appeal) for _ in range(4)), return_exceptions=True
    )
    assert sum(isinstance(one, Appeal) for one in tries) == 1
    assert sum(isinstance(one, AppealRefused) for one in tries) == 3


async def test_no_mark_is_given_once_the_session_is_final(bench: Bench) -> None:
    await bench.stores.archive.save_phase(bench.session_id, Phase.FINALIZED, START_US)
    with pytest.raises(MarkRefused, match="session-finalized"):
        await bench.office.add_mark(bench.session_id, (bench.sitting_id, ONE, 7), 1, Mark(ANNA, (100,), Micros(1)))
    assert await bench.office.marks(bench.session_id) == {}


async def test_words_between_operators_and_contestants(bench: Bench) -> None:
    said = Announcement(0, "请保持安静", ANNA, Micros(1), DelegationCode("110000"), "一")
    first = await bench.office.add_announcement(bench.session_id, said)
    second = await bench.office.add_announcement(bench.session_id, Announcement(0, "开赛", ANNA, Micros(2)))
    assert await bench.office.announcements(bench.session_id) == [
        replace(said, announcement_id=first),
        Announcement(second, "开赛", ANNA, Micros(2)),
    ]
    asked = Clarification(0, bench.sitting_id, ONE, "第 1 题的“以上”含本数吗？", Micros(3))
    asked_id = await bench.office.add_clarification(bench.session_id, asked)
    asked = replace(asked, clarification_id=asked_id)
    assert await bench.office.clarifications(bench.session_id) == [asked]
    answer = ClarificationAnswer(BO, Micros(4), "含。", to_all=True)
    await bench.office.answer_clarification(asked_id, answer)
    assert await bench.office.clarifications(bench.session_id) == [replace(asked, answer=answer)]
    with pytest.raises(AlreadyThere):
        await bench.office.answer_clarification(asked_id, answer)
    with pytest.raises(KeyError):
        await bench.office.answer_clarification(404, answer)


@pytest.mark.parametrize(
    "verb", ["update {table} set {column} = {column}", "delete from {table}", "truncate public.{table} cascade"]
)
@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("ruling", "evidence"),
        ("ruling_act", "reason"),
        ("mark", "judge"),
        ("appeal", "text"),
        ("appeal_decision", "reason"),
        ("announcement", "text"),
        ("clarification", "question"),
        ("clarification_answer", "text"),
        ("audit", "action"),
    ],
)
async def test_what_judges_did_cannot_be_rewritten(bench: Bench, verb: str, table: str, column: str) -> None:
    await added(bench, (ActKind.APPROVE, BO))
    await bench.office.add_mark(bench.session_id, (bench.sitting_id, ONE, 7), 1, Mark(ANNA, (100,), Micros(1)))
    filed = await bench.office.add_appeal(bench.session_id, Appeal(0, bench.sitting_id, ONE, "诉", Micros(5)))
    await bench.office.add_decision(replace(filed, decision=Decision(ANNA, Micros(9), "无误")))
    await bench.office.add_announcement(bench.session_id, Announcement(0, "开赛", ANNA, Micros(2)))
    asked = Clarification(0, bench.sitting_id, None, "？", Micros(3))
    asked_id = await bench.office.add_clarification(bench.session_id, asked)
    await bench.office.answer_clarification(asked_id, ClarificationAnswer(BO, Micros(4), "。", to_all=False))
    async with bench.stores.database.connection() as connection:
        assert await connection.fetchval(f"select count(*) from {table}")
        with pytest.raises(asyncpg.PostgresError, match="kept as they were written"):
            await connection.execute(verb.format(table=table, column=column))


async def test_everything_is_in_the_audit(bench: Bench) -> None:
    await added(bench, (ActKind.APPROVE, BO))
    await bench.office.add_mark(bench.session_id, (bench.sitting_id, ONE, 7), 1, Mark(ANNA, (100,), Micros(1)))
    async with bench.stores.database.connection() as connection:
        rows = await connection.fetch("select actor, action from audit where actor in ('anna', 'bo') order by no")
    assert [tuple(row) for row in rows] == [("anna", "propose"), ("bo", "approve"), ("anna", "mark")]
    assert await bench.office.audit_break() is None


async def test_a_refused_act_leaves_nothing(bench: Bench) -> None:
    ruling = await added(bench)
    with pytest.raises(RulingRefused):
        await bench.office.add_act(acted(ruling, ActKind.APPROVE, ANNA, 20))
    async with bench.stores.database.connection() as connection:
        assert await connection.fetchval("select count(*) from audit where actor = 'anna'") == 1


@pytest.mark.parametrize(
    ("tamper", "found"),
    [
        ("update audit set actor = 'nobody' where no = 2", 2),
        ("update audit set detail = '{\"n\": 9}' where no = 3", 3),
        ("update audit set at = at + interval '1 microsecond' where no = 1", 1),
        ("delete from audit where no = 2", 2),
        ("delete from audit where no = 1", 1),
    ],
)
async def test_the_audit_shows_where_somebody_got_around_its_guards(bench: Bench, tamper: str, found: int) -> None:
    for number in range(4):
        await bench.office.audit("tests", "act", "subject", {"n": number})
    assert await bench.office.audit_break() is None
    async with bench.stores.database.connection() as connection:
        await connection.execute("alter table audit disable trigger audit_append_only")
        await connection.execute(tamper)
    assert await bench.office.audit_break() == found


async def test_writers_at_once_make_one_chain(bench: Bench) -> None:
    await asyncio.gather(*(bench.office.audit("tests", "act", "subject", {"n": number}) for number in range(40)))
    async with bench.stores.database.connection() as connection:
        rows = await connection.fetch("select no, action from audit order by no")
    assert [row["no"] for row in rows] == list(range(1, len(rows) + 1))
    assert sum(row["action"] == "act" for row in rows) == 40
    assert await bench.office.audit_break() is None


async def test_an_audit_from_before_becomes_a_chain(postgres: EmbeddedPostgres, tmp_path: Path) -> None:
    shipped = Path(__file__).parents[2] / "schema" / "sql"
    (tmp_path / "0001_contest.sql").write_bytes((shipped / "0001_contest.sql").read_bytes())
    async with fresh_database(postgres, "template0") as dsn:
        await migrate(dsn, tmp_path)
        connection: asyncpg.Connection = await asyncpg.connect(dsn)
        try:
            for number in range(3):
                await connection.execute(
                    "insert into audit (actor, action, subject) values ('a', $1, 's')", f"act {number}"
                )
            await migrate(dsn, shipped)
            await connection.execute("insert into audit (actor, action, subject) values ('a', 'later', 's')")
            rows = await connection.fetch("select no, action from audit order by no")
            assert [tuple(row) for row in rows] == [(1, "act 0"), (2, "act 1"), (3, "act 2"), (4, "later")]
            assert await connection.fetchval("select audit_break()") is None
        finally:
            await connection.close()


async def test_questions_that_judges_mark_come_back_as_they_were(bench: Bench) -> None:
    parts = ("是否工伤？", "何时申请？")
    made = [
        Question(QuestionType.SHORT_ANSWER, "简述时限。", (), Key(blanks=(("三十日",),)), "", 3, MODULES[2], ""),
        Question(
            QuestionType.CASE,
            "王某上班途中发生事故。",
            (),
            Key(blanks=(("是",), ("三十日内",))),
            "",
            3,
            MODULES[2],
            "",
            parts=parts,
        ),
    ]
    await bench.office.import_bank(batch("judged"), made)
    entries = await bench.office.bank()
    assert [entry.question for entry in entries[-2:]] == made
    unchanged = await bench.office.import_bank(batch("again"), made)
    assert (unchanged.added, unchanged.revised) == (0, 0)
    lines = papers.assemble(entries, {QuestionType.SHORT_ANSWER: 1, QuestionType.CASE: 1}, "seed")
    paper_id = await bench.office.create_paper("文字题", "seed", lines)
    contest_id = await bench.office.create_contest("比武", "组委会", 2023)
    roster = await bench.office.import_roster(contest_id, batch("roster"), people(1))
    settings = SessionSettings("文字题", START_US, START_US)
    created = await create_contest_session(bench.office, bench.stores.codes, contest_id, paper_id, settings, roster)
    file = await bench.stores.archive.load_session(created.session_id)
    assert [(content.blanks, content.parts) for content in file.contents] == [(1, []), (2, list(parts))]
    assert [(item.type, item.seconds) for item in file.plan.items] == [
        (QuestionType.SHORT_ANSWER, 180),
        (QuestionType.CASE, 420),
    ]
