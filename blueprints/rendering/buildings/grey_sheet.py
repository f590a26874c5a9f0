"""A large grey sheet to draw on, in pixels of the result. It is drawn at twice the size and averaged down."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from blueprints.lettering import CAPITAL_PER_EM
from blueprints.rendering.polygons import Points
from blueprints.rendering.surface import UPRIGHT, Lettering, text_mask

DOUBLED = 2
PAPER = 255


class GreySheet:
    """A sheet of `size` pixels (width, height); greys are 0 black to 255 white."""

    def __init__(self, size: tuple[int, int], lettering: Lettering = UPRIGHT) -> None:
        self.size = size
        self.lettering = lettering
        self.image = Image.new("L", (size[0] * DOUBLED, size[1] * DOUBLED), PAPER)
        self._draw = ImageDraw.Draw(self.image)

    def finish(self) -> Image.Image:
        return self.image.reduce(DOUBLED)

    def line(self, path: Points, pen: float, grey: int = 0, dash: tuple[float, float] | None = None) -> None:
        if dash is not None:
            for start, end in pairwise(path):
                self._dashes(start, end, pen, grey, dash)
            return
        width = max(1, round(pen * DOUBLED))
        self._draw.line((path * DOUBLED).ravel().tolist(), fill=grey, width=width)

    def segment(
        self,
        x0: float,
        y0: float,
        x1: float,
        y1: float,
        pen: float,
        grey: int = 0,
        dash: tuple[float, float] | None = None,
    ) -> None:
        if dash is not None:
            self._dashes(np.array((x0, y0)), np.array((x1, y1)), pen, grey, dash)
            return
        self._draw.line(
            (x0 * DOUBLED, y0 * DOUBLED, x1 * DOUBLED, y1 * DOUBLED), fill=grey, width=max(1, round(pen * DOUBLED))
        )

    def box(
        self, left: float, top: float, right: float, bottom: float, pen: float, grey: int = 0, fill: int | None = None
    ) -> None:
        if right < left or bottom < top:
            return
        self._draw.rectangle(
            (left * DOUBLED, top * DOUBLED, right * DOUBLED, bottom * DOUBLED),
            fill=fill,
            outline=grey if pen else None,
            width=max(1, round(pen * DOUBLED)) if pen else 0,
        )

    def polygon(self, path: Points, fill: int | None, pen: float = 0.0, grey: int = 0) -> None:
        flat = (path * DOUBLED).ravel().tolist()
        if fill is not None:
            self._draw.polygon(flat, fill=fill)
        if pen:
            self._draw.line([*flat, *flat[:2]], fill=grey, width=max(1, round(pen * DOUBLED)))

    def circle(self, x: float, y: float, radius: float, pen: float, grey: int = 0, fill: int | None = None) -> None:
        box = ((x - radius) * DOUBLED, (y - radius) * DOUBLED, (x + radius) * DOUBLED, (y + radius) * DOUBLED)
        self._draw.ellipse(box, fill=fill, outline=grey, width=max(1, round(pen * DOUBLED)))

    def arc(self, x: float, y: float, radius: float, start: float, end: float, pen: float, grey: int = 0) -> None:
        box = ((x - radius) * DOUBLED, (y - radius) * DOUBLED, (x + radius) * DOUBLED, (y + radius) * DOUBLED)
        self._draw.arc(box, start, end, fill=grey, width=max(1, round(pen * DOUBLED)))

    def text(
        self,
        x: float,
        y: float,
        text: str,
        capital: float,
        *,
        grey: int = 0,
        angle: float = 0.0,
        align: Literal["left", "middle", "right"] = "middle",
        halo: int | None = None,
        weight: int = 0,
    ) -> None:
        """A line of text, vertically centred at y; `capital` is the height of a capital, `angle` counter-clockwise."""
        if not text:
            return
        stretch, slant, own = self.lettering
        em = max(4, round(capital * DOUBLED / CAPITAL_PER_EM))
        mask = text_mask(text, em, (stretch, slant, own + weight))
        if angle % 360:
            mask = (
                mask.transpose(Image.Transpose.ROTATE_90)
                if angle == 90
                else mask.rotate(angle, Image.Resampling.BILINEAR, expand=True)
            )
        shift = {"left": 0.0, "middle": 0.5, "right": 1.0}[align]
        if angle == 90:
            corner = round(x * DOUBLED - mask.width / 2), round(y * DOUBLED - mask.height * (1 - shift))
        elif angle % 360:
            corner = round(x * DOUBLED - mask.width / 2), round(y * DOUBLED - mask.height / 2)
        else:
            corner = round(x * DOUBLED - mask.width * shift), round(y * DOUBLED - mask.height / 2)
        if halo is not None and not angle % 90:
            self._draw.rectangle((*corner, corner[0] + mask.width, corner[1] + mask.height), fill=halo)
        self.image.paste(grey, corner, mask)

    def width_of(self, text: str, capital: float) -> float:
        em = max(4, round(capital * DOUBLED / CAPITAL_PER_EM))
        return text_mask(text, em, self.lettering).width / DOUBLED

    def through(self, mask: Image.Image, corner: tuple[int, int], fill: int | Image.Image) -> None:
        """Paint through a mask of doubled pixels; its corner is in doubled pixels too."""
        box = (corner[0], corner[1], corner[0] + mask.width, corner[1] + mask.height)
        self.image.paste(fill, box, mask)

    def _dashes(self, start: Points, end: Points, pen: float, grey: int, dash: tuple[float, float]) -> None:
        length = math.hypot(end[0] - start[0], end[1] - start[1])
        if length < 1e-6:
            return
        ux, uy = (end[0] - start[0]) / length, (end[1] - start[1]) / length
        width = max(1, round(pen * DOUBLED))
        step = max(1.0, dash[0] + dash[1])
        at = 0.0
        while at < length:
            stop = min(at + dash[0], length)
            self._draw.line(
                (
                    (start[0] + ux * at) * DOUBLED,
                    (start[1] + uy * at) * DOUBLED,
                    (start[0] + ux * stop) * DOUBLED,
                    (start[1] + uy * stop) * DOUBLED,
                ),
                fill=grey,
                width=width,
            )
            at += step


Hatch = Literal["diagonal", "cross", "tiles", "dots", "wave", "bricks", "sparse"]


def hatch(form: Hatch, size: tuple[int, int], pitch: int, grey: int, pen: int, offset: tuple[int, int]) -> Image.Image:
    """A pattern of the given size in doubled pixels; `offset` aligns the patterns of neighbours."""
    width, height = size
    # Drawn once over its period, 2 pitches or (sparse) 15, and repeated.
    period = pitch * (15 if form == "sparse" else 2)
    x = (np.arange(period) + offset[0] % period)[None, :]
    y = (np.arange(period) + offset[1] % period)[:, None]
    marks: NDArray[np.bool_]
    if form == "diagonal":
        marks = (x + y) % pitch < pen
    elif form == "cross":
        marks = ((x + y) % pitch < pen) | ((x - y) % pitch < pen)
    elif form == "tiles":
        marks = (x % pitch < pen) | (y % pitch < pen)
    elif form == "dots":
        marks = (x % pitch < pen) & ((y + pitch // 2 * (x // pitch % 2)) % pitch < pen)
    elif form == "bricks":
        marks = (y % pitch < pen) | ((x + (y // pitch % 2) * pitch) % (2 * pitch) < pen)
    elif form == "wave":
        rise = (np.abs((x % (2 * pitch)) - pitch)).astype(np.int64)
        marks = np.abs(y % (2 * pitch) - rise) < pen
    else:
        marks = ((x * 7 + y * 13) % (pitch * 5) < pen) & ((x * 3 - y * 5) % (pitch * 3) < pen * 2)
    tile = np.where(np.broadcast_to(marks, (period, period)), np.uint8(grey), np.uint8(PAPER))
    return Image.fromarray(np.tile(tile, (-(-height // period), -(-width // period)))[:height, :width])
