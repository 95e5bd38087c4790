"""MessagePack in and out, with our own error for whatever cannot be read."""

from typing import Any, TypeVar

import msgspec

from leitai.wire.messages import (
    MAX_CLIENT_FRAME_BYTES,
    ClientMessage,
    FeedEntry,
    ItemContent,
    SealedPaper,
    ServerMessage,
)

T = TypeVar("T")

_encoder = msgspec.msgpack.Encoder()
_client_decoder = msgspec.msgpack.Decoder(ClientMessage)
_server_decoder = msgspec.msgpack.Decoder(ServerMessage)
_feed_decoder = msgspec.msgpack.Decoder(FeedEntry)


class BadFrame(Exception):
    """A frame that is no message of this protocol.

    `code` is stable: `frame-too-large`, `frame-not-binary`, `frame-malformed` (not MessagePack, too deep, trailing
    bytes) or `frame-invalid` (MessagePack, but not a message: unknown type, missing member, wrong type or range).
    `abuse` says that an honest client cannot have sent it.
    """

    def __init__(self, code: str, detail: str, *, abuse: bool = False) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail
        self.abuse = abuse


def encode(message: Any) -> bytes:
    """Return the bytes of one message or nested value."""
    return _encoder.encode(message)


def decode_client(frame: bytes | bytearray | memoryview) -> ClientMessage:
    """Read a client's frame; raises `BadFrame` and nothing else."""
    if len(frame) > MAX_CLIENT_FRAME_BYTES:
        raise BadFrame("frame-too-large", f"{len(frame)} bytes", abuse=True)
    return decode_by(_client_decoder, frame)


def decode_server(frame: bytes | bytearray | memoryview) -> ServerMessage:
    """Read a server's frame; raises `BadFrame`."""
    return decode_by(_server_decoder, frame)


def decode_feed_entry(frame: bytes | bytearray | memoryview) -> FeedEntry:
    """Read a feed entry as the store keeps it; raises `BadFrame`."""
    return decode_by(_feed_decoder, frame)


def decode_content(plaintext: bytes) -> ItemContent:
    """Read the content of an opened item; raises `BadFrame`."""
    return decode_by(msgspec.msgpack.Decoder(ItemContent), plaintext)


def decode_sealed_paper(body: bytes) -> SealedPaper:
    """Read a sealed paper; raises `BadFrame`."""
    return decode_by(msgspec.msgpack.Decoder(SealedPaper), body)


def decode_small(decoder: "msgspec.msgpack.Decoder[T]", frame: bytes, most_bytes: int) -> T:
    """Read a client's frame of a socket where frames are small; raises `BadFrame` and nothing else."""
    if len(frame) > most_bytes:
        raise BadFrame("frame-too-large", f"{len(frame)} bytes", abuse=True)
    return decode_by(decoder, frame)


def decode_by(decoder: "msgspec.msgpack.Decoder[T]", frame: bytes | bytearray | memoryview) -> T:
    """Read bytes by a decoder; raises `BadFrame`."""
    try:
        return decoder.decode(frame)
    except msgspec.ValidationError as error:
        raise BadFrame("frame-invalid", str(error)) from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError, ValueError) as error:
        raise BadFrame("frame-malformed", str(error)) from None
