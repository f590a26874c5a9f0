"""Plans for training: rendered from layouts, with the exact boxes of their rooms, and the same for the same seed.

Plan number `index` of a seed depends on the two alone (and on the layouts), so that any number of processes writes
the same files.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from PIL import Image

from blueprints import scan
from blueprints.drawing_style import DrawingStyle, drawing_style
from blueprints.errors import BlueprintError
from blueprints.layout import Layout, extent
from blueprints.layout_drawing import PlacedLayout, draw_layout
from blueprints.plan import Box, Point
from blueprints.sheet_drawing import chains_px, draw_sheet, draw_surroundings, title_px
from blueprints.surface import Surface

LONGEST_SIDE_PX = 640
JPEG_QUALITIES = (60, 90)
SPLIT = "train"

# A room that a scan or a sheet leaves fewer pixels than this has no box.
LEAST_BOX_PX = 3.0


class Layouts(Protocol):
    """Where layouts come from: an archive, or a generator."""

    def draw(self, rng: random.Random) -> Layout:
        """A layout by lot."""
        ...


@dataclass(frozen=True, eq=False, kw_only=True)
class RenderedPlan:
    """A plan, RGB or grey, and its rooms' boxes as fractions of it."""

    image: Image.Image
    boxes: tuple[Box, ...]
    style: DrawingStyle


def render_plan(
    layouts: Layouts,
    seed: int,
    index: int,
    *,
    style: DrawingStyle | None = None,
    wear: scan.Wear | None = None,
) -> RenderedPlan:
    """Plan number `index` of a seed, 640 px at its longer side; style and wear are by lot unless given."""
    rng = random.Random(f"{seed}/{index}")
    style = style or drawing_style(rng)
    floors = [layouts.draw(rng) for _ in range(style.floors)]
    size, placed, spare = _arranged(floors, style, rng)
    surface = Surface(size, style.paper)
    for floor in placed:
        draw_layout(surface, floor, style, rng)
    for floor in placed:
        draw_surroundings(surface, floor, style, rng)
    draw_sheet(surface, style, spare, rng)
    surround = rng.choice((style.paper, style.paper, (20, 20, 20), (90, 90, 90)))
    outlines = [outline for floor in placed for outline in floor.outlines()]
    image, outlines = scan.scan(surface.finish(), outlines, wear or scan.WEAR[style.family], rng, surround)
    return RenderedPlan(image=image, boxes=tuple(_boxes(outlines, image.size)), style=style)


def _boxes(outlines: Sequence[scan.Points], size: tuple[int, int]) -> Iterator[Box]:
    width, height = size
    for outline in outlines:
        left, top, right, bottom = extent(outline)
        left, top, right, bottom = max(0.0, left), max(0.0, top), min(float(width), right), min(float(height), bottom)
        if right - left >= LEAST_BOX_PX and bottom - top >= LEAST_BOX_PX:
            yield left / width, top / height, right / width, bottom / height


def _arranged(
    floors: Sequence[Layout], style: DrawingStyle, rng: random.Random
) -> tuple[tuple[int, int], list[PlacedLayout], list[Box]]:
    """The sheet's size, the floors on it, and the boxes of its other drawings.

    Floors and other drawings stand in a row, in a column or in two rows, all to about one scale; the sheet's longer
    side becomes LONGEST_SIDE_PX.
    """
    largest = max(floor.pixels_per_metre for floor in floors)
    scales = [min(1.5, largest / floor.pixels_per_metre) for floor in floors]
    cells = [(floor.width * scale, floor.height * scale) for floor, scale in zip(floors, scales, strict=True)]
    share = rng.uniform(0.5, 1.0)
    cells += [(cells[0][0] * share, cells[0][1] * share)] * style.elsewhere
    columns = _columns(cells, rng)
    rows = [cells[start : start + columns] for start in range(0, len(cells), columns)]
    around = chains_px(style) * 2 + 10.0 + (style.capital_px * 3 if style.title == "caption" else 0.0)
    margins = [rng.uniform(0, 2 * style.margin) * LONGEST_SIDE_PX for _ in range(4)]
    strip, band = title_px(style)
    fixed = margins[0] + margins[2] + columns * around + strip, margins[1] + margins[3] + len(rows) * around + band
    content = (
        sum(max(row[column][0] for row in rows if column < len(row)) for column in range(columns)),
        sum(max(height for _, height in row) for row in rows),
    )
    scale = min((LONGEST_SIDE_PX - fixed[axis]) / content[axis] for axis in (0, 1))
    size = tuple(min(LONGEST_SIDE_PX, round(fixed[axis] + content[axis] * scale)) for axis in (0, 1))
    corners = list(_corners(rows, scale, around, (margins[0], margins[1])))
    placed = [
        PlacedLayout(layout=floor, corner=corner, scale=scale * own)
        for floor, own, corner in zip(floors, scales, corners, strict=False)
    ]
    spare = [
        (x, y, x + width * scale, y + height * scale)
        for (x, y), (width, height) in zip(corners[len(floors) :], cells[len(floors) :], strict=True)
    ]
    return (size[0], size[1]), placed, spare


def _columns(cells: Sequence[tuple[float, float]], rng: random.Random) -> int:
    """The number of columns that makes the sheet nearest to a square, or sometimes another."""
    count = len(cells)

    def oblong(columns: int) -> float:
        rows = -(-count // columns)
        width, height = max(w for w, _ in cells) * columns, max(h for _, h in cells) * rows
        return max(width / height, height / width)

    ranked = sorted(range(1, count + 1), key=oblong)
    return ranked[0] if rng.random() < 0.8 else rng.choice(ranked)


def _corners(
    rows: Sequence[Sequence[tuple[float, float]]], scale: float, around: float, start: Point
) -> Iterator[Point]:
    columns = max(len(row) for row in rows)
    widths = [max(row[column][0] for row in rows if column < len(row)) for column in range(columns)]
    y = start[1] + around / 2
    for row in rows:
        x = start[0] + around / 2
        for column in range(len(row)):
            yield x, y
            x += widths[column] * scale + around
        y += max(height for _, height in row) * scale + around


def write_plans(
    directory: Path,
    count: int,
    seed: int,
    layouts: Layouts,
    *,
    workers: int = 1,
    written: Callable[[int], None] = lambda _count: None,
) -> int:
    """Write `count` plans as `images/train/*.jpg` with `labels/train/*.txt`, and give the number of their rooms.

    The folder must be new or empty: BlueprintError otherwise. `written` is told how many plans are there, as it goes.
    """
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise BlueprintError(f"{directory}: is there already: give a new or an empty folder")
    for part in ("images", "labels"):
        (directory / part / SPLIT).mkdir(parents=True)
    rooms = 0
    write = partial(_write, directory, layouts, seed)
    if workers == 1:
        for done, found in enumerate(map(write, range(count)), start=1):
            rooms += found
            written(done)
        return rooms
    with ProcessPoolExecutor(workers) as pool:
        for done, found in enumerate(pool.map(write, range(count), chunksize=8), start=1):
            rooms += found
            written(done)
    return rooms


def _write(directory: Path, layouts: Layouts, seed: int, index: int) -> int:
    plan = render_plan(layouts, seed, index)
    name = f"rendered-{seed}-{index:06d}"
    quality = random.Random(f"{seed}/{index}/jpeg").randint(*JPEG_QUALITIES)
    encoded = io.BytesIO()
    plan.image.save(encoded, "JPEG", quality=quality)
    (directory / "images" / SPLIT / f"{name}.jpg").write_bytes(encoded.getvalue())
    (directory / "labels" / SPLIT / f"{name}.txt").write_text(label_lines(plan.boxes), encoding="utf-8")
    return len(plan.boxes)


def label_lines(boxes: Sequence[Box]) -> str:
    """The boxes in YOLO's format, six decimals."""
    return "".join(
        f"0 {(left + right) / 2:.6f} {(top + bottom) / 2:.6f} {right - left:.6f} {bottom - top:.6f}\n"
        for left, top, right, bottom in boxes
    )
