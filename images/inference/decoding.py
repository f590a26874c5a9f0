"""From the bytes of a picture to an upright 8-bit RGB image, whatever the file's format and colour mode."""

import io

import numpy as np
from PIL import ExifTags, Image
from PIL.Image import Transpose

from images.inference.contract import MAX_IMAGE_SIDE_PX
from images.inference.errors import ImageTooLargeError, InvalidImageError

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


def decode(data: bytes) -> Image.Image:
    """Returns the picture in `data` as an upright RGB image; of several frames or pages the first.

    Transparency becomes white, as paper is; EXIF orientation is applied.

    Raises:
        InvalidImageError: not one of FORMATS, damaged, truncated, or in a colour mode that has no RGB equivalent.
        ImageTooLargeError: more than MAX_IMAGE_SIDE_PX a side; told from the header, before any pixel is decoded.
    """
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise ImageTooLargeError(f"the image has far more than {MAX_IMAGE_SIDE_PX} px a side: scale it down") from error
    except MemoryError:
        raise
    except Exception as error:
        raise InvalidImageError("the image is not a readable PNG, JPEG, TIFF, WebP, BMP or GIF file") from error
    with image:
        width, height = image.size
        if max(width, height) > MAX_IMAGE_SIDE_PX:
            raise ImageTooLargeError(
                f"the image is {width} x {height} px: at most {MAX_IMAGE_SIDE_PX} px a side are allowed, scale it down"
            )
        # Pillow's readers raise whatever broken bytes lead them to (OSError, SyntaxError, struct.error, IndexError...):
        # all that goes wrong here, but for want of memory, is the picture's fault.
        try:
            image.load()
            return _upright(image, _rgb(image))
        except MemoryError:
            raise
        except Exception as error:
            raise InvalidImageError(
                f"the {image.format} image is damaged, incomplete or of an unsupported kind"
            ) from error


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16"):
        return _grey_to_rgb(np.asarray(image) >> 8)
    if image.mode in ("I", "F"):
        return _grey_to_rgb(_stretched(np.asarray(image, dtype=np.float32)))
    if image.has_transparency_data:
        overlay = image if image.mode == "RGBA" else image.convert("RGBA")
        paper = Image.new("RGB", image.size, "white")
        paper.paste(overlay, mask=overlay.getchannel("A"))
        return paper
    return image.convert("RGB")


def _grey_to_rgb(grey: np.ndarray) -> Image.Image:
    return Image.fromarray(grey.astype(np.uint8)).convert("RGB")


def _stretched(grey: np.ndarray) -> np.ndarray:
    """32-bit grey has no agreed white: its own darkest and brightest values become 0 and 255."""
    grey = np.nan_to_num(grey)
    darkest, brightest = grey.min(), grey.max()
    if brightest == darkest:
        return np.full_like(grey, 255)
    return (grey - darkest) * (255 / (brightest - darkest))


def _upright(source: Image.Image, image: Image.Image) -> Image.Image:
    # Not ImageOps.exif_transpose: it writes the EXIF block anew, and raises on blocks that cameras wrote wrongly.
    # Read after loading: Pillow turns TIFFs upright itself while it loads them, and takes the tag away.
    orientation = source.getexif().get(ExifTags.Base.Orientation)
    turn = _UPRIGHT.get(orientation) if isinstance(orientation, int) else None
    return image if turn is None else image.transpose(turn)
