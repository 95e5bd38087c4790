"""Where contestants come from: each from a loopback address of its own, when the server is on this machine."""

import functools
import socket
from urllib.parse import urlsplit

from leitai_loadtest.swarm.hall import Hall

_PER_NET = 250


def address(hall: Hall, number: int, *, viewer: bool = False) -> str:
    """Return the address that contestant or viewer `number` (from 0) comes from; empty: the machine's choice.

    The server is reached over loopback: 127.1.x.y, viewers 127.2.x.y. In the scenario of one address, and everywhere
    else, the machine's own.
    """
    if hall.scenario.one_address or not _spread(hall.url):
        return ""
    return f"127.{2 if viewer else 1}.{number // _PER_NET % 256}.{number % _PER_NET + 1}"


@functools.cache
def _spread(url: str) -> bool:
    """Whether the server is on loopback and this system lets all of 127.0.0.0/8 be used without being set up."""
    try:
        with socket.socket() as tried:
            tried.bind(("127.1.0.1", 0))
    except OSError:
        return False
    return (urlsplit(url).hostname or "").startswith("127.")
