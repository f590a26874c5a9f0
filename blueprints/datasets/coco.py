"""COCO JSON: `images`, `annotations` with `bbox` in pixels, and `categories`, in one file or one per split.

A file's split is in its name or in the name of a folder below the source: `train_coco_pt.json`,
`annotations/instances_val2017.json`, `valid/_annotations.coco.json`. Its images are found by the end of their
`file_name`, anywhere below the source: exports of CubiCasa5K have absolute paths of another machine.
"""

from __future__ import annotations

import json
import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from blueprints.datasets.channels import Part
from blueprints.datasets.conversion import (
    ORIENTATION,
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

LONGEST_TAIL = 3
"""How many last parts of a `file_name` identify an image: `high_quality/17/F1_original.png`."""

LIKE_SHAPES = 0.01
"""An image may have another size than the JSON says, if its aspect ratio is the same up to this share."""


@dataclass(frozen=True, kw_only=True)
class _File:
    """A COCO file: its part, the names of its categories by id, and its annotations by image."""

    path: Path
    part: Part | None
    images: Sequence[Any]
    annotations: Mapping[Any, list[Mapping[str, Any]]]
    categories: Mapping[str, str]


def read(source: Path, classes: Sequence[str] | None, step: Step) -> Source:
    """The plans of a COCO file, or of all COCO files below a folder. A class is a category.

    Crowds and run-length masks are skipped. BlueprintError if there is no COCO file.
    """
    skipped = Skipped()
    root = source.parent if source.is_file() else source
    paths = [source] if source.is_file() else files_below(source, "*.json")
    files = [file for file in (_file(path, root, skipped) for path in paths) if file]
    if not files:
        raise BlueprintError(f"{source}: has no COCO JSON, which is a file with images, annotations and categories")
    rooms = chosen_classes(_used(files), classes)
    tails = _tails(root)
    plans: list[SourcePlan] = []
    listed = [(file, image) for file in files for image in file.images]
    for done, (file, image) in enumerate(listed, start=1):
        try:
            plans.append(_plan(file, image, rooms, tails, skipped))
        except (BlueprintError, OverflowError) as error:
            skipped.add("images that cannot be used", f"{file.path}: {error}")
        step("reading plans", done, len(listed))
    return Source(plans=plans, skipped=skipped)


def _file(path: Path, root: Path, skipped: Skipped) -> _File | None:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        skipped.add("files that are not JSON", f"{path}: {error}")
        return None
    lists = [content.get(key) if isinstance(content, dict) else None for key in ("images", "annotations", "categories")]
    if not all(isinstance(one, list) for one in lists):
        skipped.add("JSON files that are not COCO", path)
        return None
    images, annotations, categories = lists
    by_image: dict[Any, list[Mapping[str, Any]]] = defaultdict(list)
    for annotation in annotations or ():
        if isinstance(annotation, dict) and isinstance(annotation.get("image_id"), int | str):
            by_image[annotation["image_id"]].append(annotation)
        else:
            skipped.add("annotations without an image", path)
    names = {
        str(category["id"]): str(category.get("name", category["id"]))
        for category in categories or ()
        if isinstance(category, dict) and isinstance(category.get("id"), int | str)
    }
    words = [*re.findall(r"[a-z]+", path.stem.lower()), *path.relative_to(root).parts[-2::-1]]
    return _File(path=path, part=part_named(words), images=images or (), annotations=by_image, categories=names)


def _used(files: Sequence[_File]) -> Iterator[str]:
    """The categories in use: Roboflow adds one to each file that no annotation has."""
    for file in files:
        used = {str(one.get("category_id")) for annotations in file.annotations.values() for one in annotations}
        yield from (name for identifier, name in file.categories.items() if identifier in used)


def _tails(folder: Path) -> Mapping[tuple[str, ...], list[Path]]:
    """The images below a folder, by the last one, two and three parts of their paths."""
    tails: dict[tuple[str, ...], list[Path]] = defaultdict(list)
    for path in images_below(folder):
        parts = path.absolute().parts
        for length in range(1, LONGEST_TAIL + 1):
            tails[parts[-length:]].append(path)
    return tails


def _plan(
    file: _File, image: Any, rooms: set[str], tails: Mapping[tuple[str, ...], list[Path]], skipped: Skipped
) -> SourcePlan:
    match image:
        case {"id": int() | str() as identifier, "file_name": str() as name}:
            path = _find(name, file.path.parent, tails)
        case _:
            raise BlueprintError(f"image {json.dumps(image)[:80]}: must have an id and a file_name")
    size, turned = _frame(image, path)
    boxes: list[Box] = []
    for annotation in file.annotations.get(identifier, ()):
        where = f"{file.path}: annotation {annotation.get('id')}"
        category = file.categories.get(str(annotation.get("category_id")))
        if category not in rooms:
            skipped.add(f"annotations of category {category}", where)
        elif annotation.get("iscrowd") or isinstance(annotation.get("segmentation"), dict):
            skipped.add("annotations that are crowds or run-length masks", where)
        elif (points := _points(annotation.get("bbox"))) is None:
            skipped.add("annotations without a bbox of four numbers", where)
        elif (box := clipped(points, size)) is None:
            skipped.add("annotations of less than a pixel, or outside the image", where)
        else:
            boxes.append(_turned(box, turned))
    style = path.parent.parent.name if path.stem in ("F1_original", "F1_scaled") else ""
    title = f"{style}_{path.parent.name}" if style else path.stem
    return SourcePlan(name=title, image=path, boxes=tuple(boxes), part=file.part)


def _find(name: str, beside: Path, tails: Mapping[tuple[str, ...], list[Path]]) -> Path:
    """The image whose path ends like the name; of several, the one beside the file."""
    parts = tuple(part for part in re.split(r"[/\\]", name) if part not in ("", "."))
    for length in range(min(LONGEST_TAIL, len(parts)), 0, -1):
        found = tails.get(parts[-length:], [])
        beside_file = [path for path in found if path.parent == beside]
        if len(found) == 1 or len(beside_file) == 1:
            return (beside_file or found)[0]
        if found:
            raise BlueprintError(f"{name}: could be {found[0]} or {found[1]}: give the folder of one split")
    raise BlueprintError(f"{name}: there is no such image")


def _frame(image: Mapping[str, Any], path: Path) -> tuple[tuple[float, float], int]:
    """The size that the boxes refer to, and the EXIF orientation that still has to be applied to them: 1 for none.

    If a file gives the size of the stored pixels and the upright image's differs, the labels are for the stored pixels.
    """
    upright = upright_size(path)
    size = image.get("width"), image.get("height")
    match size:
        case (int() | float() as width, int() | float() as height) if width > 0 and height > 0:
            if abs(width * upright[1] / (height * upright[0]) - 1) <= LIKE_SHAPES:
                return (width, height), 1
            with Image.open(path) as stored:
                orientation = stored.getexif().get(ORIENTATION, 1)
            if orientation >= 5 and abs(width * upright[0] / (height * upright[1]) - 1) <= LIKE_SHAPES:
                return (width, height), orientation
            raise BlueprintError(f"{path}: has {upright[0]} x {upright[1]} px, and {width} x {height} in the file")
    return upright, 1


def _points(bbox: object) -> list[Point] | None:
    match bbox:
        case [int() | float() as x, int() | float() as y, int() | float() as width, int() | float() as height]:
            if math.isfinite(x + y + width + height):
                return [(x, y), (x + max(0, width), y + max(0, height))]
    return None


def _turned(box: Box, orientation: int) -> Box:
    """A box in the stored pixels, converted to the upright image."""
    if orientation < 5:
        return box
    y0, x0, y1, x1 = box
    if orientation in (6, 7):
        x0, x1 = 1 - x1, 1 - x0
    if orientation in (7, 8):
        y0, y1 = 1 - y1, 1 - y0
    return x0, y0, x1, y1
