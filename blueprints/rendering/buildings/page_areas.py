"""The layout of a page, and where a drawing that is larger than the page is cut."""

from __future__ import annotations

import random
from dataclasses import dataclass

from blueprints.geometry import Box
from blueprints.rendering.buildings.grey_sheet import PAPER, GreySheet
from blueprints.rendering.buildings.look import Style


@dataclass(frozen=True, kw_only=True)
class Areas:
    """The layout of a page, in pixels."""

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
