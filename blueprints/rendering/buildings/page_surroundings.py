"""What surrounds the storeys on a page: border, title block, notes and tables, other drawings."""

from __future__ import annotations

import random
from collections.abc import Sequence

from blueprints.geometry import Box
from blueprints.rendering.buildings.grey_sheet import GreySheet
from blueprints.rendering.buildings.look import Style
from blueprints.rendering.buildings.other_drawings import other_drawing
from blueprints.rendering.buildings.page_areas import Areas
from blueprints.rendering.buildings.page_texts import key_plan, legend, notes, schedule
from blueprints.rendering.buildings.title_block import north, scale_bar, title_block
from blueprints.rendering.polygons import Points

COPYRIGHT = "COPYRIGHT - ALL IDEAS AND ARRANGEMENTS REMAIN PROPERTY OF THE ARCHITECT"


def surround(sheet: GreySheet, rng: random.Random, where: Areas, look: Style, plan: Sequence[Points]) -> None:
    """Draw border, title block, notes and tables, the drawings of the strip, north arrow and key plan."""
    if where.frame:
        _border(sheet, rng, where.frame, look)
    if where.title:
        title_block(sheet, rng, where.title, look)
    if where.column:
        column(sheet, rng, where.column, look, plan)
    if where.strip:
        x0, y0, x1, y1 = where.strip
        count = rng.randint(1, 4)
        for i in range(count):
            other_drawing(sheet, rng, (x0 + (x1 - x0) * i / count, y0, x0 + (x1 - x0) * (i + 1) / count, y1), look)
    x0, y0, x1, y1 = where.content
    if rng.random() < 0.5:
        r = look.capital * rng.uniform(2.5, 5)
        north(sheet, rng, rng.choice((x0 + r * 2, x1 - r * 2)), rng.choice((y0 + r * 2, y1 - r * 2)), r, look)
    if rng.random() < 0.3:
        scale_bar(sheet, rng.uniform(x0, x0 + (x1 - x0) * 0.7), y1 - look.capital * 1.5, look)
    if rng.random() < 0.15:
        sheet.text(x0 - look.capital * 2, (y0 + y1) / 2, COPYRIGHT, look.capital * 0.7, angle=90)


def _border(sheet: GreySheet, rng: random.Random, frame: Box, look: Style) -> None:
    left, top, right, bottom = frame
    sheet.box(left, top, right, bottom, look.pens[3])
    if rng.choice((1, 1, 2)) == 2:
        sheet.box(left + 8, top + 8, right - 8, bottom - 8, look.pens[1])
    if rng.random() < 0.2:
        _zones(sheet, frame, look)


def _zones(sheet: GreySheet, f: Box, look: Style) -> None:
    for i in range(1, 10):
        x = f[0] + (f[2] - f[0]) * i / 10
        for y in (f[1], f[3]):
            sheet.segment(x, y - 6, x, y + 6, look.pens[1])
        sheet.text(x - (f[2] - f[0]) / 20, f[1] + 10, str(i), look.capital)
    for i in range(6):
        y = f[1] + (f[3] - f[1]) * (i + 0.5) / 6
        sheet.text(f[0] + 10, y, "ABCDEF"[i], look.capital)


def column(sheet: GreySheet, rng: random.Random, box: Box, look: Style, plan: Sequence[Points]) -> None:
    """A column of notes, legends, tables and a key plan."""
    left, top, right, bottom = box
    pad = look.capital * 1.5
    left, right, y = left + pad, right - pad, top + pad
    if rng.random() < 0.3:
        sheet.box(left, top + pad, right, bottom - pad, look.pens[1])
        left, right, y = left + pad, right - pad, y + pad
    while y < bottom - pad - look.capital * 14:
        part = (left, y, right, min(bottom - pad, y + (bottom - top) * rng.uniform(0.15, 0.6)))
        lot = rng.random()
        if lot < 0.35:
            y = notes(sheet, rng, part, look)
        elif lot < 0.6:
            y = schedule(sheet, rng, part, look)
        elif lot < 0.8:
            y = legend(sheet, rng, part, look)
        elif lot < 0.9 and plan:
            size = right - left
            y2 = min(part[3], y + size)
            key_plan(sheet, rng, (left, y, right, y2), look, plan)
            y = y2
        else:
            other_drawing(sheet, rng, part, look)
            y = part[3]
        y += look.capital * rng.uniform(2, 8)
