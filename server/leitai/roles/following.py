"""Doing a role's work for the session in force, whichever it is."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import structlog

from leitai.live.ports import SessionFile, StoreUnavailable
from leitai.roles.parts import Parts
from leitai.rules.values import SessionId

_FOLLOW_S = 1.0
_log = structlog.get_logger()


async def follow(
    parts: Parts,
    stopping: asyncio.Event,
    work: Callable[[SessionFile], Awaitable[None]],
    began: Callable[[], None],
    *,
    says_itself: bool = False,
    told: Callable[[bool], None] = lambda _none: None,
) -> None:
    """Do a role's work for the session in force, and change over when another takes its place.

    `began` is called once the work is under way or there is none to do; work that `says_itself` when it is under way
    calls it. `told` hears again and again whether it is known that there is no session.
    """
    current: SessionId | None = None
    task: asyncio.Task[None] | None = None
    try:
        while not stopping.is_set():
            try:
                file = await _in_force(parts, current)
                if file is not None and file.session_id != current:
                    await end(task)
                    with structlog.contextvars.bound_contextvars(contest=file.contest_id, session=file.session_id):
                        current, task = file.session_id, asyncio.ensure_future(work(file))
                told(task is None)
                if task is None or not says_itself:
                    began()
            except StoreUnavailable as outage:
                told(False)
                _log.warning("archive_out", reason=str(outage))
            if task is not None and task.done():
                task.result()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), _FOLLOW_S)
    finally:
        await end(task)


async def _in_force(parts: Parts, current: SessionId | None) -> SessionFile | None:
    """Return the session to serve unless it is `current`; None: there is no other.

    While the archive is out, whoever has none takes the copy in the ledger. Raises `StoreUnavailable`.
    """
    try:
        wanted = await parts.archive.current_session()
        return None if wanted in (None, current) else await parts.archive.load_session(wanted)
    except StoreUnavailable:
        if current is not None or (spare := await parts.spare.fetch()) is None:
            raise
        _log.warning("spare_session_taken", session=spare.file.session_id)
        return spare.file


async def end(task: asyncio.Task[None] | None) -> None:
    if task is not None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
