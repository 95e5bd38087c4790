"""Looking for a secret string in bytes: as it is, as programs encode texts, and in what is packed."""

import base64
import binascii
import contextlib
import re
import zlib
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from tests.support.proxy import Line

_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{24,}={0,2}")
_HEX = re.compile(rb"(?:[0-9a-f]{2}){12,}")
_PACKED = (b"\x1f\x8b\x08", b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
_DEPTH = 3
_WINDOW = 1 << 20


class Canary:
    """Secrets to look for: strings without a space or a sign that an encoding would have a choice about, and numbers
    large enough to be found again."""

    def __init__(self, *secrets: str, numbers: Iterable[int] = ()) -> None:
        self._forms = {form: secret for secret in secrets for form in _forms(secret)}
        for number in numbers:
            whole = number.to_bytes(8)
            for form in (str(number).encode(), whole, whole[::-1]):
                self._forms[form] = str(number)
        self._folded = {form: secret for form, secret in self._forms.items() if form == form.lower()}

    def finds(self, data: bytes, depth: int = _DEPTH) -> set[str]:
        """Return the secrets that are in `data`, in any form, packed or not."""
        folded = data.lower()
        found = {secret for form, secret in self._forms.items() if form in data}
        found |= {secret for form, secret in self._folded.items() if form in folded}
        if depth:
            for inner in _unpacked(data):
                found |= self.finds(inner, depth - 1)
        return found

    def finds_in(self, files: Iterable[Path]) -> dict[str, set[str]]:
        """Return what is found in files, by their names; those without a find are left out."""
        found: dict[str, set[str]] = {}
        for file in files:
            # A process may take its file away meanwhile.
            with contextlib.suppress(FileNotFoundError):
                if finds := self.finds(file.read_bytes()):
                    found[file.name] = finds
        return found


def _forms(secret: str) -> set[bytes]:
    """UTF-8 (JSON, MessagePack, SQL, logs), UTF-16, GB 18030, \\u escapes, percent escapes, hexadecimal, base64."""
    plain = secret.encode()
    escaped = "".join(c if c.isascii() else f"\\u{ord(c):04x}" for c in secret).encode()
    percent = "".join(c if c.isascii() else "".join(f"%{b:02x}" for b in c.encode()) for c in secret).encode()
    forms = {plain, secret.lower().encode(), secret.encode("gb18030"), escaped.lower(), percent.lower()}
    for wide in (plain, secret.encode("utf-16-le"), secret.encode("utf-16-be")):
        forms |= {wide, wide.hex().encode()}
        for shift in range(3):
            # Whatever stands before it, three letters at each end depend on the neighbours.
            core = base64.b64encode(b"\0" * shift + wide)[4 if shift else 0 :]
            core = core[: len(core) // 4 * 4 - 4]
            forms |= {core, core.translate(bytes.maketrans(b"+/", b"-_"))}
    return {form for form in forms if len(form) >= 8}


def _unpacked(data: bytes) -> Iterable[bytes]:
    for magic in _PACKED:
        at = data.find(magic)
        while at >= 0:
            with contextlib.suppress(zlib.error):
                inner = zlib.decompressobj(47).decompress(data[at : at + _WINDOW], 1 << 24)
                if len(inner) > 16:
                    yield inner
            at = data.find(magic, at + 1)
    for run in _HEX.findall(data):
        yield bytes.fromhex(run.decode())
    for run in _BASE64.findall(data):
        text = run.translate(bytes.maketrans(b"-_", b"+/")).rstrip(b"=")
        with contextlib.suppress(binascii.Error):
            yield base64.b64decode(text + b"=" * (-len(text) % 4))


class Tap(Line):
    """A line that keeps every byte that the server sends through it."""

    def __init__(self) -> None:
        super().__init__()
        self.heard = bytearray()

    def passed(self, data: bytes) -> None:
        """Keep it."""
        self.heard += data


@asynccontextmanager
async def tapped(target: int) -> AsyncGenerator[Tap]:
    """A tap before a port of the loopback address."""
    tap = Tap()
    tap.target = target
    await tap.mend()
    try:
        yield tap
    finally:
        await tap.end()
