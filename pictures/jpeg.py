"""JPEG: segments, each after a marker. https://www.w3.org/Graphics/JPEG/itu-t81.pdf, annex B"""

import itertools
import random
import re
import struct
from collections.abc import Iterator

from pictures import limits
from pictures.errors import UnreadableError
from pictures.orientation import read_orientation
from pictures.structure import UPRIGHT, Structure, cut_short, damaged

_NAME = "JPEG"
_START, _END, _SCAN, _APP0, _APP1, _APP14 = 0xD8, 0xD9, 0xDA, 0xE0, 0xE1, 0xEE
_END_WRITTEN = bytes([0xFF, _END])
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_TABLES = frozenset({0xC4, 0xCC, 0xDB, 0xDC, 0xDD})  # Huffman, arithmetic, quantization, number of lines, restart
_ADOBE_BYTES = 12  # the segment that tells the colour model
_KEPT = _FRAMES | _TABLES | {_SCAN, _END}
_RESTARTS = range(0xD0, 0xD8)
_ALONE = frozenset({0x01, *_RESTARTS})  # 0x01 is for arithmetic coding; they have no body
_PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})

# A marker may have any number of 0xff before its code. The pattern matches only the last: otherwise a long series of
# them would be scanned again from each one.
_MARKER = re.compile(rb"\xff([\x01-\xfe])")
# Within a scan, 0xff is followed by a zero byte; a restart marker does not end the scan.
_AFTER_SCAN = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
_COEFFICIENTS = 64  # of a block of 8 x 8 px
# Data that a decoder takes for more of the picture, also where it waits for a restart marker.
_NOISE = b"\xff".join(
    [
        random.Random(0).randbytes(2048).replace(b"\xff", b"\0"),
        *(bytes([marker]) + bytes(range(0xFF)) for marker in (*_RESTARTS, *_RESTARTS)),
    ]
)


def inspect(content: bytes) -> Structure:
    """The structure of a JPEG; of several pictures in one file (MPO, from phones), the first.

    Scans are counted in the structure of the stream: the marker's two bytes may also occur in a comment or thumbnail.
    A file that ends before its end marker is read if it has the whole picture.
    """
    kept = [content[:2]]
    frame = b""
    scans, orientation, is_progressive = 0, UPRIGHT, False
    finished: set[tuple[int, int]] = set()
    for marker, body, written in _segments(content):
        if marker == _SCAN:
            scans += 1
            finished |= _finished(body)
            if scans > limits.MOST_JPEG_SCANS:
                raise UnreadableError(
                    f"The JPEG image has more than {limits.MOST_JPEG_SCANS} scans: save it as a standard JPEG."
                )
        elif marker in _FRAMES:
            if frame:
                raise damaged(_NAME)
            frame, is_progressive = body, marker in _PROGRESSIVE
            _check_frame(frame)
        elif marker == _APP1 and orientation == UPRIGHT:
            orientation = read_orientation(body)
        if marker in _KEPT or _says_colours(marker, body):
            kept.append(written)
    has_end = kept[-1] == _END_WRITTEN
    if not frame or scans == 0:
        raise damaged(_NAME) if has_end else cut_short(_NAME)
    if not has_end and not finished.issuperset(itertools.product(frame[6::3], range(_COEFFICIENTS))):
        raise cut_short(_NAME)
    picture = b"".join(kept) if has_end else b"".join(kept).rstrip(b"\xff")  # half an end marker
    return _structure(picture, frame, scans, orientation, is_progressive=is_progressive, has_end=has_end)


def _segments(content: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Every segment: its marker, its body, and the whole segment with the picture data that follow a scan's header."""
    parts = limits.Parts(_NAME)
    position = 2
    while (found := _MARKER.search(content, position)) is not None:
        parts.count()
        marker, position = found[1][0], found.end()
        if marker == _START:
            raise damaged(_NAME)
        if marker == _END:
            yield marker, b"", _END_WRITTEN
            return
        if marker in _ALONE:
            continue
        length = int.from_bytes(content[position : position + 2], "big")
        body_end = end = position + length
        if length < 2 or end > len(content):
            raise cut_short(_NAME)
        if marker == _SCAN:
            following = _AFTER_SCAN.search(content, end)
            end = len(content) if following is None else following.start()
        yield marker, content[position + 2 : body_end], b"\xff" + content[position - 1 : end]
        position = end


def _says_colours(marker: int, body: bytes) -> bool:
    """Whether decoders read the picture's colour model from this segment."""
    return (marker == _APP0 and body.startswith(b"JFIF\0")) or (
        marker == _APP14 and body.startswith(b"Adobe") and len(body) >= _ADOBE_BYTES
    )


def _finished(scan: bytes) -> set[tuple[int, int]]:
    """What a scan brings to its last bit: the components, by their names, and the numbers of their coefficients."""
    (count,) = struct.unpack_from("B", scan)
    first, last, precision = struct.unpack_from("3B", scan, 1 + 2 * count)
    if precision & 15:  # a later scan refines it
        return set()
    return set(itertools.product(scan[1 : 1 + 2 * count : 2], range(first, min(last + 1, _COEFFICIENTS))))


def _check_frame(frame: bytes) -> None:
    if len(frame) < 6:
        raise damaged(_NAME)
    height, width = struct.unpack_from(">HH", frame, 1)
    limits.check_size(_NAME, width, height)


def _structure(
    content: bytes, frame: bytes, scans: int, orientation: int, *, is_progressive: bool, has_end: bool
) -> Structure:
    bits, height, width, components = struct.unpack_from(">BHHB", frame)
    # The coefficients of a progressive picture, two bytes each, are kept until its last scan.
    decoded_bytes = width * height * ((1 if components == 1 else 4) + (2 * components if is_progressive else 0))
    if (
        not is_progressive and max(width, height) > limits.MOST_READING_SIDE_PX
    ):  # it is decoded at half its size or less
        decoded_bytes //= 4
    limits.check_memory(_NAME, width, height, decoded_bytes)
    return Structure(
        content=content if has_end else content + _END_WRITTEN,
        width=width,
        height=height,
        decoded_bytes=decoded_bytes,
        quick=width * height <= limits.QUICK_PX and scans <= limits.QUICK_JPEG_SCANS,
        plain=bits == 8 and components in (1, 3),
        orientation=orientation,
        has_end=has_end,
        with_noise=None if has_end else content + _NOISE + _END_WRITTEN,
    )
