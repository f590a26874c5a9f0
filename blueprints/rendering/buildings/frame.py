"""Frames: map the local metres of a wing or a room into its storey, rotated, mirrored, or bent along an arc."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from blueprints.rendering.polygons import Points

LONGEST_STEP_M = 1.2
"""Greatest length of the straight pieces that approximate an arc."""


@dataclass(frozen=True, kw_only=True)
class Frame:
    """Local points are first transformed by (matrix, shift), then bent, then rotated and moved into the storey.

    `radius` is that of the arc that y = 0 becomes; its sign gives the side it bends to. None means straight.
    """

    origin: tuple[float, float] = (0.0, 0.0)
    angle: float = 0.0
    """Direction of the x axis in the storey, clockwise, in radians."""
    radius: float | None = None
    matrix: tuple[float, float, float, float] = (1.0, 0.0, 0.0, 1.0)
    shift: tuple[float, float] = (0.0, 0.0)

    def __call__(self, local: Points) -> Points:
        a, b, c, d = self.matrix
        x = a * local[:, 0] + b * local[:, 1] + self.shift[0]
        y = c * local[:, 0] + d * local[:, 1] + self.shift[1]
        if self.radius is not None:
            turn = x / self.radius
            away = self.radius + y
            x, y = away * np.sin(turn), away * np.cos(turn) - self.radius
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        return np.stack((self.origin[0] + cos * x - sin * y, self.origin[1] + sin * x + cos * y), axis=1)

    def line(self, local: Points, *, closed: bool = False) -> Points:
        """A line or polygon in the storey, with extra points in between if the frame is bent."""
        if self.radius is None:
            return self(local)
        ends = np.concatenate((local, local[:1])) if closed else local
        parts = []
        for start, end in pairwise(ends):
            steps = max(1, math.ceil(math.dist(start, end) / LONGEST_STEP_M))
            parts.append(start + (end - start) * (np.arange(steps) / steps)[:, None])
        if not closed:
            parts.append(ends[-1:])
        return self(np.concatenate(parts))

    def moved(self, x: float, y: float) -> Frame:
        """The frame whose origin is the local point (x, y)."""
        a, b, c, d = self.matrix
        return replace(self, shift=(self.shift[0] + a * x + b * y, self.shift[1] + c * x + d * y))

    def mirrored_x(self) -> Frame:
        a, b, c, d = self.matrix
        return replace(self, matrix=(-a, b, -c, d))

    def mirrored_y(self) -> Frame:
        a, b, c, d = self.matrix
        return replace(self, matrix=(a, -b, c, -d))

    def swapped(self) -> Frame:
        """With x and y exchanged."""
        a, b, c, d = self.matrix
        return replace(self, matrix=(b, a, d, c))
