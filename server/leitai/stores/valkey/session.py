"""A session's state, feed, board, commands and lease in Valkey."""

import secrets
from collections.abc import Sequence
from typing import Any

import msgspec

from leitai.live.ports import BoardUpdate, Command, Fenced, SessionEvent, SessionState, SittingEvent
from leitai.rules.values import Answer, SessionId, Window
from leitai.stores.valkey.accept import unpack_answers, unpack_events
from leitai.stores.valkey.connection import Store, passing_failures, run_script
from leitai.stores.valkey.keys import SessionKeys, ShardKeys

_pack = msgspec.msgpack.Encoder().encode
_state = msgspec.msgpack.Decoder(SessionState)
_board = msgspec.msgpack.Decoder(BoardUpdate)
_command = msgspec.msgpack.Decoder(Command)


class ValkeySession:
    """`live.ports.Direction` and `live.ports.Streams` on Valkey, for one session."""

    def __init__(self, store: Store, session_id: SessionId, shards: int) -> None:
        self._store = store
        self._keys = SessionKeys(session_id)
        self._shards = [ShardKeys(session_id, shard) for shard in range(shards)]

    async def epoch(self) -> str:
        """See `Script.epoch`."""
        with passing_failures():
            await self._store.set(self._keys.epoch, secrets.token_hex(6), nx=True)
            stored = await self._store.get(self._keys.epoch)
        return (stored or b"").decode()

    async def state(self) -> SessionState | None:
        """See `Script.state`."""
        with passing_failures():
            stored = await self._store.get(self._keys.state)
        return _state.decode(stored) if stored else None

    async def feed(self, after: int, block_ms: int) -> list[tuple[int, bytes]]:
        """See `Script.feed`."""
        entries = await self._read(self._keys.feed, f"{after}-0", block_ms, 1000)
        return [(_offset(entry_id), fields[b"e"]) for entry_id, fields in entries]

    async def last_offset(self) -> int:
        """See `Script.last_offset`."""
        with passing_failures():
            newest = await self._store.xrevrange(self._keys.feed, count=1)
        return _offset(newest[0][0]) if newest else 0

    async def lease(self, holder: str, length_ms: int) -> int:
        """See `Direction.lease`."""
        return await run_script(self._store, "lease", [self._keys.lease, self._keys.fence], [holder, length_ms])

    async def release(self, holder: str) -> None:
        """See `Direction.release`."""
        await run_script(self._store, "release", [self._keys.lease], [holder])

    async def set_windows(self, token: int, counted: str, windows: Sequence[Window]) -> None:
        """See `Direction.set_windows`."""
        fields: list[Any] = ["counted", counted]
        for window in windows:
            fields += (window.item_no, f"{window.opens_at_us} {window.closes_at_us}")
        for keys in self._shards:
            done = await run_script(self._store, "windows", [keys.fence, keys.windows], [token, *fields])
            if not done:
                raise Fenced

    async def publish(self, token: int, state: SessionState, first_offset: int, entries: Sequence[bytes]) -> None:
        """See `Direction.publish`."""
        keys = [self._keys.fence, self._keys.feed, self._keys.state]
        if not await run_script(self._store, "publish", keys, [token, _pack(state), first_offset, *entries]):
            raise Fenced

    async def publish_board(self, token: int, update: BoardUpdate) -> None:
        """See `Direction.publish_board`."""
        keys = [self._keys.fence, self._keys.board]
        if not await run_script(self._store, "board", keys, [token, "1" if update.full else "0", _pack(update)]):
            raise Fenced

    async def standings(self) -> bytes:
        """See `Script.standings`."""
        with passing_failures():
            return await self._store.get(self._keys.standings) or b""

    async def set_standings(self, token: int, standings: bytes) -> None:
        """See `Direction.set_standings`."""
        if not await run_script(self._store, "standings", [self._keys.fence, self._keys.standings], [token, standings]):
            raise Fenced

    async def board_start(self) -> tuple[str, list[BoardUpdate]]:
        """Return the newest full board with all that followed it, and the position to read on from."""
        with passing_failures():
            newest_first = await self._store.xrevrange(self._keys.board, count=200)
        updates: list[BoardUpdate] = []
        for _, fields in newest_first:
            updates.append(_board.decode(fields[b"u"]))
            if updates[-1].full:
                break
        position = newest_first[0][0].decode() if newest_first else "0-0"
        return position, updates[::-1] if updates and updates[-1].full else []

    async def board(self, after: str, block_ms: int) -> tuple[str, list[BoardUpdate]]:
        """Return board updates after a position, waiting for the first, and the new position."""
        entries = await self._read(self._keys.board, after, block_ms, 100)
        position = entries[-1][0].decode() if entries else after
        return position, [_board.decode(fields[b"u"]) for _, fields in entries]

    async def answers(self, shard: int, after: str, block_ms: int, count: int = 200) -> tuple[str, list[Answer]]:
        """Return recorded answers of a shard after a position of its stream, and the new position."""
        entries = await self._read(self._shards[shard].answers, after, block_ms, count)
        position = entries[-1][0].decode() if entries else after
        return position, [answer for _, fields in entries for answer in unpack_answers(fields[b"a"])]

    async def behind(self, shard: int, after: str) -> tuple[int, int]:
        """See `Streams.behind`."""
        key = self._shards[shard].answers
        first = await self._read(key, after, 0, 1)
        if not first:
            return 0, 0
        with passing_failures():
            newest = await self._store.xrevrange(key, count=1)
            seconds, micros = await self._store.time()
        answers = _offset(newest[0][0]) - _offset(after.encode())
        return answers, seconds * 1_000_000 + micros - unpack_answers(first[0][1][b"a"])[0].stamp_us

    async def events(
        self, after: str, block_ms: int, count: int = 200
    ) -> tuple[str, list[tuple[str, list[SittingEvent | SessionEvent]]]]:
        """Return entries of the events stream after a position, each with its id, and the new position."""
        entries = await self._read(self._keys.events, after, block_ms, count)
        position = entries[-1][0].decode() if entries else after
        return position, [(entry_id.decode(), unpack_events(fields[b"e"])) for entry_id, fields in entries]

    async def newest_event(self) -> str:
        """Return the position of the newest event."""
        with passing_failures():
            newest = await self._store.xrevrange(self._keys.events, count=1)
        return newest[0][0].decode() if newest else "0-0"

    async def command(self, command: Command) -> str:
        """Hand a command to the director; returns its position."""
        with passing_failures():
            entry_id = await self._store.xadd(self._keys.commands, {"c": _pack(command)})
        return entry_id.decode()

    async def commands(self, after: str, block_ms: int) -> tuple[str, list[Command]]:
        """Return commands after a position, and the new position."""
        # One at a time: the position is set down with what the command did.
        entries = await self._read(self._keys.commands, after, block_ms, 1)
        position = entries[-1][0].decode() if entries else after
        return position, [_command.decode(fields[b"c"]) for _, fields in entries]

    async def _read(self, key: str, after: str, block_ms: int, count: int) -> list[tuple[bytes, dict[bytes, bytes]]]:
        with passing_failures():
            reply = await self._store.xread({key: after}, count=count, block=block_ms or None)
        return reply[0][1] if reply else []


def _offset(entry_id: bytes) -> int:
    return int(entry_id.partition(b"-")[0])
