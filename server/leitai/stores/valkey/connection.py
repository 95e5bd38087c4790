"""The client of the store: finds the node of every command's key, carries commands there, runs scripts."""

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable
from functools import cache
from importlib import resources
from typing import Any, Protocol

from leitai.live.ports import StoreUnavailable
from leitai.stores.valkey.pipe import OtherHistory, Pipe, StoreRefused
from leitai.stores.valkey.topology import Topology, topology_of

_REDIRECTIONS = 5
_CONFIRM_MS = 1000
_CONFIRM_S = 2 * _CONFIRM_MS / 1000
_HANGS_S = 1.5
"""A node that leaves a command unanswered for so long may have been replaced."""
_LOOK_EVERY_S = 0.2
_FOLLOWING = re.compile(rb"^slave\d+:.*\bstate=online\b", re.MULTILINE)
_EVALS = ("EVALSHA", "EVAL")


class Commands(Protocol):
    """Whatever carries commands to the node of their key: `Store`, or a `pipe.Pipe` where there is one node."""

    async def execute_command(self, *args: Any, on: str | None = None) -> Any: ...


class Store:
    """The store, wherever its parts are.

    Three ways to carry a command: `execute_command` on the one pipelined connection to the node, with everybody else's;
    `execute_alone` on a connection lent for this call, for reads that block; `execute_durably` for writes that must be
    on disk, here and at as many replicas as were asked for, when it returns.

    A command belongs to the node of its first key; all keys of a command share a hash tag. What is sent to a node that
    has been replaced fails with `StoreUnavailable`, and the next command goes to its successor.
    """

    def __init__(self, topology: Topology, replicas: int = 0) -> None:
        """`replicas` must have a write on disk before it counts as done."""
        self.replicas = replicas
        self._topology = topology
        self._nodes: dict[str, _Node] = {}
        self._looking: asyncio.Task[None] | None = None
        self._watching: asyncio.Task[None] | None = None

    async def execute_command(self, *args: Any, on: str | None = None) -> Any:
        """Carry a command that does not block; see `Pipe.execute_command` for `on` and what is raised."""
        key = _key(args)
        node = self._node(key) or await self._find(key)
        try:
            return await node.pipe.execute_command(*args, on=on)
        except StoreRefused as refusal:
            return (await self._redirected(refusal, key, (args,), on))[0]
        except StoreUnavailable:
            self._look_soon(node)
            raise

    async def execute_alone(self, *args: Any) -> Any:
        """Carry a command that may block; raises as `execute_command`."""
        return (await self._alone(_key(args), (args,), None, _blocks_s(args)))[0]

    async def execute_durably(self, *args: Any, on: str | None = None) -> Any:
        """Carry a write, and return once disk and replicas have it.

        Raises:
            StoreUnavailable: also when they did not confirm it in time; it may have been carried out.
            StoreRefused, OtherHistory: see `Pipe.execute_command`.
        """
        if not self.replicas:
            return await self.execute_command(*args, on=on)
        return (await self._alone(_key(args), (args, *_confirming(self.replicas)), on, _CONFIRM_S))[0]

    async def execute_alone_durably(self, read: tuple[Any, ...], touched: str) -> Any:
        """Carry a read that may block, and return once disk and replicas have what it read.

        WAITAOF waits for writes of its own connection only, so `touched`, a key with the read one's hash tag, is
        written after the read.
        """
        if not self.replicas:
            return await self.execute_alone(*read)
        commands = (read, ("SET", touched, "1"), *_confirming(self.replicas))
        return (await self._alone(_key(read), commands, None, _blocks_s(read) + _CONFIRM_S))[0]

    async def history(self, key: str) -> str:
        """Return the history (see `Pipe`) of the key's node; raises `StoreUnavailable`."""
        node = self._node(key) or await self._find(key)
        try:
            return await node.pipe.history()
        except StoreUnavailable:
            self._look_soon(node)
            raise

    async def ping(self) -> None:
        """Hear from a primary; raises `StoreUnavailable` when none answers: one that fails is replaced meanwhile."""
        if not (urls := self._topology.primaries()):
            await self._look()
            urls = self._topology.primaries()
        asked = [self._at(url).pipe.execute_command("PING") for url in urls]
        replies = await asyncio.gather(*asked, return_exceptions=True)
        if failures := [reply for reply in replies if isinstance(reply, BaseException)]:
            self._look_soon(None)
            if len(failures) == len(replies):
                raise failures[0]

    async def replicas_in_step(self) -> int:
        """Return how many replicas follow the primary that has the fewest; raises `StoreUnavailable`."""
        if not self._topology.primaries():
            await self._look()
        asked = [self._at(url).pipe.execute_command("INFO", "replication") for url in self._topology.primaries()]
        try:
            told: list[bytes] = await asyncio.gather(*asked)
        except StoreRefused as refusal:
            raise StoreUnavailable(f"INFO: {refusal.reply}") from refusal
        return min((len(_FOLLOWING.findall(one)) for one in told), default=0)

    async def aclose(self) -> None:
        """Close all connections."""
        for task in (self._looking, self._watching):
            if task is not None:
                task.cancel()
        for node in self._nodes.values():
            await node.aclose()
        self._nodes.clear()

    # --- nodes --------------------------------------------------------------------------------------------------------

    def _node(self, key: str) -> "_Node | None":
        url = self._topology.primary(key)
        return None if url is None else self._nodes.get(url)

    def _at(self, url: str) -> "_Node":
        node = self._nodes.get(url)
        if node is None:
            node = self._nodes[url] = _Node(url)
        if self._topology.moves and self._watching is None:
            self._watching = asyncio.create_task(self._watch())
        return node

    async def _find(self, key: str) -> "_Node":
        url = self._topology.primary(key)
        if url is None:
            await self._look()
            url = self._topology.primary(key)
        if url is None:
            raise StoreUnavailable(f"no node has the slot of {key}")
        return self._at(url)

    async def _alone(
        self, key: str, commands: tuple[tuple[Any, ...], ...], on: str | None, patience_s: float
    ) -> list[Any]:
        node = self._node(key) or await self._find(key)
        try:
            replies = await node.alone(commands, on, patience_s)
        except StoreRefused as refusal:
            replies = await self._redirected(refusal, key, commands, on)
        except StoreUnavailable:
            self._look_soon(node)
            raise
        if commands[-1][0] == "WAITAOF":
            local, elsewhere = replies[-1]
            if local < 1 or elsewhere < self.replicas:
                # Nor will it be confirmed if this primary has been replaced and does not know.
                self._look_soon(node)
                raise StoreUnavailable(f"on disk at {elsewhere} of {self.replicas} replicas")
        return replies

    async def _redirected(
        self, refusal: StoreRefused, key: str, commands: tuple[tuple[Any, ...], ...], on: str | None
    ) -> list[Any]:
        """Follow MOVED and ASK; what is refused for another reason is raised."""
        for _ in range(_REDIRECTIONS):
            kind, _, target = refusal.reply.partition(" ")
            if kind not in ("MOVED", "ASK"):
                raise refusal
            address = target.partition(" ")[2]
            try:
                if kind == "ASK":
                    node = self._at(self._topology.beside(address))
                    return (await node.alone((("ASKING",), *commands), on, 0))[1:]
                self._look_soon(self._node(key))
                return await self._at(self._topology.learn(key, address)).alone(commands, on, 0)
            except StoreRefused as next_refusal:
                refusal = next_refusal
        raise StoreUnavailable(f"sent in circles: {refusal.reply}")

    # --- finding out --------------------------------------------------------------------------------------------------

    def _look_soon(self, doubted: "_Node | None") -> None:
        if self._topology.moves and self._looking is None:
            self._looking = asyncio.create_task(self._look_once(doubted))

    async def _look_once(self, doubted: "_Node | None") -> None:
        try:
            await self._look(() if doubted is None else (doubted.url,))
            await asyncio.sleep(_LOOK_EVERY_S)
        except StoreUnavailable:
            # Whoever needs it will hear; the next failure looks again.
            await asyncio.sleep(_LOOK_EVERY_S)
        finally:
            self._looking = None

    async def _look(self, avoid: tuple[str, ...] = ()) -> None:
        await self._topology.look(avoid)
        primaries = self._topology.primaries()
        for url in [url for url in self._nodes if url not in primaries]:
            # Nobody is to wait for one that is a primary no more.
            await self._nodes.pop(url).aclose()

    async def _watch(self) -> None:
        """A node that hangs may have been replaced: whoever waits for it would not notice."""
        while True:
            await asyncio.sleep(_HANGS_S / 3)
            for node in self._nodes.values():
                if node.overdue_s > _HANGS_S:
                    self._look_soon(node)


class _Node:
    """One node: the connection that all share, and those that are lent for one call each."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.pipe = Pipe(url)
        self._free: list[Pipe] = []
        self._lent: dict[Pipe, float] = {}
        """With the seconds that its call may take."""

    @property
    def overdue_s(self) -> float:
        """For how long a reply has been missing that should have come at once."""
        lent = (pipe.unanswered_s - patience_s for pipe, patience_s in self._lent.items())
        return max(self.pipe.unanswered_s, *lent, 0.0)

    async def alone(self, commands: tuple[tuple[Any, ...], ...], on: str | None, patience_s: float) -> list[Any]:
        """Carry commands in turn on a connection that nobody else uses meanwhile."""
        pipe = self._free.pop() if self._free else Pipe(self.url)
        self._lent[pipe] = patience_s
        try:
            replies = await pipe.execute_in_turn(*commands, on=on)
        except (StoreRefused, OtherHistory):
            self._free.append(pipe)
            raise
        except BaseException:
            # Replies may still be on their way: they must not meet another call.
            await pipe.aclose()
            raise
        else:
            self._free.append(pipe)
        finally:
            del self._lent[pipe]
        return replies

    async def aclose(self) -> None:
        for pipe in (self.pipe, *self._free, *self._lent):
            await pipe.aclose()
        self._free = []


def open_store(url: str, *, replicas: int = 0) -> Store:
    """Return a client of the store at `url` (see `topology`); nothing connects yet. Raises ValueError."""
    return Store(topology_of(url), replicas)


@cache
def script(name: str) -> tuple[str, str]:
    """Return a script of `lua/` and its SHA-1, by which the store knows it."""
    text = (resources.files("leitai.stores.valkey") / "lua" / f"{name}.lua").read_text("utf-8")
    return text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


async def run_script(
    store: Commands,
    name: str,
    keys: list[str],
    args: list[Any],
    *,
    on: str | None = None,
    carry: Callable[..., Awaitable[Any]] | None = None,
) -> Any:
    """Run a script by its digest, loading it when the store does not know it (a restart forgets scripts).

    Raises as `carry` does: the store's `execute_command`, or another of its ways.
    """
    text, digest = script(name)
    carry = carry or store.execute_command
    try:
        return await carry("EVALSHA", digest, len(keys), *keys, *args, on=on)
    except StoreRefused as refusal:
        if not refusal.reply.startswith("NOSCRIPT"):
            raise
        return await carry("EVAL", text, len(keys), *keys, *args, on=on)


def _key(args: tuple[Any, ...]) -> str:
    """Return the first key of a command."""
    name = args[0]
    if name in _EVALS:
        return args[3]
    if name == "XREAD":
        return args[args.index("STREAMS") + 1]
    return args[1] if len(args) > 1 else ""


def _blocks_s(args: tuple[Any, ...]) -> float:
    """Return for how long a read may wait for something to come."""
    return args[args.index("BLOCK") + 1] / 1000 if "BLOCK" in args else 0.0


def _confirming(replicas: int) -> tuple[tuple[Any, ...], ...]:
    # A replica tells what it has when it is asked, before its own fsync; asked once it has received the write, it tells
    # of the fsync too. WAITAOF alone would so wait for the next heartbeat, up to a second.
    return ("WAIT", replicas, _CONFIRM_MS), ("WAITAOF", 1, replicas, _CONFIRM_MS)
