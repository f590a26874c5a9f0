"""What stands along a corridor: wards, guest rooms, flats, classrooms, offices, stairs, lifts, toilets, closets.

Every unit fills a cell: x along the corridor, y from the corridor's wall to the facade.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from blueprints.rendering.buildings import fixtures
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
    """Thickness of the facade behind y = depth; None where another room is there."""

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
    """A door to the corridor near one end of left..right; gives where it starts."""
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
"""What is often open to the corridor."""


def _with_chase(s: Storey, c: Cell, kind: str) -> None:
    """The room of the cell, at times without a column or a chase in one of its corners."""
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
        fixtures.crossed(s, c.frame, x + t, y + t, x + size[0] - t, y + size[1] - t)


def _back(c: Cell) -> Frame:
    """From the far wall inwards."""
    return c.frame.moved(0, c.depth).mirrored_y()


def _side(c: Cell, *, right: bool) -> Frame:
    """From a side wall inwards: x runs along the depth."""
    g = c.frame.moved(c.width, 0).mirrored_x() if right else c.frame
    return g.swapped()


def office_furniture(s: Storey, c: Cell) -> None:
    rng = s.rng
    form = rng.random()
    if c.width < 2.2 or c.depth < 2.5:
        return
    if form < 0.4:
        g = _back(c)
        fixtures.desk(s, g, 0.15 + rng.random() * (c.width - 1.9), 0.05)
    elif form < 0.7:
        g = _side(c, right=rng.random() < 0.5)
        fixtures.desk(s, g, c.depth - 1.9, 0.05, 1.7)
        if c.width > 3.2:
            fixtures.chair(s, g, c.depth - 1.0, 2.2)
    else:
        fixtures.table(s, c.frame, c.width / 2, c.depth * 0.6, min(1.7, c.width * 0.45), 0.8, 1)
    if rng.random() < 0.4:
        g = _side(c, right=rng.random() < 0.5)
        s.frame_box(g, 1.2, 0, min(c.depth - 0.2, 2.6), 0.4, 1)


def open_office(s: Storey, c: Cell) -> None:
    s.box(c.frame, 0, 0, c.width, c.depth, "open office")
    door_at(s, c, width=1.8)
    windows(s, c)
    if s.fit.furnished:
        y = 1.2
        while y + 1.6 < c.depth:
            x = 0.8
            while x + 1.6 < c.width - 0.4:
                fixtures.desk(s, c.frame, x, y + 0.75, 1.4)
                fixtures.desk(s, c.frame.moved(0, y + 0.72).mirrored_y(), x, 0, 1.4)
                x += 1.6 if s.rng.random() < 0.8 else 2.6
            y += 3.2


def meeting_furniture(s: Storey, c: Cell) -> None:
    if c.width > c.depth:
        seats = max(1, int((c.width - 1.8) / 0.75))
        fixtures.table(s, c.frame, c.width / 2, c.depth / 2, max(0.8, c.width - 1.8), min(1.3, c.depth * 0.35), seats)
    else:
        seats = max(1, int((c.depth - 1.8) / 0.75))
        g = c.frame.swapped()
        fixtures.table(s, g, c.depth / 2, c.width / 2, max(0.8, c.depth - 1.8), min(1.3, c.width * 0.35), seats)


def class_furniture(s: Storey, c: Cell) -> None:
    """Seats that look to a side wall, with its board."""
    g = _side(c, right=s.rng.random() < 0.5)
    s.line(g, (c.depth * 0.25, 0.06), (c.depth * 0.75, 0.06), pen=2)
    fixtures.seats(s, g, c.depth, c.width, desks=s.rng.random() < 0.7, pitch=1.4)


def lecture_furniture(s: Storey, c: Cell) -> None:
    g = _side(c, right=s.rng.random() < 0.5) if c.width > c.depth else c.frame
    w, d = (c.depth, c.width) if c.width > c.depth else (c.width, c.depth)
    fixtures.seats(s, g, w, d, desks=False, top=3.0, pitch=0.95)
    s.frame_box(g, w / 2 - 0.8, 1.0, w / 2 + 0.8, 1.6, 1)


def lab_furniture(s: Storey, c: Cell) -> None:
    g = _back(c)
    fixtures.counter(s, g, 0, c.width, 0, 0.75)
    x = 1.6
    while x + 1.4 < c.width - 1.2:
        s.frame_box(c.frame, x, 1.6, x + 1.4, c.depth - 1.6, 1)
        s.line(c.frame, (x + 0.7, 1.6), (x + 0.7, c.depth - 1.6), pen=0)
        x += 3.0


def ward_furniture(s: Storey, c: Cell) -> None:
    g = _side(c, right=s.rng.random() < 0.5)
    beds = max(1, int((c.depth - 1.5) / 2.6))
    for i in range(beds):
        fixtures.bed(s, g, c.depth - 1.3 - i * 2.5, 0.05, clinical=True)


def exam_furniture(s: Storey, c: Cell) -> None:
    rng = s.rng
    g = _back(c)
    if rng.random() < 0.5 and min(c.width, c.depth) > 2.4:
        turned = replace(c.frame.moved(c.width / 2, c.depth * 0.55))
        fixtures.bed(s, turned, 0.0, -0.9, 0.7, 1.8, clinical=True)
    else:
        fixtures.bed(s, g, c.width * 0.35, 0.1, 0.7, 1.8, clinical=True)
    h = _side(c, right=rng.random() < 0.5)
    fixtures.counter(s, h, max(0.2, c.depth - 2.2), c.depth, 0, 0.55)


def store_furniture(s: Storey, c: Cell) -> None:
    if min(c.width, c.depth) > 2.2:
        fixtures.shelves(s, c.frame, c.width, c.depth)
    elif s.rng.random() < 0.5:
        s.frame_box(c.frame, 0, c.depth - 0.4, c.width, c.depth, 1)


def plant_furniture(s: Storey, c: Cell) -> None:
    fixtures.equipment(s, c.frame, c.width, c.depth)


def canteen_furniture(s: Storey, c: Cell) -> None:
    y = 1.6
    while y < c.depth - 1.2:
        x = 1.5
        while x < c.width - 1.2:
            if s.rng.random() < 0.9:
                if s.fit.canteen_round:
                    fixtures.round_table(s, c.frame, x, y, 0.55, 4)
                else:
                    fixtures.table(s, c.frame, x, y, 1.3, 0.75, 2)
            x += 2.5
        y += 2.4


def lounge_furniture(s: Storey, c: Cell) -> None:
    g = _back(c)
    if c.width > 2.5 and c.depth > 2:
        fixtures.sofa(s, g, c.width / 2, 0.2)
    if c.depth > 4:
        fixtures.round_table(s, c.frame, c.width / 2, c.depth * 0.5, 0.5, 4)


def kitchen_furniture(s: Storey, c: Cell) -> None:
    fixtures.kitchen(s, _back(c), 0.05, c.width - 0.05)
    if c.depth > 4:
        fixtures.counter(s, c.frame, 1.2, c.width - 1.2, c.depth * 0.45, 0.9)


def wet(s: Storey, f: Frame, w: float, d: float, *, bath: bool = False, kind: str = "toilet") -> None:
    """A bathroom of that size with its fixtures; its door is its owner's."""
    room = s.box(f, 0, 0, w, d, kind)
    room.floor = "wet"
    if not s.fit.plumbed:
        return
    _clearances(s, f, w, d)
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
    kind: str, furnish: Callable[[Storey, Frame, float, float], None], *, outside: bool = False, bath: bool = False,
    closet: bool = False,
) -> Unit:  # fmt: skip
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
        room = s.room(
            h, notched(w, d, notches), kind, middle=(w / 2, (bd + t + d) / 2), size=(w, d - bd - t)
        )  # fmt: skip
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


def bedside(s: Storey, f: Frame, w: float, d: float) -> None:
    g = f.swapped()
    if d > 2.2 and w > 2.6:
        fixtures.bed(s, g, d * 0.55, 0.05, clinical=True)
        if w > 3.2:
            fixtures.chair(s, f, w - 0.5, d - 0.6)


def hotel_bed(s: Storey, f: Frame, w: float, d: float) -> None:
    g = f.swapped()
    if d > 2.2 and w > 2.6:
        fixtures.bed(s, g, d * 0.45, 0.05, 1.6 if s.rng.random() < 0.6 else 1.0)
        s.frame_box(g, d * 0.2, w - 0.5, d * 0.7, w - 0.02, 1)


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
            g, w, d2 = _side(replace(c, frame=f, depth=d), right=rng.random() < 0.5), d, c.width
        else:
            w, d2 = c.width, d
        fixtures.stalls(s, g, max(1.0, w - 0.6), d2)


def stairs(s: Storey, c: Cell) -> None:
    s.box(c.frame, 0, 0, c.width, c.depth, "stair")
    door_at(s, c, width=1.0)
    if c.depth > c.width:
        fixtures.stair(s, c.frame, c.width, c.depth)
    else:
        fixtures.stair(s, c.frame.swapped(), c.depth, c.width)
    if c.back is not None and s.rng.random() < 0.3:
        windows(s, c)


def lifts(s: Storey, c: Cell) -> None:
    """Lift shafts at the corridor, with what is behind them: a machine room, a shaft, more lifts."""
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
        fixtures.crossed(s, c.frame, x0 + inset, 0.12 if inset else 0, x1 - inset, deep - inset)
    rest = c.depth - deep - t
    if rest > 0.5:
        f = c.frame.moved(0, deep + t)
        if rest < 1.2:
            _shaft(s, f, c.width, rest)
        else:
            room = s.box(f, 0, 0, c.width, rest, rng.choice(("electrical", "mechanical", "storage", "machine")))
            room.floor = "plain"
            g = replace(c, frame=f, depth=rest)
            windows(s, g)
            # Reached from behind: a door in a side wall.
            s.door(f.swapped(), rest * 0.2, -t, 0, min(0.9, rest * 0.6)) if rest > 1.3 else None
            if s.fit.furnished:
                fixtures.equipment(s, f, c.width, rest)


def _shaft(s: Storey, f: Frame, w: float, d: float) -> None:
    room = s.box(f, 0, 0, w, d, "shaft")
    room.tagged = min(w, d) > 1.0
    form = s.rng.random()
    if form < 0.6:
        fixtures.crossed(s, f, 0, 0, w, d)
    elif form < 0.75:
        s.shade(f, rectangle(0, 0, w, d) * 1.0, 205)
        s.line(f, (0, d), (w, 0), pen=1)
    elif form < 0.9:
        s.line(f, (0, d), (w * 0.35, d * 0.35), (w, 0), pen=1)


def shaft(s: Storey, c: Cell) -> None:
    """A shaft at the corridor and a small room behind it, or the other way round."""
    t, rng = s.partition, s.rng
    d = rng.uniform(0.5, 1.4)
    if c.depth - d - t < 1.2:
        _shaft(s, c.frame, c.width, c.depth)
        return
    s.box(c.frame, 0, 0, c.width, c.depth - d - t, rng.choice(("electrical", "janitor", "closet", "storage", "data")))
    door_at(s, c)
    _shaft(s, c.frame.moved(0, c.depth - d), c.width, d)


def closets(s: Storey, c: Cell) -> None:
    """Two or more narrow rooms at the corridor, and one behind or none."""
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


def divided(kinds: tuple[str, ...], least: float = 2.6) -> Unit:
    """A suite: a front room at the corridor and rooms behind it, reached from it."""

    def unit(s: Storey, c: Cell) -> None:
        t, rng = s.partition, s.rng
        front = c.depth * rng.uniform(0.35, 0.5)
        if c.depth - front - t < 2.2 or c.width < 4.5:
            plain(rng.choice(kinds))(s, c)
            return
        count = max(1, int(c.width / rng.uniform(least, least * 1.5)))
        step = (c.width + t) / count
        side = rng.random() < 0.3 and c.width > 6
        right = c.width
        if side:
            # One more room at the corridor, beside the front room.
            right = c.width - step + t
            if right > 2.5:
                own = c.part(right + t - t, c.width)
                own = c.part(right, c.width)
                s.box(own.frame, 0, 0, own.width, front, rng.choice(kinds))
                door_at(s, own)
                right -= t
            else:
                right = c.width
        s.box(c.frame, 0, 0, right, front, rng.choice(("reception", "waiting", "workspace", "copy")))
        door_at(s, c, 0.1, right - 0.1, width=1.0)
        if s.fit.furnished:
            form = rng.random()
            if form < 0.4:
                fixtures.desk(s, c.frame.moved(0, front).mirrored_y(), right * 0.3, 0.05, 1.8)
            elif form < 0.7:
                for i in range(int(right / 0.7) - 1):
                    fixtures.chair(s, c.frame, 0.5 + 0.7 * i, 0.35)
        for i in range(count):
            part = replace(c.part(i * step, i * step + step - t), frame=c.frame.moved(i * step, front + t),
                           depth=c.depth - front - t, front=t)  # fmt: skip
            s.box(part.frame, 0, 0, part.width, part.depth, rng.choice(kinds))
            if i * step < right - 1.0:
                door_at(s, part, 0.05, min(part.width, right - i * step) - 0.05)
            windows(s, part)
            if s.fit.furnished:
                office_furniture(s, part)

    return unit


def flat(s: Storey, c: Cell) -> None:
    """A dwelling of a living room with a kitchen, bedrooms, a bathroom and closets; at times a balcony."""
    t, rng = s.partition, s.rng
    w, d = c.width, c.depth
    g = c.frame
    if s.flipped:
        g = g.moved(w, 0).mirrored_x()
    c = replace(c, frame=g)
    if w < 4.8 or d < 6:
        _studio(s, c)
        return
    beds = 1 if w < 8.6 else 2
    bed_w = rng.uniform(2.9, 3.7)
    zones: list[tuple[float, float]] = [(0, bed_w)]
    live = (bed_w + t, w)
    if beds == 2:
        zones.append((w - rng.uniform(2.9, 3.7), w))
        live = (bed_w + t, zones[1][0] - t)
    lw = live[1] - live[0]
    front = replace(c, frame=g.moved(live[0], 0), width=lw)
    # A closet for the plant, or for coats, beside the entry.
    side = rng.uniform(0.75, 1.5), rng.uniform(0.7, 1.3)
    notches: list[tuple[float, float] | None] = [None, None, None, None]
    if lw - side[0] - t > 1.6 and rng.random() < 0.75:
        notches[1] = (side[0] + t, side[1] + t)
        x = lw - side[0]
        f = front.frame.moved(x, 0)
        plant = rng.random() < 0.5
        s.box(f, 0, 0, *side, "mechanical" if plant else rng.choice(("closet", "storage", "laundry"))).tagged = (
            rng.random() < 0.3
        )
        if plant:
            s.round(f, side[0] / 2, side[1] / 2, min(side) * 0.35, pen=1)
            s.frame_box(
                f,
                side[0] / 2 - min(side) * 0.4,
                side[1] / 2 - min(side) * 0.4,
                side[0] / 2 + min(side) * 0.4,
                side[1] / 2 + min(side) * 0.4,
                0,
            )
            door_at(s, replace(front, frame=f, width=side[0]), 0.05, side[0] - 0.05, width=min(0.8, side[0] - 0.1))
        elif rng.random() < 0.6:
            s.door(f, 0.08, side[1], side[1] + t, side[0] - 0.16, "fold" if rng.random() < 0.4 else "")
        else:
            s.door(front.frame.swapped().moved(0, x).mirrored_y(), 0.06, 0, t, side[1] - 0.12)
    s.room(front.frame, notched(lw, d, notches), "living")
    door_at(s, front, 0.1, min(lw - 0.1 - (side[0] + t if notches[1] else 0), 1.6), width=0.95)
    _clearances(s, front.frame, lw, d * 0.5)
    windows(s, front)
    if s.fit.furnished or s.fit.plumbed:
        h = g.moved(live[0], 0).swapped() if rng.random() < 0.6 else g.moved(live[1], 0).mirrored_x().swapped()
        fixtures.kitchen(s, h, 1.6, min(d * 0.55, 5.2))
        if lw > 3.2 and rng.random() < 0.7:
            s.frame_box(g.moved(live[0] + lw / 2 - 0.45, 0), 0, 1.9, 0.9, min(d * 0.5, 4.2), 1)
    if s.fit.furnished:
        fixtures.sofa(s, g.moved(live[0], d).mirrored_y(), lw / 2, 0.6)
    for number, (x0, x1) in enumerate(zones):
        zw = x1 - x0
        zone = g.moved(x0, 0) if number == 0 else g.moved(x1, 0).mirrored_x()
        # From the corridor: a bathroom, a closet, the bedroom; their doors lead to the living room or the bedroom.
        bath_d = rng.uniform(1.6, 2.5)
        closet_d = rng.choice((0.0, 0.7, 0.8, 1.5, 1.9)) if d - bath_d > 4.4 else 0.0
        wet(s, zone, zw, bath_d, bath=True, kind="bath")
        k = zone.swapped()
        if rng.random() < 0.6:
            s.door(k.moved(0, zw + t).mirrored_y(), bath_d - 0.9, 0, t, 0.8)
        else:
            s.door(zone, 0.1, bath_d, bath_d + t, 0.8)
        y = bath_d + t
        if closet_d:
            if zw > 2.8 and rng.random() < 0.5:
                half = zw * rng.uniform(0.4, 0.6)
                for a, b, kind in (
                    (0, half - t / 2, "closet"),
                    (half + t / 2, zw, rng.choice(("laundry", "closet", "storage"))),
                ):
                    s.box(zone, a, y, b, y + closet_d, kind).tagged = closet_d > 1.2
                    fold = min(b - a - 0.2, 1.5)
                    if kind == "closet":
                        s.door(zone, a + 0.1, y + closet_d, y + closet_d + t, fold, "fold" if closet_d < 1 else "")
                        fixtures.wardrobe(s, zone.moved(a, y), 0, b - a, 0, min(0.55, closet_d))
                    else:
                        s.door(k.moved(0, zw + t).mirrored_y(), y + 0.05, 0, t, min(0.8, closet_d - 0.1))
            else:
                s.box(zone, 0, y, zw, y + closet_d, "closet").tagged = closet_d > 1.2
                s.door(zone, 0.3, y + closet_d, y + closet_d + t, min(1.6, zw - 0.6), "fold" if closet_d < 1 else "")
                fixtures.wardrobe(s, zone.moved(0, y), 0, zw, 0, min(0.55, closet_d))
            y += closet_d + t
        s.box(zone, 0, y, zw, d, "bedroom")
        s.door(k.moved(0, zw + t).mirrored_y(), y + 0.1, 0, t, 0.85)
        if c.back is not None:
            windows(s, replace(c, frame=zone, width=zw))
        if s.fit.furnished and d - y > 2.6:
            fixtures.bed(s, zone.swapped(), (y + d) / 2 + 0.2, 0.05, 1.6)
    if c.back is not None and s.fit.balconies:
        deep = rng.uniform(1.2, 2.0)
        f = g.moved(live[0], d + c.back)
        s.wing(f, rectangle(-0.1, -0.05, lw + 0.1, deep + 0.1), rectangle(0, 0, lw, deep))
        s.box(f, 0, 0, lw, deep, "balcony")
        s.window(g, live[0] + 0.3, d, d + c.back, max(0.8, min(2.4, lw - 0.6)))


def _clearances(s: Storey, f: Frame, w: float, d: float) -> None:
    """Dashed boxes of the space that codes ask for at doors and fixtures."""
    if not s.fit.clearances:
        return
    for _ in range(s.rng.randint(1, 6)):
        a, b = s.rng.choice(((0.76, 1.22), (1.22, 0.76), (1.5, 1.5), (1.22, 1.5)))
        if w > a + 0.1 and d > b + 0.1:
            x, y = s.rng.uniform(0, w - a), s.rng.uniform(0, d - b)
            s.frame_box(f, x, y, x + a, y + b, 1, (0.14, 0.08))


def _studio(s: Storey, c: Cell) -> None:
    with_bathroom("studio", hotel_bed, bath=True, closet=True)(s, c)


def clinic(s: Storey, c: Cell) -> None:
    """A treatment room behind a small front room, at times with a toilet beside it."""
    t, rng = s.partition, s.rng
    front = rng.uniform(1.5, 2.6)
    if c.depth < front + 2.6:
        plain("exam", exam_furniture)(s, c)
        return
    s.box(c.frame, 0, 0, c.width, front, "clinic")
    door_at(s, c)
    back = replace(c, frame=c.frame.moved(0, front + t), depth=c.depth - front - t, front=t)
    if c.width > 3.2 and rng.random() < 0.6:
        bw = rng.uniform(1.0, 1.4)
        wet(s, back.frame, bw, min(2.0, back.depth))
        s.door(back.frame.swapped(), 0.1, bw, bw + t, 0.8)
        if back.depth - 2.0 - t > 0.6:
            room = s.room(
                back.frame, notched(c.width, back.depth, [(bw + t, 2.0 + t), None, None, None]), "exam",
                middle=((c.width + bw) / 2, back.depth / 2), size=(c.width - bw, back.depth),
            )  # fmt: skip
            room.floor = ""
            windows(s, back)
        else:
            s.box(back.frame, bw + t, 0, c.width, back.depth, "exam")
            windows(s, back, bw + t)
        door_at(s, back, bw + t + 0.05, c.width - 0.05)
    else:
        s.box(back.frame, 0, 0, c.width, back.depth, "exam")
        door_at(s, back)
        windows(s, back)
        if s.fit.furnished:
            exam_furniture(s, back)


def corner_room(s: Storey, frame: Frame, outline: Points, kind: str) -> None:
    """A room of any form, without furniture."""
    centre = outline.mean(axis=0)
    size = float(np.ptp(outline[:, 0])) * 0.6, float(np.ptp(outline[:, 1])) * 0.6
    s.room(frame, outline, kind, middle=(float(centre[0]), float(centre[1])), size=size)


def chance(rng: random.Random, share: float) -> bool:
    return rng.random() < share
