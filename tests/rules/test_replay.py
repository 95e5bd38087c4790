"""Standings after any sequence of answers, closings, marks and rulings equal a recomputation (issue of the live desk).

A sequence is made from one number, so that ten thousand of them are cheap.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from random import Random

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from leitai.rules.adjustments import Adjustments, adjust
from leitai.rules.effects import (
    AcceptAlternative,
    AdjustJudgement,
    ChangeKey,
    Compensate,
    CreditItem,
    Effect,
    Scope,
    ScopeKind,
    StrikeOff,
    VoidItem,
    Warn,
    fault,
)
from leitai.rules.ledger import Ledger
from leitai.rules.markings import MarkedAnswer
from leitai.rules.outcomes import outcome
from leitai.rules.ranking import rank
from leitai.rules.rulings import ActKind, Ruling, RulingAct
from leitai.rules.scoring import counted, covered_until, full_elapsed, tally
from leitai.rules.values import (
    JUDGED,
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
    Plan,
    QuestionType,
    Score,
    SittingId,
    Standing,
    Window,
)
from tests.rules.builders import START, answer, item, plan, window

ITEMS = [
    item(1, QuestionType.SINGLE, right="A"),
    item(2, QuestionType.MULTIPLE, right="AB", centipoints=200, marking=Marking.PARTIAL),
    item(3, QuestionType.TRUE_FALSE, right="T"),
    item(4, QuestionType.FILL_IN, blanks=[["甲", "乙"]], centipoints=150),
    item(5, QuestionType.SHORT_ANSWER, centipoints=500),
]
RESPONSES = {1: ["A", "B", "", "C"], 2: ["AB", "A", "BC", ""], 3: "TF", 4: ["甲", "丙", ""], 5: ["文", ""]}
MEMBERS = tuple(
    Member(SittingId(no), f"选手{no}", DelegationCode(code), absent=no == 5, room=room)
    for no, (code, room) in enumerate([("11", "1"), ("11", "2"), ("12", "1"), ("12", "1"), ("13", "1")], start=1)
)
SCOPES = (
    Scope(ScopeKind.ALL),
    Scope(ScopeKind.SITTING, sitting_id=SittingId(1)),
    Scope(ScopeKind.DELEGATION, delegation=DelegationCode("12")),
    Scope(ScopeKind.ROOM, delegation=DelegationCode("11"), room="2"),
)


@dataclass(frozen=True)
class Mark:
    sitting_id: SittingId
    item_no: ItemNo
    offset: int
    centipoints: int


Event = Answer | Window | Mark | Ruling


@dataclass
class History:
    """What happened so far, gathered; `rulings` by id, each as it stands."""

    answers: list[Answer] = field(default_factory=list[Answer])
    windows: dict[ItemNo, Window] = field(default_factory=dict[ItemNo, Window])
    marks: dict[MarkedAnswer, int] = field(default_factory=dict[MarkedAnswer, int])
    rulings: dict[int, Ruling] = field(default_factory=dict[int, Ruling])

    def add(self, event: Event) -> None:
        if isinstance(event, Answer):
            self.answers.append(event)
        elif isinstance(event, Window):
            self.windows[event.item_no] = event
        elif isinstance(event, Mark):
            self.marks[event.sitting_id, event.item_no, event.offset] = event.centipoints
        else:
            self.rulings[event.ruling_id] = event

    def apply(self, session: Plan, ledger: Ledger, event: Event) -> bool:
        """Takes an event into a ledger as the running contest does; True when something changed."""
        self.add(event)
        if isinstance(event, Answer):
            return ledger.record(event)
        if isinstance(event, Window):
            return bool(ledger.close_item(event.item_no, event))
        if isinstance(event, Mark):
            return ledger.award(event.sitting_id, event.item_no, event.offset, event.centipoints)
        return bool(ledger.apply(adjust(session, MEMBERS, self.rulings.values())))


def recomputed(session: Plan, past: History, *, at_once: bool) -> tuple[list[Standing], int]:
    """The definition, by another road than the ledger's: gather everything, count, tally, rank."""
    in_force = adjust(session, MEMBERS, past.rulings.values())
    scores: list[Score] = []
    for member in MEMBERS:
        if member.sitting_id in in_force.struck:
            continue
        best = {
            one.item_no: found
            for one in session.items
            if (found := best_answer(session, past, in_force, member.sitting_id, one.item_no))
        }
        scored = past.windows.keys() | best.keys() if at_once else past.windows.keys()
        own = member.sitting_id
        marks = {(no, offset): earned for (whose, no, offset), earned in past.marks.items() if whose == own}
        scores.append(tally(session, member.sitting_id, best, scored, past.windows, in_force, marks))
    return rank(scores), full_elapsed(session, past.windows.keys(), past.windows, in_force)


def best_answer(
    session: Plan, past: History, in_force: Adjustments, sitting_id: SittingId, item_no: ItemNo
) -> Answer | None:
    own = [one for one in past.answers if one.sitting_id == sitting_id and one.item_no == item_no]
    return counted(session, own, covered_until(session, sitting_id, past.windows.get(item_no), in_force, item_no))


def random_answer(random: Random, offset: int) -> Answer:
    item_no = random.choice((1, 2, 3, 4, 5, 5))
    response = random.choice(RESPONSES[item_no])
    elapsed = random.randint(0, 60)
    return answer(
        item_no,
        (response,) if item_no >= 4 and response else response,
        sitting=random.randint(1, 5),
        offset=offset,
        elapsed_us=elapsed,
        status=random.choice((AnswerStatus.ACCEPTED,) * 5 + (AnswerStatus.LATE,) * 2 + (AnswerStatus.EARLY,)),
    )


def random_effect(random: Random, pacing: Pacing) -> Effect:
    item_no = ItemNo(random.choice((1, 1, 2, 2, 3, 4)))
    sitting_id = SittingId(random.randint(1, 5))
    match random.randrange(11):
        case 0 | 9:
            response = {1: ("B",), 2: ("B", "C"), 3: ("F",), 4: ("丙",)}[item_no]
            return AcceptAlternative(item_no, response)
        case 1 | 10:
            key = {1: Key(frozenset("C")), 2: Key(frozenset("BC")), 3: Key(frozenset("F")), 4: Key(blanks=(("丁",),))}
            return ChangeKey(item_no, key[item_no])
        case 2:
            return VoidItem(ItemNo(random.randint(1, 5)))
        case 3:
            return CreditItem(ItemNo(random.randint(1, 5)))
        case 4 | 5:
            return AdjustJudgement(sitting_id, item_no, random.choice((0, 50, 100)))
        case 6 | 7:
            lost = Micros(random.choice((5, 20, 60)))
            return Compensate(random.choice(SCOPES), lost, item_no if pacing is Pacing.STREAMED else None)
        case _:
            return StrikeOff(sitting_id) if random.random() < 0.7 else Warn(sitting_id)


def advanced(random: Random, ruling: Ruling, at_us: Micros) -> Ruling | None:
    """The ruling one legal act further, or None at its end."""
    kinds = {
        ActKind.PROPOSE: (ActKind.APPROVE, ActKind.APPROVE, ActKind.APPROVE, ActKind.DECLINE),
        ActKind.APPROVE: (ActKind.PROPOSE_WITHDRAWAL,),
        ActKind.DECLINE_WITHDRAWAL: (ActKind.PROPOSE_WITHDRAWAL,),
        ActKind.PROPOSE_WITHDRAWAL: (ActKind.APPROVE_WITHDRAWAL, ActKind.DECLINE_WITHDRAWAL),
    }.get(ruling.acts[-1].kind)
    if kinds is None:
        return None
    return replace(ruling, acts=(*ruling.acts, RulingAct(random.choice(kinds), ActorId("b"), at_us, "因")))


def random_history(random: Random, pacing: Pacing) -> list[Event]:
    events: list[Event] = []
    rulings: list[Ruling] = []
    for place in range(1, random.randint(8, 32)):
        roll = random.random()
        at_us = Micros(START + 200 + place // 2)
        if roll < 0.38:
            events.append(random_answer(random, place))
        elif roll < 0.54:
            events.append(window(random.randint(1, 5), random.randint(20, 50)))
        elif roll < 0.60:
            texts = [one for one in events if isinstance(one, Answer) and one.item_no == 5]
            if texts:
                text = random.choice(texts)
                events.append(Mark(text.sitting_id, text.item_no, text.offset, random.randint(0, 500)))
        elif roll < 0.76 or not rulings:
            effect = random_effect(random, pacing)
            made = Ruling(len(rulings) + 1, effect, "证据", (RulingAct(ActKind.PROPOSE, ActorId("a"), at_us, "因"),))
            rulings.append(made)
            events.append(made)
        else:
            at = random.randrange(len(rulings))
            if (further := advanced(random, rulings[at], at_us)) is not None:
                rulings[at] = further
                events.append(further)
    return events


def shuffled(random: Random, events: Iterable[Event]) -> list[Event]:
    """The same events in another order; of one ruling, window or mark only the last word is said."""
    last = {
        event.ruling_id if isinstance(event, Ruling) else (type(event), *key(event)): event
        for event in events
        if not isinstance(event, Answer)
    }
    mixed: list[Event] = [*last.values(), *(event for event in events if isinstance(event, Answer))]
    random.shuffle(mixed)
    return mixed


def key(event: Window | Mark) -> tuple[int, ...]:
    return (event.item_no, *((event.sitting_id, event.offset) if isinstance(event, Mark) else ()))


@settings(max_examples=10_000, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**63))
def test_standings_after_any_sequence_equal_a_recomputation(seed: int) -> None:
    random = Random(seed)
    pacing = random.choice(list(Pacing))
    session = plan(ITEMS, pacing, random.choice(list(Counted)), duration_us=Micros(60))
    at_once = random.random() < 0.5
    events = random_history(random, pacing)
    sittings = [member.sitting_id for member in MEMBERS]
    past, ledger = History(), Ledger(session, sittings, follows="answer" if at_once else "close")
    stop = random.randint(1, len(events))
    for place, event in enumerate(events, start=1):
        past.apply(session, ledger, event)
        if place in (stop, len(events)):
            silence = ledger.full_elapsed_us()
            assert (rank(ledger.scores()), silence) == recomputed(session, past, at_once=at_once)
    again, other = History(), Ledger(session, sittings, follows="answer" if at_once else "close")
    for event in shuffled(random, events):
        again.apply(session, other, event)
    assert outcome(other, MEMBERS).canonical() == outcome(ledger, MEMBERS).canonical()
    assert other.unmarked() == ledger.unmarked()


@given(st.integers(0, 2**63))
def test_the_sequences_hold_only_what_may_happen(seed: int) -> None:
    random = Random(seed)
    pacing = random.choice(list(Pacing))
    session = plan(ITEMS, pacing, duration_us=Micros(60))
    for event in random_history(random, pacing):
        if isinstance(event, Ruling):
            assert fault(event.effect, session, MEMBERS) is None
    assert {one.type for one in ITEMS} & JUDGED
