"""`leitai bench scripts`: the accept script called raw and pipelined, the floor of the store's side of an answer."""

import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import hiredis
import msgspec

from leitai.cli.bench.telling import tell
from leitai.cli.rehearsal.gauge import main_thread_us
from leitai.rules.values import SessionId
from leitai.stores.embedded.valkey import EmbeddedValkey
from leitai.stores.valkey.connection import script
from leitai.stores.valkey.keys import ShardKeys

_BATCH = 256
_IN_FLIGHT = 3
_SITTINGS = 1600
_KEYS = ShardKeys(SessionId(1), 0)


def scripts(*, batches: int = 200, singles: int = 400) -> None:
    """Tell the store's CPU microseconds for an answer in batches of 256 (`batch_us`) and alone (`single_us`)."""
    with tempfile.TemporaryDirectory(prefix="leitai-bench-") as folder:
        Path(folder).chmod(0o711)
        valkey = EmbeddedValkey(Path(folder))
        valkey.start()
        try:
            pid = valkey.pid
            assert pid is not None
            _measure(valkey.url.removeprefix("unix://"), pid, batches, singles)
        finally:
            valkey.stop()


def _measure(path: str, pid: int, batches: int, singles: int) -> None:
    with socket.socket(socket.AF_UNIX) as store:
        store.connect(path)
        reader = hiredis.Reader()
        text, _ = script("accept")
        windows = [part for item in range(1, 1001) for part in (item, f"0 {1 << 52}")]
        _call(store, reader, [("HSET", _KEYS.windows, "counted", "first", *windows), ("SCRIPT", "LOAD", text)], 1)
        found: dict[str, float] = {}
        for name, count, size, in_flight in (("batch", batches, _BATCH, _IN_FLIGHT), ("single", singles, 1, 1)):
            calls = [*_calls(count, size, 0 if name == "batch" else batches * _BATCH)]
            store_us, own_ns, began = main_thread_us(pid), time.process_time_ns(), time.monotonic()
            _call(store, reader, calls, in_flight)
            found[f"{name}_us"] = round((main_thread_us(pid) - store_us) / count / size, 2)
            found[f"{name}_client_us"] = round((time.process_time_ns() - own_ns) / 1000 / count / size, 2)
            found[f"{name}_per_s"] = round(count * size / (time.monotonic() - began))
        assert _call(store, reader, [("GET", _KEYS.offset)], 1) == str(batches * _BATCH + singles).encode()
        tell(**found)


def _calls(count: int, size: int, first: int) -> Iterator[tuple[str | int | bytes, ...]]:
    """Yield calls of the accept script with `size` answers each, every one of another sitting and item."""
    _, digest = script("accept")
    names = (_KEYS.windows, _KEYS.acceptances, _KEYS.answers, _KEYS.offset)
    for call in range(count):
        flat: list[int | str] = []
        for number in range(first + call * size, first + (call + 1) * size):
            flat += (number % _SITTINGS + 1, number // _SITTINGS + 1, number // _SITTINGS + 1, "A", 1000, 1_000_000)
        yield ("EVALSHA", digest, len(names), *names, msgspec.msgpack.encode(flat), 2_000_000, 0)


def _call(
    store: socket.socket, reader: hiredis.Reader, calls: list[tuple[str | int | bytes, ...]], in_flight: int
) -> object:
    """Send packed commands, some at a time, read every reply and return the last."""
    packed = [hiredis.pack_command(cast("Any", call)) for call in calls]
    replies, last = 0, None
    for sent, command in enumerate(packed, 1):
        store.sendall(command)
        while sent - replies >= in_flight or (sent == len(packed) and replies < sent):
            reader.feed(store.recv(1 << 16))
            while (reply := reader.gets()) is not False:
                if isinstance(reply, Exception):
                    raise reply
                replies, last = replies + 1, reply
    return last
