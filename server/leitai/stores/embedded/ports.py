"""Ports of the loopback address for programs that must be told theirs before they start."""

import contextlib
import os
import random
import socket
import weakref

HOST = "127.0.0.1"
# Below those that outgoing connections take, and low enough for a Cluster's bus at port + 10,000.
_FIRST, _LAST = 11_000, 32_000


class HeldPort:
    """A port that no other program listens on, and that no other `HeldPort` of this machine has while this one lives.

    It is bound but not listened on, and may be shared from then on: a program that sets SO_REUSEADDR, as servers do,
    listens on it; whoever looks for a free one finds it taken. Between such a program's end and its next start it stays
    held, and connections to it are refused.
    """

    def __init__(self) -> None:
        """Look for one and hold it."""
        holder = None
        while holder is None:
            holder = _bound(random.randrange(_FIRST, _LAST))  # noqa: S311 (no secret)
        self.number: int = holder.getsockname()[1]
        self.release = weakref.finalize(self, os.close, holder.detach())
        """Let go of it; happens by itself when this object goes."""


def _bound(port: int) -> socket.socket | None:
    holder = socket.socket()
    with contextlib.suppress(OSError):
        # Alone at first: with SO_REUSEADDR two that look at once would both find it free.
        holder.bind((HOST, port))
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return holder
    holder.close()
    return None


def held_ports(count: int) -> list[HeldPort]:
    """Hold `count` ports, each another."""
    return [HeldPort() for _ in range(count)]
