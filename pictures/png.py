"""PNG: chunks. https://www.w3.org/TR/png-3/"""

import struct
import zlib
from collections.abc import Iterator

from pictures import limits
from pictures.orientation import read_orientation
from pictures.structure import Structure, cut_short, damaged

_NAME = "PNG"
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GREY, _RGB, _PALETTE = 0, 2, 3
_CHANNELS = {_GREY: 1, _RGB: 3, _PALETTE: 1, 4: 2, 6: 4}
_NEEDED = frozenset({b"IHDR", b"PLTE", b"IDAT", b"tRNS", b"eXIf"})
_MAY_BE_SKIPPED = 0x20  # a bit of a chunk type's first letter


def inspect(content: bytes) -> Structure:
    """The structure of a PNG; of an APNG, the still picture that readers without animation show.

    Chunks without picture data are skipped, even if they are broken; so is transparency with a wrong checksum, as in
    libpng. A file that ends before its end chunk may have the whole picture.
    """
    if not content.startswith(_SIGNATURE):
        raise damaged(_NAME)
    chunks: dict[bytes, list[bytes]] = {kind: [] for kind in _NEEDED}
    has_end = False
    for kind, body, is_whole in _chunks(content):
        if kind == b"IEND":
            has_end = True
            break
        is_critical = not kind[0] & _MAY_BE_SKIPPED
        if is_critical and (kind not in _NEEDED or not is_whole):
            raise damaged(_NAME)
        if kind == b"IHDR":
            _check_header(body)
        elif not chunks[b"IHDR"]:
            raise damaged(_NAME)
        if kind in _NEEDED and is_whole:
            chunks[kind].append(body)
    if not chunks[b"IHDR"] or not chunks[b"IDAT"]:
        raise damaged(_NAME) if has_end else cut_short(_NAME)
    return _structure(
        header=chunks[b"IHDR"][0],
        palette=b"".join(chunks[b"PLTE"][:1]),
        transparency=b"".join(chunks[b"tRNS"][:1]),
        data=b"".join(chunks[b"IDAT"]),
        orientation=read_orientation(b"".join(chunks[b"eXIf"][:1])),
        has_end=has_end,
    )


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes, bool]]:
    """Every chunk: its type, its body, and whether its checksum is right, where it matters and the file has it."""
    parts = limits.Parts(_NAME)
    position = len(_SIGNATURE)
    while position + 8 <= len(content):
        parts.count()
        length, kind = struct.unpack_from(">I4s", content, position)
        body = content[position + 8 : position + 8 + length]
        checksum = content[position + 8 + length : position + 12 + length]
        position += 12 + length
        is_checked = kind in _NEEDED and len(checksum) == 4
        yield kind, body, not is_checked or checksum == zlib.crc32(body, zlib.crc32(kind)).to_bytes(4, "big")


def _check_header(header: bytes) -> None:
    if len(header) != 13:
        raise damaged(_NAME)
    width, height, depth, color_type = struct.unpack_from(">IIBB", header)
    limits.check_size(_NAME, width, height)
    if color_type not in _CHANNELS or depth not in (1, 2, 4, 8, 16):
        raise damaged(_NAME)


def _structure(
    *, header: bytes, palette: bytes, transparency: bytes, data: bytes, orientation: int, has_end: bool
) -> Structure:
    width, height, depth, color_type = struct.unpack_from(">IIBB", header)
    chunks = [_chunk(b"IHDR", header)]
    if color_type == _PALETTE:
        if len(palette) < 3:  # Pillow would show it completely black
            raise damaged(_NAME)
        chunks.append(_chunk(b"PLTE", palette))
        if transparency:
            chunks.append(_chunk(b"tRNS", transparency[: len(palette) // 3]))
    chunks += [_chunk(b"IDAT", data), _chunk(b"IEND", b"")]
    # Pillow uses one byte per pixel for grey and palettes, and four for all else.
    decoded_bytes = width * height * (4 if _CHANNELS[color_type] > 1 else 2 if depth == 16 else 1)
    limits.check_memory(_NAME, width, height, decoded_bytes)
    return Structure(
        content=_SIGNATURE + b"".join(chunks),
        width=width,
        height=height,
        decoded_bytes=decoded_bytes,
        quick=width * height <= limits.QUICK_PX,
        plain=color_type in (_GREY, _RGB) and depth == 8 and not transparency,
        orientation=orientation,
        transparent=_transparent(transparency, color_type, depth),
        has_end=has_end,
    )


def _transparent(transparency: bytes, color_type: int, depth: int) -> int | tuple[int, int, int] | None:
    """The sample value that means transparent, as Pillow's pixels have it: it keeps the file's value, unscaled."""
    if color_type == _GREY and len(transparency) == 2:
        (sample,) = struct.unpack(">H", transparency)
        return sample if depth == 16 else (sample & (2**depth - 1)) * 255 // (2**depth - 1)
    if color_type == _RGB and len(transparency) == 6:
        red, green, blue = (
            sample >> 8 if depth == 16 else sample & 255 for sample in struct.unpack(">3H", transparency)
        )
        return red, green, blue
    return None


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(body, zlib.crc32(kind)))
