"""What every reader of question files makes: questions as written, field by field, before anything is understood.

The fields are those of a row of a table (`headers.QUESTION_HEADERS`), and their texts follow the conventions of its
cells: options by letter, the letters of an answer, blanks split by `|` and alternatives by `;`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from leitai.office.importing.problems import FileRefused, Place

TITLES: Mapping[str, str] = {
    "type": "题型",
    "stem": "题干",
    "shared_stem": "大题题干",
    "options": "选项",
    **{f"option_{letter}": f"选项{letter}" for letter in "ABCDEFGH"},
    "answer": "答案",
    "explanation": "解析",
    "difficulty": "难度",
    "point": "知识点",
    "module": "目录",
    "tags": "标签",
}
"""What a field is called where the file has no header for it."""

MAX_ROWS = 100_000
"""Questions of a file at most, and rows that hold anything, over all sheets, headers included."""
LONG = 20_000
"""Characters after which no more of a text is gathered: it is refused as too long wherever it belongs."""

_ODD = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# Marks without a width that turn or join text: nobody typed them, and two stems must not differ by them.
_INVISIBLE = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]|_x000D_")


@dataclass(slots=True)
class Draft:
    """A question as written.

    Args:
        place: where it stands.
        fields: the texts by field, `clean`.
        titles: what the file calls the fields.
        type_hint: where the type may be told when `fields` does not: the name of a sheet, a heading.
        problems: (field, code, detail) of what its reader found wrong.
        loose_module: the module is a category that may mean something else (Moodle has one around every question).
    """

    place: Place
    fields: dict[str, str]
    titles: Mapping[str, str] = field(default_factory=lambda: TITLES)
    type_hint: str = ""
    problems: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    loose_module: bool = False


@dataclass(slots=True)
class Drafts:
    """All of a file. `skipped` names the parts in which nothing was recognised."""

    drafts: list[Draft] = field(default_factory=list[Draft])
    skipped: list[str] = field(default_factory=list[str])

    def add(self, draft: Draft) -> None:
        """Add a question; raises `FileRefused` when there are too many."""
        if len(self.drafts) >= MAX_ROWS:
            raise FileRefused("too-many-rows", f"{MAX_ROWS:,}")
        self.drafts.append(draft)


def clean(text: str) -> str:
    """Return a text as the bank keeps it: one kind of line break, nothing invisible, no blanks at its ends."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    # Excel writes _x000D_ for a carriage return; both forms mean a line break.
    return (text if text.isascii() and "_x000D_" not in text else _INVISIBLE.sub("", text)).strip()


def is_odd(text: str) -> bool:
    """Whether a text holds what no text should: control characters, and what XML cannot say."""
    return _ODD.search(text) is not None
