"""A surface, and the style of everything drawn on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from blueprints.geometry import Box, Point
from blueprints.rendering.drawing_style import DrawingStyle
from blueprints.rendering.surface import Align, Dash, Surface


@dataclass(frozen=True, eq=False, kw_only=True)
class Drawing:
    """Draws layouts, their surroundings and sheets; a `weight` is a multiple of the style's pen."""

    surface: Surface
    style: DrawingStyle

    def line(self, points: Sequence[Point], weight: float = 1.0, dash: Dash | None = None) -> None:
        self.surface.line(points, self.style.pen * weight, self.style.ink, dash)

    def outline(self, box: Box, weight: float = 1.0) -> None:
        self.surface.outline(box, self.style.pen * weight, self.style.ink)

    def text(
        self, at: Point, text: str, capital: float, *, align: Align = "middle", angle: float = 0.0, halo: bool = False
    ) -> None:
        """One line of text (`Surface.text`); `halo` clears the paper behind it."""
        self.surface.text(
            at,
            text,
            capital,
            self.style.text_ink,
            lettering=self.style.lettering,
            align=align,
            angle=angle,
            halo=self.style.paper if halo else None,
        )
