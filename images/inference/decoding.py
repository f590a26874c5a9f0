"""From the bytes of a picture to an upright 8-bit image, whatever the file's format and colour mode."""

import io
import math
from dataclasses import dataclass

import numpy as np
from PIL import ExifTags, Image, TiffImagePlugin
from PIL.Image import Transpose

from images.inference.contract import MAX_IMAGE_SIDE_PX
from images.inference.errors import ImageTooLargeError, InvalidImageError

# A progressive JPEG refines its picture by scans, each of which goes through all of it: encoders write about ten, and a
# few bytes are enough for one that takes as long as the picture. libtiff has the same limit for JPEG within TIFF.
MOST_JPEG_SCANS = 100
_START_OF_SCAN = b"\xff\xda"

# MPO is what Pillow calls a JPEG with more than one picture in it; it is opened by JPEG.
FORMATS = ("PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF")

_UPRIGHT = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
_SIDEWAYS = frozenset({Transpose.TRANSPOSE, Transpose.ROTATE_270, Transpose.TRANSVERSE, Transpose.ROTATE_90})


@dataclass(frozen=True, kw_only=True)
class Picture:
    """An upright picture: its pixels, RGB or grey (mode L), and its size in px, which may be larger than `image`'s."""

    image: Image.Image
    width: int
    height: int


def decode(data: bytes) -> Image.Image:
    """Returns the picture in `data` as an upright RGB image; of several frames or pages the first.

    Transparency becomes white, as paper is; EXIF orientation is applied.

    Raises:
        InvalidImageError: not one of FORMATS, damaged, truncated, or in a colour mode that has no RGB equivalent.
        ImageTooLargeError: more than MAX_IMAGE_SIDE_PX a side; told from the header, before any pixel is decoded.
    """
    with open_image(data) as image:
        return load_picture(image).image.convert("RGB")


def open_image(data: bytes) -> Image.Image:
    """Returns the picture in `data` with its header read and no pixel decoded.

    Raises:
        InvalidImageError: not one of FORMATS, or a JPEG of more than MOST_JPEG_SCANS.
        ImageTooLargeError: more than MAX_IMAGE_SIDE_PX a side.
    """
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise ImageTooLargeError(f"the image has far more than {MAX_IMAGE_SIDE_PX} px a side: scale it down") from error
    except MemoryError:
        raise
    except Exception as error:
        raise InvalidImageError("the image is not a readable PNG, JPEG, TIFF, WebP, BMP or GIF file") from error
    width, height = image.size
    if max(width, height) > MAX_IMAGE_SIDE_PX:
        raise ImageTooLargeError(
            f"the image is {width} x {height} px: at most {MAX_IMAGE_SIDE_PX} px a side are allowed, scale it down"
        )
    # Within a scan the marker cannot occur: its first byte is always followed by a zero there.
    if image.format in ("JPEG", "MPO") and (scans := data.count(_START_OF_SCAN)) > MOST_JPEG_SCANS:
        raise InvalidImageError(
            f"the JPEG image has {scans} scans: at most {MOST_JPEG_SCANS} are allowed, save it as a usual JPEG"
        )
    return image


def load_picture(image: Image.Image, least_side_px: int | None = None) -> Picture:
    """Decodes what `open_image` opened.

    A JPEG whose longest side is at least twice `least_side_px` is decoded at a half, quarter or eighth of its size, but
    never below `least_side_px`, which leaves out most of the work.

    Raises:
        InvalidImageError: damaged, truncated, or in a colour mode that has no RGB equivalent.
    """
    full = image.size
    # Pillow's readers raise whatever broken bytes lead them to (OSError, SyntaxError, struct.error, IndexError...): all
    # that goes wrong here, but for want of memory, is the picture's fault.
    try:
        if least_side_px is not None:
            scale = min(1.0, least_side_px / max(full))
            image.draft(None, (math.ceil(full[0] * scale), math.ceil(full[1] * scale)))
        reduced = image.size != full
        image.load()
        turn = _turn(image)
        upright = _plain(image) if turn is None else _plain(image).transpose(turn)
    except MemoryError:
        raise
    except Exception as error:
        raise InvalidImageError(f"the {image.format} image is damaged, incomplete or of an unsupported kind") from error
    width, height = full if reduced else upright.size
    if reduced and turn in _SIDEWAYS:
        width, height = height, width
    return Picture(image=upright, width=width, height=height)


def _plain(image: Image.Image) -> Image.Image:
    """The image in RGB, or in grey (mode L) if that is all it has: a third of the pixels to scale."""
    if image.mode.startswith("I;16"):
        grey = np.asarray(image) >> 8
        # Pillow turns round the TIFFs of 8 bits and fewer that count from white to black, but not these.
        return _grey(255 - grey if _counts_from_white(image) else grey)
    if image.mode in ("I", "F"):
        return _grey(_stretched(np.asarray(image, dtype=np.float32)))
    if image.has_transparency_data:
        overlay = image if image.mode == "RGBA" else image.convert("RGBA")
        paper = Image.new("RGB", image.size, "white")
        paper.paste(overlay, mask=overlay.getchannel("A"))
        return paper
    return image.convert("L" if image.mode in ("1", "L") else "RGB")


def _grey(grey: np.ndarray) -> Image.Image:
    return Image.fromarray(grey.astype(np.uint8))


def _counts_from_white(image: Image.Image) -> bool:
    return (
        isinstance(image, TiffImagePlugin.TiffImageFile)
        and image.tag_v2.get(TiffImagePlugin.PHOTOMETRIC_INTERPRETATION) == 0
    )


def _stretched(grey: np.ndarray) -> np.ndarray:
    """32-bit grey has no agreed white: its own darkest and brightest values become 0 and 255."""
    grey = np.nan_to_num(grey)
    darkest, brightest = grey.min(), grey.max()
    if brightest == darkest:
        return np.full_like(grey, 255)
    return (grey - darkest) * (255 / (brightest - darkest))


def _turn(image: Image.Image) -> Transpose | None:
    # Not ImageOps.exif_transpose: it writes the EXIF block anew, and raises on blocks that cameras wrote wrongly.
    # Read after loading: Pillow turns TIFFs upright itself while it loads them, and takes the tag away.
    orientation = image.getexif().get(ExifTags.Base.Orientation)
    return _UPRIGHT.get(orientation) if isinstance(orientation, int) else None
