"""From a valid structure to an upright 8-bit picture, with Pillow and with what Pillow does not do.

Memory is tight: Pillow needs 100 MB for a picture of 5000 px a side (4 bytes per pixel, for RGB too), and a second
copy would bring a function near its limit. So a large picture is reduced strip by strip while its colours are
converted.
"""

import hashlib
import io
import math
from collections.abc import Callable
from typing import cast

from PIL import Image, ImageChops, ImageStat, MpoImagePlugin, TiffImagePlugin, WebPImagePlugin
from PIL.Image import Transpose

from pictures import limits
from pictures.errors import UnreadableError
from pictures.structure import Structure, cut_short, damaged

# If a format is not registered, Pillow imports all its plugins to find one; MPO is imported when a JPEG is opened.
_REGISTERED_BY_IMPORT = (TiffImagePlugin, WebPImagePlugin, MpoImagePlugin)
# The other plugins, which Pillow would import when it opens its first file. In a forked process (`limited`), an import
# hangs forever if another thread was doing the same import at the time of the fork.
Image.preinit()

# A picture is decoded or averaged to at least this many times the requested size, then scaled to it.
_LEAST_DECODED = 2
_STRIP_ROWS = 256

_TRANSPOSITION = {  # orientation -> the operation that makes the picture upright
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
SIDEWAYS = frozenset({5, 6, 7, 8})

# A drawing gets a dark page if its contrast there is this many times the contrast on a white page.
_TIMES_CLEARER = 1.5
_COMPARED_SIDE_PX = 1280


def fitted(width: int, height: int, longest_side_px: int) -> tuple[int, int]:
    """The size of a picture of `width` x `height` px whose longest side becomes `longest_side_px`."""
    scale = longest_side_px / max(width, height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def decode(pillow_name: str, structure: Structure, longest_side_px: int | None) -> Image.Image:
    """The upright picture in RGB, or in grey (mode L) if it has no colours.

    Args:
        longest_side_px: the new longest side, scaled up or down (bilinear, with antialiasing); None keeps it.

    Raises:
        Any exception: Pillow's decoders raise all kinds on broken bytes.
    """
    _refuse_cut(pillow_name, structure)
    image = Image.open(io.BytesIO(structure.content), formats=(pillow_name,))
    least_side_px = None if longest_side_px is None else _least_side(longest_side_px)
    size = image.size
    if size != (structure.width, structure.height):
        raise damaged(pillow_name)
    if least_side_px is not None:  # a JPEG is decoded at 1/2, 1/4 or 1/8 of its size
        scale = min(1.0, least_side_px / max(size))
        image.draft(None, (math.ceil(size[0] * scale), math.ceil(size[1] * scale)))
    image.load()
    factor = 1 if least_side_px is None else max(1, max(image.size) // least_side_px)
    plain = _plain(image, structure, factor)
    if longest_side_px is not None:
        # The last row and column may represent fewer pixels than the others: the box excludes the rest.
        box = (0, 0, image.width / factor, image.height / factor)
        plain = _resized(plain, fitted(*size, longest_side_px), box)
    turn = _TRANSPOSITION.get(structure.orientation)
    return plain if turn is None else plain.transpose(turn)


def scaled(image: Image.Image, longest_side_px: int) -> Image.Image:
    """An upright picture in RGB or grey with the longest side scaled as `decode` does it."""
    factor = max(1, max(image.size) // _least_side(longest_side_px))
    box = (0, 0, image.width / factor, image.height / factor)
    return _resized(_reduced(image, image.mode, factor, lambda strip: strip), fitted(*image.size, longest_side_px), box)


def _least_side(longest_side_px: int) -> int:
    """What a picture is decoded or averaged to at least; for a large one, what memory allows."""
    return max(longest_side_px, min(_LEAST_DECODED * longest_side_px, limits.MOST_READING_SIDE_PX))


def check(pillow_name: str, structure: Structure) -> None:
    """Decodes the whole picture, at the smallest size that its format offers, and discards it.

    Raises:
        Any exception: as `decode` does.
    """
    _refuse_cut(pillow_name, structure)
    image = Image.open(io.BytesIO(structure.content), formats=(pillow_name,))
    if image.size != (structure.width, structure.height):
        raise damaged(pillow_name)
    image.draft(None, (1, 1))
    image.load()
    if image.mode in ("I", "F"):
        _extremes(image)
    _plain(image.crop((0, 0, 1, 1)), structure, 1)


def _refuse_cut(pillow_name: str, structure: Structure) -> None:
    """Refuses a file without its end whose data do not suffice: what is read after them changes the picture.

    A decoder of JPEG fills up what is missing with grey, and says nothing.
    """
    if structure.with_noise is None:
        return
    seen = set()
    for content in (structure.content, structure.with_noise):
        image = Image.open(io.BytesIO(content), formats=(pillow_name,))
        # Small for memory's sake, and large enough to show every scan of a progressive picture.
        image.draft(None, (math.ceil(image.width / 2), math.ceil(image.height / 2)))
        seen.add(hashlib.sha256(image.tobytes()).digest())
    if len(seen) > 1:
        raise cut_short(pillow_name)


def _resized(image: Image.Image, size: tuple[int, int], box: tuple[float, float, float, float]) -> Image.Image:
    """What `box` shows of the image, bilinear with antialiasing."""
    if (image.size, box) == (size, (0, 0, *size)):
        return image
    return image.resize(size, Image.Resampling.BILINEAR, box)


def _plain(image: Image.Image, structure: Structure, factor: int) -> Image.Image:
    """The loaded `image` in L or RGB, with sides divided by `factor`, rounded up."""
    if structure.painted is not None:  # Pillow fills the rest with the palette's first colour
        sheet = Image.new("RGB", image.size, "white")
        sheet.paste(image.crop(structure.painted).convert("RGB"), structure.painted)
        image = sheet
    if structure.transparent is not None:
        image.info["transparency"] = structure.transparent
    if image.mode == "1" or image.mode.startswith("I;16") or image.mode in ("I", "F"):
        return _plain_grey(image, structure, factor)
    if image.has_transparency_data and not _is_all_transparent(image):
        return _on_a_page(_reduced(image, "RGBa", factor, lambda strip: _premultiplied(strip, structure)))
    image.info.pop("transparency", None)
    if image.mode in ("RGB", "L"):
        return _reduced(image, image.mode, factor, lambda strip: strip)
    if image.mode in ("LA", "La"):
        return _reduced(image, "L", factor, lambda strip: strip.getchannel("L"))
    if image.mode == "LAB":
        raise UnreadableError("The image has Lab colours, which are not supported: save it in RGB.")
    return _reduced(image, "RGB", factor, lambda strip: strip.convert("RGB"))


def _plain_grey(image: Image.Image, structure: Structure, factor: int) -> Image.Image:
    """Converts grey of 1, of 9 to 16, or of 32 bits."""
    key = image.info.pop("transparency", None)
    if image.mode == "1":

        def eight_bits(strip: Image.Image) -> Image.Image:
            return strip.convert("L")

        def opacity(strip: Image.Image) -> Image.Image:
            return strip.convert("L").point(lambda sample: 0 if sample == key else 255)

    else:
        wide = "F" if image.mode == "F" else "I"
        darkest, brightest = (0.0, float(structure.white)) if image.mode.startswith("I;16") else _extremes(image)
        scale = 255 / (brightest - darkest)
        offset = 0.5 - darkest * scale

        def eight_bits(strip: Image.Image) -> Image.Image:
            grey = strip.convert(wide).point(lambda sample: sample * scale + offset).convert("L")
            return ImageChops.invert(grey) if structure.from_white else grey

        def opacity(strip: Image.Image) -> Image.Image:
            samples = strip.convert("I")
            above = samples.point(lambda sample: sample * 1 - key).convert("L")
            below = samples.point(lambda sample: sample * -1 + key).convert("L")
            return ImageChops.add(above, below).point(lambda difference: 255 if difference else 0)

    if not isinstance(key, int) or image.getextrema() == (key, key):
        return _reduced(image, "L", factor, eight_bits)
    return _on_a_page(
        _reduced(
            image,
            "RGBa",
            factor,
            lambda strip: Image.merge("LA", (eight_bits(strip), opacity(strip))).convert("RGBA").convert("RGBa"),
        )
    )


def _extremes(image: Image.Image) -> tuple[float, float]:
    """The values of black and white in 32-bit grey, which has no standard white: the extremes of the picture."""
    darkest, brightest = cast("tuple[float, float]", image.getextrema())
    if not (math.isfinite(darkest) and math.isfinite(brightest)):
        raise UnreadableError(
            "The image has pixel values that are not finite numbers: save it with 8 bits per channel."
        )
    if image.mode == "I" and darkest < 0:  # or beyond 2^31, where Pillow's values become negative
        raise UnreadableError(
            "The image has pixel values below 0 or above 2147483647: save it with 8 bits per channel."
        )
    return (darkest, brightest) if darkest < brightest else (darkest - 1, brightest)  # blank paper is white


def _premultiplied(strip: Image.Image, structure: Structure) -> Image.Image:
    rgba = strip.convert("RGBA")
    if structure.premultiplied:
        return Image.merge("RGBa", rgba.split())
    return rgba.convert("RGBa")


def _is_all_transparent(image: Image.Image) -> bool:
    """An alpha channel that is zero everywhere is not one: some programs write RGB in 32 bits and leave it unset."""
    key = image.info.get("transparency")
    if image.mode in ("RGBA", "LA", "PA"):
        *_, (_, most) = cast("tuple[tuple[int, int], ...]", image.getextrema())
        return most == 0
    if image.mode == "P":
        opacities = key if isinstance(key, bytes) else bytes(0 if index == key else 255 for index in range(256))
        used = [index for index, count in enumerate(image.histogram()) if count]
        return all(index < len(opacities) and opacities[index] == 0 for index in used)
    extremes = image.getextrema()
    return extremes == ((key, key) if isinstance(key, int) else tuple((sample, sample) for sample in key or ()))


def _reduced(image: Image.Image, mode: str, factor: int, plain: Callable[[Image.Image], Image.Image]) -> Image.Image:
    """`plain` of the image, strip by strip, averaged over squares of `factor` px."""
    if factor == 1 and (image.mode == mode or image.height <= _STRIP_ROWS):
        return plain(image)
    reduced = Image.new(mode, (-(-image.width // factor), -(-image.height // factor)))
    rows = factor * max(1, _STRIP_ROWS // factor)
    for top in range(0, image.height, rows):
        strip = plain(image.crop((0, top, image.width, min(top + rows, image.height))))
        reduced.paste(strip if factor == 1 else strip.reduce(factor), (0, top // factor))
    return reduced


def _on_a_page(drawing: Image.Image) -> Image.Image:
    """A drawing with transparent parts (RGBa) on the page that it was made for: white, or dark for light lines."""
    red, green, blue, opacity = drawing.split()
    on_dark = Image.merge("RGB", (red, green, blue))
    if opacity.getextrema() == (255, 255):
        return on_dark
    around = ImageChops.invert(opacity)
    on_white = Image.merge("RGB", [ImageChops.add(band, around) for band in (red, green, blue)])
    return on_dark if _contrast(on_dark) > _TIMES_CLEARER * _contrast(on_white) else on_white


def _contrast(image: Image.Image) -> float:
    """The sum of the differences between neighbouring pixels."""
    grey = image.convert("L")
    if max(grey.size) > _COMPARED_SIDE_PX:
        grey = grey.reduce(max(grey.size) // _COMPARED_SIDE_PX)
    width, height = grey.size
    across = ImageChops.difference(grey.crop((1, 0, width, height)), grey.crop((0, 0, width - 1, height)))
    down = ImageChops.difference(grey.crop((0, 1, width, height)), grey.crop((0, 0, width, height - 1)))
    return sum(ImageStat.Stat(difference).sum[0] for difference in (across, down) if min(difference.size) > 0)
