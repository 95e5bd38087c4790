"""The judges' desk over a real record: what is ruled is what is published, and what is refused is in the audit."""

import json
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from leitai.live.ports import SessionFile
from leitai.live.restoring import Strays
from leitai.office import papers
from leitai.office.bank import MODULES, Question
from leitai.office.contests import create_contest_session
from leitai.office.judging import Desk, judge_of
from leitai.office.results import Results, recompute
from leitai.office.session_ports import SessionSettings
from leitai.rules.appeals import AppealRefused, AppealState
from leitai.rules.effects import AdjustJudgement, ChangeKey, CreditItem, StrikeOff, VoidItem
from leitai.rules.finalizing import BlockerCode
from leitai.rules.markings import MarkingState, MarkRefused, Progress, place_of
from leitai.rules.receipts import ReceiptFault, ReceiptRefused
from leitai.rules.rights import NO_DELEGATION, Role
from leitai.rules.rulings import ActKind, Judge, Ruling, RulingRefused, RulingState
from leitai.rules.timeline import ends_at, windows
from leitai.rules.values import (
    ActorId,
    Answer,
    AnswerStatus,
    DelegationCode,
    ItemNo,
    Key,
    Micros,
    Phase,
    QuestionType,
    SittingId,
)
from leitai.wire.messages import AckStatus, Receipted
from tests.support.office import START_US, Stores, batch, people, small_session, stores_at

HOUR = 3_600_000_000


@dataclass(frozen=True)
class Court:
    stores: Stores
    desk: Desk
    file: SessionFile
    over_us: Micros
    anna: Judge
    bo: Judge
    local: Judge


@pytest.fixture
async def court(database: str) -> AsyncIterator[Court]:
    """A session that is over, with an answer of everyone to every item; half of them are A."""
    async with stores_at(database) as stores:
        created = await small_session(stores, settings=SessionSettings("在线比试", START_US, START_US))
        file = await stores.archive.load_session(created.session_id)
        spans = windows(file.plan, file.start_us)
        answers = [
            Answer(
                member.sitting_id,
                item.item_no,
                place,
                ("A",) if item.type is QuestionType.SINGLE and (place + member.sitting_id) % 2 else (),
                Micros(window.opens_at_us + 1),
                Micros(1000 + member.sitting_id),
                False,
                place * 100 + member.sitting_id,
                AnswerStatus.ACCEPTED,
            )
            for place, (item, window) in enumerate(zip(file.plan.items, spans, strict=True), start=1)
            for member in file.members
        ]
        await stores.archive.record_answers(file.session_id, 0, "1-1", answers)
        await stores.archive.save_phase(file.session_id, Phase.UNDER_REVIEW, file.start_us)
        judges: list[Judge] = []
        for login, home in (("anna", NO_DELEGATION), ("bo", NO_DELEGATION), ("local", DelegationCode("110000"))):
            await stores.office.add_staff(login, login, frozenset({Role.JUDGE}), home, "tests")
            account = await stores.office.staff_by_login(login)
            assert account is not None
            judges.append(judge_of(account))
        anna, bo, local = judges
        yield Court(stores, Desk(stores.office), file, ends_at(spans), anna, bo, local)


async def approved(court: Court, effect: AdjustJudgement | ChangeKey | CreditItem | StrikeOff | VoidItem) -> Ruling:
    ruling = await court.desk.propose(court.file.session_id, court.anna, effect, "题目有误", "教材", court.over_us)
    return await court.desk.act(ruling.ruling_id, court.bo, ActKind.APPROVE, court.over_us, version=1)


async def own(court: Court, sitting_id: SittingId) -> dict[str, object]:
    return json.loads(await Results(court.stores.office).own(court.file.session_id, sitting_id))


async def audited(court: Court) -> list[tuple[str, str]]:
    async with court.stores.database.connection() as connection:
        return [
            tuple(row)
            for row in await connection.fetch(
                "select actor, action from audit where actor <> 'tests' and subject not like 'paper %' order by no"
            )
        ]


async def test_a_ruling_changes_what_is_published_and_its_withdrawal_changes_it_back(court: Court) -> None:
    before = await recompute(court.stores.office, court.file.session_id)
    item_no = next(item.item_no for item in court.file.plan.items if item.type is QuestionType.SINGLE)
    sitting_id = court.file.members[0].sitting_id
    was = await own(court, sitting_id)
    ruling = await approved(court, CreditItem(item_no))
    assert ruling.state is RulingState.IN_FORCE
    after = await recompute(court.stores.office, court.file.session_id)
    assert after != before
    now = await own(court, sitting_id)
    assert isinstance(now["items"], list)
    assert now["centipoints"] == sum(item["centipoints"] for item in now["items"])
    assert now["items"][item_no - 1]["centipoints"] == now["items"][item_no - 1]["full_centipoints"]
    asked = await court.desk.act(
        ruling.ruling_id, court.bo, ActKind.PROPOSE_WITHDRAWAL, court.over_us, version=2, reason="复核"
    )
    assert await recompute(court.stores.office, court.file.session_id) == after
    await court.desk.act(ruling.ruling_id, court.anna, ActKind.APPROVE_WITHDRAWAL, court.over_us, version=asked.version)
    assert await recompute(court.stores.office, court.file.session_id) == before
    assert await own(court, sitting_id) == was


async def test_own_results_add_up_under_every_ruling(court: Court) -> None:
    pick = random.Random(3)
    singles = [item.item_no for item in court.file.plan.items if item.type is QuestionType.SINGLE]
    struck = court.file.members[1].sitting_id
    await approved(court, VoidItem(singles[0]))
    await approved(court, ChangeKey(singles[1], Key(frozenset("A"))))
    await approved(court, AdjustJudgement(court.file.members[2].sitting_id, singles[2], 40))
    await approved(court, StrikeOff(struck))
    for member in pick.sample(court.file.members, 5):
        result = await own(court, member.sitting_id)
        assert isinstance(result["items"], list)
        assert result["centipoints"] == sum(item["centipoints"] for item in result["items"])
    assert (await own(court, struck))["rank"] == 0
    assert (await own(court, court.file.members[2].sitting_id))["items"][singles[2] - 1]["centipoints"] == 40  # pyright: ignore[reportIndexIssue, reportUnknownVariableType]


async def test_the_preview_is_what_the_approval_brings(court: Court) -> None:
    effect = CreditItem(next(item.item_no for item in court.file.plan.items if item.type is QuestionType.SINGLE))
    seen = await court.desk.preview_effect(court.file.session_id, court.anna, effect, court.over_us)
    assert seen.gain
    ruling = await court.desk.propose(court.file.session_id, court.anna, effect, "有误", "教材", court.over_us)
    assert await court.desk.preview(ruling.ruling_id, court.over_us) == seen
    await court.desk.act(ruling.ruling_id, court.bo, ActKind.APPROVE, court.over_us, version=1)
    done = await court.desk.preview(ruling.ruling_id, court.over_us)
    assert (done.gain, done.lose, done.ranks, done.crossings) == ((), (), (), ())
    for shift in seen.gain:
        assert shift.after is not None
        assert (await own(court, shift.sitting_id))["centipoints"] == shift.after.score.centipoints


async def test_what_judges_look_at_follows_the_record(court: Court) -> None:
    session_id = court.file.session_id
    singles = [item for item in court.file.plan.items if item.type is QuestionType.SINGLE]
    effect = ChangeKey(singles[0].item_no, Key(frozenset("B")))

    async def seen_afresh() -> object:
        kept = await court.desk.preview_effect(session_id, court.anna, effect, court.over_us)
        assert kept == await Desk(court.stores.office).preview_effect(session_id, court.anna, effect, court.over_us)
        return kept

    def late(sitting: int, offset: int) -> Answer:
        sitting_id, at_us = court.file.members[sitting].sitting_id, Micros(START_US + 1)
        item_no = singles[0].item_no
        return Answer(sitting_id, item_no, 500, ("B",), at_us, Micros(9), False, offset, AnswerStatus.ACCEPTED)

    first = await seen_afresh()
    # One beyond all that was seen, then one that a loss had taken out and that comes back in its old place.
    await court.stores.archive.record_answers(session_id, 0, "2-1", [late(0, 9_000)])
    assert await seen_afresh() == first
    await court.stores.archive.record_answers(session_id, 0, "3-1", [late(1, 1)])
    second = await seen_afresh()
    assert second != first
    ruling = await approved(court, CreditItem(singles[1].item_no))
    third = await seen_afresh()
    assert third != second
    act = court.desk.act
    await act(ruling.ruling_id, court.bo, ActKind.PROPOSE_WITHDRAWAL, court.over_us, version=2, reason="复核")
    await act(ruling.ruling_id, court.anna, ActKind.APPROVE_WITHDRAWAL, court.over_us, version=3)
    assert await seen_afresh() == second


async def test_what_is_refused_is_in_the_audit(court: Court) -> None:
    session_id, at_us = court.file.session_id, court.over_us
    home = next(member for member in court.file.members if member.delegation == court.local.delegation)
    with pytest.raises(RulingRefused, match="ruling-conflict-of-interest"):
        await court.desk.propose(session_id, court.local, StrikeOff(home.sitting_id), "违纪", "录像", at_us)
    ruling = await court.desk.propose(session_id, court.anna, VoidItem(ItemNo(1)), "有误", "教材", at_us)
    with pytest.raises(RulingRefused, match="ruling-self-approval"):
        await court.desk.act(ruling.ruling_id, court.anna, ActKind.APPROVE, at_us, version=1)
    with pytest.raises(RulingRefused, match="ruling-stale"):
        await court.desk.act(ruling.ruling_id, court.bo, ActKind.APPROVE, at_us, version=7)
    await court.stores.archive.save_phase(session_id, Phase.FINALIZED, START_US)
    with pytest.raises(RulingRefused, match="session-finalized"):
        await court.desk.act(ruling.ruling_id, court.bo, ActKind.APPROVE, at_us, version=1)
    assert await audited(court) == [
        ("local", "refused-propose"),
        ("anna", "propose"),
        ("anna", "refused-approve"),
        ("bo", "refused-approve"),
        ("bo", "refused-approve"),
    ]
    assert await court.stores.office.audit_break() is None


async def test_an_appeal_from_filing_to_decision(court: Court) -> None:
    session_id, sitting_id = court.file.session_id, court.file.members[0].sitting_id
    with pytest.raises(AppealRefused, match="appeal-not-open"):
        await court.desk.file_appeal(session_id, sitting_id, ItemNo(1), "有歧义", Micros(court.over_us - 1))
    appeal = await court.desk.file_appeal(session_id, sitting_id, ItemNo(1), "有歧义", court.over_us)
    with pytest.raises(AppealRefused, match="appeal-repeated"):
        await court.desk.file_appeal(session_id, sitting_id, ItemNo(1), "再诉", court.over_us)
    with pytest.raises(AppealRefused, match="appeal-too-late"):
        await court.desk.file_appeal(session_id, sitting_id, ItemNo(2), "有歧义", Micros(court.over_us + 2 * HOUR))
    with pytest.raises(KeyError):
        await court.desk.file_appeal(session_id, SittingId(404), ItemNo(1), "有歧义", court.over_us)
    half = await court.desk.propose(session_id, court.anna, VoidItem(ItemNo(1)), "有误", "教材", court.over_us)
    with pytest.raises(AppealRefused, match="appeal-ruling-not-in-force"):
        await court.desk.decide_appeal(appeal.appeal_id, court.bo, court.over_us, "见裁决", half.ruling_id)
    await court.desk.act(half.ruling_id, court.bo, ActKind.APPROVE, court.over_us, version=1)
    decided = await court.desk.decide_appeal(appeal.appeal_id, court.bo, court.over_us, "见裁决", half.ruling_id)
    assert decided.state is AppealState.UPHELD
    assert await court.stores.office.appeals(session_id, sitting_id) == [decided]


async def test_what_keeps_a_session_from_being_final(court: Court) -> None:
    session_id, sitting_id = court.file.session_id, court.file.members[0].sitting_id
    late = Micros(court.over_us + 2 * HOUR)
    assert await court.desk.blockers(session_id, late) == ()
    assert [one.code for one in await court.desk.blockers(session_id, court.over_us)] == [BlockerCode.APPEALS_OPEN]
    ruling = await court.desk.propose(session_id, court.anna, VoidItem(ItemNo(1)), "有误", "教材", court.over_us)
    appeal = await court.desk.file_appeal(session_id, sitting_id, None, "断网", court.over_us)
    told = Receipted(1, 500, ["B"], AckStatus.ACCEPTED, court.over_us, 1, 9, bytes(16))
    event = Strays().event(sitting_id, told, ReceiptFault.UNPROVEN, late)
    assert event is not None
    await court.stores.archive.record_events(session_id, "1-1", [event])
    found = await court.desk.blockers(session_id, late, accepted=123)
    assert [(one.code, one.subjects) for one in found] == [
        (BlockerCode.UNRECORDED, ()),
        (BlockerCode.RECEIPT, (sitting_id,)),
        (BlockerCode.APPEAL, (appeal.appeal_id,)),
        (BlockerCode.RULING, (ruling.ruling_id,)),
    ]
    (stray,) = await court.stores.office.stray_receipts(session_id)
    with pytest.raises(ReceiptRefused, match="receipt-ruling-not-in-force"):
        await court.desk.decide_receipt(stray.receipt_id, court.anna, late, "见裁决", ruling.ruling_id)
    await court.desk.decide_receipt(stray.receipt_id, court.anna, late, "签名不符")
    assert BlockerCode.RECEIPT not in [one.code for one in await court.desk.blockers(session_id, late, accepted=123)]
    assert ("anna", "refused-decide-receipt") in await audited(court)


async def test_texts_are_marked_blind_by_two_and_then_counted(court: Court) -> None:
    office, desk = court.stores.office, court.desk
    question = Question(QuestionType.SHORT_ANSWER, "简述时限。", (), Key(blanks=(("三十日",),)), "", 3, MODULES[2], "")
    await office.import_bank(batch("text"), [question])
    lines = papers.assemble(await office.bank(), {QuestionType.SHORT_ANSWER: 1}, "seed")
    paper_id = await office.create_paper("文字题", "seed", lines)
    contest_id = await office.create_contest("比武", "组委会", 2023)
    roster = await office.import_roster(contest_id, batch("roster"), people(1))
    created = await create_contest_session(
        office, court.stores.codes, contest_id, paper_id, SessionSettings("文字题", START_US, START_US), roster
    )
    session_id = created.session_id
    file = await court.stores.archive.load_session(session_id)
    texts = [
        Answer(one.sitting_id, ItemNo(1), 1, ("三十日内申请。",), START_US, Micros(5), False, no, AnswerStatus.ACCEPTED)
        for no, one in enumerate(file.members, start=1)
    ]
    await court.stores.archive.record_answers(session_id, 0, "1-1", texts)
    await court.stores.archive.save_phase(session_id, Phase.UNDER_REVIEW, file.start_us)
    late = Micros(START_US + 3 * HOUR)
    (blocker,) = await desk.blockers(session_id, late)
    assert (blocker.code, blocker.count, blocker.subjects) == (BlockerCode.UNMARKED, 3, (1,))

    homes = {member.sitting_id: member.delegation for member in file.members}
    seen = (await desk.queue(session_id, court.local)).answers
    assert {homes[answer.sitting_id] for answer in seen} == set(homes.values()) - {court.local.delegation}
    for answer in (await desk.queue(session_id, court.anna)).answers:
        assert await desk.mark(session_id, place_of(answer), court.anna, (400,), late) is MarkingState.ONE
    assert (await desk.queue(session_id, court.anna)).answers == ()
    first, second, third = (await desk.queue(session_id, court.bo)).answers
    assert await desk.mark(session_id, place_of(first), court.bo, (500,), late) is MarkingState.SETTLED
    assert await desk.mark(session_id, place_of(second), court.bo, (400,), late) is MarkingState.SETTLED
    assert await desk.mark(session_id, place_of(third), court.bo, (0,), late) is MarkingState.DIFFERING
    queue = await desk.queue(session_id, court.bo)
    assert queue.answers == ()
    assert queue.progress == {1: Progress(differing=1, settled=2)}
    with pytest.raises(MarkRefused, match="mark-twice"):
        await desk.mark(session_id, place_of(third), court.bo, (0,), late)
    with pytest.raises(KeyError):
        await desk.mark(session_id, (third.sitting_id, ItemNo(1), 99), court.bo, (0,), late)
    chen = Judge(ActorId("chen"))
    await office.add_staff("chen", "chen", frozenset({Role.JUDGE}), NO_DELEGATION, "tests")
    assert await desk.mark(session_id, place_of(third), chen, (300,), late) is MarkingState.SETTLED
    assert await desk.blockers(session_id, late) == ()
    results = Results(office)
    points = {one: json.loads(await results.own(session_id, one))["centipoints"] for one in homes}
    assert points == {first.sitting_id: 450, second.sitting_id: 400, third.sitting_id: 350}
