"""A floor as a raster of spaces, and what follows from it: rooms with exact boxes, and straight stretches of wall.

Lengths are in layout pixels unless a name says otherwise. x grows to the right and y downwards. A box is given by the
outer edges of its pixels: a room of one pixel in the corner has the box (0, 0, 1, 1).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from blueprints.errors import BlueprintError
from blueprints.geometry import Box, Point
from blueprints.rendering.connected import boundary, components, depths


class Kind(IntEnum):
    """The kind of space of a pixel; the values are the indices in the layouts' PNG files."""

    BACKGROUND = 0
    OUTDOOR = 1
    WALL = 2
    KITCHEN = 3
    LIVING = 4
    BEDROOM = 5
    BATH = 6
    ENTRY = 7
    RAILING = 8
    STORAGE = 9
    GARAGE = 10
    UNDEFINED = 11


ROOM_KINDS = tuple(kind for kind in Kind if kind not in (Kind.BACKGROUND, Kind.WALL, Kind.RAILING))

OUTSIDE = 0
"""The side of a wall that faces the background."""
BLOCKED = -1
"""A side of a wall that faces neither a room nor the background."""

# Traced layouts have specks where areas overlap. At 448 px, no real room is this small.
LEAST_AREA = 60
LEAST_SIDE = 4

# Usual sizes of living rooms and bedrooms, and of all rooms together: a traced layout's scale is estimated from them.
MAIN_ROOM_M2 = 14.0
ANY_ROOM_M2 = 7.0
LARGEST_SIDE_PX = 2000


@dataclass(frozen=True, kw_only=True)
class Space:
    """A room of a layout: a connected area of one kind, with its number in `Layout.labels`."""

    number: int
    kind: Kind
    box: tuple[int, int, int, int]
    area: int

    @property
    def fullness(self) -> float:
        """The share of its box that the room fills: 1 for a rectangle."""
        left, top, right, bottom = self.box
        return self.area / ((right - left) * (bottom - top))


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """A straight piece of wall or border between the spaces `before` (left or above) and `after` (right or below).

    `through` is the axis that leads from one to the other. A wall has a thickness along it; the border between
    open-plan neighbours has none. Spaces are room numbers, OUTSIDE or BLOCKED.
    """

    box: tuple[int, int, int, int]
    through: Literal["x", "y"]
    before: int
    after: int

    @property
    def length(self) -> int:
        left, top, right, bottom = self.box
        return bottom - top if self.through == "x" else right - left

    @property
    def thickness(self) -> int:
        left, top, right, bottom = self.box
        return right - left if self.through == "x" else bottom - top


@dataclass(frozen=True, eq=False, kw_only=True)
class Layout:
    """A drawing of one or more floors. `kinds` and `labels` are (height, width); label 0 means no room.

    The rooms from number `own` + 1 on are the neighbours': they are drawn, but are not the dwelling's.
    """

    kinds: NDArray[np.uint8]
    labels: NDArray[np.int16]
    rooms: tuple[Space, ...]
    pixels_per_metre: float
    own: int

    @property
    def own_rooms(self) -> tuple[Space, ...]:
        """The rooms of the dwelling, without its neighbours'."""
        return self.rooms[: self.own]

    @property
    def width(self) -> int:
        return self.kinds.shape[1]

    @property
    def height(self) -> int:
        return self.kinds.shape[0]

    @cached_property
    def walls(self) -> tuple[Stretch, ...]:
        """Straight pieces of wall of one thickness and one pair of neighbours, in a fixed order."""
        wall = self.kinds == Kind.WALL
        sides = self._sides
        return (*_along(sides, wall, "x"), *_along(sides.T, wall.T, "y"))

    @cached_property
    def open_borders(self) -> tuple[Stretch, ...]:
        """Straight pieces of border where two rooms touch without a wall."""
        return (*_borders(self.labels, "x"), *_borders(self.labels.T, "y"))

    @cached_property
    def edges(self) -> tuple[Stretch, ...]:
        """Straight pieces of border between an outdoor area and the background: drawn as lines, but not walls."""
        sides = np.pad(self._sides, 1)
        outdoor = np.isin(sides, [room.number for room in self.rooms if room.kind is Kind.OUTDOOR])
        marked = np.where(outdoor, sides, np.where(sides == OUTSIDE, np.int16(self._beyond), np.int16(0)))
        found = (*_borders(marked, "x"), *_borders(marked.T, "y"))
        return tuple(
            Stretch(
                box=(s.box[0] - 1, s.box[1] - 1, s.box[2] - 1, s.box[3] - 1),
                through=s.through,
                before=OUTSIDE if s.before == self._beyond else s.before,
                after=OUTSIDE if s.after == self._beyond else s.after,
            )
            for s in found
            if self._beyond in (s.before, s.after)
        )

    def outline(self, room: Space) -> NDArray[np.float64]:
        """The outer corners of the room's rows of pixels, (points, 2): enough for its extent after a projection."""
        left, top, right, bottom = room.box
        inside = self.labels[top:bottom, left:right] == room.number
        first = left + inside.argmax(axis=1)
        last = right - inside[:, ::-1].argmax(axis=1)
        rows = np.arange(top, bottom)
        xs = np.concatenate((first, first, last, last))
        ys = np.concatenate((rows, rows + 1, rows, rows + 1))
        return np.stack((xs, ys), axis=1).astype(np.float64)

    def boundary(self, room: Space) -> NDArray[np.float64]:
        """The room's edge as one ring of corners, (points, 2), clockwise as seen; slits join large holes to it."""
        left, top, right, bottom = room.box
        return boundary(self.labels[top:bottom, left:right] == room.number) + np.array((left, top))

    def middle(self, room: Space) -> Point:
        """A point well inside the room: its centre or, for an angular room, the point farthest from its edges."""
        left, top, right, bottom = room.box
        if room.fullness > 0.85:
            return (left + right) / 2, (top + bottom) / 2
        distance = depths(np.pad(self.labels[top:bottom, left:right] == room.number, 1))
        y, x = np.unravel_index(int(distance.argmax()), distance.shape)
        return left + float(x) - 0.5, top + float(y) - 0.5

    @property
    def _beyond(self) -> int:
        return len(self.rooms) + 1

    @cached_property
    def _sides(self) -> NDArray[np.int16]:
        return np.where(self.labels > 0, self.labels, np.where(self.kinds == Kind.BACKGROUND, OUTSIDE, BLOCKED)).astype(
            np.int16
        )


def layout(
    kinds: NDArray[np.uint8], pixels_per_metre: float | None = None, foreign: NDArray[np.bool_] | None = None
) -> Layout:
    """The layout of a raster of kinds, cropped to its content. Without a scale, one is estimated from the rooms.

    `foreign`, of the raster's shape, marks the pixels of neighbouring dwellings. BlueprintError if the raster has an
    unknown kind, is too large, or has no room.
    """
    if kinds.ndim != 2 or not 0 < max(kinds.shape) <= LARGEST_SIDE_PX:
        raise BlueprintError(f"a layout of shape {kinds.shape}: must be a raster of up to {LARGEST_SIDE_PX} px a side")
    if kinds.max() > max(Kind):
        raise BlueprintError(f"a layout has the index {kinds.max()}: the kinds of space are 0 to {max(Kind):d}")
    shown = _shown(kinds)
    kinds = kinds[shown]
    labels = np.zeros(kinds.shape, np.int16)
    rooms: list[Space] = []
    parts = (
        [kinds]
        if foreign is None
        else [np.where(side, kinds, Kind.BACKGROUND) for side in (~foreign[shown], foreign[shown])]
    )
    own = 0
    for part in parts:
        for kind, where in zip(ROOM_KINDS, _extents(part), strict=True):
            if where is not None:
                rooms.extend(_spaces(part, labels, kind, where, len(rooms) + 1))
        own = own or len(rooms)
    if not rooms:
        raise BlueprintError("a layout shows no room: it needs a connected area of a room's kind")
    return Layout(
        kinds=kinds,
        labels=labels,
        rooms=tuple(rooms),
        pixels_per_metre=pixels_per_metre or _judged_scale(rooms),
        own=own,
    )


def _shown(kinds: NDArray[np.uint8]) -> tuple[slice, slice]:
    """The rows and columns from the first to the last that are not background."""
    shown = kinds != Kind.BACKGROUND
    if not shown.any():
        return slice(None), slice(None)
    rows, columns = np.flatnonzero(shown.any(axis=1)), np.flatnonzero(shown.any(axis=0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def _extents(kinds: NDArray[np.uint8]) -> list[tuple[slice, slice] | None]:
    """The box of each of ROOM_KINDS: labelling within it is much faster than over the whole raster."""
    found: list[tuple[slice, slice] | None] = []
    for kind in ROOM_KINDS:
        shown = kinds == kind
        rows, columns = np.flatnonzero(shown.any(axis=1)), np.flatnonzero(shown.any(axis=0))
        if rows.size == 0:
            found.append(None)
            continue
        found.append((slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)))
    return found


def _spaces(
    kinds: NDArray[np.uint8], labels: NDArray[np.int16], kind: Kind, where: tuple[slice, slice], first: int
) -> Iterator[Space]:
    """The rooms of one kind; they are written to `labels` with numbers from `first` on."""
    numbered, found = components(kinds[where] == kind)
    number = first
    for component, part in enumerate(found, start=1):
        inside = numbered[part] == component
        area = int(np.count_nonzero(inside))
        if area < LEAST_AREA or min(inside.shape) < LEAST_SIDE:
            continue
        top, left = where[0].start + part[0].start, where[1].start + part[1].start
        bottom, right = top + inside.shape[0], left + inside.shape[1]
        labels[top:bottom, left:right][inside] = number
        yield Space(number=number, kind=kind, box=(left, top, right, bottom), area=area)
        number += 1


def _judged_scale(rooms: list[Space]) -> float:
    main = [room.area for room in rooms if room.kind in (Kind.LIVING, Kind.BEDROOM)]
    areas, usual = (main, MAIN_ROOM_M2) if main else ([room.area for room in rooms], ANY_ROOM_M2)
    return math.sqrt(float(np.median(areas)) / usual)


def _along(sides: NDArray[np.int16], wall: NDArray[np.bool_], through: Literal["x", "y"]) -> list[Stretch]:
    """Stretches of wall that are crossed along the rows of the arrays."""
    sides, wall = np.pad(sides, 1), np.pad(wall, 1)
    rows, columns = np.nonzero(wall[:, 1:] != wall[:, :-1])
    rows, start, end = rows[0::2], columns[0::2] + 1, columns[1::2] + 1
    return _grouped(rows - 1, start - 1, end - 1, sides[rows, start - 1], sides[rows, end], through)


def _borders(labels: NDArray[np.int16], through: Literal["x", "y"]) -> list[Stretch]:
    before, after = labels[:, :-1], labels[:, 1:]
    rows, columns = np.nonzero((before != after) & (before > 0) & (after > 0))
    return _grouped(rows, columns + 1, columns + 1, before[rows, columns], after[rows, columns], through)


def _grouped(
    rows: NDArray[np.intp],
    start: NDArray[np.intp],
    end: NDArray[np.intp],
    before: NDArray[np.int16],
    after: NDArray[np.int16],
    through: Literal["x", "y"],
) -> list[Stretch]:
    """Equal runs in successive rows are merged into one stretch."""
    if rows.size == 0:
        return []
    order = np.lexsort((rows, end, start, after, before))
    rows, start, end = rows[order], start[order], end[order]
    before, after = before[order], after[order]
    new = np.ones(rows.size, bool)
    new[1:] = (
        (rows[1:] != rows[:-1] + 1)
        | (start[1:] != start[:-1])
        | (end[1:] != end[:-1])
        | (before[1:] != before[:-1])
        | (after[1:] != after[:-1])
    )
    firsts = np.flatnonzero(new)
    lasts = np.append(firsts[1:], rows.size) - 1
    stretches = []
    for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True):
        x0, y0, x1, y1 = int(start[first]), int(rows[first]), int(end[first]), int(rows[last]) + 1
        box = (x0, y0, x1, y1) if through == "x" else (y0, x0, y1, x1)
        stretches.append(Stretch(box=box, through=through, before=int(before[first]), after=int(after[first])))
    return stretches


def extent(points: NDArray[np.float64]) -> Box:
    """The box around points, (points, 2)."""
    left, top = points.min(axis=0)
    right, bottom = points.max(axis=0)
    return float(left), float(top), float(right), float(bottom)
