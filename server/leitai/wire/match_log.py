"""The log of a match as the ledger keeps it: a MessagePack array `[seq, at_us, kind, body]` for each entry of
`rules.match_log`. The script that records answers writes entries of the same form.
"""

from typing import Any, NamedTuple, cast

import msgspec

from leitai.rules import match_log as e

_KINDS: dict[str, type[Any]] = {
    "made": e.Made,
    "came": e.Came,
    "opened": e.Opened,
    "answered": e.Answered,
    "closed": e.Closed,
    "left": e.Left,
    "finished": e.Finished,
    "ended": e.Ended,
    "voided": e.Voided,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(tuple[int, int, str, dict[str, Any]])


class MatchSeat(NamedTuple):
    """A learner's place in a match: seat 1 or 2."""

    match_id: int
    seat: int


def pack_match_entry(entry: e.Entry) -> bytes:
    """Return the kept form of an entry."""
    return _encoder.encode((entry.seq, entry.at_us, _NAMES[type(entry.event)], entry.event))


def unpack_match_entry(packed: bytes) -> e.Entry:
    """Read an entry as it is kept; raises `msgspec.MsgspecError`."""
    seq, at_us, kind, body = _decoder.decode(packed)
    found = _KINDS.get(kind)
    if found is None:
        raise msgspec.ValidationError(f"no event is called {kind!r}")
    return e.Entry(seq, at_us, cast("e.Event", msgspec.convert(body, found)))
