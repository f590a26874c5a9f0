"""The detector: ONNX weights, the forward pass, and the boxes that stay.

The answers are those of Ultralytics' `predict(conf, iou, imgsz=640, rect=True, max_det=300)` with the same weights.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

import numpy as np
import onnxruntime

from images.inference import letterbox, suppression

MAX_DETECTIONS = 300
_OUTPUT_ROWS = 5  # x_center, y_center, width, height, confidence of the one class


class ModelError(Exception):
    """Weights that cannot be served; the message is one line that names the file."""


class Network(Protocol):
    """The forward pass: float32 [1, 3, height, width] in 0..1, sides multiples of 32, to float32 [1, 5, anchors]."""

    def __call__(self, pixels: np.ndarray) -> np.ndarray: ...


@dataclass(frozen=True, kw_only=True)
class Detections:
    """Rooms by falling confidence: `boxes` [n, 4] (x_min, y_min, x_max, y_max) and `confidences` [n], all in 0..1."""

    boxes: np.ndarray
    confidences: np.ndarray


def load_network(path: Path, threads: int) -> Network:
    """Loads one-class YOLOv8 weights for inputs of any size and returns their forward pass on `threads` cores.

    The forward pass may be called from several threads.

    Raises:
        ModelError: no file, not ONNX, or not one image in and one [1, 5, anchors] out.
    """
    if not path.is_file():
        raise ModelError(f"cannot load the model {path}: no such file")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4  # what is wrong is raised as well; the log has one form
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's exceptions have no common base but this
        raise ModelError(f"cannot load the model {path}: not a valid ONNX file ({_first_line(error)})") from error
    inputs, outputs = session.get_inputs(), session.get_outputs()
    if [_signature(node) for node in inputs] != ["tensor(float) [*, 3, *, *]"]:
        raise ModelError(
            f"cannot serve the model {path}: its input is {_signatures(inputs)}, must be tensor(float) [*, 3, *, *]"
        )
    if [_signature(node) for node in outputs] != [f"tensor(float) [*, {_OUTPUT_ROWS}, *]"]:
        raise ModelError(
            f"cannot serve the model {path}: its output is {_signatures(outputs)}, "
            f"must be tensor(float) [*, {_OUTPUT_ROWS}, *] (one class)"
        )
    input_name = inputs[0].name
    return lambda pixels: cast("np.ndarray", session.run(None, {input_name: pixels})[0])


def warm_up(network: Network, path: Path) -> None:
    """Runs `network` once on an empty plan, so that the first request does not pay for what is prepared on first use.

    Raises:
        ModelError: the forward pass fails; `path` names the file.
    """
    side = letterbox.LONGEST_SIDE_PX
    try:
        network(np.ones((1, 3, side, side), dtype=np.float32))
    except Exception as error:
        raise ModelError(f"cannot serve the model {path}: its forward pass fails ({_first_line(error)})") from error


def select(
    output: np.ndarray, box: letterbox.Letterbox, *, confidence_threshold: float, iou_threshold: float
) -> Detections:
    """Returns at most MAX_DETECTIONS rooms from the network's `output` [1, 5, anchors] for an image in letterbox `box`.

    Boxes that lie in the padding alone are left out: they have no part of the image.
    """
    candidates = output[0].T
    candidates = candidates[candidates[:, 4] > confidence_threshold]
    half = candidates[:, 2:4] / 2
    corners = np.concatenate([candidates[:, :2] - half, candidates[:, :2] + half], axis=1)
    confidences = candidates[:, 4]
    kept = suppression.suppress(corners, confidences, iou_threshold, MAX_DETECTIONS)
    boxes = letterbox.to_image_fractions(corners[kept], box)
    visible = (boxes[:, :2] < boxes[:, 2:]).all(axis=1)
    return Detections(boxes=boxes[visible], confidences=confidences[kept][visible])


def _signature(node: onnxruntime.NodeArg) -> str:
    """Type and shape, `*` for any size: `tensor(float) [*, 3, *, *]`. A fixed batch of one counts as any."""
    batch, *rest = node.shape or [None]
    sizes = ["*" if not isinstance(batch, int) or batch == 1 else str(batch)]
    sizes += [str(size) if isinstance(size, int) else "*" for size in rest]
    return f"{node.type} [{', '.join(sizes)}]"


def _signatures(nodes: Sequence[onnxruntime.NodeArg]) -> str:
    return " and ".join(_signature(node) for node in nodes) or "nothing"


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
