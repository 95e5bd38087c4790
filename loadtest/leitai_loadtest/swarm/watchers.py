"""Who looks on at the staff's door, as plain blocking code: judges at their desks, and overlays on air.

Both read one stream of server-sent events until the contest is over, and check what they were told against what is told
to somebody who comes anew (schema/http/office.yaml).
"""

from collections.abc import Callable, Container, Generator
from contextlib import contextmanager
from http.client import HTTPException
from time import monotonic, sleep
from typing import Any
from urllib.parse import urlencode

from leitai_loadtest.swarm.contestant import OVER, Seat
from leitai_loadtest.swarm.door import Door, Refused
from leitai_loadtest.swarm.hall import Hall

DESK_CHECK, OVERLAY_CHECK = "the desk is right", "the overlay is right"
STREAM, TAIL, AIR = "/api/staff/desk/stream", "/api/staff/desk/tail", "/api/air/stream"
ROWS = 61
"""Answers that a page asks for: one more than it shows."""
PROBES = 4
BACK_OFF_S = 1.0
TROUBLE = (OSError, HTTPException)
AGREE_WITHIN_S = 5.0
LOOK_EVERY_S = 0.4
"""A page asks for the tail when something came, one request at a time, and no more often."""
SIGN_INS_PER_S = 4
IDLE_S = 2.0
"""A connection that was idle for longer may be closed at any moment, as a browser knows: another is opened."""


class DeskView:
    """What a desk's page holds: items in figures, and which answers it has seen. In a rush more come than it shows."""

    def __init__(self) -> None:
        self.items: dict[int, dict[str, Any]] = {}
        self.phase = ""
        self.newest = 0
        self.seen = -1
        """The number of the newest answer that the tail has shown; -1 before its first."""
        self.problems: list[str] = []
        self._edition = -1

    def take(self, moved: dict[str, Any]) -> None:
        """Take an event of the stream."""
        if moved["edition"] < self._edition:
            self.problems.append(f"edition {moved['edition']} after {self._edition}")
        self._edition, self.phase, self.newest = moved["edition"], moved["phase"], moved["newest"]
        self.items |= {item["item"]: item for item in moved["items"]}

    def fresh(self, tail: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the answers of a tail that were not seen before; what it first holds is nobody's news."""
        new = [one for one in tail["answers"] if one["number"] > self.seen] if self.seen >= 0 else []
        self.seen = max(self.seen, tail["newest"])
        return new

    def look_away(self) -> None:
        """What comes until the next tail is nobody's news."""
        self.seen = -1

    def unlike(self, anew: dict[str, Any]) -> str:
        """Return how the items held differ from those told anew; empty: they do not."""
        told = {item["item"]: item for item in anew["items"]}
        differing = sorted(number for number in {*told, *self.items} if told.get(number) != self.items.get(number))
        return f"items {differing} are not as told anew" if differing else ""


class DeskWatcher:
    """One judge's page. `watch` ends when the contest is over and the page was checked."""

    def __init__(self, hall: Hall, seat: Seat, url: str, within_s: float) -> None:
        """`seat` holds login and password; `url` is the staff's door; `within_s`: so soon an answer must be seen."""
        self.ready = False
        """Signed in."""
        self._hall = hall
        self._seat = seat
        self._url = url
        self._within_s = within_s
        self._asking = Door(url)
        self._view = DeskView()
        self._lags_ms: list[tuple[str, float]] = []
        """Of each answer seen, with its status. They are told at the end: 20 desks see 8,000 answers a second."""
        self._looked_s = 0.0

    def watch(self, on_ready: Callable[[], None]) -> None:
        """Sign in, watch, and record the check; `on_ready` is called once signed in."""
        sleep(self._seat.number / SIGN_INS_PER_S)
        learn_clock(self._hall)
        with _measured(self._hall, "staff sign-in", "/api/staff/sign-in"):
            self._asking.staff_sign_in(self._seat.admission_no, self._seat.code)
        self.ready = True
        on_ready()
        while self._view.phase not in OVER:
            try:
                self._attend()
            except TROUBLE as error:
                self._hall.record("desk update", STREAM, 0.0, 0, repr(error))
            except Refused as refused:
                # Answers are shown from the start on.
                if refused.code != "not-yet":
                    raise
            if self._view.phase not in OVER:
                _rest(self._hall)
        self._hall.record("check", DESK_CHECK, 0.0, 0, self._judge())
        self._asking.close()

    def _attend(self) -> None:
        door = self._asking.beside()
        began_s = monotonic()
        try:
            for moved, size in door.events(STREAM):
                self._hall.record("desk update", STREAM, (monotonic() - began_s) * 1000, size, "")
                self._view.take(moved)
                if self._view.newest > self._view.seen:
                    self._look()
                if self._view.phase in OVER or _looks_away(self._hall):
                    self._view.look_away()
                    return
                began_s = monotonic()
        finally:
            door.close()

    def _look(self) -> None:
        idle_s = monotonic() - self._looked_s
        if idle_s > IDLE_S:
            self._asking.close()
        sleep(max(0.0, LOOK_EVERY_S - idle_s))
        self._looked_s = monotonic()
        with _measured(self._hall, "desk tail", TAIL):
            tail = self._asking.get(f"{TAIL}?count={ROWS}")
        now_us = self._hall.contest_us(monotonic())
        for answer in self._view.fresh(tail):
            self._lags_ms.append((answer["status"], max(0.0, (now_us - answer["stamp_us"]) / 1000)))

    def _judge(self) -> str:
        self._asking.close()
        problems = list(self._view.problems)
        for status, lag_ms in self._lags_ms:
            self._hall.record("answer→desk", status, lag_ms, 0, "")
        late = sum(lag_ms > self._within_s * 1000 for _, lag_ms in self._lags_ms)
        if late * 100 > len(self._lags_ms):
            problems.append(f"{late} of {len(self._lags_ms)} answers seen after more than {self._within_s:g} s")
        unlike = self._view.unlike(self._asking.get("/api/staff/desk/items"))
        if unlike:
            # What moved last may still be on its way here.
            unlike = self._settled()
        return "; ".join([*problems, *([unlike] if unlike else [])])

    def _settled(self) -> str:
        door = self._asking.beside()
        until_s = monotonic() + AGREE_WITHIN_S
        unlike = "nothing came"
        try:
            for moved, _ in door.events(STREAM):
                self._view.take(moved)
                unlike = self._view.unlike(self._asking.get("/api/staff/desk/items"))
                if not unlike or monotonic() > until_s:
                    return unlike
        finally:
            door.close()
        return unlike


class OverlayWatcher:
    """One overlay. `watch` ends when the contest is over and what was on air has been checked."""

    def __init__(self, hall: Hall, seat: Seat, url: str) -> None:
        """`seat.code` is the overlay's token; `url` is the staff's door."""
        self.ready = False
        self._hall = hall
        self._door = Door(url)
        self._path = f"{AIR}?{urlencode({'token': seat.code, 'channel': 'main', 'changes': 1})}"
        self._problems: list[str] = []
        self._over = False

    def watch(self, on_ready: Callable[[], None]) -> None:
        """Read the stream to the end of the contest, and record the check; `on_ready` is called before."""
        learn_clock(self._hall)
        self.ready = True
        on_ready()
        while not self._over:
            try:
                self._attend()
            except TROUBLE as error:
                self._hall.record("overlay update", AIR, 0.0, 0, repr(error))
            self._door.close()
            if not self._over:
                _rest(self._hall)
        self._hall.record("check", OVERLAY_CHECK, 0.0, 0, "; ".join(self._problems[:3]))

    def _attend(self) -> None:
        body: dict[str, Any] = {}
        for told, size in self._door.events(self._path):
            # After the first event only members that differ come.
            body |= told
            age_ms = (self._hall.contest_us(monotonic()) - body["server_us"]) / 1000
            self._hall.record("overlay update", AIR, max(0.0, age_ms), size, "")
            self._problems += faults_of(body, told)
            after = body["server_us"] > body["ends_at_us"] > 0
            if body["phase"] in OVER or (body["frozen"] and after):
                self._over = True
            if self._over or _looks_away(self._hall):
                return


def faults_of(body: dict[str, Any], told: Container[str]) -> list[str]:
    """Return what is wrong with a picture for overlays, of which the members `told` are new."""
    faults: list[str] = []
    for name in ("individuals", "teams"):
        if name not in told:
            continue
        ranks = [row["rank"] for row in body[name]]
        points = [row["centipoints"] for row in body[name]]
        if ranks != sorted(ranks) or points != sorted(points, reverse=True):
            faults.append(f"{name} out of order at version {body['version']}")
    item = body["item"]
    if item is not None and item["state"] == "open" and (item["key"] is not None or item["distribution"] is not None):
        faults.append(f"item {item['item']} tells its answer while it is open")
    return faults


def learn_clock(hall: Hall) -> None:
    """Learn the contest's clock over HTTP, as well as a few questions allow."""
    door = Door(hall.url)
    for _ in range(PROBES):
        asked_s = monotonic()
        body = door.contest()
        hall.take_clock(asked_s, monotonic(), body["server_us"])
    door.close()


def _looks_away(hall: Hall) -> bool:
    return not hall.stretches.looking(hall.contest_us(monotonic()))


def _rest(hall: Hall) -> None:
    """Wait until it is time to look again."""
    sleep(hall.stretches.away_s(hall.contest_us(monotonic())) or BACK_OFF_S)


@contextmanager
def _measured(hall: Hall, kind: str, name: str) -> Generator[None]:
    began_s = monotonic()
    try:
        yield
    except (*TROUBLE, Refused) as error:
        hall.record(kind, name, (monotonic() - began_s) * 1000, 0, repr(error))
        raise
    hall.record(kind, name, (monotonic() - began_s) * 1000, 0, "")
