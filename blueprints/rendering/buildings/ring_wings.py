"""Wings with a ring of corridors around a core."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from blueprints.rendering.buildings.columns import add_columns
from blueprints.rendering.buildings.frame import Frame
from blueprints.rendering.buildings.piers import add_piers
from blueprints.rendering.buildings.programmes import Programme
from blueprints.rendering.buildings.rows import fill_row
from blueprints.rendering.buildings.storey import Facade, Storey
from blueprints.rendering.polygons import keyholed, rectangle

Span = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class _Ring:
    """The outer walls of the corridors, and the x ranges of the core and of the cross corridors."""

    left: float
    right: float
    top: float
    bottom: float
    corridor: float
    core: float
    cores: tuple[Span, ...]
    crossings: tuple[Span, ...]


def ring_wing(
    s: Storey,
    programme: Programme,
    frame: Frame,
    length: float,
    depths: tuple[float, float],
    corridor: float,
    core: float,
) -> None:
    """Two corridors around a core of depth `core` in metres, joined by cross corridors, with rows of rooms outside.

    (0, 0) is the wing's inner corner.
    """
    rng, to = s.rng, s.facade
    front = s.partition
    top = depths[0] + front
    bottom = top + 2 * (corridor + front) + core
    total = bottom + front + depths[1]
    ends = [rng.choice((0.0, 0.0, rng.uniform(3.2, 6.0))) for _ in range(2)]
    s.wing(frame, rectangle(-to, -to, length + to, total + to), rectangle(0, 0, length, total))
    upper, lower = frame.moved(0, depths[0]).mirrored_y(), frame.moved(0, bottom + front)
    up = fill_row(s, programme, upper, length, depths[0], front=front, back=to, niches=False)
    low = fill_row(s, programme, lower, length, depths[1], front=front, back=to, niches=False)
    for end, g in zip(ends, (frame.moved(ends[0], top).mirrored_x(), frame.moved(length - ends[1], top)), strict=True):
        if end:
            # The cells at an end: x across the wing, y to its end wall.
            fill_row(s, programme, g.swapped(), bottom - top, end, front=front, back=to, niches=False)
    left, right = (end + front if end else 0.0 for end in ends)
    ring = _ring(s, (left, length - right), (top, bottom), corridor, core)
    _cores(s, programme, frame, ring)
    _corridors(s, frame, ring)
    s.facades.append(Facade(frame=frame.moved(0, -to).mirrored_y(), stops=tuple(up.stops)))
    s.facades.append(Facade(frame=frame.moved(0, total + to), stops=tuple(low.stops)))
    for face, long in (
        (frame.moved(0, -to).mirrored_y(), length),
        (frame.moved(0, total + to), length),
        (frame.moved(-to, 0).mirrored_x().swapped(), total),
        (frame.moved(length + to, 0).swapped(), total),
    ):
        add_piers(s, face, long)
    step = rng.choice((6.0, 7.2, 7.5, 9.0))
    s.axes.append((frame, tuple(np.arange(0.2, length + 0.5, step)), -to, total + to))
    s.axes.append((frame.swapped(), tuple(np.arange(0.2, total + 0.5, step)), -to, length + to))
    add_columns(s, frame, step, length, total)


def _ring(s: Storey, x: Span, y: Span, corridor: float, core: float) -> _Ring:
    """A ring with a cross corridor at each end, and a third if there is space for it."""
    rng, front = s.rng, s.partition
    cross = [rng.uniform(1.6, 3.0) for _ in range(2)]
    start, end = x[0] + cross[0] + front, x[1] - cross[1] - front
    cores: tuple[Span, ...] = ((start, end),)
    crossings: tuple[Span, ...] = ((x[0], start - front), (end + front, x[1]))
    if end - start > 26 and rng.random() < 0.5:
        middle = (start + end) / 2 + rng.uniform(-4, 4)
        a, b = middle - corridor / 2, middle + corridor / 2
        cores, crossings = ((start, a - front), (b + front, end)), (*crossings, (a, b))
    return _Ring(
        left=x[0], right=x[1], top=y[0], bottom=y[1], corridor=corridor, core=core, cores=cores, crossings=crossings
    )


def _cores(s: Storey, programme: Programme, frame: Frame, ring: _Ring) -> None:
    """One row of rooms between the corridors, or two back to back."""
    rng, t = s.rng, s.partition
    top = ring.top + ring.corridor + t
    for start, end in ring.cores:
        f = frame.moved(start, top)
        deep = ring.core
        if ring.core > 5.5 and rng.random() < 0.7:
            deep = (ring.core - t) * rng.uniform(0.4, 0.6)
        fill_row(s, programme, f, end - start, deep, front=t, back=None, core=True)
        if deep < ring.core:
            g = f.moved(0, ring.core).mirrored_y()
            fill_row(s, programme, g, end - start, ring.core - t - deep, front=t, back=None, core=True)


def _corridors(s: Storey, frame: Frame, ring: _Ring) -> None:
    """One room around the cores, or two rooms with cross corridors between them."""
    rng, t, width = s.rng, s.partition, ring.corridor
    y0, y1 = ring.top + width + t, ring.bottom - width - t
    if rng.random() < 0.45:
        holes = [rectangle(start - t, y0 - t, end + t, y1 + t) for start, end in ring.cores]
        outline = keyholed(rectangle(ring.left, ring.top, ring.right, ring.bottom), holes)
        middle = (ring.left + ring.right) / 2, ring.top + width / 2
        s.room(frame, outline, "corridor", middle=middle, size=(6, width)).floor = "corridor"
        return
    for top in (ring.top, ring.bottom - width):
        s.box(frame, ring.left, top, ring.right, top + width, "corridor").floor = "corridor"
    for start, end in ring.crossings:
        s.box(frame, start, y0, end, y1, rng.choice(("corridor", "lobby", "corridor", "lobby"))).floor = "corridor"
        leaf = min(1.8, width - 0.3, end - start - 0.2)
        for y in (y0 - t, y1):
            if rng.random() < 0.5:
                s.door(frame, (start + end - leaf) / 2, y, y + t, leaf)
            else:
                s.opening(frame, start + 0.15, y, y + t, end - start - 0.3)
