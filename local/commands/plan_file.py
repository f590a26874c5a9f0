"""A floor plan's file: what is sent to the API, and the picture that its rooms are drawn on.

The API limits the size of a request and the sides of a picture. A larger photo or scan is scaled down here, as a
program that calls the API would do.
"""

import io
import warnings
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps

from images.inference.decoding import decode
from images.inference.errors import RequestError
from local.functions.function import EVENT_LIMIT_BYTES
from pictures.limits import MAX_SIDE_PX

_EVENT_OVERHEAD_BYTES = 8_192  # the event's other fields and the request's headers
LARGEST_PLAN_BYTES = (EVENT_LIMIT_BYTES - _EVENT_OVERHEAD_BYTES) // 4 * 3  # base64 uses four characters for three bytes

_JPEG_QUALITY = 90
_STEP = 0.8  # of each side, while a JPEG is still too large
_WITH_ALPHA = ("LA", "La", "PA", "RGBA", "RGBa")


class PlanFileError(Exception):
    """The API would not accept this file as a plan; the text is one line."""


@dataclass(frozen=True, kw_only=True)
class PlanFile:
    """The bytes that are sent, and their picture upright in RGB.

    `scaled` says how a file that is too large was scaled down; otherwise it is empty.
    """

    name: str
    content: bytes
    picture: Image.Image
    scaled: str = ""


def read_plan(path: Path) -> PlanFile:
    """Reads a plan and scales it down if necessary. `PlanFileError` if it cannot be read or is not an image."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PlanFileError(f"{path}: cannot be read: {error.strerror}") from error
    if not content:
        raise PlanFileError(f"{path}: is empty: give an image of a floor plan")
    sent = _within_the_limits(content)
    try:
        picture = decode(sent)
    except RequestError as error:
        raise PlanFileError(f"{path}: {error}") from error
    if len(sent) > LARGEST_PLAN_BYTES:
        raise PlanFileError(
            f"{path}: has {len(sent)} bytes; one request carries {LARGEST_PLAN_BYTES} at most: save it as PNG or JPEG"
        )
    scaled = ""
    if sent is not content:
        scaled = f"{path}: {_described(content)} is more than the API takes: sent as {_described(sent)}"
    return PlanFile(name=path.stem, content=sent, picture=picture, scaled=scaled)


def _within_the_limits(content: bytes) -> bytes:
    """The unchanged file if the API accepts it, or if Pillow cannot read it; else its picture, scaled down."""
    try:
        with warnings.catch_warnings():
            # The size limit is checked here.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content)) as opened:
                if max(opened.size) <= MAX_SIDE_PX and len(content) <= LARGEST_PLAN_BYTES:
                    return content
                opened.draft("RGB", (MAX_SIDE_PX, MAX_SIDE_PX))
                return _smaller(opened)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return content


def _smaller(opened: Image.Image) -> bytes:
    picture = _without_palette(ImageOps.exif_transpose(opened))
    picture.thumbnail((MAX_SIDE_PX, MAX_SIDE_PX), reducing_gap=2.0)
    sent = _saved(picture, "PNG")
    while len(sent) > LARGEST_PLAN_BYTES:
        sent = _saved(_on_white(picture), "JPEG", quality=_JPEG_QUALITY)
        picture = picture.resize((max(1, round(picture.width * _STEP)), max(1, round(picture.height * _STEP))))
    return sent


def _without_palette(image: Image.Image) -> Image.Image:
    """The picture in a mode whose pixels can be averaged; otherwise scaling would lose some thin lines."""
    if image.mode == "1":
        return image.convert("L")
    if image.mode == "P":
        return image.convert("RGBA" if "transparency" in image.info else "RGB")
    return image.convert("RGB") if image.mode == "CMYK" else image


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode not in _WITH_ALPHA:
        return image.convert("RGB")
    drawing = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", drawing.size, "white"), drawing).convert("RGB")


def _saved(image: Image.Image, image_format: str, **options: int) -> bytes:
    file = io.BytesIO()
    image.save(file, image_format, **options)
    return file.getvalue()


def _described(content: bytes) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        with Image.open(io.BytesIO(content)) as image:
            width, height = image.size
    return f"{width} x {height} px in {len(content) / 1_000_000:.1f} MB"
