"""WebP: RIFF chunks. https://developers.google.com/speed/webp/docs/riff_container"""

import struct
from collections.abc import Iterator

from pictures import limits
from pictures.orientation import read_orientation
from pictures.structure import UPRIGHT, Structure, cut_short, damaged

_NAME = "WebP"
_ALPHA, _ANIMATION = 0x10, 0x02
# libwebp's animation decoder, which Pillow uses for every file, has two canvases, and Pillow makes two more copies.
_BYTES_A_PIXEL = 16


def inspect(content: bytes) -> Structure:
    """The structure of a WebP; of an animation, the first frame."""
    kept: dict[bytes, bytes] = {}
    orientation = UPRIGHT
    for kind, body in _chunks(content):
        if kind == b"EXIF":
            orientation = read_orientation(body)
        elif kind in (b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF"):
            kept.setdefault(kind, body)
    width, height = _size(kept)
    limits.check_size(_NAME, width, height)
    limits.check_memory(_NAME, width, height, _BYTES_A_PIXEL * width * height)
    if b"VP8X" in kept:
        flags = kept[b"VP8X"][0] & (_ALPHA | _ANIMATION)
        kept[b"VP8X"] = bytes([flags]) + kept[b"VP8X"][1:]
    body = b"WEBP" + b"".join(_chunk(kind, kept[kind]) for kind in kept)
    return Structure(
        content=b"RIFF" + struct.pack("<I", len(body)) + body,
        width=width,
        height=height,
        decoded_bytes=_BYTES_A_PIXEL * width * height,
        orientation=orientation,
    )


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    parts = limits.Parts(_NAME)
    end = 8 + int.from_bytes(content[4:8], "little")
    if end > len(content):
        raise cut_short(_NAME)
    position = 12
    while position + 8 <= end:
        parts.count()
        kind, length = struct.unpack_from("<4sI", content, position)
        position += 8
        if position + length > end:
            raise cut_short(_NAME)
        yield kind, content[position : position + length]
        position += length + length % 2


def _size(chunks: dict[bytes, bytes]) -> tuple[int, int]:
    try:
        if b"VP8X" in chunks:
            canvas = chunks[b"VP8X"]
            if len(canvas) < 10:
                raise damaged(_NAME)
            return 1 + int.from_bytes(canvas[4:7], "little"), 1 + int.from_bytes(canvas[7:10], "little")
        if b"VP8L" in chunks:
            (bits,) = struct.unpack_from("<I", chunks[b"VP8L"], 1)
            return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        width, height = struct.unpack_from("<HH", chunks[b"VP8 "], 6)
    except (KeyError, struct.error):
        raise damaged(_NAME) from None
    return width & 0x3FFF, height & 0x3FFF


def _chunk(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)
