"""How the office knows that two records are about one person: a keyed hash of the identity number.

A number is never compared, searched or logged as it is. Whoever holds the database without the server's key can neither
read a number (it is sealed) nor try all of them against a hash.
"""

import hashlib
import hmac


class IdentityHash:
    """Hashes identity and telephone numbers, in the form that `rules.identity` gives them.

    Everything that knows people by their number (nominations, practice records, rosters, the expert pool) uses this
    one, so that their hashes are comparable.

    Args:
        server_key: at least 32 bytes; the key of the hashes derives from it.

    Raises:
        ValueError: the key is shorter.
    """

    def __init__(self, server_key: bytes) -> None:
        if len(server_key) < 32:
            raise ValueError("the server key must have at least 32 bytes")
        self._key = hmac.new(server_key, b"leitai identity numbers", hashlib.sha256).digest()

    def of_id(self, number: str) -> bytes:
        """Return the hash of an identity number (32 bytes)."""
        return hmac.new(self._key, f"id:{number}".encode(), hashlib.sha256).digest()

    def of_phone(self, number: str) -> bytes:
        """Return the hash of a telephone number (32 bytes)."""
        return hmac.new(self._key, f"phone:{number}".encode(), hashlib.sha256).digest()
