"""Learners' accounts: anybody registers, by a telephone number or a login of their own, and signs in by a password.

A number is taken on the learner's word: it serves to sign in, and nothing else follows from it.
"""

import hashlib
import re
import secrets
import unicodedata
from dataclasses import replace
from datetime import date

from leitai.office.identity import IdentityHash
from leitai.office.practice.learners_ports import (
    LearnerChange,
    LearnerRecord,
    LearnerRefused,
    LearnerStore,
    NewLearner,
)
from leitai.office.practice.passwords import Passwords, weak
from leitai.office.practice.ports import KindName
from leitai.rules.id_numbers import valid_id_number

MAX_NAME = 32
_PHONE = re.compile(r"1[3-9][0-9]{9}")
_LOGIN = re.compile(r"[a-z][a-z0-9._-]{3,31}")


class Learners:
    """The accounts.

    Args:
        store: where they are kept.
        hashes: by which telephone and identity numbers are found.
        passwords: how passwords are kept.
    """

    def __init__(self, store: LearnerStore, hashes: IdentityHash, passwords: Passwords | None = None) -> None:
        self._store = store
        self._hashes = hashes
        self._passwords = passwords or Passwords()

    async def register(self, account: str, new: NewLearner) -> LearnerRecord:
        """Make an account.

        Args:
            account: a telephone number or a login, as typed.
            new: everything else; its password is as typed.

        Raises:
            LearnerRefused: see there.
            StoreUnavailable: from the store.
        """
        kind, organisation_id = _place(new.kind, new.organisation_id)
        login, phone = read_account(account)
        if weak(new.password, account.strip().lower()):
            raise LearnerRefused("learner-password-weak")
        number = read_id_number(new.id_number) if new.id_number else ""
        ready = replace(
            new,
            kind=kind,
            organisation_id=organisation_id,
            name=read_name(new.name),
            nickname=read_nickname(new.nickname),
            login=login,
            phone=phone,
            phone_hash=self._hashes.of_phone(phone) if phone else None,
            id_number=number,
            id_hash=self._hashes.of_id(number) if number else None,
            password=await self._passwords.hash(new.password),
        )
        return await self._store.learner(await self._store.add(ready))

    async def sign_in(self, account: str, password: str) -> LearnerRecord:
        """Return who this is; an unknown account takes as long as a wrong password.

        Raises:
            LearnerRefused: `learner-wrong-login`.
            StoreUnavailable: from the store.
        """
        found = None
        try:
            login, phone = read_account(account)
            found = await self._store.by_account(login or None, self._hashes.of_phone(phone) if phone else None)
        except LearnerRefused:
            pass
        known = None if found is None or found.disabled else found.password
        if not await self._passwords.fits(known, password) or found is None:
            raise LearnerRefused("learner-wrong-login")
        return found

    async def member(self, learner_id: int) -> LearnerRecord | None:
        """Return an account that may act now; None when there is none or it was disabled."""
        try:
            found = await self._store.learner(learner_id)
        except KeyError:
            return None
        return None if found.disabled else found

    async def change(self, learner_id: int, version: int, change: LearnerChange, today: date) -> LearnerRecord:
        """Change name, nickname and place; raises as `register` does, and `stale-version`."""
        kind, organisation_id = _place(change.kind, change.organisation_id)
        name, nickname = read_name(change.name), read_nickname(change.nickname)
        await self._store.change(learner_id, version, LearnerChange(kind, organisation_id, name, nickname), today)
        return await self._store.learner(learner_id)

    async def change_password(self, member: LearnerRecord, old: str, new: str) -> None:
        """Give an account another password; raises `LearnerRefused`: `learner-wrong-login`, `learner-password-weak`."""
        if not await self._passwords.fits(member.password, old):
            raise LearnerRefused("learner-wrong-login")
        if weak(new, member.login or "\0"):
            raise LearnerRefused("learner-password-weak")
        await self._store.set_password(member.learner.learner_id, await self._passwords.hash(new))

    async def identify(self, member: LearnerRecord, number: str) -> None:
        """Keep the identity number, by which nominations find what was practised. It is given once.

        Raises `LearnerRefused`: `learner-id-invalid`, `learner-id-taken` (by others, or given already).
        """
        number = read_id_number(number)
        if not await self._store.set_identity(member.learner.learner_id, self._hashes.of_id(number), number):
            raise LearnerRefused("learner-id-taken")

    async def new_feed(self, learner_id: int) -> str:
        """Return the secret part of a new address for reminders; the one before tells nothing any more."""
        secret = secrets.token_urlsafe(24)
        await self._store.set_feed(learner_id, _digest(secret))
        return secret

    async def of_feed(self, secret: str) -> LearnerRecord | None:
        """Return whose reminders are at an address."""
        return await self._store.by_feed(_digest(secret))


def read_account(typed: str) -> tuple[str, str]:
    """Return (login, telephone number) as typed, one of them empty; raises `LearnerRefused`."""
    text = unicodedata.normalize("NFKC", typed).strip().lower()
    digits = re.sub(r"[ -]", "", text).removeprefix("+86")
    if digits.isascii() and digits.isdigit():
        if not _PHONE.fullmatch(digits):
            raise LearnerRefused("learner-phone-invalid")
        return "", digits
    if not _LOGIN.fullmatch(text):
        raise LearnerRefused("learner-login-invalid")
    return text, ""


def account_name(typed: str) -> str:
    """Return what an account is called however it is typed, for counting tries of it: one name for each account."""
    try:
        login, phone = read_account(typed)
    except LearnerRefused:
        # It can be nobody's, in whatever form.
        return "".join(typed.split()).lower()
    return login or phone


def read_name(typed: str) -> str:
    """Return a name; raises `LearnerRefused`."""
    text = unicodedata.normalize("NFC", typed).strip()
    if not text or len(text) > MAX_NAME or not text.isprintable():
        raise LearnerRefused("learner-name-invalid")
    return text


def read_nickname(typed: str) -> str:
    """Return a nickname, which may be empty; raises `LearnerRefused`."""
    return read_name(typed) if typed.strip() else ""


def read_id_number(typed: str) -> str:
    """Return an identity number in its one form; raises `LearnerRefused`."""
    number = unicodedata.normalize("NFKC", typed).replace(" ", "").upper()
    if not valid_id_number(number):
        raise LearnerRefused("learner-id-invalid")
    return number


def _place(kind: KindName, organisation_id: int | None) -> tuple[KindName, int | None]:
    if kind == "window" and organisation_id is None:
        raise LearnerRefused("learner-organisation")
    return kind, None if kind == "public" else organisation_id


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
