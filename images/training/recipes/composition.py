# pyright: reportMissingImports=false
# (torch is in the training environment only)
"""Sheets of 640 px composed on the device: plans turned by quarters, mirrored, scaled and placed at random."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch.nn import functional

from images.training.recipes.plans import Plans
from images.training.recipes.room_map import SIDE_PX

MAP_STRIDE_PX = 4
"""A composed sheet's map has a value for each square of this side, as the network's outlines have."""
_LEAST_SEEN = 0.25  # share of a box that must be on the sheet
_LEAST_PX = 3.0
_ASPECT_SPREAD = 0.05  # of the logarithm of width by height
_WHITE, _GREY = 255.0, 114.0  # paper around a plan: white, or the padding of the detector's input
_WHITE_SHARE = 0.85


@dataclass(frozen=True, kw_only=True)
class Arrangement:
    """How a set's plans are shown: shares of the sheets, and ranges of the scale by the plan's own 640 px."""

    four_share: float = 0.0
    """Sheets with four plans, each on a quarter."""
    enlarged_share: float = 0.0
    """Sheets that show a part of one enlarged plan."""
    scale: tuple[float, float]
    enlarged_scale: tuple[float, float]
    four_scale: tuple[float, float] = (1.0, 1.0)


@dataclass(frozen=True, kw_only=True)
class Sheets:
    """Composed sheets: `pixels` float [n, 3, 640, 640] 0..255, `maps` int64 [n, 160, 160] with a room's number from 1,
    `boxes` float [n, k, 4] in px, zeros after the first `counts` [n]."""

    pixels: torch.Tensor
    maps: torch.Tensor
    boxes: torch.Tensor
    counts: torch.Tensor


def compose(plans: Plans, count: int, arrangement: Arrangement) -> Sheets:
    """`count` sheets of plans drawn at random by their weights."""
    four = round(count * arrangement.four_share)
    enlarged = round(count * arrangement.enlarged_share)
    alone = count - four - enlarged
    device = plans.pixels.device
    parts = []
    if alone + enlarged:
        scale = torch.cat(
            [uniform(alone, *arrangement.scale, device), uniform(enlarged, *arrangement.enlarged_scale, device)]
        )
        aspect = torch.exp(torch.randn(len(scale), device=device) * _ASPECT_SPREAD)
        chosen = torch.multinomial(plans.weights, len(scale), replacement=True)
        parts.append(_place(plans, chosen, SIDE_PX, torch.stack([scale * aspect, scale / aspect], 1)))
    if four:
        scale = uniform(4 * four, *arrangement.four_scale, device)
        chosen = torch.multinomial(plans.weights, 4 * four, replacement=True)
        parts.append(_joined_quarters(*_place(plans, chosen, SIDE_PX // 2, torch.stack([scale, scale], 1))))
    return join([_compacted(*part) for part in parts])


def join(parts: Sequence[Sheets]) -> Sheets:
    """All sheets of several sets."""
    most = max(part.boxes.shape[1] for part in parts)
    return Sheets(
        pixels=torch.cat([part.pixels for part in parts]),
        maps=torch.cat([part.maps for part in parts]),
        boxes=torch.cat([functional.pad(part.boxes, (0, 0, 0, most - part.boxes.shape[1])) for part in parts]),
        counts=torch.cat([part.counts for part in parts]),
    )


def uniform(count: int, low: float, high: float, device: torch.device) -> torch.Tensor:
    """`count` random values of a range."""
    return torch.rand(count, device=device) * (high - low) + low


_Placed = tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]
"""Pixels [n, 3, side, side], maps [n, side / 4, side / 4], boxes [n, k, 4], which boxes there are [n, k]."""


def _place(plans: Plans, index: torch.Tensor, side_px: int, scale: torch.Tensor) -> _Placed:
    """One plan on each of `len(index)` squares, its sides multiplied by `scale` [n, 2]; a larger one is cut off."""
    device, n = index.device, len(index)
    sizes = plans.sizes[index]
    turned = torch.rand(n, device=device) < 0.5  # by a quarter; with both mirrorings, this gives all eight positions
    mirrored = torch.rand(n, 2, device=device) < 0.5
    upright = torch.where(turned[:, None], sizes.flip(1), sizes)
    corner = (side_px - upright * scale) * torch.rand(n, 2, device=device)
    sheet_to_plan = _sheet_to_plan(turned, mirrored, upright, corner, scale)

    def grid(cells: int) -> tuple[torch.Tensor, torch.Tensor]:
        """The places of `cells` x `cells` points of the square on the plans, -1..1, and whether they lie on them."""
        centres = (torch.arange(cells, device=device, dtype=torch.float32) + 0.5) * (side_px / cells)
        y, x = torch.meshgrid(centres, centres, indexing="ij")
        points = sheet_to_plan @ torch.stack([x, y, torch.ones_like(x)]).reshape(3, -1)
        inside = ((points >= 0) & (points < sizes[:, :, None])).all(1).reshape(n, cells, cells)
        return (points / SIDE_PX * 2 - 1).permute(0, 2, 1).reshape(n, cells, cells, 2), inside

    # Twice as fine and then averaged, so that thin lines do not vanish.
    places, inside = grid(2 * side_px)
    pixels = functional.grid_sample(
        plans.pixels[index].float(), places, mode="bilinear", padding_mode="border", align_corners=False
    )
    paper = torch.where(torch.rand(n, device=device) < _WHITE_SHARE, _WHITE, _GREY)
    pixels = functional.avg_pool2d(torch.where(inside[:, None], pixels, paper[:, None, None, None]), 2)
    places, inside = grid(side_px // MAP_STRIDE_PX)
    maps = functional.grid_sample(plans.maps[index][:, None].float(), places, mode="nearest", align_corners=False)
    maps = torch.where(inside, maps[:, 0], 0.0).long()

    corners = plans.boxes[index].unflatten(2, (2, 2))
    corners = torch.where(turned[:, None, None, None], corners.flip(3), corners)
    corners = torch.where(mirrored[:, None, None], upright[:, None, None] - corners, corners)
    corners = corners * scale[:, None, None] + corner[:, None, None]
    low, high = corners.amin(2), corners.amax(2)
    shown = torch.cat([low.clamp(0, side_px), high.clamp(0, side_px)], 2)
    extent = shown[..., 2:] - shown[..., :2]
    there = torch.arange(corners.shape[1], device=device)[None] < plans.counts[index][:, None]
    seen = extent.prod(2) / (high - low).clamp(min=1e-3).prod(2)
    return pixels.expand(-1, 3, -1, -1), maps, shown, there & (seen > _LEAST_SEEN) & (extent.amin(2) >= _LEAST_PX)


def _sheet_to_plan(
    turned: torch.Tensor, mirrored: torch.Tensor, upright: torch.Tensor, corner: torch.Tensor, scale: torch.Tensor
) -> torch.Tensor:
    """The affine maps [n, 2, 3] from px of the square to px of the plan."""
    factor = torch.where(mirrored, -1.0, 1.0) / scale
    shift = torch.where(mirrored, upright + corner / scale, -corner / scale)
    rows = torch.cat([torch.diag_embed(factor), shift[:, :, None]], 2)
    return torch.where(turned[:, None, None], rows.flip(1), rows)


def _joined_quarters(pixels: torch.Tensor, maps: torch.Tensor, boxes: torch.Tensor, there: torch.Tensor) -> _Placed:
    """Sheets from four squares of half the side each: upper left and right, lower left and right."""
    n, k = len(pixels) // 4, boxes.shape[1]
    quarter = torch.arange(4, device=pixels.device)
    # Rooms of the second plan are numbered after those of the first, and so on.
    maps = torch.where(maps > 0, maps + (quarter.repeat(n) * k)[:, None, None], 0)
    corner = torch.stack([quarter % 2, quarter // 2], 1) * (SIDE_PX // 2)
    boxes = boxes.unflatten(0, (n, 4)) + torch.cat([corner, corner], 1)[None, :, None]
    return _grid_of_four(pixels), _grid_of_four(maps[:, None])[:, 0], boxes.flatten(1, 2), there.reshape(n, 4 * k)


def _grid_of_four(images: torch.Tensor) -> torch.Tensor:
    """[4 n, c, h, w] to [n, c, 2 h, 2 w]."""
    rows = images.unflatten(0, (-1, 2, 2)).permute(0, 3, 1, 4, 2, 5)
    return rows.flatten(4, 5).flatten(2, 3)


def _compacted(pixels: torch.Tensor, maps: torch.Tensor, boxes: torch.Tensor, there: torch.Tensor) -> Sheets:
    """Moves the boxes that are there to the front, and numbers the maps' rooms accordingly."""
    n, k = there.shape
    device = boxes.device
    counts = there.sum(1)
    order = torch.argsort((~there).to(torch.int8), dim=1, stable=True)
    rank = torch.empty_like(order).scatter_(1, order, torch.arange(k, device=device).expand(n, -1))
    number = torch.cat([torch.zeros(n, 1, dtype=torch.long, device=device), torch.where(there, rank + 1, 0)], 1)
    boxes = torch.gather(boxes, 1, order[..., None].expand(-1, -1, 4))[:, : max(1, int(counts.max()))]
    left = torch.arange(boxes.shape[1], device=device)[None] < counts[:, None]
    return Sheets(
        pixels=pixels,
        maps=torch.gather(number, 1, maps.flatten(1)).reshape(maps.shape),
        boxes=torch.where(left[..., None], boxes, 0.0),
        counts=counts,
    )
