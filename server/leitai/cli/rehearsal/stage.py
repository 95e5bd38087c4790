"""Sets the stage of a rehearsal: bank, roster, paper and a session that starts on command."""

import csv
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from leitai.cli.rehearsal import made_up
from leitai.office import papers
from leitai.office.accounts import AccessCodes
from leitai.office.contests import CreatedSession, create_contest_session
from leitai.office.ports import Contestant, ImportBatch, OfficeStore, SessionSettings
from leitai.rules.values import Counted, Micros, Pacing

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


async def set_stage(office: OfficeStore, codes: AccessCodes, piece: Piece) -> CreatedSession:
    """Create the session with everything it needs and return it with its seats."""
    now = datetime.now(UTC)
    if len(await office.bank()) < 5 * piece.items:
        questions = made_up.questions(max(300, 5 * piece.items))
        await office.import_bank(_made_up("bank", len(questions)), questions)
    bank = await office.bank()
    lines = papers.assemble(
        bank, papers.share_out(piece.items, papers.FULL_MIX), f"rehearsal {piece.seed}", seconds=piece.seconds_per_item
    )
    paper_id = await office.create_paper("试考试卷", f"rehearsal {piece.seed}", lines)
    contest_id = await office.create_contest("业务技能练兵比武 试考", "赛务组", now.year)
    people: list[Contestant] = await office.add_simulated(
        contest_id, made_up.roster(await office.delegations(), piece.contestants)
    )
    return await create_contest_session(office, codes, contest_id, paper_id, _settings(piece, now), people)


def write_credentials(session: CreatedSession, path: Path) -> None:
    """Write admission numbers and codes of everyone who may sit, as the simulator reads them."""
    with path.open("w", encoding="utf-8", newline="") as file:
        path.chmod(0o600)
        writer = csv.writer(file)
        writer.writerow(("admission_no", "code"))
        writer.writerows((seat.admission_no, seat.code) for seat in session.seats if not seat.struck)


def _settings(piece: Piece, now: datetime) -> SessionSettings:
    now_us = time.time_ns() // 1000
    paper = piece.pacing is Pacing.PAPER
    return SessionSettings(
        title=f"试考 {now:%Y-%m-%d %H:%M:%S} UTC",
        start_us=Micros(now_us + LATEST_START_US),
        lobby_opens_us=Micros(now_us - 1),
        pacing=piece.pacing,
        counted=Counted.LAST if paper else Counted.FIRST,
        gap_us=GAP_US,
        duration_us=Micros(piece.items * piece.seconds_per_item * 1_000_000 if paper else 0),
        auto_finalize=True,
    )


def _made_up(what: str, rows: int) -> ImportBatch:
    return ImportBatch(f"made-up {what}", bytes(32), rows, 0, 0, "rehearsal")
