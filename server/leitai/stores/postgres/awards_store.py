"""Awards after 定榜 in PostgreSQL: `office.awards.ports.AwardsStore`.

The schema keeps editions in order, refuses a confirmation by whoever asked, and takes nothing once awards are definite.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial

import asyncpg

from leitai.office.awards.ports import Certificate, PublishedList
from leitai.rules.publicity import Publication, PublicityRefused, Step, StepKind
from leitai.rules.values import ActorId, DelegationCode, Micros, SessionId, SittingId
from leitai.stores.postgres.auditing import UNIQUE, audit, refusing
from leitai.stores.postgres.objections_store import AWARDS, ObjectionsStore
from leitai.stores.postgres.pool import Connection
from leitai.stores.postgres.rows import Row

_REFUSALS = {
    "award_step_end_not_by_the_same": partial(PublicityRefused, "step-self-confirmation"),
    "award_step_end_in_time": partial(PublicityRefused, "step-lapsed"),
    UNIQUE: partial(PublicityRefused, "step-decided"),
    "LT003": partial(PublicityRefused, "awards-step"),
}


class PostgresAwards(ObjectionsStore):
    """`AwardsStore`. Lent a database, not its owner."""

    async def award_settings(self, contest_id: int) -> tuple[int, bytes] | None:
        """See `AwardsStore.award_settings`."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(AWARDS["settings"], contest_id)
        return None if row is None else (row["edition"], row["settings"].encode())

    async def save_award_settings(
        self, contest_id: int, edition: int, settings: bytes, actor: ActorId, at_us: Micros
    ) -> bool:
        """See `AwardsStore.save_award_settings`."""
        try:
            async with self._database.transaction() as connection:
                await connection.execute(
                    AWARDS["insert_settings"], contest_id, edition, settings.decode(), actor, at_us
                )
                await audit(connection, actor, "set-awards", f"contest {contest_id}", {"edition": edition})
        except asyncpg.UniqueViolationError:
            return False
        return True

    async def publication(self, session_id: SessionId) -> Publication:
        """See `AwardsStore.publication`."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(AWARDS["publication"], session_id)
        if row is None:
            return Publication()
        return Publication(
            row["edition"],
            row["digest"],
            Micros(row["opens_us"]),
            Micros(row["closes_us"]),
            Micros(row["definite_us"]),
        )

    async def newest_publication(self) -> SessionId | None:
        """See `AwardsStore.newest_publication`."""
        async with self._database.connection() as connection:
            return await connection.fetchval(AWARDS["newest_publication"])

    async def lists(self, session_id: SessionId) -> list[PublishedList]:
        """See `AwardsStore.lists`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(AWARDS["lists"], session_id)
        return [
            PublishedList(row["edition"], row["content"], Micros(row["opens_us"]), Micros(row["closes_us"]))
            for row in found
        ]

    async def open_steps(self, session_id: SessionId, now_us: int) -> list[Step]:
        """See `AwardsStore.open_steps`."""
        async with self._database.connection() as connection:
            return [_step(row) for row in await connection.fetch(AWARDS["steps"], session_id, None, now_us)]

    async def step(self, step_id: int) -> tuple[SessionId, Step]:
        """See `AwardsStore.step`."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(AWARDS["steps"], None, step_id, None)
        if row is None:
            raise KeyError(step_id)
        return SessionId(row["session_id"]), _step(row)

    async def add_step(
        self,
        session_id: SessionId,
        kind: StepKind,
        edition: int,
        digest: bytes,
        closes_us: int,
        actor: ActorId,
        at_us: Micros,
        lapses_us: Micros,
    ) -> int:
        """See `AwardsStore.add_step`."""
        async with self._database.transaction() as connection:
            step_id: int = await connection.fetchval(
                AWARDS["insert_step"], session_id, kind.value, edition, digest, closes_us, actor, at_us, lapses_us
            )
            detail = {"step": step_id, "edition": edition, "digest": digest.hex()}
            await audit(connection, actor, f"ask-awards-{kind.value}", f"session {session_id}", detail)
        return step_id

    async def decline_step(self, session_id: SessionId, step: Step, actor: ActorId, at_us: Micros) -> None:
        """See `AwardsStore.decline_step`."""
        async with self._ending(session_id, step, actor, at_us, "decline"):
            pass

    async def publish(
        self, session_id: SessionId, step: Step, content: str, closes_us: int, actor: ActorId, at_us: Micros
    ) -> None:
        """See `AwardsStore.publish`."""
        async with self._ending(session_id, step, actor, at_us, "confirm") as connection:
            await connection.execute(
                AWARDS["insert_list"], session_id, step.edition + 1, content, at_us, closes_us, step.step_id
            )

    async def settle(
        self,
        session_id: SessionId,
        step: Step,
        certificates: Sequence[Certificate],
        known: int,
        actor: ActorId,
        at_us: Micros,
    ) -> None:
        """See `AwardsStore.settle`."""
        async with self._ending(session_id, step, actor, at_us, "confirm") as connection:
            moved = await connection.fetchrow(AWARDS["moved"], session_id)
            assert moved is not None
            if moved["newest_correction"] != known:
                raise PublicityRefused("awards-changed")
            if moved["undecided"]:
                raise PublicityRefused("objections-undecided")
            await connection.execute(AWARDS["insert_definite"], session_id, step.edition, step.step_id, at_us)
            await connection.executemany(
                AWARDS["insert_certificate"],
                [
                    (
                        session_id,
                        one.serial,
                        one.form,
                        one.kind,
                        one.sitting_id,
                        one.delegation,
                        one.name,
                        one.year,
                        one.token_hash,
                    )
                    for one in certificates
                ],
            )

    @asynccontextmanager
    async def _ending(
        self, session_id: SessionId, step: Step, actor: ActorId, at_us: Micros, end: str
    ) -> AsyncGenerator[Connection]:
        with refusing(_REFUSALS):
            async with self._database.transaction() as connection:
                # Before the audit, as whoever corrects or objects does: neither waits for the other in a circle.
                await connection.execute(AWARDS["hold"], session_id)
                await connection.execute(AWARDS["insert_step_end"], step.step_id, end, actor, at_us)
                detail = {"step": step.step_id, "edition": step.edition, "requested_by": step.actor}
                await audit(connection, actor, f"{end}-awards-{step.kind.value}", f"session {session_id}", detail)
                yield connection

    async def certificates(self, session_id: SessionId) -> list[Certificate]:
        """See `AwardsStore.certificates`."""
        async with self._database.connection() as connection:
            return [_certificate(row) for row in await connection.fetch(AWARDS["certificates"], session_id, None)]

    async def certificate(self, token_hash: bytes) -> Certificate | None:
        """See `AwardsStore.certificate`."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(AWARDS["certificates"], None, token_hash)
        return None if row is None else _certificate(row)

    async def handed_over(self, session_id: SessionId) -> bool:
        """See `AwardsStore.handed_over`."""
        async with self._database.connection() as connection:
            return bool(await connection.fetchval(AWARDS["handed_over"], session_id))

    async def set_handed_over(self, session_id: SessionId, winners: int, actor: ActorId) -> None:
        """See `AwardsStore.set_handed_over`."""
        async with self._database.transaction() as connection:
            await connection.execute(AWARDS["insert_handover"], session_id, winners)
            await audit(connection, actor, "hand-over-winners", f"session {session_id}", {"winners": winners})

    async def award_audit(self, actor: str, action: str, session_id: SessionId, detail: Mapping[str, object]) -> None:
        """See `AwardsStore.award_audit`."""
        async with self._database.connection() as connection:
            await audit(connection, actor, action, f"session {session_id}", detail)


def _step(row: Row) -> Step:
    return Step(
        row["id"],
        StepKind(row["kind"]),
        row["edition"],
        row["digest"],
        Micros(row["closes_us"]),
        ActorId(row["actor"]),
        row["name"],
        Micros(row["at_us"]),
        Micros(row["lapses_us"]),
    )


def _certificate(row: Row) -> Certificate:
    return Certificate(
        row["serial"],
        row["form"],
        row["kind"],
        None if row["sitting_id"] is None else SittingId(row["sitting_id"]),
        DelegationCode(row["delegation"]),
        row["name"],
        row["year"],
        row["token_hash"],
    )
