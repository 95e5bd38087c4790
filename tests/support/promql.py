"""PromQL over a few scrapes, as far as our dashboard and alerts use it. What is not here raises `Unsupported`.

Queries are evaluated at the moment of the last scrape, and a series counts as there when that scrape has it.
"""

import math
import operator
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

import promql_parser as promql
from prometheus_client.parser import text_string_to_metric_families

Labels = frozenset[tuple[str, str]]
Vector = dict[Labels, float]
_NAME = "__name__"


class Unsupported(Exception):
    """Nothing of ours has used this so far."""


@dataclass(frozen=True)
class Scrape:
    """All targets at one time, in seconds. Labels hold the name, `job` and `instance`."""

    at_s: float
    samples: Mapping[Labels, float]

    @classmethod
    def of(cls, at_s: float, told: Mapping[str, str | None], job: str = "leitai") -> "Scrape":
        """Return the scrape of what each instance told; None: it did not answer."""
        samples: dict[Labels, float] = {}
        for instance, text in told.items():
            target = {"job": job, "instance": instance}
            samples[frozenset({_NAME: "up", **target}.items())] = float(text is not None)
            for family in text_string_to_metric_families(text or ""):
                for sample in family.samples:
                    labels = {_NAME: sample.name, **sample.labels, **target}
                    samples[frozenset(labels.items())] = sample.value
        return cls(at_s, samples)


def names_in(query: str) -> set[str]:
    """Return the series that a query reads; raises ValueError when it is none."""
    found: set[str] = set()

    def note(expr: promql.Expr) -> None:
        if isinstance(expr, promql.VectorSelector):
            assert expr.name, query
            found.add(expr.name)

    promql.walk(promql.parse(query), note)
    return found


def evaluate(query: str, scrapes: Sequence[Scrape]) -> Vector:
    """Return what a query gives at the last scrape; a plain number is a vector of one without labels."""
    value = _evaluate(promql.parse(query), scrapes)
    return value if isinstance(value, dict) else {frozenset(): value}


# --- expressions -----------------------------------------------------------------------------------------------------


def _evaluate(expr: promql.Expr, scrapes: Sequence[Scrape]) -> "Vector | float":
    if isinstance(expr, promql.NumberLiteral):
        return float(expr.val)
    if isinstance(expr, promql.ParenExpr):
        return _evaluate(expr.expr, scrapes)
    if isinstance(expr, promql.VectorSelector):
        return _select(expr, scrapes[-1])
    if isinstance(expr, promql.AggregateExpr):
        return _aggregate(expr, scrapes)
    if isinstance(expr, promql.Call):
        return _call(expr, scrapes)
    if isinstance(expr, promql.BinaryExpr):
        return _binary(expr, scrapes)
    raise Unsupported(expr.prettify())


def _vector(expr: promql.Expr, scrapes: Sequence[Scrape]) -> Vector:
    value = _evaluate(expr, scrapes)
    if isinstance(value, dict):
        return value
    raise Unsupported(f"a number where a vector is wanted: {expr.prettify()}")


def _number(expr: promql.Expr, scrapes: Sequence[Scrape]) -> float:
    value = _evaluate(expr, scrapes)
    if isinstance(value, dict):
        raise Unsupported(f"a vector where a number is wanted: {expr.prettify()}")
    return value


def _select(selector: promql.VectorSelector, scrape: Scrape) -> Vector:
    if selector.offset is not None or selector.at is not None:
        raise Unsupported(selector.prettify())
    matchers = selector.matchers.matchers
    if any(one.op != promql.MatchOp.Equal for one in matchers):
        raise Unsupported(selector.prettify())
    wanted = {_NAME: selector.name, **{one.name: one.value for one in matchers}}.items()
    found: Vector = {}
    for labels, value in scrape.samples.items():
        known = dict(labels)
        if all(known.get(name, "") == text for name, text in wanted):
            found[labels] = value
    return found


def _range(expr: promql.Expr, scrapes: Sequence[Scrape]) -> "tuple[dict[Labels, list[tuple[float, float]]], float]":
    if not isinstance(expr, promql.MatrixSelector):
        raise Unsupported(expr.prettify())
    length: timedelta = expr.range
    found: dict[Labels, list[tuple[float, float]]] = {}
    for scrape in scrapes:
        if scrape.at_s >= scrapes[-1].at_s - length.total_seconds():
            for labels, value in _select(expr.vector_selector, scrape).items():
                found.setdefault(_unnamed(labels), []).append((scrape.at_s, value))
    return found, length.total_seconds()


def _unnamed(labels: Labels) -> Labels:
    return frozenset(pair for pair in labels if pair[0] != _NAME)


def _increase(points: list[tuple[float, float]], range_s: float) -> float:
    """Return how much a counter grew in a range that ends with its last point, as Prometheus does.

    One that fell began anew. Growth is carried on to the begin of the range, by half a gap at most where points are
    missing there, and never to below nothing.
    """
    grown = sum(after - before if after >= before else after for (_, before), (_, after) in pairwise(points))
    (first_s, first), (last_s, _) = points[0], points[-1]
    sampled_s = last_s - first_s
    gap_s = sampled_s / (len(points) - 1)
    missing_s = first_s - (last_s - range_s)
    if grown > 0:
        missing_s = min(missing_s, sampled_s * first / grown)
    return grown * (sampled_s + (missing_s if missing_s < gap_s * 1.1 else gap_s / 2)) / sampled_s


def _call(call: promql.Call, scrapes: Sequence[Scrape]) -> "Vector | float":
    name, args = call.func.name, call.args
    if name in ("rate", "increase"):
        series, length_s = _range(args[0], scrapes)
        divisor = length_s if name == "rate" else 1.0
        enough = {labels: points for labels, points in series.items() if len(points) > 1}
        return {labels: _increase(points, length_s) / divisor for labels, points in enough.items()}
    if name in ("max_over_time", "min_over_time"):
        series, _ = _range(args[0], scrapes)
        pick = max if name == "max_over_time" else min
        return {labels: pick(value for _, value in points) for labels, points in series.items()}
    if name == "histogram_quantile":
        return _quantiles(_number(args[0], scrapes), _vector(args[1], scrapes))
    if name == "abs":
        return {_unnamed(labels): abs(value) for labels, value in _vector(args[0], scrapes).items()}
    if name == "vector":
        return {frozenset(): _number(args[0], scrapes)}
    raise Unsupported(name)


def _quantiles(quantile: float, buckets: Vector) -> Vector:
    """As Prometheus: linear within the bucket; the highest bound for what is above it; nothing of nothing."""
    grouped: dict[Labels, list[tuple[float, float]]] = {}
    for labels, count in buckets.items():
        known = dict(labels)
        bound = float(known.pop("le"))
        known.pop(_NAME, None)
        grouped.setdefault(frozenset(known.items()), []).append((bound, count))
    found: Vector = {}
    for labels, pairs in grouped.items():
        pairs.sort()
        counts = [count for _, count in pairs]
        if not counts[-1]:
            found[labels] = math.nan
            continue
        wanted = quantile * counts[-1]
        at = min(bisect_left(counts, wanted), len(pairs) - 1)
        if math.isinf(pairs[at][0]):
            found[labels] = pairs[-2][0]
            continue
        low, below = pairs[at - 1] if at else (0.0, 0.0)
        found[labels] = low + (pairs[at][0] - low) * (wanted - below) / (counts[at] - below)
    return found


def _aggregate(expr: promql.AggregateExpr, scrapes: Sequence[Scrape]) -> Vector:
    modifier = expr.modifier
    kept = set(modifier.labels) if modifier is not None else set[str]()
    if modifier is not None and modifier.type != promql.AggModifierType.By:
        raise Unsupported(expr.prettify())
    groups: dict[Labels, list[float]] = {}
    for labels, value in _vector(expr.expr, scrapes).items():
        groups.setdefault(frozenset(pair for pair in labels if pair[0] in kept), []).append(value)
    reductions: dict[str, Callable[[list[float]], float]] = {
        "sum": math.fsum,
        "max": max,
        "min": min,
        "count": lambda values: float(len(values)),
        "avg": lambda values: math.fsum(values) / len(values),
    }
    if str(expr.op) not in reductions:
        raise Unsupported(expr.prettify())
    return {labels: reductions[str(expr.op)](values) for labels, values in groups.items()}


_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": lambda one, other: one / other if other else math.nan if not one else math.copysign(math.inf, one),
}
_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


def _binary(expr: promql.BinaryExpr, scrapes: Sequence[Scrape]) -> "Vector | float":
    sign, modifier = str(expr.op), expr.modifier
    if modifier is not None and (modifier.return_bool or modifier.group_labels is not None):
        raise Unsupported(expr.prettify())
    key = _matching(modifier)
    if sign in ("and", "or", "unless"):
        return _together(sign, key, _vector(expr.lhs, scrapes), _vector(expr.rhs, scrapes))
    one, other = _evaluate(expr.lhs, scrapes), _evaluate(expr.rhs, scrapes)
    if isinstance(one, dict):
        pairs = (
            _paired(one, other, key) if isinstance(other, dict) else [(at, value, other) for at, value in one.items()]
        )
    elif isinstance(other, dict):
        pairs = [(at, one, value) for at, value in other.items()]
    else:
        return _ARITHMETIC[sign](one, other)
    if sign in _COMPARISONS:
        compare = _COMPARISONS[sign]
        return {at: left if isinstance(one, dict) else right for at, left, right in pairs if compare(left, right)}
    return {_unnamed(at): _ARITHMETIC[sign](left, right) for at, left, right in pairs}


def _together(sign: str, key: Callable[[Labels], Labels], one: Vector, other: Vector) -> Vector:
    ours, theirs = {key(labels) for labels in one}, {key(labels) for labels in other}
    if sign == "or":
        return one | {labels: value for labels, value in other.items() if key(labels) not in ours}
    return {labels: value for labels, value in one.items() if (key(labels) in theirs) == (sign == "and")}


def _paired(one: Vector, other: Vector, key: Callable[[Labels], Labels]) -> list[tuple[Labels, float, float]]:
    theirs = {key(labels): value for labels, value in other.items()}
    if len(theirs) < len(other) or len({key(labels) for labels in one}) < len(one):
        raise Unsupported("many to one")
    return [(labels, value, theirs[key(labels)]) for labels, value in one.items() if key(labels) in theirs]


def _matching(modifier: promql.BinModifier | None) -> Callable[[Labels], Labels]:
    matching = modifier.matching if modifier is not None else None
    if matching is None:
        return _unnamed
    named, include = set(matching.labels), matching.type == promql.LabelModifierType.Include
    return lambda labels: frozenset(pair for pair in labels if pair[0] != _NAME and (pair[0] in named) == include)
