"""The accounts of the staff: invited by a code that works once, signed in by a password of their own.

Nobody but the person ever knows the password: whoever makes an account hands over a code, with which the person
chooses one. A forgotten password is a new invitation. Every act here is written into the audit.
"""

import asyncio
import hashlib
import hmac
import time
import unicodedata
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence

import argon2

from leitai.office.accounts import new_code, normalise_code
from leitai.office.ports import AlreadyThere
from leitai.office.staff_ports import StaffChange, StaffRecord, StaffStore
from leitai.rules.rights import Role
from leitai.rules.values import Micros

INVITED_FOR_US = 7 * 24 * 3600 * 1_000_000
LEAST_CHARS = 10
MOST_CHARS = 200
_AT_ONCE = 2
"""Passwords that are worked on at the same time: each takes 64 MiB and a core."""
STRANGERS_A_MINUTE = 10
"""Tries of names that nobody has, in the audit one by one: as many as of one account get as far as a password."""


class StaffRefused(Exception):
    """What was asked of an account cannot be done; `code` is a key of wire.errors.

    `login-taken`, `login-invalid`, `roles-invalid`, `password-weak`, `wrong-login`, `invitation-refused`,
    `stale-version`, `not-found`, `last-administrator`; of the second factor: `code-refused`, `second-factor-on`,
    `second-factor-off`, `second-factor-own`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Staff:
    """The accounts.

    Args:
        store: where they are kept.
        server_key: at least 32 bytes; invitations are kept as HMACs under a key derived from it.
        hasher: how passwords are hashed; tests take a cheaper one.
        clock: seconds that only grow.
    """

    def __init__(
        self,
        store: StaffStore,
        server_key: bytes,
        hasher: argon2.PasswordHasher | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._key = hmac.digest(server_key, b"leitai staff invitations", "sha256")
        self._hasher = hasher or argon2.PasswordHasher()
        self._nobody = ""
        self._clock = clock
        self._strangers: deque[float] = deque()
        """When tries of names that nobody has were written down, within the last minute."""
        self._unwritten = 0
        self._busy = asyncio.Semaphore(_AT_ONCE)

    # --- signing in ---------------------------------------------------------------------------------------------------

    async def sign_in(self, login: str, password: str) -> StaffRecord | None:
        """Return who gives this login and password, or None; an unknown login takes as long as a wrong password.

        Whoever has a second factor is asked for a code next: this alone signs nobody of them in.

        Raises:
            StoreUnavailable: from the store.
        """
        if not self._nobody:
            # Made when somebody first comes, off the loop, and not for whoever only keeps accounts.
            self._nobody = await self._hash(new_code())
        found = await self._store.staff_by_login(normalise_login(login))
        known = found.password if found is not None and found.password and not found.disabled else self._nobody
        fits = await self._verify(known, password)
        if found is None:
            await self._note_stranger()
            return None
        if not fits or known is self._nobody:
            await self._store.audit(found.login, "staff-sign-in-refused", f"staff {found.staff_id}", {})
            return None
        if self._hasher.check_needs_rehash(found.password):
            await self._store.set_staff_password(found.staff_id, await self._hash(password))
            found = await self._store.staff_member(found.staff_id)
        await self._say_came(found, {})
        return found

    async def _note_stranger(self) -> None:
        """Write down that a name was tried that nobody has, as a wrong password is; not the name, which is sometimes a
        password in the wrong field. Of a flood only the number is kept, and told by the next that is written."""
        now_s = self._clock()
        while self._strangers and self._strangers[0] <= now_s - 60:
            self._strangers.popleft()
        if len(self._strangers) >= STRANGERS_A_MINUTE:
            self._unwritten += 1
            return
        self._strangers.append(now_s)
        detail = {"code": "unknown-login", **({"more": self._unwritten} if self._unwritten else {})}
        self._unwritten = 0
        await self._store.audit("nobody", "staff-sign-in-refused", "staff", detail)

    async def named(self, login: str) -> StaffRecord | None:
        """Return the account that a provider of identities names; None, and a word in the audit, when there is none.

        Whoever has a second factor is asked for a code next, as after a password.

        Raises:
            StoreUnavailable: from the store.
        """
        found = await self._store.staff_by_login(normalise_login(login))
        if found is None or found.disabled:
            subject = "provider" if found is None else f"staff {found.staff_id}"
            await self._store.audit("provider", "staff-sign-in-refused", subject, {"code": "oidc-unknown-account"})
            return None
        await self._say_came(found, {"by": "provider"})
        return found

    async def member(self, staff_id: int) -> StaffRecord | None:
        """Return an account that may act now; None when there is none or it was disabled."""
        try:
            found = await self._store.staff_member(staff_id)
        except KeyError:
            return None
        return None if found.disabled else found

    async def members(self, staff_ids: Collection[int]) -> Mapping[int, StaffRecord]:
        """Return those of so many accounts that may act now, by id."""
        return {one.staff_id: one for one in await self._store.staff_members(staff_ids) if not one.disabled}

    async def welcome(self, login: str, code: str, password: str) -> StaffRecord:
        """Take an invitation: the person chooses the password.

        Raises:
            StaffRefused: `invitation-refused` (wrong, used, too old: all alike), `password-weak`.
            StoreUnavailable: from the store.
        """
        login = normalise_login(login)
        found = await self._store.staff_by_login(login)
        digest = self._digest(login, code)
        in_force = found is not None and hmac.compare_digest(digest, found.invited_hmac or bytes(32))
        if found is None or not in_force:
            raise StaffRefused("invitation-refused")
        _judge_password(password, found.login)
        if not await self._store.take_invitation(found.staff_id, digest, await self._hash(password)):
            raise StaffRefused("invitation-refused")
        await self._store.audit(found.login, "staff-welcome", f"staff {found.staff_id}", {})
        return await self._store.staff_member(found.staff_id)

    async def change_password(self, member: StaffRecord, old: str, new: str) -> None:
        """Give an account another password.

        Raises:
            StaffRefused: `wrong-login`, `password-weak`.
            StoreUnavailable: from the store.
        """
        await self.confirm_password(member, old)
        _judge_password(new, member.login)
        await self._store.set_staff_password(member.staff_id, await self._hash(new))
        await self._store.audit(member.login, "staff-password", f"staff {member.staff_id}", {})

    async def confirm_password(self, member: StaffRecord, password: str) -> None:
        """Raise `StaffRefused` with `wrong-login` unless this is the password of an account."""
        if not await self._verify(member.password or self._nobody, password):
            raise StaffRefused("wrong-login")

    # --- keeping the accounts -----------------------------------------------------------------------------------------

    async def all(self) -> Sequence[StaffRecord]:
        """Return every account, by login."""
        return await self._store.staff()

    async def invite(self, actor: str, login: str, change: StaffChange) -> tuple[StaffRecord, str]:
        """Make an account; returns it with the code that its person needs, once, within a week.

        Raises:
            StaffRefused: `login-taken`, `login-invalid`, `roles-invalid`.
            StoreUnavailable: from the store.
        """
        login = normalise_login(login)
        _judge_login(login)
        _judge_roles(change)
        try:
            staff_id = await self._store.add_staff(login, change.name.strip(), change.roles, change.delegation, actor)
        except AlreadyThere:
            raise StaffRefused("login-taken") from None
        detail = {"login": login, "roles": sorted(role.value for role in change.roles)}
        await self._store.audit(actor, "staff-invite", f"staff {staff_id}", detail)
        return await self.invite_again(actor, staff_id)

    async def invite_again(self, actor: str, staff_id: int) -> tuple[StaffRecord, str]:
        """Give an account a new invitation; the one before opens nothing any more. The old password still does.

        Raises:
            StaffRefused: `not-found`.
            StoreUnavailable: from the store.
        """
        found = await self._found(staff_id)
        code = new_code()
        until_us = Micros(time.time_ns() // 1000 + INVITED_FOR_US)
        await self._store.invite_staff(staff_id, self._digest(found.login, code), until_us)
        await self._store.audit(actor, "staff-invitation", f"staff {staff_id}", {"login": found.login})
        return await self._store.staff_member(staff_id), code

    async def change(self, actor: str, staff_id: int, version: int, change: StaffChange) -> StaffRecord:
        """Change an account.

        Raises:
            StaffRefused: `not-found`, `stale-version` (somebody else changed it first), `roles-invalid`,
                `last-administrator` (nobody would be left to keep the accounts).
            StoreUnavailable: from the store.
        """
        found = await self._found(staff_id)
        _judge_roles(change)
        if Role.ADMINISTRATOR in found.roles and (change.disabled or Role.ADMINISTRATOR not in change.roles):
            others = [one for one in await self._store.staff() if one.staff_id != staff_id]
            if not any(Role.ADMINISTRATOR in one.roles and one.password and not one.disabled for one in others):
                raise StaffRefused("last-administrator")
        if await self._store.change_staff(staff_id, version, change) is None:
            raise StaffRefused("stale-version")
        detail = {
            "login": found.login,
            "roles": sorted(role.value for role in change.roles),
            "disabled": change.disabled,
            "before": {"roles": sorted(role.value for role in found.roles), "disabled": found.disabled},
        }
        await self._store.audit(actor, "staff-change", f"staff {staff_id}", detail)
        return await self._store.staff_member(staff_id)

    # --- inside -------------------------------------------------------------------------------------------------------

    async def _say_came(self, found: StaffRecord, detail: Mapping[str, object]) -> None:
        action = "staff-code-asked" if found.second_factor else "staff-sign-in"
        await self._store.audit(found.login, action, f"staff {found.staff_id}", detail)

    async def _found(self, staff_id: int) -> StaffRecord:
        try:
            return await self._store.staff_member(staff_id)
        except KeyError:
            raise StaffRefused("not-found") from None

    def _digest(self, login: str, code: str) -> bytes:
        return hmac.new(self._key, f"{login}:{normalise_code(code)}".encode(), hashlib.sha256).digest()

    async def _hash(self, password: str) -> str:
        async with self._busy:
            return await asyncio.to_thread(self._hasher.hash, _as_typed(password))

    async def _verify(self, known: str, password: str) -> bool:
        if len(password) > MOST_CHARS:
            return False
        async with self._busy:
            try:
                return await asyncio.to_thread(self._hasher.verify, known, _as_typed(password))
            except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
                return False


def normalise_login(typed: str) -> str:
    """Return a login as typed in the one form it is kept in."""
    return unicodedata.normalize("NFKC", typed).strip().lower()


def _as_typed(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


def _judge_login(login: str) -> None:
    first, rest = login[:1], login[1:]
    allowed = rest.replace(".", "").replace("_", "").replace("-", "")
    plain = login.isascii() and first.isalnum() and (not allowed or allowed.isalnum())
    if not plain or not 2 <= len(login) <= 32:
        raise StaffRefused("login-invalid")


def _judge_roles(change: StaffChange) -> None:
    leader = Role.TEAM_LEADER in change.roles
    # A team leader's other roles would sit in judgement on the own delegation.
    if not change.roles or not change.name.strip() or (leader and (not change.delegation or len(change.roles) > 1)):
        raise StaffRefused("roles-invalid")


def _judge_password(password: str, login: str) -> None:
    typed = _as_typed(password)
    if not LEAST_CHARS <= len(typed) <= MOST_CHARS or login in typed.lower() or len(set(typed)) < 5:
        raise StaffRefused("password-weak")
