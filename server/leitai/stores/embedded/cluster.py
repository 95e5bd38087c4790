"""A Valkey Cluster of real processes on the loopback address, for rehearsals and tests: it dies with this program."""

import contextlib
import socket
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any

import hiredis

from leitai.stores.embedded.errors import StoreDidNotStartError
from leitai.stores.embedded.ports import HOST, held_ports
from leitai.stores.embedded.valkey import EmbeddedValkey

NODE_TIMEOUT_MS = 1500
"""A node that does not answer for so long is taken for dead, and its replica promoted, unless it is said otherwise."""
_SLOTS = 16_384


class ClusterNode(EmbeddedValkey):
    """One node, with its data under `data_dir`."""

    def __init__(self, data_dir: Path, timeout_ms: int = NODE_TIMEOUT_MS) -> None:
        # For as long as the node exists: it comes back on them after a kill.
        self._held = held_ports(2)
        self.port, self.bus = (port.number for port in self._held)
        settings = {
            "bind": HOST,
            "port": str(self.port),
            "cluster-enabled": "yes",
            "cluster-port": str(self.bus),
            "cluster-node-timeout": str(timeout_ms),
            # A shard that waits for its new primary does not hold up the others.
            "cluster-require-full-coverage": "no",
            "repl-diskless-sync-delay": "0",
        }
        super().__init__(data_dir, settings=settings)

    @property
    def address(self) -> str:
        """Host and port."""
        return f"{HOST}:{self.port}"

    def ask(self, *command: str | int) -> Any:
        """Return the reply to a command; blocks. Raises OSError, `hiredis.HiredisError`."""
        reader = hiredis.Reader()
        with socket.create_connection((HOST, self.port), timeout=5) as connection:
            connection.sendall(hiredis.pack_command(command))  # pyright: ignore[reportArgumentType]
            while (reply := reader.gets()) is False:
                data = connection.recv(1 << 16)
                if not data:
                    raise ConnectionResetError
                reader.feed(data)
        if isinstance(reply, hiredis.ReplyError):
            raise reply
        return reply

    def info(self, section: str) -> dict[str, str]:
        """Return a section of INFO, or of CLUSTER INFO for `cluster`."""
        text: bytes = self.ask("CLUSTER", "INFO") if section == "cluster" else self.ask("INFO", section)
        return dict(line.split(":", 1) for line in text.decode().split("\r\n") if ":" in line)


class EmbeddedCluster:
    """`primaries` with one replica each under `data_dir`, a folder of its own for each node."""

    def __init__(self, data_dir: Path, primaries: int = 3, timeout_ms: int = NODE_TIMEOUT_MS) -> None:
        """Create the folders; nothing is started. A node that does not answer for `timeout_ms` is taken for dead."""
        folders = [data_dir / f"valkey-{number}" for number in range(1, 2 * primaries + 1)]
        self.nodes = [ClusterNode(folder, timeout_ms) for folder in folders]
        self._primaries = primaries

    @property
    def url(self) -> str:
        """For `LEITAI_VALKEY_URL`."""
        return "redis+cluster://" + ",".join(node.address for node in self.nodes)

    def start(self, ready_seconds: float = 120.0) -> None:
        """Start all nodes and make a Cluster of them; blocks until every replica has its primary's data.

        Raises:
            EmbeddedError: any of `errors`; nothing runs then.
        """
        deadline = time.monotonic() + ready_seconds
        try:
            with ThreadPoolExecutor(len(self.nodes)) as pool:
                list(pool.map(lambda node: node.start(ready_seconds), self.nodes))
            self._join(deadline)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop all nodes."""
        with ThreadPoolExecutor(len(self.nodes)) as pool:
            list(pool.map(lambda node: node.stop(5), self.nodes))

    def primary(self, slot: int) -> ClusterNode:
        """Return the node that serves a slot now, as most of the running ones see it; raises LookupError."""
        votes: dict[int, int] = {}
        for node in self.nodes:
            with contextlib.suppress(OSError):
                for first, last, (_, port, *_), *_replicas in node.ask("CLUSTER", "SLOTS"):
                    if first <= slot <= last:
                        votes[port] = votes.get(port, 0) + 1
        if not votes:
            raise LookupError(slot)
        port = max(votes, key=lambda port: votes[port])
        return next(node for node in self.nodes if node.port == port)

    def _join(self, deadline: float) -> None:
        heads, followers = self.nodes[: self._primaries], self.nodes[self._primaries :]
        share = -(-_SLOTS // len(heads))
        for number, head in enumerate(heads):
            head.ask("CLUSTER", "ADDSLOTSRANGE", number * share, min((number + 1) * share, _SLOTS) - 1)
        for number, node in enumerate(self.nodes, 1):
            node.ask("CLUSTER", "SET-CONFIG-EPOCH", number)
            if number > 1:
                self.nodes[0].ask("CLUSTER", "MEET", HOST, node.port, node.bus)
        self._until(deadline, lambda node: int(node.info("cluster")["cluster_known_nodes"]) == len(self.nodes))
        for head, follower in zip(heads, followers, strict=True):
            name = head.ask("CLUSTER", "MYID")
            self._until(deadline, lambda node, name=name: _replicates(node, name), [follower])
        self._until(deadline, lambda node: node.info("cluster")["cluster_state"] == "ok")
        self._until(deadline, _in_step)

    def _until(
        self,
        deadline: float,
        holds: Callable[[ClusterNode], bool],
        nodes: Sequence[ClusterNode] | None = None,
    ) -> None:
        for node in nodes or self.nodes:
            while not holds(node):
                if time.monotonic() > deadline:
                    raise StoreDidNotStartError("cluster", None, node.child.log_tail())
                time.sleep(0.02)

    def __enter__(self) -> "EmbeddedCluster":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _replicates(node: ClusterNode, primary: bytes) -> bool:
    """Make a node the replica of another, once it has heard of it."""
    with contextlib.suppress(hiredis.HiredisError):
        return node.ask("CLUSTER", "REPLICATE", primary.decode()) == b"OK"
    return False


def _in_step(node: ClusterNode) -> bool:
    replication = node.info("replication")
    return replication["role"] == "master" or replication["master_link_status"] == "up"
