"""The doors of an office's care for learners, and of the learner who comes with its code."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from leitai.office.practice.learner_care import LearnerCare
from leitai.office.practice.learners_ports import LearnerRecord, OrganisationStore
from leitai.office.staff_ports import StaffRecord
from leitai.rules.rights import RIGHTS, Act, may
from leitai.rules.values import DelegationCode
from leitai.web.contract import Endpoint
from leitai.web.errors import Refusal
from leitai.web.exchange import id_in_path, private, read_json
from leitai.web.learners import places_of
from leitai.web.parts import SignedIn
from leitai.wire.bodies import EmptyRequest
from leitai.wire.learners_bodies import (
    LearnerDisableRequest,
    LearnerFindRequest,
    LearnerFound,
    LearnerRecoveryBody,
)

_find = msgspec.json.Decoder(LearnerFindRequest)
_disable = msgspec.json.Decoder(LearnerDisableRequest)
_empty = msgspec.json.Decoder(EmptyRequest)


@dataclass(frozen=True, slots=True)
class LearnerCarePart:
    """An `OfficePart`.

    Args:
        care: what is done.
        organisations: tell the names of where somebody works.
        end_sessions: ends every session of a learner.
    """

    care: LearnerCare
    organisations: OrganisationStore
    end_sessions: Callable[[int], Awaitable[None]]

    def endpoints(self, signed_in: SignedIn, limit: int) -> Mapping[str, Endpoint]:
        """Return the endpoints by the names of web.contract."""
        care = self.care

        async def find(request: Request) -> Response:
            member = await signed_in(request)
            own = province_of(member)
            body = await read_json(request, _find, limit)
            try:
                found = await care.find(body.account, own)
            except KeyError:
                raise Refusal("not-found") from None
            subject = f"learner {found.learner.learner_id}"
            await self.organisations.audit(member.login, "find-learner", subject, {})
            return private(await self._found(found))

        async def disable(request: Request) -> Response:
            member = await signed_in(request)
            own = province_of(member)
            body = await read_json(request, _disable, limit)
            learner_id = id_in_path(request, "learner")
            try:
                await care.expect(learner_id, own)
                found = await care.disable(learner_id, body.reason.strip(), member.login, disabled=body.disabled)
            except KeyError:
                raise Refusal("not-found") from None
            if body.disabled:
                await self.end_sessions(learner_id)
            return private(await self._found(found))

        async def recovery(request: Request) -> Response:
            member = await signed_in(request)
            own = province_of(member)
            await read_json(request, _empty, limit)
            learner_id = id_in_path(request, "learner")
            try:
                await care.expect(learner_id, own)
                made = await care.issue(learner_id, member.login)
            except KeyError:
                raise Refusal("not-found") from None
            return private(LearnerRecoveryBody(made.code, made.until_us))

        return {"learner_find": find, "learner_disable": disable, "learner_recovery": recovery}

    async def _found(self, record: LearnerRecord) -> LearnerFound:
        learner = record.learner
        return LearnerFound(
            learner.learner_id,
            learner.kind,
            learner.name,
            await places_of(self.organisations, learner),
            record.identified,
            record.disabled,
        )


def province_of(member: StaffRecord) -> DelegationCode | None:
    """Return the one province whose learners somebody may look after, None for all; raises `Refusal`: `forbidden`."""
    if member.standing.roles & RIGHTS[Act.KEEP_LEARNERS].roles:
        return None
    own = member.standing.delegation
    if not may(member.standing, Act.KEEP_LEARNERS, delegation=own):
        raise Refusal("forbidden")
    return own
