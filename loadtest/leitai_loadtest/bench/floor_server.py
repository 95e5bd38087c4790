"""The floor: a bare picows responder without a store, a clock or a codec.

    python -m leitai_loadtest.bench.floor_server

Prints `{"port": …}`, then obeys a word per line on standard input: `open` writes one 64-byte frame to every connection,
`figures` prints connections, CPU seconds so far and resident KiB. Every frame received is answered by 64 bytes.
"""

import asyncio
import contextlib
import json
import resource
import sys
from pathlib import Path
from time import process_time
from typing import Any

from picows import WSFrame, WSListener, WSMsgType, WSTransport, WSUpgradeRequest, ws_create_server

from leitai_loadtest.scene import allow_many_files

try:
    from uvloop import run
except ImportError:  # no wheels for this platform
    run = asyncio.run

OPENING = b"o" * 64
REPLY = b"r" * 64
_connections: set[WSTransport] = set()


class Responder(WSListener):
    """Answers every message at once."""

    def on_ws_connected(self, transport: WSTransport) -> None:
        _connections.add(transport)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.BINARY:
            transport.send(WSMsgType.BINARY, REPLY)
        elif frame.msg_type == WSMsgType.CLOSE:
            transport.disconnect()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        _connections.discard(transport)


def resident_kib(pid: int | str = "self") -> int:
    """Return the resident memory of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * resource.getpagesize() // 1024


def _factory(_: WSUpgradeRequest) -> WSListener:
    return Responder()


def _obey(word: str) -> None:
    if word == "open":
        for transport in _connections:
            transport.send(WSMsgType.BINARY, OPENING)
    elif word == "figures":
        _tell(connections=len(_connections), cpu_s=process_time(), rss_kib=resident_kib())


def _tell(**figures: Any) -> None:
    sys.stdout.write(json.dumps(figures) + "\n")
    sys.stdout.flush()


async def _serve() -> None:
    allow_many_files()
    server = await ws_create_server(_factory, "127.0.0.1", 0, read_buffer_init_size=2048, backlog=4096)
    _tell(port=server.sockets[0].getsockname()[1])
    loop = asyncio.get_running_loop()
    ended = loop.create_future()

    def heard() -> None:
        line = sys.stdin.readline()
        if line:
            _obey(line.strip())
        else:
            loop.remove_reader(sys.stdin)
            ended.set_result(None)

    loop.add_reader(sys.stdin, heard)
    await ended
    server.close()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        run(_serve())
