"""The floor: a bare picows responder without a store, a clock or a codec.

    python -m leitai_loadtest.bench.floor_server

Tells `{"port": …}`, then obeys a word per line on standard input: `open` writes one opening to every connection through
picows, `plain` the same bytes by bare system calls, both in a new random order, as fairness asks of a contest: sockets
out of the order in which they came cost the kernel a tenth more. Every message is answered by the bytes of an
acknowledgement.
"""

import asyncio
import contextlib
import json
import os
import random
import sys
from typing import cast

import msgpack
from picows import WSFrame, WSListener, WSMsgType, WSTransport, WSUpgradeRequest, ws_create_server

from leitai_loadtest.files import allow_many_files

try:
    from uvloop import run
except ImportError:  # no wheels for this platform
    run = asyncio.run

OPENING = cast("bytes", msgpack.packb({"type": "open", "item": 1, "key": bytes(32)}))
REPLY = cast(
    "bytes",
    msgpack.packb(
        {
            "type": "ack",
            "item": 1,
            "seq": 1,
            "status": "accepted",
            "stamp_us": 1_700_000_000_000_000,
            "elapsed_us": 1_000_000,
            "offset": 100_000,
            "receipt": bytes(16),
        }
    ),
)
FRAME = bytes([0x82, len(OPENING)]) + OPENING
"""The opening as a WebSocket frame (RFC 6455, 5.2): final, binary, shorter than 126 bytes, not masked."""
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


def _factory(_: WSUpgradeRequest) -> WSListener:
    return Responder()


def _obey(word: str) -> None:
    transports = list(_connections)
    random.shuffle(transports)
    if word == "open":
        for transport in transports:
            transport.send(WSMsgType.BINARY, OPENING)
    elif word == "plain":
        for number in [transport.underlying_transport.get_extra_info("socket").fileno() for transport in transports]:
            os.write(number, FRAME)


async def _serve() -> None:
    allow_many_files()
    server = await ws_create_server(_factory, "127.0.0.1", 0, read_buffer_init_size=2048, backlog=4096)
    sys.stdout.write(json.dumps({"port": server.sockets[0].getsockname()[1]}) + "\n")
    sys.stdout.flush()
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
