"""CubiCasa5K: `<style>/<id>/model.svg` beside `F1_scaled.png`; `train.txt`, `val.txt` and `test.txt` list its plans.

Rooms are the polygons of `<g class="Space <Type> ...">`. As in the data set's own loader (`floortrans/loaders/house.py`
of github.com/CubiCasa/CubiCasa5k), their coordinates are pixels of `F1_scaled.png`, whatever size the SVG states,
and floors that the SVG hides (`display: none`) count, because the picture shows them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import parse

from blueprints.datasets import svg
from blueprints.datasets.channels import Part
from blueprints.datasets.conversion import (
    Skipped,
    Source,
    SourcePlan,
    Step,
    chosen_classes,
    clipped,
    files_below,
    upright_size,
)
from blueprints.errors import BlueprintError
from blueprints.geometry import Box, Point

MODEL = "model.svg"
SCALED, ORIGINAL = "F1_scaled.png", "F1_original.png"
LISTS: dict[str, Part] = {"train.txt": "training", "val.txt": "validation", "test.txt": "test"}

LIKE_SHAPES = 0.01
"""If the scaled picture is missing, the original must have the SVG's aspect ratio up to this share."""

Size = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Space:
    """A room of a `model.svg`: its type, such as Bedroom, and its corners in the root's coordinates."""

    kind: str
    points: tuple[Point, ...]


@dataclass(frozen=True, kw_only=True)
class Model:
    """The content of a `model.svg`. `size` is the size it states, None without one."""

    spaces: tuple[Space, ...]
    size: Size | None


def read(source: Path, classes: Sequence[str] | None, step: Step) -> Source:
    """The plans of a folder that holds CubiCasa5K, at any depth. A class is a type of room, such as Bedroom.

    If there are lists, plans that none of them names are skipped. BlueprintError if there are no plans.
    """
    paths = files_below(source, MODEL)
    if not paths:
        raise BlueprintError(f"{source}: no <style>/<id>/{MODEL}: give the folder that CubiCasa5K was unpacked to")
    skipped = Skipped()
    parts = _listed({path.parents[2] for path in paths}, skipped)
    models: dict[Path, Model] = {}
    for done, path in enumerate(paths, start=1):
        if parts and path.parent not in parts:
            skipped.add("plans that are in no list", path.parent)
        else:
            try:
                models[path] = read_model(path)
            except BlueprintError as error:
                skipped.add(f"plans whose {MODEL} cannot be used", error)
        step("reading plans", done, len(paths))
    rooms = chosen_classes((space.kind for model in models.values() for space in model.spaces), classes)
    plans = [_plan(path, model, rooms, parts.get(path.parent), skipped) for path, model in models.items()]
    return Source(plans=[plan for plan in plans if plan], skipped=skipped)


def read_model(path: Path) -> Model:
    """The rooms of a `model.svg`, in its order. BlueprintError if it cannot be read or is not such an SVG.

    Entities and external references are refused: the file is not trusted.
    """
    try:
        root = parse(path).getroot()
    except (ParseError, DefusedXmlException, OSError, ValueError, RecursionError) as error:
        raise BlueprintError(f"{path}: is not valid XML: {error}") from error
    if root is None or _tag(root) != "svg":
        raise BlueprintError(f"{path}: is not an SVG")
    try:
        x, y, *_ = svg.numbers(root.get("viewBox", "0 0"))
        spaces = tuple(_spaces(root, (1, 0, 0, 1, -x, -y)))
    except (ValueError, RecursionError) as error:
        raise BlueprintError(f"{path}: {error}") from error
    return Model(spaces=spaces, size=_size(root))


def _listed(roots: set[Path], skipped: Skipped) -> dict[Path, Part]:
    """The folder of each plan that a list names, with its part."""
    parts: dict[Path, Part] = {}
    for path in (root / name for root in sorted(roots) for name in LISTS):
        if path.is_file():
            for line in _text(path).split():
                folder = path.parent / line.strip("/")
                parts[folder] = LISTS[path.name]
                if not (folder / MODEL).is_file():
                    skipped.add(f"plans in a list that have no {MODEL}", folder)
    return parts


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise BlueprintError(f"{path}: is not text: must list one plan folder per line") from error


def _plan(path: Path, model: Model, rooms: set[str], part: Part | None, skipped: Skipped) -> SourcePlan | None:
    try:
        image, size = _picture(path, model)
    except BlueprintError as error:
        skipped.add("plans without a picture that fits", error)
        return None
    boxes: list[Box] = []
    for space in model.spaces:
        box = clipped(space.points, size)
        if space.kind not in rooms:
            skipped.add(f"rooms of type {space.kind}", path)
        elif box is None:
            skipped.add("rooms of less than a pixel, or outside the picture", path)
        else:
            boxes.append(box)
    name = f"{path.parents[1].name}_{path.parent.name}"
    return SourcePlan(name=name, image=image, boxes=tuple(boxes), part=part)


def _picture(path: Path, model: Model) -> tuple[Path, Size]:
    """The picture of a plan, and the size that the rooms' coordinates refer to."""
    scaled, original = path.with_name(SCALED), path.with_name(ORIGINAL)
    if scaled.is_file() or model.size is None:
        return scaled, upright_size(scaled)
    width, height = upright_size(original)
    if abs(width * model.size[1] / (height * model.size[0]) - 1) > LIKE_SHAPES:
        raise BlueprintError(f"{original}: its proportions differ from those of {MODEL}, and there is no {SCALED}")
    return original, model.size


def _size(root: Element) -> Size | None:
    try:
        width, height = float(root.get("width", "")), float(root.get("height", ""))
    except ValueError:
        return None
    return (width, height) if width > 0 and height > 0 else None


def _spaces(element: Element, outer: svg.Matrix) -> Iterator[Space]:
    matrix = svg.product(outer, svg.transform(element.get("transform", "")))
    match element.get("class", "").split():
        case ["Space", *kinds]:
            polygons = [child for child in element if _tag(child) == "polygon"]
            yield Space(
                kind=kinds[0] if kinds else "Undefined",
                points=tuple(point for polygon in polygons for point in _corners(polygon, matrix)),
            )
    for child in element:
        if _tag(child) == "g":
            yield from _spaces(child, matrix)


def _corners(polygon: Element, outer: svg.Matrix) -> Iterator[Point]:
    matrix = svg.product(outer, svg.transform(polygon.get("transform", "")))
    for point in svg.points(polygon.get("points", "")):
        yield svg.moved(point, matrix)


def _tag(element: Element) -> str:
    """The name of an element without its namespace; "" for a comment."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
