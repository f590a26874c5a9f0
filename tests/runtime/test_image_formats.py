"""Every kind of image: stored by its real type, and seen by the detector upright, opaque and in RGB."""

from io import BytesIO

import pytest
from PIL import Image, ImageOps

from runtime.blueprint_image import open_page, scale_for_detector
from tests.runtime.conftest import BUCKET, Caller
from tests.runtime.pictures import encoded, plan, png
from tests.runtime.servers import DetectorServer

pytestmark = pytest.mark.whole

BLACK, WHITE = (0, 0, 0), (255, 255, 255)


def transparent_plan() -> Image.Image:
    """Black where the plan is, wholly transparent (over red) elsewhere."""
    image = Image.new("RGBA", (320, 240), (255, 0, 0, 0))
    image.paste((0, 0, 0, 255), (0, 0, 160, 120))
    return image


def transparent_palette() -> bytes:
    image = Image.new("P", (320, 240), 1)
    image.putpalette([0, 0, 0, 255, 0, 0])
    image.paste(0, (0, 0, 160, 120))
    return encoded(image, transparency=1)


def sixteen_bit_grey() -> Image.Image:
    image = Image.new("I;16", (320, 240), 65535)
    image.paste(0, (0, 0, 160, 120))
    return image


def sixteen_bit_rgb_row() -> bytes:
    return png(320, 240, bits=16, color_type=2, row=b"\0\0" * 3 * 160 + b"\xff\xff" * 3 * 160)


def animation(file_format: str) -> bytes:
    return encoded(plan(), file_format, save_all=True, append_images=[Image.new("RGB", (320, 240), "red")])


IMAGES = {
    "png rgb": (encoded(plan()), "png", "image/png"),
    "png grey": (encoded(plan().convert("L")), "png", "image/png"),
    "png 1 bit": (encoded(plan().convert("1")), "png", "image/png"),
    "png palette": (encoded(plan().quantize(2)), "png", "image/png"),
    "png palette with transparency": (transparent_palette(), "png", "image/png"),
    "png rgba": (encoded(transparent_plan()), "png", "image/png"),
    "png grey with alpha": (encoded(transparent_plan().convert("LA")), "png", "image/png"),
    "png with a transparent color": (encoded(plan(), transparency=(255, 255, 255)), "png", "image/png"),
    "png 16-bit grey": (encoded(sixteen_bit_grey()), "png", "image/png"),
    "png animated": (animation("PNG"), "png", "image/png"),
    "jpeg": (encoded(plan(), "JPEG"), "jpg", "image/jpeg"),
    "jpeg grey": (encoded(plan().convert("L"), "JPEG"), "jpg", "image/jpeg"),
    "jpeg progressive": (encoded(plan(), "JPEG", progressive=True), "jpg", "image/jpeg"),
    "jpeg cmyk": (encoded(plan().convert("CMYK"), "JPEG"), "jpg", "image/jpeg"),
    "jpeg of several pictures": (animation("MPO"), "jpg", "image/jpeg"),
    "tiff": (encoded(plan(), "TIFF"), "tiff", "image/tiff"),
    "tiff 1 bit, fax": (encoded(plan().convert("1"), "TIFF", compression="group4"), "tiff", "image/tiff"),
    "tiff lzw": (encoded(plan(), "TIFF", compression="tiff_lzw"), "tiff", "image/tiff"),
    "tiff cmyk": (encoded(plan().convert("CMYK"), "TIFF"), "tiff", "image/tiff"),
    "tiff rgba": (encoded(transparent_plan(), "TIFF"), "tiff", "image/tiff"),
    "tiff 16-bit grey": (encoded(sixteen_bit_grey(), "TIFF"), "tiff", "image/tiff"),
    "tiff of several pages": (animation("TIFF"), "tiff", "image/tiff"),
    "webp": (encoded(plan(), "WEBP"), "webp", "image/webp"),
    "webp lossless with alpha": (encoded(transparent_plan(), "WEBP", lossless=True), "webp", "image/webp"),
    "webp animated": (animation("WEBP"), "webp", "image/webp"),
    "bmp": (encoded(plan(), "BMP"), "bmp", "image/bmp"),
    "bmp 1 bit": (encoded(plan().convert("1"), "BMP"), "bmp", "image/bmp"),
    "gif": (encoded(plan().quantize(2), "GIF"), "gif", "image/gif"),
    "gif animated": (animation("GIF"), "gif", "image/gif"),
}


def assert_shows_the_plan(content: bytes) -> None:
    """The upper left quarter black, the rest white: nothing inverted, turned, transparent or of a later frame."""
    image = Image.open(BytesIO(content)).convert("RGB")
    width, height = image.size
    for x, y, expected in ((0.25, 0.25, BLACK), (0.75, 0.25, WHITE), (0.25, 0.75, WHITE), (0.75, 0.75, WHITE)):
        color = image.getpixel((int(x * width), int(y * height)))
        assert isinstance(color, tuple)
        assert max(abs(seen - wanted) for seen, wanted in zip(color, expected, strict=True)) < 12, (x, y, color)


@pytest.mark.parametrize("name", IMAGES)
def test_an_image_is_stored_by_its_type_and_shown_to_the_detector_as_it_looks(
    client: Caller, detector: DetectorServer, s3, name: str
) -> None:
    content, extension, content_type = IMAGES[name]
    blueprint_id = client.uploaded_id(content)
    assert s3.head_object(Bucket=BUCKET, Key=f"blueprints/{blueprint_id}.{extension}")["ContentType"] == content_type

    assert client.process(blueprint_id).status == 200
    sent = detector.invocations[-1]
    with Image.open(BytesIO(sent.image)) as image:
        assert Image.MIME[str(image.format).replace("MPO", "JPEG")] == sent.content_type
        assert image.size == (320, 240)
        assert image.mode in ("RGB", "L")
    assert_shows_the_plan(sent.image)


def test_16_bit_rgb_keeps_its_brightness() -> None:
    image = Image.open(BytesIO(scale_for_detector(open_page(sixteen_bit_rgb_row())).content)).convert("RGB")
    assert (image.getpixel((80, 120)), image.getpixel((240, 120))) == (BLACK, WHITE)


def test_16_bit_grey_keeps_its_half_tones() -> None:
    image = Image.open(BytesIO(scale_for_detector(open_page(png(64, 64, bits=16, row=b"\x80\x80" * 64))).content))
    assert image.convert("RGB").getpixel((32, 32)) == (128, 128, 128)


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("size", [(320, 240), (1400, 700)])
def test_a_photograph_is_turned_upright(file_format: str, orientation: int, size: tuple[int, int]) -> None:
    image = plan(*size)
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = encoded(image, file_format, exif=exif)
    with Image.open(BytesIO(content)) as stored:
        expected = ImageOps.exif_transpose(stored).convert("RGB")
    full_size = expected.size
    expected.thumbnail((640, 640))

    seen = scale_for_detector(open_page(content))
    with Image.open(BytesIO(seen.content)) as image:
        assert image.size == expected.size
        assert (seen.image["width"], seen.image["height"]) == full_size
        pixels = image.convert("RGB")
    for x in (expected.width // 4, 3 * expected.width // 4):
        for y in (expected.height // 4, 3 * expected.height // 4):
            seen_pixel, wanted_pixel = pixels.getpixel((x, y)), expected.getpixel((x, y))
            assert isinstance(seen_pixel, tuple)
            assert isinstance(wanted_pixel, tuple)
            assert max(abs(a - b) for a, b in zip(seen_pixel, wanted_pixel, strict=True)) < 12


def test_an_image_with_damaged_exif_data_is_accepted(client: Caller) -> None:
    content = encoded(plan(), "JPEG", exif=b"Exif\0\0garbage that is not a TIFF header")
    assert client.process(client.uploaded_id(content)).status == 200


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((640, 640), (640, 640)),
        ((641, 480), (640, 479)),
        ((1279, 1279), (640, 640)),
        ((1281, 960), (640, 480)),
        ((2500, 4000), (400, 640)),
        ((5000, 1), (640, 1)),
        ((3, 5000), (1, 640)),
        ((100, 50), (100, 50)),
    ],
)
@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "BMP"])
def test_the_longest_side_is_at_most_640_px_and_nothing_is_enlarged(
    size: tuple[int, int], expected: tuple[int, int], file_format: str
) -> None:
    seen = scale_for_detector(open_page(encoded(plan(*size), file_format)))
    with Image.open(BytesIO(seen.content)) as image:
        assert image.size == expected
    assert (seen.image["width"], seen.image["height"]) == size


def test_scaling_moves_nothing() -> None:
    image = Image.new("L", (3333, 2111), 255)
    image.paste(0, (1000, 500, 2000, 1500))
    seen = scale_for_detector(open_page(encoded(image)))
    with Image.open(BytesIO(seen.content)) as small:
        box = small.convert("L").point([255 if value < 128 else 0 for value in range(256)]).getbbox()
    scale = 640 / 3333
    assert box is not None
    assert max(abs(edge - wanted * scale) for edge, wanted in zip(box, (1000, 500, 2000, 1500), strict=True)) <= 1


@pytest.mark.parametrize("file_format", ["PNG", "JPEG"])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_small_plain_image_is_passed_on_untouched(
    client: Caller, detector: DetectorServer, file_format: str, mode: str
) -> None:
    content = encoded(plan().convert(mode), file_format)
    client.process(client.uploaded_id(content))
    assert detector.invocations[-1].image == content


def test_a_small_image_in_a_file_too_large_for_a_serverless_endpoint_is_encoded_again() -> None:
    content = encoded(plan(), "JPEG", comment=b"x" * 60_000) + b"x" * 4_000_000
    seen = scale_for_detector(open_page(content))
    assert len(seen.content) < 100_000
    assert seen.image == {"width": 320, "height": 240}
