"""Made-up ID numbers and telephone numbers of a whole nation, and a search that finds them in whatever form."""

import base64
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from io import BytesIO

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_HEAD, _PHONE_HEAD = "6590011990", "1990155"
"""What all numbers here begin with: rare enough that a whole dump can be searched for it."""


def id_number(place: int) -> str:
    """A valid identity number (GB 11643-1999), another for each place below 36,000."""
    born = date(1990, 1, 1) + timedelta(days=place % 360)
    body = f"{_ID_HEAD}{born:%m%d}{place // 360:03d}"
    return body + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True)) % 11]


def phone(place: int) -> str:
    """A mobile number, another for each place below 10,000."""
    return f"{_PHONE_HEAD}{place:04d}"


class Search:
    """Looks for numbers in bytes: as they are, with their halves exchanged, backwards, in hex, and in Base64 wherever
    in its groups they begin. Members of ZIP files (workbooks among them) are looked into.

    Args:
        numbers: all that are looked for, of `id_number` and `phone`.
    """

    def __init__(self, numbers: Iterable[str]) -> None:
        forms: defaultdict[bytes, set[str]] = defaultdict(set)
        for number in numbers:
            half = len(number) // 2
            for form in (number, number[half:] + number[:half], number[::-1], number.encode().hex()):
                forms[form.encode()].add(number)
            for before in range(3):
                # What surrounds a number decides the letters at its edges; those between are its own.
                encoded = base64.b64encode(b"\0" * before + number.encode())
                start = (before * 8 + 5) // 6
                forms[encoded[start : (before + len(number)) * 8 // 6]].add(number)
        self._forms = dict(forms)
        lengths = sorted({len(form) for form in forms}, reverse=True)
        # Every form of one kind shares what numbers have in common; the rest is looked up.
        self._lengths = lengths
        self._anchors = [re.compile(re.escape(anchor)) for anchor in sorted(_anchors(forms))]

    def found(self, content: bytes) -> set[str]:
        """The numbers that are in `content` in some form; in Base64 those that differ in the last sign go together."""
        return {number for part in _parts(content) for number in self._in(part)}

    def _in(self, content: bytes) -> Iterator[str]:
        for anchor in self._anchors:
            for match in anchor.finditer(content):
                # The anchor may stand anywhere in the form.
                for length in self._lengths:
                    for start in range(max(0, match.end() - length), match.start() + 1):
                        yield from self._forms.get(content[start : start + length], ())


def _anchors(forms: Iterable[bytes]) -> set[bytes]:
    """Pieces of which each form holds one, all of them rare in anything else."""
    pieces: set[bytes] = set()
    for head in (_ID_HEAD[:6], _PHONE_HEAD):
        pieces |= {head.encode(), head[::-1].encode(), head.encode().hex().encode()}
        for before in range(3):
            encoded = base64.b64encode(b"\0" * before + head.encode())
            pieces.add(encoded[(before * 8 + 5) // 6 : (before + len(head)) * 8 // 6])
    # Halves that were exchanged cut the head of a telephone number.
    pieces |= {_PHONE_HEAD[:5].encode()}
    assert all(any(piece in form for piece in pieces) for form in forms)
    return pieces


def _parts(content: bytes) -> Iterator[bytes]:
    yield content
    if content.startswith(b"PK"):
        with zipfile.ZipFile(BytesIO(content)) as archive:
            for name in archive.namelist():
                yield archive.read(name)
