"""Papers: which questions of the bank make up a contest, the same ones again for the same seed and bank.

Error: `NotEnoughQuestions`.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from leitai.office.bank import BankEntry, stem_key
from leitai.office.session_ports import PaperLine
from leitai.rules.values import ItemNo, Marking, QuestionType


class NotEnoughQuestions(Exception):
    """The bank has fewer questions of a type than the paper wants."""

    def __init__(self, question_type: QuestionType, wanted: int, available: int) -> None:
        super().__init__(question_type.value, wanted, available)
        self.question_type = question_type
        self.wanted = wanted
        self.available = available


@dataclass(frozen=True, slots=True)
class ItemWorth:
    """What an item of a type is worth and how long its window is when streamed."""

    centipoints: int
    seconds: int


WORTH: Mapping[QuestionType, ItemWorth] = {
    QuestionType.SINGLE: ItemWorth(100, 20),
    QuestionType.MULTIPLE: ItemWorth(200, 30),
    QuestionType.INDETERMINATE: ItemWorth(200, 30),
    QuestionType.TRUE_FALSE: ItemWorth(100, 15),
    QuestionType.FILL_IN: ItemWorth(200, 30),
    QuestionType.SHORT_ANSWER: ItemWorth(500, 180),
    QuestionType.CASE: ItemWorth(1_000, 420),
}
"""DOMAIN, Defaults: paper and pacing."""

STANDARD_MIX: Mapping[QuestionType, int] = {
    QuestionType.SINGLE: 40,
    QuestionType.MULTIPLE: 20,
    QuestionType.TRUE_FALSE: 20,
}
"""The paper of the rules: 40 单选, 20 多选, 20 判断, 100 points."""

FULL_MIX: Mapping[QuestionType, int] = {
    QuestionType.SINGLE: 30,
    QuestionType.MULTIPLE: 16,
    QuestionType.INDETERMINATE: 10,
    QuestionType.TRUE_FALSE: 14,
    QuestionType.FILL_IN: 10,
}
"""All types that a key marks, for rehearsals and demonstrations: their results wait for nobody."""


def share_out(items: int, mix: Mapping[QuestionType, int]) -> dict[QuestionType, int]:
    """Return how many items of each type a paper of `items` has, in the proportions of `mix` (largest remainders).

    Every type of the mix gets at least one item where there are as many items as types.

    >>> share_out(80, STANDARD_MIX)[QuestionType.SINGLE]
    40
    """
    total = sum(mix.values())
    floor = 1 if items >= len(mix) else 0
    counts = {type_: max(floor, items * weight // total) for type_, weight in mix.items()}
    owed = {type_: items * weight - counts[type_] * total for type_, weight in mix.items()}
    while (rest := items - sum(counts.values())) != 0:
        step = 1 if rest > 0 else -1
        able = [type_ for type_ in mix if step > 0 or counts[type_] > floor]
        chosen = max(able, key=lambda type_: step * owed[type_])
        counts[chosen] += step
        owed[chosen] -= step * total
    return counts


def assemble(
    bank: Sequence[BankEntry],
    counts: Mapping[QuestionType, int],
    seed: str,
    *,
    seconds: int | None = None,
    marking: Marking = Marking.EXACT,
) -> list[PaperLine]:
    """Return a paper: type after type in the order of `counts`, spread over modules and difficulties.

    Each pick takes from the module that the paper has least of, there from the difficulty it has least of, and there
    the question that comes first by SHA-256 of seed and stem. Nothing else decides, so seed and bank repeat the paper.

    Args:
        bank: what there is to pick from.
        counts: items by type.
        seed: any text; published where the assembly must be repeatable.
        seconds: one length for all windows instead of each type's own.
        marking: of 多选 and 不定项.

    Raises:
        NotEnoughQuestions: the bank has too few of a type.
    """
    lines: list[PaperLine] = []
    modules: Counter[str] = Counter()
    difficulties: Counter[int] = Counter()
    for type_, wanted in counts.items():
        left = sorted((entry for entry in bank if entry.question.type is type_), key=lambda entry: _lot(seed, entry))
        if len(left) < wanted:
            raise NotEnoughQuestions(type_, wanted, len(left))
        picked: list[BankEntry] = []
        for _ in range(wanted):
            best = min(
                left,
                key=lambda entry: (modules[entry.question.module], difficulties[entry.question.difficulty]),
            )
            left.remove(best)
            picked.append(best)
            modules[best.question.module] += 1
            difficulties[best.question.difficulty] += 1
        # Modules would otherwise take turns through the paper; the order, too, is the seed's.
        for entry in sorted(picked, key=lambda entry: _lot(seed + "/order", entry)):
            worth = WORTH[type_]
            lines.append(
                PaperLine(
                    item_no=ItemNo(len(lines) + 1),
                    version_id=entry.version_id,
                    centipoints=worth.centipoints,
                    seconds=worth.seconds if seconds is None else seconds,
                    marking=marking if type_ in (QuestionType.MULTIPLE, QuestionType.INDETERMINATE) else Marking.EXACT,
                )
            )
    return lines


def _lot(seed: str, entry: BankEntry) -> bytes:
    return hashlib.sha256(seed.encode() + b"\0" + stem_key(entry.question.stem)).digest()
