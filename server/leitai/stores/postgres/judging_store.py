"""What judges do, in PostgreSQL: rulings, marks, appeals, stray receipts.

Nothing here is ever rewritten; the schema refuses it. Whatever is added goes into the audit in the same transaction.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from leitai.rules.appeals import Appeal, AppealRefused
from leitai.rules.decisions import Decision
from leitai.rules.markings import Mark, MarkedAnswer, MarkRefused
from leitai.rules.receipts import ReceiptFault, ReceiptRefused, ReceiptState, StrayReceipt
from leitai.rules.rulings import ActKind, Ruling, RulingAct, RulingRefused
from leitai.rules.values import ActorId, Answer, ItemNo, Micros, SessionId, SittingId
from leitai.stores.postgres import rows
from leitai.stores.postgres.auditing import UNIQUE, audit, refusing
from leitai.stores.postgres.pool import Connection, Database
from leitai.stores.postgres.queries import Queries
from leitai.wire.effects import effect_from_json, effect_to_builtins, effect_to_json

_JUDGING = Queries("judging")
_RULING = {
    "ruling_act_not_by_the_same": partial(RulingRefused, "ruling-self-approval"),
    UNIQUE: partial(RulingRefused, "ruling-stale"),
    "LT002": partial(RulingRefused, "session-finalized"),
    "LT003": partial(RulingRefused, "ruling-stale"),
    "LT004": partial(RulingRefused, "ruling-illegal-act"),
}
_MARKING = {
    "mark_once_by_a_judge": partial(MarkRefused, "mark-twice"),
    "LT002": partial(MarkRefused, "session-finalized"),
    UNIQUE: partial(MarkRefused, "mark-stale"),
}
_RECEIPT = {
    UNIQUE: partial(ReceiptRefused, "receipt-decided"),
    "LT002": partial(ReceiptRefused, "session-finalized"),
}
_DECIDING = {UNIQUE: partial(AppealRefused, "appeal-decided")}


class JudgedRecord:
    """What standings, and their being final, need besides answers: the live contest reads it as the office does."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def rulings(self, session_id: SessionId) -> list[Ruling]:
        """Return every ruling of a session as it stands, in force or not, by id."""
        return [ruling for _, ruling in await self._rulings(session_id=session_id)]

    async def marks(self, session_id: SessionId) -> dict[MarkedAnswer, list[Mark]]:
        """Return all marks of a session, each answer's in the order they were given."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_JUDGING["marks"], session_id)
        marks: defaultdict[MarkedAnswer, list[Mark]] = defaultdict(list)
        for row in found:
            answer = (SittingId(row["sitting_id"]), ItemNo(row["item_no"]), row["offset"])
            marks[answer].append(Mark(ActorId(row["judge"]), tuple(row["centipoints"]), Micros(row["at_us"])))
        return dict(marks)

    async def appeals(self, session_id: SessionId, sitting_id: SittingId | None = None) -> list[Appeal]:
        """Return the appeals of a session, or of one sitting of it, by id."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_JUDGING["appeals"], session_id, sitting_id, None)
        return [_appeal(row) for row in found]

    async def stray_receipts(self, session_id: SessionId) -> list[StrayReceipt]:
        """Return the receipts of a session that could not be put back, as they stand, by id."""
        return [stray for _, stray in await self._strays(session_id, None)]

    async def open_receipts(self, session_id: SessionId) -> list[SittingId]:
        """Return whose stray receipts are open, once each receipt."""
        return [one.sitting_id for one in await self.stray_receipts(session_id) if one.state is ReceiptState.OPEN]

    async def _strays(self, session_id: int | None, receipt_id: int | None) -> list[tuple[SessionId, StrayReceipt]]:
        async with self._database.connection() as connection:
            found = await connection.fetch(_JUDGING["stray_receipts"], session_id, receipt_id)
        return [(SessionId(row["session_id"]), _stray(row)) for row in found]

    async def _rulings(
        self, *, session_id: int | None = None, ruling_id: int | None = None
    ) -> list[tuple[SessionId, Ruling]]:
        async with self._database.transaction(snapshot=True) as connection:
            found = await connection.fetch(_JUDGING["rulings"], session_id, ruling_id)
            acts = await connection.fetch(_JUDGING["acts"], session_id, ruling_id)
        of_ruling: defaultdict[int, list[RulingAct]] = defaultdict(list)
        for row in acts:
            act = RulingAct(ActKind(row["kind"]), ActorId(row["actor"]), Micros(row["at_us"]), row["reason"])
            of_ruling[row["ruling_id"]].append(act)
        return [
            (
                SessionId(row["session_id"]),
                Ruling(row["id"], effect_from_json(row["effect"]), row["evidence"], tuple(of_ruling[row["id"]])),
            )
            for row in found
        ]


class JudgingStore(JudgedRecord):
    """What judges add."""

    async def judging_revision(self, session_id: SessionId) -> str:
        """Return a text that changes whenever a ruling or an appeal of a session does."""
        async with self._database.connection() as connection:
            return await connection.fetchval(_JUDGING["revision"], session_id)

    async def answers_after(
        self, session_id: SessionId, places: Mapping[int, int]
    ) -> tuple[int, list[tuple[int, Answer]]]:
        """Return how many answers are recorded, and those beyond `places` (an offset for each shard) with their shard,
        as of one instant.
        """
        shards, offsets = list(places), list(places.values())
        async with self._database.transaction(snapshot=True) as connection:
            total: int = await connection.fetchval(_JUDGING["count_answers"], session_id)
            found = await connection.fetch(_JUDGING["answers_after"], session_id, shards, offsets)
        # Tens of thousands of rows at first: not on a loop that serves anybody.
        return total, await asyncio.to_thread(lambda: [(row["shard"], rows.answer(row)) for row in found])

    async def ruling(self, ruling_id: int) -> tuple[SessionId, Ruling]:
        """Return a ruling and its session; raises KeyError when there is none."""
        found = await self._rulings(ruling_id=ruling_id)
        if not found:
            raise KeyError(ruling_id)
        return found[0]

    async def add_ruling(self, session_id: SessionId, ruling: Ruling) -> Ruling:
        """Add a proposed ruling and return it with its id; raises `RulingRefused`."""
        with refusing(_RULING):
            async with self._database.transaction() as connection:
                effect = effect_to_json(ruling.effect)
                ruling_id: int = await connection.fetchval(
                    _JUDGING["insert_ruling"], session_id, effect, ruling.evidence
                )
                made = replace(ruling, ruling_id=ruling_id)
                await _insert_act(connection, made)
        return made

    async def add_act(self, ruling: Ruling) -> None:
        """Add the last act of a ruling; raises `RulingRefused`."""
        with refusing(_RULING):
            async with self._database.transaction() as connection:
                await _insert_act(connection, ruling)

    async def add_mark(self, session_id: SessionId, answer: MarkedAnswer, no: int, mark: Mark) -> None:
        """Add the `no`-th mark of an answer (1 to 3); raises `MarkRefused`."""
        with refusing(_MARKING):
            async with self._database.transaction() as connection:
                await connection.execute(
                    _JUDGING["insert_mark"], session_id, *answer, no, mark.judge, mark.centipoints, mark.at_us
                )
                sitting_id, item_no, offset = answer
                detail = {"session": session_id, "item": item_no, "offset": offset, "no": no, "given": mark.centipoints}
                await audit(connection, mark.judge, "mark", f"sitting {sitting_id}", detail)

    async def appeal(self, appeal_id: int) -> tuple[SessionId, Appeal]:
        """Return an appeal and its session; raises KeyError when there is none."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_JUDGING["appeals"], None, None, appeal_id)
        if row is None:
            raise KeyError(appeal_id)
        return SessionId(row["session_id"]), _appeal(row)

    async def add_appeal(self, session_id: SessionId, appeal: Appeal) -> Appeal:
        """Add an appeal and return it with its id; raises `AppealRefused`."""
        appeal = replace(appeal, text=rows.storable(appeal.text))
        async with self._database.transaction() as connection:
            # The sitting's appeals stand still meanwhile: two tabs do not file the same one.
            await connection.fetchval(_JUDGING["lock_sitting"], appeal.sitting_id, session_id)
            own = await connection.fetch(_JUDGING["appeals"], session_id, appeal.sitting_id, None)
            if any(row["item_no"] == appeal.item_no and row["actor"] is None for row in own):
                raise AppealRefused("appeal-repeated")
            appeal_id: int = await connection.fetchval(
                _JUDGING["insert_appeal"],
                session_id,
                appeal.sitting_id,
                appeal.item_no,
                appeal.text,
                appeal.filed_at_us,
            )
            await audit(
                connection,
                f"sitting {appeal.sitting_id}",
                "file-appeal",
                f"appeal {appeal_id}",
                {"item": appeal.item_no},
            )
        return replace(appeal, appeal_id=appeal_id)

    async def add_decision(self, appeal: Appeal) -> None:
        """Add the decision of an appeal; raises `AppealRefused` (`appeal-decided`) when another came first."""
        decision = appeal.decision
        assert decision is not None
        with refusing(_DECIDING):
            async with self._database.transaction() as connection:
                await connection.execute(
                    _JUDGING["insert_decision"],
                    appeal.appeal_id,
                    decision.actor,
                    decision.at_us,
                    decision.reason,
                    decision.ruling_id,
                )
                detail = {"ruling": decision.ruling_id, "reason": decision.reason}
                await audit(connection, decision.actor, "decide-appeal", f"appeal {appeal.appeal_id}", detail)

    async def stray_receipt(self, receipt_id: int) -> tuple[SessionId, StrayReceipt]:
        """Return a stray receipt and its session; raises KeyError when there is none."""
        found = await self._strays(None, receipt_id)
        if not found:
            raise KeyError(receipt_id)
        return found[0]

    async def add_receipt_decision(self, stray: StrayReceipt) -> None:
        """Add the decision of a stray receipt; raises `ReceiptRefused` (`receipt-decided`) when another came first."""
        made = stray.decision
        assert made is not None
        with refusing(_RECEIPT):
            async with self._database.transaction() as connection:
                await connection.execute(
                    _JUDGING["insert_receipt_decision"],
                    stray.receipt_id,
                    made.actor,
                    made.at_us,
                    made.reason,
                    made.ruling_id,
                )
                detail = {"sitting": stray.sitting_id, "item": stray.item_no, "ruling": made.ruling_id}
                await audit(
                    connection,
                    made.actor,
                    "decide-receipt",
                    f"receipt {stray.receipt_id}",
                    {**detail, "reason": made.reason},
                )


async def _insert_act(connection: Connection, ruling: Ruling) -> None:
    act = ruling.acts[-1]
    await connection.execute(
        _JUDGING["insert_act"], ruling.ruling_id, ruling.version, act.kind.value, act.actor, act.at_us, act.reason
    )
    detail = {"effect": effect_to_builtins(ruling.effect), "version": ruling.version, "reason": act.reason}
    await audit(connection, act.actor, act.kind.value.replace("_", "-"), f"ruling {ruling.ruling_id}", detail)


def _decision(row: rows.Row) -> Decision | None:
    if row["actor"] is None:
        return None
    return Decision(ActorId(row["actor"]), Micros(row["at_us"]), row["reason"], row["ruling_id"])


def _appeal(row: rows.Row) -> Appeal:
    item_no = None if row["item_no"] is None else ItemNo(row["item_no"])
    return Appeal(
        row["id"], SittingId(row["sitting_id"]), item_no, row["text"], Micros(row["filed_at_us"]), _decision(row)
    )


def _stray(row: rows.Row) -> StrayReceipt:
    return StrayReceipt(
        row["id"],
        SittingId(row["sitting_id"]),
        ItemNo(row["item_no"]),
        row["client_seq"],
        tuple(row["response"]),
        row["status"],
        Micros(row["stamp_us"]),
        Micros(row["elapsed_us"]),
        row["offset"],
        row["receipt"],
        ReceiptFault(row["fault"]),
        Micros(row["presented_at_us"]),
        row["borne_out"],
        _decision(row),
    )
