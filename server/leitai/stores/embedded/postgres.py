"""An embedded PostgreSQL: on a Unix socket only, as an unprivileged user, its data in one folder."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from leitai.stores.embedded import guard, pidfile, places, postgres_program
from leitai.stores.embedded.errors import (
    DataFolderUnusableError,
    DataVersionDiffersError,
    NoUnprivilegedUserError,
    StoreDidNotStartError,
)
from leitai.stores.embedded.layout import Layout
from leitai.stores.embedded.locks import FolderLock
from leitai.stores.embedded.postgres_program import PostgresProgram
from leitai.stores.embedded.process import Program, User, plain_environment

SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "128MB",
    "max_connections": "60",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] ",
}
"""What every embedded PostgreSQL runs with, beside its defaults."""

DATABASE = "leitai"
ROLE = "leitai"
_PORT = "5432"
_SOCKET = f".s.PGSQL.{_PORT}"


class EmbeddedPostgres:
    """PostgreSQL with its data in `data_dir/postgres` and a database `leitai`.

    PostgreSQL refuses root: as root it runs as an unprivileged user who owns that one folder. Its parents need not
    let that user in and their rights stay as they are; the folder is opened first and handed over (`guard`).
    Only our own user may log in, as the role `leitai`, by what the kernel says about who is at the socket (peer).

    Methods block and may be called from any thread; none needs an event loop. `dsn` never changes.
    """

    name = "postgres"

    def __init__(self, data_dir: Path, *, settings: Mapping[str, str] | None = None) -> None:
        """Create the folders; nothing is started. `settings` go over `SETTINGS` (tests only need them).

        Raises:
            DataFolderUnusableError: the data folder cannot be made.
            NoUnprivilegedUserError: we are root and there is no other user to run it as, or we have no name.
        """
        self._layout = Layout(data_dir)
        self._settings = {**SETTINGS, **(settings or {})}
        self._folder = self._layout.root / "postgres"
        self._user = _user_for(self._folder)
        self._preferred = self._layout.run / "postgres"
        self._sockets = places.socket_folder(self._preferred, _SOCKET, self._user)
        self._lock = FolderLock(self._layout.run, "postgres.lock")
        self._program: PostgresProgram | None = None
        # Fast shutdown, then an immediate one. If we are killed, immediate: it ends its children, recovers later.
        self.child = self._layout.child(
            self.name, stop_signals=(signal.SIGINT, signal.SIGQUIT), death_signal=signal.SIGQUIT
        )

    @property
    def dsn(self) -> str:
        """For `asyncpg.connect` and `asyncpg.create_pool`."""
        return self.dsn_of(DATABASE)

    @property
    def pid(self) -> int | None:
        """The running process (the first one, parent of the others)."""
        return self.child.pid

    def dsn_of(self, database: str) -> str:
        """The DSN of another database of this server; `database` is plain letters, digits and underscores."""
        return f"postgresql://{ROLE}@/{database}?host={self._sockets}&port={_PORT}"

    def start(self, ready_seconds: float = 120.0) -> None:
        """Start, creating the data on the first time, and return when connections are taken.

        After a kill -9 this includes recovery.

        Raises:
            EmbeddedError: any of `errors`.
        """
        deadline = time.monotonic() + ready_seconds
        self._lock.acquire()
        if self._program is None:
            self._program = postgres_program.program_for(self._user)
        self.child.end_leftover()
        self._end_orphans()
        if not self._folder.exists():
            self._create()
        self._check_version()
        places.private_folder(self._folder, self._user)
        places.private_folder(self._sockets, self._user)
        self._write_access()
        self._remove_stale_locks()
        settings = {**self._settings, "unix_socket_directories": str(self._sockets)}
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        while True:
            self.child.start(self._command("postgres", self._folder, *options))
            status = self._wait_ready(deadline)
            if status is None:
                return
            log = self.child.log_tail()
            # Children of a killed one still hold its shared memory for a moment, where we cannot find and end them.
            if "is still in use" not in log or time.monotonic() > deadline:
                raise StoreDidNotStartError(self.name, status, log)

    def stop(self, seconds: float = 30.0) -> None:
        """Stop in order; nothing happens when it does not run."""
        self.child.stop(seconds)
        places.remove_socket_folder(self._sockets, self._preferred)
        if self._program is not None:
            self._program.close()
            self._program = None
        self._lock.release()

    def kill(self) -> None:
        """Kill -9, for fault tests: the data folder stays ours, `start` again recovers."""
        self.child.kill9()

    def restart(self) -> None:
        """Stop in order and start again."""
        self.stop()
        self.start()

    def _command(self, name: str, folder: Path, *arguments: str) -> Program:
        """`name -D folder …` as our user, through the open folder when that user may not come there by itself."""
        assert self._program is not None
        hidden = self._user is not None and not places.may_enter(folder.parent, self._user)
        return Program(
            (self._program.path(name), "-D", guard.FOLDER_PATH if hidden else str(folder), *arguments),
            plain_environment(),
            self._user,
            folder if hidden else None,
        )

    def _create(self) -> None:
        """Make the data aside and move it into place whole: a kill in between leaves nothing to stumble over."""
        aside = self._folder.with_name("postgres.new")
        if aside.exists():
            shutil.rmtree(aside)
        places.private_folder(aside, self._user)
        locale = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--encoding=UTF8")
        self._run(self._command("initdb", aside, "-U", ROLE, "--auth=peer", "--no-instructions", *locale))
        single = ("-c", "log_checkpoints=off", "template1")
        self._run(
            # -D comes second here: --single has to be the first.
            _with_first(self._command("postgres", aside, *single), "--single"),
            f"CREATE DATABASE {DATABASE}\n",
        )
        aside.rename(self._folder)

    def _run(self, program: Program, text: str = "") -> None:
        with self.child.log_file.open("ab") as log:
            status = subprocess.run(  # noqa: S603
                program.guarded(signal.SIGKILL),
                env=dict(program.env),
                cwd=program.working_folder,
                input=text.encode(),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                check=False,
            ).returncode
        if status != 0:
            raise StoreDidNotStartError(Path(program.argv[0]).name, status, self.child.log_tail())

    def _check_version(self) -> None:
        try:
            found = (self._folder / "PG_VERSION").read_text().strip()
        except OSError as error:
            raise DataFolderUnusableError(self._folder, f"PG_VERSION: {error.strerror}") from error
        major = postgres_program.version().partition(".")[0]
        if found != major:
            raise DataVersionDiffersError(self._folder, found, major)

    def _write_access(self) -> None:
        """Let in whoever we are, this time: the user at the socket, by name."""
        us = pwd.getpwuid(os.geteuid()).pw_name
        for name, text in (
            ("pg_hba.conf", f"local all {ROLE} peer map=leitai\n"),
            ("pg_ident.conf", f'leitai "{us}" {ROLE}\n'),
        ):
            # Root writes in another user's folder: never through a link that this user may have put there.
            aside = self._folder / f"{name}.new"
            aside.unlink(missing_ok=True)
            descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(text)
                if self._user is not None:
                    os.fchown(descriptor, self._user.uid, self._user.gid)
            aside.replace(self._folder / name)

    def _end_orphans(self) -> None:
        """End what a killed server left: its children, which notice by themselves only when they are idle."""
        for orphan in pidfile.processes_in(self._folder, "postgres"):
            orphan.end((signal.SIGQUIT, signal.SIGKILL), 2.0)

    def _remove_stale_locks(self) -> None:
        """Remove lock files of a server that is gone: a stranger with its pid would be taken for it."""
        if not pidfile.processes_in(self._folder, "postgres") and Path("/proc/self").exists():
            for path in (self._folder / "postmaster.pid", self._sockets / f"{_SOCKET}.lock", self._sockets / _SOCKET):
                path.unlink(missing_ok=True)

    def _wait_ready(self, deadline: float) -> int | None:
        """Wait until the server calls itself ready. None when it is, else the status that it ended with.

        Raises:
            StoreDidNotStartError: not by `deadline`; it was killed then.
        """
        while True:
            status = self.child.wait(0.01)
            if status is not None:
                return status
            with contextlib.suppress(OSError):
                lines = (self._folder / "postmaster.pid").read_text().splitlines()
                # What pg_ctl reads: first the pid, eighth the state.
                if len(lines) >= 8 and lines[0] == str(self.child.pid) and lines[7].strip() == "ready":
                    return None
            if time.monotonic() > deadline:
                log = self.child.log_tail()
                self.child.stop(1.0)
                raise StoreDidNotStartError(self.name, None, log)


def _with_first(program: Program, argument: str) -> Program:
    head, *rest = program.argv
    return Program((head, argument, *rest), program.env, program.user, program.folder, program.working_folder)


def _user_for(folder: Path) -> User | None:
    """Who runs PostgreSQL: as root the owner of the data that is there, else an unprivileged user; else we."""
    uid = os.geteuid()
    if uid == 0:
        with contextlib.suppress(FileNotFoundError):
            found = folder.stat()
            if found.st_uid != 0:
                return User(found.st_uid, found.st_gid)
        return postgres_program.unprivileged_user()
    try:
        pwd.getpwuid(uid)
    except KeyError:
        raise NoUnprivilegedUserError(uid) from None
    return None
