"""Rows along corridors that bend at any angle, or close around a court."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from blueprints.rendering.buildings.cell import corner_room
from blueprints.rendering.buildings.frame import Frame
from blueprints.rendering.buildings.programmes import Programme
from blueprints.rendering.buildings.rows import fill_row
from blueprints.rendering.buildings.storey import Facade, Storey
from blueprints.rendering.polygons import Points, clipped_by_line, keyholed, points, signed_area

Side = Literal[-1, 1]
"""The side of a corridor: the sign of y in its frames."""

PLANE = Frame()
LEAST_AREA_M2 = 0.8
"""Smallest area of a room in a corner; a smaller corner becomes wall."""
SPLIT_AREA_M2 = 26.0
"""A corner larger than this may be split into two rooms."""


@dataclass(frozen=True, eq=False, kw_only=True)
class _Straight:
    """A straight stretch between two bends: x runs along the corridor's centre line from one bend to the other.

    `first` and `last` are the tangents of half the turning angle at its ends: positive if the strip turns towards +y, 0
    at a free end.
    """

    frame: Frame
    length: float
    first: float
    last: float

    def mitred(self, low: float, high: float, beyond: float = 0.0) -> Points:
        """The outline between y = `low` and `high`: up to the mitre at a bend, and `beyond` a free end."""
        a = 0.0 if self.first else -beyond
        b = self.length + (0.0 if self.last else beyond)
        return points(
            (a + low * self.first, low),
            (b - low * self.last, low),
            (b - high * self.last, high),
            (a + high * self.first, high),
        )

    def side(self, side: Side, near: float) -> Frame:
        """The frame of a row: y runs outwards from the row's corridor wall."""
        return self.frame.moved(0, near) if side > 0 else self.frame.moved(0, -near).mirrored_y()


def _straights(vertices: Points, *, closed: bool) -> list[_Straight]:
    ahead = np.roll(vertices, -1, axis=0) - vertices
    if not closed:
        ahead = ahead[:-1]
    angles = np.arctan2(ahead[:, 1], ahead[:, 0])
    turns = (angles - np.roll(angles, 1) + math.pi) % math.tau - math.pi
    tangents = np.tan(turns / 2)
    if not closed:
        tangents[0] = 0.0
    following = np.roll(tangents, -1)
    return [
        _Straight(
            frame=Frame(origin=(float(vertex[0]), float(vertex[1])), angle=float(angle)),
            length=math.hypot(*side),
            first=float(first),
            last=float(last),
        )
        for vertex, angle, side, first, last in zip(vertices, angles, ahead, tangents, following, strict=False)
    ]


def bent_strip(
    s: Storey,
    programme: Programme,
    vertices: Points,
    depths: tuple[float, float],
    corridor: float,
    *,
    closed: bool = False,
) -> None:
    """Rows along a line of corridors that bends at `vertices` by at most about 100 degrees."""
    rng, to = s.rng, s.facade
    half = corridor / 2
    near = half + s.partition
    far: dict[Side, float] = {-1: near + depths[0], 1: near + depths[1]}
    straights = _straights(vertices, closed=closed)
    # How far a row stops before a bend, in addition to what the other row takes on the inner side.
    spare: dict[tuple[int, Side], float] = {}
    for i in range(len(straights) + 1):
        bend = straights[i].first if i < len(straights) else straights[-1].last
        for side in far:
            spare[i % len(vertices), side] = rng.uniform(1.4, 2.6) if bend * side < 0 else rng.uniform(0.1, 2.0)

    def trim(i: int, side: Side, bend: float) -> float:
        if bend == 0.0:
            return 0.0
        return max(0.0, side * far[side] * bend, side * near * bend) + spare[i % len(vertices), side]

    for i, straight in enumerate(straights):
        for side, depth in zip(far, depths, strict=True):
            start, end = trim(i, side, straight.first), trim(i + 1, side, straight.last)
            stops = _row(s, programme, straight, side, (near, far[side]), (start, end))
            if depth and straight.last:
                following = straights[(i + 1) % len(straights)]
                _corner(s, programme, straight, following, side, (near, far[side]), end)
            reach = side * (far[side] + to)
            face = straight.side(side, near).moved(0, depth + to)
            low = reach * straight.first if straight.first else -to
            high = straight.length - reach * straight.last if straight.last else straight.length + to
            s.facades.append(Facade(frame=face, stops=(low, *stops, high)))
        s.wing(straight.frame, straight.mitred(-far[-1] - to, far[1] + to, to), straight.mitred(-far[-1], far[1]))
        start = abs(straight.first) * far[1] + 1 if straight.first else 0.5
        axes = tuple(np.arange(start, straight.length - 1, 7.2))
        s.axes.append((straight.frame, axes, -far[-1] - to, far[1] + to))
    _corridors(s, straights, half, closed=closed)


def _row(
    s: Storey,
    programme: Programme,
    straight: _Straight,
    side: Side,
    reach: tuple[float, float],
    trims: tuple[float, float],
) -> list[float]:
    """The row on one side, in the y range `reach`, shorter by `trims` at its ends. Returns where its partitions are."""
    near, far = reach
    clear = straight.length - sum(trims)
    if far == near or clear <= 2:
        return []
    frame = straight.side(side, near).moved(trims[0], 0)
    row = fill_row(s, programme, frame, clear, far - near, front=s.partition, back=s.facade, niches=False)
    return [trims[0] + x for x in row.stops]


def _corner(
    s: Storey,
    programme: Programme,
    before: _Straight,
    after: _Straight,
    side: Side,
    reach: tuple[float, float],
    trim: float,
) -> None:
    """The room in the corner between two rows, or the two rooms on both sides of its mitre."""
    rng, t, bend = s.rng, s.partition, before.last
    y0, y1 = side * reach[0], side * reach[1]
    start = before.length - trim + t
    outline = np.concatenate(
        (
            before.frame(points((start, y0), (before.length - y0 * bend, y0))),
            after.frame(points((trim - t, y0), (trim - t, y1))),
            before.frame(points((before.length - y1 * bend, y1), (start, y1))),
        )
    )
    area = abs(signed_area(outline))
    if area < LEAST_AREA_M2:
        return
    kinds = [rng.choice(("office", "storage", "conference", "lounge", *programme.halls[:2])) for _ in range(2)]
    if area < 4:
        kinds = ["closet", "shaft"]
    split = area > SPLIT_AREA_M2 and rng.random() < (0.55 if abs(bend) < 0.75 else 0.15)
    for outline_of_one, kind in zip(_halves(outline, t) if split else [outline], kinds, strict=False):
        corner_room(s, PLANE, outline_of_one, kind)
    # A door to the corridor, or one on each side of the mitre.
    width = min(0.9, trim - t - y0 * bend - 0.2)
    if width > 0.5:
        s.door(before.side(side, reach[0]), start + (0.05 if split else 0.1), -t, 0, width)
        if split:
            s.door(after.side(side, reach[0]), trim - t - 0.05 - width, -t, 0, width)


def _halves(corner: Points, wall: float) -> list[Points]:
    """The two parts of a corner that is divided by a wall along its mitre, from its second to its fifth point."""
    mitre = corner[1] - corner[4]
    mitre /= math.hypot(*mitre)
    normal = np.array((mitre[1], -mitre[0]))
    halves = []
    for sign in (1, -1):
        x, y = (corner[1] - sign * normal * wall / 2).tolist()
        half = clipped_by_line(corner, (x, y), (float(sign * normal[0]), float(sign * normal[1])))
        if len(half) > 2 and abs(signed_area(half)) > 1.5:
            halves.append(half)
    return halves


def _corridors(s: Storey, straights: list[_Straight], half: float, *, closed: bool) -> None:
    """The corridor as one room (a ring if the strip is closed), or divided by doors after some of the bends."""
    parts: list[list[int]] = [[0]]
    for i in range(1, len(straights)):
        if s.rng.random() < 0.4:
            parts.append([i])
        else:
            parts[-1].append(i)
    if closed and len(parts) == 1:
        quads = [straight.frame(straight.mitred(-half, half)) for straight in straights]
        rings = sorted(
            (np.array([quad[at] for quad in quads]) for at in (0, 3)), key=lambda ring: abs(signed_area(ring))
        )
        _corridor_room(s, straights[0], keyholed(rings[1], [rings[0]]), half)
        return
    for number, part in enumerate(parts):
        first = straights[part[0]]
        outline_start = first.mitred(-half, half)[[0, 3]]
        if number > 0 or closed:
            x = _behind(first, half)
            leaf = min(1.9, half * 2 - 0.2)
            s.door(first.frame.moved(x, 0).swapped(), -leaf / 2, 0, s.partition, leaf)
            outline_start = points((x + s.partition, -half), (x + s.partition, half))
        ends = [first.frame(outline_start)]
        ends += [straights[i].frame(straights[i].mitred(-half, half)[[0, 3]]) for i in part[1:]]
        ends.append(straights[part[-1]].frame(straights[part[-1]].mitred(-half, half)[[1, 2]]))
        if part[-1] + 1 < len(straights) or closed:
            # Up to the door after the next bend.
            following = straights[(part[-1] + 1) % len(straights)]
            x = _behind(following, half)
            ends.append(following.frame(points((x, -half), (x, half))))
        outline = np.array([end[0] for end in ends] + [end[1] for end in ends[::-1]])
        _corridor_room(s, max((straights[i] for i in part), key=lambda straight: straight.length), outline, half)


def _behind(straight: _Straight, half: float) -> float:
    """The place of a wall across the corridor, after the bend at the start."""
    return abs(straight.first) * half + 0.2


def _corridor_room(s: Storey, straight: _Straight, outline: Points, half: float) -> None:
    """A corridor as a room, with its tag in one of its stretches."""
    x, y = straight.frame(straight.mitred(-half, half)).mean(axis=0).tolist()
    room = s.room(PLANE, outline, "corridor", middle=(x, y), size=(5.0, half * 2))
    room.angle = straight.frame.angle
    room.floor = "corridor"
