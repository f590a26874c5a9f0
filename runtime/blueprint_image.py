"""Blueprint images: what is accepted, and what the detector gets to see.

Memory bounds the code here: Pillow keeps a 5000 x 5000 px image in 100 MB (4 bytes a pixel for RGB, too), and a second
copy of it would take the function near its limit. So a large image is decoded once and flattened in strips.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO

from PIL import ExifTags, Image, ImageFile, TiffImagePlugin, WebPImagePlugin

from runtime.errors import ImageTooLargeError, InvalidImageError

MAX_SIDE_PX = 5000
DETECTOR_SIDE_PX = 640

_STRIP_ROWS = 256

# A serverless endpoint takes 4 MB a request, where the others take 6. No picture of 640 px a side needs that much: what
# is larger carries something else along, such as an embedded profile or preview.
# https://docs.aws.amazon.com/sagemaker/latest/dg/deploy-model-options.html
_LARGEST_PASSED_ON_BYTES = 2_000_000

# What the detector gets: near lossless for line drawings, a tenth of PNG's encoding time and half its size.
_JPEG_QUALITY = 95


@dataclass(frozen=True)
class ImageType:
    """How a stored image is named: its key's extension, its content type."""

    extension: str
    content_type: str


_TYPES = {
    "PNG": ImageType("png", "image/png"),
    "JPEG": ImageType("jpg", "image/jpeg"),
    "TIFF": ImageType("tiff", "image/tiff"),
    "WEBP": ImageType("webp", "image/webp"),
    "BMP": ImageType("bmp", "image/bmp"),
    "GIF": ImageType("gif", "image/gif"),
}

# Pillow looks for a format that is not registered by importing every plugin that it has.
_REGISTERED_BY_IMPORT = (TiffImagePlugin, WebPImagePlugin)

_UPRIGHT = 1
_TRANSPOSITION = {  # EXIF orientation -> what makes the image upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True)
class DetectorImage:
    """An upright image of at most 640 px a side, encoded; `width` and `height` in pixels."""

    content: bytes
    content_type: str
    width: int
    height: int


def check_image(content: bytes) -> ImageType:
    """The type of an image file, told from its content, after decoding its first frame to the end.

    Raises InvalidImageError or ImageTooLargeError; the size is read from the header, before anything is decoded.
    """
    image = _open(content)
    image_type = _type(image)
    with _decoding():
        image.draft(None, (1, 1))
        image.load()
        _opaque_rgb(image.crop((0, 0, 1, 1)))
        _open(content).verify()  # a PNG file can lose its end and keep every pixel
    return image_type


def scale_for_detector(content: bytes) -> DetectorImage:
    """The image upright, opaque on white, in RGB, with its longest side at most 640 px.

    A PNG or JPEG file that is all this already, in at most 2 MB, is passed on as it is. Raises InvalidImageError or
    ImageTooLargeError.
    """
    image = _open(content)
    image_type = _type(image)
    with _decoding():
        if (
            image.format in ("PNG", "JPEG")
            and len(content) <= _LARGEST_PASSED_ON_BYTES
            and max(image.size) <= DETECTOR_SIDE_PX
            and image.mode in ("L", "RGB")
            and not image.has_transparency_data
            and _orientation(image) == _UPRIGHT
        ):
            return DetectorImage(content, image_type.content_type, image.width, image.height)
        scaled = _scaled(image)
    encoded = BytesIO()
    scaled.save(encoded, format="JPEG", quality=_JPEG_QUALITY, subsampling=0)
    return DetectorImage(encoded.getvalue(), "image/jpeg", scaled.width, scaled.height)


def _open(content: bytes) -> ImageFile.ImageFile:
    """The image with its header read and its size checked."""
    try:
        with warnings.catch_warnings(action="ignore"):
            image = Image.open(BytesIO(content), formats=tuple(_TYPES))
    except Image.DecompressionBombError as error:
        raise ImageTooLargeError(_too_large("The image is far larger")) from error
    except Exception as error:  # a decoder given hostile bytes raises nearly anything
        raise InvalidImageError("image is no PNG, JPEG, TIFF, WebP, BMP or GIF file: send one of these.") from error
    if max(image.size) > MAX_SIDE_PX:
        raise ImageTooLargeError(_too_large(f"The image is {image.width} x {image.height} px"))
    return image


def _too_large(subject: str) -> str:
    return f"{subject}; at most {MAX_SIDE_PX} px a side are allowed: scale it down."


@contextmanager
def _decoding() -> Iterator[None]:
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    except Exception as error:
        raise InvalidImageError("image is damaged, cut short or of an unsupported kind: export it again.") from error


def _type(image: ImageFile.ImageFile) -> ImageType:
    # A phone's JPEG may hold several pictures (MPO): the first one counts, and every reader takes it for a JPEG.
    return _TYPES["JPEG" if image.format == "MPO" else str(image.format)]


def _orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 to 8. Damaged EXIF data is no reason to refuse an image: it counts as upright."""
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation, _UPRIGHT)
    except Exception:
        return _UPRIGHT
    return orientation if orientation in _TRANSPOSITION else _UPRIGHT


def _scaled(image: ImageFile.ImageFile) -> Image.Image:
    """`image` upright, in RGB, opaque, at most 640 px a side; decodes it."""
    longest = max(image.size)
    shrink = min(1.0, DETECTOR_SIDE_PX / longest)
    target = (max(1, round(image.width * shrink)), max(1, round(image.height * shrink)))

    image.draft(None, (DETECTOR_SIDE_PX, DETECTOR_SIDE_PX))  # a JPEG is decoded at 1/2, 1/4 or 1/8 of its size
    load_size = image.size
    image.load()
    if image.size != load_size:  # Pillow turns a TIFF upright while it loads it
        target = (target[1], target[0])

    factor = max(1, max(image.size) // DETECTOR_SIDE_PX)
    reduced = Image.new("RGB", (-(-image.width // factor), -(-image.height // factor)))
    rows = factor * max(1, _STRIP_ROWS // factor)
    for top in range(0, image.height, rows):
        strip = _opaque_rgb(image.crop((0, top, image.width, min(top + rows, image.height))))
        reduced.paste(strip.reduce(factor), (0, top // factor))

    # The last row and column of `reduced` may stand for fewer pixels than the others: the box leaves the rest out.
    exact_box = (0, 0, image.width / factor, image.height / factor)
    scaled = reduced.resize(target, Image.Resampling.LANCZOS, exact_box)
    orientation = _orientation(image)
    return scaled if orientation == _UPRIGHT else scaled.transpose(_TRANSPOSITION[orientation])


def _opaque_rgb(image: Image.Image) -> Image.Image:
    """`image` in RGB, its transparent parts on white. Raises ValueError for a mode without a meaning as a picture."""
    if image.mode in ("I", "F"):
        raise ValueError("samples of 32 bits have no known range")
    if image.mode.startswith("I;16"):
        image = image.convert("I").point(lambda sample: sample * (1 / 257)).convert("L")
        image.info.pop("transparency", None)  # a 16-bit color key means nothing in 8 bits
    if image.has_transparency_data:
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    return image.convert("RGB")
