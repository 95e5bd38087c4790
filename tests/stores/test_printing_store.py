"""Prints as processes share them: one of a kind under way, given up when nobody is heard of, encrypted, forgotten."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from leitai.office.printing.jobs import KEPT_S, SILENT_S, PrintBusy, PrintGone, PrintJob
from leitai.rules.values import SessionId
from leitai.stores.postgres.printing_store import PostgresPrints
from leitai.stores.postgres.vault import Vault, WrongServerKey
from tests.support.office import Stores, small_session, stores_at

CODE = b"one access code: AB12CD34"


@pytest.fixture
async def stores(database: str) -> AsyncIterator[Stores]:
    async with stores_at(database) as opened:
        yield opened


@pytest.fixture
async def job(stores: Stores) -> PrintJob:
    return PrintJob("0" * 16, "tickets", (await small_session(stores)).session_id, 4)


@pytest.fixture
def prints(stores: Stores) -> PostgresPrints:
    return PostgresPrints(stores.database, stores.vault)


async def later(stores: Stores, column: str, seconds: float) -> None:
    async with stores.database.connection() as connection:
        await connection.execute(
            f"update print_job set {column} = {column} - make_interval(secs => $1::float8)", seconds
        )


async def test_what_one_process_prints_another_tells_and_gives(
    stores: Stores, prints: PostgresPrints, job: PrintJob
) -> None:
    other = PostgresPrints(stores.database, stores.vault)
    await prints.begin_print(job)
    await prints.keep_print(job.job_id, 0, "北京市", CODE)
    await prints.hear_print(job.job_id, 2)
    assert await other.print_job(job.job_id, "tickets") == replace(job, done=2)
    with pytest.raises(KeyError):
        await other.printed(job.job_id, "tickets", 0)
    await prints.lack_print(job.job_id, "𠮷")
    await prints.end_print(job.job_id, ready=True)
    files = (("北京市", len(CODE)),)
    assert await other.print_job(job.job_id, "tickets") == replace(
        job, done=4, state="ready", lacking="𠮷", files=files
    )
    assert await other.printed(job.job_id, "tickets", 0) == ("北京市", CODE)
    with pytest.raises(KeyError):
        await other.printed(job.job_id, "tickets", 1)
    with pytest.raises(KeyError):
        await other.printed(job.job_id, "awards", 0)
    # What is kept is nothing to whoever has the database alone.
    async with stores.database.connection() as connection:
        assert CODE not in await connection.fetchval("select sealed from print_file")
    with pytest.raises(WrongServerKey):
        await PostgresPrints(stores.database, Vault(bytes(32))).printed(job.job_id, "tickets", 0)


async def test_one_of_a_kind_is_under_way_and_of_a_process_that_is_gone_none(
    stores: Stores, prints: PostgresPrints, job: PrintJob
) -> None:
    await prints.begin_print(job)
    await prints.keep_print(job.job_id, 0, "", CODE)
    second = replace(job, job_id="1" * 16)
    with pytest.raises(PrintBusy):
        await prints.begin_print(second)
    await prints.begin_print(replace(job, job_id="2" * 16, kind="awards"))
    await later(stores, "heard_at", SILENT_S - 5)
    await prints.hear_print(job.job_id, 1)
    await later(stores, "heard_at", SILENT_S - 5)
    with pytest.raises(PrintBusy):
        await prints.begin_print(second)
    await later(stores, "heard_at", 6)
    assert (await prints.print_job(job.job_id, "tickets")).state == "failed"
    await prints.begin_print(second)
    # The first was only slow: what it still does reaches nothing.
    with pytest.raises(PrintGone):
        await prints.keep_print(job.job_id, 1, "", CODE)
    await prints.end_print(job.job_id, ready=True)
    told = await prints.print_job(job.job_id, "tickets")
    assert (told.state, told.files) == ("failed", ())
    async with stores.database.connection() as connection:
        assert await connection.fetchval("select count(*) from print_file") == 0


async def test_prints_are_forgotten_after_their_time(stores: Stores, prints: PostgresPrints, job: PrintJob) -> None:
    certificates = replace(job, job_id="3" * 16, kind="awards")
    for one in (job, certificates):
        await prints.begin_print(one)
        await prints.keep_print(one.job_id, 0, "", CODE)
        await prints.end_print(one.job_id, ready=True)
    await later(stores, "ended_at", KEPT_S["tickets"] - 5)
    assert (await prints.print_job(job.job_id, "tickets")).state == "ready"
    await later(stores, "ended_at", 6)
    with pytest.raises(KeyError):
        await prints.print_job(job.job_id, "tickets")
    assert await prints.printed(certificates.job_id, "awards", 0) == ("", CODE)
    async with stores.database.connection() as connection:
        assert await connection.fetchval("select count(*) from print_file") == 1
    await later(stores, "ended_at", KEPT_S["awards"])
    with pytest.raises(KeyError):
        await prints.printed(certificates.job_id, "awards", 0)
    with pytest.raises(KeyError):
        await prints.print_job("4" * 16, "awards")


async def test_a_failed_print_leaves_nothing(stores: Stores, prints: PostgresPrints, job: PrintJob) -> None:
    await prints.begin_print(replace(job, session_id=SessionId(job.session_id)))
    await prints.keep_print(job.job_id, 0, "", CODE)
    await prints.end_print(job.job_id, ready=False)
    assert (await prints.print_job(job.job_id, "tickets")).state == "failed"
    async with stores.database.connection() as connection:
        assert await connection.fetchval("select count(*) from print_file") == 0
