"""Non-maximum suppression: of boxes that cover the same room, the most confident one stays."""

import numpy as np


def suppress(boxes: np.ndarray, confidences: np.ndarray, iou_threshold: float, limit: int) -> np.ndarray:
    """Returns the indices of the at most `limit` boxes that stay, by falling confidence (equal ones in given order).

    Greedy and regardless of class, as `torchvision.ops.nms`: a box goes when its IoU with a box that stays is greater
    than `iou_threshold`. Each round compares one box with all that are left, so memory grows with the number of boxes.

    Args:
        boxes: float [n, 4], x_min, y_min, x_max, y_max, in any one unit.
        confidences: float [n].
    """
    order = np.argsort(-confidences, kind="stable")
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    kept: list[int] = []
    while order.size and len(kept) < limit:
        best, rest = order[0], order[1:]
        kept.append(int(best))
        near = np.maximum(boxes[best, :2], boxes[rest, :2])
        far = np.minimum(boxes[best, 2:], boxes[rest, 2:])
        overlap = np.clip(far - near, 0, None).prod(axis=1)
        # Compared as a product: two boxes without area have no quotient.
        order = rest[overlap <= iou_threshold * (areas[best] + areas[rest] - overlap)]
    return np.array(kept, dtype=np.intp)
