"""What happens to a page before the detector sees it: rotated, printed and scanned, compressed, inverted."""

from __future__ import annotations

import io
import random
from dataclasses import replace

import numpy as np
from PIL import Image

from blueprints.geometry import Box
from blueprints.rendering import scan
from blueprints.rendering.buildings.page_rooms import Page, seen
from blueprints.rendering.polygons import Points, clockwise, extent, rectangle

WEAR = scan.Wear(
    turned=0.0,
    skewed=0.35,
    stretched=0.0,
    faded=0.5,
    shaded=0.25,
    folded=0.1,
    dirty=0.3,
    noisy=0.5,
    blurred=0.5,
    coarse=0.3,
    bilevel=0.25,
    grey=1.0,
)
TURNED_SHARE = 0.12
WORN_SHARE = 0.18
JPEG_SHARE = 0.15
INVERTED_SHARE = 0.02


def aged(page: Page, rng: random.Random, *, worn: bool | None, copied: bool) -> Page:
    """The page as the detector gets it: worn or not (random if None), and, if `copied`, sometimes black and white."""
    if rng.random() < TURNED_SHARE:
        page = _turned(page, rng)
    if worn or (worn is None and rng.random() < WORN_SHARE):
        page = _scanned(page, rng, WEAR if copied else replace(WEAR, bilevel=0.0))
    if rng.random() < JPEG_SHARE:
        page = replace(page, image=_compressed(page.image, rng))
    if rng.random() < INVERTED_SHARE:
        page = replace(page, image=page.image.point([255 - value for value in range(256)]))
    return page


def _turned(page: Page, rng: random.Random) -> Page:
    """The page rotated by quarter turns."""
    width, height = page.image.size
    turn, matrix = rng.choice(
        (
            (Image.Transpose.ROTATE_90, [[0, 1, 0], [-1, 0, width], [0, 0, 1]]),
            (Image.Transpose.ROTATE_180, [[-1, 0, width], [0, -1, height], [0, 0, 1]]),
            (Image.Transpose.ROTATE_270, [[0, -1, height], [1, 0, 0], [0, 0, 1]]),
        )
    )
    where = np.array(matrix, float)
    return _moved(
        page,
        page.image.transpose(turn),
        [scan.projected(room.outline, where) for room in page.rooms],
        [scan.projected(rectangle(*box), where) for box in page.bare],
    )


def _scanned(page: Page, rng: random.Random, wear: scan.Wear) -> Page:
    grey = rng.choice((255, 240, 40))
    outlines = [room.outline for room in page.rooms]
    bare = [rectangle(*box) for box in page.bare]
    image, moved = scan.scan(page.image.convert("RGB"), [*outlines, *bare], wear, rng, (grey, grey, grey))
    return _moved(page, image.convert("L"), moved[: len(outlines)], moved[len(outlines) :])


def _moved(page: Page, image: Image.Image, outlines: list[Points], bare: list[Points]) -> Page:
    """The page with another image, its outlines moved accordingly."""
    shown: Box = (0.0, 0.0, float(image.width), float(image.height))
    rooms = tuple(
        replace(room, outline=clockwise(part))
        for room, outline in zip(page.rooms, outlines, strict=True)
        for part in seen(outline, shown)
    )
    return replace(page, image=image, rooms=rooms, bare=tuple(extent(points) for points in bare))


def _compressed(image: Image.Image, rng: random.Random) -> Image.Image:
    encoded = io.BytesIO()
    image.save(encoded, "JPEG", quality=rng.randint(35, 85))
    return Image.open(encoded).convert("L")
