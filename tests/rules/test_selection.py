"""The worked example of RFC 3797, section 6, and what holds of every selection."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitai.rules.selection import Algorithm, Source, key_string, select, steps

RFC_SOURCES: list[Source] = [(9319,), (2, 5, 12, 8, 10), (9, 18, 26, 34, 41, 45)]
RFC_KEY = "9319./2.5.8.10.12./9.18.26.34.41.45./"
RFC_TABLE = [
    ("990DD0A5692A029A98B5E01AA28F3459", 25, 17),
    ("3691E55CB63FCC37914430B2F70B5EC6", 24, 7),
    ("FE814EDF564C190AC1D25753979990FA", 23, 2),
    ("1863CCACEB568C31D7DDBDF1D4E91387", 22, 16),
    ("F4AB33DF4889F0AF29C513905BE1D758", 21, 25),
    ("13EAEB529F61ACFB9A29D0BA3A60DE4A", 20, 23),
    ("992DB77C382CA2BDB9727001F3CDCCD9", 19, 8),
    ("63AB4258ECA922976811C7F55C383CE7", 18, 24),
    ("DFBC5AC97CED01B3A6E348E3CC63F40D", 17, 19),
    ("31CB111C4A4EBE9287CEAE16FE51B909", 16, 13),
]


def test_the_example_of_the_rfc() -> None:
    assert key_string(RFC_SOURCES) == RFC_KEY
    table = [(step.digest.upper(), step.left, step.place) for step in steps(25, 10, RFC_KEY, Algorithm.MD5)]
    assert table == RFC_TABLE
    assert select(25, 10, RFC_SOURCES, Algorithm.MD5) == (17, 7, 2, 16, 25, 23, 8, 24, 19, 13)


def test_sha256_is_the_default() -> None:
    assert select(25, 10, RFC_SOURCES) == select(25, 10, RFC_SOURCES, Algorithm.SHA256)
    assert steps(25, 1, RFC_KEY)[0].digest == "2c387b04b3ec92a0e1361c2b44a552e020b918ea986a808e8392c70bc337d90f"
    assert select(25, 10, RFC_SOURCES) == (20, 23, 1, 14, 17, 9, 11, 15, 7, 13)


@pytest.mark.parametrize(
    ("sources", "key"),
    [
        ([], ""),
        ([(7,)], "7./"),
        ([(3, 1, 2)], "1.2.3./"),
        ([(10, 9)], "9.10./"),
        ([(5, 5)], "5.5./"),
        (["a1B2", (0,)], "A1B2/0./"),
        (["12", (12,)], "12/12./"),
    ],
)
def test_keys(sources: list[Source], key: str) -> None:
    assert key_string(sources) == key


@pytest.mark.parametrize("source", ["", "a b", "1,2", "1.2", "抽签", "é", "²", (), (-1,), (3, -2)])
def test_sources_without_a_canonical_form(source: Source) -> None:
    with pytest.raises(ValueError, match="canonical"):
        key_string([source])


@pytest.mark.parametrize(("pool_size", "count"), [(10, 11), (10, -1), (65536, 1), (-1, 0)])
def test_impossible_selections(pool_size: int, count: int) -> None:
    with pytest.raises(ValueError, match="of"):
        select(pool_size, count, RFC_SOURCES)


def test_the_largest_pool() -> None:
    assert 1 <= select(65535, 1, RFC_SOURCES)[0] <= 65535


@given(st.integers(0, 120), st.data(), st.lists(st.integers(0, 99), min_size=1), st.sampled_from(Algorithm))
def test_distinct_places_of_the_pool(
    pool_size: int, data: st.DataObject, numbers: list[int], algorithm: Algorithm
) -> None:
    count = data.draw(st.integers(0, pool_size))
    places = select(pool_size, count, [tuple(numbers)], algorithm)
    assert len(set(places)) == count
    assert all(1 <= place <= pool_size for place in places)
    # Asking for more goes on where fewer left off, and the order of a source's numbers is nothing.
    assert select(pool_size, pool_size, [tuple(reversed(numbers))], algorithm)[:count] == places


def test_everyone_is_drawn_about_equally_often() -> None:
    drawn = Counter(place for trial in range(2000) for place in select(20, 7, [(trial,)]))
    # 2,000 × 7 / 20 = 700 each; hypergeometric spread 21.3, and five of them pass once in a million.
    assert all(abs(drawn[place] - 700) < 107 for place in range(1, 21))
