"""What is sent is what the API would send, and what is refused is what the API refuses."""

import io

import pytest
from PIL import Image, PngImagePlugin

from bulk.errors import PlanError
from bulk.preparation import prepare
from images.inference.contract import MAX_BODY_BYTES
from runtime.blueprint_image import open_page, scale_for_detector
from tests.pictures.pdf_files import page, pdf


def encoded(size: tuple[int, int], image_format: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", size, 200).save(buffer, image_format, **options)
    return buffer.getvalue()


def test_a_small_picture_is_sent_as_it_is() -> None:
    content = encoded((640, 480))
    assert prepare(content).content == content


@pytest.mark.parametrize("image_format", ["PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF"])
def test_a_large_picture_is_sent_as_the_api_sends_it(image_format: str) -> None:
    content = encoded((3000, 2000), image_format)
    prepared = prepare(content).content
    assert prepared == scale_for_detector(open_page(content)).content
    with Image.open(io.BytesIO(prepared)) as image:
        assert image.size == (640, 427)


def test_the_first_page_of_a_pdf_is_sent_as_the_api_sends_it() -> None:
    content = pdf(page(keys=b"/MediaBox [0 0 3024 2160]"), page())
    prepared = prepare(content)
    assert prepared.content == scale_for_detector(open_page(content)).content
    assert (prepared.image, prepared.page) == ({"width": 3024, "height": 2160}, {"number": 1, "count": 2})
    assert len(prepared.content) <= MAX_BODY_BYTES


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "invalid_image"),
        (b"<svg/>", "invalid_image"),
        (encoded((64, 64))[:-20], "invalid_image"),
        (encoded((12_001, 1)), "image_too_large"),
    ],
)
def test_what_the_api_refuses_is_refused_with_its_code(content: bytes, code: str) -> None:
    with pytest.raises(PlanError) as refused:
        prepare(content)
    assert refused.value.code == code
    assert "\n" not in str(refused.value)


def test_a_small_picture_in_a_large_file_fits_a_jobs_payload() -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add(b"noTe", bytes(MAX_BODY_BYTES))
    content = encoded((64, 64), pnginfo=notes)
    assert len(content) > MAX_BODY_BYTES
    assert len(prepare(content).content) < MAX_BODY_BYTES
