"""Elevations, sections, details, roofs and sites: drawings without rooms."""

from __future__ import annotations

import random

import numpy as np

from blueprints.geometry import Box
from blueprints.rendering.buildings.dimension_drawing import length_text
from blueprints.rendering.buildings.grey_sheet import PAPER, GreySheet, hatch
from blueprints.rendering.buildings.look import Style
from blueprints.rendering.buildings.page_texts import schedule, sentence


def other_drawing(sheet: GreySheet, rng: random.Random, box: Box, look: Style) -> None:
    """An elevation, a section, a detail, a roof or a site: its lines enclose areas that are not rooms."""
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
    """Slabs and walls in section: their cells are not rooms."""
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


def _roof(sheet: GreySheet, _rng: random.Random, box: Box, look: Style) -> None:
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
