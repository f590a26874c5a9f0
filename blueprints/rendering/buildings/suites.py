"""Suites of offices, clinics and open offices."""

from __future__ import annotations

from dataclasses import replace

from blueprints.rendering.buildings import furniture_symbols
from blueprints.rendering.buildings.cell import Cell, Unit, door_at, plain, windows
from blueprints.rendering.buildings.furniture_placing import exam_furniture, office_furniture
from blueprints.rendering.buildings.storey import Storey
from blueprints.rendering.buildings.wet_rooms import wet
from blueprints.rendering.polygons import notched


def open_office(s: Storey, c: Cell) -> None:
    s.box(c.frame, 0, 0, c.width, c.depth, "open office")
    door_at(s, c, width=1.8)
    windows(s, c)
    if s.fit.furnished:
        y = 1.2
        while y + 1.6 < c.depth:
            x = 0.8
            while x + 1.6 < c.width - 0.4:
                furniture_symbols.desk(s, c.frame, x, y + 0.75, 1.4)
                furniture_symbols.desk(s, c.frame.moved(0, y + 0.72).mirrored_y(), x, 0, 1.4)
                x += 1.6 if s.rng.random() < 0.8 else 2.6
            y += 3.2


def divided(kinds: tuple[str, ...], least: float = 2.6) -> Unit:
    """A suite: a front room at the corridor, from which rooms of `kinds`, at least `least` metres wide, are entered."""

    def unit(s: Storey, c: Cell) -> None:
        t, rng = s.partition, s.rng
        front = c.depth * rng.uniform(0.35, 0.5)
        if c.depth - front - t < 2.2 or c.width < 4.5:
            plain(rng.choice(kinds))(s, c)
            return
        count = max(1, int(c.width / rng.uniform(least, least * 1.5)))
        step = (c.width + t) / count
        right = c.width
        if rng.random() < 0.3 and c.width > 6 and c.width - step + t > 2.5:
            # One more room at the corridor, beside the front room.
            right = c.width - step + t
            own = c.part(right, c.width)
            s.box(own.frame, 0, 0, own.width, front, rng.choice(kinds))
            door_at(s, own)
            right -= t
        _front_room(s, c, right, front)
        for i in range(count):
            left = i * step
            frame = c.frame.moved(left, front + t)
            part = replace(c, frame=frame, width=step - t, depth=c.depth - front - t, front=t)
            s.box(frame, 0, 0, part.width, part.depth, rng.choice(kinds))
            if left < right - 1.0:
                door_at(s, part, 0.05, min(part.width, right - left) - 0.05)
            windows(s, part)
            if s.fit.furnished:
                office_furniture(s, part)

    return unit


def _front_room(s: Storey, c: Cell, width: float, depth: float) -> None:
    """The entrance room of a suite, with a desk or a row of chairs."""
    s.box(c.frame, 0, 0, width, depth, s.rng.choice(("reception", "waiting", "workspace", "copy")))
    door_at(s, c, 0.1, width - 0.1, width=1.0)
    if not s.fit.furnished:
        return
    form = s.rng.random()
    if form < 0.4:
        furniture_symbols.desk(s, c.frame.moved(0, depth).mirrored_y(), width * 0.3, 0.05, 1.8)
    elif form < 0.7:
        for i in range(int(width / 0.7) - 1):
            furniture_symbols.chair(s, c.frame, 0.5 + 0.7 * i, 0.35)


def clinic(s: Storey, c: Cell) -> None:
    """A treatment room behind a small front room, sometimes with a toilet beside it."""
    t, rng = s.partition, s.rng
    front = rng.uniform(1.5, 2.6)
    if c.depth < front + 2.6:
        plain("exam", exam_furniture)(s, c)
        return
    if rng.random() < s.fit.folding_walls:
        _folded(s, c, front)
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
                back.frame,
                notched(c.width, back.depth, [(bw + t, 2.0 + t), None, None, None]),
                "exam",
                middle=((c.width + bw) / 2, back.depth / 2),
                size=(c.width - bw, back.depth),
            )
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


def _folded(s: Storey, c: Cell, front: float) -> None:
    """A front room and a treatment room with a folding wall or a curtain between them, drawn as a dashed line."""
    s.box(c.frame, 0, 0, c.width, front, "clinic")
    door_at(s, c)
    back = replace(c, frame=c.frame.moved(0, front), depth=c.depth - front, front=0.0)
    s.box(back.frame, 0, 0, c.width, back.depth, "exam")
    # Where two rooms meet there is no wall, but for one that is drawn for thin partitions.
    s.opening(c.frame, 0, front, front, c.width)
    s.line(c.frame, (0, front), (c.width, front), pen=2, dash=(0.3, 0.15))
    windows(s, back)
    if s.fit.furnished:
        exam_furniture(s, back)
