"""Packs labelled plans into square sheets, one or more per sheet.

Training runs on squares, and most plans are not square: 968 plans of CubiCasa5K fill 74 % of as many squares. Drawn at
two ranges of scale and packed, they need 627 sheets, filled to 71 %: an epoch is a third shorter, and rooms are seen at
several sizes and beside other floors, as on real sheets.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps

from blueprints.datasets import yolo
from blueprints.datasets.conversion import upright_size
from blueprints.errors import BlueprintError
from blueprints.geometry import Box
from blueprints.new_folder import new_folder

SHEET_PX = 640
LARGE = 0.88, 1.0
"""Range of a plan's longer side as a share of the sheet's: about the size at which plans are served."""
SMALL = 0.56, 0.74
"""The same for plans that share a sheet with others."""
LARGE_SHARE = 0.45
"""Share of the plans that are drawn large; the others are drawn small."""
LEAST_FREE_PX = 120
"""A free strip of a sheet narrower than this is left empty."""
SPLIT = "train"
JPEG_QUALITY = 88

_TURNS = (None, Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270)


@dataclass(frozen=True, kw_only=True)
class Placement:
    """The place of a plan on its sheet in pixels, after a number of quarter turns counter-clockwise."""

    plan: int
    quarter_turns: int
    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True)
class _Free:
    left: int
    top: int
    width: int
    height: int

    def split(self, width: int, height: int) -> list[_Free]:
        """The free space beside a taken upper left corner, split so that the larger piece is as large as possible."""
        beside, below = self.width - width, self.height - height
        cut_across = beside < below
        pieces = (
            _Free(self.left + width, self.top, beside, height if cut_across else self.height),
            _Free(self.left, self.top + height, self.width if cut_across else width, below),
        )
        return [piece for piece in pieces if min(piece.width, piece.height) >= LEAST_FREE_PX]


def arrange(sizes: Sequence[tuple[int, int]], seed: int) -> list[list[Placement]]:
    """Sheets of placements for plans of these widths and heights in px: each plan once, rotated and scaled at random.

    The largest are placed first, each into the free space that it fills best, or else onto a new sheet.
    """
    rng = random.Random(seed)
    turned = [rng.randrange(4) for _ in sizes]
    scaled = [
        _scaled(size if turns % 2 == 0 else (size[1], size[0]), rng) for size, turns in zip(sizes, turned, strict=True)
    ]
    sheets: list[list[Placement]] = []
    free: list[tuple[int, _Free]] = []
    for plan in sorted(range(len(sizes)), key=lambda index: -scaled[index][0] * scaled[index][1]):
        width, height = scaled[plan]
        fitting = [place for place in free if place[1].width >= width and place[1].height >= height]
        if fitting:
            place = min(fitting, key=lambda place: min(place[1].width - width, place[1].height - height))
            free.remove(place)
        else:
            place = len(sheets), _Free(0, 0, SHEET_PX, SHEET_PX)
            sheets.append([])
        sheet, taken = place
        free += [(sheet, piece) for piece in taken.split(width, height)]
        sheets[sheet].append(
            Placement(plan=plan, quarter_turns=turned[plan], left=taken.left, top=taken.top, width=width, height=height)
        )
    rng.shuffle(sheets)
    return sheets


def pack(folders: Iterable[Path], out: Path, seed: int, written: Callable[[int, int], None]) -> tuple[int, int]:
    """Write the plans of YOLO folders as sheets to `out`, new or empty. Returns the numbers of plans and sheets.

    The plans of a folder that is given twice are on two sheets each. `written` is called with the number of sheets done
    and the total. BlueprintError for no plans, wrong labels or an unreadable image.
    """
    plans = [plan for folder in folders for plan in yolo.plans(folder)]
    boxes = [yolo.read_labels(plan.labels) for plan in plans]
    sheets = arrange([upright_size(plan.image) for plan in plans], seed)
    with new_folder(out) as whole:
        for part in ("images", "labels"):
            (whole / part / SPLIT).mkdir(parents=True)
        for number, placements in enumerate(sheets):
            picture, packed = _sheet(placements, plans, boxes)
            picture.save(whole / "images" / SPLIT / f"sheet-{seed}-{number:06d}.jpg", quality=JPEG_QUALITY)
            labels = whole / "labels" / SPLIT / f"sheet-{seed}-{number:06d}.txt"
            labels.write_text(yolo.label_text(packed), encoding="utf-8")
            written(number + 1, len(sheets))
    return len(plans), len(sheets)


def turn(box: Box, quarter_turns: int) -> Box:
    """A box in fractions of an image, converted to fractions of the image rotated counter-clockwise."""
    x0, y0, x1, y1 = box
    for _ in range(quarter_turns):
        x0, y0, x1, y1 = y0, 1 - x1, y1, 1 - x0
    return x0, y0, x1, y1


def _scaled(size: tuple[int, int], rng: random.Random) -> tuple[int, int]:
    share = rng.uniform(*(LARGE if rng.random() < LARGE_SHARE else SMALL))
    scale = share * SHEET_PX / max(size)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _sheet(
    placements: Sequence[Placement], plans: Sequence[yolo.LabelledPlan], boxes: Sequence[Sequence[Box]]
) -> tuple[Image.Image, list[Box]]:
    """The picture of a sheet, with its plans centred, and the boxes of its plans."""
    picture = Image.new("RGB", (SHEET_PX, SHEET_PX), "white")
    right = (SHEET_PX - max(one.left + one.width for one in placements)) // 2
    down = (SHEET_PX - max(one.top + one.height for one in placements)) // 2
    packed: list[Box] = []
    for one in placements:
        left, top = one.left + right, one.top + down
        image = _open(plans[one.plan].image)
        turned = _TURNS[one.quarter_turns]
        image = image if turned is None else image.transpose(turned)
        picture.paste(image.resize((one.width, one.height), Image.Resampling.BILINEAR), (left, top))
        for box in boxes[one.plan]:
            x0, y0, x1, y1 = turn(box, one.quarter_turns)
            packed.append(
                (
                    (left + x0 * one.width) / SHEET_PX,
                    (top + y0 * one.height) / SHEET_PX,
                    (left + x1 * one.width) / SHEET_PX,
                    (top + y1 * one.height) / SHEET_PX,
                )
            )
    return picture, packed


def _open(path: Path) -> Image.Image:
    """The upright picture in a file."""
    try:
        with Image.open(path) as image:
            return ImageOps.exif_transpose(image).convert("RGB")
    except Exception as error:  # Pillow's decoders raise all kinds of exceptions on broken files
        raise BlueprintError(f"{path}: cannot be read as an image") from error
