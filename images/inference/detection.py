"""From the network's output to detections: thresholds, suppression, and mapping to the image's coordinates."""

from dataclasses import dataclass

import numpy as np

from images.inference import letterbox, suppression

MAX_DETECTIONS = 300


@dataclass(frozen=True, kw_only=True)
class Detections:
    """Detections, most confident first: `boxes` [n, 4] (x_min, y_min, x_max, y_max) and `confidences` [n], all 0..1."""

    boxes: np.ndarray
    confidences: np.ndarray


def select(
    output: np.ndarray, box: letterbox.Letterbox, *, confidence_threshold: float, iou_threshold: float
) -> Detections:
    """Returns at most MAX_DETECTIONS detections from the network's `output` [1, 5, anchors] for an image in letterbox
    `box`.

    The thresholds are those of `suppression.suppress`. Boxes entirely in the padding are left out: they contain nothing
    of the image. So are boxes with a non-finite edge or confidence, which would spoil the others.
    """
    floor = min(confidence_threshold, suppression.VOTING_CONFIDENCE)
    candidates = output[0, :, output[0, 4] > floor]
    candidates = candidates[np.isfinite(candidates).all(axis=1)]
    half = candidates[:, 2:4] / 2
    boxes, confidences = suppression.suppress(
        np.concatenate([candidates[:, :2] - half, candidates[:, :2] + half], axis=1),
        candidates[:, 4],
        iou_threshold=iou_threshold,
        confidence_threshold=confidence_threshold,
        limit=MAX_DETECTIONS,
    )
    boxes = letterbox.to_image_fractions(boxes, box)
    visible = (boxes[:, :2] < boxes[:, 2:]).all(axis=1)
    return Detections(boxes=boxes[visible], confidences=confidences[visible])
