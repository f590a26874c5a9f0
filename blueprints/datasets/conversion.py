"""Labelled plans from elsewhere, written as the channels that training reads.

A reader (`cubicasa`, `coco`, `yolo_trees`) returns a `Source`. `convert` draws a validation split if the source has
none, leaves out what the check would refuse, and writes the rest. `Skipped` counts everything that is left out, by
reason, and keeps the first example.
"""

from __future__ import annotations

import math
import os
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import partial
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

from blueprints.datasets import yolo
from blueprints.datasets.channels import CHANNELS, SPLITS, Part
from blueprints.datasets.check import Progress, check_images
from blueprints.errors import BlueprintError
from blueprints.geometry import Box
from blueprints.new_folder import new_folder, refuse_existing
from pictures.formats import FORMATS

SUFFIXES = {format_.pillow_name: tuple(f".{one}" for one in format_.extensions) for format_ in FORMATS}
SUFFIXES["MPO"] = SUFFIXES["JPEG"]
"""Pillow's names of the formats that are copied byte for byte, with their suffixes; all others become PNG.

An MPO is a phone's JPEG with more pictures after the first.
"""

MOST_MEASURED_FIRST: tuple[Part, ...] = ("test", "validation", "training")
"""A plan in several parts stays in the first of these: training must not see the plans that measure it."""

ROOM_NAMES = frozenset({"room", "rooms"})
"""If a source has one of these classes besides others (such as walls), its rooms are of this class."""

PARTS: dict[str, Part] = {
    "train": "training",
    "training": "training",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "dev": "validation",
    "test": "test",
    "testing": "test",
}
"""The names that data sets use for their parts."""

ORIENTATION = 0x0112
"""The EXIF tag; values 5 to 8 (rotated by a quarter turn, or mirrored along a diagonal) swap width and height."""

Step = Callable[[str, int, int], None]
"""Called with the name of the step, how much is done, and the total."""


@dataclass(kw_only=True)
class Skipped:
    """What a conversion leaves out: the count and the first example of each reason."""

    counts: Counter[str] = field(default_factory=Counter)
    first: dict[str, str] = field(default_factory=dict)

    def add(self, reason: str, where: object) -> None:
        self.counts[reason] += 1
        self.first.setdefault(reason, str(where))


@dataclass(frozen=True, kw_only=True)
class SourcePlan:
    """A plan to convert. `boxes` are fractions of the upright image; `part` is None if the source names no split."""

    name: str
    image: Path
    boxes: tuple[Box, ...]
    part: Part | None


Parted = dict[Part, list[SourcePlan]]


@dataclass(frozen=True, kw_only=True)
class Source:
    """What a reader found, and what it left out."""

    plans: Sequence[SourcePlan]
    skipped: Skipped


@dataclass(frozen=True, kw_only=True)
class Report:
    """`plans` and `boxes` written, by part; `drawn` is true if the validation split was drawn at random."""

    plans: dict[Part, int]
    boxes: dict[Part, int]
    drawn: bool
    skipped: Skipped


def convert(source: Source, out: Path, *, validation: float, seed: int, step: Step) -> Report:
    """Write a source's plans as channels to a new or empty folder; if that fails, nothing is written.

    If the source has no validation plans, a share `validation` (between 0 and 1) of those for training is drawn
    with `seed`. Unreadable images are skipped. A plan in several parts stays only in test, or else only in validation.
    BlueprintError if a channel would have no rooms.
    """
    refuse_existing(out)
    if not 0 < validation < 1:
        raise BlueprintError(f"--validation {validation:g}: must be more than 0 and less than 1")
    parts, drawn = _parted(source.plans, validation, seed)
    parts = _sound(parts, source.skipped, partial(step, "comparing plans"))
    for channel in CHANNELS:
        if not any(plan.boxes for plan in parts[channel]):
            raise BlueprintError(f"no plan with rooms for {channel}: {_reasons(source.skipped) or 'too few plans'}")
    _write(parts, out, partial(step, "writing plans"))
    return Report(
        plans={part: len(plans) for part, plans in parts.items()},
        boxes={part: sum(len(plan.boxes) for plan in plans) for part, plans in parts.items()},
        drawn=drawn,
        skipped=source.skipped,
    )


def as_json(report: Report) -> dict[str, Any]:
    """The report as JSON values."""
    return {
        "plans": report.plans,
        "boxes": report.boxes,
        "validation_drawn": report.drawn,
        "skipped": [
            {"reason": reason, "count": count, "first": report.skipped.first[reason]}
            for reason, count in report.skipped.counts.most_common()
        ],
    }


def as_text(report: Report) -> str:
    """The report as lines."""
    drawn = " (drawn from the plans of the source)" if report.drawn else ""
    lines = [
        f"{part}: {count} plans, {report.boxes[part]} boxes{drawn if part == 'validation' else ''}"
        for part, count in report.plans.items()
        if count
    ]
    lines += [
        f"skipped {count}: {reason} (first: {report.skipped.first[reason]})"
        for reason, count in report.skipped.counts.most_common()
    ]
    return "\n".join(lines)


def chosen_classes(available: Iterable[str], wanted: Sequence[str] | None) -> set[str]:
    """The classes whose boxes are rooms: those `wanted`, else the class room if there is one, else all.

    BlueprintError names a wanted class that the source does not have.
    """
    names = list(dict.fromkeys(available))
    for name in wanted or ():
        if name not in names:
            raise BlueprintError(f"--classes {name}: the source has {', '.join(names) or 'no classes'}")
    return set(wanted or [name for name in names if name.lower() in ROOM_NAMES] or names)


def part_named(names: Iterable[str]) -> Part | None:
    """The part given by the first of the file or folder names that gives one."""
    return next((PARTS[name.lower()] for name in names if name.lower() in PARTS), None)


def files_below(folder: Path, pattern: str) -> list[Path]:
    """The files at any depth whose names match, sorted by path. Linked folders are followed once, hidden files not."""
    found: list[Path] = []
    seen = {folder.resolve()}
    for root, folders, names in os.walk(folder, followlinks=True):
        inside = {name: Path(root, name).resolve() for name in sorted(folders) if not name.startswith(".")}
        folders[:] = [name for name, target in inside.items() if target not in seen]
        seen.update(inside.values())
        found += [Path(root, name) for name in names if fnmatch(name, pattern) and not name.startswith(".")]
    return sorted(path for path in found if path.is_file())


def images_below(folder: Path) -> list[Path]:
    """The files at any depth with the suffix of a format that Pillow reads, sorted by path."""
    suffixes = {suffix for suffix, name in Image.registered_extensions().items() if name in Image.OPEN}
    return [path for path in files_below(folder, "*") if path.suffix.lower() in suffixes]


def upright_size(path: Path) -> tuple[int, int]:
    """Width and height of an image, upright by its EXIF orientation; BlueprintError if it is not an image."""
    try:
        with Image.open(path) as image:
            turned = image.getexif().get(ORIENTATION, 1) >= 5
            return (image.height, image.width) if turned else image.size
    except FileNotFoundError as error:
        raise BlueprintError(f"{path}: is missing") from error
    except Exception as error:  # Pillow's decoders raise all kinds of exceptions on broken files
        raise BlueprintError(f"{path}: cannot be read as an image") from error


def clipped(points: Iterable[tuple[float, float]], size: tuple[float, float]) -> Box | None:
    """The box around points, clipped to an image of a size, as fractions; None if less than a pixel is inside."""
    corners = list(points)
    if not corners or not all(math.isfinite(value) for corner in corners for value in corner):
        return None
    xs, ys = zip(*corners, strict=True)
    width, height = size
    x0, x1 = max(0.0, min(xs)), min(width, max(xs))
    y0, y1 = max(0.0, min(ys)), min(height, max(ys))
    if x1 - x0 < 1 or y1 - y0 < 1:
        return None
    return x0 / width, y0 / height, x1 / width, y1 / height


def _parted(plans: Sequence[SourcePlan], validation: float, seed: int) -> tuple[Parted, bool]:
    """Each part's plans, and whether validation was drawn. A plan without a split is for training, if not drawn."""
    parts: Parted = {part: [] for part in SPLITS}
    for plan in plans:
        parts[plan.part or "training"].append(plan)
    training = parts["training"]
    if parts["validation"] or len(training) < 2:
        return parts, False
    count = min(len(training) - 1, max(1, round(len(training) * validation)))
    drawn = set(random.Random(seed).sample(range(len(training)), count))
    parts["validation"] = [plan for index, plan in enumerate(training) if index in drawn]
    parts["training"] = [plan for index, plan in enumerate(training) if index not in drawn]
    return parts, True


def _sound(parts: Parted, skipped: Skipped, progress: Progress) -> Parted:
    """The parts without unreadable images, and without plans that are also in test or (for training) in validation."""
    plans: dict[Path, tuple[Part, SourcePlan]] = {}
    for part in MOST_MEASURED_FIRST:
        for plan in parts[part]:
            if plan.image in plans:
                skipped.add("images that the source lists twice", plan.image)
            plans.setdefault(plan.image, (part, plan))
    # Of two duplicates, the check names the later one.
    for problem in check_images(list(plans), [Path(part) for part, _ in plans.values()], progress):
        if problem.severity == "error":
            del plans[problem.path]
            skipped.add(
                "plans that are in another part too" if problem.same_as else "images that cannot be read", problem
            )
    return {part: [plan for its_part, plan in plans.values() if its_part == part] for part in SPLITS}


def _reasons(skipped: Skipped) -> str:
    return "; ".join(
        f"skipped {count} {reason} (first: {skipped.first[reason]})" for reason, count in skipped.counts.items()
    )


def _write(parts: Parted, out: Path, progress: Progress) -> None:
    plans: list[tuple[Part, SourcePlan]] = [(part, plan) for part, its_plans in parts.items() for plan in its_plans]
    names: set[str] = set()
    with new_folder(out) as whole:
        for done, (part, plan) in enumerate(plans, start=1):
            _write_plan(plan, whole / part, SPLITS[part], _unused(plan.name, names))
            progress(done, len(plans))


def _unused(name: str, names: set[str]) -> str:
    """The name; with a number from 2 if it was used before (case does not matter)."""
    free, number = name, 1
    while free.lower() in names:
        number += 1
        free = f"{name}-{number}"
    names.add(free.lower())
    return free


def _write_plan(plan: SourcePlan, out: Path, split: str, name: str) -> None:
    images, labels = (out / folder / split for folder in ("images", "labels"))
    for folder in (images, labels):
        folder.mkdir(parents=True, exist_ok=True)
    with Image.open(plan.image) as image:
        suffixes = SUFFIXES.get(image.format or "")
        if suffixes:
            suffix = plan.image.suffix.lower()
            shutil.copyfile(plan.image, images / f"{name}{suffix if suffix in suffixes else suffixes[0]}")
        else:
            ImageOps.exif_transpose(image).convert("RGB").save(images / f"{name}.png")
    (labels / f"{name}.txt").write_text(yolo.label_text(plan.boxes), encoding="utf-8")
