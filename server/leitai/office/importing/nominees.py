"""What a province sends in and what the practice office hands in: tables of people with identity numbers.

Numbers are read into their one form and hashed at once. No problem quotes one: a report may be printed or sent on.
"""

import hashlib
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from leitai.office.identity import IdentityHash
from leitai.office.importing.headers import Columns, find_columns
from leitai.office.importing.people import HEADERS, ORIGINS, PersonRow, delegation_names, plain
from leitai.office.importing.problems import FileRefused, Place, Problem
from leitai.office.importing.tables import Table, read_tables
from leitai.office.nominations.values import NewNominee, PracticeRecord
from leitai.office.people_ports import DelegationName, NominationList, Person
from leitai.rules.id_numbers import valid_id_number
from leitai.rules.values import DelegationCode

_NUMBERS: dict[str, tuple[str, ...]] = {
    "id_number": ("证件号码", "身份证号", "身份证号码", "公民身份号码", "身份证", "证件号", "id_number", "id number"),
    "phone": ("手机号码", "手机号", "手机", "联系电话", "电话", "联系方式", "电话号码", "phone"),
}
NOMINEE_HEADERS = {**HEADERS, **_NUMBERS}
PRACTICE_HEADERS = {
    **{name: HEADERS[name] for name in ("name", "daily_star_titles", "weekly_points")},
    "id_number": _NUMBERS["id_number"],
    "as_of": ("截至日期", "截止日期", "统计日期", "统计截至", "数据日期", "as_of", "as of"),
}
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_FIXED = re.compile(r"0[0-9]{9,11}")
_ROUNDED = re.compile(r"[0-9.]+E\+?[0-9]+")
"""Excel keeps 15 digits of a number, and so the last three of an identity number are gone."""
_DATE = re.compile(r"(20[0-9]{2})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")


@dataclass(frozen=True, slots=True)
class NomineeEntry:
    """A line of a province's file: where it stands, its headers as written there, and what it says."""

    place: Place
    columns: Columns
    nominee: NewNominee

    def problem(self, field: str, code: str, detail: str = "") -> Problem:
        """Return a problem of this line."""
        return Problem(self.place.sheet, self.place.row, self.columns.title(field), code, detail)


@dataclass(frozen=True, slots=True)
class NomineeFile:
    """A province's file as read."""

    file_name: str
    sha256: bytes
    accepted: tuple[NomineeEntry, ...]
    refused: tuple[Problem, ...]
    skipped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PracticeFile:
    """A file of practice records as read."""

    file_name: str
    sha256: bytes
    accepted: tuple[PracticeRecord, ...]
    refused: tuple[Problem, ...]
    skipped: tuple[str, ...]


def read_nominee_file(
    file_name: str,
    data: bytes,
    own: DelegationCode,
    delegations: Sequence[DelegationName],
    hashes: IdentityHash,
    *,
    quotas: Mapping[NominationList, int],
) -> NomineeFile:
    """Read a province's list; raises `FileRefused`. Run it in a thread.

    A line without name, numbers and unit is one of the template that was not filled in. Numbers in the list count in
    the order of the file where it gives none; given ones must be 1, 2, 3, … without a gap.
    """
    names = delegation_names(delegations)
    entries: list[NomineeEntry] = []
    refused: list[Problem] = []
    ids: dict[bytes, Place] = {}
    phones: dict[bytes, Place] = {}
    counted: Counter[str] = Counter()
    tables, skipped = tables_of(data, NOMINEE_HEADERS, ("name", "id_number"))
    for table, columns in tables:
        for number, row in rows_below(table, columns, ("name", "id_number", "phone", "unit")):
            reader = _NomineeRow(table, columns, number, row)
            entry = reader.nominee(own, names, hashes)
            if entry is not None:
                line = entry.nominee
                if line.id_hash in ids:
                    reader.refuse("id_number", "id-repeated", str(ids[line.id_hash]))
                elif line.phone_hash in phones:
                    reader.refuse("phone", "phone-repeated", str(phones[line.phone_hash]))
                elif counted[line.list] >= quotas[line.list]:
                    reader.refuse("origin", "origin-full", str(quotas[line.list]))
                else:
                    ids[line.id_hash] = phones[line.phone_hash] = entry.place
                    counted[line.list] += 1
                    entries.append(entry)
            refused.extend(reader.problems)
    numbered, gaps = _numbered(entries, whole=not refused)
    return NomineeFile(file_name, hashlib.sha256(data).digest(), numbered, (*refused, *gaps), skipped)


def read_practice_file(file_name: str, data: bytes, until: date, hashes: IdentityHash) -> PracticeFile:
    """Read practice records up to a day; raises `FileRefused`. Run it in a thread.

    A record measured after `until` tells nothing of what was reached by then and is refused.
    """
    accepted: list[PracticeRecord] = []
    refused: list[Problem] = []
    seen: dict[bytes, Place] = {}
    tables, skipped = tables_of(data, PRACTICE_HEADERS, ("id_number", "daily_star_titles", "weekly_points", "as_of"))
    for table, columns in tables:
        for number, row in rows_below(table, columns, ("name", "id_number")):
            reader = _NomineeRow(table, columns, number, row)
            record = reader.practice(until, hashes)
            if record is not None and record.id_hash in seen:
                reader.refuse("id_number", "id-repeated", str(seen[record.id_hash]))
            elif record is not None:
                seen[record.id_hash] = Place(table.sheet, number)
                accepted.append(record)
            refused.extend(reader.problems)
    return PracticeFile(file_name, hashlib.sha256(data).digest(), tuple(accepted), tuple(refused), skipped)


class NumberedRow(PersonRow):
    """A row with numbers of a person."""

    def no_formulas(self) -> None:
        """Refuse cells that hold formulas."""
        for field, column in self._columns.at.items():
            if (self._number, column + 1) in self._table.formulas:
                self.refuse(field, "formula")

    def id_number(self) -> str:
        """Return the identity number in its one form; what is wrong with it is a problem."""
        text, problem = read_id_number(self._cell("id_number"))
        if problem:
            self.refuse("id_number", problem)
        return text

    def phone(self) -> str:
        """Return the telephone number as digits; what is wrong with it is a problem."""
        text, problem = read_phone(self._cell("phone"))
        if problem:
            self.refuse("phone", problem)
        return text


class _NomineeRow(NumberedRow):
    """A row of a province's list, or of practice records."""

    def nominee(
        self, own: DelegationCode, delegations: Mapping[str, DelegationCode], hashes: IdentityHash
    ) -> NomineeEntry | None:
        self.no_formulas()
        name = self._name()
        id_number = self.id_number()
        phone = self.phone()
        unit = self._text("unit")
        if not unit:
            self.refuse("unit", "missing")
        stated = self._cell("delegation")
        if stated and delegations.get(plain(stated)) != own:
            self.refuse("delegation", "delegation-other", stated)
        origin = ORIGINS.get(plain(self._cell("origin")), "")
        if origin not in ("named", "nominated"):
            self.refuse("origin", "list-unknown" if self._cell("origin") else "missing", self._cell("origin"))
        no = self._number_in("no", 1, required=False)
        stars = self._number_in("daily_star_titles", 1, required=False)
        points = self._number_in("weekly_points", 100, required=False)
        events, titles = self._list("prior_events"), self._list("prior_titles")
        if self.problems:
            return None
        which: NominationList = "named" if origin == "named" else "nominated"
        person = Person(own, name, unit, stars, points, events, titles)
        line = NewNominee(which, no, person, id_number, phone, hashes.of_id(id_number), hashes.of_phone(phone))
        return NomineeEntry(Place(self._table.sheet, self._number), self._columns, line)

    def practice(self, until: date, hashes: IdentityHash) -> PracticeRecord | None:
        self.no_formulas()
        name = self._name()
        id_number = self.id_number()
        stars = self._number_in("daily_star_titles", 1)
        points = self._number_in("weekly_points", 100)
        as_of = self._date("as_of", until)
        if self.problems or as_of is None:
            return None
        return PracticeRecord(hashes.of_id(id_number), name, stars, points, as_of)

    def _date(self, field: str, until: date) -> date | None:
        written = self._cell(field)
        found = _DATE.fullmatch(re.sub(r"\s", "", unicodedata.normalize("NFKC", written)))
        try:
            day = date(int(found[1]), int(found[2]), int(found[3])) if found else None
        except ValueError:
            day = None
        if day is None:
            self.refuse(field, "date-unreadable" if written else "missing", written)
        elif day > until:
            self.refuse(field, "date-late", until.isoformat())
        return day


def read_id_number(written: str) -> tuple[str, str]:
    """Return an identity number in its one form, and the code of what is wrong with it; empty: nothing."""
    text = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", written)).upper()
    if not text:
        return text, "missing"
    if _ROUNDED.fullmatch(text):
        return text, "id-as-number"
    if len(text) != 18:
        return text, "id-length"
    return text, "" if valid_id_number(text) else "id-check"


def read_phone(written: str) -> tuple[str, str]:
    """Return a telephone number as digits, and the code of what is wrong with it; empty: nothing."""
    text = re.sub(r"[\s()+-]", "", unicodedata.normalize("NFKC", written))
    if text.startswith("86") and _MOBILE.fullmatch(text[2:]):
        text = text[2:]
    if not text:
        return text, "missing"
    return text, "" if _MOBILE.fullmatch(text) or _FIXED.fullmatch(text) else "phone-unreadable"


def tables_of(
    data: bytes, headers: Mapping[str, Sequence[str]], required: Sequence[str]
) -> tuple[list[tuple[Table, Columns]], tuple[str, ...]]:
    """Return the tables that have these headers, and the names of those that have not; raises `FileRefused`."""
    found: list[tuple[Table, Columns]] = []
    skipped: list[str] = []
    for table in read_tables(data):
        if not any(any(row) for row in table.rows):
            continue
        columns = find_columns(table.rows, headers, tuple((name,) for name in required))
        if columns is None:
            skipped.append(table.sheet)
        else:
            found.append((table, columns))
    if not found:
        raise FileRefused("no-table", "、".join(headers[name][0] for name in required))
    return found, tuple(skipped)


def rows_below(table: Table, columns: Columns, telling: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Return the rows below the headers that say something, with their numbers."""
    for number, row in enumerate(table.rows[columns.header_row + 1 :], start=columns.header_row + 2):
        if any(columns.cell(row, field) for field in telling):
            yield number, row


def _numbered(entries: Sequence[NomineeEntry], *, whole: bool) -> tuple[tuple[NomineeEntry, ...], list[Problem]]:
    """Give every line its place in its list; a gap is looked for only where no line was refused for something else."""
    lists: defaultdict[str, list[NomineeEntry]] = defaultdict(list)
    for entry in entries:
        lists[entry.nominee.list].append(entry)
    numbered: list[NomineeEntry] = []
    problems: list[Problem] = []
    for listed in lists.values():
        given = any(entry.nominee.no for entry in listed)
        taken: dict[int, Place] = {}
        for position, entry in enumerate(listed, start=1):
            no = entry.nominee.no if given else position
            if not no:
                problems.append(entry.problem("no", "missing"))
            elif no in taken:
                problems.append(entry.problem("no", "place-taken", str(no)))
            taken[no] = entry.place
            line = entry.nominee
            placed = NewNominee(line.list, no, line.person, line.id_number, line.phone, line.id_hash, line.phone_hash)
            numbered.append(NomineeEntry(entry.place, entry.columns, placed))
        gap = next((no for no in range(1, len(listed) + 1) if no not in taken), 0)
        if whole and gap and not problems:
            problems.append(listed[0].problem("no", "place-gap", str(gap)))
    return tuple(numbered), problems
