"""Wings along a straight or curved corridor, with branches at right angles."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from blueprints.rendering.buildings.frame import Frame
from blueprints.rendering.buildings.programmes import Programme
from blueprints.rendering.buildings.rows import Row, fill_row
from blueprints.rendering.buildings.storey import Facade, Storey
from blueprints.rendering.polygons import Points, rectangle


def corridor_outline(
    length: float, width: float, top: Sequence[tuple[float, float, float]], bottom: Sequence[tuple[float, float, float]]
) -> Points:
    """(0, 0, length, width) with niches (left, right, depth) beyond its upper and lower side."""
    path: list[tuple[float, float]] = [(0, 0)]
    for left, right, deep in sorted(top):
        path += [(left, 0), (left, -deep), (right, -deep), (right, 0)]
    path += [(length, 0), (length, width)]
    for left, right, deep in sorted(bottom, reverse=True):
        path += [(right, width), (right, width + deep), (left, width + deep), (left, width)]
    path.append((0, width))
    return np.array(path, np.float64)


def _corridor(
    s: Storey,
    frame: Frame,
    length: float,
    width: float,
    front: float,
    top: list[tuple[float, float, float]],
    bottom: list[tuple[float, float, float]],
) -> None:
    """The corridor's rooms: one, or several with doors across."""
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
        own = lambda niches, a=start, b=stop: [
            (l - a, r - a, d + front) for l, r, d in niches if l >= a - 1e-6 and r <= b + 1e-6
        ]  # noqa: E731
        outline = corridor_outline(stop - start, width, own(top), own(bottom))
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
    branches: Sequence[tuple[float, bool, float]] = (),
    own_corridor: bool = True,
    ends: tuple[bool, bool] = (True, True),
) -> None:
    """Rows on both sides of a corridor (a depth of 0: on one side only).

    y = 0 is the corridor's middle. `branches` are (x, on the upper side, length) of wings at right angles, whose corridors
    belong to this one's. `ends` say which ends are outer walls.
    """
    rng, t, to = s.rng, s.partition, s.facade
    front = t if rng.random() < 0.6 else t * 1.3
    half = corridor / 2
    sides: dict[bool, Row] = {}
    for upper, depth in ((True, depths[0]), (False, depths[1])):
        f = frame.moved(0, -half - front).mirrored_y() if upper else frame.moved(0, half + front)
        links = [(x - half, x + half) for x, above, _ in branches if above == upper] if depth else []
        if depth:
            sides[upper] = fill_row(
                s, programme, f, length, depth, front=front, back=to, links=links, niches=own_corridor
            )
            for left, right in links:
                reach = next(long for x, above, long in branches if above == upper and abs(x - half - left) < 1e-6)
                sides[upper].niches.append((left, right, depth + to + reach))
                g = f.moved((left + right) / 2, depth + to).swapped()
                straight_wing(
                    s,
                    programme,
                    g,
                    reach,
                    depths if depths[1] else (depths[0],) * 2,
                    corridor,
                    own_corridor=False,
                    ends=(False, True),
                )
        else:
            sides[upper] = Row(stops=[0.0, length], niches=[])
            count = max(1, int(length / 4))
            for i in range(count):
                if rng.random() < 0.8:
                    width = min(2.0, length / count - 0.6)
                    s.window(f.moved(0, -front), length * (i + 0.5) / count - width / 2, 0, to, width)
    top = half + (front + depths[0] if depths[0] else 0)
    low = half + (front + depths[1] if depths[1] else 0)
    left, right = (-to if ends[0] else -to * 1.5), (length + to if ends[1] else length + to)
    s.wing(frame, rectangle(left, -top - to, right, low + to), rectangle(0 if ends[0] else left, -top, length, low))
    if frame.radius is None and s.fit.piers:
        for x in np.linspace(0, length, max(2, round(length / s.fit.piers))):
            for y in (-top - to, low + to):
                half_pier = s.fit.piers * 0.08 + 0.15
                pier = rectangle(x - half_pier, y - 0.3, x + half_pier, y + 0.3)
                s.wing(frame, pier, pier[:1].repeat(3, axis=0))
    if own_corridor:
        _corridor(s, frame.moved(0, -half), length, corridor, front, sides[True].niches, sides[False].niches)
    for at_start, is_outer in ((True, ends[0]), (False, ends[1])):
        if is_outer and rng.random() < 0.8:
            g = frame.mirrored_x().swapped() if at_start else frame.moved(length, 0).swapped()
            g = frame.moved(0, 0).mirrored_x().swapped() if at_start else g
            if rng.random() < 0.5:
                s.window(g, -half + 0.15, 0, to, corridor - 0.3)
            else:
                s.door(g, -half + 0.15, 0, to, min(1.8, corridor - 0.3))
    s.facades.append(Facade(frame=frame.moved(0, -top - to).mirrored_y(), stops=tuple(sides[True].stops)))
    s.facades.append(Facade(frame=frame.moved(0, low + to), stops=tuple(sides[False].stops)))
    step = rng.choice((6.0, 7.2, 7.5, 8.4))
    s.axes.append((frame, tuple(np.arange(rng.uniform(-0.2, 0.5), length + 0.5, step)), -top - to, low + to))
