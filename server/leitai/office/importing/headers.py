"""Finding columns: header rows under many names, in any order, below any number of title lines."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_SEARCHED_ROWS = 20
_LONGEST = 100
_ASIDE = re.compile(r"[(（【\[].*?[)）】\]]")
_MARKS = re.compile(r"[\s*＊:：'\"“”‘’《》、,，/／_-]+")


QUESTION_HEADERS: Mapping[str, tuple[str, ...]] = {
    "type": ("题型", "题目类型", "试题类型", "类型", "type"),
    "stem": (
        "题干",
        "试题",
        "问题",
        "题目内容",
        "题目",
        "试题内容",
        "试题题干",
        "题面",
        "小题题干",
        "stem",
        "question",
    ),
    "shared_stem": ("大题题干", "材料", "公共题干"),
    "options": ("选项", "备选项", "备选答案", "选项内容", "options"),
    **{
        f"option_{letter}": (f"选项{letter}", f"{letter}选项", f"答案{letter}", letter, f"option {letter}")
        for letter in "ABCDEFGH"
    },
    "answer": ("答案", "正确答案", "标准答案", "参考答案", "正确选项", "answer"),
    "explanation": ("解析", "答案解析", "试题解析", "解释", "依据", "explanation"),
    "difficulty": ("难度", "难易度", "难易程度", "难度系数", "difficulty"),
    "point": ("知识点", "考点", "考查点", "point"),
    "module": ("目录", "题目分类", "分类", "模块", "所属目录", "题目目录", "module", "category"),
    "tags": ("标签", "关键词", "tags"),
}
QUESTION_REQUIRED = (("stem", "shared_stem"), ("answer",))


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the header is and which column holds which field.

    `at` maps a field to its column (0-based), `titles` to its header as written in the file.
    """

    header_row: int
    at: Mapping[str, int]
    titles: Mapping[str, str]

    def cell(self, row: Sequence[str], field: str) -> str:
        """Return a field of a row; empty where the column or the cell is missing."""
        column = self.at.get(field)
        return row[column] if column is not None and column < len(row) else ""

    def title(self, field: str) -> str:
        """Return the header of a field as in the file, the field's own name where there is none."""
        return self.titles.get(field, field)


def find_columns(
    rows: Sequence[Sequence[str]], variants: Mapping[str, Sequence[str]], required: Sequence[Sequence[str]]
) -> Columns | None:
    """Return the columns of a table, or None when no row near its top is a header.

    Args:
        rows: where to look, in the first 20.
        variants: each field's possible headers, the field's own name among them.
        required: sets of fields; a header has at least one field of each.
    """
    names = {_plain(variant): field for field, listed in variants.items() for variant in listed}
    for number, row in enumerate(rows[:_SEARCHED_ROWS]):
        at: dict[str, int] = {}
        titles: dict[str, str] = {}
        for column, cell in enumerate(row):
            if not cell or len(cell) > _LONGEST:
                continue
            field = names.get(_plain(cell)) or names.get(_plain(_ASIDE.sub("", cell)))
            if field is not None and field not in at:
                at[field] = column
                titles[field] = cell
        if all(any(field in at for field in fields) for fields in required):
            return Columns(number, at, titles)
    return None


def _plain(header: str) -> str:
    return _MARKS.sub("", unicodedata.normalize("NFKC", header)).casefold()
