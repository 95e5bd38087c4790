"""What an import leaves in the office's store: the trace of its file, and what it changed in the bank."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from leitai.office.bank import BankEntry, Digests, Question


@dataclass(frozen=True, slots=True)
class ImportBatch:
    """The trace an import leaves: which file, by whom, and what became of its rows."""

    file_name: str
    file_sha256: bytes
    accepted: int
    refused: int
    duplicates: int
    actor: str


@dataclass(frozen=True, slots=True)
class BankCommit:
    """What an import changed in the bank: questions new to it, revised, and found as they were.

    `held`: left alone by an import of drafts, since they are being reviewed or are retired.
    """

    added: int
    revised: int
    unchanged: int
    held: int = 0


class ImportStore(Protocol):
    """The bank as files come into it."""

    async def bank_index(self, *, drafts: bool = False) -> Mapping[bytes, bytes]:
        """Return the content hash in force by stem key, over the whole bank; empty where no version is approved.

        With `drafts`, that of the newest version instead.
        """
        ...

    async def bank(self) -> list[BankEntry]:
        """Return the version in force of every question that is not retired, by id of the question."""
        ...

    async def import_bank(
        self,
        batch: ImportBatch,
        questions: Sequence[Question],
        *,
        drafts: bool = False,
        digests: Sequence[Digests] | None = None,
    ) -> BankCommit:
        """Add questions and new versions of known ones; a question found as it is stays untouched.

        What comes is approved by its import, as the audit says, unless it comes as `drafts`. `digests`: those of
        `questions`, where they are known.
        """
        ...
