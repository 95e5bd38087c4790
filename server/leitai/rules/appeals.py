"""Appeals (申诉): filed by a contestant within the window, decided by the desk (DOMAIN, Defaults: appeals, 2 h).

    filed ── decided by a ruling in force ──→ upheld
       └──── a reasoned refusal ───────────→ refused

`AppealRefused` is this module's only error; its `code` is stable and one of those of `wire.errors`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

from leitai.rules import decisions
from leitai.rules.decisions import Decision
from leitai.rules.rulings import Judge, Ruling
from leitai.rules.values import DelegationCode, ItemNo, Micros, Phase, Plan, SittingId

MAX_APPEAL_CHARS = 1_000
APPEAL_PHASES = frozenset({Phase.CLOSED, Phase.UNDER_REVIEW})


class AppealState(Enum):
    """Where an appeal stands."""

    FILED = "filed"
    UPHELD = "upheld"
    REFUSED = "refused"


class AppealRefused(Exception):
    """An act was refused for the reason that `code` names:

    - `appeal-not-open`: the session is not over yet, or final; `appeal-too-late`: the window has passed;
    - `appeal-unknown-item`, `appeal-text-missing`, `appeal-text-too-long`;
    - `appeal-repeated`: one on the same item waits for its decision;
    - `appeal-decided`; `appeal-conflict-of-interest`: the judge is from the contestant's delegation;
    - `appeal-reason-missing`; `appeal-ruling-not-in-force`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Appeal:
    """An appeal of one contestant. `item_no` is None when it is about the session as a whole."""

    appeal_id: int
    sitting_id: SittingId
    item_no: ItemNo | None
    text: str
    filed_at_us: Micros
    decision: Decision | None = None

    @property
    def state(self) -> AppealState:
        """Where the appeal stands."""
        if self.decision is None:
            return AppealState.FILED
        return AppealState.REFUSED if self.decision.ruling_id is None else AppealState.UPHELD


@dataclass(frozen=True, slots=True)
class AppealWindow:
    """When appeals are taken: from the end of the session, before `ends_at_us + appeal_us`."""

    ends_at_us: Micros
    appeal_us: Micros

    def open_at(self, at_us: Micros) -> bool:
        """Whether an appeal may be filed at an instant."""
        return self.ends_at_us <= at_us < self.ends_at_us + self.appeal_us


def file(
    appeal_id: int,
    sitting_id: SittingId,
    item_no: ItemNo | None,
    text: str,
    at_us: Micros,
    *,
    window: AppealWindow,
    plan: Plan,
    phase: Phase,
    own: Iterable[Appeal],
) -> Appeal:
    """A new appeal.

    Args:
        own: the sitting's appeals so far.

    Raises:
        AppealRefused: see there.
    """
    text = text.strip()
    if phase not in APPEAL_PHASES or at_us < window.ends_at_us:
        raise AppealRefused("appeal-not-open")
    if not window.open_at(at_us):
        raise AppealRefused("appeal-too-late")
    if item_no is not None and all(item.item_no != item_no for item in plan.items):
        raise AppealRefused("appeal-unknown-item")
    if not text:
        raise AppealRefused("appeal-text-missing")
    if len(text) > MAX_APPEAL_CHARS:
        raise AppealRefused("appeal-text-too-long")
    if any(appeal.item_no == item_no and appeal.decision is None for appeal in own):
        raise AppealRefused("appeal-repeated")
    return Appeal(appeal_id, sitting_id, item_no, text, at_us)


def decide(
    appeal: Appeal,
    judge: Judge,
    at_us: Micros,
    reason: str,
    delegation: DelegationCode,
    ruling: Ruling | None = None,
) -> Appeal:
    """The appeal as decided: upheld by a ruling in force, refused without one.

    Args:
        delegation: the contestant's.

    Raises:
        AppealRefused: see there.
    """
    made = decisions.decision(_refused, appeal.decision, judge, at_us, reason, delegation, ruling)
    return replace(appeal, decision=made)


def _refused(why: str) -> AppealRefused:
    return AppealRefused(f"appeal-{why}")
