"""The ledger of answers in Valkey: batches in, decisions out, and the stream of what was recorded."""

from collections.abc import Sequence
from typing import Any

import msgspec

from leitai.live.ports import Accepted, Outcome, Restored, SessionEvent, SittingEvent, Submission
from leitai.rules.values import Answer, AnswerStatus, ItemNo, Micros, Response, SessionId, SittingId
from leitai.stores.valkey.connection import Commands, passing_failures, run_script
from leitai.stores.valkey.keys import SessionKeys, ShardKeys, shard_of

LONGEST_AGE_US = 600_000_000
"""The script believes no greater age. The gateway itself caps at 2 s outside outages of the store."""

_SEPARATOR = "\x1f"
_OUTCOMES = tuple(Outcome)
_STATUSES = {0: AnswerStatus.ACCEPTED, 1: AnswerStatus.LATE, 2: AnswerStatus.EARLY}
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(list[Any]).decode


class ValkeyLedger:
    """`live.ports.Ledger` on Valkey, for one session."""

    def __init__(self, store: Commands, session_id: SessionId, shards: int) -> None:
        self._store = store
        self._keys = SessionKeys(session_id)
        self._shards = [ShardKeys(session_id, shard) for shard in range(shards)]

    async def accept(self, shard: int, batch: Sequence[Submission]) -> list[Accepted]:
        """See `Ledger.accept`."""
        flat: list[Any] = []
        for one in batch:
            flat += (
                one.sitting_id,
                one.item_no,
                one.client_seq,
                _SEPARATOR.join(one.response),
                one.age_us,
                one.elapsed_us,
            )
        keys = self._shards[shard]
        names = [keys.windows, keys.acceptances, keys.answers, keys.offset]
        reply = await run_script(self._store, "accept", names, [_pack(flat), LONGEST_AGE_US])
        return _decisions(reply)

    async def restore(self, shard: int, batch: Sequence[Restored]) -> list[Accepted]:
        """See `Ledger.restore`."""
        flat: list[Any] = []
        for one in batch:
            flat += (one.sitting_id, one.item_no, one.client_seq, _SEPARATOR.join(one.response))
            flat += (one.outcome.value, one.stamp_us, one.elapsed_us)
        keys = self._shards[shard]
        reply = await run_script(self._store, "restore", [keys.acceptances, keys.answers, keys.offset], [_pack(flat)])
        return _decisions(reply)

    async def own(self, sitting_id: SittingId, items: Sequence[ItemNo]) -> list[tuple[Submission, Accepted]]:
        """See `Ledger.own`."""
        if not items:
            return []
        keys = self._shards[shard_of(sitting_id, len(self._shards))]
        fields = [sitting_id.to_bytes(4, "big") + item_no.to_bytes(2, "big") for item_no in items]
        with passing_failures():
            stored = await self._store.execute_command("HMGET", keys.acceptances, *fields)
        found: list[tuple[Submission, Accepted]] = []
        for item_no, value in zip(items, stored, strict=True):
            if value is None:
                continue
            acceptances = _unpack(value)
            counted = [one for one in acceptances if one[1] == Outcome.ACCEPTED.value] or acceptances
            seq, outcome, stamp_us, elapsed_us, offset, _flagged, response = counted[-1]
            submission = Submission(sitting_id, item_no, seq, split_response(response), 0, elapsed_us)
            found.append((submission, Accepted(_OUTCOMES[outcome], True, stamp_us, elapsed_us, offset)))
        return found

    async def events(self, events: Sequence[SittingEvent | SessionEvent]) -> None:
        """See `Ledger.events`."""
        flat: list[Any] = []
        for event in events:
            sitting_id = event.sitting_id if isinstance(event, SittingEvent) else 0
            flat += (sitting_id, event.at_us, event.kind, event.detail)
        with passing_failures():
            await self._store.execute_command("XADD", self._keys.events, "*", "e", _pack(flat))

    async def time_us(self) -> Micros:
        """See `Ledger.time_us`."""
        with passing_failures():
            seconds, micros = await self._store.execute_command("TIME")
        return Micros(int(seconds) * 1_000_000 + int(micros))


def split_response(text: str) -> Response:
    """Return a response from the form in which the ledger keeps it."""
    return tuple(text.split(_SEPARATOR)) if text else ()


def unpack_answers(value: bytes) -> list[Answer]:
    """Return the answers of one entry of an answers stream."""
    flat = _unpack(value)
    return [
        Answer(
            sitting_id=flat[i],
            item_no=flat[i + 1],
            client_seq=flat[i + 2],
            response=split_response(flat[i + 3]),
            stamp_us=flat[i + 4],
            elapsed_us=flat[i + 5],
            elapsed_flagged=bool(flat[i + 6]),
            offset=flat[i + 7],
            status=_STATUSES[flat[i + 8]],
        )
        for i in range(0, len(flat), 9)
    ]


def unpack_events(value: bytes) -> list[SittingEvent | SessionEvent]:
    """Return the events of one entry of the events stream."""
    flat = _unpack(value)
    events: list[SittingEvent | SessionEvent] = []
    for i in range(0, len(flat), 4):
        sitting_id, at_us, kind, detail = flat[i : i + 4]
        if sitting_id:
            events.append(SittingEvent(sitting_id, at_us, kind, detail))
        else:
            events.append(SessionEvent(at_us, kind, detail))
    return events


def _decisions(reply: bytes) -> list[Accepted]:
    flat = _unpack(reply)
    return [
        Accepted(_OUTCOMES[flat[i]], bool(flat[i + 1]), flat[i + 2], flat[i + 3], flat[i + 4], flat[i + 5])
        for i in range(0, len(flat), 6)
    ]
