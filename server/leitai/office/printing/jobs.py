"""Prints in bulk: under way in this process, told and given out by any process of the office, also after a restart.

What is made is kept for a while, encrypted under the server's key, and then forgotten. A print whose process ended has
failed, and is begun anew by whoever wants it.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, Protocol

import structlog

from leitai.office.ports import StoreUnavailable
from leitai.rules.values import SessionId

PrintKind = Literal["tickets", "awards"]
KEPT_S: dict[PrintKind, int] = {"tickets": 1_800, "awards": 86_400}
"""For so long prints wait to be fetched. Tickets hold access codes."""
SILENT_S = 30
"""A process that has said nothing of its print for so long is gone."""
_BEAT_S = 5.0
_log = structlog.get_logger()


class PrintBusy(Exception):
    """One of its kind is being printed already, here or in another process."""


class PrintGone(Exception):
    """The print was given up meanwhile: this process had not been heard of for too long."""


@dataclass(frozen=True, slots=True)
class PrintJob:
    """A print under way, or made.

    Attributes:
        job_id: its name; hard to guess.
        total: of what is printed; `done` of them are there.
        label: what the file is called, where there is one.
        lacking: characters that the fonts do not have, in whose place a blank is left to write them by hand.
        files: name and bytes of each, once it is `ready`.
    """

    job_id: str
    kind: PrintKind
    session_id: SessionId
    total: int
    label: str = ""
    done: int = 0
    state: Literal["printing", "ready", "failed"] = "printing"
    lacking: str = ""
    files: tuple[tuple[str, int], ...] = ()


class PrintStore(Protocol):
    """Where prints are kept. Every call may raise `StoreUnavailable`."""

    async def begin_print(self, job: PrintJob) -> None:
        """Keep a new job, and forget what is older than `KEPT_S`; raises `PrintBusy`, also of two at once."""
        ...

    async def hear_print(self, job_id: str, done: int) -> None:
        """Set down that a print goes on, and how far it is."""
        ...

    async def lack_print(self, job_id: str, lacking: str) -> None:
        """Set down the characters that are lacking."""
        ...

    async def keep_print(self, job_id: str, no: int, name: str, content: bytes) -> None:
        """Keep a file of a print that is under way, `no` from 0; raises `PrintGone`."""
        ...

    async def end_print(self, job_id: str, *, ready: bool) -> None:
        """End a print; the files of one that failed go. Nothing when it has ended."""
        ...

    async def print_job(self, job_id: str, kind: PrintKind) -> PrintJob:
        """Return a job, of a process that is gone as failed; raises KeyError when none of the kind is kept."""
        ...

    async def printed(self, job_id: str, kind: PrintKind, no: int) -> tuple[str, bytes]:
        """Return a file's name and content; raises KeyError for what is not ready, or not there."""
        ...


@dataclass(slots=True)
class Press:
    """What prints one job."""

    store: PrintStore
    job_id: str
    done: int = 0
    files: int = 0

    async def file(self, name: str, content: bytes, done: int) -> None:
        """Keep a file; so many are done with it. Raises `PrintGone`, `StoreUnavailable`."""
        await self.store.keep_print(self.job_id, self.files, name, content)
        self.files += 1
        await self.tell(done)

    async def tell(self, done: int) -> None:
        """Tell how many are done; raises `StoreUnavailable`."""
        self.done = done
        await self.store.hear_print(self.job_id, done)

    async def beat(self) -> None:
        """Say again and again that the print goes on: a nation's pages are one long work."""
        while True:
            await asyncio.sleep(_BEAT_S)
            with suppress(StoreUnavailable):
                await self.store.hear_print(self.job_id, self.done)


class Prints:
    """Prints of one kind, one at a time."""

    def __init__(self, store: PrintStore, kind: PrintKind) -> None:
        self._store = store
        self._kind: PrintKind = kind
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(
        self, session_id: SessionId, total: int, label: str, work: Callable[[Press], Awaitable[None]]
    ) -> PrintJob:
        """Begin a print and return it at once; raises `PrintBusy`, `StoreUnavailable`."""
        job = PrintJob(secrets.token_hex(8), self._kind, session_id, total, label)
        await self._store.begin_print(job)
        task = asyncio.create_task(self._run(job, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return job

    async def job(self, job_id: str) -> PrintJob:
        """Return a job as it stands; raises KeyError, `StoreUnavailable`."""
        return await self._store.print_job(job_id, self._kind)

    async def file(self, job_id: str, no: int) -> tuple[str, bytes]:
        """Return a file's name and content; raises KeyError, `StoreUnavailable`."""
        return await self._store.printed(job_id, self._kind, no)

    async def close(self) -> None:
        """Wait for what is under way here."""
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _run(self, job: PrintJob, work: Callable[[Press], Awaitable[None]]) -> None:
        press = Press(self._store, job.job_id)
        beating = asyncio.create_task(press.beat())
        ready = False
        try:
            await work(press)
            ready = True
        except Exception as error:
            # Nobody waits for this task: whoever asks for the job is told.
            _log.error("printing_failed", job=job.job_id, kind=job.kind, error=type(error).__name__)
        finally:
            beating.cancel()
            # Where that fails, silence says it.
            with suppress(StoreUnavailable):
                await self._store.end_print(job.job_id, ready=ready)
