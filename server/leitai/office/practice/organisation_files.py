"""Organisations as provinces write them: rows of a table to a graft on the tree, or to the reasons why not."""

import asyncio
import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO

from leitai.office.importing.headers import Columns, find_columns
from leitai.office.importing.people import plain
from leitai.office.importing.problems import FileRefused, Place, Problem
from leitai.office.importing.tables import Table, read_tables
from leitai.office.practice.learners_ports import OrganisationStore
from leitai.rules.organisations import Fault, Graft, Level, Line, graft

HEADERS: dict[str, tuple[str, ...]] = {
    "code": ("机构编码", "编码", "单位编码", "组织编码", "机构代码", "代码", "code"),
    "name": ("机构名称", "名称", "单位名称", "组织名称", "name"),
    "level": ("级别", "机构级别", "层级", "level"),
    "parent": ("上级编码", "上级机构编码", "上级单位编码", "上级代码", "父级编码", "parent"),
    "state": ("状态", "使用状态", "state"),
}
TEMPLATE_HEAD = ("机构编码", "机构名称", "级别", "上级编码", "状态")
LEVEL_WORDS: Mapping[Level, tuple[str, ...]] = {
    Level.PROVINCE: ("省", "省级", "省区市", "自治区", "直辖市", "兵团", "province", "1"),
    Level.CITY: ("市", "市级", "地市", "州", "盟", "师", "city", "2"),
    Level.COUNTY: ("县", "县级", "区", "区县", "县区", "旗", "county", "3"),
    Level.TOWNSHIP: ("乡镇", "乡", "镇", "街道", "乡镇街道", "township", "4"),
    Level.VILLAGE: ("村", "社区", "村社区", "village", "5"),
    Level.UNIT: ("单位", "窗口", "窗口单位", "unit", "6"),
}
MAX_NAME = 80
_LEVELS = {plain(word): level for level, words in LEVEL_WORDS.items() for word in words}
_STATES = {**dict.fromkeys(("", "在用", "启用", "正常"), False), **dict.fromkeys(("停用", "撤销", "注销"), True)}
_CODE = re.compile(r"[0-9A-Za-z-]{2,32}")
_REQUIRED = (("code",), ("name",), ("level",))
_NOTES = (
    "填写说明",
    "1. 每行一个机构，从上到下或任意顺序均可，上级可以在本表内，也可以是系统中已有的机构。",
    "2. 机构编码在全国范围内唯一，建议使用统一社会信用代码或行政区划代码。",
    "3. 级别填写：省、市、县、乡镇、村、单位。中间层级可以没有，如市属单位的上级直接填写市的编码。",
    "4. 省级机构已预置，编码为六位省份代码（如 220000），不需要填写；市级机构的上级编码填写省份代码。",
    "5. 状态留空为在用；填写“停用”后，不再有人能选择该机构，已在其中的学员不受影响。",
    "6. 再次导入同一编码时，更新名称和状态；上级和级别不能更改。",
)


@dataclass(frozen=True, slots=True)
class OrganisationsFile:
    """A file as read: lines with their places, and what is refused already."""

    lines: tuple[Line, ...]
    places: tuple[Place, ...]
    titles: tuple[Mapping[str, str], ...]
    refused: tuple[Problem, ...]
    skipped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OrganisationsReport:
    """What became, or would become, of a file."""

    added: int
    changed: int
    unchanged: int
    refused: tuple[Problem, ...]
    skipped: tuple[str, ...]
    committed: bool


class TreeChanged(Exception):
    """Somebody else wrote to the tree meanwhile; nothing was taken in."""

    code = "organisations-changed"


class Organisations:
    """Takes files of organisations in. `store` is where the tree is."""

    def __init__(self, store: OrganisationStore) -> None:
        self.store = store

    async def take(
        self, file_name: str, data: bytes, *, actor: str, own: str | None, dry_run: bool, leave_out: bool
    ) -> OrganisationsReport:
        """Take a file in, whole or, with `leave_out`, what of it can be; a dry run only tells.

        Args:
            file_name: for the audit.
            data: the file, .xlsx or .csv.
            actor: who does it.
            own: the province whose organisations alone may be in it; None: any.
            dry_run: nothing is written.
            leave_out: rows that are refused do not keep the others out.

        Raises:
            FileRefused: the file as a whole.
            TreeChanged: nothing was taken in.
            StoreUnavailable: from the store.
        """
        file = await asyncio.to_thread(read_organisations, data)
        tree = await self.store.tree()
        found = await asyncio.to_thread(graft, tree, file.lines, own=own)
        refused = tuple(sorted((*file.refused, *(_problem(file, one) for one in found.faults)), key=_where))
        committed = False
        if not dry_run and (found.added or found.changed) and (leave_out or not refused):
            detail = {
                "file": file_name[:200],
                "sha256": hashlib.sha256(data).hexdigest(),
                "added": len(found.added),
                "changed": len(found.changed),
                "refused": len(refused),
                "province": own or "",
            }
            if not await self.store.take_in(found, actor, detail):
                raise TreeChanged
            committed = True
        return _report(found, refused, file.skipped, committed)


def read_organisations(data: bytes) -> OrganisationsFile:
    """Read a file; raises `FileRefused`. Run it in a thread."""
    lines: list[Line] = []
    places: list[Place] = []
    titles: list[Mapping[str, str]] = []
    refused: list[Problem] = []
    skipped: list[str] = []
    tables = [table for table in read_tables(data) if any(any(row) for row in table.rows)]
    for table in tables:
        columns = find_columns(table.rows, HEADERS, _REQUIRED)
        if columns is None:
            skipped.append(table.sheet)
            continue
        for number, row in enumerate(table.rows[columns.header_row + 1 :], start=columns.header_row + 2):
            if not any(row):
                continue
            reader = _Reader(table, columns, number, row)
            line = reader.read(len(lines))
            if line is not None:
                lines.append(line)
                places.append(Place(table.sheet, number))
                titles.append(columns.titles)
            refused.extend(reader.problems)
    if len(skipped) == len(tables):
        raise FileRefused("no-table", "机构编码、机构名称、级别 / code, name, level")
    return OrganisationsFile(tuple(lines), tuple(places), tuple(titles), tuple(refused), tuple(skipped))


def organisations_template() -> bytes:
    """Return the workbook to fill in; every cell is text, so that long codes stay whole."""
    import xlsxwriter  # only whoever exports: gateways start without it

    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        text = book.add_format({"num_format": "@"})
        bold = book.add_format({"bold": True, "num_format": "@"})
        sheet = book.add_worksheet("机构")
        for column, (title, width) in enumerate(zip(TEMPLATE_HEAD, (24, 40, 10, 24, 10), strict=True)):
            sheet.set_column(column, column, width, text)
            sheet.write_string(0, column, title, bold)
        words = [names[0] for level, names in LEVEL_WORDS.items() if level is not Level.PROVINCE]
        sheet.data_validation(1, 2, 20_000, 2, {"validate": "list", "source": words, "error_type": "warning"})
        sheet.data_validation(1, 4, 20_000, 4, {"validate": "list", "source": ["在用", "停用"]})
        sheet.freeze_panes(1, 0)
        notes = book.add_worksheet("填写说明")
        notes.set_column(0, 0, 90, text)
        for number, note in enumerate(_NOTES):
            notes.write_string(number, 0, note, bold if number == 0 else text)
    return buffer.getvalue()


class _Reader:
    """One row on its way; `problems` fill up as it is read."""

    def __init__(self, table: Table, columns: Columns, number: int, row: Sequence[str]) -> None:
        self.problems: list[Problem] = []
        self._table = table
        self._columns = columns
        self._number = number
        self._row = row

    def read(self, index: int) -> Line | None:
        """Return the row as a line, or None when there are problems."""
        for field, column in self._columns.at.items():
            if (self._number, column + 1) in self._table.formulas:
                self._refuse(field, "formula")
        code, parent = self._code("code"), self._code("parent")
        if not code and not self.problems:
            self._refuse("code", "missing")
        name = self._name()
        level = _LEVELS.get(plain(self._cell("level")))
        if level is None:
            self._refuse(
                "level", "organisation-level-unknown" if self._cell("level") else "missing", self._cell("level")
            )
        elif level is not Level.PROVINCE and not parent and not self.problems:
            self._refuse("parent", "missing")
        closed = _STATES.get(self._cell("state"))
        if closed is None:
            self._refuse("state", "organisation-state", self._cell("state"))
        if self.problems or level is None or closed is None:
            return None
        return Line(index, code, name, level, parent, closed)

    def _cell(self, field: str) -> str:
        return self._columns.cell(self._row, field)

    def _code(self, field: str) -> str:
        text = unicodedata.normalize("NFKC", self._cell(field)).replace(" ", "")
        if text and not _CODE.fullmatch(text):
            self._refuse(field, "organisation-code", text[:40])
        return text

    def _name(self) -> str:
        text = unicodedata.normalize("NFC", self._cell("name"))
        if not text:
            self._refuse("name", "missing")
        elif len(text) > MAX_NAME:
            self._refuse("name", "too-long", str(MAX_NAME))
        elif not text.isprintable():
            self._refuse("name", "control-characters")
        return text

    def _refuse(self, field: str, code: str, detail: str = "") -> None:
        self.problems.append(Problem(self._table.sheet, self._number, self._columns.title(field), code, detail))


def _problem(file: OrganisationsFile, fault: Fault) -> Problem:
    place = file.places[fault.index]
    detail = fault.detail
    if fault.code == "organisation-repeated":
        detail = str(file.places[int(detail)])
    return Problem(place.sheet, place.row, file.titles[fault.index].get(fault.field, fault.field), fault.code, detail)


def _where(problem: Problem) -> tuple[str, int]:
    return problem.sheet, problem.row


def _report(
    found: Graft, refused: tuple[Problem, ...], skipped: tuple[str, ...], committed: bool
) -> OrganisationsReport:
    return OrganisationsReport(len(found.added), len(found.changed), found.unchanged, refused, skipped, committed)
