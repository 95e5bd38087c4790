"""What a director puts back when the ledger comes back with less than it had: the script, answers, offsets."""

from dataclasses import dataclass, field

import structlog

from leitai.live.ports import Archive, Direction, SessionFile, SessionScript, SessionState, StoreUnavailable
from leitai.live.restoring import archived

_AT_ONCE = 500
_log = structlog.get_logger()


@dataclass(slots=True)
class Memory:
    """What a director's process knows of a session, whatever the ledger forgets. It outlasts the loss of the lease."""

    script: SessionScript | None = None
    """As far as it was ever published, or about to be."""
    offsets: list[int] = field(default_factory=list[int])
    """By shard: where its stream of answers was read to."""


class Rescue:
    """Makes the ledger whole at the beginning of a reign; the archive is asked only where something is missing."""

    def __init__(self, file: SessionFile, store: Direction, archive: Archive, memory: Memory) -> None:
        self._file = file
        self._store = store
        self._archive = archive
        self._memory = memory
        self.histories: list[str] = []
        """Of the shards as they were looked at: on no other may they be opened."""
        if not memory.offsets:
            memory.offsets = [0] * file.shards

    async def script(self, token: int) -> SessionState | None:
        """Return the state in force, having put back what the ledger lost of it and of the feed.

        The feed only grows, so that the longest one known is the newest. Raises `Fenced`, `StoreUnavailable`.
        """
        state = await self._store.state()
        feed: list[bytes] = []
        while entries := await self._store.feed(len(feed), 0):
            feed += [frame for _, frame in entries]
        known = self._memory.script
        if state is None and known is None:
            known = await self._archive.script(self._file.session_id)
        if known is not None and len(known.feed) > len(feed) and list(known.feed[: len(feed)]) == feed:
            _log.warning("script_put_back", kept=len(feed), known=len(known.feed))
            await self._store.publish(token, known.state, len(feed) + 1, known.feed[len(feed) :])
            state, feed = known.state, list(known.feed)
        if state is not None:
            self._memory.script = SessionScript(state, tuple(feed))
        return state

    async def shards(self) -> list[str]:
        """Put back the answers that the archive holds and a shard lost; return for each shard what it lost, or ""."""
        lost: list[str] = []
        self.histories = []
        for shard, seen in enumerate(self._memory.offsets):
            lost.append("")
            condition = await self._store.condition(shard)
            self.histories.append(condition.history)
            if condition.open:
                continue
            seen = self._memory.offsets[shard] = max(seen, await self._recorded(shard, condition.kept))
            if condition.kept < seen:
                lost[shard] = f"kept {condition.kept} of {seen}"
                _log.warning("answers_lost", shard=shard, kept=condition.kept, seen=seen)
                await self._put_back(shard)
        return lost

    async def _recorded(self, shard: int, kept: int) -> int:
        try:
            return position_offset(await self._archive.recorder_position(self._file.session_id, shard, "answers"))
        except StoreUnavailable:
            if kept == 0:
                # Nothing is here: whether anything was, only the archive can tell.
                raise
            # The contest goes on without the archive. Offsets go on far beyond what is here in any case.
            return 0

    async def _put_back(self, shard: int) -> None:
        answers = await self._archive.answers(self._file.session_id)
        ours = [archived(answer) for answer in answers if answer.sitting_id % self._file.shards == shard]
        for start in range(0, len(ours), _AT_ONCE):
            await self._store.put_back(shard, ours[start : start + _AT_ONCE])


def position_offset(position: str) -> int:
    """Return the offset of a position in a stream of answers."""
    return int(position.partition("-")[0])
