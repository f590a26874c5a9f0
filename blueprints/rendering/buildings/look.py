"""The random drawing style of a page, and where a storey lies on it."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from blueprints.rendering.buildings.grey_sheet import Hatch
from blueprints.rendering.polygons import Points

THINNEST_WALL = 4.0
"""In doubled pixels."""

WallForm = Literal["double", "solid", "grey", "diagonal", "cross", "wave", "dots"]


# Fillings of outer walls and of partitions, repeated by their frequency.
WALL_FORMS: tuple[tuple[WallForm, WallForm], ...] = (
    ("double", "double"),
    ("double", "double"),
    ("double", "double"),
    ("double", "double"),
    ("solid", "solid"),
    ("solid", "solid"),
    ("grey", "double"),
    ("grey", "double"),
    ("grey", "grey"),
    ("diagonal", "double"),
    ("diagonal", "diagonal"),
    ("cross", "double"),
    ("wave", "double"),
    ("dots", "grey"),
    ("solid", "double"),
    ("double", "grey"),
    ("double", "solid"),
)


Floor = Hatch | Literal["none", "grey"]


@dataclass(frozen=True, kw_only=True)
class Style:
    """How a page is drawn; pens and heights in pixels of the page, greys 0 black to 255."""

    outer: WallForm
    inner: WallForm
    wall_pen: float
    pens: tuple[float, float, float, float]
    ink: int
    fixture_ink: int
    door_ink: int
    wet_floor: Floor
    corridor_floor: Floor
    floor: Floor
    floor_share: float
    ghost: bool
    capital: float
    tag: Literal["plain", "boxed", "number first", "oval", "number only", "name only"]
    areas: bool
    metric: bool
    halo: bool
    tag_weight: int
    dimensions: int
    axes: Literal["none", "one end", "both ends"]
    marks: float
    """Density of door tags, finish tags, keynotes and section marks: 0 (none) to 1."""
    inside_dimensions: bool
    ceiling: bool
    slash_ticks: bool
    dimension_gap: float
    """From a face to its first dimension string."""
    column_grey: int
    core_grey: bool
    """Whether stairs, lifts, toilets and plant rooms are grey."""
    border: Literal["none", "line", "dashed", "scallops"]
    """What runs along the walls of corridors."""
    zones: float
    """Share of large rooms with the tags of several zones."""
    captions: bool
    """Whether large marks such as "8A" lie on the plan."""
    dashed_edges: bool
    """Whether the walls are edged by dashes."""


SPARSE_SHARE = 0.07
"""Share of pages of hair lines and little else."""


def style(rng: random.Random, longest_px: int) -> Style:
    dense = rng.random()
    unit = longest_px / 3000
    outer, inner = rng.choice(WALL_FORMS)
    thin = rng.choice((0.5, 0.5, 1.0, 1.0, 1.0, 1.5))
    look = Style(
        outer=outer,
        inner=inner,
        wall_pen=rng.choice((0.5, 1.0, 1.0, 1.5, 2.0)),
        pens=(max(0.5, thin - 0.5), thin, thin + rng.choice((0.0, 0.5)), thin + rng.choice((0.5, 1.0, 1.5))),
        ink=rng.choice((0, 0, 0, 0, 40, 80)),
        fixture_ink=rng.choice((0, 0, 60, 110, 150, 170)),
        door_ink=rng.choice((0, 0, 0, 70)),
        wet_floor=rng.choice(("none", "none", "none", "tiles", "tiles", "grey", "dots", "cross")),
        corridor_floor=rng.choice(("none",) * 10 + ("tiles", "dots", "grey", "diagonal")),
        floor=rng.choice(("none", "none", "tiles", "grey", "diagonal", "dots", "sparse")),
        floor_share=rng.choice((0.0, 0.0, 0.1, 0.3)),
        ghost=rng.random() < 0.12,
        capital=rng.choice((4.5, 5.0, 6.0, 6.0, 7.0, 8.0, 10.0)) * unit,
        tag=rng.choice(
            ("plain", "plain", "boxed", "boxed", "boxed", "number first", "oval", "number only", "name only")
        ),
        areas=rng.random() < 0.3,
        metric=rng.random() < 0.45,
        halo=rng.random() < 0.35,
        tag_weight=rng.choice((0, 0, 0, 1)),
        dimensions=rng.choice((0, 0, 0, 1, 2, 3, 3)),
        axes=rng.choice(("none", "none", "one end", "both ends", "both ends")),
        marks=0.0 if dense < 0.25 else rng.uniform(0.05, 0.9) ** 1.5,
        inside_dimensions=rng.random() < 0.25,
        ceiling=rng.random() < 0.06,
        slash_ticks=rng.random() < 0.7,
        dimension_gap=rng.choice((10, 10, 20, 35, 60)) * unit,
        column_grey=rng.choice((0, 0, 110, 150, 200)),
        core_grey=rng.random() < 0.1,
        border=rng.choice(("none",) * 9 + ("line", "dashed", "scallops")),
        zones=rng.choice((0.0, 0.0, 0.3, 0.7)),
        captions=rng.random() < 0.1,
        dashed_edges=False,
    )
    return _sparse(look, rng) if rng.random() < SPARSE_SHARE else look


def _sparse(look: Style, rng: random.Random) -> Style:
    """The same with hair lines, and with few and small texts."""
    return replace(
        look,
        outer="double",
        inner="double",
        wall_pen=0.5,
        pens=(0.5, 0.5, 0.5, 1.0),
        ink=rng.choice((0, 60, 110)),
        wet_floor="none",
        corridor_floor="none",
        floor="none",
        ghost=False,
        core_grey=False,
        capital=look.capital * 0.7,
        dimensions=0,
        axes="none",
        marks=0.0,
        inside_dimensions=False,
        ceiling=False,
        captions=rng.random() < 0.5,
        dashed_edges=rng.random() < 0.4,
    )


@dataclass(frozen=True, kw_only=True)
class Placing:
    """Maps a storey's metres to the sheet: scaled by pixels per metre, rotated by `angle`, then moved."""

    scale: float
    angle: float
    origin: tuple[float, float]

    def __call__(self, path: Points) -> Points:
        cos, sin = math.cos(self.angle) * self.scale, math.sin(self.angle) * self.scale
        x, y = path[:, 0], path[:, 1]
        return np.stack((self.origin[0] + cos * x - sin * y, self.origin[1] + sin * x + cos * y), axis=1)


def reach_px(style_: Style) -> float:
    """The space that dimension strings and axes take around a storey."""
    return (
        (style_.dimension_gap + style_.dimensions * style_.capital * 3.4 if style_.dimensions else 0)
        + (style_.capital * 8 if style_.axes != "none" else 0)
        + style_.capital * 2
    )
