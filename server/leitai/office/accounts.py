"""How a contestant is known at the door: admission numbers, access codes, and the check of both.

An admission number 准考证号 has ten digits: the year (4), the delegation (the first two digits of its GB/T 2260 code),
the seat within it (3) and a check digit (ISO 7064, MOD 11,10), so that a mistyped number is not another's:

    2022 11 007 6   the contest of 2022, Beijing, seat 7

An access code has 13 characters of Crockford's base 32 (65 random bits), printed in groups: `7K3M-Q9TX-04WBZ`. It is
read without regard to case, width, blanks and hyphens, and O, I, L are taken for 0, 1, 1. Only its HMAC is kept.
"""

import hashlib
import hmac
import secrets
import unicodedata
from dataclasses import dataclass
from typing import Protocol

import msgspec

from leitai.office.ports import OfficeStore
from leitai.office.session_ports import Sitting
from leitai.rules.values import DelegationCode, SessionId, SittingId

CODE_LENGTH = 13
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A contestant as the door knows them. Whoever is `struck` gave the right code and may only be told why."""

    session_id: SessionId
    sitting_id: SittingId
    admission_no: str
    name: str
    delegation: DelegationCode
    delegation_name: str
    struck: bool
    struck_reason: str


_pack = msgspec.msgpack.Encoder().encode
_packed = msgspec.msgpack.Decoder(list[tuple[bytes, SignedIn]])


class AccessCodes:
    """Makes access codes and their HMACs.

    Args:
        server_key: at least 32 bytes; the key of the HMACs derives from it.

    Raises:
        ValueError: the key is shorter.
    """

    def __init__(self, server_key: bytes) -> None:
        if len(server_key) < 32:
            raise ValueError("the server key must have at least 32 bytes")
        self._key = hmac.new(server_key, b"leitai access codes", hashlib.sha256).digest()

    def issue(self, admission_no: str) -> tuple[str, bytes]:
        """Return a new code, as printed, and its HMAC for the store."""
        code = new_code()
        return code, self.digest(admission_no, code)

    def digest(self, admission_no: str, code: str) -> bytes:
        """Return the HMAC-SHA256 of a code as typed, bound to its admission number (32 bytes)."""
        return hmac.new(self._key, f"{admission_no}:{normalise_code(code)}".encode(), hashlib.sha256).digest()


class KeptAccounts(Protocol):
    """Who may take a seat in the session that a gateway serves, as far as possible held in memory.

    Every call that waits may raise `StoreUnavailable`.
    """

    async def load(self, session_id: SessionId) -> None:
        """Hold everyone of a session in memory, in place of any other session."""
        ...

    def holds(self, session_id: SessionId) -> bool:
        """Whether everyone of the session is in memory."""
        ...

    def packed(self, session_id: SessionId) -> bytes:
        """Return what is held of a session, for `unpack`; it is never stored but encrypted."""
        ...

    def unpack(self, session_id: SessionId, packed: bytes) -> None:
        """Hold what `packed` gave."""
        ...

    async def sign_in(self, admission_no: str, code: str) -> SignedIn | None:
        """Return who gives this number and code; None when they do not fit."""
        ...

    async def identity(self, sitting_id: SittingId) -> SignedIn | None:
        """Return the person of a sitting; None when there is no such sitting."""
        ...


class Accounts:
    """The door of a session.

    Args:
        store: the office's store.
        codes: made with the server's key.
    """

    def __init__(self, store: OfficeStore, codes: AccessCodes) -> None:
        self._store = store
        self._codes = codes
        self._nobody = codes.digest("", new_code())
        self._names: dict[DelegationCode, str] = {}
        self._known: dict[SittingId, SignedIn] = {}
        self._numbers: dict[SessionId, dict[str, tuple[bytes, SignedIn]]] = {}

    async def load(self, session_id: SessionId) -> None:
        """Hold everyone of a session in memory, in place of any other session, so that signing in to it needs no store.

        Called again, it takes over what changed since (new codes, people struck off).

        Raises:
            StoreUnavailable: from the store; what was held stands.
        """
        sittings = await self._store.sittings(session_id)
        people = [(sitting, await self._signed_in(sitting)) for sitting in sittings]
        self._numbers = {session_id: {one.admission_no: (one.code_hmac, person) for one, person in people}}

    def holds(self, session_id: SessionId) -> bool:
        """Whether everyone of the session is in memory."""
        return session_id in self._numbers

    def packed(self, session_id: SessionId) -> bytes:
        """Return what is held of a session, for `unpack`. It opens doors: it is never stored but encrypted."""
        return _pack(list(self._numbers.get(session_id, {}).values()))

    def unpack(self, session_id: SessionId, packed: bytes) -> None:
        """Hold what `packed` gave, in place of any other session. Raises `msgspec.DecodeError`."""
        held = _packed.decode(packed)
        self._numbers = {session_id: {person.admission_no: (digest, person) for digest, person in held}}
        self._known |= {person.sitting_id: person for _, person in held}

    async def sign_in(self, admission_no: str, code: str, session_id: SessionId | None = None) -> SignedIn | None:
        """Return who gives this number and code, in `session_id` or the session served; None when they do not fit.

        An unknown number goes the same way as a wrong code, step for step. A rate limit is the caller's matter.

        Raises:
            StoreUnavailable: from the store.
        """
        number = normalise_admission_no(admission_no)
        given = self._codes.digest(number, code)
        if session_id is None and len(self._numbers) == 1:
            (session_id,) = self._numbers
        if session_id is not None and (held := self._numbers.get(session_id)) is not None:
            digest, person = held.get(number, (self._nobody, None))
            return person if hmac.compare_digest(given, digest) else None
        session = session_id if session_id is not None else await self._store.current_session()
        sitting = None if session is None else await self._store.sitting_by_admission(session, number)
        known = sitting.code_hmac if sitting else self._nobody
        if not hmac.compare_digest(given, known) or sitting is None:
            return None
        return await self._signed_in(sitting)

    async def identity(self, sitting_id: SittingId) -> SignedIn | None:
        """Return the person of a sitting, from memory once known; None when there is no such sitting.

        Raises:
            StoreUnavailable: from the store.
        """
        if known := self._known.get(sitting_id):
            return known
        try:
            sitting = await self._store.sitting(sitting_id)
        except KeyError:
            return None
        return await self._signed_in(sitting)

    async def _signed_in(self, sitting: Sitting) -> SignedIn:
        if not self._names:
            self._names = {delegation.code: delegation.name for delegation in await self._store.delegations()}
        person = sitting.contestant.person
        known = self._known[sitting.sitting_id] = SignedIn(
            session_id=sitting.session_id,
            sitting_id=sitting.sitting_id,
            admission_no=sitting.admission_no,
            name=person.name,
            delegation=person.delegation,
            delegation_name=self._names.get(person.delegation, person.delegation),
            struck=sitting.struck,
            struck_reason=sitting.struck_reason,
        )
        return known


def new_code() -> str:
    """Return a random access code in groups, `XXXX-XXXX-XXXXX`."""
    code = "".join(secrets.choice(_ALPHABET) for _ in range(CODE_LENGTH))
    return f"{code[:4]}-{code[4:8]}-{code[8:]}"


def normalise_code(typed: str) -> str:
    """Return a code as typed in the one form it is compared in."""
    return unicodedata.normalize("NFKC", typed).upper().translate(_READ_AS)


def normalise_admission_no(typed: str) -> str:
    """Return a number as typed (full width, blanks) as plain digits."""
    return unicodedata.normalize("NFKC", typed).replace(" ", "").replace("-", "")


def admission_number(year: int, delegation: DelegationCode, seat: int) -> str:
    """Return the admission number of a seat.

    Raises:
        ValueError: the year does not have four digits, or the seat is not within 1 and 999.
    """
    if not 1000 <= year <= 9999 or not 1 <= seat <= 999:
        raise ValueError(f"no admission number for year {year}, seat {seat}")
    digits = f"{year}{delegation[:2]}{seat:03d}"
    return digits + _check_digit(digits)


def own_admission_number(year: int, team: DelegationCode, seat: int) -> str:
    """Return the admission number of a seat in a province's own contest, where seats count through all its teams.

    Raises:
        ValueError: the year does not have four digits, or the seat is not within 1 and 99,999.
    """
    if not 1000 <= year <= 9999 or not 1 <= seat <= 99_999:
        raise ValueError(f"no admission number for year {year}, seat {seat}")
    digits = f"{year % 100:02d}{team[:2]}{seat:05d}"
    return digits + _check_digit(digits)


def is_admission_number(text: str) -> bool:
    """Whether `text` has the shape of an admission number and the right check digit."""
    return len(text) == 10 and text.isascii() and text.isdigit() and _check_digit(text[:9]) == text[9]


def _check_digit(digits: str) -> str:
    """ISO 7064, MOD 11,10: finds every wrong digit and nearly every swap of two."""
    rest = 10
    for digit in digits:
        rest = (rest + int(digit)) % 10 or 10
        rest = rest * 2 % 11
    return str((11 - rest) % 10)
