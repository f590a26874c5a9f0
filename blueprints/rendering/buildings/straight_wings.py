"""Wings along a straight or curved corridor, with branches at right angles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from blueprints.rendering.buildings.columns import add_columns
from blueprints.rendering.buildings.frame import Frame
from blueprints.rendering.buildings.piers import add_piers
from blueprints.rendering.buildings.programmes import Programme
from blueprints.rendering.buildings.rows import Row, fill_row
from blueprints.rendering.buildings.storey import Facade, Storey
from blueprints.rendering.polygons import Points, rectangle

DIVIDED_SHARE = 0.65
"""Share of branches whose corridor is another room than the main one."""

Niche = tuple[float, float, float]
"""Start and end along a corridor, and depth, in metres."""


@dataclass(frozen=True, kw_only=True)
class Branch:
    """A wing at right angles. Its corridor branches off the main one at `x`, upwards or downwards."""

    x: float
    upper: bool
    length: float


def corridor_outline(length: float, width: float, top: Sequence[Niche], bottom: Sequence[Niche]) -> Points:
    """(0, 0, length, width) with niches beyond its upper and lower side."""
    path: list[tuple[float, float]] = [(0, 0)]
    for left, right, deep in sorted(top):
        path += [(left, 0), (left, -deep), (right, -deep), (right, 0)]
    path += [(length, 0), (length, width)]
    for left, right, deep in sorted(bottom, reverse=True):
        path += [(right, width), (right, width + deep), (left, width + deep), (left, width)]
    path.append((0, width))
    return np.array(path, np.float64)


def _between(niches: Sequence[Niche], start: float, end: float, front: float) -> list[Niche]:
    """The niches of a stretch of corridor, measured from its start; their depths include the corridor's wall."""
    return [
        (left - start, right - start, deep + front)
        for left, right, deep in niches
        if left >= start - 1e-6 and right <= end + 1e-6
    ]


def _corridor(
    s: Storey,
    frame: Frame,
    length: float,
    width: float,
    front: float,
    top: Sequence[Niche],
    bottom: Sequence[Niche],
) -> None:
    """The corridor as one room, or as several with doors between them."""
    rng = s.rng
    cuts: list[float] = []
    if length > 14 and rng.random() < 0.45:
        for share in rng.choice(((0.5,), (0.33, 0.67), (0.2,), (0.8,))):
            x = length * share + rng.uniform(-1.5, 1.5)
            if all(not (left - 0.4 < x < right + 0.4) for left, right, _ in (*top, *bottom)):
                cuts.append(x)
    start = 0.0
    for end in [*cuts, length + s.partition]:
        stop = min(end, length)
        outline = corridor_outline(
            stop - start, width, _between(top, start, stop, front), _between(bottom, start, stop, front)
        )
        room = s.room(
            frame.moved(start, 0),
            outline,
            "corridor",
            middle=((stop - start) * rng.uniform(0.25, 0.75), width / 2),
            size=(min(6.0, stop - start), width),
        )
        room.floor = "corridor"
        if end < length:
            leaf = min(1.9, width - 0.2)
            s.door(frame.moved(end, 0).swapped(), (width - leaf) / 2, 0, s.partition, leaf)
        start = end + s.partition
    if s.fit.furnished and rng.random() < 0.15:
        s.line(frame, (0, 0.12), (length, 0.12), pen=0, dash=(0.6, 0.2))


def straight_wing(
    s: Storey,
    programme: Programme,
    frame: Frame,
    length: float,
    depths: tuple[float, float],
    corridor: float,
    *,
    branches: Sequence[Branch] = (),
    own_corridor: bool = True,
    ends: tuple[bool, bool] = (True, True),
) -> None:
    """Rows on both sides of a corridor (a depth of 0: on one side only).

    y = 0 is the corridor's centre line. `own_corridor` is False for a branch. `ends` says which ends are outer walls.
    """
    rng, t, to = s.rng, s.partition, s.facade
    front = t if rng.random() < 0.6 else t * 1.3
    half = corridor / 2
    top, low = (half + (front + depth if depth else 0) for depth in depths)
    sides: dict[bool, Row] = {}
    for upper, depth in zip((True, False), depths, strict=True):
        f = frame.moved(0, -half - front).mirrored_y() if upper else frame.moved(0, half + front)
        if depth == 0.0:
            sides[upper] = _bare_side(s, f.moved(0, -front), length)
            continue
        own = [branch for branch in branches if branch.upper == upper]
        links = [(branch.x - half, branch.x + half) for branch in own]
        sides[upper] = fill_row(s, programme, f, length, depth, front=front, back=to, links=links, niches=own_corridor)
        for branch in own:
            reach = depth + to + branch.length
            if rng.random() < DIVIDED_SHARE:
                _own_corridor(s, f.moved(branch.x, 0), corridor, reach, front)
            else:
                sides[upper].niches.append((branch.x - half, branch.x + half, reach))
            g = f.moved(branch.x, depth + to).swapped()
            both = depths if depths[1] else (depths[0], depths[0])
            straight_wing(s, programme, g, branch.length, both, corridor, own_corridor=False, ends=(False, True))
    left = -to if ends[0] else -to * 1.5
    s.wing(
        frame,
        rectangle(left, -top - to, length + to, low + to),
        rectangle(0 if ends[0] else left, -top, length, low),
    )
    add_piers(s, frame.moved(0, -top - to).mirrored_y(), length, corners=all(ends))
    add_piers(s, frame.moved(0, low + to), length, corners=all(ends))
    if own_corridor:
        _corridor(s, frame.moved(0, -half), length, corridor, front, sides[True].niches, sides[False].niches)
    for g, is_outer in ((frame.mirrored_x(), ends[0]), (frame.moved(length, 0), ends[1])):
        if is_outer and rng.random() < 0.8:
            _corridor_end(s, g.swapped(), corridor)
    s.facades.append(Facade(frame=frame.moved(0, -top - to).mirrored_y(), stops=tuple(sides[True].stops)))
    s.facades.append(Facade(frame=frame.moved(0, low + to), stops=tuple(sides[False].stops)))
    step = rng.choice((6.0, 7.2, 7.5, 8.4))
    if frame.radius is None and rng.random() < 0.6:
        add_columns(s, frame.moved(0, -top), step, length, top + low)
    s.axes.append((frame, tuple(np.arange(rng.uniform(-0.2, 0.5), length + 0.5, step)), -top - to, low + to))


def _own_corridor(s: Storey, frame: Frame, width: float, length: float, front: float) -> None:
    """The corridor of a branch as a room of its own, with a door or an opening to the main one; x = 0 is its middle."""
    s.box(frame, -width / 2, 0, width / 2, length, "corridor").floor = "corridor"
    leaf = min(1.9, width - 0.2)
    if s.rng.random() < 0.5:
        s.door(frame, -leaf / 2, -front, 0, leaf)
    else:
        s.opening(frame, -width / 2, -front, 0, width)


def _bare_side(s: Storey, frame: Frame, length: float) -> Row:
    """The outer wall of a corridor that has no rooms on that side, with windows; y = 0 is its inner face."""
    count = max(1, int(length / 4))
    width = min(2.0, length / count - 0.6)
    for i in range(count):
        if s.rng.random() < 0.8:
            s.window(frame, length * (i + 0.5) / count - width / 2, 0, s.facade, width)
    return Row(stops=[0.0, length], niches=[])


def _corridor_end(s: Storey, frame: Frame, corridor: float) -> None:
    """A window or a door in the outer wall at a corridor's end; x runs across the corridor, from its centre line."""
    if s.rng.random() < 0.5:
        s.window(frame, -corridor / 2 + 0.15, 0, s.facade, corridor - 0.3)
    else:
        s.door(frame, -corridor / 2 + 0.15, 0, s.facade, min(1.8, corridor - 0.3))
