"""MessagePack by another implementation than the server's, typed for strict checks."""

from typing import Any, cast

import msgpack


def pack(value: Any) -> bytes:
    """Return the MessagePack form of `value`."""
    return cast("bytes", msgpack.packb(value))


def unpack(frame: bytes) -> Any:
    """Return the value of a MessagePack frame."""
    return msgpack.unpackb(frame)
