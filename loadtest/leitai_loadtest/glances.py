"""Looking on by turns: for so many seconds of the contest's clock, and then not for as many.

What it costs contestants that others look on is told best within one contest: the same processes, people and minutes,
and what a machine does besides falls on both. Two runs of one scenario differ by a third on a machine of two
processors; stretches of one run, side by side, by far less.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from statistics import median
from typing import Any

from leitai_loadtest.acks import DIGITS, Ratio
from leitai_loadtest.figures import percentile

SETTLE_US = 1_000_000
"""The first second of every stretch is in no figure: streams end at their next event, and those who come back are
told everything at once."""
FIGURES = (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
JUDGED = "p99"
"""The figure that a limit is of."""
_FULL = 0.5
"""A stretch with fewer answers than so much of the stretch in the middle was cut by the start or the end."""


def looking(contest_us: float, every_s: float) -> bool:
    """Whether those who look on do so now; always if `every_s` is 0."""
    return not every_s or _stretch(contest_us, every_s) % 2 == 0


def away_s(contest_us: float, every_s: float) -> float:
    """Return how long until they do, seconds."""
    if looking(contest_us, every_s):
        return 0.0
    return ((_stretch(contest_us, every_s) + 1) * every_s * 1e6 - contest_us) / 1e6


def cost(journals: Iterable[Mapping[str, Any]], every_s: float) -> list[Ratio]:
    """Return how long acknowledgements took while nobody looked on, and in the stretch just before while they did.

    `journals` are as `journal` writes them. Stretches without a whole neighbour are left out; without any pair, the
    figures are empty.
    """
    took: defaultdict[int, list[float]] = defaultdict(list)
    for journal in journals:
        for answer in journal["answers"]:
            if answer["ack_ms"] is not None and answer["stamp_us"] % (every_s * 1e6) >= SETTLE_US:
                took[_stretch(answer["stamp_us"], every_s)].append(answer["ack_ms"])
    usual = median(map(len, took.values())) if took else 0
    whole = {number: of for number, of in took.items() if len(of) >= _FULL * usual}
    pairs = [(whole[number + 1], whole[number]) for number in sorted(whole) if number % 2 == 0 and number + 1 in whole]

    def of(side: int, share: float) -> tuple[float, ...]:
        return tuple(round(percentile(pair[side], share), DIGITS) for pair in pairs)

    return [Ratio(name, of(0, share), of(1, share)) for name, share in FIGURES]


def _stretch(contest_us: float, every_s: float) -> int:
    return int(contest_us // (every_s * 1e6))
