"""Wings of rooms along corridors: straight, branching, bent at any angle, curved, closed around a court, and rings."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from blueprints.rendering.buildings import fixtures, units
from blueprints.rendering.buildings.frame import Frame
from blueprints.rendering.buildings.programmes import FURNISHING, Entry, Programme
from blueprints.rendering.buildings.storey import Facade, Storey
from blueprints.rendering.buildings.units import Cell
from blueprints.rendering.polygons import (
    Points,
    clipped_by_line,
    keyholed,
    points,
    rectangle,
    signed_area,
)

NICHE_SHARE = 0.05


@dataclass(eq=False, kw_only=True)
class Row:
    """What a row of units left: where their partitions are, and the niches (left, right, depth) of the corridor."""

    stops: list[float]
    niches: list[tuple[float, float, float]]


def fill_row(
    s: Storey, programme: Programme, frame: Frame, length: float, depth: float, *, front: float, back: float | None,
    core: bool = False, links: Sequence[tuple[float, float]] = (), niches: bool = True,
) -> Row:  # fmt: skip
    """Units side by side from x = 0 to `length`; `links` (left, right) are left open from the corridor to the facade."""
    row = Row(stops=[0.0], niches=[])
    at = 0.0
    for left, right in [*sorted(links), (length + s.partition, length)]:
        if left - s.partition - at > 0.6:
            _fill(s, programme, frame, at, left - s.partition, depth, front, back, core, niches, row)
        if right < length:
            row.stops += [left, right]
        at = right + s.partition
    row.stops.append(length)
    return row


def _fill(
    s: Storey, programme: Programme, frame: Frame, start: float, end: float, depth: float, front: float,
    back: float | None, core: bool, niches: bool, row: Row,
) -> None:  # fmt: skip
    rng, t = s.rng, s.partition
    for entry, left, right in widths(s.rng, programme, start, end, t, core=core):
        cell = Cell(frame=frame.moved(left, 0), width=right - left, depth=depth, front=front, back=back)
        s.flipped = not s.flipped if s.fit.mirrored else s.flipped
        if niches and not core and rng.random() < NICHE_SHARE and depth > 3.5:
            deep = rng.choice((rng.uniform(0.5, 1.2), rng.uniform(1.5, 2.6)))
            row.niches.append((left, right, deep))
            behind = replace(cell, frame=cell.frame.moved(0, deep + t), depth=depth - deep - t, front=t)
            if s.fit.furnished:
                fixtures.counter(s, frame.moved(left, deep).mirrored_y(), 0.1, right - left - 0.1)
            units.plain(rng.choice(("office", "storage", "workspace")))(s, behind)
        else:
            entry.unit(s, cell)
        row.stops.append(right + t / 2)


def widths(
    rng: random.Random, programme: Programme, start: float, end: float, t: float, *, core: bool
) -> list[tuple[Entry, float, float]]:
    """Units with their left and right ends that fill start..end but for partitions of thickness t."""
    chosen: list[tuple[Entry, float]] = []
    left = end - start
    entries = programme.core if core else programme.entries
    shares = [entry.share for entry in entries]
    since_core = rng.uniform(0, 14)
    while left > 1.0:
        if not core and since_core > 16:
            since_core = rng.uniform(-8, 4)
            group = rng.choices(programme.core, [e.share for e in programme.core], k=rng.randint(1, 4))
            for entry in group:
                chosen.append((entry, rng.uniform(*entry.widths)))
        else:
            entry = rng.choices(entries, shares)[0]
            width = rng.uniform(*entry.widths)
            chosen += [(entry, width)] * rng.randint(*entry.run)
        while sum(w + t for _, w in chosen) - t > end - start and len(chosen) > 1:
            chosen.pop()
        used = sum(w + t for _, w in chosen)
        since_core += chosen[-1][1] if chosen else 0
        left = end - start - used
        if len(chosen) and left < max(2.2, min(e.widths[0] for e in entries)):
            break
        if len(chosen) == 1 and chosen[0][1] > end - start:
            break
    # What is left over widens the widest entries, or is a narrow unit of its own.
    space = end - start + t
    if left > 1.3 and rng.random() < 0.6:
        small = [e for e in programme.core if e.widths[0] <= left - t]
        if small:
            chosen.insert(rng.randrange(len(chosen) + 1), (rng.choice(small), left - t))
    scale = (space - t * len(chosen)) / sum(w for _, w in chosen)
    placed = []
    x = start
    for entry, width in chosen:
        placed.append((entry, x, x + width * scale))
        x += width * scale + t
    return placed


def corridor_outline(length: float, width: float, top: Sequence[tuple[float, float, float]],
                     bottom: Sequence[tuple[float, float, float]]) -> Points:  # fmt: skip
    """(0, 0, length, width) with niches (left, right, depth) beyond its upper and lower side."""
    path: list[tuple[float, float]] = [(0, 0)]
    for left, right, deep in sorted(top):
        path += [(left, 0), (left, -deep), (right, -deep), (right, 0)]
    path += [(length, 0), (length, width)]
    for left, right, deep in sorted(bottom, reverse=True):
        path += [(right, width), (right, width + deep), (left, width + deep), (left, width)]
    path.append((0, width))
    return np.array(path, np.float64)


def _corridor(
    s: Storey, frame: Frame, length: float, width: float, front: float, top: list[tuple[float, float, float]],
    bottom: list[tuple[float, float, float]],
) -> None:  # fmt: skip
    """The corridor's rooms: one, or several with doors across."""
    rng = s.rng
    cuts: list[float] = []
    if length > 14 and rng.random() < 0.45:
        for share in rng.choice(((0.5,), (0.33, 0.67), (0.2,), (0.8,))):
            x = length * share + rng.uniform(-1.5, 1.5)
            if all(not (left - 0.4 < x < right + 0.4) for left, right, _ in (*top, *bottom)):
                cuts.append(x)
    start = 0.0
    for end in [*cuts, length + s.partition]:
        stop = min(end, length)
        own = lambda niches, a=start, b=stop: [
            (l - a, r - a, d + front) for l, r, d in niches if l >= a - 1e-6 and r <= b + 1e-6
        ]  # noqa: E731
        outline = corridor_outline(stop - start, width, own(top), own(bottom))
        room = s.room(
            frame.moved(start, 0), outline, "corridor", middle=((stop - start) * rng.uniform(0.25, 0.75), width / 2),
            size=(min(6.0, stop - start), width),
        )  # fmt: skip
        room.floor = "corridor"
        if end < length:
            leaf = min(1.9, width - 0.2)
            s.door(frame.moved(end, 0).swapped(), (width - leaf) / 2, 0, s.partition, leaf)
        start = end + s.partition
    if s.fit.furnished and rng.random() < 0.15:
        s.line(frame, (0, 0.12), (length, 0.12), pen=0, dash=(0.6, 0.2))


def straight_wing(
    s: Storey, programme: Programme, frame: Frame, length: float, depths: tuple[float, float], corridor: float,
    *, branches: Sequence[tuple[float, bool, float]] = (), own_corridor: bool = True, ends: tuple[bool, bool] = (True, True),
) -> None:  # fmt: skip
    """Rows on both sides of a corridor (a depth of 0: on one side only).

    y = 0 is the corridor's middle. `branches` are (x, on the upper side, length) of wings at right angles, whose corridors
    belong to this one's. `ends` say which ends are outer walls.
    """
    rng, t, to = s.rng, s.partition, s.facade
    front = t if rng.random() < 0.6 else t * 1.3
    half = corridor / 2
    sides: dict[bool, Row] = {}
    for upper, depth in ((True, depths[0]), (False, depths[1])):
        f = frame.moved(0, -half - front).mirrored_y() if upper else frame.moved(0, half + front)
        links = [(x - half, x + half) for x, above, _ in branches if above == upper] if depth else []
        if depth:
            sides[upper] = fill_row(
                s, programme, f, length, depth, front=front, back=to, links=links, niches=own_corridor
            )
            for left, right in links:
                reach = next(long for x, above, long in branches if above == upper and abs(x - half - left) < 1e-6)
                sides[upper].niches.append((left, right, depth + to + reach))
                g = f.moved((left + right) / 2, depth + to).swapped()
                straight_wing(
                    s,
                    programme,
                    g,
                    reach,
                    depths if depths[1] else (depths[0],) * 2,
                    corridor,
                    own_corridor=False,
                    ends=(False, True),
                )
        else:
            sides[upper] = Row(stops=[0.0, length], niches=[])
            count = max(1, int(length / 4))
            for i in range(count):
                if rng.random() < 0.8:
                    width = min(2.0, length / count - 0.6)
                    s.window(f.moved(0, -front), length * (i + 0.5) / count - width / 2, 0, to, width)
    top = half + (front + depths[0] if depths[0] else 0)
    low = half + (front + depths[1] if depths[1] else 0)
    left, right = (-to if ends[0] else -to * 1.5), (length + to if ends[1] else length + to)
    s.wing(frame, rectangle(left, -top - to, right, low + to), rectangle(0 if ends[0] else left, -top, length, low))
    if frame.radius is None and s.fit.piers:
        for x in np.linspace(0, length, max(2, round(length / s.fit.piers))):
            for y in (-top - to, low + to):
                half_pier = s.fit.piers * 0.08 + 0.15
                pier = rectangle(x - half_pier, y - 0.3, x + half_pier, y + 0.3)
                s.wing(frame, pier, pier[:1].repeat(3, axis=0))
    if own_corridor:
        _corridor(s, frame.moved(0, -half), length, corridor, front, sides[True].niches, sides[False].niches)
    for at_start, is_outer in ((True, ends[0]), (False, ends[1])):
        if is_outer and rng.random() < 0.8:
            g = frame.mirrored_x().swapped() if at_start else frame.moved(length, 0).swapped()
            g = frame.moved(0, 0).mirrored_x().swapped() if at_start else g
            if rng.random() < 0.5:
                s.window(g, -half + 0.15, 0, to, corridor - 0.3)
            else:
                s.door(g, -half + 0.15, 0, to, min(1.8, corridor - 0.3))
    s.facades.append(Facade(frame=frame.moved(0, -top - to).mirrored_y(), stops=tuple(sides[True].stops)))
    s.facades.append(Facade(frame=frame.moved(0, low + to), stops=tuple(sides[False].stops)))
    step = rng.choice((6.0, 7.2, 7.5, 8.4))
    s.axes.append((frame, tuple(np.arange(rng.uniform(-0.2, 0.5), length + 0.5, step)), -top - to, low + to))


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
    s: Storey, programme: Programme, before: Frame, after: Frame, length: float, side: int, near: float, far: float,
    trim: float, bend: float,
) -> None:  # fmt: skip
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
        units.corner_room(s, plane, outline, kinds[0])
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
            units.corner_room(s, plane, half, kind)
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


def ring_wing(
    s: Storey,
    programme: Programme,
    frame: Frame,
    length: float,
    depths: tuple[float, float],
    corridor: float,
    core: float,
) -> None:
    """Two corridors around a core, joined by cross corridors, with rows of rooms outside (and at the ends, at times)."""
    rng, t, to = s.rng, s.partition, s.facade
    front = t
    inner_top = depths[0] + front
    core_top = inner_top + corridor + front
    inner_low = core_top + core + front + corridor
    total = inner_low + front + depths[1]
    ends = [rng.choice((0.0, 0.0, rng.uniform(3.2, 6.0))) for _ in range(2)]
    x0, x1 = (e + front if e else 0.0 for e in ends)
    x1 = length - x1
    s.wing(frame, rectangle(-to, -to, length + to, total + to), rectangle(0, 0, length, total))
    up = fill_row(
        s, programme, frame.moved(0, depths[0]).mirrored_y(), length, depths[0], front=front, back=to, niches=False
    )
    low = fill_row(
        s, programme, frame.moved(0, inner_low + front), length, depths[1], front=front, back=to, niches=False
    )
    for end, at_left in zip(ends, (True, False), strict=True):
        if end:
            g = (
                frame.moved(end, inner_top).mirrored_x().swapped()
                if at_left
                else frame.moved(length - end, inner_top).swapped()
            )
            # The end's cells: x along the wing's depth, y to the end wall.
            fill_row(s, programme, g, inner_low - inner_top, end, front=front, back=to, niches=False)
    cross = [rng.uniform(1.6, 3.0) for _ in range(2)]
    c0, c1 = x0 + cross[0] + front, x1 - cross[1] - front
    through = None
    if c1 - c0 > 26 and rng.random() < 0.5:
        through = (c0 + c1) / 2 + rng.uniform(-4, 4)
    spans = (
        [(c0, c1)] if through is None else [(c0, through - corridor / 2 - front), (through + corridor / 2 + front, c1)]
    )
    holes = []
    for a, b in spans:
        holes.append(rectangle(a - front, core_top - front, b + front, core_top + core + front))
        f = frame.moved(a, core_top)
        if core > 5.5 and rng.random() < 0.7:
            share = rng.uniform(0.4, 0.6)
            deep = (core - t) * share
            fill_row(s, programme, f.moved(0, 0), b - a, deep, front=front, back=None, core=True)
            fill_row(
                s, programme, f.moved(0, core).mirrored_y(), b - a, core - t - deep, front=front, back=None, core=True
            )
        else:
            fill_row(s, programme, f, b - a, core, front=front, back=None, core=True)
    outer = rectangle(x0, inner_top, x1, inner_low)
    if rng.random() < 0.45:
        room = s.room(
            frame, keyholed(outer, holes), "corridor", middle=((x0 + x1) / 2, inner_top + corridor / 2), size=(6, corridor)
        )  # fmt: skip
        room.floor = "corridor"
    else:
        # Four rooms: the two corridors with their ends, and the cross corridors between doors.
        leaf = min(1.8, corridor - 0.3)
        for a, b in ((inner_top, inner_top + corridor), (inner_low - corridor, inner_low)):
            room = s.box(frame, x0, a, x1, b, "corridor")
            room.floor = "corridor"
        gaps = [(x0, c0 - front), (c1 + front, x1)]
        if through is not None:
            gaps.append((through - corridor / 2, through + corridor / 2))
        for a, b in gaps:
            y0, y1 = inner_top + corridor + t, inner_low - corridor - t
            room = s.box(frame, a, y0, b, y1, rng.choice(("corridor", "lobby", "corridor", "lobby")))
            room.floor = "corridor"
            width = min(leaf, b - a - 0.2)
            for y in (y0 - t, y1):
                if rng.random() < 0.5:
                    s.door(frame, (a + b - width) / 2, y, y + t, width)
                else:
                    s.opening(frame, a + 0.15, y, y + t, b - a - 0.3)
    for stops, y, upper in ((up.stops, -to, True), (low.stops, total + to, False)):
        s.facades.append(
            Facade(frame=frame.moved(0, y).mirrored_y() if upper else frame.moved(0, y), stops=tuple(stops))
        )
    step = rng.choice((6.0, 7.2, 7.5, 9.0))
    s.axes.append((frame, tuple(np.arange(0.2, length + 0.5, step)), -to, total + to))
    g = frame.swapped()
    s.axes.append((g, tuple(np.arange(0.2, total + 0.5, step)), -to, length + to))
    _columns(s, frame, step, length, total)


def _columns(s: Storey, frame: Frame, step: float, length: float, depth: float) -> None:
    if s.rng.random() < 0.5:
        side, round_ = s.rng.uniform(0.3, 0.6), s.rng.random() < 0.3
        for x in np.arange(0.2, length + 0.3, step):
            for y in np.arange(0.2, depth + 0.3, step):
                s.column(frame, float(x), float(y), side, round_=round_)


def deep_block(s: Storey, programme: Programme, frame: Frame, width: float, depth: float, slant: bool) -> None:
    """A block that is divided again and again: halls, suites, service rooms around corridors; at times with a slanted side."""
    rng, t, to = s.rng, s.partition, s.facade
    before = len(s.rooms)
    outer, inner = rectangle(-to, -to, width + to, depth + to), rectangle(0, 0, width, depth)
    cut = None
    if slant:
        turn = rng.uniform(0.06, 0.4) * rng.choice((-1, 1))
        normal = math.cos(turn), math.sin(turn)
        cut = (width * rng.uniform(0.86, 0.98), depth / 2), normal
        inner = clipped_by_line(inner, *cut)
        away = (cut[0][0] + to * normal[0], cut[0][1] + to * normal[1])
        outer = clipped_by_line(outer, away, normal)
    s.wing(frame, outer, inner)
    _divide(s, programme, frame, 0, 0, width, depth, cut, top=True, level=0)
    for room in s.rooms[before:]:
        room.angle = frame.angle
    # Windows where the plain sides are.
    for g, long in ((frame.mirrored_y(), width * (0.75 if cut else 1)), (frame.moved(0, depth), width * (0.75 if cut else 1)),
                    (frame.mirrored_x().swapped(), depth)):  # fmt: skip
        count = max(1, int(long / rng.uniform(3, 6)))
        size = min(2.4, long / count - 0.8)
        for i in range(count):
            if rng.random() < 0.7 and size > 0.5:
                s.window(g, long * (i + 0.5) / count - size / 2, 0, to, size)
    stops = tuple(np.linspace(0, width, rng.randint(3, 8)))
    s.facades.append(Facade(frame=frame.moved(0, -to).mirrored_y(), stops=stops))
    s.facades.append(Facade(frame=frame.moved(0, depth + to), stops=stops))
    s.facades.append(
        Facade(frame=frame.moved(-to, 0).mirrored_x().swapped(), stops=tuple(np.linspace(0, depth, rng.randint(3, 7))))
    )
    step = rng.choice((6.0, 7.5, 9.0))
    s.axes.append((frame, tuple(np.arange(0.2, width + 0.5, step)), -to, depth + to))
    s.axes.append((frame.swapped(), tuple(np.arange(0.2, depth + 0.5, step)), -to, width + to))
    if cut is None:
        _columns(s, frame, step, width, depth)


def _divide(
    s: Storey, programme: Programme, frame: Frame, x0: float, y0: float, x1: float, y1: float,
    cut: tuple[tuple[float, float], tuple[float, float]] | None, *, top: bool, level: int,
) -> None:  # fmt: skip
    rng, t = s.rng, s.partition
    w, h = x1 - x0, y1 - y0
    area = w * h
    stop = rng.choice((6, 10, 14, 20, 30, 45, 80, 160 if level > 1 else 60))
    slim = max(w, h) > 3.2 * min(w, h) and max(w, h) > 5
    if (area < stop and not slim) or max(w, h) < 3.2:
        _leaf_room(s, programme, frame, x0, y0, x1, y1, cut)
        return
    along_x = w > h
    shorter = min(w, h)
    if 9 < shorter < 24 and max(w, h) > 12 and cut is None and rng.random() < 0.4:
        # A double-loaded wing within the block.
        corridor = rng.uniform(1.4, 2.4)
        room = (shorter - corridor - 2 * t) / 2
        f = frame.moved(x0, y0) if along_x else frame.moved(x0, y0).swapped()
        length = w if along_x else h
        for g in (f.moved(0, room).mirrored_y(), f.moved(0, room + 2 * t + corridor)):
            fill_row(s, programme, g, length, room, front=t, back=None, core=rng.random() < 0.35, niches=False)
        hall = s.box(f, 0, room + t, length, room + t + corridor, "corridor")
        hall.floor = "corridor"
        return
    if shorter > 6 and rng.random() < 0.35:
        corridor = rng.uniform(1.3, 2.6)
        at = rng.uniform(0.3, 0.7) * (shorter - corridor)
        if along_x:
            _part(s, frame, x0, y0 + at, x1, y0 + at + corridor, "corridor", cut)
            parts = ((x0, y0, x1, y0 + at - t), (x0, y0 + at + corridor + t, x1, y1))
            s.door(frame, x0 + 0.3 + rng.random() * (w - 1.6), y0 + at - t, y0 + at, 0.9)
            s.door(frame, x0 + 0.3 + rng.random() * (w - 1.6), y0 + at + corridor, y0 + at + corridor + t, 0.9)
        else:
            _part(s, frame, x0 + at, y0, x0 + at + corridor, y1, "corridor", cut)
            parts = ((x0, y0, x0 + at - t, y1), (x0 + at + corridor + t, y0, x1, y1))
            s.door(frame.swapped(), y0 + 0.3 + rng.random() * (h - 1.6), x0 + at - t, x0 + at, 0.9)
            s.door(
                frame.swapped(), y0 + 0.3 + rng.random() * (h - 1.6), x0 + at + corridor, x0 + at + corridor + t, 0.9
            )
    else:
        share = rng.uniform(0.2, 0.8) if max(w, h) > 8 and not slim else rng.uniform(0.35, 0.65)
        if along_x:
            m = x0 + w * share
            parts = ((x0, y0, m, y1), (m + t, y0, x1, y1))
            s.door(frame.swapped(), y0 + 0.1 + rng.random() * max(0.0, h - 1.2), m, m + t, min(0.9, h - 0.2))
        else:
            m = y0 + h * share
            parts = ((x0, y0, x1, m), (x0, m + t, x1, y1))
            s.door(frame, x0 + 0.1 + rng.random() * max(0.0, w - 1.2), m, m + t, min(0.9, w - 0.2))
    for part in parts:
        if part[2] - part[0] > 0.5 and part[3] - part[1] > 0.5:
            _divide(s, programme, frame, *part, cut, top=False, level=level + 1)


def _part(
    s: Storey, frame: Frame, x0: float, y0: float, x1: float, y1: float, kind: str,
    cut: tuple[tuple[float, float], tuple[float, float]] | None,
) -> bool:  # fmt: skip
    """A rectangular room, less what the slanted side takes; whether it is whole."""
    outline = rectangle(x0, y0, x1, y1)
    whole = True
    if cut is not None:
        left = clipped_by_line(outline, *cut)
        if len(left) < 3 or abs(signed_area(left)) < 0.5:
            return False
        whole = len(left) == 4 and abs(signed_area(left) - signed_area(outline)) < 1e-6
        outline = left
    room = s.room(frame, outline, kind)
    if not whole:
        room.middle = tuple(frame(outline.mean(axis=0)[None])[0].tolist())  # pyright: ignore[reportAttributeAccessIssue]
    return whole


def _leaf_room(
    s: Storey, programme: Programme, frame: Frame, x0: float, y0: float, x1: float, y1: float,
    cut: tuple[tuple[float, float], tuple[float, float]] | None,
) -> None:  # fmt: skip
    rng = s.rng
    w, h = x1 - x0, y1 - y0
    area = w * h
    if area < 5:
        kind = rng.choice(("storage", "closet", "janitor", "electrical", "unisex", "shaft", "data"))
    elif area < 30:
        kind = rng.choice(("office", "office", "storage", "conference", "mechanical", "exam", "stair", "workspace"))
    else:
        kind = rng.choice((*programme.halls, "open office", "classroom", "mechanical", "dining"))
    whole = cut is None
    if kind == "stair" and whole and min(w, h) > 2.2 and max(w, h) > 4:
        s.box(frame, x0, y0, x1, y1, "stair")
        f = frame.moved(x0, y0)
        fixtures.stair(s, f if h > w else f.swapped(), min(w, h), max(w, h))
        return
    if kind == "unisex" and whole:
        units.wet(s, frame.moved(x0, y0), w, h, kind="unisex")
        return
    if not _part(s, frame, x0, y0, x1, y1, kind, cut):
        return
    if kind == "shaft":
        fixtures.crossed(s, frame, x0, y0, x1, y1)
    furnish = FURNISHING.get(kind)
    if furnish and s.fit.furnished and kind != "open office":
        furnish(s, Cell(frame=frame.moved(x0, y0), width=w, depth=h, front=s.partition, back=None))
    if area > 90 and cut is None and rng.random() < 0.35:
        _island(s, frame, x0, y0, x1, y1)


def _island(s: Storey, frame: Frame, x0: float, y0: float, x1: float, y1: float) -> None:
    """Some rooms that stand free in a hall, at times turned a little: the hall's outline goes around them."""
    rng, t = s.rng, s.partition
    hall = s.rooms[-1]
    w, h = (x1 - x0) * rng.uniform(0.2, 0.4), (y1 - y0) * rng.uniform(0.2, 0.4)
    x, y = (x0 + x1 - w) / 2, (y0 + y1 - h) / 2
    turn = rng.choice((0.0, 0.0, rng.uniform(-0.3, 0.3)))
    corner = frame(points((x, y)))[0]
    axis = frame(points((x, y), (x + 1, y)))
    angle = math.atan2(axis[1, 1] - axis[0, 1], axis[1, 0] - axis[0, 0])
    f = Frame(origin=(float(corner[0]), float(corner[1])), angle=angle + turn)
    axis_y = frame(points((x, y + 1)))[0] - corner
    if math.cos(angle) * axis_y[1] - math.sin(angle) * axis_y[0] < 0:
        return
    ring = rectangle(-t, -t, w + t, h + t)
    s.wing(f, ring, rectangle(0, 0, w, h))
    hall.outline = keyholed(hall.outline, [f(ring)])
    hall.middle = tuple(frame(points((x0 + (x1 - x0) * 0.2, y0 + (y1 - y0) * 0.15)))[0].tolist())  # pyright: ignore[reportAttributeAccessIssue]
    count = max(1, round(w / rng.uniform(2.5, 4)))
    step = (w + t) / count
    for i in range(count):
        cell = Cell(frame=f.moved(i * step, 0), width=step - t, depth=h, front=t, back=None)
        units.plain(rng.choice(("conference", "office", "workspace", "storage")), units.meeting_furniture)(s, cell)
