"""A renderer of OGraf graphics, as broadcasters have one: a web server of its own, with our package in it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.support.air import serving

_PAGE = """<!doctype html><html><body style="margin: 0; background: transparent">
<div style="position: relative; width: 100vw; height: 100vh; overflow: hidden"></div></body></html>"""


@asynccontextmanager
async def rendering(built_client: Path) -> AsyncGenerator[str]:
    """The address of the renderer's page, which has nothing on it yet."""

    async def page(_: Request) -> Response:
        return Response(_PAGE, media_type="text/html")

    async def module(_: Request) -> Response:
        code = await asyncio.to_thread((built_client / "broadcast/ograf/leitai.mjs").read_bytes)
        return Response(code, media_type="text/javascript")

    async with serving(lambda _: Starlette(routes=[Route("/", page), Route("/leitai.mjs", module)])) as url:
        yield url


async def put(page: Page) -> None:
    """Put the graphic on the renderer's page, as `window.graphic`; nothing is loaded."""
    await page.evaluate("""async () => {
      const { default: Graphic } = await import('/leitai.mjs')
      customElements.define('ograf-leitai', Graphic)
      window.graphic = document.querySelector('div').appendChild(document.createElement('ograf-leitai'))
    }""")


async def call(page: Page, method: str, params: Any) -> Any:
    """Call a method of the graphic and return what it answers."""
    return await page.evaluate("([method, params]) => window.graphic[method](params)", [method, params])
