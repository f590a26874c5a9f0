# pyright: reportMissingImports=false
# (torch is in the training environment only)
"""What the network is trained on: boxes, confidences, outlines, and its own average on mirrored sheets."""

from collections.abc import Sequence

import torch
from torch.nn import functional
from ultralytics.utils.loss import v8DetectionLoss

from images.training.distillation import against
from images.training.recipes.composition import MAP_STRIDE_PX, Sheets
from images.training.recipes.network import PROTOTYPES

OUTLINES_PER_SHEET = 32
"""This many anchors that stand for a room are drawn at random, and their outlines compared."""
_LEAST_MAP_CELLS = 4  # an outline of fewer cells is not compared
_MARGIN_CELLS = 1.5  # around the box, within which an outline is compared

Raw = dict[str, torch.Tensor]
"""The network's raw output in training, see `network.RoomHead`."""


class RoomLoss(v8DetectionLoss):
    """Ultralytics' loss of boxes and confidences on sheets whose boxes are padded already, and the outlines' loss."""

    def preprocess(self, *_args: object, **_kwargs: object) -> torch.Tensor:
        return self._targets

    def of_sheets(self, found: Raw, sheets: Sheets, outline_gain: float) -> tuple[torch.Tensor, torch.Tensor]:
        """The loss of a batch, and its parts [4]: boxes, confidences, edges' distributions, outlines."""
        self._targets = torch.cat([torch.zeros_like(sheets.boxes[..., :1]), sheets.boxes], 2)
        none = sheets.boxes.new_zeros(0)
        batch = {"batch_idx": none, "cls": none, "bboxes": none.reshape(0, 4)}
        (positive, room, *_), loss, _ = self.get_assigned_targets_and_loss(found, batch)
        outlines = _outline_loss(found, sheets, positive, room)
        return loss.sum() + outline_gain * outlines, torch.cat([loss.detach(), outlines.detach()[None]])

    def of_taught(self, found: Raw, taught: torch.Tensor) -> torch.Tensor:
        """The loss against what another network found, `taught` [n, 5, anchors]."""
        box, cls = against(self, found, taught)
        return self.hyp.box * box + self.hyp.cls * cls


def in_float32(found: Raw) -> Raw:
    """The raw output with all tensors in float32, for losses outside of autocast."""
    return {
        name: [level.float() for level in value] if isinstance(value, Sequence) else value.float()
        for name, value in found.items()
    }


def _outline_loss(found: Raw, sheets: Sheets, positive: torch.Tensor, room: torch.Tensor) -> torch.Tensor:
    """The cross-entropy of outlines within their boxes, averaged over the cells of each and then over all.

    `positive` [n, anchors] says which anchors stand for a room, `room` [n, anchors] for which.
    """
    n, k = sheets.boxes.shape[:2]
    device = sheets.maps.device
    cells = torch.zeros(n, k + 1, device=device)
    cells.scatter_add_(
        1, sheets.maps.flatten(1).clamp(max=k), torch.ones((), device=device).expand(n, sheets.maps[0].numel())
    )
    usable = positive & torch.gather(cells[:, 1:] >= _LEAST_MAP_CELLS, 1, room)
    draw, chosen = (torch.rand(usable.shape, device=device) * usable).topk(OUTLINES_PER_SHEET, dim=1)
    real = draw > 0
    coefficients = torch.gather(
        found["mask_coefficient"].permute(0, 2, 1), 1, chosen[..., None].expand(-1, -1, PROTOTYPES)
    )
    height, width = found["proto"].shape[2:]
    logits = torch.bmm(coefficients, found["proto"].flatten(2)).reshape(n, OUTLINES_PER_SHEET, height, width)
    shown = torch.gather(room, 1, chosen)
    target = (sheets.maps[:, None] == (shown + 1)[..., None, None]).float()
    box = torch.gather(sheets.boxes, 1, shown[..., None].expand(-1, -1, 4)) / MAP_STRIDE_PX
    y = torch.arange(height, device=device)[:, None] + 0.5
    x = torch.arange(width, device=device)[None] + 0.5
    left, top, right, bottom = (box[..., index, None, None] for index in range(4))
    inside = (x > left - _MARGIN_CELLS) & (x < right + _MARGIN_CELLS)
    inside = inside & (y > top - _MARGIN_CELLS) & (y < bottom + _MARGIN_CELLS) & real[..., None, None]
    entropy = functional.binary_cross_entropy_with_logits(logits, target, reduction="none") * inside
    each = entropy.sum((2, 3)) / inside.sum((2, 3)).clamp(min=1)
    return each.sum() / real.sum().clamp(min=1)
