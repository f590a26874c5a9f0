"""Walls: what lies within a building's outer faces and in no room, filled by a style and edged."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from blueprints.rendering.buildings.grey_sheet import DOUBLED, PAPER, GreySheet, hatch
from blueprints.rendering.buildings.look import THINNEST_WALL, Placing, Style, WallForm
from blueprints.rendering.buildings.storey import Storey
from blueprints.rendering.polygons import Points


def draw_walls(sheet: GreySheet, s: Storey, outlines: Sequence[Points], at: Placing, style_: Style) -> None:
    """Whatever lies within the outer faces and in no room is wall; it is filled by its style and gets an edge."""
    every = np.concatenate([at(outer) for outer, _ in s.walls])
    left, top = np.floor(every.min(axis=0) * DOUBLED).astype(int) - 4
    right, bottom = np.ceil(every.max(axis=0) * DOUBLED).astype(int) + 4
    left, top = max(0, int(left)), max(0, int(top))
    right, bottom = min(sheet.image.width, int(right)), min(sheet.image.height, int(bottom))
    size = right - left, bottom - top
    if min(size) < 4:
        return
    whole, inner = Image.new("L", size), Image.new("L", size)
    draw, draw_inner = ImageDraw.Draw(whole), ImageDraw.Draw(inner)

    def flat(path: Points) -> list[float]:
        return ((path * DOUBLED) - (left, top)).ravel().tolist()

    for outer, _ in s.walls:
        draw.polygon(flat(at(outer)), fill=255)
    for _, clear in s.walls:
        draw_inner.polygon(flat(at(clear)), fill=255)
    for outline in outlines:
        draw.polygon(flat(outline), fill=0)
    # Partitions that are thinner than a line are drawn as one.
    thickness = s.partition * at.scale * DOUBLED
    if thickness < THINNEST_WALL:
        for outline in outlines:
            path = flat(outline)
            draw.line([*path, *path[:2]], fill=255, width=max(1, round(style_.wall_pen * DOUBLED)))
    solids = Image.new("L", size)
    if s.solids:
        draw_solids = ImageDraw.Draw(solids)
        for outline in s.solids:
            draw_solids.polygon(flat(at(outline)), fill=255)
        bounds = ImageDraw.Draw(whole)
        for outline in s.solids:
            bounds.polygon(flat(at(outline)), fill=255)
    for outline in s.cuts:
        draw.polygon(flat(at(outline)), fill=0)
    mask = np.asarray(whole) > 0
    part = np.asarray(inner) > 0
    corner = (left, top)
    for form, where in ((style_.outer, mask & ~part), (style_.inner, mask & part)):
        sheet.through(Image.fromarray(where), corner, _wall_fill(form, size, corner, style_))
    if s.solids:
        sheet.through(
            Image.fromarray(np.asarray(solids) & np.asarray(whole)), corner, 0 if style_.inner != "double" else 150
        )
    steps = max(1, round(style_.wall_pen * DOUBLED))
    if style_.inner == style_.outer == "solid":
        return
    eroded = mask
    for _ in range(steps):
        eroded = eroded & _shifted(eroded)
    sheet.through(Image.fromarray(mask & ~eroded), corner, style_.ink)


def _shifted(mask: np.ndarray) -> np.ndarray:
    """Where all four neighbours are set."""
    out = np.zeros_like(mask)
    out[1:-1, 1:-1] = mask[:-2, 1:-1] & mask[2:, 1:-1] & mask[1:-1, :-2] & mask[1:-1, 2:]
    return out


def _wall_fill(form: WallForm, size: tuple[int, int], corner: tuple[int, int], style_: Style) -> int | Image.Image:
    if form == "double":
        return PAPER
    if form == "solid":
        return style_.ink
    if form == "grey":
        return 150
    return hatch(form, size, {"diagonal": 10, "cross": 9, "wave": 5, "dots": 4}[form], style_.ink, 1, corner)
