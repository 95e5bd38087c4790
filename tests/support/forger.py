"""A line to a server that forges a little of what its WebSockets carry: a server gone wrong, seen from outside.

Once each, to whoever comes first: an answer never reaches the server and is acknowledged all the same; an
acknowledgement is followed by another one of something else. To everyone: the own rank is one too high.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any

import msgpack

from tests.support.own_server import ending, serving

LOST_ITEM, DOUBLED_ITEM = 1, 2


@dataclass
class Forger:
    """Passes connections on to `target`, a port of the loopback address."""

    target: int
    url: str = ""
    forged: set[str] = field(default_factory=set[str])
    """What it has done so far: `lost`, `doubled`, `misplaced`."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass one connection on, to its end."""
        there_reader, there = await asyncio.open_connection("127.0.0.1", self.target)
        async with ending(there):
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                head = await reader.readuntil(b"\r\n\r\n")
                there.write(head)
                if b"upgrade: websocket" in head.lower():
                    writer.write(await there_reader.readuntil(b"\r\n\r\n"))
                    await asyncio.gather(self._say(reader, writer, there), self._hear(there_reader, writer))
                else:
                    await asyncio.gather(_pour(reader, there), _pour(there_reader, writer))

    async def _say(self, reader: asyncio.StreamReader, back: asyncio.StreamWriter, there: asyncio.StreamWriter) -> None:
        with _at_end(there):
            while True:
                raw, message = await _frame(reader)
                if message.get("type") == "answer" and message["item"] == LOST_ITEM and "lost" not in self.forged:
                    self.forged.add("lost")
                    ack = {"type": "ack", "item": message["item"], "seq": message["seq"], "status": "accepted"}
                    rest = {"stamp_us": 1, "elapsed_us": 1, "offset": 1_000_000, "receipt": bytes(16), "code": ""}
                    back.write(_framed({**ack, **rest, "duplicate": False}))
                else:
                    there.write(raw)

    async def _hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with _at_end(writer):
            while True:
                raw, message = await _frame(reader)
                if message.get("type") == "own":
                    self.forged.add("misplaced")
                    raw = _framed({**message, "rank": message["rank"] + 1})
                elif message.get("type") == "ack" and message["item"] == DOUBLED_ITEM and "doubled" not in self.forged:
                    self.forged.add("doubled")
                    raw += _framed({**message, "stamp_us": message["stamp_us"] + 1, "offset": message["offset"] + 1})
                writer.write(raw)


@contextlib.asynccontextmanager
async def forging(target: int) -> AsyncGenerator[Forger]:
    """A forger before the server on `target`."""
    forger = Forger(target)
    async with serving(forger.serve) as port:
        forger.url = f"http://127.0.0.1:{port}"
        yield forger


@contextlib.contextmanager
def _at_end(writer: asyncio.StreamWriter) -> Any:
    """Pass the end of one direction on."""
    try:
        yield
    finally:
        if writer.can_write_eof():
            writer.write_eof()


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with _at_end(writer):
        while data := await reader.read(65_536):
            writer.write(data)


async def _frame(reader: asyncio.StreamReader) -> tuple[bytes, dict[str, Any]]:
    """Return a frame as it is and, of a binary one, its message (RFC 6455, 5.2)."""
    raw = await reader.readexactly(2)
    length, masked = raw[1] & 0x7F, raw[1] & 0x80
    if length >= 126:
        more = await reader.readexactly(2 if length == 126 else 8)
        raw += more
        length = int.from_bytes(more, "big")
    mask = await reader.readexactly(4) if masked else bytes(4)
    payload = await reader.readexactly(length)
    plain = bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload)) if masked else payload
    return raw + (mask if masked else b"") + payload, msgpack.unpackb(plain) if raw[0] & 0x0F == 2 else {}


def _framed(message: dict[str, Any]) -> bytes:
    payload: bytes = msgpack.packb(message)  # pyright: ignore[reportAssignmentType]
    length = bytes([len(payload)]) if len(payload) < 126 else b"\x7e" + len(payload).to_bytes(2, "big")
    return b"\x82" + length + payload
