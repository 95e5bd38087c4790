"""What can go wrong around embedded stores, as one tree.

EmbeddedError
├── DataFolderInUseError       data-folder-in-use      another process uses this data folder
├── DataFolderUnusableError    data-folder-unusable    no right to write there, or something else is in the way
├── DataVersionDiffersError    data-version-differs    written by another major version of the store
├── ProgramMissingError        program-missing         a package that brings a store's program is not installed
├── NoUnprivilegedUserError    no-unprivileged-user    root has no user to hand PostgreSQL to, or we have no user name
├── AlreadyRunningError        already-running         `start` on a process that runs
└── StoreDidNotStartError      store-did-not-start     the process ended, or was not ready in time
"""

from pathlib import Path
from typing import ClassVar


class EmbeddedError(Exception):
    """Base of everything this package raises on purpose. `code` is stable and safe to match on."""

    code: ClassVar[str] = "embedded-error"


class DataFolderInUseError(EmbeddedError):
    """Another process holds `folder`; `pid` is that process when it could be read."""

    code = "data-folder-in-use"

    def __init__(self, folder: Path, pid: int | None) -> None:
        super().__init__(
            f"the data folder {folder} is in use by {f'process {pid}' if pid else 'another process'}; "
            "stop it first, or name another folder"
        )
        self.folder = folder
        self.pid = pid


class DataFolderUnusableError(EmbeddedError):
    """`folder` cannot serve; `reason` says why, for people."""

    code = "data-folder-unusable"

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(f"the folder {folder} cannot be used: {reason}")
        self.folder = folder
        self.reason = reason


class DataVersionDiffersError(EmbeddedError):
    """`folder` was written by major version `found`; the installed program is `program`."""

    code = "data-version-differs"

    def __init__(self, folder: Path, found: str, program: str) -> None:
        super().__init__(
            f"the data in {folder} was written by PostgreSQL {found}, the installed one is {program}; "
            "install the former, dump, and load into a new data folder"
        )
        self.folder = folder
        self.found = found
        self.program = program


class ProgramMissingError(EmbeddedError):
    """The package `package` that brings a store's program is missing or has no program for this platform."""

    code = "program-missing"

    def __init__(self, package: str, looked_at: Path | None = None) -> None:
        super().__init__(
            f"the package {package} has no program here{f' ({looked_at})' if looked_at else ''}; "
            "install it, or point the server at external stores"
        )
        self.package = package
        self.looked_at = looked_at


class NoUnprivilegedUserError(EmbeddedError):
    """PostgreSQL refuses root and wants a user with a name; `uid` is the one that will not do."""

    code = "no-unprivileged-user"

    def __init__(self, uid: int) -> None:
        super().__init__(
            "PostgreSQL refuses root, and there is no user 'leitai', 'nobody' or 'postgres' to run it as"
            if uid == 0
            else f"PostgreSQL wants a user with a name, and uid {uid} has no entry in the user database"
        )
        self.uid = uid


class AlreadyRunningError(EmbeddedError):
    """`name` was started twice; `pid` runs."""

    code = "already-running"

    def __init__(self, name: str, pid: int) -> None:
        super().__init__(f"{name} runs already as process {pid}")
        self.name = name
        self.pid = pid


class StoreDidNotStartError(EmbeddedError):
    """`name` ended with `status` (None: it ran, but was not ready in time); `log` is the end of what it said."""

    code = "store-did-not-start"

    def __init__(self, name: str, status: int | None, log: str) -> None:
        super().__init__(
            f"{name} {'was not ready in time' if status is None else f'ended with status {status}'}:\n{log}"
        )
        self.name = name
        self.status = status
        self.log = log
