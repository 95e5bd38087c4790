"""How smooth overlays are: frames dropped while rows glide, at 1080p in headless Chromium. Run by hand:

.venv/bin/python -m tests.e2e.measure_overlays
"""

import asyncio
import random
import time
from typing import Any

from leitai.resources import shipped
from tests.support import browser as browsers
from tests.support.air import TOKEN, air_body, on_air
from tests.support.screens import screen

WARM_S = 3  # a browser has things to do after its start
SECONDS = 20
EVERY_S = 0.5
# A frame is dropped for each whole sixtieth of a second by which the next one came late.
_WATCH = """() => {
  window.frames = { shown: 0, dropped: 0, longest: 0 }
  let before = 0
  const frame = (now) => {
    if (before) {
      window.frames.shown++
      window.frames.dropped += Math.max(0, Math.round(((now - before) * 60) / 1000) - 1)
      window.frames.longest = Math.max(window.frames.longest, now - before)
    }
    before = now
    requestAnimationFrame(frame)
  }
  requestAnimationFrame(frame)
}"""


async def main() -> None:
    """Shuffle a board for some seconds on each overlay, and print what was dropped."""
    async with (
        browsers.running(browsers.modern_chromium()) as browser,
        on_air(shipped("client"), air_body()) as (air, url),
    ):
        for name in ("delegations", "top10", "strip", "ticker"):
            async with screen(browser) as page:
                await page.goto(f"{url}/overlay/{name}?token={TOKEN}")
                await page.locator(".scene").wait_for()
                await page.evaluate("document.fonts.ready")
                await asyncio.sleep(WARM_S)
                await page.evaluate(_WATCH)
                until = time.monotonic() + SECONDS
                while time.monotonic() < until:
                    await air.tell(_shuffled())
                    await asyncio.sleep(EVERY_S)
                frames: dict[str, float] = await page.evaluate("window.frames")
            share = frames["dropped"] / (frames["shown"] + frames["dropped"])
            print(
                f"{name:12} {frames['shown']:.0f} frames shown, {frames['dropped']:.0f} dropped ({share:.2%}), "
                f"longest {frames['longest']:.0f} ms"
            )


def _shuffled() -> dict[str, Any]:
    body = air_body()
    for rows in (body["teams"], body["individuals"]):
        random.shuffle(rows)
        for rank, row in enumerate(rows, 1):
            row["rank"] = rank
    return body


if __name__ == "__main__":
    asyncio.run(main())
