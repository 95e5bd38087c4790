"""Sets of practice in PostgreSQL: `office.practice.sets_ports.SetsStore`.

Of one learner one transaction at a time changes something (`one_at_a_time`), so that twenty requests at once are twenty
requests one after the other: the first hands a set in, the others find it handed in.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from leitai.office.bank import Question
from leitai.office.practice.features import Lecture, Picture
from leitai.office.practice.sets_ports import (
    Card,
    Change,
    Chosen,
    Key,
    Noted,
    PracticeSet,
    SetAsked,
    Shelf,
    Standing,
    Today,
    earned_daily,
)
from leitai.office.practice.topics import PRACTISED_MODULES
from leitai.rules.practice_sets import DUE_LOOKED_AT, PRACTISED, DueCard, SetKind
from leitai.rules.values import QuestionType, Response
from leitai.stores.postgres.bank_store import question_of
from leitai.stores.postgres.points_store import add_points
from leitai.stores.postgres.pool import Connection, Database
from leitai.stores.postgres.practice_rows import card_columns, card_of, set_of, set_topic
from leitai.stores.postgres.queries import Queries
from leitai.stores.postgres.rows import Row, storable

_SETS = Queries("practice_sets")


class PracticeSets:
    """Learners' sets, cards and marks.

    Args:
        database: lent, not owned.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def shelves(self, day: date) -> Mapping[Key, Shelf]:
        """See `SetsStore.shelves`."""
        types = [one.value for one in PRACTISED]
        async with self._database.connection() as connection:
            found = await connection.fetch(_SETS["shelves"], day, types, list(PRACTISED_MODULES))
        return {
            (row["module"], QuestionType(row["type"])): Shelf(tuple(row["question_ids"]), tuple(row["version_ids"]))
            for row in found
        }

    async def questions(self, version_ids: Sequence[int]) -> Mapping[int, Question]:
        """See `SetsStore.questions`."""
        async with self._database.connection() as connection:
            return {row["id"]: question_of(row) for row in await connection.fetch(_SETS["questions"], version_ids)}

    async def pictures(self, version_ids: Sequence[int]) -> Mapping[int, tuple[Picture, ...]]:
        """See `SetsStore.pictures`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_SETS["pictures"], version_ids)
        shown: dict[int, tuple[Picture, ...]] = {}
        for row in found:
            one = Picture(row["media"], row["media_type"], row["width"], row["height"], row["caption"])
            shown[row["version_id"]] = (*shown.get(row["version_id"], ()), one)
        return shown

    async def featured(self, day: date) -> Mapping[int, Lecture | None]:
        """See `SetsStore.featured`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_SETS["featured"], day)
        return {
            row["question_id"]: None
            if row["media"] is None
            else Lecture(row["media"], row["media_type"], row["title"], row["poster"], row["captions"])
            for row in found
        }

    async def open_set(
        self, asked: SetAsked, day: date, expires_us: int, topics: Sequence[int], choose: Callable[[Standing], Chosen]
    ) -> PracticeSet:
        """See `SetsStore.open_set`."""
        async with self._database.transaction() as connection:
            await connection.execute(_SETS["one_at_a_time"], asked.learner_id)
            found = [set_of(row) for row in await connection.fetch(_SETS["open_sets"], asked.learner_id)]
            alive = [one for one in found if one.expires_us > asked.at_us]
            await close_expired(connection, [one for one in found if one.expires_us <= asked.at_us], asked.at_us)
            for one in alive:
                if (one.kind, one.module, one.type) == (asked.kind, asked.module, asked.type):
                    return one
            held = frozenset(
                question_id
                for one in alive
                for question_id, reply in zip(one.question_ids, one.replies, strict=True)
                if reply is None
            )
            standing = await _standing(connection, asked, day, topics, held)
            chosen = choose(standing)
            row = await connection.fetchrow(
                _SETS["open"],
                asked.learner_id,
                asked.kind.value,
                asked.module,
                set_topic(asked.type),
                day,
                asked.at_us,
                expires_us,
                asked.network,
                chosen.question_ids,
                chosen.version_ids,
                len(chosen.question_ids),
            )
        return set_of(row)

    async def find_set(self, learner_id: int, set_id: int) -> PracticeSet:
        """See `SetsStore.find_set`."""
        async with self._database.connection() as connection:
            return await _set(connection, learner_id, set_id)

    async def change_set(
        self,
        learner_id: int,
        set_id: int,
        day: date,
        place: int | None,
        decide: Callable[[PracticeSet, Mapping[int, Card], int], Change | None],
    ) -> PracticeSet:
        """See `SetsStore.change_set`."""
        async with self._database.transaction() as connection:
            await connection.execute(_SETS["one_at_a_time"], learner_id)
            held = await _set(connection, learner_id, set_id)
            day_place = 0
            if held.kind is SetKind.WEEKLY and held.closed_us is None:
                day_place = await connection.fetchval(_SETS["next_place"], learner_id, day)
            wanted = held.question_ids if place is None else held.question_ids[place : place + 1]
            found = await connection.fetch(_SETS["cards"], learner_id, wanted)
            change = decide(held, {row["question_id"]: card_of(row) for row in found}, day_place)
            if change is None:
                return held
            await _keep(connection, held, change)
            if change.earned is not None:
                await add_points(connection, change.earned)
        return change.set

    async def today(self, learner_id: int, day: date, at_us: int) -> Today:
        """See `SetsStore.today`."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_SETS["today"], learner_id, day)
            topics = await connection.fetch(_SETS["topics_known"], learner_id, at_us)
        assert row is not None
        return Today(
            row["questions"],
            row["weekly_sets"],
            {one["topic"]: one["known"] for one in topics},
            {one["topic"]: one["due"] for one in topics},
            row["mistakes"],
        )

    async def progress(self, learner_id: int) -> Mapping[int, tuple[int, int]]:
        """See `SetsStore.progress`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_SETS["progress"], learner_id)
        return {row["module_no"]: (row["seen"], row["right_now"]) for row in found}

    async def mistakes(
        self, learner_id: int, topics: Sequence[int], at_us: int, after: int, most: int
    ) -> tuple[Sequence[Noted], int]:
        """See `SetsStore.mistakes`."""
        async with self._database.connection() as connection:
            held = frozenset(await connection.fetchval(_SETS["held"], learner_id, at_us))
            found = await connection.fetch(_SETS["mistakes"], learner_id, topics, after, most)
        return [_noted(row, card_of(row), held) for row in found], found[0]["total"] if found else 0

    async def marked(self, learner_id: int, at_us: int, after: int, most: int) -> tuple[Sequence[Noted], int]:
        """See `SetsStore.marked`."""
        async with self._database.connection() as connection:
            held = frozenset(await connection.fetchval(_SETS["held"], learner_id, at_us))
            found = await connection.fetch(_SETS["marked"], learner_id, after, most)
        noted = [_noted(row, None if row["card_of"] is None else card_of(row), held) for row in found]
        return noted, found[0]["total"] if found else 0

    async def mark(
        self, learner_id: int, question_id: int, at_us: int, *, bookmarked: bool | None, note: str | None
    ) -> None:
        """See `SetsStore.mark`."""
        async with self._database.transaction() as connection:
            await connection.execute(_SETS["one_at_a_time"], learner_id)
            if not await connection.fetchval(_SETS["was_asked"], learner_id, question_id):
                raise KeyError(question_id)
            row = await connection.fetchrow(_SETS["see_mark"], learner_id, question_id)
            held: tuple[bool, str] = (row["bookmarked"], row["note"]) if row else (False, "")
            kept = held[0] if bookmarked is None else bookmarked
            text = held[1] if note is None else storable(note)
            if kept or text:
                await connection.execute(_SETS["set_mark"], learner_id, question_id, kept, text, at_us)
            elif row:
                await connection.execute(_SETS["drop_mark"], learner_id, question_id)

    async def forget_mistake(self, learner_id: int, question_id: int, streak: int) -> bool:
        """See `SetsStore.forget_mistake`."""
        async with self._database.transaction() as connection:
            await connection.execute(_SETS["one_at_a_time"], learner_id)
            held = await connection.fetchval(_SETS["mistake"], learner_id, question_id)
            if held is None:
                raise KeyError(question_id)
            if held < streak:
                return False
            await connection.execute(_SETS["forget_mistake"], learner_id, question_id)
        return True


async def close_expired(connection: Connection, expired: Sequence[PracticeSet], at_us: int) -> None:
    """Close sets that take no answer any more, and write what those of 日日学 earned."""
    if not expired:
        return
    await connection.execute(_SETS["expire"], [one.set_id for one in expired], at_us)
    for one in expired:
        if (earned := earned_daily(one)) is not None:
            await add_points(connection, earned)


async def keep_cards(connection: Connection, learner_id: int, cards: Sequence[Card]) -> None:
    """Keep a learner's cards, of whom one transaction at a time changes something; no set changes with them."""
    if cards:
        await connection.execute(_SETS["keep"], learner_id, *[None] * 11, 0, *_columns(cards))


async def _standing(
    connection: Connection, asked: SetAsked, day: date, topics: Sequence[int], held: frozenset[int]
) -> Standing:
    if asked.kind is SetKind.WEEKLY:
        return Standing((), frozenset(), (), held)
    row = await connection.fetchrow(_SETS["standing"], asked.learner_id, topics, asked.at_us, DUE_LOOKED_AT, day)
    assert row is not None
    due = tuple(
        DueCard(question_id, due_us, wrong)
        for question_id, due_us, wrong in zip(row["due_ids"], row["due_at"], row["due_wrong"], strict=True)
    )
    return Standing(due, frozenset(row["known"]), tuple(row["soonest"]), held)


async def _set(connection: Connection, learner_id: int, set_id: int) -> PracticeSet:
    row = await connection.fetchrow(_SETS["set"], set_id, learner_id)
    if row is None:
        raise KeyError(set_id)
    return set_of(row)


async def _keep(connection: Connection, held: PracticeSet, change: Change) -> None:
    after = change.set
    newly = after.counted - held.counted
    await connection.execute(
        _SETS["keep"],
        after.learner_id,
        after.set_id,
        [None if one is None else _text(one.response) for one in after.replies],
        [None if one is None else one.right for one in after.replies],
        [None if one is None else one.counted for one in after.replies],
        [None if one is None else one.at_us for one in after.replies],
        after.handed_us,
        after.handed_day,
        after.place_of_day or None,
        after.centipoints,
        after.closed_us,
        after.day,
        newly,
        *_columns(change.cards),
    )


def _columns(cards: Sequence[Card]) -> list[list[Any]]:
    ordered = sorted(cards, key=lambda card: card.question_id)
    return [list(column) for column in zip(*map(card_columns, ordered), strict=True)]


def _text(response: Response) -> str:
    return storable(msgspec.json.encode(response).decode())


def _noted(row: Row, card: Card | None, held: frozenset[int]) -> Noted:
    question_id: int = row["question_id"]
    return Noted(question_id, row["usable_id"], card, bool(row["bookmarked"]), row["note"] or "", question_id in held)
