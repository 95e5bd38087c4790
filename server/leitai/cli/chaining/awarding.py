"""From the final session to certificates: ties ordered, published by two, definite, printed, verified, in the pool."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from leitai.cli.chaining.desks import Desk, must, public
from leitai.cli.chaining.nominating import Ministry
from leitai.cli.rehearsal.house import House
from leitai.office.awards.tokens import CertificateTokens
from leitai.rules.honours import PLAN_QUOTAS
from leitai.rules.values import SessionId

PEOPLE = ("knowledge", "star")
_TIES = 200
_SEEN_S = 60.0
_POLL_S = 0.2


@dataclass(frozen=True, slots=True)
class Awarded:
    """What came of a session: awards by kind, how many lines say why, ties that the chief judge ordered."""

    counts: Mapping[str, int]
    lines: int
    reasoned: int
    ties: int
    national: Mapping[str, int]
    """How many of each delegation are among the national best."""

    @property
    def total(self) -> int:
        """Of all kinds."""
        return sum(self.counts.values())

    @property
    def people(self) -> int:
        """Those of persons."""
        return sum(self.counts.get(kind, 0) for kind in PEOPLE)


def due(seats: Mapping[str, int], held: Mapping[str, int]) -> int:
    """Return how many awards there are to be (plan 六), by how many take part of each delegation and how many of them
    are among the national best: 178 for a whole nation."""
    knowledge = min(PLAN_QUOTAS.knowledge, sum(seats.values()))
    stars = sum(min(PLAN_QUOTAS.stars_per_delegation, count - held.get(one, 0)) for one, count in seats.items())
    return knowledge + stars + min(sum(PLAN_QUOTAS.teams), len(seats))


async def order_ties(chief: Desk, session: int) -> int:
    """Order whoever is equal at a boundary, as a lot would; returns how often that was needed."""
    for made in range(_TIES):
        blockers = (await chief.get(f"/awards/{session}"))["blockers"]
        ties = [one for one in blockers if one["code"] == "tie"]
        if not ties:
            return made
        persons, delegations = ties[0]["persons"], ties[0]["delegations"]
        body: dict[str, object] = {
            "kind": "order_equals",
            "persons": persons,
            "delegations": delegations,
            "reason": "当场抽签",
        }
        await chief.post(f"/awards/{session}/corrections", body)
    must(False, "ties", _TIES)
    return _TIES


async def look_through(operator: Desk, session: int, ties: int) -> Awarded:
    """Return what the preview says, with everybody's line who has an award."""
    desk = await operator.get(f"/awards/{session}")
    lines: list[dict[str, Any]] = (await operator.get(f"/awards/{session}/lines"))["lines"]
    awarded = [one for one in lines if one["verdict"] == "awarded"]
    national = Counter(one["delegation"] for one in awarded if one["kind"] == "knowledge")
    return Awarded(desk["counts"], len(awarded), sum(map(_says_why, awarded)), ties, national)


def _says_why(line: Mapping[str, Any]) -> bool:
    if line["kind"] == "knowledge":
        return 1 <= line["national_place"] <= PLAN_QUOTAS.knowledge
    return line["kind"] == "star" and 1 <= line["after_passing"] <= PLAN_QUOTAS.stars_per_delegation


async def seen_by_all(house: House, session: int, publish: Callable[[], Awaitable[None]]) -> int:
    """Have the list published; returns how many awards anybody sees from then on, and nobody before."""
    anybody = public(house)
    path = f"/api/sessions/{session}/awards"
    try:
        before = await anybody.get(path)
        must(before.error_code == "not-yet", "publicity", before.status)
        await publish()
        deadline = time.monotonic() + _SEEN_S
        # A gateway's answer serves everybody for a moment.
        while (answer := await anybody.get(path)).status != 200:
            must(time.monotonic() < deadline, "publicity", answer.status)
            await asyncio.sleep(_POLL_S)
        return sum(len(answer.json()[part]) for part in ("knowledge", "stars", "teams"))
    finally:
        anybody.close()


async def end_period(house: House) -> None:
    """End the period of the publication: in a rehearsal nobody waits five working days."""
    async with house.parts.database.connection() as connection:
        await connection.execute(
            "alter table public.award_list disable trigger user;"
            "update public.award_list set closes_us = opens_us + 1;"
            "alter table public.award_list enable trigger user"
        )


async def step(ministry: Ministry, session: int, kind: str) -> None:
    """Have a step of the publication asked for by one and confirmed by another."""
    desk = await ministry.operator.get(f"/awards/{session}")
    await ministry.operator.post(f"/awards/{session}/steps", {"kind": kind, "digest": desk["digest"]})
    waiting = (await ministry.second.get(f"/awards/{session}"))["steps"]
    must(len(waiting) == 1, kind, waiting)
    await ministry.second.post(f"/award-steps/{waiting[0]['step']}", {"decision": "confirm"})


async def print_all(operator: Desk, session: int, form: str) -> int:
    """Print every certificate or plaque in one file; returns how many there are."""
    job = await operator.post(f"/awards/{session}/prints", {"form": form, "file": "pdf"})
    while job["state"] == "printing":
        await asyncio.sleep(_POLL_S)
        job = await operator.get(f"/award-prints/{job['job']}")
    must(job["state"] == "ready", form, job)
    must((await operator.fetch(f"/award-prints/{job['job']}/file")).startswith(b"%PDF-"), form, "PDF")
    return job["total"]


async def verified(house: House, session: int, serials: int) -> bool:
    """Whether anybody can verify the first and the last certificate by what their codes say, and is told no more than
    name, award and year."""
    tokens, anybody = CertificateTokens(house.parts.settings.server_key), public(house)
    try:
        for serial in (1, serials):
            answer = await anybody.post("/api/certificate", {"token": tokens.token(SessionId(session), serial)})
            if answer.status != 200 or sorted(answer.json()) != ["award", "name", "year"]:
                return False
    finally:
        anybody.close()
    return True


async def in_pool(operator: Desk, session: int, year: int) -> int:
    """Return how many the expert pool has of a year's holders, once it was told of them."""
    desk = await operator.get(f"/awards/{session}")
    must(desk["handed_over"], "expert pool", desk["certificates"])
    return sum([(await operator.get(f"/pool?year={year}&kind={kind}"))["total"] for kind in PEOPLE])
