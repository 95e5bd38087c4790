"""Rulings (裁决): what they are, who may make them, and how they come into and go out of force.

A ruling is proposed by one judge and approved by another, and withdrawn in the same way (DOMAIN, Defaults: appeals,
every ruling by two judges). A judge from a delegation concerned takes no part. Rulings are values: a refused act
changes nothing.

    proposed ──approve──→ in_force ──propose_withdrawal──→ withdrawal_proposed ──approve_withdrawal──→ withdrawn
        └────decline──→ declined ↖────────decline_withdrawal────────┘

`RulingRefused` is this module's only error; its `code` is stable and one of those of `wire.errors`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from types import MappingProxyType

from leitai.rules.effects import Effect, concerned, fault
from leitai.rules.values import ActorId, DelegationCode, Member, Micros, Phase, Plan


class RulingState(Enum):
    """Where a ruling stands. It counts while it is in force, and until its withdrawal is approved."""

    PROPOSED = "proposed"
    DECLINED = "declined"
    IN_FORCE = "in_force"
    WITHDRAWAL_PROPOSED = "withdrawal_proposed"
    WITHDRAWN = "withdrawn"


class ActKind(Enum):
    """What a judge does to a ruling."""

    PROPOSE = "propose"
    APPROVE = "approve"
    DECLINE = "decline"
    PROPOSE_WITHDRAWAL = "propose_withdrawal"
    APPROVE_WITHDRAWAL = "approve_withdrawal"
    DECLINE_WITHDRAWAL = "decline_withdrawal"


LEGAL_ACTS: Mapping[tuple[RulingState | None, ActKind], RulingState] = MappingProxyType(
    {
        (None, ActKind.PROPOSE): RulingState.PROPOSED,
        (RulingState.PROPOSED, ActKind.APPROVE): RulingState.IN_FORCE,
        (RulingState.PROPOSED, ActKind.DECLINE): RulingState.DECLINED,
        (RulingState.IN_FORCE, ActKind.PROPOSE_WITHDRAWAL): RulingState.WITHDRAWAL_PROPOSED,
        (RulingState.WITHDRAWAL_PROPOSED, ActKind.APPROVE_WITHDRAWAL): RulingState.WITHDRAWN,
        (RulingState.WITHDRAWAL_PROPOSED, ActKind.DECLINE_WITHDRAWAL): RulingState.IN_FORCE,
    }
)
"""What each act leads to; any other is illegal. None: there is no ruling yet."""

APPROVALS = frozenset({ActKind.APPROVE, ActKind.APPROVE_WITHDRAWAL})
"""Acts that only somebody else than whoever did the act before them may do. Declining is open to both: a proposer may
take a proposal back."""
REASONED = frozenset(ActKind) - APPROVALS
"""Acts that need a reason of their own."""
COUNTING = frozenset({RulingState.IN_FORCE, RulingState.WITHDRAWAL_PROPOSED})
HALF_APPROVED = frozenset({RulingState.PROPOSED, RulingState.WITHDRAWAL_PROPOSED})
"""States that wait for a second judge: nothing is final before."""
RULING_PHASES = frozenset({Phase.RUNNING, Phase.PAUSED, Phase.CLOSED, Phase.UNDER_REVIEW})


class RulingRefused(Exception):
    """An act was refused for the reason that `code` names:

    - `ruling-illegal-act`: the state does not allow it;
    - `ruling-self-approval`: the proposer approves;
    - `ruling-conflict-of-interest`: the judge is from a delegation concerned;
    - `ruling-reason-missing`, `ruling-evidence-missing`;
    - `ruling-stale`: the ruling moved on since the judge saw it;
    - `ruling-phase`: before the start, or `session-finalized`: after 定榜;
    - `ruling-time`: before the act that it follows;
    - the codes of `effects.fault`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Judge:
    """Who acts. `delegation`: where they come from; None for judges of the ministry."""

    actor: ActorId
    delegation: DelegationCode | None = None


@dataclass(frozen=True, slots=True)
class RulingAct:
    """One signed step of a ruling."""

    kind: ActKind
    actor: ActorId
    at_us: Micros
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Ruling:
    """A ruling: its effect, what supports it, and every act in order (the first proposes it)."""

    ruling_id: int
    effect: Effect
    evidence: str
    acts: tuple[RulingAct, ...]

    @property
    def version(self) -> int:
        """Rises by one with every act: what a judge who acts must have seen."""
        return len(self.acts)

    @property
    def state(self) -> RulingState:
        """Where the ruling stands after all its acts."""
        return _fold(self.acts)

    @property
    def reason(self) -> str:
        """Why it was proposed."""
        return self.acts[0].reason

    @property
    def proposed(self) -> RulingAct:
        """Who proposed it and when."""
        return self.acts[0]

    @property
    def approved(self) -> RulingAct | None:
        """Who put it in force and when; None while nobody has."""
        return next((act for act in self.acts if act.kind is ActKind.APPROVE), None)


@dataclass(frozen=True, slots=True)
class Court:
    """What an act is judged by besides the ruling: the session as it stands."""

    plan: Plan
    members: Sequence[Member]
    phase: Phase


def propose(
    ruling_id: int, effect: Effect, reason: str, evidence: str, judge: Judge, at_us: Micros, court: Court
) -> Ruling:
    """A new ruling.

    Raises:
        RulingRefused: see there.
    """
    _check_phase(court)
    if (code := fault(effect, court.plan, court.members)) is not None:
        raise RulingRefused(code)
    if not evidence.strip():
        raise RulingRefused("ruling-evidence-missing")
    return _act(Ruling(ruling_id, effect, evidence, ()), ActKind.PROPOSE, judge, at_us, reason, court)


def act(
    ruling: Ruling, kind: ActKind, judge: Judge, at_us: Micros, court: Court, *, version: int, reason: str = ""
) -> Ruling:
    """The ruling after a judge's act.

    Args:
        version: the ruling's version that the judge saw.
        reason: needed for every act but an approval.

    Raises:
        RulingRefused: see there.
    """
    _check_phase(court)
    if version != ruling.version:
        raise RulingRefused("ruling-stale")
    return _act(ruling, kind, judge, at_us, reason, court)


def supposed(ruling: Ruling, at_us: Micros) -> Ruling:
    """A half approved ruling as if its approval came at `at_us`: what a preview looks at. Any other as it is."""
    kinds = {RulingState.PROPOSED: ActKind.APPROVE, RulingState.WITHDRAWAL_PROPOSED: ActKind.APPROVE_WITHDRAWAL}
    kind = kinds.get(ruling.state)
    if kind is None:
        return ruling
    return replace(ruling, acts=(*ruling.acts, RulingAct(kind, ActorId(""), at_us)))


def in_force(rulings: Iterable[Ruling], before_us: Micros | None = None) -> list[Ruling]:
    """The rulings that count, in the order they came into force: by approval, then by id.

    Args:
        before_us: only acts before this instant are looked at: what was in force then.
    """
    found: list[tuple[int, int, Ruling]] = []
    for ruling in rulings:
        acts = [one for one in ruling.acts if before_us is None or one.at_us < before_us]
        if acts and _fold(acts) in COUNTING:
            approved = ruling.approved
            assert approved is not None
            found.append((approved.at_us, ruling.ruling_id, ruling))
    return [ruling for _, _, ruling in sorted(found, key=lambda one: one[:2])]


def _act(ruling: Ruling, kind: ActKind, judge: Judge, at_us: Micros, reason: str, court: Court) -> Ruling:
    state = ruling.state if ruling.acts else None
    if (state, kind) not in LEGAL_ACTS:
        raise RulingRefused("ruling-illegal-act")
    if kind in APPROVALS and judge.actor == ruling.acts[-1].actor:
        raise RulingRefused("ruling-self-approval")
    if judge.delegation is not None and judge.delegation in concerned(ruling.effect, court.members):
        raise RulingRefused("ruling-conflict-of-interest")
    if kind in REASONED and not reason.strip():
        raise RulingRefused("ruling-reason-missing")
    if ruling.acts and at_us < ruling.acts[-1].at_us:
        raise RulingRefused("ruling-time")
    return replace(ruling, acts=(*ruling.acts, RulingAct(kind, judge.actor, at_us, reason.strip())))


def _fold(acts: Iterable[RulingAct]) -> RulingState:
    state: RulingState | None = None
    for one in acts:
        state = LEGAL_ACTS[state, one.kind]
    assert state is not None
    return state


def _check_phase(court: Court) -> None:
    if court.phase is Phase.FINALIZED:
        raise RulingRefused("session-finalized")
    if court.phase not in RULING_PHASES:
        raise RulingRefused("ruling-phase")
