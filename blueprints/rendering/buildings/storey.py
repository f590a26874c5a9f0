"""A storey as outlines in metres: rooms, openings and fixtures. Walls are what is left between the rooms."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from blueprints.rendering.buildings.frame import Frame
from blueprints.rendering.polygons import Points, clockwise, points, rectangle

Pen = Literal[0, 1, 2, 3]
"""Line weight: hair, thin, medium or heavy."""
Dash = tuple[float, float] | None
"""Lengths of a stroke and of the gap after it, in metres."""

DOOR_M = 0.9
ColumnForm = Literal["square", "round", "hollow", "encased", "steel"]
"""A filled square or disc, a square outline with a cross, a disc in a square casing, or an H."""


@dataclass(eq=False, kw_only=True)
class Room:
    """A room. `outline` runs along the inner faces of its walls, clockwise as seen, in metres."""

    outline: Points
    kind: str
    middle: tuple[float, float]
    """The place of its tag."""
    size: tuple[float, float]
    """Space for the tag around `middle`, in metres, along and across the frame."""
    angle: float = 0.0
    """Angle of its frame."""
    name: str = ""
    number: str = ""
    tagged: bool = True
    floor: str = ""


@dataclass(frozen=True, eq=False, kw_only=True)
class Facade:
    """A straight outer face with the places where partitions meet it. Dimension strings and axes refer to it."""

    frame: Frame
    """x runs along the face, y out of the building, 0 at the face."""
    stops: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Habits:
    """How the openings of a storey are drawn."""

    leaf: Literal["line", "plate", "none"]
    swing: float
    """The angle of a door's leaf in degrees."""
    sill: int
    """Number of lines of a window."""
    thresholds: bool
    cupboards: bool


@dataclass(frozen=True, kw_only=True)
class Fit:
    """What all rooms of a storey have in common. Lengths in metres, shares 0..1."""

    furnished: bool
    plumbed: bool
    glazing: Literal["single", "band"]
    window_width: float
    door_width: float
    outward: float
    """Share of doors that open to the corridor."""
    outward_below: float
    """Doors narrower than this always open to the corridor."""
    bath_size: tuple[float, float]
    bath_outside: bool
    canteen_round: bool
    balconies: bool
    clearances: bool
    pictograms: bool
    """Whether framed symbols stand for the furniture of guest rooms."""
    glass_fronts: float
    """Share of rooms whose wall to the corridor is glazed."""
    cut_corners: float
    """Share of rooms with a column or a chase in a corner."""
    piers: float
    """Spacing of the piers that project from the facade; 0 for none."""
    pier_size: tuple[float, float]
    """Their width, and how far they project."""
    folding_walls: float
    """Share of suites whose rooms are divided by a folding wall or a curtain, drawn as a dashed line."""
    columns: ColumnForm | None
    column_side: float
    mirrored: bool
    """Whether neighbours of one kind are mirror images of each other."""


@dataclass(eq=False, kw_only=True)
class Storey:
    """What is drawn of a storey. `walls` are (outer face, inner face) of whole wings; rooms are cut out of them."""

    rng: random.Random
    habits: Habits
    fit: Fit
    partition: float
    facade: float
    rooms: list[Room] = field(default_factory=list)
    walls: list[tuple[Points, Points]] = field(default_factory=list)
    solids: list[Points] = field(default_factory=list)
    cuts: list[Points] = field(default_factory=list)
    under: list[tuple[Points, Pen, Dash]] = field(default_factory=list)
    over: list[tuple[Points, Pen]] = field(default_factory=list)
    shades: list[tuple[Points, int]] = field(default_factory=list)
    facades: list[Facade] = field(default_factory=list)
    axes: list[tuple[Frame, tuple[float, ...], float, float]] = field(default_factory=list)
    """Frame, the x positions of the grid axes, and their y range."""
    flipped: bool = False
    """Whether the next unit is a mirror image."""

    def room(
        self,
        frame: Frame,
        outline: Points,
        kind: str,
        *,
        middle: tuple[float, float] | None = None,
        size: tuple[float, float] | None = None,
        tagged: bool = True,
    ) -> Room:
        """Add a room; its outline is in metres of the frame."""
        left, top = outline.min(axis=0)
        right, bottom = outline.max(axis=0)
        if middle is None:
            middle = (left + right) / 2, (top + bottom) / 2
        if size is None:
            size = right - left, bottom - top
        along = frame(points(middle, (middle[0] + 0.1, middle[1])))
        room = Room(
            outline=clockwise(frame.line(outline, closed=True)),
            kind=kind,
            middle=(float(along[0, 0]), float(along[0, 1])),
            size=(float(size[0]), float(size[1])),
            angle=math.atan2(along[1, 1] - along[0, 1], along[1, 0] - along[0, 0]),
            tagged=tagged,
        )
        self.rooms.append(room)
        return room

    def box(self, frame: Frame, left: float, top: float, right: float, bottom: float, kind: str) -> Room:
        """Add a rectangular room."""
        return self.room(frame, rectangle(left, top, right, bottom), kind)

    def wing(self, frame: Frame, outer: Points, inner: Points) -> None:
        self.walls.append((frame.line(outer, closed=True), frame.line(inner, closed=True)))

    def line(self, frame: Frame, *pairs: tuple[float, float], pen: Pen = 1, dash: Dash = None) -> None:
        self.under.append((frame.line(np.array(pairs, np.float64)), pen, dash))

    def frame_box(
        self, frame: Frame, x0: float, y0: float, x1: float, y1: float, pen: Pen = 1, dash: Dash = None
    ) -> None:
        """Draw the outline of a box that is not a room."""
        self.under.append((frame.line(points((x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0))), pen, dash))

    def round(
        self,
        frame: Frame,
        x: float,
        y: float,
        rx: float,
        ry: float | None = None,
        start: float = 0,
        end: float = 360,
        pen: Pen = 1,
    ) -> None:
        """An ellipse or an arc of one, from `start` to `end` in degrees, x towards y."""
        turns = np.radians(np.linspace(start, end, max(4, round(abs(end - start) / (18 if rx < 0.5 else 9)))))
        path = np.stack((x + rx * np.cos(turns), y + (rx if ry is None else ry) * np.sin(turns)), axis=1)
        self.under.append((frame(path), pen, None))

    def shade(self, frame: Frame, outline: Points, grey: int) -> None:
        self.shades.append((frame.line(outline, closed=True), grey))

    def opening(self, frame: Frame, x: float, y0: float, y1: float, width: float) -> None:
        """Add a gap in the wall from y0 to y1."""
        self.cuts.append(frame.line(rectangle(x, y0 - 0.02, x + width, y1 + 0.02), closed=True))

    def door(self, frame: Frame, x: float, y0: float, y1: float, width: float = DOOR_M, form: str = "") -> None:
        """Add a door at x, in the wall along x between y0 and y1, opening towards greater y."""
        rng, habits = self.rng, self.habits
        self.opening(frame, x, y0, y1, width)
        form = form or ("double" if width > 1.35 else "single")
        if habits.thresholds:
            for y in (y0, y1):
                self.over.append((frame.line(points((x, y), (x + width, y))), 0))
        if form == "single":
            if rng.random() < 0.5:
                self._leaf(frame.moved(x, y1), width)
            else:
                self._leaf(frame.moved(x + width, y1).mirrored_x(), width)
        elif form == "double":
            self._leaf(frame.moved(x, y1), width / 2)
            self._leaf(frame.moved(x + width, y1).mirrored_x(), width / 2)
        elif form == "fold":
            leaves = 4 if width > 1.2 else 2
            step = width / leaves
            zigzag = [(x + step * i, y1 + (step * 0.8 if i % 2 else 0.0)) for i in range(leaves + 1)]
            self.over.append((frame.line(np.array(zigzag)), 1))
        elif form == "slide":
            y = (y0 + y1) / 2
            self.over.append((frame.line(points((x, y - 0.03), (x + width * 0.55, y - 0.03))), 1))
            self.over.append((frame.line(points((x + width * 0.45, y + 0.03), (x + width, y + 0.03))), 1))

    def _leaf(self, hinge: Frame, width: float) -> None:
        """A door leaf that turns about the frame's origin and closes along x."""
        if self.habits.leaf == "none":
            return
        turn = math.radians(self.habits.swing)
        tip = width * math.cos(turn), width * math.sin(turn)
        if self.habits.leaf == "plate":
            across = 0.045 * math.sin(turn), -0.045 * math.cos(turn)
            plate = points((0, 0), tip, (tip[0] + across[0], tip[1] + across[1]), across, (0, 0))
            self.over.append((hinge.line(plate), 1))
        else:
            self.over.append((hinge.line(points((0, 0), tip)), 1))
        turns = np.linspace(0, turn, 9)
        self.over.append((hinge(np.stack((width * np.cos(turns), width * np.sin(turns)), axis=1)), 0))

    def window(self, frame: Frame, x: float, y0: float, y1: float, width: float) -> None:
        """Add a window in the wall along x between y0 (inside) and y1 (outside)."""
        self.opening(frame, x, y0, y1, width)
        lines = self.habits.sill
        for number in range(lines):
            y = y0 + (y1 - y0) * (number / (lines - 1) if lines > 1 else 0.5)
            inset = 0.0 if number in (0, lines - 1) else 0.05
            self.over.append((frame.line(points((x + inset, y), (x + width - inset, y))), 1))
        if width > 2.2 and self.habits.sill > 2:
            middle = x + width / 2
            self.over.append((frame.line(points((middle, y0 + 0.05), (middle, y1 - 0.05))), 1))

    def column(self, frame: Frame, x: float, y: float) -> None:
        """A column around (x, y), in the form that all columns of the storey have."""
        form, half = self.fit.columns, self.fit.column_side / 2
        square = rectangle(x - half, y - half, x + half, y + half)
        if form == "square":
            self.solids.append(frame(square))
        elif form == "steel":
            for left, right, top, bottom in ((-1, 1, -1, -0.7), (-0.15, 0.15, -1, 1), (-1, 1, 0.7, 1)):
                self.solids.append(
                    frame(rectangle(x + left * half, y + top * half, x + right * half, y + bottom * half))
                )
        elif form in ("round", "encased"):
            turns = np.linspace(0, math.tau, 17)[:-1]
            self.solids.append(frame(np.stack((x + half * np.cos(turns), y + half * np.sin(turns)), axis=1)))
        if form in ("hollow", "encased"):
            casing = (
                square
                if form == "hollow"
                else rectangle(x - half * 1.4, y - half * 1.4, x + half * 1.4, y + half * 1.4)
            )
            self.over.append((frame(np.concatenate((casing, casing[:1]))), 1))
        if form == "hollow":
            self.over.append((frame(square[[0, 2]]), 0))
            self.over.append((frame(square[[1, 3]]), 0))
