"""From a final session to definite awards and certificates, on a real database, with objections and corrections."""

import asyncio
import io
import json
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import msgspec
import pytest
from pypdf import PdfReader

from leitai.cli.awards import print_, show
from leitai.office.awards.objections import Objections
from leitai.office.awards.ports import Certificate, Objection, Winner
from leitai.office.awards.printing import Busy, NotDefinite, Printing, Unprintable
from leitai.office.awards.procedure import AwardsOffice, NotToBeSeenYet
from leitai.office.awards.tokens import CertificateTokens
from leitai.office.bundle.container import pack, unpack
from leitai.office.bundle.making import make_bundle
from leitai.office.bundle.verifying import verify
from leitai.office.ports import StoreUnavailable
from leitai.office.printing.jobs import PrintJob
from leitai.office.signing import Signer
from leitai.office.staff_ports import StaffRecord
from leitai.rules.award_corrections import Rename, Withdraw
from leitai.rules.effects import OrderEquals, StrikeOff
from leitai.rules.publicity import OPEN_OBJECTIONS, PublicityRefused, Step, StepKind, period_end
from leitai.rules.values import ActorId, Micros, Phase, SessionId, SittingId
from leitai.stores.postgres.awards_store import PostgresAwards
from leitai.stores.postgres.objections_store import AWARDS
from leitai.stores.postgres.printing_store import PostgresPrints
from leitai.stores.postgres.results_store import PostgresSeals
from leitai.wire.awards_bodies import AwardsDesk
from leitai.wire.results_bundle import canonical
from tests.support.awarded import BEIJING, CHIEF, LEADER, OP, PER_DELEGATION, SECOND, STAFF, session_over
from tests.support.office import SERVER_KEY, START_US, Stores, stores_at
from tests.support.stores import held_up

DAY_US = 24 * 3600 * 1_000_000
RARE = "张㼆𬭎䶮"


class Pool:
    """The expert pool: out at the first call."""

    def __init__(self) -> None:
        self.calls = 0
        self.taken: list[tuple[int, int, list[Winner]]] = []

    async def add(self, contest_id: int, year: int, winners: Sequence[Winner], actor: str) -> None:
        self.calls += 1
        if self.calls == 1:
            raise StoreUnavailable
        self.taken.append((contest_id, year, list(winners)))


@dataclass
class Ministry:
    stores: Stores
    office: AwardsOffice
    objections: Objections
    printing: Printing
    session_id: SessionId
    sittings: list[SittingId]
    """Best first; the fiftieth and the next are equal."""
    pool: Pool
    clock: dict[str, int] = field(default_factory=dict[str, int])

    async def finalize(self) -> None:
        await self.stores.archive.save_phase(self.session_id, Phase.FINALIZED, START_US)

    async def desk(self) -> AwardsDesk:
        return await self.office.desk(self.session_id)

    async def member(self, login: str) -> StaffRecord:
        found = await self.stores.office.staff_by_login(login)
        assert found is not None
        return found

    async def ask(self, kind: StepKind, actor: ActorId = OP, *, keep_end: bool = False) -> int:
        return await self.office.ask(self.session_id, kind, (await self.desk()).digest, actor, keep_end=keep_end)

    async def both(self, kind: StepKind, *, keep_end: bool = False) -> None:
        await self.office.decide(await self.ask(kind, keep_end=keep_end), SECOND, confirms=True)

    async def ordered(self) -> None:
        """The tie at the national boundary, decided."""
        tied = tuple(self.sittings[49:51])
        await self.office.correct(self.session_id, OrderEquals(tied), "抽签决定", 0, CHIEF)

    async def audited(self) -> list[str]:
        async with self.stores.database.connection() as connection:
            return [row["action"] for row in await connection.fetch("select action from audit order by no")]


@pytest.fixture
async def ministry(database: str) -> AsyncIterator[Ministry]:
    """A session of 60 that is under review; the elapsed time of one right answer orders everyone."""
    async with stores_at(database) as stores:
        over = await session_over(stores)
        for login, role, home in STAFF:
            await stores.office.add_staff(login, login, frozenset({role}), home, "tests")
        clock, pool = {"us": START_US + DAY_US}, Pool()
        awards = PostgresAwards(stores.database)

        def now_us() -> Micros:
            return Micros(clock["us"])

        office = AwardsOffice(stores.office, awards, CertificateTokens(SERVER_KEY), now_us, pool)
        yield Ministry(
            stores,
            office,
            Objections(stores.office, awards, now_us),
            Printing(office, "https://contest.example.cn", PostgresPrints(stores.database, stores.vault)),
            over.session_id,
            over.sittings,
            pool,
            clock,
        )


async def refused(coroutine: object) -> str:
    try:
        await coroutine  # pyright: ignore[reportGeneralTypeIssues]
    except PublicityRefused as refusal:
        return refusal.code
    return ""


async def test_a_tie_at_a_boundary_holds_everything_up_until_it_is_decided(ministry: Ministry) -> None:
    desk = await ministry.desk()
    tie = next(one for one in desk.blockers if one.code == "tie")
    assert tie.seats == [["knowledge", 1]]
    assert set(tie.persons) == set(ministry.sittings[49:51])
    assert len(tie.names) == 2
    assert {one.code for one in desk.blockers} == {"tie", "waiting"}
    assert not desk.final
    assert await refused(ministry.ask(StepKind.OPEN)) == "awards-not-final"
    await ministry.finalize()
    assert await refused(ministry.ask(StepKind.OPEN)) == "awards-tied"
    await ministry.ordered()
    desk = await ministry.desk()
    assert (desk.blockers, desk.counts["knowledge"], desk.counts["star"]) == ([], 50, 9)
    lines = (await ministry.office.why(ministry.session_id, "", "knowledge")).lines
    # What decided is no ruling, but a correction: below 0.
    assert [one.ruling for one in lines if one.sitting == ministry.sittings[49]] == [-1]
    assert await refused(ministry.ask(StepKind.OPEN)) == ""


async def test_every_line_says_why(ministry: Ministry) -> None:
    await ministry.finalize()
    await ministry.ordered()
    body = await ministry.office.why(ministry.session_id, BEIJING, "")
    assert (len(body.lines), body.total) == (PER_DELEGATION, 3 * PER_DELEGATION)
    star = next(one for one in body.lines if one.kind == "star")
    assert (star.verdict, star.after_passing) == ("awarded", 1)
    assert len(star.passed_over) == sum(one.kind == "knowledge" for one in body.lines)
    behind = (await ministry.office.why(ministry.session_id, "", "none")).lines
    assert [one.verdict for one in behind] == ["behind"]


async def test_two_persons_publish_and_the_period_is_in_working_days(ministry: Ministry) -> None:
    await ministry.finalize()
    await ministry.ordered()
    step = await ministry.ask(StepKind.OPEN)
    assert await refused(ministry.office.decide(step, OP, confirms=True)) == "step-self-confirmation"
    with pytest.raises(KeyError):
        await ministry.office.publication(None)
    await ministry.office.decide(step, SECOND, confirms=True)
    assert await refused(ministry.office.decide(step, CHIEF, confirms=True)) == "awards-step"
    shown = await ministry.office.publication(None)
    assert (shown.edition, shown.definite_us, shown.takes_objections) == (1, 0, True)
    assert shown.closes_us == period_end(ministry.clock["us"], 5)
    assert [len(shown.people), len(shown.teams), shown.changes] == [59, 3, []]
    assert "sitting" not in json.dumps([one.__struct_fields__ for one in shown.people])
    assert {one.kind for one in shown.shortfalls} == {"team_first", "team_second", "team_third"}
    done = await ministry.audited()
    assert {"ask-awards-open", "refused-confirm-awards-open", "confirm-awards-open"} <= set(done)


async def test_what_is_asked_for_lapses_and_can_be_declined(ministry: Ministry) -> None:
    await ministry.finalize()
    await ministry.ordered()
    first = await ministry.ask(StepKind.OPEN)
    await ministry.office.decide(first, OP, confirms=False)
    assert await refused(ministry.office.decide(first, SECOND, confirms=False)) == "step-decided"
    late = await ministry.ask(StepKind.OPEN)
    ministry.clock["us"] += DAY_US
    assert await refused(ministry.office.decide(late, SECOND, confirms=True)) == "step-lapsed"
    assert (await ministry.desk()).steps == []


async def the_bundle_says_what_was_put_right(ministry: Ministry, struck: SittingId, renamed: SittingId) -> None:
    """Whoever has the file computes the list that is published, and finds whatever was changed of how it came about."""
    seals = PostgresSeals(ministry.stores.database, ministry.stores.vault)
    store = ministry.stores.office
    made = await make_bundle(store, seals, ministry.office.awards, Signer(seals), ministry.session_id)
    assert verify(made.content).findings == ()
    members = unpack(made.content)
    corrections = json.loads(members["corrections.json"])["corrections"]
    assert [one["effect"]["kind"] for one in corrections] == ["order_equals", "strike_off", "rename"]
    before, after = (
        {one["sitting_id"]: one["name"] for one in json.loads(members[name])["persons"]}
        for name in ("awards.json", "awarded.json")
    )
    assert struck in before
    assert after[renamed] == RARE != before[renamed]
    listed = msgspec.json.decode((await ministry.office.awards.lists(ministry.session_id))[-1].content)["people"]
    assert after == {one["sitting"]: one["name"] for one in listed}
    told = json.loads(members["corrections.json"])
    told["corrections"][1]["effect"]["sitting_id"] = ministry.sittings[2]
    found = verify(pack({**members, "corrections.json": canonical(told)})).findings
    assert {(one.code, one.member) for one in found} >= {("awards", "awarded.json")}


async def test_an_objection_upheld_changes_the_list_and_the_change_is_shown(ministry: Ministry) -> None:
    await ministry.finalize()
    await ministry.ordered()
    await ministry.both(StepKind.OPEN)
    objections, session_id = ministry.objections, ministry.session_id
    mine = await objections.file(session_id, "该选手参加过往年全国赛", "某人", sitting_id=ministry.sittings[59])
    theirs = await objections.file(session_id, "姓名有误", "", member=await ministry.member(LEADER))
    letter = await objections.file(session_id, "来信：成绩有疑问", "", member=await ministry.member(OP))
    assert [one.origin for one in (mine, theirs, letter)] == ["contestant", "leader", "desk"]
    assert [one.text for one in (await objections.seen(session_id, BEIJING)).objections] == ["姓名有误"]
    assert [one.state for one in (await objections.own(session_id, ministry.sittings[59])).objections] == ["filed"]

    chief = await ministry.member(CHIEF)
    assert await refused(objections.answer(mine.objection_id, True, " ", chief)) == "objection-reason-missing"
    await objections.answer(mine.objection_id, True, "经查属实", chief)
    assert await refused(objections.answer(mine.objection_id, False, "再答", chief)) == "objection-answered"
    # However many come at once, no more wait than may.
    many = [
        objections.file(session_id, "再提", "", sitting_id=ministry.sittings[58]) for _ in range(OPEN_OBJECTIONS + 2)
    ]
    told = await asyncio.gather(*many, return_exceptions=True)
    codes = [one.code for one in told if isinstance(one, PublicityRefused)]
    assert (len(told) - len(codes), set(codes)) == (OPEN_OBJECTIONS, {"objection-too-many"})
    for one in told:
        if isinstance(one, Objection):
            await objections.answer(one.objection_id, False, "已答复", chief)
    struck, renamed = ministry.sittings[0], ministry.sittings[1]
    await ministry.office.correct(session_id, StrikeOff(struck), "不符合资格", mine.objection_id, CHIEF)
    await ministry.office.correct(session_id, Rename(renamed, RARE), "更正姓名", 0, CHIEF)
    desk = await ministry.desk()
    assert {one.change for one in desk.changes} >= {"lost", "renamed", "other"}
    assert next(one for one in desk.changes if one.change == "renamed").after == RARE
    # What is published stays as it is until two persons publish anew.
    assert (await ministry.office.publication(session_id)).edition == 1
    before = await ministry.office.publication(session_id)
    await ministry.both(StepKind.REVISE, keep_end=True)
    after = await ministry.office.publication(session_id)
    assert (after.edition, after.closes_us) == (2, before.closes_us)
    assert [one.change for one in after.changes] == [one.change for one in desk.changes]
    assert RARE in [one.name for one in after.people]
    await the_bundle_says_what_was_put_right(ministry, struck, renamed)

    ministry.clock["us"] = after.closes_us - 1
    assert await refused(ministry.ask(StepKind.SETTLE)) == "awards-period-open"
    ministry.clock["us"] = after.closes_us
    assert await refused(ministry.ask(StepKind.SETTLE)) == "objections-undecided"
    await objections.answer(theirs.objection_id, False, "姓名无误", chief)
    await objections.answer(letter.objection_id, False, "成绩无误", chief)
    assert await refused(ministry.ask(StepKind.SETTLE)) == ""
    assert await ministry.stores.office.audit_break() is None


HELD_BACK = """
create function held_back() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock(1);
  return null;
end
$$;
create trigger held_back before insert on public.print_file for each statement execute function held_back()
"""
"""No print is kept while somebody has the lock."""


async def test_definite_awards_are_certified_and_handed_over_once(
    ministry: Ministry,
    database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    await ministry.finalize()
    await ministry.ordered()
    named = ministry.sittings[0]
    await ministry.office.correct(ministry.session_id, Rename(named, RARE), "更正", 0, CHIEF)
    await ministry.both(StepKind.OPEN)
    with pytest.raises(NotDefinite):
        await ministry.printing.pages(ministry.session_id, "certificate")
    ministry.clock["us"] += 30 * DAY_US
    await ministry.both(StepKind.SETTLE)
    assert ministry.pool.taken == []
    desks = [await ministry.desk() for _ in range(3)]
    # It was out at first, and was told at the next look; from then on it has them.
    assert ministry.pool.calls == 2
    [(_, year, winners)] = ministry.pool.taken
    assert (year, len(winners)) == (2022, 59)
    assert (desks[-1].certificates, desks[-1].handed_over) == (62, True)
    late = ministry.objections.file(ministry.session_id, "晚了", "", member=await ministry.member(OP))
    assert await refused(late) == "objection-not-open"
    strike = ministry.office.correct(ministry.session_id, StrikeOff(named), "晚了", 0, CHIEF)
    assert await refused(strike) == "awards-step"
    with pytest.raises(asyncpg.PostgresError):
        async with ministry.stores.database.connection() as connection:
            await connection.execute("update award_certificate set name = '他人'")

    office, tokens = ministry.office, ministry.office.tokens
    certificates = await office.awards.certificates(ministry.session_id)
    assert [one.serial for one in certificates] == list(range(1, 63))
    found = await office.awards.certificate(tokens.hashed(tokens.token(ministry.session_id, 1)))
    assert found is not None
    assert (found.name, found.kind, found.year) == (RARE, "knowledge", 2022)
    assert await office.awards.certificate(tokens.hashed("A" * 26)) is None

    # Of two who ask at once one is served: the first is not done before the second comes, however late that is.
    async with ministry.stores.database.connection() as connection:
        await connection.execute(HELD_BACK)
        await connection.execute("select pg_advisory_lock(1)")
        asked = [ministry.printing.start(ministry.session_id, "certificate", "pdf", "") for _ in range(2)]
        told = await asyncio.gather(*asked, return_exceptions=True)
        await connection.execute("select pg_advisory_unlock(1)")
    job, other = sorted(told, key=lambda one: isinstance(one, Busy))
    assert isinstance(job, PrintJob)
    assert isinstance(other, Busy)
    await ministry.printing.close()
    job = await ministry.printing.job(job.job_id)
    assert job.state == "ready"
    name, content = await ministry.printing.file(job.job_id)
    assert name == job.label == f"证书-场次{ministry.session_id}.pdf"
    pages = PdfReader(io.BytesIO(content)).pages
    assert len(pages) == job.done == 59
    text = "".join(pages[0].extract_text().split())
    assert RARE in text
    assert "“人社知识通”" in text
    assert "〔2022〕第0001号" in text
    plaques = await ministry.printing.start(ministry.session_id, "plaque", "zip", "")
    await ministry.printing.close()
    _, content = await ministry.printing.file(plaques.job_id)
    assert len(zipfile.ZipFile(io.BytesIO(content)).namelist()) == 3

    # The same at the command line.
    for name, value in (("VALKEY_URL", "redis://x"), ("DATABASE_URL", database), ("SECRET_KEY", SERVER_KEY.hex())):
        monkeypatch.setenv(f"LEITAI_{name}", value)
    file = tmp_path / "plaques.pdf"
    await print_(ministry.session_id, file, plaques=True)
    assert len(PdfReader(file).pages) == 3
    await show(ministry.session_id, award="knowledge")
    assert f"{RARE} 全国“人社知识通”" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        await show(999)


async def test_corrections_made_at_once_are_judged_one_after_the_other(ministry: Ministry) -> None:
    await ministry.finalize()
    await ministry.ordered()
    many = [ministry.office.correct(ministry.session_id, Withdraw(1), "撤回", 0, CHIEF) for _ in range(5)]
    told = await asyncio.gather(*many, return_exceptions=True)
    codes = {one.code for one in told if isinstance(one, PublicityRefused)}
    assert len(await ministry.office.awards.corrections(ministry.session_id)) == 2
    assert codes <= {"awards-step", "correction-senseless"}
    # Whoever has the bundle finds none that could not have been made.
    seals = PostgresSeals(ministry.stores.database, ministry.stores.vault)
    made = await make_bundle(ministry.stores.office, seals, ministry.office.awards, Signer(seals), ministry.session_id)
    assert verify(made.content).findings == ()


class Meanwhile(PostgresAwards):
    """A store to which something comes after all was checked, and before the awards are definite."""

    comes: Callable[[], Awaitable[object]] | None = None

    async def settle(
        self,
        session_id: SessionId,
        step: Step,
        certificates: Sequence[Certificate],
        known: int,
        actor: ActorId,
        at_us: Micros,
    ) -> None:
        if self.comes is not None:
            comes, self.comes = self.comes, None
            await comes()
        await super().settle(session_id, step, certificates, known, actor, at_us)


async def test_what_comes_at_the_last_moment_keeps_awards_from_being_definite(ministry: Ministry) -> None:
    awards, session_id = Meanwhile(ministry.stores.database), ministry.session_id
    office = AwardsOffice(ministry.stores.office, awards, ministry.office.tokens, lambda: Micros(ministry.clock["us"]))
    await ministry.finalize()
    await ministry.ordered()
    await ministry.both(StepKind.OPEN)
    ministry.clock["us"] += 30 * DAY_US
    named = ministry.sittings[0]

    async def settled() -> str:
        return await refused(office.decide(await ministry.ask(StepKind.SETTLE), SECOND, confirms=True))

    letter = Objection(0, 1, "desk", None, OP, None, "某人", "来信", Micros(ministry.clock["us"]))
    awards.comes = lambda: awards.add_objection(session_id, letter, None)
    assert await settled() == "objections-undecided"
    [filed] = await awards.objections(session_id)
    await ministry.objections.answer(filed.objection_id, True, "属实", await ministry.member(CHIEF))
    awards.comes = lambda: office.correct(session_id, Rename(named, RARE), "更正", filed.objection_id, CHIEF)
    assert await settled() == "awards-changed"
    assert (await ministry.desk()).definite_us == 0
    assert await awards.certificates(session_id) == []
    await ministry.both(StepKind.REVISE, keep_end=True)
    # Whoever puts something right at this very moment is waited for.
    async with ministry.stores.database.transaction() as correcting:
        await correcting.execute(AWARDS["hold"], session_id)
        settling = asyncio.ensure_future(settled())
        assert await held_up(settling, ministry.stores.database)
    assert await settling == ""
    assert (await awards.certificates(session_id))[0].name == RARE


async def test_settings_are_kept_by_edition_and_what_cannot_be_printed_is_named(ministry: Ministry) -> None:
    edition, settings = await ministry.office.settings(ministry.session_id)
    assert (edition, settings.period_days, settings.issuers) == (0, 5, ["组委会"])
    odd = msgspec.structs.replace(settings, title="荣誉𠮷证书")
    assert await ministry.office.save_settings(ministry.session_id, 0, odd, OP)
    assert not await ministry.office.save_settings(ministry.session_id, 0, odd, OP)
    assert (await ministry.office.settings(ministry.session_id))[0] == 1
    await ministry.finalize()
    await ministry.ordered()
    await ministry.both(StepKind.OPEN)
    ministry.clock["us"] += 30 * DAY_US
    await ministry.both(StepKind.SETTLE)
    with pytest.raises(Unprintable) as lacking:
        await ministry.printing.start(ministry.session_id, "certificate", "pdf", "")
    assert lacking.value.texts == [("荣誉𠮷证书", "𠮷")]
    picture = await ministry.printing.sample(ministry.session_id, "team_grand")
    assert picture.startswith(b"\x89PNG")


async def test_nobody_sees_awards_before_the_review(ministry: Ministry) -> None:
    await ministry.stores.archive.save_phase(ministry.session_id, Phase.CLOSED, START_US)
    with pytest.raises(NotToBeSeenYet):
        await ministry.desk()
    with pytest.raises(KeyError):
        await ministry.office.desk(SessionId(999))
