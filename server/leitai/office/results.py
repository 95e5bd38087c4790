"""What is published after a session, each with its reason: own results, eligibility, the draw, standings.

While the board is frozen nothing is published that tells a place or a point of after the freeze.

Awards are published by two persons (`awards.published`).

Errors: `NotPublished` (its time has not come), `NothingThere` (no such session, sitting, delegation or draw).
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from leitai.office.eligibility import evidence_words, judge
from leitai.office.explaining import explanation
from leitai.office.ports import OfficeStore
from leitai.office.session_ports import SessionRecord, Sitting
from leitai.office.standings import ITEM_CLOSED, OVER, Outcome, closed_windows, compute
from leitai.rules.draw_protocol import DrawAct
from leitai.rules.eligibility import eligible
from leitai.rules.markings import MarkedAnswer, settled
from leitai.rules.rulings import Ruling
from leitai.rules.transcript import read_record
from leitai.rules.values import Answer, DelegationCode, ItemNo, Phase, SessionId, SittingId, Window
from leitai.wire import bodies

T = TypeVar("T")

BELIEVED_S = 0.5


class NotPublished(Exception):
    """It is not published yet."""


class NothingThere(Exception):
    """There is no such thing."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A session's record and all that follows from it: when a contest ends, everybody asks at once."""

    record: SessionRecord
    outcome: Outcome
    windows: list[Window]
    answers: Mapping[SittingId, list[Answer]]
    marks: Mapping[SittingId, dict[tuple[ItemNo, int], int]]
    """What judges gave, by item and offset."""
    sittings: Mapping[SittingId, Sitting]
    rulings: list[Ruling]

    @property
    def published(self) -> bool:
        """Whether own results and standings are."""
        return self.record.phase in OVER and not self.record.frozen


async def recompute(store: OfficeStore, session_id: SessionId) -> bytes:
    """Return a session's canonical standings from PostgreSQL alone.

    Raises:
        KeyError: there is no such session.
        StoreUnavailable: from the store.
    """
    return (await _judged(store, session_id)).outcome.canonical()


class Results:
    """Published results as JSON, the bodies of `wire.bodies`.

    Everything is computed once for each state of the record and kept for the session asked about last. Whether the
    record has moved is asked at most once in `believed_s` seconds.
    """

    def __init__(self, store: OfficeStore, believed_s: float = BELIEVED_S) -> None:
        self._store = store
        self._believe_s = believed_s
        self._kept: tuple[SessionId, str, Judged] | None = None
        self._believed_s = 0.0
        self._computing = asyncio.Lock()

    async def own(self, session_id: SessionId, sitting_id: SittingId) -> bytes:
        """Return a `ResultBody`, from the closing of the session on.

        Raises:
            NotPublished: the session is not over, or its board is frozen.
            NothingThere: there is no such session or sitting.
            StoreUnavailable: from the store.
        """
        judged = await self._published(session_id, OVER)
        return msgspec.json.encode(explained(judged, sitting_id))

    async def judged(self, session_id: SessionId) -> Judged:
        """Return the record of a session that is over and all that follows from it, published or not.

        Raises:
            NotPublished: the session is not over.
            NothingThere: there is no such session.
            StoreUnavailable: from the store.
        """
        return await self._judged_now(session_id, OVER)

    async def eligibility(self, session_id: SessionId, delegation: DelegationCode) -> bytes:
        """Return an `EligibilityBody`: everyone of a delegation's roster, rule by rule.

        Raises as `own` does, but at any time; `NothingThere` also for a province's own contest, which has no such rules
        and whose roster is not published.
        """
        record = await _there(self._store.session(session_id))
        if record.contest.owner:
            raise NothingThere
        await self.known(delegation)
        rows: list[bodies.EligibilityRow] = []
        for contestant in await self._store.roster(record.contest.contest_id):
            if contestant.person.delegation != delegation:
                continue
            results = judge(contestant.person, record.contest.year)
            rules = [bodies.EligibilityRule(one.code.value, one.passed, evidence_words(one)) for one in results]
            rows.append(
                bodies.EligibilityRow(contestant.person.name, delegation, contestant.origin, eligible(results), rules)
            )
        return msgspec.json.encode(bodies.EligibilityBody(rows))

    async def draw(self, session_id: SessionId, delegation: DelegationCode) -> bytes:
        """Return a `DrawBody`: all that repeats a delegation's draw.

        Raises as `own` does, but at any time; `NothingThere` also when the delegation has not drawn.
        """
        record = await _there(self._store.session(session_id))
        await self.known(delegation)
        text = await self._store.draw_record(record.contest.contest_id)
        if text is None:
            raise NothingThere
        transcript = read_record(text).transcript
        draw, notice = transcript.draw, transcript.draw.notice
        parties = range(1, len(notice.parties) + 1)
        for listed, province in zip(notice.lists, transcript.provinces, strict=True):
            if province.delegation == delegation:
                # Numbers as the published list has them: it may leave out who is not eligible.
                pool = [bodies.DrawEntry(_number(one), one.partition(" ")[2]) for one in listed.ids]
                return msgspec.json.encode(
                    bodies.DrawBody(
                        commitment=" ".join(draw.of_party(DrawAct.COMMIT, party) for party in parties),
                        seed=" ".join(draw.of_party(DrawAct.DISCLOSE, party) for party in parties),
                        public_value=draw.value,
                        algorithm=notice.algorithm.value,
                        pool=pool,
                        selected=[_number(one) for one in province.drawn],
                    )
                )
        raise NothingThere

    async def standings(self, session_id: SessionId) -> bytes:
        """Return the canonical standings, computed from the record. Raises as `own` does."""
        return (await self._published(session_id, OVER)).outcome.canonical()

    async def reviewed(self, session_id: SessionId) -> Outcome:
        """Return the outcome for the ceremony, from the review on and also while the board is frozen.

        Raises as `own` does.
        """
        return (await self._judged_now(session_id, (Phase.UNDER_REVIEW, Phase.FINALIZED))).outcome

    async def known(self, delegation: DelegationCode) -> None:
        """Raise `NothingThere` unless there is such a delegation."""
        if delegation not in {one.code for one in await self._store.delegations()}:
            raise NothingThere

    async def _published(self, session_id: SessionId, phases: tuple[Phase, ...]) -> Judged:
        judged = await self._judged_now(session_id, phases)
        if judged.record.frozen:
            raise NotPublished
        return judged

    async def _judged_now(self, session_id: SessionId, phases: tuple[Phase, ...]) -> Judged:
        """Return what follows from the record; nothing is worked out of a session in any other phase."""
        async with self._computing:
            believed = time.monotonic() < self._believed_s
            if self._kept is None or self._kept[0] != session_id or not believed:
                revision = await self._store.revision(session_id)
                if revision is None:
                    raise NothingThere
                if Phase(revision.partition(" ")[0]) not in phases:
                    raise NotPublished
                if self._kept is None or self._kept[:2] != (session_id, revision):
                    self._kept = (session_id, revision, await _judged(self._store, session_id))
                self._believed_s = time.monotonic() + self._believe_s
            judged = self._kept[2]
        if judged.record.phase not in phases:
            raise NotPublished
        return judged


async def _judged(store: OfficeStore, session_id: SessionId) -> Judged:
    record = await store.session(session_id)
    closings = await store.session_events(session_id, ITEM_CLOSED)
    answers = await store.answers(session_id)
    rulings = await store.rulings(session_id)
    marks = await settled_marks(store, record)
    # A second of work for 1,600 × 80: not on a loop that serves anybody.
    outcome = await asyncio.to_thread(compute, record, answers, closings, rulings, marks)
    answers_of: defaultdict[SittingId, list[Answer]] = defaultdict(list)
    for answer in answers:
        answers_of[answer.sitting_id].append(answer)
    marks_of: defaultdict[SittingId, dict[tuple[ItemNo, int], int]] = defaultdict(dict)
    for (sitting_id, item_no, offset), points in marks.items():
        marks_of[sitting_id][item_no, offset] = points
    sittings = {sitting.sitting_id: sitting for sitting in await store.sittings(session_id)}
    return Judged(record, outcome, closed_windows(record, closings), answers_of, marks_of, sittings, rulings)


def explained(judged: Judged, sitting_id: SittingId) -> bodies.ResultBody:
    """Return a contestant's result item by item; raises `NothingThere` when the session has no such sitting."""
    sitting = judged.sittings.get(sitting_id)
    if sitting is None:
        raise NothingThere
    return explanation(
        judged.record,
        judged.outcome,
        sitting,
        judged.windows,
        judged.answers.get(sitting_id, ()),
        judged.marks.get(sitting_id, {}),
        judged.rulings,
    )


async def settled_marks(store: OfficeStore, record: SessionRecord) -> dict[MarkedAnswer, int]:
    """Return what the judges' marks of a session come to."""
    return settled({item.item_no: item for item in record.plan.items}, await store.marks(record.session_id))


def _number(nominated: str) -> int:
    return int(nominated.partition(" ")[0])


async def _there(asked: Awaitable[T]) -> T:
    try:
        return await asked
    except KeyError:
        raise NothingThere from None
