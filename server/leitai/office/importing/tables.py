"""Plain tables of text out of .xlsx and .csv, with the numbers that rows and columns have in the file."""

import csv
import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO, StringIO

import python_calamine

from leitai.office.importing.archives import Archive
from leitai.office.importing.drafts import MAX_ROWS, Draft, clean
from leitai.office.importing.files import FileKind, decode, sniff
from leitai.office.importing.headers import QUESTION_HEADERS, QUESTION_REQUIRED, find_columns
from leitai.office.importing.problems import FileRefused, Place
from leitai.office.importing.workbooks import MAX_AREA, inspect_xlsx

_MAX_FIELD = 1 << 16
# An apostrophe that keeps a spreadsheet from computing a cell is no part of its text.
_TEXT_MARK = re.compile(r"^'(?='*[=+\-@＝＋－＠])")


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet. `rows[0]` is row 1; cells are text, stripped, empty where the sheet is.

    A cell merged over several rows stands in each of them. `formulas` are (row, column) from 1.
    """

    sheet: str
    rows: list[list[str]]
    formulas: frozenset[tuple[int, int]] = field(default_factory=frozenset[tuple[int, int]])


def read_tables(data: bytes) -> list[Table]:
    """Return the sheets of an .xlsx or .csv in its order, hidden ones included; raises `FileRefused`."""
    kind = sniff(data)
    if kind is FileKind.TEXT:
        return [read_csv(decode(data))]
    if kind is not FileKind.XLSX:
        raise FileRefused("file-no-sheet")
    return read_xlsx(data)


def question_drafts(table: Table) -> list[Draft] | None:
    """Return the rows of a table below its header, or None when it has no header of questions."""
    columns = find_columns(table.rows, QUESTION_HEADERS, QUESTION_REQUIRED)
    if columns is None:
        return None
    titles = {name: columns.title(name) for name in QUESTION_HEADERS}
    return [
        Draft(
            place=Place(table.sheet, number),
            fields={name: columns.cell(cells, name) for name in columns.at},
            titles=titles,
            type_hint=table.sheet,
            problems=[
                (name, "formula", "") for name, column in columns.at.items() if (number, column + 1) in table.formulas
            ],
        )
        for number, cells in _below(table, columns.header_row)
    ]


def _below(table: Table, header_row: int) -> Iterator[tuple[int, list[str]]]:
    for number, cells in enumerate(table.rows[header_row + 1 :], start=header_row + 2):
        if any(cells):
            yield number, cells


def read_xlsx(data: bytes) -> list[Table]:
    """Return the sheets of an .xlsx; raises `FileRefused`."""
    known = inspect_xlsx(Archive(data))
    tables: list[Table] = []
    try:
        with python_calamine.CalamineWorkbook.from_filelike(BytesIO(data)) as workbook:
            for meta in workbook.sheets_metadata:
                if meta.typ is not python_calamine.SheetTypeEnum.WorkSheet:
                    continue
                sheet = workbook.get_sheet_by_name(meta.name)
                # skip_empty_area=False keeps the numbers of rows and columns as in the file.
                rows = [[_text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
                _spread_merged(rows, sheet.merged_cell_ranges or [])
                tables.append(Table(meta.name, rows, frozenset(known.formulas.get(meta.name, ()))))
    except python_calamine.PasswordError as error:
        raise FileRefused("file-old-excel") from error
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise FileRefused("file-broken", type(error).__name__) from error
    return tables


def _spread_merged(rows: list[list[str]], ranges: list[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    for (top, left), (bottom, _) in ranges:
        if top < len(rows) and left < len(rows[top]) and (value := rows[top][left]):
            for row in rows[top + 1 : bottom + 1]:
                row[left] = row[left] or value


def _text(cell: object) -> str:
    """A cell as a person reads it: 30, not 30.0."""
    if isinstance(cell, str):
        return clean(cell)
    if isinstance(cell, bool):
        return "正确" if cell else "错误"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime.datetime) and cell.time() == datetime.time():
        return cell.date().isoformat()
    return "" if cell is None else str(cell)


def read_csv(text: str) -> Table:
    """Return the table of a .csv, split by tabs, semicolons or commas; raises `FileRefused`."""
    if text.count("\n") > MAX_ROWS * 2 or text.count("\r") > MAX_ROWS * 2:
        raise FileRefused("too-many-rows", f"{MAX_ROWS:,}")
    sample = text[:4096].splitlines()[0] if text.strip() else ""
    delimiter = max("\t;,", key=sample.count)
    if text.count(delimiter) > MAX_AREA:
        raise FileRefused("too-many-cells", f"> {MAX_AREA:,}")
    csv.field_size_limit(_MAX_FIELD)
    rows: list[list[str]] = []
    try:
        for row in csv.reader(StringIO(text, newline=""), delimiter=delimiter):
            rows.append([_TEXT_MARK.sub("", clean(cell)) for cell in row])
            if len(rows) > MAX_ROWS:
                raise FileRefused("too-many-rows", f"{MAX_ROWS:,}")
    except csv.Error as error:
        raise FileRefused("file-broken", str(error)) from error
    return Table("csv", rows)
