# pyright: reportMissingImports=false
# (torch, onnx and ultralytics are in the training environment only)
"""Exports the ONNX weights that are served, and checks that they detect the same as the PyTorch weights."""

import logging
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx.tools.update_model_dims import update_inputs_outputs_dims
from ultralytics import YOLO
from ultralytics.utils import LOGGER

from blueprints.datasets import yolo
from blueprints.scoring.detection_metrics import CONFIDENCE_FLOOR
from images.inference import decoding, letterbox, network
from images.training import progress, weights
from images.training.errors import TrainingError

OPSET = 17
MOST_BOX_DIFFERENCE_PX = 1.0
MOST_CONFIDENCE_DIFFERENCE = 0.001
MOST_COMPARED_PLANS = 100

# The signature that the server requires; the exporter leaves some sizes undefined that follow from the network.
_INPUT = {"images": ["batch", 3, "height", "width"]}
_OUTPUT = {"output0": ["batch", 5, "anchors"]}
# Ultralytics' own entry contains the path of the training data.
_DESCRIPTION = "YOLOv8, one class: rooms of architectural floor plans"


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """The largest differences of the two networks on `plans` plans: of a box edge in input pixels, of confidence."""

    plans: int
    box_px: float
    confidence: float

    def as_json(self) -> dict[str, float]:
        return asdict(self)


def export(source: Path) -> Path:
    """Writes `best.onnx` beside `best.pt`: float32, any number of images of any size, and returns its path."""
    LOGGER.setLevel(logging.WARNING)  # it prints commands for files that are moved afterwards
    path = Path(YOLO(source).export(format="onnx", dynamic=True, opset=OPSET, simplify=False, device="cpu"))
    model = update_inputs_outputs_dims(onnx.load(path), _INPUT, _OUTPUT)
    for entry in model.metadata_props:
        if entry.key == "description":
            entry.value = _DESCRIPTION
    onnx.save(model, path)
    return path


def compare(exported: Path, source: Path, validation: Path, threads: int) -> Agreement:
    """Runs both networks on plans prepared as in the endpoint, at most MOST_COMPARED_PLANS, spread over the channel.

    It compares all candidate boxes that either network gives more than the confidence floor, before suppression.

    Raises:
        TrainingError: a difference of more than 1 px or 0.001 of confidence; names the plan.
    """
    served = network.load_network(exported, threads=threads)
    trained = weights.load(source)[0].eval()
    plans = yolo.plans(validation)
    plans = plans[:: -(-len(plans) // MOST_COMPARED_PLANS)]
    report = progress.lines("comparing ONNX with PyTorch")
    box_px = confidence = 0.0
    for done, plan in enumerate(plans, start=1):
        box, score = _differences(served, trained, plan.image)
        # Written this way so that NaN fails too.
        if not (box <= MOST_BOX_DIFFERENCE_PX and score <= MOST_CONFIDENCE_DIFFERENCE):
            raise TrainingError(
                f"{exported.name} disagrees with {source.name} on {plan.name} by {box:.3g} px and {score:.3g} of "
                f"confidence: at most {MOST_BOX_DIFFERENCE_PX:g} px and {MOST_CONFIDENCE_DIFFERENCE:g} are allowed"
            )
        box_px, confidence = max(box_px, box), max(confidence, score)
        report(done, len(plans))
    return Agreement(plans=len(plans), box_px=box_px, confidence=confidence)


def _differences(served: network.Network, trained: torch.nn.Module, path: Path) -> tuple[float, float]:
    image = decoding.decode(path.read_bytes())
    pixels = letterbox.to_input(image, letterbox.fit(*image.size))
    with torch.inference_mode():
        theirs = trained(torch.from_numpy(pixels).permute(0, 3, 1, 2) / 255)[0].numpy()[0]
    ours = served(pixels)[0]
    candidates = np.maximum(ours[4], theirs[4]) > CONFIDENCE_FLOOR
    if not candidates.any():
        return 0.0, 0.0
    edges = np.abs(_edges(ours[:4, candidates]) - _edges(theirs[:4, candidates]))
    return float(edges.max()), float(np.abs(ours[4] - theirs[4]).max())


def _edges(boxes: np.ndarray) -> np.ndarray:
    """Boxes [4, n] as centre and size to their edges."""
    return np.concatenate([boxes[:2] - boxes[2:] / 2, boxes[:2] + boxes[2:] / 2])
