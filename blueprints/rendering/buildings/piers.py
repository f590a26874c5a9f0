"""Piers: thick parts of an outer wall that project from it. Hollow as walls are, they look like small rooms."""

from __future__ import annotations

import numpy as np

from blueprints.rendering.buildings.frame import Frame
from blueprints.rendering.buildings.storey import Storey
from blueprints.rendering.polygons import rectangle


def add_piers(s: Storey, frame: Frame, length: float, *, corners: bool = True) -> None:
    """Piers along the outer face y = 0, from x = 0 to `length`; y runs out of the building. Larger ones at its ends."""
    if frame.radius is not None or not s.fit.piers:
        return
    width, deep = s.fit.pier_size
    deep = min(deep, width)
    for x in np.linspace(0, length, max(2, round(length / s.fit.piers))):
        half = width / 2
        if x in (0, length):
            if not corners:
                continue
            half += 0.3
        _solid(s, frame, x - half, x + half, deep)
        if deep > 0.4:
            # A shoulder on both sides.
            _solid(s, frame, x - half - 0.3, x + half + 0.3, deep * 0.4)


def _solid(s: Storey, frame: Frame, left: float, right: float, deep: float) -> None:
    pier = rectangle(left, -0.2, right, deep)
    s.wing(frame, pier, pier[:1].repeat(3, axis=0))
