# pyright: reportMissingImports=false
# (torch is in the training environment only)
"""YOLOv8n's body with a head for one class that also gives outlines.

Boxes are predicted as in YOLOv8. Confidences come from depthwise convolutions, as in YOLO11's head: with one class they
are as accurate as YOLOv8's and save more time than the outlines take. Outlines are a linear combination of prototypes,
images at a quarter of the input's sides, with coefficients for each anchor, after Bolya et al., "YOLACT: real-time
instance segmentation" (ICCV 2019). The prototypes are made from the body's second stage, where walls are sharp, and
from the finest level of its neck.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional
from ultralytics.nn.modules import Conv, Detect, DWConv
from ultralytics.nn.tasks import DetectionModel, load_checkpoint

PROTOTYPES = 32
PROTOTYPE_STRIDE_PX = 4
_BODY = "yolov8n.yaml"
_FINE_LAYER = 2  # its features lie at PROTOTYPE_STRIDE_PX
_FINE_CHANNELS = 32


class Prototypes(nn.Module):
    """Prototypes [n, PROTOTYPES, h, w] from `fine` features [n, 32, h, w] and `coarse` ones [n, 64, h / 2, w / 2]."""

    def __init__(self, fine_channels: int, coarse_channels: int) -> None:
        super().__init__()
        self.near = Conv(fine_channels, PROTOTYPES, 1, act=False)
        self.far = Conv(coarse_channels, PROTOTYPES, 3, act=False)
        self.mix = nn.Sequential(
            DWConv(PROTOTYPES, PROTOTYPES, 3), Conv(PROTOTYPES, PROTOTYPES, 1), nn.Conv2d(PROTOTYPES, PROTOTYPES, 1)
        )

    def forward(self, fine: torch.Tensor, coarse: torch.Tensor) -> torch.Tensor:
        enlarged = functional.interpolate(self.far(coarse), scale_factor=2.0, mode="nearest")
        return self.mix(functional.silu(self.near(fine) + enlarged))


class RoomHead(Detect):
    """The head: boxes, confidences and the outlines' coefficients of every anchor, and the prototypes.

    In training it returns them raw, as Ultralytics' losses expect them. Otherwise the first output is
    [n, 5 + PROTOTYPES, anchors]: x_center, y_center, width and height in px, confidence, coefficients.
    """

    legacy = False  # Ultralytics' name for depthwise confidences

    def __init__(self, channels: Sequence[int]) -> None:
        super().__init__(nc=1, ch=tuple(channels))
        self.proto = Prototypes(_FINE_CHANNELS, channels[0])
        # The features that a box is read from know how far the room extends.
        self.cv4 = nn.ModuleList(nn.Conv2d(branch[2].in_channels, PROTOTYPES, 1) for branch in self.cv2)

    def forward(self, x: list[torch.Tensor]) -> object:
        fine, *levels = x
        boxes, coefficients, confidences = [], [], []
        for level, box, confidence, coefficient in zip(levels, self.cv2, self.cv3, self.cv4, strict=True):
            features = box[1](box[0](level))
            boxes.append(box[2](features).flatten(2))
            coefficients.append(coefficient(features).flatten(2))
            confidences.append(confidence(level).flatten(2))
        found = {
            "boxes": torch.cat(boxes, 2),
            "scores": torch.cat(confidences, 2),
            "mask_coefficient": torch.cat(coefficients, 2),
            "feats": levels,
            "proto": self.proto(fine, levels[0]),
        }
        if self.training:
            return found
        output = torch.cat([self._inference(found), found["mask_coefficient"]], 1)
        return (output, found["proto"]) if self.export else (output, found)


def build() -> DetectionModel:
    """The network with random weights."""
    network = DetectionModel(_BODY, nc=1, verbose=False)
    theirs = network.model[-1]
    head = RoomHead([branch[0].conv.in_channels for branch in theirs.cv2])
    head.stride, head.i, head.type = theirs.stride, theirs.i, "RoomHead"
    head.f = [_FINE_LAYER, *theirs.f]
    head.bias_init()
    for module in head.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eps, module.momentum = 1e-3, 0.03  # as Ultralytics sets the others'
    network.model[-1] = head
    network.save = sorted({*network.save, _FINE_LAYER})
    return network


def load(path: Path) -> dict[str, torch.Tensor]:
    """The tensors of a file: a state dictionary, or a checkpoint of Ultralytics. Both are loaded safely."""
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception:
        content = {}
    if content and all(isinstance(value, torch.Tensor) for value in content.values()):
        return content
    return load_checkpoint(path)[0].state_dict()


def start_from(network: nn.Module, tensors: Mapping[str, torch.Tensor]) -> list[str]:
    """Copies the tensors that have a name and shape of the network's. Returns the names of those without."""
    own = network.state_dict()
    fitting = {name: value.float() for name, value in tensors.items() if name in own and own[name].shape == value.shape}
    network.load_state_dict(fitting, strict=False)
    return [name for name in own if name not in fitting]


def save(network: nn.Module, path: Path) -> None:
    """Writes the state dictionary in half precision."""
    state = network.state_dict()
    torch.save({name: value.half() if value.is_floating_point() else value for name, value in state.items()}, path)
