"""Workbooks whose every cell is text, so that a number of 18 digits stays whole and nothing is ever a formula."""

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet


class TextBook:
    """A workbook to be filled with sheets, then `finished`. Run it in a thread."""

    def __init__(self) -> None:
        import xlsxwriter  # only whoever exports: gateways start without it

        self._buffer = BytesIO()
        self._book = xlsxwriter.Workbook(self._buffer, {"in_memory": True})
        self._text = self._book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        self._head = self._book.add_format({"bold": True, "num_format": "@", "bottom": 1})

    def table(
        self, name: str, head: Sequence[str], widths: Sequence[int], rows: Iterable[Sequence[str]]
    ) -> "Worksheet":
        """Add a table under its headings, which stay in sight; `widths` are in characters. Returns the sheet."""
        sheet = self._book.add_worksheet(name)
        for column, (title, width) in enumerate(zip(head, widths, strict=True)):
            sheet.set_column(column, column, width, self._text)
            sheet.write_string(0, column, title, self._head)
        for number, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                if cell:
                    sheet.write_string(number, column, cell, self._text)
        sheet.freeze_panes(1, 0)
        return sheet

    def notes(self, widths: Sequence[int], lines: Iterable[Sequence[str]]) -> None:
        """Add the sheet that says how the table is filled in."""
        sheet = self._book.add_worksheet("填写说明")
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width, self._text)
        for number, line in enumerate(lines):
            for column, words in enumerate(line):
                sheet.write_string(number, column, words, self._text)

    def finished(self) -> bytes:
        """Return the file; nothing is added afterwards."""
        self._book.close()
        return self._buffer.getvalue()
