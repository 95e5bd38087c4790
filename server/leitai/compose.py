"""The composition root: builds what all roles of a process share and starts each; `roles` has the roles themselves."""

import asyncio
import contextlib
import functools
import gc
import resource
import signal
from collections.abc import Awaitable, Sequence

import structlog

from leitai.config import Settings
from leitai.live.ports import StoreUnavailable
from leitai.machine_door import ProcessReadiness, serve_machines
from leitai.notices import tell_ready
from leitai.resources import shipped
from leitai.roles.following import end
from leitai.roles.parts import open_parts
from leitai.stores.postgres.migrations import migrate
from leitai.stores.postgres.paper_seal import seal_what_lies_open
from leitai.stores.postgres.pool import AWAY
from leitai.turns import BEHIND_GATEWAYS, BEHIND_THE_CONTEST, keep_to_half, stand_back, take_short_turns

ROLES = ("gateway", "director", "recorder", "office", "practice")
MONTHLY = "monthly"
"""A process of its own that serves 月月比 as others serve the contest: its gateway, director and recorder."""
VIEWERS = "viewers"
"""A gateway for whoever only watches: it is given their sockets by those at whose door they come."""
QUIET = "quiet"
"""The public doors of provinces whose houses do not run: results, certificates and boards stay to be looked at."""
_NOT_THE_CONTEST = {"office", "practice", VIEWERS}
_QUIET_CONNECTIONS = 2
"""To PostgreSQL, for each of these provinces: few come, and there may be 32 of them."""
_STOP_WITHIN_S = 16.0
_log = structlog.get_logger()


async def serve(settings: Settings, roles: tuple[str, ...]) -> None:
    """Run roles in this process until SIGTERM or SIGINT; a supervisor is told once all of them do their work.

    Raises ValueError where `MONTHLY` or `VIEWERS` is to share a process with others, or nobody gives `VIEWERS` sockets.
    """
    if QUIET in roles:
        if len(roles) > 1:
            raise ValueError(f"{QUIET} is a process of its own")
        await _keep_quiet_doors(settings)
        return
    nice = BEHIND_THE_CONTEST if _NOT_THE_CONTEST.issuperset(roles) else 0 if "gateway" in roles else BEHIND_GATEWAYS
    if MONTHLY in roles:
        if len(roles) > 1:
            raise ValueError(f"{MONTHLY} is a process of its own")
        settings, roles, nice = settings.of_monthly(), ("gateway", "director", "recorder"), 0
    only_viewers = VIEWERS in roles
    if only_viewers:
        if len(roles) > 1 or settings.viewers_in < 0:
            raise ValueError(f"{VIEWERS} is a process of its own, and is given its sockets")
        roles = ("gateway",)
    stopping = _told_to_stop()
    if "gateway" in roles:
        _allow_many_sockets()
    if nice:
        stand_back(nice)
    else:
        take_short_turns()
    if only_viewers:
        keep_to_half()
    await _migrate(settings)
    async with open_parts(settings, roles, nice=nice) as parts:
        with contextlib.suppress(StoreUnavailable):
            await seal_what_lies_open(parts.database, parts.vault)
        readiness = ProcessReadiness(parts.store, parts.running, stopping)
        machines = asyncio.create_task(serve_machines(settings, parts.running, readiness, parts.store))
        workers: list[Awaitable[None]] = []
        to_begin = set(roles)

        def began(role: str) -> None:
            if role in to_begin:
                to_begin.discard(role)
                if not to_begin:
                    tell_ready()

        def may_go_first() -> bool:
            # A door of one's own, or one's work under way: otherwise whoever shares the door knows more.
            return max(settings.listener, settings.viewers_in) < 0 or "gateway" not in to_begin

        # Each role is loaded where it is wanted: a process starts in half the time without the others' parts.
        if "gateway" in roles:
            from leitai.roles.gateway import attend_contest

            workers.append(attend_contest(parts, readiness, stopping, lambda: began("gateway"), may_go_first))
        if "director" in roles:
            from leitai.roles.director import direct

            workers.append(direct(parts, stopping, lambda: began("director")))
        if "recorder" in roles:
            from leitai.roles.recorder import record

            workers.append(record(parts, stopping, lambda: began("recorder")))
        if "office" in roles:
            from leitai.roles.office import attend_staff

            looking_on = nice == BEHIND_THE_CONTEST
            workers.append(attend_staff(parts, readiness, stopping, lambda: began("office"), gives_way=looking_on))
        if "practice" in roles:
            from leitai.roles.practice import attend_learners

            workers.append(attend_learners(parts, readiness, stopping, lambda: began("practice")))
        # Everything built so far stays: what the collector need not look at again costs no pauses.
        gc.collect()
        gc.freeze()
        await _work(workers, stopping, machines)


async def _keep_quiet_doors(settings: Settings) -> None:
    """Serve the public at the doors of provinces whose houses do not run until SIGTERM: each as the gateway of its
    house would, all in this process."""
    from leitai.roles.gateway import attend_contest

    stopping = _told_to_stop()
    _allow_many_sockets()
    stand_back(BEHIND_THE_CONTEST)
    own = settings.of_quiet()
    await _migrate(settings)
    to_begin = {one.owner for one in own}

    def began(owner: str) -> None:
        if owner in to_begin:
            to_begin.discard(owner)
            if not to_begin:
                tell_ready()

    async with contextlib.AsyncExitStack() as opened:
        workers: list[Awaitable[None]] = []
        for one in own:
            building = open_parts(one, ("gateway",), nice=BEHIND_THE_CONTEST, connections=_QUIET_CONNECTIONS)
            parts = await opened.enter_async_context(building)
            readiness = ProcessReadiness(parts.store, parts.running, stopping)
            workers.append(
                attend_contest(parts, readiness, stopping, functools.partial(began, one.owner), lambda: True)
            )
        shared = await opened.enter_async_context(open_parts(settings, (QUIET,), connections=1))
        ready = ProcessReadiness(shared.store, shared.running, stopping)
        machines = asyncio.create_task(serve_machines(settings, shared.running, ready, shared.store))
        await _work(workers, stopping, machines)


def _told_to_stop() -> asyncio.Event:
    """Return what a SIGTERM or SIGINT sets."""
    stopping, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    return stopping


async def _work(workers: Sequence[Awaitable[None]], stopping: asyncio.Event, machines: asyncio.Task[None]) -> None:
    """Wait until this process is to stop, or a worker ends, then for all of them; raises what one of them raised, or
    TimeoutError where they do not end in time."""
    working = asyncio.gather(*workers)
    told = asyncio.create_task(stopping.wait())
    await asyncio.wait({working, told}, return_when=asyncio.FIRST_COMPLETED)
    stopping.set()
    try:
        async with asyncio.timeout(_STOP_WITHIN_S):
            await working
    finally:
        await end(machines)


async def _migrate(settings: Settings) -> None:
    try:
        await migrate(settings.database_url, shipped("sql"))
    except AWAY as outage:
        # A contest goes on without it; nothing else than a copy of its session is needed to take part.
        _log.warning("archive_out", reason=repr(outage))


def _allow_many_sockets() -> None:
    """Raise this process's limit of open files as far as it may."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
