"""What goes on air, and the event feed: what the office needs from their stores. stores/postgres implements it.

Every call may raise `office.ports.StoreUnavailable`. Each writing call is one transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from leitai.office.ports import AuditLog
from leitai.rules.values import Micros, SessionId

# --- what goes on air ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AirToken:
    """A read-only token of a graphics machine, as stored: never the token itself."""

    token_id: int
    name: str
    digest: bytes
    created_us: Micros
    created_by: str
    last_used_us: Micros
    """0: never."""
    revoked: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """An overlay with its parameters (`office.broadcast.OVERLAYS`)."""

    name: str
    params: dict[str, str | int]


@dataclass(frozen=True, slots=True)
class Channel:
    """What a channel shows, and what waits to be shown. `edition` counts its changes; 0: it was never used."""

    name: str
    edition: int = 0
    on_air: Shown | None = None
    preview: Shown | None = None


@dataclass(frozen=True, slots=True)
class AirLine:
    """A line of the director's for the ticker."""

    line_id: int
    at_us: Micros
    text: str


class BroadcastStore(AuditLog, Protocol):
    """Where it is kept what goes on air."""

    async def air_tokens(self) -> Sequence[AirToken]:
        """Return every token, revoked ones too, by id."""
        ...

    async def add_air_token(self, name: str, digest: bytes, actor: str) -> int:
        """Return the id of a new token."""
        ...

    async def revoke_air_token(self, token_id: int, actor: str) -> bool:
        """Revoke a token; False when there is none in force."""
        ...

    async def air_tokens_used(self, used: Mapping[int, Micros]) -> None:
        """Set down when tokens were last used; an earlier moment changes nothing."""
        ...

    async def channels(self) -> Sequence[Channel]:
        """Return the channels that were ever used, by name."""
        ...

    async def set_channel(self, wanted: Channel, actor: str) -> int | None:
        """Put a channel as it stood at `wanted.edition` into another state; returns the new edition, None when it
        stands at another by now."""
        ...

    async def air_lines(self, session_id: SessionId) -> Sequence[AirLine]:
        """Return the lines of a session that were not removed, by id."""
        ...

    async def add_air_line(self, session_id: SessionId, text: str, actor: str) -> int:
        """Return the id of a new line."""
        ...

    async def remove_air_line(self, session_id: SessionId, line_id: int, actor: str) -> bool:
        """Remove a line; False when it is not there."""
        ...


# --- the event feed --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """A line of a session's event feed: an object as it is from then on; `data` is its JSON, `null` when it is gone."""

    seq: int
    type: str
    object_id: str
    """Empty for what there is one of."""
    data: bytes


class FeedStore(Protocol):
    """Where the event feed is kept."""

    async def feed_after(self, session_id: SessionId, seq: int) -> Sequence[FeedEvent]:
        """Return a session's events after a number, in order."""
        ...

    async def append_feed(self, session_id: SessionId, holder: str, events: Sequence[FeedEvent]) -> bool:
        """Append events whose numbers follow the last one, all or none; with none, only stay the one who does.

        False: another process adds to this feed (until it was silent for 5 s), or something was added meanwhile.
        """
        ...
