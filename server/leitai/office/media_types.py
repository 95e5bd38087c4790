"""What a picture or a film is, told by its bytes and never by its name. Nothing that a browser would run is taken.

A picture is judged by decoding its header (PNG, JPEG, GIF, WebP), a film by what it begins with (MP4,
WebM). SVG and HTML are neither.

Errors: `MediaRefused`.
"""

import re
import struct
import zlib
from dataclasses import dataclass

HEAD_BYTES = 4_096
"""So much of a file tells what it is; a picture's size may stand anywhere in it."""
MAX_IMAGE_BYTES = 5 << 20
MAX_VIDEO_BYTES = 512 << 20
MAX_SIDE = 8_000
MAX_PIXELS = 40_000_000
"""A browser unpacks a picture to four bytes for each."""

_PNG = b"\x89PNG\r\n\x1a\n"
_EBML = b"\x1aE\xdf\xa3"
_DOC_TYPE = re.compile(rb"\x42\x82(.)", re.DOTALL)
_MP4_BRANDS = frozenset((b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"dash"))
_FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BARE_MARKERS = frozenset((0x01, *range(0xD0, 0xD9)))


class MediaRefused(Exception):
    """What was uploaded is not taken, for the reason `code` (a key of wire.errors)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture's size in pixels."""

    width: int
    height: int


def media_type(head: bytes) -> str:
    """Return the media type by the first `HEAD_BYTES` of a file; raises `MediaRefused`."""
    if not head:
        raise MediaRefused("media-empty")
    if head.startswith(_PNG):
        return "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    if _is_mp4(head):
        return "video/mp4"
    if head.startswith(_EBML) and _doc_type(head) == b"webm":
        return "video/webm"
    raise MediaRefused("media-type")


def is_image(media: str) -> bool:
    """Whether a media type is a picture's."""
    return media.startswith("image/")


def max_bytes(media: str) -> int:
    """Return how large a file of that type may be."""
    return MAX_IMAGE_BYTES if is_image(media) else MAX_VIDEO_BYTES


def picture(media: str, data: bytes) -> Picture:
    """Return the size of a whole picture by its header.

    Raises `MediaRefused`: `media-broken` when the header says none, `media-dimensions` when it is beyond the limits.
    """
    read = {"image/png": _png, "image/jpeg": _jpeg, "image/gif": _gif, "image/webp": _webp}[media]
    try:
        found = read(data)
    except (struct.error, IndexError):
        found = None
    if found is None or found.width < 1 or found.height < 1:
        raise MediaRefused("media-broken")
    if max(found.width, found.height) > MAX_SIDE or found.width * found.height > MAX_PIXELS:
        raise MediaRefused("media-dimensions")
    return found


def _png(data: bytes) -> Picture | None:
    length, name, width, height = struct.unpack_from(">I4sII", data, 8)
    if length != 13 or name != b"IHDR" or zlib.crc32(data[12:29]) != struct.unpack_from(">I", data, 29)[0]:
        return None
    at = 8
    # Every chunk lies within the file, up to the last one.
    while True:
        length, name = struct.unpack_from(">I4s", data, at)
        at += 12 + length
        if at > len(data):
            return None
        if name == b"IEND":
            return Picture(width, height)


def _jpeg(data: bytes) -> Picture | None:
    at = 2
    while True:
        while data[at] == 0xFF and data[at + 1] == 0xFF:
            at += 1
        if data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker in _BARE_MARKERS:
            at += 2
            continue
        (length,) = struct.unpack_from(">H", data, at + 2)
        if marker in _FRAME_HEADERS:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return Picture(width, height)
        if length < 2 or marker in (0xD9, 0xDA):
            return None
        at += 2 + length


def _gif(data: bytes) -> Picture | None:
    return Picture(*struct.unpack_from("<HH", data, 6))


def _webp(data: bytes) -> Picture | None:
    (size,) = struct.unpack_from("<I", data, 4)
    if not 22 <= size + 8 <= len(data):
        return None
    match data[12:16]:
        case b"VP8X":
            return Picture(*(int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27)))
        case b"VP8L" if data[20] == 0x2F:
            (bits,) = struct.unpack_from("<I", data, 21)
            return Picture((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
        case b"VP8 " if data[23:26] == b"\x9d\x01\x2a":
            width, height = struct.unpack_from("<HH", data, 26)
            return Picture(width & 0x3FFF, height & 0x3FFF)
        case _:
            return None


def _is_mp4(head: bytes) -> bool:
    if len(head) < 16 or head[4:8] != b"ftyp":
        return False
    size = int.from_bytes(head[:4], "big")
    if not 16 <= size <= HEAD_BYTES or size % 4:
        return False
    brands = {head[at : at + 4] for at in (8, *range(16, min(size, len(head)), 4))}
    return not brands.isdisjoint(_MP4_BRANDS)


def _doc_type(head: bytes) -> bytes:
    found = _DOC_TYPE.search(head[:64])
    return head[found.end() : found.end() + (found[1][0] & 0x7F)] if found else b""
