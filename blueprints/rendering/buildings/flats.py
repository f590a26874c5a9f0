"""Dwellings along a corridor."""

from __future__ import annotations

from dataclasses import replace

from blueprints.rendering.buildings import furniture_symbols
from blueprints.rendering.buildings.cell import Cell, door_at, windows
from blueprints.rendering.buildings.frame import Frame
from blueprints.rendering.buildings.furniture_placing import hotel_bed
from blueprints.rendering.buildings.storey import Storey
from blueprints.rendering.buildings.wet_rooms import draw_clearances, wet, with_bathroom
from blueprints.rendering.polygons import Notch, notched, rectangle

SMALLEST_M = (4.8, 6.0)
"""A flat of less width or depth is one room with a bathroom."""
TWO_BEDROOMS_M = 8.6

studio = with_bathroom("studio", hotel_bed, bath=True, closet=True)


def flat(s: Storey, c: Cell) -> None:
    """A living room with a kitchen, one or two bedrooms, each with a bathroom and closets; sometimes a balcony."""
    t, rng = s.partition, s.rng
    if s.flipped:
        c = replace(c, frame=c.frame.moved(c.width, 0).mirrored_x())
    if c.width < SMALLEST_M[0] or c.depth < SMALLEST_M[1]:
        studio(s, c)
        return
    left = rng.uniform(2.9, 3.7)
    zones = [replace(c, width=left)]
    right = c.width
    if c.width >= TWO_BEDROOMS_M:
        width = rng.uniform(2.9, 3.7)
        zones.append(replace(c, frame=c.frame.moved(c.width, 0).mirrored_x(), width=width))
        right = c.width - width - t
    living = replace(c, frame=c.frame.moved(left + t, 0), width=right - left - t)
    _living_room(s, living)
    for zone in zones:
        _bedroom(s, zone)
    if c.back is not None and s.fit.balconies:
        deep = rng.uniform(1.2, 2.0)
        f = living.frame.moved(0, c.depth + c.back)
        s.wing(f, rectangle(-0.1, -0.05, living.width + 0.1, deep + 0.1), rectangle(0, 0, living.width, deep))
        s.box(f, 0, 0, living.width, deep, "balcony")
        s.window(living.frame, 0.3, c.depth, c.depth + c.back, max(0.8, min(2.4, living.width - 0.6)))


def _living_room(s: Storey, c: Cell) -> None:
    """From the corridor to the facade, with a closet beside the entry, a line of kitchen units and a sofa."""
    rng, t = s.rng, s.partition
    side = rng.uniform(0.75, 1.5), rng.uniform(0.7, 1.3)
    taken = 0.0
    notch: Notch = None
    if c.width - side[0] - t > 1.6 and rng.random() < 0.75:
        taken = side[0] + t
        notch = taken, side[1] + t
        _entry_closet(s, c, side)
    s.room(c.frame, notched(c.width, c.depth, [None, notch, None, None]), "living")
    door_at(s, c, 0.1, min(c.width - 0.1 - taken, 1.6), width=0.95)
    draw_clearances(s, c.frame, c.width, c.depth * 0.5)
    windows(s, c)
    if s.fit.furnished or s.fit.plumbed:
        h = c.frame.swapped() if rng.random() < 0.6 else c.frame.moved(c.width, 0).mirrored_x().swapped()
        furniture_symbols.kitchen(s, h, 1.6, min(c.depth * 0.55, 5.2))
        if c.width > 3.2 and rng.random() < 0.7:
            s.frame_box(c.frame, c.width / 2 - 0.45, 1.9, c.width / 2 + 0.45, min(c.depth * 0.5, 4.2), 1)
    if s.fit.furnished:
        furniture_symbols.sofa(s, c.frame.moved(0, c.depth).mirrored_y(), c.width / 2, 0.6)


def _entry_closet(s: Storey, c: Cell, size: tuple[float, float]) -> None:
    """A closet for coats, or for equipment (with a door to the corridor), in the corner beside the entry."""
    rng, t = s.rng, s.partition
    width, depth = size
    f = c.frame.moved(c.width - width, 0)
    plant = rng.random() < 0.5
    room = s.box(f, 0, 0, width, depth, "mechanical" if plant else rng.choice(("closet", "storage", "laundry")))
    room.tagged = rng.random() < 0.3
    if plant:
        half = min(size) * 0.4
        s.round(f, width / 2, depth / 2, min(size) * 0.35, pen=1)
        s.frame_box(f, width / 2 - half, depth / 2 - half, width / 2 + half, depth / 2 + half, 0)
        door_at(s, replace(c, frame=f, width=width), 0.05, width - 0.05, width=min(0.8, width - 0.1))
    elif rng.random() < 0.6:
        s.door(f, 0.08, depth, depth + t, width - 0.16, "fold" if rng.random() < 0.4 else "")
    else:
        s.door(f.swapped().mirrored_y(), 0.06, 0, t, depth - 0.12)


def _bedroom(s: Storey, c: Cell) -> None:
    """From the corridor: a bathroom, perhaps a closet, the bedroom, with doors to each other and to the living room."""
    rng, t = s.rng, s.partition
    zone = c.frame
    # The wall to the living room: x runs along the depth, y into the zone.
    wall = zone.swapped().moved(0, c.width + t).mirrored_y()
    bath = rng.uniform(1.6, 2.5)
    closet = rng.choice((0.0, 0.7, 0.8, 1.5, 1.9)) if c.depth - bath > 4.4 else 0.0
    wet(s, zone, c.width, bath, bath=True, kind="bath")
    if rng.random() < 0.6:
        s.door(wall, bath - 0.9, 0, t, 0.8)
    else:
        s.door(zone, 0.1, bath, bath + t, 0.8)
    y = bath + t
    if closet:
        _closets(s, c, wall, y, closet)
        y += closet + t
    s.box(zone, 0, y, c.width, c.depth, "bedroom")
    s.door(wall, y + 0.1, 0, t, 0.85)
    windows(s, c)
    if s.fit.furnished and c.depth - y > 2.6:
        furniture_symbols.bed(s, zone.swapped(), (y + c.depth) / 2 + 0.2, 0.05, 1.6)


def _closets(s: Storey, c: Cell, wall: Frame, y: float, depth: float) -> None:
    """One closet across the zone, or two side by side; the second may open to the living room."""
    rng, t = s.rng, s.partition
    form = "fold" if depth < 1 else ""
    if c.width <= 2.8 or rng.random() >= 0.5:
        s.box(c.frame, 0, y, c.width, y + depth, "closet").tagged = depth > 1.2
        s.door(c.frame, 0.3, y + depth, y + depth + t, min(1.6, c.width - 0.6), form)
        furniture_symbols.wardrobe(s, c.frame.moved(0, y), 0, c.width, 0, min(0.55, depth))
        return
    half = c.width * rng.uniform(0.4, 0.6)
    second = rng.choice(("laundry", "closet", "storage"))
    for left, right, kind in ((0, half - t / 2, "closet"), (half + t / 2, c.width, second)):
        s.box(c.frame, left, y, right, y + depth, kind).tagged = depth > 1.2
        if kind == "closet":
            s.door(c.frame, left + 0.1, y + depth, y + depth + t, min(right - left - 0.2, 1.5), form)
            furniture_symbols.wardrobe(s, c.frame.moved(left, y), 0, right - left, 0, min(0.55, depth))
        else:
            s.door(wall, y + 0.05, 0, t, min(0.8, depth - 0.1))
