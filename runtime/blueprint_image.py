"""Blueprint images: what is accepted, and what is sent to the detector. Rules and limits are in `pictures`."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageChops

from pictures.errors import NoSuchPageError, PictureError, TooLargeError
from pictures.file import PictureFile, open_file
from pictures.pixels import scaled
from runtime.errors import ImageTooLargeError, InvalidImageError, InvalidRequestError
from runtime.payloads import ImageSize, Page

# What the detector scales a picture to. A PDF's page is sent as it is drawn, at the resolution that its reading needs.
DETECTOR_SIDE_PX = 640

# Formats that every detector reads directly.
_PASSED_ON = ("PNG", "JPEG")
# A serverless endpoint accepts 4 MB per request, the others 6. No picture of 640 px a side needs that much: a larger
# file contains something else, such as an embedded profile or preview.
# https://docs.aws.amazon.com/sagemaker/latest/dg/deploy-model-options.html
_LARGEST_PASSED_ON_BYTES = 2_000_000

# What every way of inference takes: a serverless endpoint 4 MB, a function's event 6 MB in base64.
_LARGEST_SENT_BYTES = 4_000_000
# Of each side, beyond what the number of bytes would allow if they shrank with the area: they shrink more slowly.
_REDUCED_FURTHER = 0.9

# zlib's level. For drawings, higher levels cost more time than the saved bytes are worth.
_COMPRESSION = 1


@dataclass(frozen=True, kw_only=True)
class DetectorImage:
    """What the detector gets, an upright image in at most 4 MB, and where it comes from.

    It has at most 640 px a side, or 5000 if it is a PDF's page. `image` is the size of the original, upright, in px, or
    a PDF's in points; `page` is the page that was read.
    """

    content: bytes
    content_type: str
    image: ImageSize
    page: Page


def check_image(content: bytes) -> PictureFile:
    """The first page of an image file, decoded completely and discarded; of a PDF, only what opening it tells.

    Raises InvalidImageError or ImageTooLargeError.
    """
    file = open_page(content)
    with _refusals():
        file.check()
    return file


def open_page(content: bytes, page: int = 1) -> PictureFile:
    """A page, from 1, of an image file, with nothing of it decoded.

    Raises InvalidImageError, ImageTooLargeError, or InvalidRequestError if there is no such page.
    """
    with _refusals():
        return open_file(content, page)


def scale_for_detector(file: PictureFile) -> DetectorImage:
    """The page upright, opaque, in RGB or grey, with its longest side at most 640 px, or as large as a PDF's is drawn.

    It is scaled as the detector would do it and encoded without loss, so the rooms are the same as for the original. A
    PNG or JPEG file that is already like this, in at most 2 MB, is passed on unchanged. Raises InvalidImageError or
    ImageTooLargeError.
    """
    is_small = max(file.width, file.height) <= DETECTOR_SIDE_PX
    passed_on = file.format.name in _PASSED_ON and len(file.content) <= _LARGEST_PASSED_ON_BYTES
    if is_small and file.is_plain and passed_on:
        return _detector_image(file, file.content, file.format.media_type)
    with _refusals():
        image = file.read(None if is_small or file.format.is_drawn else DETECTOR_SIDE_PX)
    return _detector_image(file, _encoded(image), "image/png")


def _detector_image(file: PictureFile, content: bytes, content_type: str) -> DetectorImage:
    return DetectorImage(
        content=content,
        content_type=content_type,
        image={"width": file.width, "height": file.height},
        page={"number": file.page, "count": file.page_count},
    )


def _encoded(image: Image.Image) -> bytes:
    """The image as a PNG, scaled down if it is not small enough to be sent."""
    image = _without_equal_bands(image)
    while True:
        encoded = BytesIO()
        image.save(encoded, format="PNG", compress_level=_COMPRESSION)
        size = encoded.tell()
        if size <= _LARGEST_SENT_BYTES:
            return encoded.getvalue()
        image = scaled(image, round(max(image.size) * _REDUCED_FURTHER * math.sqrt(_LARGEST_SENT_BYTES / size)))


def _without_equal_bands(image: Image.Image) -> Image.Image:
    """`image` in grey if all its colours are grey: a third of the bytes to encode."""
    if image.mode != "RGB":
        return image
    red, green, blue = image.split()
    if any(ImageChops.difference(red, other).getbbox() for other in (green, blue)):
        return image
    return red


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except NoSuchPageError as error:
        raise InvalidRequestError(str(error)) from error
    except TooLargeError as error:
        raise ImageTooLargeError(str(error)) from error
    except PictureError as error:
        raise InvalidImageError(str(error)) from error
