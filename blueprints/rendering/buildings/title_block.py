"""Title blocks, titles of drawings, north arrows and scale bars."""

from __future__ import annotations

import math
import random

import numpy as np

from blueprints.geometry import Box
from blueprints.rendering.buildings.grey_sheet import PAPER, GreySheet
from blueprints.rendering.buildings.logo import draw_logo
from blueprints.rendering.buildings.look import Style
from blueprints.rendering.buildings.page_texts import BLOCK_LINES, SCALES, TITLE_LINES, grid, paragraph


def title_block(sheet: GreySheet, rng: random.Random, box: Box, look: Style) -> None:
    """A title block: cells of text, a logo, a table of revisions, the sheet number."""
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
        if lot < 0.2 and logos < 2:
            logos += 1
            draw_logo(sheet, rng, inner, look)
        elif lot < 0.27:
            _fields(sheet, rng, cell, look)
        elif lot < 0.37:
            grid(sheet, rng, inner, look, rows=rng.randint(4, 12), columns=rng.randint(2, 4))
        elif lot < 0.5 and upright:
            capital = min(rng.uniform(1.2, 3.0) * look.capital, (inner[2] - inner[0]) / 4)
            for i in range(rng.randint(1, 3)):
                x = inner[0] + capital * (1.5 + 2 * i)
                text = rng.choice((*TITLE_LINES, *BLOCK_LINES))
                capital2 = min(capital, (inner[3] - inner[1]) / len(text) * 1.1)
                sheet.text(x, (inner[1] + inner[3]) / 2, text, capital2, angle=90)
        elif lot < 0.63 and not numbered:
            numbered = 1
            text = f"A{rng.randint(1, 9)}.{rng.randint(1, 30):02d}"
            capital = min((inner[2] - inner[0]) / 4.5, (inner[3] - inner[1]) * 0.5, look.capital * 7)
            sheet.text((inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2, text, capital)
        else:
            paragraph(sheet, rng, inner, look.capital * rng.uniform(0.6, 1.2), pool=BLOCK_LINES)
        at += size


def _fields(sheet: GreySheet, rng: random.Random, cell: Box, look: Style) -> None:
    """Framed fields beside and below each other, each with a small heading and a short text."""
    left, top, right, bottom = cell
    columns, rows = rng.randint(1, 3), rng.randint(1, 4)
    w, h = (right - left) / columns, (bottom - top) / rows
    capital = min(look.capital * 0.8, h / 5)
    for i in range(columns):
        for j in range(rows):
            x, y = left + w * i, top + h * j
            sheet.box(x, y, x + w, y + h, look.pens[rng.choice((1, 2))])
            letters = max(0, int(w / capital / 1.2))
            sheet.text(x + 4, y + capital, rng.choice(BLOCK_LINES)[:letters], capital * 0.8, align="left")
            if rng.random() < 0.7:
                middle = x + w / 2, y + h * 0.6
                sheet.text(*middle, rng.choice(TITLE_LINES)[: letters // 2], capital * 1.3, weight=rng.choice((0, 1)))


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
