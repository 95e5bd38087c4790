"""Each process's address for machines: alive, ready, measured, whatever its role."""

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from leitai.config import Settings
from leitai.live.ports import StoreUnavailable
from leitai.machine_door import ProcessReadiness, measured_loop, serve_machines
from leitai.stores.embedded.postgres import EmbeddedPostgres
from leitai.web.metrics import Running
from tests.support.metrics import built
from tests.support.office import SERVER_KEY
from tests.support.serving import Process
from tests.support.stores import scratch_folder, standing_database
from tests.support.waiting import eventually


class Ledger:
    """A store that answers, hangs or is away."""

    replicas = 2

    def __init__(self) -> None:
        self.manner = "answers"

    async def ping(self) -> None:
        if self.manner == "hangs":
            await asyncio.Event().wait()
        if self.manner == "away":
            raise StoreUnavailable

    async def replicas_in_step(self) -> int:
        await self.ping()
        return 1


# --- readiness -------------------------------------------------------------------------------------------------------


async def test_a_process_whose_roles_have_a_session_is_ready() -> None:
    ledger, stopping = Ledger(), asyncio.Event()
    readiness = ProcessReadiness(ledger, await built(), stopping)
    assert await readiness.check() == []
    stopping.set()
    assert await readiness.check() == ["stopping"]


@pytest.mark.parametrize("manner", ["away", "hangs"])
async def test_a_ledger_that_does_not_answer_is_a_problem(manner: str) -> None:
    ledger = Ledger()
    readiness = ProcessReadiness(ledger, await built(), asyncio.Event())
    ledger.manner = manner
    assert await readiness.check() == ["ledger"]


@pytest.mark.parametrize("missing", ["gateway", "director", "recorder"])
async def test_a_role_without_a_session_is_a_problem(missing: str) -> None:
    running = await built()
    setattr(running, missing, None)
    assert await ProcessReadiness(Ledger(), running, asyncio.Event()).check() == ["session"]


async def test_the_archive_is_a_problem_of_a_recorder_that_does_nothing_else() -> None:
    for roles, problems in ((("recorder",), ["archive"]), (("gateway", "recorder"), [])):
        running = await built(roles)
        assert running.recorder is not None
        running.recorder.waiting = True
        assert await ProcessReadiness(Ledger(), running, asyncio.Event()).check() == problems


async def test_staff_are_served_without_a_session() -> None:
    assert await ProcessReadiness(Ledger(), Running(("office",)), asyncio.Event()).check() == []


# --- the door --------------------------------------------------------------------------------------------------------


async def _asked(port: int, path: str) -> tuple[int, str]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    try:
        head, _, body = (await reader.read()).decode().partition("\r\n\r\n")
    finally:
        writer.close()
        await writer.wait_closed()
    return int(head.split()[1]), body


async def test_a_process_whose_address_is_taken_goes_on_and_gets_it_later() -> None:
    ledger, running = Ledger(), Running(("office",))
    with socket.create_server(("127.0.0.1", 0)) as predecessor:
        port: int = predecessor.getsockname()[1]
        settings = Settings(valkey_url="", database_url="", secret_key="", metrics_listen=f"127.0.0.1:{port}")
        serving = asyncio.create_task(
            serve_machines(settings, running, ProcessReadiness(ledger, running, asyncio.Event()), ledger)
        )
        await asyncio.wait({serving}, timeout=0.2)
        assert not serving.done()

    async def answered() -> int:
        try:
            return (await _asked(port, "/healthz"))[0]
        except OSError:
            return 0

    assert await eventually(answered, bool) == 200
    _, told = await _asked(port, "/metrics")
    assert "leitai_ledger_replicas 1.0" in told
    assert "leitai_ledger_replicas_wanted 2.0" in told
    ledger.manner = "away"
    _, told = await _asked(port, "/metrics")
    assert "leitai_ledger_replicas " not in told
    assert 'leitai_problem{problem="ledger"} 1.0' in told
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)
    assert await answered() == 0


async def test_a_loop_that_is_held_up_is_seen_to_be_late() -> None:
    running = Running()
    lag = running.loop_lag_us

    async def looks() -> int:
        return sum(lag.buckets)

    with measured_loop(running):
        seen, late_us = await eventually(looks, bool), lag.total
        time.sleep(0.5)  # noqa: ASYNC251 (what is to be seen)
        await eventually(looks, lambda count: count > seen)
        assert lag.total - late_us > 250_000
    seen = await looks()
    await asyncio.sleep(0.3)
    assert await looks() == seen


# --- processes -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def environment(postgres: EmbeddedPostgres, valkey_url: str) -> Iterator[dict[str, str]]:
    """Stores without any session."""
    with standing_database(postgres) as dsn:
        yield {
            "LEITAI_VALKEY_URL": valkey_url,
            "LEITAI_DATABASE_URL": dsn,
            "LEITAI_SECRET_KEY": SERVER_KEY.hex(),
            "LEITAI_OFFICE_LISTEN": "127.0.0.1:0",
        }


@pytest.mark.parametrize("role", ["gateway", "director", "recorder", "office"])
async def test_every_role_answers_machines(environment: dict[str, str], role: str) -> None:
    with scratch_folder() as folder:
        process = Process(environment, role, Path(folder))

        def port() -> int:
            return int(process.machines_url.rpartition(":")[2])

        async def ready() -> tuple[int, str]:
            try:
                return await _asked(port(), "/readyz")
            except OSError:
                return 0, ""

        try:
            problems = [] if role == "office" else ["session"]
            answer = {"ready": not problems, "problems": problems}
            # A store that is slow for once is a problem, too.
            status, _ = await eventually(ready, lambda told: told[0] > 0 and json.loads(told[1]) == answer)
            assert status == (503 if problems else 200)
            assert (await _asked(port(), "/healthz"))[0] == 200
            _, told = await eventually(
                lambda: _asked(port(), "/metrics"), lambda told: f"leitai_ready {float(not problems)}" in told[1]
            )
            assert f'leitai_info{{roles="{role}"' in told
        finally:
            process.stop()
