"""What a ruling does, as frozen values: the effects that `rules.adjustments` folds into the standings.

Whose delegations an effect concerns decides who may rule on it: an effect on some people concerns theirs; one that
holds for everyone alike concerns none in particular.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from leitai.rules.marking import is_valid
from leitai.rules.values import (
    JUDGED,
    DelegationCode,
    ItemNo,
    Key,
    Member,
    Micros,
    Pacing,
    PaperItem,
    Plan,
    QuestionType,
    Response,
    SittingId,
)

LONGEST_COMPENSATION_US = Micros(3_600_000_000)


@dataclass(frozen=True, slots=True)
class AcceptAlternative:
    """One more right answer to an item: an option (single, true-false), a set of options (multiple, indeterminate) or,
    for fill-in, a text per blank; blanks left empty get no further alternative."""

    item_no: ItemNo
    response: Response


@dataclass(frozen=True, slots=True)
class ChangeKey:
    """Another key in place of the item's; alternatives accepted before it go with the old one."""

    item_no: ItemNo
    key: Key


@dataclass(frozen=True, slots=True)
class VoidItem:
    """The item counts for nobody: neither points nor time."""

    item_no: ItemNo


@dataclass(frozen=True, slots=True)
class CreditItem:
    """Everyone but the absent earns the item's full points, and it takes nobody's time: it sets nobody apart."""

    item_no: ItemNo


@dataclass(frozen=True, slots=True)
class AdjustJudgement:
    """What one sitting earns for one item, whatever was answered. Time stays as it is."""

    sitting_id: SittingId
    item_no: ItemNo
    centipoints: int


class ScopeKind(Enum):
    """Whom a time compensation is for."""

    SITTING = "sitting"
    ROOM = "room"
    DELEGATION = "delegation"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom a time compensation is for; only what its kind needs is set."""

    kind: ScopeKind
    sitting_id: SittingId | None = None
    delegation: DelegationCode | None = None
    room: str = ""
    """Within `delegation`."""

    def holds(self, member: Member) -> bool:
        """Whether `member` is among those meant."""
        match self.kind:
            case ScopeKind.ALL:
                return True
            case ScopeKind.DELEGATION:
                return member.delegation == self.delegation
            case ScopeKind.ROOM:
                return member.delegation == self.delegation and member.room == self.room
            case ScopeKind.SITTING:
                return member.sitting_id == self.sitting_id


@dataclass(frozen=True, slots=True)
class Compensate:
    """Time compensation (补时) after the fact: for those in scope, `us` microseconds that were lost to them.

    Their answers stamped before the item's closing plus `us` count, and what they answered took `us` less, at least 0.
    An item without an answer costs its window as before. Several compensations add up.
    """

    scope: Scope
    us: Micros
    item_no: ItemNo | None = None
    """The item, when streamed; None for the one window of a paper-paced session."""


@dataclass(frozen=True, slots=True)
class Warn:
    """A warning for a violation (违纪): on record, without effect on standings."""

    sitting_id: SittingId


@dataclass(frozen=True, slots=True)
class StrikeOff:
    """Struck off: scores nothing, is not replaced (plan 四(二)2: 不再递补), takes no place, gets no award."""

    sitting_id: SittingId


@dataclass(frozen=True, slots=True)
class OrderEquals:
    """The order among equals where a boundary of awards needs one (`honours.OrderRuling`), best first."""

    persons: tuple[SittingId, ...] = ()
    delegations: tuple[DelegationCode, ...] = ()


Effect: TypeAlias = (
    AcceptAlternative
    | ChangeKey
    | VoidItem
    | CreditItem
    | AdjustJudgement
    | Compensate
    | Warn
    | StrikeOff
    | OrderEquals
)

EFFECTS: dict[str, type[Effect]] = {
    "accept_alternative": AcceptAlternative,
    "change_key": ChangeKey,
    "void_item": VoidItem,
    "credit_item": CreditItem,
    "adjust_judgement": AdjustJudgement,
    "compensate": Compensate,
    "warn": Warn,
    "strike_off": StrikeOff,
    "order_equals": OrderEquals,
}
"""The stable names of the effects, in stores and on the wire."""

_NAMES = {effect: name for name, effect in EFFECTS.items()}
_ONE_OPTION = (QuestionType.SINGLE, QuestionType.TRUE_FALSE)


def name_of(effect: Effect) -> str:
    """The stable name of an effect's kind."""
    return _NAMES[type(effect)]


def concerned(effect: Effect, members: Iterable[Member]) -> frozenset[DelegationCode]:
    """The delegations that an effect is about in particular; none when it holds for all alike."""
    match effect:
        case AdjustJudgement() | Warn() | StrikeOff():
            return frozenset(one.delegation for one in members if one.sitting_id == effect.sitting_id)
        case Compensate():
            if effect.scope.kind is ScopeKind.ALL:
                return frozenset()
            return frozenset(one.delegation for one in members if effect.scope.holds(one))
        case OrderEquals():
            persons = frozenset(effect.persons)
            return frozenset(effect.delegations).union(one.delegation for one in members if one.sitting_id in persons)
        case _:
            return frozenset()


def fault(effect: Effect, plan: Plan, members: Sequence[Member]) -> str | None:
    """The code of what makes an effect senseless in its session, or None:

    `ruling-unknown-item`, `ruling-unknown-person` (a sitting, room or delegation that the session has not),
    `ruling-bad-key`, `ruling-bad-points`, `ruling-bad-time`, `ruling-bad-order`.
    """
    item = None
    if isinstance(effect, AcceptAlternative | ChangeKey | VoidItem | CreditItem | AdjustJudgement):
        item = next((one for one in plan.items if one.item_no == effect.item_no), None)
        if item is None:
            return "ruling-unknown-item"
    if isinstance(effect, AdjustJudgement | Warn | StrikeOff) and not _known(effect.sitting_id, members):
        return "ruling-unknown-person"
    match effect:
        case AcceptAlternative() if item is not None and not _can_accept(item, effect.response):
            return "ruling-bad-key"
        case ChangeKey() if item is not None and not _fits(item, effect.key):
            return "ruling-bad-key"
        case AdjustJudgement() if item is not None and not 0 <= effect.centipoints <= item.centipoints:
            return "ruling-bad-points"
        case Compensate():
            return _compensation_fault(effect, plan, members)
        case OrderEquals():
            return _order_fault(effect, members)
        case _:
            return None


def _known(sitting_id: SittingId, members: Iterable[Member]) -> bool:
    return any(one.sitting_id == sitting_id for one in members)


def _can_accept(item: PaperItem, response: Response) -> bool:
    if not response or item.type in JUDGED:
        return False
    if item.type is QuestionType.FILL_IN and not any(text.strip() for text in response):
        return False
    return is_valid(item.type, item.option_ids, len(item.key.blanks), response)


def _fits(item: PaperItem, key: Key) -> bool:
    if item.type in JUDGED:
        return False
    if item.type is QuestionType.FILL_IN:
        blanks_stay = len(key.blanks) == len(item.key.blanks)
        return blanks_stay and all(key.blanks) and not key.options and not key.also
    sets = (key.options, *key.also)
    fewest = all(len(options) == 1 for options in sets) if item.type in _ONE_OPTION else all(sets)
    return fewest and not key.blanks and all(options <= set(item.option_ids) for options in sets)


def _compensation_fault(effect: Compensate, plan: Plan, members: Sequence[Member]) -> str | None:
    if not 0 < effect.us <= LONGEST_COMPENSATION_US:
        return "ruling-bad-time"
    if (effect.item_no is None) is not (plan.pacing is Pacing.PAPER):
        return "ruling-unknown-item"
    if effect.item_no is not None and all(one.item_no != effect.item_no for one in plan.items):
        return "ruling-unknown-item"
    return None if any(effect.scope.holds(one) for one in members) else "ruling-unknown-person"


def _order_fault(effect: OrderEquals, members: Sequence[Member]) -> str | None:
    if bool(effect.persons) is bool(effect.delegations):
        return "ruling-bad-order"
    ordered = effect.persons or effect.delegations
    if len(ordered) < 2 or len(set(ordered)) < len(ordered):
        return "ruling-bad-order"
    sittings = {one.sitting_id for one in members}
    delegations = {one.delegation for one in members}
    known = sittings.issuperset(effect.persons) and delegations.issuperset(effect.delegations)
    return None if known else "ruling-unknown-person"
