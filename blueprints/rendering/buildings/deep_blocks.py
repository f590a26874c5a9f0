"""Blocks that are divided again and again: halls, suites, service rooms, islands in halls."""

from __future__ import annotations

import math

import numpy as np

from blueprints.rendering.buildings import fixtures
from blueprints.rendering.buildings.cell import Cell, plain
from blueprints.rendering.buildings.frame import Frame
from blueprints.rendering.buildings.furnishings import meeting_furniture
from blueprints.rendering.buildings.programmes import FURNISHING, Programme
from blueprints.rendering.buildings.ring_wings import add_columns
from blueprints.rendering.buildings.rows import fill_row
from blueprints.rendering.buildings.storey import Facade, Storey
from blueprints.rendering.buildings.wet_rooms import wet
from blueprints.rendering.polygons import clipped_by_line, keyholed, points, rectangle, signed_area


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
    for g, long in (
        (frame.mirrored_y(), width * (0.75 if cut else 1)),
        (frame.moved(0, depth), width * (0.75 if cut else 1)),
        (frame.mirrored_x().swapped(), depth),
    ):
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
        add_columns(s, frame, step, width, depth)


def _divide(
    s: Storey,
    programme: Programme,
    frame: Frame,
    x0: float,
    y0: float,
    x1: float,
    y1: float,
    cut: tuple[tuple[float, float], tuple[float, float]] | None,
    *,
    top: bool,
    level: int,
) -> None:
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
    s: Storey,
    frame: Frame,
    x0: float,
    y0: float,
    x1: float,
    y1: float,
    kind: str,
    cut: tuple[tuple[float, float], tuple[float, float]] | None,
) -> bool:
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
    s: Storey,
    programme: Programme,
    frame: Frame,
    x0: float,
    y0: float,
    x1: float,
    y1: float,
    cut: tuple[tuple[float, float], tuple[float, float]] | None,
) -> None:
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
        wet(s, frame.moved(x0, y0), w, h, kind="unisex")
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
        plain(rng.choice(("conference", "office", "workspace", "storage")), meeting_furniture)(s, cell)
