"""Places furniture in a dwelling's rooms: usually with its back to a wall, clear of doors and of other pieces."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from blueprints.rendering.furniture_symbols import Furniture, Side
from blueprints.rendering.layout import Kind, Layout, Space
from blueprints.rendering.layout_openings import Hole

Size = tuple[float, float]
"""Metres along the back, and away from it."""

ATTEMPTS = 8
BACKS: tuple[Side, Side, Side, Side] = ("north", "east", "south", "west")
"""The side that is on top after that many quarter turns counter-clockwise."""

SIZES: dict[str, tuple[Size, Size]] = {
    "armchair": ((0.75, 0.75), (0.95, 0.9)),
    "basin": ((0.4, 0.3), (0.7, 0.5)),
    "bath": ((1.5, 0.7), (1.8, 0.8)),
    "cabinet": ((0.55, 0.5), (1.6, 0.65)),
    "car": ((1.8, 4.2), (1.9, 4.8)),
    "chimney": ((0.5, 0.5), (1.2, 0.7)),
    "coat_cupboard": ((0.8, 0.5), (2.4, 0.65)),
    "corner_shower": ((0.8, 0.8), (1.0, 1.0)),
    "counter": ((1.8, 0.6), (4.0, 0.65)),
    "crossed_cupboards": ((0.6, 0.55), (2.4, 0.65)),
    "cupboards": ((0.6, 0.5), (3.0, 0.65)),
    "desk": ((1.0, 1.0), (1.6, 1.2)),
    "dining_table": ((1.2, 1.5), (2.4, 1.8)),
    "double_bed": ((1.6, 2.0), (1.8, 2.1)),
    "fireplace": ((0.8, 0.6), (1.4, 0.8)),
    "freezer": ((0.55, 0.55), (0.65, 0.65)),
    "hearth": ((0.9, 0.6), (1.6, 1.0)),
    "night_table": ((0.4, 0.4), (0.5, 0.45)),
    "plant": ((0.4, 0.4), (0.6, 0.6)),
    "reserved_place": ((0.6, 0.55), (0.65, 0.65)),
    "round_table": ((0.9, 1.5), (1.1, 1.7)),
    "sauna_bench": ((1.2, 0.9), (2.2, 1.2)),
    "sauna_stove": ((0.4, 0.4), (0.6, 0.55)),
    "shelf": ((0.8, 0.4), (2.0, 0.5)),
    "shower": ((0.8, 0.8), (1.0, 1.0)),
    "shower_place": ((0.8, 0.8), (1.1, 1.0)),
    "sideboard": ((1.0, 0.4), (1.8, 0.5)),
    "single_bed": ((0.8, 2.0), (0.95, 2.05)),
    "sofa": ((1.6, 0.8), (2.6, 0.95)),
    "spiral_stairs": ((1.3, 1.3), (2.0, 2.0)),
    "stairs": ((0.9, 2.2), (1.2, 3.4)),
    "stairs_and_back": ((1.8, 2.2), (2.3, 3.2)),
    "table": ((0.8, 0.6), (1.2, 0.8)),
    "tall_cupboard": ((0.6, 0.6), (1.2, 0.6)),
    "toilet": ((0.38, 0.65), (0.42, 0.72)),
    "wardrobe": ((1.0, 0.6), (2.4, 0.6)),
    "washer": ((0.6, 0.6), (0.6, 0.65)),
    "winding_stairs": ((1.7, 1.7), (2.4, 2.6)),
    "worktop": ((1.8, 0.6), (4.0, 0.65)),
}

FITTED = frozenset(("cabinet", "coat_cupboard", "counter", "crossed_cupboards", "cupboards", "wardrobe", "worktop"))
"""Pieces that are often built from wall to wall, or into a niche."""
FILLING = 0.6
"""The share of FITTED that takes all of a stretch of wall, at most LONGEST_FITTED_M; a niche in all its depth."""
LONGEST_FITTED_M = 4.5
NICHES_TRIED = 5
"""Of so many stretches of a wall, the shortest that is long enough is filled: most likely a niche."""
NICHE_M = (0.4, 0.9)
"""How deep a niche is that a piece fills."""
CORNERED = 0.5
"""The share of the other pieces that stands in a corner."""

BUILT_IN: dict[Kind, tuple[tuple[str, ...], ...]] = {
    Kind.KITCHEN: (
        ("counter", "counter", "tall_cupboard"),
        ("worktop", "tall_cupboard", "cupboards"),
        ("worktop", "worktop", "freezer", "cabinet"),
        ("worktop", "counter", "freezer", "tall_cupboard"),
        ("counter", "counter", "tall_cupboard", "reserved_place"),
        ("counter", "crossed_cupboards", "chimney"),
    ),
    Kind.LIVING: (
        (),
        (),
        ("fireplace",),
        ("hearth",),
        ("counter", "counter", "tall_cupboard"),
        ("worktop", "worktop", "freezer", "tall_cupboard"),
        ("counter", "cupboards", "hearth"),
        ("stairs",),
        ("stairs_and_back", "chimney"),
        ("winding_stairs",),
        ("spiral_stairs",),
        ("chimney",),
    ),
    Kind.BEDROOM: (
        ("wardrobe",),
        ("cupboards",),
        ("cupboards", "cupboards"),
        ("coat_cupboard",),
        ("cabinet", "cabinet"),
        ("crossed_cupboards",),
        ("wardrobe", "tall_cupboard"),
        ("cupboards",),
        (),
    ),
    Kind.BATH: (
        ("toilet", "basin", "shower", "washer"),
        ("toilet", "basin", "shower_place", "reserved_place"),
        ("toilet", "basin", "bath"),
        ("toilet", "basin", "corner_shower", "cupboards"),
        ("toilet", "basin"),
        ("sauna_bench", "sauna_stove"),
        ("sauna_bench", "sauna_bench", "sauna_stove"),
        ("shower", "basin", "washer", "bath"),
        ("shower_place", "shower_place", "basin"),
    ),
    Kind.ENTRY: (
        ("wardrobe",),
        ("coat_cupboard",),
        ("coat_cupboard", "cupboards"),
        ("coat_cupboard", "cabinet"),
        ("cupboards", "tall_cupboard"),
        ("cabinet", "coat_cupboard"),
        (),
        ("stairs",),
        ("stairs_and_back", "coat_cupboard"),
        ("winding_stairs",),
        ("spiral_stairs", "cupboards"),
        ("tall_cupboard", "wardrobe"),
        ("chimney",),
    ),
    Kind.STORAGE: (
        ("shelf", "shelf"),
        ("coat_cupboard", "coat_cupboard"),
        ("wardrobe",),
        (),
        ("cupboards",),
        ("shelf",),
    ),
    Kind.UNDEFINED: (
        ("sauna_bench", "sauna_stove"),
        ("stairs",),
        ("stairs_and_back",),
        (),
        (),
        ("washer", "washer", "counter"),
        ("reserved_place", "counter", "cupboards"),
        ("wardrobe",),
        ("cupboards", "hearth"),
    ),
    Kind.OUTDOOR: ((), (), (), ("stairs",)),
}
MOVABLE: dict[Kind, tuple[tuple[str, ...], ...]] = {
    Kind.KITCHEN: (("dining_table",), ("round_table",), ()),
    Kind.LIVING: (
        ("sofa", "table", "armchair", "dining_table", "sideboard", "plant"),
        ("sofa", "sideboard", "dining_table"),
        ("sofa", "armchair", "armchair", "round_table", "plant"),
    ),
    Kind.BEDROOM: (
        ("double_bed", "night_table", "desk"),
        ("single_bed", "desk"),
        ("single_bed", "single_bed"),
        ("double_bed",),
    ),
    Kind.UNDEFINED: (("desk", "armchair"), ("single_bed",), ()),
    Kind.GARAGE: (("car",), ("car", "car"), ("car", "shelf")),
    Kind.OUTDOOR: ((), ("round_table", "plant"), ("plant",)),
}


def furnish(
    layout: Layout, holes: Sequence[Hole], rng: random.Random, *, movable: float, built_in: float, afloat: float = 0.0
) -> list[Furniture]:
    """Furniture in metres, for the given shares of rooms with movable and built-in furniture.

    A share of the pieces, `afloat`, may stand anywhere in its room.
    """
    free = layout.labels.copy()
    _keep_clear(free, holes, layout.pixels_per_metre)
    pieces: list[Furniture] = []
    for room in layout.rooms:
        wanted: list[str] = []
        if rng.random() < built_in:
            wanted += rng.choice(BUILT_IN.get(room.kind, ((),)))
        if rng.random() < movable:
            wanted += rng.choice(MOVABLE.get(room.kind, ((),)))
        for kind in wanted:
            piece = _placed(layout, room, free, kind, rng, afloat=rng.random() < afloat)
            if piece is not None:
                pieces.extend(_equipped(piece, rng))
    return pieces


def _keep_clear(free: NDArray[np.int16], holes: Sequence[Hole], metre: float) -> None:
    """No furniture stands in front of a door."""
    for hole in holes:
        if hole.use != "window":
            reach = 0.8 * metre
            along, across = (0, reach) if hole.through == "y" else (reach, 0)
            left, top, right, bottom = hole.box
            free[
                max(0, int(top - across)) : int(bottom + across) + 1, max(0, int(left - along)) : int(right + along) + 1
            ] = 0


def _placed(
    layout: Layout, room: Space, free: NDArray[np.int16], kind: str, rng: random.Random, *, afloat: bool
) -> Furniture | None:
    """Put a piece at a random free place along a wall, or anywhere if `afloat`; None if no free place was found."""
    metre = layout.pixels_per_metre
    low, high = SIZES[kind]
    left, top, right, bottom = room.box
    window = slice(max(0, top - 1), bottom + 1), slice(max(0, left - 1), right + 1)
    order = rng.sample(range(4), 4)
    for quarters in order:
        inside = np.rot90(layout.labels[window] == room.number, quarters)
        clear = np.rot90(free[window] == room.number, quarters)
        rows, columns = np.nonzero(clear[1:] if afloat else clear[1:] & ~inside[:-1])
        filling = kind in FITTED and rng.random() < FILLING
        cornered = filling or rng.random() < CORNERED
        for _ in range(ATTEMPTS if rows.size else 0):
            size = rng.uniform(low[0], high[0]), rng.uniform(low[1], high[1])
            width, depth = round(size[0] * metre), round(size[1] * metre)
            pick = rng.randrange(rows.size)
            y, x = int(rows[pick]) + 1, int(columns[pick])
            if cornered and not afloat:
                start, end = _run(clear[y] & ~inside[y - 1], x)
                for other in rng.choices(range(rows.size), k=NICHES_TRIED if filling else 0):
                    v, u = int(rows[other]) + 1, int(columns[other])
                    run = _run(clear[v] & ~inside[v - 1], u)
                    if low[0] * metre <= run[1] - run[0] < end - start:
                        y, (start, end) = v, run
                if filling and low[0] * metre <= end - start <= LONGEST_FITTED_M * metre:
                    width = end - start
                    depth = _niche_depth(inside, y, start, end, metre) or depth
                x = start if rng.random() < 0.5 else max(start, end - width)
            body = clear[y : y + depth, x : x + width]
            if body.shape != (depth, width) or not body.all():
                continue
            if not afloat and inside[y - 1, x : x + width].any():
                continue
            box = _unturned((x, y, width, depth), quarters, (window[1].start, window[0].start), inside.shape)
            free[box[1] : box[1] + box[3], box[0] : box[0] + box[2]] = 0
            return Furniture(
                kind=kind,
                x=box[0] / metre,
                y=box[1] / metre,
                width=box[2] / metre,
                height=box[3] / metre,
                back=BACKS[quarters],
            )
    return None


def _run(along: NDArray[np.bool_], at: int) -> tuple[int, int]:
    """The stretch of set pixels around `at`."""
    unset = np.flatnonzero(~along)
    after = int(np.searchsorted(unset, at))
    return (int(unset[after - 1]) + 1 if after else 0), (int(unset[after]) if after < unset.size else along.size)


def _niche_depth(inside: NDArray[np.bool_], y: int, start: int, end: int, metre: float) -> int:
    """The depth of the niche below row `y` between two columns; 0 if none of its sides is as short as a niche's."""
    shortest, longest = (round(value * metre) for value in NICHE_M)
    for column in (start - 1, end):
        if 0 <= column < inside.shape[1]:
            depth = int(inside[y : y + longest + 1, column].argmax())
            if shortest <= depth <= longest:
                return depth
    return 0


def _unturned(
    box: tuple[int, int, int, int], quarters: int, corner: tuple[int, int], turned: tuple[int, ...]
) -> tuple[int, int, int, int]:
    """A box (x, y, width, height) in a window that was rotated counter-clockwise, as a box on the whole layout."""
    x, y, width, height = box
    for _ in range(quarters):
        # A quarter turn clockwise undoes one turn.
        x, y, width, height = turned[0] - y - height, x, height, width
        turned = turned[::-1]
    return corner[0] + x, corner[1] + y, width, height


def _equipped(piece: Furniture, rng: random.Random) -> Iterator[Furniture]:
    """The piece with its equipment: a kitchen worktop gets a sink and a hob, with a fridge at its end."""
    yield piece
    if piece.kind not in ("counter", "worktop"):
        return
    horizontal = piece.back in ("north", "south")
    length = piece.width if horizontal else piece.height
    at = 0.0
    for kind, width in rng.sample((("sink", 0.8), ("hob", 0.6), ("fridge", 0.6)), 3):
        at += rng.choice((0.0, 0.3, 0.6))
        if at + width > length:
            break
        unit = replace(piece, kind=kind)
        if horizontal:
            yield replace(unit, x=piece.x + at, width=width)
        else:
            yield replace(unit, y=piece.y + at, height=width)
        at += width
