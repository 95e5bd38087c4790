"""Handing an operator's command to whoever directs the session, and learning what came of it."""

import asyncio
from typing import Protocol

from leitai.live.conductor import CommandRefused
from leitai.live.ports import Command, SessionState

_LOOK_EVERY_S = 0.05


class NotConducted(Exception):
    """No director has the session, or none took the command in time; it may still be carried out later."""

    code = "not-conducted"


class Commanded(Protocol):
    """The session's script as whoever commands sees it."""

    async def state(self) -> SessionState | None:
        """Return the state in force; None before a director has ever taken the session up."""
        ...

    async def command(self, command: Command) -> str:
        """Append a command; returns its position."""
        ...


async def hand_over(session: Commanded, command: Command, wait_s: float) -> SessionState:
    """Return the session's state once a command was carried out.

    Raises:
        CommandRefused: it was not, and why.
        NotConducted: see there.
        StoreUnavailable: from the store.
    """
    if await session.state() is None:
        raise NotConducted
    position = await session.command(command)
    try:
        async with asyncio.timeout(wait_s):
            while True:
                state = await session.state()
                if state is not None and _place(state.command) >= _place(position):
                    break
                await asyncio.sleep(_LOOK_EVERY_S)
    except TimeoutError as late:
        raise NotConducted from late
    code = dict(state.outcomes).get(position, "")
    if code:
        raise CommandRefused(code, command.kind)
    return state


def _place(position: str) -> tuple[int, int]:
    milliseconds, _, number = position.partition("-")
    return int(milliseconds), int(number or 0)
