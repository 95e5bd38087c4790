"""A province's file for the ministry: lines of canonical JSON, signed with the province's key (docs/pool.md).

    {"format":"leitai-pool","key":"…","made_at":…,"people":2,"province":"110000","sequence":7,"version":1}
    {"expertise":[…],"honours":[…],"name":"…","private":"…",…}        one line for each person
    {"signature":"…"}

Every line ends with a line feed and is the one way to write its object: keys in order, no blanks, UTF-8. The signature
(Ed25519, RFC 8032) is over every byte before its line. Identity and telephone numbers stand only in `private`, sealed
for the ministry (X25519, HKDF-SHA256, AES-256-GCM), so that whoever carries the file reads none.
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from msgspec import Meta

from leitai.office.pool.ports import Private, ProvinceKey
from leitai.office.pool.sealing import key_id, open_private, public_bytes, seal_private
from leitai.rules.pool import FIRST_YEAR, Expert, PoolHonour, PoolKind, PoolState, Source, merge_honours
from leitai.rules.values import DelegationCode, Micros

FORMAT = "leitai-pool"
MAX_FILE_BYTES = 32 << 20
MAX_PEOPLE = 100_000
_LAST_US = 4_102_444_800_000_000

_Code = Annotated[str, Meta(pattern="^[0-9]{6}$")]
_Text = Annotated[str, Meta(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
_Name = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")]
_Moment = Annotated[int, Meta(ge=0, le=_LAST_US)]


class PoolFileRefused(Exception):
    """A file is refused as a whole; nothing of it was taken in.

    Attributes:
        code: a key of wire.errors: `pool-file-malformed`, `pool-file-not-canonical`, `pool-signature`,
            `pool-key-unknown`, `pool-key-revoked`, `pool-file-province`, `pool-file-older`, `pool-file-too-large`.
        line: of the file, from 1; 0: the file as a whole.
    """

    def __init__(self, code: str, line: int = 0) -> None:
        super().__init__(code, line)
        self.code = code
        self.line = line


class FileHead(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The first line. `made_at` is in microseconds since the Unix epoch, `sequence` grows with every file."""

    format: Literal["leitai-pool"]
    key: Annotated[str, Meta(pattern="^[0-9a-f]{16}$")]
    made_at: _Moment
    people: Annotated[int, Meta(ge=0, le=MAX_PEOPLE)]
    province: _Code
    sequence: Annotated[int, Meta(ge=1, le=2**53 - 1)]
    version: Literal[1]


class FileHonour(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An honour of a person. `place` 0: not known."""

    kind: PoolKind
    place: Annotated[int, Meta(ge=0, le=1_000_000)]
    title: _Text
    year: Annotated[int, Meta(ge=FIRST_YEAR, le=2100)]


class FilePerson(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line of a person. `private` is base64 of what `seal` gives, empty without numbers."""

    expertise: Annotated[list[_Text], Meta(max_length=10)]
    honours: Annotated[list[FileHonour], Meta(max_length=200)]
    name: _Name
    private: Annotated[str, Meta(max_length=2000)]
    revised_at: _Moment
    state: PoolState
    unit: _Text


class _Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    signature: Annotated[str, Meta(max_length=100)]


_heads = msgspec.json.Decoder(FileHead)
_people = msgspec.json.Decoder(FilePerson)
_signatures = msgspec.json.Decoder(_Signature)


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file whose signature holds: its head, its people with the lines they stand on, and its SHA-256."""

    head: FileHead
    people: Sequence[tuple[int, Expert, Private]]
    sha256: bytes


def write_file(
    signing: Ed25519PrivateKey,
    mailbox: bytes,
    province: DelegationCode,
    sequence: int,
    made_us: Micros,
    people: Sequence[tuple[Expert, Private]],
) -> bytes:
    """Return a province's file.

    Args:
        signing: the province's private key.
        mailbox: the ministry's public key for what is private (`mailbox_of`), 32 bytes.
        province: who says all this.
        sequence: greater than in every file before.
        made_us: now.
        people: whoever is to be told.
    """
    head = FileHead(FORMAT, key_id(public_bytes(signing)), made_us, len(people), province, sequence, 1)
    lines = [_canonical(head), *(_canonical(_line(mailbox, province, *one)) for one in people)]
    body = b"".join(line + b"\n" for line in lines)
    return body + _canonical(_signature(signing.sign(body))) + b"\n"


def read_head(data: bytes) -> FileHead:
    """Return a file's first line, which nobody vouches for yet; raises `PoolFileRefused`."""
    if len(data) > MAX_FILE_BYTES:
        raise PoolFileRefused("pool-file-too-large")
    first, _, _ = data.partition(b"\n")
    try:
        return _heads.decode(first)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        raise PoolFileRefused("pool-file-malformed", 1) from None


def read_file(data: bytes, key: ProvinceKey | None, mailbox: X25519PrivateKey, now_us: Micros) -> ReadFile:
    """Return what a file says, once its signature holds. Run it in a thread.

    Args:
        data: the file.
        key: whoever signed it as its head says; None: nobody that is known.
        mailbox: the ministry's private key.
        now_us: what claims to be of a day after tomorrow is refused, since the later of two words counts.

    Raises:
        PoolFileRefused: see there.
    """
    head = read_head(data)
    if key is None:
        raise PoolFileRefused("pool-key-unknown", 1)
    if key.revoked:
        raise PoolFileRefused("pool-key-revoked", 1)
    if key.province != head.province:
        raise PoolFileRefused("pool-file-province", 1)
    lines = data.split(b"\n")
    if len(lines) < 3 or lines.pop():
        raise PoolFileRefused("pool-file-malformed", len(lines))
    signed = len(data) - len(lines[-1]) - 1
    try:
        signature = base64.b64decode(_signatures.decode(lines[-1]).signature, validate=True)
        # Base64 has several forms of some bytes; there is one of each file.
        if _canonical(_signature(signature)) != lines[-1]:
            raise PoolFileRefused("pool-signature", len(lines))
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, data[:signed])
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError, ValueError, InvalidSignature):
        raise PoolFileRefused("pool-signature", len(lines)) from None
    if head.people != len(lines) - 2:
        raise PoolFileRefused("pool-file-malformed", 1)
    _same(lines[0], head, 1)
    latest_us = now_us + 2 * 86_400_000_000
    people: list[tuple[int, Expert, Private]] = []
    for number, line in enumerate(lines[1:-1], start=2):
        try:
            person = _people.decode(line)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
            raise PoolFileRefused("pool-file-malformed", number) from None
        _same(line, person, number)
        if person.revised_at > latest_us:
            raise PoolFileRefused("pool-file-malformed", number)
        try:
            private = open_private(mailbox, head.province, person.private) if person.private else Private()
        except ValueError:
            raise PoolFileRefused("pool-file-malformed", number) from None
        people.append((number, _expert(person, DelegationCode(head.province)), private))
    return ReadFile(head, people, hashlib.sha256(data).digest())


# --- lines ------------------------------------------------------------------------------------------------------------


def _canonical(value: msgspec.Struct) -> bytes:
    return msgspec.json.encode(value, order="sorted")


def _signature(signature: bytes) -> _Signature:
    return _Signature(base64.b64encode(signature).decode())


def _same(line: bytes, value: msgspec.Struct, number: int) -> None:
    """Refuse a line that could have been written otherwise: two files that say one thing are one file."""
    if _canonical(value) != line:
        raise PoolFileRefused("pool-file-not-canonical", number)


def _line(mailbox: bytes, province: str, expert: Expert, private: Private) -> FilePerson:
    honours = sorted(expert.honours, key=lambda honour: honour.key)
    return FilePerson(
        list(expert.expertise),
        [FileHonour(PoolKind(one.kind), one.place, one.title, one.year) for one in honours],
        expert.name,
        seal_private(mailbox, province, private),
        expert.revised_us,
        expert.state,
        expert.unit,
    )


def _expert(person: FilePerson, province: DelegationCode) -> Expert:
    return Expert(
        person.name,
        province,
        person.unit,
        tuple(person.expertise),
        person.state,
        Micros(person.revised_at),
        merge_honours(
            PoolHonour(one.year, one.kind.value, one.title, one.place, province, Source.PROVINCE.value)
            for one in person.honours
        ),
    )
