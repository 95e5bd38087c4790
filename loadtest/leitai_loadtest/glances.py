"""Looking on by turns: for so many seconds of the contest's clock, and then not for as many.

What it costs contestants that others look on is told best within one contest: the same processes, people and minutes,
and what a machine does besides falls on both. Two runs of one scenario differ by a third on a machine of two
processors; stretches of one run, side by side, by far less. A third stretch of every turn may be a bystander's: a
process that computes as much as those who looked on had computed (`bystander`).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
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


AWAY, BESIDE = 1, 2
"""Places of stretches in a turn, after that in which others look on."""


@dataclass(frozen=True, slots=True)
class Stretches:
    """When those who look on do so, by the contest's clock.

    Args:
        every_s: the length of a stretch; 0: they always do.
        of: stretches in a turn. In the first of them they look on.
    """

    every_s: float = 0.0
    of: int = 2

    def looking(self, contest_us: float) -> bool:
        """Whether they do now."""
        return not self.every_s or self.number(contest_us) % self.of == 0

    def away_s(self, contest_us: float) -> float:
        """Return how long until they do, seconds."""
        if self.looking(contest_us):
            return 0.0
        number = self.number(contest_us)
        return self.until_s(number - number % self.of + self.of, contest_us)

    def number(self, contest_us: float) -> int:
        """Return the number of the stretch that is now."""
        return int(contest_us // (self.every_s * 1e6))

    def until_s(self, number: int, contest_us: float) -> float:
        """Return how long until a stretch begins, seconds; below 0 if it has begun."""
        return (number * self.every_s * 1e6 - contest_us) / 1e6

    def cost(self, journals: Iterable[Mapping[str, Any]], place: int = AWAY) -> list[Ratio]:
        """Return how long acknowledgements took in the stretches at a place, and in those while others looked on.

        `journals` are as `journal` writes them. Stretches without a whole counterpart in their turn are left out;
        without any pair, the figures are empty.
        """
        took: defaultdict[int, list[float]] = defaultdict(list)
        for journal in journals:
            for answer in journal["answers"]:
                if answer["ack_ms"] is not None and answer["stamp_us"] % (self.every_s * 1e6) >= SETTLE_US:
                    took[self.number(answer["stamp_us"])].append(answer["ack_ms"])
        usual = median(map(len, took.values())) if took else 0
        whole = {number: of for number, of in took.items() if len(of) >= _FULL * usual}
        begun = [number for number in sorted(whole) if number % self.of == 0 and number + place in whole]
        pairs = [(whole[number + place], whole[number]) for number in begun]

        def of(side: int, share: float) -> tuple[float, ...]:
            return tuple(round(percentile(pair[side], share), DIGITS) for pair in pairs)

        return [Ratio(name, of(0, share), of(1, share)) for name, share in FIGURES]
