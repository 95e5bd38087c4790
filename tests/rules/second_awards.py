"""Awards a second time, written from the plan (DOMAIN, Law and Defaults) alone, by counting instead of sorting.

Nothing of `leitai.rules` but its plain values is used: who is awarded is told by how many are better and how many are
equal, pair by pair; which provinces wait, by trying every way in which a national tie may end.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from leitai.rules.values import Member, Score

Better = Callable[[int, int], bool]


@dataclass
class Second:
    """What came out: awards as (kind, who, place), ties as (province or "", seats, who), and so on."""

    persons: set[tuple[str, int, int]] = field(default_factory=set[tuple[str, int, int]])
    teams: set[tuple[str, str, int]] = field(default_factory=set[tuple[str, str, int]])
    ties: set[tuple[str, tuple[tuple[str, int], ...], frozenset[int | str]]] = field(
        default_factory=set[tuple[str, tuple[tuple[str, int], ...], frozenset[int | str]]]
    )
    waiting: set[tuple[str, frozenset[int]]] = field(default_factory=set[tuple[str, frozenset[int]]])
    shortfalls: set[tuple[str, int, int, str]] = field(default_factory=set[tuple[str, int, int, str]])


def second_awards(
    members: Sequence[Member],
    scores: Sequence[Score],
    orders: Sequence[Sequence[int | str]],
    full_elapsed_us: int,
    knowledge: int,
    stars: int,
    prizes: Sequence[int],
) -> Second:
    """Every award; `orders` are rulings among equals, the latest last."""
    out = Second()
    score: dict[int, Score] = {one.sitting_id: one for one in scores}
    home = {one.sitting_id: one.delegation for one in members}
    able = [one.sitting_id for one in members if not one.struck and not one.absent and one.sitting_id in score]

    def better(left: int, right: int) -> bool:
        one, other = score[left], score[right]
        for mine, theirs in (
            (one.centipoints, other.centipoints),
            (other.elapsed_us, one.elapsed_us),
            (one.multiple_centipoints, other.multiple_centipoints),
            (one.true_false_centipoints, other.true_false_centipoints),
        ):
            if mine != theirs:
                return mine > theirs
        return False

    def placed(who: int, field_: Sequence[int], quota: int) -> tuple[int, frozenset[int]]:
        """The place of who is awarded for certain, else 0; and with whom one is tied at the boundary."""
        ahead = sum(better(other, who) for other in field_)
        equal = frozenset(other for other in field_ if not better(other, who) and not better(who, other))
        if ahead + len(equal) <= quota:
            return ahead + 1, frozenset()
        if ahead >= quota:
            return 0, frozenset()
        order = next((one for one in reversed(orders) if equal <= set(one)), None)
        if order is None:
            return 0, equal
        place = ahead + 1 + sum(order.index(other) < order.index(who) for other in equal)
        return (place if place <= quota else 0), frozenset()

    undecided: frozenset[int] = frozenset()
    left_over = 0
    for who in able:
        place, tied = placed(who, able, knowledge)
        if place:
            out.persons.add(("knowledge", who, place))
        if tied:
            undecided = tied
            left_over = knowledge - sum(better(other, who) for other in able)
            out.ties.add(("", (("knowledge", left_over),), frozenset(tied)))
    holders = {who for _, who, _ in out.persons}
    if len(able) < knowledge:
        out.shortfalls.add(("knowledge", knowledge, len(able), ""))

    for province in {one.delegation for one in members}:
        rest = [who for who in able if home[who] == province and who not in holders]
        torn = [who for who in rest if who in undecided]
        if torn:
            may: set[int] = set()
            elsewhere = len(undecided) - len(torn)
            for leave in range(max(0, left_over - elsewhere), min(left_over, len(torn)) + 1):
                for gone in combinations(torn, leave):
                    stay = [who for who in rest if who not in gone]
                    may |= {who for who in stay if sum(better(other, who) for other in stay) < stars}
            out.waiting.add((province, frozenset(may)))
            continue
        for who in rest:
            place, tied = placed(who, rest, stars)
            if place:
                out.persons.add(("star", who, place))
            if tied:
                seats = stars - sum(better(other, who) for other in rest)
                out.ties.add((province, (("star", seats),), frozenset(tied)))
        if len(rest) < stars:
            out.shortfalls.add(("star", stars, len(rest), province))
    _teams(out, members, able, score, better, orders, full_elapsed_us, prizes)
    return out


KINDS = ("team_grand", "team_first", "team_second", "team_third")


def _teams(
    out: Second,
    members: Sequence[Member],
    able: Sequence[int],
    score: dict[int, Score],
    better: Better,
    orders: Sequence[Sequence[int | str]],
    full_elapsed_us: int,
    prizes: Sequence[int],
) -> None:
    teams: dict[str, list[int]] = {}
    missing: dict[str, int] = {}
    for one in members:
        if one.sitting_id in able:
            teams.setdefault(one.delegation, []).append(one.sitting_id)
        else:
            missing[one.delegation] = missing.get(one.delegation, 0) + 1

    def beats(left: str, right: str) -> bool:
        points = [sum(score[who].centipoints for who in teams[team]) for team in (left, right)]
        if points[0] != points[1]:
            return points[0] > points[1]
        time = [
            sum(score[who].elapsed_us for who in teams[team]) + missing.get(team, 0) * full_elapsed_us
            for team in (left, right)
        ]
        if time[0] != time[1]:
            return time[0] < time[1]
        # The better best member: somebody whom nobody of the other team equals or beats.
        return any(all(better(mine, theirs) for theirs in teams[right]) for mine in teams[left])

    bands = [kind for kind, count in zip(KINDS, prizes, strict=True) for _ in range(count)]
    for team in teams:
        ahead = sum(beats(other, team) for other in teams)
        equal = [other for other in teams if not beats(other, team) and not beats(team, other)]
        theirs = bands[ahead : ahead + len(equal)]
        if not theirs:
            continue
        if len(theirs) == len(equal) and len(set(theirs)) == 1:
            out.teams.add((theirs[0], team, ahead + 1))
            continue
        order = next((one for one in reversed(orders) if set(equal) <= set(one)), None)
        if order is None:
            seats = tuple((kind, theirs.count(kind)) for kind in KINDS if kind in theirs)
            out.ties.add(("", seats, frozenset(equal)))
            continue
        place = sum(order.index(other) < order.index(team) for other in equal)
        if place < len(theirs):
            out.teams.add((theirs[place], team, ahead + 1 + place))
    left = len(teams)
    for kind, count in zip(KINDS, prizes, strict=True):
        if left < count:
            out.shortfalls.add((kind, count, left, ""))
        left = max(0, left - count)
