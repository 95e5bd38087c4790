"""How the items of a paper did: how many had them right, how long they took, and how well they told people apart."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from leitai.rules.accounts import ItemAccount, Verdict
from leitai.rules.values import ItemNo, PaperItem, Response

GROUP_PERCENT = 27
"""The share of sittings at either end of the order whose results are compared (Kelley 1939)."""
_ANSWERED = frozenset({Verdict.RIGHT, Verdict.PART, Verdict.WRONG, Verdict.UNMARKED})


@dataclass(frozen=True, slots=True)
class ItemStatistics:
    """One item over all sittings that have a place.

    Attributes:
        item: with the key in force.
        sittings: how many.
        answered: with a counted answer that is not empty.
        right: with the full points by their answer.
        centipoints: earned by all together.
        elapsed_us: of the counted answers together.
        discrimination: the share of points among the best less that among the last, in ten-thousandths.
        wrong: the response that earned nothing given most often, and how often; empty when there is none.
    """

    item: PaperItem
    sittings: int
    answered: int
    right: int
    centipoints: int
    elapsed_us: int
    discrimination: int
    wrong: Response
    wrong_times: int

    @property
    def item_no(self) -> ItemNo:
        """Its place in the paper."""
        return self.item.item_no


def item_statistics(in_order: Iterable[Sequence[ItemAccount]]) -> list[ItemStatistics]:
    """The statistics of every item that closed, in order of the paper; none when nobody has a place.

    Args:
        in_order: the accounts of each sitting, the best sitting first.
    """
    sheets = list(in_order)
    if not sheets:
        return []
    size = max(1, len(sheets) * GROUP_PERCENT // 100)
    return [
        _of([sheet[place] for sheet in sheets], size)
        for place, first in enumerate(sheets[0])
        if first.verdict is not Verdict.OPEN
    ]


def _of(column: Sequence[ItemAccount], size: int) -> ItemStatistics:
    item = column[0].item
    given = [one for one in column if one.verdict in _ANSWERED and one.shown is not None]
    wrong = Counter(one.shown.response for one in given if one.verdict is Verdict.WRONG and one.shown is not None)
    # Equal counts: the response that comes first.
    most, times = min(wrong.items(), key=lambda one: (-one[1], one[0]), default=((), 0))
    best, last = (sum(one.centipoints for one in part) for part in (column[:size], column[-size:]))
    return ItemStatistics(
        item,
        len(column),
        len(given),
        sum(one.verdict is Verdict.RIGHT for one in column),
        sum(one.centipoints for one in column),
        sum(one.shown.elapsed_us for one in given if one.shown is not None),
        (best - last) * 10_000 // (size * item.centipoints),
        most,
        times,
    )
