"""One viewer of boards, as plain blocking code: watches a page and notes how far it lags behind the closings."""

from time import monotonic, sleep
from typing import Any

from websockets.exceptions import ConnectionClosed, WebSocketException

from leitai_loadtest.swarm.hall import Hall, Message
from leitai_loadtest.swarm.line import Line, open_line

PATH = "/live/board"
NAME = f"{PATH}, a viewer"
PROBES = 4
BACK_OFF_S = 1.0
VIEWS = ("individuals", "delegations", "province")
_SLICE_S = 60.0


class Viewer:
    """`watch` goes on until it is interrupted."""

    def __init__(self, hall: Hall, number: int, source: str = "") -> None:
        self._hall = hall
        self._source = source
        self._view = VIEWS[number % len(VIEWS)]
        self._session: dict[str, Any] = hall.contest()["session"]
        delegations: list[dict[str, Any]] = hall.contest()["delegations"]
        self._delegation = str(delegations[number % len(delegations)]["code"]) if self._view == "province" else ""
        self._version = -1
        self._closings_us: list[int] = []
        self._seen_us = 0
        self._probes = 0
        self._asked_s = 0.0

    def watch(self) -> None:
        """Connect and watch, and come back when the connection is lost."""
        while True:
            began_s = monotonic()
            try:
                self._attend(began_s)
            except ConnectionClosed:
                pass
            except (OSError, WebSocketException) as error:
                self._hall.record(
                    "connect", NAME, (monotonic() - began_s) * 1000, 0, f"{type(error).__name__}: {error}"
                )
            sleep(BACK_OFF_S)

    def _attend(self, began_s: float) -> None:
        with open_line(self._hall.url, self._source, PATH) as line:
            line.say({"type": "hello", "session": self._session["id"]})
            while True:
                try:
                    frame = line.hear(_SLICE_S)
                except TimeoutError:
                    continue
                self._take(line, self._hall.decode(frame), began_s, monotonic(), len(frame))

    def _take(self, line: Line, message: Message, began_s: float, now_s: float, size: int) -> None:
        match message["type"]:
            case "welcome":
                self._hall.record("connect", NAME, (now_s - began_s) * 1000, size, "")
                self._probe(line)
                self._watch(line)
            case "clock":
                self._hall.take_clock(self._asked_s, now_s, message["server_us"])
                if self._probes < PROBES:
                    self._probe(line)
            case "snapshot" | "timeline":
                self._closings_us = sorted({window["closes_at_us"] for window in message["windows"]})
            case "board":
                self._version = message["version"]
            case "moves":
                self._moves(line, message, now_s, size)
            case _:
                pass

    def _moves(self, line: Line, message: Message, now_s: float, size: int) -> None:
        if message["base"] == self._version:
            self._version = message["version"]
            self._lag(now_s, size)
        elif message["base"] > self._version:
            self._watch(line)

    def _lag(self, now_s: float, size: int) -> None:
        """Note the first move of the page after a closing."""
        now_us = self._hall.contest_us(now_s)
        closed_us = max((closing for closing in self._closings_us if closing <= now_us), default=0)
        if closed_us > self._seen_us:
            self._seen_us = closed_us
            self._hall.record("board lag", self._view, (now_us - closed_us) / 1000, size, "")

    def _probe(self, line: Line) -> None:
        self._probes += 1
        self._asked_s = monotonic()
        line.say({"type": "probe", "id": self._probes})

    def _watch(self, line: Line) -> None:
        line.say({"type": "watch", "view": self._view, "page": 1, "delegation": self._delegation})
