"""What an office does for learners, and against misuse: find one, disable it, hand over a code for another password.

There is no telephone message here: whoever forgot the password goes to the office that knows them. The code is handed
over in person, works once and for a day, and only its HMAC is kept.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from leitai.office.accounts import AccessCodes
from leitai.office.identity import IdentityHash
from leitai.office.practice.learners import read_account
from leitai.office.practice.learners_ports import LearnerRecord, LearnerRefused
from leitai.office.practice.passwords import Passwords, weak
from leitai.rules.values import Micros

VALID_US = 24 * 3_600_000_000


@dataclass(frozen=True, slots=True)
class Recovery:
    """A code as it is handed over, and until when it works."""

    code: str
    until_us: Micros


class CareStore(Protocol):
    """Accounts as an office sees them. Every call may raise `StoreUnavailable`; writing ones are one transaction."""

    async def by_account(self, login: str | None, phone_hash: bytes | None) -> LearnerRecord | None:
        """Return the account with that login or telephone number."""
        ...

    async def learner(self, learner_id: int) -> LearnerRecord:
        """Return an account; raises KeyError."""
        ...

    async def province(self, learner_id: int) -> str:
        """Return the code of the province in which somebody works, empty for none; raises KeyError."""
        ...

    async def set_disabled(self, learner_id: int, reason: str, actor: str, *, disabled: bool) -> None:
        """Disable or enable an account, and audit it; raises KeyError."""
        ...

    async def issue_recovery(self, learner_id: int, digest: bytes, until_us: int, actor: str) -> None:
        """Keep a code in place of any before, and audit it; raises KeyError."""
        ...

    async def recover(self, learner_id: int, digest: bytes, at_us: int, password: str) -> bool:
        """Use a code up and set the password, and audit it; False where it is not that code, or no longer one."""
        ...


class LearnerCare:
    """See the module.

    Args:
        store: where accounts are.
        hashes: by which telephone numbers are found.
        codes: makes codes.
        now_us: the server's clock.
        passwords: how passwords are kept.
    """

    def __init__(
        self,
        store: CareStore,
        hashes: IdentityHash,
        codes: AccessCodes,
        now_us: Callable[[], Micros],
        passwords: Passwords | None = None,
    ) -> None:
        self._store = store
        self._hashes = hashes
        self._codes = codes
        self._now_us = now_us
        self._passwords = passwords or Passwords()

    async def find(self, account: str, province: str | None) -> LearnerRecord:
        """Return an account by its number or login as typed.

        Args:
            account: as typed.
            province: whose learners alone are found; None: all.

        Raises:
            KeyError: there is none, or it is not that province's.
        """
        try:
            login, phone = read_account(account)
        except LearnerRefused:
            raise KeyError(account) from None
        found = await self._store.by_account(login or None, self._hashes.of_phone(phone) if phone else None)
        if found is None:
            raise KeyError(account)
        await self.expect(found.learner.learner_id, province)
        return found

    async def expect(self, learner_id: int, province: str | None) -> None:
        """Raise KeyError for a learner who is not a province's (None: any will do)."""
        if province is not None and await self._store.province(learner_id) != province:
            raise KeyError(learner_id)

    async def disable(self, learner_id: int, reason: str, actor: str, *, disabled: bool) -> LearnerRecord:
        """Disable or enable an account and return it; raises KeyError."""
        await self._store.set_disabled(learner_id, reason, actor, disabled=disabled)
        return await self._store.learner(learner_id)

    async def issue(self, learner_id: int, actor: str) -> Recovery:
        """Return a new code for a learner, in place of any before; raises KeyError."""
        code, digest = self._codes.issue(_bound_to(learner_id))
        until_us = Micros(self._now_us() + VALID_US)
        await self._store.issue_recovery(learner_id, digest, until_us, actor)
        return Recovery(code, until_us)

    async def recover(self, account: str, code: str, password: str) -> LearnerRecord:
        """Let a learner choose another password by a code, and return the account.

        Raises:
            LearnerRefused: `learner-password-weak`; `learner-recovery`: no such account, or not its code, or used up.
        """
        login, phone = read_account(account)
        if weak(password, account.strip().lower()):
            raise LearnerRefused("learner-password-weak")
        # Also for nobody's account: how long it takes tells nothing.
        kept = await self._passwords.hash(password)
        found = await self._store.by_account(login or None, self._hashes.of_phone(phone) if phone else None)
        if found is None or found.disabled:
            raise LearnerRefused("learner-recovery")
        learner_id = found.learner.learner_id
        digest = self._codes.digest(_bound_to(learner_id), code)
        if not await self._store.recover(learner_id, digest, self._now_us(), kept):
            raise LearnerRefused("learner-recovery")
        return await self._store.learner(learner_id)


def _bound_to(learner_id: int) -> str:
    return f"learner {learner_id}"
