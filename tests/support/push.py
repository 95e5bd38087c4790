"""A push service on this machine, and a browser's side of a subscription, for tests: it reads what was sent to it."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from leitai.office.practice.push.encryption import written
from tests.support.own_server import serving


@dataclass
class Device:
    """A browser's keys (RFC 8291, 3.1)."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = b"sixteen secret b"

    @property
    def public(self) -> bytes:
        """Its point."""
        return self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def subscription(self, endpoint: str, locale: str = "zh-CN") -> dict[str, str]:
        """What it tells the server."""
        return {"endpoint": endpoint, "p256dh": written(self.public), "auth": written(self.auth), "locale": locale}

    def read(self, body: bytes) -> bytes:
        """Open a message (RFC 8188, 2.1; RFC 8291, 3.4)."""
        salt, length = body[:16], body[20]
        sender, sealed = body[21 : 21 + length], body[21 + length :]
        shared = self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
        secret = _derived(self.auth, b"WebPush: info\0" + self.public + sender, 32, shared)
        key = _derived(salt, b"Content-Encoding: aes128gcm\0", 16, secret)
        nonce = _derived(salt, b"Content-Encoding: nonce\0", 12, secret)
        text = AESGCM(key).decrypt(nonce, sealed, None)
        assert text.endswith(b"\2")
        return text[:-1]


@dataclass
class PushService:
    """What came, by path; `says` is the status for a path, 201 unless it is there."""

    origin: str
    came: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list[tuple[str, dict[str, str], bytes]])
    says: dict[str, str] = field(default_factory=dict[str, str])

    def messages(self, device: Device, path: str) -> list[Any]:
        """Return what a device reads."""
        return [json.loads(device.read(body)) for to, _, body in self.came if to == path]


@asynccontextmanager
async def push_service() -> AsyncGenerator[PushService]:
    """A push service on a free port of the loopback address; it ends with the block."""
    service = PushService("")

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii").split("\r\n")
        _, path, _ = head[0].split(" ")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers["content-length"]))
        service.came.append((path, headers, body))
        status = service.says.get(path, "201 Created")
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()

    async with serving(take) as port:
        service.origin = f"http://127.0.0.1:{port}"
        yield service


def _derived(salt: bytes, info: bytes, length: int, secret: bytes) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)
