"""How parts of the benchmark speak: lines of JSON out, words in."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator
from typing import Any


def tell(**figures: Any) -> None:
    """Write one line of JSON to standard output."""
    sys.stdout.write(json.dumps(figures) + "\n")
    sys.stdout.flush()


async def heard() -> AsyncGenerator[str]:
    """Yield the words on standard input until it ends."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(os.dup(sys.stdin.fileno()), "rb")
    )
    while line := await reader.readline():
        yield line.decode().strip()
