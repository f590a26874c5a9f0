"""Bathrooms, rooms with their own bathroom, and toilets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from blueprints.rendering.buildings import furniture_symbols
from blueprints.rendering.buildings.cell import Cell, Unit, door_at, from_facade, from_side, plain, windows
from blueprints.rendering.buildings.frame import Frame
from blueprints.rendering.buildings.storey import Storey
from blueprints.rendering.polygons import notched


def wet(s: Storey, f: Frame, w: float, d: float, *, bath: bool = False, kind: str = "toilet") -> None:
    """A bathroom of the given size with its fixtures. The caller adds its door."""
    room = s.box(f, 0, 0, w, d, kind)
    room.floor = "wet"
    if not s.fit.plumbed:
        return
    draw_clearances(s, f, w, d)
    rng = s.rng
    g = f.swapped() if d > w else f
    w, d = (d, w) if d > w else (w, d)
    if rng.random() < 0.5:
        g = g.moved(0, d).mirrored_y()
    if rng.random() < 0.5:
        g = g.moved(w, 0).mirrored_x()
    if w > 2.3 and bath and d > 1.5:
        furniture_symbols.bath(s, g, w - 0.78, 0.03, w - 0.03, min(d - 0.03, 1.75))
        if d > 1.0:
            furniture_symbols.wc(s, g, w - 1.3)
        furniture_symbols.basin(s, g, w - 2.0)
    elif w > 1.9:
        side = min(0.95, d * 0.6)
        furniture_symbols.shower(s, g, w - side, 0.0, w, side)
        furniture_symbols.wc(s, g, w - side - 0.45)
        if w - side > 1.4:
            furniture_symbols.basin(s, g, w - side - 1.1)
    else:
        furniture_symbols.wc(s, g, w * 0.5 if w < 1.3 else w - 0.5)
        if w >= 1.3:
            furniture_symbols.basin(s, g, 0.4)


def with_bathroom(
    kind: str,
    furnish: Callable[[Storey, Frame, float, float], None],
    *,
    outside: bool = False,
    bath: bool = False,
    closet: bool = False,
) -> Unit:
    """A room with its own bathroom in a corner, at the corridor or at the facade, and a closet beside the entry."""

    def unit(s: Storey, c: Cell) -> None:
        t = s.partition
        bw, bd = min(s.fit.bath_size[0], c.width - 1.25), min(s.fit.bath_size[1], c.depth * 0.5)
        if bw < 1.0 or bd < 1.0:
            plain(kind)(s, c)
            return
        if s.flipped:
            c = replace(c, frame=c.frame.moved(c.width, 0).mirrored_x())
        at_facade = outside and s.fit.bath_outside
        # y runs from the side where the bathroom is.
        f = from_facade(c) if at_facade else c.frame
        cw = min(0.65, c.width - bw - t - 1.05) if closet and not at_facade else 0.0
        cw = cw if cw > 0.45 else 0.0
        notches = [(bw + t, bd + t), (cw + t, min(bd, 1.4)) if cw else None, None, None]
        clear = c.depth - bd - t
        middle = c.width / 2, (bd + t + c.depth) / 2
        s.room(f, notched(c.width, c.depth, notches), kind, middle=middle, size=(c.width, clear)).floor = "dry"
        wet(s, f, bw, bd, bath=bath)
        _bathroom_door(s, f, bw, bd, beside=at_facade)
        if cw:
            _entry_closet(s, f.moved(c.width - cw, 0), cw, min(bd, 1.4) - t)
        low = 0.08 if at_facade else bw + t + 0.05
        door_at(s, c, low, c.width - (cw + t if cw else 0.0) - 0.05, width=1.2 if kind == "patient" else 0.9)
        windows(s, c, bw + t if at_facade else 0.0)
        if at_facade and c.back is not None and s.rng.random() < 0.5 and bw > 1.4:
            s.window(c.frame, bw / 2 - 0.35, c.depth, c.depth + c.back, 0.7)
        if s.fit.furnished:
            furnish(s, f if at_facade else f.moved(0, bd + t), c.width, clear)

    return unit


def _bathroom_door(s: Storey, f: Frame, width: float, depth: float, *, beside: bool) -> None:
    """The bathroom's door, to the entry beside it or to the room behind it."""
    rng, t = s.rng, s.partition
    if depth > 1.0 and (rng.random() < 0.65 or beside):
        leaf = min(0.85, depth - 0.15)
        y = rng.choice((0.05, depth - leaf - 0.05))
        g = f.swapped()
        if rng.random() < 0.5:
            s.door(g, y, width, width + t, leaf)
        else:
            s.door(g.moved(0, width + t).mirrored_y(), y, 0, t, leaf)
    else:
        leaf = min(0.85, width - 0.1)
        s.door(f.moved(0, depth + t).mirrored_y(), rng.choice((0.05, width - leaf - 0.05)), 0, t, leaf)


def _entry_closet(s: Storey, f: Frame, width: float, depth: float) -> None:
    s.box(f, 0, 0, width, depth, "closet").tagged = False
    if depth > 0.7:
        form = "fold" if s.rng.random() < 0.5 else "slide"
        s.door(f.swapped().mirrored_y(), 0.08, 0, s.partition, depth - 0.16, form)


def toilets(s: Storey, c: Cell) -> None:
    """Rooms for women and men, side by side or one behind the other, sometimes with a lobby in front."""
    t = s.partition
    if c.width > 4.5:
        middle = c.width / 2
        for kind, left, right in (("women", 0, middle - t / 2), ("men", middle + t / 2, c.width)):
            _toilet(s, c.part(left, right), kind)
    else:
        _toilet(s, c, s.rng.choice(("women", "men", "unisex")))


def _toilet(s: Storey, c: Cell, kind: str) -> None:
    t, rng = s.partition, s.rng
    if c.depth > 4.4 and rng.random() < 0.4:
        lobby = 1.3
        s.box(c.frame, 0, 0, c.width, lobby, "vestibule").tagged = False
        door_at(s, c)
        f = c.frame.moved(0, lobby + t)
        s.door(f, 0.1, -t, 0, 0.85)
        d = c.depth - lobby - t
    else:
        f, d = c.frame, c.depth
        door_at(s, c)
    room = s.box(f, 0, 0, c.width, d, kind)
    room.floor = "wet"
    if c.back is not None and rng.random() < 0.3:
        windows(s, c)
    if s.fit.plumbed and c.width > 1.2 and d > 1.5:
        g = f.moved(0, d).mirrored_y()
        if d > c.width:
            g, w, d2 = from_side(replace(c, frame=f, depth=d), right=rng.random() < 0.5), d, c.width
        else:
            w, d2 = c.width, d
        furniture_symbols.stalls(s, g, max(1.0, w - 0.6), d2)


def draw_clearances(s: Storey, f: Frame, w: float, d: float) -> None:
    """Dashed boxes: the clear space that building codes require at doors and fixtures."""
    if not s.fit.clearances:
        return
    for _ in range(s.rng.randint(1, 6)):
        a, b = s.rng.choice(((0.76, 1.22), (1.22, 0.76), (1.5, 1.5), (1.22, 1.5)))
        if w > a + 0.1 and d > b + 0.1:
            x, y = s.rng.uniform(0, w - a), s.rng.uniform(0, d - b)
            s.frame_box(f, x, y, x + a, y + b, 1, (0.14, 0.08))
