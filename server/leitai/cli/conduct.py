"""`leitai conduct`: what an operator does to a session while it is on. The director carries it out and logs it."""

import asyncio
import getpass
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter
from rich.console import Console

from leitai.config import read_settings
from leitai.live.ports import Command, SessionState, StoreUnavailable
from leitai.rules.values import Phase, SessionId
from leitai.stores.valkey.connection import open_store
from leitai.stores.valkey.session import ValkeySession

app = App(name="conduct", help="指挥一个场次：开始、暂停、恢复、结束、复核、定榜、公告 · Conduct a session")

Action = Literal["start", "pause", "resume", "close", "review", "finalize", "announce"]

_LEADS_TO: dict[str, Phase] = {
    "pause": Phase.PAUSED,
    "resume": Phase.RUNNING,
    "close": Phase.CLOSED,
    "review": Phase.UNDER_REVIEW,
    "finalize": Phase.FINALIZED,
}
_LOOK_EVERY_S = 0.1


@app.default
async def conduct(
    action: Action,
    *,
    session: int,
    text: Annotated[str, Parameter(help="words for everyone, with announce")] = "",
    wait: Annotated[float, Parameter(help="seconds to wait for the director")] = 10.0,
    config: Annotated[Path | None, Parameter(help="TOML file of settings")] = None,
) -> None:
    """Hand the director a command and wait until it is carried out.

    start: in three seconds, whatever the set start. pause, resume: the contest's time stands still between them. close:
    now, for everybody; what has not opened never will. review, finalize: after the end. announce: words for everyone.
    Exit status 1: it was refused because the phase does not allow it, or no director took it in time.
    """
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    if (action == "announce") != bool(text.strip()):
        raise SystemExit("announce 需要 --text，其他动作不需要 · announce wants --text, nothing else does")
    store = open_store(read_settings(config).valkey_url)
    try:
        before, after = await hand_over(
            ValkeySession(store, SessionId(session), 1), Command(action, getpass.getuser(), text.strip()), wait
        )
    except NotConducted as error:
        console.print(f"该场次无人指挥：没有此场次，或 director 未运行 · Nobody conducts session {session}")
        raise SystemExit(1) from error
    except StoreUnavailable as outage:
        console.print(f"存储不可用 · The store is away: {outage}")
        raise SystemExit(1) from outage
    finally:
        await store.aclose()
    if not carried_out(action, before, after):
        console.print(f"当前阶段不允许，未执行 · Refused in phase {after.phase.value}: {action}")
        raise SystemExit(1)
    console.print(f"已执行 done: {action}，当前阶段 phase {after.phase.value}")


class NotConducted(Exception):
    """No director has the session, or none took the command in time."""


async def hand_over(session: ValkeySession, command: Command, wait_s: float) -> tuple[SessionState, SessionState]:
    """Return the session's state before the command and once the director is past it.

    Raises:
        NotConducted: see there.
        StoreUnavailable: from the store.
    """
    before = await session.state()
    if before is None:
        raise NotConducted
    position = await session.command(command)
    try:
        async with asyncio.timeout(wait_s):
            while True:
                after = await session.state()
                if after is not None and _place(after.command) >= _place(position):
                    return before, after
                await asyncio.sleep(_LOOK_EVERY_S)
    except TimeoutError as late:
        raise NotConducted from late


def carried_out(action: str, before: SessionState, after: SessionState) -> bool:
    """Return whether a command had its effect; the director passes over what the phase does not allow."""
    if action == "start":
        return before.phase in (Phase.SCHEDULED, Phase.LOBBY) and after.start_us != before.start_us
    return action not in _LEADS_TO or (after.phase is _LEADS_TO[action] and before.phase is not after.phase)


def _place(position: str) -> tuple[int, int]:
    milliseconds, _, number = position.partition("-")
    return int(milliseconds), int(number or 0)
