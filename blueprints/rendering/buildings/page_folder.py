"""Folders of pages of buildings."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial
from pathlib import Path

from blueprints.rendering import rendered_folder
from blueprints.rendering.buildings.page import render_page
from blueprints.rendering.rendered_folder import Rendered


def write_pages(
    directory: Path,
    count: int,
    seed: int,
    *,
    outlines: bool = False,
    workers: int = 1,
    written: Callable[[int], None] = lambda _count: None,
) -> int:
    """Write `count` pages, grey PNG of 2,000 to 3,600 px, with `rendered_folder.write`. Returns the number of rooms."""
    render = partial(_rendered, seed)
    return rendered_folder.write(directory, count, render, outlines=outlines, workers=workers, written=written)


def _rendered(seed: int, index: int) -> Rendered:
    page = render_page(seed, index)
    width, height = page.image.size
    boxes = [room.box for room in page.rooms]
    encoded = io.BytesIO()
    page.image.save(encoded, "PNG")
    return Rendered(
        file=f"building-{seed}-{index:06d}.png",
        encoded=encoded.getvalue(),
        boxes=tuple((x0 / width, y0 / height, x1 / width, y1 / height) for x0, y0, x1, y1 in boxes),
        outlines=tuple(room.outline / page.image.size for room in page.rooms),
    )
