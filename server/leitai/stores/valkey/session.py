"""A session's state, feed, board, commands and lease in Valkey."""

import secrets
from collections.abc import Sequence
from typing import Any

import msgspec

from leitai.live.ports import (
    BoardUpdate,
    Command,
    Fenced,
    Restored,
    SessionEvent,
    SessionState,
    ShardCondition,
    SittingEvent,
    StoreUnavailable,
)
from leitai.rules.timeline import BEGINNING
from leitai.rules.values import Answer, Micros, SessionId, Window
from leitai.stores.valkey.accept import pack_restored, unpack_answers, unpack_events
from leitai.stores.valkey.connection import Store, run_script
from leitai.stores.valkey.keys import SessionKeys, ShardKeys
from leitai.stores.valkey.loss import report_loss, time_us
from leitai.stores.valkey.pipe import OtherHistory
from leitai.wire.reveal_bodies import RevealHeld

_pack = msgspec.msgpack.Encoder().encode
_state = msgspec.msgpack.Decoder(SessionState)
_board = msgspec.msgpack.Decoder(BoardUpdate)
_reveal = msgspec.msgpack.Decoder(RevealHeld)
_command = msgspec.msgpack.Decoder(Command)
OFFSET_MARGIN = 1_000_000
"""As in `windows.lua`."""
_Entry = tuple[bytes, list[bytes]]
"""Of a stream: its id, and names and values in turn."""


class ValkeySession:
    """`live.ports.Direction` and `live.ports.Streams` on Valkey, for one session."""

    def __init__(self, store: Store, session_id: SessionId, shards: int) -> None:
        self._store = store
        self._keys = SessionKeys(session_id)
        self._shards = [ShardKeys(session_id, shard) for shard in range(shards)]

    async def epoch(self) -> str:
        """See `Script.epoch`."""
        stored = await self._store.execute_command("GET", self._keys.epoch)
        if stored is None:
            await self._store.execute_durably("SET", self._keys.epoch, secrets.token_hex(6), "NX")
            stored = await self._store.execute_command("GET", self._keys.epoch)
        return (stored or b"").decode()

    async def state(self) -> SessionState | None:
        """See `Script.state`."""
        stored = await self._store.execute_command("GET", self._keys.state)
        return _state.decode(stored) if stored else None

    async def feed(self, after: int, block_ms: int) -> list[tuple[int, bytes]]:
        """See `Script.feed`."""
        entries = await self._read(self._keys.feed, f"{after}-0", block_ms, 1000)
        return [(_offset(entry_id), fields[1]) for entry_id, fields in entries]

    async def last_offset(self) -> int:
        """See `Script.last_offset`."""
        newest = await self._newest(self._keys.feed)
        return _offset(newest[0][0]) if newest else 0

    async def lease(self, holder: str, length_ms: int, above: int = 0) -> int:
        """See `Direction.lease`."""
        return await run_script(self._store, "lease", [self._keys.lease, self._keys.fence], [holder, length_ms, above])

    async def release(self, holder: str) -> None:
        """See `Direction.release`."""
        await run_script(self._store, "release", [self._keys.lease], [holder])

    async def greatest_token(self) -> int:
        """See `Direction.greatest_token`."""
        tokens = [await self._store.execute_command("GET", keys.fence) for keys in self._shards]
        return max(int(token or 0) for token in tokens)

    async def set_windows(
        self,
        token: int,
        counted: str,
        windows: Sequence[Window],
        seen: Sequence[int] | None = None,
        on: Sequence[str] | None = None,
        own_us: int = 0,
    ) -> None:
        """See `Direction.set_windows`."""
        fields: list[Any] = ["counted", counted]
        if own_us and windows:
            fields += ("own_us", own_us)
            fields += (BEGINNING, f"{min(w.opens_at_us for w in windows)} {max(w.closes_at_us for w in windows)}")
        for window in windows:
            fields += (window.item_no, f"{window.opens_at_us} {window.closes_at_us}")
        for shard, keys in enumerate(self._shards):
            history = on[shard] if on else await self._store.history(keys.windows)
            given = seen[shard] if seen else 0
            try:
                done = await self._write(
                    "windows", [keys.fence, keys.windows, keys.offset], [token, history, given, *fields], on=history
                )
            except OtherHistory as other:
                raise StoreUnavailable(f"shard {shard} was started again or replaced just now") from other
            if not done:
                raise Fenced

    async def condition(self, shard: int) -> ShardCondition:
        """See `Direction.condition`."""
        keys = self._shards[shard]
        history = await self._store.history(keys.windows)
        opened_on = await self._store.execute_command("HGET", keys.windows, "history")
        kept = int(await self._store.execute_command("GET", keys.offset) or 0)
        return ShardCondition(opened_on == history.encode(), kept, history)

    async def put_back(self, shard: int, batch: Sequence[Restored]) -> None:
        """See `Direction.put_back`."""
        keys = self._shards[shard]
        await self._write("restore", [keys.acceptances, keys.answers, keys.offset], [pack_restored(batch)])

    async def report_loss(self, shard: int, detail: str) -> None:
        """See `Direction.report_loss`."""
        await report_loss(self._store, self._keys, self._shards[shard], detail)

    async def publish(self, token: int, state: SessionState, first_offset: int, entries: Sequence[bytes]) -> None:
        """See `Direction.publish`."""
        keys = [self._keys.fence, self._keys.feed, self._keys.state]
        if not await self._write("publish", keys, [token, _pack(state), first_offset, *entries]):
            raise Fenced

    async def publish_board(self, token: int, update: BoardUpdate) -> None:
        """See `Direction.publish_board`."""
        await self._publish(self._keys.board, token, update)

    async def publish_truth(self, token: int, update: BoardUpdate) -> None:
        """See `Direction.publish_truth`."""
        await self._publish(self._keys.truth, token, update)

    async def standings(self) -> bytes:
        """See `Script.standings`."""
        return await self._store.execute_command("GET", self._keys.standings) or b""

    async def set_standings(self, token: int, standings: bytes) -> None:
        """See `Direction.set_standings`."""
        if not await run_script(self._store, "standings", [self._keys.fence, self._keys.standings], [token, standings]):
            raise Fenced

    async def present(self, name: str, at_us: Micros, figures: bytes = b"") -> None:
        """See `GatewayStore.present`."""
        await self._store.execute_command("HSET", self._keys.gateways, name, at_us)
        if figures:
            await self._store.execute_command("HSET", self._keys.figures, name, figures)

    async def absent(self, name: str) -> None:
        """See `GatewayStore.absent`."""
        await self._store.execute_command("HDEL", self._keys.gateways, name)
        await self._store.execute_command("HDEL", self._keys.figures, name)

    async def figures(self) -> dict[str, bytes]:
        """See `SightStore.figures`."""
        flat: list[bytes] = await self._store.execute_command("HGETALL", self._keys.figures)
        return {name.decode(): said for name, said in zip(flat[::2], flat[1::2], strict=True)}

    async def gateways(self) -> dict[str, Micros]:
        """See `GatewayStore.gateways`."""
        flat: list[bytes] = await self._store.execute_command("HGETALL", self._keys.gateways)
        return {name.decode(): Micros(int(at_us)) for name, at_us in zip(flat[::2], flat[1::2], strict=True)}

    async def board_start(self) -> tuple[str, list[BoardUpdate]]:
        """Return the newest full board with all that followed it, and the position to read on from."""
        return await self._board_start(self._keys.board)

    async def board(self, after: str, block_ms: int) -> tuple[str, list[BoardUpdate]]:
        """Return board updates after a position, waiting for the first, and the new position."""
        return await self._board_after(self._keys.board, after, block_ms)

    async def truth_start(self) -> tuple[str, list[BoardUpdate]]:
        """See `Direction.truth_start`."""
        return await self._board_start(self._keys.truth)

    async def truth(self, after: str, block_ms: int) -> tuple[str, list[BoardUpdate]]:
        """See `SightStore.truth`."""
        return await self._board_after(self._keys.truth, after, block_ms)

    async def reveal(self) -> RevealHeld:
        """See `office.reveals.RevealStore`."""
        stored = await self._store.execute_command("HGET", self._keys.reveal, "held")
        return _reveal.decode(stored) if stored else RevealHeld()

    async def hold_reveal(self, held: RevealHeld) -> bool:
        """See `office.reveals.RevealStore`."""
        return bool(await self._write("reveal", [self._keys.reveal], [held.edition - 1, _pack(held)]))

    async def _publish(self, key: str, token: int, update: BoardUpdate) -> None:
        arguments = [token, "1" if update.full else "0", _pack(update)]
        if not await run_script(self._store, "board", [self._keys.fence, key], arguments):
            raise Fenced

    async def _board_start(self, key: str) -> tuple[str, list[BoardUpdate]]:
        newest_first = await self._newest(key, 200)
        updates: list[BoardUpdate] = []
        for _, fields in newest_first:
            updates.append(_board.decode(fields[3]))
            if updates[-1].full:
                break
        position = newest_first[0][0].decode() if newest_first else "0-0"
        return position, updates[::-1] if updates and updates[-1].full else []

    async def _board_after(self, key: str, after: str, block_ms: int) -> tuple[str, list[BoardUpdate]]:
        entries = await self._read(key, after, block_ms, 100)
        position = entries[-1][0].decode() if entries else after
        return position, [_board.decode(fields[3]) for _, fields in entries]

    async def answers(self, shard: int, after: str, block_ms: int, count: int = 200) -> tuple[str, list[Answer]]:
        """Return recorded answers of a shard after a position of its stream, and the new position."""
        keys = self._shards[shard]
        entries = await self._read(keys.answers, after, block_ms, count, touched=keys.touched)
        position = entries[-1][0].decode() if entries else after
        return position, [answer for _, fields in entries for answer in unpack_answers(fields[1])]

    async def behind(self, shard: int, after: str) -> tuple[int, int]:
        """See `Streams.behind`."""
        key = self._shards[shard].answers
        first = await self._read(key, after, 0, 1)
        if not first:
            return 0, 0
        newest = await self._newest(key)
        answers = unpack_answers(first[0][1][1])
        # Where the store was started again, offsets went on a million further.
        count = (_offset(newest[0][0]) - _offset(first[0][0])) % OFFSET_MARGIN + len(answers)
        return count, await time_us(self._store, self._keys) - answers[0].stamp_us

    async def events(
        self, after: str, block_ms: int, count: int = 200
    ) -> tuple[str, list[tuple[str, list[SittingEvent | SessionEvent]]]]:
        """Return entries of the events stream after a position, each with its id, and the new position."""
        entries = await self._read(self._keys.events, after, block_ms, count)
        position = entries[-1][0].decode() if entries else after
        return position, [(entry_id.decode(), unpack_events(fields[1])) for entry_id, fields in entries]

    async def newest_event(self) -> str:
        """Return the position of the newest event."""
        newest = await self._newest(self._keys.events)
        return newest[0][0].decode() if newest else "0-0"

    async def command(self, command: Command) -> str:
        """Hand a command to the director; returns its position."""
        entry_id = await self._store.execute_durably("XADD", self._keys.commands, "*", "c", _pack(command))
        return entry_id.decode()

    async def commands(self, after: str, block_ms: int) -> tuple[str, list[Command]]:
        """Return commands after a position, and the new position."""
        # One at a time: the position is set down with what the command did.
        entries = await self._read(self._keys.commands, after, block_ms, 1)
        position = entries[-1][0].decode() if entries else after
        return position, [_command.decode(fields[1]) for _, fields in entries]

    async def _write(self, script: str, keys: list[str], args: list[Any], *, on: str | None = None) -> Any:
        return await run_script(self._store, script, keys, args, on=on, carry=self._store.execute_durably)

    async def _newest(self, key: str, count: int = 1) -> list[_Entry]:
        return await self._store.execute_command("XREVRANGE", key, "+", "-", "COUNT", count)

    async def _read(self, key: str, after: str, block_ms: int, count: int, *, touched: str = "") -> list[_Entry]:
        """Return entries after a position; with `touched` (a key beside it) only what no fail-over can lose."""
        waiting = ("BLOCK", block_ms) if block_ms else ()
        read = ("XREAD", "COUNT", count, *waiting, "STREAMS", key, after)
        if touched:
            reply = await self._store.execute_alone_durably(read, touched)
        else:
            reply = await (self._store.execute_alone(*read) if block_ms else self._store.execute_command(*read))
        return reply[0][1] if reply else []


def _offset(entry_id: bytes) -> int:
    return int(entry_id.partition(b"-")[0])
