"""The process that leads a run: it hands out the seats, says when everyone is in, and ends the run when all are done.

Locust runs users in this process, or in workers that it talks to; `Lead` and `Seats` talk by Locust's own messages, so
that it is the same either way:

    wants-a-seat   users → lead    one more user of a role runs
    seat           lead → users    who that is
    checked-in     users → lead    a contestant is ready for the start, a judge signed in, an overlay there
    done           users → lead    one of those has ended, well or not, and whether it was ready before
"""

import csv
import json
import logging
import sys
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import ceil
from pathlib import Path
from queue import SimpleQueue
from time import monotonic
from typing import Any

import gevent
from locust import runners
from locust.env import Environment
from locust.runners import MasterRunner, Runner

from leitai_loadtest.swarm.contestant import Seat
from leitai_loadtest.swarm.scenarios import Scenario

log = logging.getLogger(__name__)
CONTESTANT, VIEWER, DESK, OVERLAY = "contestant", "viewer", "desk", "overlay"
LAST_STEPS_S = 5.0
# A worker on a busy machine may be late; Locust would give its users to others, who would find no seats.
runners.HEARTBEAT_LIVENESS = 30


@dataclass(frozen=True, slots=True)
class _Asked:
    """Somebody who waits for a seat: the Locust node that runs it, and its role."""

    node: str
    role: str


class Lead:
    """Follows everyone through a run."""

    def __init__(
        self, environment: Environment, scenario: Scenario, seats: Mapping[str, Sequence[Seat]], *, tell: bool
    ) -> None:
        """`seats` are handed out in order, by role; `tell`: say what happens on standard output, in JSON lines."""
        assert environment.runner is not None
        self._runner: Runner = environment.runner
        self._scenario = scenario
        self._seats = {role: deque(of_role) for role, of_role in seats.items()}
        self._contestants = len(seats[CONTESTANT])
        self._others = len(seats[VIEWER])
        """They watch until the run ends."""
        self._playing = sum(map(len, seats.values())) - self._others
        self._waiting: list[_Asked] = []
        self._checked_in = 0
        self._absent = 0
        self._done = 0
        self._entered = False
        self._ending = False
        self._reported: set[str] = set()
        self._tell = tell
        self._runner.register_message("wants-a-seat", self._hear_wants)
        self._runner.register_message("checked-in", self._hear_checked_in)
        self._runner.register_message("done", self._hear_done)
        environment.events.worker_report.add_listener(self._hear_report)
        if isinstance(self._runner, MasterRunner):
            gevent.spawn(self._watch_workers, self._runner)

    def say(self, event: str, **figures: Any) -> None:
        """Tell whoever started this process what happens, if it wants to know."""
        if self._tell:
            sys.stdout.write(json.dumps({"event": event, **figures}) + "\n")
            sys.stdout.flush()

    def _hear_wants(self, environment: Environment, msg: Any, **_: Any) -> None:
        asked = _Asked(msg.node_id, msg.data["role"])
        if asked.role != CONTESTANT or not self._scenario.arrive_at_once:
            self._seat(asked)
            return
        self._waiting.append(asked)
        if len(self._waiting) == self._contestants:
            for one in self._waiting:
                self._seat(one)

    def _seat(self, asked: _Asked) -> None:
        # Locust starts the users of a worker that is gone elsewhere: there are no seats for them.
        if self._seats[asked.role]:
            seat = self._seats[asked.role].popleft()
            self._runner.send_message("seat", {"role": asked.role, "seat": asdict(seat)}, asked.node)

    def _hear_checked_in(self, environment: Environment, msg: Any, **_: Any) -> None:
        self._checked_in += 1
        self._see_who_is_in()

    def _hear_done(self, environment: Environment, msg: Any, **_: Any) -> None:
        self._done += 1
        self._absent += not msg.data["checked_in"]
        self._see_who_is_in()
        if self._done == self._playing and not isinstance(self._runner, MasterRunner):
            self._end()

    def _hear_report(self, client_id: str, **_: Any) -> None:
        """A worker's figures follow what it said before: when all have reported after the end, none are missing."""
        if self._done == self._playing and isinstance(self._runner, MasterRunner):
            self._reported.add(client_id)
            if all(client.id in self._reported for client in self._runner.clients.all):
                self._end()

    def _see_who_is_in(self) -> None:
        # Nobody waits for those who ended before they were in.
        watchers = self._playing - self._contestants
        wanted = ceil(self._contestants * self._scenario.start_at_share) + watchers
        if not self._entered and self._checked_in + self._absent >= wanted:
            self._entered = True
            self.say("entered", n=self._checked_in)

    def _watch_workers(self, runner: MasterRunner) -> None:
        """End the run when a worker is gone: nobody else can take its contestants' places."""
        workers = 0
        while not self._ending:
            gevent.sleep(1.0)
            if runner.worker_count < workers and not self._ending:
                log.error("a worker is gone, and its contestants with it")
                self._end()
            workers = runner.worker_count

    def _end(self) -> None:
        if not self._ending:
            self._ending = True
            gevent.spawn(self._quit)

    def _quit(self) -> None:
        until_s = monotonic() + LAST_STEPS_S
        while self._runner.user_count > self._others and monotonic() < until_s:
            gevent.sleep(0.05)  # the last contestant has said that it is done, and is about to end
        self._runner.quit()


class Seats:
    """Where the users of this process get their seats, and tell what becomes of them."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._given: defaultdict[str, SimpleQueue[Seat]] = defaultdict(SimpleQueue[Seat])
        runner.register_message("seat", self._hear_seat)

    def take(self, role: str) -> Seat:
        """Ask for a seat and wait for it."""
        self._runner.send_message("wants-a-seat", {"role": role})
        return self._given[role].get()

    def checked_in(self) -> None:
        """Say that a contestant is ready."""
        self._runner.send_message("checked-in")

    def done(self, *, checked_in: bool) -> None:
        """Say that a contestant has ended, and whether it ever was ready."""
        self._runner.send_message("done", {"checked_in": checked_in})

    def _hear_seat(self, environment: Environment, msg: Any, **_: Any) -> None:
        self._given[msg.data["role"]].put(Seat(**msg.data["seat"]))


def read_watchers(path: Path) -> dict[str, list[Seat]]:
    """Return judges and overlays of a CSV with the columns role (`desk`, `overlay`), login and secret."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    seats: dict[str, list[Seat]] = {DESK: [], OVERLAY: []}
    for row in rows:
        of_role = seats[row["role"]]
        of_role.append(Seat(len(of_role), len(rows), row["login"], row["secret"]))
    return seats


def read_seats(path: Path, most: int | None) -> list[Seat]:
    """Return the contestants of a CSV with the columns admission_no and code, `most` at most."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))[:most]
    return [Seat(number, len(rows), row["admission_no"], row["code"]) for number, row in enumerate(rows)]
