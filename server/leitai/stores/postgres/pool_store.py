"""The expert pool in PostgreSQL: `office.pool.ports.PoolStore`."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

import asyncpg

from leitai.office.pool.ports import (
    Note,
    PoolChange,
    PoolChanged,
    PoolEvent,
    PoolPage,
    PoolPerson,
    PoolQuery,
    Private,
    ProvinceKey,
    ProvinceToken,
    TakenFile,
    Winner,
)
from leitai.rules.pool import Expert, PoolHonour, PoolState
from leitai.rules.values import DelegationCode, Micros
from leitai.stores.postgres.auditing import audit
from leitai.stores.postgres.delegations_store import DelegationsStore
from leitai.stores.postgres.pool import Connection, Database
from leitai.stores.postgres.queries import Queries
from leitai.stores.postgres.rows import Row
from leitai.stores.postgres.vault import Vault

_POOL = Queries("pool")
_PART = 5_000


class PoolRecords(DelegationsStore):
    """People of the pool, and what provinces send in.

    Args:
        database: lent, not owned.
        vault: seals identity and telephone numbers.
    """

    def __init__(self, database: Database, vault: Vault) -> None:
        super().__init__(database)
        self._vault = vault

    async def search(self, query: PoolQuery) -> PoolPage:
        """See `PoolStore.search`."""
        skipped = (query.page - 1) * query.page_size
        asked = (query.province, query.text.strip(), query.year, query.kind, query.state)
        async with self._database.transaction(snapshot=True) as connection:
            found = await connection.fetch(_POOL["search"], *asked, query.page_size, skipped)
            # Beyond the last page nobody is found, and how many there are is still to be told.
            counted = found or await connection.fetch(_POOL["search"], *asked, 1, 0)
            total: int = counted[0]["total"] if counted else 0
            return PoolPage(total, await self._people(connection, found))

    async def person(self, person_id: int) -> PoolPerson:
        """See `PoolStore.person`."""
        async with self._database.transaction(snapshot=True) as connection:
            found = await connection.fetch(_POOL["person"], person_id)
            if not found:
                raise KeyError(person_id)
            return (await self._people(connection, found))[0]

    async def events(self, person_id: int) -> list[PoolEvent]:
        """See `PoolStore.events`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_POOL["events"], person_id)
        return [PoolEvent(Micros(row["at_us"]), row["actor"], row["kind"], row["detail"]) for row in found]

    async def candidates(self, digests: Collection[bytes], names: Collection[str]) -> list[PoolPerson]:
        """See `PoolStore.candidates`."""
        async with self._database.transaction(snapshot=True) as connection:
            found = await connection.fetch(_POOL["candidates"], list(digests), list(names))
            return await self._people(connection, found)

    async def write(
        self,
        changes: Sequence[PoolChange],
        actor: str,
        note: Note,
        taken: TakenFile | None = None,
        winners: Sequence[Winner] = (),
    ) -> list[int]:
        """See `PoolStore.write`."""
        try:
            async with self._database.transaction() as connection:
                await connection.execute(_POOL["lock"])
                if taken is not None:
                    last: int | None = await connection.fetchval(_POOL["last_file"], taken.province)
                    if last is not None and last >= taken.sequence:
                        raise PoolChanged
                    await connection.execute(
                        _POOL["insert_file"], taken.province, taken.sequence, taken.sha256, taken.report, actor
                    )
                ids = await self._put(connection, changes, actor)
                await connection.executemany(
                    _POOL["insert_winner"],
                    [(one.contest_id, one.contestant_id, one.kind, ids[one.change]) for one in winners],
                )
                await audit(connection, actor, *note)
                return ids
        except asyncpg.UniqueViolationError as taken_already:
            raise PoolChanged from taken_already

    async def merge(self, kept: PoolChange, away: PoolPerson, actor: str) -> None:
        """See `PoolStore.merge`."""
        async with self._database.transaction() as connection:
            await connection.execute(_POOL["lock"])
            # The number goes over: it stands once.
            gone = await connection.fetchval(_POOL["merge_away"], away.person_id, away.version, kept.person_id)
            if gone is None:
                raise PoolChanged
            await connection.execute(_POOL["follow_winners"], away.person_id, kept.person_id)
            await self._put(connection, [kept], actor)
            await connection.execute(_POOL["insert_event"], away.person_id, actor, "merged", f"→ {kept.person_id}")
            await audit(connection, actor, "merge-pool-people", f"pool {kept.person_id}", {"away": away.person_id})

    async def honours_of(self, digests: Collection[bytes]) -> Mapping[bytes, Sequence[PoolHonour]]:
        """See `PoolStore.honours_of`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_POOL["honours_by_digest"], list(digests))
        held: dict[bytes, list[PoolHonour]] = defaultdict(list)
        for row in found:
            held[row["id_digest"]].append(_honour(row))
        return held

    async def won(self, contest_id: int) -> set[tuple[int, str]]:
        """See `PoolStore.won`."""
        async with self._database.connection() as connection:
            return {(row["contestant_id"], row["kind"]) for row in await connection.fetch(_POOL["winners"], contest_id)}

    async def roster_digests(self, contestants: Collection[int]) -> Mapping[int, bytes]:
        """See `office.pool.winners.RosterDigests`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_POOL["roster_digests"], list(contestants))
        return {row["contestant_id"]: row["id_hash"] for row in found}

    # --- provinces ----------------------------------------------------------------------------------------------------

    async def keys(self) -> list[ProvinceKey]:
        """See `PoolStore.keys`."""
        async with self._database.connection() as connection:
            return [
                ProvinceKey(
                    row["id"],
                    DelegationCode(row["province"]),
                    row["public"],
                    Micros(row["created_us"]),
                    row["created_by"],
                    row["revoked"],
                )
                for row in await connection.fetch(_POOL["keys"])
            ]

    async def add_key(self, key: ProvinceKey, actor: str) -> bool:
        """See `PoolStore.add_key`."""
        async with self._database.transaction() as connection:
            added = await connection.fetchval(_POOL["insert_key"], key.key_id, key.province, key.public, actor)
            if added is not None:
                subject = f"province {key.province}"
                await audit(connection, actor, "register-pool-key", subject, {"key": key.key_id})
        return added is not None

    async def revoke_key(self, key_id: str, actor: str) -> bool:
        """See `PoolStore.revoke_key`."""
        async with self._database.transaction() as connection:
            revoked = await connection.fetchval(_POOL["revoke_key"], key_id, actor) is not None
            if revoked:
                await audit(connection, actor, "revoke-pool-key", f"key {key_id}", {})
        return revoked

    async def tokens(self) -> list[ProvinceToken]:
        """See `PoolStore.tokens`."""
        async with self._database.connection() as connection:
            return [_token(row) for row in await connection.fetch(_POOL["tokens"])]

    async def add_token(self, province: DelegationCode, digest: bytes, actor: str) -> int:
        """See `PoolStore.add_token`."""
        async with self._database.transaction() as connection:
            token_id: int = await connection.fetchval(_POOL["insert_token"], province, digest, actor)
            await audit(connection, actor, "make-pool-token", f"province {province}", {"token": token_id})
        return token_id

    async def revoke_token(self, token_id: int, actor: str) -> bool:
        """See `PoolStore.revoke_token`."""
        async with self._database.transaction() as connection:
            revoked = await connection.fetchval(_POOL["revoke_token"], token_id, actor) is not None
            if revoked:
                await audit(connection, actor, "revoke-pool-token", f"token {token_id}", {})
        return revoked

    async def token_of(self, digest: bytes) -> ProvinceToken | None:
        """See `PoolStore.token_of`."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_POOL["token_of"], digest)
        return None if row is None else _token(row)

    async def taken(self, province: DelegationCode) -> list[TakenFile]:
        """See `PoolStore.taken`."""
        async with self._database.connection() as connection:
            return [
                TakenFile(province, row["sequence"], row["sha256"], row["report"], Micros(row["taken_us"]))
                for row in await connection.fetch(_POOL["files"], province)
            ]

    # --- rows ---------------------------------------------------------------------------------------------------------

    async def _people(self, connection: Connection, found: Sequence[Row]) -> list[PoolPerson]:
        held: dict[int, list[PoolHonour]] = defaultdict(list)
        for row in await connection.fetch(_POOL["honours"], [row["id"] for row in found]):
            held[row["person_id"]].append(_honour(row))
        return [self._person(row, held[row["id"]]) for row in found]

    def _person(self, row: Row, honours: Sequence[PoolHonour]) -> PoolPerson:
        expert = Expert(
            row["name"],
            DelegationCode(row["province"]),
            row["unit"],
            tuple(row["expertise"]),
            PoolState(row["state"]),
            Micros(row["revised_us"]),
            frozenset(honours),
        )
        number, phone = row["id_sealed"], row["phone_sealed"]
        private = Private(
            self._vault.open_text(_context(row["id"], "id"), number) if number else "",
            self._vault.open_text(_context(row["id"], "phone"), phone) if phone else "",
        )
        return PoolPerson(row["id"], row["version"], expert, private, row["id_digest"], row["merged_into"] or 0)

    async def _put(self, connection: Connection, changes: Sequence[PoolChange], actor: str) -> list[int]:
        seen = {one.person_id: one.version for one in changes if one.person_id is not None}
        found = {row["id"]: row["version"] for row in await connection.fetch(_POOL["versions"], list(seen))}
        if found != seen:
            raise PoolChanged
        new = iter(await connection.fetch(_POOL["new_ids"], len(changes) - len(seen)))
        ids = [next(new)["id"] if one.person_id is None else one.person_id for one in changes]
        # Sealing a nation's numbers takes a second.
        columns = await asyncio.to_thread(lambda: [self._columns(*one) for one in zip(ids, changes, strict=True)])
        for name, known in (("insert_person", False), ("update_person", True)):
            chosen = [row for row, one in zip(columns, changes, strict=True) if (one.person_id is not None) is known]
            await _many(connection, name, chosen)
        pairs = list(zip(ids, changes, strict=True))
        honours = [
            (number, one.year, one.kind, one.title, one.place, one.province, one.source)
            for number, change in pairs
            for one in sorted(change.expert.honours)
        ]
        await _many(connection, "put_honour", honours)
        events = [(number, actor, kind, detail) for number, change in pairs for kind, detail in change.events]
        await _many(connection, "insert_event", events)
        return ids

    def _columns(self, number: int, change: PoolChange) -> tuple[object, ...]:
        expert, private = change.expert, change.private
        sealed = self._vault.seal_text(_context(number, "id"), private.id_number) if private.id_number else None
        phone = self._vault.seal_text(_context(number, "phone"), private.phone) if private.phone else None
        return (
            number,
            expert.name,
            expert.province,
            expert.unit,
            list(expert.expertise),
            expert.state.value,
            expert.revised_us,
            change.digest,
            sealed,
            phone,
        )


async def _many(connection: Connection, name: str, rows: Sequence[tuple[object, ...]]) -> None:
    """Run a statement for many rows, in parts that are each done within the time-out of a statement."""
    for start in range(0, len(rows), _PART):
        await connection.executemany(_POOL[name], rows[start : start + _PART])


def _context(person_id: int, what: str) -> str:
    """What a sealed number is bound to: one that is moved to another row or column does not open."""
    return f"pool {person_id} {what}"


def _honour(row: Row) -> PoolHonour:
    province = DelegationCode(row["province"])
    return PoolHonour(row["year"], row["kind"], row["title"], row["place"], province, row["source"])


def _token(row: Row) -> ProvinceToken:
    province = DelegationCode(row["province"])
    return ProvinceToken(row["id"], province, Micros(row["created_us"]), row["created_by"], row["revoked"])
