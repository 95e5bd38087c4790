"""The doors of learners' accounts: register, sign in and out, the own account, and where one works."""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2s
from typing import Protocol, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from leitai.office.practice.learner_care import LearnerCare
from leitai.office.practice.learners import Learners, account_name
from leitai.office.practice.learners_ports import (
    LearnerChange,
    LearnerRecord,
    LearnerRefused,
    NewLearner,
    OrganisationStore,
)
from leitai.office.practice.ports import LEVELS, Learner
from leitai.rules.beijing import beijing_day
from leitai.web.contract import Endpoint
from leitai.web.cookies import LEARNER_COOKIE, clear_session_cookie, session_cookie, set_session_cookie
from leitai.web.doors import WebSettings
from leitai.web.errors import Refusal
from leitai.web.exchange import encode, number_in_query, private, read_json, revalidated
from leitai.web.parts import LearnerOf
from leitai.web.results import Shared
from leitai.wire.bodies import EmptyRequest
from leitai.wire.learners_bodies import (
    LearnerBody,
    LearnerChangeRequest,
    LearnerIdentityRequest,
    LearnerPasswordRequest,
    LearnerPlace,
    LearnerRecoverRequest,
    LearnerRegisterRequest,
    LearnerSignInRequest,
    OrganisationStep,
    OrganisationSteps,
)

T = TypeVar("T")

TRIES_WINDOW_S = 60
TRIES_PER_ADDRESS = 120
"""A whole hall of windows sits behind one address."""
REGISTRATIONS_PER_ADDRESS = 60
IDENTITIES_PER_LEARNER = 3
KNOWN_S = 2.0
"""For so long an account is believed to be as it was."""
_MOST_KNOWN = 50_000
_TREE_KEPT_S = 60.0

_register = msgspec.json.Decoder(LearnerRegisterRequest)
_sign_in = msgspec.json.Decoder(LearnerSignInRequest)
_recover = msgspec.json.Decoder(LearnerRecoverRequest)
_change = msgspec.json.Decoder(LearnerChangeRequest)
_password = msgspec.json.Decoder(LearnerPasswordRequest)
_identity = msgspec.json.Decoder(LearnerIdentityRequest)
_empty = msgspec.json.Decoder(EmptyRequest)


class LearnerSessions(Protocol):
    """The web sessions of learners. Every call may raise `live.ports.StoreUnavailable`."""

    async def open(self, learner_id: int) -> str:
        """Return the cookie value of a new session."""
        ...

    async def learner(self, cookie: str) -> int | None:
        """Return whose cookie it is; what ended elsewhere ends here within 2 s."""
        ...

    async def close(self, cookie: str) -> None:
        """End one session."""
        ...

    async def end(self, learner_id: int) -> None:
        """End every session that this person has, on whatever machine."""
        ...


@dataclass(frozen=True, slots=True)
class LearnerDoors:
    """Accounts, sessions and limits; `organisations` tell the names of where somebody works."""

    learners: Learners
    sessions: LearnerSessions
    tries: Callable[[str, int], Awaitable[int]]
    """`live.ports.Tickets.tries`."""
    organisations: OrganisationStore
    now_us: Callable[[], int]
    known: dict[int, tuple[float, LearnerRecord]] = field(default_factory=dict[int, tuple[float, LearnerRecord]])

    def learner_of(self) -> LearnerOf:
        """Return what tells which learner asks."""

        async def learner_of(request: Request) -> Learner:
            return (await self.record_of(request)).learner

        return learner_of

    async def record_of(self, request: Request) -> LearnerRecord:
        """Return whose request it is; raises `Refusal` with `not-signed-in`."""
        cookie = session_cookie(request, LEARNER_COOKIE)
        learner_id = await self.sessions.learner(cookie) if cookie else None
        if learner_id is None:
            raise Refusal("not-signed-in")
        until_s, record = self.known.get(learner_id, (0.0, None))
        if record is None or time.monotonic() > until_s:
            record = await self.learners.member(learner_id)
            if record is None:
                self.known.pop(learner_id, None)
                raise Refusal("not-signed-in")
            self.believe(record)
        return record

    def believe(self, record: LearnerRecord) -> None:
        """Know an account for a moment without asking again."""
        if len(self.known) >= _MOST_KNOWN:
            self.known.clear()
        self.known[record.learner.learner_id] = (time.monotonic() + KNOWN_S, record)

    async def limit(self, name: str, most: int) -> None:
        """Count a try within a minute; raises `Refusal` with `too-many-tries`."""
        if await self.tries(f"practice:{name}", TRIES_WINDOW_S) > most:
            raise Refusal("too-many-tries")

    async def body(self, record: LearnerRecord) -> LearnerBody:
        """Return an account as its own pages show it."""
        learner = record.learner
        return LearnerBody(
            learner.learner_id,
            learner.kind,
            learner.name,
            learner.nickname,
            record.login,
            record.identified,
            await places_of(self.organisations, learner),
            record.version,
        )


@dataclass(frozen=True, slots=True)
class LearnersPart:
    """The doors of accounts; `settings` say how cookies are set and how many tries there are, `care` knows codes."""

    doors: LearnerDoors
    settings: WebSettings
    care: LearnerCare

    def practice_endpoints(self, learner_of: LearnerOf, limit: int) -> Mapping[str, Endpoint]:
        """Return the endpoints by the names of web.contract."""
        del learner_of
        doors, settings = self.doors, self.settings
        learners = doors.learners
        tree = Shared(kept_s=_TREE_KEPT_S)

        async def enter(request: Request, record: LearnerRecord, status: int = 200) -> Response:
            # Telephones are lent: whoever was signed in here before is signed out.
            if (earlier := session_cookie(request, LEARNER_COOKIE)) is not None:
                await doors.sessions.close(earlier)
            response = private(await doors.body(record), status)
            cookie = await doors.sessions.open(record.learner.learner_id)
            set_session_cookie(response, cookie, settings, LEARNER_COOKIE)
            return response

        async def register(request: Request) -> Response:
            body = await read_json(request, _register, limit)
            await doors.limit(f"register:{_address(request)}", REGISTRATIONS_PER_ADDRESS)
            await doors.limit(f"account:{_folded(body.account)}", settings.tries_per_number)
            new = NewLearner(
                body.kind,
                body.organisation or None,
                body.name,
                body.nickname,
                id_number=body.id_number,
                password=body.password,
            )
            return await enter(request, await _refusing(learners.register(body.account, new)), 201)

        async def sign_in(request: Request) -> Response:
            body = await read_json(request, _sign_in, limit)
            await doors.limit(f"address:{_address(request)}", TRIES_PER_ADDRESS)
            await doors.limit(f"account:{_folded(body.account)}", settings.tries_per_number)
            return await enter(request, await _refusing(learners.sign_in(body.account, body.password)))

        async def recover(request: Request) -> Response:
            body = await read_json(request, _recover, limit)
            await doors.limit(f"address:{_address(request)}", TRIES_PER_ADDRESS)
            await doors.limit(f"recover:{_folded(body.account)}", settings.tries_per_number)
            record = await _refusing(self.care.recover(body.account, body.code, body.password))
            await doors.sessions.end(record.learner.learner_id)
            doors.believe(record)
            return await enter(request, record)

        async def sign_out(request: Request) -> Response:
            await read_json(request, _empty, limit)
            if (cookie := session_cookie(request, LEARNER_COOKIE)) is not None:
                await doors.sessions.close(cookie)
            response = Response(None, 204, {"Cache-Control": "no-store"})
            clear_session_cookie(response, settings, LEARNER_COOKIE)
            return response

        async def me(request: Request) -> Response:
            return private(await doors.body(await doors.record_of(request)))

        async def changed(learner_id: int) -> Response:
            record = await learners.member(learner_id)
            if record is None:
                raise Refusal("not-signed-in")
            doors.believe(record)
            return private(await doors.body(record))

        async def change(request: Request) -> Response:
            record = await doors.record_of(request)
            body = await read_json(request, _change, limit)
            wanted = LearnerChange(body.kind, body.organisation or None, body.name, body.nickname)
            learner_id, today = record.learner.learner_id, beijing_day(doors.now_us())
            await _refusing(learners.change(learner_id, body.version, wanted, today))
            return await changed(learner_id)

        async def password(request: Request) -> Response:
            record = await doors.record_of(request)
            body = await read_json(request, _password, limit)
            learner_id = record.learner.learner_id
            await doors.limit(f"password:{learner_id}", settings.tries_per_number)
            await _refusing(learners.change_password(record, body.old, body.new))
            await doors.sessions.end(learner_id)
            fresh = await learners.member(learner_id)
            if fresh is None:
                raise Refusal("not-signed-in")
            doors.believe(fresh)
            return await enter(request, fresh)

        async def identity(request: Request) -> Response:
            record = await doors.record_of(request)
            body = await read_json(request, _identity, limit)
            await doors.limit(f"identity:{record.learner.learner_id}", IDENTITIES_PER_LEARNER)
            await _refusing(learners.identify(record, body.id_number))
            return await changed(record.learner.learner_id)

        async def organisations(request: Request) -> Response:
            parent = number_in_query(request, "parent")
            etag, content = await tree.get(parent, lambda: self._steps(parent))
            return revalidated(request, etag, content, cache="public, max-age=60", media="application/json")

        return {
            "learner_register": register,
            "learner_sign_in": sign_in,
            "learner_recover": recover,
            "learner_sign_out": sign_out,
            "learner_me": me,
            "learner_change": change,
            "learner_password": password,
            "learner_identity": identity,
            "learner_organisations": organisations,
        }

    async def _steps(self, parent: int | None) -> bytes:
        found = await self.doors.organisations.children(parent)
        return encode(
            OrganisationSteps(
                [
                    OrganisationStep(one.organisation_id, one.name, LEVELS[one.level - 1], one.inner)
                    for one in found
                    if not one.closed
                ]
            )
        )


async def places_of(organisations: OrganisationStore, learner: Learner) -> list[LearnerPlace]:
    """Return where somebody works, from the province down, by name; empty for the public."""
    ids = [place for place in learner.places if place is not None]
    names = await organisations.names(ids) if ids else {}
    return [
        LearnerPlace(LEVELS[level], place, names[place].name)
        for level, place in enumerate(learner.places)
        if place is not None and place in names
    ]


async def _refusing(asked: Awaitable[T]) -> T:
    try:
        return await asked
    except LearnerRefused as refused:
        raise Refusal(refused.code) from None


def _folded(account: str) -> str:
    """Under what name tries of an account are counted: no telephone number stands in a key as it is."""
    return blake2s(account_name(account).encode()).hexdigest()


def _address(request: Request) -> str:
    return request.client.host if request.client is not None else ""
