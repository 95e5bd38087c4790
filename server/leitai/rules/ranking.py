"""Orders: of individuals, of delegations, and their one canonical form in bytes."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from leitai.rules.values import DelegationCode, DelegationStanding, Member, Micros, Score, SittingId, Standing


def rank(scores: Iterable[Score]) -> list[Standing]:
    """The order of individuals (DOMAIN, Defaults: order): points, then less elapsed time, then points of 多选, then of
    判断. Equal on all four share a rank, the next rank is left out (1, 2, 2, 4), and the sitting id alone decides which
    of them is displayed first.
    """
    standings: list[Standing] = []
    before: tuple[int, ...] | None = None
    place = 0
    for order, score in enumerate(sorted(scores, key=_display), start=1):
        key = result_key(score)
        if key != before:
            place, before = order, key
        standings.append(Standing(order, place, score))
    return standings


def result_key(score: Score) -> tuple[int, int, int, int]:
    """What the order looks at, smaller is better. Two sittings are tied exactly when their keys are equal."""
    return (-score.centipoints, score.elapsed_us, -score.multiple_centipoints, -score.true_false_centipoints)


def rank_delegations(
    members: Iterable[Member], standings: Iterable[Standing], full_elapsed_us: Micros, *, places: int = 0
) -> list[DelegationStanding]:
    """The order of delegations (DOMAIN, Defaults: team): the sum of the members' points, then less total elapsed time,
    then the better rank of the best member. Equal on all three share a rank and are displayed by their codes.

    A member who was struck off, is absent or has no standing earns 0 points and `full_elapsed_us`, so that a delegation
    gains no time by fielding fewer.

    Args:
        members: of all delegations, the struck and absent included.
        standings: the order of individuals; those of struck and absent members are passed over.
        full_elapsed_us: elapsed time of a sitting that answers nothing, over the items scored so far.
        places: every delegation is counted as if it had at least this many members, the missing ones absent (50 in
            the national contest, plan 四(二)2). 0: as many as `members` holds.
    """
    by_sitting = {standing.score.sitting_id: standing for standing in standings}
    rosters: defaultdict[DelegationCode, list[Standing | None]] = defaultdict(list)
    for member in members:
        out = member.struck or member.absent
        rosters[member.delegation].append(None if out else by_sitting.get(member.sitting_id))
    return place_delegations(_total(code, roster, full_elapsed_us, places) for code, roster in rosters.items())


@dataclass(frozen=True, slots=True)
class DelegationTotal:
    """What decides a delegation's place."""

    delegation: DelegationCode
    centipoints: int
    elapsed_us: int
    members: int
    """Members counted."""
    best_rank: int | None
    """Of the best of them; None when nobody counts."""
    best: SittingId | None


def place_delegations(totals: Iterable[DelegationTotal]) -> list[DelegationStanding]:
    """The order of delegations by their totals, as `rank_delegations` words it."""
    ranked: list[DelegationStanding] = []
    before: tuple[int, ...] | None = None
    place = 0
    for order, total in enumerate(sorted(totals, key=lambda total: (_total_key(total), total.delegation)), start=1):
        key = _total_key(total)
        if key != before:
            place, before = order, key
        ranked.append(
            DelegationStanding(
                order,
                place,
                total.delegation,
                total.centipoints,
                Micros(total.elapsed_us),
                total.members,
                total.best,
            )
        )
    return ranked


def canonical_standings(standings: Sequence[Standing], delegations: Sequence[DelegationStanding]) -> bytes:
    """Both orders as canonical JSON: ASCII, keys sorted, no blanks, integers only, in display order.

    Two boards are equal when these bytes are.
    """
    content = {
        "individuals": [
            {
                "order": standing.order,
                "rank": standing.rank,
                "sitting_id": standing.score.sitting_id,
                "centipoints": standing.score.centipoints,
                "elapsed_us": standing.score.elapsed_us,
                "multiple_centipoints": standing.score.multiple_centipoints,
                "true_false_centipoints": standing.score.true_false_centipoints,
                "answered": standing.score.answered,
            }
            for standing in sorted(standings, key=lambda standing: standing.order)
        ],
        "delegations": [
            {
                "order": standing.order,
                "rank": standing.rank,
                "delegation": standing.delegation,
                "centipoints": standing.centipoints,
                "elapsed_us": standing.elapsed_us,
                "members": standing.members,
                "best": standing.best,
            }
            for standing in sorted(delegations, key=lambda standing: standing.order)
        ],
    }
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode("ascii")


def _display(score: Score) -> tuple[tuple[int, int, int, int], SittingId]:
    return (result_key(score), score.sitting_id)


def _total(
    code: DelegationCode, roster: Sequence[Standing | None], full_elapsed_us: int, places: int
) -> DelegationTotal:
    counted = [standing for standing in roster if standing is not None]
    missing = max(len(roster), places) - len(counted)
    best = min(counted, key=lambda standing: standing.order, default=None)
    return DelegationTotal(
        code,
        sum(standing.score.centipoints for standing in counted),
        sum(standing.score.elapsed_us for standing in counted) + missing * full_elapsed_us,
        len(counted),
        best.rank if best is not None else None,
        best.score.sitting_id if best is not None else None,
    )


def _total_key(total: DelegationTotal) -> tuple[int, int, int]:
    # Nobody counted: behind every rank there can be.
    return (-total.centipoints, total.elapsed_us, 1 << 62 if total.best_rank is None else total.best_rank)
