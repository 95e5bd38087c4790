"""Words between operators and some contestants: notes to them, and what they ask.

Neither has a place in the feed, which is the same for everyone. Both travel in the session's events: every gateway
learns all notes, gives each sitting its own, and gives them again to whoever comes back; a note is known by its id.
"""

from collections import defaultdict
from collections.abc import Iterable

import msgspec
from msgspec import Struct

from leitai.live.ports import NOTE, QUESTION, SessionEvent, SittingEvent
from leitai.rules.values import Member, Micros, Phase, SittingId
from leitai.wire.codec import encode
from leitai.wire.messages import Audience, ServerNote

QUESTIONS_AT_MOST = 10
QUESTION_EVERY_US = 20_000_000
"""A sitting asks at most so many questions, and waits so long before the next."""
_KEPT = 20
_CONTROL = dict.fromkeys([*range(32), 127])
_OPEN = (Phase.LOBBY, Phase.RUNNING, Phase.PAUSED)


class Note(Struct, frozen=True, omit_defaults=True):
    """Words and whom they are for: a sitting, a room of a delegation, a delegation, or everybody (none of them)."""

    id: str
    at_us: int
    text: str
    question: str = ""
    """What was asked, where the words are the answer."""
    delegation: str = ""
    room: str = ""
    sitting: int = 0

    @property
    def audience(self) -> Audience:
        """How wide it goes."""
        if self.sitting:
            return Audience.SITTING
        if self.room:
            return Audience.ROOM
        return Audience.DELEGATION if self.delegation else Audience.ALL

    def reaches(self, member: Member) -> bool:
        """Whether it is for this contestant."""
        if self.sitting:
            return self.sitting == member.sitting_id
        if self.delegation and self.delegation != member.delegation:
            return False
        return not self.room or self.room == member.room

    def event(self) -> SessionEvent:
        """Return the event that carries it."""
        return SessionEvent(Micros(self.at_us), NOTE, msgspec.json.encode(self).decode())


_read = msgspec.json.Decoder(Note)


def read_note(event: SessionEvent) -> Note | None:
    """Return the note that an event carries; None when it carries none."""
    if event.kind != NOTE:
        return None
    try:
        return _read.decode(event.detail)
    except msgspec.MsgspecError:
        return None


class Notes:
    """All notes of a session, as one gateway knows them."""

    def __init__(self) -> None:
        self._notes: dict[str, tuple[Note, bytes]] = {}

    def learn(self, event: SessionEvent) -> tuple[Note, bytes] | None:
        """Take an event in; return a note that is new, and its frame."""
        note = read_note(event)
        if note is None or note.id in self._notes:
            return None
        frame = encode(ServerNote(note.id, note.at_us, note.text, note.audience, note.question))
        self._notes[note.id] = note, frame
        return note, frame

    def frames(self, member: Member) -> list[bytes]:
        """Return the newest notes for a contestant, in their order."""
        return [frame for note, frame in self._notes.values() if note.reaches(member)][-_KEPT:]


class Questions:
    """How much each sitting has asked, wherever it was connected."""

    def __init__(self) -> None:
        self._asked: defaultdict[SittingId, set[int]] = defaultdict(set)

    def learn(self, event: SittingEvent) -> None:
        """Take an event in, our own ones too; the same one twice counts once."""
        if event.kind == QUESTION:
            self._asked[event.sitting_id].add(event.at_us)

    def forget(self, event: SittingEvent) -> None:
        """A question that could not be recorded was not asked."""
        self._asked[event.sitting_id].discard(event.at_us)

    def left(self, sitting_id: SittingId) -> int:
        """Return how many more the sitting may ask."""
        return max(0, QUESTIONS_AT_MOST - len(self._asked.get(sitting_id, ())))

    def refusal(self, sitting_id: SittingId, text: str, phase: Phase, now_us: int) -> str:
        """Return the code for which a question is not taken; empty: it is."""
        if phase not in _OPEN:
            return "question-not-now"
        if not text:
            return "question-empty"
        asked: Iterable[int] = self._asked.get(sitting_id, ())
        if not self.left(sitting_id) or any(now_us - at_us < QUESTION_EVERY_US for at_us in asked):
            return "too-many-questions"
        return ""


def plain(text: str) -> str:
    """Return words without control characters, on one line."""
    return " ".join(text.translate({**_CONTROL, 9: " ", 10: " "}).split())
