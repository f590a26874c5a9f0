"""Places a layout's doors and windows: every room can be reached, and windows are in outer walls."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from blueprints.geometry import Box
from blueprints.rendering.layout import OUTSIDE, Kind, Layout, Space, Stretch

DOOR_WIDTHS_M = (0.7, 0.8, 0.9)
ENTRANCE_WIDTH_M = 1.0
DOUBLE_DOOR_WIDTH_M = 1.5
GARAGE_DOOR_WIDTH_M = 2.5
JAMB_M = 0.12
WINDOW_WIDTHS_M = (0.6, 3.0)
THICKEST_WALL_M = 0.9


@dataclass(frozen=True, kw_only=True)
class Hole:
    """An opening through a wall, from face to face. `through`, `before` and `after` are as in `Stretch`.

    A door is hinged at the low or the high end of the box and swings into `before` or `after`.
    """

    use: Literal["door", "double door", "passage", "window", "garage door"]
    box: Box
    through: Literal["x", "y"]
    before: int
    after: int
    hinge: Literal["low", "high"] = "low"
    swings: Literal["before", "after"] = "after"

    @property
    def width(self) -> float:
        left, top, right, bottom = self.box
        return bottom - top if self.through == "x" else right - left


def openings(layout: Layout, rng: random.Random, windowed: float = 0.9) -> tuple[Hole, ...]:
    """Doors and passages, then windows in a share `windowed` of the outer walls that are long enough."""
    metre = layout.pixels_per_metre
    walls = [wall for wall in layout.walls if 0 < wall.thickness < THICKEST_WALL_M * metre]
    doors = [*_inner_doors(layout, walls, rng), *_entrances(layout, walls, rng)]
    return (*doors, *_windows(layout, walls, doors, rng, windowed))


def _inner_doors(layout: Layout, walls: Sequence[Stretch], rng: random.Random) -> list[Hole]:
    """A door for each pair of rooms that is not connected yet, starting from halls, and a few more."""
    group = list(range(len(layout.rooms) + 1))

    def root(number: int) -> int:
        while group[number] != number:
            number = group[number]
        return number

    for border in layout.open_borders:
        if border.length > 0.6 * layout.pixels_per_metre:
            group[root(border.before)] = root(border.after)
    doors = []
    candidates = [
        wall
        for wall in walls
        if wall.before > 0
        and wall.after > 0
        and wall.before != wall.after
        and (wall.before > layout.own) == (wall.after > layout.own)
    ]
    for wall in sorted(candidates, key=lambda wall: _rank(layout, wall, rng)):
        first, second = root(wall.before), root(wall.after)
        if first == second and rng.random() > 0.04:
            continue
        door = _door(layout, wall, doors, rng)
        if door is not None:
            group[first] = second
            doors.append(door)
    return doors


def _rank(layout: Layout, wall: Stretch, rng: random.Random) -> float:
    kinds = {layout.rooms[wall.before - 1].kind, layout.rooms[wall.after - 1].kind}
    rank = rng.random() - min(1.0, wall.length / layout.pixels_per_metre / 6)
    if Kind.ENTRY in kinds:
        rank -= 1.5
    elif Kind.LIVING in kinds:
        rank -= 0.7
    return rank


def _door(layout: Layout, wall: Stretch, others: Iterable[Hole], rng: random.Random) -> Hole | None:
    metre = layout.pixels_per_metre
    width = rng.choice(DOOR_WIDTHS_M) * metre
    use: Literal["door", "double door", "passage"] = "door"
    kinds = {layout.rooms[wall.before - 1].kind, layout.rooms[wall.after - 1].kind}
    chance = rng.random()
    if Kind.LIVING in kinds and chance < 0.25 and wall.length > 2.2 * metre:
        use, width = "double door", DOUBLE_DOOR_WIDTH_M * metre
    elif chance > 0.93:
        use = "passage"
    into_after = layout.rooms[wall.after - 1].area > layout.rooms[wall.before - 1].area
    if Kind.OUTDOOR in kinds:
        into_after = layout.rooms[wall.after - 1].kind is Kind.OUTDOOR
    elif rng.random() < 0.3:
        into_after = not into_after
    return _hole(wall, use, width, JAMB_M * metre, into_after, others, rng)


def _entrances(layout: Layout, walls: Sequence[Stretch], rng: random.Random) -> list[Hole]:
    """A front door from outside into a hall (or, without one, another room), and garage doors."""
    metre = layout.pixels_per_metre
    outer = [
        wall
        for wall in walls
        if (wall.before == OUTSIDE) != (wall.after == OUTSIDE) and max(wall.before, wall.after) <= layout.own
    ]
    doors: list[Hole] = []
    rng.shuffle(outer)
    entries = [wall for wall in outer if (room := _inner(layout, wall)) and room.kind is Kind.ENTRY]
    for wall in entries or outer:
        into_after = (wall.after == OUTSIDE) == (rng.random() < 0.6)
        door = _hole(wall, "door", ENTRANCE_WIDTH_M * metre, JAMB_M * metre, into_after, doors, rng)
        if door is not None and _inner(layout, wall):
            doors.append(door)
            break
    for wall in outer:
        room = _inner(layout, wall)
        if room and room.kind is Kind.GARAGE and not any(door.use == "garage door" for door in doors):
            door = _hole(wall, "garage door", GARAGE_DOOR_WIDTH_M * metre, JAMB_M * metre, False, doors, rng)
            doors.extend([door] if door else [])
    return doors


def _inner(layout: Layout, wall: Stretch) -> Space | None:
    """The room at an outer wall; None if no room borders on it."""
    number = max(wall.before, wall.after)
    return layout.rooms[number - 1] if number > 0 else None


def _windows(
    layout: Layout, walls: Sequence[Stretch], doors: Sequence[Hole], rng: random.Random, windowed: float
) -> list[Hole]:
    metre = layout.pixels_per_metre
    outdoor = {room.number for room in layout.rooms if room.kind is Kind.OUTDOOR}
    open_air = {OUTSIDE, *outdoor}
    placed: list[Hole] = []
    for wall in walls:
        inner = [side for side in (wall.before, wall.after) if side > 0 and side not in outdoor]
        if len(inner) != 1 or not {wall.before, wall.after} & open_air:
            continue
        kind = layout.rooms[inner[0] - 1].kind
        likely = windowed * (0.3 if kind in (Kind.BATH, Kind.STORAGE, Kind.ENTRY, Kind.GARAGE) else 1.0)
        for _ in range(1 + int(wall.length > 4.5 * metre) + int(wall.length > 9 * metre)):
            room = wall.length - 2 * JAMB_M * metre
            if rng.random() > likely or room < WINDOW_WIDTHS_M[0] * metre:
                continue
            most = min(room * 0.9, WINDOW_WIDTHS_M[1] * metre)
            width = rng.uniform(min(most, WINDOW_WIDTHS_M[0] * metre), most)
            window = _hole(wall, "window", width, JAMB_M * metre, False, [*doors, *placed], rng)
            placed.extend([window] if window else [])
    return placed


def _hole(
    wall: Stretch,
    use: Literal["door", "double door", "passage", "window", "garage door"],
    width: float,
    jamb: float,
    into_after: bool,
    others: Iterable[Hole],
    rng: random.Random,
) -> Hole | None:
    """A hole at a distance from the wall's ends and from other holes; None if it does not fit."""
    room = wall.length - width - 2 * jamb
    if room < 0:
        return None
    where = rng.choice((rng.random(), 0.0, 1.0, 0.5)) if use != "window" else rng.choice((rng.random(), 0.5))
    left, top, right, bottom = wall.box
    if wall.through == "x":
        start = top + jamb + room * where
        box = float(left), start, float(right), start + width
    else:
        start = left + jamb + room * where
        box = start, float(top), start + width, float(bottom)
    if any(_meet(box, other.box) for other in others):
        return None
    return Hole(
        use=use,
        box=box,
        through=wall.through,
        before=wall.before,
        after=wall.after,
        hinge="low" if where < 0.5 else "high",
        swings="after" if into_after else "before",
    )


def _meet(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
