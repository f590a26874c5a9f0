"""Anti-aliased drawing in metres.

Everything is drawn `SUPERSAMPLING` times larger in one grey channel and averaged down, so that edges fall where the
metres say, to a fraction of a pixel.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from PIL import Image, ImageDraw

from blueprints.errors import BlueprintError
from blueprints.geometry import Point
from blueprints.lettering import CAPITAL_PER_EM, font, undrawable

SUPERSAMPLING = 4
PAPER = 255

# The embedded font has no superscript two, and areas need one: it is a "2" of this share of the size, raised.
SUPERSCRIPT = 0.6

Align = Literal["left", "middle", "right"]


class Canvas:
    """A sheet of paper to draw on with pens in metres.

    `origin` is added to every point, so that a plan's own coordinates can be drawn as they are.
    """

    def __init__(self, width: float, height: float, pixels_per_metre: float, origin: Point) -> None:
        self._size = max(1, round(width * pixels_per_metre)), max(1, round(height * pixels_per_metre))
        # The sheet fills the image exactly, so that fractions of the sheet are fractions of the image.
        self._factors = (
            self._size[0] * SUPERSAMPLING / width,
            self._size[1] * SUPERSAMPLING / height,
        )
        self._origin = origin
        self._image = Image.new("L", (self._size[0] * SUPERSAMPLING, self._size[1] * SUPERSAMPLING), PAPER)
        self._draw = ImageDraw.Draw(self._image)

    def finish(self) -> Image.Image:
        """The drawing, 8-bit grey."""
        return self._image.reduce(SUPERSAMPLING)

    def fill(self, outline: Sequence[Point], ink: int) -> None:
        self._draw.polygon(self._pixels(outline), fill=ink)

    def line(self, points: Sequence[Point], pen: float, ink: int, *, closed: bool = False) -> None:
        """A line through points; a closed one joins its ends. It is never thinner than half a pixel of the result."""
        path = self._pixels(points)
        if closed:
            path = [*path, *path[:2]]
        self._draw.line(path, fill=ink, width=self._pen(pen), joint="curve")

    def hatch(self, outlines: Sequence[Sequence[Point]], spacing: float, pen: float, ink: int) -> None:
        """Fill the union of outlines with paper and lines at 45 degrees."""
        mask = Image.new("1", self._image.size)
        stencil = ImageDraw.Draw(mask)
        for outline in outlines:
            stencil.polygon(self._pixels(outline), fill=1)
        width, height = self._image.size
        pattern = Image.new("L", self._image.size, PAPER)
        draw = ImageDraw.Draw(pattern)
        step = max(2, round(spacing * self._factors[0] * 2**0.5))
        for x in range(0, width + height, step):
            draw.line([(x, 0), (x - height, height)], fill=ink, width=self._pen(pen))
        self._image.paste(pattern, mask=mask)

    def text(
        self,
        at: Point,
        text: str,
        height: float,
        ink: int,
        *,
        align: Align = "middle",
        upwards: bool = False,
        halo: bool = False,
    ) -> None:
        """One line of text, vertically centred on its capitals at `at`.

        `height` is that of a capital; `upwards` reads from bottom to top, and then `align` is along y; `halo` clears
        the paper behind the text. A character without a glyph raises BlueprintError.
        """
        em_px = max(1, round(height * self._factors[1] / CAPITAL_PER_EM))
        mask = _text_mask(text, em_px)
        shift = {"left": 0.0, "middle": 0.5, "right": 1.0}[align]
        x, y = self._pixels([at])[0]
        if upwards:
            mask = mask.transpose(Image.Transpose.ROTATE_90)
            corner = round(x - mask.width / 2), round(y - mask.height * (1 - shift))
        else:
            corner = round(x - mask.width * shift), round(y - mask.height / 2)
        if halo:
            self._draw.rectangle((corner, (corner[0] + mask.width, corner[1] + mask.height)), fill=PAPER)
        self._image.paste(ink, corner, mask)

    def text_width(self, text: str, height: float) -> float:
        """The length of a line of text, in metres."""
        em_px = max(1, round(height * self._factors[1] / CAPITAL_PER_EM))
        return _text_mask(text, em_px).width / self._factors[0]

    def _pen(self, pen: float) -> int:
        return max(SUPERSAMPLING // 2, round(pen * self._factors[0]))

    def _pixels(self, points: Sequence[Point]) -> list[tuple[float, float]]:
        (ox, oy), (fx, fy) = self._origin, self._factors
        return [((x + ox) * fx, (y + oy) * fy) for x, y in points]


def _text_mask(text: str, em_px: int) -> Image.Image:
    """The text's coverage, as wide as it advances and 1.7 times as high as its capitals, which stand in the middle."""
    if missing := undrawable(text.replace("²", "")):
        raise BlueprintError(f"text {text!r}: the embedded font cannot draw {missing!r}: write it without")
    capital = em_px * CAPITAL_PER_EM
    height = round(capital * 1.7)
    baseline = (height + capital) / 2
    runs = [
        (run, em_px if index % 2 == 0 else max(1, round(em_px * SUPERSCRIPT)), 0 if index % 2 == 0 else capital * 0.45)
        for index, run in enumerate(text.replace("²", "\0" + "2" + "\0").split("\0"))
        if run
    ]
    width = sum(font(size).getlength(run) for run, size, _ in runs)
    mask = Image.new("L", (max(1, round(width)), height))
    draw = ImageDraw.Draw(mask)
    x = 0.0
    for run, size, raised in runs:
        draw.text((x, baseline - raised), run, fill=255, font=font(size), anchor="ls")
        x += font(size).getlength(run)
    return mask
