"""Objections to published awards and what was put right after 定榜, in PostgreSQL: a part of `AwardsStore`."""

from functools import partial

import msgspec

from leitai.office.awards.ports import Objection, ObjectionAnswer
from leitai.rules.award_corrections import Correction
from leitai.rules.publicity import PublicityRefused
from leitai.rules.values import ActorId, DelegationCode, Micros, SessionId, SittingId
from leitai.stores.postgres.auditing import UNIQUE, audit, refusing
from leitai.stores.postgres.pool import Database
from leitai.stores.postgres.queries import Queries
from leitai.stores.postgres.rows import Row
from leitai.wire.effects import correction_from_builtins, correction_to_builtins

AWARDS = Queries("awards")
_OBJECTING = {"LT003": partial(PublicityRefused, "objection-not-open")}
_ANSWERING = {UNIQUE: partial(PublicityRefused, "objection-answered")}
_CORRECTING = {"LT003": partial(PublicityRefused, "awards-step")}


class ObjectionsStore:
    """Objections, their answers, and corrections. Lent a database, not its owner."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def objections(self, session_id: SessionId) -> list[Objection]:
        """See `AwardsStore.objections`."""
        async with self._database.connection() as connection:
            return [_objection(row) for row in await connection.fetch(AWARDS["objections"], session_id, None)]

    async def objection(self, objection_id: int) -> tuple[SessionId, Objection]:
        """See `AwardsStore.objection`."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(AWARDS["objections"], None, objection_id)
        if row is None:
            raise KeyError(objection_id)
        return SessionId(row["session_id"]), _objection(row)

    async def add_objection(self, session_id: SessionId, objection: Objection, most_waiting: int | None) -> int:
        """See `AwardsStore.add_objection`."""
        who = objection.actor or f"sitting {objection.sitting_id}"
        with refusing(_OBJECTING):
            async with self._database.transaction() as connection:
                if most_waiting is not None:
                    # One after the other, so that the last of many at once is counted, too.
                    await connection.execute(AWARDS["lock_filer"], f"{session_id} {who}")
                    waiting: int = await connection.fetchval(
                        AWARDS["count_waiting"], session_id, objection.sitting_id, objection.actor
                    )
                    if waiting >= most_waiting:
                        raise PublicityRefused("objection-too-many")
                await connection.execute(AWARDS["hold"], session_id)
                objection_id: int = await connection.fetchval(
                    AWARDS["insert_objection"],
                    session_id,
                    objection.edition,
                    objection.origin,
                    objection.sitting_id,
                    objection.actor,
                    objection.delegation,
                    objection.about,
                    objection.text,
                    objection.at_us,
                )
                detail = {"objection": objection_id, "edition": objection.edition}
                await audit(connection, who, "object-to-awards", f"session {session_id}", detail)
        return objection_id

    async def answer_objection(self, session_id: SessionId, objection_id: int, answer: ObjectionAnswer) -> None:
        """See `AwardsStore.answer_objection`."""
        with refusing(_ANSWERING):
            async with self._database.transaction() as connection:
                await connection.execute(
                    AWARDS["insert_answer"], objection_id, answer.upheld, answer.reason, answer.actor, answer.at_us
                )
                detail = {"objection": objection_id, "upheld": answer.upheld}
                await audit(connection, answer.actor, "answer-objection", f"session {session_id}", detail)

    async def corrections(self, session_id: SessionId) -> list[Correction]:
        """See `AwardsStore.corrections`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(AWARDS["corrections"], session_id)
        return [
            Correction(
                row["id"],
                correction_from_builtins(msgspec.json.decode(row["effect"])),
                row["reason"],
                ActorId(row["actor"]),
                Micros(row["at_us"]),
                row["objection_id"],
            )
            for row in found
        ]

    async def add_correction(self, session_id: SessionId, correction: Correction, known: int) -> int:
        """See `AwardsStore.add_correction`."""
        effect = correction_to_builtins(correction.effect)
        with refusing(_CORRECTING):
            async with self._database.transaction() as connection:
                await connection.execute(AWARDS["hold"], session_id)
                moved = await connection.fetchrow(AWARDS["moved"], session_id)
                assert moved is not None
                if moved["newest_correction"] != known:
                    raise PublicityRefused("awards-step")
                correction_id: int = await connection.fetchval(
                    AWARDS["insert_correction"],
                    session_id,
                    correction.objection_id,
                    msgspec.json.encode(effect).decode(),
                    correction.reason,
                    correction.actor,
                    correction.at_us,
                )
                detail = {"correction": correction_id, "kind": effect["kind"], "objection": correction.objection_id}
                await audit(connection, correction.actor, "correct-awards", f"session {session_id}", detail)
        return correction_id


def _objection(row: Row) -> Objection:
    answer = None
    if row["upheld"] is not None:
        answer = ObjectionAnswer(row["upheld"], row["reason"], ActorId(row["answered_by"]), Micros(row["answered_us"]))
    return Objection(
        row["id"],
        row["edition"],
        row["origin"],
        None if row["sitting_id"] is None else SittingId(row["sitting_id"]),
        None if row["actor"] is None else ActorId(row["actor"]),
        None if row["delegation"] is None else DelegationCode(row["delegation"]),
        row["about"],
        row["text"],
        Micros(row["at_us"]),
        answer,
    )
