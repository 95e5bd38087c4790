"""What all contestants and viewers of one process share: the contest's description, its clock, decoded frames, the end.

Blocking code that many greenlets run: nothing here gives way between reading and writing a value, but for `outcome`.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any

import msgpack

from leitai_loadtest.glances import Stretches
from leitai_loadtest.swarm.door import Door
from leitai_loadtest.swarm.scenarios import Scenario

Message = dict[str, Any]
Record = Callable[[str, str, float, int, str], None]
"""Takes a row of Locust's table: request type, name, milliseconds, bytes, and what went wrong (empty: nothing)."""
ALIKE = frozenset({"open", "phase", "timeline", "announcement", "closed"})
DEFAULTS: dict[str, Message] = {
    "welcome": {"resume_min_ms": 500, "present_receipts": False},
    "snapshot": {"answers": [], "responses": []},
    "ack": {"stamp_us": 0, "elapsed_us": 0, "offset": 0, "receipt": b"", "duplicate": False, "code": ""},
    "error": {"retry": False, "item": 0, "seq": 0},
}
"""What members are when they are absent (schema/wire/messages.schema.json)."""
BOARD_WITHIN_S = 10.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was published of a whole session: by sitting, its row of the standings and of the board (None: frozen)."""

    standings: dict[int, dict[str, Any]]
    board: dict[int, dict[str, Any]] | None


ALWAYS = Stretches()


class Hall:
    """Shared state of one process."""

    def __init__(
        self,
        url: str,
        scenario: Scenario,
        record: Record,
        *,
        seed: int = 1,
        patience_s: float = 60.0,
        stretches: Stretches = ALWAYS,
    ) -> None:
        """`patience_s`: so long after the end everything acknowledged may take to be published.

        `stretches`: when those who look on do so.
        """
        self.url = url
        self.scenario = scenario
        self.record = record
        self.seed = seed
        self.patience_s = patience_s
        self.stretches = stretches
        self.round_trip_s = float("inf")
        self._offset_us = 0.0
        self._frames: dict[bytes, Message] = {}
        self._papers: dict[bytes, dict[int, Message]] = {}
        self._lock = threading.Lock()
        self._contest: dict[str, Any] = {}
        self._outcome: Outcome | None = None

    def contest(self) -> dict[str, Any]:
        """Return the description of contest and session, asked for once."""
        with self._lock:
            if not self._contest:
                door = Door(self.url)
                self._contest = door.contest()
                door.close()
            return self._contest

    def decode(self, frame: bytes) -> Message:
        """Return a frame's message; frames that everyone gets alike are decoded once."""
        message = self._frames.get(frame)
        if message is None:
            message = _whole(msgpack.unpackb(frame))
            if message["type"] in ALIKE:
                self._frames[frame] = message
        return message

    def paper(self, body: bytes) -> dict[int, Message]:
        """Return the items of a sealed paper by number; the same bytes are kept once."""
        paper = self._papers.get(body)
        if paper is None:
            paper = self._papers[body] = {entry["item"]: entry for entry in msgpack.unpackb(body)["items"]}
        return paper

    def take_clock(self, asked_s: float, now_s: float, server_us: int) -> None:
        """Keep the contest's clock as the probe with the least round trip saw it."""
        if now_s - asked_s < self.round_trip_s:
            self.round_trip_s = now_s - asked_s
            self._offset_us = server_us - (asked_s + now_s) * 500_000

    def contest_us(self, now_s: float) -> float:
        """Return the contest's time of a moment of this machine's monotonic clock."""
        return now_s * 1e6 + self._offset_us

    def outcome(self, session: int) -> Outcome:
        """Return what was published of a session that is over, asked for once and held against itself.

        The board may take a moment to show the last item: it is asked again until it agrees with the standings.
        """
        with self._lock:
            if self._outcome is None:
                door = Door(self.url)
                individuals = door.standings(session)["individuals"]
                standings = {row["sitting_id"]: row for row in individuals}
                until = monotonic() + BOARD_WITHIN_S
                board = _by_sitting(door.board(session))
                while board is not None and not _agree(standings, board) and monotonic() < until:
                    sleep(1.0)
                    board = _by_sitting(door.board(session))
                door.close()
                self._outcome = Outcome(standings, board)
                problems = out_of_order(individuals)
                self.record("check", "standings are in order", 0.0, 0, "; ".join(problems[:3]))
            return self._outcome


def _whole(message: Message) -> Message:
    whole = {**DEFAULTS.get(message["type"], {}), **message}
    if message["type"] == "snapshot":
        whole["answers"] = [{**DEFAULTS["ack"], **ack} for ack in whole["answers"]]
    return whole


def out_of_order(individuals: list[dict[str, Any]]) -> list[str]:
    """Return where published standings break the order: points, time, points of multiple and of true-false items."""

    def key(row: dict[str, Any]) -> tuple[int, int, int, int]:
        return (-row["centipoints"], row["elapsed_us"], -row["multiple_centipoints"], -row["true_false_centipoints"])

    problems: list[str] = []
    rank, before = 0, (0, 0, 0, 0)
    for order, row in enumerate(sorted(individuals, key=key), start=1):
        if order == 1 or key(row) != before:
            rank, before = order, key(row)
        if row["rank"] != rank:
            problems.append(f"sitting {row['sitting_id']} has rank {row['rank']}, by its points and time {rank}")
    return problems


def _by_sitting(rows: list[dict[str, Any]] | None) -> dict[int, dict[str, Any]] | None:
    return None if rows is None else {row["key"]: row for row in rows}


def _agree(standings: dict[int, dict[str, Any]], board: dict[int, dict[str, Any]]) -> bool:
    return all(
        sitting in board and all(board[sitting][name] == row[name] for name in ("rank", "centipoints"))
        for sitting, row in standings.items()
    )
