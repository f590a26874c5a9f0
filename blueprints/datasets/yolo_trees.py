"""Folders in YOLO formats as other tools write them: any classes, boxes or polygons, and either order of folders.

`images/<split>/*.jpg` with `labels/<split>/*.txt` as Ultralytics writes them, `<split>/images/*.jpg` with
`<split>/labels/*.txt` as Roboflow exports them. A line is a class with a box (`x_center y_center width height`), with
the four corners of an oriented box (YOLOv8-OBB: `x1 y1 ... x4 y4`), or with those of any polygon; all are fractions of
the upright image. `names` in `data.yaml` name the classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from blueprints.datasets import yolo
from blueprints.datasets.check import NOT_LABELS
from blueprints.datasets.conversion import (
    Skipped,
    Source,
    SourcePlan,
    Step,
    chosen_classes,
    clipped,
    files_below,
    images_below,
    part_named,
    upright_size,
)
from blueprints.errors import BlueprintError
from blueprints.geometry import Box, Point


@dataclass(frozen=True, kw_only=True)
class _Shape:
    """A line of a label file: its place, its class, and the corners of its shape as fractions."""

    where: str
    kind: str
    points: tuple[Point, ...]


def read(source: Path, classes: Sequence[str] | None, step: Step) -> Source:
    """The plans below a folder. A class is a name from `data.yaml`, or a number if it has none.

    An oriented box or a polygon becomes the upright box around it. BlueprintError if there are no images.
    """
    images = [path for path in images_below(source) if "images" in path.absolute().parts[:-1]]
    if not images:
        raise BlueprintError(f"{source}: no images in a folder named images: give one with images/ and labels/")
    skipped = Skipped()
    names = _names(source)
    shapes: dict[Path, list[_Shape]] = {}
    for done, image in enumerate(images, start=1):
        try:
            lines = yolo.label_lines(yolo.label_file(image))
            shapes[image] = _shapes(yolo.label_file(image), lines, names, skipped)
        except BlueprintError as error:
            skipped.add("images without a readable label file", error)
        step("reading plans", done, len(images))
    expected = {yolo.label_file(image) for image in images}
    for path in files_below(source, "*.txt"):
        if "labels" in path.parts and path not in expected and path.name not in NOT_LABELS:
            skipped.add("label files without an image", path)
    rooms = chosen_classes((shape.kind for found in shapes.values() for shape in found), classes)
    plans = [_plan(image, found, rooms, source, skipped) for image, found in shapes.items()]
    return Source(plans=[plan for plan in plans if plan], skipped=skipped)


def _names(source: Path) -> dict[str, str]:
    """The classes' names by their numbers."""
    path = source / "data.yaml"
    if not path.is_file():
        return {}
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BlueprintError(f"{path}: is not YAML: {' '.join(str(error).split())}") from error
    names = content.get("names") if isinstance(content, dict) else None
    if isinstance(names, list):
        return {str(number): str(name) for number, name in enumerate(names)}
    if isinstance(names, dict):
        return {str(number): str(name) for number, name in names.items()}
    raise BlueprintError(f"{path}: names {names!r}: must be a list of class names")


def _shapes(path: Path, lines: Sequence[tuple[int, str]], names: dict[str, str], skipped: Skipped) -> list[_Shape]:
    shapes: list[_Shape] = []
    for number, line in lines:
        kind, *fields = line.split()
        where = f"{path}:{number}"
        try:
            points = _points([float(value) for value in fields])
        except ValueError:
            skipped.add("lines that are neither a box nor a polygon", f"{where}: {line.strip()!r}")
        else:
            shapes.append(_Shape(where=where, kind=names.get(kind, kind), points=points))
    return shapes


def _points(values: Sequence[float]) -> tuple[Point, ...]:
    """Corners of a line's shape; ValueError if it has none."""
    if len(values) == 4:
        x, y, width, height = values
        return (x - width / 2, y - height / 2), (x + width / 2, y + height / 2)
    if len(values) < 6 or len(values) % 2:
        raise ValueError(f"{len(values)} numbers")
    return tuple(zip(values[::2], values[1::2], strict=True))


def _plan(image: Path, shapes: Sequence[_Shape], rooms: set[str], source: Path, skipped: Skipped) -> SourcePlan | None:
    try:
        width, height = upright_size(image)
    except BlueprintError as error:
        skipped.add("images that cannot be read", error)
        return None
    boxes: list[Box] = []
    for shape in shapes:
        box = clipped([(x * width, y * height) for x, y in shape.points], (width, height))
        if shape.kind not in rooms:
            skipped.add(f"boxes of class {shape.kind}", shape.where)
        elif box is None:
            skipped.add("boxes of less than a pixel, or outside the image", shape.where)
        else:
            boxes.append(box)
    folders = image.relative_to(source).parts[:-1]
    return SourcePlan(name=image.stem, image=image, boxes=tuple(boxes), part=part_named(reversed(folders)))
