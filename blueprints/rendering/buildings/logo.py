"""Logos, seals and coats of arms in a title block: closed lines that are no rooms."""

from __future__ import annotations

import math
import random

import numpy as np

from blueprints.geometry import Box
from blueprints.rendering.buildings.grey_sheet import PAPER, GreySheet
from blueprints.rendering.buildings.look import Style
from blueprints.rendering.polygons import Points, rectangle


def draw_logo(sheet: GreySheet, rng: random.Random, box: Box, look: Style) -> None:
    """A logo in the middle of the box, as large as it allows or smaller."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    r = min(box[2] - box[0], box[3] - box[1], look.capital * rng.uniform(8, 40)) / 2.2
    if r < 6:
        return
    rng.choice((_seal, _badge, _bar, _shield, _shield, _blocks))(sheet, rng, (x, y), r)
    if rng.random() < 0.6:
        text = rng.choice(("HOSPITAL", "STUDIO", "U", "MX", "ARCH"))
        sheet.text(x, y, text, min(r * 0.4, look.capital * 3), grey=rng.choice((0, 0, 255)))


def _seal(sheet: GreySheet, rng: random.Random, at: tuple[float, float], r: float) -> None:
    """Rings, often with a wreath of dots between them."""
    x, y = at
    sheet.circle(x, y, r, 2, 0, rng.choice((None, None, 120, 30)))
    sheet.circle(x, y, r * 0.7, 1)
    if rng.random() < 0.6:
        for turn in np.linspace(0, math.tau, rng.randint(12, 40))[:-1]:
            sheet.circle(x + r * 0.85 * math.cos(turn), y + r * 0.85 * math.sin(turn), r * 0.05, 1, 0, 0)


def _badge(sheet: GreySheet, rng: random.Random, at: tuple[float, float], r: float) -> None:
    outline = np.array(((-1, -1), (1, -1), (1, 0), (0, 1), (-1, 0))) * r + at
    sheet.polygon(outline, rng.choice((None, 60)), 2)


def _bar(sheet: GreySheet, rng: random.Random, at: tuple[float, float], r: float) -> None:
    x, y = at
    sheet.box(x - r, y - r * 0.6, x + r, y + r * 0.6, 0, fill=rng.choice((40, 130)))


def _blocks(sheet: GreySheet, rng: random.Random, at: tuple[float, float], r: float) -> None:
    """Some of the squares of a grid, filled or as outlines."""
    side = r * 2 / 3
    for i in range(3):
        for j in range(3):
            if rng.random() < 0.6:
                x, y = at[0] - r + i * side, at[1] - r + j * side
                sheet.box(x, y, x + side * 0.85, y + side * 0.85, 1.5, fill=rng.choice((None, None, 0, 140)))


def _shield(sheet: GreySheet, rng: random.Random, at: tuple[float, float], r: float) -> None:
    """A coat of arms: two outlines, within them large letters drawn as outlines, or quarters."""
    pen = rng.choice((1.0, 1.5, 2.5))
    for size in (1.0, 0.88):
        sheet.polygon(_shield_outline(r * size) + at, PAPER if size == 1.0 else None, pen)
    if rng.random() < 0.4:
        sheet.segment(at[0], at[1] - r * 0.8, at[0], at[1] + r, pen)
        sheet.segment(at[0] - r * 0.75, at[1], at[0] + r * 0.75, at[1], pen)
        return
    for _ in range(rng.randint(1, 2)):
        # A serif letter like T or I, upright or turned over.
        stem, high = rng.uniform(0.08, 0.16) * r, rng.uniform(0.35, 0.6) * r
        dy = rng.uniform(-0.2, 0.2) * r
        for part in (
            rectangle(-stem, -high, stem, high),
            rectangle(-high, -high - stem, high, -high + stem),
            rectangle(-stem * 2.2, high - stem, stem * 2.2, high + stem),
        ):
            sheet.polygon(part + at + (0.0, dy), PAPER, pen)


def _shield_outline(r: float) -> Points:
    turns = np.linspace(0, 1, 9)
    right = np.stack((0.8 * np.cos(turns * math.pi / 2) ** 0.7, 0.3 + 0.8 * turns), axis=1)
    top = np.array(((-0.8, -0.9), (-0.4, -1.0), (0.0, -0.9), (0.4, -1.0), (0.8, -0.9)))
    return np.concatenate((top, right, right[::-1] * (-1, 1))) * r
