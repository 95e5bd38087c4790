"""One simulated contestant: a state on the crowd's loop, with a task only while it enters or comes back."""

import asyncio
from random import Random
from time import monotonic, time
from typing import Any

import msgpack

from leitai_loadtest.answering import Move, temper
from leitai_loadtest.crowd import Crowd, Message, Opening
from leitai_loadtest.door import Door, DoorClosed
from leitai_loadtest.http import HttpFailed
from leitai_loadtest.journal import Given, Journal
from leitai_loadtest.line import WELCOME_S, Line
from leitai_loadtest.seal import unseal

PROBES = 3
FOR_GOOD = frozenset({4001, 4003})
"""Close codes after which nobody comes back by itself."""
RECEIPTS_AT_ONCE = 100


class SimulatedContestant:
    """Signs in, checks in, answers what opens, keeps a journal, and comes back when the connection is lost."""

    def __init__(self, crowd: Crowd, seat: int, admission_no: str, code: str) -> None:
        self.crowd = crowd
        self.seat = seat
        self.code = code
        self.random = Random(f"{crowd.options.seed}:{seat}")
        self.temper = temper(self.random)
        self.journal = Journal(admission_no)
        self.door = Door(crowd.options.url)
        self.ready = False
        self.absent = False
        """It does not come back: told so, or refused."""
        self._line: Line | None = None
        self._connection = 0
        self._welcomed_s = 0.0
        self._epoch = ""
        self._offset = 0
        self._resume_min_ms = 500
        self._probes = 0
        self._asked_s = 0.0
        self._round_trip_s = float("inf")
        self._clock_offset_us = 0
        self._opened: set[int] = set()
        self._own_paper: dict[int, dict[str, Any]] = {}
        self._returning: asyncio.Task[None] | None = None

    @property
    def connected(self) -> bool:
        """Whether it has been welcomed on its present connection."""
        return self._line is not None

    async def enter(self) -> None:
        """Sign in, fetch the sealed paper and open the socket; raises when any of it is refused."""
        me = await self.door.sign_in(self.journal.admission_no, self.code)
        self.journal.session = me["session"]
        self.journal.sitting = me["sitting"]
        self.crowd.counts["signed_in"] += 1
        if not (self.crowd.options.share_sealed and self.crowd.sealed_body):
            body = await self.door.sealed(me["session"])
            self.crowd.take_sealed(body)
            if self.seat < self.crowd.options.verifying:
                self._own_paper = {entry["item"]: entry for entry in msgpack.unpackb(body)["items"]}
        if not await self._connect():
            self.come_back()

    def hear(self, line: Line, payload: bytes, now: float) -> None:
        """Take a frame that arrived at `now`; the most frequent kinds come first."""
        opening = self.crowd.opening_frames.get(payload)
        if opening is not None:
            self._open(opening, now)
            return
        message = self.crowd.decode(payload)
        kind = message["type"]
        if kind == "ack":
            self._ack(message, now)
        elif kind == "open":
            self._open(self.crowd.opening(payload, message, now), now)
        elif kind == "phase":
            self._offset = message["offset"]
            self.crowd.take_phase(message["phase"], self._epoch, self._offset)
        elif kind == "timeline":
            self._offset = message["offset"]
            self.crowd.take_windows(message["version"], message["windows"])
        elif kind in ("announcement", "closed"):
            self._offset = message["offset"]
        elif kind == "clock":
            self._clock(line, message, now)
        elif kind == "checked_in":
            self._be_ready()
        elif kind == "welcome":
            self._welcome(line, message, now)
        elif kind == "snapshot":
            self._snapshot(message)
        elif kind == "error":
            self._error(message)
        elif kind == "bye":
            line.resume_after_ms = message["resume_after_ms"]
            self.crowd.counts[f"bye {message['code']}"] += 1

    def lost(self, line: Line) -> None:
        """Take note that a connection is gone, and come back unless that is over."""
        if line is self._line:
            self._line = None
            if not self.crowd.leaving:
                self.crowd.counts["connections_lost"] += 1
                self.crowd.counts[f"close {line.close_code}"] += 1
                if line.close_code in FOR_GOOD:
                    self.absent = True
                else:
                    self.come_back(line.resume_after_ms)

    def come_back(self, after_ms: int = 0) -> None:
        """Begin to reconnect, unless it is being tried already."""
        if self._returning is None or self._returning.done():
            self._returning = asyncio.create_task(self._come_back(after_ms))

    def plan(self, opening: Opening, moves: list[Move]) -> None:
        """Do what was planned for an item, at its moments."""
        loop = asyncio.get_running_loop()
        for move in moves:
            if move.after_s <= 0:
                self._give(opening.item, move.response)
            else:
                loop.call_later(move.after_s, self._give, opening.item, move.response)

    def leave(self) -> None:
        """Close everything for good."""
        if self._returning is not None:
            self._returning.cancel()
        if self._line is not None and self._line.transport is not None:
            self._line.transport.send_close()
            self._line.transport.disconnect()
        self.door.close()

    async def _connect(self) -> bool:
        ticket = await self.door.ticket()
        self.door.close()
        line = await Line.open(self, self.crowd.socket_url)
        self._connection += 1
        unacked = list(self.journal.unacked.values())[:200]
        for given in unacked:
            given.connection = self._connection
            given.sent += 1
        line.say(
            {
                "type": "hello",
                "ticket": ticket,
                "epoch": self._epoch,
                "offset": self._offset,
                "unacked": [{"item": g.item, "seq": g.seq, "response": g.response} for g in unacked],
            }
        )
        try:
            async with asyncio.timeout(WELCOME_S):
                return await line.welcomed
        except TimeoutError:
            self.crowd.counts["welcomes_missed"] += 1
            if line.transport is not None:
                line.transport.disconnect(graceful=False)
            return False

    async def _come_back(self, after_ms: int) -> None:
        await asyncio.sleep(after_ms / 1000)
        for attempt in range(1_000):
            await asyncio.sleep(self.random.uniform(0, min(10.0, self._resume_min_ms / 1000 * 2 ** min(attempt, 10))))
            try:
                async with self.crowd.returning:
                    if await self._connect():
                        return
            except DoorClosed as refused:
                self.crowd.counts[f"http {refused.status} {refused.code}"] += 1
                if refused.status == 401:
                    await self._sign_in_again()
            except (HttpFailed, OSError, TimeoutError) as error:
                self.crowd.counts[f"reconnect {type(error).__name__}"] += 1
            except Exception as error:  # picows raises its own kinds for a handshake that went wrong
                self.crowd.counts[f"reconnect {type(error).__name__}"] += 1

    async def _sign_in_again(self) -> None:
        try:
            await self.door.sign_in(self.journal.admission_no, self.code)
        except (DoorClosed, HttpFailed) as error:
            self.crowd.counts[f"sign-in again {type(error).__name__}"] += 1

    def _welcome(self, line: Line, message: Message, now: float) -> None:
        again = self._epoch != ""
        self._line = line
        self._welcomed_s = now
        self._resume_min_ms = message["resume_min_ms"]
        self._epoch = message["epoch"]
        if again:
            self.crowd.counts["recovered" if message["recovered"] else "recovered_by_snapshot"] += 1
        if message["present_receipts"]:
            self._present_receipts(line)
        for given in self.journal.unacked.values():
            if given.connection != self._connection:
                self._send(line, given)
        if not line.welcomed.done():
            line.welcomed.set_result(True)
        if not self.ready:
            self._probes = 0
            self._probe(line)

    def _snapshot(self, message: Message) -> None:
        self._offset = message["offset"]
        self.crowd.take_phase(message["phase"], self._epoch, self._offset)
        self.crowd.take_windows(message["timeline_version"], message["windows"])

    def _probe(self, line: Line) -> None:
        self._probes += 1
        self._asked_s = monotonic()
        line.say({"type": "probe", "id": self._probes})

    def _clock(self, line: Line, message: Message, now: float) -> None:
        self.crowd.take_clock(self._asked_s, now, message["server_us"])
        if now - self._asked_s < self._round_trip_s:
            self._round_trip_s = now - self._asked_s
            # By how much this machine's own clock is off, as a browser would tell it.
            self._clock_offset_us = round(message["server_us"] - (time() - self._round_trip_s / 2) * 1e6)
        if self._probes < PROBES:
            self._probe(line)
        else:
            line.say(
                {
                    "type": "check_in",
                    "round_trip_us": round(self._round_trip_s * 1e6),
                    "clock_offset_us": self._clock_offset_us,
                    "browser": "leitai_loadtest",
                }
            )

    def _be_ready(self) -> None:
        if not self.ready:
            self.ready = True
            self.crowd.ready += 1
            self.crowd.stirred.set()

    def _open(self, opening: Opening, now: float) -> None:
        if opening.item in self._opened:
            return
        self._opened.add(opening.item)
        if self._welcomed_s < opening.first_s:
            opening.arrivals.append(now)
            opening.seats.append(self.seat)
        else:
            opening.joined_later += 1
        if self._own_paper:
            unseal(self.journal.session, self._own_paper[opening.item], opening.key)
            self.crowd.counts["commitments_verified"] += 1
        if opening.settled:
            self.plan(opening, self.crowd.moves(opening, self))
        else:
            opening.waiting.append(self)

    def _give(self, item: int, response: list[str]) -> None:
        given = self.journal.give(item, response, monotonic())
        self.crowd.unacked += 1
        if self._line is not None:
            self._send(self._line, given)

    def _send(self, line: Line, given: Given) -> None:
        given.connection = self._connection
        given.sent += 1
        line.say({"type": "answer", "item": given.item, "seq": given.seq, "response": given.response})

    def _ack(self, message: Message, now: float) -> None:
        counts = self.crowd.counts
        given = self.journal.answers.get(message["seq"])
        if given is None or given.item != message["item"]:
            counts["acks_of_nothing"] += 1
            return
        first = not given.status
        if not given.acknowledge(message, now):
            counts["acks_contradicting"] += 1
        if not first:
            counts["acks_repeated"] += 1
            return
        self.journal.unacked.pop(given.seq, None)
        self.crowd.unacked -= 1
        if not self.crowd.unacked:
            self.crowd.stirred.set()
        counts[given.status] += 1
        opening = self.crowd.openings.get(given.item)
        if opening is not None:
            opening.latencies.append(now - given.given_s)
            opening.late += given.status == "late"

    def _error(self, message: Message) -> None:
        self.crowd.counts[f"error {message['code']}"] += 1
        given = self.journal.unacked.get(message["seq"])
        if given is not None and message["retry"]:
            asyncio.get_running_loop().call_later(self.random.uniform(0.5, 1.5), self._retry, given)

    def _retry(self, given: Given) -> None:
        if self._line is not None and not given.status:
            self._send(self._line, given)

    def _present_receipts(self, line: Line) -> None:
        kept = self.journal.recorded
        self.crowd.counts["receipts_presented"] += len(kept)
        for start in range(0, len(kept), RECEIPTS_AT_ONCE):
            batch = [given.presented() for given in kept[start : start + RECEIPTS_AT_ONCE]]
            line.say({"type": "receipts", "receipts": batch})
