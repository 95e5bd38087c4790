"""One contestant from sign-in to the own result, as plain blocking code (docs/wire.md, A contestant's way)."""

import heapq
import itertools
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.client import HTTPException
from random import Random
from time import monotonic, sleep
from typing import Any

from websockets.exceptions import ConnectionClosed, WebSocketException

from leitai_loadtest.answering import Move, favourite, temper
from leitai_loadtest.journal import Given, Journal
from leitai_loadtest.seal import unseal
from leitai_loadtest.swarm.checks import CHECKS, Evidence
from leitai_loadtest.swarm.door import Door, Refused
from leitai_loadtest.swarm.hall import Hall, Message
from leitai_loadtest.swarm.line import Line, open_line

OVER = frozenset({"closed", "under_review", "finalized"})
FOR_GOOD = frozenset({4001, 4003})
"""Close codes after which nobody comes back by itself."""
TROUBLE = (OSError, HTTPException, WebSocketException, Refused)
"""How a connection may fail; who has been in before tries again."""
MOST_ATTEMPTS = 20
PROBES = 4
WELCOME_S = 30.0
OWN_S = 5.0
RECEIPTS_AT_ONCE = 100
UNACKED_AT_ONCE = 200
RESULTS_PER_S = 100
STORM_EVERY = 4
Deed = Callable[[Line], None]
_SLICE_S = 1.0
"""So long at most one waits for a frame before looking at the clock again."""


@dataclass(frozen=True, slots=True)
class Seat:
    """Who somebody is: the `number`-th (from 0) of `of` in the same role, with what opens the door to contestants."""

    number: int
    of: int
    admission_no: str = ""
    code: str = ""


class NotWelcome(Exception):
    """The server let the contestant in no more, or never did."""


class Contestant:
    """`play` goes from sign-in to the end of the contest, `review` judges what was published.

    Both raise what the door and the line raise, and `NotWelcome`.
    """

    def __init__(self, hall: Hall, seat: Seat, source: str = "", on_ready: Callable[[], None] = lambda: None) -> None:
        """`on_ready` is called once, when the contestant has checked in; `source` is the address to come from."""
        self.journal = Journal(seat.admission_no)
        self.ready = False
        """It has checked in."""
        self._hall = hall
        self._seat = seat
        self._source = source
        self._on_ready = on_ready
        self._random = Random(f"{hall.seed}:{seat.number}")
        self._temper = temper(self._random)
        self._door = Door(hall.url, source)
        self._paper: dict[int, Message] = {}
        self._epoch = ""
        self._offset = 0
        self._phase = ""
        self._over_s = 0.0
        self._windows: dict[int, tuple[int, int]] = {}
        self._welcomed_s = 0.0
        self._dropped_s = 0.0
        self._resume_min_ms = 500
        self._resume_after_ms = 0
        self._recovered = False
        self._probes = 0
        self._asked_s = 0.0
        self._opened: set[int] = set()
        self._answered: set[int] = set()
        self._due: list[tuple[float, int, Deed]] = []
        """What is to be done, by its moment; numbered, for moments may be equal."""
        self._number = itertools.count()
        self._own: Message | None = None
        self._snapshot: Message = {}
        self._contradictions: list[str] = []

    # --- the contest --------------------------------------------------------------------------------------------------

    def play(self) -> None:
        """Sign in, and take part until the contest is over and every answer is acknowledged."""
        me = self._measured("sign-in", "/api/sign-in", self._door.sign_in, self._seat.admission_no, self._seat.code)
        self._door.close()
        self.journal.session, self.journal.sitting = me["session"], me["sitting"]
        sleep(self._random.uniform(0.0, 2.0))
        self._paper = self._hall.paper(
            self._measured("sealed", "/api/sessions/…/sealed", self._door.sealed, self.journal.session)
        )
        attempt = 0
        while not self._finished():
            before_s = self._welcomed_s
            try:
                self._attend()
            except TROUBLE as trouble:
                if not before_s or attempt >= MOST_ATTEMPTS or (isinstance(trouble, Refused) and not trouble.passes):
                    raise
            attempt = 0 if self._welcomed_s > before_s else attempt + 1
            if not self._finished():
                self._back_off(attempt)
        self._door.close()

    def _attend(self) -> None:
        """Spend one connection, from its ticket to its end."""
        with self._connected(self._epoch, self._offset, list(self.journal.unacked.values())) as line:
            if self._dropped_s:
                name = "with every entry" if self._recovered else "by a snapshot"
                self._hall.record("resume", name, (self._welcomed_s - self._dropped_s) * 1000, 0, "")
                self._dropped_s = 0.0
            try:
                while not self._finished():
                    try:
                        frame = line.hear(self._patience_s())
                    except TimeoutError:
                        pass
                    else:
                        self._take(line, self._hall.decode(frame), monotonic(), len(frame))
                    self._do_due(line)
            except ConnectionClosed as closed:
                self._dropped_s = self._dropped_s or monotonic()
                if closed.rcvd is not None and closed.rcvd.code in FOR_GOOD:
                    raise NotWelcome(f"closed with {closed.rcvd.code}") from closed

    @contextmanager
    def _connected(self, epoch: str = "", offset: int = 0, unacked: Sequence[Given] = ()) -> Generator[Line]:
        """Connect with a fresh ticket, say hello with what is held, and be welcome."""
        ticket = self._measured("ticket", "/api/tickets", self._door.ticket)
        self._door.close()
        before_s, began_s = self._welcomed_s, monotonic()
        resent = [{"item": one.item, "seq": one.seq, "response": one.response} for one in unacked[:UNACKED_AT_ONCE]]
        try:
            with open_line(self._hall.url, self._source) as line:
                line.say({"type": "hello", "ticket": ticket, "epoch": epoch, "offset": offset, "unacked": resent})
                self._welcome(line, began_s)
                for given in unacked[UNACKED_AT_ONCE:]:
                    self._send(line, given)
                yield line
        except Exception as error:
            if self._welcomed_s == before_s:
                self._hall.record("connect", "/live", (monotonic() - began_s) * 1000, 0, repr(error))
            raise

    def _welcome(self, line: Line, began_s: float) -> None:
        """Take the welcome, which is the first frame there is."""
        frame = line.hear(WELCOME_S)
        message = self._hall.decode(frame)
        if message["type"] != "welcome":
            raise NotWelcome(f"{message['type']} {message.get('code')}")
        self._welcomed_s = monotonic()
        self._hall.record("connect", "/live", (self._welcomed_s - began_s) * 1000, len(frame), "")
        self._epoch = message["epoch"]
        self._recovered = message["recovered"]
        self._resume_min_ms = message["resume_min_ms"]
        if message["present_receipts"]:
            kept = self.journal.recorded
            for start in range(0, len(kept), RECEIPTS_AT_ONCE):
                batch = [given.presented() for given in kept[start : start + RECEIPTS_AT_ONCE]]
                line.say({"type": "receipts", "receipts": batch})
        if not self.ready:
            self._probe(line)

    def _back_off(self, attempt: int) -> None:
        after_ms, self._resume_after_ms = self._resume_after_ms, 0
        most_s = min(10.0, self._resume_min_ms / 1000 * 2 ** min(attempt, 10))
        sleep(after_ms / 1000 + self._random.uniform(0.0, most_s))

    def _finished(self) -> bool:
        """Whether the contest is over and its record complete, or patience is at an end."""
        if not self._over_s:
            return False
        complete = self._phase == "finalized" and not self.journal.unacked
        return complete or monotonic() - self._over_s > self._hall.patience_s

    # --- what comes ---------------------------------------------------------------------------------------------------

    def _take(self, line: Line, message: Message, now_s: float, size: int) -> None:
        match message["type"]:
            case "open":
                self._open(message, now_s, size)
            case "ack":
                self._ack(message, now_s, size)
            case "closed" | "announcement":
                self._offset = message["offset"]
            case "own":
                self._own = message
            case "phase":
                self._offset = message["offset"]
                self._take_phase(message["phase"], now_s)
            case "timeline":
                self._offset = message["offset"]
                self._take_windows(message["windows"])
            case "snapshot":
                self._snapshot = message
                self._offset = message["offset"]
                self._take_phase(message["phase"], now_s)
                self._take_windows(message["windows"])
            case "clock":
                self._clock(line, now_s, message["server_us"])
            case "checked_in":
                if not self.ready:
                    self.ready = True
                    self._on_ready()
            case "bye":
                self._resume_after_ms = message["resume_after_ms"]
            case "error":
                self._error(message)
            case _:
                pass

    def _take_phase(self, phase: str, now_s: float) -> None:
        self._phase = phase
        if phase in OVER and not self._over_s:
            self._over_s = now_s

    def _take_windows(self, windows: list[Message]) -> None:
        self._windows = {window["item"]: (window["opens_at_us"], window["closes_at_us"]) for window in windows}

    def _probe(self, line: Line) -> None:
        self._probes += 1
        self._asked_s = monotonic()
        line.say({"type": "probe", "id": self._probes})

    def _clock(self, line: Line, now_s: float, server_us: int) -> None:
        self._hall.take_clock(self._asked_s, now_s, server_us)
        if self._probes < PROBES:
            self._probe(line)
            return
        line.say(
            {
                "type": "check_in",
                "round_trip_us": round((now_s - self._asked_s) * 1e6),
                "clock_offset_us": 0,
                "browser": "locust",
            }
        )

    def _open(self, message: Message, now_s: float, size: int) -> None:
        item = message["item"]
        if item in self._opened:
            return
        self._opened.add(item)
        content = unseal(self.journal.session, self._paper[item], message["key"])
        opens_us, closes_us = self._windows[item]
        if self._hall.contest_us(self._welcomed_s) < opens_us:
            late_ms = (self._hall.contest_us(monotonic()) - opens_us) / 1000
            self._hall.record("open→seen", "item", max(0.0, late_ms), size, "")
        left_s = (closes_us - self._hall.contest_us(now_s)) / 1e6
        scenario = self._hall.scenario
        if left_s <= 0:
            return
        moves = scenario.plan(content, favourite(content), self._temper, self._random, left_s)
        for move in moves:
            self._later(move.after_s, partial(self._answer, item, move.response))
        if scenario.storms and item % STORM_EVERY == 2:
            self._later(self._random.random(), partial(self._drop, item, moves))

    def _error(self, message: Message) -> None:
        given = self.journal.unacked.get(message["seq"])
        if given is None or not message["retry"]:
            self._hall.record("error", str(message["code"]), 0.0, 0, str(message["code"]))
        else:
            self._later(self._random.uniform(0.5, 1.5), partial(self._again, given))

    def _ack(self, message: Message, now_s: float, size: int) -> None:
        given = self.journal.answers.get(message["seq"])
        if given is None or given.item != message["item"]:
            self._contradictions.append(f"item {message['item']} seq {message['seq']}: acknowledged, never given")
            return
        first = not given.status
        if not given.acknowledge(message, now_s):
            self._contradictions.append(f"item {given.item} seq {given.seq}: acknowledged as two things")
        if first:
            self.journal.unacked.pop(given.seq, None)
            wrong = "" if given.status in ("accepted", "late") else f"{given.status} {given.code}"
            self._hall.record("answer→ack", given.status, (now_s - given.given_s) * 1000, size, wrong)

    # --- what is done -------------------------------------------------------------------------------------------------

    def _later(self, after_s: float, deed: Deed) -> None:
        heapq.heappush(self._due, (monotonic() + after_s, next(self._number), deed))

    def _patience_s(self) -> float:
        if not self._due:
            return _SLICE_S
        return min(_SLICE_S, max(0.0, self._due[0][0] - monotonic()))

    def _do_due(self, line: Line) -> None:
        while self._due and self._due[0][0] <= monotonic():
            _, _, deed = heapq.heappop(self._due)
            deed(line)

    def _answer(self, item: int, response: list[str], line: Line) -> None:
        """Answer, but where the first answer is final only once."""
        if item in self._answered and self._hall.scenario.pacing == "streamed":
            return
        self._answered.add(item)
        self._send(line, self.journal.give(item, response, monotonic()))

    def _again(self, given: Given, line: Line) -> None:
        """Send an answer again that the server could not take."""
        if not given.status:
            self._send(line, given)

    def _drop(self, item: int, moves: Sequence[Move], line: Line) -> None:
        """Lose the connection; every other time in the very moment of answering, before any acknowledgement."""
        if moves and self._random.random() < 0.5:
            self._answer(item, moves[0].response, line)
        self._dropped_s = monotonic()
        line.drop()

    def _send(self, line: Line, given: Given) -> None:
        given.sent += 1
        line.say({"type": "answer", "item": given.item, "seq": given.seq, "response": given.response})

    # --- after it -----------------------------------------------------------------------------------------------------

    def review(self) -> None:
        """Load everything again as after the contest, and check it against the own journal; a row for each check."""
        sleep(self._random.uniform(0.0, self._seat.of / RESULTS_PER_S))
        session, sitting = self.journal.session, self.journal.sitting
        result = self._measured("result", "/api/sessions/…/result", self._door.result, session)
        outcome = self._hall.outcome(session)
        self._look_again(result)
        head = self._hall.contest()["session"]
        over_us = self._hall.contest_us(self._over_s)
        evidence = Evidence(
            journal=self.journal,
            contradictions=self._contradictions,
            first_counts=head["counted"] == "first",
            summed=head["pacing"] == "streamed",
            windows_us={item: closes - opens for item, (opens, closes) in self._windows.items() if opens < over_us},
            result=result,
            snapshot=self._snapshot,
            own=(self._own or {"rank": 0, "centipoints": 0}) if head["show_own"] else None,
            standing=outcome.standings.get(sitting),
            row=None if outcome.board is None else outcome.board.get(sitting),
            frozen=outcome.board is None,
        )
        for name, check in CHECKS.items():
            self._hall.record("check", name, 0.0, 0, "; ".join(check(evidence)[:3]))

    def _look_again(self, result: dict[str, Any]) -> None:
        """Load the page again: a connection that holds nothing, its snapshot, and the own rank."""
        self._snapshot = {}
        with self._connected() as line:
            until_s = monotonic() + OWN_S
            while monotonic() < until_s and not (self._snapshot and self._told(result)):
                try:
                    frame = line.hear(0.5)
                except TimeoutError:
                    continue
                self._take(line, self._hall.decode(frame), monotonic(), len(frame))

    def _told(self, result: dict[str, Any]) -> bool:
        if not self._hall.contest()["session"]["show_own"]:
            return True
        own = self._own
        return own is not None and all(own[name] == result[name] for name in ("rank", "centipoints"))

    # --- measuring ----------------------------------------------------------------------------------------------------

    def _measured(self, kind: str, name: str, ask: Any, *arguments: Any) -> Any:
        began_s = monotonic()
        try:
            answer = ask(*arguments)
        except Exception as error:
            self._hall.record(kind, name, (monotonic() - began_s) * 1000, 0, repr(error))
            raise
        size = len(answer) if isinstance(answer, bytes) else 0
        self._hall.record(kind, name, (monotonic() - began_s) * 1000, size, "")
        return answer
