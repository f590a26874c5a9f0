# pyright: reportMissingImports=false
# (torch is in the training environment only)
"""Self-distillation: the network learns from the labels, and from what its starting weights detect in mirrored plans.

The mean over a plan and its mirror images is more accurate than one forward pass (`images.inference.augmentation`). If
the network's earlier version teaches it with a different view of the plan each time, the network learns to predict this
mean in one pass. The teacher's confidences are soft targets at every anchor, after Hinton, Vinyals and Dean (2015),
"Distilling the Knowledge in a Neural Network"; of its boxes, only confident ones count.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch.nn import functional
from ultralytics.utils.loss import v8DetectionLoss
from ultralytics.utils.metrics import bbox_iou
from ultralytics.utils.ops import xywh2xyxy
from ultralytics.utils.tal import make_anchors

from images.training.errors import InputError

_VERTICAL, _HORIZONTAL = 2, 3  # the axes of [plans, channels, height, width]
MIRRORINGS = (_VERTICAL,), (_HORIZONTAL,), (_VERTICAL, _HORIZONTAL)
"""The axes along which plans [plans, channels, height, width] are mirrored."""
_LEAST_CONFIDENCE = 0.1  # minimum confidence of a teacher's box that counts


class SelfDistillationLoss(v8DetectionLoss):
    """The loss of `network` against the labels, and `weight` times its loss against `teacher`, a one-class network.

    Both have the same gains, `box` and `cls`. Only the loss against the labels is reported.
    """

    def __init__(self, network: torch.nn.Module, teacher: torch.nn.Module, weight: float) -> None:
        super().__init__(network)
        self._teacher = teacher.to(self.device).eval().requires_grad_(False)
        self._weight = weight

    def loss(
        self, preds: dict[str, torch.Tensor], batch: dict[str, torch.Tensor]
    ) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        loss, items = super().loss(preds, batch)
        plans: torch.Tensor = batch["img"]
        taught = self._taught(plans)
        # The maximum of half precision is 65504: too small for the areas of large rooms in px.
        with torch.autocast(plans.device.type, enabled=False):
            box, cls = against(self, preds, taught)
        gained = torch.stack([self.hyp.box * box, self.hyp.cls * cls, torch.zeros_like(box)])
        return loss + len(plans) * self._weight * gained, items

    @torch.no_grad()
    def _taught(self, plans: torch.Tensor) -> torch.Tensor:
        """The teacher's output for mirror images of `plans`, mapped back to the plans, as [plans, 5, anchors]."""
        axes = MIRRORINGS[int(torch.randint(len(MIRRORINGS), ()))]
        output = self._teacher(plans.flip(axes))[0].float()
        return mirrored_back(output, axes, sides_px=plans.shape[2:], strides_px=[int(stride) for stride in self.stride])


def against(
    loss: v8DetectionLoss, preds: dict[str, torch.Tensor], taught: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """The loss of a network's raw output against what another found, `taught` [plans, 5, anchors] in px.

    CIoU loss of the boxes, weighted by the other's confidences, and cross-entropy of the confidences, without gains.
    """
    anchors, strides = make_anchors(preds["feats"], loss.stride, 0.5)
    anchors, strides = anchors.float(), strides.float()
    boxes = loss.bbox_decode(anchors, preds["boxes"].float().permute(0, 2, 1).contiguous()) * strides
    confidences = taught[:, 4]
    cls = functional.binary_cross_entropy_with_logits(
        preds["scores"][:, 0].float(), confidences, reduction="sum"
    ) / confidences.sum().clamp(min=1)
    sure = confidences > _LEAST_CONFIDENCE
    ciou = bbox_iou(boxes[sure], xywh2xyxy(taught[:, :4].permute(0, 2, 1))[sure], xywh=False, CIoU=True)[:, 0]
    box = ((1 - ciou) * confidences[sure]).sum() / confidences[sure].sum().clamp(min=1)
    return box, cls


def check_teacher(start: torch.nn.Module) -> None:
    """Refuses a network with other classes than rooms.

    Raises:
        InputError: says how many classes it has.
    """
    names: Any = getattr(start, "names", ())
    if len(names) != 1:
        raise InputError(
            f"distillation: the starting weights find {len(names)} classes, not rooms alone: "
            "start from weights of one class, or leave it out"
        )


def mirrored_back(
    output: torch.Tensor, axes: Sequence[int], *, sides_px: Sequence[int], strides_px: Sequence[int]
) -> torch.Tensor:
    """Maps the output [plans, 5, anchors] for plans mirrored along `axes` back to the original plans.

    `axes` are those of [plans, channels, height, width], `sides_px` the plans' height and width, multiples of the
    strides, so that the anchors of a mirrored plan lie on the same grid.
    """
    grids = [(sides_px[0] // stride, sides_px[1] // stride) for stride in strides_px]
    levels = output.split([rows * columns for rows, columns in grids], dim=2)
    planes = (level.unflatten(2, grid).flip(axes).flatten(2) for level, grid in zip(levels, grids, strict=True))
    there = torch.cat(list(planes), dim=2)
    for axis in axes:
        center = _HORIZONTAL - axis  # x_center is the first channel, y_center the second
        there[:, center] = sides_px[axis - _VERTICAL] - there[:, center]
    return there
