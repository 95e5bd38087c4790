"""The awards as everybody sees them beside the results: those of the list that was published last, or none yet.

Before 公示 nobody but the staff sees awards: what follows from the record may still change by rulings and corrections,
and it is two persons who publish it.
"""

import asyncio
from typing import Protocol

import msgspec

from leitai.office.awards.ports import PublishedList
from leitai.office.results import NothingThere, NotPublished
from leitai.rules.honours import AwardKind, ReasonCode, read_award
from leitai.rules.values import SessionId
from leitai.wire import bodies
from leitai.wire.awards_bodies import AwardList

_SESSIONS_KEPT = 32


class Lists(Protocol):
    """As much of `AwardsStore` as this needs."""

    async def lists(self, session_id: SessionId) -> list[PublishedList]:
        """Return the editions that were published, by number."""
        ...


class Sessions(Protocol):
    """As much of `OfficeStore` as this needs."""

    async def revision(self, session_id: SessionId) -> str | None:
        """Return what changes whenever a session's record does; None: there is no such session."""
        ...


class PublishedAwards:
    """What was published of a session's awards."""

    def __init__(self, sessions: Sessions, lists: Lists) -> None:
        self._sessions = sessions
        self._lists = lists
        self._kept: dict[SessionId, tuple[str, bytes]] = {}

    async def body(self, session_id: SessionId) -> bytes:
        """Return an `AwardsBody` of the newest edition (plan 六). It has no ties: none is published with one.

        Raises:
            NotPublished: no list was published yet.
            NothingThere: there is no such session.
            StoreUnavailable: from the store.
        """
        editions = await self._lists.lists(session_id)
        if not editions:
            raise NothingThere if await self._sessions.revision(session_id) is None else NotPublished
        content = editions[-1].content
        kept = self._kept.get(session_id)
        if kept is None or kept[0] != content:
            # Worked out once for each edition, and not on a loop on which others answer.
            made = await asyncio.to_thread(lambda: msgspec.json.encode(_body(_read(content))))
            if len(self._kept) >= _SESSIONS_KEPT:
                self._kept.clear()
            kept = self._kept[session_id] = (content, made)
        return kept[1]


async def newest_list(lists: Lists, session_id: SessionId) -> AwardList | None:
    """Return the list that was published last; None before the first. Raises `StoreUnavailable`."""
    editions = await lists.lists(session_id)
    return _read(editions[-1].content) if editions else None


def _read(content: str) -> AwardList:
    return msgspec.json.decode(content, type=AwardList)


def _body(listed: AwardList) -> bodies.AwardsBody:
    return bodies.AwardsBody(
        knowledge=[
            bodies.KnowledgeAward(
                one.rank, one.sitting, one.name, one.delegation, one.centipoints, ReasonCode.NATIONAL_PLACE.value
            )
            for one in listed.people
            if one.kind == AwardKind.KNOWLEDGE.value
        ],
        stars=[
            bodies.StarAward(
                one.place,
                one.rank,
                one.sitting,
                one.name,
                one.delegation,
                one.centipoints,
                ReasonCode.PROVINCE_PLACE.value,
                one.passed_over,
            )
            for one in listed.people
            if one.kind == AwardKind.STAR.value
        ],
        teams=[
            bodies.TeamAward(one.kind, one.rank, one.delegation, one.name, one.centipoints, ReasonCode.TEAM_PLACE.value)
            for one in listed.teams
        ],
        ties=[],
        shortfalls=[
            {
                "code": "shortfall",
                "kind": one.kind,
                "quota": one.quota,
                "eligible": one.eligible,
                "delegation": one.delegation,
            }
            for one in listed.shortfalls
        ],
        prizes=[
            bodies.PrizeAward(
                one.kind,
                one.place,
                one.rank,
                one.sitting,
                one.name,
                one.delegation,
                one.centipoints,
                ReasonCode.PRIZE_PLACE.value,
            )
            for one in listed.people
            if isinstance(read_award(one.kind), str)
        ],
    )
