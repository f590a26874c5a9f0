"""Places furniture in the rooms of buildings, by the kind of the room.

Rooms whose walls follow from what stands in them draw it themselves: flats, suites, wet_rooms, service_rooms, rows,
deep_blocks.
"""

from __future__ import annotations

from dataclasses import replace

from blueprints.rendering.buildings import furniture_symbols as symbols
from blueprints.rendering.buildings.cell import Cell, from_facade, from_side
from blueprints.rendering.buildings.frame import Frame
from blueprints.rendering.buildings.storey import Storey


def office_furniture(s: Storey, c: Cell) -> None:
    rng = s.rng
    form = rng.random()
    if c.width < 2.2 or c.depth < 2.5:
        return
    if form < 0.4:
        g = from_facade(c)
        symbols.desk(s, g, 0.15 + rng.random() * (c.width - 1.9), 0.05)
    elif form < 0.7:
        g = from_side(c, right=rng.random() < 0.5)
        symbols.desk(s, g, c.depth - 1.9, 0.05, 1.7)
        if c.width > 3.2:
            symbols.chair(s, g, c.depth - 1.0, 2.2)
    else:
        symbols.table(s, c.frame, c.width / 2, c.depth * 0.6, min(1.7, c.width * 0.45), 0.8, 1)
    if rng.random() < 0.4:
        g = from_side(c, right=rng.random() < 0.5)
        s.frame_box(g, 1.2, 0, min(c.depth - 0.2, 2.6), 0.4, 1)


def meeting_furniture(s: Storey, c: Cell) -> None:
    if c.width > c.depth:
        seats = max(1, int((c.width - 1.8) / 0.75))
        symbols.table(s, c.frame, c.width / 2, c.depth / 2, max(0.8, c.width - 1.8), min(1.3, c.depth * 0.35), seats)
    else:
        seats = max(1, int((c.depth - 1.8) / 0.75))
        g = c.frame.swapped()
        symbols.table(s, g, c.depth / 2, c.width / 2, max(0.8, c.depth - 1.8), min(1.3, c.width * 0.35), seats)


def class_furniture(s: Storey, c: Cell) -> None:
    """Seats that face a side wall with a board."""
    g = from_side(c, right=s.rng.random() < 0.5)
    s.line(g, (c.depth * 0.25, 0.06), (c.depth * 0.75, 0.06), pen=2)
    symbols.seats(s, g, c.depth, c.width, desks=s.rng.random() < 0.7, pitch=1.4)


def lecture_furniture(s: Storey, c: Cell) -> None:
    g = from_side(c, right=s.rng.random() < 0.5) if c.width > c.depth else c.frame
    w, d = (c.depth, c.width) if c.width > c.depth else (c.width, c.depth)
    symbols.seats(s, g, w, d, desks=False, top=3.0, pitch=0.95)
    s.frame_box(g, w / 2 - 0.8, 1.0, w / 2 + 0.8, 1.6, 1)


def lab_furniture(s: Storey, c: Cell) -> None:
    g = from_facade(c)
    symbols.counter(s, g, 0, c.width, 0, 0.75)
    x = 1.6
    while x + 1.4 < c.width - 1.2:
        s.frame_box(c.frame, x, 1.6, x + 1.4, c.depth - 1.6, 1)
        s.line(c.frame, (x + 0.7, 1.6), (x + 0.7, c.depth - 1.6), pen=0)
        x += 3.0


def ward_furniture(s: Storey, c: Cell) -> None:
    g = from_side(c, right=s.rng.random() < 0.5)
    beds = max(1, int((c.depth - 1.5) / 2.6))
    for i in range(beds):
        symbols.bed(s, g, c.depth - 1.3 - i * 2.5, 0.05, clinical=True)


def exam_furniture(s: Storey, c: Cell) -> None:
    rng = s.rng
    g = from_facade(c)
    if rng.random() < 0.5 and min(c.width, c.depth) > 2.4:
        turned = replace(c.frame.moved(c.width / 2, c.depth * 0.55))
        symbols.bed(s, turned, 0.0, -0.9, 0.7, 1.8, clinical=True)
    else:
        symbols.bed(s, g, c.width * 0.35, 0.1, 0.7, 1.8, clinical=True)
    h = from_side(c, right=rng.random() < 0.5)
    symbols.counter(s, h, max(0.2, c.depth - 2.2), c.depth, 0, 0.55)


def store_furniture(s: Storey, c: Cell) -> None:
    if min(c.width, c.depth) > 2.2:
        symbols.shelves(s, c.frame, c.width, c.depth)
    elif s.rng.random() < 0.5:
        s.frame_box(c.frame, 0, c.depth - 0.4, c.width, c.depth, 1)


def plant_furniture(s: Storey, c: Cell) -> None:
    symbols.equipment(s, c.frame, c.width, c.depth)


def canteen_furniture(s: Storey, c: Cell) -> None:
    y = 1.6
    while y < c.depth - 1.2:
        x = 1.5
        while x < c.width - 1.2:
            if s.rng.random() < 0.9:
                if s.fit.canteen_round:
                    symbols.round_table(s, c.frame, x, y, 0.55, 4)
                else:
                    symbols.table(s, c.frame, x, y, 1.3, 0.75, 2)
            x += 2.5
        y += 2.4


def lounge_furniture(s: Storey, c: Cell) -> None:
    g = from_facade(c)
    if c.width > 2.5 and c.depth > 2:
        symbols.sofa(s, g, c.width / 2, 0.2)
    if c.depth > 4:
        symbols.round_table(s, c.frame, c.width / 2, c.depth * 0.5, 0.5, 4)


def kitchen_furniture(s: Storey, c: Cell) -> None:
    if min(c.width, c.depth) > 4.5:
        y = 0.0
        while y + 0.85 < c.depth:
            symbols.range_of_appliances(s, c.frame, 1.2, c.width - 0.05, y)
            y += s.rng.choice((1.9, 2.6))
        return
    symbols.kitchen(s, from_facade(c), 0.05, c.width - 0.05)
    if c.depth > 4:
        symbols.counter(s, c.frame, 1.2, c.width - 1.2, c.depth * 0.45, 0.9)


def bedside(s: Storey, f: Frame, w: float, d: float) -> None:
    g = f.swapped()
    if d > 2.2 and w > 2.6:
        symbols.bed(s, g, d * 0.55, 0.05, clinical=True)
        if w > 3.2:
            symbols.chair(s, f, w - 0.5, d - 0.6)


def hotel_bed(s: Storey, f: Frame, w: float, d: float) -> None:
    g = f.swapped()
    if s.fit.pictograms:
        symbols.pictogram(s, f, w / 2, d / 2, min(w, d) * 0.4)
    elif d > 2.2 and w > 2.6:
        symbols.bed(s, g, d * 0.45, 0.05, 1.6 if s.rng.random() < 0.6 else 1.0)
        s.frame_box(g, d * 0.2, w - 0.5, d * 0.7, w - 0.02, 1)
