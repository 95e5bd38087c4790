"""The wheel holds all that the program needs, and runs where there is no checkout, no home and no environment."""

import json
import re
import signal
import socket
import subprocess
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import leitai
from tests.support.installed import ROOT, build_wheel, install
from tests.support.others import free_port
from tests.support.processes import DEADLINE_S
from tests.support.stores import scratch_folder

pytestmark = pytest.mark.packaging

STORES = """
import asyncio, json, pathlib, sys
from leitai.stores.embedded.stores import EmbeddedStores

async def main():
    async with EmbeddedStores(pathlib.Path(sys.argv[1])) as stores:
        print(json.dumps([stores.valkey_url, stores.postgres_dsn]), flush=True)
        await asyncio.to_thread(sys.stdin.read)

asyncio.run(main())
"""

EVERYTHING = """
import importlib, json, pkgutil, sys
import leitai, leitai_loadtest
for package in (leitai, leitai_loadtest):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
print(json.dumps([sys.path, [getattr(module, "__file__", None) for module in sys.modules.values()]]))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder for the installation, far from the checkout."""
    with scratch_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def programs(wheel: Path, place: Path) -> Path:
    """The bin folder of an environment in which the wheel is installed."""
    return install(wheel, place / "venv")


def run(place: Path, *command: str | Path) -> str:
    """Run a command with an empty environment; return what it wrote."""
    done = subprocess.run(
        command, cwd=place, env={}, capture_output=True, text=True, check=False, timeout=10 * DEADLINE_S
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_it_holds_the_pages_sql_lua_and_examples(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for source, shipped in (
        ("client/dist", "leitai/_shipped/client"),
        ("schema/sql", "leitai/_shipped/sql"),
        ("schema/examples", "leitai/_shipped/examples"),
        ("docs/deploy", "leitai/_shipped/deploy"),
        ("server/leitai/stores/valkey/lua", "leitai/stores/valkey/lua"),
        ("server/leitai/stores/postgres/sql", "leitai/stores/postgres/sql"),
    ):
        files = [file.relative_to(ROOT / source) for file in (ROOT / source).rglob("*") if file.is_file()]
        assert files, source
        assert {f"{shipped}/{file.as_posix()}" for file in files} <= names
    assert any(name.endswith("/licenses/LICENSE") for name in names)


def test_it_holds_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert {name.split("/")[0] for name in names} == {
        "leitai",
        "leitai_loadtest",
        f"leitai-{leitai.__version__}.dist-info",
    }
    assert not [name for name in names if "node_modules" in name or "__pycache__" in name or name.endswith(".map")]


def test_every_module_imports_without_the_checkout(programs: Path, place: Path) -> None:
    paths, files = json.loads(run(place, programs / "python", "-c", EVERYTHING))
    assert len(files) > 100
    assert not [path for path in [*paths, *files] if path and Path(path).is_relative_to(ROOT)]


def test_the_command_tells_its_version(programs: Path, place: Path) -> None:
    assert run(place, programs / "leitai", "--version").strip() == leitai.__version__


def test_it_serves_the_pages_from_stores_of_its_own(programs: Path, place: Path) -> None:
    address = f"127.0.0.1:{free_port()}"
    with subprocess.Popen(
        [programs / "python", "-c", STORES, place / "data"],
        cwd=place,
        env={},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as stores:
        assert stores.stdout is not None
        valkey_url, database_url = json.loads(stores.stdout.readline())
        environment = {
            "LEITAI_VALKEY_URL": valkey_url,
            "LEITAI_DATABASE_URL": database_url,
            "LEITAI_SECRET_KEY": bytes(range(32)).hex(),
            "LEITAI_LISTEN": address,
        }
        with subprocess.Popen([programs / "leitai", "serve"], cwd=place, env=environment) as server:
            try:
                wait_listening(address, server)
                page = fetch(f"http://{address}/")
                script = re.search(r'"(/assets/[^"]+\.js)"', page)
                assert script, page
                assert "import" in fetch(f"http://{address}{script[1]}")
                # There is no contest yet, and the stores are there: it says so itself.
                assert json.loads(fetch(f"http://{address}/api/contest", status=503))["error"]["retry"]
            finally:
                server.send_signal(signal.SIGTERM)
                assert server.wait(DEADLINE_S) == 0
                stores.communicate()
    assert stores.returncode == 0


def test_it_rehearses_a_contest(programs: Path, place: Path) -> None:
    options = ("--contestants", "8", "--items", "2", "--seconds-per-item", "1")
    run(place, programs / "leitai", "rehearse", *options, "--json", place / "report.json")
    report = json.loads((place / "report.json").read_text())
    assert report["contestants"] == 8
    assert report["answers_lost"] == report["answers_doubled"] == 0
    assert report["answers_acked"] > 0


def wait_listening(address: str, server: "subprocess.Popen[bytes]") -> None:
    """Wait until somebody listens; the server has DEADLINE_S."""
    host, port = address.split(":")
    for _ in range(int(DEADLINE_S * 20)):
        with socket.socket() as probe:
            probe.settimeout(DEADLINE_S)
            if probe.connect_ex((host, int(port))) == 0:
                return
        with pytest.raises(subprocess.TimeoutExpired):
            server.wait(0.05)
    pytest.fail("the server does not listen")


def fetch(url: str, status: int = 200) -> str:
    """Return the body that a GET answers with `status`."""
    try:
        with urllib.request.urlopen(url, timeout=DEADLINE_S) as response:
            found, body = response.status, response.read()
    except urllib.error.HTTPError as refusal:
        with refusal:
            found, body = refusal.code, refusal.read()
    assert found == status, (url, found, body[:500])
    return body.decode()
