"""Messages that only one browser can read (RFC 8291), and who sent them (VAPID, RFC 8292)."""

import base64
import hashlib
import hmac
import secrets

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

MAX_TEXT_BYTES = 3_000
"""What fits in one record, with room: push services take 4,096 bytes (RFC 8030, 7.2)."""
VALID_S = 12 * 3600
"""So long a proof of who sends is good; a day at most (RFC 8292, 2)."""
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_RECORD = (4096).to_bytes(4, "big")


class NoKey(ValueError):
    """These bytes are no public key on P-256."""

    code = "no-key"


def encrypted(text: bytes, public: bytes, auth: bytes, *, ours: ec.EllipticCurvePrivateKey, salt: bytes) -> bytes:
    """Return the body of a message in one record (RFC 8188).

    Args:
        text: at most `MAX_TEXT_BYTES`.
        public: the browser's key, a point of 65 bytes.
        auth: its secret of 16 bytes.
        ours: made for this message alone.
        salt: 16 random bytes, of this message alone.

    Raises:
        NoKey: `public` is none.
        ValueError: the text is too long.
    """
    if len(text) > MAX_TEXT_BYTES:
        raise ValueError(f"{len(text)} bytes")
    mine = _point(ours.public_key())
    shared = ours.exchange(ec.ECDH(), read_point(public))
    key = _derived(auth, shared, b"WebPush: info\0" + public + mine, 32)
    content_key = _derived(salt, key, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(salt, key, b"Content-Encoding: nonce\0", 12)
    # 2 says that it is the last record.
    sealed = AESGCM(content_key).encrypt(nonce, text + b"\2", None)
    return salt + _RECORD + bytes([len(mine)]) + mine + sealed


def message(text: bytes, public: bytes, auth: bytes) -> bytes:
    """Return the body of a new message; raises as `encrypted` does."""
    ours = ec.generate_private_key(ec.SECP256R1())
    return encrypted(text, public, auth, ours=ours, salt=secrets.token_bytes(16))


class Voluntary:
    """Says who sends: a key of ours that follows from the server's, so that it is nowhere else.

    Args:
        server_key: from the configuration.
        contact: where a push service finds us, `mailto:…` or `https://…`.
    """

    def __init__(self, server_key: bytes, contact: str) -> None:
        wide = HKDF(hashes.SHA256(), 48, None, b"leitai web push").derive(server_key)
        self._key = ec.derive_private_key(int.from_bytes(wide, "big") % (_ORDER - 1) + 1, ec.SECP256R1())
        self._contact = contact
        self.public = _point(self._key.public_key())
        """What browsers bind their subscription to."""

    def authorization(self, audience: str, now_s: int) -> str:
        """Return the header of that name for a push service's origin."""
        claims = {"aud": audience, "exp": now_s + VALID_S, "sub": self._contact}
        head = {"typ": "JWT", "alg": "ES256"}
        signed = ".".join(written(msgspec.json.encode(part)) for part in (head, claims))
        r, s = decode_dss_signature(self._key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        signature = written(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
        return f"vapid t={signed}.{signature}, k={written(self.public)}"


def read_point(public: bytes) -> ec.EllipticCurvePublicKey:
    """Return a public key; raises `NoKey`."""
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
    except ValueError:
        raise NoKey from None


def written(data: bytes) -> str:
    """Return bytes as base64 for addresses, without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def read(text: str) -> bytes:
    """Return the bytes of such a text; raises ValueError."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _derived(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    """HKDF with SHA-256 (RFC 5869) of one block."""
    extracted = hmac.new(salt, secret, hashlib.sha256).digest()
    return hmac.new(extracted, info + b"\1", hashlib.sha256).digest()[:length]
