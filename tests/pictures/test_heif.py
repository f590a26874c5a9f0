"""HEIC and AVIF files: read upright, and refused by what they say before a pixel is decoded."""

import struct

import pytest
from PIL import Image

from pictures.errors import TooLargeError, UnreadableError
from pictures.file import open_file
from tests.images.inference.plans import PLAN, encode

pytestmark = pytest.mark.whole

FORMATS = ["AVIF", "HEIF"]


def with_size(content: bytes, width: int, height: int) -> bytes:
    """The file with another size in its properties; its data stay those of the small picture."""
    at = content.index(b"ispe") + 8
    return content[:at] + struct.pack(">II", width, height) + content[at + 8 :]


@pytest.mark.parametrize("file_format", FORMATS)
def test_a_photo_taken_sideways_is_set_upright(file_format: str) -> None:
    quarter = Image.new("RGB", (320, 240), "white")
    quarter.paste("black", (0, 0, 160, 120))
    sideways = Image.Exif()
    sideways[0x0112] = 6
    file = open_file(encode(quarter, file_format, exif=sideways.tobytes()))
    image = file.read().convert("L")
    assert (file.width, file.height) == image.size == (240, 320)
    assert [image.getpixel(place) for place in ((60, 80), (180, 80), (60, 240), (180, 240))] == pytest.approx(
        [255, 0, 255, 255], abs=6
    )


@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize(
    ("size", "message"), [((60_000, 60_000), "12000 px a side|damaged"), ((11_000, 11_000), "968 MB to decode|damaged")]
)
def test_a_file_that_says_it_is_huge_is_refused(file_format: str, size: tuple[int, int], message: str) -> None:
    bomb = with_size(encode(PLAN, file_format), *size)
    assert len(bomb) < 100_000
    with pytest.raises((TooLargeError, UnreadableError), match=message):
        open_file(bomb).read()


@pytest.mark.parametrize("file_format", FORMATS)
def test_a_file_that_is_cut_anywhere_is_refused(file_format: str) -> None:
    content = encode(PLAN, file_format)
    for length in (40, 150, len(content) // 2, len(content) - 100):
        with pytest.raises(UnreadableError, match="damaged"):
            open_file(content[:length]).read()


def test_of_an_animation_the_first_frame_is_read() -> None:
    frames = [Image.new("RGB", (80, 60), colour) for colour in ("white", "black")]
    file = open_file(encode(frames[0], "AVIF", save_all=True, append_images=frames[1:]))
    assert file.page_count == 1
    assert file.read().convert("L").getextrema() == (255, 255)


@pytest.mark.parametrize("brands", [b"mif1mif1heic", b"heixmif1heix", b"mif1miafavif"])
def test_a_container_of_any_brand_is_opened(brands: bytes) -> None:
    with pytest.raises(UnreadableError, match=r"The (HEIC|AVIF) image is damaged"):
        open_file(b"\0\0\0\x18ftyp" + brands[:4] + b"\0\0\0\0" + brands[4:])
