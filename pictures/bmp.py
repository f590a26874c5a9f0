"""BMP: a header, a palette, rows. https://learn.microsoft.com/windows/win32/gdi/bitmap-header-types"""

import struct

from pictures import limits
from pictures.structure import Structure, cut_short, damaged

_NAME = "BMP"
_CORE_HEADER = 12
_UNCOMPRESSED = (0, 3, 6)  # BI_RGB, BI_BITFIELDS, BI_ALPHABITFIELDS
_PADDING = b"\0\0\0"  # of the last row, which some programs leave out


def inspect(content: bytes) -> Structure:
    """The structure of a BMP."""
    try:
        start, header_size = struct.unpack_from("<II", content, 10)
        if header_size == _CORE_HEADER:
            width, height, _, bits = struct.unpack_from("<4H", content, 18)
            compression = 0
        else:
            width, height, _, bits, compression = struct.unpack_from("<iiHHI", content, 18)
    except struct.error:
        raise cut_short(_NAME) from None
    if not _CORE_HEADER <= header_size <= 256 or width < 0:
        raise damaged(_NAME)
    height = abs(height)  # negative if the rows run from top to bottom
    limits.check_size(_NAME, width, height)
    decoded_bytes = width * height * (1 if bits <= 8 else 4)
    limits.check_memory(_NAME, width, height, decoded_bytes)
    if compression in _UNCOMPRESSED:
        row_bits = width * bits
        padded_row_bytes = -(-row_bits // 32) * 4
        if len(content) < start + padded_row_bytes * (height - 1) + -(-row_bits // 8):
            raise cut_short(_NAME)
    return Structure(
        content=content + _PADDING,
        width=width,
        height=height,
        decoded_bytes=decoded_bytes,
        quick=compression in _UNCOMPRESSED and width * height <= limits.QUICK_PX,
    )
