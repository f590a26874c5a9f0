"""Cells: the space of one unit at a corridor. x runs along the corridor, y from the corridor's wall to the facade."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from blueprints.rendering.buildings import furniture_symbols
from blueprints.rendering.buildings.frame import Frame
from blueprints.rendering.buildings.storey import Storey
from blueprints.rendering.polygons import Points, notched, rectangle


@dataclass(frozen=True, kw_only=True)
class Cell:
    """The clear inside of a unit: (0, 0, width, depth) in the frame."""

    frame: Frame
    width: float
    depth: float
    front: float
    """Thickness of the corridor's wall, from y = -front to 0."""
    back: float | None
    """Thickness of the facade behind y = depth; None if another room is there."""

    def part(self, left: float, right: float) -> Cell:
        return replace(self, frame=self.frame.moved(left, 0), width=right - left)


Unit = Callable[[Storey, Cell], None]


def windows(s: Storey, c: Cell, left: float = 0.0, right: float | None = None) -> None:
    """Windows in the facade between left and right."""
    if c.back is None:
        return
    right = c.width if right is None else right
    rng, clear = s.rng, right - left
    if clear < 0.9 or rng.random() < 0.1:
        return
    form = s.fit.glazing
    if form == "band":
        s.window(c.frame, left + 0.1, c.depth, c.depth + c.back, clear - 0.2)
        return
    width = min(clear - 0.4, s.fit.window_width)
    count = max(1, int(clear / (width + 1.0)))
    for i in range(count):
        x = left + clear * (i + 0.5) / count - width / 2
        s.window(c.frame, x, c.depth, c.depth + c.back, width)


def door_at(
    s: Storey, c: Cell, left: float = 0.1, right: float | None = None, width: float = 0.0, form: str = ""
) -> float:
    """A door to the corridor near one end of left..right. Returns where it starts."""
    rng = s.rng
    right = c.width - 0.1 if right is None else right
    width = min(width or s.fit.door_width, right - left - 0.02)
    if width < 0.4:
        return left
    x = left + (right - left - width) * rng.choice((0.03, 0.97, 0.03, 0.97, 0.5, rng.random()))
    if width < s.fit.outward_below or rng.random() < s.fit.outward:
        g = c.frame.moved(0, -c.front).mirrored_y()
        s.door(g, x, -c.front, 0, width, form)
    else:
        s.door(c.frame, x, -c.front, 0, width, form)
    return x


def plain(kind: str, furnish: Callable[[Storey, Cell], None] | None = None, *, door: float = 0.0) -> Unit:
    def unit(s: Storey, c: Cell) -> None:
        rng = s.rng
        _with_chase(s, c, kind)
        if kind in OPEN_KINDS and rng.random() < 0.4 and c.width > 2.5:
            s.opening(c.frame, 0.3, -c.front, 0, c.width - 0.6)
        else:
            x = door_at(s, c, width=door)
            if rng.random() < s.fit.glass_fronts and c.width > 2.2:
                end = x + (door or s.fit.door_width) + 0.1
                for left, right in ((0.1, x - 0.1), (end, c.width - 0.1)):
                    if right - left > 0.6:
                        s.window(c.frame, left, -c.front, 0, right - left)
        windows(s, c)
        if furnish and s.fit.furnished:
            furnish(s, c)

    return unit


OPEN_KINDS = ("lounge", "waiting", "lobby", "nurse station", "dining", "workspace")
"""Kinds of rooms that are often open to the corridor."""


def _with_chase(s: Storey, c: Cell, kind: str) -> None:
    """The room of the cell; in some, a column or a chase takes one of the corners."""
    rng = s.rng
    w, d = c.width, c.depth
    if rng.random() >= s.fit.cut_corners or min(w, d) < 2.4:
        s.box(c.frame, 0, 0, w, d, kind)
        return
    size = rng.uniform(0.25, 0.8), rng.uniform(0.25, 0.9)
    corner = rng.choice((2, 3)) if rng.random() < 0.8 else rng.choice((0, 1))
    notches: list[tuple[float, float] | None] = [None] * 4
    notches[corner] = size
    s.room(c.frame, notched(w, d, notches), kind)
    if min(size) > 0.5 and rng.random() < 0.5:
        x = 0.0 if corner in (0, 3) else w - size[0]
        y = 0.0 if corner in (0, 1) else d - size[1]
        t = 0.08
        s.cuts.append(c.frame.line(rectangle(x + t, y + t, x + size[0] - t, y + size[1] - t), closed=True))
        furniture_symbols.crossed(s, c.frame, x + t, y + t, x + size[0] - t, y + size[1] - t)


def from_facade(c: Cell) -> Frame:
    """A frame that starts at the far wall and runs inwards."""
    return c.frame.moved(0, c.depth).mirrored_y()


def from_side(c: Cell, *, right: bool) -> Frame:
    """A frame that starts at a side wall and runs inwards: x runs along the depth."""
    g = c.frame.moved(c.width, 0).mirrored_x() if right else c.frame
    return g.swapped()


def corner_room(s: Storey, frame: Frame, outline: Points, kind: str) -> None:
    """A room of any shape, without furniture."""
    centre = outline.mean(axis=0)
    size = float(np.ptp(outline[:, 0])) * 0.6, float(np.ptp(outline[:, 1])) * 0.6
    s.room(frame, outline, kind, middle=(float(centre[0]), float(centre[1])), size=size)
