"""Columns on a grid."""

from __future__ import annotations

import numpy as np

from blueprints.rendering.buildings.frame import Frame
from blueprints.rendering.buildings.storey import Storey


def add_columns(s: Storey, frame: Frame, step: float, length: float, depth: float) -> None:
    """In some storeys, columns every `step` metres over (0, 0, length, depth)."""
    if s.rng.random() < 0.5:
        side, round_ = s.rng.uniform(0.3, 0.6), s.rng.random() < 0.3
        for x in np.arange(0.2, length + 0.3, step):
            for y in np.arange(0.2, depth + 0.3, step):
                s.column(frame, float(x), float(y), side, round_=round_)
