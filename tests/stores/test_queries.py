"""The .sql files: what a statement takes from a part, and that every statement is there and used."""

import re
from pathlib import Path

import pytest

import leitai.doctor.probe.postgres
import leitai.stores.postgres
from leitai.stores.postgres.queries import statements

_FOLDER = Path(leitai.stores.postgres.__file__).parent
_LOADED = re.compile(r'^(\w+) = Queries\("(\w+)"\)', re.MULTILINE)
_LENT = {
    "nominations": re.compile(r"^from leitai\.stores\.postgres\.evidence_store import .*\b(SQL)\b", re.MULTILINE),
    "awards": re.compile(r"^from leitai\.stores\.postgres\.objections_store import .*\b(AWARDS)\b", re.MULTILINE),
}


def _modules() -> list[tuple[str, str, str]]:
    """Every module's text with each file of statements that it reads and the name it has there."""
    found: list[tuple[str, str, str]] = []
    for path in [*sorted(_FOLDER.glob("*.py")), Path(leitai.doctor.probe.postgres.__file__)]:
        text = path.read_text(encoding="utf-8")
        found += [(text, name, file) for name, file in _LOADED.findall(text)]
        found += [(text, name, file) for file, lent in _LENT.items() for name in lent.findall(text)]
    return found


def _statements(file: str) -> dict[str, str]:
    return statements((_FOLDER / "sql" / f"{file}.sql").read_text(encoding="utf-8"))


def test_a_part_stands_for_itself_wherever_it_is_taken() -> None:
    parts = "-- part: own\nowner = $1\n\n-- part: open\n-- take: own\nand not done\n\n"
    text = f"{parts}-- name: count\nselect count(*) where\n-- take: open\n"
    assert statements(text) == {"count": "select count(*) where\nowner = $1\nand not done"}
    with pytest.raises(KeyError):
        statements("-- name: one\n-- take: nothing\n")


def test_every_statement_that_is_asked_for_is_there() -> None:
    for text, name, file in _modules():
        known = _statements(file)
        asked = set(re.findall(rf'\b{name}\["(\w+)"', text))
        assert asked <= known.keys(), (file, asked - known.keys())


def test_every_statement_is_used() -> None:
    words: dict[str, set[str]] = {}
    for text, _, file in _modules():
        words.setdefault(file, set()).update(re.findall(r'"(\w+)"', text))
    unused = {file: sorted(_statements(file).keys() - used) for file, used in words.items()}
    assert {file: names for file, names in unused.items() if names} == {}
    assert {path.stem for path in (_FOLDER / "sql").glob("*.sql")} == words.keys()
