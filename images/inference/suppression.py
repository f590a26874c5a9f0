"""Suppression: keeps one of the boxes that cover the same room, with edges averaged over them.

Two methods, with the constants of their authors or close to them. Soft-NMS (Bodla et al., "Soft-NMS: improving object
detection with one line of code", ICCV 2017, Gaussian penalty with sigma 0.5): a box that overlaps a more confident one
loses confidence instead of being dropped, because rooms do overlap: a hall around a kitchen, an L around a closet. Box
voting (Gidaris and Komodakis, "Object detection via a multi-region and semantic segmentation-aware CNN model", ICCV
2015): the edges of a box are the mean over its near duplicates, which is more accurate than the most confident one.
"""

import numpy as np

SOFT_SIGMA = 0.5
DUPLICATE_IOU = 0.7
"""A box that overlaps a more confident one by more than this is a duplicate and dropped."""
VOTING_IOU = 0.75
"""A box that overlaps by more than this counts for the edges, weighted by its confidence times its IoU."""
VOTING_CONFIDENCE = 0.1
"""Boxes also need more confidence than this to count, so that edges do not depend on the confidence threshold."""
MAX_CANDIDATES = 1000
"""Only this many boxes, the most confident, are processed: it limits time and memory, and no plan has as many rooms."""


def suppress(
    boxes: np.ndarray, confidences: np.ndarray, *, iou_threshold: float, confidence_threshold: float, limit: int
) -> tuple[np.ndarray, np.ndarray]:
    """Returns at most `limit` kept boxes with averaged edges, and their confidences, in descending order of confidence.

    For each kept box with which its IoU is greater than `iou_threshold`, a box has its confidence multiplied by
    exp(-IoU^2 / 0.5). It is dropped if the IoU is also greater than DUPLICATE_IOU, or if its confidence is no longer
    greater than `confidence_threshold`. With an `iou_threshold` of 1, nothing is suppressed.

    Args:
        boxes: float [n, 4], x_min, y_min, x_max, y_max, in any one unit.
        confidences: float [n], 0..1.
    """
    order = np.argsort(-confidences, kind="stable")[:MAX_CANDIDATES]
    boxes = boxes[order].astype(np.float32)
    given = confidences[order].astype(np.float32)
    overlaps = _pairwise_iou(boxes)
    competing = overlaps > iou_threshold
    duplicates = overlaps > max(DUPLICATE_IOU, iou_threshold)
    penalties = np.where(competing, np.exp(-(overlaps**2) / SOFT_SIGMA), np.float32(1))
    left = given.copy()
    kept: list[int] = []
    stays: list[float] = []
    while len(kept) < limit and len(left):
        best = int(left.argmax())
        if not left[best] > confidence_threshold:
            break
        kept.append(best)
        stays.append(float(left[best]))
        left *= penalties[best]
        left[duplicates[best]] = -1
        left[best] = -1
    voters = (overlaps[kept] > VOTING_IOU) & (given > VOTING_CONFIDENCE)
    votes = np.where(voters, overlaps[kept] * given, 0)
    votes[np.arange(len(kept)), kept] = np.maximum(given[kept], np.finfo(np.float32).tiny)
    return votes @ boxes / votes.sum(axis=1, keepdims=True), np.array(stays, dtype=np.float32)


def _pairwise_iou(boxes: np.ndarray) -> np.ndarray:
    """IoU [n, n] between all `boxes` [n, 4]; 0 for two boxes without area."""
    near = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    far = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    extent = np.clip(far - near, 0, None)
    overlap = extent[..., 0] * extent[..., 1]
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    union = areas[:, None] + areas[None, :] - overlap
    return overlap / np.maximum(union, np.finfo(np.float32).tiny)
