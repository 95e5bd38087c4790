"""Byte ranges as RFC 9110 has them."""

import pytest

from leitai.web.ranges import Range, Unsatisfiable, asked_range

ETAG = '"abc"'


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("bytes=0-499", Range(0, 499)),
        ("bytes=500-999", Range(500, 999)),
        ("bytes=-500", Range(9500, 9999)),
        ("bytes=9500-", Range(9500, 9999)),
        ("bytes=0-0", Range(0, 0)),
        ("bytes=-1", Range(9999, 9999)),
        ("bytes=9999-9999", Range(9999, 9999)),
        ("bytes=0-", Range(0, 9999)),
        # Beyond the end it ends with the file; a suffix longer than the file is the file.
        ("bytes=9000-123456", Range(9000, 9999)),
        ("bytes=-20000", Range(0, 9999)),
        # Names of units know no case; blanks and empty elements of a list say nothing.
        ("Bytes=0-1", Range(0, 1)),
        ("bytes= 0-1 , ,", Range(0, 1)),
        # Not known, not a range, or several: the whole file.
        ("items=0-1", None),
        ("bytes", None),
        ("bytes=", None),
        ("bytes=-", None),
        ("bytes=5-4", None),
        ("bytes=a-b", None),
        ("bytes=0-1-2", None),
        ("bytes=+1-2", None),
        ("bytes=1.0-2", None),
        ("bytes=0-1,5-6", None),
        (f"bytes={'9' * 40}-", None),
        (None, None),
    ],
)
def test_forms(asked: str | None, found: Range | None) -> None:
    assert asked_range("GET", asked, None, 10_000, ETAG) == found


@pytest.mark.parametrize("asked", ["bytes=10000-", "bytes=10000-10001", "bytes=-0", "bytes=99999-"])
def test_beyond_the_file(asked: str) -> None:
    with pytest.raises(Unsatisfiable):
        asked_range("GET", asked, None, 10_000, ETAG)


def test_only_for_get_and_only_if_it_is_the_same_file() -> None:
    assert asked_range("HEAD", "bytes=0-1", None, 10, ETAG) is None
    assert asked_range("GET", "bytes=0-1", ETAG, 10, ETAG) == Range(0, 1)
    for other in ('"abd"', 'W/"abc"', "Sat, 29 Oct 1994 19:43:31 GMT", ""):
        assert asked_range("GET", "bytes=0-1", other, 10, ETAG) is None
    # A condition that does not hold comes before the range: nothing is said about one that lies beyond.
    assert asked_range("GET", "bytes=99-", '"abd"', 10, ETAG) is None
