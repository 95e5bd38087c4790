"""The awards as everybody sees them beside the results: those of the list that was published last, or none yet.

Before 公示 nobody but the staff sees awards: what follows from the record may still change by rulings and corrections,
and it is two persons who publish it.
"""

from typing import Protocol

import msgspec

from leitai.office.awards.ports import PublishedList
from leitai.office.results import NothingThere, NotPublished
from leitai.rules.honours import AwardKind, ReasonCode, read_award
from leitai.rules.values import SessionId
from leitai.wire import bodies
from leitai.wire.awards_bodies import AwardList


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

    async def body(self, session_id: SessionId) -> bytes:
        """Return an `AwardsBody` of the newest edition (plan 六). It has no ties: none is published with one.

        Raises:
            NotPublished: no list was published yet.
            NothingThere: there is no such session.
            StoreUnavailable: from the store.
        """
        listed = await newest_list(self._lists, session_id)
        if listed is None:
            raise NothingThere if await self._sessions.revision(session_id) is None else NotPublished
        return msgspec.json.encode(_body(listed))


async def newest_list(lists: Lists, session_id: SessionId) -> AwardList | None:
    """Return the list that was published last; None before the first. Raises `StoreUnavailable`."""
    editions = await lists.lists(session_id)
    return msgspec.json.decode(editions[-1].content, type=AwardList) if editions else None


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
