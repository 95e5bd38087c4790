"""Matches in PostgreSQL: `live.match.ports.MatchArchive` and `office.practice.matches_ports.MatchStore`."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

import msgspec

from leitai.office.practice.matches_ports import MatchReply, MatchSums, PlayedMatch, Recording, Review
from leitai.office.practice.ports import Earned, Kind
from leitai.office.practice.sets_ports import Card
from leitai.office.practice.topics import topic
from leitai.rules.beijing import beijing_day
from leitai.rules.match_log import SEATS, Match, Recorded
from leitai.rules.matches import QUESTIONS, earned
from leitai.rules.values import QuestionType
from leitai.stores.postgres.points_store import add_points
from leitai.stores.postgres.pool import Connection, Database
from leitai.stores.postgres.practice_rows import card_of
from leitai.stores.postgres.practice_store import keep_cards
from leitai.stores.postgres.queries import Queries
from leitai.stores.postgres.rows import Row

_MATCHES = Queries("practice_matches")
_SETS = Queries("practice_sets")
_response = msgspec.json.Decoder(tuple[str, ...])


Missed = Callable[[Card | None, int, int, int, date], Card]
"""A learner's card of a question, of a topic, after a wrong answer in a match that ended at an instant of a day:
`office.practice.memory.missed_in_match`."""


class PostgresMatches:
    """Matches that are over. `database` is lent, not owned; `missed` makes the cards of wrong answers."""

    def __init__(self, database: Database, missed: Missed) -> None:
        self._database = database
        self._missed = missed

    async def keep(self, match_id: int, match: Match) -> Sequence[int]:
        """See `MatchArchive.keep`."""
        made = match.made
        day = beijing_day(match.finished_us)
        learners = [one.learner_id for one in made.players]
        async with self._database.transaction() as connection:
            # Of one learner one thing happens at a time, and of two always in the same order.
            for learner_id in sorted(learners):
                await connection.execute(_SETS["one_at_a_time"], learner_id)
            if known := await connection.fetch(_MATCHES["kept"], match_id):
                return [row["earned"] for row in known]
            gains = [await _gain(connection, match, seat, day) for seat in SEATS]
            won, won_by = match.outcome
            await connection.execute(
                _MATCHES["keep_match"],
                match_id,
                day,
                match.made_us,
                max(match.finished_us, match.made_us),
                made.recording or None,
                made.question_ids,
                made.version_ids,
                made.seconds,
                won,
                won_by.value,
            )
            for seat in sorted(SEATS, key=lambda seat: learners[seat - 1]):
                await _keep_player(connection, match_id, match, seat, day, gains[seat - 1])
                if gains[seat - 1]:
                    entry = Earned(learners[seat - 1], day, Kind.MATCH, match_id, gains[seat - 1])
                    await add_points(connection, entry)
            for seat in match.live:
                await self._keep_missed(connection, match, seat, day)
        return gains

    async def _keep_missed(self, connection: Connection, match: Match, seat: int, day: date) -> None:
        """Put what a player answered wrongly into their book of mistakes and what is due again."""
        made, learner_id = match.made, match.made.players[seat - 1].learner_id
        wrong = {
            made.question_ids[question - 1]: made.version_ids[question - 1]
            for question in range(1, match.closed + 1)
            if (answer := match.answers.get((question, seat))) is not None and not answer.right
        }
        if not wrong:
            return
        found = await connection.fetch(_MATCHES["subjects"], list(wrong.values()))
        subjects = {row["id"]: topic(row["module"], QuestionType(row["type"])) for row in found}
        known = {
            row["question_id"]: card_of(row) for row in await connection.fetch(_SETS["cards"], learner_id, list(wrong))
        }
        cards = [
            self._missed(known.get(question_id), question_id, subjects[version_id], match.finished_us, day)
            for question_id, version_id in wrong.items()
        ]
        await keep_cards(connection, learner_id, cards)

    async def points(self, learner_id: int) -> int:
        """See `MatchStore.points`."""
        async with self._database.connection() as connection:
            return await connection.fetchval(_MATCHES["points"], learner_id)

    async def names(self, learners: Sequence[int]) -> Mapping[int, str]:
        """See `MatchStore.names`."""
        async with self._database.connection() as connection:
            return {row["id"]: row["name"] for row in await connection.fetch(_MATCHES["names"], learners)}

    async def held(self, learners: Sequence[int], at_us: int) -> frozenset[int]:
        """See `MatchStore.held`."""
        async with self._database.connection() as connection:
            return frozenset(await connection.fetchval(_MATCHES["held"], learners, at_us))

    async def recordings(self, learner_id: int, most: int) -> Sequence[Recording]:
        """See `MatchStore.recordings`."""
        async with self._database.connection() as connection:
            return [_recording(row) for row in await connection.fetch(_MATCHES["recordings"], learner_id, most)]

    async def history(self, learner_id: int, today: date, most: int) -> tuple[MatchSums, Sequence[PlayedMatch]]:
        """See `MatchStore.history`."""
        async with self._database.connection() as connection:
            sums = await connection.fetchrow(_MATCHES["sums"], learner_id, today)
            found = await connection.fetch(_MATCHES["history"], learner_id, most)
        assert sums is not None
        return MatchSums(sums["won"], sums["drawn"], sums["lost"], sums["counted"]), [_played(row) for row in found]

    async def review(self, learner_id: int, match_id: int, at_us: int) -> Review:
        """See `MatchStore.review`."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_MATCHES["review"], learner_id, match_id, at_us)
        if row is None:
            raise KeyError(match_id)
        return Review(
            tuple(row["question_ids"]),
            tuple(row["version_ids"]),
            _replies(row["given"], row["was_right"]),
            _replies(row["their_given"], row["their_right"]),
            frozenset(row["held"]),
        )


def _replies(given: Sequence[str | None], was_right: Sequence[bool]) -> tuple[MatchReply, ...]:
    return tuple(
        MatchReply(() if one is None else _response.decode(one), right)
        for one, right in zip(given, was_right, strict=True)
    )


async def _gain(connection: Connection, match: Match, seat: int, day: date) -> int:
    own, other = match.made.players[seat - 1], match.made.players[2 - seat]
    if own.recorded_us or other.recorded_us:
        return 0
    right = [
        match.made.question_ids[question - 1]
        for question in range(1, match.closed + 1)
        if (answer := match.answers.get((question, seat))) is not None and answer.right
    ]
    today = await connection.fetchrow(_MATCHES["today"], own.learner_id, day, other.learner_id)
    counted = await connection.fetchval(_MATCHES["counted"], own.learner_id, day, right)
    assert today is not None
    fresh = len(set(right) - set(counted))
    return earned(fresh, today["counted"], met_today=today["met"], recorded=False)


async def _keep_player(connection: Connection, match_id: int, match: Match, seat: int, day: date, gain: int) -> None:
    own, other, tally = match.made.players[seat - 1], match.made.players[2 - seat], match.tally(seat)
    answers = [
        match.answers.get((question, seat)) if question <= match.closed else None
        for question in range(1, QUESTIONS + 1)
    ]
    await connection.execute(
        _MATCHES["keep_player"],
        match_id,
        seat,
        own.learner_id,
        other.learner_id,
        day,
        own.recorded_us,
        bool(other.recorded_us),
        tally.points,
        tally.right,
        tally.elapsed_us,
        [None if one is None else msgspec.json.encode(one.response).decode() for one in answers],
        [one is not None and one.right for one in answers],
        [0 if one is None else one.elapsed_us for one in answers],
        gain,
    )


def _recording(row: Row) -> Recording:
    replies = tuple(
        Recorded(() if given is None else _response.decode(given), right, took_us)
        for given, right, took_us in zip(row["given"], row["was_right"], row["took_us"], strict=True)
    )
    return Recording(
        row["id"],
        row["learner_id"],
        row["name"],
        row["ended_us"],
        tuple(row["question_ids"]),
        tuple(row["version_ids"]),
        tuple(row["seconds"]),
        replies,
        row["centipoints"],
    )


def _played(row: Row) -> PlayedMatch:
    won = 0 if row["won"] == 0 else 1 if row["won"] == row["seat"] else 2
    return PlayedMatch(
        row["match_id"],
        row["ended_us"],
        row["opponent"],
        row["alone"],
        won,
        row["won_by"],
        row["points"],
        row["opponent_points"],
        row["right_count"],
        row["earned"],
    )
