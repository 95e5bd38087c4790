"""`leitai serve --houses`: which provinces' houses run, at which doors; and one that comes and goes, in processes."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import httpx2
import msgspec
import pytest

from leitai.cli.houses import Doors, Houses, chosen, doors_of, read_houses, role_of
from leitai.config import BadSettings, read_settings
from leitai.office.awards.tokens import CertificateTokens
from leitai.office.ports import StoreUnavailable
from leitai.rules.rights import Role
from leitai.rules.values import DelegationCode
from leitai.stores.embedded.ports import HeldPort
from leitai.stores.postgres.lending_store import Lending, WantedHouse
from leitai.supervisor import Supervisor
from tests.support.office import NOWHERE, SERVER_KEY, stores_at
from tests.support.provinces import BEIJING, HEBEI, environment
from tests.support.staff_doors import CHEAP, PASSWORD
from tests.support.waiting import PATIENCE_S, eventually
from tests.web.test_own_awards import DAY_US, at_home

LEADERS = ("he-anna", "he-bo", "he-cai")
OPEN = (200, 200, 200, 200)


def test_houses_are_named_or_come_as_they_are_wanted() -> None:
    assert read_houses("130000, 110000") == (frozenset({HEBEI, BEIJING}), False)
    assert read_houses("auto,130000") == (frozenset({HEBEI}), True)
    for wrong in ("", ",", "河北", "130100", "all"):
        with pytest.raises(ValueError, match="provinces' codes"):
            read_houses(wrong)


def test_whoever_has_a_session_goes_first_and_whoever_runs_stays() -> None:
    idle, busy = WantedHouse("110000", False), WantedHouse("130000", True)
    later = WantedHouse("140000", False)
    assert chosen([busy, idle, later], (), 8) == ["130000", "110000", "140000"]
    assert chosen([idle, later], ("140000",), 1) == ["140000"]
    assert chosen([busy, idle, later], ("110000", "140000"), 2) == ["130000", "110000"]
    assert chosen([], ("110000",), 8) == []


def test_every_province_has_doors_of_its_own() -> None:
    assert doors_of(HEBEI, NOWHERE) == Doors("127.0.0.1:8226", "127.0.0.1:8227", "127.0.0.1:0")
    codes = [f"{number}0000" for number in range(11, 67)]
    taken = [door for code in codes for door in (doors_of(code, NOWHERE).listen, doors_of(code, NOWHERE).office)]
    assert len(set(taken)) == len(taken)


def test_a_house_has_the_origins_of_its_province() -> None:
    given = {"houses_origins": "https://{code}.example", "houses_office_origins": "https://{code}-office.example"}
    settings = read_settings(None, valkey_url="x", database_url="x", secret_key="x", **given)
    role = role_of(HEBEI, settings, 7, 8, {})
    assert (role.kind, role.handed_down) == ("house", (7, 8))
    assert role.env["LEITAI_OWNER"] == HEBEI
    assert role.env["LEITAI_ORIGINS"] == "https://130000.example"
    assert role.env["LEITAI_OFFICE_ORIGINS"] == "https://130000-office.example"
    assert role_of(HEBEI, msgspec.structs.replace(settings, driver="starlette"), 7, 8, {}).env["LEITAI_DRIVER"] == (
        "starlette"
    )
    # Where none are set, those of the doors: never the nation's, which stand in the supervisor's environment.
    assert role_of(HEBEI, NOWHERE, 7, 8, {}).env["LEITAI_ORIGINS"] == ""
    # In a container, whose ports are published under the same numbers.
    anywhere = read_settings(None, valkey_url="x", database_url="x", secret_key="x", houses_listen="0.0.0.0:8200")
    inside = role_of(HEBEI, anywhere, 7, 8, {}).env
    assert inside["LEITAI_ORIGINS"] == "http://127.0.0.1:8226,http://localhost:8226"
    assert inside["LEITAI_OFFICE_ORIGINS"] == "http://127.0.0.1:8227,http://localhost:8227"
    with pytest.raises(BadSettings):
        read_settings(None, valkey_url="x", database_url="x", secret_key="x", houses_most=0)


@contextmanager
def _held() -> Generator[int]:
    """A port that nobody else gets meanwhile, nor the next one."""
    with ExitStack() as stack:
        while True:
            one, other = HeldPort(), stack.enter_context(socket.socket())
            with suppress(OSError):
                other.bind(("127.0.0.1", one.number + 1))
                other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                break
        yield one.number


@contextmanager
def _serving(told: Mapping[str, str], folder: Path) -> Generator["subprocess.Popen[bytes]"]:
    with (folder / "houses.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "leitai", "serve", "--houses", "auto"],
            env={**os.environ, **told},
            stdout=log,
            stderr=log,
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(PATIENCE_S)
        finally:
            process.kill()


async def test_leaders_whom_a_provider_signs_in_have_no_password(database: str) -> None:
    async with stores_at(database) as stores:
        for login in LEADERS:
            leads = frozenset({Role.TEAM_LEADER})
            await stores.office.add_staff(login, login, leads, DelegationCode(HEBEI), "tests")
        lending = Lending(stores.database)
        assert await lending.wanted_houses(3, by_provider=False) == []
        assert await lending.wanted_houses(3, by_provider=True) == [WantedHouse(HEBEI, has_session=False)]
        assert await lending.wanted_houses(4, by_provider=True) == []


class Out(Lending):
    """An archive that is out: each question waits until `let` and is refused then."""

    def __init__(self) -> None:
        self.asked, self.let = asyncio.Event(), asyncio.Event()

    async def wanted_houses(self, leaders: int, *, by_provider: bool) -> list[WantedHouse]:
        """See `Lending.wanted_houses`."""
        self.asked.set()
        await self.let.wait()
        raise StoreUnavailable("out")


async def test_an_archive_that_is_out_is_so_until_it_answers(tmp_path: Path) -> None:
    lending = Out()
    houses = Houses(NOWHERE, Supervisor((), tmp_path, logged=False), lending, frozenset(), {}, auto=True)
    lending.let.set()
    await houses.look()
    assert await houses.check() == ["archive"]
    lending.asked.clear()
    lending.let.clear()
    looking = asyncio.create_task(houses.look())
    await lending.asked.wait()
    assert await houses.check() == ["archive"]
    lending.let.set()
    await looking


async def test_a_house_opens_when_its_province_can_run_a_contest_and_closes_again(
    database: str, valkey_url: str, tmp_path: Path
) -> None:
    with _held() as port, _held() as machines, _held() as own:
        await _opens_and_closes(database, valkey_url, tmp_path, port, machines, own)


async def _opens_and_closes(database: str, valkey_url: str, tmp_path: Path, port: int, machines: int, own: int) -> None:
    contest, office = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port + 1}"
    told = {
        **environment(database, valkey_url),
        "LEITAI_HOUSES_LISTEN": f"127.0.0.1:{port - 26}",
        "LEITAI_HOUSES_METRICS_LISTEN": f"127.0.0.1:{machines - 13}",
        "LEITAI_HOUSES_LOOK_S": "1",
        "LEITAI_METRICS_LISTEN": f"127.0.0.1:{own}",
    }

    async def status(url: str) -> int:
        async with httpx2.AsyncClient(timeout=PATIENCE_S) as client:
            try:
                return (await client.get(url)).status_code
            except httpx2.TransportError:
                return 0

    async def counted() -> str:
        async with httpx2.AsyncClient(timeout=PATIENCE_S) as client:
            try:
                told = (await client.get(f"http://127.0.0.1:{own}/metrics")).text
            except httpx2.TransportError:
                return ""
        return "".join(line.rpartition(" ")[2] for line in told.splitlines() if line.startswith("leitai_houses{"))

    async with stores_at(database) as stores:

        async def lead(login: str) -> None:
            leads = frozenset({Role.TEAM_LEADER})
            await stores.office.add_staff(login, login, leads, DelegationCode(HEBEI), "tests")
            async with stores.database.connection() as connection:
                await connection.execute("update staff set password = $2 where login = $1", login, CHEAP.hash(PASSWORD))

        for login in LEADERS[:2]:
            await lead(login)
        with _serving(told, tmp_path) as process:
            await eventually(lambda: status(f"http://127.0.0.1:{own}/healthz"), lambda seen: seen == 200)
            assert await counted() == "0.00.00.0"
            await lead(LEADERS[2])
            await eventually(lambda: status(f"{office}/healthz"), lambda seen: seen == 200)
            await eventually(lambda: status(f"{contest}/healthz"), lambda seen: seen == 200)
            await eventually(lambda: status(f"http://127.0.0.1:{machines}/metrics"), lambda seen: seen == 200)
            await eventually(lambda: status(f"http://127.0.0.1:{own}/readyz"), lambda seen: seen == 200)
            await eventually(counted, lambda seen: seen == "1.00.00.0")
            async with httpx2.AsyncClient(base_url=office, headers={"Origin": office}, timeout=PATIENCE_S) as leader:
                signed_in = await leader.post("/api/staff/sign-in", json={"login": "he-cai", "password": PASSWORD})
                assert (signed_in.status_code, signed_in.json()["house"]) == (200, HEBEI)
                body = {"title": "冀省比武", "organizer": "冀省厅", "year": 2026}
                assert (await leader.post("/api/staff/own-contests", json=body)).status_code == 201
            async with stores.database.connection() as connection:
                await connection.execute("update staff set disabled = true where login = $1", LEADERS[0])
            await eventually(lambda: status(f"{office}/healthz"), lambda seen: seen == 0)
            await eventually(counted, lambda seen: seen == "0.00.00.0")
            assert process.poll() is None
    assert process.returncode == 0
    log = (tmp_path / "houses.log").read_text("utf-8")
    assert ("house_started" in log, "house_stopped" in log) == (True, True)


async def test_results_and_certificates_of_a_house_that_closes_stay_to_be_looked_at(
    database: str, valkey_url: str, tmp_path: Path
) -> None:
    with _held() as port, _held() as machines, _held() as own:
        await _stays_open_to_the_public(database, valkey_url, tmp_path, port, machines, own)


async def _stays_open_to_the_public(
    database: str, valkey_url: str, tmp_path: Path, port: int, machines: int, own: int
) -> None:
    contest, office = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port + 1}"
    told = {
        **environment(database, valkey_url),
        "LEITAI_HOUSES_LISTEN": f"127.0.0.1:{port - 26}",
        "LEITAI_HOUSES_METRICS_LISTEN": f"127.0.0.1:{machines - 13}",
        "LEITAI_HOUSES_LOOK_S": "1",
        "LEITAI_METRICS_LISTEN": f"127.0.0.1:{own}",
    }
    async with at_home(database, "甲乙丙", {"一等奖": 1}, {}) as house:
        await house.step("open")
        house.clock[0] += 20 * DAY_US
        assert (await house.step("settle"))["certificates"] == 1
        token, winner = CertificateTokens(SERVER_KEY).token(house.session, 1), house.names[0]

    async def public() -> tuple[int, ...]:
        """What somebody with a certificate in hand, and somebody who looks for results, are told."""
        query = {"token": token}
        async with httpx2.AsyncClient(base_url=contest, headers={"Origin": contest}, timeout=PATIENCE_S) as anybody:
            try:
                certificate = await anybody.post("/api/certificate", json=query)
                asked = [await anybody.get(path) for path in ("/verify", "/results", "/api/contest")]
            except httpx2.TransportError:
                return (0,)
        seen = (certificate.status_code, *(one.status_code for one in asked))
        if seen == OPEN:
            assert certificate.json()["name"] == winner
            assert asked[-1].json()["session"]["phase"] == "finalized"
        return seen

    async def staff() -> int:
        async with httpx2.AsyncClient(timeout=PATIENCE_S) as client:
            try:
                return (await client.get(f"{office}/healthz")).status_code
            except httpx2.TransportError:
                return 0

    async def counted() -> str:
        async with httpx2.AsyncClient(timeout=PATIENCE_S) as client:
            try:
                return (await client.get(f"http://127.0.0.1:{own}/metrics")).text
            except httpx2.TransportError:
                return ""

    async def lead(*, disabled: bool) -> None:
        async with stores_at(database) as nation, nation.database.connection() as connection:
            await connection.execute("update staff set password = $1, disabled = $2", CHEAP.hash(PASSWORD), disabled)

    async with stores_at(database) as nation:
        for login in LEADERS:
            leads = frozenset({Role.TEAM_LEADER})
            await nation.office.add_staff(login, login, leads, DelegationCode(HEBEI), "tests")
    with _serving(told, tmp_path):
        # Nobody leads the province: its house is closed, and its public door is not.
        assert await eventually(public, lambda seen: seen == OPEN) == OPEN
        assert await staff() == 0
        await lead(disabled=False)
        await eventually(staff, lambda seen: seen == 200)
        assert await eventually(public, lambda seen: seen == OPEN) == OPEN
        await lead(disabled=True)
        await eventually(staff, lambda seen: seen == 0)
        assert await eventually(public, lambda seen: seen == OPEN) == OPEN
        assert await eventually(counted, lambda seen: 'leitai_houses{state="quiet"} 1.0' in seen)
