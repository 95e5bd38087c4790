"""What a role's process tells the supervisor that started it: that it is ready. Imported by compose and cli only."""

import os
import socket

VARIABLE = "LEITAI_NOTICES"
"""A descriptor handed down (a datagram socket), and what is to be said on it."""


def tell_ready() -> None:
    """Say that this process does its work from now on; nothing happens when nobody asked."""
    descriptor, _, word = os.environ.get(VARIABLE, "").partition(" ")
    if descriptor:
        with socket.socket(fileno=os.dup(int(descriptor))) as supervisor:
            supervisor.send(word.encode())
