"""Tags of doors, walls and finishes, keynotes, section and elevation marks, clouds, paths."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

import numpy as np

from blueprints.rendering.buildings.grey_sheet import PAPER, GreySheet
from blueprints.rendering.buildings.look import Placing, Style
from blueprints.rendering.buildings.storey import Storey
from blueprints.rendering.buildings.tag_drawing import point_within
from blueprints.rendering.polygons import Points

FINISHES = (
    "CPT-1",
    "CPT-2",
    "VCT-1",
    "P-1",
    "P-2",
    "P-3",
    "PT-1/PT-2",
    "CG",
    "RB-1",
    "LVT-3",
    "F-CP",
    "W1",
    "DA",
    "DEA",
    "XTNA",
    "7.1B",
    "2.1A",
    "EQ",
    "TYP.",
)


def draw_marks(
    sheet: GreySheet, s: Storey, outlines: Sequence[Points], at: Placing, style_: Style, rng: random.Random
) -> None:
    """Tags of doors, windows, walls and finishes, keynotes, section and elevation marks, revision clouds."""
    capital, ink = style_.capital * 0.8, style_.ink
    door_form = rng.choice(("none", "circle", "hexagon", "oval"))
    forms = rng.sample(("finish", "hexagon", "wall", "arrows", "elevation", "paint"), rng.randint(1, 4))
    for number, cut in enumerate(s.cuts):
        if rng.random() < style_.marks and door_form != "none":
            x, y = at(cut).mean(axis=0).tolist()
            x, y = x + rng.uniform(-2.5, 2.5) * capital, y + rng.uniform(-2.5, 2.5) * capital
            _bubble(sheet, x, y, door_form, str(100 + number), capital * 0.8, style_)
    for room, outline in zip(s.rooms, outlines, strict=True):
        form = rng.choice(forms)
        if rng.random() > style_.marks:
            continue
        x, y = _along(outline, rng) if len(outline) == 4 else point_within(outline, rng)
        if form == "finish":
            text = rng.choice(FINISHES)
            x2 = x + rng.choice((-1, 1)) * capital * rng.uniform(5, 9)
            sheet.segment(x, y, x2, y, 0.5, ink)
            sheet.text(x2, y, text, capital, grey=ink, halo=PAPER)
            sheet.text(x, y, text, capital, grey=ink, halo=PAPER)
        elif form == "hexagon":
            _bubble(sheet, x, y, "hexagon", rng.choice("123456789"), capital * 1.2, style_)
        elif form == "wall":
            corner = outline[rng.randrange(len(outline))]
            x2, y2 = corner.tolist()
            sheet.segment(x2, y2, x, y, style_.pens[1], ink)
            text = rng.choice(FINISHES)
            half = sheet.width_of(text, capital) / 2 + 3
            sheet.box(x - half, y - capital, x + half, y + capital, 0.5, ink, PAPER)
            sheet.text(x, y, text, capital, grey=ink)
        elif form == "arrows":
            side = capital * 2.2
            sheet.segment(x - side, y, x + side, y, style_.pens[1], ink)
            for sign in (-1, 1):
                sheet.polygon(
                    np.array(
                        ((x + sign * side, y), (x + sign * side * 0.5, y - 2.5), (x + sign * side * 0.5, y + 2.5))
                    ),
                    ink,
                )
        elif form == "elevation":
            _view_mark(sheet, x, y, capital, style_, rng)
        elif form == "paint" and len(outline) == 4:
            centre = outline.mean(axis=0)
            ring = centre + (outline - centre) * 0.9
            sheet.polygon(ring, None, 0.5, ink)
            for corner, inner in zip(outline, ring, strict=True):
                sheet.segment(*corner.tolist(), *inner.tolist(), 0.5, ink)
            middle = (ring[0] + ring[1]) / 2
            sheet.text(
                float(middle[0]), float(middle[1]), rng.choice(("P-1", "P-2", "P-3")), capital, grey=ink, halo=PAPER
            )
    every = np.concatenate(outlines)
    low, high = every.min(axis=0), every.max(axis=0)
    for _ in range(rng.randint(0, 5)):
        x = rng.uniform(low[0], high[0])
        y = rng.choice((low[1] - capital * 4, high[1] + capital * 4, rng.uniform(low[1], high[1])))
        _view_mark(sheet, float(x), float(y), capital * 1.4, style_, rng)
    for _ in range(rng.choice((0, 0, 1, 2))):
        across = rng.random() < 0.5
        at_ = rng.uniform(0.1, 0.9)
        if across:
            y = low[1] + (high[1] - low[1]) * at_
            sheet.segment(low[0] - 20, y, high[0] + 20, y, style_.pens[2], ink, (18, 4))
        else:
            x = low[0] + (high[0] - low[0]) * at_
            sheet.segment(x, low[1] - 20, x, high[1] + 20, style_.pens[2], ink, (18, 4))
    if rng.random() < 0.15:
        for _ in range(rng.randint(1, 4)):
            stops = [np.array(point_within(rng.choice(outlines), rng)) for _ in range(rng.randint(2, 4))]
            path = [stops[0]]
            for stop in stops[1:]:
                path += [np.array((stop[0], path[-1][1])), stop]
            sheet.line(np.array(path), style_.pens[2], ink, (8, 4))
            sheet.circle(*path[0].tolist(), capital * 0.6, style_.pens[2], ink, PAPER)
    if rng.random() < 0.3:
        for _ in range(rng.randint(1, 3)):
            cx, cy = rng.uniform(low[0], high[0]), rng.uniform(low[1], high[1])
            cloud(sheet, cx, cy, cx + rng.uniform(60, 400), cy + rng.uniform(30, 250), rng.uniform(8, 16), style_)
    for _ in range(rng.choice((0, 0, 1, 2))):
        cx, cy = rng.uniform(low[0], high[0]), rng.uniform(low[1], high[1])
        w, h = rng.uniform(60, 260), rng.uniform(50, 200)
        for a, b in (
            ((cx, cy), (cx + w, cy)),
            ((cx + w, cy), (cx + w, cy + h)),
            ((cx + w, cy + h), (cx, cy + h)),
            ((cx, cy + h), (cx, cy)),
        ):
            sheet.segment(*a, *b, style_.pens[2], ink, (10, 4))
        sheet.circle(cx + w + 20, cy - 10, capital * 2.2, style_.pens[1], ink, PAPER)
        sheet.text(cx + w + 20, cy - 10, f"A{rng.randint(1, 9)}", capital, grey=ink)
        sheet.segment(cx + w, cy, cx + w + 20 - capital * 2.2, cy - 8, style_.pens[1], ink)


def _along(outline: Points, rng: random.Random) -> tuple[float, float]:
    a, b = rng.uniform(0.2, 0.8), rng.uniform(0.2, 0.8)
    point = outline[0] + (outline[1] - outline[0]) * a + (outline[3] - outline[0]) * b
    return float(point[0]), float(point[1])


def _bubble(sheet: GreySheet, x: float, y: float, form: str, text: str, capital: float, style_: Style) -> None:
    radius = max(capital * 1.4, capital * 0.45 * len(text) + 2)
    if form == "circle":
        sheet.circle(x, y, radius, 0.5, style_.ink, PAPER)
    elif form == "hexagon":
        turns = np.arange(6) * math.pi / 3
        sheet.polygon(
            np.stack((x + radius * np.cos(turns), y + radius * np.sin(turns)), axis=1), PAPER, 0.5, style_.ink
        )
    else:
        sheet.box(x - radius, y - capital, x + radius, y + capital, 0.5, style_.ink, PAPER)
    sheet.text(x, y, text, capital, grey=style_.ink)


def _view_mark(sheet: GreySheet, x: float, y: float, capital: float, style_: Style, rng: random.Random) -> None:
    r = capital * 2
    turn = rng.choice((0, 1, 2, 3)) * math.pi / 2
    tip = np.array([(math.cos(turn + a), math.sin(turn + a)) for a in (0, 0.9, -0.9)])
    sheet.polygon(np.array((x, y)) + tip * np.array(((1.5,), (1.0,), (1.0,))) * r, style_.ink)
    sheet.circle(x, y, r, style_.pens[1], style_.ink, PAPER)
    sheet.segment(x - r, y, x + r, y, 0.5, style_.ink)
    sheet.text(x, y - r * 0.45, str(rng.randint(1, 12)), capital * 0.7, grey=style_.ink)
    sheet.text(x, y + r * 0.45, f"A{rng.randint(1, 9)}.0{rng.randint(1, 9)}", capital * 0.55, grey=style_.ink)


def cloud(sheet: GreySheet, x0: float, y0: float, x1: float, y1: float, radius: float, style_: Style) -> None:
    x = x0
    while x < x1:
        sheet.arc(x + radius, y0, radius, 180, 360, style_.pens[2], style_.ink)
        sheet.arc(x + radius, y1, radius, 0, 180, style_.pens[2], style_.ink)
        x += 2 * radius
    y = y0
    while y < y1:
        sheet.arc(x0, y + radius, radius, 90, 270, style_.pens[2], style_.ink)
        sheet.arc(x, y + radius, radius, 270, 90, style_.pens[2], style_.ink)
        y += 2 * radius
