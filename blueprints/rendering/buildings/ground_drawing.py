"""What lies beside a building: hatched ground, neighbouring roofs with skylights, terraces, steps, plants."""

from __future__ import annotations

import random

import numpy as np

from blueprints.rendering.buildings.floor_drawing import fill_hatched
from blueprints.rendering.buildings.grey_sheet import PAPER, GreySheet, Hatch
from blueprints.rendering.buildings.look import Placing, Style
from blueprints.rendering.buildings.storey import Facade, Storey
from blueprints.rendering.polygons import Points, rectangle


def draw_grounds(sheet: GreySheet, s: Storey, at: Placing, style_: Style, rng: random.Random) -> None:
    """Draw what lies around the storey; what falls on the building itself is painted over."""
    every = np.concatenate([at(outer) for outer, _ in s.walls])
    low, high = every.min(axis=0), every.max(axis=0)
    for _ in range(rng.randint(1, 3)):
        _hatched_side(sheet, low, high, rng)
    for _ in range(rng.randint(0, 5)):
        _at_facade(sheet, rng.choice(s.facades), at, style_, rng)
    for outer, _ in s.walls:
        sheet.polygon(at(outer), PAPER)


def _hatched_side(sheet: GreySheet, low: Points, high: Points, rng: random.Random) -> None:
    """Hatched ground along one side of the building, or a roof with skylights."""
    form: Hatch = rng.choice(("diagonal", "diagonal", "sparse", "dots", "bricks", "tiles"))
    pitch, grey = rng.choice((8, 12, 20)), rng.choice((0, 0, 90, 160))
    (left, top), (right, bottom) = low.tolist(), high.tolist()
    w, h = right - left, bottom - top
    far, a, b = rng.uniform(0.05, 0.25), *sorted((rng.uniform(-0.1, 1.1), rng.uniform(-0.1, 1.1)))
    along_x, along_y = (left + a * w, left + b * w), (top + a * h, top + b * h)
    (x0, x1), (y0, y1) = rng.choice(
        (
            ((left - far * w, left), along_y),
            ((right, right + far * w), along_y),
            (along_x, (top - far * h, top)),
            (along_x, (bottom, bottom + far * h)),
        )
    )
    fill_hatched(sheet, rectangle(x0, y0, x1, y1), form, pitch, grey)
    sheet.box(x0, y0, x1, y1, 1.0)
    side = min(x1 - x0, y1 - y0) * rng.uniform(0.4, 0.8)
    if side < 12 or rng.random() < 0.5:
        return
    for _ in range(rng.randint(1, 4)):
        x, y = rng.uniform(x0, max(x0, x1 - side)), rng.uniform(y0, max(y0, y1 - side))
        sheet.box(x, y, x + side, y + side, 1.0, fill=rng.choice((None, None, PAPER)))
        sheet.box(x + 3, y + 3, x + side - 3, y + side - 3, 0.5)


def _at_facade(sheet: GreySheet, facade: Facade, at: Placing, style_: Style, rng: random.Random) -> None:
    """Steps, a terrace, a canopy or a bed of plants at a face of the building."""
    start, end = min(facade.stops), max(facade.stops)
    if end - start < 3 or facade.frame.radius is not None:
        return
    width, deep = min(end - start, rng.uniform(1.5, 9.0)), rng.uniform(1.2, 4.5)
    x = rng.uniform(start, end - width)
    pen, ink = style_.pens[1], style_.ink

    def path(*pairs: tuple[float, float]) -> Points:
        return at(facade.frame(np.array(pairs)))

    outline = path((x, 0.0), (x + width, 0.0), (x + width, deep), (x, deep))
    form = rng.choice(("steps", "terrace", "canopy", "plants"))
    if form == "terrace":
        fill_hatched(sheet, outline, rng.choice(("tiles", "tiles", "bricks", "dots")), rng.choice((10, 16, 24)), 120)
    elif form == "steps":
        for y in np.arange(0.6, deep, 0.3):
            sheet.line(path((x, float(y)), (x + width, float(y))), pen, ink)
    elif form == "plants":
        for step in np.arange(x + 0.5, x + width, 1.1):
            cx, cy = path((float(step), deep / 2))[0].tolist()
            radius = 0.4 * at.scale
            sheet.circle(cx, cy, radius, 0.5, ink)
            sheet.circle(cx, cy, radius * 0.4, 0.5, ink, 120)
    dash = (8.0, 5.0) if form == "canopy" else None
    sheet.line(np.concatenate((outline, outline[:1])), pen, ink, dash)
