"""One whole chain, from an empty office to its report."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from leitai.cli.chaining import awarding, nominating, playing
from leitai.cli.chaining.desks import Desk, Desks, must, public
from leitai.cli.chaining.nominating import Ministry, Read
from leitai.cli.chaining.people import Province, Size
from leitai.cli.chaining.report import ChainReport
from leitai.cli.rehearsal.house import House
from leitai.cli.rehearsal.judging import Judgement
from leitai.cli.rehearsal.simulator import Event
from leitai.cli.rehearsal.stage import Piece, set_paper
from leitai.office.bundle.verifying import verify
from leitai.rules.rights import Role

TITLE, ORGANIZER = "业务技能练兵比武 全程试考", "赛务组"


class Teller(Protocol):
    """Shows how far a chain is."""

    def begin(self, step: str) -> None:
        """A step begins."""
        ...

    def end(self, step: str, seconds: float, found: str) -> None:
        """A step ended, with what it came to."""
        ...

    def show(self, event: Event) -> None:
        """Something happened in the contest."""
        ...


@dataclass(frozen=True, slots=True)
class _Listed:
    read: Read
    drawn: Mapping[str, int]
    seats: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Played:
    tickets: int
    figures: Mapping[str, Any]
    judged: Judgement


@dataclass(frozen=True, slots=True)
class _Given:
    awarded: awarding.Awarded
    shown: int
    certificates: int
    plaques: int
    verifiable: bool
    in_pool: int


@dataclass(frozen=True, slots=True)
class _Sealed:
    bytes: int
    findings: int
    awards: int


class Chain:
    """A chain in a house whose doors are open and whose stores are empty.

    What people do at the office's doors are methods of their own, so that they may be done on its pages instead.
    """

    contest: int
    session: int
    ministry: Ministry
    leaders: Mapping[Province, Desk]

    def __init__(self, house: House, size: Size, folder: Path, teller: Teller) -> None:
        self.house = house
        self.size = size
        self.year = datetime.now(UTC).year
        self._folder = folder
        self._teller = teller
        self._seconds: dict[str, float] = {}

    # --- what people do ----------------------------------------------------------------------------------------------

    async def nominate(self) -> Read:
        """Every province sends its list in."""
        return await nominating.upload_all(self.leaders, self.contest)

    async def freeze(self) -> None:
        """The ministry freezes the lists."""
        await nominating.freeze(self.ministry, self.contest)

    async def draw(self) -> None:
        """The places are drawn."""
        await nominating.draw(self.ministry, self.contest, self.size.places)

    async def publish_roster(self) -> None:
        """The roster is made and published."""
        await nominating.make_roster(self.ministry, self.contest)

    async def publish_awards(self) -> None:
        """Two persons publish the awards."""
        await awarding.step(self.ministry, self.session, "open")

    async def settle_awards(self) -> None:
        """Two persons make the awards definite."""
        await awarding.step(self.ministry, self.session, "settle")

    async def print_certificates(self) -> int:
        """Certificates are printed; returns how many."""
        return await awarding.print_all(self.ministry.operator, self.session, "certificate")

    # --- the chain ---------------------------------------------------------------------------------------------------

    async def run(self) -> ChainReport:
        """Play it and return the report.

        Raises:
            Amiss, Refused: a step did not come out; what came before stands in the house.
            SimulationFailed, NeverFinal: see there.
        """
        desks = Desks(self.house)
        try:
            return await self._run(desks)
        finally:
            desks.close()

    async def _run(self, desks: Desks) -> ChainReport:
        async with self._step("staff") as say:
            provinces = await self._staff(desks)
            say(f"{len(provinces) + 5}")
        body: dict[str, object] = {"title": TITLE, "organizer": ORGANIZER, "year": self.year}
        self.contest = (await self.ministry.operator.post("/people-contests", body))["contest"]
        async with self._step("evidence"):
            await nominating.hand_in_evidence(self.ministry, self.contest, provinces, self.year)
        listed = await self._lists()
        played = await self._contest()
        given = await self._awards()
        sealed = await self._bundle()
        whole = await self.house.parts.office.audit_break() is None
        checks = self._checks([one.code for one in provinces], listed, played, given, sealed)
        return self._report(listed, played, given, sealed, {**checks, "audit": whole})

    async def _lists(self) -> _Listed:
        async with self._step("uploads") as say:
            read = await self.nominate()
            say(f"{read.people} people, {read.ineligible} not eligible, slowest {read.longest_s:.1f} s")
        async with self._step("freeze"):
            await self.freeze()
        async with self._step("draw") as say:
            await self.draw()
            drawn = nominating.drawn_by_province(await _record(self.house, self.contest))
            say(f"{sum(drawn.values())} of {len(drawn)} provinces")
        async with self._step("roster") as say:
            await self.publish_roster()
            seats = await nominating.seats_by_province(self.ministry.operator, self.contest)
            say(f"{sum(seats.values())}")
        return _Listed(read, drawn, seats)

    async def _contest(self) -> _Played:
        size, house, operator = self.size, self.house, self.ministry.operator
        async with self._step("paper"):
            piece = Piece(size.provinces * size.seats, size.items, size.seconds_per_item, seed=size.seed)
            paper = await set_paper(house.parts.office, piece)
            self.session = await playing.plan(operator, self.contest, paper)
        async with self._step("tickets") as say:
            tickets = await nominating.print_tickets(operator, self.session)
            say(f"{tickets}")
        async with self._step("contest") as say:
            codes = await playing.open_lobby(operator, house, self.session)
            cast = playing.cast_of(house, self._folder, size.seed, codes)
            figures = await playing.perform(operator, self.session, cast, self._teller.show)
            say(f"{figures['entered']} contestants, {figures['answers_acked']} answers")
        async with self._step("final") as say:
            judged = await playing.make_final(self.ministry, house, self.session, cast)
            say(f"lost {judged.verdict.lost}, doubled {judged.verdict.doubled + judged.verdict.foreign}")
        return _Played(tickets, figures, judged)

    async def _awards(self) -> _Given:
        house, operator = self.house, self.ministry.operator
        async with self._step("awards") as say:
            ties = await awarding.order_ties(self.ministry.chief, self.session)
            awarded = await awarding.look_through(operator, self.session, ties)
            shown = await awarding.seen_by_all(house, self.session, self.publish_awards)
            await awarding.end_period(house)
            await self.settle_awards()
            say(f"{awarded.total} awards, {ties} ties ordered")
        async with self._step("certificates") as say:
            certificates = await self.print_certificates()
            plaques = await awarding.print_all(operator, self.session, "plaque")
            verifiable = await awarding.verified(house, self.session, certificates)
            in_pool = await awarding.in_pool(operator, self.session, self.year)
            say(f"{certificates} certificates, {plaques} plaques")
        return _Given(awarded, shown, certificates, plaques, verifiable, in_pool)

    async def _bundle(self) -> _Sealed:
        notary = self.ministry.notary
        async with self._step("bundle") as say:
            bundle = await notary.fetch(f"/sessions/{self.session}/bundle")
            key = bytes.fromhex((await notary.get("/results"))["key"])
            found = await asyncio.to_thread(verify, bundle, key)
            say(f"{len(bundle)} bytes, {len(found.findings)} findings")
        return _Sealed(len(bundle), len(found.findings), found.awards)

    def _checks(
        self, codes: Sequence[str], listed: _Listed, played: _Played, given: _Given, sealed: _Sealed
    ) -> dict[str, bool]:
        size, awarded = self.size, given.awarded
        everybody = size.provinces * size.seats
        return {
            "read": listed.read.people == size.read,
            "eligibility": listed.read.ineligible == size.provinces * size.barred,
            "drawn": listed.drawn == dict.fromkeys(codes, size.places),
            "roster": listed.seats == dict.fromkeys(codes, size.seats),
            "tickets": played.tickets == everybody,
            "played": played.figures["entered"] == everybody,
            "nothing_lost": played.judged.verdict.sound,
            "receipts": played.judged.verdict.receipts_verified == played.figures["answers_acked"],
            "board": played.judged.board_equals,
            "awards": awarded.total == awarding.due(listed.seats, awarded.national),
            "reasons": awarded.lines == awarded.reasoned == awarded.people,
            "published": given.shown == awarded.total,
            "certificates": given.certificates == awarded.people,
            "plaques": given.plaques == awarded.total - awarded.people,
            "verifiable": given.verifiable,
            "pool": given.in_pool == awarded.people,
            "bundle": not sealed.findings and sealed.awards == awarded.total,
        }

    def _report(
        self, listed: _Listed, played: _Played, given: _Given, sealed: _Sealed, checks: Mapping[str, bool]
    ) -> ChainReport:
        verdict = played.judged.verdict
        return ChainReport(
            provinces=self.size.provinces,
            read=listed.read.people,
            ineligible=listed.read.ineligible,
            drawn=sum(listed.drawn.values()),
            roster=sum(listed.seats.values()),
            tickets=played.tickets,
            contestants=played.figures["entered"],
            answers_acked=played.figures["answers_acked"],
            answers_lost=verdict.lost,
            answers_doubled=verdict.doubled + verdict.foreign,
            ack_ms_p99=played.figures["ack_ms_p99"],
            ties_ordered=given.awarded.ties,
            awards=given.awarded.counts,
            awards_total=given.awarded.total,
            certificates=given.certificates,
            plaques=given.plaques,
            in_pool=given.in_pool,
            bundle_bytes=sealed.bytes,
            bundle_findings=sealed.findings,
            longest_upload_s=round(listed.read.longest_s, 2),
            seconds=self._seconds,
            checks=checks,
        )

    async def _staff(self, desks: Desks) -> Sequence[Province]:
        self.ministry = Ministry(
            await desks.open("operator-1", "王芳", Role.OPERATOR),
            await desks.open("operator-2", "李强", Role.OPERATOR),
            await desks.open("practice", "陈静", Role.PRACTICE_OFFICE),
            await desks.open("notary", "赵敏", Role.AUDITOR),
            await desks.open("chief", "孙磊", Role.CHIEF_JUDGE),
        )
        known = (await self.house.parts.office.delegations())[: self.size.provinces]
        provinces = [Province(one.code, one.short, place, self.size) for place, one in enumerate(known)]
        self.leaders = {
            one: await desks.open(f"l{one.code}", f"{one.short}领队", Role.TEAM_LEADER, one.code) for one in provinces
        }
        return provinces

    @asynccontextmanager
    async def _step(self, name: str) -> AsyncGenerator[Callable[[str], None]]:
        """Time a block; it says what it came to."""
        found: list[str] = []
        self._teller.begin(name)
        began = time.monotonic()
        yield found.append
        self._seconds[name] = round(time.monotonic() - began, 2)
        self._teller.end(name, self._seconds[name], "".join(found))


async def _record(house: House, contest: int) -> bytes:
    """Return the published record of the last draw that is over."""
    anybody = public(house)
    try:
        draws: list[dict[str, Any]] = (await anybody.get(f"/api/draws/{contest}")).json()["draws"]
        answer = await anybody.get(f"/api/draws/{contest}/{draws[-1]['number']}/record")
    finally:
        anybody.close()
    must(answer.status == 200, "draw", answer.status)
    return answer.body
