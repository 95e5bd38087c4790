"""Live standings equal a recomputation by the rules, in whatever order answers and closings come."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leitai.live.boards import BoardTable
from leitai.live.ports import BoardFollows, BoardUpdate, SessionFile
from leitai.live.standings import FULL_EVERY, Standings
from leitai.rules.effects import AdjustJudgement, ChangeKey, CreditItem, Effect, StrikeOff, VoidItem
from leitai.rules.freezing import Record, as_frozen
from leitai.rules.outcomes import outcome, rebuild
from leitai.rules.ranking import canonical_standings, rank, rank_delegations
from leitai.rules.rulings import ActKind, Court, Judge, Ruling, propose
from leitai.rules.rulings import act as take_act
from leitai.rules.scoring import counted, full_elapsed, tally
from leitai.rules.timeline import windows
from leitai.rules.values import (
    ActorId,
    Answer,
    AnswerStatus,
    Counted,
    ItemNo,
    Key,
    Micros,
    Pacing,
    Phase,
    SittingId,
    Window,
)
from leitai.wire.messages import View
from tests.support.live import SECOND, START, session_file

RESPONSES = {1: [("A",), ("B",), ()], 2: [("A", "C"), ("A",)], 3: [("T",), ("F",)], 4: [("30日", "书面"), ("", "x")]}


def recomputed(file: SessionFile, answers: list[Answer], closed: list[Window]) -> bytes:
    """The canonical standings from nothing but rules."""
    given_: defaultdict[SittingId, defaultdict[ItemNo, list[Answer]]] = defaultdict(lambda: defaultdict(list))
    for answer in answers:
        given_[answer.sitting_id][answer.item_no].append(answer)
    placed = {window.item_no: window for window in closed}
    scores = [
        tally(
            file.plan,
            member.sitting_id,
            {
                item_no: found
                for item_no, several in given_[member.sitting_id].items()
                if (found := counted(file.plan, several)) is not None
            },
            list(placed),
            placed,
        )
        for member in file.members
        if not member.struck
    ]
    standings = rank(scores)
    return canonical_standings(
        standings, rank_delegations(file.members, standings, full_elapsed(file.plan, list(placed), placed))
    )


@st.composite
def contests(draw: st.DrawFn) -> tuple[SessionFile, list[Answer], list[Window]]:
    file = session_file(
        members=7,
        struck=(3,),
        pacing=draw(st.sampled_from(list(Pacing))),
        counted=draw(st.sampled_from(list(Counted))),
    )
    drawn = draw(
        st.lists(
            st.tuples(
                st.integers(1, 7),
                st.integers(1, 4),
                st.integers(0, 2),
                st.integers(0, 20 * SECOND),
                st.sampled_from([*[AnswerStatus.ACCEPTED] * 3, AnswerStatus.LATE, AnswerStatus.EARLY]),
            ),
            max_size=40,
        )
    )
    answers = [
        Answer(
            SittingId(sitting),
            ItemNo(item),
            offset,
            RESPONSES[item][pick % len(RESPONSES[item])],
            Micros(START + elapsed),
            Micros(elapsed),
            elapsed_flagged=False,
            offset=offset,
            status=status,
        )
        for offset, (sitting, item, pick, elapsed, status) in enumerate(drawn, 1)
    ]
    placed = windows(file.plan, file.start_us)
    return file, answers, list(placed[: draw(st.integers(0, 4))] if file.plan.pacing is Pacing.STREAMED else placed)


@given(contests(), st.randoms(use_true_random=False))
@settings(max_examples=80, deadline=None)
def test_standings_are_a_recomputation_in_any_order(
    contest: tuple[SessionFile, list[Answer], list[Window]], shuffle: random.Random
) -> None:
    file, answers, closed = contest
    acts: list[Answer | Window] = [*answers, *answers[::3], *closed]
    shuffle.shuffle(acts)
    standings = Standings(file)
    for act in acts:
        if isinstance(act, Window):
            standings.close(act)
        else:
            standings.record(act)
        if shuffle.random() < 0.2:
            standings.update(ItemNo(0))
    assert standings.canonical() == recomputed(file, [one for one in answers if one.sitting_id != 3], closed)


@given(contests(), st.randoms(use_true_random=False), st.sampled_from(list(BoardFollows)))
@settings(max_examples=40, deadline=None)
def test_a_gateway_that_follows_the_updates_holds_the_standings(
    contest: tuple[SessionFile, list[Answer], list[Window]], shuffle: random.Random, follows: BoardFollows
) -> None:
    file, answers, closed = contest
    standings, table = Standings(file), BoardTable(file.members, file.delegations)
    acts: list[Answer | Window] = [*answers, *closed]
    shuffle.shuffle(acts)
    for act in acts:
        if isinstance(act, Window):
            standings.close(act)
        else:
            standings.record(act)
        update = standings.update(ItemNo(0))
        assert update is None or table.apply(update)
        assert [(row.key, row.order, row.rank, row.centipoints, row.elapsed_ms) for row in table.people()] == [
            (score.sitting_id, one.order, one.rank, score.centipoints, score.elapsed_us // 1000)
            for one in standings.ranked()[0]
            for score in (one.score,)
        ]
    update = standings.update(ItemNo(0), full=True)
    assert update is not None
    fresh = BoardTable(file.members, file.delegations)
    assert fresh.apply(update)
    assert table.apply(update)
    assert table.people() == fresh.people()
    assert follows in BoardFollows


def _answer(sitting: int, item: int = 1, offset: int = 1) -> Answer:
    return Answer(
        SittingId(sitting), ItemNo(item), offset, ("A",), START, Micros(5), False, offset, AnswerStatus.ACCEPTED
    )


@pytest.mark.parametrize("follows", list(BoardFollows))
def test_the_board_moves_when_the_contest_says_so(follows: BoardFollows) -> None:
    file = session_file(board_follows=follows)
    standings = Standings(file)
    standings.update(ItemNo(1))
    standings.record(_answer(5))
    update = standings.update(ItemNo(1))
    assert update is not None
    moved = [row[0] for row in update.people if row[3]]
    assert moved == ([5] if follows is BoardFollows.ANSWER else [])
    assert update.answered == 1
    standings.close(windows(file.plan, START)[0])
    update = standings.update(ItemNo(0))
    assert update is not None
    assert (follows is BoardFollows.ANSWER) or [row[0] for row in update.people if row[3]] == [5]


def test_nothing_is_told_when_nothing_moved() -> None:
    standings = Standings(session_file())
    assert standings.update(ItemNo(0)) is not None
    assert standings.update(ItemNo(0)) is None
    standings.connected = 4
    update = standings.update(ItemNo(0))
    assert update is not None
    assert (update.people, update.connected, update.base, update.version) == ([], 4, 1, 2)


def test_a_full_board_comes_often_enough_while_only_progress_moves() -> None:
    """A gateway that starts in the middle of a long item finds one among the last updates."""
    standings = Standings(session_file(members=400))
    standings.record(_answer(1))
    fulls: list[int] = []
    for connected in range(5 * FULL_EVERY):
        standings.connected = connected + 1
        update = standings.update(ItemNo(1))
        assert update is not None
        if update.full:
            fulls.append(update.version)
            assert len(update.people) == 400
    assert fulls == [FULL_EVERY * number for number in range(1, 6)]


def test_a_board_that_keeps_moving_is_told_in_full_half_as_often() -> None:
    standings = Standings(session_file(members=400, board_follows=BoardFollows.ANSWER))
    fulls: list[int] = []
    for offset in range(1, 2 * FULL_EVERY + 2):
        standings.record(_answer(offset, offset=offset))
        update = standings.update(ItemNo(1))
        assert update is not None
        assert not update.repeats
        if update.full:
            fulls.append(update.version)
            assert len(update.people) == 400
    assert fulls == [2 * FULL_EVERY]


def test_a_full_board_that_moves_nobody_is_not_taken_by_who_follows() -> None:
    file = session_file(members=9)
    standings, follower = Standings(file), BoardTable(file.members, file.delegations)

    def tell(connected: int) -> BoardUpdate:
        standings.connected = connected
        told = standings.update(ItemNo(1))
        assert told is not None
        return told

    assert all(follower.apply(tell(connected)) for connected in range(FULL_EVERY - 1))
    update, rows = tell(FULL_EVERY), follower.people()
    assert (update.full, update.repeats, update.moves, len(update.people)) == (True, True, False, 9)
    assert follower.apply(update)
    assert follower.people() is rows
    newcomer = BoardTable(file.members, file.delegations)
    assert newcomer.apply(update)
    assert (newcomer.people(), newcomer.version) == (follower.people(), follower.version)


def test_strangers_and_the_struck_are_passed_over() -> None:
    standings = Standings(session_file(struck=(2,)))
    before = standings.canonical()
    standings.record(_answer(2))
    standings.record(_answer(999))
    assert standings.canonical() == before


# --- rulings ---------------------------------------------------------------------------------------------------------

EFFECTS: tuple[Effect, ...] = (
    VoidItem(ItemNo(1)),
    CreditItem(ItemNo(2)),
    ChangeKey(ItemNo(1), Key(frozenset("B"))),
    AdjustJudgement(SittingId(2), ItemNo(3), 50),
    StrikeOff(SittingId(1)),
    StrikeOff(SittingId(4)),
)


def ruled(file: SessionFile, effects: Sequence[Effect]) -> list[Ruling]:
    """Rulings in force, one after another."""
    court = Court(file.plan, file.members, Phase.UNDER_REVIEW)
    anna, bo = Judge(ActorId("anna")), Judge(ActorId("bo"))
    return [
        take_act(
            propose(number, effect, "题目有误", "教材", anna, Micros(number), court),
            ActKind.APPROVE,
            bo,
            Micros(100 + number),
            court,
            version=1,
        )
        for number, effect in enumerate(effects, 1)
    ]


@given(contests(), st.lists(st.lists(st.sampled_from(EFFECTS), unique=True), max_size=4), st.randoms())
@settings(max_examples=60, deadline=None)
def test_standings_under_rulings_are_a_recomputation_and_every_board_follows(
    contest: tuple[SessionFile, list[Answer], list[Window]], sets: list[list[Effect]], shuffle: random.Random
) -> None:
    file, answers, closed = contest
    standings, table = Standings(file), BoardTable(file.members, file.delegations)
    acts: list[Answer | Window | list[Effect]] = [*answers, *closed, *sets]
    shuffle.shuffle(acts)
    in_force: list[Effect] = []
    for one in acts:
        if isinstance(one, Window):
            standings.close(one)
        elif isinstance(one, Answer):
            standings.record(one)
        else:
            in_force = one
            standings.rule(ruled(file, in_force), {})
        update = standings.update(ItemNo(0))
        assert update is None or table.apply(update)
        people, delegations = standings.ranked()
        assert [(row.key, row.rank, row.centipoints) for row in table.people()] == [
            (person.score.sitting_id, person.rank, person.score.centipoints) for person in people
        ]
        assert [(row.key, row.rank, row.centipoints) for row in table.page((View.DELEGATIONS, 1, ""))] == [
            (int(team.delegation), team.rank, team.centipoints) for team in delegations
        ]
    rebuilt = rebuild(file.plan, file.members, answers, closed, ruled(file, in_force))
    assert standings.canonical() == outcome(rebuilt, file.members).canonical()


# --- frozen ----------------------------------------------------------------------------------------------------------


def caught_up(standings: Standings) -> BoardUpdate | None:
    while not standings.catch_up():
        pass
    return standings.frozen_update()


@given(
    contests(),
    st.lists(st.tuples(st.sampled_from(EFFECTS), st.integers(-50, 50), st.integers(-50, 50)), max_size=4),
    st.integers(0, 80 * SECOND),
    st.sampled_from(list(BoardFollows)),
    st.randoms(use_true_random=False),
)
@settings(max_examples=80, deadline=None)
def test_the_frozen_board_is_that_of_the_freeze_instant_whatever_comes_after_and_in_whatever_order(
    contest: tuple[SessionFile, list[Answer], list[Window]],
    effects: list[tuple[Effect, int, int]],
    after_us: int,
    follows: BoardFollows,
    shuffle: random.Random,
) -> None:
    file, answers, closed = contest
    file = replace(file, board_follows=follows)
    # Item by item, each answer in the window of its own.
    answers = [replace(one, stamp_us=Micros(one.stamp_us + (one.item_no - 1) * 23 * SECOND)) for one in answers]
    frozen_us = Micros(START + after_us)
    rulings = [
        moved(ruling, Micros(frozen_us + approved), Micros(frozen_us + approved + abs(withdrawn)))
        for ruling, (_, approved, withdrawn) in zip(
            ruled(file, [effect for effect, _, _ in effects]), effects, strict=True
        )
    ]
    seen = as_frozen(Record(answers, closed, rulings, {}), frozen_us)
    known = [answer for answer in seen.answers if answer.sitting_id != 3]
    expected = outcome(
        rebuild(file.plan, file.members, known, seen.windows, seen.rulings, follows=follows.value), file.members
    )

    def played(acts: list[Answer | Window | list[Ruling]]) -> BoardUpdate:
        standings = Standings(file)
        told: BoardUpdate | None = None
        frozen_at = shuffle.randrange(len(acts) + 1)
        for number, one in enumerate(acts):
            if number == frozen_at:
                standings.freeze(frozen_us)
            match one:
                case Answer():
                    standings.record(one)
                case Window():
                    standings.close(one)
                case _:
                    standings.rule(one, {})
            standings.update(ItemNo(0))
            if standings.frozen_us is not None and shuffle.random() < 0.2:
                told = caught_up(standings) or told
        if standings.frozen_us is None:
            standings.freeze(frozen_us)
        told = caught_up(standings) or told
        assert told is not None
        assert (told.frozen, told.full, told.item, told.answered, told.connected) == (True, True, 0, 0, 0)
        assert frozen_us <= told.version <= standings.version
        return told

    acts: list[Answer | Window | list[Ruling]] = [*answers, *closed, rulings]
    shuffle.shuffle(acts)
    told = played(acts)
    assert [row[:4] for row in told.people] == [
        (one.score.sitting_id, one.order, one.rank, one.score.centipoints) for one in expected.individuals
    ]
    assert [row[:4] for row in told.delegations] == [
        (int(one.delegation), one.order, one.rank, one.centipoints) for one in expected.delegations
    ]
    # Nothing of after the freeze was there at all.
    again = played([*seen.answers, *seen.windows, list(seen.rulings)])
    assert (again.people, again.delegations) == (told.people, told.delegations)


def moved(ruling: Ruling, approved_us: Micros, withdrawn_us: Micros) -> Ruling:
    """The ruling with its acts at other moments, withdrawn at the end."""
    proposed, approved = ruling.acts
    return replace(
        ruling,
        acts=(
            replace(proposed, at_us=Micros(approved_us - 1)),
            replace(approved, at_us=approved_us),
            replace(proposed, kind=ActKind.PROPOSE_WITHDRAWAL, at_us=withdrawn_us),
            replace(approved, kind=ActKind.APPROVE_WITHDRAWAL, at_us=withdrawn_us),
        ),
    )


def test_an_heir_tells_the_frozen_board_again_only_where_it_is_another() -> None:
    file = session_file()
    placed = windows(file.plan, START)
    frozen_us = placed[1].opens_at_us

    def frozen(answers: Sequence[Answer], kept: BoardUpdate | None = None) -> BoardUpdate | None:
        standings = Standings(file)
        standings.freeze(frozen_us, kept)
        for answer in answers:
            standings.record(answer)
        standings.close(placed[0])
        standings.close(placed[1])
        return caught_up(standings)

    told = frozen([_answer(1)])
    assert told is not None
    assert told.version == frozen_us
    assert frozen([_answer(1), replace(_answer(2, 2, 2), stamp_us=frozen_us)], told) is None
    corrected = frozen([_answer(1), _answer(2, 1, 2)], told)
    assert corrected is not None
    assert corrected.version == frozen_us + 1


def test_a_thaw_tells_all_that_is_true_in_full() -> None:
    file = session_file()
    placed = windows(file.plan, START)
    standings = Standings(file)
    standings.update(ItemNo(1))
    standings.freeze(placed[0].closes_at_us)
    caught_up(standings)
    truth = standings.update(ItemNo(1))
    assert truth is not None
    assert (truth.full, truth.version) == (True, placed[0].closes_at_us + 1)
    standings.record(_answer(2, 1))
    standings.close(placed[0])
    standings.thaw()
    update = standings.update(ItemNo(2))
    assert update is not None
    assert (update.full, update.frozen, update.version) == (True, False, placed[0].closes_at_us + 2)
    assert [row[3] for row in update.people if row[0] == 2] == [100]
    assert standings.frozen_update() is None
