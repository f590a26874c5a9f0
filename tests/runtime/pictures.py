"""Small pictures in every form that a client may send."""

import base64
import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image

from tests.pictures.packing import packed


def plan(width: int = 320, height: int = 240) -> Image.Image:
    """A plan whose upper left quarter is black, the rest white: its orientation shows."""
    image = Image.new("RGB", (width, height), "white")
    image.paste("black", (0, 0, width // 2, height // 2))
    return image


def encoded(image: Image.Image, file_format: str = "PNG", **options: Any) -> bytes:
    """The image as a file."""
    buffer = BytesIO()
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


def base64_text(content: bytes) -> str:
    """What goes into the request."""
    return base64.b64encode(content).decode()


def png(
    width: int, height: int, *, bits: int = 8, color_type: int = 0, palette: bytes = b"", row: bytes | None = None
) -> bytes:
    """A PNG with every row the same (default: zeros), without holding its pixels: color types 0, 2, 3, 4, 6."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[color_type]
    row = bytes((width * channels * bits + 7) // 8) if row is None else row
    data = packed(b"\0" + row, height)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, color_type, 0, 0, 0))
        + (_chunk(b"PLTE", palette) if palette else b"")
        + _chunk(b"IDAT", data)
        + _chunk(b"IEND", b"")
    )


def png_header(width: int, height: int) -> bytes:
    """A PNG of any size whose pixels are missing."""
    header = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + _chunk(b"IDAT", b"")


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
