"""The reveal (滚榜): from the last place up, with awards called out as their last holder is shown.

A reveal is a fixed list of steps and how many of them are shown. The director's keys move that number; it can be set
down and taken up again after a reload, as long as the list is the same.

`RevealRefused` is this module's only error; its `code` is stable and one of those of `wire.errors`.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from leitai.rules.honours import AwardName, Awards
from leitai.rules.outcomes import Outcome
from leitai.rules.values import DelegationCode, Micros, SittingId


class Group(Enum):
    """Whose places are revealed."""

    DELEGATIONS = "delegations"
    INDIVIDUALS = "individuals"
    PROVINCE = "province"
    """The individuals of one delegation, ranked among themselves."""


class RevealRefused(Exception):
    """A move was refused for the reason that `code` names: `reveal-at-end`, `reveal-at-start`, `reveal-no-such-step`,
    `reveal-changed` (what was set down belongs to another list), or `reveal-not-begun` (nothing is set down).
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Place:
    """A step that shows one place."""

    rank: int
    delegation: DelegationCode
    sitting_id: SittingId | None
    """None in a reveal of delegations."""
    name: str
    centipoints: int
    elapsed_us: Micros
    awards: tuple[AwardName, ...]


@dataclass(frozen=True, slots=True)
class CallOut:
    """A step that calls out an award with all who hold it, best first, once the best of them is shown."""

    award: AwardName
    places: tuple[Place, ...]


Step = Place | CallOut


@dataclass(frozen=True, slots=True)
class Reveal:
    """How far a reveal is. Moves give a new one; a refused move changes nothing."""

    steps: tuple[Step, ...]
    shown: int = 0
    """How many steps are shown, from the first."""
    playing: bool = False
    """Steps follow each other by themselves; a pause ends that."""

    @property
    def current(self) -> Step | None:
        """The step shown last; None before the first."""
        return self.steps[self.shown - 1] if self.shown else None

    @property
    def digest(self) -> str:
        """SHA-256 of the list of steps: by what a reveal is known again."""
        return hashlib.sha256(repr(self.steps).encode()).hexdigest()

    def next(self) -> "Reveal":
        """One step further; after the last one nothing plays any more. Raises `RevealRefused`."""
        if self.shown == len(self.steps):
            raise RevealRefused("reveal-at-end")
        return replace(self, shown=self.shown + 1, playing=self.playing and self.shown + 1 < len(self.steps))

    def back(self) -> "Reveal":
        """One step back, and paused: whoever goes back wants to look. Raises `RevealRefused`."""
        if self.shown == 0:
            raise RevealRefused("reveal-at-start")
        return replace(self, shown=self.shown - 1, playing=False)

    def jump(self, shown: int) -> "Reveal":
        """To where `shown` steps are shown, and paused. Raises `RevealRefused`."""
        if not 0 <= shown <= len(self.steps):
            raise RevealRefused("reveal-no-such-step")
        return replace(self, shown=shown, playing=False)

    def play(self) -> "Reveal":
        """Let steps follow by themselves. Raises `RevealRefused`."""
        if self.shown == len(self.steps):
            raise RevealRefused("reveal-at-end")
        return replace(self, playing=True)

    def pause(self) -> "Reveal":
        """Stay at this step."""
        return replace(self, playing=False)

    def set_down(self) -> str:
        """How far it is, as JSON, for `take_up`."""
        return json.dumps({"digest": self.digest, "shown": self.shown}, separators=(",", ":"))


def take_up(steps: Sequence[Step], set_down: str) -> Reveal:
    """The reveal that was set down, paused.

    Raises:
        RevealRefused: it belongs to another list of steps, or is no reveal.
    """
    reveal = Reveal(tuple(steps))
    try:
        held = json.loads(set_down)
        digest, shown = held["digest"], int(held["shown"])
    except (ValueError, TypeError, KeyError):
        raise RevealRefused("reveal-changed") from None
    if digest != reveal.digest:
        raise RevealRefused("reveal-changed")
    return reveal.jump(shown)


def steps(
    outcome: Outcome,
    awards: Awards,
    group: Group,
    names: Mapping[DelegationCode, str],
    *,
    delegation: DelegationCode | None = None,
    best: int | None = None,
) -> tuple[Step, ...]:
    """The steps of a reveal, from the last place up.

    Args:
        names: of the delegations.
        delegation: whose individuals, for `Group.PROVINCE`.
        best: reveal no more than so many places; equals of the last of them are revealed too.
    """
    if group is Group.DELEGATIONS:
        places = _delegations(outcome, awards, names)
    else:
        places = _individuals(outcome, awards, delegation if group is Group.PROVINCE else None)
    if best is not None and len(places) > best:
        last_rank = places[best - 1].rank if best > 0 else 0
        places = [place for place in places if place.rank <= last_rank]
    return tuple(_with_call_outs(places))


def _delegations(outcome: Outcome, awards: Awards, names: Mapping[DelegationCode, str]) -> list[Place]:
    held = {award.delegation: award.kind for award in awards.teams}
    return [
        Place(
            standing.rank,
            standing.delegation,
            None,
            names.get(standing.delegation, standing.delegation),
            standing.centipoints,
            standing.elapsed_us,
            (held[standing.delegation],) if standing.delegation in held else (),
        )
        for standing in outcome.delegations
    ]


def _individuals(outcome: Outcome, awards: Awards, delegation: DelegationCode | None) -> list[Place]:
    held: dict[SittingId, list[AwardName]] = {}
    for award in awards.persons:
        held.setdefault(award.sitting_id, []).append(award.kind)
    members = {member.sitting_id: member for member in outcome.members}
    places: list[Place] = []
    first_of_rank: dict[int, int] = {}
    for standing in outcome.individuals:
        score = standing.score
        member = members[score.sitting_id]
        if member.absent or (delegation is not None and member.delegation != delegation):
            continue
        rank = standing.rank if delegation is None else first_of_rank.setdefault(standing.rank, len(places) + 1)
        places.append(
            Place(
                rank,
                member.delegation,
                score.sitting_id,
                member.name,
                score.centipoints,
                score.elapsed_us,
                tuple(held.get(score.sitting_id, ())),
            )
        )
    return places


def _with_call_outs(places: Sequence[Place]) -> Iterable[Step]:
    holders: dict[AwardName, list[Place]] = {}
    for place in places:
        for award in place.awards:
            holders.setdefault(award, []).append(place)
    for place in reversed(places):
        yield place
        for award in place.awards:
            if holders[award][0] is place:
                yield CallOut(award, tuple(holders[award]))
