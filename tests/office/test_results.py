"""Results from the record: equal to the live ledger byte for byte, and published in their time with their reasons."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from leitai.live.ports import SessionEvent, SessionFile
from leitai.live.standings import Standings
from leitai.office.awards.published import PublishedAwards
from leitai.office.contests import create_contest_session
from leitai.office.people_ports import Person, RosterLine
from leitai.office.results import NothingThere, NotPublished, Results, recompute
from leitai.office.session_ports import SessionSettings
from leitai.office.standings import ITEM_CLOSED
from leitai.rules.rights import NO_DELEGATION, Role
from leitai.rules.timeline import windows
from leitai.rules.values import (
    Answer,
    AnswerStatus,
    Counted,
    DelegationCode,
    Micros,
    Pacing,
    PaperItem,
    Phase,
    QuestionType,
    Response,
    SessionId,
    SittingId,
    Window,
)
from leitai.stores.postgres.awards_store import PostgresAwards
from leitai.stores.postgres.office_store import PostgresOffice
from tests.support.awarded import OP, SECOND, publish_list
from tests.support.office import START_US, Stores, batch, small_session, stores_at

STREAMED = SessionSettings("在线比试", START_US, START_US)
PAPER = SessionSettings(
    "整卷", START_US, START_US, Pacing.PAPER, Counted.LAST, duration_us=Micros(600_000_000), shards=2
)


@pytest.fixture
async def stores(database: str) -> AsyncIterator[Stores]:
    async with stores_at(database) as opened:
        yield opened


def random_response(pick: random.Random, item: PaperItem) -> Response:
    if pick.random() < 0.1:
        return ()
    if item.type is QuestionType.FILL_IN:
        return tuple(pick.choice([*blank, "不知道"]) for blank in item.key.blanks)
    if pick.random() < 0.5:
        return tuple(sorted(item.key.options))
    some = 1 if item.type in (QuestionType.SINGLE, QuestionType.TRUE_FALSE) else pick.randint(1, len(item.option_ids))
    return tuple(sorted(pick.sample(item.option_ids, some)))


def random_answers(pick: random.Random, file: SessionFile, spans: Sequence[Window]) -> list[Answer]:
    """Answers in order of their offsets; some late, some early, some to the same item again."""
    made: list[Answer] = []
    for item, window in zip(file.plan.items, spans, strict=True):
        for member in file.members:
            for _ in range(pick.choice([0, 1, 1, 1, 2, 3])):
                status = pick.choices(list(AnswerStatus), [8, 1, 1])[0]
                made.append(
                    Answer(
                        member.sitting_id,
                        item.item_no,
                        len(made) + 1,
                        random_response(pick, item),
                        Micros(window.opens_at_us + pick.randrange(10_000_000)),
                        Micros(pick.randrange(3) * 1_000_000),
                        pick.random() < 0.1,
                        len(made) + 1,
                        status,
                    )
                )
    return made


async def played(
    stores: Stores, settings: SessionSettings, seed: int, spans: Sequence[Window] | None = None
) -> tuple[SessionFile, list[Answer]]:
    """A session with random answers on record, still scheduled."""
    created = await small_session(stores, settings=settings, items=12, per_delegation=6)
    file = await stores.archive.load_session(created.session_id)
    pick = random.Random(seed)
    answers = random_answers(pick, file, spans or windows(file.plan, file.start_us))
    for shard in range(file.shards):
        own = [answer for answer in answers if answer.sitting_id % file.shards == shard]
        pick.shuffle(own)
        await stores.archive.record_answers(file.session_id, shard, "1-1", own)
    return file, answers


def live(file: SessionFile, answers: Sequence[Answer], spans: Sequence[Window]) -> bytes:
    standings = Standings(file)
    for answer in answers[: len(answers) // 2]:
        standings.record(answer)
    for window in spans:
        standings.close(window)
    for answer in answers[len(answers) // 2 :]:
        standings.record(answer)
    return standings.canonical()


@pytest.mark.parametrize("settings", [STREAMED, PAPER], ids=["streamed", "paper"])
@pytest.mark.parametrize("seed", range(4))
async def test_a_recomputation_equals_the_live_standings(stores: Stores, settings: SessionSettings, seed: int) -> None:
    file, answers = await played(stores, settings, seed)
    await stores.archive.save_phase(file.session_id, Phase.CLOSED, file.start_us)
    expected = live(file, answers, windows(file.plan, file.start_us))
    assert await recompute(stores.office, file.session_id) == expected
    assert await Results(stores.office).standings(file.session_id) == expected
    assert max(one["centipoints"] for one in json.loads(expected)["individuals"]) > 0


async def test_logged_closings_go_before_the_plan(stores: Stores) -> None:
    file, answers = await played(stores, STREAMED, 9)
    spans = [
        Window(window.item_no, window.opens_at_us, Micros(window.closes_at_us + 7_000_000))
        for window in windows(file.plan, file.start_us)
    ]
    events = [
        SessionEvent(span.closes_at_us, ITEM_CLOSED, f"{span.item_no} {span.opens_at_us} {span.closes_at_us}")
        for span in [*spans[:5], *spans]
    ]
    await stores.archive.record_events(file.session_id, "5-0", events)
    assert await recompute(stores.office, file.session_id) == live(file, answers, spans)


async def test_what_never_opened_counts_for_nobody(stores: Stores) -> None:
    file, answers = await played(stores, STREAMED, 9)
    spans = windows(file.plan, file.start_us)[:4]
    events = [
        SessionEvent(span.closes_at_us, ITEM_CLOSED, f"{span.item_no} {span.opens_at_us} {span.closes_at_us}")
        for span in spans
    ]
    await stores.archive.record_events(file.session_id, "4-0", events)
    await stores.archive.save_phase(file.session_id, Phase.UNDER_REVIEW, file.start_us)
    assert await recompute(stores.office, file.session_id) == live(file, answers, spans)


async def test_while_nothing_is_closed_nothing_is_scored(stores: Stores) -> None:
    file, answers = await played(stores, STREAMED, 2)
    assert await recompute(stores.office, file.session_id) == live(file, answers, [])


async def test_nobody(stores: Stores) -> None:
    with pytest.raises(KeyError):
        await recompute(stores.office, SessionId(404))
    with pytest.raises(NothingThere):
        await Results(stores.office).own(SessionId(404), SittingId(1))


async def test_nothing_is_published_while_the_board_is_frozen(stores: Stores) -> None:
    file, _ = await played(stores, STREAMED, 3)
    session_id, sitting_id = file.session_id, file.members[0].sitting_id
    results = Results(stores.office, believed_s=0)
    for phase in (Phase.CLOSED, Phase.UNDER_REVIEW, Phase.FINALIZED):
        await stores.archive.save_phase(session_id, phase, file.start_us, Micros(file.start_us + 5))
        for asked in (results.own(session_id, sitting_id), results.standings(session_id)):
            with pytest.raises(NotPublished):
                await asked
    await stores.archive.save_phase(session_id, Phase.FINALIZED, file.start_us)
    assert await results.own(session_id, sitting_id)
    assert await results.standings(session_id)


async def test_each_result_has_its_time(stores: Stores) -> None:
    file, _ = await played(stores, STREAMED, 3)
    results = Results(stores.office, believed_s=0)
    sitting_id = file.members[0].sitting_id
    for phase in Phase:
        await stores.archive.save_phase(file.session_id, phase, file.start_us)
        over = phase in (Phase.CLOSED, Phase.UNDER_REVIEW, Phase.FINALIZED)
        if over:
            assert await results.own(file.session_id, sitting_id)
        else:
            with pytest.raises(NotPublished):
                await results.own(file.session_id, sitting_id)


async def test_an_own_result_adds_up(stores: Stores) -> None:
    file, answers = await played(stores, STREAMED, 4)
    await stores.archive.save_phase(file.session_id, Phase.CLOSED, file.start_us)
    results = Results(stores.office, believed_s=0)
    standings = json.loads(await results.standings(file.session_id))["individuals"]
    for member in file.members[:6]:
        own = json.loads(await results.own(file.session_id, member.sitting_id))
        (standing,) = (one for one in standings if one["sitting_id"] == member.sitting_id)
        assert (own["name"], own["delegation"], own["of"]) == (member.name, member.delegation, len(file.members))
        assert own["rank"] == standing["rank"]
        assert own["centipoints"] == standing["centipoints"] == sum(item["centipoints"] for item in own["items"])
        assert [item["item"] for item in own["items"]] == [item.item_no for item in file.plan.items]
        for item in own["items"]:
            given = [one for one in answers if (one.sitting_id, one.item_no) == (member.sitting_id, item["item"])]
            assert item["status"] in ("", "accepted", "late", "early")
            assert (item["status"] == "") == (not given)
            assert item["key"]
            assert item["explanation"]
            if item["status"] != "accepted":
                assert item["centipoints"] == 0
    with pytest.raises(NothingThere):
        await results.own(file.session_id, SittingId(10**6))


async def test_kept_standings_follow_what_is_recorded_later(stores: Stores) -> None:
    file, answers = await played(stores, STREAMED, 5)
    await stores.archive.save_phase(file.session_id, Phase.CLOSED, file.start_us)
    results = Results(stores.office, believed_s=0)
    before = await results.standings(file.session_id)
    item = file.plan.items[0]
    member = next(
        member
        for member in file.members
        if not any((one.sitting_id, one.item_no) == (member.sitting_id, item.item_no) for one in answers)
    )
    right = tuple(sorted(item.key.options))
    offset = len(answers) + 1
    late = Answer(
        member.sitting_id, item.item_no, offset, right, START_US, Micros(5), False, offset, AnswerStatus.ACCEPTED
    )
    await stores.archive.record_answers(file.session_id, 0, "2-0", [late])
    assert await results.standings(file.session_id) != before


async def test_when_everybody_asks_at_once_the_store_is_asked_once(stores: Stores) -> None:
    file, _ = await played(stores, STREAMED, 5)
    await stores.archive.save_phase(file.session_id, Phase.CLOSED, file.start_us)
    results = Results(stores.office, believed_s=60)
    connection, lent = stores.database.connection, 0

    def counted() -> Any:
        nonlocal lent
        lent += 1
        return connection()

    stores.database.connection = counted
    own = [results.own(file.session_id, member.sitting_id) for member in file.members]
    bodies = await asyncio.gather(*own)
    assert {json.loads(body)["name"] for body in bodies} == {member.name for member in file.members}
    once = lent
    await asyncio.gather(*(results.own(file.session_id, member.sitting_id) for member in file.members))
    assert 0 < once < 12
    assert lent == once


async def test_the_cascade_is_published_with_its_reasons_once_two_persons_do(stores: Stores) -> None:
    created = await small_session(stores, items=10, per_delegation=5)
    file = await stores.archive.load_session(created.session_id)
    answers: list[Answer] = []
    for place, member in enumerate(file.members):
        for item in file.plan.items[: len(file.plan.items) - place % 5]:
            right = tuple(blank[0] for blank in item.key.blanks) or tuple(sorted(item.key.options))
            offset = len(answers) + 1
            answers.append(
                Answer(
                    member.sitting_id,
                    item.item_no,
                    offset,
                    right,
                    START_US,
                    Micros(1_000_000 + place),
                    False,
                    offset,
                    AnswerStatus.ACCEPTED,
                )
            )
    await stores.archive.record_answers(file.session_id, 0, "1-0", answers)
    await stores.archive.save_phase(file.session_id, Phase.FINALIZED, file.start_us)
    published = PublishedAwards(stores.office, PostgresAwards(stores.database))
    with pytest.raises(NothingThere):
        await published.body(SessionId(404))
    with pytest.raises(NotPublished):
        await published.body(file.session_id)
    for login in (OP, SECOND):
        await stores.office.add_staff(login, login, frozenset({Role.OPERATOR}), NO_DELEGATION, "tests")
    await publish_list(stores.database, stores.office, file.session_id, OP, SECOND)
    awards = json.loads(await published.body(file.session_id))
    assert len(awards["knowledge"]) == 15
    assert [award["rank"] for award in awards["knowledge"]] == list(range(1, 16))
    assert {award["reason"] for award in awards["knowledge"]} == {"national_place"}
    assert awards["stars"] == []
    assert [(team["prize"], team["rank"]) for team in awards["teams"]] == [
        ("team_grand", 1),
        ("team_first", 2),
        ("team_first", 3),
    ]
    assert awards["teams"][0]["name"] in ("北京市", "新疆维吾尔自治区", "新疆生产建设兵团")
    assert {shortfall["kind"] for shortfall in awards["shortfalls"]} >= {"knowledge", "star"}
    assert awards["ties"] == []


async def test_the_struck_off_have_no_place(stores: Stores) -> None:
    created = await small_session(stores, per_delegation=2)
    office: PostgresOffice = stores.office
    contest_id = await office.create_contest("另一比赛", "组委会", 2022)
    beijing = DelegationCode("110000")
    roster = await office.import_roster(
        contest_id,
        batch("roster"),
        [
            RosterLine(1, "named", Person(beijing, "甲", "局", 1, 100_000)),
            RosterLine(2, "drawn", Person(beijing, "乙", "局", 0, 100_000)),
        ],
    )
    again = await create_contest_session(office, stores.codes, contest_id, 1, STREAMED, roster)
    assert created.session_id != again.session_id
    assert [seat.struck for seat in again.seats] == [False, True]
    file = await stores.archive.load_session(again.session_id)
    await stores.archive.save_phase(again.session_id, Phase.CLOSED, START_US)
    results = Results(office)
    own = json.loads(await results.own(again.session_id, file.members[1].sitting_id))
    assert (own["rank"], own["of"], own["centipoints"]) == (0, 1, 0)
    eligibility = json.loads(await results.eligibility(again.session_id, beijing))
    assert [(row["name"], row["eligible"]) for row in eligibility["rows"]] == [("甲", True), ("乙", False)]
    failed = [rule for rule in eligibility["rows"][1]["rules"] if not rule["passed"]]
    assert failed == [{"code": "daily_star", "passed": False, "evidence": "0 次"}]
    with pytest.raises(NothingThere):
        await results.draw(again.session_id, beijing)
