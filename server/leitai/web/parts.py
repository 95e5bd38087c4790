"""How a part of the office's work, such as the bank, brings its doors to the two applications.

A part is a value with what its endpoints need; `compose` builds them (`office_parts`), the applications ask each for
its endpoints, and web.contract has a table for each.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol, runtime_checkable

from starlette.requests import Request

from leitai.office.practice.ports import Learner
from leitai.office.staff_ports import StaffRecord
from leitai.rules.rights import Act, may
from leitai.rules.values import DelegationCode, SessionId, SittingId
from leitai.web.contract import Endpoint
from leitai.web.errors import Refusal

SignedIn = Callable[[Request], Awaitable[StaffRecord]]
"""Tells who of the staff asks; raises `Refusal` with `not-signed-in` for nobody."""


class OfficePart(Protocol):
    """A part with doors for the staff."""

    def endpoints(self, signed_in: SignedIn, limit: int) -> Mapping[str, Endpoint]:
        """Return the endpoints by the names of web.contract; `limit` is the most bytes of a JSON body."""
        ...


class PublicPart(Protocol):
    """A part with doors for everybody, at the contest's address."""

    def public_endpoints(self) -> Mapping[str, Endpoint]:
        """Return the endpoints by the names of web.contract."""
        ...


Seated = Callable[[Request], Awaitable[tuple[SessionId, SittingId]]]
"""Tells which contestant asks; raises `Refusal` with `not-signed-in` for nobody."""


@runtime_checkable
class ContestantPart(Protocol):
    """A public part that has doors for signed-in contestants besides."""

    def contestant_endpoints(self, seated: Seated, limit: int) -> Mapping[str, Endpoint]:
        """Return these endpoints by the names of web.contract; `limit` is the most bytes of a JSON body."""
        ...


LearnerOf = Callable[[Request], Awaitable[Learner]]
"""Tells which learner asks; raises `Refusal` with `not-signed-in` for nobody."""


class PracticePart(Protocol):
    """A part with doors for learners, at the practice's address (web.practice)."""

    def practice_endpoints(self, learner_of: LearnerOf, limit: int) -> Mapping[str, Endpoint]:
        """Return the endpoints by the names of web.contract.practice; `limit` is the most bytes of a JSON body."""
        ...


async def permitted(
    signed_in: SignedIn, request: Request, act: Act, *, delegation: DelegationCode | None = None
) -> StaffRecord:
    """Return who asks; raises `Refusal` with `not-signed-in`, or `forbidden` where rules.rights does not grant `act`.

    `delegation` is the one that is concerned; None where it is all of them.
    """
    member = await signed_in(request)
    if not may(member.standing, act, delegation=delegation):
        raise Refusal("forbidden")
    return member
