import io
import struct
import warnings
import zlib
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from multiprocessing import get_context

import numpy as np
import pytest
from PIL import Image

from pictures.errors import TooLargeError, UnreadableError
from pictures.file import open_file
from pictures.limits import MOST_JPEG_SCANS
from tests.images.inference.plans import PLAN, encode, grey_16_bit

pytestmark = pytest.mark.whole

ORIENTATION = 0x0112


def decode(data: bytes) -> Image.Image:
    """The picture in its full size, in RGB."""
    return open_file(data).read().convert("RGB")


def exif_with_orientation(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return exif.tobytes()


def png_header(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims `width` x `height` black pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


def mean_difference(image: Image.Image, other: Image.Image) -> float:
    return float(np.abs(np.asarray(image, dtype=float) - np.asarray(other, dtype=float)).mean())


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF"])
def test_every_format_gives_the_same_picture(file_format: str) -> None:
    decoded = decode(encode(PLAN, file_format))
    assert (decoded.mode, decoded.size) == ("RGB", PLAN.size)
    assert mean_difference(decoded, PLAN) < 1


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("1-bit", encode(PLAN.convert("1"), "PNG")),
        ("1-bit fax", encode(PLAN.convert("1"), "TIFF", compression="group4")),
        ("8-bit grey", encode(PLAN.convert("L"), "PNG")),
        ("16-bit grey", encode(grey_16_bit(PLAN), "PNG")),
        ("16-bit grey, big-endian", encode(grey_16_bit(PLAN), "TIFF")),
        ("32-bit grey", encode(PLAN.convert("L").convert("I"), "TIFF")),
        ("floating-point grey", encode(PLAN.convert("L").convert("F"), "TIFF")),
        ("palette", encode(PLAN.convert("P"), "PNG")),
        ("CMYK", encode(PLAN.convert("CMYK"), "TIFF")),
        ("CMYK JPEG", encode(PLAN.convert("CMYK"), "JPEG")),
        ("opaque alpha", encode(PLAN.convert("RGBA"), "PNG")),
        ("grey with alpha", encode(PLAN.convert("LA"), "PNG")),
        ("progressive JPEG", encode(PLAN, "JPEG", progressive=True)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_colour_mode_gives_the_same_picture(kind: str, data: bytes) -> None:
    decoded = decode(data)
    assert (decoded.mode, decoded.size) == ("RGB", PLAN.size)
    assert mean_difference(decoded, PLAN) < 2, kind


def test_transparent_paper_becomes_white() -> None:
    drawing = PLAN.convert("RGBA")
    drawing.putalpha(PLAN.convert("L").point(lambda grey: 255 - grey))  # only the ink is opaque
    assert mean_difference(decode(encode(drawing, "PNG")), PLAN) < 1


def test_a_transparent_palette_entry_becomes_white() -> None:
    paper = np.asarray(PLAN.convert("L")) > 127
    drawing = Image.fromarray(paper.astype(np.uint8)).convert("P")
    drawing.putpalette([0, 0, 0, 0, 0, 0])  # ink and paper are both black; paper is transparent
    assert mean_difference(decode(encode(drawing, "PNG", transparency=1)), PLAN) < 1


@pytest.mark.parametrize("depth", [8, 16])
def test_a_tiff_that_counts_from_white_to_black_is_inverted(depth: int) -> None:
    grey = grey_16_bit(PLAN) if depth == 16 else PLAN.convert("L")
    negative = Image.fromarray(np.iinfo(np.asarray(grey).dtype).max - np.asarray(grey))
    little_endian_tag = struct.pack("<HHIH", 262, 3, 1, 1)  # photometric interpretation: black is zero
    data = encode(negative, "TIFF")
    assert data.count(little_endian_tag) == 1
    white_is_zero = data.replace(little_endian_tag, little_endian_tag[:-2] + b"\0\0")
    assert mean_difference(decode(white_is_zero), PLAN) < 1


def test_blank_floating_point_paper_is_white() -> None:
    blank = Image.new("F", (40, 30), 0.5)
    assert decode(encode(blank, "TIFF")).getextrema() == ((255, 255), (255, 255), (255, 255))


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_taken_with_a_turned_camera_is_set_upright(file_format: str, orientation: int) -> None:
    upright = Image.new("RGB", (48, 32), "white")
    upright.paste("black", (0, 0, 24, 16))  # the upper left quarter: no two orientations look the same
    stored = {
        1: upright,
        2: upright.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        3: upright.transpose(Image.Transpose.ROTATE_180),
        4: upright.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
        5: upright.transpose(Image.Transpose.TRANSPOSE),
        6: upright.transpose(Image.Transpose.ROTATE_90),
        7: upright.transpose(Image.Transpose.TRANSVERSE),
        8: upright.transpose(Image.Transpose.ROTATE_270),
    }[orientation]
    decoded = decode(encode(stored, file_format, exif=exif_with_orientation(orientation)))
    assert decoded.size == upright.size
    assert mean_difference(decoded, upright) < 6


def test_a_picture_with_a_wrong_exif_block_of_a_camera_is_read() -> None:
    entries = struct.pack("<HHII", ORIENTATION, 3, 1, 6) + struct.pack("<HHI4s", 0x011A, 7, 4, b"????")
    exif = b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", 2) + entries + b"\0\0\0\0"
    assert decode(encode(PLAN, "JPEG", exif=exif)).size == (PLAN.height, PLAN.width)


@pytest.mark.parametrize("file_format", ["GIF", "TIFF", "WEBP", "PNG"])
def test_of_several_frames_the_first_is_taken(file_format: str) -> None:
    pages = encode(PLAN, file_format, save_all=True, append_images=[Image.new("RGB", PLAN.size, "black")])
    assert mean_difference(decode(pages), PLAN) < 1


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF"])
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9])
def test_a_truncated_picture_is_refused(file_format: str, kept: float) -> None:
    data = encode(PLAN, file_format)
    with pytest.raises(UnreadableError):
        decode(data[: int(len(data) * kept)])


@pytest.mark.parametrize("scans", [MOST_JPEG_SCANS, MOST_JPEG_SCANS + 1])
def test_a_jpeg_of_so_many_scans_that_they_take_minutes_is_refused(scans: int) -> None:
    usual = encode(PLAN, "JPEG", progressive=True)
    last = usual.rindex(b"\xff\xda")
    end = usual.rindex(b"\xff\xd9")
    data = usual[:end] + usual[last:end] * (scans - usual.count(b"\xff\xda")) + usual[end:]
    if scans > MOST_JPEG_SCANS:
        with pytest.raises(UnreadableError, match="more than 100 scans"):
            open_file(data)
    else:
        assert mean_difference(decode(data), PLAN) < 2


def modes_of_broken_pictures(file_format: str) -> set[str]:
    """The modes of what is decoded of 40 pictures with 12 broken bytes each."""
    warnings.simplefilter("ignore", UserWarning)  # Pillow's
    random = np.random.default_rng(0)
    intact = np.frombuffer(encode(PLAN.resize((80, 60)), file_format), dtype=np.uint8)
    modes = set()
    for _ in range(40):
        broken = intact.copy()
        broken[random.integers(0, len(broken), 12)] = random.integers(0, 256, 12)
        with suppress(UnreadableError, TooLargeError):
            modes.add(decode(broken.tobytes()).mode)
    return modes


def test_a_picture_with_broken_bytes_is_refused_or_decoded_but_nothing_else() -> None:
    # In a new process: a picture is decoded in a copy of its process, which takes the longer the larger that is.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        for modes in process.map(modes_of_broken_pictures, ("PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF")):
            assert modes <= {"RGB"}


@pytest.mark.parametrize("size", [(12_001, 10), (10, 12_001), (20_000, 20_000), (2**31 - 1, 2**31 - 1)])
def test_more_than_12000_px_a_side_is_refused_from_the_header_alone(size: tuple[int, int]) -> None:
    bomb = png_header(*size)
    assert len(bomb) < 100
    with pytest.raises(TooLargeError, match="12000 px a side"):
        decode(bomb)


def test_5000_px_a_side_is_allowed() -> None:
    drawing = Image.new("1", (5000, 5000), 1)
    assert decode(encode(drawing, "PNG")).size == (5000, 5000)


def test_a_frame_larger_than_its_gif_does_not_slip_past_the_limit() -> None:
    small = io.BytesIO(encode(Image.new("L", (8, 8)), "GIF")).getvalue()
    frame = small.index(b",")  # the image separator; its width and height follow at 5
    bomb = small[: frame + 5] + struct.pack("<HH", 60_000, 60_000) + small[frame + 9 :]
    with pytest.raises(TooLargeError):
        decode(bomb)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "TIFF"])
def test_a_picture_read_smaller_is_the_whole_picture_scaled_down_and_knows_its_full_size(
    file_format: str, orientation: int
) -> None:
    # More than twice 640 px: a JPEG is decoded at half its size.
    file = open_file(encode(PLAN.resize((1303, 977)), file_format, exif=exif_with_orientation(orientation)))
    small, whole = file.read(640), file.read()
    assert (file.width, file.height) == whole.size
    assert max(small.size) == 640
    assert mean_difference(small.convert("RGB"), whole.resize(small.size, Image.Resampling.BOX).convert("RGB")) < 3


def test_a_small_picture_is_scaled_up_if_a_size_is_requested() -> None:
    assert open_file(encode(PLAN.resize((80, 60)), "GIF")).read(640).size == (640, 480)


def test_grey_pictures_stay_grey() -> None:
    for image in (PLAN.convert("L"), PLAN.convert("1"), grey_16_bit(PLAN)):
        assert open_file(encode(image, "PNG")).read(640).mode == "L"
    assert open_file(encode(PLAN.convert("LA"), "PNG")).read(640).mode == "RGB"
