"""A storey by lot: the form of its footprint, its wings, and the names and numbers of its rooms."""

from __future__ import annotations

import math
import random

import numpy as np

from blueprints.rendering.buildings.bent_strips import bent_strip
from blueprints.rendering.buildings.cell import corner_room
from blueprints.rendering.buildings.deep_blocks import deep_block
from blueprints.rendering.buildings.frame import Frame
from blueprints.rendering.buildings.programmes import Programme
from blueprints.rendering.buildings.ring_wings import ring_wing
from blueprints.rendering.buildings.room_tags import name_rooms
from blueprints.rendering.buildings.storey import Fit, Habits, Storey
from blueprints.rendering.buildings.straight_wings import straight_wing
from blueprints.rendering.polygons import points, rectangle

FORMS = {
    "straight": 3.0,
    "branched": 2.5,
    "bent": 3.0,
    "court": 1.5,
    "ring": 3.0,
    "deep": 3.0,
    "curved": 0.8,
    "star": 1.5,
}
"""Footprints and how often they are drawn."""


def storey(rng: random.Random, programme: Programme, *, form: str = "", language: str = "") -> Storey:
    """A storey of 10 to about 250 rooms."""
    s = Storey(
        rng=rng,
        habits=Habits(
            leaf="none" if rng.random() < 0.05 else rng.choice(("line", "line", "plate")),
            swing=rng.choice((90, 90, 90, 90, 45, 30, 60)),
            frames=rng.random() < 0.5,
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
            glass_fronts=rng.choice((0.0, 0.0, 0.0, 0.1, 0.7)),
            cut_corners=rng.choice((0.0, 0.05, 0.1, 0.3)),
            piers=rng.choice((0.0, 0.0, 0.0, 0.0, 3.6, 6.0)),
            mirrored=rng.random() < 0.7,
        ),
        partition=rng.uniform(0.03, 0.08) if rng.random() < 0.12 else rng.uniform(0.1, 0.24),
        facade=rng.uniform(0.25, 0.65),
    )
    form = form or rng.choices(list(FORMS), list(FORMS.values()))[0]
    a, b = (rng.uniform(*programme.depth) for _ in range(2))
    if rng.random() < 0.5:
        b = a
    corridor = rng.uniform(*programme.corridor)
    mirrored = Frame().mirrored_y() if rng.random() < 0.5 else Frame()
    if form == "straight":
        if rng.random() < 0.12:
            b = 0.0
        straight_wing(s, programme, mirrored, rng.uniform(22, 75), (a, b), corridor)
    elif form == "branched":
        length = rng.uniform(40, 80)
        branches = []
        need = a + b + corridor + 4
        at = rng.uniform(need / 2 - 1, need / 2 + 8)
        while at < length - need / 2 + 1:
            side = rng.choice(((True,), (False,), (True, False)))
            branches += [(at, upper, rng.uniform(10, 32)) for upper in side]
            at += need + rng.uniform(3, 25)
        straight_wing(s, programme, mirrored, length, (a, b or a), corridor, branches=branches)
    elif form == "bent":
        bends = rng.choice((1, 1, 1, 2, 2, 3))
        turns = [_turn(rng) for _ in range(bends)]
        if rng.random() < 0.5:
            turns = [abs(t) if i % 2 == 0 else rng.choice((-1, 1)) * abs(t) for i, t in enumerate(turns)]
        heading, at = 0.0, np.zeros(2)
        vertices = [at]
        for i in range(bends + 1):
            at = at + rng.uniform(26, 48) * np.array((math.cos(heading), math.sin(heading)))
            vertices.append(at)
            if i < bends:
                heading += turns[i]
        strip = np.array(vertices)
        if _crowded(strip, a + b + corridor + 3):
            strip = strip[:3]
        bent_strip(s, programme, strip, (a, b), corridor)
    elif form == "court":
        half = max(a, b) + corridor
        w, d = rng.uniform(half * 2 + 24, half * 2 + 50), rng.uniform(half * 2 + 20, half * 2 + 40)
        ring = rectangle(0, 0, w, d)
        if rng.random() < 0.35:
            cut = rng.uniform(10, 16)
            ring = points((cut, 0), (w, 0), (w, d), (0, d), (0, cut))
            if rng.random() < 0.5:
                ring = points((0, 0), (w, 0), (w - rng.uniform(4, 14), d), (rng.uniform(0, 10), d))
        bent_strip(s, programme, ring, (a, b), corridor, closed=True)
    elif form == "ring":
        ring_wing(s, programme, mirrored, rng.uniform(30, 70), (a, b), corridor, rng.uniform(4, 12))
    elif form == "deep":
        deep_block(s, programme, mirrored, rng.uniform(22, 60), rng.uniform(18, 40), rng.random() < 0.3)
        if rng.random() < 0.3:
            deep_block(
                s,
                programme,
                Frame(origin=(0.0, -70.0), angle=0).moved(rng.uniform(0, 8), 0),
                rng.uniform(15, 30),
                rng.uniform(12, 25),
                False,
            ) if False else None
    elif form == "curved":
        radius = rng.uniform(26, 70)
        length = rng.uniform(0.5, 1.5) * radius
        low = max(a, b) + corridor + 4
        frame = Frame(radius=max(radius, low + 6) * rng.choice((-1, 1)))
        straight_wing(s, programme, frame, min(length, 75), (a, b), corridor)
    else:
        _star(s, programme, (a, b), corridor)
    name_rooms(s, programme, language)
    return s


def _turn(rng: random.Random) -> float:
    degrees = rng.choice((90, 90, 90, 45, 45, 30, 60, rng.uniform(12, 95), rng.uniform(12, 80)))
    return math.radians(degrees) * rng.choice((-1, 1))


def _crowded(line: np.ndarray, least: float) -> bool:
    """Whether parts of the line that are not neighbours come nearer to each other than `least`."""
    for i in range(len(line) - 1):
        for j in range(i + 2, len(line) - 1):
            first = line[i] + (line[i + 1] - line[i]) * np.linspace(0, 1, 20)[:, None]
            second = line[j] + (line[j + 1] - line[j]) * np.linspace(0, 1, 20)[:, None]
            if np.hypot(*(first[:, None] - second[None]).transpose(2, 0, 1)).min() < least:
                return True
    return False


def _star(s: Storey, programme: Programme, depths: tuple[float, float], corridor: float) -> None:
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
        # The corridor lies in the middle of the side, whatever the depths are.
        shift = (depths[0] - depths[1]) / 2
        frame = Frame(origin=(float(middle[0]), float(middle[1])), angle=outward).moved(0, shift)
        straight_wing(s, programme, frame, rng.uniform(16, 40), depths, corridor, ends=(False, True))
        g = frame.swapped()
        width = corridor - 0.3
        if rng.random() < 0.5:
            s.opening(g, -width / 2, -to - 0.3, 0.0, width)
        else:
            s.door(g, -width / 2, -to - 0.3, 0.0, width)
