"""HTTP bodies of the files around the bank: imports, near-duplicates, pictures and films, how questions fared."""

from msgspec import Struct


class ImportProblem(Struct, frozen=True):
    """Why a row is refused; `column` is its header as in the file."""

    sheet: str
    row: int
    column: str
    code: str
    message: str


class ImportDuplicate(Struct, frozen=True):
    """A row with the stem of another before it."""

    sheet: str
    row: int
    first_sheet: str
    first_row: int


class ImportLike(Struct, frozen=True):
    """A row that is like a question of the bank (`question`), or like another row of the file (`question` 0)."""

    sheet: str
    row: int
    stem: str
    permille: int
    question: int
    other_sheet: str
    other_row: int
    other_stem: str


class ImportCommit(Struct, frozen=True):
    """What the import did. `held`: left alone, since they are being reviewed or are retired."""

    added: int
    revised: int
    unchanged: int
    held: int


class ImportReport(Struct, frozen=True):
    """What is in a file. Lists hold the first 2,000; `refused`, `duplicated` and `likes` count all.

    `code` and `message`: why the file as a whole is refused; empty when it is not.
    """

    accepted: int
    added: int
    revised: int
    unchanged: int
    refused: int
    problems: list[ImportProblem]
    duplicated: int
    duplicates: list[ImportDuplicate]
    likes: int
    alike: list[ImportLike]
    skipped: list[str]
    code: str
    message: str
    took_ms: int
    commit: ImportCommit | None


class ImportBody(Struct, frozen=True):
    """An upload: `reading`, `ready`, `refused`, `taking`, `done` or `failed`; its report once it was read.

    `stage` is `waiting`, `reading`, `judging`, `comparing` or `keeping`, with `done` of `total` where that is known.
    """

    upload: str
    file_name: str
    state: str
    stage: str
    done: int
    total: int
    report: ImportReport | None


class ImportBegun(Struct, frozen=True):
    """By what name to ask for an upload."""

    upload: str


class ImportTake(Struct, frozen=True):
    """Take an upload in: only if all of it is good, or (`leave_out_refused`) what is good of it."""

    leave_out_refused: bool


class AlikeQuestion(Struct, frozen=True):
    """One of two questions that are alike."""

    question: int
    version: int
    state: str
    type: str
    module: str
    stem: str
    author: str
    at_us: int


class AlikePair(Struct, frozen=True):
    """Two questions that are alike, and how much of their stems is the same, in thousandths."""

    one: AlikeQuestion
    other: AlikeQuestion
    permille: int


class AlikeBody(Struct, frozen=True):
    """Pairs that wait for a verdict, the most alike first, and when the bank was gone through last (0: never)."""

    pairs: list[AlikePair]
    total: int
    page: int
    size: int
    scanning: bool
    scanned_us: int
    questions: int
    cut: bool
    took_ms: int


class AlikeVerdict(Struct, frozen=True):
    """What becomes of a pair: both are kept, or the one named by `retire` (0: none) is retired."""

    one: int
    other: int
    retire: int = 0


class MediaBody(Struct, frozen=True):
    """A picture or a film, by the SHA-256 of its bytes in hex. `width` and `height` are 0 for a film."""

    media: str
    type: str
    bytes: int
    width: int
    height: int
    title: str
    purpose: str
    module: str
    by: str
    at_us: int
    used: int


class MediaTaken(Struct, frozen=True):
    """What came of an upload; `new` is false when the same bytes were there."""

    file: MediaBody
    new: bool


class MediaList(Struct, frozen=True):
    """A page of files, the newest first."""

    files: list[MediaBody]
    total: int
    page: int
    size: int


class ShownFile(Struct, frozen=True):
    """A file as a version shows it, with the words for those who do not see it."""

    version: int
    place: int
    caption: str
    file: MediaBody


class ShownFiles(Struct, frozen=True):
    """What every version of a question shows."""

    question: int
    files: list[ShownFile]


class ShowRequest(Struct, frozen=True):
    """Show a file with a question."""

    media: str
    caption: str = ""


class HideRequest(Struct, frozen=True):
    """Show a file with a question no longer."""

    media: str


class UseBody(Struct, frozen=True):
    """How a question fared. Shares are thousandths, −1 where nothing is known; discrimination is from −1000 to 1000,
    null where there are no groups.
    """

    takers: int
    right_permille: int
    discrimination_permille: int | None
    group: int


class FaredBody(Struct, frozen=True):
    """How a question fared in so many contests and in practice, over all its versions."""

    question: int
    contests: int
    contest: UseBody
    practice: UseBody


class FaredList(Struct, frozen=True):
    """How some questions fared; those that were never used are missing."""

    questions: list[FaredBody]


class FaredAtBody(Struct, frozen=True):
    """How a version fared on one occasion: `contest` or `practice`; `at_us` is the session's start, 0 for practice."""

    version: int
    kind: str
    title: str
    at_us: int
    use: UseBody


class QuestionFared(Struct, frozen=True):
    """How a question fared altogether and each time, the newest first."""

    whole: FaredBody
    times: list[FaredAtBody]
