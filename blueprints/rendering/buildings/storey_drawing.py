"""Draws a storey on a sheet: ground, floors, fixtures, walls, openings, and the lettering over them."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np

from blueprints.rendering.buildings.dimension_drawing import draw_axes, draw_dimensions, draw_inside_dimensions
from blueprints.rendering.buildings.floor_drawing import draw_borders, fill_hatched
from blueprints.rendering.buildings.grey_sheet import DOUBLED, GreySheet
from blueprints.rendering.buildings.ground_drawing import draw_grounds
from blueprints.rendering.buildings.look import Floor, Placing, Style
from blueprints.rendering.buildings.marks import draw_marks
from blueprints.rendering.buildings.storey import Storey
from blueprints.rendering.buildings.tag_drawing import draw_tag
from blueprints.rendering.buildings.wall_drawing import draw_walls
from blueprints.rendering.buildings.zone_drawing import draw_captions, draw_zones
from blueprints.rendering.polygons import Points


def draw_storey(sheet: GreySheet, s: Storey, at: Placing, style_: Style, rng: random.Random) -> list[Points]:
    """Draw the storey. Returns the outlines of its rooms on the sheet, in order."""
    outlines = [at(room.outline) for room in s.rooms]
    if rng.random() < GROUNDS_SHARE:
        draw_grounds(sheet, s, at, style_, rng)
    with_axes = style_.axes != "none"
    axes_first = with_axes and rng.random() < 0.5
    if axes_first:
        draw_axes(sheet, s, at, style_, rng)
    _floors(sheet, s, outlines, style_, rng)
    if style_.border != "none":
        draw_borders(sheet, s, outlines, at, style_)
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
    draw_zones(sheet, s, outlines, at, style_, rng)
    if style_.captions:
        draw_captions(sheet, outlines, style_, rng)


GROUNDS_SHARE = 0.25
"""Share of storeys with ground, roofs, terraces or steps beside them."""
CORE_KINDS = ("stair", "lift", "shaft", "women", "men", "unisex", "electrical", "mechanical", "janitor", "machine")


def _floors(sheet: GreySheet, s: Storey, outlines: Sequence[Points], style_: Style, rng: random.Random) -> None:
    ghosts = _ghosts(s, rng) if style_.ghost else set()
    if style_.core_grey:
        ghosts |= {number for number, room in enumerate(s.rooms) if room.kind in CORE_KINDS}
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
            fill_hatched(sheet, outline, form, pitch, line_grey)


def _ghosts(s: Storey, rng: random.Random) -> set[int]:
    """The rooms on one side of a line: a part of the building outside the contract."""
    middles = np.array([room.middle for room in s.rooms])
    axis = rng.choice((0, 1))
    limit = float(np.quantile(middles[:, axis], rng.uniform(0.2, 0.6)))
    return set(np.flatnonzero(middles[:, axis] < limit).tolist())


def _ceilings(sheet: GreySheet, s: Storey, outlines: Sequence[Points], at: Placing, rng: random.Random) -> None:
    """Grids of ceiling tiles."""
    pitch = max(4, round(0.6 * at.scale * DOUBLED))
    for room, outline in zip(s.rooms, outlines, strict=True):
        if room.kind not in ("stair", "lift", "shaft") and rng.random() < 0.8:
            fill_hatched(sheet, outline, "tiles", pitch, 130)
