"""The pool's work: history imported, people looked up, moved, retired and joined. Whoever asks was allowed to."""

import asyncio
import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from leitai.office.identity import IdentityHash
from leitai.office.importing.problems import Problem
from leitai.office.pool.planning import Draft, Plan, drafts_of, plan
from leitai.office.pool.ports import (
    NOTHING_PRIVATE,
    Note,
    PoolChange,
    PoolChanged,
    PoolEvent,
    PoolPage,
    PoolPerson,
    PoolQuery,
    PoolStore,
)
from leitai.office.pool.reading import HEADERS, PoolFile, read_pool_file
from leitai.rules.beijing import beijing_day
from leitai.rules.pool import Expert, PoolState, Source, merge_honours
from leitai.rules.values import DelegationCode, Micros

_PAGE = 500
_TITLES = {field: words[0] for field, words in HEADERS.items()}


class PoolRefused(Exception):
    """It cannot be done; `code` is a key of wire.errors: `pool-same-province`, `pool-merged`, `pool-two-numbers`,
    `pool-changed`, `bad-request`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became, or would become, of a file of history; `rows` can be taken in."""

    file: PoolFile
    refused: tuple[Problem, ...]
    plan: Plan
    committed: bool
    rows: int


class Pool:
    """The expert pool.

    Args:
        store: where it is kept.
        hashes: the office's own digests of numbers.
        now_us: the time; what is revised is dated by it.
    """

    def __init__(
        self, store: PoolStore, hashes: IdentityHash, now_us: Callable[[], int] = lambda: time.time_ns() // 1000
    ) -> None:
        self.store = store
        self.hashes = hashes
        self._now_us = now_us

    def now_us(self) -> Micros:
        """Return the time."""
        return Micros(self._now_us())

    async def import_history(
        self,
        file_name: str,
        data: bytes,
        *,
        actor: str,
        own: DelegationCode | None,
        dry_run: bool,
        leave_out_refused: bool = False,
    ) -> ImportReport:
        """Take a file of history in, whole or, with `leave_out_refused`, what of it can be; a dry run only tells.

        Args:
            file_name: for the audit.
            data: the file, .xlsx or .csv.
            actor: who does it.
            own: the province of a team leader, whose people alone may be in it; None: the ministry.
            dry_run: nothing is written.
            leave_out_refused: rows that are refused do not keep the others out.

        Raises:
            FileRefused: the file as a whole.
            PoolRefused: `pool-changed`: somebody else wrote meanwhile; nothing was taken in.
            StoreUnavailable: from the store.
        """
        delegations = await self.store.delegations()
        now_us = self.now_us()
        source = Source.MINISTRY.value if own is None else Source.PROVINCE.value
        year = beijing_day(now_us).year
        file = await asyncio.to_thread(read_pool_file, data, delegations, this_year=year, own=own, source=source)
        numbers = {row.private.id_number for row in file.accepted if row.private.id_number}
        digests = await asyncio.to_thread(lambda: {number: self.hashes.of_id(number) for number in numbers})
        drafts, unclear = await asyncio.to_thread(drafts_of, file.accepted, digests, now_us)
        known = await self.store.candidates(set(digests.values()), {draft.name for draft in drafts})
        names = {one.code: one.short for one in delegations}
        planned = await asyncio.to_thread(plan, drafts, known, names, own=own)
        refused = (
            *file.refused,
            *(_problem(draft, "name", "pool-unclear", "") for draft in unclear),
            *(_problem(one.draft, one.field, one.code, one.detail) for one in planned.refused),
        )
        done = not dry_run and bool(planned.changes) and (leave_out_refused or not refused)
        if done:
            detail = {
                "sha256": hashlib.sha256(data).hexdigest(),
                "added": planned.added,
                "changed": planned.changed,
                "refused": len(refused),
                "province": own or "",
            }
            await self._write(planned.changes, actor, ("import-pool", file_name[:200], detail))
        left = len(unclear) + sum(one.draft.rows for one in planned.refused)
        return ImportReport(file, refused, planned, done, len(file.accepted) - left)

    async def search(self, query: PoolQuery) -> PoolPage:
        """Return a page of people."""
        return await self.store.search(query)

    async def everybody(self, query: PoolQuery) -> list[PoolPerson]:
        """Return everyone that a query finds, whatever its page."""
        found: list[PoolPerson] = []
        number = 1
        while True:
            part = await self.store.search(replace(query, page=number, page_size=_PAGE))
            found.extend(part.people)
            if len(part.people) < _PAGE:
                return found
            number += 1

    async def person(self, person_id: int) -> tuple[PoolPerson, list[PoolEvent]]:
        """Return a person and what happened to the record; raises KeyError when there is none."""
        return await self.store.person(person_id), await self.store.events(person_id)

    async def change(
        self, actor: str, person_id: int, version: int, *, unit: str, expertise: Sequence[str], state: PoolState
    ) -> None:
        """Set unit, expertise and state; raises `PoolRefused` (`pool-changed`, `pool-merged`), KeyError."""
        person = await self._seen(person_id, version)
        before = person.expert
        after = replace(
            before, unit=unit, expertise=tuple(dict.fromkeys(expertise)), state=state, revised_us=self.now_us()
        )
        events: list[tuple[str, str]] = []
        if (before.unit, before.expertise) != (after.unit, after.expertise):
            events.append(("changed", f"{before.unit} {'、'.join(before.expertise)}".strip()))
        if before.state is not after.state:
            events.append(("left" if after.state is PoolState.LEFT else "returned", ""))
        if not events:
            return
        note = ("change-pool-person", f"pool {person_id}", {"events": [one for one, _ in events]})
        await self._write([_change(person, after, events)], actor, note)

    async def transfer(self, actor: str, person_id: int, version: int, province: DelegationCode) -> None:
        """Move a person into another province's pool; honours keep the province that they were won for.

        Raises:
            KeyError: there is no such person or province.
            PoolRefused: `pool-same-province`, `pool-changed`, `pool-merged`.
        """
        person = await self._seen(person_id, version)
        if province not in {one.code for one in await self.store.delegations()}:
            raise KeyError(province)
        if province == person.expert.province:
            raise PoolRefused("pool-same-province")
        after = replace(person.expert, province=province, unit="", revised_us=self.now_us())
        moved = f"{person.expert.province} {person.expert.unit} → {province}"
        detail = {"from": person.expert.province, "to": province}
        note = ("transfer-pool-person", f"pool {person_id}", detail)
        await self._write([_change(person, after, [("transferred", moved)])], actor, note)

    async def join(self, actor: str, kept_id: int, version: int, away_id: int) -> None:
        """Make one record of two of one person: what the one that is kept says, and the honours of both.

        Raises:
            KeyError: there is no such person.
            PoolRefused: `bad-request` for one with itself, `pool-two-numbers` when each has another identity number,
                `pool-changed`, `pool-merged`.
        """
        kept = await self._seen(kept_id, version)
        away = await self.store.person(away_id)
        if kept_id == away_id:
            raise PoolRefused("bad-request")
        if away.merged_into:
            raise PoolRefused("pool-merged")
        if kept.digest and away.digest and kept.digest != away.digest:
            raise PoolRefused("pool-two-numbers")
        after = replace(
            kept.expert,
            unit=kept.expert.unit or away.expert.unit,
            expertise=kept.expert.expertise or away.expert.expertise,
            revised_us=max(kept.expert.revised_us, away.expert.revised_us),
            honours=merge_honours(kept.expert.honours, away.expert.honours),
        )
        private = replace(
            kept.private,
            id_number=kept.private.id_number or away.private.id_number,
            phone=kept.private.phone or away.private.phone,
        )
        change = PoolChange(
            kept_id, version, after, private, kept.digest or away.digest, [("merged", f"{away_id} {away.expert.unit}")]
        )
        try:
            await self.store.merge(change, away, actor)
        except PoolChanged:
            raise PoolRefused("pool-changed") from None

    async def _seen(self, person_id: int, version: int) -> PoolPerson:
        person = await self.store.person(person_id)
        if person.merged_into:
            raise PoolRefused("pool-merged")
        if person.version != version:
            raise PoolRefused("pool-changed")
        return person

    async def _write(self, changes: Sequence[PoolChange], actor: str, note: Note) -> None:
        try:
            await self.store.write(changes, actor, note)
        except PoolChanged:
            raise PoolRefused("pool-changed") from None


def _change(person: PoolPerson, after: Expert, events: Sequence[tuple[str, str]]) -> PoolChange:
    return PoolChange(person.person_id, person.version, after, NOTHING_PRIVATE, None, events)


def _problem(draft: Draft, field: str, code: str, detail: str) -> Problem:
    return Problem(draft.place.sheet, draft.place.row, _TITLES[field], code, detail)
