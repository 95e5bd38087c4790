"""The small PromQL of tests/support/promql.py, against figures worked out by hand."""

import math

import pytest

from tests.support.promql import Scrape, Unsupported, evaluate, names_in


def _scrapes(*told: tuple[float, dict[str, str | None]]) -> list[Scrape]:
    return [Scrape.of(at_s, texts) for at_s, texts in told]


COUNTERS = _scrapes(
    (0, {"a": "c_total 0\ng 1", "b": "c_total 100\ng 3"}),
    (30, {"a": "c_total 30\ng 2", "b": "c_total 10\ng 3"}),
    (60, {"a": "c_total 60\ng 4", "b": "c_total 40\ng 0"}),
)
BUCKETS = _scrapes((0, {"a": 'h_bucket{le="1"} 0\nh_bucket{le="2"} 5\nh_bucket{le="4"} 10\nh_bucket{le="+Inf"} 10'}))


def _by_instance(query: str, scrapes: list[Scrape]) -> dict[str, float]:
    return {dict(labels).get("instance", ""): value for labels, value in evaluate(query, scrapes).items()}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("g", {"a": 4, "b": 0}),
        ('g{instance="a"}', {"a": 4}),
        ('g{nothing=""}', {"a": 4, "b": 0}),
        ("rate(c_total[1m])", {"a": 1, "b": 40 / 60}),  # b began anew: 10 + 30
        ("increase(c_total[1m])", {"a": 60, "b": 40}),
        # Two points 30 s apart in 50 s: the 20 s before them are filled, as far as the counter reaches above nothing.
        ("increase(c_total[50s])", {"a": 50, "b": 40}),
        # 70 s: 10 s are missing before the first; a stood at 0 and grew nothing there, b would have.
        ("increase(c_total[70s])", {"a": 60, "b": 40 * 70 / 60}),
        # 200 s: too long a gap to be one that is missing; half of one is filled.
        ("increase(c_total[200s])", {"a": 60, "b": 40 * 75 / 60}),
        ("sum(g)", {"": 4}),
        ("max by (instance) (g)", {"a": 4, "b": 0}),
        ("max_over_time(g[1m])", {"a": 4, "b": 3}),
        ("g > 1", {"a": 4}),
        ("2 > g", {"b": 0}),
        ("g == 0", {"b": 0}),
        ("g / g", {"a": 1, "b": math.nan}),
        ("1 - g", {"a": -3, "b": 1}),
        ("g and on (instance) c_total > 50", {"a": 4}),
        ("g unless on (instance) c_total > 50", {"b": 0}),
        ("sum(missing) or vector(7)", {"": 7}),
        ("sum(g) - on() sum(c_total)", {"": -96}),
        ("abs(g - 3)", {"a": 1, "b": 3}),
        ("up", {"a": 1, "b": 1}),
    ],
)
def test_a_query_gives_what_it_must(query: str, expected: dict[str, float]) -> None:
    assert _by_instance(query, COUNTERS) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(("quantile", "expected"), [(0.5, 2), (0.25, 1.5), (0.75, 3), (1, 4)])
def test_quantiles_are_linear_within_a_bucket(quantile: float, expected: float) -> None:
    assert list(evaluate(f"histogram_quantile({quantile}, h_bucket)", BUCKETS).values()) == [pytest.approx(expected)]


def test_above_the_last_bound_and_of_nothing() -> None:
    above = _scrapes((0, {"a": 'h_bucket{le="1"} 1\nh_bucket{le="+Inf"} 10', "b": 'h_bucket{le="+Inf"} 0'}))
    found = _by_instance("histogram_quantile(0.9, h_bucket)", above)
    assert found == pytest.approx({"a": 1, "b": math.nan}, nan_ok=True)


def test_a_target_that_does_not_answer_is_down_and_tells_nothing() -> None:
    scrapes = _scrapes((0, {"a": "g 1", "b": None}))
    assert _by_instance("up == 0", scrapes) == {"b": 0}
    assert _by_instance("g", scrapes) == {"a": 1}


@pytest.mark.parametrize(
    "query",
    [
        "topk(1, g)",
        "sum without (instance) (g)",
        'g{instance=~"a|b"}',
        "g offset 1m",
        "-g",
        "g > bool 1",
        "g * on (instance) group_left () g",
        "absent(g)",
        "sum by (job) (g) - on (job) g",
    ],
)
def test_what_is_not_here_says_so(query: str) -> None:
    with pytest.raises(Unsupported):
        evaluate(query, COUNTERS)


def test_names_are_found_wherever_they_stand() -> None:
    assert names_in("sum(rate(a[1m])) / b and on() max(c) == 1") == {"a", "b", "c"}
    with pytest.raises(ValueError, match="unclosed"):
        names_in("sum(")
