"""Blueprint images: what is accepted, and what is sent to the detector. Rules and limits are in `pictures`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageChops

from pictures.errors import PictureError, TooLargeError
from pictures.file import PictureFile, open_file
from pictures.formats import Format
from runtime.errors import ImageTooLargeError, InvalidImageError
from runtime.payloads import ImageSize, Page

DETECTOR_SIDE_PX = 640

# Formats that every detector reads directly.
_PASSED_ON = ("PNG", "JPEG")
# A serverless endpoint accepts 4 MB per request, the others 6. No picture of 640 px a side needs that much: a larger
# file contains something else, such as an embedded profile or preview.
# https://docs.aws.amazon.com/sagemaker/latest/dg/deploy-model-options.html
_LARGEST_PASSED_ON_BYTES = 2_000_000

# zlib's level. For drawings, higher levels cost more time than the saved bytes are worth.
_COMPRESSION = 1


@dataclass(frozen=True, kw_only=True)
class DetectorImage:
    """What the detector gets: an upright image of at most 640 px a side, and where it comes from.

    `image` is the size of the original image, upright; `page` is the page that was read.
    """

    content: bytes
    content_type: str
    image: ImageSize
    page: Page


def check_image(content: bytes) -> Format:
    """The type of an image file, from its content, after decoding its first page completely.

    Raises InvalidImageError or ImageTooLargeError.
    """
    with _refusals():
        file = open_file(content)
        file.check()
        return file.format


def scale_for_detector(content: bytes) -> DetectorImage:
    """The image upright, opaque, in RGB or grey, with its longest side at most 640 px.

    It is scaled as the detector would do it and encoded without loss, so the rooms are the same as for the original. A
    PNG or JPEG file that is already like this, in at most 2 MB, is passed on unchanged. Raises InvalidImageError or
    ImageTooLargeError.
    """
    with _refusals():
        file = open_file(content)
        is_small = max(file.width, file.height) <= DETECTOR_SIDE_PX
        if is_small and file.is_plain and file.format.name in _PASSED_ON and len(content) <= _LARGEST_PASSED_ON_BYTES:
            return _detector_image(file, content, file.format.media_type)
        image = file.read(None if is_small else DETECTOR_SIDE_PX)
    encoded = BytesIO()
    _without_equal_bands(image).save(encoded, format="PNG", compress_level=_COMPRESSION)
    return _detector_image(file, encoded.getvalue(), "image/png")


def _detector_image(file: PictureFile, content: bytes, content_type: str) -> DetectorImage:
    return DetectorImage(
        content=content,
        content_type=content_type,
        image={"width": file.width, "height": file.height},
        page={"number": 1, "count": file.page_count},
    )


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
    except TooLargeError as error:
        raise ImageTooLargeError(str(error)) from error
    except PictureError as error:
        raise InvalidImageError(str(error)) from error
