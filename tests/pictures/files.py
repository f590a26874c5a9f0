"""Picture files made byte by byte, for what no usual program writes."""

import struct
import zlib
from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image

TAGS = {
    "subfile": 254,
    "width": 256,
    "height": 257,
    "bits": 258,
    "compression": 259,
    "photometric": 262,
    "fill_order": 266,
    "strip_offsets": 273,
    "orientation": 274,
    "samples": 277,
    "strip_rows": 278,
    "strip_bytes": 279,
    "planes": 284,
    "palette": 320,
    "tile_width": 322,
    "tile_height": 323,
    "tile_offsets": 324,
    "tile_bytes": 325,
    "extra_samples": 338,
    "sample_format": 339,
}


def png_chunk(kind: bytes, body: bytes, *, checksum: int | None = None) -> bytes:
    right = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", right if checksum is None else checksum)


def png(
    rows: Sequence[bytes], width: int, bits: int, color_type: int, before_data: bytes = b"", *, after_data: bytes = b""
) -> bytes:
    """A PNG of unfiltered rows; `before_data` are chunks between header and data."""
    header = struct.pack(">IIBBBBB", width, len(rows), bits, color_type, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row for row in rows))
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + before_data
        + png_chunk(b"IDAT", data)
        + after_data
        + png_chunk(b"IEND", b"")
    )


def with_png_chunks(content: bytes, chunks: bytes) -> bytes:
    """`content` with `chunks` after its header."""
    return content[:33] + chunks + content[33:]


def jpeg_segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def with_jpeg_segments(content: bytes, segments: bytes) -> bytes:
    """`content` with `segments` at its start."""
    return content[:2] + segments + content[2:]


def packed_samples(grey: Image.Image, bits: int, order: str) -> bytes:
    """The rows of an 8-bit grey picture in samples of another depth, as TIFF and PNG pack them."""
    samples = np.asarray(grey).astype(np.uint64) * (2**bits - 1) // 255
    if bits in (16, 32):
        return samples.astype(f"{order}u{bits // 8}").tobytes()
    planes = ((samples[..., None] >> np.arange(bits - 1, -1, -1, dtype=np.uint64)) & 1).astype(np.uint8)
    return np.packbits(planes.reshape(len(samples), -1), axis=1).tobytes()


def tiff(
    data: bytes, order: str = "<", *, more_pages: Sequence[Mapping[str, int]] = (), **tags: Sequence[int] | int | None
):
    """A TIFF with `data` in one strip, unless `tags` say otherwise; `more_pages` get its tags and their own.

    A tag of None is left out.
    """
    content = bytearray((b"II" if order == "<" else b"MM") + struct.pack(f"{order}HI", 42, 0) + data)
    pointer = 4
    base = {"strip_offsets": 8, "strip_bytes": len(data), "compression": 1, "samples": 1, **tags}
    for page in ({}, *more_pages):
        content += b"\0" * (len(content) % 2)
        content[pointer : pointer + 4] = struct.pack(f"{order}I", len(content))
        values = {TAGS[name]: value for name, value in {**base, **page}.items() if value is not None}
        entries, extra = b"", b""
        extra_at = len(content) + 2 + 12 * len(values) + 4
        for tag, value in sorted(values.items()):
            numbers = [value] if isinstance(value, int) else list(value)
            letter, kind = ("I", 4) if max(numbers) > 0xFFFF else ("H", 3)
            packed = struct.pack(f"{order}{len(numbers)}{letter}", *numbers)
            if len(packed) > 4:
                place = struct.pack(f"{order}I", extra_at + len(extra))
                extra += packed + b"\0" * (len(packed) % 2)
            else:
                place = packed.ljust(4, b"\0")
            entries += struct.pack(f"{order}HHI", tag, kind, len(numbers)) + place
        pointer = len(content) + 2 + len(entries)
        content += struct.pack(f"{order}H", len(values)) + entries + b"\0\0\0\0" + extra
    return bytes(content)


def grey_tiff(
    grey: Image.Image, bits: int, order: str, *, from_white: bool = False, **tags: Sequence[int] | int | None
) -> bytes:
    """An 8-bit grey picture as a TIFF of another depth, byte order and direction."""
    shown = Image.eval(grey, lambda sample: 255 - sample) if from_white else grey
    return tiff(
        packed_samples(shown, bits, order),
        order,
        **{
            "width": grey.width,
            "height": grey.height,
            "bits": bits,
            "photometric": 0 if from_white else 1,
            "strip_rows": grey.height,
            **tags,
        },
    )


def gif(*, canvas: tuple[int, int] = (8, 8), before_frame: bytes = b"", frame: tuple[int, int] = (8, 8)) -> bytes:
    """A GIF of black and white whose frame's data are of 8 x 8 px."""
    drawn = bytes.fromhex("02 0a 8c 8f a9 cb ed 0f a3 9c b4 00 00".replace(" ", ""))
    return (
        b"GIF89a"
        + struct.pack("<HHBBB", *canvas, 0x80, 0, 0)
        + b"\0\0\0\xff\xff\xff"
        + before_frame
        + b"\x2c"
        + struct.pack("<HHHHB", 0, 0, *frame, 0)
        + drawn
        + b"\x3b"
    )


def bmp(
    pixels: bytes, width: int, height: int, *, header_bytes: int = 40, bits: int = 32, compression: int = 0
) -> bytes:
    """A BMP with bottom-up rows. In V3 to V5 headers (56, 108, 124) of 32 bits the fourth byte is called alpha."""
    header = struct.pack("<IiiHHIIiiII", header_bytes, width, height, 1, bits, compression, len(pixels), 0, 0, 0, 0)
    if header_bytes > 40:
        header += struct.pack("<4I", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    header = header.ljust(header_bytes, b"\0")
    palette = b"".join(bytes([grey, grey, grey, 0]) for grey in range(256)) if bits == 8 else b""
    start = 14 + len(header) + len(palette)
    return b"BM" + struct.pack("<IHHI", start + len(pixels), 0, 0, start) + header + palette + pixels


def webp_canvas(width: int, height: int) -> bytes:
    """The header of a WebP with so large a canvas, and no frame."""
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\2\0\0\0" + (width - 1).to_bytes(3, "little")
    body += (height - 1).to_bytes(3, "little")
    return b"RIFF" + struct.pack("<I", len(body)) + body
