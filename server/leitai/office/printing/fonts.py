"""The fonts that pages are set in, and what they lack: a name is printed whole or not at all.

Noto Serif SC and Noto Sans SC come as a package, so that every machine prints the same page. They hold the
characters of GB 18030 that names are written with, and many beyond; nothing holds all.
"""

import struct
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pylopdf_fonts_zh_cn as packaged

if TYPE_CHECKING:
    import typst

BLANK = "＿"
"""Stands where a character is lacking, to be written there by hand."""
_WINDOWS, _UNICODE_FULL = 3, 10


@cache
def fonts() -> "typst.Fonts":
    """Return our fonts alone, whatever else a machine has. Reading them takes some milliseconds, once."""
    import typst  # only whoever prints: gateways start without it

    folder = packaged.serif_path().parent
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder)])


def unprintable(text: str) -> str:
    """Return the characters of `text` that the fonts have no glyph for, each once, in order; line ends aside."""
    known = _characters()
    return "".join(dict.fromkeys(one for one in text if one != "\n" and ord(one) not in known))


def with_blanks(text: str) -> str:
    """Return `text` with `BLANK` for each character that the fonts have no glyph for, which would print as a box."""
    lacking = {ord(one) for one in set(text)} - _characters() - {ord("\n")}
    return text.translate(dict.fromkeys(lacking, BLANK))


@cache
def _characters() -> frozenset[int]:
    return _mapped(packaged.serif_path()) & _mapped(packaged.sans_path())


def _mapped(path: Path) -> frozenset[int]:
    """Return the code points that an OpenType font maps to a glyph (table `cmap`, format 12)."""
    with path.open("rb") as file:
        count: int = struct.unpack(">4xH6x", file.read(12))[0]
        records = (struct.unpack(">4s4xII", file.read(16)) for _ in range(count))
        offset, length = next((offset, length) for tag, offset, length in records if tag == b"cmap")
        file.seek(offset)
        table = file.read(length)
    (subtables,) = struct.unpack_from(">H", table, 2)
    for index in range(subtables):
        platform, encoding, at = struct.unpack_from(">HHI", table, 4 + 8 * index)
        if (platform, encoding) == (_WINDOWS, _UNICODE_FULL):
            (groups,) = struct.unpack_from(">I", table, at + 12)
            found: set[int] = set()
            for start, end, _ in struct.iter_unpack(">III", table[at + 16 : at + 16 + 12 * groups]):
                found.update(range(start, end + 1))
            return frozenset(found)
    raise ValueError(f"{path.name} maps no full Unicode")
