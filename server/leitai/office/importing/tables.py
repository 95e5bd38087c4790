"""Plain tables of text out of .xlsx and .csv, with the numbers that rows and columns have in the file."""

import csv
import datetime
import unicodedata
from dataclasses import dataclass, field
from io import BytesIO, StringIO

import python_calamine

from leitai.office.importing.files import MAX_ROWS, FileKind, inspect_xlsx, sniff
from leitai.office.importing.problems import FileRefused

_MAX_FIELD = 1 << 16


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet. `rows[0]` is row 1; cells are text, stripped, empty where the sheet is.

    A cell merged over several rows stands in each of them. `formulas` are (row, column) from 1.
    """

    sheet: str
    rows: list[list[str]]
    formulas: frozenset[tuple[int, int]] = field(default_factory=frozenset[tuple[int, int]])


def read_tables(data: bytes) -> list[Table]:
    """Return the sheets of a file in its order, hidden ones included; raises `FileRefused`."""
    if sniff(data) is FileKind.CSV:
        return [_read_csv(data)]
    return _read_xlsx(data)


def _read_xlsx(data: bytes) -> list[Table]:
    known = inspect_xlsx(data)
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
        return _clean(cell)
    if isinstance(cell, bool):
        return "正确" if cell else "错误"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime.datetime) and cell.time() == datetime.time():
        return cell.date().isoformat()
    return "" if cell is None else str(cell)


def _read_csv(data: bytes) -> Table:
    text = _decode(data)
    if text.count("\n") > MAX_ROWS * 2 or text.count("\r") > MAX_ROWS * 2:
        raise FileRefused("too-many-rows", f"{MAX_ROWS:,}")
    sample = text[:4096].splitlines()[0] if text.strip() else ""
    delimiter = max("\t;,", key=sample.count)
    csv.field_size_limit(_MAX_FIELD)
    rows: list[list[str]] = []
    try:
        for row in csv.reader(StringIO(text, newline=""), delimiter=delimiter):
            rows.append([_clean(cell) for cell in row])
            if len(rows) > MAX_ROWS:
                raise FileRefused("too-many-rows", f"{MAX_ROWS:,}")
    except csv.Error as error:
        raise FileRefused("file-broken", str(error)) from error
    return Table("csv", rows)


def _decode(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        # A picture or a program decodes as something, but not as writing.
        if any(unicodedata.category(char) == "Cc" and char not in "\t\r\n\f" for char in text[:65536]):
            raise FileRefused("file-type")
        return text
    raise FileRefused("file-encoding")


def _clean(text: str) -> str:
    # Excel writes _x000D_ for a carriage return; both forms mean a line break.
    return text.replace("_x000D_", "").replace("\r\n", "\n").replace("\r", "\n").replace("\ufeff", "").strip()
