"""Frozen lists, rosters, strike-offs, and what two decide about people, in PostgreSQL: `office.nominations.ports`."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial

from leitai.office.nominations.values import FrozenLine, NominationRefused, PeopleRequest, RosterSeat
from leitai.office.people_ports import RosterLine
from leitai.rules.seconding import RequestRefused
from leitai.rules.values import ActorId, DelegationCode, Micros
from leitai.stores.postgres import rows
from leitai.stores.postgres.auditing import audit, refusing
from leitai.stores.postgres.evidence_store import SQL
from leitai.stores.postgres.nominations_store import NominationListsStore
from leitai.stores.postgres.people_store import contestant, person_of
from leitai.stores.postgres.pool import Connection
from leitai.stores.postgres.queries import Queries

_OFFICE = Queries("office")
_REFUSALS: Mapping[str, Callable[[], Exception]] = {
    "people_decision_not_by_the_same": partial(RequestRefused, "request-self-confirmation"),
    "people_decision_in_time": partial(RequestRefused, "request-lapsed"),
    "people_decision_pkey": partial(RequestRefused, "request-decided"),
    "nomination_freeze_pkey": partial(NominationRefused, "lists-frozen"),
    "nomination_pkey": partial(NominationRefused, "lists-frozen"),
    "strike_off_pkey": partial(NominationRefused, "already-struck"),
    "roster_publication_pkey": partial(NominationRefused, "roster-made"),
    "contestant_contest_id_delegation_seat_key": partial(NominationRefused, "roster-made"),
}
"""What the schema refuses, in our words."""


class PostgresPeople(NominationListsStore):
    """`office.nominations.ports.PeopleStore`: the lists, and all that becomes of them."""

    async def freeze_lists(
        self, request: PeopleRequest, lines: Sequence[FrozenLine], actor: ActorId, at_us: Micros, *, alone: bool
    ) -> None:
        """See `NominationStore.freeze_lists`."""
        contest_id = request.contest_id
        async with self._deciding(request, actor, at_us, "alone" if alone else "confirm") as connection:
            # Whoever changes a list holds the contest, too: what is counted now stays so.
            await connection.execute(_OFFICE["lock_contest"], contest_id)
            state = await connection.fetchrow(SQL["contest_states"], contest_id)
            if state is None or state["edition"] != request.expects:
                raise NominationRefused("list-stale")
            await connection.executemany(
                SQL["insert_frozen"],
                [
                    (
                        contest_id,
                        line.person.delegation,
                        line.list,
                        line.no,
                        line.person.name,
                        line.person.unit,
                        line.person.daily_star_titles,
                        line.person.weekly_centipoints,
                        line.person.prior_events,
                        line.person.prior_titles,
                        line.eligible,
                        line.id_hash,
                    )
                    for line in lines
                ],
            )
            await connection.execute(SQL["forget_nominees"], contest_id, None, None, None)
            await connection.execute(SQL["insert_freeze"], contest_id, at_us, request.request_id)

    async def frozen_lines(self, contest_id: int) -> list[FrozenLine]:
        """See `RosterStore.frozen_lines`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(SQL["frozen_lines"], contest_id)
        return [FrozenLine(row["list"], row["no"], person_of(row), row["eligible"], row["id_hash"]) for row in found]

    async def make_roster(
        self, contest_id: int, lines: Sequence[tuple[RosterLine, bytes | None]], actor: str, at_us: Micros
    ) -> None:
        """See `RosterStore.make_roster`."""
        async with self._refusing() as connection:
            await connection.execute(_OFFICE["lock_contest"], contest_id)
            if await connection.fetchval(_OFFICE["has_roster"], contest_id):
                raise NominationRefused("roster-made")
            await connection.execute(SQL["insert_publication"], contest_id, at_us)
            await connection.executemany(
                SQL["insert_contestant"],
                [
                    (
                        contest_id,
                        line.person.delegation,
                        line.seat,
                        line.person.name,
                        line.person.unit,
                        line.origin,
                        line.person.daily_star_titles,
                        line.person.weekly_centipoints,
                        line.person.prior_events,
                        line.person.prior_titles,
                    )
                    for line, _ in lines
                ],
            )
            await connection.executemany(
                SQL["insert_identity"],
                [(contest_id, line.person.delegation, line.seat, digest) for line, digest in lines if digest],
            )
            await audit(connection, actor, "make-roster", f"contest {contest_id}", {"people": len(lines)})

    async def seats(self, contest_id: int, delegation: DelegationCode | None = None) -> list[RosterSeat]:
        """See `RosterStore.seats`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(SQL["seats"], contest_id, delegation)
        return [
            RosterSeat(
                contestant(row),
                row["struck_reason"] or "",
                row["struck_reason"] is not None,
            )
            for row in found
        ]

    async def publish_roster(self, contest_id: int, actor: str, at_us: Micros) -> None:
        """See `RosterStore.publish_roster`."""
        async with self._refusing() as connection:
            if await connection.fetchval(SQL["publish"], contest_id, at_us) is None:
                state = await connection.fetchrow(SQL["contest_states"], contest_id)
                made = state is not None and state["made_us"] is not None
                raise NominationRefused("roster-published" if made else "roster-missing")
            await audit(connection, actor, "publish-roster", f"contest {contest_id}", {})

    async def strike_off(self, request: PeopleRequest, actor: ActorId, at_us: Micros, *, alone: bool) -> None:
        """See `RosterStore.strike_off`."""
        async with self._deciding(request, actor, at_us, "alone" if alone else "confirm") as connection:
            await connection.execute(SQL["insert_strike"], request.contestant_id, request.reason, request.request_id)
            await connection.execute(SQL["strike_sittings"], request.contestant_id, request.reason)

    async def ask(self, request: PeopleRequest) -> PeopleRequest:
        """See `RosterStore.ask`."""
        async with self._database.transaction() as connection:
            request_id: int = await connection.fetchval(
                SQL["insert_request"],
                request.contest_id,
                request.act,
                request.contestant_id,
                request.reason,
                request.expects,
                request.actor,
                request.at_us,
                request.lapses_us,
            )
            made = replace(request, request_id=request_id)
            await _audit_request(connection, made.actor, "request", made)
        return made

    async def request(self, request_id: int) -> PeopleRequest:
        """See `RosterStore.request`."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(SQL["requests"], None, request_id, None)
        if row is None:
            raise KeyError(request_id)
        return _request(row)

    async def open_requests(self, contest_id: int, now_us: Micros) -> list[PeopleRequest]:
        """See `RosterStore.open_requests`."""
        async with self._database.connection() as connection:
            return [_request(row) for row in await connection.fetch(SQL["requests"], contest_id, None, now_us)]

    async def decline(self, request: PeopleRequest, actor: ActorId, at_us: Micros) -> None:
        """See `RosterStore.decline`."""
        async with self._deciding(request, actor, at_us, "decline"):
            pass

    @asynccontextmanager
    async def _deciding(
        self, request: PeopleRequest, actor: ActorId, at_us: Micros, kind: str
    ) -> AsyncGenerator[Connection]:
        """A transaction that decides a request, and does with it what the block does."""
        async with self._refusing() as connection:
            await connection.execute(SQL["insert_decision"], request.request_id, kind, actor, at_us)
            yield connection
            await _audit_request(connection, actor, kind, request)

    @asynccontextmanager
    async def _refusing(self) -> AsyncGenerator[Connection]:
        with refusing(_REFUSALS):
            async with self._guarded() as connection:
                yield connection


async def _audit_request(connection: Connection, actor: str, kind: str, request: PeopleRequest) -> None:
    detail = {"request": request.request_id, "contestant": request.contestant_id, "requested_by": request.actor}
    await audit(connection, actor, f"{kind}-{request.act}", f"contest {request.contest_id}", detail)


def _request(row: rows.Row) -> PeopleRequest:
    return PeopleRequest(
        row["id"],
        row["contest_id"],
        row["act"],
        row["contestant_id"],
        row["reason"],
        row["expects"],
        ActorId(row["actor"]),
        row["name"],
        Micros(row["at_us"]),
        Micros(row["lapses_us"]),
    )
