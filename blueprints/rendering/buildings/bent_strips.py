"""Rows along corridors that bend at any angle, or close around a court."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from blueprints.rendering.buildings.cell import corner_room
from blueprints.rendering.buildings.frame import Frame
from blueprints.rendering.buildings.programmes import Programme
from blueprints.rendering.buildings.rows import fill_row
from blueprints.rendering.buildings.storey import Facade, Storey
from blueprints.rendering.polygons import Points, clipped_by_line, keyholed, points, signed_area


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
    rng, t, to = s.rng, s.partition, s.facade
    front, half = t, corridor / 2
    near = half + front
    far = {-1: near + depths[0], 1: near + depths[1]}
    count = len(vertices) if closed else len(vertices) - 1
    ahead = [vertices[(i + 1) % len(vertices)] - vertices[i] for i in range(count)]
    lengths = [math.hypot(*side) for side in ahead]
    angles = [math.atan2(side[1], side[0]) for side in ahead]
    frames = [Frame(origin=(float(v[0]), float(v[1])), angle=a) for v, a in zip(vertices[:count], angles, strict=True)]

    def tangent(i: int) -> float:
        """Of half the turn at vertex i, positive to the right (towards +y)."""
        if not closed and i in (0, len(vertices) - 1):
            return 0.0
        turn = (angles[i % count] - angles[(i - 1) % count] + math.pi) % math.tau - math.pi
        return math.tan(turn / 2)

    spare = {
        (i % len(vertices), side): rng.uniform(1.4, 2.6) if tangent(i) * side < 0 else rng.uniform(0.1, 2.0)
        for i in range(count + 1)
        for side in (-1, 1)
    }

    def trim(i: int, side: int) -> float:
        """What a row stops short of vertex i."""
        bend = tangent(i)
        if bend == 0.0:
            return 0.0
        return max(0.0, side * far[side] * bend, side * near * bend) + spare[i % len(vertices), side]

    corridors: list[Points] = []
    for i, frame in enumerate(frames):
        j = i + 1
        length = lengths[i]
        first, last = tangent(i), tangent(j)
        stops: dict[int, list[float]] = {}
        for side in (-1, 1):
            depth = depths[0] if side < 0 else depths[1]
            start, end = trim(i, side), length - trim(j, side)
            f = frame.moved(0, near) if side > 0 else frame.moved(0, -near).mirrored_y()
            stops[side] = []
            if depth and end - start > 2:
                row = fill_row(s, programme, f.moved(start, 0), end - start, depth, front=front, back=to, niches=False)
                stops[side] = [start + x for x in row.stops]
            if depth and last != 0.0:
                _bend(s, programme, frame, frames[j % count], length, side, near, far[side], trim(j, side), last)
            # The outer face, to the mitres.
            face = f.moved(0, depth + to)
            reach = side * (far[side] + to)
            s.facades.append(
                Facade(
                    frame=face,
                    stops=(
                        reach * first if first else -to,
                        *stops[side],
                        length - reach * last if last else length + to,
                    ),
                )
            )

        def mitred(y0: float, y1: float, ends: float = 0.0) -> Points:
            a = -ends if first == 0.0 else 0.0
            b = length + ends if last == 0.0 else length
            return points((a + y0 * first, y0), (b - y0 * last, y0), (b - y1 * last, y1), (a + y1 * first, y1))

        s.wing(frame, mitred(-far[-1] - to, far[1] + to, to), mitred(-far[-1], far[1]))
        corridors.append(frame(mitred(-half, half)))
        s.axes.append(
            (
                frame,
                tuple(np.arange(0.5 if not first else abs(first) * far[1] + 1, length - 1, 7.2)),
                -far[-1] - to,
                far[1] + to,
            )
        )
    _strip_corridors(s, frames, corridors, lengths, half, closed=closed)


def _bend(
    s: Storey,
    programme: Programme,
    before: Frame,
    after: Frame,
    length: float,
    side: int,
    near: float,
    far: float,
    trim: float,
    bend: float,
) -> None:
    """The room in the corner of a bent strip, or the two rooms on both sides of its mitre."""
    rng, t = s.rng, s.partition
    y0, y1 = side * near, side * far
    a = before(points((length - trim + t, y0), (length - y0 * bend, y0)))
    b = after(points((trim - t, y0), (trim - t, y1)))
    c = before(points((length - y1 * bend, y1), (length - trim + t, y1)))
    outline = np.concatenate((a, b, c))
    area = abs(signed_area(outline))
    if area < 0.8:
        return
    plane = Frame()
    # A door to the corridor on each side of the mitre.
    clear = trim - t - y0 * bend
    g = before.moved(0, y0) if side > 0 else before.moved(0, y0).mirrored_y()
    front = s.partition
    width = min(0.9, clear - 0.2)
    kinds = [rng.choice(("office", "storage", "conference", "lounge", *programme.halls[:2])) for _ in range(2)]
    if area < 4:
        kinds = ["closet", "shaft"]
    split = area > 26 and rng.random() < (0.55 if abs(bend) < 0.75 else 0.15)
    if not split:
        corner_room(s, plane, outline, kinds[0])
        if width > 0.5:
            s.door(g, length - trim + t + 0.1, -front, 0, width)
        return
    mitre = a[1] - c[0]
    mitre /= math.hypot(*mitre)
    normal = np.array((mitre[1], -mitre[0]))
    for sign, kind in zip((1, -1), kinds, strict=True):
        at = a[1] - sign * normal * t / 2
        half = clipped_by_line(
            outline, (float(at[0]), float(at[1])), (float(sign * normal[0]), float(sign * normal[1]))
        )
        if len(half) > 2 and abs(signed_area(half)) > 1.5:
            corner_room(s, plane, half, kind)
    if width > 0.5:
        s.door(g, length - trim + t + 0.05, -front, 0, width)
        h = after.moved(0, y0) if side > 0 else after.moved(0, y0).mirrored_y()
        s.door(h, trim - t - 0.05 - width, -front, 0, width)


def _strip_corridors(
    s: Storey, frames: Sequence[Frame], quads: Sequence[Points], lengths: Sequence[float], half: float, *, closed: bool
) -> None:
    """The corridor as one room (a ring where the strip is closed), or cut by doors at some bends."""
    rng = s.rng
    plane = Frame()
    parts: list[list[int]] = [[0]]
    for i in range(1, len(quads)):
        if rng.random() < 0.4:
            parts.append([i])
        else:
            parts[-1].append(i)
    if closed and len(parts) == 1:
        upper = np.array([q[0] for q in quads])
        lower = np.array([q[3] for q in quads])
        outer, inner = (upper, lower) if abs(signed_area(upper)) > abs(signed_area(lower)) else (lower, upper)
        room = s.room(
            plane,
            keyholed(outer, [inner]),
            "corridor",
            middle=tuple((quads[0].mean(axis=0)).tolist()),
            size=(4.0, half * 2),
        )
        room.angle = frames[0].angle
        room.floor = "corridor"
        return
    t = s.partition
    for number, part in enumerate(parts):
        shifted = [quads[i].copy() for i in part]
        cut = number > 0 or closed
        if cut:
            # The wall with a door stands across the corridor at the start of the part, behind the mitre.
            i = part[0]
            frame = frames[i]
            x = max(abs(_local_x(frame, quads[i][0])), abs(_local_x(frame, quads[i][3]))) + 0.2
            shifted[0][[0, 3]] = frame(points((x + t, -half), (x + t, half)))
            leaf = min(1.9, half * 2 - 0.2)
            s.door(frame.moved(x, 0).swapped(), -leaf / 2, 0, t, leaf)
        upper = [q[0] for q in shifted] + [shifted[-1][1]]
        lower = [q[3] for q in shifted] + [shifted[-1][2]]
        following = part[-1] + 1
        if following < len(quads) or (closed and following == len(quads)):
            j = following % len(quads)
            frame = frames[j]
            x = max(abs(_local_x(frame, quads[j][0])), abs(_local_x(frame, quads[j][3]))) + 0.2
            end = frame(points((x, -half), (x, half)))
            upper.append(end[0])
            lower.append(end[1])
        outline = np.array(upper + lower[::-1])
        longest = max(part, key=lambda i: lengths[i])
        room = s.room(
            plane, outline, "corridor", middle=tuple(quads[longest].mean(axis=0).tolist()), size=(5.0, half * 2)
        )
        room.angle = frames[longest].angle
        room.floor = "corridor"


def _local_x(frame: Frame, point: Points) -> float:
    dx, dy = point[0] - frame.origin[0], point[1] - frame.origin[1]
    return float(dx * math.cos(frame.angle) + dy * math.sin(frame.angle))
