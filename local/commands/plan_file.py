"""A floor plan's file: what is sent to the API, and the picture that its rooms are drawn on.

The API limits the size of a request and the sides of a picture. A larger photo or scan is scaled down here, as a
program that calls the API would do.
"""

import io
import warnings
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps

from images.inference.decoding import decode, open_image
from images.inference.errors import ImageTooLargeError, RequestError
from local.functions.function import EVENT_LIMIT_BYTES
from pictures.formats import PDF
from pictures.limits import MAX_SIDE_PX, MOST_READING_SIDE_PX

_EVENT_OVERHEAD_BYTES = 8_192  # the event's other fields and the request's headers
LARGEST_PLAN_BYTES = (EVENT_LIMIT_BYTES - _EVENT_OVERHEAD_BYTES) // 4 * 3  # base64 uses four characters for three bytes

_JPEG_QUALITY = 90
_STEP = 0.8  # of each side, while a JPEG is still too large
_WITH_ALPHA = ("LA", "La", "PA", "RGBA", "RGBa")


class PlanFileError(Exception):
    """The API would not accept this file as a plan; the text is one line."""


@dataclass(frozen=True, kw_only=True)
class PlanFile:
    """The bytes that are sent, and the picture of a page of them, upright in RGB.

    `name` is what results are called; `page` counts in what is sent, which is that page alone if it had to be scaled.
    `scaled` says how a file that is too large was scaled down; otherwise it is empty.
    """

    name: str
    content: bytes
    page: int
    picture: Image.Image
    scaled: str = ""


def read_plan(path: Path, page: int = 1) -> PlanFile:
    """Reads a plan's page and scales it down if necessary. `PlanFileError` if it cannot be read or is not an image."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PlanFileError(f"{path}: cannot be read: {error.strerror}") from error
    if not content:
        raise PlanFileError(f"{path}: is empty: give an image of a floor plan")
    sent = _within_the_limits(content, page)
    page_sent = page if sent is content else 1
    try:
        picture = decode(sent, page_sent)
    except RequestError as error:
        raise PlanFileError(f"{path}: {error}") from error
    if len(sent) > LARGEST_PLAN_BYTES:
        raise PlanFileError(
            f"{path}: has {len(sent)} bytes; one request can carry at most {LARGEST_PLAN_BYTES}: save it as PNG or JPEG"
        )
    scaled = ""
    if sent is not content:
        scaled = f"{path}: {_described(content)} is more than the API takes: sent as {_described(sent)}"
    name = path.stem if page == 1 else f"{path.stem}.page-{page}"
    return PlanFile(name=name, content=sent, page=page_sent, picture=picture, scaled=scaled)


def _within_the_limits(content: bytes, page: int) -> bytes:
    """The unchanged file if the API accepts it, or if it cannot be read; else the page's picture, scaled down."""
    if len(content) > LARGEST_PLAN_BYTES and PDF.starts.match(content):
        try:
            return _smaller(decode(content, page).convert("L"))
        except RequestError:
            return content
    try:
        with warnings.catch_warnings():
            # The size limit is checked here.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content)) as opened:
                is_light = max(opened.size) <= MAX_SIDE_PX and len(content) <= LARGEST_PLAN_BYTES
                if is_light and _takes_little_memory(content):
                    return content
                opened.seek(page - 1)
                opened.draft("RGB", (MOST_READING_SIDE_PX, MOST_READING_SIDE_PX))
                return _smaller(opened)
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError):
        return content


def _takes_little_memory(content: bytes) -> bool:
    try:
        open_image(content)
    except ImageTooLargeError:
        return False
    except RequestError:  # what else is wrong with it is said when it is decoded
        return True
    return True


def _smaller(opened: Image.Image) -> bytes:
    picture = _without_palette(ImageOps.exif_transpose(opened))
    picture.thumbnail((MOST_READING_SIDE_PX, MOST_READING_SIDE_PX), reducing_gap=2.0)
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
    if PDF.starts.match(content):
        return f"a PDF of {len(content) / 1_000_000:.1f} MB"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        with Image.open(io.BytesIO(content)) as image:
            width, height = image.size
    return f"{width} x {height} px in {len(content) / 1_000_000:.1f} MB"
