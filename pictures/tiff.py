"""TIFF: directories of tagged values, one per page. https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf

A page's directory is rewritten with only the tags that its pixels need. The decoder never sees the others, which may
refer to more data than fits in memory, and gets the same form for every byte order and number of bits.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pictures import limits
from pictures.errors import TooLargeError, UnreadableError, no_such_page
from pictures.structure import UPRIGHT, Structure, cut_short, damaged

_NAME = "TIFF"

_SUBFILE, _OLD_SUBFILE, _WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC = 254, 255, 256, 257, 258, 259, 262
_STRIP_OFFSETS, _ORIENTATION, _SAMPLES, _STRIP_ROWS, _STRIP_BYTES, _PLANES = 273, 274, 277, 278, 279, 284
_PREDICTOR, _TILE_WIDTH, _TILE_HEIGHT, _TILE_OFFSETS, _TILE_BYTES = 317, 322, 323, 324, 325
_EXTRA_SAMPLES, _SAMPLE_FORMAT, _JPEG_TABLES = 338, 339, 347
_FILL_ORDER, _FAX3_OPTIONS, _FAX4_OPTIONS, _PALETTE, _INKS, _SUBSAMPLING = 266, 292, 293, 320, 332, 530
_NEEDED = frozenset(
    {
        *(_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC, _FILL_ORDER, _STRIP_OFFSETS, _SAMPLES, _STRIP_ROWS),
        *(_STRIP_BYTES, _PLANES, _FAX3_OPTIONS, _FAX4_OPTIONS, _PREDICTOR, _PALETTE, _TILE_WIDTH, _TILE_HEIGHT),
        *(_TILE_OFFSETS, _TILE_BYTES, _INKS, _EXTRA_SAMPLES, _SAMPLE_FORMAT, _JPEG_TABLES, _SUBSAMPLING),
    }
)

# A tag's type -> struct's letter. 1: bytes; 3, 4 and 16: integers of 2, 4 and 8 bytes; 7: anything.
_LETTERS = {1: "B", 3: "H", 4: "I", 7: "B", 16: "Q"}
_BYTES, _SHORT, _LONG = 7, 3, 4
_REDUCED_OR_MASK = 0b101  # bits of _SUBFILE: a smaller copy, or the mask, of another page
_OLD_REDUCED = 2
_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _INDEXED = 0, 1, 2, 3
_CHANNELS = {_WHITE_IS_ZERO: 1, _BLACK_IS_ZERO: 1, _RGB: 3, _INDEXED: 1, 5: 4, 6: 3, 8: 3}  # CMYK, YCbCr, Lab
_UNSPECIFIED, _PREMULTIPLIED, _ALPHA = 0, 1, 2
_UNSIGNED, _SIGNED, _FLOAT = 1, 2, 3
_UNCOMPRESSED = 1
_FAX = frozenset({2, 3, 4, 32771})
_IN_TURN, _SEPARATE = 1, 2  # the samples of a pixel, in one plane or in several
_LEAST_BIT_FIRST = 2
# Strips and tiles may share the same bytes, such as all white ones, but only up to a limit.
_MOST_TIMES_READ = 4


@dataclass(frozen=True)
class _Layout:
    """The layout of the file's directories: byte order, and whether offsets have eight bytes (BigTIFF)."""

    order: str
    is_big: bool

    @property
    def entry_bytes(self) -> int:
        return 20 if self.is_big else 12

    @property
    def value_bytes(self) -> int:
        return 8 if self.is_big else 4

    def unpack(self, letters: str, content: bytes, position: int) -> tuple[int, ...]:
        """Unpacks values at an offset. Raises UnreadableError if the file ends before."""
        try:
            return struct.unpack_from(self.order + letters, content, position)
        except (struct.error, OverflowError):  # an offset of BigTIFF may be larger than any address
            raise cut_short(_NAME) from None

    def offset(self, content: bytes, position: int) -> int:
        return self.unpack("Q" if self.is_big else "I", content, position)[0]


def inspect(content: bytes, page: int) -> Structure:
    """The structure of a TIFF's page, from 1. A directory that is a smaller copy or mask of another is not a page."""
    layout = _Layout("<" if content.startswith(b"II") else ">", content[2:4] in (b"+\0", b"\0+"))
    pages = [position for position, is_page in _directories(content, layout) if is_page]
    pages = pages or [layout.offset(content, layout.value_bytes)]
    if page > len(pages):
        raise no_such_page(page, len(pages))
    tags = _completed(_read(content, layout, pages[page - 1]))
    width, height = _one(tags, _WIDTH, 0), _one(tags, _HEIGHT, 0)
    limits.check_size(_NAME, width, height)
    decoded_bytes = _decoded_bytes(tags, width, height, len(content))

    bits = max(tags.get(_BITS, (1,)))
    from_white = bits > 8 and _one(tags, _PHOTOMETRIC, _BLACK_IS_ZERO) == _WHITE_IS_ZERO
    extra = tags.get(_EXTRA_SAMPLES, ())
    orientation = _one(tags, _ORIENTATION, UPRIGHT)
    written = {tag: tags[tag] for tag in sorted(tags) if tag in _NEEDED}
    if max(tags.get(_PALETTE, ()), default=256) < 256:  # some programs write 8-bit values; libtiff checks likewise
        written[_PALETTE] = tuple(257 * sample for sample in tags[_PALETTE])
    if from_white:  # Pillow inverts only samples of at most 8 bits
        written[_PHOTOMETRIC] = (_BLACK_IS_ZERO,)
    if _PREMULTIPLIED in extra:  # or the colours below an alpha of zero would be lost
        written[_EXTRA_SAMPLES] = tuple(_ALPHA if sample == _PREMULTIPLIED else sample for sample in extra)
    elif extra in ((), (_UNSPECIFIED,)) and _one(tags, _SAMPLES, 1) == 2:  # Pillow supports only grey with alpha
        written[_EXTRA_SAMPLES] = (_ALPHA,)
    if (
        bits == 32 and _one(tags, _SAMPLE_FORMAT, _UNSIGNED) == _UNSIGNED
    ):  # Pillow reads signed ones in both byte orders
        written[_SAMPLE_FORMAT] = (_SIGNED,)
    if bits > 8 and _PLANES in tags:  # Pillow would read noise
        raise UnreadableError(
            f"The TIFF image has {bits} bits per channel in separate planes, which is not supported: save it with 8."
        )
    # Samples of 16 bits and more are in the file's byte order; below that, only the bit order matters.
    order = layout.order if bits >= 16 else "<"
    return Structure(
        content=_written(content, written, order),
        width=width,
        height=height,
        decoded_bytes=decoded_bytes,
        orientation=orientation if 1 <= orientation <= 8 else UPRIGHT,
        page=page,
        page_count=len(pages),
        white=2**bits - 1 if 8 < bits < 16 else 65535,
        from_white=from_white,
        premultiplied=_PREMULTIPLIED in extra,
    )


def _directories(content: bytes, layout: _Layout) -> Iterator[tuple[int, bool]]:
    """Every directory's position, and whether it is a page. A chain that breaks or loops ends there."""
    seen: set[int] = set()
    position = layout.offset(content, layout.value_bytes)
    while position and position not in seen and len(seen) < limits.MOST_PARTS:
        seen.add(position)
        try:
            entries, start = _entries(content, layout, position)
            following = layout.offset(content, start + entries * layout.entry_bytes)
        except UnreadableError:
            if len(seen) == 1:
                raise
            return
        yield position, _is_page(content, layout, start, entries)
        position = following


def _is_page(content: bytes, layout: _Layout, start: int, entries: int) -> bool:
    for number in range(min(entries, 8)):  # sorted by tag, so these are among the first
        entry = start + number * layout.entry_bytes
        tag, kind = layout.unpack("HH", content, entry)
        (value,) = layout.unpack(
            "H" if kind == _SHORT else "I", content, entry + layout.entry_bytes - layout.value_bytes
        )
        if (tag == _SUBFILE and value & _REDUCED_OR_MASK) or (tag == _OLD_SUBFILE and value == _OLD_REDUCED):
            return False
    return True


def _entries(content: bytes, layout: _Layout, position: int) -> tuple[int, int]:
    """The number of entries of a directory, and where they begin."""
    if layout.is_big:
        return layout.unpack("Q", content, position)[0], position + 8
    return layout.unpack("H", content, position)[0], position + 2


def _read(content: bytes, layout: _Layout, position: int) -> dict[int, tuple[int, ...]]:
    """The values of the tags of a directory that matter here; of repeated tags, the first."""
    tags: dict[int, tuple[int, ...]] = {}
    parts = limits.Parts(_NAME)
    entries, start = _entries(content, layout, position)
    parts.count(entries)
    for number in range(entries):
        entry = start + number * layout.entry_bytes
        tag, kind = layout.unpack("HH", content, entry)
        letter = _LETTERS.get(kind)
        if (tag not in _NEEDED and tag != _ORIENTATION) or tag in tags or letter is None:
            continue
        count = layout.offset(content, entry + 4)
        if count == 0:  # ignored
            continue
        parts.count(count)
        at = entry + layout.entry_bytes - layout.value_bytes
        if count * struct.calcsize(f"={letter}") > layout.value_bytes:
            at = layout.offset(content, at)
        tags[tag] = layout.unpack(f"{count}{letter}", content, at)
    return tags


def _completed(tags: Mapping[int, tuple[int, ...]]) -> dict[int, tuple[int, ...]]:
    """The tags with what a missing or impossible value stands for, as in libtiff (tif_getimage.c, tif_dirread.c).

    Most tags have a default. The photometric tag has none: Pillow would take white as zero. A value that is left out
    here is the default.
    """
    completed = dict(tags)
    bits, samples = max(tags.get(_BITS, (1,))), _one(tags, _SAMPLES, 1)
    extra = tags.get(_EXTRA_SAMPLES, ())
    photometric = _one(tags, _PHOTOMETRIC, -1)
    if photometric == -1 or (photometric == _INDEXED and _PALETTE not in tags and bits >= 8):
        channels = samples - len(extra)
        if channels == 1:
            is_fax = _one(tags, _COMPRESSION, _UNCOMPRESSED) in _FAX
            photometric = _WHITE_IS_ZERO if is_fax else _BLACK_IS_ZERO
        elif channels == 3:
            photometric = _RGB
        else:
            raise damaged(_NAME)
        completed[_PHOTOMETRIC] = (photometric,)
    if photometric in _CHANNELS:
        completed[_EXTRA_SAMPLES] = extra[: max(0, samples - _CHANNELS[photometric])]
    if samples == 1 or _one(tags, _PLANES, _IN_TURN) != _SEPARATE:
        completed[_PLANES] = ()
    if _one(tags, _FILL_ORDER, 0) != _LEAST_BIT_FIRST:
        completed[_FILL_ORDER] = ()
    if bits <= 8 or not _UNSIGNED <= _one(tags, _SAMPLE_FORMAT, _UNSIGNED) <= _FLOAT:  # 4 is "undefined"
        completed[_SAMPLE_FORMAT] = ()
    return {tag: values for tag, values in completed.items() if values}


def _one(tags: Mapping[int, tuple[int, ...]], tag: int, default: int) -> int:
    return next(iter(tags.get(tag, ())), default)


def _decoded_bytes(tags: Mapping[int, tuple[int, ...]], width: int, height: int, file_bytes: int) -> int:
    """The memory that decoding needs: the picture in Pillow, and the strip or tile that libtiff decodes at a time."""
    samples, bits = max(1, _one(tags, _SAMPLES, 1)), max((*tags.get(_BITS, ()), 1))
    if samples > 8 or bits > 64:
        raise damaged(_NAME)
    is_tiled = _TILE_WIDTH in tags
    part_width = _one(tags, _TILE_WIDTH, 0) if is_tiled else width
    part_height = _one(tags, _TILE_HEIGHT, 0) if is_tiled else min(height, max(1, _one(tags, _STRIP_ROWS, height)))
    if part_width < 1 or part_height < 1:
        raise damaged(_NAME)
    part_bytes = part_width * part_height * samples * bits // 8
    decoded_bytes = width * height * (1 if samples == 1 and bits <= 8 else 4) + part_bytes
    if is_tiled and part_bytes > limits.DECODE_MEMORY_BYTES // 2:
        raise TooLargeError(
            f"The TIFF image has tiles of {part_width} x {part_height} px: save it without tiles, or save it as PNG."
        )
    limits.check_memory(_NAME, width, height, decoded_bytes)
    parts = -(-width // part_width) * -(-height // part_height)
    limits.Parts(_NAME).count(parts)
    planes = samples if _PLANES in tags else 1
    offsets = tags.get(_TILE_OFFSETS if is_tiled else _STRIP_OFFSETS, ())
    if len(offsets) < parts * planes:  # black, in Pillow
        raise damaged(_NAME)
    sizes = tags.get(_TILE_BYTES if is_tiled else _STRIP_BYTES, ())
    if _one(tags, _COMPRESSION, _UNCOMPRESSED) == _UNCOMPRESSED:  # then the tag is not used
        rows = part_height if is_tiled else height - part_height * (-(-height // part_height) - 1)
        offsets, sizes = offsets[-1:], (rows * -(-part_width * bits * (samples // planes) // 8),)
    if any(offset + size > file_bytes for offset, size in zip(offsets, sizes, strict=False)):
        raise cut_short(_NAME)
    if sum(sizes) > _MOST_TIMES_READ * file_bytes:
        raise UnreadableError("The TIFF image uses the same bytes again and again: export it again, or save it as PNG.")
    return decoded_bytes


def _written(content: bytes, tags: Mapping[int, tuple[int, ...]], order: str) -> bytes:
    """The file with one directory, at its end; offsets into the file stay as they are."""
    at = len(content) + len(content) % 2
    values = b""
    entries = []
    values_at = at + 2 + 12 * len(tags) + 4
    for tag, numbers in tags.items():
        kind = _BYTES if tag == _JPEG_TABLES else _LONG if max(numbers, default=0) > 0xFFFF else _SHORT
        try:
            packed = struct.pack(f"{order}{len(numbers)}{_LETTERS[kind]}", *numbers)
        except struct.error:  # an offset beyond 4 GB
            raise damaged(_NAME) from None
        if len(packed) > 4:
            place = struct.pack(f"{order}I", values_at + len(values))
            values += packed + b"\0" * (len(packed) % 2)
        else:
            place = packed.ljust(4, b"\0")
        entries.append(struct.pack(f"{order}HHI", tag, kind, len(numbers)) + place)
    magic = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}HI", 42, at)
    return b"".join(
        (
            magic,
            content[8:].ljust(at - 8, b"\0"),
            struct.pack(f"{order}H", len(entries)),
            *entries,
            b"\0\0\0\0",
            values,
        )
    )
