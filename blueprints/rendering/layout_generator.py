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
OUTER_WALL_M = (0.14, 0.45)
INNER_WALL_M = (0.07, 0.18)
BLOCK_M = (4.2, 10.5)
ROOM_M2 = (5.0, 8.0, 11.0, 15.0, 20.0, 30.0)
NARROWEST_M = 1.3
CORRIDOR_M = (1.0, 2.0)
LONGEST_CORRIDOR_M = 4.5
"""Most corridors are shorter: what lies beyond their end is divided into rooms."""
HALL_M2 = (3.0, 9.0)
NICHE_DEPTH_M = (0.55, 0.75)
NICHE_M = (0.6, 2.2)
PORCH_M = ((1.0, 2.2), (0.8, 1.5))
NEIGHBOUR_M = (0.5, 1.7)
"""How much of a neighbouring dwelling shows beyond the party wall: less than a quarter of most rooms."""
NEIGHBOURED = 0.11
"""The share of layouts with neighbours."""
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
    """A random layout of 1 to about 30 rooms.

    How many rooms are open to each other, angular or outdoors, and how long halls are, follows the layouts of
    CubiCasa5K (Kalervo et al., 2019): a plan has 1.9 pairs of open neighbours and 1.3 outdoor areas on average; a third
    of its halls and a fifth of its living rooms are not rectangles; 9 of 10 halls are less than 2.4 times as long as
    wide.
    """
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
        _zone(kinds, room, measures, rng)
    for room in rooms:
        _fit_out(kinds, room, measures, rng)
    if rng.random() < 0.12:
        _slant(kinds, blocks[0], measures, rng)
    _add_outdoors(kinds, rooms, blocks, measures, rng)
    if rng.random() < NEIGHBOURED:
        return _between_neighbours(layout(kinds, metre), measures, rng)
    return layout(kinds, metre)


def _add_outdoors(
    kinds: NDArray[np.uint8],
    rooms: Sequence[_Room],
    blocks: Sequence[Rectangle],
    measures: _Measures,
    rng: random.Random,
) -> None:
    """A loggia, balconies, terraces, sheds and porches, each at random."""
    if rng.random() < 0.25:
        _loggia(kinds, rooms, measures, rng)
    for _ in range(rng.choice((0, 0, 1, 1, 2, 2, 3, 4))):
        _attach(kinds, rng.choice(blocks), measures, rng)
    for room in rooms:
        if room.kind is Kind.ENTRY and rng.random() < 0.5:
            _porch(kinds, room, measures, rng)


def _blocks(measures: _Measures, rng: random.Random) -> list[Rectangle]:
    """The main block, sometimes with one or two wings along its sides."""
    ground = round(GROUND_M * measures.metre)

    def side() -> int:
        return round(rng.uniform(*BLOCK_M) * measures.metre)

    left, top = ground * 2, ground * 2
    main = left, top, left + side(), top + side()
    blocks = [main]
    for at_right in rng.choice(((), (), (), (True,), (False,), (True, False))):
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
    if shorter > 5.0 and rng.random() < 0.45:
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
    length = bottom - top if upright else right - left
    most = LONGEST_CORRIDOR_M * measures.metre
    if length > most and rng.random() < 0.85:
        # The corridor ends within the rectangle, and a room lies across its end.
        most = round(min(most * rng.uniform(0.5, 1.0), length - wall - NARROWEST_M * measures.metre))
        parts = _parted(box, most if rng.random() < 0.5 else length - most - wall, wall, upright)
        near, far = parts if _side(parts[0], upright) <= most else parts[::-1]
        yield from _along_corridor(near, upright, measures, rng)
        yield from _divided(far, measures, rng)
        return
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


def _parted(box: Rectangle, at: int, wall: int, along_y: bool) -> tuple[Rectangle, Rectangle]:
    """The rectangle in two, with a wall `at` pixels from its top (`along_y`) or left side."""
    left, top, right, bottom = box
    if along_y:
        return (left, top, right, top + at), (left, top + at + wall, right, bottom)
    return (left, top, left + at, bottom), (left + at + wall, top, right, bottom)


def _side(box: Rectangle, along_y: bool) -> int:
    return box[3] - box[1] if along_y else box[2] - box[0]


def _settle(rooms: Sequence[_Room], measures: _Measures, rng: random.Random) -> None:
    """Give rooms their kinds: the largest is the living room, a neighbour the kitchen, the smallest are wet rooms."""
    square = measures.metre**2
    free = sorted((room for room in rooms if room.kind is Kind.UNDEFINED), key=lambda room: -room.area)
    if free:
        free[0].kind = Kind.LIVING
        near = [room for room in free[1:] if _between(free[0].box, room.box, measures.inner)]
        if near:
            rng.choice(near).kind = Kind.KITCHEN
        halls = [room for room in near if room.kind is Kind.UNDEFINED and _within(room.area / square, HALL_M2)]
        if halls and (rng.random() < 0.4 or not any(room.kind is Kind.ENTRY for room in rooms)):
            rng.choice(halls).kind = Kind.ENTRY
    for room in free:
        if room.kind is not Kind.UNDEFINED:
            continue
        if room.area < LARGEST_SMALL_M2 * square:
            room.kind = rng.choice((Kind.BATH, Kind.BATH, Kind.STORAGE, Kind.ENTRY, Kind.UNDEFINED))
        elif room.area > 14 * square and rng.random() < 0.3:
            room.kind = Kind.GARAGE
        else:
            room.kind = rng.choice(
                (Kind.BEDROOM, Kind.BEDROOM, Kind.BEDROOM, Kind.UNDEFINED, Kind.UNDEFINED, Kind.BATH)
            )


def _within(value: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= value <= limits[1]


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
    for number, room in enumerate(rooms):
        for other in rooms[number + 1 :]:
            wall = _between(room.box, other.box, measures.inner)
            if wall is None or max(wall[2] - wall[0], wall[3] - wall[1]) < 0.9 * measures.metre:
                continue
            one, opened = _opening(room, other, measures)
            chance = rng.random()
            if chance >= one + opened:
                continue
            kind = room.kind if room.area > other.area else other.kind
            if chance < one:
                # Beside a hall, both become hall, whichever is larger.
                both = room.kind, other.kind
                kind = Kind.ENTRY if Kind.ENTRY in both and Kind.LIVING not in both else kind
                for part in (room, other):
                    _paint(kinds, part.box, kind)
                    part.kind = kind
            _paint(kinds, _shortened(wall, measures, rng), kind)


def _opening(room: _Room, other: _Room, measures: _Measures) -> tuple[float, float]:
    """How likely two neighbours become one room, and how likely they stay two without a wall between them."""
    day = (Kind.LIVING, Kind.KITCHEN, Kind.ENTRY)
    both = room.kind, other.kind
    if both == (Kind.ENTRY, Kind.ENTRY):
        return 0.85, 0.0
    if all(kind in day for kind in both):
        return 0.14, 0.55
    if Kind.UNDEFINED in both and any(kind in day for kind in both):
        return 0.04, 0.25
    if Kind.ENTRY in both and min(room.area, other.area) < LARGEST_SMALL_M2 * measures.metre**2:
        return 0.12, 0.0
    return 0.05, 0.0


def _zone(kinds: NDArray[np.uint8], room: _Room, measures: _Measures, rng: random.Random) -> None:
    """Give a part of a large day room a kind of its own, without a wall between them or with a stub of one."""
    likely = {Kind.LIVING: 0.45, Kind.KITCHEN: 0.2, Kind.ENTRY: 0.06, Kind.BEDROOM: 0.04}.get(room.kind, 0.0)
    left, top, right, bottom = room.box
    width, height = right - left, bottom - top
    if rng.random() > likely or min(width, height) < 2.2 * measures.metre or room.area < 10 * measures.metre**2:
        return
    shares = [rng.choice((1.0, rng.uniform(0.35, 0.65))), rng.uniform(0.3, 0.55)]
    rng.shuffle(shares)
    zone = _in_corner(room.box, round(width * shares[0]), round(height * shares[1]), rng)
    others = [kind for kind in (Kind.KITCHEN, Kind.ENTRY, Kind.UNDEFINED, Kind.LIVING) if kind is not room.kind]
    kind = Kind.STORAGE if room.kind is Kind.BEDROOM else rng.choice(others)
    inside = kinds[zone[1] : zone[3], zone[0] : zone[2]]
    inside[inside == room.kind] = kind
    if rng.random() < 0.45:
        _paint(kinds, _clipped(_stub(zone, room.box, measures, rng), zone), Kind.WALL)


def _stub(zone: Rectangle, within: Rectangle, measures: _Measures, rng: random.Random) -> Rectangle:
    """A short wall along a side of the zone that is open to the rest of the room."""
    length, wall = round(rng.uniform(0.4, 1.6) * measures.metre), measures.inner
    if zone[2] - zone[0] < within[2] - within[0]:
        x = zone[0] if zone[0] > within[0] else zone[2] - wall
        y = zone[1] if zone[1] == within[1] else zone[3] - length
        return x, y, x + wall, y + length
    x = rng.choice((zone[0], zone[2] - length))
    y = zone[1] if zone[1] > within[1] else zone[3] - wall
    return x, y, x + length, y + wall


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
    """A closet or two in a corner of a room that is large enough, a chimney, or a niche for cupboards."""
    metre, wall = measures.metre, measures.inner
    shorter = min(room.box[2] - room.box[0], room.box[3] - room.box[1])
    chance = rng.random()
    if room.area < 6 * metre**2 or shorter < 2.2 * metre:
        if chance < 0.25 and shorter > 1.4 * metre:
            _niche(kinds, room, measures, rng)
        return
    size = [round(rng.uniform(*CLOSET_M) * metre) for _ in range(2)]
    if chance < 0.28:
        closet = _in_corner(room.box, size[0], size[1], rng)
        enclosed = _clipped(_grown(closet, wall), room.box)
        _paint(kinds, enclosed, Kind.WALL)
        _paint(kinds, closet, rng.choice((Kind.STORAGE, Kind.STORAGE, Kind.BATH, Kind.UNDEFINED)))
        if max(size) > 1.3 * metre and rng.random() < 0.4:
            across = size[0] > size[1]
            for part in _parted(closet, (max(size) - wall) // 2, wall, not across)[:1]:
                left, top, right, bottom = part
                _paint(
                    kinds,
                    (right, top, right + wall, bottom) if across else (left, bottom, right, bottom + wall),
                    Kind.WALL,
                )
    elif chance < 0.34:
        _paint(kinds, _in_corner(room.box, round(0.6 * metre), round(0.5 * metre), rng), Kind.WALL)
    elif chance < 0.65:
        _niche(kinds, room, measures, rng)


def _niche(kinds: NDArray[np.uint8], room: _Room, measures: _Measures, rng: random.Random) -> None:
    """A stub of wall near a corner, as deep as the cupboards that stand behind it."""
    depth, away = (round(rng.uniform(*limits) * measures.metre) for limits in (NICHE_DEPTH_M, NICHE_M))
    left, top, right, bottom = room.box
    if rng.random() < 0.5:
        x = rng.choice((left + away, right - away - measures.inner))
        y = rng.choice((top, bottom - depth))
        stub = x, y, x + measures.inner, y + depth
    else:
        x = rng.choice((left, right - depth))
        y = rng.choice((top + away, bottom - away - measures.inner))
        stub = x, y, x + depth, y + measures.inner
    inside = kinds[stub[1] : stub[3], stub[0] : stub[2]]
    inside[inside == room.kind] = Kind.WALL


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
    if form > 0.8:
        _around_corner(kinds, box, (left, top, right, bottom), measures, rng)


def _around_corner(
    kinds: NDArray[np.uint8], terrace: Rectangle, block: Rectangle, measures: _Measures, rng: random.Random
) -> None:
    """Continue a terrace above or below a block around the block's left or right corner, where there is free space."""
    left, top, right, bottom = block
    x0, y0, x1, y1 = terrace
    if y0 != bottom and y1 != top:
        return
    wide, length = round(rng.uniform(1.0, 2.5) * measures.metre), round(rng.uniform(0.2, 0.7) * (bottom - top))
    at_right = rng.random() < 0.5
    strip = (x1, y0, right + wide, y1) if at_right else (left - wide, y0, x0, y1)
    x = right if at_right else left - wide
    y = top if y1 == top else bottom - length
    parts = strip, (x, y, x + wide, y + length)
    if all(_free(kinds, part) for part in parts):
        for part in parts:
            _paint(kinds, part, Kind.OUTDOOR)


def _free(kinds: NDArray[np.uint8], box: Rectangle) -> bool:
    left, top, right, bottom = box
    return (
        min(left, top) >= 0
        and bottom <= kinds.shape[0]
        and right <= kinds.shape[1]
        and not kinds[top:bottom, left:right].any()
    )


def _outer_sides(kinds: NDArray[np.uint8], box: Rectangle, measures: _Measures) -> list[tuple[Rectangle, Rectangle]]:
    """The outer walls along a room, each with the pixels of open ground behind it."""
    left, top, right, bottom = box
    wall = measures.outer
    sides: list[tuple[Rectangle, Rectangle]] = [
        ((left - wall, top, left, bottom), (left - wall - 1, top, left - wall, bottom)),
        ((right, top, right + wall, bottom), (right + wall, top, right + wall + 1, bottom)),
        ((left, top - wall, right, top), (left, top - wall - 1, right, top - wall)),
        ((left, bottom, right, bottom + wall), (left, bottom + wall, right, bottom + wall + 1)),
    ]
    return [
        (strip, beyond)
        for strip, beyond in sides
        if _free(kinds, beyond) and (kinds[strip[1] : strip[3], strip[0] : strip[2]] == Kind.WALL).all()
    ]


def _loggia(kinds: NDArray[np.uint8], rooms: Sequence[_Room], measures: _Measures, rng: random.Random) -> None:
    """Open a room at the outside of a block: its outer wall becomes a railing, or goes."""
    square = measures.metre**2
    for room in rng.sample(list(rooms), len(rooms)):
        inside = kinds[room.box[1] : room.box[3], room.box[0] : room.box[2]]
        sides = _outer_sides(kinds, room.box, measures)
        around = _grown(room.box, 1)
        ring = kinds[around[1] : around[3], around[0] : around[2]].copy()
        ring[1:-1, 1:-1] = Kind.WALL
        if len(rooms) < 4 or not sides or not _within(room.area / square, (2.5, 14.0)) or (inside != room.kind).any():
            continue
        if (ring != Kind.WALL).any():
            continue
        room.kind = Kind.OUTDOOR
        inside[:] = Kind.OUTDOOR
        railed, rail = rng.random() < 0.6, max(1, round(0.07 * measures.metre))
        for strip, _ in sides:
            _paint(kinds, strip, Kind.BACKGROUND)
            if railed:
                edge = _clipped(_grown(room.box, rail), strip)
                _paint(kinds, edge, Kind.RAILING)
        return


def _porch(kinds: NDArray[np.uint8], room: _Room, measures: _Measures, rng: random.Random) -> None:
    """A step or a small porch before an outer wall of a hall."""
    metre = measures.metre
    sides = _outer_sides(kinds, room.box, measures)
    if not sides:
        return
    strip, beyond = rng.choice(sides)
    level = strip[3] - strip[1] == measures.outer
    length, depth = (round(rng.uniform(*limits) * metre) for limits in PORCH_M)
    length = min(length, _side(strip, not level))
    if length < 0.9 * metre:
        return
    if level:
        x = rng.randint(strip[0], strip[2] - length)
        y = strip[1] - depth if beyond[1] < strip[1] else strip[3]
        box = x, y, x + length, y + depth
    else:
        x = strip[0] - depth if beyond[0] < strip[0] else strip[2]
        y = rng.randint(strip[1], strip[3] - length)
        box = x, y, x + depth, y + length
    if _free(kinds, box):
        _paint(kinds, box, Kind.OUTDOOR)


def _between_neighbours(house: Layout, measures: _Measures, rng: random.Random) -> Layout:
    """The layout with strips of mirrored neighbours beyond its straight sides; their rooms are not its own."""
    kinds, foreign = house.kinds, np.zeros(house.kinds.shape, np.bool_)
    for quarters in rng.sample(range(4), rng.choice((1, 2, 2, 3))):
        turned, marked = np.rot90(kinds, quarters), np.rot90(foreign, quarters)
        width = round(rng.uniform(*NEIGHBOUR_M) * measures.metre)
        if (turned[:, 0] == Kind.WALL).mean() > 0.5 and turned.shape[1] > 2 * width + measures.outer:
            strip = turned[:, measures.outer : measures.outer + width][:, ::-1]
            turned = np.concatenate((strip, turned), axis=1)
            marked = np.concatenate((np.ones(strip.shape, np.bool_), marked), axis=1)
        kinds, foreign = np.rot90(turned, -quarters), np.rot90(marked, -quarters)
    return layout(np.ascontiguousarray(kinds), measures.metre, np.ascontiguousarray(foreign))


def _paint(kinds: NDArray[np.uint8], box: Rectangle, kind: Kind) -> None:
    left, top, right, bottom = box
    kinds[top:bottom, left:right] = kind


def _grown(box: Rectangle, by: int) -> Rectangle:
    left, top, right, bottom = box
    return left - by, top - by, right + by, bottom + by


def _clipped(box: Rectangle, to: Rectangle) -> Rectangle:
    return max(box[0], to[0]), max(box[1], to[1]), min(box[2], to[2]), min(box[3], to[3])
