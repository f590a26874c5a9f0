"""Blocks divided recursively into halls, suites, service rooms and islands in halls."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from blueprints.geometry import Box
from blueprints.rendering.buildings import furniture_symbols
from blueprints.rendering.buildings.cell import Cell, plain
from blueprints.rendering.buildings.columns import add_columns
from blueprints.rendering.buildings.frame import Frame
from blueprints.rendering.buildings.furniture_placing import meeting_furniture
from blueprints.rendering.buildings.piers import add_piers
from blueprints.rendering.buildings.programmes import FURNISHING, Programme
from blueprints.rendering.buildings.rows import fill_row
from blueprints.rendering.buildings.storey import Facade, Storey
from blueprints.rendering.buildings.wet_rooms import wet
from blueprints.rendering.polygons import clipped_by_line, keyholed, points, rectangle, signed_area

Cut = tuple[tuple[float, float], tuple[float, float]]
"""A point on a line, and the direction in which everything beyond the line is cut off."""


def deep_block(
    s: Storey,
    programme: Programme,
    frame: Frame,
    width: float,
    depth: float,
    *,
    slanted: bool = False,
    halls: bool = False,
) -> None:
    """A block of the given size, with rooms of all sizes around corridors; one side may be slanted.

    With `halls`, most of it is large halls.
    """
    rng, to = s.rng, s.facade
    before = len(s.rooms)
    outer, inner = rectangle(-to, -to, width + to, depth + to), rectangle(0, 0, width, depth)
    cut = None
    if slanted:
        turn = rng.uniform(0.06, 0.4) * rng.choice((-1, 1))
        normal = math.cos(turn), math.sin(turn)
        cut = (width * rng.uniform(0.86, 0.98), depth / 2), normal
        inner = clipped_by_line(inner, *cut)
        away = (cut[0][0] + to * normal[0], cut[0][1] + to * normal[1])
        outer = clipped_by_line(outer, away, normal)
    s.wing(frame, outer, inner)
    _Block(s=s, programme=programme, frame=frame, cut=cut, halls=halls).divide((0.0, 0.0, width, depth), 0)
    for room in s.rooms[before:]:
        room.angle = frame.angle
    _windows(s, frame, width * (0.75 if cut else 1), width, depth)
    stops = tuple(np.linspace(0, width, rng.randint(3, 8)))
    s.facades.append(Facade(frame=frame.moved(0, -to).mirrored_y(), stops=stops))
    s.facades.append(Facade(frame=frame.moved(0, depth + to), stops=stops))
    stops = tuple(np.linspace(0, depth, rng.randint(3, 7)))
    s.facades.append(Facade(frame=frame.moved(-to, 0).mirrored_x().swapped(), stops=stops))
    step = rng.choice((6.0, 7.5, 9.0))
    s.axes.append((frame, tuple(np.arange(0.2, width + 0.5, step)), -to, depth + to))
    s.axes.append((frame.swapped(), tuple(np.arange(0.2, depth + 0.5, step)), -to, width + to))
    if cut is None:
        add_columns(s, frame, step, width, depth)
        for face, long in (
            (frame.moved(0, -to).mirrored_y(), width),
            (frame.moved(0, depth + to), width),
            (frame.moved(-to, 0).mirrored_x().swapped(), depth),
            (frame.moved(width + to, 0).swapped(), depth),
        ):
            add_piers(s, face, long)


def _windows(s: Storey, frame: Frame, straight: float, width: float, depth: float) -> None:
    """Windows in the sides. The upper and lower side are whole for `straight` metres, or all of it."""
    rng = s.rng
    for g, long in (
        (frame.mirrored_y(), min(straight, width)),
        (frame.moved(0, depth), min(straight, width)),
        (frame.mirrored_x().swapped(), depth),
    ):
        count = max(1, int(long / rng.uniform(3, 6)))
        size = min(2.4, long / count - 0.8)
        for i in range(count):
            if rng.random() < 0.7 and size > 0.5:
                s.window(g, long * (i + 0.5) / count - size / 2, 0, s.facade, size)


@dataclass(frozen=True, eq=False, kw_only=True)
class _Block:
    """What all parts of a block share. Parts are boxes in metres of the frame."""

    s: Storey
    programme: Programme
    frame: Frame
    cut: Cut | None
    halls: bool

    def divide(self, box: Box, level: int) -> None:
        """Make the box one room, or divide it and continue with its parts."""
        rng = self.s.rng
        w, h = box[2] - box[0], box[3] - box[1]
        longer, shorter = max(w, h), min(w, h)
        stop = rng.choice((6, 10, 14, 20, 30, 45, 80, 160 if level > 1 else 60))
        if self.halls and level > 1 and w * h < 1200:
            stop = rng.choice((stop, 300, 600, 1200))
        slim = longer > 3.2 * shorter and longer > 5
        if (w * h < stop and not slim) or longer < 3.2:
            self._fill(box)
            return
        # The frame of the box, with x along its longer side.
        along = self.frame.moved(box[0], box[1])
        along = along if w > h else along.swapped()
        if 9 < shorter < 24 and longer > 12 and self.cut is None and rng.random() < 0.4:
            self._rows(along, longer, shorter)
            return
        if shorter > 6 and rng.random() < 0.35:
            spans = self._corridor(box, along, longer, shorter)
            parts = [_across(box, start, end) for start, end in spans]
        else:
            share = rng.uniform(0.2, 0.8) if longer > 8 and not slim else rng.uniform(0.35, 0.65)
            at, t = longer * share, self.s.partition
            x = 0.1 + rng.random() * max(0.0, shorter - 1.2)
            self.s.door(along.swapped(), x, at, at + t, min(0.9, shorter - 0.2))
            parts = [_lengthwise(box, 0.0, at), _lengthwise(box, at + t, longer)]
        for part in parts:
            if part[2] - part[0] > 0.5 and part[3] - part[1] > 0.5:
                self.divide(part, level + 1)

    def _rows(self, frame: Frame, length: float, depth: float) -> None:
        """A double-loaded wing within the block."""
        s, t = self.s, self.s.partition
        corridor = s.rng.uniform(1.4, 2.4)
        room = (depth - corridor - 2 * t) / 2
        for g in (frame.moved(0, room).mirrored_y(), frame.moved(0, room + 2 * t + corridor)):
            core = s.rng.random() < 0.35
            fill_row(s, self.programme, g, length, room, front=t, back=None, core=core, niches=False)
        s.box(frame, 0, room + t, length, room + t + corridor, "corridor").floor = "corridor"

    def _corridor(self, box: Box, frame: Frame, length: float, depth: float) -> list[tuple[float, float]]:
        """A corridor along the box. Returns where the remaining parts begin and end, across it."""
        s, t = self.s, self.s.partition
        width = s.rng.uniform(1.3, 2.6)
        at = s.rng.uniform(0.3, 0.7) * (depth - width)
        self._room(_across(box, at, at + width), "corridor")
        for y in (at - t, at + width):
            s.door(frame, 0.3 + s.rng.random() * (length - 1.6), y, y + t, 0.9)
        return [(0.0, at - t), (at + width + t, depth)]

    def _room(self, box: Box, kind: str) -> bool:
        """A room without what the slanted side cuts off. Returns whether it is whole."""
        outline = rectangle(*box)
        if self.cut is None:
            self.s.room(self.frame, outline, kind)
            return True
        left = clipped_by_line(outline, *self.cut)
        if len(left) < 3 or abs(signed_area(left)) < 0.5:
            return False
        room = self.s.room(self.frame, left, kind)
        if len(left) == 4 and abs(signed_area(left) - signed_area(outline)) < 1e-6:
            return True
        x, y = self.frame(left.mean(axis=0)[None])[0].tolist()
        room.middle = x, y
        return False

    def _kind(self, area: float) -> str:
        if area < 5:
            kinds = ("storage", "closet", "janitor", "electrical", "unisex", "shaft", "data")
        elif area < 30:
            kinds = ("office", "office", "storage", "conference", "mechanical", "exam", "stair", "workspace")
        else:
            kinds = (*self.programme.halls, "open office", "classroom", "mechanical", "dining")
        return self.s.rng.choice(kinds)

    def _fill(self, box: Box) -> None:
        s = self.s
        w, h = box[2] - box[0], box[3] - box[1]
        kind = self._kind(w * h)
        frame = self.frame.moved(box[0], box[1])
        if self.cut is None and kind == "stair" and min(w, h) > 2.2 and max(w, h) > 4:
            s.box(frame, 0, 0, w, h, "stair")
            furniture_symbols.stair(s, frame if h > w else frame.swapped(), min(w, h), max(w, h))
            return
        if self.cut is None and kind == "unisex":
            wet(s, frame, w, h, kind="unisex")
            return
        if not self._room(box, kind):
            return
        if kind == "shaft":
            furniture_symbols.crossed(s, self.frame, *box)
        furnish = FURNISHING.get(kind)
        if furnish and s.fit.furnished:
            furnish(s, Cell(frame=frame, width=w, depth=h, front=s.partition, back=None))
        if w * h > 90 and self.cut is None and s.rng.random() < 0.35:
            _island(s, self.frame, *box)


def _across(box: Box, start: float, end: float) -> Box:
    """The part of a box from `start` to `end` across its longer side."""
    left, top, right, bottom = box
    if right - left > bottom - top:
        return left, top + start, right, top + end
    return left + start, top, left + end, bottom


def _lengthwise(box: Box, start: float, end: float) -> Box:
    """The part of a box from `start` to `end` along its longer side."""
    left, top, right, bottom = box
    if right - left > bottom - top:
        return left + start, top, left + end, bottom
    return left, top + start, right, top + end


def _island(s: Storey, frame: Frame, x0: float, y0: float, x1: float, y1: float) -> None:
    """Some rooms in the middle of a hall, sometimes slightly rotated. The hall's outline goes around them."""
    rng, t = s.rng, s.partition
    hall = s.rooms[-1]
    w, h = (x1 - x0) * rng.uniform(0.2, 0.4), (y1 - y0) * rng.uniform(0.2, 0.4)
    x, y = (x0 + x1 - w) / 2, (y0 + y1 - h) / 2
    turn = rng.choice((0.0, 0.0, rng.uniform(-0.3, 0.3)))
    corner = frame(points((x, y)))[0]
    axis = frame(points((x, y), (x + 1, y)))
    angle = math.atan2(axis[1, 1] - axis[0, 1], axis[1, 0] - axis[0, 0])
    f = Frame(origin=(float(corner[0]), float(corner[1])), angle=angle + turn)
    axis_y = frame(points((x, y + 1)))[0] - corner
    if math.cos(angle) * axis_y[1] - math.sin(angle) * axis_y[0] < 0:
        return
    ring = rectangle(-t, -t, w + t, h + t)
    s.wing(f, ring, rectangle(0, 0, w, h))
    hall.outline = keyholed(hall.outline, [f(ring)])
    middle = frame(points((x0 + (x1 - x0) * 0.2, y0 + (y1 - y0) * 0.15)))[0].tolist()
    hall.middle = middle[0], middle[1]
    count = max(1, round(w / rng.uniform(2.5, 4)))
    step = (w + t) / count
    for i in range(count):
        cell = Cell(frame=f.moved(i * step, 0), width=step - t, depth=h, front=t, back=None)
        plain(rng.choice(("conference", "office", "workspace", "storage")), meeting_furniture)(s, cell)
