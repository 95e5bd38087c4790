"""The chain of the audit, recomputed: each entry's hash is SHA-256 over the hash before it and the entry as JSON.

The JSON is PostgreSQL's text of `jsonb_build_array(no, epoch, actor, action, subject, detail)`: `, ` between members,
strings escaped as JSON asks at least, `epoch` the moment in seconds with six decimals as a string, `detail` as jsonb
writes itself.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from leitai.rules.values import Micros

NOTHING = b""
"""The hash before the first entry."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as stored; `at` in seconds since the epoch and `detail` as the database writes them."""

    no: int
    at: str
    actor: str
    action: str
    subject: str
    detail: str
    hash: bytes

    @property
    def at_us(self) -> Micros:
        """When, in microseconds; 0 for what is no time."""
        seconds, _, fraction = self.at.partition(".")
        digits = seconds + fraction.ljust(6, "0")[:6]
        return Micros(int(digits)) if digits.isdecimal() else Micros(0)


def entry_hash(before: bytes, entry: Entry) -> bytes:
    """Return the hash that an entry must have after `before`."""
    words = ", ".join(
        json.dumps(one, ensure_ascii=False) for one in (entry.at, entry.actor, entry.action, entry.subject)
    )
    said = f"[{entry.no}, {words}, {entry.detail}]"
    return hashlib.sha256(before + said.encode("utf-8", "surrogatepass")).digest()


class Fault(Enum):
    """What is wrong at an entry."""

    CHANGED = "changed"
    """Its hash does not follow from it and the one before: it was changed, or what stood before it was."""
    GAP = "gap"
    """Its number does not follow the one before: something was taken out, put in or moved."""


@dataclass(frozen=True, slots=True)
class Break:
    """An entry that does not follow from those before it."""

    no: int
    fault: Fault


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry and its hash: published, it shows later whether the end was cut off."""

    no: int
    hash: bytes


class ChainCheck:
    """Takes entries in, in order of their numbers, and gathers what does not follow."""

    def __init__(self) -> None:
        self.head = Head(0, NOTHING)
        self.breaks: list[Break] = []
        self._wanted: dict[int, bytes] = {}
        self.differing: list[Head] = []
        """Published heads that the entry of their number does not have."""

    def expect(self, heads: Iterable[Head]) -> None:
        """Have published heads compared with the entries to come."""
        for head in heads:
            if self._wanted.setdefault(head.no, head.hash) != head.hash:
                self.differing.append(head)

    def take(self, entries: Iterable[Entry]) -> None:
        """Take the next entries in."""
        for entry in entries:
            if entry.no != self.head.no + 1:
                self.breaks.append(Break(entry.no, Fault.GAP))
            elif entry_hash(self.head.hash, entry) != entry.hash:
                self.breaks.append(Break(entry.no, Fault.CHANGED))
            wanted = self._wanted.pop(entry.no, None)
            if wanted is not None and wanted != entry.hash:
                self.differing.append(Head(entry.no, wanted))
            self.head = Head(entry.no, entry.hash)

    def missing(self) -> list[Head]:
        """Return published heads whose entry never came: the audit was cut short, or it is another one."""
        return [Head(no, wanted) for no, wanted in sorted(self._wanted.items()) if no]
