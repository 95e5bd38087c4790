"""How long acknowledgements took, from everybody's journals: exactly, where Locust's table counts whole milliseconds.

Figures are milliseconds to the microsecond. A disk that stops for a third of a second once decides the p99 of a whole
run; so there are those of each item as well, and what half of the items do not exceed.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from html import escape
from math import comb
from pathlib import Path
from statistics import median
from typing import Any

from leitai_loadtest.figures import percentile

FORMAT = "leitai-loadtest-1"
DIGITS = 3


@dataclass(frozen=True, slots=True)
class Acks:
    """From giving an answer to its durable acknowledgement, across any reconnection."""

    answers: int
    """Those that were acknowledged."""
    p50_ms: float
    p95_ms: float
    p99_ms: float
    most_ms: float


@dataclass(frozen=True, slots=True)
class Taken:
    """What a run took: over all its answers, and item by item."""

    whole: Acks
    items: Mapping[int, Acks]
    """By number."""
    middle: Acks
    """Of each figure, the median over the items."""

    def as_json(self) -> dict[str, Any]:
        """Return it as a report has it."""
        items = [{"item": number, **asdict(of)} for number, of in self.items.items()]
        return {"all": asdict(self.whole), "item_in_the_middle": asdict(self.middle), "items": items}


def taken(journals: Iterable[Mapping[str, Any]]) -> Taken:
    """Return the figures of journals as `journal` writes them; zeros where nothing was acknowledged."""
    by_item: defaultdict[int, list[float]] = defaultdict(list)
    for journal in journals:
        for answer in journal["answers"]:
            if answer["ack_ms"] is not None:
                by_item[answer["item"]].append(answer["ack_ms"])
    items = {number: _acks(by_item[number]) for number in sorted(by_item)}
    return Taken(_acks([ms for of in by_item.values() for ms in of]), items, _middle(list(items.values())))


def _acks(samples: Sequence[float]) -> Acks:
    return Acks(len(samples), *(round(percentile(samples, share), DIGITS) for share in (0.5, 0.95, 0.99, 1.0)))


def _middle(items: Sequence[Acks]) -> Acks:
    def of(figure: str) -> float:
        return round(median([getattr(one, figure) for one in items] or [0.0]), DIGITS)

    return Acks(round(of("answers")), of("p50_ms"), of("p95_ms"), of("p99_ms"), of("most_ms"))


# --- two scenarios in turns ------------------------------------------------------------------------------------------

COMPARED = (
    ("p50", "whole", "p50_ms"),
    ("p95", "whole", "p95_ms"),
    ("p99", "whole", "p99_ms"),
    ("item's p95", "middle", "p95_ms"),
    ("item's p99", "middle", "p99_ms"),
)
JUDGED = "item's p99"
"""The figure that a limit is of."""
_EITHER_SIDE = 0.025


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times as long something took in one scenario as in another that took turns with it."""

    figure: str
    first_ms: tuple[float, ...]
    """Of every turn."""
    second_ms: tuple[float, ...]

    @property
    def turns(self) -> tuple[float, ...]:
        """The second by the first of each turn; empty when a turn's first is 0."""
        if not all(self.first_ms):
            return ()
        pairs = zip(self.first_ms, self.second_ms, strict=True)
        return tuple(round(second / first, DIGITS) for first, second in pairs)

    @property
    def middle(self) -> float:
        """The second's median by the first's, 0.0 when that is 0."""
        first = median(self.first_ms or [0.0])
        return round(median(self.second_ms) / first, DIGITS) if first else 0.0

    @property
    def likely(self) -> tuple[float, float] | None:
        """Between which the turns' median lies 19 times of 20, whatever they spread by; None: they are too few to say.

        By order statistics, as the sign test has it: of n turns each is above the true median as often as not.
        """
        turns = sorted(self.turns)
        passed, place = 0.0, 0
        while place < len(turns) and (passed := passed + comb(len(turns), place) / 2 ** len(turns)) <= _EITHER_SIDE:
            place += 1
        return (turns[place - 1], turns[-place]) if place else None

    def as_json(self) -> dict[str, Any]:
        """Return it as a report has it."""
        return {**asdict(self), "ratio": self.middle, "ratio_of_each_turn": list(self.turns), "likely": self.likely}


def ratios(first: Sequence[Taken], second: Sequence[Taken]) -> list[Ratio]:
    """Return every figure of `COMPARED`; both hold one run of each turn, in order, one at least."""

    def of(runs: Sequence[Taken], part: str, figure: str) -> tuple[float, ...]:
        return tuple(getattr(getattr(run, part), figure) for run in runs)

    return [Ratio(name, of(first, part, figure), of(second, part, figure)) for name, part, figure in COMPARED]


# --- for people ------------------------------------------------------------------------------------------------------

COLUMNS = ("answers", "p50", "p95", "p99", "most")


def rows(found: Taken) -> list[tuple[str, ...]]:
    """Return the table's rows, as text: what they are of, then `COLUMNS`."""
    named = [("all answers", found.whole), ("an item in the middle", found.middle)]
    named += [(f"item {number}", of) for number, of in found.items.items()]
    return [
        (name, f"{of.answers:,}", *(f"{ms:.3f}" for ms in (of.p50_ms, of.p95_ms, of.p99_ms, of.most_ms)))
        for name, of in named
    ]


def add_to_page(page: Path, found: Taken) -> None:
    """Add the table to Locust's HTML report, at its end."""
    head = "".join(f"<th>{escape(name)}</th>" for name in ("answer→ack, ms", *COLUMNS))
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows(found))
    section = f'<section id="acks">{_STYLE}<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></section>'
    before, end, after = page.read_text("utf-8").rpartition("</body>")
    page.write_text(f"{before}{section}{end}{after}" if end else f"{after}{section}", "utf-8")


_STYLE = """<style>
#acks { padding: 0 24px 48px; font: 14px Roboto, Helvetica, Arial, sans-serif; }
#acks table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
#acks th, #acks td { padding: 6px 16px; border-bottom: 1px solid #e0e0e0; text-align: right; }
#acks th:first-child, #acks td:first-child { text-align: left; }
</style>"""
