"""Hatched floors, and what runs along the walls of corridors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from PIL import Image, ImageDraw

from blueprints.rendering.buildings.grey_sheet import DOUBLED, GreySheet, Hatch, hatch
from blueprints.rendering.buildings.look import Placing, Style
from blueprints.rendering.buildings.storey import Storey
from blueprints.rendering.polygons import Points, grown

BORDER_M = 0.3
"""Distance of a border from the wall."""
SCALLOP_M = 0.5
"""Width of a scallop."""


def fill_hatched(sheet: GreySheet, outline: Points, form: Hatch, pitch: int, grey: int) -> None:
    """Fill a polygon with a pattern; `pitch` is in doubled pixels."""
    left, top = np.floor(outline.min(axis=0) * DOUBLED).astype(int)
    right, bottom = np.ceil(outline.max(axis=0) * DOUBLED).astype(int)
    left, top = max(0, left), max(0, top)
    right, bottom = min(sheet.image.width, right), min(sheet.image.height, bottom)
    if right - left < 2 or bottom - top < 2:
        return
    mask = Image.new("1", (right - left, bottom - top))
    ImageDraw.Draw(mask).polygon(((outline * DOUBLED) - (left, top)).ravel().tolist(), fill=1)
    sheet.through(mask, (left, top), hatch(form, mask.size, pitch, grey, 1 if pitch < 10 else 2, (left, top)))


def draw_borders(sheet: GreySheet, s: Storey, outlines: Sequence[Points], at: Placing, style_: Style) -> None:
    """A line, dashes or scallops along the walls of each corridor: skirtings, handrails, another floor."""
    for room, outline in zip(s.rooms, outlines, strict=True):
        if room.floor != "corridor" or len(np.unique(outline.round(3), axis=0)) < len(outline):
            # A corridor with a hole has a slit, which is no wall.
            continue
        ring = grown(outline, -BORDER_M * at.scale)
        closed = np.concatenate((ring, ring[:1]))
        if style_.border == "scallops":
            closed = _scalloped(closed, SCALLOP_M * at.scale)
        sheet.line(closed, 0.5, style_.ink, (6, 4) if style_.border == "dashed" else None)


def _scalloped(path: Points, width: float) -> Points:
    """Half circles along a path, bulging to the right of it (into a clockwise room)."""
    bows = []
    for start, end in pairwise(path):
        length = math.dist(start, end)
        count = max(1, round(length / width))
        along = (end - start) / max(length, 1e-6)
        across = np.array((-along[1], along[0]))
        turns = np.tile(np.linspace(0, math.pi, 7), count)
        x = (np.repeat(np.arange(count), 7) + (1 - np.cos(turns)) / 2) * length / count
        bows.append(start + x[:, None] * along + (np.sin(turns) * width / 2)[:, None] * across)
    return np.concatenate(bows)
