"""Byte ranges (RFC 9110, 14): one range of a file, or the whole of it."""

import re
from dataclasses import dataclass

_BYTES = re.compile(r"bytes=(.*)", re.IGNORECASE | re.DOTALL)
_SPEC = re.compile(r"([0-9]{0,18})-([0-9]{0,18})")


class Unsatisfiable(Exception):
    """The range lies beyond the file: 416."""


@dataclass(frozen=True, slots=True)
class Range:
    """From one byte to another, both included."""

    first: int
    last: int

    @property
    def length(self) -> int:
        """Bytes in it."""
        return self.last - self.first + 1


def asked_range(method: str, asked: str | None, if_range: str | None, size: int, etag: str) -> Range | None:
    """Return the range that a request asks for, None for the whole file.

    Ignored, as a server may, are units and forms that are not known (14.2) and lists of several; so is what is
    asked by another method than GET, or `If-Range` another version is there (13.1.5: a strong comparison;
    dates never match, since files have none).

    Args:
        size: of the file, in bytes.
        etag: of the file, strong.

    Raises:
        Unsatisfiable: no byte of the range is in the file (14.1.1).
    """
    if asked is None or method != "GET" or (if_range is not None and if_range.strip() != etag):
        return None
    unit = _BYTES.fullmatch(asked.strip())
    # An empty element of a list says nothing (5.6.1).
    specs = [spec.strip() for spec in unit[1].split(",") if spec.strip()] if unit else []
    if len(specs) != 1 or (found := _SPEC.fullmatch(specs[0])) is None:
        return None
    first, last = found[1], found[2]
    if not first and not last:
        return None
    if not first:
        suffix = int(last)
        if suffix == 0 or size == 0:
            raise Unsatisfiable
        return Range(max(0, size - suffix), size - 1)
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        raise Unsatisfiable
    return Range(int(first), min(int(last), size - 1) if last else size - 1)
