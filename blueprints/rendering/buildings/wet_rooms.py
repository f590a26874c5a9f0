"""Bathrooms, rooms with one of their own, and toilets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from blueprints.rendering.buildings import fixtures
from blueprints.rendering.buildings.cell import Cell, Unit, door_at, from_side, plain, windows
from blueprints.rendering.buildings.frame import Frame
from blueprints.rendering.buildings.storey import Storey
from blueprints.rendering.polygons import notched


def wet(s: Storey, f: Frame, w: float, d: float, *, bath: bool = False, kind: str = "toilet") -> None:
    """A bathroom of that size with its fixtures; its door is its owner's."""
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
        fixtures.bath(s, g, w - 0.78, 0.03, w - 0.03, min(d - 0.03, 1.75))
        if d > 1.0:
            fixtures.wc(s, g, w - 1.3)
        fixtures.basin(s, g, w - 2.0)
    elif w > 1.9:
        side = min(0.95, d * 0.6)
        fixtures.shower(s, g, w - side, 0.0, w, side)
        fixtures.wc(s, g, w - side - 0.45)
        if w - side > 1.4:
            fixtures.basin(s, g, w - side - 1.1)
    else:
        fixtures.wc(s, g, w * 0.5 if w < 1.3 else w - 0.5)
        if w >= 1.3:
            fixtures.basin(s, g, 0.4)


def with_bathroom(
    kind: str,
    furnish: Callable[[Storey, Frame, float, float], None],
    *,
    outside: bool = False,
    bath: bool = False,
    closet: bool = False,
) -> Unit:
    """A room with its own bathroom in a corner: at the corridor, or at the facade; with a closet beside the entry."""

    def unit(s: Storey, c: Cell) -> None:
        rng, t = s.rng, s.partition
        bw = min(s.fit.bath_size[0], c.width - 1.25)
        bd = min(s.fit.bath_size[1], c.depth * 0.5)
        if bw < 1.0 or bd < 1.0:
            plain(kind)(s, c)
            return
        g = c.frame
        if s.flipped:
            g = g.moved(c.width, 0).mirrored_x()
        at_facade = outside and s.fit.bath_outside
        h = g.moved(0, c.depth).mirrored_y() if at_facade else g
        w, d = c.width, c.depth
        cw = min(0.65, w - bw - t - 1.05) if closet and not at_facade else 0.0
        cd = min(bd, 1.4)
        notches: list[tuple[float, float] | None] = [(bw + t, bd + t), None, None, None]
        if cw > 0.45:
            notches[1] = (cw + t, cd)
        room = s.room(h, notched(w, d, notches), kind, middle=(w / 2, (bd + t + d) / 2), size=(w, d - bd - t))
        room.floor = "dry"
        wet(s, h, bw, bd, bath=bath)
        # The bathroom's door: to the entry beside it, or to the room behind it.
        if bd > 1.0 and (rng.random() < 0.65 or at_facade):
            width = min(0.85, bd - 0.15)
            y = rng.choice((0.05, bd - width - 0.05))
            k = h.swapped()
            if rng.random() < 0.5:
                s.door(k, y, bw, bw + t, width)
            else:
                s.door(k.moved(0, bw + t).mirrored_y(), y, 0, t, width)
        else:
            width = min(0.85, bw - 0.1)
            s.door(h.moved(0, bd + t).mirrored_y(), rng.choice((0.05, bw - width - 0.05)), 0, t, width)
        if cw > 0.45:
            x = w - cw
            closet_room = s.box(h, x, 0, w, cd - t, "closet")
            closet_room.tagged = False
            if cd - t > 0.7:
                s.door(
                    h.swapped().moved(0, x).mirrored_y(),
                    0.08,
                    0,
                    t,
                    cd - t - 0.16,
                    "fold" if rng.random() < 0.5 else "slide",
                )
        entry = replace(c, frame=g)
        low = 0.08 if at_facade else bw + t + 0.05
        door_at(s, entry, low, w - (cw + t if cw > 0.45 else 0) - 0.05, width=1.2 if kind == "patient" else 0.9)
        windows(s, entry, bw + t if at_facade else 0.0)
        if at_facade and c.back is not None and rng.random() < 0.5 and bw > 1.4:
            s.window(g, bw / 2 - 0.35, d, d + c.back, 0.7)
        if s.fit.furnished:
            furnish(s, h.moved(0, 0 if at_facade else bd + t), w, d - bd - t)

    return unit


def toilets(s: Storey, c: Cell) -> None:
    """Rooms for women and men side by side or one behind the other, at times with a lobby before them."""
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
        fixtures.stalls(s, g, max(1.0, w - 0.6), d2)


def draw_clearances(s: Storey, f: Frame, w: float, d: float) -> None:
    """Dashed boxes of the space that codes ask for at doors and fixtures."""
    if not s.fit.clearances:
        return
    for _ in range(s.rng.randint(1, 6)):
        a, b = s.rng.choice(((0.76, 1.22), (1.22, 0.76), (1.5, 1.5), (1.22, 1.5)))
        if w > a + 0.1 and d > b + 0.1:
            x, y = s.rng.uniform(0, w - a), s.rng.uniform(0, d - b)
            s.frame_box(f, x, y, x + a, y + b, 1, (0.14, 0.08))
