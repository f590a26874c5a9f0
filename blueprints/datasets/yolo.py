"""Folders of labelled plans in YOLO's detection format.

The rooms of `<dir>/images/<split>/<name>.jpg` are in `<dir>/labels/<split>/<name>.txt`, one per line:
`0 x_center y_center width height`, all but the class as fractions of the image. The splits may be missing
(`images/*.jpg`), and the folder of images itself may be given (`<dir>/images/dev`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from blueprints.errors import BlueprintError
from blueprints.geometry import Box
from pictures.formats import FORMATS

ROOM_CLASS = "0"
IMAGE_SUFFIXES = frozenset(f".{extension}" for format_ in FORMATS for extension in format_.extensions)

# Labels have about six decimals, so a box at the image's border may end this far outside; it is clipped.
ROUNDING = 1e-4


@dataclass(frozen=True, kw_only=True)
class LabelledPlan:
    """An image and the path of its label file, which may be missing."""

    name: str
    image: Path
    labels: Path


def plans(directory: Path, limit: int | None = None) -> list[LabelledPlan]:
    """The plans of a folder by split and name, at most `limit` (1 or more) of them.

    BlueprintError if the folder has no images, or two images have the same name: their answer files would be the same.
    """
    if limit is not None and limit < 1:
        raise BlueprintError(f"{limit} plans: must be 1 or more")
    images = image_files(directory)
    if not images:
        raise BlueprintError(
            f"{directory}: no images: give a folder with images/<split>/*.jpg and labels/<split>/*.txt"
        )
    names: dict[str, Path] = {}
    for image in images:
        if image.stem in names:
            raise BlueprintError(
                f"{image}: has the same name as {names[image.stem]}: rename one, or give the images of one split"
            )
        names[image.stem] = image
    return [LabelledPlan(name=name, image=image, labels=label_file(image)) for name, image in names.items()][:limit]


def read_labels(path: Path) -> list[Box]:
    """The boxes of a label file in its order, x_min, y_min, x_max, y_max as fractions 0..1; an empty file has none.

    BlueprintError names the file, the line, the value and what is allowed.
    """
    return [parse_line(f"{path}:{number}", line) for number, line in label_lines(path)]


def label_lines(path: Path) -> list[tuple[int, str]]:
    """The lines of a label file that are not blank, each with its number from 1.

    BlueprintError if the file is missing or is not text.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise BlueprintError(f"{path}: is missing: a plan without rooms needs an empty file") from error
    except OSError as error:
        raise BlueprintError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BlueprintError(f"{path}: is not text: give lines of '0 x_center y_center width height'") from error
    return [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]


def label_text(boxes: Sequence[Box]) -> str:
    """The content of a label file for boxes as `read_labels` returns them, to a millionth of the image."""
    return "".join(
        f"{ROOM_CLASS} {(x0 + x1) / 2:.6f} {(y0 + y1) / 2:.6f} {x1 - x0:.6f} {y1 - y0:.6f}\n"
        for x0, y0, x1, y1 in boxes
    )


def image_files(directory: Path) -> list[Path]:
    """The images of a folder by split and name; BlueprintError if it is not a folder."""
    root = directory / "images" if (directory / "images").is_dir() else directory
    if not root.is_dir():
        raise BlueprintError(
            f"{directory}: is not a folder: give one with images/<split>/*.jpg and labels/<split>/*.txt"
        )
    folders = [root, *sorted(child for child in root.iterdir() if child.is_dir())]
    return [
        path
        for folder in folders
        for path in sorted(folder.iterdir())
        if path.is_file() and path.suffix.lower() in IMAGE_SUFFIXES
    ]


def label_file(image: Path) -> Path:
    """The path of an image's label file: the nearest folder named `images` above it becomes `labels`.

    BlueprintError if there is none.
    """
    return _beside(image, "labels")


def outline_file(image: Path) -> Path:
    """The same for its rooms' outlines, in YOLO's segmentation format: `outlines`. Many folders have none."""
    return _beside(image, "outlines")


def _beside(image: Path, folder: str) -> Path:
    for path in (image, image.absolute()):
        folders = path.parts[:-1]
        if "images" in folders:
            images = path.parents[folders[::-1].index("images")]
            return (images.with_name(folder) / path.relative_to(images)).with_suffix(".txt")
    raise BlueprintError(f"{image}: is not in a folder named images, so its labels cannot be found")


def parse_line(where: str, line: str) -> Box:
    """The box of one line, as `read_labels` returns it; errors (BlueprintError) begin with `where`."""
    fields = line.split()
    if len(fields) != 5:
        raise BlueprintError(
            f"{where}: {line.strip()!r} has {len(fields)} fields: must be '0 x_center y_center width height'"
        )
    if fields[0] != ROOM_CLASS:
        raise BlueprintError(f"{where}: class {fields[0]}: the only class is {ROOM_CLASS} (room)")
    x, y, width, height = (_fraction(where, field) for field in fields[1:])
    if width == 0 or height == 0:
        raise BlueprintError(f"{where}: {line.strip()!r} is empty: width and height must be more than 0")
    box = x - width / 2, y - height / 2, x + width / 2, y + height / 2
    if min(box) < -ROUNDING or max(box) > 1 + ROUNDING:
        raise BlueprintError(f"{where}: {line.strip()!r} reaches outside the image: clip the box to 0..1")
    x0, y0, x1, y1 = (min(1.0, max(0.0, value)) for value in box)
    return x0, y0, x1, y1


def _fraction(where: str, field: str) -> float:
    try:
        value = float(field)
    except ValueError:
        value = math.nan
    if not 0 <= value <= 1:
        raise BlueprintError(f"{where}: {field}: must be a number from 0 to 1")
    return value
