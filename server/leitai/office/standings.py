"""Standings from PostgreSQL alone: what the live ones must equal, byte for byte, once the session is over.

The windows that count are those the director logged when it closed an item: session events of the kind `item_closed`
whose detail is `item opens_at_us closes_at_us`. Once the phase is closed or later, a session without any such event is
taken to have closed as plan and start say.
"""

from collections.abc import Iterable, Mapping, Sequence

from leitai.office.session_ports import LoggedEvent, SessionRecord
from leitai.rules.adjustments import NONE, Adjustments
from leitai.rules.markings import MarkedAnswer
from leitai.rules.outcomes import Outcome, outcome, rebuild
from leitai.rules.rulings import Ruling
from leitai.rules.scoring import counted, covered_until
from leitai.rules.timeline import windows
from leitai.rules.values import Answer, AnswerStatus, ItemNo, Micros, Phase, SittingId, Window

__all__ = ["ITEM_CLOSED", "OVER", "Outcome", "closed_windows", "compute", "counted_answers"]

ITEM_CLOSED = "item_closed"
OVER = (Phase.CLOSED, Phase.UNDER_REVIEW, Phase.FINALIZED)


def compute(
    record: SessionRecord,
    answers: Iterable[Answer],
    closings: Sequence[LoggedEvent],
    rulings: Iterable[Ruling] = (),
    marks: Mapping[MarkedAnswer, int] | None = None,
) -> Outcome:
    """Return the orders of a session from its answers, rulings and settled marks, from nothing.

    Answers of sittings that were struck off are passed over, as they are live.
    """
    ledger = rebuild(record.plan, record.members, answers, closed_windows(record, closings), rulings, marks)
    return outcome(ledger, record.members, record.contest.awarding)


def closed_windows(record: SessionRecord, closings: Sequence[LoggedEvent]) -> list[Window]:
    """Return the windows of the items that count; of several closings of an item the last one logged."""
    # What was skipped, or had not opened when all was closed by hand, has no closing and counts for nobody.
    unlogged = record.phase in OVER and not closings
    known = {window.item_no: window for window in windows(record.plan, record.start_us)} if unlogged else {}
    for event in closings:
        item, opens, closes = (int(part) for part in event.detail.split())
        known[ItemNo(item)] = Window(ItemNo(item), Micros(opens), Micros(closes))
    return [known[item] for item in sorted(known)]


def counted_answers(
    record: SessionRecord,
    sitting_id: SittingId,
    answers: Iterable[Answer],
    windows: Iterable[Window] = (),
    adjustments: Adjustments = NONE,
) -> tuple[dict[ItemNo, Answer], frozenset[ItemNo]]:
    """Return one sitting's answer to each item as its result shows it: the counted one, else the last late or early;
    and the items whose answer counts.
    """
    of_item: dict[ItemNo, list[Answer]] = {}
    for answer in answers:
        of_item.setdefault(answer.item_no, []).append(answer)
    closed = {window.item_no: window for window in windows}
    shown: dict[ItemNo, Answer] = {}
    counting: set[ItemNo] = set()
    for item_no, given in of_item.items():
        until_us = covered_until(record.plan, sitting_id, closed.get(item_no), adjustments, item_no)
        found = counted(record.plan, given, until_us)
        if found is not None:
            counting.add(item_no)
        else:
            found = max((one for one in given if one.status is not AnswerStatus.ACCEPTED), key=_offset, default=None)
        if found is not None:
            shown[item_no] = found
    return shown, frozenset(counting)


def _offset(answer: Answer) -> int:
    return answer.offset
