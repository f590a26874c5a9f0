"""HEIC and AVIF: pictures in one kind of container, opened by libheif and libavif. https://nokiatech.github.io/heif

What is in the container is told by the library, in a process with limits: its boxes can refer to each other in ways
that no check from outside would foresee. No pixel is decoded for it.
"""

import json
from collections.abc import Callable
from functools import cache
from io import BytesIO

from PIL import Image

from pictures import limits, sandbox
from pictures.structure import UPRIGHT, Structure, damaged

_ORIENTATION_TAG = 0x0112
# Measured at the peak: the decoder's planes, their colours in RGB, and Pillow's own copy.
_BYTES_PER_PX = 8


def inspect_heic(content: bytes) -> Structure:
    """The structure of a HEIC photo. Raises PictureError."""
    return _inspect(content, "HEIC", "HEIF", _import_heic)


def inspect_avif(content: bytes) -> Structure:
    """The structure of an AVIF image. Raises PictureError."""
    return _inspect(content, "AVIF", "AVIF", _import_avif)


def _inspect(content: bytes, name: str, pillow_name: str, import_decoder: Callable[[], None]) -> Structure:
    import_decoder()  # before the fork: an import in a child process could hang (`limited`)
    found = json.loads(
        sandbox.run(
            lambda: _found(content, pillow_name),
            what=f"{name} image",
            seconds=limits.OPEN_SECONDS,
            broken=damaged(name),
        )
    )
    width, height = found["width"], found["height"]
    limits.check_size(name, width, height)
    decoded_bytes = width * height * _BYTES_PER_PX
    limits.check_memory(name, width, height, decoded_bytes)
    return Structure(
        content=content, width=width, height=height, decoded_bytes=decoded_bytes, orientation=found["orientation"]
    )


def _found(content: bytes, pillow_name: str) -> bytes:
    """In the child process: what `_inspect` needs to know, as JSON."""
    image = Image.open(BytesIO(content), formats=(pillow_name,))
    # libheif turns the picture; with libavif its turn takes the place of EXIF's.
    orientation = image.getexif().get(_ORIENTATION_TAG, UPRIGHT) if pillow_name == "AVIF" else UPRIGHT
    return json.dumps({"width": image.width, "height": image.height, "orientation": orientation}).encode()


@cache
def _import_heic() -> None:
    import pillow_heif

    # One thread: each more reserves address space, which is limited in the decoding process.
    pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)


@cache
def _import_avif() -> None:
    from PIL import AvifImagePlugin

    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
