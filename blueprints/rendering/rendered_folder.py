"""Folders of rendered drawings in YOLO format, written by any number of processes."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from blueprints.datasets import yolo
from blueprints.geometry import Box
from blueprints.new_folder import new_folder
from blueprints.rendering.polygons import Points

SPLIT = "train"


@dataclass(frozen=True, eq=False, kw_only=True)
class Rendered:
    """An encoded picture with its file's name, and its rooms: boxes and outlines (points, 2), as fractions of it."""

    file: str
    encoded: bytes
    boxes: tuple[Box, ...]
    outlines: tuple[Points, ...]


def write(
    directory: Path,
    count: int,
    render: Callable[[int], Rendered],
    *,
    outlines: bool = False,
    workers: int = 1,
    written: Callable[[int], None] = lambda _count: None,
) -> int:
    """Write what `render` returns for 0 to count - 1. Returns the number of rooms.

    Pictures go to `images/train`, boxes to `labels/train` and, if asked for, outlines to `outlines/train`. The folder
    must be new or empty (BlueprintError otherwise). It appears when the last picture is written; if one fails, nothing
    is left. `written` is called with the number done so far. With several `workers`, `render` must be picklable.
    """
    rooms = 0
    with new_folder(directory) as whole:
        for part in ("images", "labels", *(["outlines"] if outlines else [])):
            (whole / part / SPLIT).mkdir(parents=True)
        for done, found in enumerate(_counts(partial(_write, whole, render, outlines), count, workers), start=1):
            rooms += found
            written(done)
    return rooms


def _counts(write_one: Callable[[int], int], count: int, workers: int) -> Iterator[int]:
    """The results of `write_one` for each picture, in order, from the given number of processes."""
    if workers == 1:
        yield from map(write_one, range(count))
        return
    # Only this process handles Ctrl-C; it then ends the others.
    ignore = partial(signal.signal, signal.SIGINT, signal.SIG_IGN)
    with ProcessPoolExecutor(workers, initializer=ignore) as pool:
        yield from pool.map(write_one, range(count), chunksize=8)


def _write(directory: Path, render: Callable[[int], Rendered], outlines: bool, index: int) -> int:
    rendered = render(index)
    image = directory / "images" / SPLIT / rendered.file
    image.write_bytes(rendered.encoded)
    labels = (directory / "labels" / SPLIT / rendered.file).with_suffix(".txt")
    labels.write_text(yolo.label_text(rendered.boxes), encoding="utf-8")
    if outlines:
        lines = (directory / "outlines" / SPLIT / rendered.file).with_suffix(".txt")
        lines.write_text("".join(_segment(outline) for outline in rendered.outlines), encoding="utf-8")
    return len(rendered.boxes)


def _segment(outline: Points) -> str:
    """A line of YOLO's segmentation format: the class, then x and y of each point."""
    return " ".join((yolo.ROOM_CLASS, *(f"{value:.6f}" for value in outline.ravel()))) + "\n"
