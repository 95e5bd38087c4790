"""XML read piece by piece, one element of interest at a time, with nothing from outside and bounded memory.

Document types are refused, and with them every entity. Names come without their namespaces. Raises `FileRefused`.
"""

import re
from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element, ParseError

import defusedxml
from defusedxml.ElementTree import DefusedXMLParser

from leitai.office.importing.problems import FileRefused

MAX_ELEMENTS = 50_000
"""Within one element of interest."""
MAX_DEPTH = 200

_PIECE = 1 << 16
_FED = 4 << 20
_CHINESE = re.compile(rb"^\s*<\?xml[^>]*?encoding\s*=\s*[\"'](gbk|gb2312|gb18030)[\"'][^>]*\?>", re.IGNORECASE)


def read_items(
    pieces: Iterable[bytes], part: str, depth: int, wanted: frozenset[str] | None = None
) -> Iterator[Element]:
    """Yield the elements at a depth (1: below the root) as they are closed, each without those before it.

    Args:
        pieces: the XML.
        part: what it is called in a refusal.
        depth: where the elements are; 0 yields the root alone.
        wanted: their local names, None for any; others are passed over without being kept.
    """
    target = _Items(depth, wanted, part)
    parser = DefusedXMLParser(target=target, forbid_dtd=True)
    try:
        for piece in _gathered(pieces):
            parser.feed(piece)
            yield from target.done()
        parser.close()
        yield from target.done()
    except defusedxml.DefusedXmlException as error:
        raise FileRefused("file-entities") from error
    # ValueError: a declared encoding that the parser does not know; LookupError: that nobody does.
    except (ParseError, ValueError, LookupError) as error:
        raise FileRefused("file-broken", part) from error


def in_pieces(data: bytes) -> Iterator[bytes]:
    """Yield a file's bytes in pieces, in UTF-8 where its declaration says GBK or GB18030."""
    declared = _CHINESE.match(data, 0, 1 << 10)
    if declared is not None:
        try:
            data = data[declared.end() :].decode("gb18030").encode()
        except UnicodeDecodeError as error:
            raise FileRefused("file-encoding") from error
    for at in range(0, len(data), _PIECE):
        yield data[at : at + _PIECE]


def _gathered(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Larger pieces: the parser begins a tag that is not at its end anew with each of them."""
    gathered = bytearray()
    for piece in pieces:
        gathered += piece
        if len(gathered) >= _FED:
            yield bytes(gathered)
            gathered.clear()
    yield bytes(gathered)


class _Items:
    """A parser's target: builds what is below `depth`, hands it out when it is closed, and counts."""

    def __init__(self, depth: int, wanted: frozenset[str] | None, part: str) -> None:
        self._depth = depth
        self._wanted = wanted
        self._part = part
        self._level = -1
        self._open: list[Element] = []
        self._last: Element | None = None
        self._text: list[str] = []
        self._count = 0
        self._done: list[Element] = []

    def done(self) -> list[Element]:
        """Take what was closed since the last call."""
        taken, self._done = self._done, []
        return taken

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        self._flush()
        self._level += 1
        if self._level > MAX_DEPTH:
            raise FileRefused("file-bomb", self._part)
        name = tag.rpartition("}")[2]
        if not self._open and (self._level != self._depth or (self._wanted is not None and name not in self._wanted)):
            return
        self._count += 1
        if self._count > MAX_ELEMENTS:
            raise FileRefused("file-bomb", self._part)
        element = Element(name, {key.rpartition("}")[2]: value for key, value in attributes.items()})
        if self._open:
            self._open[-1].append(element)
        self._open.append(element)
        self._last = None

    def end(self, _tag: str) -> None:
        """An element ends."""
        self._level -= 1
        if not self._open:
            return
        self._flush()
        self._last = self._open.pop()
        if not self._open:
            self._done.append(self._last)
            self._last = None
            self._count = 0

    def data(self, text: str) -> None:
        """Text."""
        if self._open:
            self._text.append(text)

    def close(self) -> None:
        """The XML ends."""

    def _flush(self) -> None:
        if not self._text:
            return
        text = "".join(self._text)
        self._text.clear()
        if self._last is not None:
            self._last.tail = text
        elif self._open:
            self._open[-1].text = text
