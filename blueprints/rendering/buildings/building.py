"""Random storeys: the form of the footprint, the wings, and the names and numbers of the rooms."""

from __future__ import annotations

import math
import random

import numpy as np

from blueprints.rendering.buildings.bent_strips import bent_strip
from blueprints.rendering.buildings.cell import corner_room
from blueprints.rendering.buildings.columns import COLUMN_FORMS
from blueprints.rendering.buildings.deep_blocks import deep_block
from blueprints.rendering.buildings.frame import Frame
from blueprints.rendering.buildings.programmes import Programme
from blueprints.rendering.buildings.ring_wings import ring_wing
from blueprints.rendering.buildings.room_tags import name_rooms
from blueprints.rendering.buildings.storey import Fit, Habits, Storey
from blueprints.rendering.buildings.straight_wings import Branch, straight_wing
from blueprints.rendering.polygons import Points, points, rectangle

FORMS = {
    "straight": 3.0,
    "branched": 3.0,
    "bent": 2.5,
    "court": 1.5,
    "ring": 4.0,
    "deep": 3.0,
    "halls": 1.2,
    "curved": 0.5,
    "star": 1.0,
}
"""Forms of footprints, with their relative frequencies."""
OBLIQUE_SHARE = 0.35
"""Share of bends that are no right angle. Boxes of rooms at an angle overlap, and few real buildings have many."""


def storey(rng: random.Random, programme: Programme, *, form: str = "", language: str = "") -> Storey:
    """A storey of 10 to about 250 rooms; `form` is one of FORMS, or random if it is empty."""
    s = _empty(rng, programme)
    form = form or rng.choices(list(FORMS), list(FORMS.values()))[0]
    a, b = (rng.uniform(*programme.depth) for _ in range(2))
    if rng.random() < 0.5:
        b = a
    corridor = rng.uniform(*programme.corridor)
    frame = Frame().mirrored_y() if rng.random() < 0.5 else Frame()
    if form == "ring":
        ring_wing(s, programme, frame, rng.uniform(30, 70), (a, b), corridor, rng.uniform(4, 12))
    elif form == "deep":
        deep_block(s, programme, frame, rng.uniform(22, 60), rng.uniform(18, 40), slanted=rng.random() < 0.15)
    elif form == "halls":
        deep_block(s, programme, frame, rng.uniform(60, 110), rng.uniform(40, 75), halls=True)
    elif form in ("straight", "branched"):
        build = _straight if form == "straight" else _branched
        build(s, programme, frame, (a, b), corridor)
    else:
        {"bent": _bent, "court": _court, "curved": _curved, "star": _star}[form](s, programme, (a, b), corridor)
    name_rooms(s, language)
    return s


def _empty(rng: random.Random, programme: Programme) -> Storey:
    """A storey without rooms yet, with its building's way of drawing openings."""
    return Storey(
        rng=rng,
        habits=Habits(
            leaf="none" if rng.random() < 0.05 else rng.choice(("line", "line", "plate")),
            swing=rng.choice((90, 90, 90, 90, 45, 30, 60)),
            sill=rng.choice((2, 2, 3, 3, 4, 1)),
            thresholds=rng.random() < 0.25,
            cupboards=rng.random() < 0.5,
        ),
        fit=Fit(
            furnished=rng.random() < 0.6,
            plumbed=rng.random() < 0.85,
            glazing=rng.choice(("single", "single", "band")),
            window_width=rng.uniform(0.9, 2.4),
            door_width=rng.uniform(0.8, 1.1),
            outward=rng.choice((0.0, 0.1, 0.1, 0.9)),
            outward_below=rng.choice((0.0, 0.85)),
            bath_size=(rng.uniform(1.5, 2.4), rng.uniform(1.7, 2.6)),
            bath_outside=rng.random() < 0.25,
            canteen_round=rng.random() < 0.5,
            balconies=rng.random() < 0.5,
            clearances=rng.random() < (0.5 if programme.name == "apartments" else 0.15),
            pictograms=rng.random() < 0.08,
            glass_fronts=rng.choice((0.0, 0.0, 0.0, 0.1, 0.7)),
            cut_corners=rng.choice((0.0, 0.05, 0.1, 0.3)),
            piers=rng.choice((0.0, 0.0, 0.0, 0.0, 3.6, 5.0, 6.0, 8.0)),
            pier_size=(rng.uniform(0.5, 2.4), rng.choice((0.15, 0.3, 0.5, 0.9))),
            folding_walls=rng.choice((0.0, 0.0, 0.0, 0.3, 0.8)),
            columns=rng.choice((None, None, None, *COLUMN_FORMS)),
            column_side=rng.choice((0.3, 0.4, 0.5, 0.6, 0.9)),
            mirrored=rng.random() < 0.7,
        ),
        partition=rng.uniform(0.03, 0.08) if rng.random() < 0.12 else rng.uniform(0.1, 0.24),
        facade=rng.uniform(0.25, 0.65),
    )


Depths = tuple[float, float]
"""Depths of the rooms above and below a corridor, in metres."""


def _straight(s: Storey, programme: Programme, frame: Frame, depths: Depths, corridor: float) -> None:
    if s.rng.random() < 0.12:
        depths = depths[0], 0.0
    straight_wing(s, programme, frame, s.rng.uniform(22, 75), depths, corridor)


def _branched(s: Storey, programme: Programme, frame: Frame, depths: Depths, corridor: float) -> None:
    """A footprint like a T, an H, an E or a comb."""
    rng = s.rng
    length = rng.uniform(40, 80)
    branches: list[Branch] = []
    need = sum(depths) + corridor + 4
    at = rng.uniform(need / 2 - 1, need / 2 + 8)
    while at < length - need / 2 + 1:
        sides = rng.choice(((True,), (False,), (True, False)))
        branches += [Branch(x=at, upper=upper, length=rng.uniform(10, 32)) for upper in sides]
        at += need + rng.uniform(3, 25)
    straight_wing(s, programme, frame, length, depths, corridor, branches=branches)


def _bent(s: Storey, programme: Programme, depths: Depths, corridor: float) -> None:
    """A footprint like an L, a U or a Z, or with bends at any angle."""
    rng = s.rng
    bends = rng.choice((1, 1, 1, 2, 2, 3))
    turns = [_turn(rng) for _ in range(bends)]
    if rng.random() < 0.5:
        turns = [abs(t) if i % 2 == 0 else rng.choice((-1, 1)) * abs(t) for i, t in enumerate(turns)]
    heading, at = 0.0, np.zeros(2)
    vertices = [at]
    for turn in (*turns, 0.0):
        at = at + rng.uniform(26, 48) * np.array((math.cos(heading), math.sin(heading)))
        vertices.append(at)
        heading += turn
    line = np.array(vertices)
    if _crowded(line, sum(depths) + corridor + 3):
        line = line[:3]
    bent_strip(s, programme, line, depths, corridor)


def _court(s: Storey, programme: Programme, depths: Depths, corridor: float) -> None:
    """A footprint around a courtyard of four or five sides."""
    rng = s.rng
    half = max(depths) + corridor
    w, d = rng.uniform(half * 2 + 24, half * 2 + 50), rng.uniform(half * 2 + 20, half * 2 + 40)
    ring = rectangle(0, 0, w, d)
    if rng.random() < OBLIQUE_SHARE:
        cut = rng.uniform(10, 16)
        ring = points((cut, 0), (w, 0), (w, d), (0, d), (0, cut))
        if rng.random() < 0.5:
            ring = points((0, 0), (w, 0), (w - rng.uniform(4, 14), d), (rng.uniform(0, 10), d))
    bent_strip(s, programme, ring, depths, corridor, closed=True)


def _curved(s: Storey, programme: Programme, depths: Depths, corridor: float) -> None:
    rng = s.rng
    radius = rng.uniform(26, 70)
    length = min(75.0, rng.uniform(0.5, 1.5) * radius)
    least = max(depths) + corridor + 10
    frame = Frame(radius=max(radius, least) * rng.choice((-1, 1)))
    straight_wing(s, programme, frame, length, depths, corridor)


def _turn(rng: random.Random) -> float:
    degrees = 90.0
    if rng.random() < OBLIQUE_SHARE:
        degrees = rng.choice((45, 45, 30, 60, rng.uniform(12, 95)))
    return math.radians(degrees) * rng.choice((-1, 1))


def _crowded(line: Points, least: float) -> bool:
    """Whether segments of the line that are not neighbours come closer to each other than `least`."""
    for i in range(len(line) - 1):
        for j in range(i + 2, len(line) - 1):
            first = line[i] + (line[i + 1] - line[i]) * np.linspace(0, 1, 20)[:, None]
            second = line[j] + (line[j + 1] - line[j]) * np.linspace(0, 1, 20)[:, None]
            if np.hypot(*(first[:, None] - second[None]).transpose(2, 0, 1)).min() < least:
                return True
    return False


def _star(s: Storey, programme: Programme, depths: Depths, corridor: float) -> None:
    """Wings around a hub of three to six sides."""
    rng, to, t = s.rng, s.facade, s.partition
    side = depths[0] + depths[1] + corridor + 2 * t * 1.3 + 2 * to
    sides = rng.choice((3, 3, 4, 5, 6))
    radius = side / 2 / math.sin(math.pi / sides) * rng.uniform(1.0, 1.12)
    start = rng.choice((0.0, math.pi / sides, rng.uniform(0, math.tau)))
    turns = start + np.arange(sides) * math.tau / sides
    hub = np.stack((radius * np.cos(turns), radius * np.sin(turns)), axis=1)
    plane = Frame()
    clear = hub * (1 - to / (radius * math.cos(math.pi / sides)))
    s.wing(plane, hub, clear)
    corner_room(s, plane, clear, rng.choice(("lobby", "nurse station", *programme.halls)))
    if s.fit.furnished and rng.random() < 0.5:
        s.round(plane, 0, 0, radius * 0.3, pen=1)
        s.round(plane, 0, 0, radius * 0.22, pen=1)
    chosen = sorted(rng.sample(range(sides), rng.randint(min(3, sides), sides)))
    for i in chosen:
        a, b = hub[i], hub[(i + 1) % sides]
        middle = (a + b) / 2
        outward = math.atan2(middle[1], middle[0])
        # The corridor is in the middle of the side, for any depths.
        shift = (depths[0] - depths[1]) / 2
        frame = Frame(origin=(float(middle[0]), float(middle[1])), angle=outward).moved(0, shift)
        straight_wing(s, programme, frame, rng.uniform(16, 40), depths, corridor, ends=(False, True))
        g = frame.swapped()
        width = corridor - 0.3
        if rng.random() < 0.5:
            s.opening(g, -width / 2, -to - 0.3, 0.0, width)
        else:
            s.door(g, -width / 2, -to - 0.3, 0.0, width)
