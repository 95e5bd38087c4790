"""Stages in PostgreSQL: `office.stage.ports.StageArchive`."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from leitai.office.stage.ports import (
    RoundWanted,
    SeatKept,
    StageFile,
    StageHead,
    StageMedia,
    StageState,
    StageWanted,
    TooFewQuestions,
)
from leitai.rules.stage_events import RoundPlan, StagePlan
from leitai.rules.values import Micros
from leitai.stores.postgres.auditing import AuditingStore, audit
from leitai.stores.postgres.bank_store import question_of
from leitai.stores.postgres.pool import Connection
from leitai.stores.postgres.queries import Queries
from leitai.stores.postgres.questions_store import lock_versions
from leitai.stores.postgres.rows import Row
from leitai.wire.stage_log import KeptEntry, StageKey, StageSeat, StageText

_STAGE = Queries("stage")
_plan = msgspec.json.Decoder(StagePlan)
_wanted = msgspec.json.Decoder(StageWanted)
_body = msgspec.json.Decoder(dict[str, Any])


class _Told(msgspec.Struct):
    text: StageText | None = None
    key: StageKey | None = None


_told = msgspec.json.Decoder(_Told)
_END = "stage_ended"


class PostgresStages(AuditingStore):
    """`office.stage.ports.StageArchive`."""

    async def stages(self) -> list[StageHead]:
        """See `StageArchive.stages`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_STAGE["stages"])
        return [
            StageHead(
                row["id"],
                row["title"],
                StageState(row["state"]),
                row["teams"],
                row["questions"],
                Micros(row["created_us"]),
            )
            for row in found
        ]

    async def stage(self, stage_id: int) -> StageFile:
        """See `StageArchive.stage`."""
        async with self._database.transaction(snapshot=True) as connection:
            row = await connection.fetchrow(_STAGE["stage"], stage_id)
            if row is None:
                raise KeyError(stage_id)
            questions = await connection.fetch(_STAGE["questions"], stage_id)
            media = await connection.fetch(_STAGE["media"], stage_id)
        return StageFile(
            row["id"],
            StageState(row["state"]),
            _plan.decode(row["plan"]),
            tuple(question_of(one) for one in questions),
            row["codes"],
            row["edition"],
            tuple(_media(one) for one in media),
        )

    async def wanted(self, stage_id: int) -> tuple[int, StageWanted]:
        """See `StageArchive.wanted`."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_STAGE["wanted"], stage_id)
        if row is None:
            raise KeyError(stage_id)
        if row["wanted"] is not None:
            return row["edition"], _wanted.decode(row["wanted"])
        plan, places = _plan.decode(row["plan"]), iter(row["questions"])
        rounds = tuple(
            RoundWanted(one.kind, one.title, tuple(next(places) for _ in range(one.questions))) for one in plan.rounds
        )
        return row["edition"], StageWanted(plan.title, plan.teams, rounds, plan.settings)

    async def create_stage(self, actor: str, wanted: StageWanted) -> int:
        """See `StageArchive.create_stage`."""
        async with self._database.transaction() as connection:
            plan, versions = await _planned(connection, wanted)
            stage_id: int = await connection.fetchval(
                _STAGE["insert_stage"], wanted.title, _json(plan), actor, _json(wanted)
            )
            await _place(connection, stage_id, versions)
            detail = {"teams": len(wanted.teams), "questions": len(versions)}
            await audit(connection, actor, "create-stage", f"stage {stage_id}", detail)
        return stage_id

    async def replan(self, actor: str, stage_id: int, edition: int, wanted: StageWanted) -> bool:
        """See `StageArchive.replan`."""
        async with self._database.transaction() as connection:
            row = await connection.fetchrow(_STAGE["take"], stage_id)
            if row is None:
                raise KeyError(stage_id)
            if row["state"] != StageState.DRAFT.value or row["edition"] != edition:
                return False
            await connection.execute(_STAGE["clear_questions"], stage_id)
            plan, versions = await _planned(connection, wanted)
            if _plan.decode(row["plan"]).teams != wanted.teams:
                # A code lets somebody in at a team's desk by its number, which may be another team's now.
                await connection.execute(_STAGE["count_codes"], stage_id)
                await connection.execute(_STAGE["clear_codes"], stage_id)
            await connection.execute(_STAGE["replan"], stage_id, wanted.title, _json(plan), _json(wanted))
            await _place(connection, stage_id, versions)
            detail = {"teams": len(wanted.teams), "questions": len(versions), "edition": edition + 1}
            await audit(connection, actor, "replan-stage", f"stage {stage_id}", detail)
        return True

    async def begin(self, actor: str, stage_id: int, edition: int) -> bool:
        """See `StageArchive.begin`."""
        async with self._database.transaction() as connection:
            if await connection.fetchval(_STAGE["begin"], stage_id, edition) is None:
                return False
            await audit(connection, actor, "stage-running", f"stage {stage_id}", {"edition": edition})
        return True

    async def shown_before(self, stage_id: int) -> list[int]:
        """See `StageArchive.shown_before`."""
        async with self._database.connection() as connection:
            return [row["number"] for row in await connection.fetch(_STAGE["shown_before"], stage_id)]

    async def set_codes(self, actor: str, stage_id: int, digests: Mapping[int, bytes]) -> None:
        """See `StageArchive.set_codes`."""
        async with self._database.transaction() as connection:
            if await connection.fetchval(_STAGE["count_codes"], stage_id) is None:
                raise KeyError(stage_id)
            await connection.execute(_STAGE["clear_codes"], stage_id)
            rows = [(stage_id, team, digest) for team, digest in sorted(digests.items())]
            await connection.executemany(_STAGE["insert_code"], rows)
            await audit(connection, actor, "stage-codes", f"stage {stage_id}", {"codes": len(rows)})

    async def seat_of(self, digest: bytes) -> SeatKept | None:
        """See `StageArchive.seat_of`."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_STAGE["seat"], digest)
        if row is None:
            return None
        seat = StageSeat(row["stage_id"], row["team"], str(row["codes"]))
        return SeatKept(seat, row["title"], row["name"] or "")

    async def seat_holds(self, seat: StageSeat) -> bool:
        """See `StageArchive.seat_holds`."""
        async with self._database.connection() as connection:
            return str(await connection.fetchval(_STAGE["edition"], seat.stage_id)) == seat.edition

    async def set_state(self, actor: str, stage_id: int, state: StageState) -> None:
        """See `StageArchive.set_state`."""
        async with self._database.transaction() as connection:
            await _set_state(connection, actor, stage_id, state)

    async def record(self, stage_id: int, entries: Sequence[KeptEntry]) -> bool:
        """See `StageArchive.record`."""
        rows = [(stage_id, one.seq, one.at_us, one.actor, one.kind, _json(one.body), _told_of(one)) for one in entries]
        end = next((one for one in entries if one.kind == _END), None)
        async with self._database.transaction() as connection:
            await connection.executemany(_STAGE["record"], rows)
            if any(one.kind == "question_shown" for one in entries):
                versions = [row["id"] for row in await connection.fetch(_STAGE["to_lock"], stage_id)]
                if versions:
                    # Whoever saw it knows these words: they stay as they were shown.
                    await lock_versions(connection, versions, "conductor", f"stage {stage_id}")
            return end is not None and await _set_state(connection, end.actor, stage_id, StageState.ENDED)

    async def entries(self, stage_id: int, after: int = 0) -> list[KeptEntry]:
        """See `StageArchive.entries`."""
        async with self._database.connection() as connection:
            return [_entry(row) for row in await connection.fetch(_STAGE["entries"], stage_id, after)]

    async def running(self) -> dict[int, int]:
        """See `StageArchive.running`."""
        async with self._database.connection() as connection:
            return {row["id"]: row["last"] for row in await connection.fetch(_STAGE["running"])}


async def _set_state(connection: Connection, actor: str, stage_id: int, state: StageState) -> bool:
    """Say where a stage is; False when it is there already."""
    moved = await connection.fetchval(_STAGE["set_state"], stage_id, state.value) is not None
    if moved:
        await audit(connection, actor, f"stage-{state.value}", f"stage {stage_id}", {})
    return moved


def _media(row: Row) -> StageMedia:
    return StageMedia(
        row["number"],
        row["sha256"],
        row["media_type"],
        row["bytes"],
        row["width"],
        row["height"],
        row["caption"],
    )


async def _planned(connection: Connection, wanted: StageWanted) -> tuple[StagePlan, list[int]]:
    """Return the plan and the versions of its questions; raises `TooFewQuestions`."""
    rounds: list[list[int]] = []
    for round_no, one in enumerate(wanted.rounds, start=1):
        taken = [version for versions in rounds for version in versions]
        rounds.append(await _questions(connection, round_no, one, taken))
    plan = StagePlan(
        wanted.title,
        wanted.teams,
        tuple(RoundPlan(one.kind, one.title, len(own)) for one, own in zip(wanted.rounds, rounds, strict=True)),
        wanted.settings,
    )
    return plan, [version for own in rounds for version in own]


async def _place(connection: Connection, stage_id: int, versions: Sequence[int]) -> None:
    await connection.executemany(
        _STAGE["insert_question"],
        [(stage_id, number, version) for number, version in enumerate(versions, start=1)],
    )


async def _questions(connection: Connection, round_no: int, wanted: RoundWanted, taken: list[int]) -> list[int]:
    """Return the versions of a round, named ones first; raises `TooFewQuestions`."""
    named = [row["id"] for row in await connection.fetch(_STAGE["named"], list(wanted.questions))]
    if len(named) < len(wanted.questions) or len({*named, *taken}) < len(named) + len(taken):
        raise TooFewQuestions(round_no)
    drawn = await connection.fetch(_STAGE["drawn"], [*taken, *named], wanted.module, wanted.draw)
    if len(drawn) < wanted.draw:
        raise TooFewQuestions(round_no)
    return [*named, *(row["id"] for row in drawn)]


def _told_of(one: KeptEntry) -> str | None:
    return None if one.text is None and one.key is None else _json({"text": one.text, "key": one.key})


def _entry(row: Row) -> KeptEntry:
    told = _told.decode(row["told"]) if row["told"] else _Told()
    return KeptEntry(
        row["seq"], row["at_us"], row["actor"], row["kind"], _body.decode(row["body"]), told.text, told.key
    )


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
