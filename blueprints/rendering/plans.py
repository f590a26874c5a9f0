"""Plans for training: rendered from layouts, with the exact boxes of their rooms, and the same for the same seed.

Plan number `index` of a seed depends on the two alone (and on the layouts), so that any number of processes writes
the same files.
"""

from __future__ import annotations

import io
import random
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PIL import Image

from blueprints.datasets import yolo
from blueprints.geometry import Box
from blueprints.new_folder import new_folder
from blueprints.rendering import scan
from blueprints.rendering.drawing_style import DrawingStyle, drawing_style
from blueprints.rendering.layout import Layout, extent
from blueprints.rendering.layout_drawing import LayoutDrawing
from blueprints.rendering.layout_generator import generate
from blueprints.rendering.polygons import Points, clipped, clockwise, thinned
from blueprints.rendering.sheet_arrangement import arranged
from blueprints.rendering.sheet_drawing import SheetDrawing
from blueprints.rendering.surface import Surface
from blueprints.rendering.surroundings import Surroundings

JPEG_QUALITIES = (60, 90)
SPLIT = "train"

# A room that the picture shows fewer pixels of than this has no box.
LEAST_BOX_PX = 3.0
LEAST_SEEN = 0.15
"""A room of which the picture shows a smaller share has no box either."""
OUTLINE_TOLERANCE_PX = 0.7
"""A layout's steps become slopes when it is drawn: an outline leaves out what lies nearer to a straight side."""


LayoutSource = Callable[[random.Random], Layout]
"""Gives a layout by lot: `layout_generator.generate`, or `LayoutArchive.draw`."""


@dataclass(frozen=True, eq=False, kw_only=True)
class RenderedPlan:
    """A plan, RGB or grey, and its rooms: their boxes as fractions of it, and their outlines in its pixels.

    An outline is a ring of points, (points, 2), clockwise as seen, cut where the picture ends. Box and outline of one
    room have the same place in their tuples.
    """

    image: Image.Image
    boxes: tuple[Box, ...]
    outlines: tuple[Points, ...]
    style: DrawingStyle


def render_plan(
    layouts: LayoutSource,
    seed: int,
    index: int,
    *,
    style: DrawingStyle | None = None,
    wear: scan.Wear | None = None,
    resolution: int = 1,
) -> RenderedPlan:
    """Plan number `index` of a seed, `resolution` times 640 px at its longer side.

    Style and wear are by lot unless given.
    """
    rng = random.Random(f"{seed}/{index}")
    style = style or drawing_style(rng)
    floors = [layouts(rng) for _ in range(style.floors)]
    sheet = arranged(floors, style, rng)
    surface = Surface(sheet.size, style.paper, resolution)
    for floor in sheet.floors:
        LayoutDrawing(surface=surface, style=style, placed=floor).by_lot(rng)
    for floor in sheet.floors:
        Surroundings(surface=surface, style=style, placed=floor).by_lot(rng)
    SheetDrawing(surface=surface, style=style).by_lot(sheet.others, rng)
    surround = rng.choice((style.paper, style.paper, (20, 20, 20), (90, 90, 90)))
    outlines = [outline * resolution for floor in sheet.floors for outline in floor.boundaries()]
    image, outlines = scan.scan(surface.finish(), outlines, wear or scan.WEAR[style.family], rng, surround)
    rooms = list(_rooms(outlines, image.size, resolution))
    return RenderedPlan(
        image=image,
        boxes=tuple(box for box, _ in rooms),
        outlines=tuple(outline for _, outline in rooms),
        style=style,
    )


def _rooms(outlines: Sequence[Points], size: tuple[int, int], resolution: int) -> Iterator[tuple[Box, Points]]:
    """The boxes and outlines of what the picture shows of the rooms."""
    width, height = size
    for outline in outlines:
        left, top, right, bottom = extent(outline)
        area = (right - left) * (bottom - top)
        left, top, right, bottom = max(0.0, left), max(0.0, top), min(float(width), right), min(float(height), bottom)
        if min(right - left, bottom - top) < LEAST_BOX_PX * resolution:
            continue
        if (right - left) * (bottom - top) >= LEAST_SEEN * area:
            shown = clipped(
                thinned(clockwise(outline), OUTLINE_TOLERANCE_PX * resolution), (0.0, 0.0, float(width), float(height))
            )
            yield (left / width, top / height, right / width, bottom / height), shown


def write_plans(
    directory: Path,
    count: int,
    seed: int,
    layouts: LayoutSource = generate,
    *,
    workers: int = 1,
    written: Callable[[int], None] = lambda _count: None,
) -> int:
    """Write `count` plans as `images/train/*.jpg` with `labels/train/*.txt`, and give the number of their rooms.

    The folder must be new or empty: BlueprintError otherwise. It gets its plans, all of them or, where one fails, none,
    when the last is there. `written` is told how many are done, as it goes.
    """
    rooms = 0
    with new_folder(directory) as whole:
        for part in ("images", "labels"):
            (whole / part / SPLIT).mkdir(parents=True)
        for done, found in enumerate(_counts(partial(_write, whole, layouts, seed), count, workers), start=1):
            rooms += found
            written(done)
    return rooms


def _counts(write: Callable[[int], int], count: int, workers: int) -> Iterator[int]:
    """What `write` gives for each plan, in order, from so many processes."""
    if workers == 1:
        yield from map(write, range(count))
        return
    # Ctrl-C is for this process, which then ends the others.
    ignore = partial(signal.signal, signal.SIGINT, signal.SIG_IGN)
    with ProcessPoolExecutor(workers, initializer=ignore) as pool:
        yield from pool.map(write, range(count), chunksize=8)


def _write(directory: Path, layouts: LayoutSource, seed: int, index: int) -> int:
    plan = render_plan(layouts, seed, index)
    name = f"rendered-{seed}-{index:06d}"
    quality = random.Random(f"{seed}/{index}/jpeg").randint(*JPEG_QUALITIES)
    encoded = io.BytesIO()
    plan.image.save(encoded, "JPEG", quality=quality)
    (directory / "images" / SPLIT / f"{name}.jpg").write_bytes(encoded.getvalue())
    (directory / "labels" / SPLIT / f"{name}.txt").write_text(yolo.label_text(plan.boxes), encoding="utf-8")
    return len(plan.boxes)
