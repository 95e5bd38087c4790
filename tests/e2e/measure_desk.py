"""How the judges' desk bears a rush: `python -m tests.e2e.measure_desk`, with the pages built.

1,600 answers of 32 delegations within a second, three times; a browser shows the newest answers and then one item:
how long until the page shows the last of them, and how its frames came meanwhile.
"""

import asyncio
import time

from playwright.async_api import Browser, Page, expect

from leitai.live.ports import SessionFile, Submission
from leitai.office.staff import Staff
from leitai.office.staff_ports import StaffChange
from leitai.rules.rights import NO_DELEGATION, Role
from leitai.rules.values import ItemNo
from leitai.stores.valkey.accept import ValkeyLedger
from tests.support.browser import modern_chromium, open_page, running, visitor
from tests.support.judges import FILL_IN, SINGLE, judged_session
from tests.support.staffed import PASSWORD, Office

REGIONS = (
    11,
    12,
    13,
    14,
    15,
    21,
    22,
    23,
    31,
    32,
    33,
    34,
    35,
    36,
    37,
    41,
    42,
    43,
    44,
    45,
    46,
    50,
    51,
    52,
    53,
    54,
    61,
    62,
    63,
)
CODES = tuple(f"{region}0000" for region in (*REGIONS, 64, 65, 66))
BATCH = 32
_FRAMES = """() => {
  window.gaps = []
  let last = performance.now()
  const next = (now) => { window.gaps.push(now - last); last = now; requestAnimationFrame(next) }
  requestAnimationFrame(next)
}"""

_SEEN = """([all, last]) => document.body.innerText.includes(all) &&
  document.querySelector('.tail__table tbody tr, .item__figures').innerText.replace(/\\s+/g, ' ').includes(last)"""


async def main() -> None:
    """Print a line for each view."""
    async with (
        judged_session(per_delegation=50, codes=CODES) as (office, file),
        running(modern_chromium()) as browser,
    ):
        await _look(office, file, browser)


async def _look(office: Office, file: SessionFile, browser: Browser) -> None:
    staff = Staff(office.house.parts.office, office.house.parts.settings.server_key)
    change = StaffChange("赵强", frozenset({Role.JUDGE}), NO_DELEGATION, disabled=False)
    _, code = await staff.invite("measure", "judge", change)
    async with visitor(browser) as context:
        page = await open_page(context)
        await page.set_viewport_size({"width": 1366, "height": 768})
        await page.goto(f"{office.house.office_url}/#/desk?view=tail")
        await page.get_by_role("button", name="我有邀请码").click()
        for label, text in (("账号", "judge"), ("新密码", PASSWORD), ("再输一次", PASSWORD)):
            await page.get_by_label(label).fill(text)
        await page.get_by_label("邀请码", exact=True).fill(code)
        await page.get_by_role("button", name="设置密码并进入").click()
        await expect(page.get_by_text("已收到 0 份作答")).to_be_visible(timeout=30_000)
        await page.evaluate(_FRAMES)
        await _rush(office, file, page, SINGLE, 1, "the newest answers, first")
        await _rush(office, file, page, SINGLE, 2, "the newest answers, again")
        await page.goto(f"{office.house.office_url}/#/desk?item={FILL_IN}")
        await expect(page.get_by_text("应当在____内申请。")).to_be_visible()
        await _rush(office, file, page, FILL_IN, 3, "an item, all texts unlike")


async def _rush(office: Office, file: SessionFile, page: Page, item: ItemNo, nth: int, what: str) -> None:
    ledger = ValkeyLedger(office.house.parts.store, file.session_id, file.shards)
    sittings = [member.sitting_id for member in file.members]
    await page.evaluate("window.gaps = []")
    began = time.monotonic()
    for first in range(0, len(sittings), BATCH):
        await asyncio.sleep(max(0.0, began + first / len(sittings) - time.monotonic()))
        texts = [(f"第{one}条",) if item == FILL_IN else ("AB"[one % 2],) for one in sittings[first : first + BATCH]]
        batch = [
            Submission(sitting, item, nth, text, 0, 1_000_000 + sitting * 3000)
            for sitting, text in zip(sittings[first : first + BATCH], texts, strict=True)
        ]
        await ledger.accept(0, batch)
    accepted = time.monotonic()
    last = file.members[-1].name if item == SINGLE else "1,600 / 1,600"
    await page.wait_for_function(_SEEN, arg=[f"已收到 {nth * 1600:,} 份作答", last])
    seen = time.monotonic()
    await page.wait_for_timeout(1000)
    gaps = sorted(await page.evaluate("window.gaps"))
    print(
        f"{what:28} sent in {accepted - began:4.2f} s, all seen {seen - accepted:5.2f} s later; {len(gaps)} frames, "
        f"median gap {gaps[len(gaps) // 2]:.0f} ms, p99 {gaps[len(gaps) * 99 // 100]:.0f} ms, longest {gaps[-1]:.0f} ms"
    )


if __name__ == "__main__":
    asyncio.run(main())
