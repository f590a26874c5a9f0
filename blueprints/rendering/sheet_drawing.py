"""What a sheet shows besides its floors: title blocks, north arrow, scale bar, stamps, and drawings without rooms."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from itertools import pairwise

from PIL import Image, ImageDraw

from blueprints.geometry import Box, Point
from blueprints.rendering.drawing import Drawing
from blueprints.rendering.drawing_style import DrawingStyle
from blueprints.rendering.surface import Colour

TITLES = (
    "ASUNTO B 16", "FLOOR PLAN", "POHJAPIIRROS 1:100", "OMAKOTITALO", "PROPOSED RESIDENCE", "EINFAMILIENHAUS",
    "MAISON INDIVIDUELLE", "VIVIENDA UNIFAMILIAR", "A-101", "A1.3", "SHEET 3 OF 12", "REV. B", "1:50", "2021-03-08",
    "14.5.1987", "3H+K+S 89,5 m2", "DRAWN: JK", "ISSUED FOR CONSTRUCTION", "PROJECT NO. 2017-44", "LOT 22", "Plan R+1",
    "SCALE 1/4\" = 1'-0\"", "ARK 02", "Pohja ohjeellinen, ei mittakaavassa", "2 BHK", "HOUSE TYPE C", "AREA 124.6 m2",
)  # fmt: skip
STAMPS = ("APPROVED", "HYVÄKSYTTY", "GENEHMIGT", "COPY", "RECEIVED 12.06.1994", "VU", "APROBADO", "PRELIMINARY")
STAMP_INKS: tuple[Colour, ...] = ((170, 40, 50), (50, 60, 150), (90, 90, 90), (30, 110, 70))
PENS: tuple[Colour, ...] = ((40, 50, 140), (20, 20, 20), (200, 30, 40))


class SheetDrawing(Drawing):
    """Draws what is on a sheet besides its floors."""

    def draw_at_random(self, spare: Sequence[Box], rng: random.Random) -> None:
        """Title block, north arrow, scale bar, stamps, pen strokes; drawings without rooms fill the `spare` boxes."""
        for box in spare:
            rng.choice((self._elevation, self._roof, self._table, self._site))(box, rng)
        width, height = self.surface.size
        if self.style.title in ("strip", "band", "corner"):
            self._title_block(title_box(self.style, self.surface.size), rng)
        if self.style.north:
            centre = rng.choice((0.06, 0.94)) * width, rng.choice((0.07, 0.93)) * height
            self.north_arrow(centre, rng.uniform(8, 15), rng.uniform(0, math.tau), ring=rng.random() < 0.7)
        if self.style.scale_bar:
            self.scale_bar((rng.uniform(0.1, 0.7) * width, 0.97 * height))
        for _ in range(self.style.stamps):
            self._stamp((rng.uniform(0.1, 0.9) * width, rng.uniform(0.1, 0.9) * height), rng)
        for _ in range(self.style.scrawls):
            self._scrawl(rng)

    def _title_block(self, box: Box, rng: random.Random) -> None:
        left, top, right, bottom = box
        width, height = self.surface.size
        self.surface.rectangle(box, self.style.paper)
        self.outline(box, 1.5)
        if self.style.title != "corner":
            self.outline((4.0, 4.0, width - 4.0, height - 4.0), 1.5)
        along_x = self.style.title == "band"
        at = left if along_x else top
        end = right if along_x else bottom
        while at < end - 12:
            size = min(rng.uniform(14, 110 if along_x else 70), end - at)
            cell = (at, top, at + size, bottom) if along_x else (left, at, right, at + size)
            self.outline(cell)
            self._paragraph(cell, rng)
            at += size

    def _paragraph(self, box: Box, rng: random.Random) -> None:
        """As many lines of title text as fit."""
        left, top, right, bottom = box
        capital = rng.choice((2.6, 3.2, 4.5))
        y = top + capital * 1.6
        while y < bottom - capital and rng.random() < 0.85:
            text = rng.choice(TITLES)
            fitting = text[: max(1, int((right - left - 6) / capital / 0.95))]
            self.text((left + 4, y), fitting, capital, align="left")
            y += capital * 2.2

    def north_arrow(self, centre: Point, radius: float, angle: float = 0.0, *, ring: bool = True) -> None:
        """`angle` is clockwise from the top, in radians."""
        x, y = centre
        if ring:
            self.surface.circle(centre, radius, self.style.pen, self.style.ink)

        def around(turn: float, distance: float) -> Point:
            return x + distance * math.sin(angle + turn), y - distance * math.cos(angle + turn)

        self.surface.fill([around(0, radius), around(2.6, radius * 0.8), around(math.pi, radius * 0.3)], self.style.ink)
        self.line([around(0, radius), around(-2.6, radius * 0.8), around(math.pi, radius * 0.3)])
        self.text(around(0, radius + 6), "N", 5.0)

    def scale_bar(self, corner: Point, part: float = 16.0, metres: float = 1.0) -> None:
        """Four parts of equal length in pixels, with the metres at the start of each."""
        x, y = corner
        for number in range(4):
            box = x + number * part, y, x + number * part + part, y + 3
            if number % 2 == 0:
                self.surface.rectangle(box, self.style.ink)
            self.outline(box, 0.6)
            self.text((x + number * part, y - 4), f"{number * metres:g}", 3.2)

    def _stamp(self, centre: Point, rng: random.Random) -> None:
        """A rectangle or a ring with a word, slanted and translucent."""
        ink, text = rng.choice(STAMP_INKS), rng.choice(STAMPS)
        width, height = (rng.randint(70, 150) * self.surface.grain, rng.randint(22, 44) * self.surface.grain)
        opacity = rng.randint(120, 230)
        mask = Image.new("L", (width, height))
        draw = ImageDraw.Draw(mask)
        pen = rng.choice((2, 3, 5))
        if rng.random() < 0.6:
            draw.rectangle((0, 0, width - 1, height - 1), outline=opacity, width=pen)
        else:
            draw.ellipse((0, 0, width - 1, height - 1), outline=opacity, width=pen)
        size = min(height * 0.4, width / len(text))
        draw.text((width / 2, height / 2), text, fill=opacity, anchor="mm", font_size=size)
        mask = mask.rotate(rng.uniform(-25, 25), Image.Resampling.BILINEAR, expand=True)
        corner = centre[0] - mask.width / 2 / self.surface.grain, centre[1] - mask.height / 2 / self.surface.grain
        self.surface.stencil(mask, corner, ink)

    def _scrawl(self, rng: random.Random) -> None:
        """A stroke of a pen: a wandering line, or a loop around a part of the plan."""
        width, height = self.surface.size
        x, y = rng.uniform(0.1, 0.9) * width, rng.uniform(0.1, 0.9) * height
        colour = rng.choice(PENS)
        if rng.random() < 0.2:
            radii = rng.uniform(0.1, 0.3) * width, rng.uniform(0.1, 0.3) * height
            turns = [math.tau * step / 24 for step in range(25)]
            loop = [
                (x + radii[0] * math.cos(a) + rng.uniform(-4, 4), y + radii[1] * math.sin(a) + rng.uniform(-4, 4))
                for a in turns
            ]
            self.surface.line(loop, rng.choice((1.5, 4.0)), colour)
            return
        points = [(x, y)]
        heading = rng.uniform(0, math.tau)
        for _ in range(rng.randint(6, 30)):
            heading += rng.uniform(-1.0, 1.0)
            x, y = x + 5 * math.cos(heading), y + 4 * math.sin(heading)
            points.append((x, y))
        self.surface.line(points, rng.choice((0.6, 1.0)), colour)

    def _elevation(self, box: Box, rng: random.Random) -> None:
        """A front with a roof and windows."""
        left, top, right, bottom = _inset(box, 0.12)
        eaves = top + (bottom - top) * rng.uniform(0.3, 0.5)
        self.line([(left, bottom), (right, bottom)], 2)
        self.outline((left + 6, eaves, right - 6, bottom))
        ridge = left + (right - left) * rng.uniform(0.3, 0.7)
        self.line([(left, eaves), (ridge, top), (right, eaves), (left, eaves)])
        for _ in range(rng.randint(2, 6)):
            x, y = rng.uniform(left + 8, right - 24), rng.uniform(eaves + 3, max(eaves + 4, bottom - 20))
            self.outline((x, y, x + rng.uniform(8, 16), y + rng.uniform(8, 16)), 0.7)
        if rng.random() < 0.5:
            y = eaves
            while y < bottom:
                self.line([(left + 6, y), (right - 6, y)], 0.4)
                y += 4

    def _roof(self, box: Box, _rng: random.Random) -> None:
        """A hipped roof from above."""
        left, top, right, bottom = _inset(box, 0.15)
        middle, hip = (top + bottom) / 2, min(right - left, bottom - top) / 2
        self.outline((left, top, right, bottom))
        ends = (left + hip, middle), (right - hip, middle)
        self.line([*ends])
        for corner, end in (
            ((left, top), ends[0]),
            ((left, bottom), ends[0]),
            ((right, top), ends[1]),
            ((right, bottom), ends[1]),
        ):
            self.line([corner, end])
        self.text(((left + right) / 2, bottom + 8), "ROOF PLAN", 4.5)

    def _table(self, box: Box, rng: random.Random) -> None:
        """A schedule: rows of short texts."""
        left, top, right, bottom = _inset(box, 0.15)
        row = rng.uniform(8, 12)
        columns = [left, *sorted(rng.uniform(left + 10, right - 10) for _ in range(rng.randint(1, 4))), right]
        y = top
        while y + row <= bottom:
            self.line([(left, y), (right, y)], 0.6)
            for start, end in pairwise(columns):
                text = rng.choice(TITLES)[: max(1, int((end - start - 4) / 3.2))]
                self.text((start + 2, y + row / 2), text, 3.0, align="left")
            y += row
        self.outline((left, top, right, y))
        for x in columns[1:-1]:
            self.line([(x, top), (x, y)], 0.6)

    def _site(self, box: Box, rng: random.Random) -> None:
        """A plot with the outline of a house and some trees."""
        left, top, right, bottom = _inset(box, 0.12)
        plot = [
            (left + rng.uniform(0, 12), top + rng.uniform(0, 12)),
            (right - rng.uniform(0, 12), top),
            (right, bottom - rng.uniform(0, 12)),
            (left, bottom),
        ]
        self.line([*plot, plot[0]], dash=(8.0, 3.0))
        x0, y0, x1, y1 = _inset((left, top, right, bottom), rng.uniform(0.3, 0.36))
        self.surface.fill([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], self.style.ink)
        for _ in range(rng.randint(2, 8)):
            tree = rng.uniform(left, right), rng.uniform(top, bottom)
            self.surface.circle(tree, rng.uniform(4, 9), self.style.pen, self.style.ink)


def title_px(style: DrawingStyle) -> Point:
    """The width and height that a title block takes, in pixels."""
    return {"strip": (88.0, 0.0), "band": (0.0, 60.0)}.get(style.title, (0.0, 0.0))


def title_box(style: DrawingStyle, size: tuple[int, int]) -> Box:
    width, height = size
    if style.title == "strip":
        return width - 84.0, 4.0, width - 4.0, height - 4.0
    if style.title == "band":
        return 4.0, height - 56.0, width - 4.0, height - 4.0
    return width * 0.72, height - 60.0, width - 4.0, height - 4.0


def _inset(box: Box, share: float) -> Box:
    left, top, right, bottom = box
    dx, dy = (right - left) * share, (bottom - top) * share
    return left + dx, top + dy, right - dx, bottom - dy
