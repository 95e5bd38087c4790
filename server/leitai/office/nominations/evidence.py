"""By what evidence people are judged: practice, the expert pool, past rosters, and what their province says of them.

What is found is written into the person's own record in words (`2019 年区域赛`), so that one reading of the record
(`office.eligibility`) judges here, in the draw, in the roster and in what is published.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from leitai.office.eligibility import contest_words, evidence, judge, title_words
from leitai.office.nominations.ports import NominationStore, PastHonours
from leitai.office.nominations.values import History, Judged, PracticeRecord, PracticeState
from leitai.office.people_ports import Person
from leitai.rules.eligibility import ContestKind, Participation


async def judge_people(
    store: NominationStore,
    honours: PastHonours,
    contest_id: int,
    year: int,
    people: Sequence[tuple[bytes, Person]],
) -> list[Judged]:
    """Return everyone's eligibility in the contest of a year, in order; people come with their number's hash.

    What the practice office has handed in decides about practice; who is not in it has reached nothing. Until it has
    handed in anything, what the province says stands, and is marked so.
    """
    hashes = [digest for digest, _ in people]
    known, practice, past, rosters = await asyncio.gather(
        store.practice_state(contest_id),
        store.practice(contest_id, hashes),
        honours.past_honours(hashes),
        store.past_rosters(year, hashes),
    )
    return await asyncio.to_thread(_judged, people, year, known, practice, past, rosters)


def _judged(
    people: Sequence[tuple[bytes, Person]],
    year: int,
    known: PracticeState,
    practice: Mapping[bytes, PracticeRecord],
    past: Mapping[bytes, History],
    rosters: Mapping[bytes, Sequence[int]],
) -> list[Judged]:
    made: list[Judged] = []
    for digest, stated in people:
        person = _with_history(stated, year, past.get(digest, History()), rosters.get(digest, ()))
        record = practice.get(digest)
        if known.records:
            stars = record.daily_star_titles if record else 0
            points = record.weekly_centipoints if record else 0
            person = replace(person, daily_star_titles=stars, weekly_centipoints=points)
        as_of = (record.as_of if record else known.last) if known.records else None
        made.append(Judged(judge(person, year), person, as_of, record is not None))
    return made


def _with_history(stated: Person, year: int, past: History, rosters: Sequence[int]) -> Person:
    said = evidence(stated, year)
    served = tuple(Participation(ContestKind.UNIFIED_ONLINE, earlier) for earlier in rosters)
    found = [one for one in (*past.participations, *served) if one not in said.participations]
    titles = [one for one in past.titles if one not in said.titles]
    return replace(
        stated,
        prior_events=(*stated.prior_events, *dict.fromkeys(contest_words(one) for one in found)),
        prior_titles=(*stated.prior_titles, *dict.fromkeys(title_words(one) for one in titles)),
    )
