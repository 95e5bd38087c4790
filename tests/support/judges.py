"""A session under way with items of four kinds, for judges to look at and to mark."""

import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

from leitai.cli.rehearsal.house import House, housed
from leitai.live.ports import SessionFile, Submission
from leitai.office.bank import MODULES, Option, Question
from leitai.office.contests import create_contest_session
from leitai.office.papers import assemble
from leitai.office.session_ports import SessionSettings
from leitai.rules.values import Counted, ItemNo, Key, Micros, Pacing, QuestionType, Response, SittingId
from leitai.stores.valkey.accept import ValkeyLedger
from tests.support.finished import finished_contest
from tests.support.office import Stores, batch, people
from tests.support.staffed import Office, seen
from tests.support.stores import furnished_folder

HOSTILE = (
    "<img src=x onerror=\"document.title='pwned'\">",
    "<script>document.title='pwned'</script>",
    "\"><svg onload=document.title='pwned'>",
    "{{constructor.constructor(\"document.title='pwned'\")()}}",
    "javascript:document.title='pwned'",
)
"""Texts that would rename the page of whoever runs them."""
STEM = "简述工伤认定的申请时限。"
PARTS = ("王某是否应当认定为工伤？", "单位应当在多少日内提出申请？")
CODES = ("110000", "650000", "660000")
SINGLE, FILL_IN, SHORT_ANSWER, CASE = (ItemNo(number) for number in range(1, 5))


def questions() -> list[Question]:
    """One of each kind, in order of the paper. Of the choice A is right."""
    options = tuple(Option(letter, f"选项{letter}") for letter in "ABCD")
    return [
        Question(QuestionType.SINGLE, "单选题的题干", options, Key(frozenset("A")), "", 1, MODULES[2], ""),
        Question(QuestionType.FILL_IN, "应当在____内申请。", (), Key(blanks=(("三十日",),)), "", 1, MODULES[2], ""),
        Question(
            QuestionType.SHORT_ANSWER, STEM, (), Key(blanks=(("单位三十日，职工一年。",),)), "", 3, MODULES[2], ""
        ),
        Question(
            QuestionType.CASE,
            "王某上班途中受伤。",
            (),
            Key(blanks=(("是",), ("30",))),
            "",
            3,
            MODULES[2],
            "",
            (),
            PARTS,
        ),
    ]


@asynccontextmanager
async def judged_session(
    per_delegation: int = 3, codes: tuple[str, ...] = CODES, *, after_another: bool = False
) -> AsyncGenerator[tuple[Office, SessionFile]]:
    """A paper-paced session that began a moment ago; each delegation's first contestant has a hostile name.

    `after_another`: another session is over and final.
    """
    with furnished_folder() as folder:
        async with (
            housed(folder / "data", together=True) as house,
            _begun(house, per_delegation, codes, after_another=after_another) as begun,
        ):
            yield begun


@asynccontextmanager
async def _begun(
    house: House, per_delegation: int, codes: tuple[str, ...], *, after_another: bool
) -> AsyncGenerator[tuple[Office, SessionFile]]:
    parts = house.parts
    stores = Stores(parts.database, parts.archive, parts.office, parts.codes, parts.vault)
    await stores.office.import_bank(batch("bank"), questions())
    kinds = (QuestionType.SINGLE, QuestionType.FILL_IN, QuestionType.SHORT_ANSWER, QuestionType.CASE)
    lines = assemble(await stores.office.bank(), dict.fromkeys(kinds, 1), "seed")
    paper_id = await stores.office.create_paper("试卷", "seed", lines)
    contest_id = await stores.office.create_contest("业务技能练兵比武", "组委会", 2022)
    lined = [
        replace(line, person=replace(line.person, name=HOSTILE[0])) if line.seat == 1 else line
        for line in people(per_delegation, codes)
    ]
    roster = await stores.office.import_roster(contest_id, batch("roster"), lined)
    now_us = time.time_ns() // 1000
    start_us, opens_us = Micros(now_us - 1_000_000), Micros(now_us - 60_000_000)
    settings = SessionSettings(
        "试赛", start_us, opens_us, Pacing.PAPER, Counted.LAST, duration_us=Micros(1_200_000_000)
    )
    created = await create_contest_session(stores.office, stores.codes, contest_id, paper_id, settings, roster)
    file = await stores.archive.load_session(created.session_id)
    if after_another:
        await finished_contest(stores, per_delegation=2, items=4)
    async with house.open_doors():
        office = Office(house, created.seats)
        yield office, file
        await office.close()


async def closed(office: Office) -> None:
    """Collect the papers, as an operator does, and wait until it is recorded that every item is closed."""
    operator = await office.account("closing", "operator")
    body = await seen(operator, "running")
    request = {"session": body["session"], "command": "close", "expects": body["edition"]}
    assert (await operator.post("/api/staff/console/conduct", json=request)).status_code == 204
    await seen(operator, "closed")


async def answered(office: Office, file: SessionFile, item: ItemNo, responses: dict[SittingId, Response]) -> None:
    """Let sittings answer an item in the ledger."""
    ledger = ValkeyLedger(office.house.parts.store, file.session_id, file.shards)
    for sitting, response in responses.items():
        submission = Submission(sitting, item, item, response, 0, 1_500_000)
        (accepted,) = await ledger.accept(sitting % file.shards, [submission])
        assert accepted.outcome.name == "ACCEPTED", accepted
