"""The table of rights at every door of the office: each operation of the contract, with each role, on real stores.

For whoever may act for one province only, on the own and on another. What is asked for need not exist: whoever may not
is told so before anything is looked up, and whoever may is told that it does not exist, or that nothing was said.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from leitai.live.clock import ContestClock
from leitai.live.ports import SessionState
from leitai.live.sight import Sight
from leitai.rules.adjustments import NONE
from leitai.rules.rights import RIGHTS, Role, Standing, may
from leitai.rules.timeline import windows
from leitai.rules.values import DelegationCode, Phase
from leitai.stores.valkey.accept import ValkeyLedger
from leitai.stores.valkey.connection import open_store
from leitai.stores.valkey.session import ValkeySession
from leitai.web.contract import EVENTS, STAFF_OPERATIONS, Operation
from leitai.web.contract.day import DAY
from leitai.web.contract.desk import DESK
from leitai.web.contract.judging import JUDGING, MARKING
from leitai.web.contract.reveal import REVEAL
from tests.support.doors import ORIGIN
from tests.support.office import Stores, small_session
from tests.support.staff_doors import Office, staff_doors

BEIJING, HEBEI = DelegationCode("110000"), DelegationCode("130000")
PERSONAL = {
    "staff_me",
    "staff_password",
    "second_factor",
    "second_factor_begin",
    "second_factor_confirm",
    "second_factor_off",
}
"""What everybody who is signed in does for themselves: no right is needed."""
OPEN = {
    "staff_sign_in",
    "staff_sign_in_ways",
    "staff_sign_in_code",
    "staff_welcome",
    "staff_sign_out",
    "oidc_begin",
    "oidc_back",
    "pool_sync",
    "air",
    "air_stream",
    "air_media",
    "feed_contests",
    "feed_contest",
    "feed_events",
    "feed_collection",
    "feed_object",
    "healthz",
    "readyz",
}
"""What is done before one is signed in, or by a token."""
PLACES: dict[str, object] = {
    "job": "0" * 16,
    "upload": "0" * 32,
    "media": "0" * 64,
    "template": "xlsx",
    "table": "province",
    "file": 0,
    "code": BEIJING,
}
GUARDED = [one for one in STAFF_OPERATIONS if one.act is not None]
NOT_NOW = ("forbidden", "not-yet", "ruling-phase", "session-finalized")
AT_ANY_TIME = {"reveal_desk", "reveal_move", "judged_sessions"}
"""The first says how far the session is and nothing of what waits to be revealed; the next reads which move it is
first, for the audit (tests/web/test_reveal); the last lists sessions in whatever phases (tests/web/test_judged)."""
IN_PHASES = [
    one
    for one in (*DAY, *DESK, *JUDGING, *MARKING, *REVEAL)
    if one.act is not None
    and one.name not in AT_ANY_TIME
    and not one.or_acts
    and isinstance(next(iter(RIGHTS[one.act].when or [None])), Phase)
] + [one for one in JUDGING if one.name == "blockers"]


class Somebody:
    """A member of the staff of one role, asking at the doors."""

    def __init__(self, app: Any, cookie: str, standing: Standing) -> None:
        self._app = app
        self._cookie = cookie
        self.standing = standing

    async def ask(self, one: Operation, delegation: DelegationCode | None) -> tuple[int, bytes]:
        """What an operation answers, status and body; of a stream that begins, the status alone."""
        path = one.path.format_map(_Places(delegation))
        query = {"delegation": delegation} if one.whose == "query" and delegation else {}
        media = b"application/json" if one.request or not one.upload else one.upload[0].encode()
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": one.method,
            "scheme": "https",
            "path": path,
            "raw_path": path.encode(),
            "query_string": urlencode(query).encode(),
            "headers": [
                (b"host", b"contest.example"),
                (b"origin", ORIGIN.encode()),
                (b"content-type", media),
                (b"cookie", f"leitai_staff={self._cookie}".encode()),
            ],
            "client": ("127.0.0.1", 1),
            "server": ("contest.example", 443),
        }
        begun = asyncio.Event()
        said: list[Any] = []

        # Nothing that could be done: whoever may is told that the request is none.
        told = iter([{"type": "http.request", "body": b"[]" if one.request else b"", "more_body": False}])

        async def receive() -> dict[str, Any]:
            for message in told:
                return message
            await asyncio.Event().wait()
            raise AssertionError

        async def send(message: Any) -> None:
            said.append(message)
            begun.set()

        answering = asyncio.create_task(self._app(scope, receive, send))
        if one.media == EVENTS:
            begins = asyncio.create_task(begun.wait())
            await asyncio.wait({answering, begins}, return_when=asyncio.FIRST_COMPLETED)
            begins.cancel()
            if said[0]["status"] == 200:
                answering.cancel()
        await asyncio.gather(answering, return_exceptions=one.media == EVENTS)
        body = b"".join(part.get("body", b"") for part in said[1:])
        return said[0]["status"], body


class _Places(dict[str, object]):
    def __init__(self, delegation: DelegationCode | None) -> None:
        super().__init__(PLACES | ({"code": delegation} if delegation else {}))

    def __missing__(self, _name: str) -> object:
        return 999


@pytest.fixture
async def office(database: str, valkey_url: str) -> AsyncIterator[Office]:
    async with staff_doors(database, valkey_url) as opened:
        yield opened


def concerned(one: Operation, who: Standing) -> Iterator[DelegationCode | None]:
    """The delegations to try an operation with; None: all of them."""
    if one.whose in ("path", "query"):
        yield BEIJING
        yield HEBEI
    if one.whose == "query":
        # Whoever names none means all that they may see.
        return
    if one.whose in ("own", "record"):
        yield who.delegation or None
    elif one.whose == "all":
        yield None


async def everybody(office: Office) -> list[Somebody]:
    """One of each role; the team leader is Beijing's."""
    staff: list[Somebody] = []
    for role in Role:
        home = BEIJING if role is Role.TEAM_LEADER else DelegationCode("")
        browser = await office.account(f"of-{role.value.replace('_', '-')}", role.value, delegation=home)
        staff.append(Somebody(office.app, browser.cookies["leitai_staff"], Standing(frozenset({role}), home)))
    return staff


async def test_no_door_opens_but_by_the_table(office: Office) -> None:
    staff = await everybody(office)
    wrong: list[object] = []
    tried = 0
    for one in GUARDED:
        assert one.act is not None
        acts = (one.act, *one.or_acts)
        for who in staff:
            for delegation in concerned(one, who.standing):
                status, body = await who.ask(one, delegation)
                granted = any(may(who.standing, act, delegation=delegation) for act in acts)
                refused = status == 403 and b'"forbidden"' in body
                tried += 1
                if granted == refused or status in (401, 500) or (refused and status != 403):
                    wrong.append((one.name, who.standing, delegation, status, body[:200]))
    assert wrong == []
    assert tried > len(GUARDED) * len(Role)


class Watched:
    """A session that stands in whatever phase the test says; nobody conducts it."""

    commanded = None
    adjustments = NONE

    def __init__(self, sight: Sight, streams: ValkeySession) -> None:
        self.sight = sight
        self.reveal_store = streams

    def stand(self, phase: Phase) -> None:
        file = self.sight.file
        self.sight.state = SessionState(phase, file.start_us, 1, windows(file.plan, file.start_us))


async def test_no_door_opens_but_in_its_phase(database: str, valkey_url: str) -> None:
    """Each act that the table lets be done in some phases of a session only, with each role in each phase.

    What commands may be given when, and when results are seen, is held to the table where it is decided:
    tests/live/test_conductor, tests/web/test_final_results.
    """
    watched: list[Watched] = []
    store = open_store(valkey_url)

    async def watch(stores: Stores) -> Watched:
        created = await small_session(stores)
        file = await stores.archive.load_session(created.session_id)
        streams = ValkeySession(store, file.session_id, file.shards)
        clock = ContestClock(ValkeyLedger(store, file.session_id, file.shards))
        await clock.synchronise()
        watched.append(Watched(Sight(file, streams, clock), streams))
        return watched[0]

    wrong: list[object] = []
    tried = 0
    async with staff_doors(database, valkey_url, watch=watch) as office:
        staff = await everybody(office)
        for phase in Phase:
            watched[0].stand(phase)
            for one in IN_PHASES:
                assert one.act is not None
                for who in staff:
                    status, body = await who.ask(one, None)
                    acts = (one.act, *one.or_acts)
                    granted = any(may(who.standing, act, phase=phase) for act in acts)
                    refused = any(f'"{code}"'.encode() in body for code in NOT_NOW) and status >= 400
                    tried += 1
                    if granted == refused or status in (401, 500):
                        wrong.append((one.name, phase, who.standing, status, body[:200]))
    await store.aclose()
    assert wrong == []
    assert tried == len(IN_PHASES) * len(Role) * len(Phase)


async def test_nobody_comes_in_without_a_session(office: Office) -> None:
    stranger = Somebody(office.app, "nobody", Standing(frozenset()))
    for one in STAFF_OPERATIONS:
        if one.signed_in:
            status, body = await stranger.ask(one, None)
            assert (status, b'"not-signed-in"' in body) == (401, True), one.name


def test_every_operation_is_guarded_or_said_to_be_open() -> None:
    without = {one.name for one in STAFF_OPERATIONS if one.act is None}
    assert without == PERSONAL | OPEN
    assert {one.name for one in STAFF_OPERATIONS if not one.signed_in} == OPEN


def test_what_some_may_do_for_their_own_only_says_whose_it_is() -> None:
    for one in GUARDED:
        own = any(RIGHTS[act].own for act in (one.act, *one.or_acts) if act is not None)
        assert own or one.whose == "all", one.name
