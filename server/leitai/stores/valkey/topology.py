"""Where the store's primaries are: one server, the primary that Sentinels name, or the primaries of a Cluster.

    redis://host:6379/0, rediss://…, unix:///path     one server
    redis+sentinel://s1:26379,s2:26379/mymaster       the primary that Sentinels watch as `mymaster`
    redis+cluster://a:6379,b:6379                     a Cluster, found through any of these

`user:password@` before the hosts goes for every data node; `rediss+…` speaks TLS with them.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Protocol
from urllib.parse import urlsplit, urlunsplit

from leitai.live.ports import StoreUnavailable
from leitai.stores.valkey.pipe import Pipe, StoreRefused
from leitai.stores.valkey.slots import SLOTS, slot_of

_ASK_S = 1.0
"""A node that does not tell where things are within this time is passed over."""


class Topology(Protocol):
    """Says at which URL the primary of a key is."""

    moves: bool
    """Whether that can change."""

    def primary(self, key: str) -> str | None:
        """Return the URL of a key's primary as far as it is known."""
        ...

    def primaries(self) -> frozenset[str]:
        """Return the URLs of all primaries as far as they are known."""
        ...

    def learn(self, key: str, address: str) -> str:
        """Take note that a key's primary is at `host:port`; return its URL."""
        ...

    def beside(self, address: str) -> str:
        """Return the URL of another node at `host:port`."""
        ...

    async def look(self, avoid: Iterable[str] = ()) -> None:
        """Find out anew; nodes in `avoid` are asked last. Raises `StoreUnavailable` when nobody could tell."""
        ...


def topology_of(url: str) -> Topology:
    """Return the topology that a URL names; raises ValueError for one that names none."""
    scheme, _, kind = urlsplit(url).scheme.partition("+")
    if scheme not in ("redis", "rediss", "unix"):
        raise ValueError(f"{scheme or url!r} is neither redis, rediss nor unix")
    if not kind:
        return Single(url)
    if kind == "cluster":
        return Cluster(_seeds(url))
    if kind == "sentinel":
        name, _, database = urlsplit(url).path.strip("/").partition("/")
        if not name:
            raise ValueError("redis+sentinel:// wants the name that the Sentinels watch, after the addresses")
        return Sentinel(_seeds(url), name, database)
    raise ValueError(f"redis+{kind}:// is neither redis+cluster nor redis+sentinel")


def _seeds(url: str) -> list[str]:
    """Return one URL for each of the hosts, without path."""
    parts = urlsplit(url)
    credentials, at, hosts = parts.netloc.rpartition("@")
    scheme = parts.scheme.partition("+")[0]
    return [urlunsplit((scheme, credentials + at + host.strip(), "", "", "")) for host in hosts.split(",") if host]


class Single:
    """One server for all keys."""

    moves = False

    def __init__(self, url: str) -> None:
        self._url = url

    def primary(self, key: str) -> str | None:
        """See `Topology.primary`."""
        return self._url

    def primaries(self) -> frozenset[str]:
        """See `Topology.primaries`."""
        return frozenset((self._url,))

    def learn(self, key: str, address: str) -> str:
        """See `Topology.learn`; a single server that sends elsewhere is part of a Cluster."""
        raise StoreRefused(f"{key} is at {address}: the store is a Cluster, name it as redis+cluster://…")

    def beside(self, address: str) -> str:
        """See `Topology.beside`."""
        return self.learn("a key", address)

    async def look(self, avoid: Iterable[str] = ()) -> None:
        """See `Topology.look`."""


class Sentinel:
    """One primary for all keys, which Sentinels replace when it fails."""

    moves = True

    def __init__(self, sentinels: Sequence[str], name: str, database: str = "") -> None:
        self._sentinels = list(sentinels)
        self._name = name
        self._database = database
        self._url: str | None = None

    def primary(self, key: str) -> str | None:
        """See `Topology.primary`."""
        return self._url

    def primaries(self) -> frozenset[str]:
        """See `Topology.primaries`."""
        return frozenset(() if self._url is None else (self._url,))

    def learn(self, key: str, address: str) -> str:
        """See `Topology.learn`."""
        return Single("").learn(key, address)

    def beside(self, address: str) -> str:
        """See `Topology.beside`."""
        return self.learn("a key", address)

    async def look(self, avoid: Iterable[str] = ()) -> None:
        """See `Topology.look`."""
        # Sentinels have their own users, if any: the password is the data nodes'.
        found = await _first(
            [_bare(url) for url in self._sentinels], ("SENTINEL", "GET-MASTER-ADDR-BY-NAME", self._name), _named
        )
        host, port = (part.decode() for part in found)
        self._url = _at(self._sentinels[0], f"{host}:{port}", self._database)


class Cluster:
    """A primary for every range of slots."""

    moves = True

    def __init__(self, seeds: Sequence[str]) -> None:
        self._seeds = list(seeds)
        self._primaries: list[str | None] = [None] * SLOTS

    def primary(self, key: str) -> str | None:
        """See `Topology.primary`."""
        return self._primaries[slot_of(key)]

    def primaries(self) -> frozenset[str]:
        """See `Topology.primaries`."""
        return frozenset(url for url in self._primaries if url is not None)

    def learn(self, key: str, address: str) -> str:
        """See `Topology.learn`."""
        url = self.beside(address)
        self._primaries[slot_of(key)] = url
        return url

    def beside(self, address: str) -> str:
        """See `Topology.beside`."""
        return _at(self._seeds[0], address)

    async def look(self, avoid: Iterable[str] = ()) -> None:
        """See `Topology.look`."""
        doubted = set(avoid)
        known = dict.fromkeys([*sorted(self.primaries() - doubted), *self._seeds, *sorted(doubted)])
        primaries: list[str | None] = [None] * SLOTS
        for first, last, (host, port, *_), *_replicas in await _first(list(known), ("CLUSTER", "SLOTS"), bool):
            url = _at(self._seeds[0], f"{host.decode()}:{port}")
            primaries[first : last + 1] = [url] * (last + 1 - first)
        self._primaries = primaries


def _named(reply: Any) -> bool:
    return isinstance(reply, list)


def _bare(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], "", "", ""))


def _at(like: str, address: str, database: str = "") -> str:
    """Return a node's URL with scheme and credentials as those of `like`."""
    parts = urlsplit(like)
    host, _, port = address.rpartition(":")
    host = f"[{host}]" if ":" in host else host
    credentials, at, _ = parts.netloc.rpartition("@")
    return urlunsplit((parts.scheme, f"{credentials}{at}{host}:{port}", database and f"/{database}", "", ""))


async def _first(urls: Sequence[str], command: tuple[str, ...], holds: Callable[[Any], bool]) -> Any:
    """Ask one after another, each on a connection of its own; return the first reply that holds."""
    reason = "nobody to ask"
    for url in urls:
        pipe = Pipe(url)
        try:
            reply = await _within(pipe.execute_command(*command))
        except (StoreUnavailable, StoreRefused, TimeoutError) as failure:
            reason = f"{_bare(url)}: {failure or 'no answer'}"
        else:
            if holds(reply):
                return reply
            reason = f"{_bare(url)} does not know"
        finally:
            await pipe.aclose()
    raise StoreUnavailable(reason)


async def _within(asked: Awaitable[Any]) -> Any:
    async with asyncio.timeout(_ASK_S):
        return await asked
