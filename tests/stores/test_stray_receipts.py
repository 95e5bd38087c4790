"""Receipts that could not be put back, on a real database: kept once, decided once, never rewritten."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import asyncpg
import msgspec
import pytest

from leitai.live.ports import SittingEvent
from leitai.live.restoring import MOST_KEPT, Strays
from leitai.rules.decisions import Decision
from leitai.rules.receipts import ReceiptFault, ReceiptRefused, ReceiptState
from leitai.rules.rights import NO_DELEGATION, Role
from leitai.rules.values import ActorId, Answer, AnswerStatus, ItemNo, Micros, Phase, SessionId, SittingId
from leitai.wire.messages import AckStatus, Receipted
from tests.support.office import Stores, small_session, stores_at

ANNA = ActorId("anna")
TOLD = Receipted(1, 3, ["A\0"], AckStatus.ACCEPTED, 5, 1, 7, bytes(16))


@dataclass(frozen=True)
class Bench:
    stores: Stores
    session_id: SessionId
    sitting_id: SittingId

    async def keep(self, position: str, *receipts: Receipted) -> list[SittingEvent]:
        strays = Strays()
        events = [strays.event(self.sitting_id, one, ReceiptFault.UNPROVEN, Micros(60)) for one in receipts]
        kept = [event for event in events if event is not None]
        await self.stores.archive.record_events(self.session_id, position, kept)
        return kept


@pytest.fixture
async def bench(database: str) -> AsyncIterator[Bench]:
    async with stores_at(database) as stores:
        created = await small_session(stores)
        await stores.office.add_staff(ANNA, ANNA, frozenset({Role.JUDGE}), NO_DELEGATION, "tests")
        sittings = await stores.office.sittings(created.session_id)
        yield Bench(stores, created.session_id, sittings[0].sitting_id)


async def test_a_receipt_is_kept_once_however_often_it_is_presented(bench: Bench) -> None:
    office, archive = bench.stores.office, bench.stores.archive
    before = await office.judging_revision(bench.session_id)
    (event,) = await bench.keep("1-1", TOLD, TOLD)
    assert await office.judging_revision(bench.session_id) != before
    # By another gateway too, whenever it was.
    await archive.record_events(bench.session_id, "1-2", [replace(event, at_us=Micros(99))])
    (stray,) = await office.stray_receipts(bench.session_id)
    assert (stray.response, stray.client_seq, stray.fault) == (("A",), 3, ReceiptFault.UNPROVEN)
    assert (stray.presented_at_us, stray.receipt, stray.state) == (60, bytes(16), ReceiptState.OPEN)
    assert await archive.open_receipts(bench.session_id) == [bench.sitting_id]


async def test_a_recorded_answer_bears_a_receipt_out(bench: Bench) -> None:
    office, archive = bench.stores.office, bench.stores.archive
    await bench.keep("1-1", TOLD)
    given = Answer(bench.sitting_id, ItemNo(1), 4, ("A",), Micros(5), Micros(1), False, 70, AnswerStatus.ACCEPTED)
    await archive.record_answers(bench.session_id, 0, "70-0", [given])
    assert await archive.open_receipts(bench.session_id) == [bench.sitting_id]
    await archive.record_answers(bench.session_id, 0, "71-0", [replace(given, client_seq=3, offset=71)])
    assert [one.state for one in await office.stray_receipts(bench.session_id)] == [ReceiptState.BORNE_OUT]
    assert await archive.open_receipts(bench.session_id) == []


async def test_a_receipt_is_decided_once_and_in_the_audit(bench: Bench) -> None:
    office = bench.stores.office
    await bench.keep("1-1", TOLD)
    (stray,) = await office.stray_receipts(bench.session_id)
    decided = replace(stray, decision=Decision(ANNA, Micros(80), "签名不符"))
    await office.add_receipt_decision(decided)
    assert await office.stray_receipt(stray.receipt_id) == (bench.session_id, decided)
    with pytest.raises(ReceiptRefused, match="receipt-decided"):
        await office.add_receipt_decision(decided)
    with pytest.raises(KeyError):
        await office.stray_receipt(404)
    await bench.keep("1-2", msgspec.structs.replace(TOLD, seq=4))
    late = (await office.stray_receipts(bench.session_id))[1]
    await bench.stores.archive.save_phase(bench.session_id, Phase.FINALIZED, Micros(1))
    with pytest.raises(ReceiptRefused, match="session-finalized"):
        await office.add_receipt_decision(replace(late, decision=Decision(ANNA, Micros(90), "因")))
    assert await bench.stores.archive.open_receipts(bench.session_id) == [bench.sitting_id]
    async with bench.stores.database.connection() as connection:
        audited = await connection.fetch("select action, detail->>'reason' from audit where actor = 'anna'")
        assert [tuple(row) for row in audited] == [("decide-receipt", "签名不符")]
        for table in ("stray_receipt", "stray_receipt_decision"):
            for verb in (
                f"update {table} set at_us = 1" if "decision" in table else f"update {table} set status = ''",
                f"delete from {table}",
                f"truncate public.{table} cascade",
            ):
                with pytest.raises(asyncpg.PostgresError, match="kept as they were written"):
                    await connection.execute(verb)


def test_nobody_floods_the_record_and_no_number_stops_the_recorder() -> None:
    strays, sitting_id = Strays(), SittingId(4)

    def kept(one: Receipted) -> bool:
        return strays.event(sitting_id, one, ReceiptFault.UNPROVEN, Micros(1)) is not None

    for member in ("stamp_us", "elapsed_us", "offset"):
        assert not kept(msgspec.structs.replace(TOLD, **{member: 2**63}))
    assert sum(kept(msgspec.structs.replace(TOLD, seq=seq)) for seq in range(1, MOST_KEPT + 50)) == MOST_KEPT
    assert strays.event(SittingId(5), TOLD, ReceiptFault.UNPROVEN, Micros(1)) is not None
