"""The contract of the ledger: the real one and the fake one through the same cases."""

from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leitai.live.ports import Accepted, Outcome, Restored, SessionEvent, SittingEvent, Submission
from leitai.rules.values import AnswerStatus, Counted, ItemNo, Micros, Response, SittingId
from leitai.stores.valkey.accept import LONGEST_AGE_US
from leitai.stores.valkey.connection import open_store
from tests.support.ledgers import HOUR, Bench, FakeBench, RealBench, give, wide, window

STATUS = {
    Outcome.ACCEPTED: AnswerStatus.ACCEPTED,
    Outcome.LATE: AnswerStatus.LATE,
    Outcome.EARLY: AnswerStatus.EARLY,
}
SHARDS = 2


@pytest.fixture(params=["fake", "real", "cluster"])
async def bench(request: pytest.FixtureRequest, unique_id: int) -> AsyncIterator[Bench]:
    if request.param == "fake":
        yield FakeBench(SHARDS)
        return
    if request.param == "real":
        store = open_store(request.getfixturevalue("valkey_url"))
    else:
        store = open_store(request.getfixturevalue("cluster_url"), replicas=1)
    yield RealBench(store, unique_id, SHARDS)
    await store.aclose()


async def _accept(bench: Bench, *batch: Submission) -> list[Accepted]:
    return await bench.ledger.accept(0, batch)


async def test_the_boundaries_of_a_window_to_the_microsecond(bench: Bench) -> None:
    """The clock cannot be stopped: 256 answers a microsecond apart are aimed at a window until all bounds were hit."""
    opens = await bench.now_us() - 300_000_000
    closes = opens + 20
    await bench.windows(Counted.FIRST, window(1, opens, closes))
    met: dict[int, Outcome] = {}
    way_us = 0
    for shot in range(1000):
        before_us = await bench.now_us()
        greatest_age = before_us + way_us - opens + 128
        batch = [give(shot * 256 + at + 1, age_us=greatest_age - at) for at in range(256)]
        decisions = await _accept(bench, *batch)
        way_us = decisions[0].stamp_us + greatest_age - before_us
        for decision in decisions:
            in_time = opens <= decision.stamp_us < closes
            early = decision.stamp_us < opens
            assert decision.outcome is (Outcome.ACCEPTED if in_time else Outcome.EARLY if early else Outcome.LATE)
            met[decision.stamp_us] = decision.outcome
        if {opens - 1, opens, closes - 1, closes} <= met.keys():
            break
    assert [met[stamp] for stamp in (opens - 1, opens, closes - 1, closes)] == [
        Outcome.EARLY,
        Outcome.ACCEPTED,
        Outcome.ACCEPTED,
        Outcome.LATE,
    ]


async def test_early_and_late_answers_are_recorded_as_such(bench: Bench) -> None:
    now_us = await bench.now_us()
    await bench.windows(Counted.FIRST, window(1, now_us + HOUR, now_us + 2 * HOUR), window(2, now_us - 9, now_us - 5))
    early, late = await _accept(bench, give(item=1, seq=1), give(item=2, seq=2))
    assert (early.outcome, early.offset, late.outcome, late.offset) == (Outcome.EARLY, 1, Outcome.LATE, 2)
    assert [answer.status for answer in await bench.stream()] == [AnswerStatus.EARLY, AnswerStatus.LATE]


async def test_an_early_answer_does_not_take_the_first_place(bench: Bench) -> None:
    now_us = await bench.now_us()
    await bench.windows(Counted.FIRST, window(1, now_us - 60_000_000, now_us + HOUR))
    early, counted = await _accept(bench, give(seq=1, age_us=120_000_000), give(seq=2))
    assert (early.outcome, counted.outcome) == (Outcome.EARLY, Outcome.ACCEPTED)


async def test_the_first_answer_in_time_is_final(bench: Bench) -> None:
    await bench.windows(Counted.FIRST, *wide(await bench.now_us(), (1, 2)))
    first, second = await _accept(bench, give(seq=1), give(seq=2, response=("B",)))
    (third,) = await _accept(bench, give(seq=3, response=("C",)))
    (other,) = await _accept(bench, give(item=2, seq=4))
    assert first.outcome is Outcome.ACCEPTED
    assert (second.outcome, second.code, second.offset) == (Outcome.REFUSED, "already-answered", 0)
    assert (third.outcome, third.code) == (Outcome.REFUSED, "already-answered")
    assert other.offset == 2
    assert [answer.response for answer in await bench.stream()] == [("A",), ("A",)]


async def test_where_the_last_answer_counts_every_one_is_kept(bench: Bench) -> None:
    await bench.windows(Counted.LAST, *wide(await bench.now_us()))
    given_: list[Response] = [("A",), ("B",), (), ("C",)]
    for seq, response in enumerate(given_, 1):
        (decision,) = await _accept(bench, give(seq=seq, response=response))
        assert (decision.outcome, decision.offset) == (Outcome.ACCEPTED, seq)
    assert [answer.response for answer in await bench.stream()] == given_


async def test_an_older_answer_that_comes_after_a_newer_one_does_not_replace_it(bench: Bench) -> None:
    """Two batches on two connections, one of them held up by an outage: the contestant's last word must stand."""
    await bench.windows(Counted.LAST, *wide(await bench.now_us(), (1, 2)))
    (newer,) = await _accept(bench, give(seq=6, response=("B",)))
    older, other_item = await _accept(bench, give(seq=5, response=("A",)), give(item=2, seq=4))
    assert (newer.outcome, older.outcome, older.code) == (Outcome.ACCEPTED, Outcome.REFUSED, "newer-answer")
    assert other_item.outcome is Outcome.ACCEPTED
    assert [(answer.item_no, answer.response) for answer in await bench.stream()] == [(1, ("B",)), (2, ("A",))]


async def test_a_resent_answer_returns_the_first_decision(bench: Bench) -> None:
    await bench.windows(Counted.FIRST, *wide(await bench.now_us()))
    once, within = await _accept(bench, give(seq=7, response=("A",)), give(seq=7, response=("B",), elapsed_us=1))
    (across,) = await _accept(bench, give(seq=7, response=("C",), age_us=1_000_000, elapsed_us=-1))
    assert not once.duplicate
    for again in (within, across):
        assert again.duplicate
        assert (again.outcome, again.stamp_us, again.elapsed_us, again.offset) == (
            once.outcome,
            once.stamp_us,
            once.elapsed_us,
            once.offset,
        )
    assert [answer.response for answer in await bench.stream()] == [("A",)]


async def test_a_resent_early_answer_stays_early(bench: Bench) -> None:
    now_us = await bench.now_us()
    await bench.windows(Counted.FIRST, window(1, now_us + HOUR, now_us + 2 * HOUR))
    (early,) = await _accept(bench, give(seq=1))
    await bench.windows(Counted.FIRST, *wide(now_us))
    (again,) = await _accept(bench, give(seq=1))
    assert (again.outcome, again.duplicate, again.stamp_us) == (Outcome.EARLY, True, early.stamp_us)


async def test_the_same_seq_for_another_item_or_sitting_is_another_answer(bench: Bench) -> None:
    await bench.windows(Counted.FIRST, *wide(await bench.now_us(), (1, 2, 258)))
    batch = [give(1, 1, 5), give(1, 2, 5), give(2, 1, 5), give(65_537, 1, 5), give(1, 258, 5)]
    decisions = await _accept(bench, *batch)
    assert [(decision.outcome, decision.offset) for decision in decisions] == [
        (Outcome.ACCEPTED, offset) for offset in range(1, 6)
    ]


async def test_an_item_without_a_window_is_unknown(bench: Bench) -> None:
    await bench.windows(Counted.FIRST, *wide(await bench.now_us()))
    (unknown,) = await _accept(bench, give(item=999))
    assert (unknown.outcome, unknown.code, unknown.offset) == (Outcome.REFUSED, "unknown-item", 0)
    assert await bench.stream() == []


async def test_a_contestant_may_change_an_answer_64_times(bench: Bench) -> None:
    await bench.windows(Counted.LAST, *wide(await bench.now_us(), (1, 2)))
    decisions = await _accept(bench, *(give(seq=seq) for seq in range(1, 67)))
    assert [decision.outcome for decision in decisions[:64]] == [Outcome.ACCEPTED] * 64
    assert [(decision.outcome, decision.code) for decision in decisions[64:]] == [
        (Outcome.REFUSED, "too-many-changes")
    ] * 2
    (resent,) = await _accept(bench, give(seq=64))
    (other,) = await _accept(bench, give(item=2, seq=70))
    assert resent.duplicate
    assert (other.outcome, other.offset) == (Outcome.ACCEPTED, 65)


async def test_an_unseen_delivery_is_counted_from_the_opening_and_flagged(bench: Bench) -> None:
    now_us = await bench.now_us()
    opens = now_us - 60_000_000
    await bench.windows(Counted.FIRST, window(1, opens, now_us + HOUR), window(2, now_us + HOUR, now_us + 2 * HOUR))
    seen, unseen, early = await _accept(
        bench, give(1, elapsed_us=1234), give(2, elapsed_us=-1, age_us=777), give(3, 2, elapsed_us=-1)
    )
    assert seen.elapsed_us == 1234
    assert unseen.elapsed_us == unseen.stamp_us - opens > 59_000_000
    assert early.elapsed_us == 0
    assert [answer.elapsed_flagged for answer in await bench.stream()] == [False, True, True]
    assert [decision.flagged for decision in (seen, unseen, early)] == [False, True, True]
    (again,) = await _accept(bench, give(2, elapsed_us=5))
    assert (again.duplicate, again.flagged, again.elapsed_us) == (True, True, unseen.elapsed_us)


async def test_ages_are_believed_within_limits_only(bench: Bench) -> None:
    await bench.windows(Counted.FIRST, *wide(await bench.now_us()))
    ages = [0, -5_000_000, 2_000_000, LONGEST_AGE_US, LONGEST_AGE_US + 1, 10**15]
    stamps = [
        decision.stamp_us
        for decision in await _accept(bench, *(give(sitting, age_us=age) for sitting, age in enumerate(ages, 1)))
    ]
    assert [stamps[0] - stamp for stamp in stamps] == [0, 0, 2_000_000, *[LONGEST_AGE_US] * 3]


async def test_shards_know_nothing_of_each_other(bench: Bench) -> None:
    await bench.windows(Counted.FIRST, *wide(await bench.now_us()))
    (one,) = await bench.ledger.accept(0, [give(2)])
    (other,) = await bench.ledger.accept(1, [give(3)])
    assert (one.offset, other.offset) == (1, 1)
    assert [answer.sitting_id for answer in await bench.stream(0)] == [2]
    assert [answer.sitting_id for answer in await bench.stream(1)] == [3]


async def test_own_answers_are_the_last_of_each_item(bench: Bench) -> None:
    await bench.windows(Counted.LAST, *wide(await bench.now_us(), (1, 2, 3)))
    decisions = await _accept(
        bench, give(2, 1, 1), give(2, 1, 2, ("B", "C")), give(2, 3, 3, ()), give(4, 2, 1), give(2, 9, 9)
    )
    items = [ItemNo(number) for number in (1, 2, 3, 9)]
    found = await bench.ledger.own(SittingId(2), items)
    assert [(one.item_no, one.client_seq, one.response) for one, _ in found] == [(1, 2, ("B", "C")), (3, 3, ())]
    assert [decision.offset for _, decision in found] == [decisions[1].offset, decisions[2].offset]
    assert all(decision.duplicate for _, decision in found)
    assert await bench.ledger.own(SittingId(2), []) == []


async def test_an_own_answer_in_time_goes_before_a_later_one_that_was_late(bench: Bench) -> None:
    now_us = await bench.now_us()
    await bench.windows(Counted.LAST, window(1, now_us - HOUR, now_us + HOUR))
    await _accept(bench, give(2, 1, 1, ("A",)))
    await bench.windows(Counted.LAST, window(1, now_us - HOUR, now_us - HOUR // 2))
    (late,) = await _accept(bench, give(2, 1, 2, ("B",)))
    ((submission, decision),) = await bench.ledger.own(SittingId(2), [ItemNo(1)])
    assert late.outcome is Outcome.LATE
    assert (submission.client_seq, submission.response, decision.outcome) == (1, ("A",), Outcome.ACCEPTED)


async def test_what_was_lost_is_restored_as_it_was(bench: Bench) -> None:
    await bench.windows(Counted.FIRST, *wide(await bench.now_us(), (1, 2)))
    (kept,) = await _accept(bench, give(1, 2, 2, ("B",)))
    lost = Restored(SittingId(1), ItemNo(1), 1, ("A", "C"), Outcome.LATE, 1_600_000_000_000_001, 42, 7, True)
    known = Restored(SittingId(1), ItemNo(2), 2, ("C",), Outcome.ACCEPTED, 5, 5, 5)
    restored, found = await bench.ledger.restore(0, [lost, known])
    assert restored == Accepted(Outcome.LATE, False, 1_600_000_000_000_001, 42, 7, "", flagged=True)
    assert found == Accepted(kept.outcome, True, kept.stamp_us, kept.elapsed_us, kept.offset)
    again, twice = await bench.ledger.restore(0, [lost, lost])
    assert again.duplicate
    assert twice.duplicate
    (resent,) = await _accept(bench, give(1, 1, 1, ("D",)))
    assert (resent.duplicate, resent.stamp_us) == (True, 1_600_000_000_000_001)
    stream = await bench.stream()
    assert [(answer.response, answer.offset) for answer in stream] == [(("B",), 1), (("A", "C"), 7)]
    assert (stream[1].status, stream[1].elapsed_flagged) == (AnswerStatus.LATE, True)


async def test_with_clocks_of_their_own_nobody_answers_before_beginning(bench: Bench) -> None:
    now_us = await bench.now_us()
    await bench.windows(Counted.LAST, *wide(now_us, (1, 2)), own_us=60_000_000)
    refused, begun, first, other = await _accept(
        bench, give(item=2, seq=5), give(item=0, seq=1, response=()), give(item=1, seq=6, elapsed_us=-1), give(2, 1, 2)
    )
    assert [refused.code, begun.code, first.code, other.code] == ["not-begun", "", "", "not-begun"]
    assert [begun.outcome, first.outcome] == [Outcome.ACCEPTED, Outcome.ACCEPTED]
    # Elapsed time runs from one's own beginning, in a later batch too.
    (later,) = await _accept(bench, give(item=2, seq=7, elapsed_us=-1))
    assert later.elapsed_us == later.stamp_us - begun.stamp_us
    (again,) = await _accept(bench, give(item=0, seq=1, response=()))
    assert again.duplicate
    assert again.stamp_us == begun.stamp_us
    assert [(one.item_no, one.client_seq) for one in await bench.stream()] == [(0, 1), (1, 6), (2, 7)]


async def test_one_s_own_time_ends_by_itself_and_never_after_the_window_of_all(bench: Bench) -> None:
    now_us = await bench.now_us()
    await bench.windows(Counted.LAST, window(1, now_us - HOUR, now_us - 20_000_000), own_us=10_000_000)
    # One began well inside the window, one in its last five seconds, one when it was over.
    begun = await _accept(
        bench,
        give(1, 0, 1, (), age_us=100_000_000),
        give(2, 0, 1, (), age_us=25_000_000),
        give(3, 0, 1, (), age_us=10_000_000),
    )
    assert [one.code for one in begun] == ["", "", "too-late"]
    assert begun[2].outcome is Outcome.REFUSED
    given = await _accept(
        bench,
        give(1, 1, 2, age_us=91_000_000),
        give(1, 1, 3, age_us=89_000_000),
        give(2, 1, 2, age_us=21_000_000),
        give(2, 1, 3, age_us=19_000_000),
    )
    assert [one.outcome for one in given] == [Outcome.ACCEPTED, Outcome.LATE, Outcome.ACCEPTED, Outcome.LATE]


async def test_texts_come_back_as_they_were_given(bench: Bench) -> None:
    await bench.windows(Counted.FIRST, *wide(await bench.now_us()))
    texts: list[Response] = [("三十日", ""), ("", "𠮷\n林"), ("a b", "é", "|;"), (), ("\\x1f{}\"'",)]
    await _accept(bench, *(give(sitting, response=text) for sitting, text in enumerate(texts, 1)))
    assert [answer.response for answer in await bench.stream()] == texts


async def test_events_and_the_clock(bench: Bench) -> None:
    before = await bench.ledger.time_us()
    await bench.ledger.events([SittingEvent(SittingId(1), Micros(5), "left"), SessionEvent(Micros(6), "command", "x")])
    assert before <= await bench.ledger.time_us()


async def test_a_repeated_call_appends_its_events_once(bench: Bench) -> None:
    first, second = ([SittingEvent(SittingId(sitting), Micros(5), "left", "g")] for sitting in (1, 2))
    for source, call, events in (("g", 1, first), ("g", 1, first), ("g", 2, second), ("g", 1, first), ("h", 1, first)):
        await bench.ledger.events(events, source, call)
    assert await bench.events() == [*first, *second, *first]


submissions = st.builds(
    give,
    st.integers(1, 3),
    st.integers(1, 4),
    st.integers(1, 6),
    st.sampled_from([("A",), ("A", "C"), ()]),
    age_us=st.integers(-10, 2_000_000),
    elapsed_us=st.integers(-1, 5),
)


@pytest.mark.parametrize("counted", list(Counted))
@given(batches=st.lists(st.lists(submissions, min_size=1, max_size=8), min_size=1, max_size=6))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_the_stream_is_what_was_decided(
    valkey_url: str, counted: Counted, batches: list[list[Submission]]
) -> None:
    """Offsets are dense, the stream holds exactly what was decided, and the fake agrees with the real one."""
    store = open_store(valkey_url)
    try:
        await _compare(RealBench(store, _next_session(), 1), FakeBench(1), counted, batches)
    finally:
        await store.aclose()


async def _compare(real: RealBench, fake: FakeBench, counted: Counted, batches: list[list[Submission]]) -> None:
    now_us = await real.now_us()
    windows = [
        window(1, now_us - HOUR, now_us + HOUR),
        window(2, now_us + HOUR, now_us + 2 * HOUR),
        window(3, 5, now_us - HOUR),
    ]
    for bench in (real, fake):
        await bench.windows(counted, *windows)
    fake.clock_us = now_us
    recorded: list[tuple[int, int, int, Response, int, int, AnswerStatus]] = []
    for batch in batches:
        decisions = await real.ledger.accept(0, batch)
        for one, decision, same in zip(batch, decisions, await fake.ledger.accept(0, batch), strict=True):
            assert (decision.outcome, decision.duplicate, decision.offset, decision.code) == (
                same.outcome,
                same.duplicate,
                same.offset,
                same.code,
            )
            if decision.outcome is not Outcome.REFUSED and not decision.duplicate:
                recorded.append(
                    (
                        one.sitting_id,
                        one.item_no,
                        one.client_seq,
                        one.response,
                        decision.stamp_us,
                        decision.offset,
                        STATUS[decision.outcome],
                    )
                )
    stream = await real.stream()
    assert [
        (one.sitting_id, one.item_no, one.client_seq, one.response, one.stamp_us, one.offset, one.status)
        for one in stream
    ] == recorded
    assert [one.offset for one in stream] == list(range(1, len(stream) + 1))


def _next_session() -> int:
    _sessions.append(_sessions[-1] + 1)
    return _sessions[-1]


_sessions = [2**31]
