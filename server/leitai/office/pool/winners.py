"""Winners of this house's contests enter the pool, each exactly once, however often their awards are told."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from leitai.office.importing.problems import Place
from leitai.office.pool.planning import Draft, plan
from leitai.office.pool.pool import Pool
from leitai.office.pool.ports import PoolChange, PoolChanged, Private, Winner
from leitai.office.ports import StoreUnavailable
from leitai.rules.pool import TITLES, PoolHonour, PoolKind, Source
from leitai.rules.values import DelegationCode, Micros

_TRIES = 5
_MAX_TITLE = 200
"""As of a file of history."""
_NEVER = Micros(0)
"""A contest says what was won; where somebody works its province knows better."""


class Won(Protocol):
    """A person who won a title in a contest."""

    @property
    def contestant_id(self) -> int:
        """By which the contest knows the person."""
        ...

    @property
    def name(self) -> str:
        """As on the roster."""
        ...

    @property
    def delegation(self) -> DelegationCode:
        """Whom the person sat for."""
        ...

    @property
    def unit(self) -> str:
        """Where the person works."""
        ...

    @property
    def kind(self) -> str:
        """`knowledge`, `star`, or a prize of a province's own contest by its name."""
        ...

    @property
    def place(self) -> int:
        """The place that counted."""
        ...

    @property
    def contest(self) -> str:
        """What a province's own contest is called, which its prize is of; empty for the nation's."""
        ...


class RosterDigests(Protocol):
    """Rosters that know people by identity number."""

    async def roster_digests(self, contestants: Collection[int]) -> Mapping[int, bytes]:
        """Return the digests of the numbers (`office.identity`) by contestant; who has none is left out."""
        ...


class Winners:
    """Takes winners into the pool.

    Args:
        pool: the pool.
        rosters: who knows contestants by their numbers; None: nobody.
    """

    def __init__(self, pool: Pool, rosters: RosterDigests | None = None) -> None:
        self._pool = pool
        self._rosters = rosters

    async def add(self, contest_id: int, year: int, winners: Sequence[Won], actor: str) -> None:
        """Give everyone the honour that a contest gave, once its awards are definite.

        Who is known by number, or by name, province and unit, keeps one record; anybody else gets one. Whoever is in
        already for this contest stays as they are. The same call may be repeated.

        Raises:
            StoreUnavailable: from the store, or others write without a pause; nothing was written.
        """
        store = self._pool.store
        for _ in range(_TRIES):
            there = await store.won(contest_id)
            new = [one for one in winners if (one.contestant_id, one.kind) not in there]
            if not new:
                return
            changes, entries = await self._changes(contest_id, year, new)
            try:
                note = ("pool-winners", f"contest {contest_id}", {"year": year, "people": len(entries)})
                await store.write(changes, actor, note, winners=entries)
            except PoolChanged:
                continue
            return
        raise StoreUnavailable

    async def _changes(self, contest_id: int, year: int, won: Sequence[Won]) -> tuple[list[PoolChange], list[Winner]]:
        numbers: Mapping[int, bytes] = {}
        if self._rosters is not None:
            numbers = await self._rosters.roster_digests([one.contestant_id for one in won])
        drafts = [_draft(place, year, one, numbers.get(one.contestant_id)) for place, one in enumerate(won)]
        digests = {draft.digest for draft in drafts if draft.digest is not None}
        known = await self._pool.store.candidates(digests, {one.name for one in won})
        planned = plan(drafts, known, {}, own=None)
        # Whoever cannot be told from others of the name gets a record of their own: an honour is never held back.
        apart = plan([one.draft for one in planned.refused], [], {}, own=None)
        changes = [*planned.changes, *apart.changes]
        entries = [
            Winner(at, contest_id, won[draft.place.row].contestant_id, won[draft.place.row].kind)
            for at, draft in enumerate((*planned.drafts, *apart.drafts))
        ]
        return changes, entries


def _draft(place: int, year: int, won: Won, digest: bytes | None) -> Draft:
    own = won.kind not in {kind.value for kind in TITLES}
    kind, title = (PoolKind.PROVINCIAL.value, f"{won.contest}{won.kind}"[:_MAX_TITLE]) if own else (won.kind, "")
    honour = PoolHonour(year, kind, title, won.place, won.delegation, Source.CONTEST.value)
    return Draft(
        Place("winners", place),
        won.name,
        won.delegation,
        won.unit,
        None,
        None,
        _NEVER,
        Private(),
        digest,
        frozenset({honour}),
    )
