"""From the network's output to the rooms of an image: thresholds, suppression, and back to the image's coordinates."""

from dataclasses import dataclass

import numpy as np

from images.inference import letterbox, suppression

MAX_DETECTIONS = 300


@dataclass(frozen=True, kw_only=True)
class Detections:
    """Rooms by falling confidence: `boxes` [n, 4] (x_min, y_min, x_max, y_max) and `confidences` [n], all in 0..1."""

    boxes: np.ndarray
    confidences: np.ndarray


def select(
    output: np.ndarray, box: letterbox.Letterbox, *, confidence_threshold: float, iou_threshold: float
) -> Detections:
    """Returns at most MAX_DETECTIONS rooms from the network's `output` [1, 5, anchors] for an image in letterbox `box`.

    The thresholds are those of `suppression.suppress`. Boxes that lie in the padding alone are left out: they have no
    part of the image. So are those with an edge or a confidence that is no finite number, which would spoil the others.
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
