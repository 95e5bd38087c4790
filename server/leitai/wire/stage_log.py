"""The log of a stage as it is kept: an entry of `rules.stage_events` beside what the audience may know of it.

In the ledger an entry is a MessagePack array `[seq, at_us, actor, kind, body]`, of which the body is a map of the
event's members; the texts of a question follow it once it is shown, its key once it is revealed, and never before. The
script that records presses writes entries of the same form.
"""

from typing import Any, NamedTuple, cast

import msgspec
from msgspec import Struct

from leitai.rules import stage_events as e
from leitai.rules.stage_events import Entry, Event
from leitai.rules.values import Micros
from leitai.wire.messages import ItemMedia, ItemOption

KINDS: dict[str, type[Any]] = {
    "stage_begun": e.StageBegun,
    "round_begun": e.RoundBegun,
    "stake_chosen": e.StakeChosen,
    "run_begun": e.RunBegun,
    "question_shown": e.QuestionShown,
    "buzzer_opened": e.BuzzerOpened,
    "pressed": e.Pressed,
    "timer_set": e.TimerSet,
    "film_set": e.FilmSet,
    "judged": e.Judged,
    "revealed": e.Revealed,
    "awarded": e.Awarded,
    "withdrawn": e.Withdrawn,
    "vote_opened": e.VoteOpened,
    "vote_closed": e.VoteClosed,
    "stage_ended": e.StageEnded,
}
"""Every kind of event by its name in the log."""
_NAMES = {kind: name for name, kind in KINDS.items()}


class StageSeat(NamedTuple):
    """A device that has joined: a team's desk, or a screen when `team` is 0."""

    stage_id: int
    team: int
    edition: str
    """Of the code that let it in; whoever makes new codes puts the devices of old ones out."""


class StageText(Struct, frozen=True):
    """What everybody may read and see of a question: no key, no explanation. `media`: what it shows, in its order."""

    type: str
    stem: str
    options: list[ItemOption] = []
    parts: list[str] = []
    media: list[ItemMedia] = []


class StageKey(Struct, frozen=True):
    """The right answer: option ids or `T`/`F`, or the accepted texts of each blank; and why."""

    options: list[str] = []
    texts: list[list[str]] = []
    explanation: str = ""


class KeptEntry(Struct, frozen=True, array_like=True):
    """An entry in its kept form; `text` and `key` are told with it."""

    seq: int
    at_us: int
    actor: str
    kind: str
    body: dict[str, Any]
    text: StageText | None = None
    key: StageKey | None = None

    def entry(self) -> Entry:
        """Return the entry of the law; raises `msgspec.ValidationError` for one that is none."""
        kind = KINDS.get(self.kind)
        if kind is None:
            raise msgspec.ValidationError(f"no event is called {self.kind!r}")
        return Entry(self.seq, Micros(self.at_us), self.actor, cast("Event", msgspec.convert(self.body, kind)))


def kept(entry: Entry, text: StageText | None = None, key: StageKey | None = None) -> KeptEntry:
    """Return the kept form of an entry."""
    # As it comes back from either store, so that an entry is equal to itself wherever it was.
    body = msgspec.msgpack.decode(msgspec.msgpack.encode(entry.event))
    return KeptEntry(entry.seq, entry.at_us, entry.actor, kind_of(entry.event), body, text, key)


def kind_of(event: Event) -> str:
    """Return the name of an event in the log."""
    return _NAMES[type(event)]


pack_entry = msgspec.msgpack.Encoder().encode
unpack_entry = msgspec.msgpack.Decoder(KeptEntry).decode
"""Read an entry as it is kept; raises `msgspec.DecodeError`."""
