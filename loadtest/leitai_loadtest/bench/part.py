"""Processes of the benchmark that speak lines of JSON: the floors, and `leitai bench …`."""

import asyncio
import json
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

START_S = 300.0
ANSWER_S = 300.0
STOP_S = 60.0


class PartFailed(Exception):
    """A process of the benchmark ended or fell silent instead of answering; `arguments` say which."""

    def __init__(self, arguments: tuple[str, ...]) -> None:
        super().__init__(" ".join(arguments))
        self.arguments = arguments


class Part:
    """A running process; `told` is the first thing it said."""

    def __init__(self, process: asyncio.subprocess.Process, arguments: tuple[str, ...]) -> None:
        self._process = process
        self._arguments = arguments
        self.told: dict[str, Any] = {}

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def say(self, word: str) -> None:
        """Write a word that it does not answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{word}\n".encode())

    async def ask(self, word: str) -> dict[str, Any]:
        """Write a word and return what it answers; raises `PartFailed`."""
        self.say(word)
        return await self.listen(ANSWER_S)

    async def listen(self, within_s: float) -> dict[str, Any]:
        """Return the next thing it says; raises `PartFailed`."""
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(within_s):
                line = await self._process.stdout.readline()
        except TimeoutError:
            line = b""
        if not line:
            raise PartFailed(self._arguments)
        return json.loads(line)


@asynccontextmanager
async def running(*arguments: str) -> AsyncGenerator[Part]:
    """Run `python -m arguments…` for the time of the block; it ends when its standard input does."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *arguments, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdin is not None
    part = Part(process, arguments)
    try:
        part.told = await part.listen(START_S)
        yield part
    finally:
        process.stdin.close()
        try:
            async with asyncio.timeout(STOP_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


async def figures_of(*arguments: str) -> dict[str, Any]:
    """Run `python -m arguments…` to its end and return the one thing it said; raises `PartFailed`."""
    async with running(*arguments) as part:
        return part.told
