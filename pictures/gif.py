"""GIF: blocks. https://www.w3.org/Graphics/GIF/spec-gif89a.txt"""

import struct

from pictures import limits
from pictures.structure import Structure, cut_short, damaged

_NAME = "GIF"
_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_GRAPHIC_CONTROL = 0xF9
_CONTROL_FLAGS = 3  # their place in the block


def inspect(content: bytes) -> Structure:
    """The structure of a GIF's first frame. Comments and other extensions are skipped."""
    if len(content) < 13:
        raise cut_short(_NAME)
    width, height, flags = struct.unpack_from("<HHB", content, 6)
    start = _after_colors(13, flags)
    parts = limits.Parts(_NAME)
    control = b""
    position = start
    try:
        while (kind := content[position]) != _IMAGE:
            parts.count()
            if kind == _TRAILER:
                raise damaged(_NAME)
            if kind != _EXTENSION:  # padding, which readers skip
                position += 1
                continue
            end = _after_blocks(content, position + 2, parts)
            if content[position + 1] == _GRAPHIC_CONTROL:
                control = content[position:end]
            position = end
        left, top, frame_width, frame_height, frame_flags = struct.unpack_from("<HHHHB", content, position + 1)
        data = _after_colors(position + 10, frame_flags) + 1
    except (IndexError, struct.error):
        raise cut_short(_NAME) from None
    try:
        end = _after_blocks(content, data, parts)
        has_end = True
    except IndexError:  # the picture may be whole all the same
        end = len(content)
        has_end = False
    # If a frame is larger than its canvas, Pillow enlarges the canvas.
    width, height = max(width, left + frame_width), max(height, top + frame_height)
    limits.check_size(_NAME, width, height)
    limits.check_memory(_NAME, width, height, 4 * width * height)
    painted = (left, top, left + frame_width, top + frame_height)
    has_transparent_color = len(control) > _CONTROL_FLAGS and control[_CONTROL_FLAGS] & 1  # Pillow fills with it
    return Structure(
        content=content[:start] + control + content[position:end] + bytes([_TRAILER]),
        width=width,
        height=height,
        decoded_bytes=4 * width * height,
        has_end=has_end,
        painted=None if has_transparent_color or painted == (0, 0, width, height) else painted,
    )


def _after_colors(position: int, flags: int) -> int:
    return position + (3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0)


def _after_blocks(content: bytes, position: int, parts: limits.Parts) -> int:
    """The position after a series of data blocks that ends with an empty one. IndexError if the file ends before."""
    while length := content[position]:
        parts.count()
        position += 1 + length
    return position + 1
