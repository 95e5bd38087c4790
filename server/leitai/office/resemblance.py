"""Near-duplicates 近似题: stems that differ by little, found without comparing each stem of a bank with each.

Two stems are alike when the pairs of neighbouring characters (bigrams) of their normalised texts overlap by
`LEAST_PERMILLE` or more, in the measure of Jaccard: what both have, of all that either has. The search is exact, but
for its limits. Two sets that overlap so far share some of the rarest few bigrams of each (the prefix filter of
Chaudhuri, Ganti and Kaushik, A primitive operator for similarity joins in data cleaning, ICDE 2006; with more than one
of them wanted, as in Wang, Li and Feng, Can we beat the prefix filtering?, SIGMOD 2012), so that only those are looked
up, and sets of very different sizes cannot be alike.
"""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from leitai.rules.marking import normalise

LEAST_PERMILLE = 700
"""From where on two stems are shown to a person: one character of a stem of 40 changed leaves about 900."""
MOST_OF_ONE = 20
"""Pairs that one stem has at most, whatever more are like it: a bank of one template would have millions."""
MOST_PAIRS = 20_000
"""Pairs in all."""
_LONGEST = 2_000
_WANTED = 3
"""So many of the rarest bigrams must be shared before two sets are compared: counting is cheaper than comparing."""
_MOST_PLACES = 5_000
"""Of a bigram that is among the rarest of more stems than these, only the newest places are looked at: there is one
template behind them, and pairs enough."""
_Places = defaultdict[int, list[int]]
"""In which sets a bigram is among the rarest few."""


@dataclass(frozen=True, slots=True)
class Alike:
    """Two stems by their places in the sequence, `one` < `other`, and how much of them is the same."""

    one: int
    other: int
    permille: int


@dataclass(frozen=True, slots=True)
class Found:
    """Pairs, the most alike first. `cut`: there are more than the limits let through."""

    pairs: tuple[Alike, ...]
    cut: bool


def permille(one: str, other: str) -> int:
    """Return how much of two stems is the same, in thousandths, rounded down."""
    return _overlap(_grams(one), _grams(other))


def find_alike(stems: Sequence[str], *, known: int = 0, least: int = LEAST_PERMILLE) -> Found:
    """Return the pairs of stems that are alike.

    Seconds of CPU for a large bank; run it in a process.

    Args:
        stems: as people read them.
        known: so many at the beginning are compared with those behind them only, not with each other.
        least: in thousandths, above 0.
    """
    sets = _in_order_of_rarity(stems)
    of_known: _Places = defaultdict(list)
    of_new: _Places = defaultdict(list)
    pairs: list[Alike] = []
    cut = False
    # The shorter ones first: whatever is found is then never longer than what looks for it.
    for number in sorted(range(len(sets)), key=lambda number: len(sets[number])):
        grams, size = sets[number], len(sets[number])
        # What has fewer bigrams than this shares too few with it, whatever they are.
        shortest = -(-least * size // 1000)
        is_new = number >= known
        own = [
            places
            for gram in grams[: size - shortest + _WANTED]
            for found in ((of_known, of_new) if is_new else (of_new,))
            if (places := found.get(gram))
        ]
        cut = cut or any(len(places) > _MOST_PLACES for places in own)
        alike = list(islice(_matches(number, shortest, sets, own, least), MOST_OF_ONE + 1))
        cut = cut or len(alike) > MOST_OF_ONE
        pairs += alike[:MOST_OF_ONE]
        # Whatever looks for this one is as long or longer, and has to share more.
        fewest = -(-2 * least * size // (1000 + least))
        for gram in grams[: size - fewest + _WANTED]:
            (of_new if is_new else of_known)[gram].append(number)
    pairs.sort(key=lambda pair: (-pair.permille, pair.one, pair.other))
    return Found(tuple(pairs[:MOST_PAIRS]), cut or len(pairs) > MOST_PAIRS)


def _matches(
    number: int, shortest: int, sets: Sequence["array[int]"], places: Sequence[Sequence[int]], least: int
) -> Iterator[Alike]:
    """Those that share enough of the rarest, and are alike indeed."""
    own, wanted = set(sets[number]), min(_WANTED, shortest)
    for other, shared in Counter(chain.from_iterable(one[-_MOST_PLACES:] for one in places)).items():
        if shared >= wanted and (length := len(sets[other])) >= shortest:
            same = len(own.intersection(sets[other]))
            share = same * 1000 // (len(own) + length - same)
            if share >= least:
                yield Alike(min(number, other), max(number, other), share)


def _grams(stem: str) -> set[str]:
    text = (normalise(stem) or stem.strip())[:_LONGEST]
    return {text[at : at + 2] for at in range(max(1, len(text) - 1))} if text else set()


def _overlap(one: set[str], other: set[str]) -> int:
    either = len(one | other)
    return len(one & other) * 1000 // either if either else 1000


def _in_order_of_rarity(stems: Sequence[str]) -> list["array[int]"]:
    """Each stem's bigrams as numbers, the rarest first. Compact: sets of 100,000 stems would take 300 MB."""
    names: dict[str, int] = {}
    of_stem = [array("I", (names.setdefault(gram, len(names)) for gram in _grams(stem))) for stem in stems]
    often = Counter(number for numbers in of_stem for number in numbers)
    rank = {number: place for place, (number, _) in enumerate(sorted(often.items(), key=lambda one: (one[1], one[0])))}
    return [array("I", sorted(rank[number] for number in numbers)) for numbers in of_stem]
