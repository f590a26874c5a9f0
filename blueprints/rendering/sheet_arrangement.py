"""Arranges floors and other drawings on a sheet, and chooses the size of the sheet."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from blueprints.geometry import Box, Point
from blueprints.rendering.drawing_style import DrawingStyle
from blueprints.rendering.layout import Layout
from blueprints.rendering.placed_layout import PlacedLayout
from blueprints.rendering.sheet_drawing import title_px
from blueprints.rendering.surroundings import chains_px

LONGEST_SIDE_PX = 640
"""Of every sheet."""

# At a smaller scale neither doors nor names are readable: use fewer drawings instead.
LEAST_METRE_PX = 8.0
LEAST_SCALE = 0.01
LARGEST_RESCALING = 1.5
CUT_SHARES = (0.05, 0.35)
GAP_PX = 10.0

Size = tuple[float, float]


@dataclass(frozen=True, eq=False, kw_only=True)
class Arrangement:
    """A sheet of `size` pixels with its floors, and the boxes of its other drawings."""

    size: tuple[int, int]
    floors: tuple[PlacedLayout, ...]
    others: tuple[Box, ...]


def arranged(floors: Sequence[Layout], style: DrawingStyle, rng: random.Random) -> Arrangement:
    """Floors and other drawings in rows, at about the same scale; only the first floor if they would be too small."""
    together = _in_rows(floors, style, rng)
    if together.floors[0].metre >= LEAST_METRE_PX or len(floors) + style.elsewhere == 1:
        return together
    return _in_rows(floors[:1], replace(style, elsewhere=0), rng)


def _in_rows(floors: Sequence[Layout], style: DrawingStyle, rng: random.Random) -> Arrangement:
    largest = max(floor.pixels_per_metre for floor in floors)
    scales = [min(LARGEST_RESCALING, largest / floor.pixels_per_metre) for floor in floors]
    cells = [(floor.width * scale, floor.height * scale) for floor, scale in zip(floors, scales, strict=True)]
    share = rng.uniform(0.5, 1.0)
    cells += [(cells[0][0] * share, cells[0][1] * share)] * style.elsewhere
    columns = _columns(cells, rng)
    rows = [cells[start : start + columns] for start in range(0, len(cells), columns)]
    widths = [max(row[column][0] for row in rows if column < len(row)) for column in range(columns)]
    heights = [max(height for _, height in row) for row in rows]

    around = chains_px(style) * 2 + GAP_PX + (style.capital_px * 3 if style.title == "caption" else 0.0)
    # The picture ends within the neighbouring dwellings, not beyond them.
    margin = style.margin if floors[0].own == len(floors[0].rooms) else 0.0
    left, top, right, bottom = (rng.uniform(0, 2 * margin) * LONGEST_SIDE_PX for _ in range(4))
    strip, band = title_px(style)
    fixed = left + right + columns * around + strip, top + bottom + len(rows) * around + band
    cut_left, cut_top, cut_right, cut_bottom = _cuts(style, rng)
    seen = sum(widths) * (1 - cut_left - cut_right), sum(heights) * (1 - cut_top - cut_bottom)
    scale = max(LEAST_SCALE, min((LONGEST_SIDE_PX - fixed[axis]) / seen[axis] for axis in (0, 1)))
    width, height = (min(LONGEST_SIDE_PX, round(fixed[axis] + seen[axis] * scale)) for axis in (0, 1))

    start = left - cut_left * sum(widths) * scale + around / 2, top - cut_top * sum(heights) * scale + around / 2
    corners = list(_corners(rows, [w * scale + around for w in widths], [h * scale + around for h in heights], start))
    others = zip(corners[len(floors) :], cells[len(floors) :], strict=True)
    return Arrangement(
        size=(width, height),
        floors=tuple(
            PlacedLayout(layout=floor, corner=corner, scale=scale * own)
            for floor, own, corner in zip(floors, scales, corners, strict=False)
        ),
        others=tuple((x, y, x + across * scale, y + down * scale) for (x, y), (across, down) in others),
    )


def _cuts(style: DrawingStyle, rng: random.Random) -> tuple[float, float, float, float]:
    """The shares of the content beyond the left, top, right and bottom edges of the sheet."""
    cuts = [0.0] * 4
    for side in rng.sample(range(4), style.cut):
        cuts[side] = rng.uniform(*CUT_SHARES)
    return cuts[0], cuts[1], cuts[2], cuts[3]


def _columns(cells: Sequence[Size], rng: random.Random) -> int:
    """The number of columns that makes the sheet closest to a square; sometimes another."""
    count = len(cells)

    def oblong(columns: int) -> float:
        rows = -(-count // columns)
        width, height = max(w for w, _ in cells) * columns, max(h for _, h in cells) * rows
        return max(width / height, height / width)

    ranked = sorted(range(1, count + 1), key=oblong)
    return ranked[0] if rng.random() < 0.85 else rng.choice(ranked)


def _corners(
    rows: Sequence[Sequence[Size]], widths: Sequence[float], heights: Sequence[float], start: Point
) -> Iterator[Point]:
    y = start[1]
    for row, height in zip(rows, heights, strict=True):
        x = start[0]
        for _, width in zip(row, widths, strict=False):
            yield x, y
            x += width
        y += height
