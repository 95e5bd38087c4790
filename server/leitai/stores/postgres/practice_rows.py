"""From rows of practice to the frozen values of office/practice, and back."""

from typing import Any

import msgspec

from leitai.office.practice.sets_ports import Card, Memory, PracticeSet, Reply
from leitai.rules.practice_sets import SetKind
from leitai.rules.values import QuestionType
from leitai.stores.postgres.rows import Row

_response = msgspec.json.Decoder(tuple[str, ...])


def set_of(row: Row) -> PracticeSet:
    """Return a set of a row of `practice_set` with `bookmarked`."""
    replies = tuple(
        None if given is None else Reply(_response.decode(given), right, counted, at_us)
        for given, right, counted, at_us in zip(
            row["given"], row["was_right"], row["counted"], row["answered_us"], strict=True
        )
    )
    return PracticeSet(
        row["id"],
        row["learner_id"],
        SetKind(row["kind"]),
        row["module"],
        QuestionType(row["type"]) if row["type"] else None,
        row["day"],
        row["opened_us"],
        row["expires_us"],
        tuple(row["question_ids"]),
        tuple(row["version_ids"]),
        replies,
        row["handed_us"],
        row["handed_day"],
        row["day_place"] or 0,
        row["centipoints"],
        row["closed_us"],
        frozenset(row["bookmarked"]),
    )


def set_topic(question_type: QuestionType | None) -> str:
    """Return a set's type as it is kept."""
    return "" if question_type is None else question_type.value


def card_of(row: Row) -> Card:
    """Return a card of a row of `practice_card`."""
    return Card(
        row["question_id"],
        row["topic"],
        Memory(row["due_us"], row["reviewed_us"], row["stability"], row["difficulty"], row["state"], row["step"]),
        row["seen"],
        row["right_count"],
        row["streak"],
        row["wrong"],
        row["wrong_us"],
        row["counted_on"],
    )


def card_columns(card: Card) -> tuple[Any, ...]:
    """Return a card in the order of the table's columns, without the learner."""
    memory = card.memory
    return (
        card.question_id,
        card.topic,
        memory.due_us,
        memory.reviewed_us,
        memory.stability,
        memory.difficulty,
        memory.state,
        memory.step,
        card.seen,
        card.right,
        card.streak,
        card.wrong,
        card.wrong_us,
        card.counted_on,
    )
