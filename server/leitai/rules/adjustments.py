"""The fold of rulings in force: all that standings need to know of them.

What meets on one item goes by this order, whichever ruling came first: a void item counts for nobody; else an adjusted
judgement stands for its one sitting; else the credit to all; else the key in force. Among rulings on one key the time
of approval decides: a changed key replaces what was before it, an accepted alternative adds to it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from leitai.rules.effects import (
    AcceptAlternative,
    AdjustJudgement,
    ChangeKey,
    Compensate,
    CreditItem,
    OrderEquals,
    StrikeOff,
    VoidItem,
    Warn,
)
from leitai.rules.honours import OrderRuling
from leitai.rules.rulings import Ruling, in_force
from leitai.rules.values import ItemNo, Key, Member, Micros, PaperItem, Plan, QuestionType, Response, SittingId

WHOLE_PAPER = ItemNo(0)
"""In place of an item's number: the one window of a paper-paced session."""

Place = tuple[SittingId, ItemNo]


@dataclass(frozen=True, slots=True)
class Adjustments:
    """What the rulings in force change, besides what the paper and the answers say.

    Attributes:
        items: items whose key is another now.
        judgements: points that one sitting has for one item.
        compensations: microseconds of time compensation, under `WHOLE_PAPER` in a paper-paced session.
        absent: who is not credited.
        struck: who is struck off by a ruling.
        orders: orders among equals.
        warnings: how many each sitting has.
    """

    items: Mapping[ItemNo, PaperItem] = field(default_factory=dict[ItemNo, PaperItem])
    voided: frozenset[ItemNo] = frozenset()
    credited: frozenset[ItemNo] = frozenset()
    judgements: Mapping[Place, int] = field(default_factory=dict[Place, int])
    compensations: Mapping[Place, int] = field(default_factory=dict[Place, int])
    absent: frozenset[SittingId] = frozenset()
    struck: frozenset[SittingId] = frozenset()
    orders: tuple[OrderRuling, ...] = ()
    warnings: Mapping[SittingId, int] = field(default_factory=dict[SittingId, int])

    @property
    def unranking(self) -> frozenset[ItemNo]:
        """Items that take nobody's time: void, or credited to all."""
        return self.voided | self.credited


NONE = Adjustments()
"""No ruling is in force."""


def adjust(
    plan: Plan, members: Iterable[Member], rulings: Iterable[Ruling], before_us: Micros | None = None
) -> Adjustments:
    """The adjustments of the rulings in force, in whatever order they are given.

    Args:
        before_us: what was in force before this instant (`rulings.in_force`).

    Raises:
        KeyError: a ruling on an item that the plan has not.
    """
    members = tuple(members)
    paper = {item.item_no: item for item in plan.items}
    items: dict[ItemNo, PaperItem] = {}
    voided: set[ItemNo] = set()
    credited: set[ItemNo] = set()
    judgements: dict[Place, int] = {}
    compensations: dict[Place, int] = {}
    struck: set[SittingId] = set()
    orders: list[OrderRuling] = []
    warnings: dict[SittingId, int] = {}
    for ruling in in_force(rulings, before_us):
        effect = ruling.effect
        match effect:
            case AcceptAlternative():
                item = items.get(effect.item_no) or paper[effect.item_no]
                items[effect.item_no] = replace(item, key=_widened(item, effect.response))
            case ChangeKey():
                items[effect.item_no] = replace(paper[effect.item_no], key=effect.key)
            case VoidItem():
                voided.add(effect.item_no)
            case CreditItem():
                credited.add(effect.item_no)
            case AdjustJudgement():
                judgements[effect.sitting_id, effect.item_no] = effect.centipoints
            case Compensate():
                item_no = WHOLE_PAPER if effect.item_no is None else effect.item_no
                for member in members:
                    if effect.scope.holds(member):
                        place = (member.sitting_id, item_no)
                        compensations[place] = compensations.get(place, 0) + effect.us
            case Warn():
                warnings[effect.sitting_id] = warnings.get(effect.sitting_id, 0) + 1
            case StrikeOff():
                struck.add(effect.sitting_id)
            case OrderEquals():
                orders.append(OrderRuling(ruling.ruling_id, effect.persons, effect.delegations))
    return Adjustments(
        items={item_no: item for item_no, item in items.items() if item.key != paper[item_no].key},
        voided=frozenset(voided),
        credited=frozenset(credited - voided),
        judgements=judgements,
        compensations=compensations,
        absent=frozenset(member.sitting_id for member in members if member.absent),
        struck=frozenset(struck),
        orders=tuple(orders),
        warnings=warnings,
    )


def struck_off(members: Iterable[Member], adjustments: Adjustments) -> tuple[Member, ...]:
    """The members, with those struck who are so by a ruling."""
    if not adjustments.struck:
        return tuple(members)
    return tuple(replace(one, struck=one.struck or one.sitting_id in adjustments.struck) for one in members)


def _widened(item: PaperItem, response: Response) -> Key:
    key = item.key
    if item.type is QuestionType.FILL_IN:
        return replace(
            key,
            blanks=tuple(
                (*known, text) if text.strip() and text not in known else known
                for known, text in zip(key.blanks, response, strict=True)
            ),
        )
    picked = frozenset(response)
    if item.type in (QuestionType.SINGLE, QuestionType.TRUE_FALSE):
        return replace(key, options=key.options | picked)
    return key if picked in (key.options, *key.also) else replace(key, also=(*key.also, picked))
