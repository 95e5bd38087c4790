"""A child process that cannot outlive this one, and whose end can be waited for from threads and from asyncio."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from leitai.stores.embedded import guard, pidfile
from leitai.stores.embedded.errors import AlreadyRunningError

LOG_LIMIT_BYTES = 16 * 1024 * 1024
"""A log longer than this when its process starts is put aside as `<name>.log.1`."""

SECONDS_PER_FURTHER_SIGNAL = 5.0


@dataclass(frozen=True, slots=True)
class User:
    """The user a process runs as."""

    uid: int
    gid: int


def plain_environment() -> dict[str, str]:
    """An environment that makes a store behave alike everywhere: none of our PG… variables, no locale."""
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH", "TMPDIR") if name in os.environ}
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC", **kept}


@dataclass(frozen=True, slots=True)
class Program:
    """What to run. `env` is the whole environment, nothing is inherited beside it."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    user: User | None = None
    """None: as we are. Only root can give another."""
    folder: Path | None = None
    """A folder held open for the program at `guard.FOLDER_PATH`, whatever the rights of its parents."""
    working_folder: Path = Path("/")
    handed_down: tuple[int, ...] = ()
    """Open descriptors of ours that it gets under the same numbers."""

    def guarded(self, death_signal: int) -> list[str]:
        """The command line that runs it tied to the life of this process (`guard` says what the signal may be)."""
        user = self.user or User(-1, -1)
        head = [sys.executable, "-I", "-S", guard.__file__, str(int(death_signal)), str(os.getpid())]
        return [*head, str(user.uid), str(user.gid), str(self.folder or ""), *self.argv]


class Child:
    """One process at a time under one name: started, watched, stopped, started again.

    The process leads a session of its own, so that Ctrl-C in a terminal reaches this program alone, which then stops
    its children in order. Each run has a daemon thread that starts the process and waits for it: what ties the
    process to our life is tied to the thread that forked it, and this thread lives exactly as long as the process.
    All methods may be called from any thread; none needs an event loop.
    """

    def __init__(
        self,
        name: str,
        *,
        pid_file: Path,
        log_file: Path | None,
        stop_signals: Sequence[signal.Signals] = (signal.SIGTERM,),
        death_signal: signal.Signals = signal.SIGKILL,
    ) -> None:
        """Prepare a child; nothing is started.

        Args:
            name: for messages.
            pid_file: where the running process is recorded, so that a later program can find a leftover.
            log_file: what receives its output, appended to; None: it writes where we write.
            stop_signals: sent by `stop`, in order; SIGKILL follows by itself.
            death_signal: what it receives when this program ends in any way.
        """
        self.name = name
        self.log_file = log_file
        self._pid_file = pid_file
        self._stop_signals = tuple(stop_signals)
        self._death_signal = death_signal
        self._lock = threading.Lock()
        self._pid: int | None = None
        self._exited: Future[int] = Future()
        self._exited.set_result(0)

    @property
    def pid(self) -> int | None:
        """The running process, None when there is none."""
        return self._pid

    @property
    def exited(self) -> Future[int]:
        """Ends with the exit status of the current run (of the last one, when none runs), −n for signal n.

        For asyncio: `asyncio.wrap_future`. Cancelling has no effect on the process or on other waiters.
        """
        return self._exited

    def start(self, program: Program) -> int:
        """Run `program` and return its pid; a leftover of ours recorded in the pid file is stopped first.

        Raises:
            AlreadyRunningError: this child runs.
            OSError: the process could not be forked.
        """
        if self._pid is not None:
            raise AlreadyRunningError(self.name, self._pid)
        self.end_leftover()
        started: Future[int] = Future()
        exited: Future[int] = Future()
        exited.set_running_or_notify_cancel()
        threading.Thread(
            target=self._keep, args=(program, started, exited), name=f"{self.name}-keeper", daemon=True
        ).start()
        return started.result()

    def end_leftover(self) -> None:
        """Stop the process that an earlier program left running, if the pid file names one."""
        leftover = pidfile.read(self._pid_file)
        if leftover is not None:
            leftover.end((*self._stop_signals, signal.SIGKILL), SECONDS_PER_FURTHER_SIGNAL)
        self._pid_file.unlink(missing_ok=True)

    def wait(self, seconds: float) -> int | None:
        """Wait at most `seconds` for the end; the exit status, or None when it still runs."""
        try:
            return self._exited.result(timeout=seconds)
        except FutureTimeoutError:
            return None

    def send(self, number: signal.Signals) -> bool:
        """Send a signal; False when no process runs."""
        with self._lock:
            if self._pid is None:
                return False
            # Not reaped before this lock is free: the pid is still this process.
            os.kill(self._pid, number)
            return True

    def stop(self, seconds: float = 10.0) -> int:
        """Stop it: each stop signal in turn (the first gets `seconds`), then SIGKILL. Returns the exit status."""
        for number in self._stop_signals:
            if not self.send(number):
                return self._exited.result()
            status = self.wait(seconds)
            if status is not None:
                return status
            seconds = min(seconds, SECONDS_PER_FURTHER_SIGNAL)
        return self.kill9()

    def kill9(self) -> int:
        """Kill it with SIGKILL and wait until it is reaped. Returns the exit status."""
        self.send(signal.SIGKILL)
        return self._exited.result()

    def log_tail(self, lines: int = 15) -> str:
        """The end of its log, for messages; empty when it has none of its own."""
        if self.log_file is None:
            return ""
        try:
            with self.log_file.open("rb") as log:
                log.seek(max(0, self.log_file.stat().st_size - 8192))
                return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])
        except OSError:
            return ""

    def _keep(self, program: Program, started: Future[int], exited: Future[int]) -> None:
        try:
            with contextlib.nullcontext() if self.log_file is None else _open_log(self.log_file) as log:
                process = subprocess.Popen(  # noqa: S603
                    program.guarded(self._death_signal),
                    env=dict(program.env),
                    cwd=program.working_folder,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=None if log is None else subprocess.STDOUT,
                    start_new_session=True,
                    pass_fds=program.handed_down,
                )
            try:
                pidfile.write(self._pid_file, process.pid)
            except OSError:
                process.kill()
                process.wait()
                raise
        except OSError as error:
            started.set_exception(error)
            return
        with self._lock:
            self._pid = process.pid
            self._exited = exited
        started.set_result(process.pid)
        _wait_unreaped(process)
        # Its session ends with it: workers that a killed process left behind. Its number is still taken.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        with self._lock:
            status = process.wait()
            self._pid = None
        self._pid_file.unlink(missing_ok=True)
        exited.set_result(status)


def _wait_unreaped(process: "subprocess.Popen[bytes]") -> None:
    """Wait for the end but leave the pid taken, so that nobody signals a stranger who got it meanwhile."""
    if sys.platform == "darwin":
        process.wait()  # no waitid in its Python
    else:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)


def _open_log(path: Path) -> BinaryIO:
    with contextlib.suppress(FileNotFoundError):
        if path.stat().st_size > LOG_LIMIT_BYTES:
            path.replace(path.with_name(path.name + ".1"))
    return path.open("ab", buffering=0)
