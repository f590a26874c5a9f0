"""Tags of doors, walls and finishes, keynotes, section and elevation marks, revision clouds, escape routes."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from blueprints.rendering.buildings.grey_sheet import PAPER, GreySheet
from blueprints.rendering.buildings.look import Placing, Style
from blueprints.rendering.buildings.storey import Storey
from blueprints.rendering.buildings.tag_drawing import point_within
from blueprints.rendering.polygons import Points, rectangle

FINISHES = (
    *("CPT-1", "CPT-2", "VCT-1", "P-1", "P-2", "P-3", "PT-1/PT-2", "CG", "RB-1", "LVT-3"),
    *("CP-1", "W1", "S4", "GWB-3", "EXT-2", "6.2C", "3.4D", "EQ", "TYP."),
)


@dataclass(frozen=True, eq=False, kw_only=True)
class _Marks:
    """What all the marks of a drawing share."""

    sheet: GreySheet
    style: Style
    rng: random.Random

    @property
    def capital(self) -> float:
        return self.style.capital * 0.8

    def tag(self, form: str, outline: Points) -> None:
        """One mark in a room."""
        rng, capital = self.rng, self.capital
        x, y = _along(outline, rng) if len(outline) == 4 else point_within(outline, rng)
        if form == "finish":
            self._finish(x, y)
        elif form == "hexagon":
            _bubble(self.sheet, x, y, "hexagon", rng.choice("123456789"), capital * 1.2, self.style)
        elif form == "wall":
            self._wall_type(x, y, outline[rng.randrange(len(outline))])
        elif form == "arrows":
            self._arrows(x, y)
        elif form == "elevation":
            _view_mark(self.sheet, x, y, capital, self.style, rng)
        elif len(outline) == 4:
            self._paint(outline)

    def _finish(self, x: float, y: float) -> None:
        """The same finish tag at both ends of a line, as where two floors meet."""
        text = self.rng.choice(FINISHES)
        x2 = x + self.rng.choice((-1, 1)) * self.capital * self.rng.uniform(5, 9)
        self.sheet.segment(x, y, x2, y, 0.5, self.style.ink)
        for end in (x2, x):
            self.sheet.text(end, y, text, self.capital, grey=self.style.ink, halo=PAPER)

    def _wall_type(self, x: float, y: float, corner: Points) -> None:
        sheet, capital, ink = self.sheet, self.capital, self.style.ink
        sheet.line(np.array((corner, (x, y))), self.style.pens[1], ink)
        text = self.rng.choice(FINISHES)
        half = sheet.width_of(text, capital) / 2 + 3
        sheet.box(x - half, y - capital, x + half, y + capital, 0.5, ink, PAPER)
        sheet.text(x, y, text, capital, grey=ink)

    def _arrows(self, x: float, y: float) -> None:
        """Arrows that show the direction in which a floor is laid."""
        half, ink = self.capital * 2.2, self.style.ink
        self.sheet.segment(x - half, y, x + half, y, self.style.pens[1], ink)
        for tip in (-half, half):
            base = x + tip * 0.5
            self.sheet.polygon(np.array(((x + tip, y), (base, y - 2.5), (base, y + 2.5))), ink)

    def _paint(self, outline: Points) -> None:
        """A line along the walls, with the name of their paint."""
        centre, ink = outline.mean(axis=0), self.style.ink
        ring = centre + (outline - centre) * 0.9
        self.sheet.polygon(ring, None, 0.5, ink)
        for corner, inner in zip(outline, ring, strict=True):
            self.sheet.line(np.array((corner, inner)), 0.5, ink)
        x, y = ((ring[0] + ring[1]) / 2).tolist()
        self.sheet.text(x, y, self.rng.choice(("P-1", "P-2", "P-3")), self.capital, grey=ink, halo=PAPER)

    def views(self, low: Points, high: Points) -> None:
        """Section and elevation marks in and around the plan, and section lines across it."""
        rng, capital = self.rng, self.capital
        for _ in range(rng.randint(0, 5)):
            x = rng.uniform(low[0], high[0])
            y = rng.choice((low[1] - capital * 4, high[1] + capital * 4, rng.uniform(low[1], high[1])))
            _view_mark(self.sheet, float(x), float(y), capital * 1.4, self.style, rng)
        for _ in range(rng.choice((0, 0, 1, 2))):
            along = 0 if rng.random() < 0.5 else 1
            ends = np.array((low - 20, high + 20))
            ends[:, 1 - along] = low[1 - along] + (high[1 - along] - low[1 - along]) * rng.uniform(0.1, 0.9)
            self.sheet.line(ends, self.style.pens[2], self.style.ink, (18, 4))

    def paths(self, outlines: Sequence[Points]) -> None:
        """Dashed escape routes out of rooms."""
        rng = self.rng
        for _ in range(rng.randint(1, 4)):
            stops = [np.array(point_within(rng.choice(outlines), rng)) for _ in range(rng.randint(2, 4))]
            path = [stops[0]]
            for stop in stops[1:]:
                path += [np.array((stop[0], path[-1][1])), stop]
            self.sheet.line(np.array(path), self.style.pens[2], self.style.ink, (8, 4))
            x, y = path[0].tolist()
            self.sheet.circle(x, y, self.capital * 0.6, self.style.pens[2], self.style.ink, PAPER)

    def details(self, low: Points, high: Points) -> None:
        """Dashed boxes around the areas that details show, each with its number."""
        rng, capital, ink = self.rng, self.capital, self.style.ink
        for _ in range(rng.choice((0, 0, 1, 2))):
            x, y = rng.uniform(low[0], high[0]), rng.uniform(low[1], high[1])
            w, h = rng.uniform(60, 260), rng.uniform(50, 200)
            box = rectangle(x, y, x + w, y + h)
            self.sheet.line(np.concatenate((box, box[:1])), self.style.pens[2], ink, (10, 4))
            self.sheet.circle(x + w + 20, y - 10, capital * 2.2, self.style.pens[1], ink, PAPER)
            self.sheet.text(x + w + 20, y - 10, f"A{rng.randint(1, 9)}", capital, grey=ink)
            self.sheet.segment(x + w, y, x + w + 20 - capital * 2.2, y - 8, self.style.pens[1], ink)


def draw_marks(
    sheet: GreySheet, s: Storey, outlines: Sequence[Points], at: Placing, style_: Style, rng: random.Random
) -> None:
    """Tags of doors, walls and finishes, keynotes, section and elevation marks, revision clouds."""
    marks = _Marks(sheet=sheet, style=style_, rng=rng)
    capital = marks.capital
    door_form = rng.choice(("none", "circle", "hexagon", "oval"))
    forms = rng.sample(("finish", "hexagon", "wall", "arrows", "elevation", "paint"), rng.randint(1, 4))
    for number, cut in enumerate(s.cuts):
        if rng.random() < style_.marks and door_form != "none":
            x, y = at(cut).mean(axis=0).tolist()
            x, y = x + rng.uniform(-2.5, 2.5) * capital, y + rng.uniform(-2.5, 2.5) * capital
            _bubble(sheet, x, y, door_form, str(100 + number), capital * 0.8, style_)
    for outline in outlines:
        form = rng.choice(forms)
        if rng.random() <= style_.marks:
            marks.tag(form, outline)
    every = np.concatenate(outlines)
    low, high = every.min(axis=0), every.max(axis=0)
    marks.views(low, high)
    if rng.random() < 0.15:
        marks.paths(outlines)
    if rng.random() < 0.3:
        for _ in range(rng.randint(1, 3)):
            x, y = rng.uniform(low[0], high[0]), rng.uniform(low[1], high[1])
            _cloud(sheet, x, y, x + rng.uniform(60, 400), y + rng.uniform(30, 250), rng.uniform(8, 16), style_)
    marks.details(low, high)


def _along(outline: Points, rng: random.Random) -> tuple[float, float]:
    a, b = rng.uniform(0.2, 0.8), rng.uniform(0.2, 0.8)
    point = outline[0] + (outline[1] - outline[0]) * a + (outline[3] - outline[0]) * b
    return float(point[0]), float(point[1])


def _bubble(sheet: GreySheet, x: float, y: float, form: str, text: str, capital: float, style_: Style) -> None:
    radius = max(capital * 1.4, capital * 0.45 * len(text) + 2)
    if form == "circle":
        sheet.circle(x, y, radius, 0.5, style_.ink, PAPER)
    elif form == "hexagon":
        turns = np.arange(6) * math.pi / 3
        sheet.polygon(
            np.stack((x + radius * np.cos(turns), y + radius * np.sin(turns)), axis=1), PAPER, 0.5, style_.ink
        )
    else:
        sheet.box(x - radius, y - capital, x + radius, y + capital, 0.5, style_.ink, PAPER)
    sheet.text(x, y, text, capital, grey=style_.ink)


def _view_mark(sheet: GreySheet, x: float, y: float, capital: float, style_: Style, rng: random.Random) -> None:
    r = capital * 2
    turn = rng.choice((0, 1, 2, 3)) * math.pi / 2
    tip = np.array([(math.cos(turn + a), math.sin(turn + a)) for a in (0, 0.9, -0.9)])
    sheet.polygon(np.array((x, y)) + tip * np.array(((1.5,), (1.0,), (1.0,))) * r, style_.ink)
    sheet.circle(x, y, r, style_.pens[1], style_.ink, PAPER)
    sheet.segment(x - r, y, x + r, y, 0.5, style_.ink)
    sheet.text(x, y - r * 0.45, str(rng.randint(1, 12)), capital * 0.7, grey=style_.ink)
    sheet.text(x, y + r * 0.45, f"A{rng.randint(1, 9)}.0{rng.randint(1, 9)}", capital * 0.55, grey=style_.ink)


def _cloud(sheet: GreySheet, x0: float, y0: float, x1: float, y1: float, radius: float, style_: Style) -> None:
    x = x0
    while x < x1:
        sheet.arc(x + radius, y0, radius, 180, 360, style_.pens[2], style_.ink)
        sheet.arc(x + radius, y1, radius, 0, 180, style_.pens[2], style_.ink)
        x += 2 * radius
    y = y0
    while y < y1:
        sheet.arc(x0, y + radius, radius, 90, 270, style_.pens[2], style_.ink)
        sheet.arc(x, y + radius, radius, 270, 90, style_.pens[2], style_.ink)
        y += 2 * radius
