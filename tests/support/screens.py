"""Screens of broadcasters: a page as a mixer renders it, and what is painted on it."""

import base64
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Page

from tests.support.browser import WAIT_MS, open_page

_WATCH = """
window.refusedByPolicy = []
document.addEventListener('securitypolicyviolation', (event) => {
  window.refusedByPolicy.push(`${event.violatedDirective}: ${event.blockedURI}`)
})
window.executed = []
window.alert = (text) => window.executed.push(text)
"""
SETTLED = """document.fonts.status === 'loaded' && document.getAnimations().every(
  (one) => one.playState !== 'running' || one.effect.target.classList.contains('ticker__belt'))"""
RECTANGLES = """(names) => names.flatMap((name) => [...document.querySelectorAll(name)].map((one) => {
  const { left, top, width, height } = one.getBoundingClientRect()
  return [left, top, width, height]
}))"""
# How many pixels outside a rectangle are not wholly transparent, and how many inside are.
_ALPHA = """async ([encoded, left, top, right, bottom]) => {
  const bytes = Uint8Array.from(atob(encoded), (one) => one.charCodeAt(0))
  const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }))
  const canvas = new OffscreenCanvas(image.width, image.height)
  const context = canvas.getContext('2d')
  context.drawImage(image, 0, 0)
  const painted = () => new Uint32Array(context.getImageData(0, 0, image.width, image.height).data.buffer)
  const count = (pixels) => pixels.reduce((sum, pixel) => sum + (pixel === 0 ? 0 : 1), 0)
  const all = count(painted())
  context.clearRect(left - 1, top - 1, right - left + 2, bottom - top + 2)
  const outside = count(painted())
  return [outside, all - outside]
}"""


@asynccontextmanager
async def screen(browser: Browser, scale: int = 1, *, calm: bool = False) -> AsyncGenerator[Page]:
    """A screen of 1920×1080 or 3840×2160; afterwards nothing may have gone wrong on it."""
    context = await browser.new_context(
        locale="zh-CN",
        viewport={"width": 1920 * scale, "height": 1080 * scale},
        reduced_motion="reduce" if calm else "no-preference",
    )
    context.set_default_timeout(WAIT_MS)
    await context.add_init_script(_WATCH)
    page = await open_page(context)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(error.message))
    try:
        yield page
        assert errors == []
        assert await page.evaluate("window.executed") == []
        assert await page.evaluate("window.refusedByPolicy") == []
    finally:
        await context.close()


async def until(page: Page, condition: str) -> None:
    """Wait within the page, frame by frame: its policy forbids what Playwright would do."""
    await page.evaluate(
        f"""async () => {{
          const lastMs = performance.now() + {WAIT_MS}
          // Slices of the font are asked for when letters are laid out.
          void document.body.offsetWidth
          await document.fonts.ready
          while (!({condition})) {{
            if (performance.now() > lastMs) throw new Error('not in time')
            await new Promise(requestAnimationFrame)
          }}
        }}"""
    )


async def painted(page: Page, left: float = 0, top: float = 0, right: float = 0, bottom: float = 0) -> tuple[int, int]:
    """Return how many pixels outside a rectangle are not wholly transparent, and how many inside."""
    # A page that has painted nothing yet cannot be taken a picture of.
    await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    picture = base64.b64encode(await page.screenshot(omit_background=True)).decode()
    outside, inside = await page.evaluate(_ALPHA, [picture, left, top, right, bottom])
    return outside, inside
