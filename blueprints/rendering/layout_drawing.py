"""A layout drawn in a style: floors, walls, openings, furniture and lettering."""

from __future__ import annotations

import colorsys
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from blueprints.geometry import Box, Point
from blueprints.rendering import furniture
from blueprints.rendering.drawing_style import DrawingStyle, Walls
from blueprints.rendering.furnishing import furnish
from blueprints.rendering.layout import OUTSIDE, Kind, Layout, Space, extent
from blueprints.rendering.layout_openings import Hole, openings
from blueprints.rendering.room_names import area_text, room_name
from blueprints.rendering.surface import SUPERSAMPLING, Colour, Surface

PARTITION_M = 0.17
LEAF_M = 0.1
SMALLEST_CAPITAL_PX = 2.4
NOTES = (
    "EI 30",
    "palovaroitin",
    "+0.000",
    "VSS",
    "lvl +2.60",
    "h=2500",
    "1300",
    "9x21",
    "MSE 14x15",
    "TYP.",
    "A-1",
    "LK",
)
LARGEST_TILED_M2 = 12.0


@dataclass(frozen=True, eq=False, kw_only=True)
class PlacedLayout:
    """A layout with its top left corner on a sheet and the pixels of the sheet that one of its own becomes."""

    layout: Layout
    corner: Point
    scale: float

    @cached_property
    def size(self) -> tuple[int, int]:
        """Width and height in doubled pixels, whole so that masks fill it exactly."""
        return (
            max(1, round(self.layout.width * self.scale * SUPERSAMPLING)),
            max(1, round(self.layout.height * self.scale * SUPERSAMPLING)),
        )

    @cached_property
    def factors(self) -> Point:
        width, height = self.size
        return width / SUPERSAMPLING / self.layout.width, height / SUPERSAMPLING / self.layout.height

    @cached_property
    def origin(self) -> Point:
        """The corner on the grid of doubled pixels."""
        return round(self.corner[0] * SUPERSAMPLING) / SUPERSAMPLING, round(
            self.corner[1] * SUPERSAMPLING
        ) / SUPERSAMPLING

    @property
    def box(self) -> Box:
        (x, y), (width, height) = self.origin, self.size
        return x, y, x + width / SUPERSAMPLING, y + height / SUPERSAMPLING

    @property
    def metre(self) -> float:
        """Pixels of the sheet a metre."""
        return self.layout.pixels_per_metre * self.factors[0]

    def point(self, x: float, y: float) -> Point:
        return self.origin[0] + x * self.factors[0], self.origin[1] + y * self.factors[1]

    def outlines(self) -> list[NDArray[np.float64]]:
        """The outlines of the rooms, in order, in pixels of the sheet."""
        return [self.layout.outline(room) * self.factors + self.origin for room in self.layout.rooms]

    def boundaries(self) -> list[NDArray[np.float64]]:
        """The rooms' edges as rings, in order, in pixels of the sheet."""
        return [self.layout.boundary(room) * self.factors + self.origin for room in self.layout.rooms]

    def mask(self, of: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """A mask of the layout in doubled pixels; its steps of one layout pixel become slopes."""
        grown = Image.fromarray(of.view(np.uint8) * np.uint8(255)).resize(self.size, Image.Resampling.BILINEAR)
        return np.asarray(grown) > 127


def draw_layout(surface: Surface, placed: PlacedLayout, style: DrawingStyle, rng: random.Random) -> None:
    """Draw a floor with its own doors, furniture and names, all of them by lot."""
    layout = placed.layout
    holes = openings(layout, rng, style.windowed)
    pieces = furnish(layout, holes, rng, movable=style.movable, built_in=style.built_in, afloat=style.afloat)
    floors = _floor_colours(style)
    if style.fills != "none":
        _fill_floors(surface, placed, floors)
    _floor_patterns(surface, placed, style, rng)
    for piece in pieces:
        _piece(surface, placed, style, list(furniture.shapes(piece)))
    _borders(surface, placed, style)
    _walls(surface, placed, style)
    for hole in holes:
        floor = floors[_kind_beside(layout, hole)]
        _hole(surface, placed, style, hole, floor, twin=style.twin_doors and _leads_out(layout, hole))
    _names(surface, placed, style, rng)


def _leads_out(layout: Layout, hole: Hole) -> bool:
    """Whether one of its sides is the open air."""
    return any(
        side == OUTSIDE or (side > 0 and layout.rooms[side - 1].kind is Kind.OUTDOOR)
        for side in (hole.before, hole.after)
    )


def _kind_beside(layout: Layout, hole: Hole) -> Kind:
    number = max(hole.before, hole.after)
    return layout.rooms[number - 1].kind if number > 0 else Kind.BACKGROUND


def _floor_colours(style: DrawingStyle) -> dict[Kind, Colour]:
    """A pale colour for each kind of room where the style fills rooms; else the paper."""
    colours = dict.fromkeys(Kind, style.paper)
    if style.fills == "none":
        return colours
    rng = random.Random(style.palette)
    deep = rng.uniform(0.04, 0.35)

    def pale() -> Colour:
        red, green, blue = colorsys.hsv_to_rgb(rng.random(), deep * rng.uniform(0.5, 1.2), rng.uniform(0.82, 1.0))
        return round(red * 255), round(green * 255), round(blue * 255)

    one = pale()
    for kind in Kind:
        if kind not in (Kind.BACKGROUND, Kind.WALL, Kind.RAILING):
            colours[kind] = one if style.fills == "one" or rng.random() < 0.4 else pale()
    value = rng.randint(150, 225)
    colours[Kind.OUTDOOR] = (value, value, value) if rng.random() < 0.6 else pale()
    return colours


def _fill_floors(surface: Surface, placed: PlacedLayout, floors: dict[Kind, Colour]) -> None:
    palette = [value for kind in Kind for value in floors[kind]]
    image = Image.fromarray(placed.layout.kinds)
    image.putpalette(palette)
    surface.paste(image.resize(placed.size, Image.Resampling.NEAREST).convert("RGB"), placed.origin)


def _floor_patterns(surface: Surface, placed: PlacedLayout, style: DrawingStyle, rng: random.Random) -> None:
    layout = placed.layout
    tile = rng.choice((3, 4, 5, 7)) * SUPERSAMPLING
    plank = rng.choice((2, 3, 4)) * SUPERSAMPLING
    across = rng.random() < 0.5
    for room in layout.rooms:
        outdoor = room.kind is Kind.OUTDOOR
        if outdoor and style.outdoor in ("planks", "tone"):
            _pattern(surface, placed, style, room, "tone" if style.outdoor == "tone" else "planks", plank, across)
        elif _tiled(layout, room) and rng.random() < style.floors_patterned:
            _pattern(surface, placed, style, room, rng.choice(("tiles", "tiles", "planks")), tile, across)


def _tiled(layout: Layout, room: Space) -> bool:
    """Wet rooms, and small rooms that may be one."""
    small = room.area < LARGEST_TILED_M2 * layout.pixels_per_metre**2
    return room.kind is Kind.BATH or (small and room.kind in (Kind.UNDEFINED, Kind.ENTRY))


def _pattern(
    surface: Surface,
    placed: PlacedLayout,
    style: DrawingStyle,
    room: Space,
    pattern: str,
    step: int,
    across: bool,
) -> None:
    """Tiles, planks or an even tone on the floor of a room."""
    left, top, right, bottom = room.box
    inside = Image.fromarray((placed.layout.labels[top:bottom, left:right] == room.number).view(np.uint8))
    x0, y0 = (round(value * SUPERSAMPLING) for value in placed.point(left, top))
    x1, y1 = (round(value * SUPERSAMPLING) for value in placed.point(right, bottom))
    mask = np.asarray(inside.resize((max(1, x1 - x0), max(1, y1 - y0)), Image.Resampling.NEAREST)) > 0
    corner = x0 / SUPERSAMPLING, y0 / SUPERSAMPLING
    if pattern == "tone":
        surface.stencil(mask, corner, _between(style.paper, style.ink, 0.25 if style.fills == "none" else 0.15))
        return
    lines = np.zeros(mask.shape, bool)
    if pattern == "tiles" or across:
        lines[::step] = True
    if pattern == "tiles" or not across:
        lines[:, ::step] = True
    surface.stencil(mask & lines, corner, _between(style.paper, style.ink, 0.75))


def _between(first: Colour, second: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def _piece(surface: Surface, placed: PlacedLayout, style: DrawingStyle, shapes: Sequence[furniture.Shape]) -> None:
    metre = placed.layout.pixels_per_metre
    dash = (4.0, 3.0) if style.furniture_dashed else None
    for shape in shapes:
        points = [placed.point(x * metre, y * metre) for x, y in shape.points]
        if shape.closed:
            if style.fills == "none" and dash is None:
                surface.fill(points, style.paper)
            points.append(points[0])
        surface.line(points, style.pen * 0.8, style.furniture_ink, dash)


def _borders(surface: Surface, placed: PlacedLayout, style: DrawingStyle) -> None:
    """Edges of outdoor areas, and what some drawings put between open-plan rooms."""
    for edge in placed.layout.edges:
        left, top, right, bottom = edge.box
        ends = [placed.point(left, top), placed.point(right, bottom)]
        surface.line(ends, style.pen, style.ink, (3.0, 2.5) if style.borders == "dashed" else None)
    if style.borders == "none":
        return
    for border in placed.layout.open_borders:
        left, top, right, bottom = border.box
        ends = [placed.point(left, top), placed.point(right, bottom)]
        surface.line(ends, style.pen * 0.7, style.ink, (4.0, 3.0) if style.borders == "dashed" else None)


def _walls(surface: Surface, placed: PlacedLayout, style: DrawingStyle) -> None:
    kinds = placed.layout.kinds
    wall = kinds == Kind.WALL
    if (kinds == Kind.RAILING).any():
        _paint(surface, placed, style, placed.mask(kinds == Kind.RAILING), "outlined")
    if style.partitions != style.walls:
        thick = _opened(wall, max(1, math.ceil(PARTITION_M * placed.layout.pixels_per_metre / 2)))
        _paint(surface, placed, style, placed.mask(wall & ~thick), style.partitions)
        wall = thick
    _paint(surface, placed, style, placed.mask(wall), style.walls)


def _paint(surface: Surface, placed: PlacedLayout, style: DrawingStyle, mask: NDArray[np.bool_], walls: Walls) -> None:
    surface.stencil(mask, placed.origin, style.wall_ink)
    if walls == "solid":
        return
    inner = _eroded(mask, max(1, round(style.pen * SUPERSAMPLING)))
    surface.stencil(inner, placed.origin, style.wall_tone if walls == "filled" else style.paper)
    if walls == "layered":
        leaf = max(2, round(LEAF_M * placed.metre * SUPERSAMPLING))
        core = _eroded(mask, leaf)
        surface.stencil(core, placed.origin, style.wall_ink)
        inner = _eroded(core, max(1, round(style.pen * SUPERSAMPLING)))
        surface.stencil(inner, placed.origin, style.paper)
    if walls in ("hatched", "cross-hatched", "layered"):
        step = max(3, round(style.hatch_px * SUPERSAMPLING))
        rows, columns = np.arange(mask.shape[0])[:, None], np.arange(mask.shape[1])[None, :]
        lines = (rows + columns) % step == 0
        if walls == "cross-hatched":
            lines |= (rows - columns) % step == 0
        surface.stencil(inner & lines, placed.origin, style.wall_ink)


def _eroded(mask: NDArray[np.bool_], by: int) -> NDArray[np.bool_]:
    """The mask less what lies within `by` pixels of its edge along rows and columns; around the mask is nothing."""
    across = np.zeros_like(mask)
    across[:, by:-by] = mask[:, by:-by] & mask[:, : -2 * by] & mask[:, 2 * by :]
    inner = np.zeros_like(mask)
    inner[by:-by] = across[by:-by] & across[: -2 * by] & across[2 * by :]
    return inner


def _opened(mask: NDArray[np.bool_], by: int) -> NDArray[np.bool_]:
    """What of the mask a square of 2 * by + 1 pixels fits into."""
    padded = np.pad(mask, by, constant_values=False)
    for combine in (np.logical_and, np.logical_or):
        for axis in (0, 1):
            padded = _windowed(padded, by, axis, combine)
    return padded[by:-by, by:-by]


def _windowed(mask: NDArray[np.bool_], by: int, axis: int, combine: np.ufunc) -> NDArray[np.bool_]:
    return combine.reduce([np.roll(mask, shift, axis) for shift in range(-by, by + 1)], axis=0)


def _hole(
    surface: Surface, placed: PlacedLayout, style: DrawingStyle, hole: Hole, floor: Colour, *, twin: bool
) -> None:
    """Clear the wall; then the lines of the opening in a frame along the wall and away from it."""
    left, top, right, bottom = hole.box
    (x0, y0), (x1, y1) = placed.point(left, top), placed.point(right, bottom)
    surface.rectangle((x0, y0, x1, y1), floor if hole.use != "window" else style.paper)
    low, high, before, after = (top, bottom, left, right) if hole.through == "x" else (left, right, top, bottom)

    def at(along: float, away: float) -> Point:
        return placed.point(away, along) if hole.through == "x" else placed.point(along, away)

    line = partial(surface.line, pen=style.pen, colour=style.ink)
    line([at(low, before), at(low, after)])
    line([at(high, before), at(high, after)])
    if hole.use == "window":
        _window(surface, style, (at(low, before), at(high, before)), (at(low, after), at(high, after)))
    elif hole.use == "garage door":
        middle = (before + after) / 2
        line([at(low, middle), at(high, middle)], dash=(5.0, 2.0))
    elif hole.use != "passage" and style.doors != "gap":
        if style.doors != "leaf":
            surface.line([at(low, before), at(high, before)], style.pen * 0.6, style.ink)
            surface.line([at(low, after), at(high, after)], style.pen * 0.6, style.ink)
        faces = [(after, 1), (before, -1)] if hole.swings == "after" else [(before, -1), (after, 1)]
        width = high - low
        leaves = [(low, 1, width)] if hole.hinge == "low" else [(high, -1, width)]
        if hole.use == "double door":
            leaves = [(low, 1, width / 2), (high, -1, width / 2)]
        for face, towards in faces if twin else faces[:1]:
            for hinge, free, length in leaves:
                _leaf(surface, style, [at(*place) for place in _swing(hinge, free, length, face, towards)])


def _swing(hinge: float, free: int, length: float, face: float, towards: int) -> list[Point]:
    """The hinge, then the free edge's way from open to closed, as (along, away)."""
    angles = [math.pi / 2 * step / 10 for step in range(11)]
    path = [(hinge + free * length * math.sin(a), face + towards * length * math.cos(a)) for a in angles]
    return [(hinge, face), *path]


def _leaf(surface: Surface, style: DrawingStyle, points: Sequence[Point]) -> None:
    surface.line(points[:2], style.pen * (2.5 if style.doors == "thick leaf" else 1.2), style.ink)
    if style.doors != "leaf":
        surface.line(points[1:], style.pen * 0.7, style.ink)


def _window(surface: Surface, style: DrawingStyle, one: tuple[Point, Point], other: tuple[Point, Point]) -> None:
    """Lines along both faces and between them; `one` and `other` are the ends of the faces."""
    shares = {"lines": (0.0, 0.5, 1.0), "one line": (0.5,), "box": (0.0, 1.0), "sill": (0.0, 0.4, 0.6, 1.0)}[
        style.windows
    ]
    for share in shares:
        ends = [(a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share) for a, b in zip(one, other, strict=True)]
        surface.line(ends, style.pen, style.ink)


def _names(surface: Surface, placed: PlacedLayout, style: DrawingStyle, rng: random.Random) -> None:
    layout = placed.layout
    for room in layout.rooms:
        x, y = placed.point(*layout.middle(room))
        left, top, right, bottom = room.box
        width, height = (right - left) * placed.factors[0], (bottom - top) * placed.factors[1]
        x += rng.uniform(-0.12, 0.12) * width * room.fullness**2
        y += rng.uniform(-0.12, 0.12) * height * room.fullness**2
        lines = []
        if rng.random() < style.names:
            lines.append(room_name(room.kind, style.language, rng))
        if rng.random() < style.areas:
            lines.append(area_text(room.area / layout.pixels_per_metre**2, style.language, rng))
        _lines_of_text(surface, style, lines, (x, y), (width, height))
        if rng.random() < style.notes * 0.6:
            _note(surface, style, placed, room, rng)


def _lines_of_text(
    surface: Surface, style: DrawingStyle, lines: Sequence[str], at: Point, room: tuple[float, float]
) -> None:
    """Lines about a point, smaller where the room is narrow, upwards where that fits better."""
    if not lines:
        return
    longest = max(len(line) for line in lines)
    # A letter is about as wide as a capital is high.
    upwards = room[0] < 0.5 * room[1] and longest * style.capital_px > room[0]
    capital = min(style.capital_px, 1.1 * room[1 if upwards else 0] / longest, room[0 if upwards else 1] / 2.2)
    if capital < SMALLEST_CAPITAL_PX:
        return
    for number, text in enumerate(lines):
        shift = (number - (len(lines) - 1) / 2) * capital * 1.7
        surface.text(
            (at[0] + shift, at[1]) if upwards else (at[0], at[1] + shift),
            text,
            capital,
            style.text_ink,
            lettering=style.lettering,
            angle=90 if upwards else 0,
            halo=style.paper if style.halo else None,
        )


def _note(surface: Surface, style: DrawingStyle, placed: PlacedLayout, room: Space, rng: random.Random) -> None:
    """What else stands in a room: a mark, a level in a circle, or a dashed diagonal."""
    x0, y0, x1, y1 = extent(placed.layout.outline(room) * placed.factors + placed.origin)
    at = x0 + (x1 - x0) * rng.uniform(0.25, 0.75), y0 + (y1 - y0) * rng.uniform(0.2, 0.8)
    form = rng.random()
    if form < 0.25 and min(x1 - x0, y1 - y0) > 24:
        surface.circle(at, rng.uniform(7, 11), style.pen, style.ink)
    elif form < 0.4:
        surface.line([(x0, y0), (x1, y1)], style.pen * 0.6, style.ink, (5.0, 3.0))
        return
    surface.text(at, rng.choice(NOTES), style.capital_px * 0.7, style.text_ink, lettering=style.lettering)
