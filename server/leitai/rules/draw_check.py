"""Checks the published record of a draw from the file alone (`docs/draw.md`): everything is computed again."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from leitai.rules.draw import lists_digest
from leitai.rules.draw_protocol import Draw, DrawAct, DrawRefused, DrawState, announce, outcome, take
from leitai.rules.selection import Step
from leitai.rules.transcript import BadTranscript, Record, read_record

CHECKS = ("file", "digest", "lists", "order", "earlier", "keys", "steps")
"""In the order in which they are made; each after `file` needs the ones before only where it says so."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of a check. `where` is the first place that does not hold: a member, a code, `n`th event or step."""

    check: str
    passed: bool
    where: str = ""


@dataclass(frozen=True, slots=True)
class Examined:
    """A file with what was found in it; `record` is None when it is no record at all."""

    findings: tuple[Finding, ...]
    record: Record | None = None
    ended: str = ""
    """`drawn` or `abandoned`, by its events."""

    @property
    def sound(self) -> bool:
        """Whether every check was made and holds."""
        return len(self.findings) == len(CHECKS) and all(one.passed for one in self.findings)


def examine(data: bytes) -> Examined:
    """Check a record; nothing is raised for whatever `data` is."""
    try:
        record = read_record(data)
    except BadTranscript as bad:
        return Examined((Finding("file", False, bad.field),))
    draw, event = _replayed(record)
    ended = draw.state.value if draw.state else ""
    findings = [
        Finding("file", True),
        Finding("digest", record.whole == record.computed),
        _found("lists", _lists, record),
        Finding("order", not event, event),
        _found("earlier", _earlier, record),
    ]
    if event:
        # Keys and places rest on seeds and value, which only a lawful order gives.
        findings += [Finding("keys", False, event), Finding("steps", False, event)]
    else:
        findings += [_found("keys", lambda one: _keys(one, draw), record)]
        findings += [_found("steps", lambda one: _steps(one, draw), record)]
    return Examined(tuple(findings), record, ended)


def _found(check: str, look: Callable[[Record], str], record: Record) -> Finding:
    where = look(record)
    return Finding(check, not where, where)


def _lists(record: Record) -> str:
    lists = record.transcript.draw.notice.lists
    for one, stated in zip(lists, record.lists, strict=True):
        if not one.sound or one.digest != stated:
            return one.delegation or "lists"
    codes = [one.delegation for one in lists]
    if not codes or codes != sorted(set(codes)) or record.all_lists != lists_digest(lists):
        return "lists_sha256"
    return ""


def _replayed(record: Record) -> tuple[Draw, str]:
    """Return the draw after its events, and which event the protocol does not allow (empty: none)."""
    transcript = record.transcript
    notice, events = transcript.draw.notice, transcript.draw.events
    draw = Draw(notice)
    for place, event in enumerate(events, start=1):
        try:
            if place == 1:
                if event.act is not DrawAct.ANNOUNCE:
                    return draw, "1"
                # Earlier draws are checked by themselves; here only what this one was announced with.
                first = replace(notice, number=1, reason="")
                draw = replace(announce(first, event.actor, event.at_us), notice=notice, events=(event,))
            else:
                draw = take(draw, event)
        except DrawRefused:
            return draw, str(place)
    return draw, "" if draw.ended else str(len(events) + 1)


def _earlier(record: Record) -> str:
    notice, earlier = record.transcript.draw.notice, record.transcript.earlier
    for place, one in enumerate(earlier, start=1):
        sound = len(one.digest) == 64 and set(one.digest) <= set("0123456789abcdef")
        if one.number != place or one.ended not in ("drawn", "abandoned") or not sound:
            return str(place)
    if notice.number != len(earlier) + 1 or bool(notice.reason.strip()) != bool(earlier):
        return "number"
    return ""


def _keys(record: Record, draw: Draw) -> str:
    provinces = record.transcript.provinces
    if draw.state is not DrawState.DRAWN:
        return "provinces" if provinces else ""
    expected = outcome(draw)
    if [one.delegation for one in provinces] != [one.delegation for one in expected]:
        return "provinces"
    return next((one.delegation for one, right in zip(provinces, expected, strict=True) if one.key != right.key), "")


def _steps(record: Record, draw: Draw) -> str:
    if draw.state is not DrawState.DRAWN:
        return ""
    expected = {one.delegation: one for one in outcome(draw)}
    for one in record.transcript.provinces:
        right = expected.get(one.delegation)
        if right is None:
            return one.delegation
        if one.steps != right.steps:
            return f"{one.delegation} {_first_difference(one.steps, right.steps)}"
        if one.drawn != right.drawn:
            return one.delegation
    return ""


def _first_difference(found: tuple[Step, ...], right: tuple[Step, ...]) -> int:
    pairs = zip(found, right, strict=False)
    shorter = min(len(found), len(right))
    return next((place for place, (one, other) in enumerate(pairs, start=1) if one != other), shorter + 1)
