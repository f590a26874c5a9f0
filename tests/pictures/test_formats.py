"""A file that is not a supported picture is called by its name, with what to do instead."""

import base64
import gzip
import io
import zipfile

import pytest

from pictures.errors import UnreadableError
from pictures.file import open_file
from pictures.formats import FORMATS
from tests.images.inference.plans import PLAN, encode

pytestmark = pytest.mark.whole


def archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("plan.png", b"")
    return buffer.getvalue()


SVG = b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>"


@pytest.mark.parametrize(
    ("content", "named", "advice"),
    [
        (b"\0\0\0\x18ftypmp42\0\0\0\0isommp42", "a video", "picture"),
        (SVG, "an SVG drawing", "export it as PNG"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- drawn by hand -->\n" + SVG, "an SVG drawing", "PNG"),
        ("<?xml version='1.0'?><svg/>".encode("utf-16"), "an SVG drawing", "PNG"),
        (gzip.compress(SVG, mtime=0), "a gzip archive", "unpack"),
        (b"AC1032\0\0\0\0\0", "a DWG drawing", "plot the plan as PNG"),
        (b"AC1015\0\0", "a DWG drawing", "PNG"),
        (b"  0\r\nSECTION\r\n  2\r\nHEADER\r\n", "a DXF drawing", "plot the plan as PNG"),
        (b"999\nwritten by a program\n0\nSECTION\n2\nHEADER\n", "a DXF drawing", "PNG"),
        (b"AutoCAD Binary DXF\r\n\x1a\0", "a DXF drawing", "PNG"),
        (b"<!DOCTYPE html><title>plan</title>", "an HTML page", "picture"),
        (archive(), "a ZIP archive", "unpack"),
        (b"8BPS\0\1", "a Photoshop file", "PNG"),
        (encode(PLAN, "PPM"), "a PNM image", "PNG"),
        (encode(PLAN, "ICO"), "an icon", "PNG"),
        (encode(PLAN, "JPEG2000"), "a JPEG 2000 image", "PNG"),
        (base64.b64encode(encode(PLAN, "PNG")), "base64 of base64", "once"),
        (b"just some text", "not a PDF, PNG, JPEG, TIFF, WebP, BMP, GIF, AVIF or HEIC", "send one of these"),
        (b"BMW is not a picture", "not a PDF, PNG, JPEG, TIFF, WebP, BMP, GIF, AVIF or HEIC", "send one of these"),
        (b"", "not a PDF, PNG, JPEG, TIFF, WebP, BMP, GIF, AVIF or HEIC", "send one of these"),
    ],
)
def test_a_file_that_is_not_a_picture_is_called_by_its_name(content: bytes, named: str, advice: str) -> None:
    with pytest.raises(UnreadableError, match=f"image is {named}.*{advice}"):
        open_file(content)


@pytest.mark.parametrize("format_", FORMATS, ids=lambda format_: format_.name)
def test_a_file_of_a_supported_type_is_never_called_another(format_) -> None:
    content = encode(PLAN, format_.pillow_name)
    assert open_file(content).format is format_
    for length in range(20, 200, 7):
        with pytest.raises(UnreadableError, match=f"The {format_.called} "):
            open_file(content[:length]).check()
