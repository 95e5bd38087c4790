"""docs/wire.md says what the messages are: its tables are read and compared with the structs."""

import re
from enum import Enum
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import inspect

from leitai.wire.messages import (
    BoardRow,
    CloseCode,
    ItemContent,
    ItemOption,
    SealedItem,
    SealedPaper,
)
from leitai.wire.schema import CLIENT_STRUCTS, FEED_STRUCTS, SERVER_STRUCTS, wire_name

PAGE = (Path(__file__).parents[2] / "docs/wire.md").read_text("utf-8")
STRUCTS = {wire_name(struct): struct for struct in (*CLIENT_STRUCTS, *SERVER_STRUCTS)}


def _rows(heading: str) -> dict[str, str]:
    section = PAGE.split(f"### {heading}\n", 1)[1]
    table = section[section.index("| --- ") :].split("\n\n", 1)[0]
    rows = [[cell.strip() for cell in line.split(" | ")] for line in table.splitlines()[1:]]
    return {row[0].strip("| `"): row[1] for row in rows}


CLIENT_ROWS = _rows("From the client")
SERVER_ROWS = _rows("From the server")
ROWS = CLIENT_ROWS | SERVER_ROWS


def test_the_tables_name_every_message_and_no_other() -> None:
    assert list(CLIENT_ROWS) == [wire_name(struct) for struct in CLIENT_STRUCTS]
    assert list(SERVER_ROWS) == [wire_name(struct) for struct in SERVER_STRUCTS]


@pytest.mark.parametrize("name", ROWS)
def test_a_row_has_the_members_of_its_message(name: str) -> None:
    fields = {field.name: field for field in msgspec.structs.fields(STRUCTS[name])}
    told = re.sub(r"\{[^}]*\}", "", ROWS[name])
    words: list[str] = re.findall(r"`([^`]+)`", told)
    enums = [_enum(field.type) for field in fields.values()]
    values = {str(member.value) for enum in enums if enum is not None for member in enum}
    assert [word for word in words if word not in values] == list(fields)
    assert {word for word in words if word in values} in (values, set())


@pytest.mark.parametrize("name", ROWS)
def test_a_row_has_the_members_inside_lists(name: str) -> None:
    for field in msgspec.structs.fields(STRUCTS[name]):
        inner = _inner_struct(field.type)
        told = re.search(rf"`{field.name}`[^,`]*?of \{{([^}}]*)\}}", ROWS[name])
        if told is not None:
            assert inner is not None, field.name
            assert [word.strip() for word in told[1].split(",")] == list(inner.__struct_fields__)


@pytest.mark.parametrize("name", CLIENT_ROWS)
def test_a_row_has_the_defaults_of_a_client_message(name: str) -> None:
    told = dict(re.findall(r'`(\w+)` (""|\d+|\[\])', ROWS[name]))
    assert told == {
        field.name: {"": '""'}.get(str(_default(field)), str(_default(field)))
        for field in msgspec.structs.fields(STRUCTS[name])
        if not field.required
    }


def test_the_feed_is_what_has_a_place_in_it() -> None:
    told = re.search(r"\n((?:`\w+`(?:, | and )?)+) are the \*\*feed\*\*", PAGE)
    assert told is not None
    assert re.findall(r"`(\w+)`", told[1]) == [wire_name(struct) for struct in FEED_STRUCTS]
    for struct in FEED_STRUCTS:
        assert struct.__struct_fields__[0] == "offset"


def test_a_board_row_is_told_in_its_order() -> None:
    assert f"`[{', '.join(BoardRow.__struct_fields__)}]`" in PAGE


def test_close_codes_are_told() -> None:
    codes = {value for name, value in vars(CloseCode).items() if name.isupper()}
    told = PAGE[PAGE.index("Close codes:") :].split("\n\n")[0]
    assert {int(code) for code in re.findall(r"\b4\d{3}\b", told)} == codes


def test_bodies_are_told() -> None:
    content = re.search(r"MessagePack map \{([^}]*)\} ?([^}]*)\}", PAGE.replace("\n", " "))
    assert content is not None
    told = f"{content[1]}}}{content[2]}"
    assert re.findall(r"`(\w+)`", told) == list(ItemContent.__struct_fields__)
    assert f"{{{', '.join(ItemOption.__struct_fields__)}}}" in PAGE
    paper = ", ".join(SealedPaper.__struct_fields__)
    assert f"MessagePack {{{paper}: [{{{', '.join(SealedItem.__struct_fields__)}}}]}}" in PAGE


def _enum(annotation: Any) -> type[Enum] | None:
    kind = inspect.type_info(annotation)
    return kind.cls if isinstance(kind, inspect.EnumType) else None


def _inner_struct(annotation: Any) -> type[msgspec.Struct] | None:
    kind = inspect.type_info(annotation)
    if isinstance(kind, inspect.ListType) and isinstance(kind.item_type, inspect.StructType):
        return kind.item_type.cls
    return None


def _default(field: Any) -> Any:
    return field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
