"""A PDF's page is drawn upright, whole and in bounded time, whatever the file makes of it."""

import io
import random
import zlib
from collections.abc import Callable
from contextlib import suppress

import pytest
from PIL import Image, ImageDraw

from pictures import limits
from pictures.errors import NoSuchPageError, TooLargeError, UnreadableError
from pictures.file import open_file
from tests.pictures.packing import packed
from tests.pictures.pdf_files import QUARTER, blank_image, page, pdf, stream

pytestmark = pytest.mark.whole

SHEET = b"/MediaBox [0 0 3024 2160]"  # 42 x 30 inches
FORM = b"/Type /XObject /Subtype /Form /BBox [0 0 3024 2160]"
WITH_F = SHEET + b" /Resources << /XObject << /F 10 0 R >> >>"
# An image that fills the sheet.
SCANNED = page(b"3024 0 0 2160 0 0 cm /F Do", keys=WITH_F)


def quarters(image: Image.Image) -> list[float | tuple[int, ...] | None]:
    """The grey in the middle of the upper left, upper right, lower left and lower right quarter."""
    width, height = image.size
    return [image.getpixel((width * x // 4, height * y // 4)) for y in (1, 3) for x in (1, 3)]


def drawing(width: int, height: int, mode: str) -> Image.Image:
    image = Image.new(mode, (width, height), "white")
    ImageDraw.Draw(image).rectangle((0, 0, width // 2, height // 2), fill="black")
    return image


def jpeg_object(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=60)
    space = b"/DeviceGray" if image.mode == "L" else b"/DeviceRGB"
    return stream(
        buffer.getvalue(),
        b"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace %s /BitsPerComponent 8 /Filter /DCTDecode"
        % (*image.size, space),
    )


def form(content: bytes, entries: bytes = b"") -> bytes:
    return stream(zlib.compress(content), FORM + b" /Filter /FlateDecode " + entries)


@pytest.mark.parametrize(
    ("degrees", "size", "black"),
    [(0, (200, 100), 0), (90, (100, 200), 1), (180, (200, 100), 3), (270, (100, 200), 2), (-90, (100, 200), 2)],
)
def test_a_turned_page_is_drawn_as_it_is_shown(degrees: int, size: tuple[int, int], black: int) -> None:
    file = open_file(pdf(page(keys=b"/MediaBox [0 0 200 100] /Rotate %d" % degrees)))
    assert (file.width, file.height) == size
    assert quarters(file.read()) == [0 if number == black else 255 for number in range(4)]


def test_what_is_outside_the_crop_box_is_not_on_the_page() -> None:
    file = open_file(pdf(page(keys=b"/MediaBox [0 0 200 100] /CropBox [0 50 100 100]")))
    assert (file.width, file.height) == (100, 50)
    assert file.read().getextrema() == (0, 0)


def test_a_media_box_anywhere_is_a_page() -> None:
    file = open_file(pdf(page(b"-100 50 100 50 re f", keys=b"/MediaBox [-100 0 100 100]")))
    assert quarters(file.read()) == [0, 255, 255, 255]


@pytest.mark.parametrize(("unit", "size"), [(b"2.5", (500, 250)), (b"10", (2000, 1000)), (b"0", (200, 100))])
def test_the_unit_of_the_page_is_respected(unit: bytes, size: tuple[int, int]) -> None:
    file = open_file(pdf(page(), page(keys=b"/MediaBox [0 0 200 100] /UserUnit %s" % unit)), 2)
    assert (file.width, file.height) == size


@pytest.mark.parametrize(
    ("points", "side"), [((595, 842), 3000), ((1728, 1224), 3600), ((3024, 2160), 5000), ((4320, 3456), 5000)]
)
def test_a_page_is_drawn_at_150_dpi_within_3000_to_5000_px(points: tuple[int, int], side: int) -> None:
    image = open_file(pdf(page(keys=b"/MediaBox [0 0 %d %d]" % points))).read()
    assert max(image.size) == side
    assert image.size[0] / image.size[1] == pytest.approx(points[0] / points[1], rel=0.001)
    assert image.mode == "L"


@pytest.mark.parametrize("box", [b"0 0 14400 14400", b"0 0 14400 1", b"0 0 1e9 1e9", b"0 0 0 0", b"9 9"])
def test_a_page_of_any_size_has_at_most_5000_px_a_side(box: bytes) -> None:
    image = open_file(pdf(page(keys=b"/MediaBox [%s]" % box))).read()
    assert 1 <= min(image.size) <= max(image.size) <= limits.MOST_READING_SIDE_PX


def test_each_page_is_read_for_itself() -> None:
    content = pdf(page(b""), page(), page(keys=b"/MediaBox [0 0 50 50]"))
    first, second, third = (open_file(content, number) for number in (1, 2, 3))
    assert [file.page_count for file in (first, second, third)] == [3, 3, 3]
    assert (first.page, second.page, third.page) == (1, 2, 3)
    assert quarters(first.read()) == [255] * 4
    assert quarters(second.read()) == [0, 255, 255, 255]
    assert (third.width, third.height) == (50, 50)


def test_an_error_for_a_missing_page_says_how_many_there_are() -> None:
    with pytest.raises(NoSuchPageError, match="There is no page 4: the blueprint has 3 pages"):
        open_file(pdf(page(), page(), page()), 4)


def test_an_empty_password_opens_an_encrypted_pdf_and_another_does_not() -> None:
    assert quarters(open_file(pdf(page(), password="")).read()) == [0, 255, 255, 255]
    with pytest.raises(UnreadableError, match="protected with a password: save it without one"):
        open_file(pdf(page(), password="secret"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (pdf(), "has no pages"),
        (b"%PDF-1.7", "cut short or damaged"),
        (pdf(page())[:300], "cut short or damaged"),
        (pdf(page()).replace(b"/Kids [10 0 R]", b"/Kids [2 0 R] "), "cut short or damaged"),
    ],
    ids=["no pages", "a header", "cut", "pages in a circle"],
)
def test_a_broken_pdf_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(UnreadableError, match=message):
        open_file(content).read()


def test_a_page_that_a_pdf_only_claims_to_have_is_refused() -> None:
    content = pdf(page(), count=1000)
    assert open_file(content).page_count == 1000
    with pytest.raises(UnreadableError):
        open_file(content, 900)


def test_anything_before_a_pdf_is_skipped() -> None:
    assert open_file(b"\r\n\0from a printer\n" + pdf(page())).format.name == "PDF"


def test_scripts_and_attached_files_are_left_alone() -> None:
    """An action that would end every process of a reader that ran it, and a file that is not looked at."""
    content = pdf(
        page(keys=b"/MediaBox [0 0 200 100] /AA << /O << /S /JavaScript /JS (while \\(true\\) {}) >> >>"),
        objects=[b"<< /Type /Filespec /F (a.exe) /EF << /F 11 0 R >> >>", stream(b"MZ" * 1000, b"/Type /EmbeddedFile")],
        catalog=b"/OpenAction << /S /JavaScript /JS (while \\(true\\) {}) >>"
        b" /Names << /EmbeddedFiles << /Names [(a.exe) 10 0 R] >> >>",
    )
    assert quarters(open_file(content).read()) == [0, 255, 255, 255]


def test_a_font_that_is_missing_is_replaced() -> None:
    font = b"<< /Type /Font /Subtype /TrueType /BaseFont /NoSuchFontAnywhere >>"
    keys = b"/MediaBox [0 0 200 100] /Resources << /Font << /F 10 0 R >> >>"
    image = open_file(pdf(page(b"BT /F 40 Tf 10 30 Td (KITCHEN) Tj ET", keys=keys), objects=[font])).read()
    assert image.getextrema()[0] == 0


HOSTILE: dict[str, Callable[[], bytes]] = {
    "a form that draws itself": lambda: pdf(
        page(b"/F Do", keys=WITH_F), objects=[form(b"/F Do /F Do", b"/Resources << /XObject << /F 10 0 R >> >>")]
    ),
    "forms that draw each other ten times": lambda: pdf(
        page(b"/F Do", keys=WITH_F),
        objects=[
            *(form(b"/F Do " * 10, b"/Resources << /XObject << /F %d 0 R >> >>" % (11 + level)) for level in range(12)),
            form(QUARTER),
        ],
    ),
    "content that unpacks to 400 MB": lambda: pdf(
        page(b"/F Do", keys=WITH_F),
        objects=[stream(zlib.compress(packed(b" " * 1000, 400_000)), FORM + b" /Filter [/FlateDecode /FlateDecode]")],
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_an_endless_page_ends_in_a_refusal_or_a_picture(name: str) -> None:
    drawn = None
    with suppress(UnreadableError, TooLargeError):
        drawn = open_file(HOSTILE[name]()).read()
    assert drawn is None or max(drawn.size) <= limits.MOST_READING_SIDE_PX


def test_half_a_million_lines_are_drawn_or_refused_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "DECODE_SECONDS", 1.0)
    number = random.Random(1).randrange
    lines = b"\n".join(
        b"%d %d m %d %d l S" % (number(3024), number(2160), number(3024), number(2160)) for _ in range(500_000)
    )
    with pytest.raises(UnreadableError, match=r"The PDF takes more than 1 s to decode"):
        open_file(pdf(page(b"/F Do", keys=WITH_F), objects=[form(lines)])).read()


def test_a_scan_of_12000_px_in_colours_is_read() -> None:
    """In full it would take more memory than there is; PDFium would leave it out without a word."""
    content = pdf(SCANNED, objects=[jpeg_object(drawing(12_000, 9_000, "RGB"))])
    assert quarters(open_file(content).read()) == pytest.approx([0, 255, 255, 255], abs=3)


def test_an_image_of_30000_px_is_refused_and_not_left_out() -> None:
    with pytest.raises(TooLargeError, match="holds an image of 30000 x 30000 px"):
        open_file(pdf(SCANNED, objects=[blank_image(30_000, 30_000)])).read()


def test_a_scan_and_lines_on_it_are_one_picture() -> None:
    scan = drawing(400, 200, "L")
    keys = b"/MediaBox [0 0 200 100] /Resources << /XObject << /F 10 0 R >> >>"
    mixed = pdf(page(b"q 200 0 0 100 0 0 cm /F Do Q 100 0 100 50 re f", keys=keys), objects=[jpeg_object(scan)])
    assert quarters(open_file(mixed).read()) == pytest.approx([0, 255, 255, 0], abs=3)


def test_a_pdf_made_by_a_library_is_read() -> None:
    buffer = io.BytesIO()
    drawing(300, 200, "RGB").save(buffer, "PDF", save_all=True, append_images=[Image.new("RGB", (90, 60), "white")])
    assert quarters(open_file(buffer.getvalue()).read()) == pytest.approx([0, 255, 255, 255], abs=3)
    assert open_file(buffer.getvalue(), 2).page_count == 2
