"""The ledger of answers in Valkey: batches in, decisions out, and the stream of what was recorded."""

import time
from collections.abc import Sequence
from typing import Any

import msgspec

from leitai.live.ports import Accepted, Outcome, Restored, SessionEvent, SittingEvent, StoreUnavailable, Submission
from leitai.rules.values import Answer, AnswerStatus, ItemNo, Micros, Response, SessionId, SittingId
from leitai.stores.valkey.connection import Store, run_script
from leitai.stores.valkey.keys import SessionKeys, ShardKeys, shard_of
from leitai.stores.valkey.loss import pack_events, report_loss, time_us
from leitai.stores.valkey.pipe import OtherHistory

LONGEST_AGE_US = 600_000_000
"""The script believes no greater age. The gateway itself caps at 2 s outside outages of the store."""

_SEPARATOR = "\x1f"
_NEVER = "no history"
_HELD_US = 1_000_000
"""As in `accept.lua`."""
_DUPLICATE = (False, True, False, True)
_FLAGGED = (False, False, True, True)
"""By the marks of a decision (`accept.lua`)."""
_OUTCOMES = tuple(Outcome)
_STATUSES = {0: AnswerStatus.ACCEPTED, 1: AnswerStatus.LATE, 2: AnswerStatus.EARLY}
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(list[Any]).decode


class ValkeyLedger:
    """`live.ports.Ledger` on Valkey, for one session."""

    def __init__(self, store: Store, session_id: SessionId, shards: int) -> None:
        self._store = store
        self._keys = SessionKeys(session_id)
        self._shards = [ShardKeys(session_id, shard) for shard in range(shards)]
        self._open_on = [_NEVER] * shards
        """The history of the store on which each shard was found open."""
        self._seen = [0] * shards
        """The greatest offset that each shard gave us."""
        self._ahead_us: list[int | None] = [None] * shards
        """How far each shard's clock is ahead of our monotonic one, less the way back of the quickest reply."""

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
        sent_us = time.monotonic_ns() // 1000
        ahead_us = self._ahead_us[shard]
        # What lay before a store that hung would be stamped too late: it is refused, and sent again with true ages.
        believed_us = 0 if ahead_us is None else sent_us + ahead_us
        try:
            reply = await self._run(shard, "accept", names, [_pack(flat), LONGEST_AGE_US, believed_us])
        except StoreUnavailable:
            if time.monotonic_ns() // 1000 - sent_us < _HELD_US:
                # It was not held: their clock is not as we believed.
                self._ahead_us[shard] = None
            raise
        decisions = self._decided(shard, reply)
        first = decisions[0] if decisions else None
        if first is not None and not first.duplicate and 0 <= batch[0].age_us <= LONGEST_AGE_US:
            known_us = first.stamp_us + batch[0].age_us - time.monotonic_ns() // 1000
            self._ahead_us[shard] = known_us if ahead_us is None else max(ahead_us, known_us)
        return decisions

    async def restore(self, shard: int, batch: Sequence[Restored]) -> list[Accepted]:
        """See `Ledger.restore`."""
        keys = self._shards[shard]
        names = [keys.acceptances, keys.answers, keys.offset]
        return self._decided(shard, await self._run(shard, "restore", names, [pack_restored(batch)]))

    async def own(self, sitting_id: SittingId, items: Sequence[ItemNo]) -> list[tuple[Submission, Accepted]]:
        """See `Ledger.own`."""
        if not items:
            return []
        keys = self._shards[shard_of(sitting_id, len(self._shards))]
        fields = [sitting_id.to_bytes(4, "big") + item_no.to_bytes(2, "big") for item_no in items]
        if self._store.replicas:
            # What is told as acknowledged must be where a fail-over cannot lose it.
            carry = self._store.execute_durably
            stored = await run_script(self._store, "own", [keys.acceptances, keys.touched], fields, carry=carry)
        else:
            stored = await self._store.execute_command("HMGET", keys.acceptances, *fields)
        found: list[tuple[Submission, Accepted]] = []
        for item_no, value in zip(items, stored, strict=True):
            if value is None:
                continue
            acceptances = _unpack(value)
            counted = [one for one in acceptances if one[1] == Outcome.ACCEPTED.value] or acceptances
            seq, outcome, stamp_us, elapsed_us, offset, flagged, response = counted[-1]
            submission = Submission(sitting_id, item_no, seq, split_response(response), 0, elapsed_us)
            accepted = Accepted(_OUTCOMES[outcome], True, stamp_us, elapsed_us, offset, "", bool(flagged))
            found.append((submission, accepted))
        return found

    async def events(self, events: Sequence[SittingEvent | SessionEvent], source: str = "", call: int = 0) -> None:
        """See `Ledger.events`."""
        packed = pack_events(events)
        if not source:
            await self._store.execute_durably("XADD", self._keys.events, "*", "e", packed)
            return
        names = [self._keys.events, self._keys.event_sources]
        carry = self._store.execute_durably
        await run_script(self._store, "events", names, [packed, source, call], carry=carry)

    async def time_us(self) -> Micros:
        """See `Ledger.time_us`."""
        return await time_us(self._store, self._keys)

    async def _run(self, shard: int, script: str, names: list[str], args: list[Any]) -> bytes:
        """Run a script that records, on a shard that is open."""
        carry = self._store.execute_durably
        while True:
            try:
                return await run_script(self._store, script, names, args, on=self._open_on[shard], carry=carry)
            except OtherHistory as other:
                await self._find_open(shard, other.history)

    async def _find_open(self, shard: int, history: str) -> None:
        """Believe another history of the shard once a director has opened it; report what that one has forgotten."""
        keys = self._shards[shard]
        opened_on, kept = await self._store.execute_command("HMGET", keys.windows, "history", "kept")
        if not history or opened_on != history.encode():
            raise StoreUnavailable(f"shard {shard} is not open since the store was started or replaced")
        if int(kept) < self._seen[shard]:
            await report_loss(self._store, self._keys, keys, f"kept {int(kept)} of {self._seen[shard]}")
        self._open_on[shard] = history
        self._ahead_us[shard] = None

    def _decided(self, shard: int, reply: bytes) -> list[Accepted]:
        flat = _unpack(reply)
        offsets = flat[4::6]
        self._seen[shard] = max(self._seen[shard], max(offsets, default=0))
        columns = zip(flat[::6], flat[1::6], flat[2::6], flat[3::6], offsets, flat[5::6], strict=True)
        return [
            Accepted(_OUTCOMES[outcome], _DUPLICATE[marks], stamp_us, elapsed_us, offset, code, _FLAGGED[marks])
            for outcome, marks, stamp_us, elapsed_us, offset, code in columns
        ]


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


def pack_restored(batch: Sequence[Restored]) -> bytes:
    """Return what `restore.lua` takes."""
    flat: list[Any] = []
    for one in batch:
        flat += (one.sitting_id, one.item_no, one.client_seq, _SEPARATOR.join(one.response))
        flat += (one.outcome.value, one.stamp_us, one.elapsed_us, one.offset, int(one.flagged))
    return _pack(flat)
