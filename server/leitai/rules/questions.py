"""Questions of the bank: who may write, review, retire and lock them, and when (plan 四(一); 命题组 sets and reviews).

    write ─→ draft ── submit ──→ in review ── approve ──→ approved ── lock ──→ locked
               ↑ ↑────── recall ───┘ └──── return ──→ returned ── submit ──→ in review
               └── write, from draft, returned, approved and locked: another version

A question is its versions. Their words never change: whoever changes something writes another version, which begins
as a draft, while the newest approved one stays usable. Only the newest version is worked on; an approved one is locked
once a sealed paper holds it. A question as a whole is retired and restored, each for a reason.

Four eyes: nobody reviews a version when they wrote it, or any of those between the last approved one and it.

`QuestionRefused` is this module's only error; its `code` is stable and one of those of `wire.errors`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from types import MappingProxyType

from leitai.rules.rights import Act, Standing, may
from leitai.rules.stages import QuestionState
from leitai.rules.values import ActorId

MAX_REASON_CHARS = 500
MAX_COMMENT_CHARS = 2_000


class Move(Enum):
    """What is done with a question."""

    WRITE = "write"
    """Write a version, the first or another one."""
    SUBMIT = "submit"
    RECALL = "recall"
    """Take it back from the reviewers."""
    APPROVE = "approve"
    RETURN = "return"
    LOCK = "lock"
    """A sealed paper holds this version; done by the papers' part, never by a person."""
    RETIRE = "retire"
    RESTORE = "restore"


USABLE = frozenset({QuestionState.APPROVED, QuestionState.LOCKED})
"""What papers may be made of."""

MOVES: Mapping[tuple[QuestionState, Move], QuestionState] = MappingProxyType(
    {
        (QuestionState.DRAFT, Move.SUBMIT): QuestionState.IN_REVIEW,
        (QuestionState.RETURNED, Move.SUBMIT): QuestionState.IN_REVIEW,
        (QuestionState.IN_REVIEW, Move.RECALL): QuestionState.DRAFT,
        (QuestionState.IN_REVIEW, Move.APPROVE): QuestionState.APPROVED,
        (QuestionState.IN_REVIEW, Move.RETURN): QuestionState.RETURNED,
        (QuestionState.APPROVED, Move.LOCK): QuestionState.LOCKED,
        (QuestionState.LOCKED, Move.LOCK): QuestionState.LOCKED,
    }
)
"""What becomes of a version by each move that is legal."""

WRITABLE = frozenset({QuestionState.DRAFT, QuestionState.RETURNED, QuestionState.APPROVED, QuestionState.LOCKED})
"""Where the newest version may stand when another is written."""

ACTS: Mapping[Move, Act] = MappingProxyType(
    {
        Move.WRITE: Act.WRITE_QUESTIONS,
        Move.SUBMIT: Act.WRITE_QUESTIONS,
        Move.RECALL: Act.WRITE_QUESTIONS,
        Move.APPROVE: Act.REVIEW_QUESTIONS,
        Move.RETURN: Act.REVIEW_QUESTIONS,
        Move.RETIRE: Act.RETIRE_QUESTIONS,
        Move.RESTORE: Act.RETIRE_QUESTIONS,
    }
)
"""The right that a person needs for a move; no person locks."""

REASONED = frozenset({Move.RETURN, Move.RETIRE, Move.RESTORE})
"""Moves that say why."""


class QuestionRefused(Exception):
    """A move was refused for the reason that `code` names:

    - `forbidden`: the role does not have it;
    - `question-illegal-move`: the state does not allow it, or it is not the newest version;
    - `question-in-review`: it is being reviewed, and is taken back before it is changed;
    - `question-own-version`: four eyes;
    - `question-retired`, `question-not-retired`;
    - `question-reason-missing`, `question-reason-too-long`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class VersionRecord:
    """A version, as the law sees it: number from 1, who wrote (or imported) it, and where it stands."""

    no: int
    author: ActorId
    state: QuestionState


@dataclass(frozen=True, slots=True)
class QuestionRecord:
    """A question: its versions by number, without a gap; empty before the first is written."""

    versions: tuple[VersionRecord, ...] = ()
    retired: bool = False

    @property
    def newest(self) -> VersionRecord | None:
        """The version that is worked on."""
        return self.versions[-1] if self.versions else None

    @property
    def usable(self) -> VersionRecord | None:
        """The version that papers may take: the newest approved one of a question that is not retired."""
        return None if self.retired else next((one for one in reversed(self.versions) if one.state in USABLE), None)

    @property
    def state(self) -> QuestionState:
        """Where the question stands; a draft before there is any version."""
        if self.retired:
            return QuestionState.RETIRED
        return self.newest.state if self.newest else QuestionState.DRAFT

    def writers(self, no: int) -> frozenset[ActorId]:
        """Who wrote what is new in a version: it and those before it, back to the last approved one."""
        found: set[ActorId] = set()
        for one in reversed(self.versions[:no]):
            if one.no < no and one.state in USABLE:
                break
            found.add(one.author)
        return frozenset(found)


@dataclass(frozen=True, slots=True)
class Editor:
    """Who acts: the login, and in what capacity."""

    actor: ActorId
    standing: Standing


def refusal(question: QuestionRecord, move: Move, editor: Editor) -> str | None:
    """Return why somebody may not make a move on the newest version, as a code; None: it may be made.

    The reason that the move has to give is not looked at: a page asks this before there is any.
    """
    act = ACTS.get(move)
    if act is None or not may(editor.standing, act):
        return "forbidden"
    if move is Move.RESTORE:
        return None if question.retired else "question-not-retired"
    if question.retired:
        return "question-retired"
    newest = question.newest
    if move is Move.WRITE:
        if newest is None or newest.state in WRITABLE:
            return None
        return "question-in-review"
    if newest is None:
        return "question-illegal-move"
    if move is Move.RETIRE:
        return None
    if (newest.state, move) not in MOVES:
        return "question-illegal-move"
    if ACTS[move] is Act.REVIEW_QUESTIONS and editor.actor in question.writers(newest.no):
        return "question-own-version"
    return None


def apply(question: QuestionRecord, move: Move, editor: Editor, reason: str = "") -> QuestionRecord:
    """Return the question after somebody's move on its newest version.

    Raises:
        QuestionRefused: see there; nothing changed.
    """
    code = refusal(question, move, editor)
    if code is not None:
        raise QuestionRefused(code)
    if move in REASONED and not reason.strip():
        raise QuestionRefused("question-reason-missing")
    if len(reason) > MAX_REASON_CHARS:
        raise QuestionRefused("question-reason-too-long")
    if move in (Move.RETIRE, Move.RESTORE):
        return replace(question, retired=move is Move.RETIRE)
    if move is Move.WRITE:
        written = VersionRecord(len(question.versions) + 1, editor.actor, QuestionState.DRAFT)
        return replace(question, versions=(*question.versions, written))
    return _moved(question, len(question.versions), move)


def lock(question: QuestionRecord, no: int) -> QuestionRecord:
    """Return the question once a sealed paper holds its version `no`, which need not be the newest.

    A question that was retired meanwhile is locked all the same: the paper holds it.

    Raises:
        QuestionRefused: `question-illegal-move`, the version was never approved.
    """
    if not 1 <= no <= len(question.versions) or question.versions[no - 1].state not in USABLE:
        raise QuestionRefused("question-illegal-move")
    return _moved(question, no, Move.LOCK)


def _moved(question: QuestionRecord, no: int, move: Move) -> QuestionRecord:
    old = question.versions[no - 1]
    new = replace(old, state=MOVES[old.state, move])
    return replace(question, versions=(*question.versions[: no - 1], new, *question.versions[no:]))
