"""Finding columns: header rows under many names, in any order, below any number of title lines."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from leitai.office.importing.tables import Table

_SEARCHED_ROWS = 20
_ASIDE = re.compile(r"[(（【\[].*?[)）】\]]")
_MARKS = re.compile(r"[\s*＊:：'\"“”‘’《》、,，/／_-]+")


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
    table: Table, variants: Mapping[str, Sequence[str]], required: Sequence[Sequence[str]]
) -> Columns | None:
    """Return the columns of a table, or None when no row near its top is a header.

    Args:
        table: where to look, in the first 20 rows.
        variants: each field's possible headers, the field's own name among them.
        required: sets of fields; a header has at least one field of each.
    """
    names = {_plain(variant): field for field, listed in variants.items() for variant in listed}
    for number, row in enumerate(table.rows[:_SEARCHED_ROWS]):
        at: dict[str, int] = {}
        titles: dict[str, str] = {}
        for column, cell in enumerate(row):
            field = names.get(_plain(cell)) or names.get(_plain(_ASIDE.sub("", cell)))
            if field is not None and field not in at:
                at[field] = column
                titles[field] = cell
        if all(any(field in at for field in fields) for fields in required):
            return Columns(number, at, titles)
    return None


def _plain(header: str) -> str:
    return _MARKS.sub("", unicodedata.normalize("NFKC", header)).casefold()
