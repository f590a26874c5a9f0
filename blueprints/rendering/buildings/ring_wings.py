"""Wings with a ring of corridors around a core."""

from __future__ import annotations

import numpy as np

from blueprints.rendering.buildings.frame import Frame
from blueprints.rendering.buildings.programmes import Programme
from blueprints.rendering.buildings.rows import fill_row
from blueprints.rendering.buildings.storey import Facade, Storey
from blueprints.rendering.polygons import keyholed, rectangle


def ring_wing(
    s: Storey,
    programme: Programme,
    frame: Frame,
    length: float,
    depths: tuple[float, float],
    corridor: float,
    core: float,
) -> None:
    """Two corridors around a core, joined by cross corridors, with rows of rooms outside (and at the ends, at times)."""
    rng, t, to = s.rng, s.partition, s.facade
    front = t
    inner_top = depths[0] + front
    core_top = inner_top + corridor + front
    inner_low = core_top + core + front + corridor
    total = inner_low + front + depths[1]
    ends = [rng.choice((0.0, 0.0, rng.uniform(3.2, 6.0))) for _ in range(2)]
    x0, x1 = (e + front if e else 0.0 for e in ends)
    x1 = length - x1
    s.wing(frame, rectangle(-to, -to, length + to, total + to), rectangle(0, 0, length, total))
    up = fill_row(
        s, programme, frame.moved(0, depths[0]).mirrored_y(), length, depths[0], front=front, back=to, niches=False
    )
    low = fill_row(
        s, programme, frame.moved(0, inner_low + front), length, depths[1], front=front, back=to, niches=False
    )
    for end, at_left in zip(ends, (True, False), strict=True):
        if end:
            g = (
                frame.moved(end, inner_top).mirrored_x().swapped()
                if at_left
                else frame.moved(length - end, inner_top).swapped()
            )
            # The end's cells: x along the wing's depth, y to the end wall.
            fill_row(s, programme, g, inner_low - inner_top, end, front=front, back=to, niches=False)
    cross = [rng.uniform(1.6, 3.0) for _ in range(2)]
    c0, c1 = x0 + cross[0] + front, x1 - cross[1] - front
    through = None
    if c1 - c0 > 26 and rng.random() < 0.5:
        through = (c0 + c1) / 2 + rng.uniform(-4, 4)
    spans = (
        [(c0, c1)] if through is None else [(c0, through - corridor / 2 - front), (through + corridor / 2 + front, c1)]
    )
    holes = []
    for a, b in spans:
        holes.append(rectangle(a - front, core_top - front, b + front, core_top + core + front))
        f = frame.moved(a, core_top)
        if core > 5.5 and rng.random() < 0.7:
            share = rng.uniform(0.4, 0.6)
            deep = (core - t) * share
            fill_row(s, programme, f.moved(0, 0), b - a, deep, front=front, back=None, core=True)
            fill_row(
                s, programme, f.moved(0, core).mirrored_y(), b - a, core - t - deep, front=front, back=None, core=True
            )
        else:
            fill_row(s, programme, f, b - a, core, front=front, back=None, core=True)
    outer = rectangle(x0, inner_top, x1, inner_low)
    if rng.random() < 0.45:
        room = s.room(
            frame,
            keyholed(outer, holes),
            "corridor",
            middle=((x0 + x1) / 2, inner_top + corridor / 2),
            size=(6, corridor),
        )
        room.floor = "corridor"
    else:
        # Four rooms: the two corridors with their ends, and the cross corridors between doors.
        leaf = min(1.8, corridor - 0.3)
        for a, b in ((inner_top, inner_top + corridor), (inner_low - corridor, inner_low)):
            room = s.box(frame, x0, a, x1, b, "corridor")
            room.floor = "corridor"
        gaps = [(x0, c0 - front), (c1 + front, x1)]
        if through is not None:
            gaps.append((through - corridor / 2, through + corridor / 2))
        for a, b in gaps:
            y0, y1 = inner_top + corridor + t, inner_low - corridor - t
            room = s.box(frame, a, y0, b, y1, rng.choice(("corridor", "lobby", "corridor", "lobby")))
            room.floor = "corridor"
            width = min(leaf, b - a - 0.2)
            for y in (y0 - t, y1):
                if rng.random() < 0.5:
                    s.door(frame, (a + b - width) / 2, y, y + t, width)
                else:
                    s.opening(frame, a + 0.15, y, y + t, b - a - 0.3)
    for stops, y, upper in ((up.stops, -to, True), (low.stops, total + to, False)):
        s.facades.append(
            Facade(frame=frame.moved(0, y).mirrored_y() if upper else frame.moved(0, y), stops=tuple(stops))
        )
    step = rng.choice((6.0, 7.2, 7.5, 9.0))
    s.axes.append((frame, tuple(np.arange(0.2, length + 0.5, step)), -to, total + to))
    g = frame.swapped()
    s.axes.append((g, tuple(np.arange(0.2, total + 0.5, step)), -to, length + to))
    add_columns(s, frame, step, length, total)


def add_columns(s: Storey, frame: Frame, step: float, length: float, depth: float) -> None:
    if s.rng.random() < 0.5:
        side, round_ = s.rng.uniform(0.3, 0.6), s.rng.random() < 0.3
        for x in np.arange(0.2, length + 0.3, step):
            for y in np.arange(0.2, depth + 0.3, step):
                s.column(frame, float(x), float(y), side, round_=round_)
