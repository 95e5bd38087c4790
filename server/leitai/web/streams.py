"""Server-sent events for the staff's live pages: what moved, four times a second at most."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncGenerator, Callable, Hashable

from starlette.responses import Response, StreamingResponse

from leitai.live.ports import StoreUnavailable
from leitai.web.errors import Refusal

EVERY_S = 0.25
_SPREAD_S = 0.2
_PLACES = 8
"""Streams have their turns at so many places over so much of each quarter of a second: sixty at one instant would take
a processor for some hundredths of a second, and contestants' answers would meet it; each at its own would wake this
process two hundred times a second more."""
_FIRST_S = 0.02
"""The earliest turn: a timer that rings a little early must not have a stream asked in the quarter before."""
_GOLDEN = 0.618034
REMIND_S = 15.0
_MEDIA = "text/event-stream; charset=utf-8"


def event_stream(bodies: AsyncGenerator[bytes]) -> Response:
    """Return a response that sends each body as an event.

    `bodies` is asked once in every `quarter`, each stream's in a turn of its own, and answers with JSON, or with
    nothing where nothing moved. It may raise `Refusal` at any time (the session was ended, the right was taken): the
    stream says so and ends.
    """
    return StreamingResponse(_events(bodies), media_type=_MEDIA, headers={"Cache-Control": "no-store"})


def quarter() -> int:
    """Return the number of the quarter of a second that is now: what streams tell of one is made once for all."""
    return int(asyncio.get_running_loop().time() / EVERY_S)


_streams = itertools.count()


async def _events(bodies: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    silent_s = 0.0
    # Of so many numbers that follow each other, each falls into the widest gap that those before have left.
    turn_s = _FIRST_S + int(next(_streams) * _GOLDEN % 1 * _PLACES) / _PLACES * _SPREAD_S
    async with contextlib.aclosing(bodies):
        while True:
            try:
                body = await anext(bodies)
            except Refusal as refusal:
                yield b"event: refused\ndata: " + refusal.code.encode("ascii") + b"\n\n"
                return
            except StoreUnavailable:
                # Browsers come back by themselves.
                return
            if body:
                silent_s = 0.0
                yield b"data: " + body + b"\n\n"
            else:
                silent_s += EVERY_S
                if silent_s >= REMIND_S:
                    silent_s = 0.0
                    yield b": \n\n"
            await asyncio.sleep((quarter() + 1) * EVERY_S + turn_s - asyncio.get_running_loop().time())


class Shared:
    """Bodies that many ask for at the same time: made once for all who ask within a moment, after they have asked.

    Nobody is told what was made before the question, so that whoever asks because something moved sees it.
    """

    def __init__(self, within_s: float) -> None:
        """`within_s`: how long the first of them waits for the others."""
        self._within_s = within_s
        self._awaited: dict[Hashable, asyncio.Task[bytes]] = {}

    async def get(self, what: Hashable, make: Callable[[], bytes]) -> bytes:
        """Return a body; raises what `make` raises."""
        awaited = self._awaited.get(what)
        if awaited is None:
            awaited = self._awaited[what] = asyncio.create_task(self._make(what, make))
        # Whoever goes away leaves it to the others.
        return await asyncio.shield(awaited)

    async def _make(self, what: Hashable, make: Callable[[], bytes]) -> bytes:
        await asyncio.sleep(self._within_s)
        del self._awaited[what]
        return make()
