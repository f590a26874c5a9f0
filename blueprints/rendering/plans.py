"""Training plans: rendered from layouts, with the exact boxes of their rooms, reproducible from a seed.

Plan number `index` of a seed depends only on these two and on the layouts, so that any number of processes writes
the same files.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PIL import Image

from blueprints.geometry import Box
from blueprints.rendering import rendered_folder, scan
from blueprints.rendering.drawing_style import DrawingStyle, drawing_style
from blueprints.rendering.layout import Layout, extent
from blueprints.rendering.layout_drawing import LayoutDrawing
from blueprints.rendering.layout_generator import generate
from blueprints.rendering.polygons import Points, clipped, clockwise, thinned
from blueprints.rendering.rendered_folder import Rendered
from blueprints.rendering.sheet_arrangement import arranged
from blueprints.rendering.sheet_drawing import SheetDrawing
from blueprints.rendering.surface import Surface
from blueprints.rendering.surroundings import Surroundings

JPEG_QUALITIES = (60, 90)

# If the picture shows fewer pixels of a room than this, the room has no box.
LEAST_BOX_PX = 3.0
LEAST_SEEN = 0.15
"""If the picture shows a smaller share of a room than this, the room has no box either."""
OUTLINE_TOLERANCE_PX = 0.7
"""Drawing turns a layout's steps into slopes: outline points closer than this to a straight side are left out."""


LayoutSource = Callable[[random.Random], Layout]
"""Returns a random layout: `layout_generator.generate`, or `LayoutArchive.draw`."""


@dataclass(frozen=True, eq=False, kw_only=True)
class RenderedPlan:
    """A plan, RGB or grey, and its rooms: boxes as fractions of the plan, and outlines in pixels.

    An outline is a ring of points, (points, 2), clockwise as seen, clipped to the picture. The box and the outline of a
    room have the same index in their tuples.
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
    """Plan number `index` of a seed; its longer side is `resolution` times 640 px.

    Style and wear are random unless given.
    """
    rng = random.Random(f"{seed}/{index}")
    style = style or drawing_style(rng)
    floors = [layouts(rng) for _ in range(style.floors)]
    sheet = arranged(floors, style, rng)
    surface = Surface(sheet.size, style.paper, resolution)
    for floor in sheet.floors:
        LayoutDrawing(surface=surface, style=style, placed=floor).draw_at_random(rng)
    for floor in sheet.floors:
        Surroundings(surface=surface, style=style, placed=floor).draw_at_random(rng)
    SheetDrawing(surface=surface, style=style).draw_at_random(sheet.others, rng)
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
    """The boxes and outlines of the visible parts of the rooms."""
    width, height = size
    for outline in outlines:
        left, top, right, bottom = extent(outline)
        shown = clipped(clockwise(outline), (0.0, 0.0, float(width), float(height)))
        if len(shown) < 3:
            continue
        x0, y0, x1, y1 = extent(shown)
        if min(x1 - x0, y1 - y0) < LEAST_BOX_PX * resolution:
            continue
        if (x1 - x0) * (y1 - y0) >= LEAST_SEEN * (right - left) * (bottom - top):
            yield (x0 / width, y0 / height, x1 / width, y1 / height), thinned(shown, OUTLINE_TOLERANCE_PX * resolution)


def write_plans(
    directory: Path,
    count: int,
    seed: int,
    layouts: LayoutSource = generate,
    *,
    outlines: bool = False,
    workers: int = 1,
    written: Callable[[int], None] = lambda _count: None,
) -> int:
    """Write `count` plans with `rendered_folder.write`. Returns the number of their rooms."""
    render = partial(_rendered, layouts, seed)
    return rendered_folder.write(directory, count, render, outlines=outlines, workers=workers, written=written)


def _rendered(layouts: LayoutSource, seed: int, index: int) -> Rendered:
    plan = render_plan(layouts, seed, index)
    quality = random.Random(f"{seed}/{index}/jpeg").randint(*JPEG_QUALITIES)
    encoded = io.BytesIO()
    plan.image.save(encoded, "JPEG", quality=quality)
    return Rendered(
        file=f"rendered-{seed}-{index:06d}.jpg",
        encoded=encoded.getvalue(),
        boxes=plan.boxes,
        outlines=tuple(outline / plan.image.size for outline in plan.outlines),
    )
