"""The outcome of a session: both orders, from a ledger or from nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from leitai.rules.adjustments import Adjustments, adjust, struck_off
from leitai.rules.awards import cascade
from leitai.rules.honours import PLAN_QUOTAS, Awards, Quotas
from leitai.rules.ledger import Ledger
from leitai.rules.markings import MarkedAnswer
from leitai.rules.prizes import Prize, award_prizes
from leitai.rules.ranking import canonical_standings, rank, rank_delegations
from leitai.rules.rulings import Ruling
from leitai.rules.values import Answer, DelegationStanding, Member, Plan, SittingId, Standing, Window

Awarding: TypeAlias = Quotas | Sequence[Prize]
"""What is awarded: the plan's cascade with so many of each, or the prizes of a province's own contest."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The orders of a session, with those who are struck off by then, and each sitting's place by its id."""

    members: tuple[Member, ...]
    individuals: tuple[Standing, ...]
    delegations: tuple[DelegationStanding, ...]
    by_sitting: Mapping[SittingId, Standing]
    adjustments: Adjustments
    awarding: Awarding = PLAN_QUOTAS

    def canonical(self) -> bytes:
        """Both orders as canonical bytes."""
        return canonical_standings(self.individuals, self.delegations)

    def awards(self) -> Awards:
        """Every award that follows from the orders and from rulings among equals."""
        if isinstance(self.awarding, Quotas):
            return cascade(self.members, self.individuals, self.delegations, self.adjustments.orders, self.awarding)
        return award_prizes(self.awarding, self.members, self.individuals, self.adjustments.orders, self.delegations)


def outcome(ledger: Ledger, members: Iterable[Member], awarding: Awarding = PLAN_QUOTAS) -> Outcome:
    """The outcome as a ledger has it now, its rulings included."""
    adjustments = ledger.adjustments
    members = struck_off(members, adjustments)
    individuals = rank(ledger.scores())
    delegations = rank_delegations(members, individuals, ledger.full_elapsed_us())
    by_sitting = {standing.score.sitting_id: standing for standing in individuals}
    return Outcome(members, tuple(individuals), tuple(delegations), by_sitting, adjustments, awarding)


def rebuild(
    plan: Plan,
    members: Iterable[Member],
    answers: Iterable[Answer],
    windows: Iterable[Window],
    rulings: Iterable[Ruling] = (),
    marks: Mapping[MarkedAnswer, int] | None = None,
    *,
    follows: Literal["close", "answer"] = "close",
) -> Ledger:
    """A ledger from nothing: what every running one must equal, whatever order things came in.

    Answers and marks of sittings that were struck off before the session are passed over, as they are live.

    Args:
        windows: of the items that closed, as they were when they did.
        marks: settled marks (`rules.markings.settled`).
        follows: as for `Ledger`.

    Raises:
        KeyError: an answer, window, ruling or mark of no item of the plan.
    """
    members = tuple(members)
    sittings = [member.sitting_id for member in members if not member.struck]
    ledger = Ledger(plan, sittings, follows=follows)
    known = set(sittings)
    for answer in answers:
        if answer.sitting_id in known:
            ledger.record(answer)
    for (sitting_id, item_no, offset), centipoints in (marks or {}).items():
        if sitting_id in known:
            ledger.award(sitting_id, item_no, offset, centipoints)
    ledger.apply(adjust(plan, members, rulings))
    for window in windows:
        ledger.close_item(window.item_no, window)
    return ledger
