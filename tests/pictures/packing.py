"""Much of the same, packed: what files that unpack to hundreds of megabytes are made of."""

import zlib

_PIECE_BYTES = 1_000_000


def packed(row: bytes, times: int) -> bytes:
    """zlib's stream of `row` so many times over, of which each distinct piece is packed once.

    Packing all of it takes seconds where it is hundreds of megabytes. A full flush ends a piece on a whole byte and
    keeps nothing of it in mind, so that the packed piece can stand there again.
    """
    together = min(times, max(1, _PIECE_BYTES // len(row)))
    whole, rest = divmod(times, together)
    content, checksum = [b"\x78\xda"], 1
    for piece, count in ((row * together, whole), (row * rest, 1)):
        packing = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
        content.append((packing.compress(piece) + packing.flush(zlib.Z_FULL_FLUSH)) * count)
        for _ in range(count):
            checksum = zlib.adler32(piece, checksum)
    return b"".join(content) + b"\x03\0" + checksum.to_bytes(4, "big")
