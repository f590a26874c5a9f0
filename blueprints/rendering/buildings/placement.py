"""Where the drawings of a page are placed, and at which scale a storey is drawn."""

from __future__ import annotations

import math
import random

import numpy as np

from blueprints.geometry import Box
from blueprints.rendering.buildings.look import Placing, Style, reach_px
from blueprints.rendering.buildings.storey import Storey
from blueprints.rendering.polygons import Points, extent

LARGEST_SCALE = 75.0
"""Pixels per metre."""
CUT_SHARE = 0.14
"""Share of pages that show a part of one storey, larger than the page."""


def cells(rng: random.Random, content: Box) -> tuple[list[Box], bool]:
    """The boxes of the page's drawings, and whether the one drawing is larger than its box."""
    left, top, right, bottom = content
    lot = rng.random()
    if lot < CUT_SHARE:
        return [content], True
    if lot < 0.7:
        return [content], False
    share = rng.uniform(0.4, 0.6)
    wide = right - left > (bottom - top) * 1.1
    if lot < 0.9:
        if wide and rng.random() < 0.5:
            x = left + (right - left) * share
            return [(left, top, x, bottom), (x, top, right, bottom)], False
        y = top + (bottom - top) * share
        return [(left, top, right, y), (left, y, right, bottom)], False
    x, y = left + (right - left) * share, top + (bottom - top) * rng.uniform(0.4, 0.6)
    return [(left, top, x, y), (x, top, right, y), (left, y, x, bottom), (x, y, right, bottom)], False


def placed(rng: random.Random, s: Storey, cell: Box, look: Style, *, cut: bool) -> tuple[Placing, Box]:
    """The storey in its cell, and its box there: as large as the cell allows, smaller, or (if cut) larger.

    It is rotated by a quarter turn if that fits better, or by any angle.
    """
    every = np.concatenate([outer for outer, _ in s.walls])
    angles = [0.0, math.pi / 2]
    if rng.random() < 0.05:
        angles = [rng.uniform(-0.8, 0.8)]
    elif rng.random() < 0.5:
        angles = [math.pi, 1.5 * math.pi]
    margin, title = reach_px(look), look.capital * 5
    left, top, right, bottom = cell
    clear = right - left - 2 * margin, bottom - top - 2 * margin - title
    fits = [_fit(every, angle, clear) for angle in angles]
    scale, angle = max(fits, key=lambda fit: fit[0])
    scale *= rng.uniform(1.25, 2.2) if cut else rng.choice((1.0, 1.0, rng.uniform(0.6, 1.0)))
    scale = min(scale, LARGEST_SCALE)
    box = extent(Placing(scale=scale, angle=angle, origin=(0.0, 0.0))(every))
    w, h = box[2] - box[0], box[3] - box[1]
    x = left + margin + (clear[0] - w) * rng.uniform(0.2, 0.8)
    y = top + margin + (clear[1] - h) * rng.uniform(0.2, 0.8)
    return Placing(scale=scale, angle=angle, origin=(x - box[0], y - box[1])), (x, y, x + w, y + h)


def _fit(every: Points, angle: float, clear: tuple[float, float]) -> tuple[float, float]:
    """The scale at which points, rotated by the angle, fill the given pixels; and the angle."""
    left, top, right, bottom = extent(Placing(scale=1.0, angle=angle, origin=(0.0, 0.0))(every))
    return min(clear[0] / (right - left), clear[1] / (bottom - top)), angle
