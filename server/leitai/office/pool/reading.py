"""The pool's history as provinces write it: rows of a table to people with one honour each, or to the reasons why not.

Several rows with one identity number, or with one name, province and unit, are one person.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from leitai.office.eligibility import contest_named, title_named
from leitai.office.importing.headers import Columns, find_columns
from leitai.office.importing.people import delegation_names, plain, read_name
from leitai.office.importing.problems import FileRefused, Place, Problem
from leitai.office.importing.tables import Table, read_tables
from leitai.office.people_ports import DelegationName
from leitai.office.pool.ports import Private
from leitai.rules.eligibility import HonourKind
from leitai.rules.id_numbers import valid_id_number
from leitai.rules.pool import FIRST_YEAR, PoolHonour, PoolKind, PoolState
from leitai.rules.values import DelegationCode

HEADERS: dict[str, tuple[str, ...]] = {
    "name": ("姓名", "获奖人", "获奖人员", "选手姓名", "人员姓名", "name"),
    "id_number": ("身份证号", "身份证号码", "公民身份号码", "证件号码", "身份证", "id number"),
    "phone": ("手机号", "手机号码", "联系电话", "电话", "联系方式", "phone"),
    "province": ("省份", "代表队", "所属省份", "省区市", "地区", "所在省份", "province", "delegation"),
    "unit": ("单位", "工作单位", "所在单位", "单位名称", "unit"),
    "expertise": ("专长", "业务专长", "擅长领域", "专业领域", "expertise"),
    "state": ("状态", "在岗情况", "是否在岗", "state"),
    "year": ("年份", "年度", "获奖年份", "获奖年度", "year"),
    "honour": ("荣誉", "荣誉类别", "称号", "奖项类别", "赛事", "荣誉称号", "获奖赛事", "honour"),
    "title": ("奖项名称", "奖项", "等次", "获奖等次", "title"),
    "place": ("名次", "排名", "place"),
}
TEMPLATE_HEAD = ("姓名", "身份证号", "手机号", "省份", "单位", "专长", "状态", "年份", "荣誉", "奖项名称", "名次")
KIND_WORDS: Mapping[PoolKind, str] = {
    PoolKind.KNOWLEDGE: "全国人社知识通",
    PoolKind.STAR: "全国岗位练兵明星",
    PoolKind.NATIONAL: "全国赛",
    PoolKind.REGIONAL: "区域赛",
    PoolKind.INTER_PROVINCIAL: "省际邀请赛",
    PoolKind.UNIFIED_ONLINE: "全国统一在线比试",
    PoolKind.LAW_KNOWLEDGE: "全国人社法治知识竞赛",
    PoolKind.PROVINCIAL: "省级奖项",
}
STATE_WORDS = {PoolState.ACTIVE: "在岗", PoolState.LEFT: "离岗"}
_REQUIRED = (("name",), ("province",), ("year",), ("honour",))
_STATES = {
    **dict.fromkeys(("", "在岗", "是", "在职", "active"), PoolState.ACTIVE),
    **dict.fromkeys(("离岗", "否", "退休", "离职", "调离", "已离岗", "left"), PoolState.LEFT),
}
_PHONE = re.compile(r"1[0-9]{10}|0[0-9]{2,3}-?[0-9]{7,8}")
_YEAR = re.compile(r"(20[0-9]{2})(?:年|年度)?")
_PLACE = re.compile(r"(?:第)?([0-9]{1,6})(?:名)?")
_SPLIT = re.compile(r"[;；,，、\n]+")
_NONE = frozenset(("", "无", "/", "-", "—", "——"))
_MAX_TEXT = 200
_MAX_EXPERTISE = 10


@dataclass(frozen=True, slots=True)
class PoolRow:
    """A row as read: a person with one honour. `expertise` and `state` None: the row says nothing of it."""

    place: Place
    name: str
    province: DelegationCode
    unit: str
    expertise: tuple[str, ...] | None
    state: PoolState | None
    private: Private
    honour: PoolHonour


@dataclass(frozen=True, slots=True)
class PoolFile:
    """A file of the pool's history as read."""

    accepted: tuple[PoolRow, ...]
    refused: tuple[Problem, ...]
    skipped: tuple[str, ...]


def read_pool_file(
    data: bytes, delegations: Sequence[DelegationName], *, this_year: int, own: DelegationCode | None, source: int
) -> PoolFile:
    """Read a file; raises `FileRefused`. Run it in a thread.

    Args:
        data: the file, .xlsx or .csv.
        delegations: those there are; a cell may give the code, the full or the short name.
        this_year: honours of later years are refused.
        own: the one province whose people may be in it; None: any.
        source: who says so (`rules.pool.Source`).
    """
    names = delegation_names(delegations)
    accepted: list[PoolRow] = []
    refused: list[Problem] = []
    skipped: list[str] = []
    seen: dict[tuple[object, ...], Place] = {}
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
            found = reader.read(names, this_year, own, source)
            if found is not None:
                who = found.private.id_number or (found.name, found.province, found.unit)
                same = (who, found.honour.key)
                if same in seen:
                    reader.refuse("honour", "pool-honour-repeated", str(seen[same]))
                else:
                    seen[same] = found.place
                    accepted.append(found)
            refused.extend(reader.problems)
    if len(skipped) == len(tables):
        raise FileRefused("no-table", "姓名、省份、年份、荣誉 / name, province, year, honour")
    return PoolFile(tuple(accepted), tuple(refused), tuple(skipped))


def read_kind(text: str) -> PoolKind | None:
    """Return what an honour is by its words; None for none that the pool keeps."""
    written = plain(text)
    for kind, words in KIND_WORDS.items():
        if written in (words, kind.value):
            return kind
    title = title_named(text)
    if title is not None:
        return PoolKind.KNOWLEDGE if title is HonourKind.KNOWLEDGE else PoolKind.STAR
    contest = contest_named(text)
    return None if contest is None else PoolKind(contest.value)


class _Reader:
    """One row on its way; `problems` fill up as it is read."""

    def __init__(self, table: Table, columns: Columns, number: int, row: Sequence[str]) -> None:
        self.problems: list[Problem] = []
        self._table = table
        self._columns = columns
        self._number = number
        self._row = row

    def refuse(self, field: str, code: str, detail: str = "") -> None:
        self.problems.append(Problem(self._table.sheet, self._number, self._columns.title(field), code, detail))

    def read(
        self, delegations: Mapping[str, DelegationCode], this_year: int, own: DelegationCode | None, source: int
    ) -> PoolRow | None:
        """Return the row, or None when there are problems."""
        for field, column in self._columns.at.items():
            if (self._number, column + 1) in self._table.formulas:
                self.refuse(field, "formula")
        name, problem = read_name(self._cell("name"))
        if problem:
            self.refuse("name", *problem)
        stated = self._cell("province")
        province = delegations.get(plain(stated))
        if province is None:
            self.refuse("province", "delegation-unknown" if stated else "missing", stated)
        elif own is not None and province != own:
            self.refuse("province", "pool-not-own", stated)
        private = Private(self._id_number(), self._phone())
        unit, title = self._text("unit"), self._text("title")
        expertise, state = self._expertise(), self._state()
        year, kind, place = self._year(this_year), self._kind(), self._place_reached()
        if self.problems or province is None or kind is None:
            return None
        honour = PoolHonour(year, kind.value, title, place, province, source)
        return PoolRow(Place(self._table.sheet, self._number), name, province, unit, expertise, state, private, honour)

    def _cell(self, field: str) -> str:
        return self._columns.cell(self._row, field)

    def _text(self, field: str) -> str:
        text = self._cell(field)
        if len(text) > _MAX_TEXT:
            self.refuse(field, "too-long", str(_MAX_TEXT))
        if any(unicodedata.category(char) == "Cc" for char in text):
            self.refuse(field, "control-characters")
        return "" if text in _NONE else text

    def _id_number(self) -> str:
        number = unicodedata.normalize("NFKC", self._cell("id_number")).replace(" ", "").upper()
        # A masked number, as exports show it, says nothing.
        if not number or "*" in number or number in _NONE:
            return ""
        if not valid_id_number(number):
            # The number itself is not repeated: a report is no place for it.
            self.refuse("id_number", "pool-id-number")
        return number

    def _phone(self) -> str:
        number = unicodedata.normalize("NFKC", self._cell("phone")).replace(" ", "")
        if not number or "*" in number or number in _NONE:
            return ""
        if not _PHONE.fullmatch(number):
            self.refuse("phone", "pool-phone")
        return number

    def _expertise(self) -> tuple[str, ...] | None:
        parts = tuple(part.strip() for part in _SPLIT.split(self._text("expertise")) if part.strip() not in _NONE)
        if len(parts) > _MAX_EXPERTISE:
            self.refuse("expertise", "pool-too-many", str(_MAX_EXPERTISE))
        return tuple(dict.fromkeys(parts)) or None

    def _state(self) -> PoolState | None:
        text = self._cell("state")
        state = _STATES.get(plain(text))
        if state is None:
            self.refuse("state", "pool-state", text)
        return state if text else None

    def _year(self, this_year: int) -> int:
        text = unicodedata.normalize("NFKC", self._cell("year"))
        found = _YEAR.fullmatch(text)
        if not text:
            self.refuse("year", "missing")
        elif found is None or not FIRST_YEAR <= int(found[1]) <= this_year:
            self.refuse("year", "pool-year", f"{FIRST_YEAR}—{this_year}")
        return int(found[1]) if found else 0

    def _kind(self) -> PoolKind | None:
        text = self._cell("honour")
        kind = read_kind(text)
        if kind is None:
            self.refuse("honour", "pool-honour" if text else "missing", text)
        return kind

    def _place_reached(self) -> int:
        text = unicodedata.normalize("NFKC", self._cell("place"))
        if text in _NONE:
            return 0
        found = _PLACE.fullmatch(text)
        if found is None:
            self.refuse("place", "number-unreadable", text)
            return 0
        return int(found[1])
