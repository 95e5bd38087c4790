"""QTI 2.x and 3.0 (IMS Global, 1EdTech): packages with imsmanifest.xml, and single items.

Read are choices, true-false, text entries (blanks), an extended text (short answer) and several under one stem (case).
Difficulty, module, knowledge point and tags come from the LOM metadata that the manifest has of an item.
"""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from leitai.office.importing.archives import MAX_PACKAGE_ENTRIES, Archive
from leitai.office.importing.drafts import Draft, Drafts
from leitai.office.importing.problems import FileRefused, Place
from leitai.office.importing.qti_item import read_item
from leitai.office.importing.xml_items import in_pieces, read_items

DIFFICULTIES = {"very easy": "易", "easy": "较易", "medium": "中", "difficult": "较难", "very difficult": "难"}
"""LOM 5.8 and the words of the bank (`answers.read_difficulty`)."""


@dataclass(slots=True)
class Metadata:
    """What a manifest says of an item."""

    tags: list[str] = field(default_factory=list[str])
    category: str = ""
    problems: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])


def read_package(archive: Archive) -> Drafts:
    """Return the questions of a package in the order of its manifest; raises `FileRefused`."""
    archive.inspect(MAX_PACKAGE_ENTRIES)
    names = frozenset(archive.names)
    found = Drafts()
    manifest = archive.pieces("imsmanifest.xml")
    for resource in read_items(manifest, "imsmanifest.xml", 2, frozenset({"resource"})):
        if not re.match(r"imsqti_item|imsqti_apip_item|imsqti_xmlv1", resource.get("type", "")):
            continue
        href = resource.get("href") or next((one.get("href", "") for one in resource.findall("file")), "")
        name = posixpath.normpath(unquote(href).replace("\\", "/")).lstrip("/")
        place = Place(name[-80:] or "imsmanifest.xml", 1)
        if name not in names:
            found.add(_refused(place, "item-missing", href))
            continue
        metadata = _metadata(resource)
        try:
            root = next(read_items(archive.pieces(name), name, 0), None)
        except FileRefused as refused:
            # One item that cannot be read leaves the others as they are; a hostile one does not.
            if refused.code != "file-broken":
                raise
            root = None
        for draft in _drafts(place, root, metadata):
            found.add(draft)
    return found


def read_single_item(data: bytes) -> Drafts:
    """Return the question of an item without a package; raises `FileRefused`."""
    found = Drafts()
    root = next(read_items(in_pieces(data), "XML", 0), None)
    for draft in _drafts(Place("qti", 1), root, Metadata()):
        found.add(draft)
    return found


def _drafts(place: Place, root: Element | None, metadata: Metadata) -> Iterator[Draft]:
    if root is None:
        yield _refused(place, "item-broken", "")
        return
    yield from read_item(place, root, metadata.tags, metadata.category)


def _refused(place: Place, code: str, detail: str) -> Draft:
    return Draft(place, {"stem": "?", "answer": "?"}, problems=[("stem", code, detail)])


def _metadata(resource: Element) -> Metadata:
    found = Metadata()
    lom = resource.find("metadata")
    if lom is None:
        return found
    for keyword in lom.iter("keyword"):
        found.tags.append(_string(keyword))
    difficulty = next(lom.iter("difficulty"), None)
    if difficulty is not None and (word := DIFFICULTIES.get((difficulty.findtext("value") or "").strip().casefold())):
        found.tags.append(f"难度:{word}")
    for classification in lom.iter("classification"):
        purpose = (classification.findtext("purpose/value") or "").strip().casefold()
        entries = [_string(entry) for entry in classification.iter("entry")]
        if purpose == "discipline":
            found.category = "/".join(entry.replace("/", "//") for entry in entries)
        elif purpose == "educational objective" and entries:
            found.tags.append(f"知识点:{entries[-1]}")
    return found


def _string(element: Element) -> str:
    """A LangString: `string` in QTI 2.1 and later, `langstring` before."""
    inner = next((one for one in element if one.tag in ("string", "langstring")), element)
    return inner.text or ""
