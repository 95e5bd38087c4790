"""The session's log and clock in Valkey, and what both say of a loss of answers."""

import secrets
from collections.abc import Sequence
from typing import Any

import msgspec

from leitai.live.ports import STORE_LOSS, SessionEvent, SittingEvent
from leitai.rules.values import Micros
from leitai.stores.valkey.connection import Store, run_script
from leitai.stores.valkey.keys import SessionKeys, ShardKeys

_pack = msgspec.msgpack.Encoder().encode


async def report_loss(store: Store, session: SessionKeys, shard: ShardKeys, detail: str) -> None:
    """Give the feed another epoch and log why; once for each history of the shard. Raises `StoreUnavailable`.

    Everyone comes back then, and is asked for receipts.
    """
    cause = f"{shard.shard} {await store.history(shard.windows)}"
    event = SessionEvent(await time_us(store, session), STORE_LOSS, f"shard {shard.shard}: {detail}")
    keys = [session.losses, session.epoch, session.events]
    args = [cause, secrets.token_hex(6), pack_events([event])]
    await run_script(store, "loss", keys, args, carry=store.execute_durably)


async def time_us(store: Store, session: SessionKeys) -> Micros:
    """Return the contest's clock: that of the node which keeps the session as a whole."""
    seconds, micros = await run_script(store, "clock", [session.epoch], [])
    return Micros(int(seconds) * 1_000_000 + int(micros))


def pack_events(events: Sequence[SittingEvent | SessionEvent]) -> bytes:
    """Return events as an entry of the stream keeps them."""
    flat: list[Any] = []
    for event in events:
        sitting_id = event.sitting_id if isinstance(event, SittingEvent) else 0
        flat += (sitting_id, event.at_us, event.kind, event.detail)
    return _pack(flat)
