"""Fixtures that every suite shares. Servers live as long as the test process; nothing of them is tied to a loop."""

import atexit
import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from playwright.async_api import Browser, BrowserContext, Page
from redis.asyncio import Redis

from leitai.resources import NotShippedError, shipped
from leitai.stores.embedded.postgres import EmbeddedPostgres
from tests.support import browser as browsers
from tests.support.stores import fresh_database, running_cluster, running_postgres, running_valkey

ROOM_BYTES = 2 << 30
"""What tests want to find free in memory before they keep their scratch folders there."""


def _scratch_in_memory(folder: Path = Path("/dev/shm")) -> None:
    """Keep scratch folders in memory where there is room: stores that come and go with a thousand files each took a
    third of all tests' time, most of it ext4 looking for an inode that was not freed just now.

    Whoever sets TMPDIR chooses otherwise; test processes take over what the first one has set.
    """
    if "TMPDIR" in os.environ or not os.access(folder, os.W_OK) or shutil.disk_usage(folder).free < ROOM_BYTES:
        return
    own = tempfile.mkdtemp(prefix="leitai-tests-", dir=folder)
    Path(own).chmod(0o711)  # stores run as another user when we are root
    os.environ["TMPDIR"] = tempfile.tempdir = own
    atexit.register(shutil.rmtree, own, ignore_errors=True)


_scratch_in_memory()

# Servers that tests start each have a staff's door and a learners'; on a fixed port only one of them could.
os.environ.setdefault("LEITAI_OFFICE_LISTEN", "127.0.0.1:0")
os.environ.setdefault("LEITAI_PRACTICE_LISTEN", "127.0.0.1:0")
os.environ.setdefault("LEITAI_MONTHLY_LISTEN", "127.0.0.1:0")
# Imports would wait for every other test.
os.environ.setdefault("LEITAI_IMPORTS_AT_ONCE", "1")
# So would simulated judges and viewers, who run when nobody else does, and the office on half of the processors.
os.environ.setdefault("LEITAI_WATCHERS_AT_ONCE", "1")
os.environ.setdefault("LEITAI_OFFICE_AT_ONCE", "1")

# Machines that run these tests are shared: how long an example takes says nothing about the code.
settings.register_profile("leitai", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("leitai")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first: the contests in which everything dies keep one test process for minutes, mostly
    waiting; the browsers fill the others meanwhile.
    """
    items.sort(key=lambda item: (item.get_closest_marker("faults") is None, item.get_closest_marker("browser") is None))


@pytest.fixture(scope="session")
def valkey_url() -> Iterator[str]:
    """The URL of this test process's Valkey. Tests share it: keep to keys made from `unique_id`."""
    with running_valkey() as valkey:
        yield valkey.url


@pytest.fixture(scope="session")
def cluster_url() -> Iterator[str]:
    """The URL of this test process's Valkey Cluster, three primaries with a replica each, shared as `valkey_url` is."""
    with running_cluster() as cluster:
        yield cluster.url


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """This test process's PostgreSQL."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_dsn(postgres: EmbeddedPostgres) -> str:
    """The DSN of an empty database on this test process's PostgreSQL, shared by all tests: `database` is better."""
    return postgres.dsn


@pytest.fixture
async def valkey(valkey_url: str) -> AsyncIterator[Redis]:
    """A client of the shared Valkey, closed after the test. Replies are bytes."""
    client = Redis.from_url(valkey_url)
    yield client
    await client.aclose()


@pytest.fixture
async def database(postgres: EmbeddedPostgres) -> AsyncIterator[str]:
    """The DSN of a database of this test's own, with the whole schema applied."""
    async with fresh_database(postgres) as dsn:
        yield dsn


@pytest.fixture
def unique_id() -> int:
    """A number that no other test has, above 0 and below 2**31: for session ids and key prefixes."""
    return secrets.randbelow(2**31 - 1) + 1


@pytest.fixture(scope="session")
def built_client() -> Path:
    """The folder of the built pages; skips the test when they were not built."""
    try:
        return shipped("client")
    except NotShippedError:
        pytest.skip("the pages are not built: make client")


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Today's Chromium. Mark tests that use it with `browser`."""
    async with browsers.running(browsers.or_skip(browsers.modern_chromium)) as running:
        yield running


@pytest.fixture
async def old_browser() -> AsyncIterator[Browser]:
    """Chromium 86, which many offices still run. Mark tests that use it with `browser`."""
    async with browsers.running(browsers.or_skip(browsers.old_chromium)) as running:
        yield running


@pytest.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A visitor with today's Chromium; `tests.support.browser.visitor` makes more of them."""
    async with browsers.visitor(browser) as visitor:
        yield visitor


@pytest.fixture
async def page(context: BrowserContext) -> Page:
    """A page of that visitor."""
    return await browsers.open_page(context)
