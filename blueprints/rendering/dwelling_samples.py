"""Square training pictures of dwellings: a whole plan, parts of one, and several plans on one sheet."""

from __future__ import annotations

import random

import numpy as np
from PIL import Image

from blueprints.rendering.buildings.samples import PADDING_GREY, SIDE_PX, Sample, cut
from blueprints.rendering.layout_generator import generate
from blueprints.rendering.plans import LayoutSource, RenderedPlan, render_plan
from blueprints.rendering.polygons import Points

SHEETS = (2, 3, 4)
"""How many plans share a picture."""
FINE = 2
"""The resolution of the plan that parts are cut from."""
LARGEST_PART = 3.0
"""How much larger than the whole plan a part is shown."""


def samples(seed: int, layouts: LayoutSource = generate) -> list[Sample]:
    """Six pictures: three of a single plan, two of parts of a plan, and one of a sheet with two to four plans.

    `layouts` is `layout_generator.generate`, or `draw` of a `LayoutArchive`; pictures from an archive carry its
    licence.
    """
    rng = random.Random(f"dwellings/{seed}")
    plans = [render_plan(layouts, seed, index) for index in range(6)]
    found = [_alone(plan, rng) for plan in plans[:3]]
    fine = render_plan(layouts, seed, 6, resolution=FINE)
    found += [_part(fine, rng) for _ in range(2)]
    return [*found, _together(rng.sample(plans, rng.choice(SHEETS)), rng)]


def _part(plan: RenderedPlan, rng: random.Random) -> Sample:
    width, height = plan.image.size
    side = max(width, height) / rng.uniform(1.2, LARGEST_PART)
    x, y = (min(max(rng.uniform(-0.1, 1.1) * (long - side), 0.0), max(0.0, long - side)) for long in (width, height))
    return cut(plan.image.convert("L"), plan.outlines, (x, y, x + side, y + side), rng)


def _alone(plan: RenderedPlan, rng: random.Random) -> Sample:
    width, height = plan.image.size
    side = max(width, height) * rng.choice((1.0, 1.0, 1.0, rng.uniform(1.0, 1.6)))
    x, y = (width - side) / 2, (height - side) / 2
    return cut(plan.image.convert("L"), plan.outlines, (x, y, x + side, y + side), rng)


def _together(plans: list[RenderedPlan], rng: random.Random) -> Sample:
    """Plans in a grid of 2 x 2 or 1 x 2 cells, each as large as its cell or smaller, on one sheet."""
    paper = rng.choice((255, 255, 255, PADDING_GREY, rng.randint(200, 255)))
    sheet = Image.new("L", (2 * SIDE_PX, 2 * SIDE_PX), paper)
    outlines: list[Points] = []
    columns, rows = (2, 2) if len(plans) > 2 else rng.choice(((2, 1), (1, 2)))
    width, height = 2 * SIDE_PX / columns, 2 * SIDE_PX / rows
    for number, plan in enumerate(plans):
        left, top = number % columns * width, number // columns * height
        scale = min(width / plan.image.width, height / plan.image.height) * rng.uniform(0.55, 1.0)
        size = max(1, int(plan.image.width * scale)), max(1, int(plan.image.height * scale))
        x, y = int(left + rng.random() * (width - size[0])), int(top + rng.random() * (height - size[1]))
        sheet.paste(plan.image.convert("L").resize(size, Image.Resampling.BICUBIC), (x, y))
        factors = np.array(size) / plan.image.size
        outlines += [outline * factors + (x, y) for outline in plan.outlines]
    return cut(sheet, outlines, (0.0, 0.0, 2.0 * SIDE_PX, 2.0 * SIDE_PX), rng)
