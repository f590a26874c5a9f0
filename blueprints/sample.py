"""The shipped sample: a ground floor of eleven rooms on an A3 sheet at 1:50. Nothing in it comes from a data set.

Lengths are metres on the ground, and (0, 0) is the top left corner of the building.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image

from blueprints.geometry import Box, Point
from blueprints.rendering.drawing_style import DrawingStyle
from blueprints.rendering.furniture_symbols import Furniture
from blueprints.rendering.layout import Kind, extent, layout
from blueprints.rendering.layout_drawing import LayoutDrawing
from blueprints.rendering.layout_openings import Hole
from blueprints.rendering.placed_layout import PlacedLayout
from blueprints.rendering.sheet_drawing import SheetDrawing
from blueprints.rendering.surface import Surface
from blueprints.rendering.surroundings import Surroundings

PICTURE = Path(__file__).with_name("sample.png")
"""The shipped picture; its true rooms are beside it in `sample.rooms.json`."""

SHEET_PX = (640, 453)
RESOLUTION = 3
SHEET_M = 21.0
"""The width of an A3 sheet at 1:50."""
METRE = SHEET_PX[0] / SHEET_M
CORNER = (2.05, 2.55)
"""The building's top left corner on the sheet."""

# Every wall is on this grid.
GRID_M = 0.02

STYLE = DrawingStyle(
    family="architect",
    ink=(30, 30, 30),
    wall_ink=(20, 20, 20),
    furniture_ink=(95, 95, 95),
    text_ink=(20, 20, 20),
    walls="hatched",
    partitions="solid",
    pen=0.7,
    hatch_px=3.2,
    capital_px=5.2,
    doors="arc",
    windows="sill",
    halo=True,
    unit="m",
    tick="slash",
)


@dataclass(frozen=True, kw_only=True)
class Room:
    """A room between the inner faces of its walls: one or more boxes that touch. `label` is the centre of its name."""

    name: str
    kind: Kind
    boxes: tuple[Box, ...]
    label: Point
    capital: float = 0.17

    @property
    def area(self) -> float:
        """Square metres."""
        return sum((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in self.boxes)


BUILDING: tuple[Box, ...] = ((0.0, 0.0, 13.40, 8.04), (6.96, 8.04, 13.40, 9.20))
BALCONY_RAILING: Box = (8.40, 9.20, 13.40, 10.80)

ROOMS = (
    Room(name="Bedroom 2", kind=Kind.BEDROOM, boxes=((0.40, 0.40, 3.80, 3.80),), label=(2.55, 2.20)),
    Room(name="Bedroom 3", kind=Kind.BEDROOM, boxes=((3.92, 0.40, 7.12, 3.80),), label=(5.00, 2.75)),
    Room(name="Kitchen", kind=Kind.KITCHEN, boxes=((7.36, 0.40, 9.60, 3.20),), label=(8.48, 2.58)),
    Room(
        name="Living room",
        kind=Kind.LIVING,
        boxes=((7.36, 3.32, 9.60, 4.32), (7.36, 4.32, 13.00, 8.80)),
        label=(9.30, 8.05),
    ),
    Room(name="Bedroom 1", kind=Kind.BEDROOM, boxes=((9.72, 0.40, 13.00, 4.20),), label=(11.25, 3.55)),
    Room(name="Hall", kind=Kind.ENTRY, boxes=((0.40, 3.92, 7.12, 5.12),), label=(3.75, 4.52)),
    Room(name="Storage", kind=Kind.STORAGE, boxes=((0.40, 5.24, 1.90, 7.64),), label=(1.38, 6.50), capital=0.14),
    Room(name="WC", kind=Kind.BATH, boxes=((2.02, 5.24, 3.22, 7.64),), label=(2.80, 6.46), capital=0.14),
    Room(name="Bath", kind=Kind.BATH, boxes=((3.34, 5.24, 5.84, 7.64),), label=(4.50, 6.42), capital=0.14),
    Room(name="Laundry", kind=Kind.STORAGE, boxes=((5.96, 5.24, 7.12, 7.64),), label=(6.54, 6.46), capital=0.14),
    Room(name="Balcony", kind=Kind.OUTDOOR, boxes=((8.46, 9.20, 13.34, 10.74),), label=(9.75, 10.38)),
)


@dataclass(frozen=True, kw_only=True)
class Opening:
    """An opening in a wall: `box` is the part of the wall that it removes; the other fields are as in `Hole`."""

    use: Literal["door", "passage", "window"]
    box: Box
    through: Literal["x", "y"]
    hinge: Literal["low", "high"] = "low"
    swings: Literal["before", "after"] = "after"


def _window(x0: float, y0: float, x1: float, y1: float) -> Opening:
    return Opening(use="window", box=(x0, y0, x1, y1), through="y" if x1 - x0 > y1 - y0 else "x")


OPENINGS = (
    _window(1.30, 0.00, 2.90, 0.40),
    _window(4.75, 0.00, 6.25, 0.40),
    _window(7.95, 0.00, 9.15, 0.40),
    _window(10.55, 0.00, 12.15, 0.40),
    _window(13.00, 5.30, 13.40, 7.70),
    _window(11.10, 8.80, 12.60, 9.20),
    _window(7.80, 8.80, 9.40, 9.20),
    _window(6.24, 7.64, 6.84, 8.04),
    _window(4.16, 7.64, 5.06, 8.04),
    _window(2.32, 7.64, 2.92, 8.04),
    # The front door, the door to the living room and the one to the balcony.
    Opening(use="door", box=(0.00, 4.02, 0.40, 5.02), through="x"),
    Opening(use="door", box=(7.12, 4.07, 7.36, 4.97), through="x", hinge="high"),
    Opening(use="door", box=(9.80, 8.80, 10.70, 9.20), through="y", hinge="high"),
    Opening(use="passage", box=(8.10, 3.20, 9.10, 3.32), through="y"),
    # From the hall.
    Opening(use="door", box=(2.82, 3.80, 3.67, 3.92), through="y", hinge="high", swings="before"),
    Opening(use="door", box=(4.06, 3.80, 4.91, 3.92), through="y", swings="before"),
    Opening(use="door", box=(0.75, 5.12, 1.55, 5.24), through="y"),
    Opening(use="door", box=(2.15, 5.12, 2.85, 5.24), through="y"),
    Opening(use="door", box=(3.47, 5.12, 4.27, 5.24), through="y"),
    Opening(use="door", box=(6.20, 5.12, 7.00, 5.24), through="y"),
    Opening(use="door", box=(9.86, 4.20, 10.71, 4.32), through="y", swings="before"),
)

FURNITURE = (
    # Bedroom 2
    Furniture(kind="single_bed", x=0.45, y=0.55, width=2.00, height=0.95, back="west"),
    Furniture(kind="night_table", x=0.45, y=1.58, width=0.42, height=0.42),
    Furniture(kind="wardrobe", x=0.42, y=2.20, width=0.60, height=1.55, back="west"),
    Furniture(kind="desk", x=2.75, y=0.50, width=1.00, height=1.30, back="east"),
    # Bedroom 3
    Furniture(kind="single_bed", x=6.12, y=0.50, width=0.95, height=2.00, back="north"),
    Furniture(kind="night_table", x=5.62, y=0.50, width=0.42, height=0.42),
    Furniture(kind="desk", x=3.96, y=0.60, width=1.05, height=1.40, back="west"),
    Furniture(kind="wardrobe", x=5.35, y=3.18, width=1.72, height=0.60, back="south"),
    # Bedroom 1
    Furniture(kind="double_bed", x=10.95, y=1.25, width=2.02, height=1.65, back="east"),
    Furniture(kind="night_table", x=12.52, y=0.75, width=0.45, height=0.42, back="east"),
    Furniture(kind="night_table", x=12.52, y=2.98, width=0.45, height=0.42, back="east"),
    Furniture(kind="wardrobe", x=9.74, y=0.45, width=0.60, height=2.40, back="west"),
    # Kitchen
    Furniture(kind="counter", x=7.38, y=0.42, width=0.60, height=2.60, back="west"),
    Furniture(kind="counter", x=7.98, y=0.42, width=0.98, height=0.60),
    Furniture(kind="sink", x=8.00, y=0.46, width=0.90, height=0.50),
    Furniture(kind="hob", x=7.40, y=1.60, width=0.56, height=0.60, back="west"),
    Furniture(kind="fridge", x=8.98, y=0.42, width=0.60, height=0.62, back="east"),
    Furniture(kind="counter", x=8.98, y=1.04, width=0.60, height=1.00, back="east"),
    # Living room
    Furniture(kind="dining_table", x=7.85, y=5.45, width=1.60, height=1.85, back="west"),
    Furniture(kind="rug", x=10.45, y=5.05, width=2.10, height=1.95),
    Furniture(kind="sofa", x=10.70, y=4.40, width=2.10, height=0.92, back="north"),
    Furniture(kind="table", x=11.15, y=5.75, width=1.10, height=0.60),
    Furniture(kind="armchair", x=10.05, y=5.75, width=0.85, height=0.85, back="west"),
    Furniture(kind="sideboard", x=11.00, y=8.34, width=1.70, height=0.42, back="south"),
    Furniture(kind="plant", x=7.50, y=8.20, width=0.50, height=0.50),
    # Storage, WC, bath and laundry
    Furniture(kind="shelf", x=0.42, y=6.20, width=0.40, height=1.40, back="west"),
    Furniture(kind="shelf", x=0.84, y=7.22, width=1.04, height=0.40, back="south"),
    Furniture(kind="toilet", x=2.42, y=6.94, width=0.40, height=0.68, back="south"),
    Furniture(kind="basin", x=2.04, y=6.20, width=0.32, height=0.44, back="west"),
    Furniture(kind="bath", x=3.36, y=6.87, width=1.70, height=0.75, back="south"),
    Furniture(kind="basin", x=3.36, y=6.18, width=0.46, height=0.58, back="west"),
    Furniture(kind="shower", x=4.92, y=5.26, width=0.90, height=0.90, back="east"),
    Furniture(kind="toilet", x=5.16, y=6.42, width=0.66, height=0.40, back="east"),
    Furniture(kind="washer", x=5.98, y=7.02, width=0.56, height=0.60, back="south"),
    Furniture(kind="washer", x=6.55, y=7.02, width=0.56, height=0.60, back="south"),
    # Balcony
    Furniture(kind="round_table", x=11.90, y=9.60, width=1.36, height=0.80, back="west"),
    Furniture(kind="plant", x=8.60, y=10.26, width=0.40, height=0.40),
)

CHAINS: tuple[tuple[Literal["x", "y"], float, tuple[float, ...]], ...] = (
    ("x", -0.55, (0.0, 1.30, 2.90, 4.75, 6.25, 7.95, 9.15, 10.55, 12.15, 13.40)),
    ("x", -1.05, (0.0, 3.86, 7.24, 9.66, 13.40)),
    ("x", -1.55, (0.0, 13.40)),
    ("y", -0.65, (0.0, 3.86, 5.18, 8.04)),
    ("y", -1.15, (0.0, 8.04)),
    ("y", 14.15, (0.0, 4.26, 9.20, 10.80)),
    ("x", 8.75, (0.0, 1.96, 3.28, 5.90)),
    ("x", 11.45, (8.40, 13.40)),
)
"""Dimension chains: the axis they run along, their position on the other axis, and their stops."""

NOTES = (
    "Sizes in metres, walls without finish.",
    "Areas between inner wall faces.",
    "Walls 0.40, bearing 0.24, partitions 0.12.",
)
TITLE: tuple[tuple[tuple[str, str], ...], ...] = (
    (("PROJECT", "House at the Orchard"),),
    (("DRAWING", "Ground floor plan"),),
    (("PHASE", "Building permit"),),
    (("DRAWN BY", "Room detection sample"),),
    (("DATE", "2026-03-02"), ("SCALE", "1:50")),
    (("SHEET", "A-101"), ("UNITS", "m")),
)
"""The rows of the title block, each with one or two cells of a caption and a text."""


def rooms() -> list[tuple[str, Box]]:
    """The rooms' names and their boxes as fractions 0..1 of the sheet's width and height, in the schedule's order."""
    outlines, (width, height) = floor().outlines(), SHEET_PX
    boxes = [extent(outlines[_number(room.label) - 1]) for room in ROOMS]
    return [
        (room.name, (x0 / width, y0 / height, x1 / width, y1 / height))
        for room, (x0, y0, x1, y1) in zip(ROOMS, boxes, strict=True)
    ]


def draw() -> Image.Image:
    """The whole sheet, grey: the same pixels on every machine."""
    surface = Surface(SHEET_PX, STYLE.paper, RESOLUTION)
    drawing = LayoutDrawing(surface=surface, style=STYLE, placed=floor())
    drawing.furnish(FURNITURE)
    drawing.borders()
    drawing.walls()
    drawing.holes(holes())
    for room in ROOMS:
        drawing.name((room.name, _area_text(room.area)), on_sheet(*room.label), room.capital * METRE)
    around = Surroundings(surface=surface, style=STYLE, placed=floor())
    for axis, at, stops in CHAINS:
        along, across = (0, 1) if axis == "x" else (1, 0)
        places = [(stop + CORNER[along]) * METRE for stop in stops]
        around.chain(places, (at + CORNER[across]) * METRE, upright=axis == "y")
    _Strip(surface=surface, style=STYLE).draw()
    return surface.finish().convert("L")


@cache
def floor() -> PlacedLayout:
    """The walls and rooms as a raster of the grid, at their place on the sheet."""
    _, _, right, bottom = (round(edge / GRID_M) for edge in BALCONY_RAILING)
    kinds = np.zeros((bottom, right), np.uint8)
    for box in BUILDING:
        _paint(kinds, box, Kind.WALL)
    _paint(kinds, BALCONY_RAILING, Kind.RAILING)
    for room in ROOMS:
        for box in room.boxes:
            _paint(kinds, box, room.kind)
    corner = CORNER[0] * METRE, CORNER[1] * METRE
    return PlacedLayout(layout=layout(kinds, 1 / GRID_M), corner=corner, scale=METRE * GRID_M)


def _paint(kinds: np.ndarray, box: Box, kind: Kind) -> None:
    left, top, right, bottom = (round(edge / GRID_M) for edge in box)
    kinds[top:bottom, left:right] = kind


def holes() -> Iterator[Hole]:
    """The openings on the floor's raster, with the rooms that they join."""
    for opening in OPENINGS:
        left, top, right, bottom = opening.box
        x, y = (left + right) / 2, (top + bottom) / 2
        before, after = ((left - GRID_M, y), (right + GRID_M, y))
        if opening.through == "y":
            before, after = ((x, top - GRID_M), (x, bottom + GRID_M))
        yield Hole(
            use=opening.use,
            box=(left / GRID_M, top / GRID_M, right / GRID_M, bottom / GRID_M),
            through=opening.through,
            before=_number(before),
            after=_number(after),
            hinge=opening.hinge,
            swings=opening.swings,
        )


def _number(at: Point) -> int:
    """The number of the room at a point; 0 if there is none."""
    labels = floor().layout.labels
    column, row = int(at[0] / GRID_M), int(at[1] / GRID_M)
    inside = at[0] >= 0 and at[1] >= 0 and row < labels.shape[0] and column < labels.shape[1]
    return int(labels[row, column]) if inside else 0


def on_sheet(x: float, y: float) -> Point:
    return (x + CORNER[0]) * METRE, (y + CORNER[1]) * METRE


def _area_text(square_metres: float) -> str:
    return f"{square_metres:.1f} m²"


MARGIN = 12.0
STRIP = 104.0
LETTERING = 3.8
SMALL_LETTERING = 2.9
ROW = 9.0
CELL = 16.0


class _Strip(SheetDrawing):
    """The sheet's frame, and the strip on its right: room schedule, notes, north arrow, scale and title block."""

    def draw(self) -> None:
        width, height = self.surface.size
        right, bottom = width - MARGIN, height - MARGIN
        left = right - STRIP
        self.outline((MARGIN, MARGIN, right, bottom), 1.4)
        self.line([(left, MARGIN), (left, bottom)], 1.4)
        below = self._schedule(left + 6, right - 6, MARGIN + 13)
        self._notes(left + 6, below + 18)
        top = bottom - CELL * len(TITLE)
        self.north_arrow(((left + right) / 2, top - 68), 16)
        self.scale_bar(((left + right) / 2 - METRE, top - 22), METRE / 2, 0.5)
        self._title_rows(left, right, top)

    def _schedule(self, left: float, right: float, y: float) -> float:
        """The rooms with their areas, and the total. Returns where it ends."""
        self.text((left, y), "ROOM SCHEDULE", LETTERING, align="left")
        y += 8
        self.line([(left, y), (right, y)], 0.6)
        for number, room in enumerate(ROOMS, start=1):
            y += ROW
            self.text((left, y - ROW / 2), f"{number:02d}", LETTERING, align="left")
            self._row(left + 12, right, y - ROW / 2, room.name, room.area)
        y += 2
        self.line([(left, y), (right, y)], 0.6)
        self._row(left + 12, right, y + ROW / 2, "Total", sum(room.area for room in ROOMS))
        return y + ROW

    def _row(self, left: float, right: float, y: float, name: str, area: float) -> None:
        self.text((left, y), name, LETTERING, align="left")
        self.text((right, y), _area_text(area), LETTERING, align="right")

    def _notes(self, left: float, y: float) -> None:
        self.text((left, y), "NOTES", LETTERING, align="left")
        for number, note in enumerate(NOTES, start=1):
            self.text((left, y + number * 7.6), f"{number}. {note}", SMALL_LETTERING, align="left")

    def _title_rows(self, left: float, right: float, top: float) -> None:
        edges = [top + CELL * row for row in range(len(TITLE) + 1)]
        for cells, (y, end) in zip(TITLE, pairwise(edges), strict=True):
            self.line([(left, y), (right, y)], 1.4 if y == top else 0.6)
            for x, (caption, text) in zip(_starts(left, right, cells), cells, strict=True):
                self.text((x + 4, y + 4.5), caption, SMALL_LETTERING * 0.8, align="left")
                self.text((x + 4, y + 11), text, LETTERING, align="left")
                if x > left:
                    self.line([(x, y), (x, end)], 0.6)


def _starts(left: float, right: float, cells: Sequence[object]) -> list[float]:
    return [left + (right - left) * number / len(cells) for number in range(len(cells))]
