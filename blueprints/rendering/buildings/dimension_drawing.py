"""Dimension strings and axes with their bubbles."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from blueprints.rendering.buildings.grey_sheet import PAPER, GreySheet
from blueprints.rendering.buildings.look import Placing, Style
from blueprints.rendering.buildings.storey import Facade, Storey
from blueprints.rendering.polygons import Points


def length_text(metres: float, *, metric: bool) -> str:
    if metric:
        return f"{metres * 1000:.0f}"
    inches = round(metres / 0.0254)
    return f"{inches // 12}'-{inches % 12}\""


def _tick(sheet: GreySheet, x: float, y: float, along: Points, style_: Style) -> None:
    u = along * style_.capital * 0.4
    n = np.array((-u[1], u[0]))
    sheet.segment(x - n[0] * 1.6, y - n[1] * 1.6, x + n[0] * 1.6, y + n[1] * 1.6, 0.5, style_.ink)
    if style_.slash_ticks:
        d = u + n
        sheet.segment(x - d[0], y - d[1], x + d[0], y + d[1], style_.pens[3], style_.ink)
    else:
        sheet.circle(x, y, style_.capital * 0.25, 0.5, style_.ink, style_.ink)


def _string(sheet: GreySheet, path: Points, style_: Style, metres: Sequence[float]) -> None:
    """A dimension string through points on a line, labelled with the lengths between them."""
    along = path[-1] - path[0]
    length = math.hypot(*along)
    if length < 4:
        return
    along = along / length
    sheet.line(np.array((path[0] - along * 4, path[-1] + along * 4)), 0.5, style_.ink)
    for point in path:
        _tick(sheet, float(point[0]), float(point[1]), along, style_)
    angle = _upright(-math.degrees(math.atan2(along[1], along[0])))
    up = np.array((along[1], -along[0]))
    if up[1] > 0.01 or (abs(up[1]) <= 0.01 and up[0] > 0):
        up = -up
    for a, b, metre in zip(path[:-1], path[1:], metres, strict=True):
        gap = math.hypot(*(b - a))
        text = length_text(metre, metric=style_.metric)
        capital = min(style_.capital * 0.85, gap * 1.25 / len(text))
        if capital > style_.capital * 0.4:
            middle = (a + b) / 2 + up * style_.capital * 0.95
            sheet.text(float(middle[0]), float(middle[1]), text, capital, grey=style_.ink, angle=angle)


def _upright(degrees: float) -> float:
    """The angle at which text along a line is readable; angles near 0 and 90 become exactly 0 and 90."""
    degrees = (degrees + 90) % 180 - 90
    if abs(abs(degrees) - 90) < 1:
        return 90
    return 0 if abs(degrees) < 1 else degrees


def draw_dimensions(sheet: GreySheet, facade: Facade, at: Placing, style_: Style, rng: random.Random) -> None:
    stops = sorted({round(x, 3) for x in facade.stops})
    if not style_.dimensions or len(stops) < 2 or facade.frame.radius is not None:
        return
    pitch = style_.capital * 3.4 / at.scale
    start = max(0.6, style_.dimension_gap / at.scale)
    for number in range(style_.dimensions):
        outermost = number == style_.dimensions - 1
        if outermost and style_.dimensions > 1:
            chosen = [stops[0], stops[-1]]
        elif number == 1:
            chosen = [stops[0], *(x for x in stops[1:-1] if rng.random() < 0.4), stops[-1]]
        else:
            chosen = stops
        y = start + number * pitch
        path = at(facade.frame(np.array([(x, y) for x in chosen])))
        _string(sheet, path, style_, [b - a for a, b in pairwise(chosen)])
    end = start + (style_.dimensions - 1) * pitch + pitch * 0.3
    low = rng.choice((0.02, 0.25))
    for x in stops:
        if rng.random() < 0.9:
            line = at(facade.frame(np.array(((x, low), (x, end)))))
            sheet.line(line, 0.5, style_.ink)


def draw_inside_dimensions(
    sheet: GreySheet, outlines: Sequence[Points], at: Placing, style_: Style, rng: random.Random
) -> None:
    """Dimension strings across some of the rectangular rooms."""
    for outline in outlines:
        if rng.random() > 0.3 or len(outline) != 4:
            continue
        a, b, c, _ = np.roll(outline, -rng.randrange(4), axis=0)
        share = rng.uniform(0.15, 0.85)
        shift = (c - b) * share
        path = np.array((a + shift, b + shift))
        if math.hypot(*(b - a)) > style_.capital * 6:
            _string(sheet, path, style_, [math.hypot(*(b - a)) / at.scale])


def draw_axes(sheet: GreySheet, s: Storey, at: Placing, style_: Style, rng: random.Random) -> None:
    """Grid axes: dash-dot lines with bubbles."""
    beyond = (style_.dimension_gap + style_.dimensions * style_.capital * 3.4 + style_.capital * 2.5) / at.scale
    radius = style_.capital * rng.uniform(1.6, 2.4)
    number, letter = rng.randint(1, 4), 0
    prefix = rng.choice(("", "", "", "M-", "E."))
    solid = rng.random() < 0.25
    for frame, xs, y0, y1 in s.axes:
        if frame.radius is not None:
            continue
        numbered = abs(frame.matrix[0]) > 0.5 or rng.random() < 0.2
        for x in xs:
            low, high = y0 - beyond, y1 + (beyond if style_.axes == "both ends" else 0.8)
            path = at(frame(np.array(((x, low), (x, high)))))
            sheet.line(path, 0.5, rng.choice((style_.ink, 120)), None if solid else (14, 4))
            if numbered:
                text = f"{prefix}{number}"
                number += 1
            else:
                text = f"{prefix}{chr(ord('A') + letter % 26)}"
                letter += 1
            _bubble(sheet, path[0], path[1], radius, text, style_)
            if style_.axes == "both ends":
                _bubble(sheet, path[1], path[0], radius, text, style_)


def _bubble(sheet: GreySheet, end: Points, other: Points, radius: float, text: str, style_: Style) -> None:
    """The bubble at one end of an axis."""
    along = end - other
    x, y = (end + along / max(1e-6, math.hypot(*along)) * radius).tolist()
    sheet.circle(x, y, radius, style_.pens[1], style_.ink, PAPER)
    sheet.text(x, y, text, min(style_.capital * 1.2, radius * 1.4 / len(text)), grey=style_.ink)
