"""The audit as a file: a line of JSON for each entry, between one that says what it is and one that is signed.

    {"format":"leitai-audit/1","entries":N}
    {"no":1,"at":"1664000000.123456","actor":"…","action":"…","subject":"…","detail":"{…}","hash":"…"}
    …
    {"no":N,"hash":"…","key":"…","signature":"…"}

`detail` is the database's own text, so that hashes can be recomputed from the file alone; the signature is that of
`N` and the last hash in hex, with a blank between them, as `leitai-audit/1` (see `office.signing`).
"""

from collections.abc import AsyncIterator, Iterator
from typing import TypeVar

import msgspec
from msgspec import Struct

from leitai.office.auditing.chain import ChainCheck, Entry
from leitai.office.auditing.ports import AuditStore
from leitai.office.auditing.watch import AT_ONCE
from leitai.office.signing import Signer, is_signed
from leitai.wire.results_bundle import canonical

FORMAT = "leitai-audit/1"
T = TypeVar("T")


class _First(Struct, frozen=True, forbid_unknown_fields=True):
    format: str
    entries: int


class _Line(Struct, frozen=True, forbid_unknown_fields=True):
    no: int
    at: str
    actor: str
    action: str
    subject: str
    detail: str
    hash: str


class _Last(Struct, frozen=True, forbid_unknown_fields=True):
    no: int
    hash: str
    key: str
    signature: str


class UnreadableAudit(Exception):
    """A file is no exported audit; `line` is where that shows."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


async def export(store: AuditStore, signer: Signer) -> AsyncIterator[bytes]:
    """Yield the file in parts, up to where the audit stands at the beginning; raises `StoreUnavailable`."""
    head = await store.head()
    last = _Last(head.no, head.hash.hex(), (await signer.public_key()).hex(), "")
    signature = await signer.sign(FORMAT, _said(last))
    yield canonical(_First(FORMAT, head.no)) + b"\n"
    no = 0
    while no < head.no:
        entries = await store.entries_after(no, AT_ONCE)
        if not entries:
            break
        yield b"".join(canonical(_line(one)) + b"\n" for one in entries if one.no <= head.no)
        no = entries[-1].no
    yield canonical(_Last(last.no, last.hash, last.key, signature.hex())) + b"\n"


def read(data: bytes, check: ChainCheck, key: bytes | None = None) -> tuple[str, bytes]:
    """Take a file's entries into a check; returns what is wrong with the file itself, and the key that it names.

    What is wrong: `cut` (it ends before its last line, or holds fewer entries than it says), `signature`, `other-key`,
    or nothing.

    Raises:
        UnreadableAudit: it is no exported audit.
    """
    lines = data.split(b"\n")
    first = _decode(lines[0], _First, 1)
    if first.format != FORMAT:
        raise UnreadableAudit(1)
    ended = len(lines) > 2 and lines[-1] == b""
    # A last line without its end may be a part of one.
    inside = lines[1:-2] if ended else lines[1:-1]
    last = None
    if ended:
        try:
            last = msgspec.json.decode(lines[-2], type=_Last)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            inside = lines[1:-1]
    check.take(_entries(inside))
    if last is None or check.head.no != first.entries or (last.no, last.hash) != (check.head.no, check.head.hash.hex()):
        return "cut", b""
    try:
        public, signature = bytes.fromhex(last.key), bytes.fromhex(last.signature)
    except ValueError:
        return "signature", b""
    if not is_signed(public, FORMAT, _said(last), signature):
        return "signature", public
    return "other-key" if key is not None and public != key else "", public


def _entries(lines: list[bytes]) -> Iterator[Entry]:
    for number, line in enumerate(lines, start=2):
        one = _decode(line, _Line, number)
        try:
            digest = bytes.fromhex(one.hash)
        except ValueError:
            raise UnreadableAudit(number) from None
        yield Entry(one.no, one.at, one.actor, one.action, one.subject, one.detail, digest)


def _line(one: Entry) -> _Line:
    return _Line(one.no, one.at, one.actor, one.action, one.subject, one.detail, one.hash.hex())


def _said(last: _Last) -> bytes:
    return f"{last.no} {last.hash}".encode()


def _decode(line: bytes, kind: type[T], number: int) -> T:
    try:
        return msgspec.json.decode(line, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise UnreadableAudit(number) from None
