"""From rows to the frozen values of rules/ and wire/, shared by the archive and the office store."""

from collections.abc import Sequence
from typing import Any

import msgspec

from leitai.live.ports import ItemFile
from leitai.rules.prizes import Prize
from leitai.rules.values import (
    Answer,
    AnswerStatus,
    Counted,
    DelegationCode,
    ItemNo,
    Key,
    Marking,
    Member,
    Micros,
    Pacing,
    PaperItem,
    Plan,
    QuestionType,
    SittingId,
)
from leitai.wire.messages import ItemContent, ItemMedia, ItemOption

Row = Any
"""An asyncpg record: columns by name, of the types the SQL gives them."""


_prizes = msgspec.json.Decoder(tuple[Prize, ...])


class StoredKey(msgspec.Struct):
    """`question_version.key`."""

    options: list[str] = []
    blanks: list[list[str]] = []
    also: list[list[str]] = []


def key_to_json(key: Key) -> str:
    """Return the stored form of a key."""
    blanks = [list(alternatives) for alternatives in key.blanks]
    stored = StoredKey(sorted(key.options), blanks, sorted(sorted(options) for options in key.also))
    return msgspec.json.encode(stored).decode()


def key_from_json(text: str) -> Key:
    """Return the key of its stored form."""
    stored = msgspec.json.decode(text, type=StoredKey)
    blanks = tuple(tuple(alternatives) for alternatives in stored.blanks)
    return Key(frozenset(stored.options), blanks, tuple(frozenset(options) for options in stored.also))


def prizes(contest: Row) -> tuple[Prize, ...]:
    """Return the prizes of a province's own contest, the highest first."""
    return _prizes.decode(contest["prizes"])


def storable(text: str) -> str:
    """Return a text without NUL, which PostgreSQL does not hold and marking ignores: no contestant stops a recorder."""
    return text.replace("\0", "") if "\0" in text else text


def plan(session: Row, items: Sequence[Row]) -> Plan:
    """Build the plan of a session row and its item rows."""
    pacing = Pacing(session["pacing"])
    return Plan(
        pacing=pacing,
        counted=Counted(session["counted"]),
        items=tuple(_paper_item(row, pacing) for row in items),
        gap_us=Micros(session["gap_us"]),
        duration_us=Micros(session["duration_us"]),
        late_entry_us=Micros(session["late_entry_us"]),
        own_us=Micros(session["own_us"]),
    )


def contents(items: Sequence[Row]) -> tuple[ItemContent, ...]:
    """Build what is sealed for contestants: texts and shape, nothing of the key."""
    return tuple(
        ItemContent(
            type=row["type"],
            stem=row["stem"],
            options=[ItemOption(name, text) for name, text in zip(row["option_ids"], row["option_texts"], strict=True)],
            blanks=len(key_from_json(row["key"]).blanks),
            centipoints=row["centipoints"],
            parts=list(row["parts"]),
            media=[
                ItemMedia(one["address"], one["type"], one["width"], one["height"], one["alt"]) for one in _media(row)
            ],
        )
        for row in items
    )


def item_files(items: Sequence[Row]) -> tuple[ItemFile, ...]:
    """Build what the items show, as it is found in the bank."""
    return tuple(
        ItemFile(ItemNo(row["item_no"]), one["address"], one["sha256"], one["type"], one["bytes"])
        for row in items
        for one in _media(row)
    )


def member(row: Row) -> Member:
    """Build a member of a sitting row joined with its contestant."""
    return Member(
        sitting_id=SittingId(row["id"]),
        name=row["name"],
        delegation=DelegationCode(row["delegation"]),
        struck=row["struck"],
        absent=row["absent"],
        room=row["room"],
    )


def answer(row: Row) -> Answer:
    """Build an answer."""
    return Answer(
        sitting_id=SittingId(row["sitting_id"]),
        item_no=ItemNo(row["item_no"]),
        client_seq=row["client_seq"],
        response=tuple(row["response"]),
        stamp_us=Micros(row["stamp_us"]),
        elapsed_us=Micros(row["elapsed_us"]),
        elapsed_flagged=row["elapsed_flagged"],
        offset=row["offset"],
        status=AnswerStatus(row["status"]),
    )


def _media(row: Row) -> Sequence[dict[str, Any]]:
    """What an item shows; papers that were sealed before there was anything to show say nothing of it."""
    return row.get("media") or ()


def _paper_item(row: Row, pacing: Pacing) -> PaperItem:
    return PaperItem(
        item_no=ItemNo(row["item_no"]),
        type=QuestionType(row["type"]),
        centipoints=row["centipoints"],
        seconds=row["seconds"] if pacing is Pacing.STREAMED else 0,
        option_ids=tuple(row["option_ids"]),
        key=key_from_json(row["key"]),
        marking=Marking(row["marking"]),
    )
