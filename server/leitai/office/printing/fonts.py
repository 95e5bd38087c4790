"""The fonts that pages are set in, and what they lack: a name is printed whole or not at all.

Noto Serif SC and Noto Sans SC come as a package, so that every machine prints the same page. They hold the
characters of GB 18030 that names are written with, and many beyond; nothing holds all. A deployment may have a folder
of further fonts for the rest.
"""

import struct
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pylopdf_fonts_zh_cn as packaged

if TYPE_CHECKING:
    import typst

BLANK = "＿"
"""Stands where a character is lacking, to be written there by hand."""
_WINDOWS, _UNICODE_FULL = 3, 10
_ENDINGS = {".otf", ".ttf", ".ttc"}
_further: list[Path] = []


def look_in(folder: str) -> None:
    """Let this process set in the fonts of a folder what ours lack; empty: in none. Whoever builds the process says so,
    before anything is printed."""
    wanted = [Path(folder)] if folder else []
    if wanted != _further:
        _further[:] = wanted
        fonts.cache_clear()
        _characters.cache_clear()


@cache
def fonts() -> "typst.Fonts":
    """Return our fonts and the further ones alone, whatever else a machine has. Reading ours takes some milliseconds,
    once."""
    import typst  # only whoever prints: gateways start without it

    folders = [str(one) for one in (packaged.serif_path().parent, *_further)]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)


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
    known = _mapped(packaged.serif_path()) & _mapped(packaged.sans_path())
    for folder in _further:
        for file in sorted(folder.rglob("*")):
            if file.suffix.casefold() in _ENDINGS:
                # What is no such font lends no character: it is refused as if it were not there.
                with suppress(ValueError, StopIteration, struct.error, OSError):
                    known |= _mapped(file)
    return known


def _mapped(path: Path) -> frozenset[int]:
    """Return the code points that an OpenType font, or the first of a collection, maps to a glyph (table `cmap`, format
    12). Raises ValueError, StopIteration, struct.error for a file that is none."""
    with path.open("rb") as file:
        if file.read(4) == b"ttcf":
            file.seek(12)
            file.seek(*struct.unpack(">I", file.read(4)))
        else:
            file.seek(0)
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
