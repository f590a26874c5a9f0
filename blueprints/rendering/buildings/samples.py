"""Square training pictures, cut from a page the way detection does it: the whole page, and parts at finer scales."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from blueprints.rendering.buildings.page import render_page
from blueprints.rendering.buildings.page_rooms import Page, seen
from blueprints.rendering.polygons import Points, extent

SIDE_PX = 640
PADDING_GREY = 114
SHARES = (1.3, 2, 3, 4, 6)
"""A part shows about 1/n of the page's longer side."""
PARTS = (1, 3, 2, 3, 1)
LARGE_PX = 24.0
"""What a part shows of a room has a box if it has this width and height, or is a good share of the room.

A reading in overlapping parts drops the boxes that end at a part's inner side. It cannot know how much of a room lies
beyond, so a box must not depend on that.
"""
LEAST_PX = 4.0
LEAST_CUT_PX = 420.0
"""A part of fewer pixels would be more blurred than any that detection sees."""
BARE_SHARE = 0.5
"""Share of pages that give one part without rooms: title block, legend, notes, tables, other drawings."""

Sample = tuple[NDArray[np.uint8], NDArray[np.float32], list[NDArray[np.float32]]]
"""The grey picture (640, 640), the boxes (n, 4) as left, top, right, bottom in its pixels, the outlines (k, 2)."""


def samples(seed: int) -> list[Sample]:
    """About ten pictures of one page; each seed gives its own page."""
    page = render_page(seed, 0)
    return page_samples(page, random.Random(f"samples/{seed}"))


def page_samples(page: Page, rng: random.Random) -> list[Sample]:
    width, height = page.image.size
    longest = max(width, height)
    outlines = [room.outline for room in page.rooms]
    found = [cut(page.image, outlines, _whole(width, height, rng), rng)]
    for share, count in zip(SHARES, PARTS, strict=True):
        for _ in range(count):
            side = max(LEAST_CUT_PX, longest / share * rng.uniform(0.8, 1.25))
            found.append(cut(page.image, outlines, _part(page, side, rng), rng))
    if page.bare and rng.random() < BARE_SHARE:
        left, top, right, bottom = rng.choice(page.bare)
        side = longest / rng.uniform(1.5, 6)
        x, y = rng.uniform(left, max(left, right - side)), rng.uniform(top, max(top, bottom - side))
        found.append(cut(page.image, outlines, (x, y, x + side, y + side), rng))
    return found


def _whole(width: int, height: int, rng: random.Random) -> tuple[float, float, float, float]:
    """The page in the middle of a square, sometimes with a margin."""
    side = max(width, height) * rng.choice((1.0, 1.0, 1.0, rng.uniform(1.0, 1.15)))
    x, y = (width - side) / 2, (height - side) / 2
    return x, y, x + side, y + side


def _part(page: Page, side: float, rng: random.Random) -> tuple[float, float, float, float]:
    """A square around a point in or near a room, within the page if possible."""
    width, height = page.image.size
    if page.rooms and rng.random() < 0.93:
        left, top, right, bottom = rng.choice(page.rooms).box
        x, y = rng.uniform(left, right), rng.uniform(top, bottom)
        x, y = x + rng.uniform(-0.5, 0.5) * side, y + rng.uniform(-0.5, 0.5) * side
    else:
        x, y = rng.uniform(0, width), rng.uniform(0, height)
    x = min(max(x - side / 2, 0.0), max(0.0, width - side))
    y = min(max(y - side / 2, 0.0), max(0.0, height - side))
    return x, y, x + side, y + side


def cut(
    image: Image.Image, outlines: Sequence[Points], square: tuple[float, float, float, float], rng: random.Random
) -> Sample:
    """A square of the image at 640 px, with the visible parts of the rooms. The square may extend beyond the image."""
    left, top, right, bottom = square
    width, height = image.size
    scale = SIDE_PX / (right - left)
    within = max(0.0, left), max(0.0, top), min(float(width), right), min(float(height), bottom)
    picture = np.full((SIDE_PX, SIDE_PX), PADDING_GREY, np.uint8)
    x0, y0 = round((within[0] - left) * scale), round((within[1] - top) * scale)
    w = max(1, min(SIDE_PX - x0, round((within[2] - within[0]) * scale)))
    h = max(1, min(SIDE_PX - y0, round((within[3] - within[1]) * scale)))
    method = rng.choice(
        (Image.Resampling.BILINEAR, Image.Resampling.BILINEAR, Image.Resampling.BOX, Image.Resampling.BICUBIC)
    )
    part = image.resize((w, h), method, box=within)
    picture[y0 : y0 + h, x0 : x0 + w] = np.asarray(part)
    fx, fy = w / (within[2] - within[0]), h / (within[3] - within[1])
    boxes, shapes = [], []
    for outline in outlines:
        low, high = outline.min(axis=0), outline.max(axis=0)
        if low[0] >= within[2] or low[1] >= within[3] or high[0] <= within[0] or high[1] <= within[1]:
            continue
        for piece in seen(outline, within, LARGE_PX / scale):
            shown = (piece - (within[0], within[1])) * (fx, fy) + (x0, y0)
            box = extent(shown)
            if box[2] - box[0] < LEAST_PX or box[3] - box[1] < LEAST_PX:
                continue
            boxes.append(box)
            shapes.append(shown.astype(np.float32))
    return picture, np.array(boxes, np.float32).reshape(-1, 4), shapes
