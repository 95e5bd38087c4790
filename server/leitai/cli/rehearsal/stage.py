"""Sets the stage of a rehearsal: bank, roster, paper and a session that starts on command."""

import csv
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from leitai.cli.rehearsal import made_up
from leitai.office import papers
from leitai.office.accounts import AccessCodes
from leitai.office.contests import CreatedSession, create_contest_session
from leitai.office.eligibility import struck_reason
from leitai.office.import_ports import ImportBatch
from leitai.office.importing.bank_import import import_bank
from leitai.office.people_ports import Contestant
from leitai.office.ports import OfficeStore
from leitai.office.roster import DELEGATION_PLACES, import_roster
from leitai.office.session_ports import SessionSettings
from leitai.resources import shipped
from leitai.rules.values import ActorId, Counted, Micros, Pacing

ACTOR = "rehearsal"
BANK = "question-bank.xlsx"
ROSTER = "roster.xlsx"
GAP_US = Micros(1_000_000)
LATEST_START_US = 1_800_000_000
"""The session starts by itself this long after its making, if nobody starts it before."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What is to be played."""

    contestants: int
    items: int
    seconds_per_item: int
    pacing: Pacing = Pacing.STREAMED
    seed: int = 1
    shards: int = 1
    judged: bool = False
    """Judges are there: the board freezes for the last fifth, appeals are taken, and nothing is final by itself."""
    appeal_s: int = 15
    """So long are appeals taken where judges are, in seconds."""


async def set_stage(office: OfficeStore, codes: AccessCodes, piece: Piece) -> CreatedSession:
    """Create the session with everything it needs and return it with its seats.

    Questions and people are those of the examples; made-up ones join when there are not enough.
    """
    now = datetime.now(UTC)
    paper_id = await set_paper(office, piece)
    contest_id = await office.create_contest("业务技能练兵比武 试考", "赛务组", now.year)
    people = await _fill_roster(office, contest_id, piece.contestants, now.year)
    return await create_contest_session(office, codes, contest_id, paper_id, _settings(piece, now), people)


async def set_paper(office: OfficeStore, piece: Piece) -> int:
    """Return the id of a sealed paper of the examples' questions, made-up ones among them when these are too few."""
    await _fill_bank(office, 5 * piece.items)
    seed, mix = f"rehearsal {piece.seed}", papers.share_out(piece.items, papers.FULL_MIX)
    lines = papers.assemble(await office.bank(), mix, seed, seconds=piece.seconds_per_item)
    return await office.create_paper("试考试卷", seed, lines, ActorId(ACTOR))


def write_credentials(session: CreatedSession, path: Path) -> None:
    """Write admission numbers and codes of everyone who may sit, as the simulator reads them."""
    with path.open("w", encoding="utf-8", newline="") as file:
        path.chmod(0o600)
        writer = csv.writer(file)
        writer.writerow(("admission_no", "code"))
        writer.writerows((seat.admission_no, seat.code) for seat in session.seats if not seat.struck)


async def _fill_bank(office: OfficeStore, wanted: int) -> None:
    if not await office.bank() and (data := _example(BANK)):
        await import_bank(office, BANK, data, actor=ACTOR, dry_run=False)
    if len(await office.bank()) < wanted:
        questions = made_up.questions(max(100, wanted))
        await office.import_bank(ImportBatch("made-up", bytes(32), len(questions), 0, 0, ACTOR), questions)


async def _fill_roster(office: OfficeStore, contest_id: int, wanted: int, year: int) -> list[Contestant]:
    """Return `wanted` people of a new roster, as evenly as possible over the delegations, none of them struck off."""
    roster: list[Contestant] = []
    if data := _example(ROSTER):
        report = await import_roster(office, contest_id, ROSTER, data, actor=ACTOR, dry_run=False)
        roster = _eligible(report.contestants or (), year)
    if len(roster) < wanted:
        lines = made_up.roster(await office.delegations(), wanted - len(roster), first_seat=DELEGATION_PLACES + 1)
        roster = _eligible(await office.add_simulated(contest_id, lines), year)
    return roster[:wanted]


def _eligible(roster: Iterable[Contestant], year: int) -> list[Contestant]:
    """Return who is not struck off, seat by seat across the delegations."""
    eligible = [one for one in roster if not struck_reason(one.person, year)]
    return sorted(eligible, key=lambda one: (one.seat, one.person.delegation))


def _example(name: str) -> bytes:
    """Return an example file, nothing when it is not shipped."""
    file = shipped("examples") / name
    return file.read_bytes() if file.is_file() else b""


def _settings(piece: Piece, now: datetime) -> SessionSettings:
    now_us = time.time_ns() // 1000
    paper = piece.pacing is Pacing.PAPER
    settings = SessionSettings(
        title=f"试考 {now:%Y-%m-%d %H:%M:%S} UTC",
        start_us=Micros(now_us + LATEST_START_US),
        lobby_opens_us=Micros(now_us - 1),
        pacing=piece.pacing,
        counted=Counted.LAST if paper else Counted.FIRST,
        gap_us=GAP_US,
        duration_us=Micros(piece.items * piece.seconds_per_item * 1_000_000 if paper else 0),
        # Nobody is there who would thaw it.
        freeze_percent=0,
        auto_finalize=True,
        shards=piece.shards,
    )
    if not piece.judged:
        return settings
    return replace(settings, freeze_percent=20, appeal_us=Micros(piece.appeal_s * 1_000_000), auto_finalize=False)
