"""The judgement of one contestant's contest: the own journal against what the server publishes after the end.

Each check returns what is wrong, in words; nothing means that it holds.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from leitai_loadtest.journal import Given, Journal


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that one contestant knows in the end."""

    journal: Journal
    contradictions: list[str]
    """Acknowledgements that said something else than an earlier one, or were of nothing that was sent."""
    first_counts: bool
    """The first answer to an item counts (streamed); else the last."""
    summed: bool
    """Elapsed time is the sum over the items (streamed); else the greatest."""
    windows_us: dict[int, int]
    """Length of every item's window."""
    result: dict[str, Any]
    """The own result, as the results page shows it."""
    snapshot: dict[str, Any] = field(default_factory=dict[str, Any])
    """What a page that is loaded again after the end gets."""
    own: dict[str, Any] | None = None
    """What the contestant was last told of the own score and rank; None: the contest does not show it."""
    standing: dict[str, Any] | None = None
    """The own row of the published standings."""
    row: dict[str, Any] | None = None
    """The own row of the public board."""
    frozen: bool = False
    """The public board shows an earlier moment."""


def lost(evidence: Evidence) -> list[str]:
    """Answers that were not acknowledged, or acknowledged and not published as acknowledged."""
    problems = [
        f"item {given.item} seq {given.seq}: never acknowledged"
        for given in evidence.journal.answers.values()
        if not given.status
    ]
    published = {item["item"]: item for item in evidence.result["items"]}
    held = {
        ack["item"]: (ack["seq"], ack["status"], ack["stamp_us"], ack["offset"], ack["receipt"])
        for ack in evidence.snapshot.get("answers", [])
    }
    for item, given in shown(evidence).items():
        if not _published_as(given, published.get(item, {})):
            problems.append(f"item {item} seq {given.seq}: {given.status} at {given.stamp_us}, and not published so")
        known = (given.seq, given.status, given.stamp_us, given.offset, given.receipt)
        if held.get(item) != known:
            problems.append(f"item {item} seq {given.seq}: acknowledged, and a page loaded again gets {held.get(item)}")
    return problems


def doubled(evidence: Evidence) -> list[str]:
    """Answers that exist or count more than once, or that nobody gave."""
    problems = list(evidence.contradictions)
    recorded = evidence.journal.recorded
    offsets = Counter(given.offset for given in recorded)
    problems += [f"offset {offset}: {count} answers" for offset, count in offsets.items() if count > 1]
    if evidence.first_counts:
        accepted = Counter(given.item for given in recorded if given.status == "accepted")
        problems += [f"item {item}: {count} accepted answers" for item, count in accepted.items() if count > 1]
    stamps = {(given.item, given.stamp_us) for given in recorded}
    items = evidence.result["items"]
    problems += [
        f"item {item['item']}: an answer of {item['stamp_us']} that was never given"
        for item in items
        if item["status"] and (item["item"], item["stamp_us"]) not in stamps
    ]
    points = sum(item["centipoints"] for item in items)
    if points != evidence.result["centipoints"]:
        problems.append(f"{evidence.result['centipoints']} centipoints in all, {points} by the items")
    elapsed_us = _elapsed_us(evidence)
    if elapsed_us != evidence.result["elapsed_us"]:
        problems.append(f"{evidence.result['elapsed_us']} µs in all, {elapsed_us} by the acknowledgements")
    return problems


def misplaced(evidence: Evidence) -> list[str]:
    """Places where the own score or rank differs from the result's."""
    result = evidence.result
    places = {"standings": evidence.standing}
    if not evidence.frozen:
        places["board"] = evidence.row
    if evidence.own is not None:
        places["own rank"] = evidence.own
    problems: list[str] = []
    for name, place in places.items():
        if place is None:
            problems.append(f"missing from the {name}")
            continue
        problems += [
            f"{key} {place[key]} by the {name}, {result[key]} by the result"
            for key in ("rank", "centipoints")
            if place[key] != result[key]
        ]
    if evidence.standing is not None and evidence.standing["elapsed_us"] != result["elapsed_us"]:
        problems.append(f"elapsed {evidence.standing['elapsed_us']} by the standings, {result['elapsed_us']}")
    return problems


CHECKS: dict[str, Callable[[Evidence], list[str]]] = {
    "nothing lost": lost,
    "nothing doubled": doubled,
    "rank is right": misplaced,
}


def counted(evidence: Evidence) -> dict[int, Given]:
    """Return the answer that counts of each item that has one."""
    found: dict[int, Given] = {}
    for given in sorted(evidence.journal.recorded, key=lambda given: given.offset):
        if given.status == "accepted" and (given.item not in found or not evidence.first_counts):
            found[given.item] = given
    return {item: given for item, given in found.items() if given.response or evidence.first_counts}


def shown(evidence: Evidence) -> dict[int, Given]:
    """Return the answer that a result shows of each item: the one that counts, else the last late or early one."""
    found = {
        given.item: given
        for given in sorted(evidence.journal.recorded, key=lambda given: given.offset)
        if given.status in ("late", "early")
    }
    return found | counted(evidence)


def _published_as(given: Given, item: dict[str, Any]) -> bool:
    return all(item.get(name) == getattr(given, name) for name in ("response", "status", "stamp_us", "elapsed_us"))


def _elapsed_us(evidence: Evidence) -> int:
    given = counted(evidence)
    if evidence.summed:
        return sum(given[item].elapsed_us if item in given else length for item, length in evidence.windows_us.items())
    return max((one.elapsed_us for one in given.values()), default=max(evidence.windows_us.values(), default=0))
