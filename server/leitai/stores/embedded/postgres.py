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
from leitai.stores.embedded.postgres_program import PostgresProgram
from leitai.stores.embedded.process import Program, User, plain_environment
from leitai.stores.embedded.store import EmbeddedStore

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


class EmbeddedPostgres(EmbeddedStore):
    """PostgreSQL with its data in `data_dir/postgres` and a database `leitai`.

    PostgreSQL refuses root: as root it runs as an unprivileged user who owns that one folder. Its parents need not
    let that user in and their rights stay as they are; the folder is opened first and handed over (`guard`).
    Only our own user may log in, as the role `leitai`, by what the kernel says about who is at the socket (peer).
    """

    name = "postgres"
    socket_name = f".s.PGSQL.{_PORT}"
    # Fast shutdown, then an immediate one. If we are killed, immediate: it ends its own children and recovers later.
    stop_signals = (signal.SIGINT, signal.SIGQUIT)
    death_signal = signal.SIGQUIT

    def __init__(self, data_dir: Path, *, settings: Mapping[str, str] | None = None) -> None:
        """As EmbeddedStore; `settings` go over `SETTINGS` (tests only need them)."""
        super().__init__(data_dir)
        self._settings = {**SETTINGS, **(settings or {})}
        self._program: PostgresProgram | None = None

    @property
    def dsn(self) -> str:
        """For `asyncpg.connect` and `asyncpg.create_pool`; never changes."""
        return self.dsn_of(DATABASE)

    def dsn_of(self, database: str) -> str:
        """The DSN of another database of this server; `database` is plain letters, digits and underscores."""
        return f"postgresql://{ROLE}@/{database}?host={self._sockets}&port={_PORT}"

    def _owner(self) -> User | None:
        uid = os.geteuid()
        if uid == 0:
            with contextlib.suppress(FileNotFoundError):
                found = self._folder.stat()
                if found.st_uid != 0:
                    return User(found.st_uid, found.st_gid)
            return postgres_program.unprivileged_user()
        try:
            pwd.getpwuid(uid)
        except KeyError:
            raise NoUnprivilegedUserError(uid) from None
        return None

    def _launch(self, deadline: float) -> None:
        if self._program is None:
            self._program = postgres_program.program_for(self._user)
        self.child.end_leftover()
        self._end_orphans(self._folder)
        if not self._folder.exists():
            self._create(self._program)
        self._check_version()
        places.private_folder(self._folder, self._user)
        places.private_folder(self._sockets, self._user)
        self._write_access()
        self._remove_stale_locks()
        settings = {**self._settings, "unix_socket_directories": str(self._sockets)}
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        server = self._program.path("postgres")
        while True:
            self.child.start(self._command([server, "-D"], self._folder, options))
            status = self._wait_ready(deadline)
            if status is None:
                return
            log = self.child.log_tail()
            # Where we cannot find and end the children of a killed one (macOS), they hold its memory for a moment.
            if "is still in use" not in log or time.monotonic() > deadline:
                raise StoreDidNotStartError(self.name, status, log)

    def _leave(self) -> None:
        super()._leave()
        if self._program is not None:
            self._program.close()
            self._program = None

    def _ready(self) -> bool:
        """Whether postmaster.pid says so, which pg_ctl goes by too: first line the pid, eighth the state."""
        try:
            lines = (self._folder / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[0] == str(self.child.pid) and lines[7].strip() == "ready"

    def _command(self, head: list[str], folder: Path, tail: list[str]) -> Program:
        """`head folder tail` as our user, through the open folder when that user may not come there by itself."""
        hidden = self._user is not None and not places.may_enter(folder.parent, self._user)
        return Program(
            (*head, guard.FOLDER_PATH if hidden else str(folder), *tail),
            plain_environment(),
            self._user,
            folder if hidden else None,
        )

    def _create(self, program: PostgresProgram) -> None:
        """Make the data aside and move it into place whole: a kill in between leaves nothing to stumble over."""
        aside = self._folder.with_name("postgres.new")
        if aside.exists():
            self._end_orphans(aside)
            shutil.rmtree(aside)
        places.private_folder(aside, self._user)
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--encoding=UTF8"]
        unsafe = self._settings.get("fsync") == "off"
        tail = ["-U", ROLE, "--auth=peer", "--no-instructions", *locale, *(["--no-sync"] if unsafe else [])]
        self._run(self._command([program.path("initdb"), "-D"], aside, tail))
        tail = ["-c", "log_checkpoints=off", "-c", f"fsync={'off' if unsafe else 'on'}", "template1"]
        single = self._command([program.path("postgres"), "--single", "-D"], aside, tail)
        self._run(single, f"CREATE DATABASE {DATABASE}\n")
        aside.rename(self._folder)

    def _run(self, program: Program, text: str = "") -> None:
        assert self.child.log_file is not None
        with self.child.log_file.open("ab") as log:
            status = subprocess.run(  # noqa: S603
                program.guarded(guard.ALL),
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

    def _end_orphans(self, folder: Path) -> None:
        """End what a killed server left: its children, which notice by themselves only when they are idle."""
        for orphan in pidfile.processes_in(folder, "postgres"):
            orphan.end((signal.SIGQUIT, signal.SIGKILL), 2.0)

    def _remove_stale_locks(self) -> None:
        """Remove lock files of a server that is gone: a stranger with its pid would be taken for it."""
        if Path("/proc/self").exists() and not pidfile.processes_in(self._folder, "postgres"):
            for path in (self._folder / "postmaster.pid", self._sockets / f"{self.socket_name}.lock"):
                path.unlink(missing_ok=True)
