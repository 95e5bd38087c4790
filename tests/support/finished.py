"""A small contest that is over, with all that results depend on: answers in time and late, closings, rulings, marks,
appeals; made in the record without playing it.
"""

import random
from dataclasses import replace

from leitai.live.ports import SessionEvent, SessionFile
from leitai.office import papers
from leitai.office.bank import MODULES, Question
from leitai.office.contests import create_contest_session
from leitai.office.session_ports import SessionSettings
from leitai.office.standings import ITEM_CLOSED
from leitai.rules.appeals import Appeal
from leitai.rules.decisions import Decision
from leitai.rules.effects import AdjustJudgement, Compensate, Effect, Scope, ScopeKind, StrikeOff, VoidItem
from leitai.rules.markings import Mark
from leitai.rules.rights import NO_DELEGATION, Role
from leitai.rules.rulings import ActKind, Ruling, RulingAct
from leitai.rules.timeline import windows
from leitai.rules.values import (
    ActorId,
    Answer,
    AnswerStatus,
    ItemNo,
    Key,
    Micros,
    PaperItem,
    Phase,
    QuestionType,
    Response,
    SessionId,
)
from tests.support.office import START_US, Stores, batch, people, questions

ANNA, BO = ActorId("anna"), ActorId("bo")
FORMULAS = ("=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)")
"""Names of the last contestants: what a spreadsheet would compute or run."""
STREAMED = SessionSettings("在线比试", START_US, START_US)


def response_to(pick: random.Random, item: PaperItem) -> Response:
    """A response of a contestant who knows half."""
    if item.type is QuestionType.SHORT_ANSWER:
        return ("用人单位应当在三十日内申请。",)
    if item.type is QuestionType.FILL_IN:
        return tuple(pick.choice([*blank, "不知道"]) for blank in item.key.blanks)
    if pick.random() < 0.5:
        return tuple(sorted(item.key.options))
    some = 1 if item.type in (QuestionType.SINGLE, QuestionType.TRUE_FALSE) else pick.randint(1, len(item.option_ids))
    return tuple(sorted(pick.sample(item.option_ids, some)))


async def finished_contest(
    stores: Stores, *, per_delegation: int = 4, items: int = 9, phase: Phase = Phase.FINALIZED, seed: int = 5
) -> SessionFile:
    """Returns the session: `items` and a short answer; item 1 is void, a contestant has adjusted points, a delegation
    has time compensation, somebody is struck off."""
    office, pick = stores.office, random.Random(seed)
    asked = Question(
        QuestionType.SHORT_ANSWER,
        "简述工伤认定的申请时限。",
        (),
        Key(blanks=(("三十日。",),)),
        "见条例。",
        3,
        MODULES[2],
        "",
    )
    await office.import_bank(batch("bank"), [*questions(), asked])
    mix = {**papers.share_out(items, papers.STANDARD_MIX), QuestionType.SHORT_ANSWER: 1}
    lines = papers.assemble(await office.bank(), mix, "seed")
    paper_id = await office.create_paper("试卷", "seed", lines)
    contest_id = await office.create_contest("业务技能练兵比武", "组委会", 2022)
    lined = people(per_delegation)
    for place, name in enumerate(FORMULAS):
        at = len(lined) - len(FORMULAS) + place
        lined[at] = replace(lined[at], person=replace(lined[at].person, name=name, unit=f"={name}"))
    roster = await office.import_roster(contest_id, batch("roster"), lined)
    created = await create_contest_session(office, stores.codes, contest_id, paper_id, STREAMED, roster)
    file = await stores.archive.load_session(created.session_id)
    spans = windows(file.plan, file.start_us)
    answers: list[Answer] = []
    for item, window in zip(file.plan.items, spans, strict=True):
        for place, member in enumerate(file.members):
            if place == 2 or pick.random() < 0.1:
                continue
            late = pick.random() < 0.1
            offset = len(answers) + 1
            used = pick.randrange(1_000_000, 14_000_000)
            stamp = Micros(window.closes_at_us + 500_000 if late else window.opens_at_us + used)
            status = AnswerStatus.LATE if late else AnswerStatus.ACCEPTED
            given = response_to(pick, item)
            answers.append(
                Answer(member.sitting_id, item.item_no, offset, given, stamp, Micros(used), late, offset, status)
            )
    await stores.archive.record_answers(file.session_id, 0, "1-1", answers)
    closings = [
        SessionEvent(one.closes_at_us, ITEM_CLOSED, f"{one.item_no} {one.opens_at_us} {one.closes_at_us}")
        for one in spans
    ]
    await stores.archive.record_events(file.session_id, "9-0", closings)
    await stores.archive.save_phase(file.session_id, Phase.UNDER_REVIEW, file.start_us)
    for login in (ANNA, BO):
        await office.add_staff(login, login, frozenset({Role.JUDGE}), NO_DELEGATION, "tests")
    first = file.members[0]
    await ruled(stores, file.session_id, VoidItem(ItemNo(1)))
    await ruled(stores, file.session_id, AdjustJudgement(first.sitting_id, ItemNo(2), 50))
    scope = Scope(ScopeKind.DELEGATION, delegation=first.delegation)
    await ruled(stores, file.session_id, Compensate(scope, Micros(1_000_000), ItemNo(3)))
    await ruled(stores, file.session_id, StrikeOff(file.members[1].sitting_id))
    await ruled(stores, file.session_id, VoidItem(ItemNo(4)), approved=False)
    full = next(one for one in file.plan.items if one.type is QuestionType.SHORT_ANSWER).centipoints
    for answer in answers:
        if file.plan.items[answer.item_no - 1].type is QuestionType.SHORT_ANSWER:
            given = pick.randrange(full + 1)
            for no, judge in enumerate((ANNA, BO), start=1):
                place = (answer.sitting_id, answer.item_no, answer.offset)
                await office.add_mark(file.session_id, place, no, Mark(judge, (given,), Micros(START_US + no)))
    filed = await office.add_appeal(file.session_id, Appeal(0, first.sitting_id, ItemNo(2), "请复核本题。", START_US))
    await office.add_decision(replace(filed, decision=Decision(BO, Micros(START_US + 9), "见裁决。", 2)))
    await stores.archive.save_phase(file.session_id, phase, file.start_us)
    return file


async def ruled(stores: Stores, session_id: SessionId, effect: Effect, *, approved: bool = True) -> Ruling:
    """A ruling on record."""
    proposed = RulingAct(ActKind.PROPOSE, ANNA, Micros(START_US + 10), "题目有误")
    ruling = await stores.office.add_ruling(session_id, Ruling(0, effect, "教材第 3 页", (proposed,)))
    kind, reason = (ActKind.APPROVE, "") if approved else (ActKind.DECLINE, "不采纳")
    ruling = replace(ruling, acts=(proposed, RulingAct(kind, BO, Micros(START_US + 20 + ruling.ruling_id), reason)))
    await stores.office.add_act(ruling)
    return ruling
