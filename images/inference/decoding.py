"""From the bytes of a picture to an upright 8-bit image, with the rules and limits of `pictures`, as in the API."""

from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image

from images.inference.errors import ImageTooLargeError, InvalidImageError
from pictures.errors import PictureError, TooLargeError
from pictures.file import PictureFile, open_file
from pictures.limits import MOST_READING_SIDE_PX


def open_image(data: bytes, page: int = 1) -> PictureFile:
    """A page of the picture file in `data`, with its structure checked but no pixels decoded.

    Raises:
        InvalidImageError, ImageTooLargeError: see `pictures.file.open_file`; the former also for a page that is not
            there.
    """
    with _refusals():
        return open_file(data, page)


def read_image(file: PictureFile, longest_side_px: int | None = None) -> Image.Image:
    """The upright picture, in RGB or in grey (mode L), scaled to the given longest side, or in its own size.

    Raises:
        InvalidImageError, ImageTooLargeError: see `PictureFile.read`.
    """
    with _refusals():
        return file.read(longest_side_px)


def decode(data: bytes, page: int = 1) -> Image.Image:
    """The picture in `data` as an upright RGB image, reduced to 5000 px a side if it is larger; a PDF's as it is drawn.

    Raises:
        InvalidImageError, ImageTooLargeError: as the two above.
    """
    file = open_image(data, page)
    is_larger = not file.format.is_drawn and max(file.width, file.height) > MOST_READING_SIDE_PX
    return read_image(file, MOST_READING_SIDE_PX if is_larger else None).convert("RGB")


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except TooLargeError as error:
        raise ImageTooLargeError(str(error)) from (error.__cause__ or error)
    except PictureError as error:
        raise InvalidImageError(str(error)) from (error.__cause__ or error)  # the library's message, for the log
