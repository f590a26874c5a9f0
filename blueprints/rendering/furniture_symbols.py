"""Symbols of furniture and sanitary ware of dwellings; pages of other buildings have theirs in `buildings/`.

A symbol is a function of its size. It returns its lines in metres in its own frame: u runs along its back from 0 to
`width`, v away from the back from 0 to `depth`. `shapes` places a piece with its back to the side it names.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from blueprints.errors import BlueprintError
from blueprints.geometry import Point

CUPBOARD_M = 0.55
"""About how wide a cupboard of a row is."""

Side = Literal["north", "east", "south", "west"]


@dataclass(frozen=True, kw_only=True)
class Furniture:
    """A symbol over the box `x, y, x + width, y + height`, with its back (headboard, cistern, tap) to one side.

    `kind` is a name of `SYMBOLS`, lengths are metres.
    """

    kind: str
    x: float
    y: float
    width: float
    height: float
    back: Side = "north"

    def __post_init__(self) -> None:
        if self.width <= 0 or self.height <= 0:
            raise BlueprintError(f"{self.kind}: is {self.width} x {self.height} m: both must be more than 0")


@dataclass(frozen=True)
class Shape:
    """A line through points; a closed one hides what lies under it. A solid one is filled with the ink of walls."""

    points: tuple[Point, ...]
    closed: bool = True
    solid: bool = False
    dashed: bool = False


Symbol = Callable[[float, float], Iterator[Shape]]


def shapes(piece: Furniture) -> Iterator[Shape]:
    """The lines of a piece, in the coordinates of the box it stands in. BlueprintError for an unknown kind."""
    if piece.kind not in SYMBOLS:
        raise BlueprintError(f"furniture {piece.kind!r}: is unknown: use one of {', '.join(sorted(SYMBOLS))}")
    right, bottom = piece.x + piece.width, piece.y + piece.height
    along, away = (piece.width, piece.height) if piece.back in ("north", "south") else (piece.height, piece.width)
    place: Callable[[Point], Point] = {
        "north": lambda p: (piece.x + p[0], piece.y + p[1]),
        "south": lambda p: (right - p[0], bottom - p[1]),
        "west": lambda p: (piece.x + p[1], bottom - p[0]),
        "east": lambda p: (right - p[1], piece.y + p[0]),
    }[piece.back]
    for shape in SYMBOLS[piece.kind](along, away):
        yield replace(shape, points=tuple(place(point) for point in shape.points))


def _box(u0: float, v0: float, u1: float, v1: float, radius: float = 0.0) -> Shape:
    if radius == 0:
        return Shape(((u0, v0), (u1, v0), (u1, v1), (u0, v1)))
    corners = (
        (u1 - radius, v1 - radius),
        (u0 + radius, v1 - radius),
        (u0 + radius, v0 + radius),
        (u1 - radius, v0 + radius),
    )
    return Shape(
        tuple(
            (u + radius * math.cos(angle), v + radius * math.sin(angle))
            for quarter, (u, v) in enumerate(corners)
            for angle in (math.pi / 2 * (quarter + step / 6) for step in range(7))
        )
    )


def _ellipse(u: float, v: float, ru: float, rv: float) -> Shape:
    angles = [math.tau * step / 48 for step in range(48)]
    return Shape(tuple((u + ru * math.cos(angle), v + rv * math.sin(angle)) for angle in angles))


def _circle(u: float, v: float, radius: float) -> Shape:
    return _ellipse(u, v, radius, radius)


def _line(*points: Point) -> Shape:
    return Shape(points, closed=False)


def _bed(width: float, depth: float, pillows: int) -> Iterator[Shape]:
    yield _box(0, 0, width, depth)
    yield _box(0, 0, width, 0.07)
    gap = 0.08
    pillow = (width - gap * (pillows + 1)) / pillows
    for index in range(pillows):
        left = gap + index * (pillow + gap)
        yield _box(left, 0.14, left + pillow, 0.52, 0.06)
    yield _line((0, 0.66), (width, 0.66))
    # The turned-down corner of the cover.
    yield _line((width, 0.66), (width - 0.45, 1.05), (width, 1.05))


def _single_bed(width: float, depth: float) -> Iterator[Shape]:
    yield from _bed(width, depth, 1)


def _double_bed(width: float, depth: float) -> Iterator[Shape]:
    yield from _bed(width, depth, 2)


def _night_table(width: float, depth: float) -> Iterator[Shape]:
    yield _box(0, 0, width, depth)
    yield _circle(width / 2, depth / 2, min(width, depth) * 0.28)


def _wardrobe(width: float, depth: float) -> Iterator[Shape]:
    yield _box(0, 0, width, depth)
    yield _line((0.06, depth / 2), (width - 0.06, depth / 2))
    count = max(2, round(width / 0.14))
    for index in range(1, count):
        u = width * index / count
        lean = 0.05 if index % 3 else 0.09
        yield _line((u - lean, depth * 0.16), (u + lean, depth * 0.84))


def _shelf(width: float, depth: float) -> Iterator[Shape]:
    yield _box(0, 0, width, depth)
    bays = max(1, round(width / 0.6))
    for index in range(bays):
        left, right = width * index / bays, width * (index + 1) / bays
        yield _line((left, 0), (right, depth))
        yield _line((right, 0), (right, depth))


def _sofa(width: float, depth: float) -> Iterator[Shape]:
    arm, back = 0.18, 0.22
    yield _box(0, 0, width, depth, 0.08)
    yield _box(arm, back, width - arm, depth - 0.03, 0.05)
    seats = max(1, round((width - 2 * arm) / 0.65))
    for index in range(1, seats):
        u = arm + (width - 2 * arm) * index / seats
        yield _line((u, back), (u, depth - 0.03))
    yield _line((0, 0.1), (arm, back))
    yield _line((width, 0.1), (width - arm, back))


def _sideboard(width: float, depth: float) -> Iterator[Shape]:
    """A low cupboard with a screen on it."""
    yield _box(0, 0, width, depth)
    yield _box(width * 0.15, depth * 0.35, width * 0.85, depth * 0.55)


def _table(width: float, depth: float) -> Iterator[Shape]:
    yield _box(0, 0, width, depth)
    yield _box(0.05, 0.05, width - 0.05, depth - 0.05)


def _rug(width: float, depth: float) -> Iterator[Shape]:
    yield _box(0, 0, width, depth)
    yield _box(0.08, 0.08, width - 0.08, depth - 0.08)


def _chair(u: float, v: float, back: float) -> Iterator[Shape]:
    """A chair around (u, v), 0.42 m wide; its back is towards `back` times v."""
    yield _box(u - 0.21, v - 0.2, u + 0.21, v + 0.2, 0.06)
    yield _box(u - 0.21, v + back * 0.2 - 0.03, u + 0.21, v + back * 0.2 + 0.03, 0.03)


def _dining_table(width: float, depth: float) -> Iterator[Shape]:
    """The box includes the chairs: rows of them along the two sides that run along u."""
    seats = max(1, round(width / 0.65))
    for index in range(seats):
        u = width * (index + 0.5) / seats
        yield from _chair(u, 0.23, -1)
        yield from _chair(u, depth - 0.23, 1)
    yield _box(0, 0.36, width, depth - 0.36)


def _round_table(width: float, depth: float) -> Iterator[Shape]:
    """The box includes two chairs, one on each side along v."""
    yield from _chair(width / 2, 0.23, -1)
    yield from _chair(width / 2, depth - 0.23, 1)
    yield _circle(width / 2, depth / 2, min(width, depth - 0.6) / 2)


def _desk(width: float, depth: float) -> Iterator[Shape]:
    """The box includes the chair in front."""
    yield from _chair(width / 2, depth - 0.23, 1)
    yield _box(0, 0, width, 0.6)
    yield _box(width / 2 - 0.25, 0.1, width / 2 + 0.25, 0.16)


def _counter(width: float, depth: float) -> Iterator[Shape]:
    yield _box(0, 0, width, depth)


def _sink(width: float, depth: float) -> Iterator[Shape]:
    """A bowl, a drainer and a tap, in a worktop."""
    yield _box(0, 0, width, depth, 0.04)
    yield _box(0.05, 0.1, width * 0.5, depth - 0.05, 0.05)
    yield _circle(width * 0.26, depth * 0.55, 0.03)
    for index in range(5):
        u = width * (0.6 + index * 0.08)
        yield _line((u, 0.1), (u, depth - 0.06))
    yield _circle(width * 0.45, 0.05, 0.025)


def _hob(width: float, depth: float) -> Iterator[Shape]:
    yield _box(0, 0, width, depth)
    for u, v, radius in ((0.28, 0.29, 0.085), (0.72, 0.29, 0.105), (0.28, 0.71, 0.105), (0.72, 0.71, 0.085)):
        yield _circle(width * u, depth * v, radius)
        yield _circle(width * u, depth * v, radius * 0.35)


def _fridge(width: float, depth: float) -> Iterator[Shape]:
    yield _box(0, 0, width, depth)
    yield _line((0, 0), (width, depth))
    yield _line((width, 0), (0, depth))
    yield _line((0, depth - 0.05), (width, depth - 0.05))


def _toilet(width: float, depth: float) -> Iterator[Shape]:
    yield _box(0, 0, width, 0.18, 0.03)
    yield _ellipse(width / 2, 0.2 + (depth - 0.2) / 2, width * 0.46, (depth - 0.2) / 2)
    yield _ellipse(width / 2, 0.22 + (depth - 0.2) / 2, width * 0.3, (depth - 0.2) * 0.34)


def _basin(width: float, depth: float) -> Iterator[Shape]:
    yield _box(0, 0, width, depth, 0.07)
    yield _ellipse(width / 2, depth * 0.56, width * 0.38, depth * 0.34)
    yield _circle(width / 2, depth * 0.5, 0.02)
    yield _line((width / 2, 0.03), (width / 2, depth * 0.3))


def _bath(width: float, depth: float) -> Iterator[Shape]:
    yield _box(0, 0, width, depth)
    yield _box(0.07, 0.07, width - 0.07, depth - 0.07, 0.22)
    yield _circle(width - 0.28, depth / 2, 0.03)
    yield _circle(width - 0.04, depth / 2, 0.02)


def _shower(width: float, depth: float) -> Iterator[Shape]:
    yield _box(0, 0, width, depth)
    yield _box(0.04, 0.04, width - 0.04, depth - 0.04)
    yield _line((0.04, 0.04), (width - 0.04, depth - 0.04))
    yield _line((width - 0.04, 0.04), (0.04, depth - 0.04))
    yield _circle(width / 2, depth / 2, 0.06)


def _washer(width: float, depth: float) -> Iterator[Shape]:
    yield _box(0, 0, width, depth)
    yield _line((0, 0.12), (width, 0.12))
    yield _circle(width / 2, 0.12 + (depth - 0.12) / 2, min(width, depth - 0.12) * 0.38)
    yield _circle(width * 0.85, 0.06, 0.025)


def _plant(width: float, depth: float) -> Iterator[Shape]:
    radius = min(width, depth) / 2
    yield _circle(width / 2, depth / 2, radius)
    for step in range(7):
        angle = math.tau * step / 7
        tip = width / 2 + radius * 0.95 * math.cos(angle), depth / 2 + radius * 0.95 * math.sin(angle)
        bend = width / 2 + radius * 0.5 * math.cos(angle + 0.5), depth / 2 + radius * 0.5 * math.sin(angle + 0.5)
        yield _line((width / 2, depth / 2), bend, tip)


def _tall_cupboard(width: float, depth: float) -> Iterator[Shape]:
    """A fridge, freezer or cleaning cupboard, which Nordic plans mark with a lightning symbol."""
    yield _box(0, 0, width, depth)
    yield _line((width * 0.2, depth * 0.15), (width * 0.7, depth * 0.5), (width * 0.3, depth * 0.5), (width, depth))


def _sauna_bench(width: float, depth: float) -> Iterator[Shape]:
    """Benches of planks."""
    planks = max(2, round(depth / 0.14))
    yield _box(0, 0, width, depth)
    for index in range(1, planks):
        v = depth * index / planks
        yield _line((0, v), (width, v))


def _stairs(width: float, depth: float) -> Iterator[Shape]:
    """A flight that runs along v, with its line of travel."""
    treads = max(3, round(depth / 0.27))
    yield _box(0, 0, width, depth)
    for index in range(1, treads):
        v = depth * index / treads
        yield _line((0, v), (width, v))
    yield _line((width / 2, depth), (width / 2, 0.15))
    yield _line((width / 2 - 0.12, 0.35), (width / 2, 0.15), (width / 2 + 0.12, 0.35))


def _fireplace(width: float, depth: float) -> Iterator[Shape]:
    yield _box(0, 0, width, depth)
    yield _line((width * 0.2, depth), (width * 0.3, depth * 0.35), (width * 0.7, depth * 0.35), (width * 0.8, depth))
    yield _line((0, 0), (width, depth * 0.35))
    yield _line((width, 0), (0, depth * 0.35))


def _cupboards(width: float, depth: float) -> Iterator[Shape]:
    """A row of cupboards from floor to ceiling, one beside the other."""
    yield _box(0, 0, width, depth)
    for u in _divided(width, CUPBOARD_M):
        yield _line((u, 0), (u, depth))


def _worktop(width: float, depth: float) -> Iterator[Shape]:
    """Of a kitchen, with cupboards above it."""
    yield _box(0, 0, width, depth)
    yield replace(_line((0, depth * 0.55), (width, depth * 0.55)), dashed=True)


def _cabinet(width: float, depth: float) -> Iterator[Shape]:
    """One cupboard, or a niche with doors."""
    yield _box(0, 0, width, depth)


def _freezer(width: float, depth: float) -> Iterator[Shape]:
    """A cold cupboard with dashed diagonals."""
    yield _box(0, 0, width, depth)
    yield replace(_line((0, 0), (width, depth)), dashed=True)
    yield replace(_line((width, 0), (0, depth)), dashed=True)


def _crossed_cupboards(width: float, depth: float) -> Iterator[Shape]:
    """Cupboards with a diagonal in each."""
    yield from _cupboards(width, depth)
    ends = [0.0, *_divided(width, CUPBOARD_M), width]
    for left, right in pairwise(ends):
        yield _line((left, depth), (right, 0))


def _coat_cupboard(width: float, depth: float) -> Iterator[Shape]:
    """Open or sliding: a dashed rail along its middle."""
    yield _box(0, 0, width, depth)
    yield replace(_line((0, depth / 2), (width, depth / 2)), dashed=True)


def _reserved_place(width: float, depth: float) -> Iterator[Shape]:
    """A dashed box with a lightning symbol: room for a washing machine or another appliance to come."""
    yield replace(_box(0, 0, width, depth), dashed=True)
    yield _line(
        (width * 0.25, depth * 0.2),
        (width * 0.7, depth * 0.45),
        (width * 0.35, depth * 0.55),
        (width * 0.8, depth * 0.8),
    )


def _shower_place(width: float, depth: float) -> Iterator[Shape]:
    """A hand shower over a floor that slopes to its drain, behind a dashed curtain."""
    yield replace(_line((0, depth), (width, depth)), dashed=True)
    yield replace(_line((width, 0), (width, depth)), dashed=True)
    yield _circle(width * 0.3, depth * 0.25, min(width, depth) * 0.1)
    yield _line((width * 0.38, depth * 0.3), (width * 0.55, depth * 0.5), (width * 0.5, depth * 0.7))
    yield _box(width * 0.62, depth * 0.62, width * 0.74, depth * 0.74)


def _corner_shower(width: float, depth: float) -> Iterator[Shape]:
    """A quarter of a circle, in the corner at (0, 0)."""
    for share in (1.0, 0.9):
        angles = [math.pi / 2 * step / 12 for step in range(13)]
        arc = tuple((width * share * math.cos(angle), depth * share * math.sin(angle)) for angle in angles)
        yield Shape(((0.0, 0.0), *arc))
    yield _circle(width * 0.3, depth * 0.3, min(width, depth) * 0.06)


def _sauna_stove(width: float, depth: float) -> Iterator[Shape]:
    yield _box(0, 0, width, depth)
    yield _box(width * 0.12, depth * 0.12, width * 0.88, depth * 0.88)
    yield _line(
        (width * 0.3, depth * 0.25),
        (width * 0.7, depth * 0.45),
        (width * 0.3, depth * 0.55),
        (width * 0.7, depth * 0.8),
    )


def _chimney(width: float, depth: float) -> Iterator[Shape]:
    """Masonry with a row of flues."""
    yield replace(_box(0, 0, width, depth), solid=True)
    count = max(1, round(width / 0.4))
    side = min(width / count, depth) * 0.5
    for index in range(count):
        u, v = width * (index + 0.5) / count, depth / 2
        yield _box(u - side / 2, v - side / 2, u + side / 2, v + side / 2)


def _hearth(width: float, depth: float) -> Iterator[Shape]:
    """A massive fireplace with its opening away from the back."""
    yield replace(_box(0, 0, width, depth), solid=True)
    yield Shape(
        ((width * 0.15, depth), (width * 0.28, depth * 0.4), (width * 0.72, depth * 0.4), (width * 0.85, depth))
    )


def _stairs_and_back(width: float, depth: float) -> Iterator[Shape]:
    """Two flights side by side with a landing at the back."""
    landing, middle = depth * 0.32, width / 2
    yield _box(0, 0, width, depth)
    yield _line((0, landing), (width, landing))
    for v in _divided(depth - landing, 0.27):
        yield _line((0, landing + v), (width, landing + v))
    yield _box(middle - 0.04, landing, middle + 0.04, depth)
    yield _line((width / 4, depth), (width / 4, landing / 2), (width * 0.75, landing / 2), (width * 0.75, depth * 0.9))


def _winding_stairs(width: float, depth: float) -> Iterator[Shape]:
    """A flight that turns by a quarter, with wedge-shaped steps in its corner and nothing drawn beyond it."""
    flight = min(width, depth) * 0.5
    yield Shape(((0, 0), (width, 0), (width, flight), (flight, flight), (flight, depth), (0, depth)))
    for angle in (math.pi / 8, math.pi / 4, math.pi * 3 / 8):
        reach = flight / max(math.cos(angle), math.sin(angle))
        yield _line((flight, flight), (flight - reach * math.cos(angle), flight - reach * math.sin(angle)))
    for v in (0.0, *_divided(depth - flight, 0.27)):
        yield _line((0, flight + v), (flight, flight + v))
    for u in (0.0, *_divided(width - flight, 0.27)):
        yield _line((flight + u, 0), (flight + u, flight))
    yield _line((flight / 2, depth), (flight / 2, flight / 2), (width - 0.1, flight / 2))


def _spiral_stairs(width: float, depth: float) -> Iterator[Shape]:
    radius = min(width, depth) / 2
    yield _circle(width / 2, depth / 2, radius)
    yield _circle(width / 2, depth / 2, radius * 0.15)
    for step in range(14):
        angle = math.tau * step / 16
        x, y = math.cos(angle), math.sin(angle)
        yield _line(
            (width / 2 + radius * 0.15 * x, depth / 2 + radius * 0.15 * y),
            (width / 2 + radius * x, depth / 2 + radius * y),
        )


def _divided(length: float, part: float) -> list[float]:
    """Where equal parts of about `part` meet within a length."""
    count = max(2, round(length / part))
    return [length * index / count for index in range(1, count)]


def _car(width: float, depth: float) -> Iterator[Shape]:
    """A car from above, its bonnet away from the back."""
    yield _box(0, 0, width, depth, min(width, depth) * 0.2)
    yield _box(width * 0.12, depth * 0.2, width * 0.88, depth * 0.62, width * 0.12)
    yield _line((width * 0.1, depth * 0.72), (width * 0.25, depth * 0.62))
    yield _line((width * 0.9, depth * 0.72), (width * 0.75, depth * 0.62))


SYMBOLS: dict[str, Symbol] = {
    "armchair": _sofa,
    "basin": _basin,
    "bath": _bath,
    "cabinet": _cabinet,
    "car": _car,
    "chimney": _chimney,
    "coat_cupboard": _coat_cupboard,
    "corner_shower": _corner_shower,
    "counter": _counter,
    "crossed_cupboards": _crossed_cupboards,
    "cupboards": _cupboards,
    "desk": _desk,
    "dining_table": _dining_table,
    "double_bed": _double_bed,
    "fireplace": _fireplace,
    "freezer": _freezer,
    "fridge": _fridge,
    "hearth": _hearth,
    "hob": _hob,
    "night_table": _night_table,
    "plant": _plant,
    "reserved_place": _reserved_place,
    "round_table": _round_table,
    "rug": _rug,
    "sauna_bench": _sauna_bench,
    "sauna_stove": _sauna_stove,
    "shelf": _shelf,
    "shower": _shower,
    "shower_place": _shower_place,
    "sideboard": _sideboard,
    "single_bed": _single_bed,
    "sink": _sink,
    "sofa": _sofa,
    "spiral_stairs": _spiral_stairs,
    "stairs": _stairs,
    "stairs_and_back": _stairs_and_back,
    "table": _table,
    "tall_cupboard": _tall_cupboard,
    "toilet": _toilet,
    "wardrobe": _wardrobe,
    "washer": _washer,
    "winding_stairs": _winding_stairs,
    "worktop": _worktop,
}
