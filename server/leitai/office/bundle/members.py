"""A session's record as members of a bundle, and back.

`read_record` gives what `office.standings.compute` computes from; `computed` are the members that follow from it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import msgspec

from leitai.office.bundle import corrected
from leitai.office.bundle.corrected import PutRight
from leitai.office.people_ports import DelegationName
from leitai.office.session_ports import Contest, LoggedEvent, SessionRecord
from leitai.office.standings import ITEM_CLOSED, Outcome, closed_windows, compute
from leitai.rules.accounts import ItemAccount, Verdict, accounts
from leitai.rules.appeals import Appeal
from leitai.rules.award_corrections import as_rulings
from leitai.rules.honours import NO_QUOTAS, PLAN_QUOTAS, Quotas
from leitai.rules.markings import DIFFERENCE_PERCENT, Mark, MarkedAnswer, settled
from leitai.rules.outcomes import Awarding
from leitai.rules.prizes import Prize, check_prizes
from leitai.rules.rulings import ActKind, Ruling, RulingAct
from leitai.rules.values import (
    ActorId,
    Answer,
    AnswerStatus,
    Counted,
    DelegationCode,
    ItemNo,
    Key,
    Marking,
    Member,
    Micros,
    Pacing,
    PaperItem,
    Phase,
    Plan,
    QuestionType,
    SessionId,
    SittingId,
)
from leitai.wire.effects import BadEffect, effect_from_builtins, effect_to_builtins
from leitai.wire.messages import ItemContent
from leitai.wire.results_bundle import (
    ANSWER_HEAD,
    BundleAct,
    BundleAnswer,
    BundleAppeal,
    BundleClosing,
    BundleContest,
    BundleCorrections,
    BundleDelegation,
    BundleItem,
    BundleKey,
    BundleMark,
    BundleMarked,
    BundlePrize,
    BundleQuotas,
    BundleRuling,
    BundleSeat,
    BundleSession,
    canonical,
)

T = TypeVar("T")

SESSION, PAPER, ROSTER, ANSWERS = "session.json", "paper.json", "roster.json", "answers.jsonl"
CLOSINGS, RULINGS, MARKS, APPEALS = "closings.json", "rulings.json", "marks.json", "appeals.json"
CORRECTIONS = "corrections.json"
STANDINGS, SCORES, AWARDS, AWARDED = "standings.json", "scores.jsonl", "awards.json", "awarded.json"
GIVEN = (SESSION, PAPER, ROSTER, ANSWERS, CLOSINGS, RULINGS, MARKS, APPEALS, CORRECTIONS)
"""What happened."""
COMPUTED = (STANDINGS, SCORES, AWARDS, AWARDED)
"""What follows from it."""


class Unreadable(Exception):
    """A member is not what the format says; `place` within it as far as it is known."""

    def __init__(self, member: str, place: str) -> None:
        super().__init__(member, place)
        self.member = member
        self.place = place


@dataclass(frozen=True, slots=True)
class Record:
    """All that a session's results follow from, with what names it for people."""

    session: SessionRecord
    delegations: tuple[DelegationName, ...]
    answers: tuple[Answer, ...]
    closings: tuple[LoggedEvent, ...]
    rulings: tuple[Ruling, ...]
    marks: Mapping[MarkedAnswer, Sequence[Mark]]
    right: PutRight
    awarding: Awarding = PLAN_QUOTAS
    difference_percent: int = DIFFERENCE_PERCENT


@dataclass(frozen=True, slots=True)
class Computed:
    """What follows from a record."""

    outcome: Outcome
    accounts: Mapping[SittingId, list[ItemAccount]]
    members: dict[str, bytes]


def given(record: Record, appeals: Sequence[Appeal]) -> dict[str, bytes]:
    """Return the members that say what happened."""
    session = record.session
    closings = [_closing(event) for event in record.closings]
    return {
        SESSION: canonical(_session(record)),
        PAPER: canonical([_item(session, place) for place in range(len(session.plan.items))]),
        ROSTER: canonical(
            [
                BundleSeat(one.sitting_id, one.name, one.delegation, one.room, one.struck, one.absent)
                for one in sorted(session.members, key=lambda one: one.sitting_id)
            ]
        ),
        ANSWERS: _lines([list(ANSWER_HEAD), *(_answer(one) for one in sorted(record.answers, key=_place))]),
        CLOSINGS: canonical(closings),
        RULINGS: canonical([_ruling(one) for one in sorted(record.rulings, key=lambda one: one.ruling_id)]),
        MARKS: canonical([_marked(place, record.marks[place]) for place in sorted(record.marks)]),
        APPEALS: canonical([_appeal(one) for one in sorted(appeals, key=lambda one: one.appeal_id)]),
        CORRECTIONS: canonical(corrected.told(record.right)),
    }


def computed(record: Record) -> Computed:
    """Compute everything that follows from a record; a second or two of work for 1,600 × 80.

    Raises:
        KeyError: an answer, closing, ruling or mark of no item or sitting of the session.
    """
    session = record.session
    plan_items = {item.item_no: item for item in session.plan.items}
    points = settled(plan_items, record.marks, record.difference_percent)
    outcome = compute(session, record.answers, record.closings, record.rulings, points)
    corrections = record.right.corrections
    awarded = outcome
    if as_rulings(corrections):
        ruled = (*record.rulings, *as_rulings(corrections))
        awarded = compute(session, record.answers, record.closings, ruled, points)
    windows = closed_windows(session, record.closings)
    of_sitting: defaultdict[SittingId, list[Answer]] = defaultdict(list)
    for answer in record.answers:
        of_sitting[answer.sitting_id].append(answer)
    marked: defaultdict[SittingId, dict[tuple[ItemNo, int], int]] = defaultdict(dict)
    for (sitting_id, item_no, offset), one in points.items():
        marked[sitting_id][item_no, offset] = one
    told = {
        standing.score.sitting_id: accounts(
            session.plan,
            standing.score.sitting_id,
            of_sitting[standing.score.sitting_id],
            windows,
            outcome.adjustments,
            marked[standing.score.sitting_id],
        )
        for standing in sorted(outcome.individuals, key=lambda one: one.score.sitting_id)
    }
    members = {
        STANDINGS: outcome.canonical(),
        SCORES: _lines([score_line(sitting_id, told[sitting_id]) for sitting_id in told]),
        AWARDS: canonical(replace(outcome, awarding=record.awarding).awards()),
        AWARDED: canonical(corrected.renamed(replace(awarded, awarding=record.awarding).awards(), corrections)),
    }
    return Computed(outcome, told, members)


def score_line(sitting_id: SittingId, items: Sequence[ItemAccount]) -> list[Any]:
    """Return a line of `scores.jsonl`: the sitting, and for each closed item its number, the offset of the counted
    answer (0: none), points and time."""
    return [
        sitting_id,
        [
            [
                one.item.item_no,
                one.shown.offset if one.shown is not None and one.counts else 0,
                one.centipoints,
                one.elapsed_us,
            ]
            for one in items
            if one.verdict is not Verdict.OPEN
        ],
    ]


def read_record(members: Mapping[str, bytes]) -> Record:
    """Return the record that members say; raises `Unreadable`."""
    try:
        return _read(members)
    except (BadEffect, ValueError, TypeError, KeyError) as odd:
        raise Unreadable("", str(odd)) from odd


def _read(members: Mapping[str, bytes]) -> Record:
    told = _decode(members, SESSION, BundleSession)
    items = _decode(members, PAPER, list[BundleItem])
    seats = _decode(members, ROSTER, list[BundleSeat])
    closings = _decode(members, CLOSINGS, list[BundleClosing])
    plan = Plan(
        Pacing(told.pacing),
        Counted(told.counted),
        tuple(_paper_item(one) for one in items),
        Micros(told.gap_us),
        Micros(told.duration_us),
        Micros(told.late_entry_us),
    )
    contest = told.contest
    session = SessionRecord(
        session_id=SessionId(told.session_id),
        contest=Contest(contest.contest_id, contest.title, contest.organizer, contest.year),
        title=told.title,
        phase=Phase(told.phase),
        start_us=Micros(told.start_us),
        plan=plan,
        contents=tuple(
            ItemContent(one.type, one.stem, one.options, len(one.key.blanks), one.centipoints, parts=one.parts)
            for one in items
        ),
        explanations=tuple(one.explanation for one in items),
        members=tuple(
            Member(
                SittingId(one.sitting_id), one.name, DelegationCode(one.delegation), one.struck, one.absent, one.room
            )
            for one in seats
        ),
        appeal_us=Micros(told.appeal_us),
    )
    return Record(
        session,
        tuple(DelegationName(DelegationCode(one.code), one.name, one.short) for one in told.delegations),
        tuple(_read_answers(members[ANSWERS])),
        tuple(
            LoggedEvent(no, Micros(one.at_us), ITEM_CLOSED, f"{one.item_no} {one.opens_at_us} {one.closes_at_us}")
            for no, one in enumerate(closings)
        ),
        tuple(_read_ruling(one) for one in _decode(members, RULINGS, list[BundleRuling])),
        {
            (SittingId(one.sitting_id), ItemNo(one.item_no), one.offset): [
                Mark(ActorId(mark.judge), tuple(mark.centipoints), Micros(mark.at_us)) for mark in one.marks
            ]
            for one in _decode(members, MARKS, list[BundleMarked])
        },
        corrected.read(_decode(members, CORRECTIONS, BundleCorrections)),
        _awarding(told),
        told.difference_percent,
    )


def _awarding(told: BundleSession) -> Awarding:
    if told.prizes is None:
        return Quotas(told.quotas.knowledge, told.quotas.stars_per_delegation, told.quotas.teams)
    prizes = [Prize(one.name, one.places, one.teams) for one in told.prizes]
    check_prizes(prizes)
    return prizes


def _decode(members: Mapping[str, bytes], name: str, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(members[name], type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as odd:
        raise Unreadable(name, str(odd)) from odd


def _read_answers(content: bytes) -> list[Answer]:
    decode = msgspec.json.Decoder(BundleAnswer).decode
    head, *lines = content.splitlines() or [b""]
    if head != canonical(list(ANSWER_HEAD)):
        raise Unreadable(ANSWERS, "1")
    found: list[Answer] = []
    for number, line in enumerate(lines, start=2):
        try:
            sitting_id, offset, item_no, seq, response, stamp_us, elapsed_us, flagged, status = decode(line)
            found.append(
                Answer(
                    SittingId(sitting_id),
                    ItemNo(item_no),
                    seq,
                    tuple(response),
                    Micros(stamp_us),
                    Micros(elapsed_us),
                    flagged,
                    offset,
                    AnswerStatus(status),
                )
            )
        except (msgspec.MsgspecError, UnicodeDecodeError, ValueError) as odd:
            raise Unreadable(ANSWERS, str(number)) from odd
    return found


def _session(record: Record) -> BundleSession:
    session, plan, awarding = record.session, record.session.plan, record.awarding
    quotas = awarding if isinstance(awarding, Quotas) else NO_QUOTAS
    prizes = (
        None if isinstance(awarding, Quotas) else [BundlePrize(one.name, one.places, one.teams) for one in awarding]
    )
    contest = session.contest
    return BundleSession(
        session_id=session.session_id,
        title=session.title,
        phase=session.phase.value,
        contest=BundleContest(contest.contest_id, contest.title, contest.organizer, contest.year),
        start_us=session.start_us,
        pacing=plan.pacing.value,
        counted=plan.counted.value,
        gap_us=plan.gap_us,
        duration_us=plan.duration_us,
        late_entry_us=plan.late_entry_us,
        appeal_us=session.appeal_us,
        difference_percent=record.difference_percent,
        quotas=BundleQuotas(quotas.knowledge, quotas.stars_per_delegation, quotas.teams),
        delegations=[BundleDelegation(one.code, one.name, one.short) for one in record.delegations],
        prizes=prizes,
    )


def _item(session: SessionRecord, place: int) -> BundleItem:
    item, content = session.plan.items[place], session.contents[place]
    key = BundleKey(
        sorted(item.key.options),
        [list(one) for one in item.key.blanks],
        sorted(sorted(one) for one in item.key.also),
    )
    return BundleItem(
        item_no=item.item_no,
        type=item.type.value,
        stem=content.stem,
        options=content.options,
        parts=content.parts,
        centipoints=item.centipoints,
        seconds=item.seconds,
        marking=item.marking.value,
        key=key,
        explanation=session.explanations[place],
    )


def _paper_item(one: BundleItem) -> PaperItem:
    key = Key(
        frozenset(one.key.options),
        tuple(tuple(alternatives) for alternatives in one.key.blanks),
        tuple(frozenset(options) for options in one.key.also),
    )
    ids = tuple(option.id for option in one.options)
    return PaperItem(
        ItemNo(one.item_no), QuestionType(one.type), one.centipoints, one.seconds, ids, key, Marking(one.marking)
    )


def _answer(one: Answer) -> BundleAnswer:
    return (
        one.sitting_id,
        one.offset,
        one.item_no,
        one.client_seq,
        list(one.response),
        one.stamp_us,
        one.elapsed_us,
        one.elapsed_flagged,
        one.status.value,
    )


def _closing(event: LoggedEvent) -> BundleClosing:
    item_no, opens_at_us, closes_at_us = (int(part) for part in event.detail.split())
    return BundleClosing(event.at_us, item_no, opens_at_us, closes_at_us)


def _ruling(one: Ruling) -> BundleRuling:
    acts = [BundleAct(act.kind.value, act.actor, act.at_us, act.reason) for act in one.acts]
    return BundleRuling(one.ruling_id, effect_to_builtins(one.effect), one.evidence, acts)


def _read_ruling(one: BundleRuling) -> Ruling:
    acts = tuple(RulingAct(ActKind(act.kind), ActorId(act.actor), Micros(act.at_us), act.reason) for act in one.acts)
    return Ruling(one.ruling_id, effect_from_builtins(one.effect), one.evidence, acts)


def _marked(place: MarkedAnswer, marks: Sequence[Mark]) -> BundleMarked:
    return BundleMarked(*place, [BundleMark(one.judge, list(one.centipoints), one.at_us) for one in marks])


def _appeal(one: Appeal) -> BundleAppeal:
    decision = one.decision
    return BundleAppeal(
        one.appeal_id,
        one.sitting_id,
        one.item_no,
        one.filed_at_us,
        one.state.value,
        decision.at_us if decision else 0,
        decision.reason if decision else "",
        decision.ruling_id if decision else None,
    )


def _lines(values: Sequence[Any]) -> bytes:
    return b"".join(canonical(value) + b"\n" for value in values)


def _place(answer: Answer) -> tuple[int, int]:
    return answer.sitting_id, answer.offset
