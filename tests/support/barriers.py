"""What keeps some people out of a page, as axe sees it."""

import asyncio
from pathlib import Path

from playwright.async_api import Page

_AXE = Path(__file__).parents[2] / "client/node_modules/axe-core/axe.min.js"
_RUN = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ['violations'], preload: false })
  return violations
    .filter((one) => ['serious', 'critical'].includes(one.impact))
    .flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html.slice(0, 200)} (${node.failureSummary})`))
}"""
_AT_REST = """() => !document.getAnimations().some(
  (one) => one.playState === 'running' && one.effect.getComputedTiming().iterations !== Infinity
)"""


async def barriers(page: Page) -> list[str]:
    """Return every barrier of a page that axe calls serious or critical, with its place.

    What fades in or moves has come to rest before: half faded text is in nobody's way for long.
    """
    await page.wait_for_function(_AT_REST)
    if not await page.evaluate("'axe' in window"):
        source = await asyncio.to_thread(_AXE.read_text, "utf-8")
        await page.evaluate(f"{source};undefined")
    return await page.evaluate(_RUN)
