"""The figures that gateways set down, added up to what operators see."""

from leitai.live.attendance import GONE_AFTER_US
from leitai.live.counts import TIMES_US, Histogram
from leitai.live.health import OVER_US, GatewayFigures, Health, pack, percentile
from leitai.rules.values import Micros

NOW = 100_000_000


def said(acks: Histogram, *, offset: int = 7, lag_us: int = 900) -> bytes:
    return pack(GatewayFigures(12, 10, 0, offset, lag_us, list(acks.buckets)))


def test_percentiles_are_upper_bounds_of_their_buckets() -> None:
    acks = Histogram()
    assert percentile(acks.buckets, 99) == 0
    for _ in range(99):
        acks.observe(700)
    acks.observe(9_000)
    assert percentile(acks.buckets, 50) == 750
    assert percentile(acks.buckets, 99) == 750
    acks.observe(9_000)
    assert percentile(acks.buckets, 99) == 12_000
    acks.observe(10**9)
    assert percentile(acks.buckets, 100) == TIMES_US[-1]


def test_only_the_last_half_minute_counts_over_all_gateways() -> None:
    health, one, other = Health(), Histogram(), Histogram()
    one.observe(100_000)
    there = {"gateway-0": Micros(NOW), "gateway-1": Micros(NOW)}
    health.learn(there, {"gateway-0": said(one), "gateway-1": said(other)}, 7, NOW)
    assert (health.answers, health.ack_us(50)) == (1, 128_000)
    later = NOW + OVER_US + 2_000_000
    for _ in range(3):
        other.observe(300)
    there = {name: Micros(later) for name in there}
    health.learn(there, {"gateway-0": said(one), "gateway-1": said(other)}, 7, later)
    assert (health.answers, health.ack_us(99)) == (3, 375)
    much_later = later + OVER_US + 2_000_000
    there = {name: Micros(much_later) for name in there}
    health.learn(there, {"gateway-0": said(one), "gateway-1": said(other)}, 7, much_later)
    assert (health.answers, health.ack_us(99)) == (0, 0)


def test_who_is_behind_silent_or_unreadable() -> None:
    health = Health()
    there = {"a": Micros(NOW), "b": Micros(NOW - GONE_AFTER_US - 1), "c": Micros(NOW), "d": Micros(NOW)}
    figures = {"a": said(Histogram(), offset=5), "b": said(Histogram(), offset=1, lag_us=9_000), "c": b"\xc1"}
    health.learn(there, figures, 7, NOW)
    assert [(one.name, one.feed_behind, one.gone) for one in health.gateways] == [("a", 2, False), ("b", 6, True)]
    # Nobody is connected at a gateway that is gone, so nobody is behind there.
    assert (health.feed_behind, health.board_lag_us) == (2, 900)
    assert (health.recorder.behind, health.recorder.oldest_us) == (-1, -1)
