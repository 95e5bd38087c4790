"""What a contestant keeps: every answer given, and what became of it.

On disk one JSON line per sitting: `{"session", "sitting", "admission_no", "answers": [{…}]}`, receipts as hex.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

KEPT = ("item", "seq", "response", "status", "stamp_us", "elapsed_us", "offset", "duplicate", "code")
PRESENTED = ("item", "seq", "response", "status", "stamp_us", "elapsed_us", "offset", "receipt")


@dataclass(slots=True)
class Given:
    """One answer. Moments are seconds of this machine's monotonic clock; `status` is empty until acknowledged."""

    item: int
    seq: int
    response: list[str]
    given_s: float
    connection: int = -1
    """The connection it was last sent on."""
    sent: int = 0
    acked_s: float = 0.0
    status: str = ""
    stamp_us: int = 0
    elapsed_us: int = 0
    offset: int = 0
    receipt: bytes = b""
    duplicate: bool = False
    code: str = ""

    def acknowledge(self, ack: dict[str, Any], now_s: float) -> bool:
        """Take an acknowledgement; return False when it says something else than an earlier one did."""
        if self.status:
            return self.status == ack["status"] and (
                self.stamp_us == ack["stamp_us"] and self.receipt == ack["receipt"] and self.offset == ack["offset"]
            )
        self.acked_s = now_s
        self.status = ack["status"]
        self.stamp_us = ack["stamp_us"]
        self.elapsed_us = ack["elapsed_us"]
        self.offset = ack["offset"]
        self.receipt = ack["receipt"]
        self.duplicate = ack["duplicate"]
        self.code = ack["code"]
        return True

    def presented(self) -> dict[str, Any]:
        """Return the acknowledged answer as `receipts` takes it."""
        return {name: getattr(self, name) for name in PRESENTED}


@dataclass(slots=True)
class Journal:
    """The answers of one sitting by seq."""

    admission_no: str
    session: int = 0
    sitting: int = 0
    answers: dict[int, Given] = field(default_factory=dict[int, Given])
    unacked: dict[int, Given] = field(default_factory=dict[int, Given])

    def give(self, item: int, response: list[str], now_s: float) -> Given:
        """Write a new answer down, with the next seq."""
        seq = len(self.answers) + 1
        given = Given(item, seq, response, now_s)
        self.answers[seq] = self.unacked[seq] = given
        return given

    @property
    def recorded(self) -> list[Given]:
        """The answers that the server says it has recorded, in order of seq."""
        return [given for given in self.answers.values() if given.receipt]

    def line(self) -> str:
        """Return the sitting's line for the file."""
        answers = [
            {name: getattr(given, name) for name in KEPT}
            | {
                "receipt": given.receipt.hex(),
                "sent": given.sent,
                "ack_ms": round((given.acked_s - given.given_s) * 1000, 3) if given.acked_s else None,
            }
            for given in self.answers.values()
        ]
        head = {"session": self.session, "sitting": self.sitting, "admission_no": self.admission_no}
        return json.dumps({**head, "answers": answers}, ensure_ascii=False)


def write(path: Path, journals: Iterable[Journal]) -> None:
    """Write all journals to `path`."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(journal.line() + "\n" for journal in journals)
