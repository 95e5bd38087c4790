"""The JSON bodies of the director's control page."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from leitai.wire.air_bodies import AirLineBody, AirShown

ChannelName = Annotated[str, Meta(pattern="^[a-z0-9-]{1,24}$")]


class AirTokenBody(Struct, frozen=True):
    """A token without its secret. `last_used_us`: 0, never."""

    token: int
    name: str
    created_us: int
    created_by: str
    last_used_us: int
    revoked: bool


class AirTokenMade(Struct, frozen=True):
    """A new token with its secret, which is told this once."""

    token: AirTokenBody
    secret: str


class ChannelBody(Struct, frozen=True):
    """What a channel shows. `edition` is what a take is to expect; 0: never used."""

    channel: str
    edition: int
    on: AirShown | None
    preview: AirShown | None


class BroadcastDelegation(Struct, frozen=True):
    """A delegation that takes part."""

    code: str
    short: str


class BroadcastBody(Struct, frozen=True):
    """All of the control page. `session` is 0 while there is none."""

    session: int
    title: str
    phase: str
    frozen: bool
    tokens: list[AirTokenBody]
    channels: list[ChannelBody]
    lines: list[AirLineBody]
    """The director's own; announcements are not among them."""
    delegations: list[BroadcastDelegation]


class TakeRequest(Struct, frozen=True):
    """Another state for a channel that stands at the edition `expects`; what is left out stays as it is."""

    channel: ChannelName
    expects: Annotated[int, Meta(ge=0, le=2**31 - 2)]
    on: AirShown | UnsetType | None = UNSET
    preview: AirShown | UnsetType | None = UNSET


class AirTokenRequest(Struct, frozen=True):
    """A new token's name: the machine that it is for."""

    name: Annotated[str, Meta(min_length=1, max_length=64)]


class AirLineRequest(Struct, frozen=True):
    """A line for the ticker of a session."""

    session: int
    text: Annotated[str, Meta(min_length=1, max_length=200)]


class AirLineRemoveRequest(Struct, frozen=True):
    """Take a line off."""

    session: int
    line: int
