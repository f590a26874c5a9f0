"""Walls: whatever is inside the outer faces and in no room, filled and edged in a style."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from blueprints.rendering.buildings.grey_sheet import DOUBLED, PAPER, GreySheet, Hatch, hatch
from blueprints.rendering.buildings.look import THINNEST_WALL, Placing, Style, WallForm
from blueprints.rendering.buildings.storey import Storey
from blueprints.rendering.polygons import Points

DASH_PX = 14
"""Length of a dash and its gap along the edge of a wall, in doubled pixels."""


def draw_walls(sheet: GreySheet, s: Storey, outlines: Sequence[Points], at: Placing, style_: Style) -> None:
    """Fill and edge everything that is inside the outer faces and in no room."""
    masks = _Masks(sheet, np.concatenate([at(outer) for outer, _ in s.walls]))
    if min(masks.size) < 4:
        return
    pen = max(1, round(style_.wall_pen * DOUBLED))
    whole = masks.of(at(outer) for outer, _ in s.walls)
    masks.draw(whole, outlines, 0)
    # A partition thinner than a line is drawn as a line.
    if s.partition * at.scale * DOUBLED < THINNEST_WALL:
        masks.draw_edges(whole, outlines, pen)
    solids = masks.of(at(solid) for solid in s.solids)
    masks.draw(whole, [at(solid) for solid in s.solids], 255)
    masks.draw(whole, [at(cut) for cut in s.cuts], 0)
    mask = np.asarray(whole) > 0
    inner = np.asarray(masks.of(at(clear) for _, clear in s.walls)) > 0
    fills: tuple[tuple[WallForm, NDArray[np.bool_]], ...] = (
        (style_.outer, mask & ~inner),
        (style_.inner, mask & inner),
    )
    for form, where in fills:
        sheet.through(_mask(where), masks.corner, _wall_fill(form, masks.size, masks.corner, style_))
    if s.solids:
        shown = Image.fromarray(np.asarray(solids) & np.asarray(whole))
        sheet.through(shown, masks.corner, style_.column_grey)
    if style_.inner == style_.outer == "solid":
        return
    eroded = mask
    for _ in range(pen):
        eroded = _eroded(eroded)
    edges = mask & ~eroded
    if style_.dashed_edges:
        edges &= (np.add.outer(np.arange(mask.shape[0]), np.arange(mask.shape[1])) % DASH_PX) < DASH_PX * 0.6
    sheet.through(_mask(edges), masks.corner, style_.ink)


class _Masks:
    """Masks of doubled pixels over the part of a sheet that the points (points, 2) cover."""

    def __init__(self, sheet: GreySheet, within: Points) -> None:
        left, top = np.floor(within.min(axis=0) * DOUBLED).astype(int).tolist()
        right, bottom = np.ceil(within.max(axis=0) * DOUBLED).astype(int).tolist()
        self.corner = max(0, left - 4), max(0, top - 4)
        self.size = (
            min(sheet.image.width, right + 4) - self.corner[0],
            min(sheet.image.height, bottom + 4) - self.corner[1],
        )

    def of(self, polygons: Iterable[Points]) -> Image.Image:
        mask = Image.new("L", self.size)
        self.draw(mask, polygons, 255)
        return mask

    def draw(self, mask: Image.Image, polygons: Iterable[Points], value: int) -> None:
        draw = ImageDraw.Draw(mask)
        for polygon in polygons:
            draw.polygon(self._flat(polygon), fill=value)

    def draw_edges(self, mask: Image.Image, polygons: Iterable[Points], width: int) -> None:
        draw = ImageDraw.Draw(mask)
        for polygon in polygons:
            path = self._flat(polygon)
            draw.line([*path, *path[:2]], fill=255, width=width)

    def _flat(self, path: Points) -> list[float]:
        return (path * DOUBLED - self.corner).ravel().tolist()


def _mask(where: NDArray[np.bool_]) -> Image.Image:
    return Image.fromarray(where.view(np.uint8) * np.uint8(255))


def _eroded(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """True where the place and all four neighbours are set."""
    out = np.zeros_like(mask)
    within = out[1:-1, 1:-1]
    np.logical_and(mask[:-2, 1:-1], mask[2:, 1:-1], out=within)
    within &= mask[1:-1, :-2]
    within &= mask[1:-1, 2:]
    within &= mask[1:-1, 1:-1]
    return out


HATCH_PITCHES: dict[Hatch, int] = {"diagonal": 10, "cross": 9, "wave": 5, "dots": 4}
"""In doubled pixels."""


def _wall_fill(form: WallForm, size: tuple[int, int], corner: tuple[int, int], style_: Style) -> int | Image.Image:
    if form == "double":
        return PAPER
    if form == "solid":
        return style_.ink
    if form == "grey":
        return 150
    return hatch(form, size, HATCH_PITCHES[form], style_.ink, 1, corner)
