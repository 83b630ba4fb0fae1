"""Pictures that come from outside: what they are by their first bytes, and without their secrets.

A camera writes where and by whom a picture was taken; a shop shows pictures to everybody. So the
parts of a file that carry words are left out: what stays is the image and its colour profile.
"""

from typing import NamedTuple

from appliance.errors import Invalid

MOST_BYTES = 1_500_000
"""Under the body limit of the staff's door (2 MiB) with room for the form around it."""
MOST_SIDE = 8_000
"""Pixels; a picture of a thing to be sold needs no more, and a browser opens it safely."""


class Picture(NamedTuple):
    """A checked picture: kind (png, jpg, webp), size in pixels, and the bytes to be kept."""

    kind: str
    width: int
    height: int
    content: bytes


TYPES = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}


def read(data: bytes) -> Picture:
    """Check a picture by its bytes, not by its name, and free it of what a camera wrote into it.

    Raises:
        Invalid: `picture_too_large`, `picture_unreadable`, `picture_empty`.
    """
    if not data:
        raise Invalid("picture_empty")
    if len(data) > MOST_BYTES:
        raise Invalid("picture_too_large")
    try:
        if data.startswith(b"\x89PNG\r\n\x1a\n"):
            found = _png(data)
        elif data.startswith(b"\xff\xd8\xff"):
            found = _jpeg(data)
        elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            found = _webp(data)
        else:
            raise Invalid("picture_unreadable")
    except IndexError:
        raise Invalid("picture_unreadable") from None
    if not (0 < found.width <= MOST_SIDE and 0 < found.height <= MOST_SIDE):
        raise Invalid("picture_unreadable")
    return found


_PNG_KEPT = {
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"pHYs",
    b"sBIT",
}  # fmt: skip


def _png(data: bytes) -> Picture:
    """Walk the chunks (PNG 1.2, 3.2): length, type, data, CRC."""
    kept, at, ended = [data[:8]], 8, False
    while at < len(data) and not ended:
        size = int.from_bytes(data[at : at + 4], "big")
        kind, end = data[at + 4 : at + 8], at + 12 + size
        if end > len(data):
            raise Invalid("picture_unreadable")
        if kind in _PNG_KEPT:
            kept.append(data[at:end])
        ended, at = kind == b"IEND", end
    if not ended or data[12:16] != b"IHDR":
        raise Invalid("picture_unreadable")
    width, height = (int.from_bytes(data[place : place + 4], "big") for place in (16, 20))
    return Picture("png", width, height, b"".join(kept))


_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # start of frame, ITU-T T.81, B.1.1.3
_WORDS = {*range(0xE1, 0xF0), 0xFE} - {0xE2, 0xEE}  # APPn but colour profile and Adobe's; comments


def _jpeg(data: bytes) -> Picture:
    """Walk the segments up to the scan (ITU-T T.81, B.1.1): marker, length, data."""
    kept, at, size = [data[:2]], 2, (0, 0)
    while True:
        if data[at] != 0xFF:
            raise Invalid("picture_unreadable")
        marker = data[at + 1]
        if marker == 0xFF:  # fill byte
            at += 1
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        end = at + 2 + length
        if length < 2 or end > len(data):
            raise Invalid("picture_unreadable")
        if marker in _FRAMES:
            size = (
                int.from_bytes(data[at + 7 : at + 9], "big"),
                int.from_bytes(data[at + 5 : at + 7], "big"),
            )
        if marker == 0xDA:  # the scan: the rest is the image
            kept.append(data[at:])
            break
        if marker not in _WORDS:
            kept.append(data[at:end])
        at = end
    return Picture("jpg", *size, b"".join(kept))


def _webp(data: bytes) -> Picture:
    """Walk the chunks (RIFF container of WebP); EXIF and XMP stay behind, and their flags."""
    kept: list[bytes] = []
    at, size = 12, (0, 0)
    while at + 8 <= len(data):
        kind, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        end = at + 8 + length + length % 2
        body = data[at + 8 : at + 8 + length]
        if len(body) < length:
            raise Invalid("picture_unreadable")
        size = _webp_size(kind, body) or size
        if kind == b"VP8X":
            kept.append(data[at : at + 8] + bytes([body[0] & ~0x0C]) + data[at + 9 : end])
        elif kind not in {b"EXIF", b"XMP "}:
            kept.append(data[at:end])
        at = end
    whole = b"WEBP" + b"".join(kept)
    return Picture("webp", *size, b"RIFF" + len(whole).to_bytes(4, "little") + whole)


def _webp_size(kind: bytes, body: bytes) -> tuple[int, int] | None:
    if kind == b"VP8X":
        return (
            1 + int.from_bytes(body[4:7], "little"),
            1 + int.from_bytes(body[7:10], "little"),
        )
    if kind == b"VP8 " and body[3:6] == b"\x9d\x01\x2a":
        width, height = (int.from_bytes(body[place : place + 2], "little") for place in (6, 8))
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L" and body[:1] == b"\x2f":
        bits = int.from_bytes(body[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    return None
