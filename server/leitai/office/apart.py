"""Long work on question files, in a process of its own: read, compared and written there, its memory bounded.

It runs when a processor has nothing else to do: no contest waits for it. `LEITAI_IMPORTS_AT_ONCE=1` in the environment
has it run beside the others instead, for machines that are busy without a contest, such as those that run tests.

`python -m leitai.office.apart` takes one task from its standard input and tells how far it is, then the result, on its
standard output: frames of msgpack, each after its length. It ends when its task is done, and whoever asked for it ends
it when nobody waits any more.

Errors: `FileRefused` (of the file itself), `TooHeavy` (it took more memory or time than it may).
"""

import asyncio
import contextlib
import os
import resource
import struct
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Generic, TypeVar

import msgspec

from leitai.office.bank import Digests, Question, digests_of
from leitai.office.exporting.bank_export import export_bank
from leitai.office.exporting.formats import Export, ExportFormat
from leitai.office.importing.problems import FileRefused
from leitai.office.importing.questions import BankFile, read_bank_file
from leitai.office.resemblance import Alike, Found, find_alike
from leitai.turns import stand_behind_all

T = TypeVar("T")

MEMORY_BYTES = 1 << 30
"""Of address space, of which the files that may come touch half at most."""
WITHIN_S = 120
"""Of processor time; beside a contest that takes several times as long, and more than `PATIENCE_S` it may not."""
PATIENCE_S = 900.0
_LENGTH = struct.Struct(">I")

Tell = Callable[[str, int, int], Awaitable[None]]
"""Takes what is being done, and how much of how much of it."""


class TooHeavy(Exception):
    """The task took more memory or time than it may, or its process was ended."""


class ReadTask(msgspec.Struct, frozen=True, tag="read"):
    """Read a question file, and look for what is like its questions among `stems` and among themselves.

    Args:
        whole: its questions are wanted, and nothing that is alike.
    """

    file_name: str
    data: bytes
    module: str
    stems: list[str]
    whole: bool


class AlikeTask(msgspec.Struct, frozen=True, tag="alike"):
    """Look for what is alike in all of a bank."""

    stems: list[str]


class ExportTask(msgspec.Struct, frozen=True, tag="export"):
    """Write questions into a file."""

    questions: list[Question]
    form: ExportFormat


@dataclass(frozen=True, slots=True)
class Reading:
    """A file as read, and which of its questions are like which stem: those that were given first, then the file's."""

    file: BankFile
    digests: tuple[Digests, ...]
    """Of each question that is accepted."""
    alike: tuple[Alike, ...]
    cut: bool


class _Progress(msgspec.Struct, frozen=True, tag="progress"):
    stage: str
    done: int
    total: int


class _Refused(msgspec.Struct, frozen=True, tag="refused"):
    code: str
    detail: str


class _Done(msgspec.Struct, frozen=True, tag="done"):
    result: msgspec.Raw


@dataclass(frozen=True, slots=True)
class Told(Generic[T]):
    """What came of a task as its process told it, packed: a few hundred bytes for a question."""

    packed: bytes
    kind: type[T]

    async def unpack(self) -> T:
        """Return it, made in a thread."""
        return await asyncio.to_thread(msgspec.msgpack.decode, self.packed, type=self.kind)


async def read_apart(task: ReadTask, tell: Tell) -> Told[Reading]:
    """Raises `FileRefused`, `TooHeavy`."""
    return await _run(task, Reading, tell)


async def find_alike_apart(stems: Sequence[str]) -> Found:
    """Raises `TooHeavy`."""
    return await (await _run(AlikeTask(list(stems)), Found, _tell_nobody)).unpack()


async def export_apart(questions: Sequence[Question], form: ExportFormat) -> Export:
    """Raises `TooHeavy`."""
    return await (await _run(ExportTask(list(questions), form), Export, _tell_nobody)).unpack()


async def _tell_nobody(_stage: str, _done: int, _total: int) -> None:
    pass


async def _run(task: ReadTask | AlikeTask | ExportTask, result: type[T], tell: Tell) -> Told[T]:
    request = await asyncio.to_thread(msgspec.msgpack.encode, task)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "leitai.office.apart",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(PATIENCE_S):
            answer = await _converse(process, request, tell)
    except (TimeoutError, asyncio.IncompleteReadError, ConnectionError):
        raise TooHeavy from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    return Told(answer, result)


async def _converse(process: asyncio.subprocess.Process, request: bytes, tell: Tell) -> bytes:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(_LENGTH.pack(len(request)))
    process.stdin.write(request)
    await process.stdin.drain()
    decoder: msgspec.msgpack.Decoder[_Progress | _Refused | _Done] = msgspec.msgpack.Decoder(
        _Progress | _Refused | _Done  # pyright: ignore[reportArgumentType]
    )
    while True:
        (length,) = _LENGTH.unpack(await process.stdout.readexactly(_LENGTH.size))
        message = decoder.decode(await process.stdout.readexactly(length))
        match message:
            case _Progress():
                await tell(message.stage, message.done, message.total)
            case _Refused():
                raise FileRefused(message.code, message.detail)
            case _Done():
                return bytes(message.result)


# --- in the other process --------------------------------------------------------------------------------------------


def main(incoming: BinaryIO, outgoing: BinaryIO) -> None:
    """Do one task."""
    # macOS has no such limit.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (WITHIN_S, WITHIN_S))
    if os.environ.get("LEITAI_IMPORTS_AT_ONCE") != "1":
        stand_behind_all()
    (length,) = _LENGTH.unpack(incoming.read(_LENGTH.size))
    task = msgspec.msgpack.decode(incoming.read(length), type=ReadTask | AlikeTask | ExportTask)

    def say(message: Any) -> None:
        data = msgspec.msgpack.encode(message)
        outgoing.write(_LENGTH.pack(len(data)) + data)
        outgoing.flush()

    try:
        result = _do(task, lambda stage, done, total: say(_Progress(stage, done, total)))
    except FileRefused as refused:
        say(_Refused(refused.code, refused.detail))
        return
    say(_Done(msgspec.Raw(msgspec.msgpack.encode(result))))


def _do(task: ReadTask | AlikeTask | ExportTask, say: Callable[[str, int, int], None]) -> Reading | Found | Export:
    match task:
        case AlikeTask():
            return find_alike(task.stems)
        case ExportTask():
            return export_bank(task.questions, task.form)
        case ReadTask():
            say("reading", 0, 0)
            file = read_bank_file(
                task.file_name, task.data, module=task.module, told=lambda done, total: say("judging", done, total)
            )
            digests = tuple(digests_of(question) for _, question in file.accepted)
            if task.whole:
                return Reading(file, digests, (), cut=False)
            say("comparing", 0, 0)
            own = [stem_of(question) for _, question in file.accepted]
            found = find_alike([*task.stems, *own], known=len(task.stems))
            return Reading(file, digests, found.pairs, found.cut)


def stem_of(question: Question) -> str:
    """Return by what a question is compared: its stem with its sub-items."""
    return question.stem + "".join(question.parts)


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
