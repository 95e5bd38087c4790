"""The second factor of the staff: codes that change every 30 s (TOTP, RFC 6238), optional for each account.

A code is taken within one step of its own, so that clocks may differ by half a minute, and once only: the last step
that was used is kept in the database, and no code of it or of an earlier one is taken again, at whatever door. Ten
recovery codes of one use each stand in for a device that is lost. Every act here is written into the audit.
"""

import hashlib
import hmac
import time
import unicodedata
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from pyotp import random_base32
from pyotp.totp import TOTP

from leitai.office.accounts import CODE_LENGTH, new_code, normalise_code
from leitai.office.identity_ports import Factor, FactorStore
from leitai.office.staff import StaffRefused
from leitai.office.staff_ports import StaffRecord

STEP_S = 30
WINDOW = 1
"""Steps before and after the present one whose codes are taken."""
DIGITS = 6
RECOVERY_CODES = 10
ISSUER = "Leitai"
"""What authenticator apps list the account under."""

Audit = Callable[[str, str, str, Mapping[str, object]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator app needs, shown while somebody enrols and never again."""

    secret: str
    """In base 32, for whoever types it."""
    uri: str
    """`otpauth://…`, for whoever scans it."""


class SecondFactor:
    """Second factors of the accounts.

    Args:
        store: where they are kept.
        audit: `office.staff_ports.StaffStore.audit`.
        server_key: at least 32 bytes; recovery codes are kept as HMACs under a key derived from it.
        clock: seconds since 1970.
    """

    def __init__(
        self, store: FactorStore, audit: Audit, server_key: bytes, clock: Callable[[], float] = time.time
    ) -> None:
        self._store = store
        self._audit = audit
        self._key = hmac.digest(server_key, b"leitai staff recovery codes", "sha256")
        self._clock = clock

    async def of(self, member: StaffRecord) -> Factor | None:
        """Return somebody's factor that is on. Raises `StoreUnavailable`."""
        found = await self._store.factor(member.staff_id)
        return found if found and found.on_us else None

    async def begin(self, member: StaffRecord) -> Enrolment:
        """Make a secret that waits for its first code; one that waited before is void.

        Raises:
            StaffRefused: `second-factor-on`.
            StoreUnavailable: from the store.
        """
        secret = random_base32()
        if not await self._store.begin_factor(member.staff_id, secret):
            raise StaffRefused("second-factor-on")
        return Enrolment(secret, TOTP(secret).provisioning_uri(name=member.login, issuer_name=ISSUER))

    async def confirm(self, member: StaffRecord, code: str) -> list[str]:
        """Turn on what was begun; returns the recovery codes, which are kept nowhere as they are.

        Raises:
            StaffRefused: `code-refused`, `second-factor-off` (nothing was begun), `second-factor-on`.
            StoreUnavailable: from the store.
        """
        found = await self._store.factor(member.staff_id)
        if found is None:
            raise StaffRefused("second-factor-off")
        if found.on_us:
            raise StaffRefused("second-factor-on")
        step = self._step_of(found.secret, code)
        if step is None:
            raise StaffRefused("code-refused")
        recovery = [new_code() for _ in range(RECOVERY_CODES)]
        digests = [self._digest(member.staff_id, one) for one in recovery]
        if not await self._store.turn_factor_on(member.staff_id, step, digests):
            raise StaffRefused("second-factor-on")
        await self._say(member.login, "staff-second-factor-on", member)
        return recovery

    async def passes(self, member: StaffRecord, code: str, by: str) -> bool:
        """Use a code, or a recovery code, up to sign somebody in; `by` is what was proved before, for the audit.

        A wrong code, one that was used and one whose time has passed are told apart by nothing.

        Raises:
            StoreUnavailable: from the store.
        """
        kind = await self._use(member, code)
        if not kind:
            await self._say(member.login, "staff-code-refused", member, by=by)
            return False
        await self._say(member.login, "staff-sign-in", member, by=by, factor=kind)
        return True

    async def turn_off(self, member: StaffRecord, code: str) -> None:
        """Ask for no more codes; whoever asks for this has shown the password as well.

        Raises:
            StaffRefused: `code-refused`, `second-factor-off`.
            StoreUnavailable: from the store.
        """
        if await self.of(member) is None:
            raise StaffRefused("second-factor-off")
        if not await self._use(member, code):
            await self._say(member.login, "staff-code-refused", member, by="session")
            raise StaffRefused("code-refused")
        await self._store.remove_factor(member.staff_id)
        await self._say(member.login, "staff-second-factor-off", member)

    async def reset(self, actor: str, member: StaffRecord) -> None:
        """Take somebody's factor away: for whoever lost the device and the recovery codes.

        Raises:
            StaffRefused: `second-factor-own` (one's own is turned off by password and code), `second-factor-off`.
            StoreUnavailable: from the store.
        """
        if actor == member.login:
            raise StaffRefused("second-factor-own")
        if not await self._store.remove_factor(member.staff_id):
            raise StaffRefused("second-factor-off")
        await self._say(actor, "staff-second-factor-reset", member, login=member.login)

    # --- inside -------------------------------------------------------------------------------------------------------

    async def _use(self, member: StaffRecord, code: str) -> str:
        """Return what kind of code was used up; empty for none."""
        found = await self.of(member)
        if found is None:
            return ""
        step = self._step_of(found.secret, code)
        if step is not None:
            return "code" if await self._store.take_step(member.staff_id, step) else ""
        if len(normalise_code(code)) != CODE_LENGTH:
            return ""
        digest = self._digest(member.staff_id, code)
        return "recovery" if await self._store.take_recovery(member.staff_id, digest) else ""

    def _step_of(self, secret: str, code: str) -> int | None:
        """Return the step whose code this is, of those that are taken now."""
        typed = "".join(unicodedata.normalize("NFKC", code).split()).encode()
        now = int(self._clock()) // STEP_S
        totp = TOTP(secret, digits=DIGITS, interval=STEP_S)
        taken = range(now - WINDOW, now + WINDOW + 1)
        fits = [step for step in taken if hmac.compare_digest(totp.generate_otp(step).encode(), typed)]
        return max(fits, default=None)

    def _digest(self, staff_id: int, code: str) -> bytes:
        return hmac.new(self._key, f"{staff_id}:{normalise_code(code)}".encode(), hashlib.sha256).digest()

    async def _say(self, actor: str, action: str, member: StaffRecord, **detail: object) -> None:
        await self._audit(actor, action, f"staff {member.staff_id}", detail)
