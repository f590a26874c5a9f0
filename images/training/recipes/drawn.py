"""Plans that other processes keep drawing while the network trains, as shards of pictures in a folder.

A shard is written in full under another name before it gets its own, so a reader never sees half of one. Nothing here
needs torch, which takes each process seconds to import.
"""

import itertools
import os
import signal
import time
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from blueprints.rendering import dwelling_samples
from blueprints.rendering.buildings.samples import Sample
from blueprints.rendering.buildings.samples import samples as building_samples
from blueprints.rendering.layout_archive import LayoutArchive
from images.training.recipes.room_map import MOST_ROOMS, room_map

SHARD_PICTURES = 48
KEPT_SECONDS = 100
"""A shard is deleted when it is older: a folder then holds what some 15 processes draw in this time, about 10 GB."""

_SHARDS = "[0-9]*.npz"

Sampler = Callable[[int], list[Sample]]


def sampler(kind: str, layouts: Path | None) -> Sampler:
    """The pictures of a seed: `buildings`, `dwellings`, or `layouts`, dwellings from the archive at `layouts`."""
    if kind == "buildings":
        return building_samples
    if kind == "dwellings":
        return dwelling_samples.samples
    assert layouts is not None, f"{kind}: needs an archive"
    archive = LayoutArchive(layouts)
    return lambda seed: dwelling_samples.samples(seed, archive.draw)


class Drawing:
    """Processes that draw pictures of one kind into `folder` until the end of the `with` block."""

    def __init__(self, kind: str, layouts: Path | None, folder: Path, processes: int, first_seed: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        context = get_context("spawn")
        self._processes = [
            context.Process(
                target=_draw, args=(kind, layouts, folder, number, processes, first_seed, os.getpid()), daemon=True
            )
            for number in range(processes)
        ]

    def __enter__(self) -> "Drawing":
        for process in self._processes:
            process.start()
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.join()

    def check(self) -> None:
        """Raises ChildProcessError if a process has ended."""
        for process in self._processes:
            if process.exitcode is not None:
                raise ChildProcessError(f"a process that draws plans ended with exit code {process.exitcode}")


def _draw(
    kind: str, layouts: Path | None, folder: Path, number: int, processes: int, first_seed: int, parent: int
) -> None:
    """Draws the seeds `first_seed + number`, and every `processes`th after it, until the parent process is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends this process
    samples_of = sampler(kind, layouts)
    waiting: list[Sample] = []
    shards = itertools.count()
    for seed in itertools.count(first_seed + number, processes):
        if os.getppid() != parent:
            return
        waiting += samples_of(seed)
        while len(waiting) >= SHARD_PICTURES:
            write_shard(folder / f"{first_seed + number:012d}-{next(shards):06d}.npz", waiting[:SHARD_PICTURES])
            del waiting[:SHARD_PICTURES]
            _delete_old(folder)


def shards(folder: Path) -> list[Path]:
    """The shards that are there, in the order of their names."""
    return sorted(folder.glob(_SHARDS))


def write_shard(path: Path, samples: list[Sample]) -> None:
    """Writes pictures with their maps and boxes, at most MOST_ROOMS each."""
    counts = [min(len(boxes), MOST_ROOMS) for _, boxes, _ in samples]
    padded = np.zeros((len(samples), max(1, *counts), 4), np.float32)
    for row, count, (_, boxes, _) in zip(padded, counts, samples, strict=True):
        row[:count] = boxes[:count]
    unfinished = path.with_name(f".{path.name}")
    with unfinished.open("wb") as file:
        np.savez(
            file,
            pixels=np.stack([picture for picture, _, _ in samples]),
            maps=np.stack([room_map(list(outlines)) for _, _, outlines in samples]),
            boxes=padded,
            counts=np.array(counts),
        )
    unfinished.rename(path)


def _delete_old(folder: Path) -> None:
    for path in folder.glob(_SHARDS):
        try:
            if time.time() - path.stat().st_mtime > KEPT_SECONDS:
                path.unlink()
        except FileNotFoundError:  # another process was first
            pass
