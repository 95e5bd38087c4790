"""From frozen lists to a roster: the freeze and strike-offs, which two decide, the roster's making and publication.

Plan 四(二)2: 15 named and 35 drawn; whoever does not meet the conditions loses the place, and nobody takes it.
"""

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from leitai.office.eligibility import struck_reason
from leitai.office.nominations.lists import Nominations
from leitai.office.nominations.ports import Drawn, PeopleStore
from leitai.office.nominations.values import (
    ContestState,
    FrozenLine,
    NominationRefused,
    PeopleAct,
    PeopleRequest,
    RosterSeat,
)
from leitai.office.people_ports import DelegationName, RosterLine
from leitai.rules.seconding import RequestRefused, check_decision
from leitai.rules.values import ActorId, DelegationCode, Micros

WITHIN_US = 24 * 3600 * 1_000_000
"""A request waits a working day for its second person."""
_KEPT_S = 5.0
_NUMBER = re.compile(r"([0-9]{1,4}) ")


class Rostering:
    """Everything from the freeze on.

    Args:
        store: keeps it.
        lists: the provinces' lists.
        draw: who was drawn.
        two_persons: a freeze and a strike-off need a second person.
        now_us: the time.
    """

    def __init__(
        self,
        store: PeopleStore,
        lists: Nominations,
        draw: Drawn,
        *,
        two_persons: bool,
        now_us: Callable[[], Micros],
    ) -> None:
        self.store = store
        self._lists = lists
        self._draw = draw
        self.two_persons = two_persons
        self._now_us = now_us

    async def ask_freeze(self, contest_id: int, expects: int, actor: str, name: str) -> PeopleRequest | None:
        """Ask for the freeze of the lists as they were seen (`expects`, the contest's edition). None: it is done.

        Raises:
            KeyError: there is no such contest.
            NominationRefused: `lists-frozen`, `list-stale`, `nothing-to-freeze`.
        """
        contest = await self.store.contest_state(contest_id)
        if contest.frozen_us is not None:
            raise NominationRefused("lists-frozen")
        if contest.edition != expects:
            raise NominationRefused("list-stale")
        if not any(one.state == "submitted" for one in await self.store.lists(contest_id)):
            raise NominationRefused("nothing-to-freeze")
        return await self._ask("freeze-lists", contest_id, None, "", expects, actor, name)

    async def ask_strike(
        self, contest_id: int, contestant_id: int, reason: str, actor: str, name: str
    ) -> PeopleRequest | None:
        """Ask to strike somebody off. None: it is done.

        Raises:
            KeyError: there is no such contest, or nobody of that number in its roster.
            NominationRefused: `reason-missing`, `already-struck`.
        """
        if not reason.strip():
            raise NominationRefused("reason-missing")
        contest = await self.store.contest_state(contest_id)
        seat = next(
            (one for one in await self.store.seats(contest_id) if one.contestant.contestant_id == contestant_id), None
        )
        if seat is None:
            raise KeyError(contestant_id)
        if seat.decided:
            raise NominationRefused("already-struck")
        return await self._ask("strike-off", contest_id, contestant_id, reason.strip(), contest.edition, actor, name)

    async def decide(self, request_id: int, actor: str, *, confirms: bool) -> PeopleRequest:
        """Confirm a request, which is carried out at once, or decline it (who asked may: to take it back).

        Raises:
            KeyError: there is no such request.
            RequestRefused: `request-self-confirmation`, `request-lapsed`, `request-decided`; audited.
            NominationRefused: what was asked for cannot be done any more; the request stays open.
        """
        request = await self.store.request(request_id)
        try:
            check_decision(request, ActorId(actor), self._now_us(), confirms=confirms)
            if confirms:
                await self._carry_out(request, actor, alone=False)
            else:
                await self.store.decline(request, ActorId(actor), self._now_us())
        except (RequestRefused, NominationRefused) as refusal:
            detail = {"request": request_id, "code": refusal.code, "requested_by": request.actor}
            await self.store.audit(actor, f"confirm-{request.act}-refused", f"contest {request.contest_id}", detail)
            raise
        return request

    async def make(self, contest_id: int, actor: str) -> int:
        """Make the roster: of each delegation the named in their order, then the drawn in theirs. Returns its size.

        Raises:
            KeyError: there is no such contest.
            NominationRefused: `lists-not-frozen`, `draw-missing`, `roster-made`.
        """
        contest = await self.store.contest_state(contest_id)
        if contest.frozen_us is None:
            raise NominationRefused("lists-not-frozen")
        lines = seated(await self.store.frozen_lines(contest_id), await self._draw.drawn(contest_id))
        await self.store.make_roster(contest_id, lines, actor, self._now_us())
        return len(lines)

    async def publish(self, contest_id: int, actor: str) -> None:
        """Publish the roster: from then on every province sees its own. Raises as `RosterStore.publish_roster`."""
        await self.store.publish_roster(contest_id, actor, self._now_us())

    async def seats(self, contest_id: int, year: int, delegation: DelegationCode | None = None) -> list[RosterSeat]:
        """Return the roster with everyone who lost the place, by decision or by the rules, and why."""
        return with_reasons(await self.store.seats(contest_id, delegation), year)

    async def open_requests(self, contest_id: int) -> list[PeopleRequest]:
        """Return what waits for a second person."""
        return await self.store.open_requests(contest_id, self._now_us())

    async def _ask(
        self,
        act: PeopleAct,
        contest_id: int,
        contestant_id: int | None,
        reason: str,
        expects: int,
        actor: str,
        name: str,
    ) -> PeopleRequest | None:
        now_us = self._now_us()
        lapses_us = Micros(now_us + WITHIN_US)
        request = await self.store.ask(
            PeopleRequest(0, contest_id, act, contestant_id, reason, expects, ActorId(actor), name, now_us, lapses_us)
        )
        if self.two_persons:
            return request
        await self._carry_out(request, actor, alone=True)
        return None

    async def _carry_out(self, request: PeopleRequest, actor: str, *, alone: bool) -> None:
        if request.act == "strike-off":
            await self.store.strike_off(request, ActorId(actor), self._now_us(), alone=alone)
            return
        lines = await self._lists.to_freeze(request.contest_id)
        if not lines:
            raise NominationRefused("nothing-to-freeze")
        await self.store.freeze_lists(request, lines, ActorId(actor), self._now_us(), alone=alone)


class PublishedRoster:
    """The newest published roster, for everybody: read at most once in some seconds however many ask.

    Args:
        store: keeps it.
        now_s: a monotonic clock.
    """

    def __init__(self, store: PeopleStore, now_s: Callable[[], float]) -> None:
        self._store = store
        self._now_s = now_s
        self._until_s = 0.0
        self._seen: tuple[ContestState, list[RosterSeat], dict[DelegationCode, DelegationName]] | None = None
        self._turn = asyncio.Lock()

    async def newest(self) -> tuple[ContestState, list[RosterSeat], dict[DelegationCode, DelegationName]]:
        """Return the contest, its roster with everyone who lost the place, and the delegations by code.

        Raises:
            KeyError: none was published.
            StoreUnavailable: from the store.
        """
        async with self._turn:
            if self._seen is None or self._now_s() > self._until_s:
                contest = next((one for one in await self._store.contests() if one.published_us is not None), None)
                if contest is None:
                    raise KeyError("roster")
                seats = with_reasons(await self._store.seats(contest.contest_id), contest.year)
                names = {one.code: one for one in await self._store.delegations()}
                self._seen, self._until_s = (contest, seats, names), self._now_s() + _KEPT_S
            return self._seen


def with_reasons(seats: Sequence[RosterSeat], year: int) -> list[RosterSeat]:
    """Return seats with the reason of everyone whom the rules keep out, beside those struck off by decision."""
    return [one if one.struck else replace(one, struck=struck_reason(one.contestant.person, year)) for one in seats]


def seated(
    lines: Sequence[FrozenLine], drawn: Mapping[DelegationCode, Sequence[str]]
) -> list[tuple[RosterLine, bytes | None]]:
    """Return the roster of frozen lists and their draws, with the hashes its people are known by.

    Raises `NominationRefused` (`draw-missing`) when a delegation has people in the draw and has not drawn.
    """
    made: list[tuple[RosterLine, bytes | None]] = []
    for code in sorted({line.person.delegation for line in lines}):
        own = [line for line in lines if line.person.delegation == code]
        pool = {line.no: line for line in own if line.list == "nominated"}
        if code not in drawn and any(line.eligible for line in pool.values()):
            raise NominationRefused("draw-missing")
        named = sorted((line for line in own if line.list == "named"), key=lambda line: line.no)
        selected = [pool[_number(one)] for one in drawn.get(code, ())]
        origins = [*(("named", line) for line in named), *(("drawn", line) for line in selected)]
        for seat, (origin, line) in enumerate(origins, start=1):
            which = "named" if origin == "named" else "drawn"
            made.append((RosterLine(seat, which, line.person), line.id_hash))
    return made


def _number(drawn: str) -> int:
    """The place in the published list that the draw's name of somebody begins with (`office.draws`)."""
    found = _NUMBER.match(drawn)
    if found is None:
        raise NominationRefused("draw-missing")
    return int(found[1])
