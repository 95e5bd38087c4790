"""Where things of an embedded store may stand: folders of the right owner, short socket paths, who may enter what."""

import hashlib
import os
import re
import stat
import tempfile
from pathlib import Path

from leitai.stores.embedded.errors import DataFolderUnusableError
from leitai.stores.embedded.process import User

SOCKET_PATH_LIMIT_BYTES = 100
"""Socket addresses hold 108 bytes on Linux and 104 on macOS, a closing zero among them."""

# No characters that need quoting in a URL, a DSN or a configuration file; asyncpg splits hosts at ',' and ':'.
_PLAIN_PATH = re.compile(r"[A-Za-z0-9._/+-]+")


def private_folder(folder: Path, owner: User | None = None, mode: int = 0o700) -> Path:
    """Make `folder` (not its parents) one that belongs to `owner` (None: us) with `mode`, and return it.

    A folder that is there already is taken over when it is ours or the owner's, and refused otherwise: in a shared
    temporary folder somebody else may have put it there.

    Raises:
        DataFolderUnusableError: it is a file, a link, a stranger's, or cannot be made.
    """
    try:
        folder.mkdir(mode=mode, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError as error:
        raise DataFolderUnusableError(folder, error.strerror or "cannot be opened") from error
    try:
        wanted = owner or User(os.geteuid(), os.getegid())
        found = os.fstat(descriptor)
        if found.st_uid not in {wanted.uid, os.geteuid()}:
            raise DataFolderUnusableError(folder, f"it belongs to uid {found.st_uid}, not to uid {wanted.uid}")
        if found.st_uid != wanted.uid:
            os.fchown(descriptor, wanted.uid, wanted.gid)
        if stat.S_IMODE(found.st_mode) != mode:
            os.fchmod(descriptor, mode)
    except OSError as error:
        raise DataFolderUnusableError(folder, error.strerror or "its rights cannot be changed") from error
    finally:
        os.close(descriptor)
    return folder


def may_enter(folder: Path, user: User) -> bool:
    """Whether `user` (not root) may pass through `folder` and every folder above it, by their mode bits."""
    for step in (folder, *folder.parents):
        found = step.stat()
        if found.st_uid == user.uid:
            needed = stat.S_IXUSR
        elif found.st_gid == user.gid:
            needed = stat.S_IXGRP
        else:
            needed = stat.S_IXOTH
        if not found.st_mode & needed:
            return False
    return True


def socket_folder(preferred: Path, socket_name: str, user: User | None = None) -> Path:
    """The folder for a socket: `preferred`, or when a socket cannot stand there a short one under the temp folder.

    A socket cannot stand in `preferred` when its path would be too long, holds characters that URLs or settings
    would have to quote, or when `user` may not enter. The choice is the same at every call; nothing is created.
    """
    path = os.fsencode(preferred / socket_name)
    plain = _PLAIN_PATH.fullmatch(str(preferred)) is not None
    if (
        plain
        and len(path) <= SOCKET_PATH_LIMIT_BYTES
        and (user is None or may_enter(_existing(preferred.parent), user))
    ):
        return preferred
    short = f"leitai-{os.geteuid()}-{hashlib.sha256(os.fsencode(preferred)).hexdigest()[:12]}"
    for base in (tempfile.gettempdir(), "/tmp", "/var/tmp"):  # noqa: S108  # a private folder in it, checked for its owner
        folder = Path(base) / short
        if _PLAIN_PATH.fullmatch(base) and len(os.fsencode(folder / socket_name)) <= SOCKET_PATH_LIMIT_BYTES:
            return folder
    raise DataFolderUnusableError(preferred, "no place for a socket with a short path")


def _existing(folder: Path) -> Path:
    while not folder.exists():
        folder = folder.parent
    return folder


def remove_socket_folder(folder: Path, preferred: Path) -> None:
    """Remove `folder` when `socket_folder` put it outside the data folder; its sockets are gone or stale."""
    if folder == preferred or not folder.is_dir():
        return
    for entry in folder.iterdir():
        entry.unlink(missing_ok=True)
    folder.rmdir()
