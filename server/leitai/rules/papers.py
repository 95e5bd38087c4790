"""A paper's way from assembly to its opening, as what was done with it: who may do what next, and who may look.

assembled → in review → approved by two → sealed → opened. Whoever assembled or changed a paper approves nothing of it
(four eyes, twice); a change is possible only before review, and what is sent back begins anew. From the sealing on
nobody looks, until the session that plays it is over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from leitai.rules.rights import Act, Role, timely
from leitai.rules.stages import PaperState
from leitai.rules.values import ActorId

APPROVALS = 2
"""By so many different persons."""


class PaperActKind(Enum):
    """What is done with a paper."""

    ASSEMBLE = "assemble"
    CHANGE = "change"
    """An item was replaced."""
    SUBMIT = "submit"
    APPROVE = "approve"
    RETURN = "return"
    SEAL = "seal"
    SEAL_AT_MACHINE = "seal_at_machine"
    """By whoever holds the server itself, and so its key: rehearsals, demonstrations, `leitai session create`."""
    OPEN = "open"
    """By the conductor, when the session is over."""


@dataclass(frozen=True, slots=True)
class PaperAct:
    """Something done with a paper."""

    kind: PaperActKind
    actor: ActorId


@dataclass(frozen=True, slots=True)
class PaperStanding:
    """What the acts amount to. `edition` counts changes from 1; `approvers` are those since it was last submitted."""

    state: PaperState
    edition: int
    makers: frozenset[ActorId]
    approvers: tuple[ActorId, ...]


ACTS: Mapping[PaperActKind, Act] = {
    PaperActKind.SUBMIT: Act.ASSEMBLE_PAPER,
    PaperActKind.CHANGE: Act.ASSEMBLE_PAPER,
    PaperActKind.APPROVE: Act.REVIEW_PAPER,
    PaperActKind.RETURN: Act.REVIEW_PAPER,
    PaperActKind.SEAL: Act.SEAL_PAPER,
}
"""The right that a person needs for what is done with a paper that there is."""

FROM: Mapping[PaperActKind, tuple[PaperState, ...]] = {
    PaperActKind.ASSEMBLE: (),
    PaperActKind.CHANGE: (PaperState.ASSEMBLED,),
    PaperActKind.SUBMIT: (PaperState.ASSEMBLED,),
    PaperActKind.APPROVE: (PaperState.IN_REVIEW,),
    PaperActKind.RETURN: (PaperState.IN_REVIEW, PaperState.APPROVED),
    PaperActKind.SEAL: (PaperState.APPROVED,),
    PaperActKind.SEAL_AT_MACHINE: (PaperState.ASSEMBLED,),
    PaperActKind.OPEN: (PaperState.SEALED, PaperState.OPENED),
}
"""Where a paper may stand when something is done with it."""


def standing(acts: Sequence[PaperAct]) -> PaperStanding:
    """Return what acts, in their order, amount to; they begin with the assembly.

    Raises:
        ValueError: an act was not legal when it was done.
    """
    if not acts or acts[0].kind is not PaperActKind.ASSEMBLE:
        raise ValueError("a paper begins with its assembly")
    here = PaperStanding(PaperState.ASSEMBLED, 1, frozenset({acts[0].actor}), ())
    for act in acts[1:]:
        if code := refusal(here, act.kind, act.actor):
            raise ValueError(code)
        here = _after(here, act)
    return here


def refusal(here: PaperStanding, kind: PaperActKind, actor: ActorId) -> str | None:
    """Return why an act is not legal now, as a code of wire.errors; None: it is.

    `paper-not-now`, `paper-own-work` (whoever made a paper does not approve it), `paper-approved-before` (by the same
    person).
    """
    if here.state not in FROM[kind]:
        return "paper-not-now"
    if kind is PaperActKind.APPROVE:
        if actor in here.makers:
            return "paper-own-work"
        if actor in here.approvers:
            return "paper-approved-before"
    return None


def may_see(here: PaperStanding, actor: ActorId, roles: frozenset[Role]) -> bool:
    """Whether somebody may read the questions on a paper.

    Until it is sealed: whoever made it, if still a setter, and reviewers while it is in review or approved. Nobody
    from the sealing on, whatever the roles; once it is opened its questions are told by the session's own pages.
    """
    if not timely(Act.READ_PAPER, here.state):
        return False
    if actor in here.makers and Role.SETTER in roles:
        return True
    return Role.REVIEWER in roles and here.state is not PaperState.ASSEMBLED


def _after(here: PaperStanding, act: PaperAct) -> PaperStanding:
    match act.kind:
        case PaperActKind.CHANGE:
            return PaperStanding(PaperState.ASSEMBLED, here.edition + 1, here.makers | {act.actor}, ())
        case PaperActKind.SUBMIT:
            return PaperStanding(PaperState.IN_REVIEW, here.edition, here.makers, ())
        case PaperActKind.APPROVE:
            approvers = (*here.approvers, act.actor)
            state = PaperState.APPROVED if len(approvers) >= APPROVALS else PaperState.IN_REVIEW
            return PaperStanding(state, here.edition, here.makers, approvers)
        case PaperActKind.RETURN:
            return PaperStanding(PaperState.ASSEMBLED, here.edition, here.makers, ())
        case PaperActKind.SEAL | PaperActKind.SEAL_AT_MACHINE:
            return PaperStanding(PaperState.SEALED, here.edition, here.makers, here.approvers)
        case PaperActKind.OPEN:
            return PaperStanding(PaperState.OPENED, here.edition, here.makers, here.approvers)
        case PaperActKind.ASSEMBLE:
            raise ValueError("a paper is assembled once")
