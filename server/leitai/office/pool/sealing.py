"""The keys of provinces and of the ministry, and numbers sealed by a province for the ministry (docs/pool.md)."""

import base64
import hashlib
from typing import Annotated

import msgspec
from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from msgspec import Meta

from leitai.office.pool.ports import Private
from leitai.rules.id_numbers import valid_id_number

_DOMAIN = b"leitai-pool-1"
_NONCE = bytes(12)
"""Fixed: every sealing has a key of its own."""
_KEY = 32


class FilePrivate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is sealed."""

    id_number: Annotated[str, Meta(max_length=18)]
    phone: Annotated[str, Meta(max_length=16, pattern="^[0-9-]*$")]


_privates = msgspec.json.Decoder(FilePrivate)


def mailbox_key(server_key: bytes) -> X25519PrivateKey:
    """Return the ministry's own key, for which provinces seal what is private; it derives from the server's key."""
    return X25519PrivateKey.from_private_bytes(HKDF(SHA256(), _KEY, None, b"leitai pool mailbox").derive(server_key))


def mailbox_of(server_key: bytes) -> bytes:
    """Return the public half of `mailbox_key`: 32 bytes, no secret."""
    return mailbox_key(server_key).public_key().public_bytes_raw()


def public_bytes(signing: Ed25519PrivateKey) -> bytes:
    """Return the public half of a province's key: 32 bytes."""
    return signing.public_key().public_bytes_raw()


def key_id(public: bytes) -> str:
    """Return what a public key is called: the first 16 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(public).hexdigest()[:16]


def new_key() -> tuple[str, bytes]:
    """Return a new private key as PEM (PKCS #8) and its public half."""
    signing = Ed25519PrivateKey.generate()
    pem = signing.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem.decode(), public_bytes(signing)


def read_key(pem: bytes) -> Ed25519PrivateKey:
    """Return a province's private key of its PEM; raises ValueError for what is none."""
    try:
        key = load_pem_private_key(pem, None)
    except (TypeError, UnsupportedAlgorithm) as error:
        raise ValueError("no private key without a password") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("no Ed25519 key")
    return key


def seal_private(mailbox: bytes, province: str, private: Private) -> str:
    """Return base64 of a one-time public key (32 bytes) and the numbers under it; empty when there are none."""
    if private == Private():
        return ""
    once = X25519PrivateKey.generate()
    public = once.public_key().public_bytes_raw()
    shared = once.exchange(X25519PublicKey.from_public_bytes(mailbox))
    text = msgspec.json.encode(FilePrivate(private.id_number, private.phone), order="sorted")
    sealed = AESGCM(_sealing_key(shared, public, mailbox)).encrypt(_NONCE, text, _bound_to(province))
    return base64.b64encode(public + sealed).decode()


def open_private(mailbox: X25519PrivateKey, province: str, sealed: str) -> Private:
    """Return what was sealed; raises ValueError for what was not, was changed, or holds no such numbers."""
    raw = base64.b64decode(sealed, validate=True)
    shared = mailbox.exchange(X25519PublicKey.from_public_bytes(raw[:_KEY]))
    own = mailbox.public_key().public_bytes_raw()
    try:
        text = AESGCM(_sealing_key(shared, raw[:_KEY], own)).decrypt(_NONCE, raw[_KEY:], _bound_to(province))
        found = _privates.decode(text)
    except (InvalidTag, msgspec.MsgspecError) as error:
        raise ValueError("sealed for somebody else, or changed") from error
    if found.id_number and not valid_id_number(found.id_number):
        raise ValueError("no identity number")
    return Private(found.id_number, found.phone)


def _sealing_key(shared: bytes, once: bytes, mailbox: bytes) -> bytes:
    return HKDF(SHA256(), _KEY, once + mailbox, _DOMAIN).derive(shared)


def _bound_to(province: str) -> bytes:
    return _DOMAIN + b" " + province.encode()
