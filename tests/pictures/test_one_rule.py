"""The front door and the detector take the same files, and a plan's picture is the same on both ways to the network."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from images.inference import decoding, detector
from images.inference.errors import RequestError
from runtime.blueprint_image import check_image, open_page, scale_for_detector
from runtime.errors import RoomDetectionError
from tests.images.inference.plans import PLAN, encode, grey_16_bit
from tests.pictures.files import bmp, grey_tiff, jpeg_segment, webp_canvas, with_jpeg_segments
from tests.pictures.pdf_files import page, pdf

pytestmark = pytest.mark.whole

LARGE = PLAN.resize((1785, 1262))
GLASS = PLAN.convert("RGBA")
GLASS.putalpha(PLAN.convert("L").point(lambda sample: 255 - sample))
TURNED = Image.Exif()
TURNED[0x0112] = 6

PLANS: dict[str, Callable[[], bytes]] = {
    "large PNG": lambda: encode(LARGE, "PNG"),
    "large grey PNG": lambda: encode(LARGE.convert("L"), "PNG"),
    "large JPEG": lambda: encode(PLAN.resize((3000, 2000)), "JPEG"),
    "very large PNG": lambda: encode(PLAN.resize((4001, 2999)), "PNG"),
    "small JPEG": lambda: encode(PLAN.resize((320, 240)), "JPEG"),
    "small BMP": lambda: encode(PLAN.resize((320, 240)), "BMP"),
    "turned JPEG": lambda: encode(LARGE, "JPEG", exif=TURNED),
    "transparent PNG": lambda: encode(GLASS, "PNG"),
    "grey of 16 bits": lambda: encode(grey_16_bit(PLAN), "TIFF"),
    "grey of 32 bits": lambda: encode(PLAN.convert("L").convert("F"), "TIFF"),
    "CMYK": lambda: encode(PLAN.convert("CMYK"), "JPEG"),
    "JPEG without its end": lambda: encode(LARGE, "JPEG")[:-2],
    "PNG without its end": lambda: encode(LARGE, "PNG")[:-12],
    "WebP": lambda: encode(LARGE, "WEBP"),
    "AVIF": lambda: encode(LARGE, "AVIF", speed=10),
    "turned AVIF": lambda: encode(LARGE, "AVIF", speed=10, exif=TURNED),
    "HEIC": lambda: encode(LARGE, "HEIF"),
    "PDF": lambda: pdf(page(keys=b"/MediaBox [0 0 3024 2160]")),
    "turned PDF": lambda: pdf(page(keys=b"/MediaBox [0 0 400 300] /Rotate 90")),
    "colours": lambda: encode(Image.effect_mandelbrot((900, 700), (-2, -1, 1, 1), 40).convert("RGB").rotate(90), "PNG"),
}

REFUSED: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "text": lambda: b"text",
    "cut PDF": lambda: b"%PDF-1.7",
    "PDF with a password": lambda: pdf(page(), password="secret"),
    "cut AVIF": lambda: encode(PLAN, "AVIF", speed=10)[:-200],
    "cut HEIC": lambda: encode(PLAN, "HEIF")[:-200],
    "too many pixels": lambda: webp_canvas(9000, 9000),
    "too much memory": lambda: webp_canvas(5000, 5000),
    "cut PNG": lambda: encode(PLAN, "PNG")[:-50],
    "cut JPEG": lambda: encode(PLAN, "JPEG")[:-50],
    "cut progressive JPEG": lambda: encode(PLAN, "JPEG", progressive=True)[:-3000],
    "depth of 14 bits": lambda: grey_tiff(PLAN.convert("L"), 14, "<"),
    "no rows": lambda: bmp(b"", 80, 60),
    "two frames": lambda: with_jpeg_segments(encode(PLAN, "JPEG"), jpeg_segment(0xC0, b"\x08\0\x08\0\x08\1\1\x11\0")),
}


def refusal(take: Callable[[bytes], object], content: bytes) -> tuple[str, str]:
    with pytest.raises((RoomDetectionError, RequestError)) as caught:
        take(content)
    assert isinstance(caught.value, RoomDetectionError | RequestError)
    return caught.value.code, str(caught.value)


@pytest.mark.parametrize("name", PLANS)
def test_the_network_sees_the_same_pixels_through_the_api_as_from_the_file_itself(name: str) -> None:
    content = PLANS[name]()
    check_image(content)
    sent = scale_for_detector(open_page(content))
    through_api = detector.prepare(decoding.open_image(sent.content))
    itself = detector.prepare(decoding.open_image(content))
    assert np.array_equal(through_api.pixels, itself.pixels)
    assert sent.image == {"width": itself.width, "height": itself.height}


@pytest.mark.parametrize("name", REFUSED)
def test_the_detector_refuses_what_the_api_refuses_with_the_same_message(name: str) -> None:
    content = REFUSED[name]()
    front_door = refusal(check_image, content)
    at_detector = refusal(lambda content: detector.prepare(decoding.open_image(content)), content)
    assert front_door == at_detector
