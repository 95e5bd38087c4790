"""From the provinces' files to the published roster: uploads, the freeze by two, the draw, admission tickets."""

import asyncio
import csv
import secrets
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any

from leitai.cli.chaining.desks import Desk, must
from leitai.cli.chaining.people import Province, history_file, practice_file
from leitai.rules.draw import commitment
from leitai.rules.draw_check import examine
from leitai.rules.draw_protocol import DrawState

PARTIES = ("部赛务组", "公证处")
KNOWN_AFTER_S = 20.0
"""The public value is known so long after the announcement: time for both commitments on a busy machine."""
_POLL_S = 0.2


@dataclass(frozen=True, slots=True)
class Ministry:
    """The desks at the ministry."""

    operator: Desk
    second: Desk
    practice: Desk
    notary: Desk
    chief: Desk


@dataclass(frozen=True, slots=True)
class Read:
    """What came in: how many people, how many of them may not take part, and how long the slowest province waited."""

    people: int
    ineligible: int
    longest_s: float


@dataclass(frozen=True, slots=True)
class Announced:
    """A draw that waits for its public value: from when that may be known, the seeds, and what it will be."""

    known_from_us: int
    seeds: tuple[str, ...]
    value: str

    async def known(self) -> None:
        """Wait until the value may be entered."""
        await asyncio.sleep(max(0.0, self.known_from_us / 1e6 - time.time()))


async def hand_in_evidence(ministry: Ministry, contest: int, provinces: Sequence[Province], year: int) -> None:
    """Bring the records of practice, and the expert pool's history of former years."""
    data = await asyncio.to_thread(practice_file, provinces, year)
    path = f"/practice-records/{contest}"
    kept = await ministry.practice.bring(path, data, name="练兵.xlsx", keep="true")
    must(kept["practice"] is not None, "practice records", kept["problems"])
    history = await asyncio.to_thread(history_file, provinces)
    taken = await ministry.operator.bring("/pool/import", history, file="历史.xlsx")
    must(taken["committed"], "history", taken["problems"])


async def upload_all(leaders: Mapping[Province, Desk], contest: int) -> Read:
    """Every province checks its list, uploads it and hands it in, all of them at the same time."""
    told = await asyncio.gather(*(_upload(leader, contest, one) for one, leader in leaders.items()))
    people = sum(report["named"] + report["nominated"] for report, _ in told)
    return Read(people, sum(report["ineligible"] for report, _ in told), max(took for _, took in told))


async def _upload(leader: Desk, contest: int, province: Province) -> tuple[dict[str, Any], float]:
    data = await asyncio.to_thread(province.list_file)
    began, at = time.monotonic(), f"/nominations/{contest}/{province.code}"
    checked = await leader.bring(f"{at}/upload", data, name="名单.xlsx")
    must(not (checked["fault"] or checked["problems"]), province.code, checked["fault"] or checked["problems"])
    report = await leader.bring(f"{at}/upload", data, name="名单.xlsx", expects=0)
    edition = report["standing"]["edition"]
    await leader.post(f"{at}/submit", {"expects": edition, "short": True})
    return report, time.monotonic() - began


async def freeze(ministry: Ministry, contest: int) -> None:
    """The ministry freezes what was handed in; another confirms."""
    seen = await ministry.operator.get(f"/nominations/{contest}")
    asked = await ministry.operator.post(f"/nominations/{contest}/freeze", {"expects": seen["contest"]["edition"]})
    if not asked["done"]:
        await ministry.second.post(f"/people-requests/{asked['request']}", {"confirm": True})


async def announce_draw(ministry: Ministry, contest: int, places: int) -> Announced:
    """Announce a draw, and have both parties commit to their seeds."""
    known_from_us = time.time_ns() // 1000 + int(KNOWN_AFTER_S * 1e6)
    body: dict[str, object] = {
        "number": 1,
        "parties": list(PARTIES),
        "value_name": "试考当日公布的两个数",
        "value_kind": "numbers",
        "known_from_us": known_from_us,
        "places": places,
    }
    await ministry.operator.post(f"/draws/{contest}", body)
    seeds = [secrets.token_hex(32) for _ in PARTIES]
    for party, holder in enumerate((ministry.operator, ministry.notary), start=1):
        content = commitment(bytes.fromhex(seeds[party - 1]))
        commit: dict[str, object] = {"act": "commit", "expects": party, "party": party, "content": content}
        await holder.post(f"/draws/{contest}/1/witness", commit)
    return Announced(known_from_us, tuple(seeds), f"{secrets.randbelow(1000)} {secrets.randbelow(1000)}")


async def draw(ministry: Ministry, contest: int, places: int) -> None:
    """The draw by its protocol: announced, committed to, the value by two persons, seeds disclosed, drawn."""
    operator, notary, at = ministry.operator, ministry.notary, f"/draws/{contest}/1"
    announced = await announce_draw(ministry, contest, places)
    await announced.known()
    await operator.post(f"{at}/acts", {"act": "enter_value", "expects": 3, "content": announced.value})
    await notary.post(f"{at}/witness", {"act": "confirm_value", "expects": 4, "content": announced.value})
    for party, holder in enumerate((operator, notary), start=1):
        seed = announced.seeds[party - 1]
        body: dict[str, object] = {"act": "disclose", "expects": 4 + party, "party": party, "content": seed}
        await holder.post(f"{at}/witness", body)
    await operator.post(f"{at}/acts", {"act": "draw", "expects": 7})


def drawn_by_province(record: bytes) -> dict[str, int]:
    """Return how many a published record drew of each province; nothing for one that does not hold."""
    examined = examine(record)
    if not examined.sound or examined.record is None or examined.ended != DrawState.DRAWN.value:
        return {}
    return {str(one.delegation): len(one.drawn) for one in examined.record.transcript.provinces}


async def make_roster(ministry: Ministry, contest: int) -> None:
    """Make and publish the roster."""
    await ministry.operator.post(f"/rosters/{contest}/make")
    await ministry.second.post(f"/rosters/{contest}/publish")


async def seats_by_province(operator: Desk, contest: int) -> dict[str, int]:
    """Return how many of each delegation keep their place."""
    seats = (await operator.get(f"/rosters/{contest}"))["seats"]
    return dict(Counter(one["delegation"] for one in seats if not one["struck"]))


async def print_tickets(operator: Desk, session: int) -> int:
    """Print everybody's admission ticket; returns how many there are."""
    job = await operator.post("/tickets", {"session": session, "together": True})
    while not (job["ready"] or job["fault"]):
        await asyncio.sleep(_POLL_S)
        job = await operator.get(f"/tickets/{job['job']}")
    must(not job["fault"], "tickets", job["fault"])
    must((await operator.fetch(f"/tickets/{job['job']}/files/0")).startswith(b"%PDF-"), "tickets", "PDF")
    return job["total"]


def codes_of(table: str) -> list[tuple[str, str]]:
    """Return (admission number, code) of everybody in a table of codes who was not struck off."""
    rows = csv.DictReader(StringIO(table.removeprefix("\ufeff")))
    return [(row["admission_no"], row["code"]) for row in rows if not row["struck"]]
