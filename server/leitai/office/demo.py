"""A contest to look at and to rehearse with: the example bank and people, through the importers everybody uses."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from leitai.office import papers
from leitai.office.accounts import AccessCodes
from leitai.office.contests import Seat, create_contest_session
from leitai.office.draw_ports import DrawStore
from leitai.office.draws import Announcement, Draws, nomination_id
from leitai.office.importing.bank_import import import_bank
from leitai.office.importing.problems import Problem
from leitai.office.people_ports import Contestant, Person, RosterLine
from leitai.office.ports import OfficeStore
from leitai.office.roster import import_nominations, import_roster
from leitai.office.session_ports import SessionSettings
from leitai.rules.draw import NominationList
from leitai.rules.draw_protocol import DrawAct
from leitai.rules.transcript import read_record
from leitai.rules.values import ActorId, Counted, DelegationCode, Micros, Pacing, SessionId

TITLE = "2022年度全国人社窗口单位业务技能练兵比武"
ORGANIZER = "全国练兵比武赛务组（示例）"
YEAR = 2022
_ACTOR = "demo"
_CHECK_IN_US = 1_800_000_000


class ExampleRefused(Exception):
    """An example file did not pass the importer: `name` with its first reason."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name = name
        self.reason = reason


@dataclass(frozen=True, slots=True)
class DemoSession:
    """A session ready to be served. `seats` in the order of delegation and seat; codes are nowhere else."""

    contest_id: int
    session_id: SessionId
    seats: tuple[Seat, ...]


async def prepare_demo(
    store: OfficeStore,
    draws: DrawStore,
    codes: AccessCodes,
    examples: Path,
    *,
    contestants: int,
    items: int,
    seconds_per_item: int | None,
    start_us: Micros,
    lobby_opens_us: Micros | None = None,
    title: str = "全国统一在线比试",
    pacing: Pacing = Pacing.STREAMED,
    gap_us: Micros | None = None,
    seed: str = "demo",
    shards: int = 1,
    show_key: bool = False,
    auto_finalize: bool = True,
) -> DemoSession:
    """Create a session of the example contest; the contest, its bank, people and draw are imported once.

    The first `contestants` of the roster sit, seat by seat across the delegations; beyond the roster's 1,600 made-up
    ones join them, up to 999 to a delegation.

    Args:
        store: the office's store.
        draws: where draws are kept.
        codes: made with the server's key.
        examples: the folder with question-bank.xlsx, nominations.xlsx, draw.json and roster.xlsx.
        contestants: how many sit.
        items: how many the paper has, of all five types.
        seconds_per_item: length of every item's window, None: each type's own.
        start_us: when it starts, on the contest's clock.
        lobby_opens_us: when check-in opens; half an hour before the start by default.
        title: of the session.
        pacing: streamed, or the whole paper in one window as long as all the items' windows.
        gap_us: rest between items, the published default when None.
        seed: of the paper; the same seed gives the same paper.
        shards: of the session.
        show_key: whether right answers are told at closings.
        auto_finalize: whether the session moves on to finalized by itself.

    Raises:
        ExampleRefused: an example file is not as it should be.
        NotEnoughQuestions: the bank has fewer questions of a type than such a paper takes.
        StoreUnavailable: from the store.
        ValueError: more contestants than there can be.
    """
    contest_id = await _contest(store, draws, examples)
    people = await _people(store, contest_id, contestants)
    lines = papers.assemble(
        await store.bank(), papers.share_out(items, papers.FULL_MIX), seed, seconds=seconds_per_item
    )
    paper_id = await store.create_paper(f"{title}试卷", seed, lines, ActorId(_ACTOR))
    settings = SessionSettings(
        title=title,
        start_us=start_us,
        lobby_opens_us=Micros(start_us - _CHECK_IN_US) if lobby_opens_us is None else lobby_opens_us,
        pacing=pacing,
        counted=Counted.FIRST if pacing is Pacing.STREAMED else Counted.LAST,
        duration_us=Micros(sum(line.seconds for line in lines) * 1_000_000 if pacing is Pacing.PAPER else 0),
        # Nobody is there who would thaw it.
        freeze_percent=0,
        show_key=show_key,
        auto_finalize=auto_finalize,
        shards=shards,
    )
    if gap_us is not None:
        settings = replace(settings, gap_us=gap_us)
    created = await create_contest_session(store, codes, contest_id, paper_id, settings, people)
    return DemoSession(contest_id, created.session_id, created.seats)


async def _contest(store: OfficeStore, draws: DrawStore, examples: Path) -> int:
    """Return the example contest with its bank and people, imported now unless they are there."""
    if not await store.bank_index():
        data = await _read(examples, "question-bank.xlsx")
        report = await import_bank(store, "question-bank.xlsx", data, actor=_ACTOR, dry_run=False)
        if report.commit is None:
            raise ExampleRefused("question-bank.xlsx", _first(report.file.refused))
    found = await store.find_contest(TITLE, YEAR)
    contest_id = found.contest_id if found else await store.create_contest(TITLE, ORGANIZER, YEAR)
    if not await store.nominations(contest_id):
        data = await _read(examples, "nominations.xlsx")
        nominated = await import_nominations(store, contest_id, "nominations.xlsx", data, actor=_ACTOR, dry_run=False)
        if not nominated.committed:
            raise ExampleRefused("nominations.xlsx", _first(nominated.refused))
    if not await store.draws(contest_id):
        await _draw(store, draws, contest_id, await _read(examples, "draw.json"))
    if not any(one.origin != "simulated" for one in await store.roster(contest_id)):
        data = await _read(examples, "roster.xlsx")
        roster = await import_roster(store, contest_id, "roster.xlsx", data, actor=_ACTOR, dry_run=False)
        if roster.contestants is None:
            raise ExampleRefused("roster.xlsx", _first(roster.file.refused))
    return contest_id


async def _draw(store: OfficeStore, draws: DrawStore, contest_id: int, example: bytes) -> None:
    """Draw as the example's record says, act by act: what comes of it is that record again."""
    played = read_record(example).transcript.draw
    notice, events = played.notice, iter(played.events)
    now = next(events)
    office = Draws(draws, _ExampleLists(store), lambda: now.at_us)
    asked = Announcement(
        notice.number,
        notice.reason,
        notice.parties,
        notice.value_name,
        notice.value_kind,
        notice.known_from_us,
        notice.places,
    )
    draw = await office.announce(contest_id, asked, _actor(now.actor))
    for now in events:
        draw = await office.act(
            contest_id, notice.number, now.act, _actor(now.actor), len(draw.events), now.party, now.content
        )
    if draw.events[-1].act is not DrawAct.DRAW:
        raise ExampleRefused("draw.json", "抽签未完成")


def _actor(person: ActorId) -> ActorId:
    return ActorId(f"{_ACTOR}-{person}")


class _ExampleLists:
    """The example's lists, which stand as they were imported: `NominationSource`."""

    def __init__(self, store: OfficeStore) -> None:
        self._store = store

    async def nomination_lists(self, contest_id: int) -> list[NominationList]:
        ids: defaultdict[DelegationCode, list[str]] = defaultdict(list)
        for one in sorted(await self._store.nominations(contest_id), key=lambda one: one.no):
            if one.list == "nominated":
                ids[one.person.delegation].append(nomination_id(one))
        names = {one.code: one.name for one in await self._store.delegations()}
        return [NominationList(code, names[code], tuple(ids[code])) for code in sorted(ids)]


async def _people(store: OfficeStore, contest_id: int, wanted: int) -> list[Contestant]:
    people = await store.roster(contest_id)
    if wanted > len(people):
        delegations = await store.delegations()
        last = {delegation.code: 0 for delegation in delegations}
        for one in people:
            last[one.person.delegation] = max(last[one.person.delegation], one.seat)
        more: list[RosterLine] = []
        while len(people) + len(more) < wanted:
            # Where there are fewest, so that delegations stay alike.
            code = min(last, key=lambda code: (last[code], code))
            last[code] += 1
            if last[code] > 999:
                raise ValueError(f"{wanted} contestants are more than the seats there are")
            person = Person(code, f"模拟选手{last[code]:03d}", "试考", 1, 100_000)
            more.append(RosterLine(last[code], "simulated", person))
        people = await store.add_simulated(contest_id, more)
    return sorted(people, key=lambda one: (one.seat, one.person.delegation))[:wanted]


async def _read(folder: Path, name: str) -> bytes:
    return await asyncio.to_thread((folder / name).read_bytes)


def _first(problems: Sequence[Problem]) -> str:
    return next((f"{problem.sheet}!{problem.row} {problem.column} {problem.say()}" for problem in problems), "空")
