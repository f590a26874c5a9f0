"""Symbols of furniture and sanitary ware for pages of buildings.

All in metres, in a frame whose y axis points away from the wall behind them.
"""

from __future__ import annotations

import math

from blueprints.rendering.buildings.frame import Frame
from blueprints.rendering.buildings.storey import Storey
from blueprints.rendering.polygons import rectangle


def wc(s: Storey, f: Frame, x: float, y: float = 0.0) -> None:
    """A WC with its cistern at the wall at y, centred at x."""
    s.frame_box(f, x - 0.22, y, x + 0.22, y + 0.18, 1)
    s.round(f, x, y + 0.45, 0.19, 0.27, pen=1)


def basin(s: Storey, f: Frame, x: float, y: float = 0.0, *, counter: float = 0.0) -> None:
    if counter:
        s.frame_box(f, x - counter / 2, y, x + counter / 2, y + 0.55, 1)
    elif s.habits.cupboards:
        s.frame_box(f, x - 0.3, y, x + 0.3, y + 0.48, 1)
    s.round(f, x, y + 0.28, 0.23, 0.17, pen=1)
    s.round(f, x, y + 0.1, 0.03, pen=0)


def shower(s: Storey, f: Frame, x0: float, y0: float, x1: float, y1: float) -> None:
    s.frame_box(f, x0, y0, x1, y1, 1)
    s.line(f, (x0, y0), (x1, y1), pen=0)
    s.line(f, (x1, y0), (x0, y1), pen=0)
    s.round(f, (x0 + x1) / 2, (y0 + y1) / 2, 0.06, pen=1)


def bath(s: Storey, f: Frame, x0: float, y0: float, x1: float, y1: float) -> None:
    s.frame_box(f, x0, y0, x1, y1, 1)
    inset = 0.08
    s.round(f, (x0 + x1) / 2, (y0 + y1) / 2, (x1 - x0) / 2 - inset, (y1 - y0) / 2 - inset, pen=0)


def bed(
    s: Storey, f: Frame, x: float, y: float, width: float = 0.95, length: float = 2.05, *, clinical: bool = False
) -> None:
    """A bed with its head at the wall at y, centred at x."""
    left, right = x - width / 2, x + width / 2
    s.frame_box(f, left, y, right, y + length, 1)
    if clinical:
        s.frame_box(f, left + 0.05, y - 0.02, right - 0.05, y + 0.1, 1)
        s.line(f, (left, y + 0.6), (right, y + 0.6), pen=0)
        s.line(f, (left, y + length - 0.2), (right, y + length - 0.2), pen=0)
    if not clinical and width > 1.2:
        # Two pillows, and tables on both sides.
        s.frame_box(f, left + 0.08, y + 0.1, x - 0.05, y + 0.45, 1)
        s.frame_box(f, x + 0.05, y + 0.1, right - 0.08, y + 0.45, 1)
        for side in (left - 0.5, right + 0.05):
            s.frame_box(f, side, y, side + 0.45, y + 0.45, 1)
            s.round(f, side + 0.22, y + 0.22, 0.14, pen=0)
        s.frame_box(f, left + 0.04, y + 0.6, right - 0.04, y + length - 0.1, 1)
    else:
        s.frame_box(f, left + 0.08, y + 0.1, right - 0.08, y + 0.45, 0)
    if not clinical:
        s.line(f, (left, y + 0.6), (right, y + 0.6), pen=0)
        s.line(f, (left, y + 0.6), (right - width * 0.3, y + 1.1), pen=0)


def chair(s: Storey, f: Frame, x: float, y: float, *, turned: float = 0.0) -> None:
    """A seat around (x, y) with its back towards -y, rotated by an angle in degrees."""
    t = math.radians(turned)
    g = f.moved(x, y)
    cos, sin = math.cos(t), math.sin(t)

    def at(px: float, py: float) -> tuple[float, float]:
        return cos * px - sin * py, sin * px + cos * py

    s.line(g, at(-0.2, -0.15), at(0.2, -0.15), at(0.22, 0.22), at(-0.22, 0.22), at(-0.2, -0.15), pen=0)
    s.line(g, at(-0.22, -0.22), at(0.22, -0.22), pen=1)


def desk(s: Storey, f: Frame, x: float, y: float, width: float = 1.5, depth: float = 0.75) -> None:
    """A desk with its chair, at the wall at y, starting at x."""
    s.frame_box(f, x, y, x + width, y + depth, 1)
    s.frame_box(f, x + width * 0.35, y + 0.12, x + width * 0.65, y + 0.22, 0)
    chair(s, f, x + width / 2, y + depth + 0.2, turned=180)


def table(s: Storey, f: Frame, x: float, y: float, width: float, depth: float, seats: int) -> None:
    """A table centred at (x, y) with seats along its long sides (along x) and its ends."""
    s.frame_box(f, x - width / 2, y - depth / 2, x + width / 2, y + depth / 2, 1)
    for i in range(seats):
        at = x - width / 2 + width * (i + 0.5) / seats
        chair(s, f, at, y - depth / 2 - 0.25)
        chair(s, f, at, y + depth / 2 + 0.25, turned=180)


def round_table(s: Storey, f: Frame, x: float, y: float, radius: float, seats: int) -> None:
    s.round(f, x, y, radius, pen=1)
    for i in range(seats):
        turn = math.tau * i / seats
        chair(
            s,
            f,
            x + (radius + 0.28) * math.cos(turn),
            y + (radius + 0.28) * math.sin(turn),
            turned=math.degrees(turn) + 90,
        )


def counter(
    s: Storey, f: Frame, x0: float, x1: float, y: float = 0.0, depth: float = 0.6, *, sink: bool = True
) -> None:
    s.frame_box(f, x0, y, x1, y + depth, 1)
    at = x0
    while at + 0.6 < x1 and s.habits.cupboards:
        at += 0.6
        s.line(f, (at, y), (at, y + depth), pen=0)
    if sink and x1 - x0 > 0.9:
        middle = (x0 + x1) / 2
        s.frame_box(f, middle - 0.25, y + 0.1, middle + 0.25, y + depth - 0.1, 0)


def kitchen(s: Storey, f: Frame, x0: float, x1: float, y: float = 0.0) -> None:
    """A line of units with a sink, a hob and a refrigerator."""
    counter(s, f, x0, x1, y, sink=True)
    if x1 - x0 > 2:
        for dx in (0.15, 0.42):
            for dy in (0.17, 0.43):
                s.round(f, x0 + 0.7 + dx, y + dy, 0.09, pen=0)
        s.frame_box(f, x0 + 0.7, y + 0.03, x0 + 1.27, y + 0.57, 0)
        s.frame_box(f, x1 - 0.65, y, x1, y + 0.68, 1)
        s.line(f, (x1 - 0.65, y), (x1, y + 0.68), pen=0)
        s.line(f, (x0, y + 0.35), (x1 - 0.65, y + 0.35), pen=0, dash=(0.1, 0.1))


def range_of_appliances(s: Storey, f: Frame, x0: float, x1: float, y: float, depth: float = 0.85) -> None:
    """A row of appliances of a large kitchen: ovens, hobs, sinks, cupboards, each with an outline of its own."""
    at = x0
    while at + 0.6 < x1:
        width = min(s.rng.uniform(0.6, 1.4), x1 - at)
        s.frame_box(f, at, y, at + width, y + depth, 1)
        form = s.rng.random()
        if form < 0.3:
            for dx in (0.3, 0.7):
                s.round(f, at + width * dx, y + depth / 2, min(width, depth) * 0.2, pen=0)
        elif form < 0.6:
            s.frame_box(f, at + 0.08, y + 0.08, at + width - 0.08, y + depth - 0.08, 1)
        elif form < 0.75:
            s.line(f, (at, y), (at + width, y + depth), pen=0)
        at += width


def pictogram(s: Storey, f: Frame, x: float, y: float, side: float) -> None:
    """A framed black symbol that stands for a bed, on plans for visitors."""
    half = side / 2
    s.frame_box(f, x - half, y - half, x + half, y + half, 1)
    for left, top, right, bottom in ((-0.7, -0.3, -0.55, 0.35), (-0.7, 0.0, 0.7, 0.2), (0.55, 0.0, 0.7, 0.35)):
        s.shade(f, rectangle(x + left * half, y + top * half, x + right * half, y + bottom * half), 0)
    s.shade(f, rectangle(x - half * 0.45, y - half * 0.3, x + half * 0.5, y - half * 0.05), 0)


def sofa(s: Storey, f: Frame, x: float, y: float, width: float = 1.9) -> None:
    s.frame_box(f, x - width / 2, y, x + width / 2, y + 0.85, 1)
    s.line(f, (x - width / 2, y + 0.22), (x + width / 2, y + 0.22), pen=0)
    for share in (-0.45, 0.0, 0.45):
        s.line(f, (x + share * width, y + 0.22), (x + share * width, y + 0.85), pen=0)


def wardrobe(s: Storey, f: Frame, x0: float, x1: float, y: float = 0.0, depth: float = 0.6) -> None:
    """A rail with hangers; dashed if it is only a shelf."""
    s.line(f, (x0, y + depth), (x1, y + depth), pen=0, dash=(0.15, 0.1))
    s.line(f, (x0, y + depth / 2), (x1, y + depth / 2), pen=0)


def shelves(s: Storey, f: Frame, width: float, depth: float, *, gap: float = 1.5) -> None:
    """Rows of shelving across a room of the given size."""
    at = 0.6
    while at + 0.5 < depth:
        s.frame_box(f, 0.5, at, width - 0.5, at + 0.45, 1)
        if s.rng.random() < 0.5:
            s.line(f, (0.5, at + 0.22), (width - 0.5, at + 0.22), pen=0)
        at += gap


def equipment(s: Storey, f: Frame, width: float, depth: float) -> None:
    """Boxes and cylinders: the equipment of a plant room."""
    for _ in range(s.rng.randint(1, 5)):
        w, d = s.rng.uniform(0.4, min(2.0, width * 0.4)), s.rng.uniform(0.4, min(1.5, depth * 0.4))
        x, y = s.rng.uniform(0.1, width - w - 0.1), s.rng.uniform(0.1, depth - d - 0.1)
        if s.rng.random() < 0.3:
            s.round(f, x + w / 2, y + d / 2, min(w, d) / 2, pen=1)
        else:
            s.frame_box(f, x, y, x + w, y + d, 1)
            if s.rng.random() < 0.4:
                s.line(f, (x, y), (x + w, y + d), pen=0)


def crossed(s: Storey, f: Frame, x0: float, y0: float, x1: float, y1: float, pens: int = 1) -> None:
    """The cross that marks a lift, a shaft or a void."""
    s.line(f, (x0, y0), (x1, y1), pen=0 if pens == 0 else 1)
    if s.rng.random() < 0.75:
        s.line(f, (x1, y0), (x0, y1), pen=0 if pens == 0 else 1)


def stair(s: Storey, f: Frame, width: float, depth: float) -> None:
    """Two flights along y between landings at both ends, with the line of travel."""
    rng = s.rng
    low, high = min(1.3, depth * 0.2), depth - min(1.4, depth * 0.2)
    gap = rng.choice((0.06, 0.15, 0.3))
    middle = width / 2
    step = rng.choice((0.28, 0.3))
    y = low
    cut = rng.random() < 0.5
    while y <= high:
        s.line(f, (0, y), (middle - gap / 2, y), pen=1)
        if not cut or y < (low + high) * 0.62:
            s.line(f, (middle + gap / 2, y), (width, y), pen=1)
        y += step
    s.frame_box(f, middle - gap / 2, low, middle + gap / 2, high, 1)
    if cut:
        at = (low + high) * 0.6
        s.line(
            f,
            (middle + gap / 2, at - 0.25),
            (middle + width * 0.2, at + 0.05),
            (middle + width * 0.25, at + 0.35),
            (width, at + 0.5),
            pen=1,
        )
    q = width / 4
    s.line(f, (q, high), (q, low - 0.4), pen=1)
    s.line(f, (q - 0.1, low - 0.2), (q, low - 0.4), (q + 0.1, low - 0.2), pen=1)
    s.line(f, (3 * q, low), (3 * q, (low + high) * 0.55), pen=1)


def seats(
    s: Storey, f: Frame, width: float, depth: float, *, desks: bool, top: float = 2.2, pitch: float = 1.25
) -> None:
    """Rows of seats that face the wall at y = 0."""
    rng = s.rng
    across = rng.choice((0.6, 0.75, 1.3)) if not desks else rng.choice((1.5, 1.9))
    y = top
    while y < depth - 0.8:
        x = 0.8
        number = 0
        while x + across < width - 0.6:
            if desks:
                s.frame_box(f, x, y, x + across - 0.5, y + 0.5, 1)
                chair(s, f, x + (across - 0.5) / 2, y + 0.75, turned=180)
            else:
                chair(s, f, x + across / 2, y, turned=180)
            x += across
            number += 1
            if number % 8 == 4 and not desks:
                x += 0.9
        y += pitch


def stalls(s: Storey, f: Frame, width: float, depth: float) -> None:
    """WC cubicles with thin partitions along y = 0, and basins along the opposite wall."""
    count = max(1, int((width - 0.1) / 0.95))
    step = width / count
    deep = min(1.55, depth * 0.5)
    for i in range(count):
        x = i * step
        wc(s, f, x + step / 2)
        if i:
            s.line(f, (x, 0), (x, deep), pen=2)
        left, right = x + step * 0.2, x + step * 0.8
        s.line(f, (x, deep), (left, deep), pen=2)
        s.line(f, (right, deep), (x + step, deep), pen=2)
        s.line(f, (left, deep), (left + 0.25, deep + 0.4 if depth > 3 else deep - 0.4), pen=1)
    g = f.moved(0, depth).mirrored_y()
    if depth > 2.3:
        basins = max(1, int((width - 1.3) / 0.8))
        s.frame_box(g, 0, 0, basins * 0.8, 0.5, 1)
        for i in range(basins):
            basin(s, g, 0.4 + 0.8 * i)
