"""Item analysis 试题分析: how an item fared with those who took it, in integers that add up over its uses.

Share right is the share of an item's points that its takers earned: for exact marking, the share who were right.
Discrimination 区分度 is that of upper and lower groups: the share right of the best 27 % by total points less that of
the last 27 % (T. L. Kelley, The selection of upper and lower groups for the validation of test items, Journal of
Educational Psychology 30, 1939), the item itself counted in the total. It is 1 where exactly the better ones are right
and 0 where the item says nothing of who is better. Groups of several sessions add up; correlations would not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from leitai.rules.values import ItemNo, SittingId

GROUP_PERCENT = 27
MICROS = 1_000_000
"""One whole right answer, in the parts that are added up."""


@dataclass(frozen=True, slots=True)
class Use:
    """What one use of an item says of it, or several together.

    Attributes:
        takers: whoever took the session and might have answered it.
        right_micros: the shares of its points that they earned, summed, in millionths.
        group: how many are in either group.
        upper_micros: the same sum over the upper group.
        lower_micros: over the lower group.
    """

    takers: int = 0
    right_micros: int = 0
    group: int = 0
    upper_micros: int = 0
    lower_micros: int = 0

    @property
    def share_right(self) -> float | None:
        """From 0 to 1; None when nobody took it."""
        return self.right_micros / (self.takers * MICROS) if self.takers else None

    @property
    def discrimination(self) -> float | None:
        """From −1 to 1; None when there are no groups."""
        return (self.upper_micros - self.lower_micros) / (self.group * MICROS) if self.group else None


def group_size(takers: int) -> int:
    """Return how many are in either group: 27 %, rounded half up, at least one; none when there are not two takers."""
    return max(1, (takers * GROUP_PERCENT + 50) // 100) if takers >= 2 else 0


def analyse(
    totals: Mapping[SittingId, int],
    earned: Mapping[ItemNo, Mapping[SittingId, int]],
    full: Mapping[ItemNo, int],
) -> dict[ItemNo, Use]:
    """Return what a session says of its items.

    Those whose totals are equal at the edge of a group share its last places equally, so that nothing depends on the
    order of sittings.

    Args:
        totals: the points of everyone who took the session, in centipoints.
        earned: by item, what each of them earned; nothing where a sitting is missing.
        full: what each item is worth, above 0.

    Raises:
        KeyError: an item of `earned` is not in `full`.
    """
    size = group_size(len(totals))
    upper, lower = _weights(totals, size, -1), _weights(totals, size, 1)
    return {
        item_no: Use(
            len(totals),
            _micros(sum(Fraction(gained.get(one, 0)) for one in totals), full[item_no]),
            size,
            _micros(sum(weight * gained.get(one, 0) for one, weight in upper.items()), full[item_no]),
            _micros(sum(weight * gained.get(one, 0) for one, weight in lower.items()), full[item_no]),
        )
        for item_no, gained in earned.items()
    }


def _weights(totals: Mapping[SittingId, int], size: int, sign: int) -> dict[SittingId, Fraction]:
    """Who is in the group of `size` from the top (`sign` −1) or the bottom (1), and by what share of a place."""
    levels: dict[int, list[SittingId]] = {}
    for one, total in totals.items():
        levels.setdefault(total, []).append(one)
    found: dict[SittingId, Fraction] = {}
    left = size
    for total in sorted(levels, key=lambda total: sign * total):
        if left <= 0:
            break
        level = levels[total]
        share = min(Fraction(1), Fraction(left, len(level)))
        found.update(dict.fromkeys(level, share))
        left -= len(level)
    return found


def _micros(points: Fraction | int, full: int) -> int:
    return round(Fraction(points) * MICROS / full)
