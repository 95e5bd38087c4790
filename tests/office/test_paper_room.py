"""Papers on a real store: what a blueprint leaves out, who may do what, and what stands in the database."""

import hashlib
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass, replace

import asyncpg
import pytest

from leitai.office.contests import create_contest_session
from leitai.office.paper_ports import PaperContents, PaperFile, PaperRefused
from leitai.office.paper_room import Member, PaperRoom
from leitai.office.papers import STANDARD_MIX, assemble, share_out
from leitai.office.session_ports import SessionSettings
from leitai.rules.assembly import NotFeasible
from leitai.rules.blueprints import Blueprint, Exclusions, Line, Worth
from leitai.rules.papers import PaperActKind, PaperState
from leitai.rules.rights import Role
from leitai.rules.values import ActorId, ItemNo, Micros, Phase, QuestionType, SessionId
from leitai.stores.postgres.paper_seal import seal_what_lies_open
from leitai.stores.postgres.paper_store import PostgresPapers
from leitai.stores.postgres.vault import WrongServerKey
from tests.support.media import png
from tests.support.office import START_US, Stores, batch, people, questions, show_files, stores_at

K = PaperActKind
ANNA = Member(ActorId("anna"), frozenset({Role.SETTER}))
BO, CHEN = (Member(ActorId(name), frozenset({Role.REVIEWER})) for name in ("bo", "chen"))
SINGLE = QuestionType.SINGLE
PLAN = Blueprint((Line(SINGLE, 3),), ((SINGLE, Worth(200, 25)),))


@dataclass
class Room:
    """A papers' office over a bank of twelve questions of each of five types."""

    stores: Stores
    store: PostgresPapers
    room: PaperRoom

    async def sealed(self, plan: Blueprint = PLAN) -> int:
        paper = await self.room.assemble(ANNA.login, "试卷", plan, 0, "seed")
        await self.room.act(ANNA, paper, 1, K.SUBMIT)
        for who in (BO, CHEN):
            await self.room.act(who, paper, 1, K.APPROVE)
        assert await self.room.act(ANNA, paper, 1, K.SEAL) is PaperState.SEALED
        return paper

    async def session(self, paper: int) -> SessionId:
        office = self.stores.office
        contest = await office.create_contest("比武", "组委会", 2022)
        roster = await office.import_roster(contest, batch("roster"), people(1))
        settings = SessionSettings("试赛", START_US, Micros(START_US - 1))
        created = await create_contest_session(office, self.stores.codes, contest, paper, settings, roster)
        return created.session_id

    async def audited(self) -> list[tuple[str, str]]:
        async with self.stores.database.connection() as connection:
            rows = await connection.fetch("select actor, action from audit where subject like 'paper %' order by no")
        return [tuple(row) for row in rows]


@pytest.fixture
async def room(database: str) -> AsyncIterator[Room]:
    async with stores_at(database) as stores:
        await stores.office.import_bank(batch("bank"), questions())
        store = PostgresPapers(stores.database, stores.vault)
        yield Room(stores, store, PaperRoom(store))


async def refused(code: str, doing: Awaitable[object]) -> None:
    with pytest.raises(PaperRefused) as raised:
        await doing
    assert raised.value.code == code


async def test_a_paper_is_read_by_few_and_every_look_is_set_down(room: Room) -> None:
    paper = await room.room.assemble(ANNA.login, "试卷", PLAN, 0, "seed")
    pages = await room.room.read(ANNA, paper)
    assert [place.item_no for place in pages.contents.places] == [1, 2, 3]
    other = Member(ActorId("ding"), frozenset(Role) - {Role.REVIEWER})
    await refused("forbidden", room.room.read(other, paper))
    await refused("forbidden", room.room.read(BO, paper))
    await room.room.act(ANNA, paper, 1, K.SUBMIT)
    assert (await room.room.read(BO, paper)).contents == pages.contents
    for who in (BO, CHEN):
        await room.room.act(who, paper, 1, K.APPROVE)
    await room.room.act(BO, paper, 1, K.SEAL)
    everything = Member(ANNA.login, frozenset(Role))
    await refused("paper-sealed", room.room.read(everything, paper))
    await refused("paper-sealed", room.room.fits(everything, paper, ItemNo(1), ""))
    await refused("paper-sealed", room.store.contents(paper))
    assert await room.audited() == [
        ("anna", "assemble-paper"),
        ("anna", "view-paper"),
        ("ding", "view-paper-refused"),
        ("bo", "view-paper-refused"),
        ("anna", "submit-paper"),
        ("bo", "view-paper"),
        ("bo", "approve-paper"),
        ("chen", "approve-paper"),
        ("bo", "seal-paper"),
        ("anna", "view-paper-refused"),
        ("anna", "view-paper-refused"),
    ]
    looks = (await room.room.record(paper)).looks
    assert [look.actor for look in reversed(looks)] == ["anna", "ding", "bo", "bo", "anna", "anna"]


async def test_who_reads_a_paper_reads_what_its_questions_show(room: Room) -> None:
    stems = [one.stem for one in questions()]
    await show_files(room.stores.database, {stem: [(png(3, 2 + at), f"图{at}")] for at, stem in enumerate(stems)})
    paper = await room.room.assemble(ANNA.login, "试卷", PLAN, 0, "seed")
    pages = await room.room.read(ANNA, paper)
    for place in pages.contents.places:
        (file,) = pages.media[place.version_id]
        at = stems.index(pages.questions[place.version_id].stem)
        wanted = PaperFile(hashlib.sha256(png(3, 2 + at)).hexdigest(), "image/png", 3, 2 + at, f"图{at}")
        assert file == wanted


async def test_items_are_replaced_by_lot_or_by_hand_with_a_reason(room: Room) -> None:
    paper = await room.room.assemble(ANNA.login, "试卷", PLAN, 0, "seed")
    first = (await room.room.read(ANNA, paper)).contents.places
    await refused("paper-reason-missing", room.room.replace(ANNA, paper, 1, ItemNo(2), None, " "))
    await room.room.replace(ANNA, paper, 1, ItemNo(2), None, "题干有歧义")
    await refused("paper-stale", room.room.replace(ANNA, paper, 1, ItemNo(2), None, "再换"))
    fits = await room.room.fits(ANNA, paper, ItemNo(3), "道题")
    await refused("paper-unfit", room.room.replace(ANNA, paper, 2, ItemNo(3), first[0].question_id, "选这道"))
    await room.room.replace(ANNA, paper, 2, ItemNo(3), fits[0][0], "更贴近窗口业务")
    pages = await room.room.read(ANNA, paper)
    assert pages.edition == 3
    places = pages.contents.places
    assert places[0] == first[0]
    assert places[1].question_id != first[1].question_id
    assert places[2].question_id == fits[0][0]
    assert [(one.item_no, one.how, one.reason) for one in pages.contents.replacements] == [
        (2, "drawn", "题干有歧义"),
        (3, "by_hand", "更贴近窗口业务"),
    ]
    with pytest.raises(KeyError):
        await room.room.replace(ANNA, paper, 3, ItemNo(9), None, "没有这题")


async def test_the_same_bank_blueprint_and_seed_give_the_same_paper(room: Room) -> None:
    one, other = [await room.room.assemble(ANNA.login, "试卷", PLAN, 0, "2022") for _ in range(2)]
    contents = [(await room.room.read(ANNA, paper)).contents for paper in (one, other)]
    assert contents[0] == contents[1]
    drawn = [
        (await room.room.read(ANNA, await room.room.assemble(ANNA.login, "试卷", PLAN, 0, ""))).contents.seed
        for _ in range(2)
    ]
    assert drawn[0] != drawn[1]


async def test_what_the_last_contests_asked_stays_out(room: Room) -> None:
    whole = Blueprint((Line(SINGLE, 12),), ((SINGLE, Worth(100, 20)),))
    session = await room.session(await room.sealed())
    without = replace(whole, exclusions=Exclusions(contests=1))
    # Nothing tells what a sealed paper holds, so nothing is left out before it is opened.
    assert (await room.room.feasibility(without)).shortages == ()
    await room.stores.archive.save_phase(session, Phase.CLOSED, START_US)
    found = await room.room.feasibility(without)
    assert [(one.lines, one.needs, one.has) for one in found.shortages] == [((0,), 12, 9)]
    assert found.has == (9,)
    with pytest.raises(NotFeasible):
        await room.room.assemble(ANNA.login, "试卷", without, 0, "seed")
    nine = replace(without, lines=(Line(SINGLE, 9),))
    asked = {place.question_id for place in (await _contents(room, nine)).places}
    async with room.stores.database.connection() as connection:
        used = await connection.fetch(
            "select question_id from paper_item i join question_version v on v.id = i.question_version_id"
        )
    assert len(used) == 3
    assert not asked & {row["question_id"] for row in used}


async def test_what_was_practised_or_retired_stays_out(room: Room) -> None:
    tagged = [replace(one, tags=("日日学",)) for one in questions() if one.type is SINGLE][:2]
    await room.stores.office.import_bank(batch("bank"), tagged)
    async with room.stores.database.connection() as connection:
        retired = "update question set retired_at = now() where id = (select max(question_id) from question_version"
        await connection.execute(f"{retired} where type = 'single')")
    plan = replace(PLAN, lines=(Line(SINGLE, 12),))
    assert (await room.room.feasibility(plan)).has == (11,)
    assert (await room.room.feasibility(replace(plan, exclusions=Exclusions(practice=True)))).has == (9,)


async def _contents(room: Room, plan: Blueprint) -> PaperContents:
    paper = await room.room.assemble(ANNA.login, "试卷", plan, 0, "seed")
    return (await room.room.read(ANNA, paper)).contents


async def test_a_session_plays_what_was_sealed_and_is_made_of_nothing_else(room: Room) -> None:
    draft = await room.room.assemble(ANNA.login, "试卷", PLAN, 0, "seed")
    texts = (await room.room.read(ANNA, draft)).questions
    with pytest.raises(asyncpg.CheckViolationError):
        await room.session(draft)
    assert await room.stores.office.papers() == []
    sealed = await room.sealed()
    async with room.stores.database.connection() as connection:
        assert await connection.fetchval("select count(*) from paper_item") == 0
    file = await room.stores.archive.load_session(await room.session(sealed))
    assert {content.stem for content in file.contents} == {question.stem for question in texts.values()}
    assert [(item.centipoints, item.seconds) for item in file.plan.items] == [(200, 25)] * 3
    (summary,) = await room.stores.office.papers()
    assert (summary.items, summary.centipoints, summary.seconds) == (3, 600, 75)


async def test_the_schema_keeps_four_eyes_and_seals_by_itself(room: Room) -> None:
    paper = await room.room.assemble(ANNA.login, "试卷", PLAN, 0, "seed")
    sealed = await room.sealed()
    insert = "insert into paper_act (paper_id, seq, kind, edition, actor) values ($1, $2, $3, 1, $4)"
    async with room.stores.database.connection() as connection:
        for row, constraint in (
            ((paper, 2, "approve", "anna"), "paper_act_not_own"),
            ((paper, 2, "seal", "bo"), "paper_act_two_approve"),
            ((sealed, 6, "approve", "bo"), "paper_act_not_twice"),
        ):
            with pytest.raises(asyncpg.CheckViolationError) as raised:
                await connection.execute(insert, *row)
            assert getattr(raised.value, "constraint_name", None) == constraint
        for statement in (
            "update paper set state = 'assembled' where id = $1",
            "update paper set sealed = 'x' where id = $1",
            "delete from paper where id = $1",
            "delete from paper_act where paper_id = $1",
        ):
            with pytest.raises(asyncpg.PostgresError):
                await connection.execute(statement, sealed)


async def test_a_sealed_paper_stays_shut_even_to_whoever_changes_its_state_in_the_database(room: Room) -> None:
    sealed = await room.sealed()
    async with room.stores.database.connection() as connection:
        await connection.execute("alter table public.paper disable trigger paper_kept")
        await connection.execute("alter table public.paper_act disable trigger paper_act_append_only")
        await connection.execute("delete from paper_act where paper_id = $1 and kind = 'seal'", sealed)
        await connection.execute("update paper set state = 'approved' where id = $1", sealed)
    with pytest.raises(WrongServerKey):
        await room.room.read(BO, sealed)


async def test_the_command_line_seals_at_once_and_is_audited(room: Room) -> None:
    lines = assemble(await room.stores.office.bank(), share_out(4, STANDARD_MIX), "seed")
    paper = await room.stores.office.create_paper("试考", "seed", lines, ActorId("root"))
    assert await room.audited() == [("root", "seal-paper-at-machine")]
    head = (await room.room.papers())[0]
    assert (head.paper_id, head.standing.state, head.items) == (paper, PaperState.SEALED, 4)
    assert len((await room.stores.archive.load_session(await room.session(paper))).contents) == 4


async def test_papers_of_before_are_sealed_when_the_program_starts(room: Room) -> None:
    lines = assemble(await room.stores.office.bank(), share_out(4, STANDARD_MIX), "old")
    async with room.stores.database.connection() as connection:
        old = await connection.fetchval(
            "insert into paper (title, seed, state, items) values ('旧卷', 'old', 'sealed', 4) returning id"
        )
        await connection.executemany(
            "insert into paper_item values ($1, $2, $3, $4, $5, $6)",
            [(old, one.item_no, one.version_id, one.centipoints, one.seconds, one.marking.value) for one in lines],
        )
    session = await room.session(old)
    before = await room.stores.archive.load_session(session)
    await seal_what_lies_open(room.stores.database, room.stores.vault)
    async with room.stores.database.connection() as connection:
        assert await connection.fetchval("select count(*) from paper_item") == 0
        assert await connection.fetchval("select seed from paper") == ""
    assert await room.stores.archive.load_session(session) == before


async def test_blueprints_are_kept_by_version(room: Room) -> None:
    kept = await room.room.save_blueprint(ANNA.login, "决赛", PLAN)
    assert [(one.title, one.blueprint, one.version) for one in await room.room.blueprints()] == [("决赛", PLAN, 1)]
    more = replace(PLAN, exclusions=Exclusions(2, practice=True))
    assert await room.room.save_blueprint(ANNA.login, "决赛", more, kept, 1) == kept
    await refused("paper-stale", room.room.save_blueprint(ANNA.login, "决赛", PLAN, kept, 1))
    await refused("blueprint-empty", room.room.save_blueprint(ANNA.login, "空", Blueprint((), PLAN.worth)))
    with pytest.raises(KeyError):
        await room.room.save_blueprint(ANNA.login, "没有", PLAN, 99, 1)
    assert (await room.room.blueprints())[0].blueprint == more
