"""One user per folder: a lock that ends with the process that holds it, however that ends."""

import fcntl
import os
from pathlib import Path

from leitai.stores.embedded.errors import DataFolderInUseError, DataFolderUnusableError


class FolderLock:
    """An exclusive lock on `folder`, held in the file `folder/name` from `acquire` until `release`.

    The kernel drops it when the process ends. Two locks on one folder exclude each other within one process too.
    """

    def __init__(self, folder: Path, name: str = "lock") -> None:
        self._folder = folder
        self._path = folder / name
        self._descriptor: int | None = None

    @property
    def held(self) -> bool:
        """Whether this object has the lock."""
        return self._descriptor is not None

    def acquire(self) -> None:
        """Take the lock; nothing happens when this object has it already.

        Raises:
            DataFolderInUseError: another process, or another object here, has it.
            DataFolderUnusableError: the lock file cannot be written.
        """
        if self._descriptor is not None:
            return
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
        except OSError as error:
            raise DataFolderUnusableError(self._folder, f"{self._path.name}: {error.strerror}") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 32, 0).decode(errors="replace").strip()
            os.close(descriptor)
            raise DataFolderInUseError(self._folder, int(holder) if holder.isdigit() else None) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the lock back; nothing happens when it is not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
