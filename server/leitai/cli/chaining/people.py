"""People made up for a nation's lists, and the files that offices send; their numbers pass their check."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

import xlsxwriter

from leitai.cli.rehearsal.made_up import name_of
from leitai.rules.id_numbers import check_digit

LIST_HEAD = ("名单类型", "序号", "姓名", "证件号码", "手机号码", "单位", "日日学之星次数", "周周练积分")
PRACTICE_HEAD = ("姓名", "证件号码", "日日学之星次数", "周周练积分", "截至日期")
HISTORY_HEAD = ("姓名", "身份证号", "省份", "年份", "荣誉")
FORMER_YEAR, FORMER_CONTEST = 2019, "全国赛"
_APART = 10_000
"""Between the numbers of two provinces' people."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large a chain is; the defaults are the plan's (四)."""

    provinces: int = 32
    named: int = 15
    nominated: int = 100
    places: int = 35
    """Drawn of the nominated."""
    items: int = 20
    seconds_per_item: int = 8
    seed: int = 1

    @property
    def read(self) -> int:
        """How many people the provinces send in."""
        return self.provinces * (self.named + self.nominated)

    @property
    def seats(self) -> int:
        """A delegation's."""
        return self.named + self.places

    @property
    def barred(self) -> int:
        """So many of a province's nominated were in a former year's contest: enough are left to draw from."""
        return min(3, self.nominated - self.places)


@dataclass(frozen=True, slots=True)
class Province:
    """A province with the people it sends in: the named first."""

    code: str
    short: str
    place: int
    size: Size

    def person(self, number: int) -> tuple[str, str]:
        """Return name and identity number of one of its people, from 0."""
        anybody = self.place * _APART + number
        return name_of(self.place * 7 + number), _id_number(anybody)

    def list_file(self) -> bytes:
        """Return its list."""
        rows: list[Sequence[object]] = []
        for number in range(self.size.named + self.size.nominated):
            name, digits = self.person(number)
            named = number < self.size.named
            no = number + 1 if named else number + 1 - self.size.named
            phone = f"138{self.place * _APART + number:08d}"
            unit = f"{self.short}人社服务窗口"
            rows.append(("自主确定" if named else "推荐", no, name, digits, phone, unit, 1, 1000))
        return _workbook("名单", LIST_HEAD, rows)


def practice_file(provinces: Sequence[Province], year: int) -> bytes:
    """Return what everybody has reached in practice: enough."""
    rows = [
        (*one.person(number), 2, 1200 + number, f"{year}-08-31")
        for one in provinces
        for number in range(one.size.named + one.size.nominated)
    ]
    return _workbook("练兵数据", PRACTICE_HEAD, rows)


def history_file(provinces: Sequence[Province]) -> bytes:
    """Return the expert pool's history: the last of every province's nominated were in a contest of a former year."""
    rows = [
        (*one.person(one.size.named + one.size.nominated - 1 - last), one.short, FORMER_YEAR, FORMER_CONTEST)
        for one in provinces
        for last in range(one.size.barred)
    ]
    return _workbook("能手库", HISTORY_HEAD, rows)


def _id_number(anybody: int) -> str:
    years, serial = divmod(anybody, 1000)
    body = f"110101{1960 + years % 40}{1 + years // 40 % 12:02d}{1 + years // 480 % 28:02d}{serial:03d}"
    return body + check_digit(body)


def _workbook(sheet: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False}) as book:
        page = book.add_worksheet(sheet)
        for number, row in enumerate((head, *rows)):
            page.write_row(number, 0, row)
    return buffer.getvalue()
