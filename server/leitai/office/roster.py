"""The people of a contest: rosters and nomination lists come in by file, a dry run first, whole or not at all.

Plan 四(二)2: 50 to a delegation, 15 named by the province and 35 drawn from the 100 it nominates; whoever fails the
rules of eligibility is struck off and not replaced.
"""

import asyncio
from collections import defaultdict
from dataclasses import dataclass

from leitai.office.eligibility import struck_reason
from leitai.office.import_ports import ImportBatch
from leitai.office.importing.people import Entry, PeopleFile, read_people_file
from leitai.office.importing.problems import Place, Problem
from leitai.office.people_ports import Contestant, Nomination, RosterLine
from leitai.office.ports import OfficeStore
from leitai.rules.values import DelegationCode

DELEGATION_PLACES = 50
NAMED_PLACES = 15
DRAWN_PLACES = 35
NOMINATED_PLACES = 100


@dataclass(frozen=True, slots=True)
class Struck:
    """Someone in the file who may not take part, and why."""

    place: Place
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class RosterReport:
    """What a roster holds and what was done with it. `contestants` is None for a dry run and after refusals."""

    file: PeopleFile
    struck: tuple[Struck, ...]
    by_delegation: dict[DelegationCode, int]
    contestants: tuple[Contestant, ...] | None


@dataclass(frozen=True, slots=True)
class NominationReport:
    """What a nomination list holds; `committed` says whether it was taken in."""

    file: PeopleFile
    refused: tuple[Problem, ...]
    struck: tuple[Struck, ...]
    committed: bool


async def import_roster(
    store: OfficeStore, contest_id: int, file_name: str, data: bytes, *, actor: str, dry_run: bool = True
) -> RosterReport:
    """Read a roster, say what is in it, and unless it is a dry run make it the contest's.

    Seats count 1, 2, 3, … within each delegation, in the order of the file. One refused row and nothing is taken in;
    an ineligible person is no refusal: they keep a seat that is struck off.

    Raises:
        FileRefused: the file as a whole cannot be read.
        AlreadyThere: the contest has a roster.
        KeyError: there is no such contest.
        StoreUnavailable: from the store; nothing was taken in.
    """
    contest = await store.contest(contest_id)
    delegations = await store.delegations()
    file = await asyncio.to_thread(
        read_people_file,
        file_name,
        data,
        delegations,
        quotas={"named": NAMED_PLACES, "drawn": DRAWN_PLACES},
        places=DELEGATION_PLACES,
    )
    lines: list[RosterLine] = []
    seats: defaultdict[DelegationCode, int] = defaultdict(int)
    for entry in file.accepted:
        seats[entry.person.delegation] += 1
        origin = "named" if entry.origin == "named" else "drawn"
        lines.append(RosterLine(seats[entry.person.delegation], origin, entry.person))
    contestants = None
    if not dry_run and lines and not file.refused:
        contestants = tuple(await store.import_roster(contest_id, _batch(file, actor), lines))
    return RosterReport(file, _struck(file, contest.year), dict(seats), contestants)


async def import_nominations(
    store: OfficeStore, contest_id: int, file_name: str, data: bytes, *, actor: str, dry_run: bool = True
) -> NominationReport:
    """Read the provinces' lists (自主确定 and 推荐), and unless it is a dry run keep them for the contest.

    Numbers count in the order of the file where it gives none; given ones must be 1, 2, 3, … without a gap, since the
    draw speaks of them. Raises as `import_roster` does.
    """
    contest = await store.contest(contest_id)
    delegations = await store.delegations()
    file = await asyncio.to_thread(
        read_people_file,
        file_name,
        data,
        delegations,
        quotas={"named": NAMED_PLACES, "nominated": NOMINATED_PLACES},
        places=None,
    )
    lists: defaultdict[tuple[DelegationCode, str], list[Entry]] = defaultdict(list)
    for entry in file.accepted:
        lists[entry.person.delegation, entry.origin].append(entry)
    refused = list(file.refused)
    nominations: list[Nomination] = []
    for (_, origin), entries in lists.items():
        numbered = any(entry.no for entry in entries)
        if numbered and (gap := next((n for n in range(1, len(entries) + 1) if n not in {e.no for e in entries}), 0)):
            refused.append(Problem(entries[0].place.sheet, entries[0].place.row, "序号", "place-gap", str(gap)))
        for position, entry in enumerate(entries, start=1):
            which = "named" if origin == "named" else "nominated"
            nominations.append(Nomination(which, entry.no if numbered else position, entry.person))
    commit = not dry_run and bool(nominations) and not refused
    if commit:
        await store.import_nominations(contest_id, _batch(file, actor), nominations)
    return NominationReport(file, tuple(refused), _struck(file, contest.year), commit)


def _struck(file: PeopleFile, year: int) -> tuple[Struck, ...]:
    judged = ((entry, struck_reason(entry.person, year)) for entry in file.accepted)
    return tuple(Struck(entry.place, entry.person.name, reason) for entry, reason in judged if reason)


def _batch(file: PeopleFile, actor: str) -> ImportBatch:
    refused = len({(problem.sheet, problem.row) for problem in file.refused})
    return ImportBatch(file.file_name, file.sha256, len(file.accepted), refused, 0, actor)
