"""Zip files (.xlsx, .docx, QTI packages) opened with care: everything is known of them before any reader sees them.

Every part is unpacked once, in pieces that are thrown away, so that neither a false size in the zip's directory nor a
part within a part reaches memory; nothing is ever written to a disk. Raises `FileRefused`.
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO

from leitai.office.importing.problems import FileRefused

MAX_ENTRIES = 2_000
"""Parts of an office file at most."""
MAX_PACKAGE_ENTRIES = 30_000
"""Files of a QTI package at most: one for every question."""
MAX_UNPACKED_BYTES = 128 << 20
MAX_RATIO = 200
"""Of an entry larger than `RATIO_FROM` when unpacked; real files reach 60."""
RATIO_FROM = 1 << 20

_PIECE = 1 << 18
_LOCAL_HEADER = struct.Struct("<4s22xHH")
_ODD_NAME = re.compile(r"^[/\\]|^[A-Za-z]:|(?:^|[/\\])\.\.(?:[/\\]|$)|\0")


UNREADABLE = (zipfile.BadZipFile, ValueError, OSError, RuntimeError)
"""What zipfile raises for a directory that it cannot read; RuntimeError for versions and methods unknown to it."""


class Archive:
    """A zip whose directory has been judged; its parts are read through `pieces` and `read` only."""

    def __init__(self, data: bytes) -> None:
        """Read the directory; raises `FileRefused`."""
        # zipfile makes an object of every entry before anybody can count them.
        if data.count(b"PK\x01\x02") > 2 * MAX_PACKAGE_ENTRIES:
            raise FileRefused("file-bomb", f"> {2 * MAX_PACKAGE_ENTRIES} entries")
        try:
            with zipfile.ZipFile(BytesIO(data)) as archive:
                entries = archive.infolist()
        except UNREADABLE as error:
            raise FileRefused("file-broken", "zip") from error
        self._data = data
        self._entries = {entry.filename: entry for entry in entries}
        self._count = len(entries)

    @property
    def names(self) -> tuple[str, ...]:
        """The parts' names, in the order of the directory."""
        return tuple(self._entries)

    def inspect(self, max_entries: int = MAX_ENTRIES) -> None:
        """Judge names, number and stated sizes; raises `FileRefused`. `pieces` then holds the zip to what it stated."""
        entries = self._entries.values()
        for name in self._entries:
            if _ODD_NAME.search(name):
                raise FileRefused("file-paths", name)
        if self._count > max_entries or len(entries) != self._count:
            raise FileRefused("file-bomb", f"{self._count} entries")
        if sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
            raise FileRefused("file-bomb", f"> {MAX_UNPACKED_BYTES >> 20} MiB")
        # Entries that lie over each other unpack the same bytes many times.
        if sum(entry.compress_size for entry in entries) > len(self._data):
            raise FileRefused("file-bomb", "overlap")
        for entry in entries:
            if entry.file_size > RATIO_FROM and entry.file_size > MAX_RATIO * max(1, entry.compress_size):
                raise FileRefused("file-bomb", f"1 : {entry.file_size // max(1, entry.compress_size)}")
        if any(name.lower().endswith("vbaproject.bin") for name in self._entries):
            raise FileRefused("file-macros")

    def read(self, name: str, limit: int) -> bytes:
        """Return a part of at most `limit` bytes, empty where there is none; raises `FileRefused`."""
        entry = self._entries.get(name)
        if entry is None:
            return b""
        if entry.file_size > limit:
            raise FileRefused("file-bomb", name)
        return b"".join(self.pieces(name))

    def pieces(self, name: str) -> Iterator[bytes]:
        """Yield a part's bytes; raises `FileRefused` when they are not what the zip's directory says."""
        entry = self._entries[name]
        data = self._data
        header = data[entry.header_offset : entry.header_offset + 30]
        if len(header) < 30 or entry.flag_bits & 0x1:
            raise FileRefused("file-broken", name)
        magic, name_length, extra_length = _LOCAL_HEADER.unpack(header)
        start = entry.header_offset + 30 + name_length + extra_length
        packed = data[start : start + entry.compress_size]
        if magic != b"PK\x03\x04" or len(packed) != entry.compress_size:
            raise FileRefused("file-broken", name)
        if entry.compress_type == zipfile.ZIP_STORED:
            if entry.file_size != entry.compress_size:
                raise FileRefused("file-broken", name)
            for at in range(0, len(packed), _PIECE):
                yield packed[at : at + _PIECE]
            return
        if entry.compress_type != zipfile.ZIP_DEFLATED:
            raise FileRefused("file-broken", name)
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        total = 0
        try:
            while not unpacker.eof:
                piece = unpacker.decompress(packed, _PIECE)
                packed = unpacker.unconsumed_tail
                if not piece and not packed and not unpacker.eof:
                    break
                total += len(piece)
                if total > entry.file_size:
                    raise FileRefused("file-bomb", name)
                yield piece
        except zlib.error as error:
            raise FileRefused("file-broken", name) from error
        if not unpacker.eof or total != entry.file_size:
            raise FileRefused("file-broken", name)
