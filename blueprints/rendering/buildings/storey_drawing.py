"""Draws a storey on a sheet: ground, floors, fixtures, walls, openings, and the lettering over them."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from blueprints.rendering.buildings.dimension_drawing import draw_axes, draw_dimensions, draw_inside_dimensions
from blueprints.rendering.buildings.grey_sheet import DOUBLED, PAPER, GreySheet, Hatch, hatch
from blueprints.rendering.buildings.look import Floor, Placing, Style
from blueprints.rendering.buildings.marks import draw_marks
from blueprints.rendering.buildings.storey import Storey
from blueprints.rendering.buildings.tag_drawing import draw_tag
from blueprints.rendering.buildings.wall_drawing import draw_walls
from blueprints.rendering.polygons import Points


def draw_storey(sheet: GreySheet, s: Storey, at: Placing, style_: Style, rng: random.Random) -> list[Points]:
    """Draw the storey. Returns the outlines of its rooms on the sheet, in order."""
    outlines = [at(room.outline) for room in s.rooms]
    if rng.random() < GROUNDS_SHARE:
        _grounds(sheet, s, at, rng)
    with_axes = style_.axes != "none"
    axes_first = with_axes and rng.random() < 0.5
    if axes_first:
        draw_axes(sheet, s, at, style_, rng)
    _floors(sheet, s, outlines, style_, rng)
    for outline, grey in s.shades:
        sheet.polygon(at(outline), grey)
    for path, pen, dash in s.under:
        scaled = (dash[0] * at.scale, dash[1] * at.scale) if dash else None
        sheet.line(at(path), style_.pens[pen], style_.fixture_ink, scaled)
    if style_.ceiling:
        _ceilings(sheet, s, outlines, at, rng)
    draw_walls(sheet, s, outlines, at, style_)
    for path, pen in s.over:
        sheet.line(at(path), style_.pens[pen], style_.door_ink)
    if with_axes and not axes_first:
        draw_axes(sheet, s, at, style_, rng)
    _written(sheet, s, outlines, at, style_, rng)
    return outlines


def _written(
    sheet: GreySheet, s: Storey, outlines: Sequence[Points], at: Placing, style_: Style, rng: random.Random
) -> None:
    """Dimensions, marks and tags."""
    for facade in s.facades:
        draw_dimensions(sheet, facade, at, style_, rng)
    if style_.inside_dimensions:
        draw_inside_dimensions(sheet, outlines, at, style_, rng)
    if style_.marks:
        draw_marks(sheet, s, outlines, at, style_, rng)
    for room, outline in zip(s.rooms, outlines, strict=True):
        if room.tagged:
            draw_tag(sheet, room, outline, at, style_, rng)


GROUNDS_SHARE = 0.12
"""Share of storeys with hatched ground beside them."""


def _grounds(sheet: GreySheet, s: Storey, at: Placing, rng: random.Random) -> None:
    """Hatched ground or neighbours beside the building."""
    every = np.concatenate([at(outer) for outer, _ in s.walls])
    (left, top), (right, bottom) = every.min(axis=0), every.max(axis=0)
    w, h = right - left, bottom - top
    form: Hatch = rng.choice(("diagonal", "diagonal", "sparse", "dots", "bricks"))
    pitch, grey = rng.choice((8, 12, 20)), rng.choice((0, 0, 90, 160))
    for _ in range(rng.randint(1, 3)):
        side = rng.randrange(4)
        far, a, b = rng.uniform(0.05, 0.25), *sorted((rng.uniform(-0.1, 1.1), rng.uniform(-0.1, 1.1)))
        along_x, along_y = (left + a * w, left + b * w), (top + a * h, top + b * h)
        (x0, x1), (y0, y1) = (
            ((left - far * w, left), along_y),
            ((right, right + far * w), along_y),
            (along_x, (top - far * h, top)),
            (along_x, (bottom, bottom + far * h)),
        )[side]
        ground = np.array(((x0, y0), (x1, y0), (x1, y1), (x0, y1)))
        _fill_hatched(sheet, ground, form, pitch, grey)
        sheet.polygon(ground, None, 1.0, 0)
    for outer, _ in s.walls:
        sheet.polygon(at(outer), PAPER)


def _floors(sheet: GreySheet, s: Storey, outlines: Sequence[Points], style_: Style, rng: random.Random) -> None:
    ghosts = _ghosts(s, rng) if style_.ghost else set()
    grey = rng.choice((110, 150, 180, 200, 215, 225, 235))
    forms: dict[str, Floor] = {"wet": style_.wet_floor, "corridor": style_.corridor_floor}
    pitch = rng.choice((3, 4, 6, 8, 10, 14, 18)) if style_.wet_floor != "dots" else rng.choice((4, 5, 6))
    line_grey = rng.choice((0, 60, 120, 160, 190)) if pitch > 4 else rng.choice((70, 120, 160, 190))
    for number, (room, outline) in enumerate(zip(s.rooms, outlines, strict=True)):
        form: Floor = forms.get(room.floor) or ("none" if rng.random() > style_.floor_share else style_.floor)
        if number in ghosts:
            sheet.polygon(outline, 205)
        elif form == "grey":
            sheet.polygon(outline, grey)
        elif form != "none":
            _fill_hatched(sheet, outline, form, pitch, line_grey)


def _ghosts(s: Storey, rng: random.Random) -> set[int]:
    """The rooms on one side of a line: a part of the building outside the contract."""
    middles = np.array([room.middle for room in s.rooms])
    axis = rng.choice((0, 1))
    limit = float(np.quantile(middles[:, axis], rng.uniform(0.2, 0.6)))
    return set(np.flatnonzero(middles[:, axis] < limit).tolist())


def _fill_hatched(sheet: GreySheet, outline: Points, form: Hatch, pitch: int, grey: int) -> None:
    left, top = np.floor(outline.min(axis=0) * DOUBLED).astype(int)
    right, bottom = np.ceil(outline.max(axis=0) * DOUBLED).astype(int)
    left, top = max(0, left), max(0, top)
    right, bottom = min(sheet.image.width, right), min(sheet.image.height, bottom)
    if right - left < 2 or bottom - top < 2:
        return
    mask = Image.new("1", (right - left, bottom - top))
    ImageDraw.Draw(mask).polygon(((outline * DOUBLED) - (left, top)).ravel().tolist(), fill=1)
    sheet.through(mask, (left, top), hatch(form, mask.size, pitch, grey, 1 if pitch < 10 else 2, (left, top)))


def _ceilings(sheet: GreySheet, s: Storey, outlines: Sequence[Points], at: Placing, rng: random.Random) -> None:
    """Grids of ceiling tiles."""
    pitch = max(4, round(0.6 * at.scale * DOUBLED))
    for room, outline in zip(s.rooms, outlines, strict=True):
        if room.kind not in ("stair", "lift", "shaft") and rng.random() < 0.8:
            _fill_hatched(sheet, outline, "tiles", pitch, 130)
