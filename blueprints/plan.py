"""The model of a floor plan.

Lengths are metres, x grows to the right and y downwards, and (0, 0) is the top left corner of the building's outside.
Every object is immutable and checks itself: a plan that exists can be drawn, and its room boxes are exact.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from blueprints.errors import BlueprintError
from blueprints.geometry import Box, Point

Side = Literal["north", "east", "south", "west"]


@dataclass(frozen=True, kw_only=True)
class Opening:
    """A hole through a wall: an open passage, or the place of a door or a window.

    `at` is the distance from the wall's start to the near jamb, along the wall.
    """

    at: float
    width: float

    def __post_init__(self) -> None:
        if self.width <= 0:
            raise BlueprintError(f"{type(self).__name__}.width is {self.width} m: must be more than 0")

    @property
    def end(self) -> float:
        return self.at + self.width


@dataclass(frozen=True, kw_only=True)
class Door(Opening):
    """A leaf that hangs on the jamb nearer to the wall's `start` or `end`, and opens to its `left` or `right`.

    Left and right are those of somebody who walks along the wall from its start to its end.
    """

    hinge: Literal["start", "end"] = "start"
    side: Literal["left", "right"] = "left"


@dataclass(frozen=True, kw_only=True)
class Window(Opening):
    """A glazed opening over its whole width."""


@dataclass(frozen=True, kw_only=True)
class Wall:
    """A straight wall along its centre line from `start` to `end`.

    The body reaches half a thickness beyond both ends, so that walls that meet at a corner fill it. `masonry` is
    hatched between two lines, `stud` is solid, `railing` is two thin lines.
    """

    start: Point
    end: Point
    thickness: float
    material: Literal["masonry", "stud", "railing"] = "masonry"
    openings: tuple[Opening, ...] = ()

    def __post_init__(self) -> None:
        if self.thickness <= 0:
            raise BlueprintError(f"{self.name}: thickness is {self.thickness} m: must be more than 0")
        if self.length == 0:
            raise BlueprintError(f"{self.name}: has no length: start and end must differ")
        reached = 0.0
        for opening in self.openings:
            if opening.at < reached:
                raise BlueprintError(
                    f"{self.name}: an opening begins at {opening.at} m, before {reached} m, where the last ends:"
                    " order openings from the wall's start and keep them apart"
                )
            reached = opening.end
        if reached > self.length:
            raise BlueprintError(
                f"{self.name}: an opening ends at {reached:.2f} m of {self.length:.2f} m: move it back"
            )

    @property
    def name(self) -> str:
        return f"wall {self.start} to {self.end}"

    @property
    def length(self) -> float:
        return math.dist(self.start, self.end)

    def point(self, along: float, left: float = 0.0) -> Point:
        """The point `along` metres from the start and `left` metres to the left of the centre line."""
        ux, uy = (self.end[0] - self.start[0]) / self.length, (self.end[1] - self.start[1]) / self.length
        return self.start[0] + along * ux + left * uy, self.start[1] + along * uy - left * ux

    def quad(self, start: float, end: float, inset: float = 0.0) -> tuple[Point, Point, Point, Point]:
        """The corners of the body between two distances from the start, drawn in by `inset` on every side."""
        half = self.thickness / 2 - inset
        near, far = start + inset, end - inset
        return self.point(near, half), self.point(far, half), self.point(far, -half), self.point(near, -half)

    def pieces(self) -> Iterator[tuple[float, float]]:
        """The stretches of the body between openings, as distances from the start."""
        cap = self.thickness / 2
        edges = [-cap, *(edge for opening in self.openings for edge in (opening.at, opening.end)), self.length + cap]
        for index in range(0, len(edges), 2):
            yield edges[index], edges[index + 1]


@dataclass(frozen=True, kw_only=True)
class Room:
    """A room: `outline` follows the inner faces of its walls, `label` is where the middle of its name stands.

    `text_height` is the height of the name's capitals on the ground, in metres.
    """

    name: str
    outline: tuple[Point, ...]
    label: Point
    text_height: float = 0.17

    def __post_init__(self) -> None:
        if len(self.outline) < 3 or self.area == 0:
            raise BlueprintError(f"room {self.name!r}: its outline must enclose an area, not {self.outline}")

    @property
    def box(self) -> Box:
        """The room's extent in metres, tight to the inner faces of its walls."""
        xs, ys = zip(*self.outline, strict=True)
        return min(xs), min(ys), max(xs), max(ys)

    @property
    def area(self) -> float:
        """Square metres, by the shoelace formula."""
        closed = (*self.outline, self.outline[0])
        return abs(sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairwise(closed))) / 2


@dataclass(frozen=True, kw_only=True)
class Furniture:
    """A symbol over the box `x, y, x + width, y + height`, with its back (headboard, cistern, tap) to one side.

    `kind` is a name of `blueprints.rendering.furniture.SYMBOLS`.
    """

    kind: str
    x: float
    y: float
    width: float
    height: float
    back: Side = "north"

    def __post_init__(self) -> None:
        if self.width <= 0 or self.height <= 0:
            raise BlueprintError(f"{self.kind}: is {self.width} x {self.height} m: both must be more than 0")


@dataclass(frozen=True, kw_only=True)
class DimensionChain:
    """A chain of measures between consecutive `stops` along one axis; the chain runs at `at` on the other axis."""

    axis: Literal["x", "y"]
    stops: tuple[float, ...]
    at: float

    def __post_init__(self) -> None:
        if len(self.stops) < 2 or any(a >= b for a, b in pairwise(self.stops)):
            raise BlueprintError(f"dimension chain {self.stops}: needs two or more rising stops")

    def point(self, along: float, across: float) -> Point:
        """The point at a place of the chain's own axis and one of the other axis."""
        return (along, across) if self.axis == "x" else (across, along)


@dataclass(frozen=True, kw_only=True)
class TitleBlock:
    """What the strip at the right of the sheet says."""

    project: str
    drawing: str
    number: str
    date: str
    drawn_by: str
    phase: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """The paper, in metres on the ground: an A3 sheet at 1:50 is 21.00 x 14.85.

    `origin` is where the building's (0, 0) lies on it, `strip` the width of the title strip inside the frame.
    """

    width: float
    height: float
    scale: int
    origin: Point
    margin: float = 0.4
    strip: float = 3.4


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One floor on one sheet."""

    sheet: Sheet
    walls: tuple[Wall, ...]
    rooms: tuple[Room, ...]
    furniture: tuple[Furniture, ...] = ()
    dimensions: tuple[DimensionChain, ...] = ()
    title: TitleBlock | None = None

    def __post_init__(self) -> None:
        for room, box in zip(self.rooms, self.room_boxes(), strict=True):
            if min(box) < 0 or max(box) > 1:
                raise BlueprintError(
                    f"room {room.name!r}: lies outside the sheet: move the sheet's origin or enlarge it"
                )

    def room_boxes(self) -> tuple[Box, ...]:
        """The boxes of `rooms`, in order, as fractions 0..1 of the sheet's width and height."""
        (ox, oy), sheet = self.sheet.origin, self.sheet
        return tuple(
            ((x0 + ox) / sheet.width, (y0 + oy) / sheet.height, (x1 + ox) / sheet.width, (y1 + oy) / sheet.height)
            for x0, y0, x1, y1 in (room.box for room in self.rooms)
        )
