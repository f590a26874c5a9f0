"""A coloured sheet to draw on, in pixels of the result, and masks for its lettering.

Everything is drawn at twice the size and averaged down: edges are exact to a quarter of a pixel.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from blueprints.geometry import Box, Point
from blueprints.lettering import CAPITAL_PER_EM, font

Colour = tuple[int, int, int]
Dash = tuple[float, float]
"""Lengths of a stroke and of the gap after it, in pixels."""

Align = Literal["left", "middle", "right"]

SUPERSAMPLING = 2


class Surface:
    """A sheet of `size` pixels (width, height); the finished drawing has `resolution` times as many.

    `grain` is the width of a sheet pixel in mask pixels.
    """

    def __init__(self, size: tuple[int, int], paper: Colour, resolution: int = 1) -> None:
        self.size = size
        self.grain = SUPERSAMPLING * resolution
        self._image = Image.new("RGB", (size[0] * self.grain, size[1] * self.grain), paper)
        self._draw = ImageDraw.Draw(self._image)

    def finish(self) -> Image.Image:
        """The drawing, RGB."""
        return self._image.reduce(SUPERSAMPLING)

    def line(self, points: Sequence[Point], pen: float, colour: Colour, dash: Dash | None = None) -> None:
        """A line through points. The thinnest pen is half a pixel."""
        if dash is not None:
            for start, end in pairwise(points):
                self._dashes(start, end, pen, colour, dash)
            return
        self._draw.line(self._scaled(points), fill=colour, width=max(1, round(pen * self.grain)))

    def outline(self, box: Box, pen: float, colour: Colour) -> None:
        left, top, right, bottom = box
        self.line([(left, top), (right, top), (right, bottom), (left, bottom), (left, top)], pen, colour)

    def fill(self, points: Sequence[Point], colour: Colour) -> None:
        if len(points) > 2:
            self._draw.polygon(self._scaled(points), fill=colour)

    def rectangle(self, box: Box, colour: Colour) -> None:
        """Fill a box given by the outer edges of its pixels, unlike Pillow's rectangle."""
        left, top, right, bottom = (round(value * self.grain) for value in box)
        if right > left and bottom > top:
            self._draw.rectangle((left, top, right - 1, bottom - 1), fill=colour)

    def circle(self, centre: Point, radius: float, pen: float, colour: Colour, inside: Colour | None = None) -> None:
        (x, y), r = self._scaled([centre])[0], radius * self.grain
        self._draw.ellipse(
            (x - r, y - r, x + r, y + r), fill=inside, outline=colour, width=max(1, round(pen * self.grain))
        )

    def arc(self, centre: Point, radius: float, start: float, end: float, pen: float, colour: Colour) -> None:
        """An arc between two angles in degrees, clockwise from the x axis."""
        (x, y), r = self._scaled([centre])[0], radius * self.grain
        self._draw.arc((x - r, y - r, x + r, y + r), start, end, fill=colour, width=max(1, round(pen * self.grain)))

    def stencil(self, mask: NDArray[np.bool_] | Image.Image, corner: Point, ink: Colour | Image.Image) -> None:
        """Paint through a mask of `grain` pixels per sheet pixel, with its top left corner at `corner`."""
        if not isinstance(mask, Image.Image):
            mask = Image.fromarray(mask)
        x, y = round(corner[0] * self.grain), round(corner[1] * self.grain)
        self._image.paste(ink, (x, y, x + mask.width, y + mask.height), mask)

    def paste(self, image: Image.Image, corner: Point) -> None:
        """Paste an image of `grain` pixels per sheet pixel, with its top left corner at `corner`."""
        self._image.paste(image, (round(corner[0] * self.grain), round(corner[1] * self.grain)))

    def text(
        self,
        at: Point,
        text: str,
        height: float,
        colour: Colour,
        *,
        lettering: Lettering,
        align: Align = "middle",
        angle: float = 0.0,
        halo: Colour | None = None,
    ) -> None:
        """A line of text, vertically centred at `at`; `height` is that of a capital, `angle` is counter-clockwise.

        `align` is along the text where the angle is 0 or 90; `halo` clears what lies under the text.
        """
        mask = text_mask(text, max(3, round(height * self.grain / CAPITAL_PER_EM)), lettering)
        shift = {"left": 0.0, "middle": 0.5, "right": 1.0}[align]
        (x, y) = self._scaled([at])[0]
        if angle == 90:
            mask = mask.transpose(Image.Transpose.ROTATE_90)
            corner = round(x - mask.width / 2), round(y - mask.height * (1 - shift))
        elif angle:
            mask = mask.rotate(angle, Image.Resampling.BILINEAR, expand=True)
            corner = round(x - mask.width / 2), round(y - mask.height / 2)
        else:
            corner = round(x - mask.width * shift), round(y - mask.height / 2)
        if halo is not None:
            self._draw.rectangle((*corner, corner[0] + mask.width, corner[1] + mask.height), fill=halo)
        self._image.paste(colour, corner, mask)

    def _dashes(self, start: Point, end: Point, pen: float, colour: Colour, dash: Dash) -> None:
        length = math.dist(start, end)
        if length == 0:
            return
        ux, uy = (end[0] - start[0]) / length, (end[1] - start[1]) / length
        at = 0.0
        while at < length:
            stop = min(at + dash[0], length)
            piece = [(start[0] + ux * at, start[1] + uy * at), (start[0] + ux * stop, start[1] + uy * stop)]
            self.line(piece, pen, colour)
            at += sum(dash)

    def _scaled(self, points: Sequence[Point]) -> list[Point]:
        return [(x * self.grain, y * self.grain) for x, y in points]


Lettering = tuple[float, float, int]
"""Letter width relative to the font's, slant (0 upright), and added weight in doubled pixels."""

UPRIGHT: Lettering = (1.0, 0.0, 0)

# The size of a raised "2", as a share of the text's.
SUPERSCRIPT = 0.6


@lru_cache(maxsize=2048)
def text_mask(text: str, em_px: int, lettering: Lettering = UPRIGHT) -> Image.Image:
    """The coverage mask of a line of text: 1.5 times as high as its capitals, which are vertically centred.

    The embedded font has no accents: letters lose theirs, as in the lettering of many drawings. It has no "²" either,
    which becomes a small raised "2".
    """
    text = "".join(letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter))
    stretch, slant, weight = lettering
    capital = em_px * CAPITAL_PER_EM
    height = max(2, round(capital * 1.5))
    lean = slant * height
    runs = [(run, font(em_px), 0.0) for run in text.split("²")]
    raised = "2", font(max(1, round(em_px * SUPERSCRIPT))), capital * 0.45
    runs = [run for index, base in enumerate(runs) for run in ((raised, base) if index else (base,))]
    width = sum(typeface.getlength(run) for run, typeface, _ in runs)
    natural = Image.new("L", (max(1, round(width + lean + 2 * weight + 1)), height))
    draw = ImageDraw.Draw(natural)
    x, baseline = weight + lean / 2, (height + capital) / 2
    for run, typeface, up in runs:
        draw.text((x, baseline - up), run, fill=255, font=typeface, anchor="ls", stroke_width=weight)
        x += typeface.getlength(run)
    if slant:
        natural = natural.transform(
            natural.size, Image.Transform.AFFINE, (1, slant, -slant * height / 2, 0, 1, 0), Image.Resampling.BILINEAR
        )
    if stretch == 1.0:
        return natural
    return natural.resize((max(1, round(natural.width * stretch)), height), Image.Resampling.BILINEAR)
