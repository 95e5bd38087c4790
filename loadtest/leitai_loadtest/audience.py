"""The viewers of a simulated contest, in a process of their own.

In life they are on other machines than contestants, and none of their frames stands before an acknowledgement. Here
they share a machine, so they also wait behind everybody else for its processors.

    python -m leitai_loadtest.audience --url http://127.0.0.1:8780 --session 7 --viewers 10000

tells `{"event": "arrived"}` on standard output once every viewer sees a page. A line `{"closings_s": […]}` on standard
input, the moments on this machine's monotonic clock when items closed, ends it: everyone leaves, and the figures follow
as `{"event": "seen", …}`. So does the end of the input, without figures.
"""

import argparse
import asyncio
import json
import sys
from contextlib import suppress
from typing import Any

from leitai_loadtest.crowd import Crowd, Options
from leitai_loadtest.files import allow_many_files, stand_back
from leitai_loadtest.viewer import Boards, Viewer

CONNECTING = 100
_FIGURES_WITHIN_S = 60.0
_LINE = 1 << 20

try:
    from uvloop import run
except ImportError:  # no wheels for this platform
    run = asyncio.run


class Audience:
    """The process, seen from the contestants' one. Without viewers there is none."""

    def __init__(self, url: str, viewers: int) -> None:
        self._wanted = viewers
        self._arguments = ["--url", url, "--viewers", str(viewers)]
        self._process: asyncio.subprocess.Process | None = None

    async def enter(self, session: int, within_s: float) -> None:
        """Return once every viewer sees a page of a session's boards, or after `within_s` seconds."""
        if not self._wanted:
            return
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "leitai_loadtest.audience", *self._arguments, "--session", str(session)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=_LINE,
        )
        assert self._process.stdout is not None
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._process.stdout.readline()

    async def leave(self, closings_s: list[float]) -> dict[str, Any]:
        """Let everyone leave; return `viewers`, how many had seen a page, and what `Boards.figures` says."""
        if self._process is None:
            return {"viewers": 0}
        process, self._process = self._process, None
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps({"closings_s": closings_s}).encode() + b"\n")
        try:
            async with asyncio.timeout(_FIGURES_WITHIN_S):
                while line := await process.stdout.readline():
                    told: dict[str, Any] = json.loads(line)
                    if told.pop("event") == "seen":
                        return told
            return {"viewers": 0}
        except TimeoutError:
            return {"viewers": 0}
        finally:
            await _end(process)

    async def abandon(self) -> None:
        """End without figures."""
        if self._process is not None:
            process, self._process = self._process, None
            await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.stdin is not None:
        process.stdin.close()
    try:
        async with asyncio.timeout(10):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


async def _watch(url: str, session: int, viewers: int) -> None:
    stand_back()
    allow_many_files()
    crowd = Crowd(Options(url), lambda event, **_: None)
    crowd.session = session
    boards = Boards()
    connecting = asyncio.Semaphore(CONNECTING)
    everyone = [Viewer(crowd, boards, number, connecting) for number in range(viewers)]
    watching = [asyncio.create_task(viewer.watch()) for viewer in everyone]
    arriving = asyncio.ensure_future(_all_arrived(everyone))
    order = await _line_of_input()
    arriving.cancel()
    crowd.leaving = True
    for task in watching:
        task.cancel()
    for viewer in everyone:
        viewer.leave()
    await asyncio.sleep(0.1)  # what is closed is told on the loop's next turns
    if order:
        seen = sum(viewer.arrived.is_set() for viewer in everyone)
        _tell("seen", viewers=seen, **boards.figures(json.loads(order)["closings_s"]))


async def _all_arrived(everyone: list[Viewer]) -> None:
    await asyncio.gather(*(viewer.arrived.wait() for viewer in everyone))
    _tell("arrived", viewers=len(everyone))


async def _line_of_input() -> bytes:
    """Return the next line of standard input, empty at its end."""
    reader = asyncio.StreamReader(limit=_LINE)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return await reader.readline()


def _tell(event: str, **figures: Any) -> None:
    sys.stdout.write(json.dumps({"event": event, **figures}) + "\n")
    sys.stdout.flush()


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m leitai_loadtest.audience", description="Simulate viewers.")
    parser.add_argument("--url", required=True, help="the server, http://HOST:PORT")
    parser.add_argument("--session", type=int, required=True, help="whose boards")
    parser.add_argument("--viewers", type=int, required=True, help="how many")
    asked = parser.parse_args(arguments)
    run(_watch(asked.url, asked.session, asked.viewers))
    return 0


if __name__ == "__main__":
    sys.exit(main())
