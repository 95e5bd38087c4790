"""What goes on air: tokens that open public data and nothing else, what each channel shows, the director's ticker.

All of it is held in memory, read again from the store twice a second: graphics machines ask often, the store may be
out, and another process may have changed it. While the store is out, what was known last stands.
"""

import asyncio
import hmac
import secrets
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from leitai.office.air_ports import AirLine, AirToken, BroadcastStore, Channel, Shown
from leitai.rules.values import Micros, SessionId

REFRESH_S = 0.5
USED_EVERY_S = 10.0
"""So often the last use of tokens is set down."""
AUDIT_EVERY_S = 60.0
"""Refusals of one token on one kind of place are audited so often: browsers come back every few seconds."""
PREFIX = "leitai-air-"
"""Every token begins so, for whoever looks for lost secrets."""
MOST_CHANNELS = 8
MOST_LINES = 20
STRIP_ROWS = 10

OVERLAYS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "strip": frozenset({"count"}),
        "top10": frozenset(),
        "delegations": frozenset(),
        "province": frozenset({"delegation"}),
        "item": frozenset({"show"}),
        "versus": frozenset({"left", "right"}),
        "ticker": frozenset(),
        "reveal": frozenset(),
    }
)
"""Every overlay that can be taken on air, with its parameters."""
_MAY_LACK = frozenset({"count", "show"})


class BroadcastRefused(Exception):
    """It cannot be done; `code` is a key of wire.errors: `bad-request`, `not-found`, `stale-version`,
    `too-many-on-air`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Broadcast:
    """What goes on air, as this process knows it.

    Args:
        store: where it is kept.
        server_key: at least 32 bytes; tokens are kept as HMACs under a key derived from it.
    """

    def __init__(self, store: BroadcastStore, server_key: bytes) -> None:
        self._store = store
        self._key = hmac.digest(server_key, b"leitai air tokens", "sha256")
        self._tokens: dict[bytes, AirToken] = {}
        self._channels: dict[str, Channel] = {}
        self._lines: Sequence[AirLine] = ()
        self._session: SessionId | None = None
        self._used: dict[int, Micros] = {}
        self._unwritten: set[int] = set()
        self._used_written_s = 0.0
        self._refused_s: dict[tuple[int, str], float] = {}
        self._turn = asyncio.Lock()

    # --- what is known ------------------------------------------------------------------------------------------------

    @property
    def tokens(self) -> list[AirToken]:
        """Every token, by id, with its last use."""
        known = sorted(self._tokens.values(), key=lambda one: one.token_id)
        return [replace(one, last_used_us=max(one.last_used_us, self._used.get(one.token_id, 0))) for one in known]

    @property
    def channels(self) -> list[Channel]:
        """The channels that were ever used, by name."""
        return list(self._channels.values())

    @property
    def lines(self) -> Sequence[AirLine]:
        """The director's lines, oldest first."""
        return self._lines

    def is_used(self, channel: str) -> bool:
        """Whether a channel of this name was ever used."""
        return channel in self._channels

    def channel(self, name: str) -> Channel:
        """Return a channel; one that was never used shows nothing."""
        return self._channels.get(name) or Channel(name)

    def token(self, secret: str) -> AirToken | None:
        """Return whose token it is, a revoked one too; None for what never was one."""
        return self._tokens.get(self._digest(secret)) if secret.startswith(PREFIX) else None

    def used(self, token: AirToken) -> None:
        """Note that a token is in use now."""
        self._used[token.token_id] = Micros(time.time_ns() // 1000)
        self._unwritten.add(token.token_id)

    async def refused(self, token: AirToken | None, code: str, place: str) -> None:
        """Audit that a token was refused at a place; again and again only once a minute. None: one that never was."""
        key = (token.token_id if token else 0, code)
        now_s = time.monotonic()
        if now_s - self._refused_s.get(key, -AUDIT_EVERY_S) < AUDIT_EVERY_S:
            return
        self._refused_s[key] = now_s
        subject = f"air-token {token.token_id}" if token else "air-token unknown"
        await self._store.audit(f"token {token.name}" if token else "token", code, subject, {"place": place})

    # --- keeping up ---------------------------------------------------------------------------------------------------

    async def refresh(self, session_id: SessionId | None) -> None:
        """Read all of it again, and set down what tokens were used.

        Raises:
            StoreUnavailable: from the store.
        """
        async with self._turn:
            tokens, channels = await self._store.air_tokens(), await self._store.channels()
            lines = await self._store.air_lines(session_id) if session_id is not None else ()
            # All at once: whoever a token lets in after a start is not shown an empty channel before the one on air.
            self._tokens = {one.digest: one for one in tokens}
            self._channels = {one.name: one for one in channels}
            self._lines, self._session = lines, session_id
        if self._unwritten and time.monotonic() - self._used_written_s > USED_EVERY_S:
            self._used_written_s = time.monotonic()
            used = {token_id: self._used[token_id] for token_id in self._unwritten}
            self._unwritten.clear()
            await self._store.air_tokens_used(used)

    # --- what directors do --------------------------------------------------------------------------------------------

    async def issue(self, actor: str, name: str) -> tuple[AirToken, str]:
        """Make a token; returns it with its secret, which is kept nowhere.

        Raises:
            BroadcastRefused: `bad-request` without a name.
            StoreUnavailable: from the store.
        """
        if not (name := name.strip()):
            raise BroadcastRefused("bad-request")
        secret = PREFIX + secrets.token_urlsafe(24)
        digest = self._digest(secret)
        async with self._turn:
            token_id = await self._store.add_air_token(name, digest, actor)
            made = AirToken(token_id, name, digest, Micros(time.time_ns() // 1000), actor, Micros(0), revoked=False)
            self._tokens[digest] = made
        await self._store.audit(actor, "air-token", f"air-token {token_id}", {"name": name})
        return made, secret

    async def revoke(self, actor: str, token_id: int) -> None:
        """Let a token open nothing any more, also where it is in use.

        Raises:
            BroadcastRefused: `not-found`; also when it was revoked before.
            StoreUnavailable: from the store.
        """
        async with self._turn:
            if not await self._store.revoke_air_token(token_id, actor):
                raise BroadcastRefused("not-found")
            self._tokens = {
                digest: replace(one, revoked=True) if one.token_id == token_id else one
                for digest, one in self._tokens.items()
            }
        await self._store.audit(actor, "air-token-revoke", f"air-token {token_id}", {})

    async def set_channel(self, actor: str, wanted: Channel, delegations: Collection[str]) -> Channel:
        """Put a channel that stands at `wanted.edition` into another state; returns it with its new edition.

        Raises:
            BroadcastRefused: `bad-request` (no such overlay, parameters that are not its own), `stale-version`
                (somebody else was first), `too-many-on-air`.
            StoreUnavailable: from the store.
        """
        for shown in (wanted.on_air, wanted.preview):
            if shown is not None:
                judge_shown(shown, delegations)
        async with self._turn:
            if wanted.name not in self._channels and len(self._channels) >= MOST_CHANNELS:
                raise BroadcastRefused("too-many-on-air")
            edition = await self._store.set_channel(wanted, actor)
            if edition is None:
                raise BroadcastRefused("stale-version")
            taken = self._channels[wanted.name] = replace(wanted, edition=edition)
        detail = {"edition": edition, "on_air": _said(wanted.on_air), "preview": _said(wanted.preview)}
        await self._store.audit(actor, "air-take", f"channel {wanted.name}", detail)
        return taken

    async def add_line(self, actor: str, session_id: SessionId, text: str) -> AirLine:
        """Add a line to the ticker.

        Raises:
            BroadcastRefused: `bad-request` for an empty one, `too-many-on-air`.
            StoreUnavailable: from the store.
        """
        if not (text := text.strip()):
            raise BroadcastRefused("bad-request")
        if self._session == session_id and len(self._lines) >= MOST_LINES:
            raise BroadcastRefused("too-many-on-air")
        async with self._turn:
            line_id = await self._store.add_air_line(session_id, text, actor)
            self._lines = await self._store.air_lines(session_id)
        await self._store.audit(actor, "air-line", f"session {session_id}", {"line": line_id, "text": text})
        return next(one for one in self._lines if one.line_id == line_id)

    async def remove_line(self, actor: str, session_id: SessionId, line_id: int) -> None:
        """Take a line off the ticker.

        Raises:
            BroadcastRefused: `not-found`.
            StoreUnavailable: from the store.
        """
        async with self._turn:
            if not await self._store.remove_air_line(session_id, line_id, actor):
                raise BroadcastRefused("not-found")
            self._lines = await self._store.air_lines(session_id)
        await self._store.audit(actor, "air-line-remove", f"session {session_id}", {"line": line_id})

    def _digest(self, secret: str) -> bytes:
        return hmac.digest(self._key, secret.encode(), "sha256")


def judge_shown(shown: Shown, delegations: Collection[str]) -> None:
    """Raise `BroadcastRefused` with `bad-request` unless an overlay has the parameters that it needs.

    Args:
        shown: the overlay.
        delegations: the codes of those that take part.
    """
    known = OVERLAYS.get(shown.name)
    if known is None or shown.params.keys() - known or (known - _MAY_LACK) - shown.params.keys():
        raise BroadcastRefused("bad-request")
    for name, value in shown.params.items():
        if name == "count":
            fits = isinstance(value, int) and 1 <= value <= STRIP_ROWS
        elif name == "show":
            fits = value in ("question", "distribution")
        else:
            fits = value in delegations
        if not fits:
            raise BroadcastRefused("bad-request")
    if shown.name == "versus" and shown.params["left"] == shown.params["right"]:
        raise BroadcastRefused("bad-request")


def _said(shown: Shown | None) -> object:
    return None if shown is None else {"name": shown.name, "params": shown.params}
