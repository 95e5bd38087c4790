"""The reveal (滚榜) as it is directed: the list of steps from the record, each move set down, what the public may see.

What is set down is how many steps are shown and of which list. The list is made anew from the record at every move:
when a ruling changed it meanwhile, the move is refused and the reveal has to be begun anew. A rehearsal needs nothing
of this but the list.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from leitai.office.ports import OfficeStore
from leitai.office.results import Results
from leitai.rules.honours import award_name
from leitai.rules.outcomes import Outcome
from leitai.rules.reveals import CallOut, Group, Place, Reveal, RevealRefused, Step, steps
from leitai.rules.rights import NO_DELEGATION
from leitai.rules.values import DelegationCode, SessionId
from leitai.wire.air_bodies import AirCallOut, AirHolder, AirReveal, AirRevealRow
from leitai.wire.reveal_bodies import RevealHeld, RevealStep

ROWS = 50
"""So many places are told at once: those shown last."""
_TITLES = {Group.DELEGATIONS: "团体名次", Group.INDIVIDUALS: "个人名次", Group.PROVINCE: "个人名次"}
_KEPT = 8


class RevealStore(Protocol):
    """Where the reveal of one session is set down. Every call may raise `StoreUnavailable`."""

    async def reveal(self) -> RevealHeld:
        """Return the reveal as it was set down; edition 0 before the first."""
        ...

    async def hold_reveal(self, held: RevealHeld) -> bool:
        """Set down the edition after the one in force; False when that is not the one before it."""
        ...


@dataclass(frozen=True, slots=True)
class Choice:
    """What is revealed: whose places, of which delegation (a province's), and how many of the best (0: all)."""

    group: Group
    delegation: DelegationCode = NO_DELEGATION
    best: int = 0


class Reveals:
    """Lists of steps by the record, and moves."""

    def __init__(self, store: OfficeStore) -> None:
        self._store = store
        self._results = Results(store)
        self._listed: dict[Choice, tuple[Outcome, tuple[Step, ...], str]] = {}

    async def list(self, session_id: SessionId, choice: Choice) -> tuple[tuple[Step, ...], str]:
        """Return the steps of a reveal and their digest.

        Raises:
            NotPublished: the session is not under review or final.
            NothingThere: there is no such session or delegation.
            StoreUnavailable: from the store.
        """
        outcome = await self._results.reviewed(session_id)
        known = self._listed.get(choice)
        if known is not None and known[0] is outcome:
            return known[1], known[2]
        names = {one.code: one.name for one in await self._store.delegations()}
        province = choice.group is Group.PROVINCE
        if province:
            await self._results.known(choice.delegation)

        def made() -> tuple[tuple[Step, ...], str]:
            found = steps(
                outcome,
                outcome.awards(),
                choice.group,
                names,
                delegation=choice.delegation if province else None,
                best=choice.best or None,
            )
            return found, Reveal(found).digest

        listed, digest = await asyncio.to_thread(made)
        if len(self._listed) >= _KEPT:
            self._listed.clear()
        self._listed[choice] = (outcome, listed, digest)
        return listed, digest

    async def changed(self, session_id: SessionId, held: RevealHeld) -> bool:
        """Whether the list that is being revealed is another by now. Raises as `list` does."""
        if not held.digest:
            return False
        return (await self.list(session_id, choice_of(held)))[1] != held.digest

    async def begin(
        self, session_id: SessionId, at: RevealStore, expects: int, choice: Choice, digest: str
    ) -> RevealHeld | None:
        """Begin a reveal of the list that was looked at; None: somebody else moved first.

        Raises as `list` does, and:
            RevealRefused: `reveal-changed`, the list is another than the one of `digest`.
        """
        listed, now = await self.list(session_id, choice)
        if now != digest:
            raise RevealRefused("reveal-changed")
        return await self._hold(at, expects, choice, Reveal(listed), now)

    async def move(
        self, session_id: SessionId, at: RevealStore, expects: int, move: str, shown: int
    ) -> RevealHeld | None:
        """Go a step on (`next`), a step back, or to where `shown` steps are shown (`jump`); None as `begin`.

        Raises as `list` does, and:
            RevealRefused: `reveal-not-begun`, `reveal-changed`, or the move leads nowhere.
        """
        held = await at.reveal()
        if not held.digest:
            raise RevealRefused("reveal-not-begun")
        choice = choice_of(held)
        listed, digest = await self.list(session_id, choice)
        if digest != held.digest:
            raise RevealRefused("reveal-changed")
        reveal = Reveal(listed, held.shown)
        match move:
            case "next":
                reveal = reveal.next()
            case "back":
                reveal = reveal.back()
            case _:
                reveal = reveal.jump(shown)
        return await self._hold(at, expects, choice, reveal, digest)

    async def end(self, at: RevealStore, expects: int) -> RevealHeld | None:
        """Show nothing any more; None as `begin`."""
        held = RevealHeld(expects + 1)
        return held if await at.hold_reveal(held) else None

    async def _hold(
        self, at: RevealStore, expects: int, choice: Choice, reveal: Reveal, digest: str
    ) -> RevealHeld | None:
        names = {one.code: one.name for one in await self._store.delegations()}
        held = RevealHeld(
            expects + 1,
            choice.group.value,
            choice.delegation,
            choice.best,
            digest,
            reveal.shown,
            seen(reveal, choice, names.get(choice.delegation, "")),
        )
        return held if await at.hold_reveal(held) else None


def choice_of(held: RevealHeld) -> Choice:
    """Return what is being revealed."""
    return Choice(Group(held.group), DelegationCode(held.delegation), held.best)


def seen(reveal: Reveal, choice: Choice, province: str) -> AirReveal:
    """Return what the public sees: nothing of the steps that are not shown but how many there are."""
    shown = [step for step in reveal.steps[: reveal.shown] if isinstance(step, Place)]
    current = reveal.current
    return AirReveal(
        choice.group.value,
        choice.delegation,
        len(reveal.steps),
        reveal.shown,
        province + _TITLES[choice.group],
        [
            AirRevealRow(
                place.rank,
                place.name,
                place.delegation,
                place.centipoints,
                place.elapsed_us // 1000,
                [award_name(award) for award in place.awards],
            )
            for place in reversed(shown[-ROWS:])
        ],
        AirCallOut(award_name(current.award), _holders(current)) if isinstance(current, CallOut) else None,
    )


def step_bodies(listed: Sequence[Step]) -> list[RevealStep]:
    """Return all steps for whoever directs."""
    return [
        RevealStep("call_out", award=award_name(step.award), holders=_holders(step))
        if isinstance(step, CallOut)
        else RevealStep(
            "place",
            step.rank,
            step.name,
            step.delegation,
            step.centipoints,
            step.elapsed_us // 1000,
            [award_name(award) for award in step.awards],
        )
        for step in listed
    ]


def _holders(step: CallOut) -> list[AirHolder]:
    return [AirHolder(place.name, place.delegation) for place in step.places]
