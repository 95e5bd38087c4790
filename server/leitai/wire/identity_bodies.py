"""The JSON bodies of the staff's second factor and of signing in through a provider of identities."""

from msgspec import Struct

from leitai.wire.bodies import Typed
from leitai.wire.staff_bodies import Secret


class SignInWays(Struct, frozen=True):
    """How one may sign in besides by password."""

    provider: str
    """What the provider's button says; empty: there is none."""


class StaffCodeRequest(Struct, frozen=True):
    """A code of the second factor, or a recovery code."""

    code: Typed


class SecondFactorBody(Struct, frozen=True):
    """Where one's own second factor stands. `since_us` 0: it is off."""

    since_us: int
    recovery_left: int
    password: bool
    """Whether the account has a password, which turning it off asks for."""


class SecondFactorBegun(Struct, frozen=True):
    """What an authenticator app needs; it is shown now and never again. `qr` is a picture as a `data:` address."""

    secret: str
    uri: str
    qr: str


class RecoveryCodes(Struct, frozen=True):
    """Codes that work once each in place of the device; they are shown now and never again."""

    codes: list[str]


class SecondFactorOffRequest(Struct, frozen=True):
    """The password, and a code of the factor or a recovery code."""

    password: Secret
    code: Typed
