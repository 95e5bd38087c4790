"""What keeps some people out of a page, as axe sees it."""

import asyncio
import time
from pathlib import Path

from playwright.async_api import Page

from tests.support.waiting import PATIENCE_S

_AXE = Path(__file__).parents[2] / "client/node_modules/axe-core/axe.min.js"
_RESTS = """() => !document.getAnimations().some(
  (one) => one.playState === 'running' && one.effect.getComputedTiming().iterations !== Infinity
)"""
_RUN = """async () => {
  const rests = RESTS
  let moved = !rests()
  const moves = () => { moved = true }
  const kinds = ['transitionrun', 'animationstart']
  kinds.forEach((kind) => document.addEventListener(kind, moves, true))
  const { violations } = await axe.run(document, { resultTypes: ['violations'], preload: false })
  moved ||= !rests()
  kinds.forEach((kind) => document.removeEventListener(kind, moves, true))
  const found = violations
    .filter((one) => ['serious', 'critical'].includes(one.impact))
    .flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html.slice(0, 200)} (${node.failureSummary})`))
  return [found, moved]
}""".replace("RESTS", _RESTS)
# Scripts hear of a window's new size in the next frame, and what they make of it is laid out in the one after.
_BEYOND = """() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => {
  const { scrollWidth, scrollHeight } = document.documentElement
  done([scrollWidth - window.innerWidth, scrollHeight - window.innerHeight])
})))"""


async def barriers(page: Page) -> list[str]:
    """Return every barrier of a page that axe calls serious or critical, with its place.

    What fades in or moves has come to rest before: half faded text is in nobody's way for long.
    """
    deadline = time.monotonic() + PATIENCE_S
    while True:
        await page.wait_for_function(_RESTS)
        if not await page.evaluate("'axe' in window"):
            source = await asyncio.to_thread(_AXE.read_text, "utf-8")
            await page.evaluate(f"{source};undefined")
        found, moved = await page.evaluate(_RUN)
        # Looking takes a while, on a busy machine a long one: what began to fade in meanwhile is looked at again.
        if not (found and moved) or time.monotonic() > deadline:
            return found


async def beyond(page: Page) -> tuple[int, int]:
    """Return how many pixels of a page are beyond the right edge of its window, and below it: 0 where all is within.

    May be asked as soon as the window has another size.
    """
    right, below = await page.evaluate(_BEYOND)
    return right, below
