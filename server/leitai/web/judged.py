"""Which session the judges' doors are asked about: the one in force, or an earlier one that the query names.

Who may do what is asked of the table in the phase of that session, so that nothing is done to a final one. Of other
sessions than the one in force only those that are over are there.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response

from leitai.live.desk import Desk
from leitai.live.ports import EarlierSession
from leitai.live.sight import Sight
from leitai.office.staff_ports import StaffRecord
from leitai.rules.rights import Act, may
from leitai.rules.values import SessionId
from leitai.web.console import Watched
from leitai.web.contract import Endpoint
from leitai.web.errors import Refusal
from leitai.web.exchange import number_in_query, private
from leitai.wire.desk_bodies import JudgedSession, JudgedSessions


class Earlier(Protocol):
    """Sessions that are over, from the record: `live.recollection`."""

    async def sessions(self) -> list[EarlierSession]:
        """Return the newest that are over."""
        ...

    async def sight(self, session_id: SessionId) -> Sight:
        """Return what the record says of one; raises KeyError."""
        ...

    async def desk(self, sight: Sight) -> Desk:
        """Return its desk with all that is recorded."""
        ...


@dataclass(frozen=True, slots=True)
class Judged:
    """The sessions that judges look at."""

    watched: Watched
    earlier: Earlier

    async def sight(self, request: Request) -> Sight:
        """Return the session that is asked about; raises `Refusal` with `not-found`, or `bad-request`."""
        number, now = number_in_query(request, "session"), self.watched.sight
        if now is not None and number in (None, now.file.session_id):
            return now
        if number is None:
            raise Refusal("not-found")
        try:
            return await self.earlier.sight(SessionId(number))
        except KeyError:
            raise Refusal("not-found") from None

    def followed(self, sight: Sight) -> bool:
        """Whether it is of the session in force; of any other nothing moves while it is the same."""
        return sight is self.watched.sight

    async def desk(self, sight: Sight) -> Desk:
        """Return the desk of a session."""
        return sight.desk if self.followed(sight) else await self.earlier.desk(sight)


def endpoints(judged: Judged, signed_in: Callable[[Request], Awaitable[StaffRecord]]) -> dict[str, Endpoint]:
    """Return the endpoints of this audience by the names of web.contract."""

    async def judged_sessions(request: Request) -> Response:
        if not may((await signed_in(request)).standing, Act.SEE_DESK):
            raise Refusal("forbidden")
        return private(JudgedSessions(_bodies(judged.watched.sight, await judged.earlier.sessions())))

    return {"judged_sessions": judged_sessions}


def _bodies(now: Sight | None, over: Sequence[EarlierSession]) -> list[JudgedSession]:
    """The one in force first."""
    bodies: list[JudgedSession] = []
    if now is not None:
        file = now.file
        start_us = file.start_us if now.state is None else now.state.start_us
        bodies.append(
            JudgedSession(file.session_id, file.contest_title, file.title, now.phase.value, start_us, in_force=True)
        )
    bodies += [
        JudgedSession(one.session_id, one.contest_title, one.title, one.phase.value, one.start_us, in_force=False)
        for one in over
        if now is None or one.session_id != now.file.session_id
    ]
    return bodies
