"""Stages in Valkey: their logs, presses, votes, and the devices that sit at them."""

import secrets
import time
from collections.abc import Sequence
from typing import Any

from leitai.live.ports import TicketRefused
from leitai.live.stage.ports import LONGEST_AGE_US, MOST_PRESSES, PressKept, PressMade
from leitai.office.stage.ports import Ballot, Voted
from leitai.rules.values import Micros
from leitai.stores.valkey import keys
from leitai.stores.valkey.connection import Store, run_script
from leitai.stores.valkey.keys import StageKeys
from leitai.stores.valkey.tickets import TICKET_S, WEB_SESSION_S, digest
from leitai.wire.stage_log import KeptEntry, StageSeat, pack_entry, unpack_entry

_ENTRIES = 500
KEPT_S = 14 * 24 * 3600
"""A stage that is over stays in the ledger for so long; the archive has it for good."""
_VOTED = {1: Voted.COUNTED, 0: Voted.BEFORE, -1: Voted.CLOSED}


class ValkeyStages:
    """`live.stage.ports.StageStreams` and `StageTickets`, `office.stage.ports.StageLedger` and `StageSeats`."""

    def __init__(self, store: Store, reading: Store | None = None) -> None:
        """`reading` is for reads that wait; by default the same store."""
        self._store = store
        self._reading = reading or store

    # --- the log ------------------------------------------------------------------------------------------------------

    async def time_us(self, stage_id: int) -> Micros:
        """See `StageStreams.time_us`."""
        seconds, micros = await run_script(self._store, "clock", [StageKeys(stage_id).log], [])
        return Micros(int(seconds) * 1_000_000 + int(micros))

    async def log(self, stage_id: int, after: int, block_ms: int) -> list[KeptEntry]:
        """See `StageStreams.log`."""
        waiting = ("BLOCK", block_ms) if block_ms else ()
        read = ("XREAD", "COUNT", _ENTRIES, *waiting, "STREAMS", StageKeys(stage_id).log, f"{after}-0")
        reply = await (self._reading.execute_alone(*read) if block_ms else self._store.execute_command(*read))
        return [unpack_entry(fields[1]) for _, fields in reply[0][1]] if reply else []

    async def append(self, stage_id: int, last: int, entries: Sequence[KeptEntry]) -> bool:
        """See `StageLedger.append`."""
        packed = [pack_entry(one) for one in entries]
        return bool(await self._write("log_append", [StageKeys(stage_id).log], [last, *packed]))

    async def retire(self, stage_id: int) -> None:
        """See `StageLedger.retire`."""
        own = StageKeys(stage_id)
        for name in (own.log, own.presses, own.desks):
            await self._store.execute_command("EXPIRE", name, KEPT_S)

    async def press(self, stage_id: int, press: PressMade, believed_us: int) -> PressKept:
        """See `StageStreams.press`."""
        own = StageKeys(stage_id)
        arguments = [press.team, press.question, press.seq, press.age_us, press.elapsed_us]
        limits = [LONGEST_AGE_US, MOST_PRESSES, believed_us]
        names = [own.log, own.presses]
        entry, stamp_us, elapsed_us, _ = await self._write("stage_press", names, [*arguments, *limits])
        return PressKept(int(entry), int(stamp_us), int(elapsed_us))

    async def here(self, stage_id: int, teams: dict[int, Micros]) -> None:
        """See `StageStreams.here`."""
        flat = [value for pair in teams.items() for value in pair]
        if flat:
            await self._store.execute_command("HSET", StageKeys(stage_id).desks, *flat)

    async def desks(self, stage_id: int) -> dict[int, Micros]:
        """See `StageStreams.desks`."""
        flat: list[bytes] = await self._store.execute_command("HGETALL", StageKeys(stage_id).desks)
        return {int(team): Micros(int(at_us)) for team, at_us in zip(flat[::2], flat[1::2], strict=True)}

    # --- votes --------------------------------------------------------------------------------------------------------

    async def open_ballot(self, stage_id: int, ballot: Ballot) -> None:
        """See `StageLedger.open_ballot`."""
        name = StageKeys(stage_id).ballot
        fields = ("vote", ballot.vote, "choices", len(ballot.choices), "code", ballot.code)
        await self._store.execute_durably("HSET", name, *fields)

    async def close_ballot(self, stage_id: int) -> None:
        """See `StageLedger.close_ballot`."""
        await self._store.execute_durably("DEL", StageKeys(stage_id).ballot)

    async def counts(self, stage_id: int, vote: int, choices: int) -> list[int]:
        """See `StageStreams.counts`."""
        found: Sequence[bytes | None] = await self._store.execute_command(
            "HMGET", StageKeys(stage_id).votes(vote), *range(choices)
        )
        return [int(one or 0) for one in found]

    async def vote(self, stage_id: int, vote: int, code: str, choice: int, device: str, network: str) -> Voted:
        """See `StageSeats.vote`."""
        own = StageKeys(stage_id)
        names = [own.ballot, own.votes(vote), own.voters(vote), own.networks(vote)]
        arguments = [vote, code, choice, digest(device), KEPT_S, network]
        return _VOTED[int(await self._write("stage_vote", names, arguments))]

    async def most_from_one(self, stage_id: int, vote: int) -> int:
        """See `StageLedger.most_from_one`."""
        found: Sequence[bytes] = await self._store.execute_command("HVALS", StageKeys(stage_id).networks(vote))
        return max(map(int, found), default=0)

    # --- devices ------------------------------------------------------------------------------------------------------

    async def seat(self, seat: StageSeat) -> str:
        """See `StageSeats.seat`."""
        cookie = secrets.token_urlsafe(32)
        await self._store.execute_command("SET", keys.stage_seat(digest(cookie)), _written(seat), "EX", WEB_SESSION_S)
        return cookie

    async def seated(self, cookie: str) -> StageSeat | None:
        """See `StageSeats.seated`."""
        stored = await self._store.execute_command("GET", keys.stage_seat(digest(cookie)))
        return _read(stored) if stored else None

    async def leave(self, cookie: str) -> None:
        """See `StageSeats.leave`."""
        await self._store.execute_command("DEL", keys.stage_seat(digest(cookie)))

    async def issue_stage_ticket(self, seat: StageSeat) -> str:
        """See `StageSeats.issue_stage_ticket`."""
        ticket = secrets.token_urlsafe(24)
        await self._store.execute_command("SET", keys.stage_ticket(digest(ticket)), _written(seat), "EX", TICKET_S)
        return ticket

    async def redeem_stage_ticket(self, ticket: str) -> StageSeat:
        """See `StageTickets.redeem_stage_ticket`."""
        stored = await self._store.execute_command("GETDEL", keys.stage_ticket(digest(ticket)))
        if stored is None:
            raise TicketRefused
        return _read(stored)

    async def stage_tries(self, name: str, window_s: int) -> int:
        """See `StageSeats.stage_tries`."""
        key = keys.tries(digest(name), int(time.time()) // window_s)
        count: int = await self._store.execute_command("INCR", key)
        if count == 1:
            await self._store.execute_command("EXPIRE", key, window_s)
        return count

    async def _write(self, script: str, names: list[str], args: list[Any]) -> Any:
        return await run_script(self._store, script, names, args, carry=self._store.execute_durably)


def _written(seat: StageSeat) -> str:
    return f"{seat.stage_id} {seat.team} {seat.edition}"


def _read(stored: bytes) -> StageSeat:
    stage_id, team, edition = stored.decode().split(" ")
    return StageSeat(int(stage_id), int(team), edition)
