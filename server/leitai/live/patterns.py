"""Wrong responses that several sittings of one room share: which of them chance does not explain.

Two who sit side by side and err alike prove nothing; whatever half the nation gets wrong, a room gets wrong as well. So
a shared pattern is told only where it would hardly come about by itself: the number of such patterns to be expected
in the room, with everyone erring independently and as often as people outside it do, is at most `EXPECTED`. What many
give says little and would drown what few do, so the same is asked of the rarer responses alone (`RARER_THAN`).
"""

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import combinations

from leitai.rules.values import ItemNo, Response, SittingId

PATTERN_SITTINGS = 3
PATTERN_RESPONSES = 3
"""Sittings of one room that share so many wrong responses may deserve a look."""
PATTERNS_OF_ROOM = 5
"""The most patterns told of one room: those with the most sittings, then the most responses."""
EXPECTED = 0.001
"""Patterns that may be expected in one room by chance, so that a nation's rooms seldom tell one in vain."""
RARER_THAN = (0.02, 0.1, 0.3, 1.1)
_TERMS = 60

Wrong = tuple[ItemNo, Response]


@dataclass(frozen=True, slots=True)
class Pattern:
    """Sittings of one room, and the wrong responses that all of them gave."""

    sittings: tuple[SittingId, ...]
    responses: frozenset[Wrong]


def share(given_outside: int, answered_outside: int) -> float:
    """How likely somebody gives a response, from those outside a room; where nobody is outside, an eighth."""
    return (given_outside + 0.5) / (answered_outside + 4)


def shared(wrongs: Mapping[SittingId, Set[Wrong]]) -> list[Pattern]:
    """Return every pattern of a room that is large enough: for each set of sittings the most that they share."""
    largest: dict[tuple[SittingId, ...], frozenset[Wrong]] = {}
    for common in _common([held for held in wrongs.values() if len(held) >= PATTERN_RESPONSES]):
        sittings = tuple(sorted(sitting for sitting, held in wrongs.items() if common <= held))
        if len(common) > len(largest.get(sittings, ())):
            largest[sittings] = common
    return [Pattern(*one) for one in largest.items()]


def unlikely(
    patterns: Collection[Pattern], wrongs: Mapping[SittingId, Set[Wrong]], chance: Callable[[Wrong], float], mean: float
) -> list[Pattern]:
    """Return the patterns that chance does not explain, `PATTERNS_OF_ROOM` at most.

    Args:
        patterns: of `shared`.
        wrongs: what each sitting of the room gave wrong.
        chance: how likely somebody gives that wrong response (`share`).
        mean: wrong responses of a sitting, on an average over the nation. Whoever errs more than that shares more.
    """
    if not patterns:
        return []
    chances = {wrong: chance(wrong) for wrong in set[Wrong]().union(*wrongs.values())}
    powers: dict[tuple[int, float], float] = {}

    def expected(pattern: Pattern, below: float) -> float:
        count = len(pattern.sittings)
        if (count, below) not in powers:
            powers[count, below] = sum(one**count for one in chances.values() if one < below)
        weight = math.prod(max(1.0, len(wrongs[sitting]) / mean) for sitting in pattern.sittings)
        rare = sum(chances[wrong] < below for wrong in pattern.responses)
        return math.comb(len(wrongs), count) * _at_least(rare, powers[count, below] * weight)

    found = [
        pattern
        for pattern in patterns
        if min(expected(pattern, below) for below in RARER_THAN) * len(RARER_THAN) <= EXPECTED
    ]
    found.sort(key=lambda one: (-len(one.sittings), -len(one.responses), one.sittings))
    return found[:PATTERNS_OF_ROOM]


def _common(wrongs: Sequence[Set[Wrong]]) -> Iterator[frozenset[Wrong]]:
    """Yield each set of wrong responses, large enough, that just so many sittings share."""
    # As bits, thousands of intersections cost milliseconds.
    by_place = sorted(set[Wrong]().union(*wrongs))
    places = {wrong: place for place, wrong in enumerate(by_place)}
    masks = [sum(1 << places[wrong] for wrong in held) for held in wrongs]
    seen: set[int] = set()
    for one, first in enumerate(masks):
        # Whoever does not share enough with the first shares no more with two of them.
        near = [both for mask in masks[one + 1 :] if (both := first & mask).bit_count() >= PATTERN_RESPONSES]
        for few in combinations(near, PATTERN_SITTINGS - 1):
            common = few[0]
            for mask in few[1:]:
                common &= mask
            if common.bit_count() >= PATTERN_RESPONSES and common not in seen:
                seen.add(common)
                yield frozenset(by_place[place] for place in range(common.bit_length()) if common >> place & 1)


def _at_least(count: int, rate: float) -> float:
    """The chance that so many or more of rare things happen, of which `rate` are expected (Poisson)."""
    if count == 0 or rate <= 0:
        return 1.0 if count == 0 else 0.0
    term, total = math.exp(-rate + count * math.log(rate) - math.lgamma(count + 1)), 0.0
    for place in range(count + 1, count + _TERMS):
        total += term
        term *= rate / place
    return min(1.0, total)
