"""Files whose structure is unusual, broken or hostile: the picture as other programs show it, or a refusal at once."""

import io
import struct
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pictures.errors import PictureError, TooLargeError, UnreadableError
from pictures.file import open_file
from tests.images.inference.plans import PLAN, encode
from tests.pictures.files import (
    bmp,
    gif,
    grey_tiff,
    jpeg_segment,
    packed_samples,
    png,
    png_chunk,
    tiff,
    webp_canvas,
    with_jpeg_segments,
    with_png_chunks,
)

pytestmark = pytest.mark.whole

GREY = PLAN.convert("L").resize((80, 60))
RGB = PLAN.resize((80, 60))
LINES = GREY.point([0] * 128 + [255] * 128)
PAGE = 255


def shown(content: bytes) -> Image.Image:
    file = open_file(content)
    file.check()
    return file.read()


def mean_difference(image: Image.Image, other: Image.Image) -> float:
    first, second = (np.asarray(one.convert("RGB"), dtype=float) for one in (image, other))
    return float(np.abs(first - second).mean())


# Chunks and segments that carry no picture.


@pytest.mark.parametrize(
    "chunks",
    [
        png_chunk(b"pHYs", struct.pack(">IIB", 3780, 3780, 1), checksum=7),
        png_chunk(b"pHYs", b"\0\0"),
        png_chunk(b"gAMA", b""),
        png_chunk(b"iCCP", b"profile\0\0not compressed"),
        png_chunk(b"tIME", b"\0"),
        png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b" " * 3_000_000)),
        png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(b" " * 3_000_000)),
        png_chunk(b"tEXt", b"Comment\0" + b"x" * 2_000_000) * 2,
        png_chunk(b"eXIf", b"II*\0\xff\xff\xff\xff"),
        png_chunk(b"eXIf", b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0", checksum=7),
        png_chunk(b"tRNS", b"\0\xff", checksum=7),
        png_chunk(b"acTL", b""),
        png_chunk(b"prVt", b"something of a program's own"),
    ],
)
def test_png_chunks_that_carry_no_picture_are_skipped(chunks: bytes) -> None:
    assert mean_difference(shown(with_png_chunks(encode(GREY, "PNG"), chunks)), GREY) == 0


@pytest.mark.parametrize("kind", [b"IHDR", b"IDAT"])
def test_a_png_chunk_that_carries_the_picture_needs_its_right_checksum(kind: bytes) -> None:
    content = bytearray(encode(GREY, "PNG"))
    start = content.index(kind)
    (length,) = struct.unpack_from(">I", content, start - 4)
    content[start + 4 + length] ^= 1
    with pytest.raises(UnreadableError, match="PNG image is damaged"):
        shown(bytes(content))


def test_a_png_chunk_that_every_reader_must_know_is_not_skipped() -> None:
    with pytest.raises(UnreadableError, match="PNG"):
        shown(with_png_chunks(encode(GREY, "PNG"), png_chunk(b"CgBI", b"\x50\0\x20\x02")))


SECOND_JPEG = encode(Image.new("L", (8, 8)), "JPEG", progressive=True)


@pytest.mark.parametrize(
    "segments",
    [
        jpeg_segment(0xFE, b"\xff\xda" * 3000),
        jpeg_segment(0xE1, b"Exif\0\0" + SECOND_JPEG * 20),
        jpeg_segment(0xE2, b"ICC_PROFILE\0\1\1" + b"\xff\xda" * 30_000) * 50,
        jpeg_segment(0xED, b"Photoshop 3.0\0" + SECOND_JPEG),
        jpeg_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x tiff:Orientation='6'/>"),
        jpeg_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<tiff:Orientation>6</tiff:Orientation>"),
        jpeg_segment(0xE1, b"Exif\0\0MM\0*\0\0"),
        jpeg_segment(0xEE, b"Adobe"),
        b"\xff" * 40,
    ],
    ids=["comment", "thumbnail", "profile", "Photoshop", "XMP", "XMP's element", "cut EXIF", "short Adobe", "fill"],
)
@pytest.mark.parametrize("progressive", [True, False])
def test_jpeg_segments_that_carry_no_picture_are_skipped(segments: bytes, progressive: bool) -> None:
    content = encode(RGB, "JPEG", progressive=progressive, quality=95, subsampling=0)
    assert mean_difference(shown(with_jpeg_segments(content, segments)), RGB) < 2


@pytest.mark.parametrize("mode", ["CMYK", "RGB", "L"])
def test_jpegs_keep_their_colours_without_their_metadata(mode: str) -> None:
    image = RGB.convert(mode)
    content = encode(image, "JPEG", quality=95, subsampling=0, exif=Image.Exif(), comment=b"\xff\xda")
    assert mean_difference(shown(content), image.convert("RGB")) < 2


def test_of_a_jpeg_with_several_pictures_the_first_is_shown() -> None:
    content = encode(RGB, "MPO", save_all=True, append_images=[Image.new("RGB", RGB.size, "red")], quality=95)
    assert mean_difference(shown(content), RGB) < 3


def test_metadata_after_a_jpegs_picture_is_not_its_picture() -> None:
    assert mean_difference(shown(encode(RGB, "JPEG", quality=95) + SECOND_JPEG * 200), RGB) < 3


# Transparency.


def line_drawing(colour: tuple[int, int, int], mode: str = "RGBA") -> Image.Image:
    """The plan's lines in one colour on nothing."""
    drawing = Image.new("RGBA", PLAN.size, (*colour, 0))
    drawing.putalpha(PLAN.convert("L").point(lambda sample: 255 - sample))
    return drawing.convert(mode)


@pytest.mark.parametrize("file_format", ["PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("colour", [(255, 255, 255), (255, 255, 0), (0, 255, 255), (200, 200, 200)])
def test_lines_of_light_lie_on_a_dark_page(file_format: str, colour: tuple[int, int, int]) -> None:
    options = {"lossless": True, "exact": True} if file_format == "WEBP" else {}
    image = shown(encode(line_drawing(colour), file_format, **options))
    assert image.getpixel((5, 5)) == (0, 0, 0)
    assert image.getpixel((60, 300)) == colour


@pytest.mark.parametrize("colour", [(0, 0, 0), (160, 0, 0), (0, 0, 255), (110, 110, 110)])
def test_dark_lines_lie_on_a_white_page(colour: tuple[int, int, int]) -> None:
    image = shown(encode(line_drawing(colour), "PNG"))
    assert image.getpixel((5, 5)) == (255, 255, 255)
    assert image.getpixel((60, 300)) == colour


def test_light_lines_of_a_palette_lie_on_a_dark_page() -> None:
    drawing = PLAN.convert("L").point([0] * 128 + [1] * 128)
    drawing = Image.frombytes("P", drawing.size, drawing.tobytes())
    drawing.putpalette([255, 255, 255, 255, 255, 255])
    for file_format in ("PNG", "GIF"):
        image = shown(encode(drawing, file_format, transparency=1))
        assert (image.getpixel((5, 5)), image.getpixel((60, 300))) == ((0, 0, 0), (255, 255, 255))


def test_a_sheet_of_paper_with_nothing_around_it_keeps_its_white_page() -> None:
    sheet = Image.new("RGBA", (1000, 800), (0, 0, 0, 0))
    sheet.paste(PLAN, (100, 100))
    assert shown(encode(sheet, "PNG")).getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("header_bytes", "compression"), [(40, 0), (56, 0), (56, 3), (108, 0), (108, 3), (124, 0), (124, 3)]
)
def test_a_bmp_whose_alpha_is_zero_everywhere_shows_its_colours(header_bytes: int, compression: int) -> None:
    bgr = np.asarray(RGB)[::-1, :, ::-1]
    pixels = np.dstack([bgr, np.zeros(bgr.shape[:2], np.uint8)]).tobytes()
    content = bmp(pixels, *RGB.size, header_bytes=header_bytes, compression=compression)
    assert mean_difference(shown(content), RGB) == 0


@pytest.mark.parametrize(
    "content",
    [
        encode(Image.merge("RGBA", (*RGB.split(), Image.new("L", RGB.size, 0))), "PNG"),
        encode(Image.merge("LA", (GREY, Image.new("L", RGB.size, 0))), "PNG"),
        encode(Image.merge("RGBA", (*RGB.split(), Image.new("L", RGB.size, 0))), "TIFF"),
        encode(Image.merge("RGBA", (*RGB.split(), Image.new("L", RGB.size, 0))), "WEBP", lossless=True, exact=True),
        encode(GREY.quantize(256), "PNG", transparency=bytes(256)),
    ],
    ids=["PNG", "grey PNG", "TIFF", "WebP", "palette"],
)
def test_an_alpha_that_is_zero_everywhere_is_ignored(content: bytes) -> None:
    assert mean_difference(shown(content), RGB) < 2


@pytest.mark.parametrize("extra", [0, 1, 2])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("bits", [8, 16])
def test_a_tiff_whose_fourth_sample_is_zero_everywhere_shows_its_colours(extra: int, order: str, bits: int) -> None:
    samples = np.dstack([np.asarray(RGB), np.zeros((60, 80), np.uint8)]).astype(f"{order}u{bits // 8}")
    samples *= 1 if bits == 8 else 257
    content = tiff(
        samples.tobytes(),
        order,
        width=80,
        height=60,
        bits=[bits] * 4,
        photometric=2,
        samples=4,
        strip_rows=60,
        extra_samples=extra,
    )
    assert mean_difference(shown(content), RGB) == 0


@pytest.mark.parametrize("bits", [1, 2, 4, 8, 16])
def test_a_transparent_grey_becomes_the_page_at_every_depth(bits: int) -> None:
    page, ink = (1, 0) if bits == 1 else (2 ** (bits - 1), 0)
    samples = np.where(np.asarray(LINES) > 0, page, ink)
    data = samples.astype(">u2").tobytes() if bits == 16 else packed_from(samples, bits)
    row_bytes = len(data) // 60
    rows = [data[start : start + row_bytes] for start in range(0, len(data), row_bytes)]
    content = png(rows, 80, bits, 0, png_chunk(b"tRNS", struct.pack(">H", page)))
    assert mean_difference(shown(content), LINES) == 0


def packed_from(samples: np.ndarray, bits: int) -> bytes:
    planes = ((samples[..., None] >> np.arange(bits - 1, -1, -1)) & 1).astype(np.uint8)
    return np.packbits(planes.reshape(len(samples), -1), axis=1).tobytes()


def test_a_transparent_16_bit_colour_becomes_the_page() -> None:
    paper = struct.pack(">3H", 0x8001, 0x8002, 0x8003)
    row = paper * 8 + b"\0" * 6 * 8
    image = shown(png([row] * 16, 16, 16, 2, png_chunk(b"tRNS", paper)))
    assert (image.getpixel((3, 8)), image.getpixel((12, 8))) == ((255, 255, 255), (0, 0, 0))


# Depths and directions.


@pytest.mark.parametrize("from_white", [False, True], ids=["from black", "from white"])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("bits", [1, 2, 4, 8, 12, 16])
def test_a_grey_tiff_looks_the_same_in_every_depth_order_and_direction(bits: int, order: str, from_white: bool) -> None:
    assert mean_difference(shown(grey_tiff(LINES, bits, order, from_white=from_white)), LINES) == 0


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("bits", [8, 12, 16])
def test_a_grey_tiff_keeps_its_half_tones(bits: int, order: str) -> None:
    assert mean_difference(shown(grey_tiff(GREY, bits, order)), GREY) < 0.6


@pytest.mark.parametrize("bits", [10, 14])
def test_a_depth_that_no_reader_has_is_a_tiff_of_an_unsupported_kind(bits: int) -> None:
    with pytest.raises(UnreadableError, match="TIFF image is damaged or of an unsupported kind"):
        shown(grey_tiff(GREY, bits, "<"))


@pytest.mark.parametrize("planes", [1, 2])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("bits", [8, 16])
def test_a_colour_tiff_looks_the_same_or_the_error_says_why_it_is_not_read(planes: int, order: str, bits: int) -> None:
    samples = (np.asarray(RGB).astype(np.uint32) * (1 if bits == 8 else 257)).astype(f"{order}u{bits // 8}")
    data = (samples.transpose(2, 0, 1) if planes == 2 else samples).tobytes()
    size = len(data) // 3 if planes == 2 else len(data)
    offsets = [8, 8 + size, 8 + 2 * size][: 3 if planes == 2 else 1]
    content = tiff(
        data,
        order,
        width=80,
        height=60,
        bits=[bits] * 3,
        photometric=2,
        samples=3,
        strip_rows=60,
        planes=planes,
        strip_offsets=offsets,
        strip_bytes=[size] * len(offsets),
    )
    if (planes, bits) == (2, 16):
        with pytest.raises(UnreadableError, match="16 bits per channel in separate planes"):
            shown(content)
    else:
        assert mean_difference(shown(content), RGB) == 0


def test_a_tiff_of_32_bits_is_shown_between_its_own_extremes() -> None:
    for order in "<>":
        samples = (np.asarray(GREY).astype(np.uint32) * 1000 + 5).astype(f"{order}u4")
        content = tiff(samples.tobytes(), order, width=80, height=60, bits=32, photometric=1, strip_rows=60)
        assert mean_difference(shown(content), GREY) < 1


def test_an_rle_bmp_and_an_interlaced_gif_look_the_same() -> None:
    assert mean_difference(shown(encode(LINES, "GIF", interlace=True)), LINES) == 0
    rows = np.asarray(LINES)[::-1].tolist()
    data = b"".join(b"".join(bytes([1, sample]) for sample in row) + b"\0\0" for row in rows) + b"\0\1"
    assert mean_difference(shown(bmp(data, 80, 60, bits=8, compression=1)), LINES) == 0


def test_an_interlaced_png_looks_the_same() -> None:
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    samples = np.asarray(GREY)
    data = b"".join(
        b"\0" + row.tobytes() for x, y, across, down in passes for row in samples[y::down, x::across] if row.size
    )
    header = struct.pack(">IIBBBBB", 80, 60, 8, 0, 0, 0, 1)
    chunks = (png_chunk(b"IHDR", header), png_chunk(b"IDAT", zlib.compress(data)), png_chunk(b"IEND", b""))
    assert mean_difference(shown(b"\x89PNG\r\n\x1a\n" + b"".join(chunks)), GREY) == 0


def test_a_bigtiff_is_read() -> None:
    assert mean_difference(shown(encode(RGB, "TIFF", big_tiff=True)), RGB) == 0


# Tags that are missing, or have a value that means nothing.


@pytest.mark.parametrize("bits", [1, 2, 4, 8, 12, 16])
def test_a_grey_tiff_that_does_not_say_so_counts_from_black(bits: int) -> None:
    assert mean_difference(shown(grey_tiff(LINES, bits, "<", photometric=None)), LINES) == 0


@pytest.mark.parametrize("compression", ["group3", "group4"])
def test_a_fax_that_does_not_say_so_counts_from_white(compression: str) -> None:
    written = encode(Image.eval(LINES, lambda sample: 255 - sample).convert("1"), "TIFF", compression=compression)
    tags = Image.open(io.BytesIO(written)).tag_v2  # pyright: ignore[reportAttributeAccessIssue]
    photometric, scheme, (offset,), (length,) = (tags[tag] for tag in (262, 259, 273, 279))
    assert photometric == 1  # from black, so the negative of it from white
    data = written[offset : offset + length]
    content = tiff(data, width=80, height=60, bits=1, compression=scheme, strip_rows=60)
    assert mean_difference(shown(content), LINES) == 0


@pytest.mark.parametrize("samples", [1, 2, 3])
def test_a_tiff_that_does_not_say_what_its_samples_are_is_shown_by_their_number(samples: int) -> None:
    image = RGB if samples == 3 else GREY
    pixels = np.asarray(image).reshape(60, 80, -1)
    pixels = np.dstack([pixels, np.full((60, 80), 255, np.uint8)]) if samples == 2 else pixels
    extra = 2 if samples == 2 else None
    content = tiff(
        pixels.tobytes(), width=80, height=60, bits=[8] * samples, samples=samples, strip_rows=60, extra_samples=extra
    )
    assert mean_difference(shown(content), image) == 0


def test_a_tiff_of_indices_without_their_palette_is_grey() -> None:
    assert mean_difference(shown(grey_tiff(GREY, 8, "<", photometric=3)), GREY) == 0


@pytest.mark.parametrize(
    "tags",
    [
        *({name: None} for name in ("compression", "samples", "strip_rows", "strip_bytes")),
        *({"planes": planes} for planes in (0, 2, 3)),
        *({"strip_rows": rows} for rows in (70, 2**32 - 1)),
        *({"strip_bytes": size} for size in (0, 1, 10**7)),
        *({"orientation": orientation} for orientation in (0, 9)),
        *({"fill_order": order} for order in (0, 3)),
        *({"sample_format": sample_format} for sample_format in (0, 4, 5)),
        *({"extra_samples": extra} for extra in (0, 1, 2, 9)),
    ],
    ids=str,
)
@pytest.mark.parametrize("bits", [1, 8, 16])
def test_an_empty_tag_stands_for_its_default(bits: int, tags: dict[str, Any]) -> None:
    usual = {"width": 80, "height": 60, "bits": bits, "photometric": 1, "strip_rows": 60}
    assert mean_difference(shown(tiff(packed_samples(LINES, bits, "<"), "<", **{**usual, **tags})), LINES) == 0


@pytest.mark.parametrize("bits", [8, 16])
def test_one_depth_stands_for_that_of_every_sample(bits: int) -> None:
    samples = np.asarray(RGB).astype(f"<u{bits // 8}") * (1 if bits == 8 else 257)
    content = tiff(samples.tobytes(), width=80, height=60, bits=bits, photometric=2, samples=3, strip_rows=60)
    assert mean_difference(shown(content), RGB) == 0


def test_the_second_sample_of_a_grey_tiff_is_its_alpha_without_a_tag_that_says_so() -> None:
    pixels = np.dstack([np.asarray(GREY), np.full((60, 80), 255, np.uint8)])
    content = tiff(pixels.tobytes(), width=80, height=60, bits=[8, 8], photometric=1, samples=2, strip_rows=60)
    assert mean_difference(shown(content), GREY) == 0


# Pages.


def test_the_pages_of_a_tiff_are_counted_and_the_first_is_read() -> None:
    others = [Image.new("L", GREY.size, shade) for shade in (0, 90, 180)]
    file = open_file(encode(GREY, "TIFF", save_all=True, append_images=others))
    assert file.page_count == 4
    assert mean_difference(file.read(), GREY) == 0


@pytest.mark.parametrize("subfile", [1, 4, 5])
def test_smaller_copies_and_masks_are_not_pages(subfile: int) -> None:
    content = grey_tiff(GREY, 8, "<")
    with_copy = tiff(
        GREY.tobytes(),
        width=80,
        height=60,
        bits=8,
        photometric=1,
        strip_rows=60,
        more_pages=[{"subfile": subfile, "width": 8, "height": 6}, {}],
    )
    assert (open_file(content).page_count, open_file(with_copy).page_count) == (1, 2)


def test_a_smaller_copy_that_comes_first_is_skipped() -> None:
    content = tiff(
        GREY.tobytes(),
        width=80,
        height=30,
        bits=8,
        photometric=1,
        strip_rows=60,
        subfile=1,
        more_pages=[{"subfile": 0, "height": 60}],
    )
    file = open_file(content)
    assert (file.height, file.page_count) == (60, 1)
    assert mean_difference(file.read(), GREY) == 0


def test_page_lists_end_where_they_loop_or_leave_the_file() -> None:
    content = bytearray(grey_tiff(GREY, 8, "<"))
    (first,) = struct.unpack_from("<I", content, 4)
    (entries,) = struct.unpack_from("<H", content, first)
    for following in (first, len(content) + 999):
        struct.pack_into("<I", content, first + 2 + 12 * entries, following)
        assert open_file(bytes(content)).page_count == 1


def test_every_other_file_has_one_page_an_animation_too() -> None:
    frames = [Image.new("RGB", RGB.size, colour) for colour in ("red", "blue")]
    for file_format in ("GIF", "WEBP", "PNG"):
        assert open_file(encode(RGB, file_format, save_all=True, append_images=frames)).page_count == 1


# Files that cost more than they show.


def huge_tile() -> bytes:
    return tiff(
        zlib.compress(b"\0" * 100_000),
        width=100,
        height=100,
        bits=8,
        photometric=1,
        compression=8,
        strip_offsets=None,  # pyright: ignore[reportArgumentType]
        strip_bytes=None,  # pyright: ignore[reportArgumentType]
        tile_width=65536,
        tile_height=65536,
        tile_offsets=8,
        tile_bytes=100,
    )


def same_strip_again() -> bytes:
    data = zlib.compress(bytes(5000)) + bytes(1_000_000)
    return tiff(
        data,
        width=5000,
        height=5000,
        bits=8,
        photometric=1,
        compression=8,
        strip_rows=1,
        strip_offsets=[8] * 5000,
        strip_bytes=[len(data)] * 5000,
    )


def tag_without_end() -> bytes:
    content = bytearray(grey_tiff(GREY, 8, "<"))
    (first,) = struct.unpack_from("<I", content, 4)
    struct.pack_into("<I", content, first + 2 + 4, 0xFFFFFFFF)  # the count of the first tag, the width
    return bytes(content)


def rle_of_single_pixels() -> bytes:
    return bmp(b"\1\7" * 2_200_000 + b"\0\1", 5000, 5000, bits=8, compression=1)


def scans(count: int, size: tuple[int, int] = (80, 60)) -> bytes:
    usual = encode(PLAN.resize(size), "JPEG", progressive=True)
    last, end = usual.rindex(b"\xff\xda"), usual.rindex(b"\xff\xd9")
    return usual[:end] + usual[last:end] * count + usual[end:]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (huge_tile, "tiles of 65536 x 65536 px"),
        (same_strip_again, "the same bytes again and again"),
        (tag_without_end, "more than 100000 parts"),
        (lambda: scans(8000), "more than 100 scans"),
        (lambda: gif(before_frame=b"\x21\xfe\x01a\0" * 880_000), "more than 100000 parts"),
        (lambda: gif(before_frame=b"\x21\xfe" + b"\x01a" * 2_000_000 + b"\0"), "more than 100000 parts"),
        (lambda: gif(canvas=(60_000, 8)), "60000 x 8 px"),
        (lambda: gif(frame=(60_000, 60_000)), "60000 x 60000 px"),
        (lambda: webp_canvas(16383, 16383), "16383 x 16383 px"),
        (lambda: webp_canvas(5000, 5000), "400 MB"),
        (lambda: bmp(b"", 60_000, 60_000), "60000 x 60000 px"),
        (lambda: bmp(b"", 5000, -(2**31)), "5000 x 2147483648 px"),
        (lambda: with_png_chunks(encode(GREY, "PNG"), png_chunk(b"tEXt", b"") * 300_000), "more than 100000 parts"),
        (lambda: with_jpeg_segments(encode(GREY, "JPEG"), jpeg_segment(0xFE, b"") * 1_000_000), "100000 parts"),
        (lambda: b"\xff\xd8" + b"\xff" * 4_000_000 + bytes(9), "damaged|cut short"),
    ],
)
def test_a_file_that_costs_more_than_it_shows_is_refused_at_once(content: Callable[[], bytes], said: str) -> None:
    file = content()
    started = time.process_time()
    with pytest.raises(PictureError, match=said):
        shown(file)
    assert time.process_time() - started < 1


def test_pixels_beyond_a_pngs_last_row_are_not_unpacked() -> None:
    content = png([bytes(80)] * 60 + [bytes(50_000_000)] * 2, 80, 8, 0)
    short = content[:20] + struct.pack(">I", 60) + content[24:]
    short = short[:29] + struct.pack(">I", zlib.crc32(short[12:29])) + short[33:]
    started = time.process_time()
    assert shown(short).size == (80, 60)
    assert time.process_time() - started < 1


@pytest.mark.parametrize(("width", "height"), [(0, 60), (80, 0), (0, 0)])
def test_a_side_of_0_px_is_refused_by_name(width: int, height: int) -> None:
    with pytest.raises(UnreadableError, match=f"TIFF image has a size of {width} x {height} px in its header"):
        open_file(grey_tiff(GREY, 8, "<", width=width, height=height))


def test_a_strip_that_needs_more_than_its_share_of_memory_is_refused() -> None:
    content = tiff(
        bytes(100), width=5000, height=5000, bits=[64] * 4, photometric=2, samples=4, strip_rows=5000, compression=8
    )
    with pytest.raises(TooLargeError, match="MB to decode"):
        open_file(content)


# Files without their end.

WAYS_TO_WRITE_A_JPEG = {
    "baseline": {},
    "progressive": {"progressive": True},
    "restart markers": {"restart_marker_blocks": 5},
    "restart markers a row": {"restart_marker_rows": 1},
}
SHEET = Image.new("RGB", (400, 300), "white")
SHEET.paste(RGB, (20, 20))


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "TIFF", "WEBP", "GIF", "BMP"])
@pytest.mark.parametrize("kept", [0.1, 0.34, 0.67, 0.95])
def test_an_error_for_a_cut_file_says_so_and_names_its_type(file_format: str, kept: float) -> None:
    content = encode(RGB, file_format)
    with pytest.raises(UnreadableError, match=f"(?i)the {file_format} image is cut short"):
        shown(content[: int(len(content) * kept)])


@pytest.mark.parametrize("cut_bytes", range(1, 17))
@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA"])
def test_a_png_that_lacks_only_its_end_is_read(mode: str, cut_bytes: int) -> None:
    image = RGB.convert(mode)
    content = encode(image, "PNG")
    assert content.endswith(png_chunk(b"IEND", b""))  # 12 bytes; before them, the checksum of the last of the data
    assert mean_difference(shown(content[:-cut_bytes]), image) == 0


@pytest.mark.parametrize("cut_bytes", [1, 2])
@pytest.mark.parametrize("options", WAYS_TO_WRITE_A_JPEG.values(), ids=list(WAYS_TO_WRITE_A_JPEG))
@pytest.mark.parametrize("image", [RGB, GREY, SHEET], ids=["colours", "grey", "white"])
def test_a_jpeg_that_lacks_only_its_end_is_read(
    image: Image.Image, options: dict[str, bool | int], cut_bytes: int
) -> None:
    content = encode(image, "JPEG", **options)
    assert content.endswith(b"\xff\xd9")
    assert mean_difference(shown(content[:-cut_bytes]), shown(content)) == 0


@pytest.mark.parametrize("cut_bytes", [1, 2])
def test_a_gif_that_lacks_only_its_end_is_read(cut_bytes: int) -> None:
    assert mean_difference(shown(encode(LINES, "GIF")[:-cut_bytes]), LINES) == 0


@pytest.mark.parametrize("cut_bytes", [1, 2, 3])
def test_a_bmp_that_lacks_the_padding_of_its_last_row_is_read(cut_bytes: int) -> None:
    image = RGB.resize((79, 60))
    content = encode(image, "BMP")
    assert mean_difference(shown(content[:-cut_bytes]), image) == 0
    with pytest.raises(UnreadableError, match="BMP image is cut short"):
        shown(content[:-4])


@pytest.mark.parametrize("options", WAYS_TO_WRITE_A_JPEG.values(), ids=list(WAYS_TO_WRITE_A_JPEG))
@pytest.mark.parametrize("image", [RGB, GREY, SHEET], ids=["colours", "grey", "white"])
def test_a_jpeg_that_is_cut_in_its_picture_is_refused_wherever_that_is(
    image: Image.Image, options: dict[str, bool | int]
) -> None:
    content = encode(image, "JPEG", **options)
    picture = shown(content)
    refused = 0
    for cut_bytes in (3, 4, 5, 10, *np.random.default_rng(0).integers(20, len(content) // 2, 16).tolist()):
        try:
            seen = shown(content[:-cut_bytes])
        except UnreadableError:
            refused += 1
        else:  # the last bytes may change nothing
            assert mean_difference(seen, picture) == 0, f"{cut_bytes} bytes less, and another picture"
    assert refused >= 16


@pytest.mark.parametrize("scan", [3, 5, 8])
def test_a_progressive_jpeg_that_ends_after_one_of_its_scans_is_cut_short(scan: int) -> None:
    content = encode(RGB, "JPEG", progressive=True)
    starts = [at for at in range(len(content)) if content.startswith(b"\xff\xda", at)]
    with pytest.raises(UnreadableError, match="JPEG image is cut short"):
        shown(content[: starts[scan]])


@pytest.mark.parametrize("fill_bytes", [1, 1000, 1_000_000])
def test_a_jpegs_markers_may_have_any_number_of_fill_bytes_before_them(fill_bytes: int) -> None:
    content = encode(RGB, "JPEG")
    fill = b"\xff" * fill_bytes
    started = time.process_time()
    assert mean_difference(shown(content[:2] + fill + content[2:-2] + fill + content[-2:]), RGB) < 3
    assert time.process_time() - started < 1


def test_a_run_of_fill_bytes_within_a_scan_takes_no_longer_than_its_length() -> None:
    content = encode(RGB, "JPEG")
    started = time.process_time()
    open_file(content[:-2] + b"\xff" * 2_000_000 + b"\0" + content[-2:])
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    "content",
    [
        b"II+\0\x08\0\0\0" + struct.pack("<Q", 2**64 - 1) + bytes(100),
        b"II+\0\x08\0\0\0" + struct.pack("<QQ", 16, 2**63) + bytes(100),
        b"II+\0\x08\0\0\0" + struct.pack("<QQHHQQ", 16, 1, 258, 3, 10, 2**64 - 1) + bytes(20),
    ],
    ids=["first directory", "entries", "values"],
)
def test_a_bigtiff_with_impossibly_large_numbers_is_called_cut_short(content: bytes) -> None:
    with pytest.raises(UnreadableError, match="TIFF image is cut short"):
        open_file(content)


@pytest.mark.parametrize("tag", range(10))
def test_a_tiff_with_a_tag_of_no_values_is_refused_or_read_without_it(tag: int) -> None:
    content = bytearray(grey_tiff(GREY, 8, "<", extra_samples=0))
    (first,) = struct.unpack_from("<I", content, 4)
    assert struct.unpack_from("<H", content, first) == (10,)
    struct.pack_into("<I", content, first + 2 + 12 * tag + 4, 0)
    with suppress(PictureError):
        assert shown(bytes(content)).size == GREY.size


@pytest.mark.parametrize("bits", [1, 8])
def test_a_palette_png_without_its_palette_is_refused(bits: int) -> None:
    with pytest.raises(UnreadableError, match="PNG image is damaged"):
        shown(png([bytes(80)] * 60, 80, bits, 3))


@pytest.mark.parametrize("control", [b"", b"\x21\xf9\x04\0\0\0\0\0"], ids=["no control", "nothing transparent"])
def test_around_a_gifs_frame_is_white_paper(control: bytes) -> None:
    picture = shown(gif(canvas=(20, 16), before_frame=control)).convert("L")
    alone = shown(gif()).convert("L")
    assert picture.size == (20, 16)
    assert picture.crop((0, 0, 8, 8)).tobytes() == alone.tobytes()
    assert picture.crop((8, 0, 20, 16)).getextrema() == picture.crop((0, 8, 20, 16)).getextrema() == (255, 255)


@pytest.mark.parametrize("compression", [1, 8])
def test_a_tiff_that_lacks_some_of_its_strips_is_refused(compression: int) -> None:
    data = bytes(80 * 20) if compression == 1 else zlib.compress(bytes(80 * 20))
    with pytest.raises(UnreadableError, match="TIFF image is damaged"):
        shown(tiff(data, width=80, height=60, bits=8, photometric=1, strip_rows=20, compression=compression))


@pytest.mark.parametrize("scale", [1, 257])
def test_a_tiffs_palette_may_be_written_in_8_bits(scale: int) -> None:
    palette = [scale * (255 - number) for number in range(256)] * 3
    content = tiff(
        bytes(255 - sample for sample in GREY.tobytes()), width=80, height=60, bits=8, photometric=3, palette=palette
    )
    assert mean_difference(shown(content), GREY) < 1


def test_samples_below_zero_are_refused_when_the_file_is_checked() -> None:
    samples = np.full((60, 80), 7, "<i2")
    samples[59, 79] = -1
    content = tiff(samples.tobytes(), width=80, height=60, bits=16, photometric=1, sample_format=2)
    with pytest.raises(UnreadableError, match="pixel values below 0"):
        open_file(content).check()
