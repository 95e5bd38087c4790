"""After a contest: wait until its record is complete, and judge it by everyone's journal."""

import asyncio
import urllib.error
import urllib.request
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from leitai.cli.rehearsal import verdict
from leitai.cli.rehearsal.house import House
from leitai.live.ports import SessionFile, StoreUnavailable
from leitai.office.results import recompute
from leitai.rules.values import Phase, SessionId, Window
from leitai.stores.valkey.session import ValkeySession

FINAL_S = 120.0


class NeverFinal(Exception):
    """The session was not finalized in time: something that was accepted never reached PostgreSQL."""

    code = "never-final"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of a session."""

    verdict: verdict.Verdict
    windows: Sequence[Window]
    """Those that were in force."""
    board_equals: bool
    """The published standings are those that either recomputation gives, byte for byte."""


async def judge(house: House, session_id: SessionId, journals: Iterable[verdict.Journal]) -> Judgement:
    """Judge a session that has ended. Raises `NeverFinal`."""
    file = await _final(house, session_id)
    answers = await house.parts.archive.answers(session_id)
    state = await ValkeySession(house.parts.reading, session_id, file.shards).state()
    windows = state.counted_windows if state else ()
    # By the definition over the windows that were in force, and from PostgreSQL alone as the results page does it.
    expected = {verdict.recompute(file, answers, windows), await recompute(house.parts.office, session_id)}
    published = await asyncio.to_thread(_standings, house.url, session_id)
    return Judgement(verdict.judge(file, journals, answers), windows, expected == {published})


async def _final(house: House, session_id: SessionId) -> SessionFile:
    """Wait until the session is finalized, which says that PostgreSQL holds everything, and return it."""
    try:
        async with asyncio.timeout(FINAL_S):
            while True:
                with suppress(StoreUnavailable):
                    file = await house.parts.archive.load_session(session_id)
                    if file.phase is Phase.FINALIZED:
                        return file
                await asyncio.sleep(0.25)
    except TimeoutError:
        raise NeverFinal from None


def _standings(url: str, session_id: SessionId) -> bytes:
    try:
        address = f"{url}/api/sessions/{session_id}/standings"
        with urllib.request.urlopen(address, timeout=10) as response:  # noqa: S310 (our own address)
            return response.read()
    except (urllib.error.URLError, OSError):
        return b""
