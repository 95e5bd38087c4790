"""What the chief judge puts right after 定榜, when an objection was upheld or a boundary is tied.

No ruling is made on a final session, and its standings stay as they were published. A correction counts for the awards
alone, and only from the next list on that two persons publish.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from leitai.rules.effects import OrderEquals, StrikeOff
from leitai.rules.rulings import ActKind, Ruling, RulingAct
from leitai.rules.values import ActorId, Member, Micros, SittingId

MAX_NAME_CHARS = 50


@dataclass(frozen=True, slots=True)
class Rename:
    """A name that was written wrongly, as it reads from now on."""

    sitting_id: SittingId
    name: str


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Another correction counts no more."""

    correction_id: int


CorrectionEffect: TypeAlias = StrikeOff | OrderEquals | Rename | Withdraw


@dataclass(frozen=True, slots=True)
class Correction:
    """A correction with its reason; `objection_id` is None for one of the chief judge's own motion."""

    correction_id: int
    effect: CorrectionEffect
    reason: str
    actor: ActorId
    at_us: Micros
    objection_id: int | None = None


def standing(corrections: Iterable[Correction]) -> list[Correction]:
    """The corrections that count, by id. A withdrawal cannot itself be withdrawn: what it took back is made anew."""
    made = sorted(corrections, key=lambda one: one.correction_id)
    gone = {one.effect.correction_id for one in made if isinstance(one.effect, Withdraw)}
    return [one for one in made if one.correction_id not in gone and not isinstance(one.effect, Withdraw)]


def as_rulings(corrections: Iterable[Correction]) -> list[Ruling]:
    """The corrections that count, as the law of outcomes knows them: rulings whose ids are below 0."""
    return [
        Ruling(
            -one.correction_id,
            one.effect,
            one.reason,
            (
                RulingAct(ActKind.PROPOSE, one.actor, one.at_us, one.reason),
                RulingAct(ActKind.APPROVE, one.actor, one.at_us),
            ),
        )
        for one in standing(corrections)
        if isinstance(one.effect, StrikeOff | OrderEquals)
    ]


def names(corrections: Iterable[Correction]) -> dict[SittingId, str]:
    """The names that read otherwise than on the roster; of several the latest."""
    return {one.effect.sitting_id: one.effect.name for one in standing(corrections) if isinstance(one.effect, Rename)}


def fault(effect: CorrectionEffect, members: Sequence[Member], corrections: Iterable[Correction]) -> str | None:
    """The code of what makes a correction senseless, or None: `correction-unknown-person`, `correction-senseless`."""
    sittings = {one.sitting_id: one for one in members}
    match effect:
        case StrikeOff():
            member = sittings.get(effect.sitting_id)
            if member is None:
                return "correction-unknown-person"
            struck = {one.effect.sitting_id for one in standing(corrections) if isinstance(one.effect, StrikeOff)}
            return "correction-senseless" if member.struck or effect.sitting_id in struck else None
        case Rename():
            if effect.sitting_id not in sittings:
                return "correction-unknown-person"
            return None if 0 < len(effect.name.strip()) <= MAX_NAME_CHARS else "correction-senseless"
        case OrderEquals():
            return _order_fault(effect, members)
        case Withdraw():
            known = {one.correction_id for one in standing(corrections)}
            return None if effect.correction_id in known else "correction-senseless"


def _order_fault(effect: OrderEquals, members: Sequence[Member]) -> str | None:
    ordered = effect.persons or effect.delegations
    if bool(effect.persons) is bool(effect.delegations) or len(ordered) < 2 or len(set(ordered)) < len(ordered):
        return "correction-senseless"
    sittings, delegations = {one.sitting_id for one in members}, {one.delegation for one in members}
    known = sittings.issuperset(effect.persons) and delegations.issuperset(effect.delegations)
    return None if known else "correction-unknown-person"
