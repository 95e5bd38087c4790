"""What the papers' office needs from its store, with the records it speaks in. stores/postgres/paper_store has it.

Every call may raise `StoreUnavailable`; each writing call is one transaction that takes the paper first, so that two
who act at once act one after the other, and the second is refused if the first changed what it rested on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from leitai.office.bank import Question
from leitai.office.ports import AuditLog
from leitai.rules.assembly import Placed
from leitai.rules.blueprints import Blueprint, Candidate
from leitai.rules.papers import PaperActKind, PaperStanding, PaperState
from leitai.rules.values import ActorId, ItemNo


class PaperRefused(Exception):
    """An act on a paper is not taken: `code` of wire.errors."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class StoredBlueprint:
    """A blueprint that is kept for further papers. `version` counts its changes."""

    blueprint_id: int
    title: str
    blueprint: Blueprint
    version: int
    actor: ActorId
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Replacement:
    """An item that was replaced, and why."""

    item_no: ItemNo
    removed: int
    """The question that was taken off."""
    put: int
    how: Literal["drawn", "by_hand"]
    reason: str
    actor: ActorId


@dataclass(frozen=True, slots=True)
class PaperContents:
    """What a paper is made of. Secret from the first moment: it stands in the store encrypted only.

    Args:
        seed: repeats the assembly from the same bank and blueprint.
        bank_state: `rules.assembly.bank_state` of the bank it was assembled from.
        blueprint: the plan, as it was then.
        places: the questions, in order of the items.
        replacements: what was replaced, in order.
    """

    seed: str
    bank_state: bytes
    blueprint: Blueprint
    places: tuple[Placed, ...]
    replacements: tuple[Replacement, ...] = ()


@dataclass(frozen=True, slots=True)
class PaperHead:
    """A paper in short: nothing that tells one question from another."""

    paper_id: int
    title: str
    standing: PaperStanding
    items: int
    centipoints: int
    seconds: int
    created_at: datetime
    session: str = ""
    """The newest session that plays it."""


@dataclass(frozen=True, slots=True)
class LoggedAct:
    """Something done with a paper, with the reason where one was given."""

    kind: PaperActKind
    edition: int
    actor: ActorId
    at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody looked at a paper's questions, from the audit."""

    actor: str
    at: datetime
    edition: int
    what: str
    """`view-paper`, `view-paper-fits`, or a refused look."""


@dataclass(frozen=True, slots=True)
class PaperFile:
    """A file of the bank (by its SHA-256, hexadecimal) that a question of a paper shows, and the words for it.

    `width` and `height` are a picture's in pixels, 0 of a film.
    """

    media: str
    type: str
    width: int
    height: int
    caption: str


class PaperStore(AuditLog, Protocol):
    """Papers and blueprints as they are kept."""

    async def blueprints(self) -> list[StoredBlueprint]:
        """Return the blueprints, the newest first."""
        ...

    async def save_blueprint(
        self, actor: ActorId, title: str, blueprint: Blueprint, blueprint_id: int = 0, version: int = 0
    ) -> int:
        """Keep a new blueprint (id 0) or another version of one, and return its id.

        Raises:
            KeyError: there is no such blueprint.
            PaperRefused: `paper-stale`: it is at another version.
        """
        ...

    async def candidates(self) -> list[Candidate]:
        """Return what papers may be made of: of every question the version that is approved and newest."""
        ...

    async def questions(self, version_ids: Sequence[int]) -> Mapping[int, Question]:
        """Return the texts of versions, by their ids."""
        ...

    async def media(self, version_ids: Sequence[int]) -> Mapping[int, Sequence[PaperFile]]:
        """Return what versions show beside their words, in order, by their ids; nothing for those that show nothing."""
        ...

    async def papers(self) -> list[PaperHead]:
        """Return the newest 200 papers, the newest first."""
        ...

    async def paper(self, paper_id: int) -> tuple[PaperHead, list[LoggedAct]]:
        """Return a paper in short and what was done with it, in order; raises KeyError when there is none."""
        ...

    async def looks(self, paper_id: int) -> list[Look]:
        """Return who looked at a paper's questions, the newest first, 500 at most."""
        ...

    async def add_paper(self, actor: ActorId, title: str, blueprint_id: int, contents: PaperContents) -> int:
        """Keep an assembled paper and return its id; `blueprint_id` 0: none that is kept."""
        ...

    async def contents(self, paper_id: int) -> PaperContents:
        """Return the contents of a paper that is not sealed.

        Raises:
            KeyError: there is no such paper.
            PaperRefused: `paper-sealed`: nobody reads it any more.
        """
        ...

    async def change(self, actor: ActorId, paper_id: int, edition: int, contents: PaperContents) -> PaperState:
        """Keep other contents in place of those of `edition`, as an act of `actor`; raises `PaperRefused`, KeyError."""
        ...

    async def act(self, actor: ActorId, paper_id: int, edition: int, kind: PaperActKind, note: str = "") -> PaperState:
        """Do what the law allows now and return where the paper stands.

        Sealing copies every text into the paper and encrypts it so that no call of this port reads it again. Goes into
        the audit in the same transaction, without the note.

        Raises:
            KeyError: there is no such paper.
            PaperRefused: the law's code, or `paper-stale`: it is at another edition.
        """
        ...
