"""The plan's contest at its full size: 32 delegations of 50, 80 items, from answers to awards."""

from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest

from leitai.rules.awards import TEAM_KINDS, AwardKind, cascade
from leitai.rules.ranking import canonical_standings, rank, rank_delegations
from leitai.rules.scoring import Ledger, counted, full_elapsed, tally
from leitai.rules.timeline import windows
from leitai.rules.values import Answer, Counted, DelegationCode, Member, Micros, Pacing, Plan, QuestionType, SittingId
from tests.rules.builders import SECOND, START, answer, item, plan

ITEMS = [
    item(no, type_, right=right, centipoints=centipoints, seconds=seconds)
    for no, (type_, right, centipoints, seconds) in enumerate(
        [(QuestionType.SINGLE, "B", 100, 20)] * 40
        + [(QuestionType.MULTIPLE, "ACD", 200, 30)] * 20
        + [(QuestionType.TRUE_FALSE, "T", 100, 15)] * 20,
        start=1,
    )
]
WRONG = {QuestionType.SINGLE: "C", QuestionType.MULTIPLE: "AB", QuestionType.TRUE_FALSE: "F"}
MEMBERS = [
    Member(
        SittingId(100 * delegation + seat),
        f"选手{delegation}-{seat}",
        DelegationCode(f"{delegation:02d}0000"),
        struck=seat == 50 and delegation % 4 == 0,
        absent=seat == 49 and delegation % 5 == 0,
    )
    for delegation in range(1, 33)
    for seat in range(1, 51)
]


def played(session: Plan, random: Random) -> Iterator[Answer]:
    """Everyone present answers nine items of ten, the skilled more often right; some change their minds."""
    offset = 0
    for paper_item in session.items:
        right = "".join(sorted(paper_item.key.options))
        for member in MEMBERS:
            if member.absent or random.random() < 0.1:
                continue
            skill = 0.35 + 0.6 * (member.sitting_id * 7919 % 1600) / 1600
            for _ in range(1 + (random.random() < 0.02)):
                offset += 1
                response = right if random.random() < skill else WRONG[paper_item.type]
                elapsed_us = random.randrange(SECOND, 15 * SECOND)
                yield answer(
                    paper_item.item_no, response, sitting=member.sitting_id, offset=offset, elapsed_us=elapsed_us
                )


@pytest.mark.parametrize(
    ("pacing", "policy"), [(Pacing.STREAMED, Counted.FIRST), (Pacing.PAPER, Counted.LAST)], ids=["streamed", "paper"]
)
def test_from_answers_to_awards(pacing: Pacing, policy: Counted) -> None:
    session = plan(ITEMS, pacing, policy, duration_us=Micros(2700 * SECOND))
    placed = {window.item_no: window for window in windows(session, START)}
    ledger = Ledger(session, [member.sitting_id for member in MEMBERS], follows="answer")
    sittings: dict[SittingId, dict[int, list[Answer]]] = {member.sitting_id: {} for member in MEMBERS}
    for given in played(session, Random(2022)):
        ledger.record(given)
        sittings[given.sitting_id].setdefault(given.item_no, []).append(given)
    for item_no, window in placed.items():
        ledger.close_item(item_no, window)

    scores = ledger.scores()
    for score in scores[::5]:
        best = {no: counted(session, answers) for no, answers in sittings[score.sitting_id].items()}
        in_force = {given.item_no: given for given in best.values() if given is not None}
        assert score == tally(session, score.sitting_id, in_force, placed.keys(), placed)

    standings = rank(scores)
    full = full_elapsed(session, placed.keys(), placed)
    assert full == ledger.full_elapsed_us()
    assert max(score.elapsed_us for score in scores) <= full
    delegations = rank_delegations(MEMBERS, standings, full, places=50)
    assert canonical_standings(rank(scores[::-1]), delegations) == canonical_standings(standings, delegations)
    assert [standing.order for standing in delegations] == list(range(1, 33))
    assert sum(standing.members for standing in delegations) == 1600 - 8 - 6

    awards = cascade(MEMBERS, standings, delegations)
    assert awards.complete
    assert not awards.shortfalls
    persons = Counter(award.kind for award in awards.persons)
    assert persons == {AwardKind.KNOWLEDGE: 50, AwardKind.STAR: 96}
    assert len({award.sitting_id for award in awards.persons}) == 146
    stars = Counter(award.delegation for award in awards.persons if award.kind is AwardKind.STAR)
    assert set(stars.values()) == {3}
    assert len(stars) == 32
    teams = Counter(award.kind for award in awards.teams)
    assert [teams[kind] for kind in TEAM_KINDS] == [1, 5, 10, 16]
