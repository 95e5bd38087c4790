"""The numbers and letters that Word puts before paragraphs, which are nowhere in their text (ECMA-376, 17.9)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from leitai.office.importing.archives import Archive
from leitai.office.importing.xml_items import read_items

_LIMIT = 8 << 20
_HAN = "零一二三四五六七八九"
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


@dataclass(frozen=True, slots=True)
class _Level:
    format: str = "decimal"
    text: str = ""
    start: int = 1


@dataclass(slots=True)
class Numbering:
    """A document's lists and how far each has counted.

    Args:
        lists: by number id: which abstract list it is, its levels, and where it starts anew.
        styles: number id and level of the paragraph styles that have one.
    """

    lists: Mapping[str, tuple[str, Mapping[int, _Level], Mapping[int, int]]] = field(
        default_factory=dict[str, tuple[str, Mapping[int, _Level], Mapping[int, int]]]
    )
    styles: Mapping[str, tuple[str, int]] = field(default_factory=dict[str, tuple[str, int]])
    _counts: dict[str, dict[int, int]] = field(default_factory=dict[str, dict[int, int]])
    _begun: set[str] = field(default_factory=set[str])

    def label(self, properties: Element) -> str:
        """Return what Word shows before a paragraph with these properties, and count it; empty when that is nothing."""
        number, level = self._list_of(properties)
        if number not in self.lists:
            return ""
        abstract, levels, overrides = self.lists[number]
        counts = self._counts.setdefault(abstract, {})
        if number not in self._begun:
            self._begun.add(number)
            for at, start in overrides.items():
                counts[at] = start - 1
        own = levels.get(level, _Level())
        counts[level] = counts.get(level, own.start - 1) + 1
        for deeper in [at for at in counts if at > level]:
            del counts[deeper]
        return re.sub(
            r"%([1-9])",
            lambda found: _write(
                counts.get(int(found[1]) - 1, levels.get(int(found[1]) - 1, _Level()).start),
                levels.get(int(found[1]) - 1, _Level()).format,
            ),
            "" if own.format in ("bullet", "none") else own.text,
        )

    def _list_of(self, properties: Element) -> tuple[str, int]:
        own = properties.find("numPr")
        style = properties.find("pStyle")
        number, level = self.styles.get(style.get("val", ""), ("", 0)) if style is not None else ("", 0)
        if own is not None:
            number = _value(own, "numId") or number
            level = _number(_value(own, "ilvl"), level)
        return number, level


def read_numbering(archive: Archive) -> Numbering:
    """Return the lists of a .docx; raises `FileRefused`."""
    abstract: dict[str, dict[int, _Level]] = {}
    lists: dict[str, tuple[str, Mapping[int, _Level], Mapping[int, int]]] = {}
    for element in _children(archive, "word/numbering.xml"):
        if element.tag == "abstractNum":
            abstract[element.get("abstractNumId", "")] = {
                _number(level.get("ilvl", ""), 0): _Level(
                    _value(level, "numFmt") or "decimal", _value(level, "lvlText"), _number(_value(level, "start"), 1)
                )
                for level in element.findall("lvl")
            }
        elif element.tag == "num":
            known = _value(element, "abstractNumId")
            overrides = {
                _number(one.get("ilvl", ""), 0): _number(_value(one, "startOverride"), 1)
                for one in element.findall("lvlOverride")
                if one.find("startOverride") is not None
            }
            lists[element.get("numId", "")] = (known, abstract.get(known, {}), overrides)
    styles: dict[str, tuple[str, int]] = {}
    for element in _children(archive, "word/styles.xml"):
        own = element.find("pPr/numPr") if element.tag == "style" else None
        if own is not None:
            styles[element.get("styleId", "")] = (_value(own, "numId"), _number(_value(own, "ilvl"), 0))
    return Numbering(lists, styles)


def _children(archive: Archive, part: str) -> list[Element]:
    data = archive.read(part, _LIMIT)
    return list(read_items([data], part, 1, frozenset({"abstractNum", "num", "style"}))) if data else []


def _value(element: Element, child: str) -> str:
    found = element.find(child)
    return found.get("val", "") if found is not None else ""


def _number(text: str, otherwise: int) -> int:
    return int(text) if re.fullmatch(r"[0-9]{1,6}", text) else otherwise


def _write(number: int, form: str) -> str:
    if form in ("upperLetter", "lowerLetter") and 1 <= number <= 26:
        letter = chr(64 + number)
        return letter if form == "upperLetter" else letter.lower()
    if form == "decimalFullWidth":
        return str(number).translate(_FULL_WIDTH)
    if form.startswith(("chinese", "japaneseCounting", "taiwanese", "ideograph")) and 0 < number < 100:
        tens, ones = divmod(number, 10)
        head = "" if not tens else ("十" if tens == 1 else _HAN[tens] + "十")
        return head + (_HAN[ones] if ones else "")
    return str(number)
