"""What stands on a page around its storeys and holds no room: borders, title blocks, notes, legends, tables, other drawings."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from blueprints.rendering.buildings.grey_sheet import PAPER, GreySheet, hatch
from blueprints.rendering.buildings.storey_drawing import FINISHES, Style, length_text
from blueprints.rendering.polygons import Points

Box = tuple[float, float, float, float]

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
    "FIRST FLOOR PLAN", "SECOND FLOOR PLAN - PART A", "LEVEL 04 - FURNITURE PLAN", "FINISH PLAN", "THIRD FLOOR", "OVERALL PLAN",
    "GROUND FLOOR PLAN", "TYPICAL FLOOR PLAN", "LEVEL 1", "BASEMENT PLAN", "EAST WING", "REFLECTED CEILING PLAN", "FOURTH FLOOR PLAN",
    "1. OBERGESCHOSS", "ERDGESCHOSS", "PLANTA BAJA", "PLAN DU NIVEAU 2",
)  # fmt: skip
BLOCK_LINES = (
    "ARCHITECTS INC.", "CONSULTING ENGINEERS", "PROJECT NUMBER", "2021-104", "DRAWN BY", "CHECKED BY", "DATE", "06/04/2021", "SCALE",
    "AS NOTED", "ISSUED FOR PERMIT", "REVISIONS", "SHEET NO.", "OWNER", "NOT FOR CONSTRUCTION", "BID SET", "100% CD", "COPYRIGHT",
    "STATE UNIVERSITY", "REGIONAL MEDICAL CENTER", "OFFICE OF FACILITY PLANNING", "KEY PLAN", "SEAL", "NEW YORK", "PHASE 2",
)  # fmt: skip
SCALES = (
    'SCALE: 1/8" = 1\'-0"',
    '1/16" = 1\'-0"',
    "1 : 100",
    "1 : 200",
    'SCALE: 1/4" = 1\'-0"',
    "NOT TO SCALE",
    "M 1:50",
)


@dataclass(frozen=True, kw_only=True)
class Areas:
    """How a page is laid out; pixels."""

    frame: Box | None
    content: Box
    title: Box | None
    column: Box | None
    strip: Box | None

    @property
    def bare(self) -> tuple[Box, ...]:
        return tuple(box for box in (self.title, self.column, self.strip) if box is not None)


def areas(rng: random.Random, size: tuple[int, int]) -> Areas:
    width, height = size
    unit = max(size) / 100
    margin = unit * rng.choice((0.3, 1.0, 1.5, 2.5))
    left, top, right, bottom = margin + unit * rng.choice((0, 0, 1.5)), margin, width - margin, height - margin
    frame = (left, top, right, bottom) if rng.random() < 0.8 else None
    title = column = strip = None
    lot = rng.random()
    if lot < 0.5:
        w = unit * rng.uniform(5, 13)
        title = (right - w, top, right, bottom)
        right -= w
    elif lot < 0.75:
        h = unit * rng.uniform(4, 10)
        title = (left, bottom - h, right, bottom)
        bottom -= h
    elif lot < 0.85:
        w, h = unit * rng.uniform(15, 30), unit * rng.uniform(5, 9)
        title = (right - w, bottom - h, right, bottom)
        bottom -= h
    if rng.random() < 0.42:
        w = unit * rng.uniform(9, 20)
        if rng.random() < 0.8:
            column = (right - w, top, right, bottom)
            right -= w
        else:
            column = (left, top, left + w, bottom)
            left += w
    if rng.random() < 0.2 and bottom - top > unit * 45:
        h = unit * rng.uniform(8, 16)
        strip = (left, bottom - h, right, bottom)
        bottom -= h
    pad = unit * rng.uniform(0.6, 2.0)
    return Areas(
        frame=frame, content=(left + pad, top + pad, right - pad, bottom - pad), title=title, column=column, strip=strip
    )


def surround(sheet: GreySheet, rng: random.Random, where: Areas, look: Style, plan: Sequence[Points]) -> None:
    """Border, title block, notes and tables, the strip's drawings, north arrow and key plan."""
    if where.frame:
        for i in range(rng.choice((1, 1, 2))):
            g = i * 8
            f = where.frame
            sheet.box(f[0] + g, f[1] + g, f[2] - g, f[3] - g, look.pens[3] if i == 0 else look.pens[1])
        if rng.random() < 0.2:
            _zones(sheet, where.frame, look)
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
        sheet.text(
            where.content[0] - look.capital * 2,
            (y0 + y1) / 2,
            "COPYRIGHT - ALL IDEAS AND ARRANGEMENTS REMAIN PROPERTY OF THE ARCHITECT",
            look.capital * 0.7,
            angle=90,
        )


def _zones(sheet: GreySheet, f: Box, look: Style) -> None:
    for i in range(1, 10):
        x = f[0] + (f[2] - f[0]) * i / 10
        for y in (f[1], f[3]):
            sheet.segment(x, y - 6, x, y + 6, look.pens[1])
        sheet.text(x - (f[2] - f[0]) / 20, f[1] + 10, str(i), look.capital)
    for i in range(6):
        y = f[1] + (f[3] - f[1]) * (i + 0.5) / 6
        sheet.text(f[0] + 10, y, "ABCDEF"[i], look.capital)


def sentence(rng: random.Random, words: int) -> str:
    start = rng.randrange(len(WORDS))
    return " ".join(WORDS[(start + i) % len(WORDS)] for i in range(words))


def title_block(sheet: GreySheet, rng: random.Random, box: Box, look: Style) -> None:
    """Cells of texts, a logo, a table of revisions, the sheet's number."""
    left, top, right, bottom = box
    sheet.box(left, top, right, bottom, look.pens[3], fill=PAPER)
    upright = bottom - top > right - left
    start, end = (top, bottom) if upright else (left, right)
    long = end - start
    at = start
    numbered = logos = 0
    while at < end - long * 0.04:
        size = min(rng.uniform(0.05, 0.2) * long, end - at)
        cell = (left, at, right, at + size) if upright else (at, top, at + size, bottom)
        if rng.random() < 0.85:
            sheet.box(*cell, look.pens[1])
        inner = (cell[0] + 6, cell[1] + 6, cell[2] - 6, cell[3] - 6)
        lot = rng.random()
        if lot < 0.15 and logos < 2:
            logos += 1
            _logo(sheet, rng, inner, look)
        elif lot < 0.3:
            grid(sheet, rng, inner, look, rows=rng.randint(4, 12), columns=rng.randint(2, 4))
        elif lot < 0.45 and upright:
            capital = min(rng.uniform(1.2, 3.0) * look.capital, (inner[2] - inner[0]) / 4)
            for i in range(rng.randint(1, 3)):
                x = inner[0] + capital * (1.5 + 2 * i)
                text = rng.choice((*TITLE_LINES, *BLOCK_LINES))
                capital2 = min(capital, (inner[3] - inner[1]) / len(text) * 1.1)
                sheet.text(x, (inner[1] + inner[3]) / 2, text, capital2, angle=90)
        elif lot < 0.6 and not numbered:
            numbered = 1
            text = f"A{rng.randint(1, 9)}.{rng.randint(1, 30):02d}"
            capital = min((inner[2] - inner[0]) / 4.5, (inner[3] - inner[1]) * 0.5, look.capital * 7)
            sheet.text((inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2, text, capital)
        else:
            paragraph(sheet, rng, inner, look.capital * rng.uniform(0.6, 1.2), pool=BLOCK_LINES)
        at += size


def _logo(sheet: GreySheet, rng: random.Random, box: Box, look: Style) -> None:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    r = min(box[2] - box[0], box[3] - box[1], look.capital * rng.uniform(8, 26)) / 2.2
    if r < 6:
        return
    lot = rng.random()
    if lot < 0.4:
        sheet.circle(x, y, r, 2, 0, rng.choice((None, 120, 30)))
        sheet.circle(x, y, r * 0.7, 1)
    elif lot < 0.7:
        sheet.polygon(
            np.array(((x - r, y - r), (x + r, y - r), (x + r, y), (x, y + r), (x - r, y))), rng.choice((None, 60)), 2
        )
    else:
        sheet.box(x - r, y - r * 0.6, x + r, y + r * 0.6, 0, fill=rng.choice((40, 130)))
    sheet.text(
        x,
        y,
        rng.choice(("HOSPITAL", "STUDIO", "U", "VA", "ARCH")),
        min(r * 0.4, look.capital * 3),
        grey=rng.choice((0, 255)),
    )


def paragraph(
    sheet: GreySheet, rng: random.Random, box: Box, capital: float, pool: Sequence[str] | None = None
) -> float:
    """Lines of text down the box; gives where it ended."""
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
    """A table: lines that make cells, which are no rooms."""
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
        for a, b in zip(xs[:-1], xs[1:], strict=True):
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


def column(sheet: GreySheet, rng: random.Random, box: Box, look: Style, plan: Sequence[Points]) -> None:
    """Notes, legends, tables and a key plan down a column."""
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


def key_plan(sheet: GreySheet, rng: random.Random, box: Box, look: Style, plan: Sequence[Points]) -> None:
    """The footprint, small, without rooms."""
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


def drawing_title(sheet: GreySheet, rng: random.Random, cell: Box, plan: Box, look: Style) -> None:
    capital = look.capital * rng.uniform(1.3, 2.2)
    y = min(plan[3] + (cell[3] - plan[3]) * 0.6 + capital, cell[3] - capital * 2)
    x = min(max(cell[0] + capital * 4, plan[0] + rng.choice((0.0, 0.3)) * (plan[2] - plan[0])), cell[2] - 100)
    if rng.random() < 0.6:
        r = capital * 1.6
        sheet.circle(x - r * 1.2, y, r, look.pens[1], fill=PAPER)
        sheet.text(x - r * 1.2, y, rng.choice(("1", "2", "2A", "A1")), capital)
    title = rng.choice(TITLE_LINES)
    sheet.text(x, y - capital * 0.4, title, capital, align="left", weight=rng.choice((0, 1)))
    sheet.segment(
        x,
        y + capital * 0.5,
        x + sheet.width_of(title, capital) * rng.choice((1.0, 1.0, 2.5)),
        y + capital * 0.5,
        look.pens[2],
    )
    sheet.text(x, y + capital * 1.3, rng.choice(SCALES), capital * 0.6, align="left")


def north(sheet: GreySheet, rng: random.Random, x: float, y: float, radius: float, look: Style) -> None:
    turn = rng.uniform(0, math.tau)

    def at(angle: float, share: float) -> tuple[float, float]:
        return x + radius * share * math.sin(turn + angle), y - radius * share * math.cos(turn + angle)

    sheet.circle(x, y, radius, look.pens[1])
    sheet.polygon(np.array((at(0, 1), at(2.6, 0.9), at(math.pi, 0.3))), 0)
    sheet.polygon(np.array((at(0, 1), at(-2.6, 0.9), at(math.pi, 0.3))), None, look.pens[1])
    tip = at(0, 1.35)
    sheet.text(*tip, "N", look.capital * 1.2)


def scale_bar(sheet: GreySheet, x: float, y: float, look: Style) -> None:
    step, high = look.capital * 6, look.capital * 0.6
    for i in range(4):
        sheet.box(x + i * step, y, x + (i + 1) * step, y + high, 0.5, fill=0 if i % 2 == 0 else PAPER)
        sheet.text(x + i * step, y - look.capital * 1.1, str(i * 4), look.capital * 0.8)


def blank_outside(sheet: GreySheet, box: Box) -> None:
    width, height = sheet.size
    for part in ((0, 0, width, box[1]), (0, box[3], width, height), (0, 0, box[0], height), (box[2], 0, width, height)):
        sheet.box(*part, 0, fill=PAPER)


def match_lines(sheet: GreySheet, rng: random.Random, box: Box, look: Style) -> None:
    left, top, right, bottom = box
    heavy = look.pens[3] * rng.uniform(1.0, 2.0)
    for a, b in (
        ((left, top), (right, top)),
        ((right, top), (right, bottom)),
        ((left, bottom), (right, bottom)),
        ((left, top), (left, bottom)),
    ):
        if rng.random() < 0.6:
            sheet.segment(*a, *b, heavy, 0, rng.choice(((24, 6), (40, 8), (10, 5))))
            x, y = (a[0] + b[0]) / 2, (a[1] + b[1]) / 2
            sheet.text(
                x,
                y,
                rng.choice(("MATCHLINE", "MATCH LINE - SEE A1.02B", "PART A / PART B")),
                look.capital,
                halo=PAPER,
                angle=90 if a[0] == b[0] else 0,
            )


def other_drawing(sheet: GreySheet, rng: random.Random, box: Box, look: Style) -> None:
    """An elevation, a section, a detail, a roof or a site: lines that enclose no room of a plan."""
    left, top, right, bottom = box
    w, h = right - left, bottom - top
    if min(w, h) < 60:
        return
    inner = (left + w * 0.08, top + h * 0.1, right - w * 0.08, bottom - h * 0.18)
    rng.choice((_elevation, _elevation, _section, _detail, _roof, _site, _table))(sheet, rng, inner, look)
    sheet.text(
        (left + right) / 2,
        bottom - h * 0.08,
        rng.choice(
            (
                "EAST ELEVATION",
                "SECTION A-A",
                "WALL SECTION",
                "DETAIL 3",
                "ROOF PLAN",
                "SITE PLAN",
                "INTERIOR ELEVATION",
            )
        ),
        min(look.capital * 1.4, w / 18),
    )


def _elevation(sheet: GreySheet, rng: random.Random, box: Box, look: Style) -> None:
    """A front: storeys of windows above the ground."""
    left, top, right, bottom = box
    floors, bays = rng.randint(1, 6), rng.randint(3, 18)
    sheet.segment(left - 10, bottom, right + 10, bottom, look.pens[3] * 1.5)
    roof = top + (bottom - top) * rng.uniform(0.1, 0.3)
    sheet.box(left, roof, right, bottom, look.pens[2])
    if rng.random() < 0.4:
        sheet.polygon(np.array(((left - 5, roof), ((left + right) / 2, top), (right + 5, roof))), None, look.pens[2])
    bay, floor = (right - left) / bays, (bottom - roof) / floors
    share_w, share_h = rng.uniform(0.35, 0.8), rng.uniform(0.4, 0.7)
    for i in range(floors):
        y = roof + floor * i
        sheet.segment(left, y, right, y, look.pens[0])
        for j in range(bays):
            x = left + bay * j + bay * (1 - share_w) / 2
            ww, hh = bay * share_w, floor * share_h
            yy = y + floor * (1 - share_h) / 2
            sheet.box(x, yy, x + ww, yy + hh, look.pens[1])
            sheet.segment(x + ww / 2, yy, x + ww / 2, yy + hh, look.pens[0])
        sheet.segment(right + 12, y, right + 40, y, 0.5)
        sheet.text(
            right + 44,
            y,
            rng.choice(("LEVEL 2", "+4.20", "T.O. SLAB", "EL. 112'-0\"")),
            look.capital * 0.7,
            align="left",
        )
    if rng.random() < 0.3:
        y = roof
        while y < bottom:
            sheet.segment(left, y, right, y, look.pens[0], 140)
            y += 5


def _section(sheet: GreySheet, rng: random.Random, box: Box, look: Style) -> None:
    """Slabs and walls cut through: cells that are no rooms of a plan."""
    left, top, right, bottom = box
    floors = rng.randint(2, 5)
    floor = (bottom - top) / floors
    slab = min(8.0, floor * 0.12)
    for i in range(floors + 1):
        y = top + floor * i
        sheet.box(left, y - slab, right, y, look.pens[1], fill=rng.choice((0, 150, PAPER)))
    for _ in range(rng.randint(3, 9)):
        x = rng.uniform(left, right)
        i = rng.randrange(floors)
        sheet.box(x, top + floor * i, x + 4, top + floor * (i + 1) - slab, look.pens[1], fill=PAPER)
    sheet.segment(left - 30, bottom, right + 30, bottom, look.pens[3])
    for i in range(floors):
        sheet.text(
            rng.uniform(left, right - 40),
            top + floor * (i + 0.5),
            rng.choice(("OFFICE", "CORRIDOR", "LOBBY", "MECH.")),
            look.capital * 0.8,
            align="left",
        )
        sheet.segment(left - 14, top + floor * i, left - 14, top + floor * (i + 1), 0.5)
        sheet.text(
            left - 22, top + floor * (i + 0.5), length_text(3.6, metric=look.metric), look.capital * 0.7, angle=90
        )


def _detail(sheet: GreySheet, rng: random.Random, box: Box, look: Style) -> None:
    """Layers of a wall, hatched, with leaders to notes."""
    left, top, right, bottom = box
    x = left
    for _ in range(rng.randint(2, 6)):
        w = rng.uniform(0.03, 0.12) * (right - left)
        form = rng.choice(("diagonal", "cross", "dots", "wave", "sparse"))
        if rng.random() < 0.6 and w > 4:
            sheet.image.paste(
                hatch(form, (int(w * 2), int((bottom - top) * 2)), rng.choice((6, 9, 12)), 60, 1, (0, 0)),
                (int(x * 2), int(top * 2)),
            )
        sheet.box(x, top, x + w, bottom, look.pens[2])
        x += w
    for i in range(rng.randint(2, 7)):
        y = top + (bottom - top) * (i + 0.5) / 7
        sheet.segment(x - 10, y, x + 30, y, 0.5)
        letters = max(0, int((right - x - 36) / look.capital))
        sheet.text(x + 34, y, sentence(rng, 4)[:letters], look.capital * 0.8, align="left")


def _roof(sheet: GreySheet, rng: random.Random, box: Box, look: Style) -> None:
    left, top, right, bottom = box
    sheet.box(left, top, right, bottom, look.pens[2])
    hip = min(right - left, bottom - top) / 2
    ends = (
        ((left + hip, top + hip), (right - hip, bottom - hip))
        if right - left > bottom - top
        else ((left + hip, top + hip), (left + hip, bottom - hip))
    )
    for corner, end in (
        ((left, top), ends[0]),
        ((right, top), ends[1]),
        ((left, bottom), ends[0]),
        ((right, bottom), ends[1]),
    ):
        sheet.segment(*corner, *end, look.pens[1])
    sheet.segment(*ends[0], *ends[1], look.pens[1])


def _site(sheet: GreySheet, rng: random.Random, box: Box, look: Style) -> None:
    left, top, right, bottom = box
    sheet.box(left, top, right, bottom, look.pens[2])
    x, y = left + (right - left) * 0.3, top + (bottom - top) * 0.3
    sheet.box(x, y, x + (right - left) * 0.35, y + (bottom - top) * 0.3, look.pens[2], fill=rng.choice((PAPER, 180)))
    for _ in range(rng.randint(4, 25)):
        sheet.circle(rng.uniform(left, right), rng.uniform(top, bottom), rng.uniform(3, 14), look.pens[0])
    stalls = rng.randint(4, 20)
    step = (right - left) * 0.6 / stalls
    for i in range(stalls + 1):
        sheet.segment(left + 10 + step * i, bottom - 30, left + 10 + step * i, bottom - 5, look.pens[1])


def _table(sheet: GreySheet, rng: random.Random, box: Box, look: Style) -> None:
    schedule(sheet, rng, box, look)
