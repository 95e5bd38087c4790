"""The record of a draw, to be published and read back by anyone (`docs/draw.md`).

Errors:
    BadTranscript   what was read is no transcript; its `field` says where
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from leitai.rules.draw import MAX_NUMBER, NominationList, ProvinceDraw, lists_digest
from leitai.rules.draw_protocol import Draw, DrawAct, DrawState, Event, Notice, outcome
from leitai.rules.selection import Algorithm, Step
from leitai.rules.values import ActorId, DelegationCode, Micros

FORMAT = "leitai-draw-2"


class BadTranscript(Exception):
    """Not a transcript: not JSON, or a part is missing, unknown or of the wrong kind.

    Attributes:
        field: the part it was found in, "" for the whole.
    """

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


@dataclass(frozen=True, slots=True)
class Earlier:
    """A draw of the same contest before this one: how it ended, and the digest of its record."""

    number: int
    ended: str
    digest: str


@dataclass(frozen=True, slots=True)
class Transcript:
    """Everything that a draw rests on and what came of it, or that it was abandoned.

    Attributes:
        title: of the contest.
        year: of the contest.
        draw: its notice and events; people are numbered in the order in which they first act.
        earlier: the draws before it, by number.
        provinces: what came of it, by code; nothing where it was abandoned.
    """

    title: str
    year: int
    draw: Draw
    earlier: tuple[Earlier, ...]
    provinces: tuple[ProvinceDraw, ...]

    def content(self) -> dict[str, object]:
        """Return the members of the record except its own digest."""
        notice = self.draw.notice
        return {
            "format": FORMAT,
            "contest": {"title": self.title, "year": self.year},
            "number": notice.number,
            "reason": notice.reason,
            "earlier": [{"number": one.number, "ended": one.ended, "sha256": one.digest} for one in self.earlier],
            "algorithm": notice.algorithm.value,
            "places": notice.places,
            "parties": list(notice.parties),
            "public_value": {
                "name": notice.value_name,
                "kind": notice.value_kind,
                "known_from_us": notice.known_from_us,
            },
            "lists": [
                {"delegation": one.delegation, "name": one.name, "nominated": list(one.ids), "sha256": one.digest}
                for one in notice.lists
            ],
            "lists_sha256": lists_digest(notice.lists),
            "events": [
                {
                    "act": one.act.value,
                    "at_us": one.at_us,
                    "person": int(one.actor),
                    "party": one.party,
                    "content": one.content,
                }
                for one in self.draw.events
            ],
            "provinces": [
                {
                    "delegation": one.delegation,
                    "key": one.key,
                    "steps": [{"digest": step.digest, "left": step.left, "place": step.place} for step in one.steps],
                    "drawn": list(one.drawn),
                }
                for one in self.provinces
            ],
        }

    @property
    def digest(self) -> str:
        """What names the record: SHA-256 of its canonical form without this member."""
        return hashlib.sha256(canonical(self.content())).hexdigest()

    def to_json(self) -> bytes:
        """Return the record in its canonical form. Equal transcripts give equal bytes."""
        return canonical({**self.content(), "sha256": self.digest})


def canonical(content: object) -> bytes:
    """Return JSON in UTF-8 with sorted keys, no blanks, integers only, and nothing escaped that need not be."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def transcript_of(title: str, year: int, draw: Draw, earlier: Sequence[Earlier]) -> Transcript:
    """Return the record of a draw that has ended; who did what becomes a number."""
    people: dict[ActorId, ActorId] = {}
    for event in draw.events:
        people.setdefault(event.actor, ActorId(str(len(people) + 1)))
    events = tuple(replace(one, actor=people[one.actor]) for one in draw.events)
    provinces = outcome(draw) if draw.state is DrawState.DRAWN else ()
    return Transcript(title, year, replace(draw, events=events), tuple(earlier), provinces)


@dataclass(frozen=True, slots=True)
class Record:
    """What was read: the transcript, the digests that the file itself states, and what `whole` should be."""

    transcript: Transcript
    lists: tuple[str, ...]
    all_lists: str
    whole: str
    computed: str


def read_record(text: bytes) -> Record:
    """Read what `to_json` wrote. Whether it is true is for `rules.draw_check` to say; the draw has no state yet.

    Raises:
        BadTranscript: it is nothing of the kind, or not byte for byte in its canonical form.
    """
    try:
        content: object = json.loads(text.decode())
        if canonical(content) != text:
            raise BadTranscript("")
    except (ValueError, RecursionError):
        raise BadTranscript("") from None
    reader = _Reader("", content)
    if reader.take("format") != FORMAT:
        raise BadTranscript("format")
    contest = reader.inner("contest")
    value = reader.inner("public_value")
    try:
        algorithm = Algorithm(reader.text("algorithm"))
    except ValueError:
        raise BadTranscript("algorithm") from None
    listed = [_listed(one) for one in reader.inners("lists")]
    notice = Notice(
        reader.number("number"),
        reader.text("reason"),
        reader.texts("parties"),
        value.text("name"),
        value.text("kind"),
        Micros(value.number("known_from_us")),
        reader.number("places"),
        tuple(one for one, _ in listed),
        algorithm,
    )
    transcript = Transcript(
        contest.text("title"),
        contest.number("year"),
        Draw(notice, tuple(_event(one) for one in reader.inners("events"))),
        tuple(_earlier(one) for one in reader.inners("earlier")),
        tuple(_province(one) for one in reader.inners("provinces")),
    )
    record = Record(
        transcript,
        tuple(digest for _, digest in listed),
        reader.text("lists_sha256"),
        reader.text("sha256"),
        hashlib.sha256(canonical(reader.without("sha256"))).hexdigest(),
    )
    for one in (contest, value, reader):
        one.finish()
    return record


def _listed(reader: "_Reader") -> tuple[NominationList, str]:
    """Return a list with the digest that the file states of it."""
    one = NominationList(DelegationCode(reader.text("delegation")), reader.text("name"), reader.texts("nominated"))
    stated = reader.text("sha256")
    reader.finish()
    return one, stated


def _earlier(reader: "_Reader") -> Earlier:
    earlier = Earlier(reader.number("number"), reader.text("ended"), reader.text("sha256"))
    reader.finish()
    return earlier


def _event(reader: "_Reader") -> Event:
    try:
        act = DrawAct(reader.text("act"))
    except ValueError:
        raise BadTranscript("events") from None
    event = Event(
        act,
        ActorId(str(reader.number("person"))),
        Micros(reader.number("at_us")),
        reader.number("party"),
        reader.text("content"),
    )
    reader.finish()
    return event


def _province(reader: "_Reader") -> ProvinceDraw:
    taken: list[Step] = []
    for one in reader.inners("steps"):
        taken.append(Step(one.text("digest"), one.number("left"), one.number("place")))
        one.finish()
    province = ProvinceDraw(
        DelegationCode(reader.text("delegation")), reader.text("key"), tuple(taken), reader.texts("drawn")
    )
    reader.finish()
    return province


class _Reader:
    """Takes the parts of a JSON object one by one, each of the kind asked for; `field` is where it stands."""

    def __init__(self, field: str, content: object) -> None:
        if not isinstance(content, dict):
            raise BadTranscript(field)
        self._field = field
        self._whole = cast("Mapping[str, object]", content)
        self._left = dict(self._whole)

    def take(self, name: str) -> object:
        if name not in self._left:
            raise BadTranscript(self._field or name)
        return self._left.pop(name)

    def text(self, name: str) -> str:
        return self._text(name, self.take(name))

    def number(self, name: str) -> int:
        value = self.take(name)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_NUMBER:
            raise BadTranscript(self._field or name)
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        return tuple(self._text(name, value) for value in self._list(name))

    def inner(self, name: str) -> "_Reader":
        return _Reader(self._field or name, self.take(name))

    def inners(self, name: str) -> list["_Reader"]:
        return [_Reader(self._field or name, value) for value in self._list(name)]

    def without(self, name: str) -> dict[str, object]:
        """Return the object as it was read, but for a member."""
        return {one: value for one, value in self._whole.items() if one != name}

    def finish(self) -> None:
        for name in self._left:
            raise BadTranscript(self._field or name)

    def _list(self, name: str) -> list[object]:
        value = self.take(name)
        if not isinstance(value, list):
            raise BadTranscript(self._field or name)
        return cast("list[object]", value)

    def _text(self, name: str, value: object) -> str:
        if not isinstance(value, str):
            raise BadTranscript(self._field or name)
        return value
