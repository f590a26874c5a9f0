"""Dwellings along a corridor."""

from __future__ import annotations

from dataclasses import replace

from blueprints.rendering.buildings import fixtures
from blueprints.rendering.buildings.cell import Cell, door_at, windows
from blueprints.rendering.buildings.furnishings import hotel_bed
from blueprints.rendering.buildings.storey import Storey
from blueprints.rendering.buildings.wet_rooms import draw_clearances, wet, with_bathroom
from blueprints.rendering.polygons import notched, rectangle


def flat(s: Storey, c: Cell) -> None:
    """A dwelling of a living room with a kitchen, bedrooms, a bathroom and closets; at times a balcony."""
    t, rng = s.partition, s.rng
    w, d = c.width, c.depth
    g = c.frame
    if s.flipped:
        g = g.moved(w, 0).mirrored_x()
    c = replace(c, frame=g)
    if w < 4.8 or d < 6:
        _studio(s, c)
        return
    beds = 1 if w < 8.6 else 2
    bed_w = rng.uniform(2.9, 3.7)
    zones: list[tuple[float, float]] = [(0, bed_w)]
    live = (bed_w + t, w)
    if beds == 2:
        zones.append((w - rng.uniform(2.9, 3.7), w))
        live = (bed_w + t, zones[1][0] - t)
    lw = live[1] - live[0]
    front = replace(c, frame=g.moved(live[0], 0), width=lw)
    # A closet for the plant, or for coats, beside the entry.
    side = rng.uniform(0.75, 1.5), rng.uniform(0.7, 1.3)
    notches: list[tuple[float, float] | None] = [None, None, None, None]
    if lw - side[0] - t > 1.6 and rng.random() < 0.75:
        notches[1] = (side[0] + t, side[1] + t)
        x = lw - side[0]
        f = front.frame.moved(x, 0)
        plant = rng.random() < 0.5
        s.box(f, 0, 0, *side, "mechanical" if plant else rng.choice(("closet", "storage", "laundry"))).tagged = (
            rng.random() < 0.3
        )
        if plant:
            s.round(f, side[0] / 2, side[1] / 2, min(side) * 0.35, pen=1)
            s.frame_box(
                f,
                side[0] / 2 - min(side) * 0.4,
                side[1] / 2 - min(side) * 0.4,
                side[0] / 2 + min(side) * 0.4,
                side[1] / 2 + min(side) * 0.4,
                0,
            )
            door_at(s, replace(front, frame=f, width=side[0]), 0.05, side[0] - 0.05, width=min(0.8, side[0] - 0.1))
        elif rng.random() < 0.6:
            s.door(f, 0.08, side[1], side[1] + t, side[0] - 0.16, "fold" if rng.random() < 0.4 else "")
        else:
            s.door(front.frame.swapped().moved(0, x).mirrored_y(), 0.06, 0, t, side[1] - 0.12)
    s.room(front.frame, notched(lw, d, notches), "living")
    door_at(s, front, 0.1, min(lw - 0.1 - (side[0] + t if notches[1] else 0), 1.6), width=0.95)
    draw_clearances(s, front.frame, lw, d * 0.5)
    windows(s, front)
    if s.fit.furnished or s.fit.plumbed:
        h = g.moved(live[0], 0).swapped() if rng.random() < 0.6 else g.moved(live[1], 0).mirrored_x().swapped()
        fixtures.kitchen(s, h, 1.6, min(d * 0.55, 5.2))
        if lw > 3.2 and rng.random() < 0.7:
            s.frame_box(g.moved(live[0] + lw / 2 - 0.45, 0), 0, 1.9, 0.9, min(d * 0.5, 4.2), 1)
    if s.fit.furnished:
        fixtures.sofa(s, g.moved(live[0], d).mirrored_y(), lw / 2, 0.6)
    for number, (x0, x1) in enumerate(zones):
        zw = x1 - x0
        zone = g.moved(x0, 0) if number == 0 else g.moved(x1, 0).mirrored_x()
        # From the corridor: a bathroom, a closet, the bedroom; their doors lead to the living room or the bedroom.
        bath_d = rng.uniform(1.6, 2.5)
        closet_d = rng.choice((0.0, 0.7, 0.8, 1.5, 1.9)) if d - bath_d > 4.4 else 0.0
        wet(s, zone, zw, bath_d, bath=True, kind="bath")
        k = zone.swapped()
        if rng.random() < 0.6:
            s.door(k.moved(0, zw + t).mirrored_y(), bath_d - 0.9, 0, t, 0.8)
        else:
            s.door(zone, 0.1, bath_d, bath_d + t, 0.8)
        y = bath_d + t
        if closet_d:
            if zw > 2.8 and rng.random() < 0.5:
                half = zw * rng.uniform(0.4, 0.6)
                for a, b, kind in (
                    (0, half - t / 2, "closet"),
                    (half + t / 2, zw, rng.choice(("laundry", "closet", "storage"))),
                ):
                    s.box(zone, a, y, b, y + closet_d, kind).tagged = closet_d > 1.2
                    fold = min(b - a - 0.2, 1.5)
                    if kind == "closet":
                        s.door(zone, a + 0.1, y + closet_d, y + closet_d + t, fold, "fold" if closet_d < 1 else "")
                        fixtures.wardrobe(s, zone.moved(a, y), 0, b - a, 0, min(0.55, closet_d))
                    else:
                        s.door(k.moved(0, zw + t).mirrored_y(), y + 0.05, 0, t, min(0.8, closet_d - 0.1))
            else:
                s.box(zone, 0, y, zw, y + closet_d, "closet").tagged = closet_d > 1.2
                s.door(zone, 0.3, y + closet_d, y + closet_d + t, min(1.6, zw - 0.6), "fold" if closet_d < 1 else "")
                fixtures.wardrobe(s, zone.moved(0, y), 0, zw, 0, min(0.55, closet_d))
            y += closet_d + t
        s.box(zone, 0, y, zw, d, "bedroom")
        s.door(k.moved(0, zw + t).mirrored_y(), y + 0.1, 0, t, 0.85)
        if c.back is not None:
            windows(s, replace(c, frame=zone, width=zw))
        if s.fit.furnished and d - y > 2.6:
            fixtures.bed(s, zone.swapped(), (y + d) / 2 + 0.2, 0.05, 1.6)
    if c.back is not None and s.fit.balconies:
        deep = rng.uniform(1.2, 2.0)
        f = g.moved(live[0], d + c.back)
        s.wing(f, rectangle(-0.1, -0.05, lw + 0.1, deep + 0.1), rectangle(0, 0, lw, deep))
        s.box(f, 0, 0, lw, deep, "balcony")
        s.window(g, live[0] + 0.3, d, d + c.back, max(0.8, min(2.4, lw - 0.6)))


def _studio(s: Storey, c: Cell) -> None:
    with_bathroom("studio", hotel_bed, bath=True, closet=True)(s, c)
