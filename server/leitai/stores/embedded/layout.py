"""The folders inside a data folder that all processes share."""

import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from leitai.stores.embedded.errors import DataFolderUnusableError
from leitai.stores.embedded.process import Child


@dataclass(frozen=True, slots=True, init=False)
class Layout:
    """Paths under the data folder `root` (absolute, links resolved). Building one creates the folders.

    Folders that are there already keep their rights: what must be private is private in itself.

    Raises:
        DataFolderUnusableError: a folder cannot be made.
    """

    root: Path
    run: Path
    """Pid files, sockets."""
    logs: Path

    def __init__(self, data_dir: Path) -> None:
        root = data_dir.expanduser().resolve()
        object.__setattr__(self, "root", root)
        object.__setattr__(self, "run", root / "run")
        object.__setattr__(self, "logs", root / "logs")
        try:
            if not root.exists():
                root.mkdir(parents=True)
                root.chmod(0o755)
            self.run.mkdir(exist_ok=True)
            self.run.chmod(0o755)
            self.logs.mkdir(mode=0o750, exist_ok=True)
        except OSError as error:
            raise DataFolderUnusableError(root, error.strerror or "cannot be made") from error

    def child(
        self,
        name: str,
        *,
        stop_signals: Sequence[signal.Signals] = (signal.SIGTERM,),
        death_signal: signal.Signals = signal.SIGKILL,
        log: str = "",
        logged: bool = True,
    ) -> Child:
        """A child with its pid file and log in this data folder.

        `log` names the log, when others write to it too. A child that is not `logged` writes where this process writes.
        """
        return Child(
            name,
            pid_file=self.run / f"{name}.pid",
            log_file=self.logs / f"{log or name}.log" if logged else None,
            stop_signals=stop_signals,
            death_signal=death_signal,
        )
