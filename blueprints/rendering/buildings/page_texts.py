"""Notes, tables, legends and key plans: lines and cells that are not rooms."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from blueprints.geometry import Box
from blueprints.rendering.buildings.grey_sheet import PAPER, GreySheet, hatch
from blueprints.rendering.buildings.look import Style
from blueprints.rendering.buildings.marks import FINISHES
from blueprints.rendering.polygons import Points

WORDS = [
    "ALL",
    "DIMENSIONS",
    "ARE",
    "TO",
    "FACE",
    "OF",
    "FINISH",
    "UNLESS",
    "NOTED",
    "OTHERWISE",
    "VERIFY",
    "IN",
    "FIELD",
    "CONTRACTOR",
    "SHALL",
    "COORDINATE",
    "WITH",
    "MECHANICAL",
    "AND",
    "ELECTRICAL",
    "DRAWINGS",
    "REFER",
    "TO",
    "SPECIFICATIONS",
    "FOR",
    "FLOOR",
    "FINISHES",
    "PROVIDE",
    "BLOCKING",
    "AT",
    "WALL",
    "MOUNTED",
    "EQUIPMENT",
    "PATCH",
    "AND",
    "REPAIR",
    "EXISTING",
    "SURFACES",
    "TO",
    "REMAIN",
    "DEMOLITION",
    "SEE",
    "ENLARGED",
    "PLANS",
    "RATED",
    "PARTITION",
    "EXTEND",
    "TO",
    "DECK",
    "ABOVE",
    "SEAL",
    "PENETRATIONS",
    "NEW",
    "DOOR",
    "AND",
    "FRAME",
    "HARDWARE",
    "BY",
    "OWNER",
    "TYPICAL",
    "ALIGN",
    "WITH",
    "EXISTING",
    "COLUMN",
    "GRID",
    "LINE",
    "SLOPE",
    "TO",
    "DRAIN",
    "PAINTED",
    "GYPSUM",
    "BOARD",
    "CEILING",
    "HEIGHT",
]

TITLE_LINES = (
    "FIRST FLOOR PLAN",
    "SECOND FLOOR PLAN - PART A",
    "LEVEL 04 - FURNITURE PLAN",
    "FINISH PLAN",
    "THIRD FLOOR",
    "OVERALL PLAN",
    "GROUND FLOOR PLAN",
    "TYPICAL FLOOR PLAN",
    "LEVEL 1",
    "BASEMENT PLAN",
    "EAST WING",
    "REFLECTED CEILING PLAN",
    "FOURTH FLOOR PLAN",
    "1. OBERGESCHOSS",
    "ERDGESCHOSS",
    "PLANTA BAJA",
    "PLAN DU NIVEAU 2",
)

BLOCK_LINES = (
    "ARCHITECTS INC.",
    "CONSULTING ENGINEERS",
    "PROJECT NUMBER",
    "2021-104",
    "DRAWN BY",
    "CHECKED BY",
    "DATE",
    "06/04/2021",
    "SCALE",
    "AS NOTED",
    "ISSUED FOR PERMIT",
    "REVISIONS",
    "SHEET NO.",
    "OWNER",
    "NOT FOR CONSTRUCTION",
    "BID SET",
    "100% CD",
    "COPYRIGHT",
    "STATE UNIVERSITY",
    "REGIONAL MEDICAL CENTER",
    "OFFICE OF FACILITY PLANNING",
    "KEY PLAN",
    "SEAL",
    "NEW YORK",
    "PHASE 2",
)

SCALES = (
    'SCALE: 1/8" = 1\'-0"',
    '1/16" = 1\'-0"',
    "1 : 100",
    "1 : 200",
    'SCALE: 1/4" = 1\'-0"',
    "NOT TO SCALE",
    "M 1:50",
)


def sentence(rng: random.Random, words: int) -> str:
    start = rng.randrange(len(WORDS))
    return " ".join(WORDS[(start + i) % len(WORDS)] for i in range(words))


def paragraph(
    sheet: GreySheet, rng: random.Random, box: Box, capital: float, pool: Sequence[str] | None = None
) -> float:
    """Lines of text down the box. Returns where they end."""
    left, top, right, bottom = box
    y = top + capital
    letters = max(3, int((right - left) / (capital * 0.95)))
    while y < bottom - capital * 0.5:
        text = rng.choice(pool) if pool else sentence(rng, max(1, letters // 7))
        sheet.text(left, y, text[:letters], capital, align="left")
        y += capital * 1.8
        if pool and rng.random() < 0.1:
            break
    return y


def notes(sheet: GreySheet, rng: random.Random, box: Box, look: Style) -> float:
    """General notes: a heading and numbered paragraphs."""
    left, top, right, bottom = box
    capital = look.capital * rng.uniform(0.65, 1.0)
    sheet.text(
        left,
        top + capital * 1.5,
        rng.choice(("GENERAL NOTES", "FINISH PLAN GENERAL NOTES", "KEY NOTES", "FLOOR PLAN NOTES")),
        capital * 1.6,
        align="left",
    )
    sheet.segment(left, top + capital * 3.4, right, top + capital * 3.4, look.pens[1])
    y = top + capital * 5
    letters = max(4, int((right - left - capital * 4) / (capital * 0.95)))
    for number in range(1, 40):
        lines = rng.randint(1, 4)
        if y + lines * capital * 1.7 > bottom:
            break
        sheet.text(left, y, f"{number}.", capital, align="left")
        for _ in range(lines):
            sheet.text(left + capital * 3.5, y, sentence(rng, max(1, letters // 7))[:letters], capital, align="left")
            y += capital * 1.7
        y += capital * 1.2
    return y


def grid(sheet: GreySheet, rng: random.Random, box: Box, look: Style, rows: int, columns: int) -> None:
    """A table; its cells are not rooms."""
    left, top, right, bottom = box
    if right - left < 12 or bottom - top < 10:
        return
    xs = [left, *sorted(rng.uniform(left, right) for _ in range(columns - 1)), right]
    step = (bottom - top) / rows
    pen = rng.choice((look.pens[0], look.pens[1], look.pens[2]))
    capital = min(look.capital * 0.8, step * 0.5)
    sheet.box(left, top, right, bottom, look.pens[2])
    for i in range(rows):
        y = top + step * i
        sheet.segment(left, y, right, y, pen)
        for a, b in pairwise(xs):
            letters = int((b - a - 6) / max(1.0, capital))
            if letters > 1 and rng.random() < 0.75 and capital > 2:
                text = rng.choice(
                    (*FINISHES, "OFFICE", "STORAGE", str(rng.randint(100, 400)), sentence(rng, 2), "-", "3'-0\"", "ACT")
                )
                sheet.text(a + 3, y + step / 2, text[:letters], capital, align="left")
    for x in xs[1:-1]:
        sheet.segment(x, top, x, bottom, pen)


def schedule(sheet: GreySheet, rng: random.Random, box: Box, look: Style) -> float:
    left, top, right, bottom = box
    capital = look.capital
    row = capital * rng.uniform(1.7, 4.5)
    rows = max(2, min(int((bottom - top - capital * 4) / row), rng.randint(3, 40)))
    sheet.text(
        (left + right) / 2,
        top + capital * 1.5,
        rng.choice(("DOOR SCHEDULE", "ROOM FINISH SCHEDULE", "WINDOW SCHEDULE", "AREA SCHEDULE", "WALL TYPES")),
        capital * 1.4,
    )
    end = top + capital * 3 + rows * row
    grid(sheet, rng, (left, top + capital * 3, right, end), look, rows, rng.randint(2, 9))
    return end


def legend(sheet: GreySheet, rng: random.Random, box: Box, look: Style) -> float:
    """Symbols in boxes or beside texts."""
    left, top, right, bottom = box
    capital = look.capital
    sheet.text(
        left,
        top + capital * 1.5,
        rng.choice(("LEGEND", "WALL LEGEND", "SYMBOLS", "ROOM FINISH LEGEND & ABBREVIATIONS")),
        capital * 1.5,
        align="left",
    )
    y = top + capital * 4
    row = capital * rng.uniform(3, 7)
    boxed = rng.random() < 0.4
    sample = min(right - left, capital * rng.uniform(6, 12)) * 0.6
    for _ in range(rng.randint(3, 12)):
        if y + row > bottom:
            break
        if boxed:
            sheet.box(left, y, right, y + row, 0.5)
        lot = rng.random()
        x0, y0, x1, y1 = left + 4, y + row * 0.25, left + sample, y + row * 0.75
        if lot < 0.35:
            if x1 - x0 > 4 and y1 - y0 > 4:
                form = rng.choice(("diagonal", "cross", "dots", "tiles", "bricks"))
                pattern = hatch(form, (int((x1 - x0) * 2), int((y1 - y0) * 2)), 8, 0, 1, (0, 0))
                sheet.image.paste(pattern, (int(x0 * 2), int(y0 * 2)))
            sheet.box(x0, y0, x1, y1, look.pens[1])
        elif lot < 0.55:
            for d in (0.3, 0.7):
                yy = y0 + (y1 - y0) * d
                sheet.segment(x0, yy, x1, yy, look.pens[2])
        elif lot < 0.7:
            sheet.segment(x0, (y0 + y1) / 2, x1, (y0 + y1) / 2, look.pens[3], 0, rng.choice((None, (8, 4))))
        elif lot < 0.85:
            sheet.circle((x0 + x1) / 2, (y0 + y1) / 2, row * 0.3, look.pens[1])
        else:
            sheet.box(x0, y0, x1, y1, look.pens[1])
            sheet.text((x0 + x1) / 2, (y0 + y1) / 2, "101", capital * 0.8)
        letters = max(0, int((right - x1 - 10) / capital))
        sheet.text(x1 + 8, y + row / 2, sentence(rng, 3)[:letters], capital * 0.9, align="left")
        y += row
    return y


def key_plan(sheet: GreySheet, rng: random.Random, box: Box, look: Style, plan: Sequence[Points]) -> None:
    """The footprint, drawn small, without rooms."""
    every = np.concatenate(plan)
    low, high = every.min(axis=0), every.max(axis=0)
    left, top, right, bottom = box
    if rng.random() < 0.6:
        sheet.box(left, top, right, bottom, look.pens[1])
    sheet.text((left + right) / 2, top + look.capital * 1.5, "KEY PLAN", look.capital * 1.3)
    scale = min((right - left) / (high[0] - low[0]), (bottom - top - look.capital * 4) / (high[1] - low[1])) * 0.75
    corner = np.array(((left + right) / 2, (top + bottom) / 2 + look.capital)) - (low + high) / 2 * scale
    fill = rng.choice((None, PAPER, 190, 120))
    for number, outline in enumerate(plan):
        sheet.polygon(outline * scale + corner, 120 if number == 0 and rng.random() < 0.5 else fill, look.pens[1])
