"""How the desk decides what waits for it, an appeal or a stray receipt: by a ruling in force, or without one, for a
reason, and never somebody's own delegation's.
"""

from collections.abc import Callable
from dataclasses import dataclass

from leitai.rules.rulings import COUNTING, Judge, Ruling
from leitai.rules.values import ActorId, DelegationCode, Micros


@dataclass(frozen=True, slots=True)
class Decision:
    """What the desk decided: by a ruling, or without one when `ruling_id` is None, which refuses an appeal and lays a
    receipt aside."""

    actor: ActorId
    at_us: Micros
    reason: str
    ruling_id: int | None = None


def decision(
    refuse: Callable[[str], Exception],
    before: Decision | None,
    judge: Judge,
    at_us: Micros,
    reason: str,
    delegation: DelegationCode,
    ruling: Ruling | None,
) -> Decision:
    """A decision that may be made.

    Args:
        refuse: makes the error from the end of its code: `decided`, `conflict-of-interest`, `reason-missing`,
            `ruling-not-in-force`.
        before: the one that was made already.
        judge: who decides.
        at_us: when.
        reason: why.
        delegation: of the contestant concerned.
        ruling: what it rests on.

    Raises:
        Exception: what `refuse` makes.
    """
    if before is not None:
        raise refuse("decided")
    if judge.delegation == delegation:
        raise refuse("conflict-of-interest")
    if not reason.strip():
        raise refuse("reason-missing")
    if ruling is not None and ruling.state not in COUNTING:
        raise refuse("ruling-not-in-force")
    return Decision(judge.actor, at_us, reason.strip(), None if ruling is None else ruling.ruling_id)
