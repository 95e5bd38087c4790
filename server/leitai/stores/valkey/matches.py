"""Matches in Valkey: who seeks, who plays, the matches' logs, and tickets to them."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from leitai.live.match.ports import AnswerKept, AnswerMade
from leitai.live.ports import TicketRefused
from leitai.live.rooms.ports import LONGEST_AGE_US
from leitai.office.practice.matches_ports import Found, Sought
from leitai.rules.match_log import Entry, Made
from leitai.rules.matches import REACH_AT_ONCE, REACH_STEP_US
from leitai.rules.values import Micros
from leitai.stores.valkey import keys
from leitai.stores.valkey.connection import Store, run_script
from leitai.stores.valkey.keys import LOOKED_AFTER, PLAYING, SEEKERS, MatchKeys
from leitai.stores.valkey.tickets import TICKET_S, digest
from leitai.wire.match_log import MatchSeat, pack_match_entry, unpack_match_entry

SEEKER_UNSEEN_US = 4_000_000
"""A page asks every second; one that has not asked for so long is closed."""
MATCH_LASTS_US = 600_000_000
"""Longer than any match: a player whose match was lost with the ledger may play again after it."""
AGAIN_US = 6_000_000
"""Whoever wants the same opponent again waits for nobody else for so long."""
KEPT_S = 3_600
_ENTRIES = 200
_FORSAKEN = 20
_STATES = {0: Found.WAITS, 1: Found.PAIRED, 2: Found.PLAYS}


class ValkeyMatches:
    """`live.match.ports.MatchStreams` and `MatchTickets`, `office.practice.matches_ports.Pairing`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    # --- pairing ------------------------------------------------------------------------------------------------------

    async def seek(self, learner_id: int, level: int, match_id: int, again: int, *, alone: bool = False) -> Sought:
        """See `Pairing.seek`."""
        limits = [SEEKER_UNSEEN_US, MATCH_LASTS_US, REACH_AT_ONCE, REACH_STEP_US, AGAIN_US]
        args = [learner_id, level, match_id, again, *limits, int(alone)]
        state, match, opponent, waited_us = await self._write("match_seek", [SEEKERS, PLAYING], args)
        return Sought(_STATES[int(state)], int(match), int(opponent), int(waited_us))

    async def withdraw(self, learner_id: int) -> None:
        """See `Pairing.withdraw`."""
        await self._store.execute_command("HDEL", SEEKERS, learner_id)

    async def playing(self, learner_id: int) -> int:
        """See `Pairing.playing`."""
        found: bytes | None = await self._store.execute_command("HGET", PLAYING, learner_id)
        if found is None:
            return 0
        match_id, until_us, _ = found.split(b" ")
        seconds, micros = await run_script(self._store, "clock", [PLAYING], [])
        return int(match_id) if int(until_us) > int(seconds) * 1_000_000 + int(micros) else 0

    async def begin(self, match_id: int, made: Made) -> bool:
        """See `Pairing.begin`."""
        now_us = await self.time_us(match_id)
        begun = await self.append(match_id, 0, [Entry(1, now_us, made)])
        # Should nobody come to it, somebody says so.
        await self._store.execute_command("ZADD", LOOKED_AFTER, now_us, match_id)
        return begun

    async def made(self, match_id: int) -> Made | None:
        """See `Pairing.made`."""
        name = MatchKeys(match_id).log
        found = await self._store.execute_command("XRANGE", name, "1-0", "1-0")
        made = unpack_match_entry(found[0][1][1]).event if found else None
        return made if isinstance(made, Made) else None

    async def release(self, match_id: int, learners: Sequence[int]) -> None:
        """See `MatchStreams.release`."""
        await run_script(self._store, "match_release", [PLAYING, LOOKED_AFTER], [match_id, *learners])
        own = MatchKeys(match_id)
        for name in (own.log, own.answers, own.here):
            await self._store.execute_command("EXPIRE", name, KEPT_S)

    # --- the log ------------------------------------------------------------------------------------------------------

    async def time_us(self, match_id: int) -> Micros:
        """See `MatchStreams.time_us`."""
        seconds, micros = await run_script(self._store, "clock", [MatchKeys(match_id).log], [])
        return Micros(int(seconds) * 1_000_000 + int(micros))

    async def log(self, match_id: int, after: int) -> list[Entry]:
        """See `MatchStreams.log`."""
        name = MatchKeys(match_id).log
        found = await self._store.execute_command("XRANGE", name, f"({after}-0", "+", "COUNT", _ENTRIES)
        return [unpack_match_entry(fields[1]) for _, fields in found]

    async def append(self, match_id: int, last: int, entries: Sequence[Entry]) -> bool:
        """See `MatchStreams.append`."""
        packed = [pack_match_entry(one) for one in entries]
        return bool(await self._write("log_append", [MatchKeys(match_id).log], [last, *packed]))

    async def answer(self, match_id: int, made: AnswerMade, age_us: int, believed_us: int) -> AnswerKept:
        """See `MatchStreams.answer`."""
        own = MatchKeys(match_id)
        response = msgspec.msgpack.encode(made.response)
        args = [made.seat, made.question, response, int(made.right), age_us, made.elapsed_us, made.opens_us]
        entry, stamp_us = await self._write(
            "match_answer", [own.log, own.answers], [*args, LONGEST_AGE_US, believed_us]
        )
        return AnswerKept(int(entry), int(stamp_us))

    async def here(self, match_id: int, seats: Mapping[int, Micros]) -> None:
        """See `MatchStreams.here`."""
        flat = [value for pair in seats.items() for value in pair]
        if flat:
            await self._store.execute_command("HSET", MatchKeys(match_id).here, *flat)
        await self._store.execute_command("ZADD", LOOKED_AFTER, await self.time_us(match_id), match_id)

    async def seen(self, match_id: int) -> dict[int, Micros]:
        """See `MatchStreams.seen`."""
        flat: list[bytes] = await self._store.execute_command("HGETALL", MatchKeys(match_id).here)
        return {int(seat): Micros(int(at_us)) for seat, at_us in zip(flat[::2], flat[1::2], strict=True)}

    async def forsaken(self, unseen_us: int) -> list[int]:
        """See `MatchStreams.forsaken`."""
        seconds, micros = await run_script(self._store, "clock", [LOOKED_AFTER], [])
        until_us = int(seconds) * 1_000_000 + int(micros) - unseen_us
        found: list[bytes] = await self._store.execute_command(
            "ZRANGEBYSCORE", LOOKED_AFTER, "-inf", until_us, "LIMIT", 0, _FORSAKEN
        )
        return [int(one) for one in found]

    # --- tickets ------------------------------------------------------------------------------------------------------

    async def issue_match_ticket(self, seat: MatchSeat) -> str:
        """See `Pairing.issue_match_ticket`."""
        ticket = secrets.token_urlsafe(24)
        value = f"{seat.match_id} {seat.seat}"
        await self._store.execute_command("SET", keys.match_ticket(digest(ticket)), value, "EX", TICKET_S)
        return ticket

    async def redeem_match_ticket(self, ticket: str) -> MatchSeat:
        """See `MatchTickets.redeem_match_ticket`."""
        stored: bytes | None = await self._store.execute_command("GETDEL", keys.match_ticket(digest(ticket)))
        if stored is None:
            raise TicketRefused
        match_id, seat = stored.split(b" ")
        return MatchSeat(int(match_id), int(seat))

    async def _write(self, script: str, names: list[str], args: list[Any]) -> Any:
        return await run_script(self._store, script, names, args, carry=self._store.execute_durably)
