"""A house, and windows for whoever comes to it.

With LEITAI_PICTURES set to a folder, every page that is looked over is photographed into it.
"""

import os
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Page

from leitai.cli.rehearsal.house import House
from leitai.rules.rights import Role
from tests.support.barriers import barriers
from tests.support.browser import open_page, visitor
from tests.support.staff_pages import let_in


@dataclass
class Room:
    """A house, a browser, and what went wrong on its pages (`faults`)."""

    house: House
    browser: Browser
    open: AsyncExitStack
    named: str
    """How names of pictures begin."""
    faults: list[str] = field(default_factory=list[str])
    _pictures: int = 0

    async def context(self) -> BrowserContext:
        """A browser of somebody's own."""
        context = await self.open.enter_async_context(visitor(self.browser))
        context.on("weberror", lambda error: self.faults.append(error.error.message))
        return context

    async def staff(self, login: str, role: str, place: str) -> Page:
        """The window of a new member of the staff, at a place of the office."""
        context = await self.context()
        await let_in(self.house, context, login, Role(role))
        page = await open_page(context)
        await page.set_viewport_size({"width": 1366, "height": 768})
        await page.goto(f"{self.house.office_url}/#/{place}")
        return page

    async def whole(self, page: Page, name: str) -> None:
        """Nothing runs out of the window, nothing is in anybody's way; a picture is kept where somebody wants them."""
        assert await page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, name
        assert await barriers(page) == [], name
        if folder := os.environ.get("LEITAI_PICTURES"):
            self._pictures += 1
            await page.screenshot(path=Path(folder) / f"{self.named}-{self._pictures:02}-{name}.png")
