"""Zones of large rooms that no wall divides, and large marks on the plan: tags without rooms of their own."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from blueprints.rendering.buildings.grey_sheet import GreySheet
from blueprints.rendering.buildings.look import Placing, Style
from blueprints.rendering.buildings.storey import Storey
from blueprints.rendering.buildings.tag_drawing import draw_tag, point_within
from blueprints.rendering.polygons import Points, signed_area

LEAST_ZONED_M2 = 60.0
ZONE_NAMES = (
    "OPEN AREA",
    "SEATING",
    "SERVERY",
    "DISPLAY",
    "COLLABORATION",
    "ZONE A",
    "ZONE B",
    "CIRCULATION",
    "WAITING",
)
ON_SHEET = Placing(scale=1.0, angle=0.0, origin=(0.0, 0.0))
NOTES = ("NO WORK THIS AREA", "NOT IN CONTRACT", "EXISTING", "OPEN TO BELOW")


def draw_zones(
    sheet: GreySheet, s: Storey, outlines: Sequence[Points], at: Placing, style_: Style, rng: random.Random
) -> None:
    """More tags in some of the large rooms; the room stays one."""
    for room, outline in zip(s.rooms, outlines, strict=True):
        if rng.random() >= style_.zones or abs(signed_area(outline)) < LEAST_ZONED_M2 * at.scale**2:
            continue
        for _ in range(rng.randint(1, 4)):
            # The tag is placed on the sheet, not in the storey.
            middle, size = point_within(outline, rng, tries=3), (6 * at.scale, 6 * at.scale)
            number = room.number and room.number[:-1] + str(rng.randint(0, 9))
            zone = replace(room, name=rng.choice(ZONE_NAMES), number=number, middle=middle, size=size, angle=0.0)
            draw_tag(sheet, zone, outline, ON_SHEET, replace(style_, areas=False), rng)


def draw_captions(sheet: GreySheet, outlines: Sequence[Points], style_: Style, rng: random.Random) -> None:
    """Heavy letters over some rooms, several times as high as the tags."""
    note = rng.choice(("", "", *NOTES))
    for number in range(rng.randint(1, 6)):
        x, y = point_within(rng.choice(outlines), rng, tries=5)
        text = note or f"{rng.randint(1, 12)}{'ABCDEF'[number]}"
        capital = style_.capital * (rng.uniform(1.3, 2.0) if note else rng.uniform(2.0, 4.0))
        sheet.text(x, y, text, capital, grey=style_.ink, weight=1)
        if note:
            return
