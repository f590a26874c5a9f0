"""Generates layouts of houses and flats: blocks divided recursively, with details that make rooms non-rectangular.

Corridors, open plans, rooms of several parts, closets in corners, chimneys, slanted corners, balconies and sheds.
Rectangles are left, top, right, bottom in layout pixels, along the inner faces of walls.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blueprints.rendering.layout import Kind, Layout, layout

Rectangle = tuple[int, int, int, int]

PIXELS_PER_METRE = (22.0, 32.0)
OUTER_WALL_M = (0.18, 0.45)
INNER_WALL_M = (0.07, 0.16)
BLOCK_M = (5.0, 13.0)
ROOM_M2 = (4.0, 7.0, 10.0, 14.0, 20.0, 30.0)
NARROWEST_M = 1.3
CORRIDOR_M = (1.0, 1.8)
GROUND_M = 6.0
"""Margin around the blocks, for what is attached to them."""
CLOSET_M = (0.6, 1.7)
LARGEST_SMALL_M2 = 5.0


@dataclass(kw_only=True)
class _Room:
    box: Rectangle
    kind: Kind

    @property
    def area(self) -> int:
        left, top, right, bottom = self.box
        return (right - left) * (bottom - top)


@dataclass(frozen=True, kw_only=True)
class _Measures:
    """Measures of a house, in pixels."""

    metre: float
    outer: int
    inner: int


def generate(rng: random.Random) -> Layout:
    """A random layout of 1 to about 25 rooms."""
    metre = rng.uniform(*PIXELS_PER_METRE)
    measures = _Measures(
        metre=metre,
        outer=max(2, round(rng.uniform(*OUTER_WALL_M) * metre)),
        inner=max(1, round(rng.uniform(*INNER_WALL_M) * metre)),
    )
    blocks = _blocks(measures, rng)
    ground = round(GROUND_M * metre)
    width, height = max(block[2] for block in blocks) + ground, max(block[3] for block in blocks) + ground
    kinds = np.zeros((height, width), np.uint8)
    rooms: list[_Room] = []
    for block in blocks:
        _paint(kinds, _grown(block, measures.outer), Kind.WALL)
        rooms.extend(_divided(block, measures, rng))
    _settle(rooms, measures, rng)
    for room in rooms:
        _paint(kinds, room.box, room.kind)
    _open_up(kinds, rooms, measures, rng)
    for room in rooms:
        _fit_out(kinds, room, measures, rng)
    if rng.random() < 0.12:
        _slant(kinds, blocks[0], measures, rng)
    for _ in range(rng.choice((0, 0, 1, 1, 2, 3))):
        _attach(kinds, rng.choice(blocks), measures, rng)
    return layout(kinds, metre)


def _blocks(measures: _Measures, rng: random.Random) -> list[Rectangle]:
    """The main block, sometimes with one or two wings along its sides."""
    ground = round(GROUND_M * measures.metre)

    def side() -> int:
        return round(rng.uniform(*BLOCK_M) * measures.metre)

    left, top = ground * 2, ground * 2
    main = left, top, left + side(), top + side()
    blocks = [main]
    for at_right in rng.choice(((), (), (True,), (False,), (True, False))):
        share, depth = rng.uniform(0.35, 1.0), round(rng.uniform(2.5, 6.0) * measures.metre)
        if at_right:
            length = round((main[3] - main[1]) * share)
            y = rng.choice((main[1], main[3] - length))
            x = main[2] + measures.outer
            blocks.append((x, y, x + depth, y + length))
        else:
            length = round((main[2] - main[0]) * share)
            x = rng.choice((main[0], main[2] - length))
            y = main[3] + measures.outer
            blocks.append((x, y, x + length, y + depth))
    return blocks


def _divided(box: Rectangle, measures: _Measures, rng: random.Random) -> Iterator[_Room]:
    """Rooms that fill a rectangle, with walls between them. Corridors are entries; the rest get their kind later."""
    left, top, right, bottom = box
    metre, wall = measures.metre, measures.inner
    width, height = (right - left) / metre, (bottom - top) / metre
    along_x = width > height
    longer, shorter = max(width, height), min(width, height)
    if width * height < rng.choice(ROOM_M2) or longer < 2 * NARROWEST_M + 0.3:
        yield _Room(box=box, kind=Kind.UNDEFINED)
        return
    if shorter > 5.5 and rng.random() < 0.45:
        yield from _along_corridor(box, not along_x, measures, rng)
        return
    low = NARROWEST_M / longer
    start = left if along_x else top
    at = start + round(rng.uniform(max(low, 0.28), min(1 - low, 0.72)) * longer * metre)
    parts = (
        ((left, top, at, bottom), (at + wall, top, right, bottom))
        if along_x
        else ((left, top, right, at), (left, at + wall, right, bottom))
    )
    for part in parts:
        yield from _divided(part, measures, rng)


def _along_corridor(box: Rectangle, upright: bool, measures: _Measures, rng: random.Random) -> Iterator[_Room]:
    """A corridor across the rectangle, vertical or horizontal, and the parts on its two sides."""
    left, top, right, bottom = box
    wall, width = measures.inner, round(rng.uniform(*CORRIDOR_M) * measures.metre)
    start, end = (left, right) if upright else (top, bottom)
    at = start + round((end - start - width) * rng.uniform(0.35, 0.65))
    if upright:
        corridor = at, top, at + width, bottom
        sides = (left, top, at - wall, bottom), (at + width + wall, top, right, bottom)
    else:
        corridor = left, at, right, at + width
        sides = (left, top, right, at - wall), (left, at + width + wall, right, bottom)
    yield _Room(box=corridor, kind=Kind.ENTRY)
    for part in sides:
        yield from _divided(part, measures, rng)


def _settle(rooms: Sequence[_Room], measures: _Measures, rng: random.Random) -> None:
    """Give rooms their kinds: the largest is the living room, a neighbour the kitchen, the smallest are wet rooms."""
    square = measures.metre**2
    free = sorted((room for room in rooms if room.kind is Kind.UNDEFINED), key=lambda room: -room.area)
    if free:
        free[0].kind = Kind.LIVING
        near = [room for room in free[1:] if _between(free[0].box, room.box, measures.inner)]
        if near:
            rng.choice(near).kind = Kind.KITCHEN
    for room in free:
        if room.kind is not Kind.UNDEFINED:
            continue
        if room.area < LARGEST_SMALL_M2 * square:
            room.kind = rng.choice((Kind.BATH, Kind.BATH, Kind.STORAGE, Kind.ENTRY, Kind.UNDEFINED))
        elif room.area > 14 * square and rng.random() < 0.15:
            room.kind = Kind.GARAGE
        else:
            room.kind = rng.choice((Kind.BEDROOM, Kind.BEDROOM, Kind.BEDROOM, Kind.UNDEFINED, Kind.BATH))


def _between(a: Rectangle, b: Rectangle, wall: int) -> Rectangle | None:
    """The wall that two rooms share; None if they are not neighbours."""
    for first, second in ((a, b), (b, a)):
        if second[0] - first[2] == wall:
            strip = first[2], max(a[1], b[1]), second[0], min(a[3], b[3])
        elif second[1] - first[3] == wall:
            strip = max(a[0], b[0]), first[3], min(a[2], b[2]), second[1]
        else:
            continue
        if strip[0] < strip[2] and strip[1] < strip[3]:
            return strip
    return None


def _open_up(kinds: NDArray[np.uint8], rooms: Sequence[_Room], measures: _Measures, rng: random.Random) -> None:
    """Remove walls: between day rooms, and where two rooms become one that is not rectangular."""
    day = (Kind.LIVING, Kind.KITCHEN, Kind.ENTRY)
    for number, room in enumerate(rooms):
        for other in rooms[number + 1 :]:
            wall = _between(room.box, other.box, measures.inner)
            if wall is None or max(wall[2] - wall[0], wall[3] - wall[1]) < 1.0 * measures.metre:
                continue
            likely = 0.45 if room.kind in day and other.kind in day else 0.04
            if rng.random() < likely:
                opening = _shortened(wall, measures, rng)
                kind = room.kind if room.area > other.area else other.kind
                _paint(kinds, opening, kind)
                if likely < 0.1:
                    # Two night rooms become one.
                    _paint(kinds, room.box, kind)
                    _paint(kinds, other.box, kind)


def _shortened(wall: Rectangle, measures: _Measures, rng: random.Random) -> Rectangle:
    """The wall to remove; sometimes a stub stays at one or both ends."""
    left, top, right, bottom = wall
    level = right - left > bottom - top
    length = right - left if level else bottom - top
    stubs = [round(rng.choice((0.0, 0.0, rng.uniform(0.1, 0.35))) * length) for _ in range(2)]
    if length - sum(stubs) < measures.metre:
        return wall
    if level:
        return left + stubs[0], top, right - stubs[1], bottom
    return left, top + stubs[0], right, bottom - stubs[1]


def _fit_out(kinds: NDArray[np.uint8], room: _Room, measures: _Measures, rng: random.Random) -> None:
    """A closet in a corner of a room that is large enough, or a chimney."""
    metre, wall = measures.metre, measures.inner
    if room.area < 8 * metre**2 or min(room.box[2] - room.box[0], room.box[3] - room.box[1]) < 2.4 * metre:
        return
    chance = rng.random()
    size = [round(rng.uniform(*CLOSET_M) * metre) for _ in range(2)]
    if chance < 0.22:
        closet = _in_corner(room.box, size[0], size[1], rng)
        enclosed = _clipped(_grown(closet, wall), room.box)
        _paint(kinds, enclosed, Kind.WALL)
        _paint(kinds, closet, rng.choice((Kind.STORAGE, Kind.STORAGE, Kind.BATH, Kind.UNDEFINED)))
    elif chance < 0.3:
        _paint(kinds, _in_corner(room.box, round(0.6 * metre), round(0.5 * metre), rng), Kind.WALL)


def _in_corner(box: Rectangle, width: int, height: int, rng: random.Random) -> Rectangle:
    left = rng.choice((box[0], box[2] - width))
    top = rng.choice((box[1], box[3] - height))
    return left, top, left + width, top + height


def _slant(kinds: NDArray[np.uint8], block: Rectangle, measures: _Measures, rng: random.Random) -> None:
    """Cut off the block's top left corner at 45 degrees, with a wall along the cut."""
    left, top, _, _ = _grown(block, measures.outer)
    size = round(rng.uniform(0.8, 2.0) * measures.metre) + measures.outer
    thickness = round(measures.outer * 2**0.5)
    corner = kinds[top : top + size + thickness, left : left + size + thickness]
    rows, columns = np.indices(corner.shape)
    corner[(rows + columns >= size) & (rows + columns < size + thickness)] = Kind.WALL
    corner[rows + columns < size] = Kind.BACKGROUND


def _attach(kinds: NDArray[np.uint8], block: Rectangle, measures: _Measures, rng: random.Random) -> None:
    """A balcony, a terrace or a shed outside a block, where there is free space."""
    metre = measures.metre
    left, top, right, bottom = _grown(block, measures.outer)
    level = rng.random() < 0.6
    length = round(rng.uniform(0.25, 1.0) * ((right - left) if level else (bottom - top)))
    depth = round(rng.uniform(1.2, 3.2) * metre)
    if level:
        x = rng.randint(left, right - length)
        y = rng.choice((top - depth, bottom))
        box = x, y, x + length, y + depth
    else:
        x = rng.choice((left - depth, right))
        y = rng.randint(top, bottom - length)
        box = x, y, x + depth, y + length
    form = rng.random()
    edge = measures.outer if form < 0.15 else max(1, round(0.07 * metre))
    around = _grown(box, edge)
    ground = kinds[around[1] : around[3], around[0] : around[2]]
    inside = kinds[box[1] : box[3], box[0] : box[2]]
    if min(length, depth) < metre or inside.any() or not np.isin(ground, (Kind.BACKGROUND, Kind.WALL)).all():
        return
    if form < 0.55:
        ground[ground == Kind.BACKGROUND] = Kind.WALL if form < 0.15 else Kind.RAILING
    inside[:] = rng.choice((Kind.STORAGE, Kind.GARAGE)) if form < 0.15 else Kind.OUTDOOR


def _paint(kinds: NDArray[np.uint8], box: Rectangle, kind: Kind) -> None:
    left, top, right, bottom = box
    kinds[top:bottom, left:right] = kind


def _grown(box: Rectangle, by: int) -> Rectangle:
    left, top, right, bottom = box
    return left - by, top - by, right + by, bottom + by


def _clipped(box: Rectangle, to: Rectangle) -> Rectangle:
    return max(box[0], to[0]), max(box[1], to[1]), min(box[2], to[2]), min(box[3], to[3])
