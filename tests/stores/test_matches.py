"""Pairing and logs of matches in a real Valkey, and what is kept of them in a real PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest

from leitai.live.match.ports import AnswerMade
from leitai.live.ports import StoreUnavailable, TicketRefused
from leitai.office.practice.matches import Matches
from leitai.office.practice.matches_ports import Found, Sought
from leitai.office.practice.memory import missed_in_match
from leitai.office.practice.ports import Earned, Kind
from leitai.rules.beijing import beijing_day
from leitai.rules.match_log import (
    Answered,
    Came,
    Closed,
    Entry,
    Finished,
    Made,
    Match,
    Opened,
    Player,
    Recorded,
    after,
    begun,
)
from leitai.rules.matches import QUESTIONS, RIGHT_CENTIPOINTS
from leitai.stores.embedded.postgres import EmbeddedPostgres
from leitai.stores.postgres.matches_store import PostgresMatches
from leitai.stores.postgres.points_store import add_points
from leitai.stores.valkey import matches as valkey_matches
from leitai.stores.valkey.connection import Store, open_store
from leitai.stores.valkey.keys import LOOKED_AFTER, PLAYING, SEEKERS
from leitai.stores.valkey.matches import ValkeyMatches
from leitai.wire.match_log import MatchSeat
from tests.support.practice import MONDAY_US, Gym, fresh_gym, furnished_database
from tests.support.stores import held_up

S = 1_000_000


@pytest.fixture
async def store(valkey_url: str) -> AsyncIterator[Store]:
    opened = open_store(valkey_url)
    await opened.execute_command("DEL", SEEKERS, PLAYING, LOOKED_AFTER)
    yield opened
    await opened.aclose()


class Hall:
    """Learners who seek, at any process; numbers of matches count up."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.pairing = ValkeyMatches(store)
        self.number = 1_000

    async def seek(self, learner: int, level: int = 3, again: int = 0, *, alone: bool = False) -> Sought:
        self.number += 1
        return await self.pairing.seek(learner, level, self.number, again, alone=alone)

    async def waited(self, learner: int, since_us: int, seen_us: int, level: int = 3, again: int = 0) -> None:
        """Let a learner have waited for so long, and have been seen so long ago."""
        now_us = await self.pairing.time_us(1)
        waiting = f"{now_us - since_us} {now_us - seen_us} {level} {again}"
        await self.store.execute_command("HSET", SEEKERS, learner, waiting)


@pytest.fixture
def hall(store: Store) -> Hall:
    return Hall(store)


async def test_two_who_seek_meet_and_both_are_told_the_same(hall: Hall) -> None:
    assert (await hall.seek(1)).found is Found.WAITS
    again = await hall.seek(1)
    assert again.found is Found.WAITS, "two devices of one learner never meet each other"
    assert again.waited_us > 0
    paired = await hall.seek(2)
    assert (paired.found, paired.opponent_id) == (Found.PAIRED, 1)
    told = await hall.seek(1)
    assert (told.found, told.match_id, told.opponent_id) == (Found.PLAYS, paired.match_id, 2)
    assert (await hall.seek(2)).match_id == paired.match_id
    assert await hall.pairing.playing(1) == await hall.pairing.playing(2) == paired.match_id
    assert (await hall.seek(3)).found is Found.WAITS, "who plays meets nobody else"
    await hall.pairing.release(paired.match_id + 1, [1, 2])
    assert await hall.pairing.playing(1) == paired.match_id, "only the match that somebody is in is over"
    await hall.pairing.release(paired.match_id, [1, 2])
    assert await hall.pairing.playing(1) == 0
    assert (await hall.seek(1)).opponent_id == 3


async def test_the_nearest_is_met_and_waiting_widens_the_reach(hall: Hall) -> None:
    for learner, level in ((1, 0), (2, 9), (3, 5)):
        assert (await hall.seek(learner, level)).found is Found.WAITS
    assert (await hall.seek(4, 6)).opponent_id == 3
    assert (await hall.seek(5, 4)).found is Found.WAITS
    await hall.waited(1, 2 * S, S, level=0)
    assert (await hall.seek(6, 3)).opponent_id == 5, "one level apart is nearer than three"
    await hall.waited(2, 5 * S, S, level=9)
    await hall.waited(1, 8 * S, S, level=0)
    assert (await hall.seek(2, 9)).opponent_id == 1


async def test_who_has_closed_the_page_is_met_by_nobody(hall: Hall) -> None:
    await hall.waited(1, 6 * S, 5 * S)
    assert (await hall.seek(2)).found is Found.WAITS
    await hall.pairing.withdraw(2)
    assert (await hall.seek(3)).found is Found.WAITS
    fresh = await hall.seek(1)
    assert fresh.opponent_id == 3


async def test_a_crowd_is_paired_off_with_nobody_twice(store: Store, valkey_url: str) -> None:
    other = open_store(valkey_url)
    halls = [Hall(store), Hall(other)]
    halls[1].number = 50_000
    try:
        met = await asyncio.gather(*(halls[learner % 2].seek(learner) for learner in range(1, 101)))
        pairs = [one for one in met if one.found is Found.PAIRED]
        assert len(pairs) == 50
        told = [await halls[0].pairing.playing(learner) for learner in range(1, 101)]
        assert sorted(told) == sorted([one.match_id for one in pairs] * 2)
    finally:
        await other.aclose()


async def test_the_same_two_meet_again_when_both_want_it(hall: Hall) -> None:
    await hall.seek(1, 0, again=77)
    assert (await hall.seek(2, 0)).found is Found.WAITS, "who wants somebody waits for them first"
    assert (await hall.seek(3, 9, again=77)).opponent_id == 1
    await hall.waited(4, 7 * S, S, again=78)
    assert (await hall.seek(5)).opponent_id == 4


async def test_who_takes_a_recording_is_met_by_nobody(hall: Hall) -> None:
    await hall.seek(1)
    alone = await hall.seek(1, alone=True)
    assert (alone.found, alone.opponent_id) == (Found.PAIRED, 0)
    assert (await hall.seek(2)).found is Found.WAITS
    assert (await hall.seek(1, alone=True)).found is Found.PLAYS


@pytest.mark.parametrize(("asked_for", "told"), [(0, (20,) * 5 + (15,) * 3 + (30,) * 2), (45, (45,) * QUESTIONS)])
async def test_questions_are_open_as_long_as_their_types_or_as_the_operator_says(
    hall: Hall, gym: Gym, asked_for: int, told: tuple[int, ...]
) -> None:
    record = PostgresMatches(gym.stores.database, missed_in_match)
    matches = Matches(hall.pairing, record, gym.catalogue, gym.now, seconds=asked_for)
    await matches.seek(1)
    begun_match = await hall.pairing.made((await matches.seek(2)).match_id)
    assert begun_match is not None
    assert begun_match.seconds == told


def made(first: int = 1, second: int = 2, questions: tuple[int, ...] = tuple(range(1, 11))) -> Made:
    return Made((Player(first, "甲"), Player(second, "乙")), questions, questions, (20,) * QUESTIONS)


async def test_answers_are_stamped_by_arrival_and_the_first_stands(store: Store, unique_id: int) -> None:
    streams = ValkeyMatches(store)
    with pytest.raises(StoreUnavailable, match="SHUT"):
        await streams.answer(unique_id, AnswerMade(1, 1, ("A",), True, 5, 1), 0, 0)
    assert await streams.made(unique_id) is None
    assert await streams.begin(unique_id, made())
    assert not await streams.begin(unique_id, made(3, 4)), "what has begun is not begun again"
    assert await streams.made(unique_id) == made()
    now_us = await streams.time_us(unique_id)
    opens_us = now_us - 2 * S
    opened = Entry(2, now_us, Opened(1, opens_us, opens_us + 20 * S))
    assert await streams.append(unique_id, 1, [opened])
    assert not await streams.append(unique_id, 1, [opened])
    first = await streams.answer(unique_id, AnswerMade(1, 1, ("A", "C"), True, 1_900_000, opens_us), 50_000, now_us)
    again = await streams.answer(unique_id, AnswerMade(1, 1, ("B",), False, 99, opens_us), 0, 0)
    assert again == first
    other = await streams.answer(unique_id, AnswerMade(2, 1, ("B",), False, -1, opens_us), 0, 0)
    early = await streams.answer(unique_id, AnswerMade(2, 2, ("B",), False, -1, now_us + S), 0, 0)
    assert early.stamp_us == now_us + S, "before the opening is nothing stamped"
    with pytest.raises(StoreUnavailable, match="HELD"):
        await streams.answer(unique_id, AnswerMade(2, 3, ("B",), False, -1, 1), 0, now_us - 2 * S)
    log = await streams.log(unique_id, 2)
    assert [one.seq for one in log] == [first.entry, other.entry, early.entry] == [3, 4, 5]
    assert log[0].event == Answered(1, 1, ("A", "C"), True, first.stamp_us, 1_900_000)
    assert first.stamp_us <= await streams.time_us(unique_id) - 50_000
    unmeasured = log[1].event
    assert isinstance(unmeasured, Answered)
    assert (unmeasured.flagged, unmeasured.elapsed_us) == (True, other.stamp_us - opens_us)


async def test_a_match_that_nobody_looks_after_is_found(store: Store, unique_id: int) -> None:
    streams = ValkeyMatches(store)
    await streams.begin(unique_id, made())
    assert unique_id not in await streams.forsaken(10 * S)
    assert unique_id in await streams.forsaken(-S)
    await streams.here(unique_id, {1: await streams.time_us(unique_id)})
    assert list(await streams.seen(unique_id)) == [1]
    await streams.release(unique_id, [1, 2])
    assert unique_id not in await streams.forsaken(-S)
    ttl = await store.execute_command("TTL", f"leitai:{{m{unique_id}}}:log")
    assert 0 < ttl <= valkey_matches.KEPT_S


async def test_a_ticket_is_good_once(store: Store) -> None:
    streams = ValkeyMatches(store)
    ticket = await streams.issue_match_ticket(MatchSeat(2**51 + 1, 2))
    assert await streams.redeem_match_ticket(ticket) == MatchSeat(2**51 + 1, 2)
    for used in (ticket, "nobody's"):
        with pytest.raises(TicketRefused):
            await streams.redeem_match_ticket(used)


# --- what is kept -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def template(postgres: EmbeddedPostgres) -> Iterator[str]:
    with furnished_database(postgres) as name:
        yield name


@pytest.fixture
async def gym(postgres: EmbeddedPostgres, template: str) -> AsyncIterator[Gym]:
    async with fresh_gym(postgres, template) as house:
        await house.release_all()
        yield house


async def versions(gym: Gym) -> tuple[tuple[int, ...], tuple[int, ...]]:
    released = await gym.catalogue.released(gym.today)
    ids = released.pool("", None)[0]
    return ids, tuple(released.version[one] for one in ids)


def played(of: Made, right: int, *, other: int = 0, at_us: int = MONDAY_US) -> Match:
    """A match of which the first player had so many right, in 5 s each, and the second `other`, in 6 s."""
    match = begun(Entry(1, at_us, of))

    def then(*events: object) -> None:
        nonlocal match
        for event in events:
            match = after(match, Entry(match.seq + 1, at_us + 60 * S, event))  # pyright: ignore[reportArgumentType]

    then(*(Came(seat) for seat in match.live))
    for question in range(1, QUESTIONS + 1):
        opens_us = at_us + question * 30 * S
        answer = Answered(1, question, ("A",), question <= right, opens_us + 5 * S, 5 * S)
        then(Opened(question, opens_us, opens_us + 20 * S), answer)
        if question <= other:
            then(Answered(2, question, ("A",), True, opens_us + 6 * S, 6 * S))
        then(Closed(question))
    then(Finished())
    return match


async def test_a_result_is_kept_once_and_earns_no_more_than_it_may(gym: Gym) -> None:
    store = PostgresMatches(gym.stores.database, missed_in_match)
    ids, version_ids = await versions(gym)

    def of(part: int, first: int = 1, second: int = 2) -> Made:
        own = slice(10 * part, 10 * part + 10)
        return replace(made(first, second, ids[own]), version_ids=version_ids[own])

    assert list(await store.keep(11, played(of(0), 7))) == [70, 0]
    assert list(await store.keep(11, played(of(0), 7))) == [70, 0], "kept again, it earns nothing more"
    assert list(await store.keep(12, played(of(1), 7))) == [0, 0], "the same two have met today"
    assert list(await store.keep(13, played(of(0, 1, 3), 9))) == [0, 0], "all of these were asked today"
    half = replace(of(2, 1, 4), question_ids=ids[5:10] + ids[20:25], version_ids=version_ids[5:10] + version_ids[20:25])
    assert list(await store.keep(14, played(half, 10))) == [5 * RIGHT_CENTIPOINTS, 0]
    assert list(await store.keep(15, played(of(3, 1, 5), 10))) == [100, 0]
    assert list(await store.keep(16, played(of(4, 1, 6), 10))) == [0, 0], "three a day count"
    tomorrow = MONDAY_US + 24 * 3600 * S
    assert list(await store.keep(17, played(of(4), 10, at_us=tomorrow))) == [100, 0]
    assert [row[2] for row in await gym.ledger(1)] == [70, 50, 100, 100]
    assert await gym.ledger(2) == []
    assert await store.points(1) == 320
    assert await store.points(9) == 0
    sums, lines = await store.history(1, beijing_day(tomorrow), 20)
    assert (sums.won, sums.lost, sums.drawn, sums.counted) == (7, 0, 0, 1)
    assert lines[0].match_id == 17
    assert (lines[0].opponent, lines[0].won, lines[0].points, lines[0].opponent_points) == ("学员2", 1, 900, 0)
    _, theirs = await store.history(2, beijing_day(tomorrow), 2)
    assert [(one.match_id, one.won) for one in theirs] == [(17, 2), (11, 2)]


async def test_two_processes_keep_one_result(gym: Gym) -> None:
    store = PostgresMatches(gym.stores.database, missed_in_match)
    ids, version_ids = await versions(gym)
    of = replace(made(1, 2, ids[:10]), version_ids=version_ids[:10])
    told = await asyncio.gather(*(store.keep(21, played(of, 10)) for _ in range(8)))
    assert [list(one) for one in told] == [[100, 0]] * 8
    assert len(await gym.ledger(1)) == 1


async def test_a_match_and_results_of_many_do_not_wait_for_each_other(gym: Gym) -> None:
    """Results of 月月比 are written of many learners at once, in the order of their numbers."""
    database = gym.stores.database
    ids, version_ids = await versions(gym)
    match = played(replace(made(2, 1, ids[:10]), version_ids=version_ids[:10]), 7, other=5)
    monthly = [Earned(learner, beijing_day(MONDAY_US), Kind.MONTHLY, 1, 9_000) for learner in (1, 2)]
    async with database.transaction() as settling:
        await add_points(settling, monthly[0])
        keeping = asyncio.ensure_future(PostgresMatches(database, missed_in_match).keep(31, match))
        assert await held_up(keeping, database)
        await add_points(settling, monthly[1])
    assert list(await keeping) == [70, 50]
    assert [row[2] for learner in (1, 2) for row in await gym.ledger(learner)] == [9_000, 50, 9_000, 70]


async def test_what_a_set_has_explained_today_earns_nothing(gym: Gym) -> None:
    store = PostgresMatches(gym.stores.database, missed_in_match)
    taken = await gym.take(1)
    asked = [item["question"] for item in taken["items"]]
    assert await store.held([1, 2], gym.now_us) == set(asked)
    await gym.study(1, taken)
    assert await store.held([1, 2], gym.now_us) == set()
    ids, _ = await versions(gym)
    others = [one for one in ids if one not in asked][:5]
    chosen = (*asked, *others)
    released = await gym.catalogue.released(gym.today)
    of = replace(made(1, 2, chosen), version_ids=tuple(released.version[one] for one in chosen))
    assert list(await store.keep(31, played(of, 10))) == [50, 0]


async def test_a_recording_is_a_play_of_somebody_else_that_one_has_not_met(gym: Gym) -> None:
    store = PostgresMatches(gym.stores.database, missed_in_match)
    ids, version_ids = await versions(gym)
    of = replace(made(1, 2, ids[:10]), version_ids=version_ids[:10])
    await store.keep(41, played(of, 4))
    assert list(await store.recordings(1, 10)) == []
    found = await store.recordings(3, 10)
    assert [(one.match_id, one.learner_id, one.name) for one in found] == [(41, 1, "学员1"), (41, 2, "学员2")]
    assert found[0].replies[0] == Recorded(("A",), True, 5 * S)
    assert found[1].replies[0] == Recorded((), False, 0)
    recording, told, points = found[0], await store.history(1, gym.today, 10), await gym.ledger(1)
    assert len(told[1]) == 1
    alone = replace(
        of,
        players=(Player(3, "丙"), Player(1, "学员1", recording.played_us)),
        recording=41,
        replies=recording.replies,
    )
    assert list(await store.keep(42, played(alone, 10))) == [0, 0]
    assert list(await store.recordings(3, 10)) == [], "these questions were met"
    assert [one.match_id for one in await store.recordings(1, 10)] == []
    sums, lines = await store.history(3, gym.today, 10)
    assert (sums.won, lines[0].recorded, lines[0].opponent) == (0, True, "学员1")
    assert await store.history(1, gym.today, 10) == told, "whose play was shown to others has not played"
    assert await gym.ledger(1) == points, "nor earned"


async def test_what_was_answered_wrongly_is_in_the_book_and_due_again_once(gym: Gym) -> None:
    store = PostgresMatches(gym.stores.database, missed_in_match)
    ids, version_ids = await versions(gym)
    of = replace(made(1, 2, ids[:10]), version_ids=version_ids[:10])
    match = played(of, 7)
    ended_us = match.finished_us
    assert await mistakes(gym, 1) == set(), "nothing before the match is over"
    for _ in range(2):
        assert list(await store.keep(51, match)) == [70, 0]
        assert await mistakes(gym, 1) == set(ids[7:10])
    assert await mistakes(gym, 2) == set(), "who answered nothing has nothing wrong"
    async with gym.stores.database.connection() as connection:
        rows = await connection.fetch("select * from practice_card where learner_id = 1 order by question_id")
    assert [(row["seen"], row["right_count"], row["streak"], row["wrong_us"]) for row in rows] == [
        (1, 0, 0, ended_us)
    ] * 3
    assert {row["due_us"] - ended_us for row in rows} == {600 * S}, "as after a wrong answer of 日日学"
    assert {row["counted_on"] for row in rows} == {gym.today}
    assert await gym.ledger(1) == [(4, gym.today, 70, 0)]

    # It is asked again when it is due, and counts no more on the day on which the match explained it.
    gym.now_us = ended_us + 601 * S
    taken = await gym.take(1)
    asked = {item["question"] for item in taken["items"]}
    assert set(ids[7:10]) <= asked
    done = await gym.study(1, taken)
    counted = {item["question"] for item in done["items"] if item["result"]["counted"]}
    assert counted == asked - set(ids[7:10])


async def test_a_recordings_mistakes_are_not_made_again(gym: Gym) -> None:
    store = PostgresMatches(gym.stores.database, missed_in_match)
    ids, version_ids = await versions(gym)
    recorded = tuple(Recorded(("A",), False, 5 * S) for _ in range(QUESTIONS))
    of = replace(made(3, 1, ids[:10]), version_ids=version_ids[:10], replies=recorded)
    of = replace(of, players=(Player(3, "丙"), Player(1, "甲", MONDAY_US - S)))
    await store.keep(52, played(of, 9))
    assert await mistakes(gym, 3) == {ids[9]}
    assert await mistakes(gym, 1) == set()


async def mistakes(gym: Gym, learner: int) -> set[int]:
    """The questions in a learner's book, at its door."""
    answer = await gym.ask(learner, "GET", "mistakes")
    assert answer.status_code == 200, answer.text
    return {one["question"] for one in answer.json()["entries"]}


async def test_a_match_is_read_again_by_who_played_except_what_they_are_asked(gym: Gym) -> None:
    store = PostgresMatches(gym.stores.database, missed_in_match)
    taken = await gym.take(1, "weekly")
    asked = taken["items"][0]["question"]
    ids, _ = await versions(gym)
    chosen = (asked, *[one for one in ids if one != asked][:9])
    released = await gym.catalogue.released(gym.today)
    of = replace(made(1, 2, chosen), version_ids=tuple(released.version[one] for one in chosen))
    await store.keep(61, played(of, 7))
    seen = await store.review(1, 61, gym.now_us)
    assert seen.question_ids == chosen
    assert [one.right for one in seen.own] == [True] * 7 + [False] * 3
    assert seen.own[9].response == ("A",)
    assert {one.response for one in seen.theirs} == {()}
    assert asked in seen.held
    theirs = await store.review(2, 61, gym.now_us)
    assert (theirs.own, theirs.theirs, theirs.held) == (seen.theirs, seen.own, frozenset())
    for learner, match in ((3, 61), (1, 62)):
        with pytest.raises(KeyError):
            await store.review(learner, match, gym.now_us)
