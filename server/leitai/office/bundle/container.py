"""The file around the members: a ZIP of stored members in a fixed order with fixed times, so that equal members make
equal bytes, and any byte that differs is found by packing again.
"""

import struct
import zipfile
from collections.abc import Mapping
from io import BytesIO

from leitai.office.importing.archives import UNREADABLE

MANIFEST = "manifest.json"
SIGNATURE = "signature.json"
_TIME = (1980, 1, 1, 0, 0, 0)
MAX_BYTES = 1 << 30
_LENGTHS = struct.Struct("<HH")


class NotABundle(Exception):
    """These bytes are no results bundle; `reason` says why, for developers."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def pack(members: Mapping[str, bytes]) -> bytes:
    """Return the file: manifest first, the others by name, the signature last."""
    inside = sorted(name for name in members if name not in (MANIFEST, SIGNATURE))
    order = [name for name in (MANIFEST, *inside, SIGNATURE) if name in members]
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in order:
            info = zipfile.ZipInfo(name, _TIME)
            info.create_system = 3
            info.external_attr = 0o644 << 16
            archive.writestr(info, members[name])
    return buffer.getvalue()


def unpack(data: bytes) -> dict[str, bytes]:
    """Return the members by name.

    Raises:
        NotABundle: it is no ZIP, or one with members that are compressed, repeated or too large.
    """
    if len(data) > MAX_BYTES:
        raise NotABundle("too large")
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            members: dict[str, bytes] = {}
            for info in archive.infolist():
                # Stored members are never larger than the file that holds them.
                stored = info.compress_type == zipfile.ZIP_STORED and info.file_size == info.compress_size
                if not stored or info.filename in members or info.file_size > len(data):
                    raise NotABundle(f"member {info.filename!r} is compressed, repeated or too large")
                members[info.filename] = _stored(data, info)
    except (*UNREADABLE, struct.error) as bad:
        raise NotABundle(str(bad)) from bad
    return members


def _stored(data: bytes, info: zipfile.ZipInfo) -> bytes:
    # Read past the container's own checksum: contents are judged by the manifest, which names what changed.
    name, extra = _LENGTHS.unpack_from(data, info.header_offset + 26)
    start = info.header_offset + 30 + name + extra
    return data[start : start + info.file_size]
