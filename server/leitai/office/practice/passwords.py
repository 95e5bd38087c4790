"""Learners' passwords: argon2id, off the loop, a few at a time."""

import asyncio
import secrets
import unicodedata

import argon2

LEAST_CHARS = 8
MOST_CHARS = 200
_AT_ONCE = 2
"""Passwords that are worked on at the same time: each takes 64 MiB and a core."""


class Passwords:
    """Hashes and compares; `hasher` is how, tests take a cheaper one."""

    def __init__(self, hasher: argon2.PasswordHasher | None = None) -> None:
        self._hasher = hasher or argon2.PasswordHasher()
        self._nobody = ""
        self._busy = asyncio.Semaphore(_AT_ONCE)

    async def hash(self, password: str) -> str:
        """Return the hash to keep."""
        async with self._busy:
            return await asyncio.to_thread(self._hasher.hash, _as_typed(password))

    async def fits(self, known: str | None, password: str) -> bool:
        """Whether a password is the one whose hash is known; with none known it takes as long and is False."""
        if len(password) > MOST_CHARS:
            return False
        async with self._busy:
            try:
                # Nobody's is hashed when it is first wanted, which is off the loop and not at every start.
                if not self._nobody:
                    self._nobody = await asyncio.to_thread(self._hasher.hash, secrets.token_hex(16))
                fits = await asyncio.to_thread(self._hasher.verify, known or self._nobody, _as_typed(password))
            except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
                return False
        return fits and known is not None


def weak(password: str, account: str) -> bool:
    """Whether a password is too easy: short, a few signs repeated, or the account in it."""
    typed = _as_typed(password)
    return not LEAST_CHARS <= len(typed) <= MOST_CHARS or len(set(typed)) < 4 or account in typed.lower()


def _as_typed(password: str) -> str:
    return unicodedata.normalize("NFKC", password)
