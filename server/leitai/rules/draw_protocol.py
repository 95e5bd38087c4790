"""The order in which a draw comes about, as values with one table of legal moves.

Announced with the lists and the name of a public value that does not exist yet → every party commits to a secret seed
→ the value is entered and confirmed by another → every party discloses its seed → drawn. Neither who holds a seed nor
who brings about the value can steer the outcome alone. A draw that is over is never done again: whoever wants another
announces the next number with a reason, and both stay published.

Nobody's act changes a value; each returns a new one or raises `DrawRefused`.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from types import MappingProxyType

from leitai.rules.draw import NominationList, ProvinceDraw, commitment, draw_all, read_value
from leitai.rules.rights import Act
from leitai.rules.selection import Algorithm, Source, key_string
from leitai.rules.stages import DrawState
from leitai.rules.values import ActorId, Micros

MIN_PARTIES = 2
MAX_PARTIES = 8
MAX_WORDS = 200
_DIGEST = re.compile(r"[0-9a-f]{64}")
_SEED = re.compile(r"(?:[0-9a-f]{2})+")


class DrawAct(Enum):
    """What is done to a draw."""

    ANNOUNCE = "announce"
    COMMIT = "commit"
    ENTER_VALUE = "enter_value"
    CONFIRM_VALUE = "confirm_value"
    REJECT_VALUE = "reject_value"
    DISCLOSE = "disclose"
    DRAW = "draw"
    ABANDON = "abandon"


@dataclass(frozen=True, slots=True)
class Move:
    """Where an act leads: `to`, or `at_last` when every party has done it with this one."""

    to: DrawState
    at_last: DrawState


def _move(to: DrawState, at_last: DrawState | None = None) -> Move:
    return Move(to, at_last or to)


_OPEN = (
    DrawState.ANNOUNCED,
    DrawState.COMMITTED,
    DrawState.VALUE_ENTERED,
    DrawState.VALUE_CONFIRMED,
    DrawState.DISCLOSED,
)
ENDED = frozenset({DrawState.DRAWN, DrawState.ABANDONED})
_OF_PARTIES = (DrawAct.COMMIT, DrawAct.DISCLOSE)
_TO_THE_END: dict[tuple[DrawState | None, DrawAct], Move] = {
    (None, DrawAct.ANNOUNCE): _move(DrawState.ANNOUNCED),
    (DrawState.ANNOUNCED, DrawAct.COMMIT): _move(DrawState.ANNOUNCED, DrawState.COMMITTED),
    (DrawState.COMMITTED, DrawAct.ENTER_VALUE): _move(DrawState.VALUE_ENTERED),
    (DrawState.VALUE_ENTERED, DrawAct.REJECT_VALUE): _move(DrawState.COMMITTED),
    (DrawState.VALUE_ENTERED, DrawAct.CONFIRM_VALUE): _move(DrawState.VALUE_CONFIRMED),
    (DrawState.VALUE_CONFIRMED, DrawAct.DISCLOSE): _move(DrawState.VALUE_CONFIRMED, DrawState.DISCLOSED),
    (DrawState.DISCLOSED, DrawAct.DRAW): _move(DrawState.DRAWN),
}
_GIVING_UP: dict[tuple[DrawState | None, DrawAct], Move] = {
    (state, DrawAct.ABANDON): _move(DrawState.ABANDONED) for state in _OPEN
}

MOVES: Mapping[tuple[DrawState | None, DrawAct], Move] = MappingProxyType(_TO_THE_END | _GIVING_UP)
"""Every legal move; the schema has the same table (`draw_move`)."""


ACTS: Mapping[DrawAct, Act] = MappingProxyType(
    {
        DrawAct.ANNOUNCE: Act.PREPARE_DRAW,
        DrawAct.ENTER_VALUE: Act.PREPARE_DRAW,
        DrawAct.DRAW: Act.PREPARE_DRAW,
        DrawAct.ABANDON: Act.PREPARE_DRAW,
        DrawAct.COMMIT: Act.WITNESS_DRAW,
        DrawAct.CONFIRM_VALUE: Act.WITNESS_DRAW,
        DrawAct.REJECT_VALUE: Act.WITNESS_DRAW,
        DrawAct.DISCLOSE: Act.WITNESS_DRAW,
    }
)
"""The right that a person needs for an act."""


class DrawRefused(Exception):
    """An act is not taken; `code` is one of wire.errors."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Notice:
    """What is announced, and never changed afterwards.

    Attributes:
        number: 1, 2, … within the contest.
        reason: why there is another draw; empty for the first.
        parties: the names of those who hold a seed, at least two.
        value_name: which public value, and how it is read.
        value_kind: `numbers` or `text`.
        known_from_us: before it nobody knows the value.
        places: how many are drawn of each province.
        lists: of every province, by code.
    """

    number: int
    reason: str
    parties: tuple[str, ...]
    value_name: str
    value_kind: str
    known_from_us: Micros
    places: int
    lists: tuple[NominationList, ...]
    algorithm: Algorithm = Algorithm.SHA256


@dataclass(frozen=True, slots=True)
class Event:
    """An act that was done.

    Attributes:
        party: the place of the party concerned, from 1; 0 for acts that concern all.
        content: a commitment, a seed in hexadecimal, a public value (`draw.read_value`), a reason, or nothing.
    """

    act: DrawAct
    actor: ActorId
    at_us: Micros
    party: int = 0
    content: str = ""


@dataclass(frozen=True, slots=True)
class Draw:
    """A draw as it stands: its notice and what was done since."""

    notice: Notice
    events: tuple[Event, ...] = ()
    state: DrawState | None = None
    """None: it is not announced yet."""

    def of_party(self, act: DrawAct, party: int) -> str:
        """Return what a party has given, a commitment or a seed; empty when it has not."""
        return next((one.content for one in self.events if one.act is act and one.party == party), "")

    @property
    def value(self) -> str:
        """The public value as it was confirmed; empty before."""
        return next((one.content for one in self.events if one.act is DrawAct.CONFIRM_VALUE), "")

    @property
    def entered(self) -> Event | None:
        """The public value that was entered last, and by whom."""
        return next((one for one in reversed(self.events) if one.act is DrawAct.ENTER_VALUE), None)

    @property
    def ended(self) -> bool:
        """Whether nothing can happen to it any more."""
        return self.state in ENDED


def announce(notice: Notice, actor: ActorId, at_us: Micros, earlier: Sequence[Draw] = ()) -> Draw:
    """Announce a draw; `earlier` are the contest's draws before it, by number. Raises `DrawRefused`."""
    if any(not one.ended for one in earlier):
        raise DrawRefused("draw-under-way")
    if notice.number != len(earlier) + 1:
        raise DrawRefused("draw-stale")
    if bool(notice.reason.strip()) != bool(earlier):
        raise DrawRefused("draw-reason-missing")
    names = [one.strip() for one in notice.parties]
    if not MIN_PARTIES <= len(set(names)) == len(names) <= MAX_PARTIES or not all(names):
        raise DrawRefused("draw-parties-few")
    written = (notice.reason, notice.value_name, *notice.parties)
    if not notice.value_name.strip() or any(len(one) > MAX_WORDS for one in written):
        raise DrawRefused("draw-value-unnamed")
    if notice.value_kind not in ("numbers", "text") or notice.places < 1:
        raise DrawRefused("draw-value-unnamed")
    codes = [one.delegation for one in notice.lists]
    if not codes or codes != sorted(set(codes)) or not all(one.sound for one in notice.lists):
        raise DrawRefused("draw-lists-unsound")
    return take(Draw(notice), Event(DrawAct.ANNOUNCE, actor, at_us))


def take(draw: Draw, event: Event, known: Collection[str] = ()) -> Draw:
    """Return the draw after an act; `known` are commitments of earlier draws, whose seeds are no secret.

    Raises `DrawRefused`.
    """
    move = MOVES.get((draw.state, event.act))
    if move is None or (draw.events and event.at_us < draw.events[-1].at_us):
        raise DrawRefused("draw-illegal-act")
    notice = draw.notice
    if event.act in (DrawAct.ANNOUNCE, DrawAct.COMMIT) and event.at_us >= notice.known_from_us:
        raise DrawRefused("draw-too-late")
    if event.act in _OF_PARTIES:
        if not 1 <= event.party <= len(notice.parties):
            raise DrawRefused("draw-party-unknown")
        if draw.of_party(event.act, event.party):
            raise DrawRefused("draw-party-done")
    elif event.party:
        raise DrawRefused("draw-party-unknown")
    _CHECKS.get(event.act, _nothing_to_say)(draw, event, known)
    done = sum(one.act is event.act for one in draw.events) + 1
    state = move.at_last if done == len(notice.parties) else move.to
    return replace(draw, events=(*draw.events, event), state=state)


def holds(draw: Draw, seen: int, act: DrawAct, party: int = 0) -> bool:
    """Return whether an act still means what it did when the draw had `seen` events.

    It does when nothing has happened since, or when other parties did the same for themselves: parties commit to their
    seeds and disclose them independently of each other, at once if they like.
    """
    since = draw.events[seen:]
    if seen > len(draw.events) or (since and act not in _OF_PARTIES):
        return False
    return all(one.act is act and one.party != party for one in since)


def outcome(draw: Draw) -> tuple[ProvinceDraw, ...]:
    """Draw every province. The draw is `DISCLOSED` or `DRAWN`; raises `DrawRefused` otherwise."""
    if draw.state not in (DrawState.DISCLOSED, DrawState.DRAWN):
        raise DrawRefused("draw-illegal-act")
    notice = draw.notice
    seeds = [draw.of_party(DrawAct.DISCLOSE, party) for party in range(1, len(notice.parties) + 1)]
    value = read_value(notice.value_kind, draw.value)
    return draw_all(
        notice.lists,
        notice.places,
        seed=bytes.fromhex("".join(seeds)),
        public_value=value,
        algorithm=notice.algorithm,
    )


# --- what single acts ask for ----------------------------------------------------------------------------------------


def _nothing_to_say(_draw: Draw, event: Event, _known: Collection[str]) -> None:
    if event.content:
        raise DrawRefused("draw-illegal-act")


def _commits(draw: Draw, event: Event, known: Collection[str]) -> None:
    if not _DIGEST.fullmatch(event.content):
        raise DrawRefused("draw-commitment-malformed")
    others = [one for one in draw.events if one.act is DrawAct.COMMIT]
    if event.content in known or any(one.content == event.content for one in others):
        raise DrawRefused("draw-commitment-known")
    # Whoever gave two commitments could know two seeds.
    if any(one.actor == event.actor for one in others):
        raise DrawRefused("draw-party-same-person")


def _enters(draw: Draw, event: Event, _known: Collection[str]) -> None:
    if event.at_us < draw.notice.known_from_us:
        raise DrawRefused("draw-value-not-yet")
    _value(draw, event)


def _confirms(draw: Draw, event: Event, _known: Collection[str]) -> None:
    entered = draw.entered
    assert entered is not None, "the table lets nobody confirm before"
    if entered.actor == event.actor:
        raise DrawRefused("draw-self-confirmation")
    if key_string([_value(draw, event)]) != key_string([_value(draw, entered)]):
        raise DrawRefused("draw-value-differs")


def _value(draw: Draw, event: Event) -> Source:
    try:
        return read_value(draw.notice.value_kind, event.content)
    except ValueError:
        raise DrawRefused("draw-value-malformed") from None


def _discloses(draw: Draw, event: Event, _known: Collection[str]) -> None:
    if not _SEED.fullmatch(event.content):
        raise DrawRefused("draw-seed-malformed")
    try:
        committed = commitment(bytes.fromhex(event.content))
    except ValueError:
        raise DrawRefused("draw-seed-malformed") from None
    if committed != draw.of_party(DrawAct.COMMIT, event.party):
        raise DrawRefused("draw-seed-wrong")


def _abandons(_draw: Draw, event: Event, _known: Collection[str]) -> None:
    if not event.content.strip() or len(event.content) > MAX_WORDS:
        raise DrawRefused("draw-reason-missing")


_CHECKS = {
    DrawAct.COMMIT: _commits,
    DrawAct.ENTER_VALUE: _enters,
    DrawAct.CONFIRM_VALUE: _confirms,
    DrawAct.DISCLOSE: _discloses,
    DrawAct.ABANDON: _abandons,
}
