"""Stairs, lifts, shafts and closets."""

from __future__ import annotations

from dataclasses import replace

from blueprints.rendering.buildings import furniture_symbols
from blueprints.rendering.buildings.cell import Cell, door_at, windows
from blueprints.rendering.buildings.frame import Frame
from blueprints.rendering.buildings.storey import Storey
from blueprints.rendering.buildings.wet_rooms import wet
from blueprints.rendering.polygons import rectangle


def stairs(s: Storey, c: Cell) -> None:
    s.box(c.frame, 0, 0, c.width, c.depth, "stair")
    door_at(s, c, width=1.0)
    if c.depth > c.width:
        furniture_symbols.stair(s, c.frame, c.width, c.depth)
    else:
        furniture_symbols.stair(s, c.frame.swapped(), c.depth, c.width)
    if c.back is not None and s.rng.random() < 0.3:
        windows(s, c)


def lifts(s: Storey, c: Cell) -> None:
    """Lift shafts at the corridor, with a machine room, a shaft or more lifts behind them."""
    rng, t = s.rng, max(s.partition, 0.18)
    deep = min(c.depth, rng.uniform(1.9, 2.5))
    count = max(1, int((c.width + t) / rng.uniform(2.2, 2.8)))
    step = (c.width + t) / count
    for i in range(count):
        x0, x1 = i * step, i * step + step - t
        room = s.box(c.frame, x0, 0, x1, deep, "lift")
        room.tagged = i == 0 or rng.random() < 0.4
        width = min(1.1, x1 - x0 - 0.4)
        s.door(c.frame, (x0 + x1 - width) / 2, -c.front, 0, width, "slide")
        inset = rng.choice((0.0, 0.25))
        if inset and x1 - x0 > 1.5:
            s.frame_box(c.frame, x0 + inset, 0.12, x1 - inset, deep - inset, 1)
        furniture_symbols.crossed(s, c.frame, x0 + inset, 0.12 if inset else 0, x1 - inset, deep - inset)
    rest = c.depth - deep - t
    if rest > 0.5:
        f = c.frame.moved(0, deep + t)
        if rest < 1.2:
            fill_shaft(s, f, c.width, rest)
        else:
            room = s.box(f, 0, 0, c.width, rest, rng.choice(("electrical", "mechanical", "storage", "machine")))
            room.floor = "plain"
            g = replace(c, frame=f, depth=rest)
            windows(s, g)
            # Entered from behind, by a door in a side wall.
            s.door(f.swapped(), rest * 0.2, -t, 0, min(0.9, rest * 0.6)) if rest > 1.3 else None
            if s.fit.furnished:
                furniture_symbols.equipment(s, f, c.width, rest)


def fill_shaft(s: Storey, f: Frame, w: float, d: float) -> None:
    room = s.box(f, 0, 0, w, d, "shaft")
    room.tagged = min(w, d) > 1.0
    form = s.rng.random()
    if form < 0.6:
        furniture_symbols.crossed(s, f, 0, 0, w, d)
    elif form < 0.75:
        s.shade(f, rectangle(0, 0, w, d) * 1.0, 205)
        s.line(f, (0, d), (w, 0), pen=1)
    elif form < 0.9:
        s.line(f, (0, d), (w * 0.35, d * 0.35), (w, 0), pen=1)


def shaft(s: Storey, c: Cell) -> None:
    """A shaft at the corridor with a small room behind it, or the reverse."""
    t, rng = s.partition, s.rng
    d = rng.uniform(0.5, 1.4)
    if c.depth - d - t < 1.2:
        fill_shaft(s, c.frame, c.width, c.depth)
        return
    s.box(c.frame, 0, 0, c.width, c.depth - d - t, rng.choice(("electrical", "janitor", "closet", "storage", "data")))
    door_at(s, c)
    fill_shaft(s, c.frame.moved(0, c.depth - d), c.width, d)


def closets(s: Storey, c: Cell) -> None:
    """Two or more narrow rooms at the corridor, with one behind them or none."""
    t, rng = s.partition, s.rng
    deep = c.depth if c.depth < 2.2 else rng.choice((c.depth, rng.uniform(1.0, 2.4), rng.uniform(1.4, 3.0)))
    count = max(1, int(c.width / rng.uniform(1.0, 2.2)))
    if c.depth - deep - t < 1.5:
        deep = c.depth
    step = (c.width + t) / count
    for i in range(count):
        part = c.part(i * step, i * step + step - t)
        kind = rng.choice(("janitor", "closet", "electrical", "data", "storage", "linen", "unisex"))
        if kind == "unisex" and min(part.width, deep) > 0.9:
            wet(s, part.frame, part.width, deep, kind="toilet")
        else:
            s.box(part.frame, 0, 0, part.width, deep, kind)
            if s.fit.plumbed and kind == "janitor" and part.width > 0.9:
                s.frame_box(part.frame, 0.05, deep - 0.65, 0.65, deep - 0.05, 1)
        double = part.width > 1.3 and rng.random() < 0.35
        door_at(s, part, 0.05, part.width - 0.05, width=1.4 if double else 0.8)
    if deep < c.depth:
        f = c.frame.moved(0, deep + t)
        rest = c.depth - deep - t
        s.box(f, 0, 0, c.width, rest, rng.choice(("storage", "office", "mechanical", "utility")))
        s.door(f, 0.1, -t, 0, 0.85)
        windows(s, replace(c, frame=f, depth=rest))
