"""What is wrong with folders of labelled plans, before anything is trained on them.

Imports only numpy, Pillow and ImageHash, so that the training image can refuse a broken set by itself.

Duplicates are files of equal content, and plans whose perceptual hashes are close: a DCT hash (pHash) of the upright
plan, 16 x 16 bits, that differs in at most 24 of the 256 bits. Measured on 1,671 plans (1,069 of CubiCasa5K, 602 of a
Roboflow set, longest side 640 px):

- Five pairs differ in 0 to 4 bits; by eye, each is the same drawing twice. The next pair, one generated floor with two
  sets of furniture, differs in 40; the two closest different drawings in 46.
- Changed copies of 209 of them: JPEG at quality 40, half the size, stretched to a square, noise (sigma 12 of 255), less
  contrast: all within 14 bits. Rotated by 1 degree: median 18, at most 40; a margin of 1 % cut off: 22 and 56. Some of
  these last two kinds are missed.
- The usual 8 x 8 bits are not enough: copies differ in up to 8 of 64 bits, different plans in only 2 or more, because
  all are mostly white. A 16 x 16 dHash leaves a gap (pairs up to 8, then 23) too narrow for its copies (up to 34).

Mirrored copies, and copies rotated by a quarter turn, are not found.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import imagehash
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from blueprints.datasets import yolo
from blueprints.errors import BlueprintError

HASH_SIZE = 16
HASH_BITS = HASH_SIZE**2
MOST_DIFFERENT_BITS = 24
"""Two plans whose hashes differ in at most this many of 256 bits are the same drawing."""

SMALLEST_SIDE_PX = 10
"""Ultralytics drops smaller images from a data set (`ultralytics/data/utils.py`, `verify_image_label`)."""

NOT_LABELS = frozenset({"classes.txt"})
"""LabelImg writes the class names to a file beside the labels."""

ROWS_AT_ONCE = 1024
"""Number of hashes compared with all others in one step. It limits memory to 40 MB for 10,000 plans."""

Severity = Literal["error", "warning"]
Progress = Callable[[int, int], None]
"""Called with the number of images read so far and the total, from one thread at a time."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Something wrong with a file or a folder. A set with an error must not be trained on.

    `same_as` is the earlier image of the same plan, if the problem is a duplicate.
    """

    path: Path
    reason: str
    severity: Severity = "error"
    same_as: Path | None = None

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


def check_folders(folders: Sequence[Path], progress: Progress | None = None) -> list[Problem]:
    """All problems of YOLO folders, in the order of folders and files; an empty list means a sound set.

    Several folders are one split each, such as the channels training and validation. The splits of a single folder are
    its `images/<split>`. A plan in two splits is an error: the score would be measured on training data. A plan that is
    twice in one split is a warning: it only counts double. Broken files and missing folders do not raise.
    """
    found: list[Problem] = []
    images: list[Path] = []
    splits: list[Path] = []
    for folder in folders:
        try:
            inside = yolo.image_files(folder)
            labels = [yolo.label_file(image) for image in inside]
        except (BlueprintError, OSError) as error:
            found.append(_problem(folder, error))
            continue
        if not inside:
            layout = "give images/<split>/*.jpg with labels/<split>/*.txt"
            found.append(Problem(path=folder, reason=f"has no images: {layout}"))
        found += [*_names(inside), *_labels(folder, labels)]
        images += inside
        splits += [folder if len(folders) > 1 else image.parent for image in inside]
    return found + check_images(images, splits, progress)


def check_images(images: Sequence[Path], splits: Sequence[Path], progress: Progress | None = None) -> list[Problem]:
    """Problems of unreadable images, then of images whose plan came before, given the split of each image."""
    read = _read(images, splits, progress)
    broken = [problem for problem in read if isinstance(problem, Problem)]
    return broken + list(_duplicates([plan for plan in read if isinstance(plan, _Plan)]))


def is_broken(problems: Sequence[Problem]) -> bool:
    """Whether any of the problems is an error."""
    return any(problem.severity == "error" for problem in problems)


@dataclass(frozen=True, kw_only=True)
class _Plan:
    """A readable image with its split, its file's digest, and its perceptual hash of 256 booleans."""

    image: Path
    split: Path
    digest: bytes
    bits: np.ndarray


def _problem(path: Path, error: BlueprintError | OSError) -> Problem:
    if isinstance(error, OSError):
        return Problem(path=path, reason=f"cannot be read ({error.strerror}): {error.filename}")
    return Problem(path=path, reason=str(error).removeprefix(f"{path}: "))


def _names(images: Sequence[Path]) -> Iterator[Problem]:
    """Images of one folder whose names differ only in the split or the suffix."""
    names: dict[str, Path] = {}
    for image in images:
        if image.stem in names:
            yield Problem(
                path=image, reason=f"has the same name as {names[image.stem]}: rename one of them, and its labels"
            )
        names.setdefault(image.stem, image)


def _labels(folder: Path, expected: Sequence[Path]) -> Iterator[Problem]:
    """Label files that are missing, invalid or without an image, and folders whose label files are all empty."""
    is_labelled = not expected
    for path in dict.fromkeys(expected):
        try:
            lines = yolo.label_lines(path)
        except BlueprintError as error:
            yield _problem(path, error)
            continue
        is_labelled |= bool(lines)
        for number, line in lines:
            try:
                yolo.parse_line(f"line {number}", line)
            except BlueprintError as error:
                yield Problem(path=path, reason=str(error))
    if not is_labelled:
        yield Problem(path=folder, reason="has no box in any label file: label the rooms first")
    roots = {path.parent for path in expected} | {folder / "labels"}
    written = {path for root in roots for path in root.rglob("*.txt") if path.name not in NOT_LABELS}
    for path in sorted(written - set(expected)):
        yield Problem(path=path, reason="has no image with its name: add the image, or remove these labels")


def _read(images: Sequence[Path], splits: Sequence[Path], progress: Progress | None) -> list[_Plan | Problem]:
    """Each image, or its problem. Threads are enough: Pillow releases the GIL while it decodes and scales."""
    read: list[_Plan | Problem] = []
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        for one in threads.map(_plan, images, splits):
            read.append(one)
            if progress:
                progress(len(read), len(images))
    return read


def _plan(path: Path, split: Path) -> _Plan | Problem:
    try:
        content = path.read_bytes()
        with Image.open(io.BytesIO(content)) as image:
            if min(image.size) < SMALLEST_SIDE_PX:
                size = f"{image.width} x {image.height} px"
                return Problem(path=path, reason=f"is {size}: each side must have at least {SMALLEST_SIDE_PX} px")
            bits = imagehash.phash(ImageOps.exif_transpose(image), hash_size=HASH_SIZE).hash.ravel()
    except UnidentifiedImageError:
        return Problem(path=path, reason="is not an image, or its format is not supported: replace or remove it")
    except Exception as error:  # Pillow's decoders raise all kinds of exceptions on broken files
        what = getattr(error, "strerror", None) or " ".join(str(error).split())
        return Problem(path=path, reason=f"cannot be read ({what}): replace or remove it")
    return _Plan(image=path, split=split, digest=hashlib.sha256(content).digest(), bits=bits)


def _duplicates(plans: Sequence[_Plan]) -> Iterator[Problem]:
    """A problem for each plan that came before: the most similar one in another split, or else in its own."""
    # The product of two rows of -1 and 1 is the number of equal bits minus the number of different bits.
    signs = np.array([plan.bits for plan in plans], dtype=np.float32).reshape(-1, HASH_BITS) * 2 - 1
    for start in range(0, len(plans), ROWS_AT_ONCE):
        distances = (HASH_BITS - signs[start : start + ROWS_AT_ONCE] @ signs.T) / 2
        for row, plan in enumerate(plans[start : start + ROWS_AT_ONCE]):
            near = np.flatnonzero(distances[row, : start + row] <= MOST_DIFFERENT_BITS).tolist()
            if near:
                ranks = {one: (plans[one].split == plan.split, distances[row, one]) for one in near}
                yield _duplicate(plan, plans[min(near, key=ranks.__getitem__)])


def _duplicate(plan: _Plan, earlier: _Plan) -> Problem:
    same = "is identical to" if plan.digest == earlier.digest else "shows the same plan as"
    across = plan.split != earlier.split
    return Problem(
        path=plan.image,
        reason=f"{same} {earlier.image}{', in another split' if across else ''}: remove one",
        severity="error" if across else "warning",
        same_as=earlier.image,
    )
