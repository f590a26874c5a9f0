"""`python -m blueprints render`: a YOLO folder of rendered plans."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from blueprints.errors import BlueprintError
from blueprints.layout_archive import LayoutArchive
from blueprints.layout_generator import generate
from blueprints.rendering import SPLIT, write_plans
from blueprints.sheet_arrangement import LONGEST_SIDE_PX

COUNTS = 1, 1_000_000
WORKERS = 1, 256


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--count", type=int, required=True, metavar="N", help="how many plans")
    command.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="DIR",
        help=f"a new or empty folder: images/{SPLIT}/*.jpg, {LONGEST_SIDE_PX} px, and labels/{SPLIT}/*.txt",
    )
    command.add_argument(
        "--seed", type=int, default=0, metavar="S", help="same seed, same plans (default: %(default)s)"
    )
    command.add_argument(
        "--layouts",
        type=Path,
        metavar="ZIP",
        help="draw these layouts, indexed PNG files (default: generate them)",
    )
    command.add_argument("--workers", type=int, default=1, metavar="N", help="processes (default: %(default)s)")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write the plans with progress on stderr, and tell what was written and how fast."""
    for name, (low, high) in (("count", COUNTS), ("workers", WORKERS)):
        value = getattr(options, name)
        if not low <= value <= high:
            raise BlueprintError(f"--{name} {value}: must be from {low:,} to {high:,}")
    layouts = LayoutArchive(options.layouts).draw if options.layouts else generate
    started = time.perf_counter()
    columns = TextColumn("rendering"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("rendering", total=options.count)
        rooms = write_plans(
            options.out,
            options.count,
            options.seed,
            layouts,
            workers=options.workers,
            written=lambda done: progress.update(task, completed=done),
        )
    seconds = time.perf_counter() - started
    print(f"{options.out}: {options.count} plans, {rooms} rooms, {options.count / seconds:.1f} plans/s")
    return 0
