"""What is taken as a picture or a film, by bytes alone, and what never is."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitai.office.media_types import MAX_SIDE, MediaRefused, Picture, media_type, picture
from tests.support.media import gif, jpeg, mp4, png, webm, webp

NOT_MEDIA = [
    b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    b"<?xml version='1.0'?><svg/>",
    b"<!doctype html><script>alert(1)</script>",
    b"%PDF-1.7\n",
    b"MZ\x90\x00",
    b"PK\x03\x04",
    b"BM\x46\x00\x00\x00",
    b"\x00\x00\x01\x00",
    b"RIFF\x24\x00\x00\x00WAVEfmt ",
    b"\x1aE\xdf\xa3\x93\x42\x82\x88matroska",
    b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic",
    b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00qt  ",
    b"GIF88a",
    b" GIF89a",
    b"x",
]


@pytest.mark.parametrize(
    ("data", "media"),
    [
        (png(3, 2), "image/png"),
        (jpeg(3, 2), "image/jpeg"),
        (gif(3, 2), "image/gif"),
        (webp(3, 2), "image/webp"),
        (mp4(), "video/mp4"),
        (webm(), "video/webm"),
    ],
)
def test_a_type_is_told_by_bytes(data: bytes, media: str) -> None:
    assert media_type(data[:4096]) == media
    if media.startswith("image/"):
        assert picture(media, data) == Picture(3, 2)


@pytest.mark.parametrize("data", NOT_MEDIA)
def test_nothing_else_is_taken(data: bytes) -> None:
    with pytest.raises(MediaRefused, match="media-type"):
        media_type(data)


def test_an_empty_file_is_said_to_be_empty() -> None:
    with pytest.raises(MediaRefused, match="media-empty"):
        media_type(b"")


@pytest.mark.parametrize("kind", ["VP8 ", "VP8L", "VP8X"])
def test_every_kind_of_webp(kind: str) -> None:
    assert picture("image/webp", webp(640, 480, kind)) == Picture(640, 480)


def test_a_picture_of_a_camera_has_its_size_behind_other_segments() -> None:
    exif = b"\xff\xe1" + struct.pack(">H", 2 + 60_000) + b"\xff\xc0" * 30_000
    plain = jpeg(4000, 3000)
    assert picture("image/jpeg", plain[:2] + exif + plain[2:]) == Picture(4000, 3000)


@pytest.mark.parametrize(
    ("media", "data"),
    [
        ("image/png", png(3, 2)[:40]),
        ("image/png", png(3, 2).replace(b"IHDR", b"IHDX")),
        ("image/png", png(3, 2)[:20] + b"\xff" + png(3, 2)[21:]),
        ("image/png", png(0, 2)),
        ("image/jpeg", jpeg(3, 2)[:9]),
        ("image/jpeg", b"\xff\xd8\xff\xd9"),
        ("image/jpeg", b"\xff\xd8\xff\xda\x00\x02"),
        ("image/gif", b"GIF89a"),
        ("image/gif", gif(0, 0)),
        ("image/webp", webp(3, 2)[:20]),
        ("image/webp", webp(3, 2).replace(b"VP8 ", b"VP9 ")),
    ],
)
def test_a_broken_header_is_refused(media: str, data: bytes) -> None:
    with pytest.raises(MediaRefused, match="media-broken"):
        picture(media, data)


def test_a_picture_that_would_fill_a_browser_is_refused() -> None:
    assert picture("image/gif", gif(MAX_SIDE, 5000)) == Picture(MAX_SIDE, 5000)
    for width, height in ((MAX_SIDE + 1, 1), (1, MAX_SIDE + 1), (MAX_SIDE, 5001), (2**31 - 1, 2**31 - 1)):
        with pytest.raises(MediaRefused, match="media-dimensions"):
            picture("image/png", png(width, height))


@given(st.sampled_from(["image/png", "image/jpeg", "image/gif", "image/webp"]), st.binary(max_size=64))
def test_any_bytes_are_a_picture_or_refused(media: str, tail: bytes) -> None:
    head = {"image/png": png(3, 2)[:16], "image/jpeg": b"\xff\xd8\xff", "image/gif": b"GIF89a", "image/webp": b"RIFF"}
    try:
        found = picture(media, head[media] + tail)
    except MediaRefused:
        return
    assert found.width > 0


def test_the_check_sum_is_looked_at() -> None:
    data = bytearray(png(3, 2))
    data[16:20] = struct.pack(">I", 4)
    with pytest.raises(MediaRefused):
        picture("image/png", bytes(data))
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    assert picture("image/png", bytes(data)) == Picture(4, 2)
