"""The command `python -m blueprints render`: a folder of rendered plans in YOLO's format.

The drawing code is imported only when it runs, so that other commands start faster.
"""

from __future__ import annotations

import argparse
import time
from functools import partial
from pathlib import Path
from typing import Any

from blueprints.errors import BlueprintError
from console.progress import bars

COUNTS = 1, 1_000_000
WORKERS = 1, 256


def register(commands: argparse._SubParsersAction[Any]) -> None:
    """Add the command to those of `python -m blueprints`."""
    command = commands.add_parser(
        "render",
        help="render training plans with exact boxes",
        description="Render floor plans of many drawing styles, with the exact boxes of their rooms, as a folder of"
        " images/train and labels/train, 640 px at the longer side (pages of buildings more).",
    )
    command.add_argument("--count", type=int, required=True, metavar="N", help="how many plans")
    command.add_argument("--out", type=Path, required=True, metavar="DIR", help="a new or an empty folder")
    command.add_argument(
        "--seed", type=int, default=0, metavar="S", help="same seed, same plans (default: %(default)s)"
    )
    command.add_argument(
        "--layouts",
        type=Path,
        metavar="ZIP",
        help="draw these layouts, indexed PNG files (default: generate them)",
    )
    command.add_argument(
        "--buildings",
        action="store_true",
        help="draw pages of hospitals, offices, schools, hotels and flats instead of dwellings, 2,000 to 3,600 px",
    )
    command.add_argument(
        "--outlines", action="store_true", help="write the rooms' outlines too, in YOLO's segmentation format"
    )
    command.add_argument("--workers", type=int, default=1, metavar="N", help="processes (default: %(default)s)")
    command.set_defaults(run=_render)


def _render(options: argparse.Namespace) -> int:
    """Write the plans with progress on stderr, then print how many and how fast."""
    from blueprints.rendering.buildings.page_folder import write_pages
    from blueprints.rendering.layout_archive import LayoutArchive
    from blueprints.rendering.layout_generator import generate
    from blueprints.rendering.plans import write_plans

    for name, (low, high) in (("count", COUNTS), ("workers", WORKERS)):
        value = getattr(options, name)
        if not low <= value <= high:
            raise BlueprintError(f"--{name} {value}: must be from {low:,} to {high:,}")
    if options.buildings and options.layouts:
        raise BlueprintError(f"--layouts {options.layouts}: --buildings generates its own: leave one out")
    layouts = LayoutArchive(options.layouts).draw if options.layouts else generate
    write = write_pages if options.buildings else partial(write_plans, layouts=layouts)
    started = time.perf_counter()
    with bars() as step:
        rooms = write(
            options.out,
            options.count,
            options.seed,
            outlines=options.outlines,
            workers=options.workers,
            written=lambda done: step("rendering plans", done, options.count),
        )
    seconds = time.perf_counter() - started
    print(f"{options.out}: {options.count} plans, {rooms} rooms, {options.count / seconds:.1f} plans/s")
    return 0
