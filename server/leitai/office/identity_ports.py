"""What signing in needs besides the accounts: second factors, sign-ins that are under way, a provider of identities."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec

from leitai.rules.values import Micros


@dataclass(frozen=True, slots=True)
class Factor:
    """Somebody's second factor as stored."""

    secret: str
    """Of RFC 6238, in base 32."""
    on_us: Micros
    """Since when codes are asked for; 0: it waits for its first code."""
    last_step: int
    """Codes of this step and of earlier ones are used up."""
    recovery_left: int


class FactorStore(Protocol):
    """Where second factors are kept, secrets sealed. Every call may raise `StoreUnavailable`."""

    async def factor(self, staff_id: int) -> Factor | None:
        """Return somebody's second factor; None: there is none, not even one that was begun."""
        ...

    async def begin_factor(self, staff_id: int, secret: str) -> bool:
        """Set down a secret that waits for its first code, in place of any other; False when a factor is on."""
        ...

    async def turn_factor_on(self, staff_id: int, step: int, recovery: Sequence[bytes]) -> bool:
        """Turn on what was begun, all at once: its first code's step is used up, recovery codes are these digests.

        False when nothing waits.
        """
        ...

    async def take_step(self, staff_id: int, step: int) -> bool:
        """Use a step up, atomically; False when it or a later one was used before, or no factor is on."""
        ...

    async def take_recovery(self, staff_id: int, digest: bytes) -> bool:
        """Use a recovery code up, atomically; False when there is none such left."""
        ...

    async def remove_factor(self, staff_id: int) -> bool:
        """Turn a factor off and forget it with its recovery codes; False when none is on."""
        ...


class SignInFlows(Protocol):
    """Sign-ins that are under way, each known to one browser by its cookie. Calls may raise `StoreUnavailable`."""

    async def keep_flow(self, content: bytes, seconds: int) -> str:
        """Keep what a sign-in needs to go on; returns the cookie's value."""
        ...

    async def flow(self, cookie: str) -> bytes | None:
        """Return what is kept; None when it lapsed, was used up or never was."""
        ...

    async def take_flow(self, cookie: str) -> bytes | None:
        """Return what is kept and forget it, atomically: of two who ask, one gets it."""
        ...


class PendingSignIn(msgspec.Struct, frozen=True, tag=True):
    """Somebody who proved to be who they say but for the code: valid while the account stands at `version`."""

    staff_id: int
    version: int
    by: str
    """`password`, `invitation` or `provider`."""


class ProviderFlow(msgspec.Struct, frozen=True, tag=True):
    """A sign-in that is at the provider of identities: what its answer must match."""

    state: str
    nonce: str
    verifier: str
    redirect_uri: str
    earlier: str = ""
    """The name of the session that the browser had when it left (`StaffSessions.staff_session_name`); empty: none."""


class SignOnRefused(Exception):
    """The provider's answer signs nobody in; `code` is a key of wire.errors.

    `oidc-unavailable` (no answer within the time-outs), `oidc-state` (not the answer to what this browser asked),
    `oidc-refused` (the provider refused, or does not take the code), `oidc-token` (what it says of the person does not
    hold: signature, issuer, audience, nonce, time, or no name in it).
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class SignOn(Protocol):
    """A provider of identities that signs the staff in (OpenID Connect)."""

    @property
    def label(self) -> str:
        """What the button on the sign-in page says."""
        ...

    async def begin(self, redirect_uri: str) -> tuple[str, ProviderFlow]:
        """Return the provider's address to go to, and what to keep until its answer. Raises `SignOnRefused`."""
        ...

    async def finish(self, flow: ProviderFlow, answer: Mapping[str, str]) -> str:
        """Return the login that the provider's answer (the query of the way back) names. Raises `SignOnRefused`."""
        ...
