"""From the bytes of a picture to an upright 8-bit image, with the rules and limits of `pictures`, as in the API."""

from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image

from images.inference.errors import ImageTooLargeError, InvalidImageError
from pictures.errors import PictureError, TooLargeError
from pictures.file import PictureFile, open_file


def open_image(data: bytes) -> PictureFile:
    """The picture file in `data`, with its structure checked but no pixels decoded.

    Raises:
        InvalidImageError, ImageTooLargeError: see `pictures.file.open_file`.
    """
    with _refusals():
        return open_file(data)


def read_image(file: PictureFile, longest_side_px: int | None = None) -> Image.Image:
    """The upright picture, in RGB or in grey (mode L), scaled to the given longest side, or in its own size.

    Raises:
        InvalidImageError, ImageTooLargeError: see `PictureFile.read`.
    """
    with _refusals():
        return file.read(longest_side_px)


def decode(data: bytes) -> Image.Image:
    """The picture in `data` as an upright RGB image in full size; of several pages, the first.

    Raises:
        InvalidImageError, ImageTooLargeError: as the two above.
    """
    return read_image(open_image(data)).convert("RGB")


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except TooLargeError as error:
        raise ImageTooLargeError(str(error)) from (error.__cause__ or error)
    except PictureError as error:
        raise InvalidImageError(str(error)) from (error.__cause__ or error)  # the library's message, for the log
