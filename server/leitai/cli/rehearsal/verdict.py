"""The judgement of a contest: the contestants' own journals against what PostgreSQL holds."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leitai.live.ports import SessionFile
from leitai.live.sealing import Receipts
from leitai.rules.ranking import canonical_standings, rank, rank_delegations
from leitai.rules.scoring import counted, full_elapsed, tally
from leitai.rules.values import Answer, AnswerStatus, Counted, ItemNo, SittingId, Window

Journal = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of the answers. Everything but `recorded` and `receipts_verified` is 0 in a sound contest."""

    recorded: int
    lost: int
    """Acknowledged as accepted, late or early, and not in PostgreSQL as acknowledged."""
    doubled: int
    """In PostgreSQL twice, or counted twice."""
    foreign: int
    """In PostgreSQL, and never given by anybody."""
    receipts_verified: int
    receipts_wrong: int

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.lost or self.doubled or self.foreign or self.receipts_wrong)


def read_journals(path: Path) -> list[Journal]:
    """Return the journals that the simulator wrote."""
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def judge(file: SessionFile, journals: Iterable[Journal], answers: Sequence[Answer]) -> Verdict:
    """Compare journals with the recorded answers of a session."""
    recorded: dict[tuple[int, int, int], Answer] = {}
    doubled = 0
    for answer in answers:
        key = (answer.sitting_id, answer.item_no, answer.client_seq)
        doubled += key in recorded
        recorded[key] = answer
    if file.plan.counted is Counted.FIRST:
        taken = Counter((a.sitting_id, a.item_no) for a in answers if a.status is AnswerStatus.ACCEPTED)
        doubled += sum(count - 1 for count in taken.values())
    receipts = Receipts(file.secret, file.session_id)
    given: set[tuple[int, int, int]] = set()
    lost = verified = wrong = 0
    for journal in journals:
        sitting = SittingId(journal["sitting"])
        for entry in journal["answers"]:
            key = (sitting, entry["item"], entry["seq"])
            given.add(key)
            if entry["status"] not in ("accepted", "late", "early"):
                continue
            answer = recorded.get(key)
            lost += answer is None or not _same(entry, answer)
            if _receipt_holds(receipts, sitting, entry):
                verified += 1
            else:
                wrong += 1
    return Verdict(len(recorded), lost, doubled, len(recorded.keys() - given), verified, wrong)


def recompute(file: SessionFile, answers: Iterable[Answer], windows: Iterable[Window]) -> bytes:
    """Return the canonical standings, computed from nothing but recorded answers and the windows that were in force."""
    by_sitting: defaultdict[SittingId, defaultdict[ItemNo, list[Answer]]] = defaultdict(lambda: defaultdict(list))
    for answer in answers:
        by_sitting[answer.sitting_id][answer.item_no].append(answer)
    in_force = {window.item_no: window for window in windows}
    scored = list(in_force)
    scores = [
        tally(
            file.plan,
            member.sitting_id,
            {
                item_no: chosen
                for item_no, given in by_sitting[member.sitting_id].items()
                if (chosen := counted(file.plan, given)) is not None
            },
            scored,
            in_force,
        )
        for member in file.members
        if not member.struck
    ]
    people = rank(scores)
    delegations = rank_delegations(file.members, people, full_elapsed(file.plan, scored, in_force))
    return canonical_standings(people, delegations)


def _same(entry: Journal, answer: Answer) -> bool:
    return (
        entry["status"] == answer.status.value
        and entry["stamp_us"] == answer.stamp_us
        and entry["elapsed_us"] == answer.elapsed_us
        and entry["offset"] == answer.offset
        and tuple(entry["response"]) == answer.response
    )


def _receipt_holds(receipts: Receipts, sitting: SittingId, entry: Journal) -> bool:
    flag = receipts.flag(
        bytes.fromhex(entry["receipt"]),
        sitting,
        ItemNo(entry["item"]),
        entry["seq"],
        tuple(entry["response"]),
        entry["status"],
        entry["stamp_us"],
        entry["elapsed_us"],
        entry["offset"],
    )
    return flag is not None
