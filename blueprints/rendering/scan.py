"""Simulates paper and scanner on a drawing, and tracks where its rooms are afterwards.

The geometry comes first, as one plane projection, so that points can follow exactly; then tone, dirt, noise and blur.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from blueprints.rendering.surface import Colour

Points = NDArray[np.float64]
"""(points, 2), x and y in pixels."""
Matrix = NDArray[np.float64]
"""(3, 3): maps homogeneous points of the drawing to points of the scan."""


@dataclass(frozen=True, kw_only=True)
class Wear:
    """The shares 0..1 of scans that show each fault."""

    turned: float = 0.2
    skewed: float = 0.1
    stretched: float = 0.1
    faded: float = 0.2
    shaded: float = 0.15
    folded: float = 0.05
    dirty: float = 0.1
    noisy: float = 0.3
    blurred: float = 0.2
    coarse: float = 0.15
    bilevel: float = 0.08
    grey: float = 0.6


NONE = Wear(**dict.fromkeys(Wear.__dataclass_fields__, 0.0))
WEAR: dict[str, Wear] = {
    "listing": Wear(turned=0.4, faded=0.12, shaded=0.04, folded=0.01, dirty=0.03),
    "architect": Wear(turned=0.35, skewed=0.2, stretched=0.08, faded=0.3, bilevel=0.25, dirty=0.15, blurred=0.25),
    "colour": Wear(bilevel=0.0, grey=0.0, noisy=0.25),
    "cad": Wear(grey=0.3, turned=0.4, skewed=0.25, stretched=0.5, dirty=0.25, faded=0.25),
    "survey": Wear(turned=0.4, skewed=0.5, stretched=0.5, shaded=0.6, folded=0.3, dirty=0.5, noisy=0.8, blurred=0.4),
    "schematic": Wear(skewed=0.6, stretched=0.5, dirty=0.4, faded=0.3, shaded=0.3, bilevel=0.0),
    "cyanotype": Wear(skewed=0.2, shaded=0.4, folded=0.3, noisy=0.5, bilevel=0.0, grey=0.0),
    "inverted": Wear(noisy=0.1, bilevel=0.0),
}
"""The wear of each family of drawings."""


def scan(
    image: Image.Image, outlines: Sequence[Points], wear: Wear, rng: random.Random, surround: Colour
) -> tuple[Image.Image, list[Points]]:
    """The scanned drawing (RGB) and the outlines on it; `surround` is visible beyond the paper."""
    image, matrix = _moved(image, wear, rng, surround)
    random_state = np.random.Generator(np.random.PCG64(rng.getrandbits(64)))
    effects: tuple[tuple[float, Callable[[Image.Image, random.Random, np.random.Generator], Image.Image]], ...] = (
        (wear.coarse, _coarse),
        (wear.blurred, _blurred),
        (wear.bilevel, _bilevel),
        (wear.faded, _faded),
        (wear.folded, _folded),
        (wear.shaded, _shaded),
        (wear.dirty, _dirty),
        (wear.noisy, _noisy),
        (wear.grey, lambda image, _rng, _state: image.convert("L").convert("RGB")),
    )
    for share, effect in effects:
        if rng.random() < share:
            image = effect(image, rng, random_state)
    return image, [projected(points, matrix) for points in outlines]


def projected(points: Points, matrix: Matrix) -> Points:
    """Points of the drawing on the scan."""
    whole = np.column_stack((points, np.ones(len(points)))) @ matrix.T
    return whole[:, :2] / whole[:, 2:]


def _moved(image: Image.Image, wear: Wear, rng: random.Random, surround: Colour) -> tuple[Image.Image, Matrix]:
    matrix = np.eye(3)
    if rng.random() < wear.turned:
        image, step = _turned(image, rng)
        matrix = step @ matrix
    if rng.random() < wear.skewed:
        image, step = _skewed(image, rng, surround)
        matrix = step @ matrix
    if rng.random() < wear.stretched:
        image, step = _stretched(image, rng)
        matrix = step @ matrix
    return image, matrix


def _turned(image: Image.Image, rng: random.Random) -> tuple[Image.Image, Matrix]:
    """Rotate by quarter turns, seldom mirror."""
    width, height = image.size
    turn, matrix = rng.choices(
        (
            (Image.Transpose.ROTATE_90, [[0, 1, 0], [-1, 0, width], [0, 0, 1]]),
            (Image.Transpose.ROTATE_180, [[-1, 0, width], [0, -1, height], [0, 0, 1]]),
            (Image.Transpose.ROTATE_270, [[0, -1, height], [1, 0, 0], [0, 0, 1]]),
            (Image.Transpose.FLIP_LEFT_RIGHT, [[-1, 0, width], [0, 1, 0], [0, 0, 1]]),
        ),
        (0.3, 0.3, 0.3, 0.1),
    )[0]
    return image.transpose(turn), np.array(matrix, float)


def _skewed(image: Image.Image, rng: random.Random, surround: Colour) -> tuple[Image.Image, Matrix]:
    """Rotate by some degrees about the centre, shear, and add a slight perspective."""
    width, height = image.size
    most = rng.choice((1.0, 2.5, 6.0))
    angle = math.radians(rng.uniform(-most, most))
    shear, scale = rng.uniform(-0.03, 0.03), rng.uniform(0.92, 1.0)
    to_middle = np.array([[1, 0, -width / 2], [0, 1, -height / 2], [0, 0, 1]], float)
    from_middle = np.array([[1, 0, width / 2], [0, 1, height / 2], [0, 0, 1]], float)
    turn = np.array(
        [
            [math.cos(angle) * scale, (math.sin(angle) + shear) * scale, 0],
            [-math.sin(angle) * scale, math.cos(angle) * scale, 0],
            [rng.uniform(-0.04, 0.04) / width, rng.uniform(-0.04, 0.04) / height, 1],
        ]
    )
    matrix = from_middle @ turn @ to_middle
    back = np.linalg.inv(matrix)
    back /= back[2, 2]
    moved = image.transform(
        image.size,
        Image.Transform.PERSPECTIVE,
        tuple(back.ravel()[:8]),
        Image.Resampling.BICUBIC,
        fillcolor=surround,
    )
    return moved, matrix


def _stretched(image: Image.Image, rng: random.Random) -> tuple[Image.Image, Matrix]:
    """Stretch to a square, as some data sets do, or by some percent; the longer side stays."""
    width, height = image.size
    side = max(image.size)
    share = rng.uniform(0.85, 1.0)
    if rng.random() < 0.6:
        new = side, side
    elif width < height:
        new = max(1, round(width * share)), height
    else:
        new = width, max(1, round(height * share))
    return image.resize(new, Image.Resampling.BICUBIC), np.diag([new[0] / width, new[1] / height, 1.0])


def _coarse(image: Image.Image, rng: random.Random, _state: np.random.Generator) -> Image.Image:
    """Reduce the resolution and restore the size."""
    share = rng.uniform(0.5, 0.9)
    small = image.resize((round(image.width * share), round(image.height * share)), Image.Resampling.BILINEAR)
    return small.resize(image.size, Image.Resampling.BILINEAR)


def _blurred(image: Image.Image, rng: random.Random, _state: np.random.Generator) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 1.0)))


def _bilevel(image: Image.Image, rng: random.Random, _state: np.random.Generator) -> Image.Image:
    """Black and white, as from a fax or copier; the threshold is nearer to the paper, so that thin lines stay."""
    grey = image.convert("L")
    paper, ink = np.percentile(np.asarray(grey), (60, 0.5))
    threshold = paper - rng.uniform(0.08, 0.25) * (paper - ink)
    return grey.point([0 if value < threshold else 255 for value in range(256)]).convert("RGB")


def _faded(image: Image.Image, rng: random.Random, _state: np.random.Generator) -> Image.Image:
    """Reduce the contrast: the darkest lighter and the lightest darker."""
    low, high = rng.uniform(0, 110), rng.uniform(185, 255)
    return image.point([round(low + (high - low) * value / 255) for value in range(256)] * 3)


def _folded(image: Image.Image, rng: random.Random, _state: np.random.Generator) -> Image.Image:
    """Add creases across the sheet: a light or a dark line with a shade beside it."""
    pixels = np.asarray(image).astype(np.int16)
    for _ in range(rng.randint(1, 3)):
        lines = pixels if rng.random() < 0.5 else pixels.swapaxes(0, 1)
        at = rng.randrange(lines.shape[0])
        width = rng.randint(4, 18)
        shade = np.linspace(rng.randint(-35, 25), 0, width)[:, None, None].astype(np.int16)
        body = lines[at : at + width]
        body += shade[: len(body)]
        lines[at : at + 1] += np.int16(rng.choice((-60, 50)))
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def _shaded(image: Image.Image, rng: random.Random, state: np.random.Generator) -> Image.Image:
    """Uneven light: a smooth field of a few patches."""
    depth = rng.uniform(0.08, 0.4)
    field = Image.fromarray((255 - state.random((4, 4)) * 255 * depth).astype(np.uint8))
    light = np.asarray(field.resize(image.size, Image.Resampling.BICUBIC)).astype(np.uint16)
    return Image.fromarray((np.asarray(image) * light[..., None] // 255).astype(np.uint8))


def _dirty(image: Image.Image, rng: random.Random, state: np.random.Generator) -> Image.Image:
    """Specks, dark and light."""
    pixels = np.asarray(image).copy()
    height, width, _ = pixels.shape
    for value in (rng.randint(0, 120), rng.randint(180, 255)):
        count = rng.randint(20, 1500)
        ys, xs = state.integers(0, height, count), state.integers(0, width, count)
        pixels[ys, xs] = value
        if rng.random() < 0.4:
            pixels[np.minimum(ys + 1, height - 1), xs] = value
    return Image.fromarray(pixels)


def _noisy(image: Image.Image, rng: random.Random, state: np.random.Generator) -> Image.Image:
    strength = rng.choice((3.0, 6.0, 12.0)) * rng.uniform(0.5, 1.5)
    noise = state.standard_normal((image.height, image.width), dtype=np.float32) * np.float32(strength)
    pixels = np.asarray(image) + noise.astype(np.int16)[..., None]
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
