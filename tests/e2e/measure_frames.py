"""How many frames a page drops while a contest moves it: `python -m tests.e2e.measure_frames [PATH]` (/hall).

A contest of 200 with items of 8 s, today's Chromium without a window at 1920 × 1080. A frame is dropped when the one
after it comes a sixtieth of a second late or more: the gaps between animation frames say so. Server, contestants and
browser share the machine, so a busy one is measured with it: the first line says what an empty page drops, and the
browser's CPU, all its processes together and drawing without a graphics card, depends on nobody else.
"""

import asyncio
import contextlib
import sys

import psutil
from playwright.async_api import Browser, ViewportSize

from tests.support import browser as browsers
from tests.support.demo import Run, started
from tests.support.stores import scratch_folder

CONTEST = ("--contestants", "200", "--items", "8", "--seconds-per-item", "8", "--starts-in", "20")
SIZE = ViewportSize(width=1920, height=1080)
EMPTY_S, PAGE_S = 10, 75
_WATCH = """
window.gaps = []
let last = 0
const frame = (now) => {
  if (last) window.gaps.push(now - last)
  last = now
  requestAnimationFrame(frame)
}
requestAnimationFrame(frame)
"""


def main() -> None:
    """Print what an empty page and the page at PATH drop."""
    path = sys.argv[1] if len(sys.argv) > 1 else "/hall"
    with scratch_folder() as folder, started(folder / "data", *CONTEST) as run:
        run.session()
        asyncio.run(_measure(run, path))
        run.interrupt()


async def _measure(run: Run, path: str) -> None:
    async with browsers.running(browsers.modern_chromium()) as chromium:
        await _watch(chromium, "about:blank", "an empty page", EMPTY_S)
        await _watch(chromium, f"{run.url}{path}", path, PAGE_S)


async def _watch(chromium: Browser, address: str, name: str, seconds: int) -> None:
    context = await chromium.new_context(viewport=SIZE, locale="zh-CN")
    page = await context.new_page()
    await page.goto(address)
    await page.evaluate(_WATCH)
    used_s = _browsers_cpu_s()
    await asyncio.sleep(seconds)
    used_s = _browsers_cpu_s() - used_s
    gaps: list[float] = await page.evaluate("window.gaps")
    await context.close()
    dropped = sum(round(gap * 60 / 1000) - 1 for gap in gaps if gap > 0)
    frames = len(gaps) + dropped
    worst = sorted(gaps)[-3:]
    gaps_ms = ", ".join(f"{gap:.0f}" for gap in reversed(worst))
    print(f"{name}: {dropped} of {frames} frames dropped ({dropped / frames:.2%}), the longest took {gaps_ms} ms;")
    print(f"  the browser used {used_s / seconds:.1%} of a core")


def _browsers_cpu_s() -> float:
    """Return the CPU time of all processes of the browser so far."""
    total = 0.0
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if "chrom" in process.name():
                times = process.cpu_times()
                total += times.user + times.system
    return total


if __name__ == "__main__":
    main()
