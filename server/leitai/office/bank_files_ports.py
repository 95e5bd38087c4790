"""What the files around the bank need from their store: uploads, which questions are alike, how they fared.

Every call may raise `office.ports.StoreUnavailable`. Each writing call is one transaction: it happens whole or not at
all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from leitai.office.bank import Question
from leitai.office.bank_ports import Sought
from leitai.office.ports import AuditLog
from leitai.rules.item_analysis import Use
from leitai.rules.values import ItemNo, Micros, SessionId

# --- uploads that wait for their import ------------------------------------------------------------------------------

UploadState = Literal["reading", "ready", "refused", "taking", "done", "failed"]
"""Being read, read, refused as a whole, being taken in, taken in, or given up by whoever read it."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A question file between its dry run and its import, without its bytes.

    Args:
        upload_id: 32 hexadecimal digits that nobody guesses.
        owner: who brought it, by login; nobody else sees it.
        report: what was found, as JSON; empty until then.
        stage: what is being done, with `done` of `total`.
        silent_us: for so long whoever reads or takes it in has said nothing.
    """

    upload_id: str
    owner: str
    file_name: str
    module: str
    state: UploadState
    report: str
    stage: str
    done: int
    total: int
    silent_us: Micros


class UploadStore(Protocol):
    """Where uploads wait."""

    async def add_upload(
        self, upload_id: str, owner: str, file_name: str, module: str, sha256: bytes, data: bytes
    ) -> None:
        """Keep a file, `reading`; the owner's earlier ones go, and everybody's of two hours ago."""
        ...

    async def upload(self, upload_id: str) -> Upload:
        """Return an upload; raises KeyError."""
        ...

    async def upload_data(self, upload_id: str) -> bytes:
        """Return the bytes of an upload; raises KeyError."""
        ...

    async def move_upload(self, upload_id: str, before: UploadState, after: UploadState, report: str = "") -> bool:
        """Take an upload from one state to another; False when it is in none such. An empty report changes none."""
        ...

    async def tell_upload(self, upload_id: str, stage: str, done: int, total: int) -> None:
        """Set down how far it has come, and that somebody is at it."""
        ...


# --- which questions are alike ---------------------------------------------------------------------------------------

Verdict = Literal["both", "retired"]
"""Both are kept, or one of them was retired."""


@dataclass(frozen=True, slots=True)
class StemOf:
    """The stem of the newest version of a question that is not retired."""

    question_id: int
    stem: str


@dataclass(frozen=True, slots=True)
class OneAlike:
    """One of two questions that are alike, by its newest version."""

    question_id: int
    version: int
    state: str
    type: str
    module: str
    stem: str
    author: str
    at_us: Micros


@dataclass(frozen=True, slots=True)
class Pair:
    """Two questions that are alike, and how much of their stems is the same."""

    one: OneAlike
    other: OneAlike
    permille: int


@dataclass(frozen=True, slots=True)
class Scan:
    """The last time that the whole bank was gone through. `cut`: there were more pairs than the limits let through."""

    questions: int
    pairs: int
    cut: bool
    took_ms: int
    actor: str
    at_us: Micros


class LikenessStore(Protocol):
    """Which questions are alike, and what was decided of them."""

    async def stems(self) -> Sequence[StemOf]:
        """Return the stems of the whole bank, by question."""
        ...

    async def keep_scan(
        self, pairs: Sequence[tuple[int, int, int]], questions: int, *, cut: bool, took_ms: int, actor: str
    ) -> None:
        """Put pairs (question, question of a greater number, permille) in place of those undecided. Audited.

        Pairs that were decided stay so.
        """
        ...

    async def add_pairs(self, pairs: Sequence[tuple[int, int, int]]) -> None:
        """Add pairs to those that are known."""
        ...

    async def ids_by_stem(self, stem_keys: Sequence[bytes]) -> Mapping[bytes, int]:
        """Return the questions that have these stems."""
        ...

    async def open_pairs(self, after: int, most: int) -> tuple[Sequence[Pair], int]:
        """Return pairs of questions in use that wait for a verdict, the most alike first, without the first `after`;
        and how many there are."""
        ...

    async def last_scan(self) -> Scan | None:
        """Return the last scan; None before the first."""
        ...

    async def is_open(self, one: int, other: int) -> bool:
        """Return whether two questions, the one of the smaller number first, are a pair that waits for a verdict."""
        ...

    async def decide_pair(self, one: int, other: int, verdict: Verdict, actor: str) -> bool:
        """Decide a pair, once, and audit it; False when it is decided or there is none such."""
        ...


# --- how questions fared ---------------------------------------------------------------------------------------------

OccasionKind = Literal["contest", "practice"]


@dataclass(frozen=True, slots=True)
class Occasion:
    """When questions were asked: a session that became final, or whatever practice names, by its key."""

    kind: OccasionKind
    key: str


@dataclass(frozen=True, slots=True)
class Fared:
    """How a question fared: in how many contests and in practice, over all its versions."""

    question_id: int
    contests: int
    contest_use: Use
    practice_use: Use


@dataclass(frozen=True, slots=True)
class FaredAt:
    """How a version of a question fared on one occasion; `title` and `at_us` are the session's."""

    version: int
    kind: OccasionKind
    key: str
    title: str
    at_us: Micros
    use: Use


class UseStore(Protocol):
    """How questions fared. Practice brings what it counts by `keep_uses`, like contests."""

    async def uncounted(self) -> Sequence[SessionId]:
        """Return the sessions that became final and are not counted yet, by id."""
        ...

    async def versions_of(self, session_id: SessionId) -> Mapping[ItemNo, int]:
        """Return which version of a question stands at each place of a session's paper."""
        ...

    async def simulated(self, session_id: SessionId) -> frozenset[int]:
        """Return the sittings of a session whose contestants were made up for a rehearsal."""
        ...

    async def keep_uses(self, occasion: Occasion, uses: Mapping[int, Use]) -> bool:
        """Keep what an occasion says of versions; False when it is counted already. Uses without takers are left out.

        What practice counts again goes before what it counted.
        """
        ...

    async def fared(self, question_ids: Sequence[int]) -> Sequence[Fared]:
        """Return how questions fared, of those that were used."""
        ...

    async def fared_at(self, question_id: int) -> Sequence[FaredAt]:
        """Return how a question fared each time, the newest first."""
        ...


class BankFilesStore(UploadStore, LikenessStore, UseStore, AuditLog, Protocol):
    """All of it."""

    async def found_questions(self, sought: Sought, most: int) -> Sequence[Question]:
        """Return the questions that a search finds, by number, `most` at most: by their newest version, or by the one
        that papers may take where `sought.usable` asks for it.
        """
        ...
