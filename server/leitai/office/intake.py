"""Question files brought on a page: a dry run first, then the import of what the dry run saw, as drafts to be reviewed.

The file stays on the server between the two, byte for byte. Reading is done apart (`office.apart`), and what comes of
it is kept with the file, so that a page may ask any process of the office; what is taken in is what the process that
made the dry run has read, or else the file is read once more. One that dies while it reads or imports leaves its upload
silent; the import itself is one transaction.

Errors: `IntakeRefused`.
"""

import asyncio
import contextlib
import hashlib
import secrets
import time
from collections.abc import AsyncGenerator, Coroutine, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec
import structlog

from leitai.office.apart import Reading, ReadTask, Tell, Told, TooHeavy, read_apart
from leitai.office.bank import Question
from leitai.office.bank_files_ports import BankFilesStore, StemOf, Upload
from leitai.office.import_ports import BankCommit, ImportBatch
from leitai.office.importing.files import MAX_FILE_BYTES
from leitai.office.importing.problems import FileRefused, Place, Problem
from leitai.office.importing.questions import Duplicate
from leitai.office.ports import OfficeStore, StoreUnavailable

MOST_TOLD = 2_000
"""Problems, duplicates and pairs that a report holds, of each."""
SILENT_US = 20_000_000
"""Whoever is at an upload says so every second or two."""
_AT_ONCE = 2
_KEPT = 2
_KEPT_BYTES = 32 << 20
"""So many readings are kept until they are taken in, each of so much at most: 20,000 questions are some 12 MiB."""
_SAY_S = 1.0
_log = structlog.get_logger()

__all__ = ["MAX_FILE_BYTES", "Findings", "Intake", "IntakeRefused", "Like", "read_findings"]


class IntakeRefused(Exception):
    """An import is refused with `code`, a key of wire.errors."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Like:
    """A question of the file that is like one of the bank, or like another of the file (`question` 0, at `other`)."""

    place: Place
    stem: str
    permille: int
    question: int
    other: Place
    other_stem: str


@dataclass(frozen=True, slots=True)
class Findings:
    """What a dry run found, and then what the import did (`commit`).

    Args:
        accepted: so many questions may be taken in; `added`, `revised` and `unchanged` say what they are to the bank.
        refused: so many rows are not, for `problems`.
        problems: the first `MOST_TOLD`; so are `duplicates` and `alike`, whose numbers are `duplicated` and `likes`.
        skipped: sheets without a header.
        code: why the file as a whole is refused, with its `detail`; empty: it is not.
        took_ms: the reading and comparing.
    """

    accepted: int = 0
    added: int = 0
    revised: int = 0
    unchanged: int = 0
    refused: int = 0
    problems: tuple[Problem, ...] = ()
    duplicated: int = 0
    duplicates: tuple[Duplicate, ...] = ()
    likes: int = 0
    alike: tuple[Like, ...] = ()
    skipped: tuple[str, ...] = ()
    code: str = ""
    detail: str = ""
    took_ms: int = 0
    commit: BankCommit | None = None


def read_findings(report: str) -> Findings:
    """Return what an upload's report says; nothing for an empty one."""
    return msgspec.json.decode(report, type=Findings) if report else Findings()


class Intake:
    """Uploads from their dry run to their import."""

    def __init__(self, files: BankFilesStore, bank: OfficeStore) -> None:
        self._files = files
        self._bank = bank
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()
        self._kept: dict[str, Told[Reading]] = {}
        """Of the newest dry runs, by upload: reading takes as long as everything else."""

    async def begin(self, owner: str, file_name: str, module: str, data: bytes) -> str:
        """Keep a file and have it read; returns the id by which its owner asks for it."""
        upload_id = secrets.token_hex(16)
        await self._files.add_upload(upload_id, owner, file_name, module, hashlib.sha256(data).digest(), data)
        # Read again when its turn comes: files that wait are not held in memory.
        self._start(self._read(upload_id, owner, file_name, module))
        return upload_id

    async def look(self, owner: str, upload_id: str) -> Upload:
        """Return an upload of one's own as it stands; one whose reader is silent has `failed`.

        Raises KeyError.
        """
        upload = await self._files.upload(upload_id)
        if upload.owner != owner:
            raise KeyError(upload_id)
        if upload.state in ("reading", "taking") and upload.silent_us > SILENT_US:
            return replace(upload, state="failed")
        return upload

    async def take(self, owner: str, upload_id: str, *, leave_out_refused: bool) -> None:
        """Have the questions of an upload taken in as drafts, all at once; `look` tells when that is done.

        Raises:
            KeyError: the owner has no such upload.
            IntakeRefused: `upload-not-ready`; `upload-rows-refused` when there are refused rows and they are not to be
                left out; `upload-nothing` when no row is good.
        """
        upload = await self.look(owner, upload_id)
        findings = read_findings(upload.report)
        if upload.state != "ready":
            raise IntakeRefused("upload-not-ready")
        if findings.refused and not leave_out_refused:
            raise IntakeRefused("upload-rows-refused")
        if not findings.accepted:
            raise IntakeRefused("upload-nothing")
        # Only one of two who ask at once moves it.
        if not await self._files.move_upload(upload_id, "ready", "taking"):
            raise IntakeRefused("upload-not-ready")
        self._start(self._take(upload, findings))

    async def settled(self) -> None:
        """Wait until everything under way here is done."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _read(self, upload_id: str, owner: str, file_name: str, module: str) -> None:
        began = time.monotonic()
        try:
            async with self._places, self._saying(upload_id) as say:
                data = await self._files.upload_data(upload_id)
                stems = await self._files.stems()
                task = ReadTask(file_name, data, module, [one.stem for one in stems], whole=False)
                told = await read_apart(task, say)
                reading = await told.unpack()
                known = await self._bank.bank_index(drafts=True)
                findings = await asyncio.to_thread(_findings, reading, stems, known)
                self._keep(upload_id, told)
        except FileRefused as refused:
            findings = Findings(code=refused.code, detail=refused.detail)
        except TooHeavy:
            findings = Findings(code="file-too-heavy")
        except (StoreUnavailable, KeyError) as lost:
            # It stays silent, which its page takes for a failure; or it waited until it was forgotten.
            _log.warning("import_failed", reason=type(lost).__name__)
            return
        findings = replace(findings, took_ms=int((time.monotonic() - began) * 1000))
        with _logging():
            report = msgspec.json.encode(findings).decode()
            await self._files.move_upload(upload_id, "reading", "refused" if findings.code else "ready", report)
            detail = {
                "accepted": findings.accepted,
                "refused": findings.refused,
                "duplicates": findings.duplicated,
                "alike": findings.likes,
                "code": findings.code,
            }
            await self._files.audit(owner, "check-bank-file", file_name, detail)

    async def _take(self, upload: Upload, findings: Findings) -> None:
        with _logging():
            async with self._places, self._saying(upload.upload_id) as say:
                told = self._kept.pop(upload.upload_id, None)
                if told is None:
                    data = await self._files.upload_data(upload.upload_id)
                    task = ReadTask(upload.file_name, data, upload.module, [], whole=True)
                    told = await read_apart(task, say)
                reading = await told.unpack()
                file = reading.file
                await say("keeping", 0, len(file.accepted))
                batch = ImportBatch(
                    upload.file_name,
                    file.sha256,
                    len(file.accepted),
                    findings.refused,
                    len(file.duplicates),
                    upload.owner,
                )
                questions = [one for _, one in file.accepted]
                commit = await self._bank.import_bank(batch, questions, drafts=True, digests=reading.digests)
                await self._note_alike(reading, findings)
            report = msgspec.json.encode(replace(findings, commit=commit)).decode()
            await self._files.move_upload(upload.upload_id, "taking", "done", report)

    def _keep(self, upload_id: str, told: Told[Reading]) -> None:
        if len(told.packed) > _KEPT_BYTES:
            return
        self._kept[upload_id] = told
        while len(self._kept) > _KEPT:
            del self._kept[next(iter(self._kept))]

    async def _note_alike(self, reading: Reading, findings: Findings) -> None:
        """Put what the dry run saw on the list of questions that are alike."""
        by_place = {place: of.key for (place, _), of in zip(reading.file.accepted, reading.digests, strict=True)}
        wanted = {by_place[place] for like in findings.alike for place in (like.place, like.other) if place in by_place}
        ids = await self._files.ids_by_stem(list(wanted))
        pairs = {
            (min(one, other), max(one, other), like.permille)
            for like in findings.alike
            if (one := ids.get(by_place.get(like.place, b"")))
            and (other := like.question or ids.get(by_place.get(like.other, b"")))
            and one != other
        }
        await self._files.add_pairs(sorted(pairs))

    @contextlib.asynccontextmanager
    async def _saying(self, upload_id: str) -> AsyncGenerator[Tell]:
        """Give what takes how far the work is; it is told again and again, so that nobody takes us for gone."""
        now = ["waiting", 0, 0]

        async def say(stage: str, done: int, total: int) -> None:
            now[:] = [stage, done, total]

        async def repeat() -> None:
            while True:
                with contextlib.suppress(StoreUnavailable):
                    await self._files.tell_upload(upload_id, str(now[0]), int(now[1]), int(now[2]))
                await asyncio.sleep(_SAY_S)

        telling = asyncio.create_task(repeat())
        try:
            yield say
        finally:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)


@contextlib.contextmanager
def _logging() -> Generator[None]:
    """Say what went wrong where nobody waits for it: the upload stays silent, which its page takes for a failure."""
    try:
        yield
    except (StoreUnavailable, TooHeavy, FileRefused, KeyError) as error:
        _log.warning("import_failed", reason=type(error).__name__)


def _findings(reading: Reading, stems: Sequence[StemOf], known: Mapping[bytes, bytes]) -> Findings:
    file, digests = reading.file, reading.digests
    unchanged = sum(known.get(of.key) == of.content for of in digests)
    added = sum(of.key not in known for of in digests)
    # What the bank has already is the same question, or a revision of it, and is on its own list.
    fresh = {place for (place, _), of in zip(file.accepted, digests, strict=True) if of.key not in known}
    alike = [
        one
        for one in _likes(file.accepted, reading, stems)
        if one.place in fresh and (one.question or one.other in fresh)
    ]
    return Findings(
        accepted=len(file.accepted),
        added=added,
        revised=len(digests) - added - unchanged,
        unchanged=unchanged,
        refused=len({(problem.sheet, problem.row) for problem in file.refused}),
        problems=file.refused[:MOST_TOLD],
        duplicated=len(file.duplicates),
        duplicates=file.duplicates[:MOST_TOLD],
        likes=len(alike),
        alike=tuple(alike[:MOST_TOLD]),
        skipped=file.skipped,
    )


def _likes(accepted: Sequence[tuple[Place, Question]], reading: Reading, stems: Sequence[StemOf]) -> Iterator[Like]:
    first = len(stems)
    for pair in reading.alike:
        place, question = accepted[pair.other - first]
        if pair.one < first:
            known = stems[pair.one]
            yield Like(place, question.stem, pair.permille, known.question_id, Place("", 0), known.stem)
        else:
            other, of = accepted[pair.one - first]
            yield Like(place, question.stem, pair.permille, 0, other, of.stem)
