"""Admission tickets in bulk over a real database: files, fresh codes, and what holds when something fails."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from leitai.office.contests import CreatedSession
from leitai.office.nominations import tickets
from leitai.office.nominations.tickets import TicketOffice
from leitai.office.nominations.values import NominationRefused
from leitai.office.printing.jobs import PrintJob
from leitai.office.printing.qr import qr_svg
from leitai.office.printing.typesetting import pdf
from leitai.rules.values import DelegationCode, SessionId
from leitai.stores.postgres.printing_store import PostgresPrints
from tests.support.office import Stores, small_session, stores_at

BEIJING = DelegationCode("110000")


@pytest.fixture
async def stores(database: str) -> AsyncIterator[Stores]:
    async with stores_at(database) as opened:
        yield opened


@pytest.fixture
async def session(stores: Stores) -> CreatedSession:
    return await small_session(stores)


@pytest.fixture
def office(stores: Stores) -> TicketOffice:
    return TicketOffice(
        stores.office, stores.codes, "https://contest.test", PostgresPrints(stores.database, stores.vault)
    )


async def codes(stores: Stores, session_id: SessionId) -> dict[str, bytes]:
    return {one.admission_no: one.code_hmac for one in await stores.office.sittings(session_id)}


async def test_a_file_for_each_delegation_or_one_for_all(
    stores: Stores, office: TicketOffice, session: CreatedSession
) -> None:
    before = await codes(stores, session.session_id)
    apart = await office.start(session.session_id, None, "tests", codes=False, together=False)
    await office.close()
    apart = await office.job(apart.job_id)
    assert (apart.state, apart.done, apart.total) == ("ready", 12, 12)
    assert [name for name, _ in apart.files] == ["北京市", "新疆维吾尔自治区", "新疆生产建设兵团"]
    together = await office.start(session.session_id, None, "tests", codes=False, together=True)
    await office.close()
    together = await office.job(together.job_id)
    assert [name for name, _ in together.files] == [""]
    # Whoever started since gives out the same: another process, or this one after a restart.
    other = TicketOffice(stores.office, stores.codes, "", PostgresPrints(stores.database, stores.vault))
    for job in (apart, together):
        assert await other.job(job.job_id) == job
        for number, (_, size) in enumerate(job.files):
            content = await other.file(job.job_id, number)
            assert content.startswith(b"%PDF-")
            assert len(content) == size
    with pytest.raises(KeyError):
        await other.file(together.job_id, 1)
    assert await codes(stores, session.session_id) == before


async def test_fresh_codes_are_of_one_delegation_and_stand_only_once_printed(
    stores: Stores, office: TicketOffice, session: CreatedSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await codes(stores, session.session_id)
    made = await office.start(session.session_id, BEIJING, "tests", codes=True, together=False)
    with pytest.raises(NominationRefused, match="tickets-busy"):
        await office.start(session.session_id, None, "tests", codes=False, together=False)
    await office.close()
    after = await codes(stores, session.session_id)
    assert {number for number in after if after[number] != before[number]} == {
        number for number in after if number[4:6] == "11"
    }
    made = await office.job(made.job_id)
    assert (made.done, made.total, made.state) == (4, 4, "ready")

    def out_of_paper(template: str, data: object) -> bytes:
        raise OSError(template)

    monkeypatch.setattr(tickets, "pdf", out_of_paper)
    failed = await office.start(session.session_id, None, "tests", codes=True, together=True)
    await office.close()
    failed = await office.job(failed.job_id)
    assert (failed.state, failed.files) == ("failed", ())
    assert await codes(stores, session.session_id) == after


async def test_of_two_who_ask_at_once_one_is_served(
    stores: Stores, office: TicketOffice, session: CreatedSession
) -> None:
    asked = [office.start(session.session_id, None, "tests", codes=True, together=True) for _ in range(2)]
    told = await asyncio.gather(*asked, return_exceptions=True)
    made, refused = sorted(told, key=lambda one: isinstance(one, NominationRefused))
    await office.close()
    assert isinstance(made, PrintJob)
    assert isinstance(refused, NominationRefused)
    assert refused.code == "tickets-busy"
    assert (await office.start(session.session_id, BEIJING, "tests", codes=False, together=True)).total == 4
    await office.close()


async def test_what_cannot_be_printed_is_told_wherever_it_stands(
    stores: Stores, office: TicketOffice, session: CreatedSession
) -> None:
    for column, odd in (("name", "李𠮷"), ("unit", "𠮷𪚥镇服务所")):
        async with stores.database.connection() as connection:
            await connection.execute(f"update contestant set {column} = $1 where seat = 1", odd)
        made = await office.start(session.session_id, None, "tests", codes=False, together=True)
        await office.close()
        assert set((await office.job(made.job_id)).lacking) == set(odd) & set("𠮷𪚥")


async def test_nobody_to_print_for(office: TicketOffice, session: CreatedSession) -> None:
    with pytest.raises(NominationRefused, match="roster-missing"):
        await office.start(session.session_id, DelegationCode("310000"), "tests", codes=True, together=False)
    with pytest.raises(KeyError):
        await office.start(SessionId(999), None, "tests", codes=True, together=False)


def test_what_a_name_holds_is_never_markup() -> None:
    ticket = {
        "name": '#panic("x") $a$ *',
        "unit": "=1+1",
        "number": "2022110076",
        "code": "",
        "qr": qr_svg("https://x"),
    }
    data = {
        "title": "比武",
        "organizer": "组委会",
        "session": "场次",
        "begins": "2022-09-28 09:30:00 UTC+8",
        "address": "https://contest.test",
        "sections": [{"delegation": "北京市", "count": "1 人", "tickets": [ticket]}],
    }
    assert pdf("tickets", data) == pdf("tickets", data)
