"""The judges' desk, as answers and events tell it."""

import random
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitai.live.desk import LONG_STEM_CHARS, READING_US_PER_CHAR, Desk
from leitai.live.desk_values import Only
from leitai.live.ports import SessionFile, SittingEvent
from leitai.rules.values import (
    Answer,
    AnswerStatus,
    Counted,
    DelegationCode,
    ItemNo,
    Member,
    Micros,
    Response,
    SittingId,
)
from tests.support.live import CODES, SECOND, START, session_file

ONE, MULTIPLE, FILL_IN = ItemNo(1), ItemNo(2), ItemNo(4)
BEIJING = DelegationCode(CODES[0])


def answer(
    sitting: int,
    item: int,
    *response: str,
    offset: int = 1,
    elapsed_us: int = SECOND,
    status: AnswerStatus = AnswerStatus.ACCEPTED,
    flagged: bool = False,
) -> Answer:
    return Answer(
        SittingId(sitting),
        ItemNo(item),
        offset,
        response,
        Micros(START + offset),
        Micros(elapsed_us),
        flagged,
        offset,
        status,
    )


def in_one_room(members: int, items: int = 4) -> SessionFile:
    file = session_file(items=items, members=0)
    sittings = range(1, members + 1)
    return replace(file, members=tuple(Member(SittingId(one), "某人", BEIJING, room="一") for one in sittings))


def test_an_item_in_figures() -> None:
    desk = Desk(session_file(members=6))
    for one in (
        answer(1, ONE, "A", elapsed_us=2 * SECOND),
        answer(2, ONE, "B", elapsed_us=4 * SECOND),
        answer(3, ONE, "B", elapsed_us=4 * SECOND),
        answer(4, ONE, elapsed_us=10 * SECOND),
        answer(5, ONE, "A", status=AnswerStatus.LATE),
        answer(5, ONE, "A", offset=2, status=AnswerStatus.LATE),
        answer(6, ONE, "A", status=AnswerStatus.EARLY),
        answer(99, ONE, "A"),
        answer(1, 99, "A"),
    ):
        desk.learn(one)
    seen = desk.item(ONE)
    summary, groups, delegations = seen.summary, seen.groups, seen.delegations
    assert (summary.answered, summary.right, summary.wrong, summary.cleared) == (4, 1, 2, 1)
    assert (summary.late, summary.early, summary.responses) == (1, 1, 3)
    assert 4 * SECOND <= summary.p50_us <= 4.5 * SECOND
    assert 10 * SECOND <= summary.p90_us <= 11.25 * SECOND
    assert [(one.form, one.count, one.wrong, one.common) for one in groups] == [
        (("B",), 2, True, True),
        ((), 1, False, False),
        (("A",), 1, False, False),
    ]
    assert groups[0].delegations == {CODES[0]: 1, CODES[2]: 1}
    assert [(one.delegation, one.answered, one.right, one.late, one.early) for one in delegations] == [
        (CODES[0], 1, 0, 0, 1),
        (CODES[1], 2, 1, 0, 0),
        (CODES[2], 1, 0, 1, 0),
    ]
    assert [(one.p50_us, one.p90_us) for one in delegations] == [
        (4 * SECOND, 4 * SECOND),
        (2 * SECOND, 10 * SECOND),
        (4 * SECOND, 4 * SECOND),
    ]
    assert [count for _, count in seen.times if count] == [1, 2, 1]
    assert [bound for bound, _ in seen.times] == sorted(bound for bound, _ in seen.times)
    with pytest.raises(KeyError):
        desk.item(ItemNo(99))


def test_texts_that_mark_alike_are_one_group() -> None:
    desk = Desk(session_file(members=6))
    for one in (
        answer(1, FILL_IN, "三十日", "书面"),
        answer(2, FILL_IN, " 三十日。", "《书面》"),
        answer(3, FILL_IN, "３１日", "书面", offset=3),
        answer(4, FILL_IN, "31 日", "书面"),
        answer(5, FILL_IN, "、", "书面"),
    ):
        desk.learn(one)
    groups = desk.item(FILL_IN).groups
    assert [(one.form, one.example, one.count, one.wrong) for one in groups] == [
        (("31日", "书面"), ("３１日", "书面"), 2, True),
        (("三十日", "书面"), ("三十日", "书面"), 2, False),
        (("、", "书面"), ("、", "书面"), 1, True),
    ]


@pytest.mark.parametrize(("counted", "stands"), [(Counted.FIRST, ("A",)), (Counted.LAST, ("C",))])
def test_of_several_answers_the_one_that_counts_stands(counted: Counted, stands: tuple[str, ...]) -> None:
    desk = Desk(session_file(counted=counted))
    for offset, response in ((1, "A"), (2, "B"), (3, "C"), (2, "B")):
        desk.learn(answer(1, ONE, response, offset=offset))
    summary, groups = desk.item(ONE).summary, desk.item(ONE).groups
    assert [(one.form, one.count) for one in groups] == [(stands, 1)]
    assert (summary.answered, summary.responses) == (1, 1)
    assert summary.right + summary.wrong == 1


def test_the_tail_is_narrowed_and_bounded() -> None:
    desk = Desk(session_file(members=6), tail=5)
    for one in (
        answer(1, ONE, "D"),
        answer(1, MULTIPLE, "A", "C"),
        answer(2, ONE, "B"),
        answer(3, ONE, "B", flagged=True),
        answer(4, ONE, "C"),
        answer(5, ONE, "A", status=AnswerStatus.LATE),
    ):
        desk.learn(one)

    def numbers(**narrowed: object) -> list[int]:
        return [seen.number for seen in desk.tail(100, **narrowed)]  # pyright: ignore[reportArgumentType]

    assert desk.newest == 6
    assert numbers() == [6, 5, 4, 3, 2]
    assert [seen.number for seen in desk.tail(2)] == [6, 5]
    assert numbers(item=MULTIPLE) == [2]
    assert numbers(delegation=DelegationCode(CODES[2])) == [6, 3]
    assert numbers(sitting=SittingId(1)) == [2]
    assert numbers(name="0003") == [4]
    assert numbers(only=Only.WRONG) == [5, 4, 3]
    # Two gave B and one C.
    assert numbers(only=Only.COMMON) == [4, 3]
    assert numbers(only=Only.LATE) == [6]
    assert numbers(only=Only.FLAGGED) == [4]


def test_three_in_a_room_who_share_three_wrong_responses_are_told() -> None:
    desk = Desk(in_one_room(5))
    wrong = {1: ("B",), 2: ("B",), 3: ("F",)}
    for sitting in (1, 2, 3):
        for item, response in wrong.items():
            desk.learn(answer(sitting, item, *response))
    # Another shares two of them only, and a fifth is right.
    desk.learn(answer(4, 1, "B"))
    desk.learn(answer(4, 2, "B"))
    desk.learn(answer(5, 1, "A"))
    (found,) = desk.anomalies()
    assert (found.kind, found.delegation, found.room, found.sittings) == ("same-wrong", BEIJING, "一", (1, 2, 3))
    assert found.responses == tuple(wrong.items())
    desk.learn(answer(4, 3, "F"))
    assert [one.sittings for one in desk.anomalies()] == [(1, 2, 3, 4)]


def nation(rooms: int, members: int, items: int) -> SessionFile:
    """Rooms of one delegation."""
    file = session_file(items=items, members=0)
    sittings = range(1, rooms * members + 1)
    return replace(
        file, members=tuple(Member(SittingId(one), "某人", BEIJING, room=str(one % rooms)) for one in sittings)
    )


def test_what_everybody_gets_wrong_flags_no_room_and_what_one_room_alone_does_flags_it() -> None:
    chance = random.Random(5)
    desk = Desk(nation(rooms=12, members=20, items=40))
    copying, copied = {12, 24, 36, 48}, range(6, 14)
    right: list[Response] = [("三十日", "书面"), ("A",), ("A", "C"), ("T",)]
    # Three items lead most of the nation astray, always to the same.
    for sitting, item in product(range(1, 241), range(1, 41)):
        kind, led = item % 4, item <= 3
        if sitting in copying and item in copied:
            response: Response = (("12日", "书面"), ("D",), ("D",), ("F",))[kind]
        elif chance.random() < (0.35 if led else 0.8):
            response = right[kind]
        else:
            pick = "B" if led else chance.choice("BCD")
            response = ((f"{chance.randrange(9)}日", "书面"), (pick,), (pick,), ("F",))[kind]
        desk.learn(answer(sitting, item, *response, offset=item))
    found = desk.anomalies()
    assert {one.kind for one in found} == {"same-wrong"}
    assert {one.room for one in found} == {"0"}
    assert copying <= set(found[0].sittings)
    assert {item for item, _ in found[0].responses} >= set(copied)


def test_two_alone_or_three_in_different_rooms_are_not() -> None:
    desk = Desk(session_file(members=6))
    for sitting in (1, 2, 3, 4):
        for item, response in ((1, "B"), (2, "B"), (3, "F")):
            desk.learn(answer(sitting, item, response))
    assert desk.anomalies() == []


def test_whoever_cannot_have_read_a_long_stem_is_told() -> None:
    file = session_file(members=6)
    long = replace_stem(file, "长" * LONG_STEM_CHARS)
    limit_us = LONG_STEM_CHARS * READING_US_PER_CHAR
    desk = Desk(long)
    desk.learn(answer(1, ONE, "A", elapsed_us=limit_us - 1))
    desk.learn(answer(2, ONE, "A", elapsed_us=limit_us))
    desk.learn(answer(3, ONE, "A", elapsed_us=1, flagged=True))
    desk.learn(answer(4, MULTIPLE, "A", elapsed_us=1))
    desk.learn(answer(5, ONE, elapsed_us=1))
    assert [(one.kind, one.sittings, one.responses) for one in desk.anomalies()] == [
        ("too-fast", (1,), ((ONE, ("A",)),))
    ]


def replace_stem(file: SessionFile, stem: str) -> SessionFile:
    first = file.contents[0]
    return replace(file, contents=(type(first)(first.type, stem, first.options, 0, 100), *file.contents[1:]))


def test_screens_left_too_often_and_two_devices_are_told() -> None:
    file = session_file(members=6)
    desk = Desk(file)

    def note(sitting: int, kind: str) -> None:
        desk.note(SittingEvent(SittingId(sitting), START, kind, "g1"))

    for _ in range(file.conduct_limit):
        note(1, "left")
        note(2, "left")
    note(2, "left")
    note(2, "returned")
    note(3, "superseded")
    note(99, "superseded")
    for browser in ("Chrome 86", "Chrome 86", "Edge 120"):
        desk.note(SittingEvent(SittingId(4), START, "check_in", f"23000 -1200 {browser}"))
        desk.note(SittingEvent(SittingId(5), START, "check_in", "23000 -1200 Chrome 86"))
    for place, network in enumerate(("0a1b", "0a1b", "2c3d", "0a1b")):
        desk.note(SittingEvent(SittingId(5), START, "connected", f"g1 {place} {network}"))
        desk.note(SittingEvent(SittingId(6), START, "connected", f"g{place} 7 0a1b"))
    desk.note(SittingEvent(SittingId(6), START, "connected", "g1 8"))
    assert [(one.kind, one.sittings, one.count) for one in desk.anomalies()] == [
        ("left", (2,), file.conduct_limit + 1),
        ("other-browser", (4,), 1),
        ("other-network", (5,), 2),
        ("two-devices", (3,), 1),
    ]


def test_only_what_moved_is_told_again() -> None:
    desk = Desk(session_file())
    assert len(desk.items()) == 4
    before = desk.edition
    assert desk.items(before) == []
    desk.learn(answer(1, MULTIPLE, "A"))
    assert [one.item_no for one in desk.items(before)] == [MULTIPLE]
    assert [one.item_no for one in desk.items(before, {ONE})] == [ONE, MULTIPLE]
    assert desk.items(desk.edition) == []


_RESPONSES = {
    1: [(), ("A",), ("B",), ("C",)],
    2: [(), ("A",), ("A", "C"), ("B", "D")],
    3: [("T",), ("F",)],
    4: [("三十日", "书面"), ("30 日", "书面"), ("31日", "口头"), ("３１日", "口头。")],
}


@st.composite
def _streams(draw: st.DrawFn) -> list[list[Answer]]:
    """Answers of three shards; each sitting has its shard."""
    streams: list[list[Answer]] = []
    for shard in range(3):
        answers: list[Answer] = []
        for offset in range(1, draw(st.integers(0, 25)) + 1):
            item = draw(st.integers(1, 4))
            answers.append(
                answer(
                    shard * 3 + draw(st.integers(1, 3)),
                    item,
                    *draw(st.sampled_from(_RESPONSES[item])),
                    offset=offset,
                    elapsed_us=draw(st.integers(0, 20 * SECOND)),
                    status=draw(st.sampled_from([AnswerStatus.ACCEPTED] * 4 + list(AnswerStatus))),
                    flagged=draw(st.booleans()),
                )
            )
        streams.append(answers)
    return streams


@given(_streams(), st.sampled_from(Counted), st.data())
def test_the_interleaving_of_shards_changes_nothing(
    streams: list[list[Answer]], counted: Counted, data: st.DataObject
) -> None:
    file = replace_stem(replace(in_one_room(9), plan=session_file(counted=counted).plan), "长" * 60)
    one, other = Desk(file), Desk(file)
    for stream in streams:
        for each in stream:
            one.learn(each)
    turns = data.draw(st.permutations([shard for shard, stream in enumerate(streams) for _ in stream]))
    rest = [iter(stream) for stream in streams]
    for shard in turns:
        other.learn(next(rest[shard]))
    assert one.items() == other.items()
    assert [one.item(item.item_no) for item in one.items()] == [other.item(item.item_no) for item in one.items()]
    assert one.anomalies() == other.anomalies()
    assert one.newest == other.newest == len(turns)
