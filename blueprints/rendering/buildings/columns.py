"""Columns on a grid."""

from __future__ import annotations

import numpy as np

from blueprints.rendering.buildings.frame import Frame
from blueprints.rendering.buildings.storey import ColumnForm, Storey

COLUMN_FORMS: tuple[ColumnForm, ...] = ("square", "square", "round", "hollow", "encased", "steel")
"""Repeated by their frequency."""


def add_columns(s: Storey, frame: Frame, step: float, length: float, depth: float) -> None:
    """In storeys with columns, one every `step` metres over (0, 0, length, depth)."""
    if s.fit.columns is None:
        return
    for x in np.arange(0.2, length + 0.3, step):
        for y in np.arange(0.2, depth + 0.3, step):
            s.column(frame, float(x), float(y))
