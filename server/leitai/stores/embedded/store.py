"""What both embedded stores share: one user per folder, a socket, a process, and an order of coming and going."""

import shutil
import signal
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from leitai.stores.embedded import places
from leitai.stores.embedded.errors import AlreadyRunningError, StoreDidNotStartError
from leitai.stores.embedded.layout import Layout
from leitai.stores.embedded.locks import FolderLock
from leitai.stores.embedded.process import User


class EmbeddedStore(ABC):
    """A store with its data in `data_dir/name`.

    Methods block and may be called from any thread, one at a time; none needs an event loop. Its folder is locked
    from `start` until `stop`, also while it is down after `kill`.
    """

    name: ClassVar[str]
    socket_name: ClassVar[str]
    stop_signals: ClassVar[Sequence[signal.Signals]] = (signal.SIGTERM,)
    death_signal: ClassVar[signal.Signals] = signal.SIGKILL

    def __init__(self, data_dir: Path) -> None:
        """Create the folders; nothing is started.

        Raises:
            DataFolderUnusableError: the data folder cannot be made.
            NoUnprivilegedUserError: see `errors`.
        """
        layout = Layout(data_dir)
        self._folder = layout.root / self.name
        self._user = self._owner()
        self._preferred_sockets = layout.run / self.name
        self._sockets = places.socket_folder(self._preferred_sockets, self.socket_name, self._user)
        self._lock = FolderLock(layout.run, f"{self.name}.lock")
        self.child = layout.child(self.name, stop_signals=self.stop_signals, death_signal=self.death_signal)

    @property
    def pid(self) -> int | None:
        """The running process (of PostgreSQL the first one, parent of the others)."""
        return self.child.pid

    def start(self, ready_seconds: float = 120.0) -> None:
        """Start, creating the data the first time, and return when it serves. After a kill -9 it recovers first.

        Raises:
            EmbeddedError: any of `errors`. Nothing of it runs then, and the folder is free.
        """
        if self.child.pid is not None:
            raise AlreadyRunningError(self.name, self.child.pid)
        self._lock.acquire()
        try:
            self._launch(time.monotonic() + ready_seconds)
        except BaseException:
            self._leave()
            raise

    def stop(self, seconds: float = 20.0) -> None:
        """Stop in order, or kill after `seconds`; nothing happens when it does not run."""
        if self._lock.held:
            self.child.stop(seconds)
            self._leave()

    def kill(self) -> None:
        """Kill -9, for fault tests: the folder stays ours, `start` again recovers."""
        self.child.kill9()

    def forget(self) -> None:
        """Destroy all its data, for fault tests; it must not run. `start` begins with nothing."""
        assert self.child.pid is None
        shutil.rmtree(self._folder, ignore_errors=True)

    def restart(self) -> None:
        """Stop in order and start again."""
        self.stop()
        self.start()

    def _owner(self) -> User | None:
        """Who it runs as and who owns its folders; None: we."""
        return None

    @abstractmethod
    def _launch(self, deadline: float) -> None:
        """Start the process and return when it serves, by `deadline` (monotonic)."""

    @abstractmethod
    def _ready(self) -> bool:
        """Whether it serves now."""

    def _wait_ready(self, deadline: float) -> int | None:
        """Wait until it serves. None when it does, the exit status when it ended first.

        Raises:
            StoreDidNotStartError: not by `deadline`.
        """
        while not self._ready():
            status = self.child.wait(0.01)
            if status is not None:
                return status
            if time.monotonic() > deadline:
                raise StoreDidNotStartError(self.name, None, self.child.log_tail())
        return None

    def _leave(self) -> None:
        self.child.kill9()
        places.remove_socket_folder(self._sockets, self._preferred_sockets)
        self._lock.release()
