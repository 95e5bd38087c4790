"""Rosters and nomination lists: rows of a table to people, or to the reasons why not."""

import hashlib
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from leitai.office.importing.headers import Columns, find_columns
from leitai.office.importing.problems import FileRefused, Place, Problem
from leitai.office.importing.tables import Table, read_tables
from leitai.office.people_ports import DelegationName, Person
from leitai.rules.values import DelegationCode

HEADERS: dict[str, tuple[str, ...]] = {
    "no": ("序号", "编号", "推荐序号", "名单序号", "no"),
    "name": ("姓名", "选手姓名", "名字", "人员姓名", "name"),
    "delegation": ("代表队", "所属代表队", "省份", "省区市", "参赛省份", "地区", "所属省份", "队伍", "delegation"),
    "unit": ("单位", "工作单位", "所在单位", "单位名称", "所属单位", "unit"),
    "origin": ("产生方式", "产生类型", "参赛方式", "入选方式", "名单类型", "来源", "origin"),
    "daily_star_titles": ("日日学之星次数", "日日学之星", "日日学之星称号次数", "获日日学之星次数", "日日学"),
    "weekly_points": ("周周练积分", "周周练累计积分", "周周练", "周周练总积分", "累计积分"),
    "prior_events": ("曾参加赛事", "参加过的赛事", "曾参赛情况", "参赛经历", "曾参加的赛事", "历年参赛"),
    "prior_titles": ("曾获称号", "获得过的称号", "已获称号", "曾获荣誉", "历年称号"),
}
_REQUIRED = (("name",), ("delegation",))
_NONE = frozenset(("", "无", "没有", "否", "/", "-", "—", "——", "none", "未参加", "未获得", "暂无"))
_SEPARATORS = re.compile(r"[;；,，、\n]+")
_DOTS = str.maketrans({"•": "·", "．": "·", "・": "·", "‧": "·", "∙": "·", "⋅": "·"})
_MAX_NAME = 64
_MAX_TEXT = 200
_MAX_NUMBER = 1_000_000

ORIGINS: dict[str, str] = {
    **dict.fromkeys(("自主确定", "自主", "自定", "确定", "直接确定", "named"), "named"),
    **dict.fromkeys(("抽签", "抽签确定", "抽取", "随机抽取", "drawn"), "drawn"),
    **dict.fromkeys(("推荐", "推荐名单", "推荐人选", "nominated"), "nominated"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A person in a file: where, in which capacity, and with what number (0: the file gives none)."""

    place: Place
    origin: str
    no: int
    person: Person


@dataclass(frozen=True, slots=True)
class PeopleFile:
    """A roster or a nomination list as read."""

    file_name: str
    sha256: bytes
    accepted: tuple[Entry, ...]
    refused: tuple[Problem, ...]
    skipped: tuple[str, ...]


def read_people_file(
    file_name: str,
    data: bytes,
    delegations: Sequence[DelegationName],
    *,
    quotas: Mapping[str, int],
    places: int | None,
) -> PeopleFile:
    """Read a file of people; raises `FileRefused`. Run it in a thread.

    Args:
        file_name: for the report.
        data: the file.
        delegations: those there are; a cell may give the code, the full or the short name.
        quotas: the origins that may occur (`named`, `drawn`, `nominated`), and how many each delegation may have of
            each.
        places: how many each delegation may have in all, None: as many as the quotas allow.
    """
    names = delegation_names(delegations)
    accepted: list[Entry] = []
    refused: list[Problem] = []
    skipped: list[str] = []
    seen: dict[tuple[str, str], Place] = {}
    numbers: dict[tuple[DelegationCode, str], set[int]] = defaultdict(set)
    of_origin: Counter[tuple[DelegationCode, str]] = Counter()
    of_delegation: Counter[DelegationCode] = Counter()
    tables = [table for table in read_tables(data) if any(any(row) for row in table.rows)]
    for table in tables:
        columns = find_columns(table.rows, HEADERS, _REQUIRED)
        if columns is None:
            skipped.append(table.sheet)
            continue
        for number, row in enumerate(table.rows[columns.header_row + 1 :], start=columns.header_row + 2):
            if not any(row):
                continue
            reader = PersonRow(table, columns, number, row)
            entry = reader.read(names, quotas)
            if entry is not None:
                delegation = entry.person.delegation
                same = (entry.person.name, entry.person.unit)
                own = (delegation, entry.origin)
                if same in seen:
                    reader.refuse("name", "person-repeated", str(seen[same]))
                elif entry.no and entry.no in numbers[own]:
                    reader.refuse("no", "place-taken", str(entry.no))
                elif of_origin[own] >= quotas[entry.origin]:
                    reader.refuse("origin", "origin-full", str(quotas[entry.origin]))
                elif places is not None and of_delegation[delegation] >= places:
                    reader.refuse("delegation", "delegation-full", str(places))
                else:
                    seen[same] = entry.place
                    numbers[own].add(entry.no)
                    of_origin[own] += 1
                    of_delegation[delegation] += 1
                    accepted.append(entry)
            refused.extend(reader.problems)
    if len(skipped) == len(tables):
        raise FileRefused("no-table", "姓名、代表队 / name, delegation")
    return PeopleFile(file_name, hashlib.sha256(data).digest(), tuple(accepted), tuple(refused), tuple(skipped))


class PersonRow:
    """One row on its way to a person; `problems` fill up as it is read. Lists with more columns read theirs besides."""

    def __init__(self, table: Table, columns: Columns, number: int, row: Sequence[str]) -> None:
        self.problems: list[Problem] = []
        self._table = table
        self._columns = columns
        self._number = number
        self._row = row

    def refuse(self, field: str, code: str, detail: str = "") -> None:
        self.problems.append(Problem(self._table.sheet, self._number, self._columns.title(field), code, detail))

    def read(self, delegations: Mapping[str, DelegationCode], quotas: Mapping[str, int]) -> Entry | None:
        """Return the entry, or None when there are problems."""
        for field, column in self._columns.at.items():
            if (self._number, column + 1) in self._table.formulas:
                self.refuse(field, "formula")
        name = self._name()
        unit = self._text("unit")
        stated = self._cell("delegation")
        delegation = delegations.get(plain(stated))
        if delegation is None:
            self.refuse("delegation", "delegation-unknown" if stated else "missing", stated)
        origin = ORIGINS.get(plain(self._cell("origin")), "")
        if origin not in quotas:
            self.refuse("origin", "origin-unknown" if self._cell("origin") else "missing", self._cell("origin"))
        no = self._number_in("no", 1, required=False)
        stars = self._number_in("daily_star_titles", 1)
        points = self._number_in("weekly_points", 100)
        events, titles = self._list("prior_events"), self._list("prior_titles")
        if self.problems or delegation is None:
            return None
        person = Person(delegation, name, unit, stars, points, events, titles)
        return Entry(Place(self._table.sheet, self._number), origin, no, person)

    def _cell(self, field: str) -> str:
        return self._columns.cell(self._row, field)

    def _name(self) -> str:
        name, problem = read_name(self._cell("name"))
        if problem is not None:
            self.refuse("name", *problem)
        return name

    def _text(self, field: str) -> str:
        text = self._cell(field)
        if len(text) > _MAX_TEXT:
            self.refuse(field, "too-long", str(_MAX_TEXT))
        if any(unicodedata.category(char) == "Cc" for char in text):
            self.refuse(field, "control-characters")
        return text

    def _number_in(self, field: str, unit: int, *, required: bool = True) -> int:
        """A number of at least 0 in units of 1/`unit`; decimals beyond that are cut."""
        text = self._cell(field)
        if not text:
            if required:
                self.refuse(field, "missing")
            return 0
        plain = unicodedata.normalize("NFKC", text).replace(",", "").removesuffix("分").removesuffix("次").strip()
        found = re.fullmatch(r"([0-9]{1,9})(?:\.([0-9]{1,9}))?", plain)
        if found is None or int(found[1]) > _MAX_NUMBER or (unit == 1 and (found[2] or "").strip("0")):
            self.refuse(field, "number-unreadable", text)
            return 0
        decimals = (found[2] or "").ljust(2, "0")[:2]
        return int(found[1]) * unit + (int(decimals) if unit == 100 else 0)

    def _list(self, field: str) -> tuple[str, ...]:
        parts = (part.strip() for part in _SEPARATORS.split(self._text(field)))
        return tuple(part for part in parts if part.casefold() not in _NONE)


def read_name(text: str) -> tuple[str, tuple[str, str] | None]:
    """Return a name in its one form, and (code, detail) of what is wrong with it; None: nothing."""
    name = " ".join(text.translate(_DOTS).split())
    # 张 三 is 张三, typed to fill the cell; Latin names keep their blanks.
    if not any("A" <= char <= "z" for char in name):
        name = name.replace(" ", "")
    if not name:
        return name, ("missing", "")
    if len(name) > _MAX_NAME:
        return name, ("too-long", str(_MAX_NAME))
    if not _is_letter(name[0]) or not all(_is_letter(char) or char in "·-'’ ." for char in name):
        return name, ("name-odd", name)
    return name, None


def _is_letter(char: str) -> bool:
    # 〇 counts as a number to Unicode and as a character in names.
    return unicodedata.category(char)[0] in "LM" or char == "〇"


def plain(text: str) -> str:
    """Return words as they are compared: without width, blanks and case."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).casefold()


def delegation_names(delegations: Sequence[DelegationName]) -> dict[str, DelegationCode]:
    """Return the delegations by every name that people give them, as `plain` leaves it."""
    names: dict[str, DelegationCode] = {}
    for delegation in delegations:
        spellings = (
            delegation.code,
            delegation.name,
            delegation.short,
            *(delegation.short + ending for ending in ("省", "市", "自治区", "代表队", "队")),
            delegation.name + "代表队",
        )
        names.update({plain(spelling): delegation.code for spelling in spellings})
    if "兵团" in names:
        names.update(dict.fromkeys(("新疆兵团", "生产建设兵团", "新疆建设兵团"), names["兵团"]))
    return names
