"""What practice tells nominations: titles and points of whoever gave the identity number that a list names.

The records go in by the same way as a file of the practice office (`NominationStore.import_practice`), so that frozen
lists refuse them, and the last word about a person counts.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from leitai.office.eligibility import measured_by
from leitai.office.nominations.ports import NominationStore
from leitai.office.nominations.values import PracticeRecord, Upload
from leitai.office.practice.boards_ports import TitleStore
from leitai.rules.beijing import beijing_day
from leitai.rules.practice import PracticeTitle
from leitai.rules.practice_titles import titles_of
from leitai.rules.values import Micros

SOURCE = "日常练兵"


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What was told: up to which day, of how many, and how many there are on the lists in all."""

    as_of: date
    matched: int
    nominees: int


class Evidence:
    """Tells nominations what was practised.

    Args:
        practice: the ledger.
        nominations: where records are kept.
        now_us: the server's clock.
    """

    def __init__(self, practice: TitleStore, nominations: NominationStore, now_us: Callable[[], Micros]) -> None:
        self._practice = practice
        self._nominations = nominations
        self._now_us = now_us

    async def records(self, contest_id: int, as_of: date) -> Sequence[PracticeRecord]:
        """Return what practice knows of a contest's nominees at the end of a day: the titles 日日学之星 and the points
        of 周周练 of that day's year. Raises KeyError when there is no such contest.
        """
        await self._nominations.contest_state(contest_id)
        matched = await self._practice.nominated(contest_id)
        learners = [learner_id for _, learner_id, _ in matched]
        first = date(as_of.year, 1, 1)
        days = await self._practice.days_of(learners, first, as_of)
        points = await self._practice.weekly_points(learners, first, as_of)
        made: list[PracticeRecord] = []
        for digest, learner_id, name in matched:
            held = titles_of(days.get(learner_id, ()), as_of)
            stars = sum(fact.title is PracticeTitle.DAILY_STAR for fact in held)
            made.append(PracticeRecord(digest, name, stars, points.get(learner_id, 0), as_of))
        return made

    async def hand_over(self, contest_id: int, actor: str) -> HandedOver:
        """Keep the records of a contest's nominees up to today, or to the day by which eligibility is measured.

        Raises:
            KeyError: there is no such contest.
            NominationRefused: `lists-frozen`.
            StoreUnavailable: from the stores.
        """
        contest = await self._nominations.contest_state(contest_id)
        now_us = self._now_us()
        as_of = min(beijing_day(now_us), measured_by(contest.year))
        records = await self.records(contest_id, as_of)
        nominees = await self._practice.nominees(contest_id)
        if records:
            said = "".join(
                f"{one.id_hash.hex()} {one.daily_star_titles} {one.weekly_centipoints} {one.as_of}\n" for one in records
            )
            trace = Upload(0, SOURCE, hashlib.sha256(said.encode()).digest(), now_us, actor)
            await self._nominations.import_practice(contest_id, trace, records)
        return HandedOver(as_of, len(records), nominees)
