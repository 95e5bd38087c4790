"""A running order: everyone's place while results keep changing.

It always equals `ranking.rank` and `ranking.rank_delegations` over the same scores; it only avoids doing the work
again: what did not change stays sorted, and only the places that moved are told.
"""

from collections.abc import Iterable, Set
from itertools import chain, repeat

from leitai.rules.ranking import DelegationTotal, place_delegations
from leitai.rules.values import DelegationCode, DelegationStanding, Member, Micros, SittingId

Result = tuple[int, int, int, int, SittingId]
"""What decides a sitting's place: `ranking.result_key` of its score, and the sitting; smaller is better."""
Placed = tuple[SittingId, int, int, int, Micros]
"""A sitting, its order and rank, centipoints and elapsed time."""

_NONE: Result = (0, 0, 0, 0, SittingId(0))


class RunningOrder:
    """The orders of individuals and of delegations, mutable, for one thread."""

    def __init__(self, members: Iterable[Member]) -> None:
        """`members` are of all delegations, the struck and absent included; nobody has a place yet."""
        self._totals: dict[DelegationCode, _Total] = {}
        self._total_of: dict[SittingId, _Total] = {}
        self._delegation_of: dict[SittingId, DelegationCode] = {}
        for member in members:
            total = self._totals.setdefault(member.delegation, _Total())
            total.size += 1
            if not member.struck and not member.absent:
                self._total_of[member.sitting_id] = total
                self._delegation_of[member.sitting_id] = member.delegation
        self._of: dict[SittingId, Result] = {}
        self._order: list[Result] = []
        self._ranks: list[int] = []

    def move(self, sittings: Set[SittingId], results: Iterable[Result]) -> list[Placed]:
        """Puts `results` in place of those that `sittings` had and returns everyone whose place or result changed, in
        order. A sitting without a result loses its place; a result is of one of `sittings`.
        """
        for sitting_id in sittings:
            if (was := self._of.pop(sitting_id, None)) is not None:
                self._count(was, -1)
        before = self._order
        # One long run that is sorted already, and what changed: cheap to sort.
        order = [result for result in before if result[4] not in sittings]
        for result in results:
            self._of[result[4]] = result
            self._count(result, 1)
            order.append(result)
        order.sort()
        self._order = order
        return self._tell(before)

    def everyone(self) -> list[Placed]:
        """Everyone's place, in order."""
        ranked = zip(self._ranks, self._order, strict=True)
        return [
            (sitting_id, place, rank, -points, Micros(elapsed))
            for place, (rank, (points, elapsed, _, _, sitting_id)) in enumerate(ranked, 1)
        ]

    def delegations(self, full_elapsed_us: Micros) -> list[DelegationStanding]:
        """The order of delegations (`ranking.rank_delegations`)."""
        best = self._best()
        return place_delegations(
            DelegationTotal(
                code,
                total.centipoints,
                total.elapsed + (total.size - total.counted) * full_elapsed_us,
                total.counted,
                *best.get(code, (None, None)),
            )
            for code, total in self._totals.items()
        )

    def _count(self, result: Result, sign: int) -> None:
        total = self._total_of.get(result[4])
        if total is not None:
            total.counted += sign
            total.centipoints -= sign * result[0]
            total.elapsed += sign * result[1]

    def _tell(self, before: list[Result]) -> list[Placed]:
        """Works the ranks out and returns the places that are not as `before`."""
        moved: list[Placed] = []
        ranks: list[int] = []
        points = elapsed = multiple = true_false = rank = -1
        were = chain(zip(before, self._ranks, strict=True), repeat((_NONE, 0)))
        for place, (result, (was, was_rank)) in enumerate(zip(self._order, were, strict=False), 1):
            # Times nearly always differ: looked at first.
            if (
                result[1] != elapsed
                or result[0] != points
                or result[2] != multiple
                or result[3] != true_false
                or place == 1
            ):
                points, elapsed, multiple, true_false, _ = result
                rank = place
            ranks.append(rank)
            if result is not was or rank != was_rank:
                moved.append((result[4], place, rank, -result[0], Micros(result[1])))
        self._ranks = ranks
        return moved

    def _best(self) -> dict[DelegationCode, tuple[int, SittingId]]:
        """The rank and the sitting of each delegation's best member."""
        wanted = sum(1 for total in self._totals.values() if total.counted)
        best: dict[DelegationCode, tuple[int, SittingId]] = {}
        for rank, result in zip(self._ranks, self._order, strict=True):
            if len(best) == wanted:
                break
            code = self._delegation_of.get(result[4])
            if code is not None and code not in best:
                best[code] = (rank, result[4])
        return best


class _Total:
    """A delegation's members in all, and what those who count have."""

    __slots__ = ("centipoints", "counted", "elapsed", "size")

    def __init__(self) -> None:
        self.size = self.counted = self.centipoints = self.elapsed = 0
