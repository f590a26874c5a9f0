"""Room tags: names, numbers and areas, in the room or beside it with a leader line."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

import numpy as np

from blueprints.rendering.buildings.grey_sheet import PAPER, GreySheet
from blueprints.rendering.buildings.look import Placing, Style
from blueprints.rendering.buildings.room_tags import area_text
from blueprints.rendering.buildings.storey import Room
from blueprints.rendering.polygons import Points, inside, signed_area


def _lines(room: Room, outline: Points, at: Placing, style_: Style, rng: random.Random) -> list[tuple[str, bool]]:
    """The lines of the tag, each with whether it is the boxed number."""
    name, number = room.name, room.number
    words = name.split(" ")
    lines: list[str] = []
    limit = max(8, len(max(words, key=len)))
    for word in words:
        if lines and len(lines[-1]) + 1 + len(word) <= limit:
            lines[-1] += " " + word
        else:
            lines.append(word)
    named = [(line, False) for line in lines if line]
    numbered = [(number, style_.tag in ("boxed", "oval"))] if number else []
    if style_.tag == "number first":
        out = numbered + named
    elif style_.tag == "number only":
        out = numbered or named
    elif style_.tag == "name only":
        out = named or numbered
    else:
        out = named + numbered
    if style_.areas and room.kind not in ("shaft", "lift", "closet"):
        out = [*out, (area_text(abs(signed_area(outline)) / at.scale**2, rng, metric=style_.metric), False)]
    return out


def draw_tag(sheet: GreySheet, room: Room, outline: Points, at: Placing, style_: Style, rng: random.Random) -> None:
    """Draw the room's tag: in it, smaller or upright if it is narrow; else beside it, over its walls, or not at all."""
    lines = _lines(room, outline, at, style_, rng)
    if not lines:
        return
    x, y = at(np.array([room.middle]))[0].tolist()
    if not inside(outline, x, y):
        x, y = point_within(outline, rng)
    width, height = _clear(room, at)
    capital = style_.capital
    widest = max(sheet.width_of(line, capital) for line, _ in lines)
    tall = len(lines) * capital * 1.7
    upright = False
    if widest > width * 0.96 or tall > height:
        if widest <= height * 0.96 and tall <= width and rng.random() < 0.6:
            upright = True
        elif widest * 0.75 <= width and tall * 0.75 <= height:
            capital *= 0.75
        else:
            lot = rng.random()
            if lot < 0.35:
                return
            if lot < 0.6 and room.number:
                x, y = _leader(sheet, x, y, style_, rng)
                lines = lines[-1:] if rng.random() < 0.5 else lines
            elif lot < 0.8:
                capital *= 0.75
                lines = lines[-1:]
    x += rng.uniform(-0.12, 0.12) * max(0.0, width - widest)
    y += rng.uniform(-0.2, 0.2) * max(0.0, height - tall)
    _stack(sheet, x, y, lines, capital, style_, upright=upright)


def _clear(room: Room, at: Placing) -> tuple[float, float]:
    """Width and height on the sheet that are free for a tag in the room."""
    width, height = room.size[0] * at.scale, room.size[1] * at.scale
    turn = abs(math.sin(room.angle + at.angle))
    if turn > 0.8:
        return height, width
    if turn > 0.2:
        width = height = min(width, height)
    return width, height


def _leader(sheet: GreySheet, x: float, y: float, style_: Style, rng: random.Random) -> tuple[float, float]:
    """A leader line from a point in a room. Returns the place of the tag."""
    turn = rng.uniform(0, math.tau)
    away = style_.capital * rng.uniform(5, 11)
    tx, ty = x + away * math.cos(turn), y + away * math.sin(turn)
    sheet.segment(x, y, tx, ty, style_.pens[1], style_.ink)
    sheet.circle(x, y, 1.2, 1, style_.ink, style_.ink)
    return tx + (style_.capital * 2 if tx > x else -style_.capital * 2), ty


def _stack(
    sheet: GreySheet,
    x: float,
    y: float,
    lines: Sequence[tuple[str, bool]],
    capital: float,
    style_: Style,
    *,
    upright: bool,
) -> None:
    pitch = capital * 1.75
    start = -(len(lines) - 1) / 2 * pitch
    for i, (line, boxed) in enumerate(lines):
        away = start + i * pitch
        lx, ly = (x + away, y) if upright else (x, y + away)
        sheet.text(
            lx,
            ly,
            line,
            capital,
            grey=style_.ink,
            angle=90 if upright else 0,
            halo=PAPER if style_.halo else None,
            weight=0 if boxed else style_.tag_weight,
        )
        if boxed:
            half, across = sheet.width_of(line, capital) / 2 + capital * 0.6, capital * 0.85
            _frame(sheet, lx, ly, (across, half) if upright else (half, across), style_)


def _frame(sheet: GreySheet, x: float, y: float, half: tuple[float, float], style_: Style) -> None:
    """A box around a number, or a box with round ends."""
    a, b = half
    if style_.tag != "oval":
        sheet.box(x - a, y - b, x + a, y + b, 0.5, style_.ink)
    elif a >= b:
        for side in (y - b, y + b):
            sheet.segment(x - a + b, side, x + a - b, side, 0.5)
        sheet.arc(x - a + b, y, b, 90, 270, 0.5)
        sheet.arc(x + a - b, y, b, 270, 90, 0.5)


def point_within(outline: Points, rng: random.Random, *, tries: int = 40) -> tuple[float, float]:
    """A point in the polygon, as far from its corners as any that was tried."""
    low, high = outline.min(axis=0), outline.max(axis=0)
    best, point = -1.0, outline.mean(axis=0)
    for _ in range(tries):
        x, y = rng.uniform(low[0], high[0]), rng.uniform(low[1], high[1])
        if inside(outline, x, y):
            away = float(np.hypot(*(outline - (x, y)).T).min())
            if away > best:
                best, point = away, np.array((x, y))
    return float(point[0]), float(point[1])
