"""Suppression: of boxes that cover the same room one stays, with edges that all of them vote for.

Two methods, each by its authors' constants or close to them. Soft-NMS (Bodla et al., "Soft-NMS: improving object
detection with one line of code", ICCV 2017, Gaussian penalty with sigma 0.5): a box that overlaps a surer one loses
confidence instead of being dropped, because rooms do overlap: a hall around a kitchen, an L around a closet. Box voting
(Gidaris and Komodakis, "Object detection via a multi-region and semantic segmentation-aware CNN model", ICCV 2015): the
edges of a box are the mean of its near duplicates' edges, which are more exact than those of the surest one.
"""

import numpy as np

SOFT_SIGMA = 0.5
DUPLICATE_IOU = 0.7
"""A box that overlaps a surer one by more is its duplicate, and dropped."""
VOTING_IOU = 0.75
"""A box that overlaps by more has a say in the edges, by its confidence times its IoU."""
VOTING_CONFIDENCE = 0.1
"""And more confidence than this; so that a room's edges do not depend on the threshold of the answer."""
MAX_CANDIDATES = 1000
"""Of more boxes the surest are looked at: they bound time and memory, and no plan has as many rooms."""


def suppress(
    boxes: np.ndarray, confidences: np.ndarray, *, iou_threshold: float, confidence_threshold: float, limit: int
) -> tuple[np.ndarray, np.ndarray]:
    """Returns the at most `limit` boxes that stay, voted, and their confidences, by falling confidence.

    A box whose IoU with a box that stays is greater than `iou_threshold` (its default stands in `settings`) has its
    confidence multiplied by exp(-IoU^2 / 0.5), once for each; it goes when the IoU is greater than DUPLICATE_IOU as
    well, or when its confidence is no longer greater than `confidence_threshold`. With 1 nothing is suppressed.

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
    """IoU [n, n] of `boxes` [n, 4] with one another; 0 for two boxes without area."""
    near = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    far = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    extent = np.clip(far - near, 0, None)
    overlap = extent[..., 0] * extent[..., 1]
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    union = areas[:, None] + areas[None, :] - overlap
    return overlap / np.maximum(union, np.finfo(np.float32).tiny)
