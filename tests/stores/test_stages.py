"""Stages in real stores: presses stamped and kept once, the log's order, votes, codes, and a record that stays."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import asyncpg
import pytest

from leitai.live.ports import StoreUnavailable, TicketRefused
from leitai.live.stage.ports import MOST_PRESSES, PressMade
from leitai.office.stage.ports import (
    Ballot,
    RoundWanted,
    StageState,
    StageWanted,
    TooFewQuestions,
    Voted,
)
from leitai.rules.stage import replay
from leitai.rules.stage_events import (
    BuzzerOpened,
    Entry,
    QuestionShown,
    Revealed,
    RoundBegun,
    RoundKind,
    StageBegun,
    StageEnded,
    StageSettings,
)
from leitai.rules.values import Micros
from leitai.stores.postgres.stage_store import PostgresStages
from leitai.stores.valkey.connection import Store, open_store
from leitai.stores.valkey.keys import StageKeys
from leitai.stores.valkey.stages import ValkeyStages
from leitai.wire.stage_log import StageSeat, kept
from tests.support.office import Stores, batch, questions, stores_at
from tests.support.stages import KEY, PLAN, TEXT


@pytest.fixture
async def store(valkey_url: str) -> AsyncIterator[Store]:
    opened = open_store(valkey_url)
    yield opened
    await opened.aclose()


@pytest.fixture
async def office(database: str) -> AsyncIterator[Stores]:
    async with stores_at(database) as stores:
        await stores.office.import_bank(batch("bank"), questions())
        yield stores


async def shown(stages: ValkeyStages, stage_id: int) -> Micros:
    """Bring a stage to its first question with the buzzer open from a second ago; returns that instant."""
    now_us = await stages.time_us(stage_id)
    opens_us = Micros(now_us - 1_000_000)
    events = (StageBegun(PLAN), RoundBegun(1), QuestionShown(1), BuzzerOpened(1, opens_us))
    entries = [kept(Entry(seq, opens_us, "anna", event)) for seq, event in enumerate(events, start=1)]
    assert await stages.append(stage_id, 0, entries)
    return opens_us


async def test_presses_are_stamped_by_arrival_and_kept_once(store: Store, unique_id: int) -> None:
    stages = ValkeyStages(store)
    with pytest.raises(StoreUnavailable, match="SHUT"):
        await stages.press(unique_id, PressMade(1, 1, 1, 0, -1), 0)
    await shown(stages, unique_id)
    before_us = await stages.time_us(unique_id)
    # The third team's frame came first, and its call is the last to reach the store.
    late = await stages.press(unique_id, PressMade(1, 1, 1, 10_000, 400), before_us)
    tied = await stages.press(unique_id, PressMade(2, 1, 1, 0, -1), 0)
    early = await stages.press(unique_id, PressMade(3, 1, 7, 900_000, 200), 0)
    after_us = await stages.time_us(unique_id)
    assert before_us - 10_000 <= late.stamp_us <= after_us - 10_000
    assert early.stamp_us <= after_us - 900_000
    again = await stages.press(unique_id, PressMade(3, 1, 7, 0, 900), 0)
    assert again == early
    stage = replay(one.entry() for one in await stages.log(unique_id, 0, 0))
    assert stage.asked is not None
    assert [press.team for press in stage.asked.presses] == [3, 1, 2]
    assert [press.elapsed_us for press in stage.asked.presses] == [200, 400, -1]
    assert (late.entry, tied.entry, early.entry) == (5, 6, 7)


async def test_what_lay_unread_is_sent_again_and_what_is_too_much_is_not_kept(store: Store, unique_id: int) -> None:
    stages = ValkeyStages(store)
    await shown(stages, unique_id)
    stale_us = await stages.time_us(unique_id) - 1_500_000
    with pytest.raises(StoreUnavailable, match="HELD"):
        await stages.press(unique_id, PressMade(1, 1, 1, 0, -1), stale_us)
    kept_presses = [await stages.press(unique_id, PressMade(1, 1, seq, 0, -1), 0) for seq in range(1, MOST_PRESSES + 3)]
    assert [one.entry > 0 for one in kept_presses] == [True] * MOST_PRESSES + [False] * 2
    assert len(await stages.log(unique_id, 4, 0)) == MOST_PRESSES


async def test_whoever_appends_second_is_told(store: Store, unique_id: int) -> None:
    stages = ValkeyStages(store)
    await shown(stages, unique_id)
    waiting = asyncio.create_task(ValkeyStages(store).log(unique_id, 4, 60_000))
    entry = kept(Entry(5, Micros(1), "anna", Revealed(1)), key=KEY)
    assert not await stages.append(unique_id, 3, [entry])
    assert await stages.append(unique_id, 4, [entry])
    assert not await stages.append(unique_id, 4, [entry])
    assert await waiting == [entry]
    assert await stages.log(unique_id, 4, 0) == [entry]


async def test_each_device_votes_once_while_the_vote_is_open(store: Store, unique_id: int) -> None:
    stages = ValkeyStages(store)

    async def vote(device: str, choice: int = 1, code: str = "K7", number: int = 1) -> Voted:
        return await stages.vote(unique_id, number, code, choice, device, f"net {len(device)}")

    assert await vote("a") is Voted.CLOSED
    await stages.open_ballot(unique_id, Ballot(1, ("甲", "乙"), "K7"))
    votes = await asyncio.gather(*(vote(f"phone {n % 30}", n % 2) for n in range(60)))
    assert votes.count(Voted.COUNTED) == 30
    assert votes.count(Voted.BEFORE) == 30
    assert sum(await stages.counts(unique_id, 1, 2)) == 30
    keys = StageKeys(unique_id)
    assert all(
        [await store.execute_command("TTL", name) > 0 for name in (keys.votes(1), keys.voters(1), keys.networks(1))]
    )
    # Twenty phones with two digits came from one address, ten with one digit from another.
    assert await stages.most_from_one(unique_id, 1) == 20
    assert await stages.most_from_one(unique_id, 2) == 0
    assert [await vote("b", 2), await vote("b", code="K8"), await vote("b", number=2)] == [Voted.CLOSED] * 3
    await stages.close_ballot(unique_id)
    assert await vote("b") is Voted.CLOSED


async def test_a_ticket_opens_once_and_a_seat_stays(store: Store, unique_id: int) -> None:
    stages = ValkeyStages(store)
    seat = StageSeat(unique_id, 3, "2")
    cookie = await stages.seat(seat)
    assert await stages.seated(cookie) == seat
    ticket = await stages.issue_stage_ticket(seat)
    assert await stages.redeem_stage_ticket(ticket) == seat
    for one in (ticket, "nothing"):
        with pytest.raises(TicketRefused):
            await stages.redeem_stage_ticket(one)
    await stages.leave(cookie)
    assert await stages.seated(cookie) is None
    await stages.here(unique_id, {1: Micros(5), 2: Micros(0)})
    await stages.here(unique_id, {})
    assert await stages.desks(unique_id) == {1: 5, 2: 0}


# --- PostgreSQL ------------------------------------------------------------------------------------------------------


def wanted(*rounds: RoundWanted) -> StageWanted:
    return StageWanted("决赛", ("甲队", "乙队"), rounds, StageSettings())


async def test_a_stage_is_planned_from_approved_questions_and_none_twice(office: Stores) -> None:
    stages = PostgresStages(office.database)
    async with office.database.connection() as connection:
        ids: list[int] = [row["id"] for row in await connection.fetch("select id from question order by id")]
    buzzer = RoundWanted(RoundKind.BUZZER, "抢答题", (ids[3], ids[1]), draw=3)
    drawn = RoundWanted(RoundKind.REQUIRED, "必答题", draw=4, module="社会保险")
    stage_id = await stages.create_stage("anna", wanted(buzzer, drawn))
    file = await stages.stage(stage_id)
    assert [one.questions for one in file.plan.rounds] == [5, 4]
    assert [one.stem for one in file.questions[:2]] == ["第3道题的题干", "第1道题的题干"]
    assert len({one.stem for one in file.questions}) == 9
    assert {one.module for one in file.questions[5:]} == {"社会保险"}
    assert [(one.stage_id, one.questions, one.teams) for one in await stages.stages()] == [(stage_id, 9, 2)]
    for bad in (
        (RoundWanted(RoundKind.BUZZER, "抢答题", (ids[0], ids[0])),),
        (RoundWanted(RoundKind.BUZZER, "抢答题", (ids[-1] + 1,)),),
        (RoundWanted(RoundKind.BUZZER, "抢答题", draw=61),),
        (RoundWanted(RoundKind.BUZZER, "一", (ids[0],)), RoundWanted(RoundKind.BUZZER, "二", (ids[0],))),
        (RoundWanted(RoundKind.BUZZER, "抢答题", draw=1, module="没有的模块"),),
    ):
        with pytest.raises(TooFewQuestions):
            await stages.create_stage("anna", wanted(*bad))
    assert len(await stages.stages()) == 1
    with pytest.raises(KeyError):
        await stages.stage(stage_id + 1)


async def test_new_codes_put_the_old_ones_out(office: Stores) -> None:
    stages = PostgresStages(office.database)
    stage_id = await stages.create_stage("anna", wanted(RoundWanted(RoundKind.BUZZER, "抢答题", draw=2)))
    await stages.set_codes("anna", stage_id, {team: bytes([team]) * 32 for team in range(3)})
    found = await stages.seat_of(bytes([2]) * 32)
    assert found is not None
    assert (found.seat, found.name, found.title) == (StageSeat(stage_id, 2, "1"), "乙队", "决赛")
    screen = await stages.seat_of(bytes(32))
    assert screen is not None
    assert (screen.seat.team, screen.name) == (0, "")
    assert await stages.seat_holds(found.seat)
    await stages.set_codes("anna", stage_id, {team: bytes([team + 9]) * 32 for team in range(3)})
    assert await stages.seat_of(bytes([2]) * 32) is None
    assert not await stages.seat_holds(found.seat)
    with pytest.raises(KeyError):
        await stages.set_codes("anna", stage_id + 1, {})


async def test_the_record_of_a_stage_is_added_to_and_nothing_else(office: Stores) -> None:
    stages = PostgresStages(office.database)
    stage_id = await stages.create_stage("anna", wanted(RoundWanted(RoundKind.BUZZER, "抢答题", draw=2)))
    plan = (await stages.stage(stage_id)).plan
    assert await stages.running() == {}
    assert not await stages.begin("anna", stage_id, 2), "it is at its first edition"
    assert await stages.begin("anna", stage_id, 1)
    assert not await stages.begin("anna", stage_id, 1)
    entries = [
        kept(Entry(1, Micros(5), "anna", StageBegun(plan))),
        kept(Entry(2, Micros(6), "anna", RoundBegun(1))),
        kept(Entry(3, Micros(7), "anna", QuestionShown(1)), text=TEXT),
        kept(Entry(4, Micros(8), "anna", Revealed(1)), key=KEY),
    ]
    await asyncio.gather(stages.record(stage_id, entries[:3]), stages.record(stage_id, entries))
    assert await stages.entries(stage_id) == entries
    assert await stages.entries(stage_id, 3) == entries[3:]
    assert await stages.running() == {stage_id: 4}
    assert replay(one.entry() for one in await stages.entries(stage_id)).plan == plan
    for statement in (
        "update stage_event set at_us = 1",
        "delete from stage_event",
        "truncate stage_event",
        "update stage_question set number = number + 10",
        "delete from stage_question",
        "update stage set wanted = null",
        "update stage set title = 'x'",
        "update stage set state = 'draft'",
        "delete from stage",
    ):
        async with office.database.connection() as connection:
            with pytest.raises(asyncpg.PostgresError):
                await connection.execute(statement)
    end = kept(Entry(5, Micros(9), "chen", StageEnded()))
    assert not await stages.record(stage_id, entries)
    assert await stages.record(stage_id, [end]), "it is over with the record of its end, whoever brings it"
    assert not await stages.record(stage_id, [end])
    await stages.set_state("anna", stage_id, StageState.ENDED)
    assert await stages.running() == {}
    async with office.database.connection() as connection:
        acts = [(row["actor"], row["action"]) for row in await connection.fetch("select * from audit order by no")]
    assert acts[-4:] == [
        ("anna", "create-stage"),
        ("anna", "stage-running"),
        ("conductor", "lock-questions"),
        ("chen", "stage-ended"),
    ]


async def test_what_was_shown_is_locked_and_taken_by_no_other_stage(office: Stores) -> None:
    stages = PostgresStages(office.database)
    one = wanted(RoundWanted(RoundKind.BUZZER, "抢答题", draw=2))
    first = await stages.create_stage("anna", one)
    async with office.database.connection() as connection:
        question, version, other = await connection.fetchrow(
            "select v.question_id, v.id, (select w.question_id from stage_question r join question_version w "
            "on w.id = r.version_id where r.stage_id = $1 and r.number = 2) from stage_question q "
            "join question_version v on v.id = q.version_id where q.stage_id = $1 and q.number = 1",
            first,
        )
    named = wanted(RoundWanted(RoundKind.BUZZER, "抢答题", (question,)))
    second = await stages.create_stage("anna", named)
    assert await stages.begin("anna", first, 1)
    plan = (await stages.stage(first)).plan
    shown = [Entry(1, Micros(5), "anna", StageBegun(plan)), Entry(2, Micros(6), "anna", RoundBegun(1))]
    await stages.record(first, [*map(kept, shown), kept(Entry(3, Micros(7), "anna", QuestionShown(1)), text=TEXT)])
    async with office.database.connection() as connection:
        assert await connection.fetchval("select state from question_version where id = $1", version) == "locked"
    assert await stages.shown_before(second) == [1]
    assert await stages.shown_before(first) == []
    with pytest.raises(TooFewQuestions):
        await stages.create_stage("anna", named)
    # The other question of the first stage was not shown: it may still be asked for.
    assert await stages.replan("anna", second, 1, wanted(RoundWanted(RoundKind.BUZZER, "抢答题", (other,))))
    assert await stages.shown_before(second) == []
    async with office.database.connection() as connection:
        usable = await connection.fetchval("select count(*) from usable_version")
    with pytest.raises(TooFewQuestions):
        await stages.create_stage("anna", wanted(RoundWanted(RoundKind.BUZZER, "抢答题", draw=usable)))


async def test_a_plan_is_changed_by_whoever_saw_the_newest_until_the_stage_begins(office: Stores) -> None:
    stages = PostgresStages(office.database)
    asked = wanted(RoundWanted(RoundKind.BUZZER, "抢答题", draw=2))
    stage_id = await stages.create_stage("anna", asked)
    assert await stages.wanted(stage_id) == (1, asked)
    await stages.set_codes("anna", stage_id, {team: bytes([team + 1]) * 32 for team in range(3)})
    longer = replace(asked, rounds=(*asked.rounds, RoundWanted(RoundKind.REQUIRED, "必答题", draw=3)))
    tries = await asyncio.gather(*(stages.replan("anna", stage_id, 1, longer) for _ in range(3)))
    assert sorted(tries) == [False, False, True]
    assert await stages.wanted(stage_id) == (2, longer)
    file = await stages.stage(stage_id)
    assert ([one.questions for one in file.plan.rounds], len(file.questions), file.edition) == ([2, 3], 5, 2)
    assert await stages.seat_of(bytes([2]) * 32) is not None, "the teams are the same"
    renamed = replace(longer, teams=("丙队", "丁队"))
    assert await stages.replan("anna", stage_id, 2, renamed)
    assert await stages.seat_of(bytes([2]) * 32) is None
    with pytest.raises(TooFewQuestions):
        await stages.replan("anna", stage_id, 3, wanted(RoundWanted(RoundKind.BUZZER, "抢答题", draw=999)))
    assert await stages.wanted(stage_id) == (3, renamed)
    with pytest.raises(KeyError):
        await stages.replan("anna", stage_id + 1, 1, asked)
    assert await stages.begin("anna", stage_id, 3)
    assert not await stages.replan("anna", stage_id, 3, asked)
