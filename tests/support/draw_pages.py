"""The draw's pages in browsers: the steps that more than one test goes."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from playwright.async_api import Page, expect

PARTIES = ("部赛务组", "公证处")


async def to_the_end(operator: Page, notary: Page, value: str, seeds: Sequence[str], folder: Path) -> None:
    """From the public value, typed by two, over both seeds, one from its file, to what is drawn; typos are refused."""
    await operator.get_by_label("公共值", exact=True).fill(value.replace(" ", "，"))
    await operator.get_by_role("button", name="录入").click()
    await expect(operator.get_by_text("由您录入，须由另一人确认。")).to_be_visible()
    again = notary.get_by_label("请对照公布内容再录入一遍")
    await again.fill(f"{value} 1")
    await notary.get_by_role("button", name="确认", exact=True).click()
    await expect(notary.get_by_role("alert")).to_contain_text("不一致")
    await again.fill(value)
    await notary.get_by_role("button", name="确认", exact=True).click()

    seed = folder / "seed.txt"
    await asyncio.to_thread(seed.write_text, f"{PARTIES[0]}\n种子 seed: {seeds[0]}\n", "utf-8")
    ours = operator.get_by_label(f"{PARTIES[0]}的种子")
    await expect(ours).to_be_visible()
    await operator.locator("input[type=file]").first.set_input_files(seed)
    await expect(ours).to_have_value(seeds[0])
    await operator.get_by_role("button", name="公开种子").first.click()
    await expect(ours).to_have_count(0)
    theirs = notary.get_by_label(f"{PARTIES[1]}的种子")
    # Before the value is confirmed no seed is asked for at all.
    await expect(theirs).to_be_visible()
    await expect(notary.get_by_label(f"{PARTIES[0]}的种子")).to_have_count(0)
    await theirs.fill("33" * 32)
    await notary.get_by_role("button", name="公开种子").click()
    await expect(notary.get_by_text("种子与此前公布的承诺值不符")).to_be_visible()
    await theirs.fill(seeds[1])
    await notary.get_by_role("button", name="公开种子").click()

    await operator.get_by_role("button", name="抽取", exact=True).click()
    await operator.get_by_role("button", name="确认抽取").click()
    await expect(operator.get_by_text("全部省份已抽取，记录已公布。")).to_be_visible()


async def begin_ceremony(operator: Page, hall: Page, first: str, drawn: int) -> None:
    """The hall sees the first province's names, one and then all."""
    await operator.get_by_role("link", name="抽签揭晓").click()
    await expect(hall.get_by_role("heading", name="抽取已完成，即将揭晓")).to_be_visible()
    await operator.get_by_role("button", name="开始揭晓").click()
    await expect(hall.get_by_role("heading", name=first)).to_be_visible()
    await expect(hall.locator(".name__name").first).to_be_visible()
    await operator.get_by_role("button", name="全部显示").click()
    await expect(hall.locator(".name__name")).to_have_count(drawn)


async def end_ceremony(operator: Page, hall: Page) -> None:
    """The ceremony is over."""
    await operator.get_by_role("button", name="结束揭晓").click()
    await expect(hall.get_by_role("heading", name="揭晓完毕")).to_be_visible()
