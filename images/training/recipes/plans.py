# pyright: reportMissingImports=false
# (torch is in the training environment only)
"""Plans that lie on the training device as tensors."""

import itertools
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torchvision.ops import box_iou

from blueprints.datasets import yolo
from images.training.errors import InputError
from images.training.recipes import drawn
from images.training.recipes.room_map import MAP_STRIDE_PX, MOST_ROOMS, SIDE_PX, room_map

_LEAST_IOU = 0.75  # of a label's box and the bounds of the outline that is taken for the same room


@dataclass(frozen=True, kw_only=True)
class Plans:
    """`n` plans, each in the upper left corner of a square of SIDE_PX.

    Attributes:
        pixels: uint8 [n, 1 or 3, 640, 640].
        maps: uint8 [n, 320, 320]: the number of the room at each place, from 1 in the order of `boxes`.
        boxes: float32 [n, k, 4], left, top, right, bottom in px.
        counts: int64 [n]: how many of the `k` boxes there are.
        sizes: float32 [n, 2], the plan's width and height in px.
        weights: float32 [n], how often each is drawn, relative to the others.
    """

    pixels: torch.Tensor
    maps: torch.Tensor
    boxes: torch.Tensor
    counts: torch.Tensor
    sizes: torch.Tensor
    weights: torch.Tensor


def read_folder(folder: Path, shares: Mapping[str, float], device: torch.device) -> Plans:
    """Reads the labelled plans of a folder, with outlines where `outlines/<split>/<name>.txt` has them.

    `shares` has the weight of a plan by the first part of its name, up to `_`; a plan of another name has 1.

    Raises:
        BlueprintError, InputError: a label or an outline that cannot be read; names the file.
    """
    found = yolo.plans(folder)
    pixels = np.full((len(found), 3, SIDE_PX, SIDE_PX), 255, np.uint8)
    maps = np.zeros((len(found), SIDE_PX // MAP_STRIDE_PX, SIDE_PX // MAP_STRIDE_PX), np.uint8)
    sizes = np.zeros((len(found), 2), np.float32)
    boxes: list[NDArray[np.float32]] = [np.zeros((0, 4), np.float32)] * len(found)

    def read(index: int) -> None:
        plan = found[index]
        with Image.open(plan.image) as image:
            image.thumbnail((SIDE_PX, SIDE_PX), Image.Resampling.BILINEAR)
            picture = np.asarray(image.convert("RGB"))
        height, width = picture.shape[:2]
        pixels[index, :, :height, :width] = picture.transpose(2, 0, 1)
        sizes[index] = width, height
        size = np.array([width, height], np.float32)
        labels = np.array(yolo.read_labels(plan.labels), np.float32).reshape(-1, 4)[:MOST_ROOMS]
        boxes[index] = labels * np.tile(size, 2)
        outlines = [outline * size for outline in _read_outlines(yolo.outline_file(plan.image))]
        maps[index] = room_map(_outlines(boxes[index], outlines))

    with ThreadPoolExecutor() as pool:
        list(pool.map(read, range(len(found))))
    padded = np.zeros((len(found), max(1, *map(len, boxes)), 4), np.float32)
    for row, own in zip(padded, boxes, strict=True):
        row[: len(own)] = own
    return Plans(
        pixels=torch.from_numpy(pixels).to(device),
        maps=torch.from_numpy(maps).to(device),
        boxes=torch.from_numpy(padded).to(device),
        counts=torch.tensor([len(own) for own in boxes], device=device),
        sizes=torch.from_numpy(sizes).to(device),
        weights=torch.tensor([shares.get(plan.name.split("_")[0], 1.0) for plan in found], device=device),
    )


class Pool:
    """The newest pictures of a folder, at most `capacity`, on the device as `plans`.

    Attributes:
        count: how many pictures were read in all.
    """

    def __init__(self, folder: Path, capacity: int, device: torch.device) -> None:
        def empty(*shape: int, dtype: torch.dtype = torch.uint8) -> torch.Tensor:
            return torch.empty((capacity, *shape), dtype=dtype, device=device)

        map_side = SIDE_PX // MAP_STRIDE_PX
        self.plans = Plans(
            pixels=empty(1, SIDE_PX, SIDE_PX),
            maps=empty(map_side, map_side),
            boxes=empty(MOST_ROOMS, 4, dtype=torch.float32),
            counts=empty(dtype=torch.int64),
            sizes=torch.full((capacity, 2), float(SIDE_PX), device=device),
            weights=torch.zeros(capacity, device=device),  # what was not read yet is never drawn
        )
        self.count = 0
        self._folder, self._capacity, self._device = folder, capacity, device
        self._seen: set[str] = set()

    def read(self, most_shards: int) -> None:
        """Reads shards that were not read before, at most `most_shards`."""
        fresh = (path for path in drawn.shards(self._folder) if path.name not in self._seen)
        for path in itertools.islice(fresh, most_shards):
            self._seen.add(path.name)
            try:
                with np.load(path) as shard:
                    arrays = {name: torch.from_numpy(shard[name]).to(self._device) for name in shard.files}
            except FileNotFoundError:  # deleted meanwhile, because it is old
                continue
            pictures = len(arrays["counts"])
            at = torch.arange(self.count, self.count + pictures, device=self._device) % self._capacity
            boxes = arrays["boxes"]
            self.plans.pixels[at] = arrays["pixels"][:, None]
            self.plans.maps[at] = arrays["maps"]
            self.plans.boxes[at, : boxes.shape[1]] = boxes
            self.plans.counts[at] = arrays["counts"]
            self.plans.weights[at] = 1.0
            self.count += pictures


def _read_outlines(path: Path) -> list[NDArray[np.float32]]:
    """The outlines (points, 2) of a file, as fractions of the image; none if it is missing."""
    if not path.is_file():
        return []
    found = []
    for number, line in yolo.label_lines(path):
        try:
            points = np.array(line.split()[1:], np.float32).reshape(-1, 2)
        except ValueError as error:
            raise InputError(
                f"{path}:{number}: is not an outline: give '0 x y x y ...' as fractions of the image"
            ) from error
        found.append(points)
    return found


def _outlines(boxes: NDArray[np.float32], outlines: list[NDArray[np.float32]]) -> list[NDArray[np.float32] | None]:
    """For each box the outline whose bounds fit it best, or None."""
    found: list[NDArray[np.float32] | None] = [None] * len(boxes)
    if not len(boxes) or not outlines:
        return found
    bounds = np.array([(*outline.min(0), *outline.max(0)) for outline in outlines], np.float32)
    iou, best = box_iou(torch.from_numpy(boxes), torch.from_numpy(bounds)).max(1)
    return [
        outlines[index] if overlap >= _LEAST_IOU else None
        for overlap, index in zip(iou.tolist(), best.tolist(), strict=True)
    ]
