"""A layout drawn in a style: floors, walls, openings, furniture and lettering."""

from __future__ import annotations

import colorsys
import math
import random
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from blueprints.geometry import Point
from blueprints.rendering.drawing import Drawing
from blueprints.rendering.drawing_style import DrawingStyle, Walls
from blueprints.rendering.furniture_placing import furnish
from blueprints.rendering.furniture_symbols import CUPBOARD_M, Furniture, shapes
from blueprints.rendering.layout import OUTSIDE, Kind, Layout, Space, extent
from blueprints.rendering.layout_openings import Hole, openings
from blueprints.rendering.placed_layout import PlacedLayout
from blueprints.rendering.room_names import area_text, room_name
from blueprints.rendering.surface import Colour, Dash

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
DWELLINGS = ("A 32", "As 6", "2H+K 57,0", "3h+halli+k", "54", "82 m2", "1 H + KT", "2 BHK", "Type B", "4 Zi", "T3")
"""What is written into one room and is about the whole dwelling."""
CUPBOARD_MARKS = ("JK", "PK", "SK", "K", "LI", "APK", "IV", "tk6", "KOM", "60", "WM", "REF", "C")
LARGEST_TILED_M2 = 12.0
LARGEST_BARE_M2 = 3.0
"""A larger outdoor area always has an edge."""
SPECKS = np.random.Generator(np.random.PCG64(3)).random((89, 89)) < 0.13
"""The grain of concrete, repeated."""


@dataclass(frozen=True, eq=False, kw_only=True)
class LayoutDrawing(Drawing):
    """Draws a layout in parts, from the floor up."""

    placed: PlacedLayout

    def draw_at_random(self, rng: random.Random) -> None:
        """Draw a floor with random doors, furniture and names."""
        layout, style = self.placed.layout, self.style
        holes = openings(layout, rng, style.windowed)
        pieces = furnish(layout, holes, rng, movable=style.movable, built_in=style.built_in, afloat=style.afloat)
        self.fill_floors()
        self._floor_patterns(rng)
        self.furnish(pieces)
        self.borders(self._bare(rng))
        self._overhead(rng)
        self.walls()
        self.holes(holes)
        if rng.random() < self.style.names * 0.4:
            self._mark_cupboards(pieces, rng)
        self._names(rng)

    def _mark_cupboards(self, pieces: Iterable[Furniture], rng: random.Random) -> None:
        for piece in pieces:
            if piece.kind in ("cabinet", "cupboards", "freezer", "reserved_place") and rng.random() < 0.6:
                self.mark(piece, rng.choice(CUPBOARD_MARKS))

    def mark(self, piece: Furniture, text: str) -> None:
        """Letters in a cupboard, or in each of a row, if they can be read."""
        metre = self.placed.layout.pixels_per_metre
        capital = min(self.style.capital_px, 0.5 * self.placed.metre / len(text))
        if capital < SMALLEST_CAPITAL_PX:
            return
        level = piece.back in ("north", "south")
        length = piece.width if level else piece.height
        count = max(2, round(length / CUPBOARD_M)) if piece.kind == "cupboards" else 1
        for index in range(count):
            share = (index + 0.5) / count
            along, across = (share, 0.5) if level else (0.5, share)
            at = self.placed.point((piece.x + along * piece.width) * metre, (piece.y + across * piece.height) * metre)
            self.text(at, text, capital)

    def _bare(self, rng: random.Random) -> set[int]:
        """The small outdoor areas that nothing shows but the door that opens onto them."""
        layout = self.placed.layout
        largest = LARGEST_BARE_M2 * layout.pixels_per_metre**2
        small = [room.number for room in layout.rooms if room.kind is Kind.OUTDOOR and room.area < largest]
        return {number for number in small if rng.random() < self.style.bare}

    @cached_property
    def _floors(self) -> dict[Kind, Colour]:
        return _floor_colours(self.style)

    def fill_floors(self) -> None:
        """A colour for each kind of room, if the style has them."""
        if self.style.fills == "none":
            return
        palette = [value for kind in Kind for value in self._floors[kind]]
        image = Image.fromarray(self.placed.layout.kinds)
        image.putpalette(palette)
        image = image.resize(self.placed.grains(self.surface.grain), Image.Resampling.NEAREST)
        self.surface.paste(image.convert("RGB"), self.placed.origin)

    def _floor_patterns(self, rng: random.Random) -> None:
        layout = self.placed.layout
        tile = rng.choice((3, 4, 5, 7)) * self.surface.grain
        plank = rng.choice((2, 3, 4)) * self.surface.grain
        across = rng.random() < 0.5
        for room in layout.rooms:
            outdoor = room.kind is Kind.OUTDOOR
            if outdoor and self.style.outdoor in ("planks", "tone"):
                self._pattern(room, "tone" if self.style.outdoor == "tone" else "planks", plank, across)
            elif _tiled(layout, room) and rng.random() < self.style.floors_patterned:
                self._pattern(room, rng.choice(("tiles", "tiles", "planks")), tile, across)

    def _pattern(self, room: Space, pattern: str, step: int, across: bool) -> None:
        """Tiles, planks or an even tone on the floor of a room."""
        left, top, right, bottom = room.box
        inside = Image.fromarray((self.placed.layout.labels[top:bottom, left:right] == room.number).view(np.uint8))
        x0, y0 = (round(value * self.surface.grain) for value in self.placed.point(left, top))
        x1, y1 = (round(value * self.surface.grain) for value in self.placed.point(right, bottom))
        mask = np.asarray(inside.resize((max(1, x1 - x0), max(1, y1 - y0)), Image.Resampling.NEAREST)) > 0
        corner = x0 / self.surface.grain, y0 / self.surface.grain
        if pattern == "tone":
            tone = _between(self.style.paper, self.style.ink, self.style.outdoor_tone)
            self.surface.stencil(mask, corner, tone)
            if self.style.outdoor_tone > 0.3:
                planks = np.zeros(mask.shape, bool)
                planks[
                    (slice(None, None, 2 * step), slice(None)) if across else (slice(None), slice(None, None, 2 * step))
                ] = True
                self.surface.stencil(mask & planks, corner, _between(tone, self.style.ink, 0.5))
            return
        lines = np.zeros(mask.shape, bool)
        if pattern == "tiles" or across:
            lines[::step] = True
        if pattern == "tiles" or not across:
            lines[:, ::step] = True
        self.surface.stencil(mask & lines, corner, _between(self.style.paper, self.style.ink, 0.75))

    def furnish(self, pieces: Iterable[Furniture]) -> None:
        """Furniture, in metres from the layout's corner; a later piece hides an earlier one."""
        metre = self.placed.layout.pixels_per_metre
        dash = (4.0, 3.0) if self.style.furniture_dashed else None
        tone = self.style.paper if self.style.fills == "none" else self.style.furniture_tone
        for shape in (shape for piece in pieces for shape in shapes(piece)):
            points = [self.placed.point(x * metre, y * metre) for x, y in shape.points]
            if shape.closed:
                if shape.solid:
                    self.surface.fill(points, self.style.wall_ink)
                elif tone is not None and dash is None and not shape.dashed:
                    self.surface.fill(points, tone)
                points.append(points[0])
            self.surface.line(
                points, self.style.pen * 0.8, self.style.furniture_ink, (2.5, 2.0) if shape.dashed else dash
            )

    def borders(self, bare: Collection[int] = ()) -> None:
        """Edges of outdoor areas, but for those of `bare` numbers, and the lines of some drawings in open plans."""
        for edge in self.placed.layout.edges:
            if max(edge.before, edge.after) in bare:
                continue
            left, top, right, bottom = edge.box
            ends = [self.placed.point(left, top), self.placed.point(right, bottom)]
            self.line(ends, dash=(3.0, 2.5) if self.style.borders == "dashed" else None)
        if self.style.borders == "none":
            return
        for border in self.placed.layout.open_borders:
            left, top, right, bottom = border.box
            ends = [self.placed.point(left, top), self.placed.point(right, bottom)]
            self.line(ends, 0.7, dash=(4.0, 3.0) if self.style.borders == "dashed" else None)

    def _overhead(self, rng: random.Random) -> None:
        for room in self.placed.layout.rooms:
            if rng.random() < self.style.overhead:
                self._above(room, rng)

    def _above(self, room: Space, rng: random.Random) -> None:
        """Dashed lines of what is above a room, which do not divide it: slopes, beams, voids and lofts."""
        left, top, right, bottom = room.box
        (x0, y0), (x1, y1) = self.placed.point(left, top), self.placed.point(right, bottom)
        upright = rng.random() < 0.5
        low, high = (x0, x1) if upright else (y0, y1)

        def across(at: float, weight: float = 0.7, dash: Dash | None = (5.0, 3.0)) -> None:
            self.line([(at, y0), (at, y1)] if upright else [(x0, at), (x1, at)], weight, dash)

        form = rng.choice(("slope", "slopes", "beam", "void", "loft", "dimension"))
        inset = min(rng.uniform(0.5, 2.0) * self.placed.metre, (high - low) * 0.45)
        if form in ("slope", "slopes"):
            across(low + inset)
            if form == "slopes":
                across(high - inset)
        elif form == "beam":
            at = rng.uniform(low, high)
            across(at)
            across(at + rng.uniform(0.1, 0.3) * self.placed.metre)
        elif form == "void":
            self.line([(x0, y0), (x1, y1)], 0.6, (5.0, 3.0))
            self.line([(x0, y1), (x1, y0)], 0.6, (5.0, 3.0))
        elif form == "loft":
            box = (x0 + inset, y0 + inset, max(x0 + inset, x1 - inset / 2), max(y0 + inset, y1 - inset / 2))
            corners = [(box[0], box[1]), (box[2], box[1]), (box[2], box[3]), (box[0], box[3]), (box[0], box[1])]
            self.line(corners, 0.6, (4.0, 2.5))
        else:
            at = low + inset
            across(at, 0.5, None)
            length = (y1 - y0 if upright else x1 - x0) / self.placed.metre
            middle = (at - 3.0, (y0 + y1) / 2) if upright else ((x0 + x1) / 2, at - 3.0)
            self.text(middle, f"{length * 1000:.0f}", self.style.capital_px * 0.7, angle=90 if upright else 0)

    def walls(self) -> None:
        """Walls, thin ones as partitions, and railings."""
        kinds = self.placed.layout.kinds
        wall = kinds == Kind.WALL
        if (kinds == Kind.RAILING).any():
            self._paint(self.placed.mask(kinds == Kind.RAILING, self.surface.grain), "outlined")
        if self.style.partitions != self.style.walls:
            thick = _opened(wall, max(1, math.ceil(PARTITION_M * self.placed.layout.pixels_per_metre / 2)))
            self._paint(self.placed.mask(wall & ~thick, self.surface.grain), self.style.partitions)
            wall = thick
        self._paint(self.placed.mask(wall, self.surface.grain), self.style.walls)

    def _paint(self, mask: NDArray[np.bool_], walls: Walls) -> None:
        self.surface.stencil(mask, self.placed.origin, self.style.wall_ink)
        if walls == "solid":
            return
        inner = _eroded(mask, max(1, round(self.style.pen * self.surface.grain)))
        self.surface.stencil(inner, self.placed.origin, self.style.wall_tone if walls == "filled" else self.style.paper)
        if walls == "layered":
            leaf = max(2, round(LEAF_M * self.placed.metre * self.surface.grain))
            core = _eroded(mask, leaf)
            self.surface.stencil(core, self.placed.origin, self.style.wall_ink)
            inner = _eroded(core, max(1, round(self.style.pen * self.surface.grain)))
            self.surface.stencil(inner, self.placed.origin, self.style.paper)
        if walls == "speckled":
            grains = SPECKS.repeat(self.surface.grain, 0).repeat(self.surface.grain, 1)
            times = [-(-side // len(grains)) for side in mask.shape]
            specks = np.tile(grains, times)[: mask.shape[0], : mask.shape[1]]
            self.surface.stencil(inner & specks, self.placed.origin, self.style.wall_ink)
        if walls == "insulated":
            step = max(4, round(self.style.hatch_px * self.surface.grain))
            rows, columns = np.arange(mask.shape[0])[:, None], np.arange(mask.shape[1])[None, :]
            waves = (rows + np.abs(columns % (2 * step) - step)) % (step + step // 2) < max(1, self.surface.grain // 2)
            self.surface.stencil(inner & waves, self.placed.origin, self.style.wall_ink)
        if walls in ("hatched", "cross-hatched", "layered"):
            step = max(3, round(self.style.hatch_px * self.surface.grain))
            rows, columns = np.arange(mask.shape[0])[:, None], np.arange(mask.shape[1])[None, :]
            lines = (rows + columns) % step == 0
            if walls == "cross-hatched":
                lines |= (rows - columns) % step == 0
            self.surface.stencil(inner & lines, self.placed.origin, self.style.wall_ink)

    def holes(self, holes: Iterable[Hole]) -> None:
        """Doors, windows and passages through the walls."""
        layout = self.placed.layout
        for hole in holes:
            floor = self._floors[_kind_beside(layout, hole)]
            self._hole(hole, floor, twin=self.style.twin_doors and _leads_out(layout, hole))

    def _hole(self, hole: Hole, floor: Colour, *, twin: bool) -> None:
        """Clear the wall, then draw the lines of the opening in a frame along the wall and away from it."""
        left, top, right, bottom = hole.box
        (x0, y0), (x1, y1) = self.placed.point(left, top), self.placed.point(right, bottom)
        self.surface.rectangle((x0, y0, x1, y1), floor if hole.use != "window" else self.style.paper)
        low, high, before, after = (top, bottom, left, right) if hole.through == "x" else (left, right, top, bottom)

        def at(along: float, away: float) -> Point:
            return self.placed.point(away, along) if hole.through == "x" else self.placed.point(along, away)

        self.line([at(low, before), at(low, after)])
        self.line([at(high, before), at(high, after)])
        if hole.use == "window":
            self._window((at(low, before), at(high, before)), (at(low, after), at(high, after)))
        elif hole.use == "garage door":
            middle = (before + after) / 2
            self.line([at(low, middle), at(high, middle)], dash=(5.0, 2.0))
        elif hole.use != "passage" and self.style.doors != "gap":
            if self.style.doors != "leaf":
                self.line([at(low, before), at(high, before)], 0.6)
                self.line([at(low, after), at(high, after)], 0.6)
            faces = [(after, 1), (before, -1)] if hole.swings == "after" else [(before, -1), (after, 1)]
            width = high - low
            leaves = [(low, 1, width)] if hole.hinge == "low" else [(high, -1, width)]
            if hole.use == "double door":
                leaves = [(low, 1, width / 2), (high, -1, width / 2)]
            for face, towards in faces if twin else faces[:1]:
                for hinge, free, length in leaves:
                    self._leaf([at(*place) for place in _swing(hinge, free, length, face, towards)])

    def _leaf(self, points: Sequence[Point]) -> None:
        self.line(points[:2], (2.5 if self.style.doors == "thick leaf" else 1.2))
        if self.style.doors != "leaf":
            self.line(points[1:], 0.7)

    def _window(self, one: tuple[Point, Point], other: tuple[Point, Point]) -> None:
        """Lines along both faces of the wall and between them; `one` and `other` are the ends of the faces."""
        shares = {"lines": (0.0, 0.5, 1.0), "one line": (0.5,), "box": (0.0, 1.0), "sill": (0.0, 0.4, 0.6, 1.0)}[
            self.style.windows
        ]
        for share in shares:
            self.line(
                [
                    (ax + (bx - ax) * share, ay + (by - ay) * share)
                    for (ax, ay), (bx, by) in zip(one, other, strict=True)
                ]
            )

    def _names(self, rng: random.Random) -> None:
        layout = self.placed.layout
        for room in layout.rooms:
            x, y = self.placed.point(*layout.middle(room))
            left, top, right, bottom = room.box
            width, height = (right - left) * self.placed.factors[0], (bottom - top) * self.placed.factors[1]
            x += rng.uniform(-0.12, 0.12) * width * room.fullness**2
            y += rng.uniform(-0.12, 0.12) * height * room.fullness**2
            lines = []
            if rng.random() < self.style.names:
                lines.append(room_name(room.kind, self.style.language, rng))
            if rng.random() < self.style.areas:
                lines.append(area_text(room.area / layout.pixels_per_metre**2, self.style.language, rng))
            self._fitted(lines, (x, y), (width, height))
            if rng.random() < self.style.notes * 0.6:
                self._note(room, rng)
        if rng.random() < self.style.notes:
            x, y = self.placed.point(*layout.middle(rng.choice(layout.own_rooms)))
            at = x + rng.uniform(-1, 1) * self.placed.metre, y + rng.uniform(-1, 1) * self.placed.metre
            self.name(rng.sample(DWELLINGS, rng.randint(1, 3)), at, self.style.capital_px * rng.uniform(0.9, 1.8))

    def _fitted(self, lines: Sequence[str], at: Point, room: tuple[float, float]) -> None:
        """Lines of text around a point, smaller in a narrow room, and upright if that fits better."""
        if not lines:
            return
        longest = max(len(line) for line in lines)
        # A letter is about as wide as a capital is tall.
        upwards = room[0] < 0.5 * room[1] and longest * self.style.capital_px > room[0]
        capital = min(self.style.capital_px, 1.1 * room[1 if upwards else 0] / longest, room[0 if upwards else 1] / 2.2)
        if capital < SMALLEST_CAPITAL_PX:
            return
        self.name(lines, at, capital, upwards=upwards)

    def name(self, lines: Sequence[str], at: Point, capital: float, *, upwards: bool = False) -> None:
        """Lines of text around a point."""
        for number, text in enumerate(lines):
            shift = (number - (len(lines) - 1) / 2) * capital * 1.7
            place = (at[0] + shift, at[1]) if upwards else (at[0], at[1] + shift)
            self.text(place, text, capital, angle=90 if upwards else 0, halo=self.style.halo)

    def _note(self, room: Space, rng: random.Random) -> None:
        """Other marks in a room: a symbol, a level in a circle, or a dashed diagonal."""
        x0, y0, x1, y1 = extent(self.placed.layout.outline(room) * self.placed.factors + self.placed.origin)
        at = x0 + (x1 - x0) * rng.uniform(0.25, 0.75), y0 + (y1 - y0) * rng.uniform(0.2, 0.8)
        form = rng.random()
        if form < 0.25 and min(x1 - x0, y1 - y0) > 24:
            self.surface.circle(at, rng.uniform(7, 11), self.style.pen, self.style.ink)
        elif form < 0.4:
            self.line([(x0, y0), (x1, y1)], 0.6, dash=(5.0, 3.0))
            return
        self.text(at, rng.choice(NOTES), self.style.capital_px * 0.7)


def _leads_out(layout: Layout, hole: Hole) -> bool:
    """Whether one of its sides is outdoors."""
    return any(
        side == OUTSIDE or (side > 0 and layout.rooms[side - 1].kind is Kind.OUTDOOR)
        for side in (hole.before, hole.after)
    )


def _kind_beside(layout: Layout, hole: Hole) -> Kind:
    number = max(hole.before, hole.after)
    return layout.rooms[number - 1].kind if number > 0 else Kind.BACKGROUND


def _floor_colours(style: DrawingStyle) -> dict[Kind, Colour]:
    """A pale colour for each kind of room if the style fills rooms; else the colour of the paper."""
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


def _tiled(layout: Layout, room: Space) -> bool:
    """Whether the floor has tiles: wet rooms, and small rooms that may be wet rooms."""
    small = room.area < LARGEST_TILED_M2 * layout.pixels_per_metre**2
    return room.kind is Kind.BATH or (small and room.kind in (Kind.UNDEFINED, Kind.ENTRY))


def _between(first: Colour, second: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def _eroded(mask: NDArray[np.bool_], by: int) -> NDArray[np.bool_]:
    """Erosion by `by` pixels along rows and columns; pixels beyond the border count as unset."""
    across = np.zeros_like(mask)
    across[:, by:-by] = mask[:, by:-by] & mask[:, : -2 * by] & mask[:, 2 * by :]
    inner = np.zeros_like(mask)
    inner[by:-by] = across[by:-by] & across[: -2 * by] & across[2 * by :]
    return inner


def _opened(mask: NDArray[np.bool_], by: int) -> NDArray[np.bool_]:
    """Morphological opening by a square of 2 * by + 1 pixels."""
    padded = np.pad(mask, by, constant_values=False)
    for combine in (np.logical_and, np.logical_or):
        for axis in (0, 1):
            padded = _windowed(padded, by, axis, combine)
    return padded[by:-by, by:-by]


def _windowed(mask: NDArray[np.bool_], by: int, axis: int, combine: np.ufunc) -> NDArray[np.bool_]:
    return combine.reduce([np.roll(mask, shift, axis) for shift in range(-by, by + 1)], axis=0)


def _swing(hinge: float, free: int, length: float, face: float, towards: int) -> list[Point]:
    """The hinge, then the path of the free edge from open to closed, as (along, away)."""
    angles = [math.pi / 2 * step / 10 for step in range(11)]
    path = [(hinge + free * length * math.sin(a), face + towards * length * math.cos(a)) for a in angles]
    return [(hinge, face), *path]
