"""Tables of results as .xlsx. Whatever people wrote is a text cell; nothing in them is ever a formula or a link."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from io import BytesIO


class Form(Enum):
    """What a column holds, as whole numbers of the smallest unit, and how a cell shows it."""

    TEXT = "@"
    COUNT = "0"
    POINTS = "0.00"
    """From hundredths."""
    SECONDS = "0.000"
    """From microseconds."""
    SHARE = "0.00%"
    """From ten-thousandths."""
    DEGREE = "0.0000"
    """From ten-thousandths."""


_UNITS = {Form.COUNT: 1, Form.POINTS: 100, Form.SECONDS: 1_000_000, Form.SHARE: 10_000, Form.DEGREE: 10_000}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, what it holds, its width in characters."""

    title: str
    form: Form = Form.TEXT
    width: int = 10


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet. A cell is text, a number in its column's unit, or None for nothing."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[str | int | None]]
    note: str = ""
    """A line above the headings: of what and of when."""


def write_tables(tables: Sequence[Table]) -> bytes:
    """Return a workbook with a sheet for each table. Run it in a thread."""
    import xlsxwriter  # only whoever exports: gateways start without it

    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        forms = {form: book.add_format({"num_format": form.value, "valign": "top"}) for form in Form}
        head = book.add_format({"bold": True, "num_format": "@", "bottom": 1})
        for table in tables:
            sheet = book.add_worksheet(table.name)
            first = 0
            if table.note:
                sheet.write_string(0, 0, table.note, forms[Form.TEXT])
                first = 1
            for place, column in enumerate(table.columns):
                sheet.set_column(place, place, column.width)
                sheet.write_string(first, place, column.title, head)
            for number, row in enumerate(table.rows, start=first + 1):
                for place, (column, cell) in enumerate(zip(table.columns, row, strict=True)):
                    if isinstance(cell, str):
                        sheet.write_string(number, place, cell, forms[Form.TEXT])
                    elif cell is not None:
                        sheet.write_number(number, place, cell / _UNITS[column.form], forms[column.form])
            sheet.freeze_panes(first + 1, 0)
    return buffer.getvalue()
