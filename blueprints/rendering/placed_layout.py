"""A layout placed on a sheet."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from blueprints.geometry import Box, Point
from blueprints.rendering.layout import Layout
from blueprints.rendering.surface import SUPERSAMPLING


@dataclass(frozen=True, eq=False, kw_only=True)
class PlacedLayout:
    """A layout, its top left corner on a sheet, and the size of a layout pixel in pixels of the sheet."""

    layout: Layout
    corner: Point
    scale: float

    @cached_property
    def size(self) -> tuple[int, int]:
        """Width and height in doubled pixels, whole so that masks fill it exactly."""
        return (
            max(1, round(self.layout.width * self.scale * SUPERSAMPLING)),
            max(1, round(self.layout.height * self.scale * SUPERSAMPLING)),
        )

    @cached_property
    def factors(self) -> Point:
        width, height = self.size
        return width / SUPERSAMPLING / self.layout.width, height / SUPERSAMPLING / self.layout.height

    @cached_property
    def origin(self) -> Point:
        """The corner on the grid of doubled pixels."""
        return round(self.corner[0] * SUPERSAMPLING) / SUPERSAMPLING, round(
            self.corner[1] * SUPERSAMPLING
        ) / SUPERSAMPLING

    @property
    def box(self) -> Box:
        (x, y), (width, height) = self.origin, self.size
        return x, y, x + width / SUPERSAMPLING, y + height / SUPERSAMPLING

    @property
    def metre(self) -> float:
        """Pixels of the sheet per metre."""
        return self.layout.pixels_per_metre * self.factors[0]

    def point(self, x: float, y: float) -> Point:
        return self.origin[0] + x * self.factors[0], self.origin[1] + y * self.factors[1]

    def outlines(self) -> list[NDArray[np.float64]]:
        """The outlines of the dwelling's rooms, in order, in pixels of the sheet."""
        return [self.layout.outline(room) * self.factors + self.origin for room in self.layout.own_rooms]

    def grains(self, grain: int) -> tuple[int, int]:
        """Width and height on a surface of that grain."""
        return self.size[0] * grain // SUPERSAMPLING, self.size[1] * grain // SUPERSAMPLING

    def boundaries(self) -> list[NDArray[np.float64]]:
        """The edges of the dwelling's rooms as rings, in order, in pixels of the sheet."""
        return [self.layout.boundary(room) * self.factors + self.origin for room in self.layout.own_rooms]

    def mask(self, of: NDArray[np.bool_], grain: int) -> NDArray[np.bool_]:
        """A mask of the layout for a surface of that grain; steps of one layout pixel become slopes."""
        grown = Image.fromarray(of.view(np.uint8) * np.uint8(255)).resize(self.grains(grain), Image.Resampling.BILINEAR)
        return np.asarray(grown) > 127
