"""The roster of a province's own contest: a table with names, units, teams, telephone or identity numbers."""

import hashlib
from dataclasses import dataclass

from leitai.office.identity import IdentityHash
from leitai.office.importing.nominees import NOMINEE_HEADERS, NumberedRow, rows_below, tables_of
from leitai.office.importing.problems import FileRefused, Place, Problem
from leitai.office.own_contests_ports import NewPerson, Numbers

_HEADERS = {name: NOMINEE_HEADERS[name] for name in ("name", "unit", "id_number", "phone")} | {
    "team": (*NOMINEE_HEADERS["delegation"], "队名", "团队", "参赛队", "team")
}
MAX_PEOPLE = 20_000


@dataclass(frozen=True, slots=True)
class OwnRosterFile:
    """A roster as read."""

    file_name: str
    sha256: bytes
    accepted: tuple[NewPerson, ...]
    refused: tuple[Problem, ...]
    skipped: tuple[str, ...]


def read_own_roster(file_name: str, data: bytes, hashes: IdentityHash) -> OwnRosterFile:
    """Read a roster; raises `FileRefused`. Run it in a thread.

    A number may be missing; one that is given must be one, and nobody's else in the file. Who gives neither is told
    apart by name and unit.
    """
    accepted: list[NewPerson] = []
    refused: list[Problem] = []
    seen: dict[object, Place] = {}
    tables, skipped = tables_of(data, _HEADERS, ("name",))
    for table, columns in tables:
        for number, row in rows_below(table, columns, ("name", "id_number", "phone", "unit")):
            reader = _Row(table, columns, number, row)
            person = reader.person(hashes)
            if person is not None:
                place = Place(table.sheet, number)
                marks = {"id_number": person.numbers.id_hash, "phone": person.numbers.phone_hash}
                known = {field: mark for field, mark in marks.items() if mark is not None}
                if not known:
                    known = {"name": (person.name, person.unit)}
                codes = {"id_number": "id-repeated", "phone": "phone-repeated", "name": "person-repeated"}
                twice = next((field for field, mark in known.items() if (field, mark) in seen), None)
                if twice is not None:
                    reader.refuse(twice, codes[twice], str(seen[twice, known[twice]]))
                else:
                    seen.update(((field, mark), place) for field, mark in known.items())
                    accepted.append(person)
            refused.extend(reader.problems)
    if len(accepted) > MAX_PEOPLE:
        raise FileRefused("too-many-rows", str(MAX_PEOPLE))
    return OwnRosterFile(file_name, hashlib.sha256(data).digest(), tuple(accepted), tuple(refused), skipped)


class _Row(NumberedRow):
    def person(self, hashes: IdentityHash) -> NewPerson | None:
        self.no_formulas()
        name, unit, team = self._name(), self._text("unit"), self._text("team")
        id_number = self.id_number() if self._cell("id_number") else ""
        phone = self.phone() if self._cell("phone") else ""
        if self.problems:
            return None
        return NewPerson(name, unit, team.strip(), numbers_of(phone, id_number, hashes))


def numbers_of(phone: str, id_number: str, hashes: IdentityHash) -> Numbers:
    """Return numbers, each in its one form or empty, with their hashes."""
    return Numbers(
        phone, id_number, hashes.of_phone(phone) if phone else None, hashes.of_id(id_number) if id_number else None
    )
