"""Hash slots of a Cluster: which of the 16,384 a key belongs to (Redis Cluster Specification, "Hash tags")."""

from binascii import crc_hqx

SLOTS = 16_384


def slot_of(key: str) -> int:
    """Return the slot of a key: CRC-16/XMODEM of what stands between its first `{` and the next `}`, if anything."""
    opening = key.find("{")
    if opening >= 0:
        closing = key.find("}", opening + 1)
        if closing > opening + 1:
            key = key[opening + 1 : closing]
    return crc_hqx(key.encode(), 0) % SLOTS
