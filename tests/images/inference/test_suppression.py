import numpy as np
import pytest

from images.inference.suppression import suppress


def iou(box: np.ndarray, other: np.ndarray) -> float:
    width = max(0.0, min(box[2], other[2]) - max(box[0], other[0]))
    height = max(0.0, min(box[3], other[3]) - max(box[1], other[1]))
    union = (box[2] - box[0]) * (box[3] - box[1]) + (other[2] - other[0]) * (other[3] - other[1]) - width * height
    return width * height / union


def obvious(boxes: np.ndarray, confidences: np.ndarray, iou_threshold: float) -> list[int]:
    """Non-maximum suppression by its definition, one pair at a time."""
    kept: list[int] = []
    for candidate in sorted(range(len(boxes)), key=lambda index: -confidences[index]):
        if all(iou(boxes[candidate], boxes[better]) <= iou_threshold for better in kept):
            kept.append(candidate)
    return kept


@pytest.mark.parametrize("iou_threshold", [0.0, 0.2, 0.45, 0.7, 1.0])
@pytest.mark.parametrize("seed", range(5))
def test_the_boxes_that_stay_are_those_of_the_definition(seed: int, iou_threshold: float) -> None:
    random = np.random.default_rng(seed)
    corners = random.uniform(0, 100, (120, 2))
    boxes = np.concatenate([corners, corners + random.uniform(5, 60, (120, 2))], axis=1)
    confidences = random.uniform(size=120)
    kept = suppress(boxes, confidences, iou_threshold, limit=300)
    assert kept.tolist() == obvious(boxes, confidences, iou_threshold)


def test_of_equal_boxes_the_most_confident_stays() -> None:
    boxes = np.array([[0, 0, 9, 9]] * 3, dtype=np.float32)
    assert suppress(boxes, np.array([0.3, 0.9, 0.5]), 0.45, limit=300).tolist() == [1]


def test_an_overlap_of_exactly_the_threshold_is_not_enough() -> None:
    boxes = np.array([[0, 0, 4, 4], [0, 0, 2, 4]], dtype=np.float32)
    assert suppress(boxes, np.array([0.9, 0.8]), 0.5, limit=300).tolist() == [0, 1]
    assert suppress(boxes, np.array([0.9, 0.8]), 0.49, limit=300).tolist() == [0]


def test_boxes_without_area_are_kept_apart() -> None:
    boxes = np.array([[5, 5, 5, 5], [5, 5, 5, 5]], dtype=np.float32)
    assert suppress(boxes, np.array([0.9, 0.8]), 0.45, limit=300).tolist() == [0, 1]


def test_no_more_than_the_limit_stay() -> None:
    left = np.arange(500, dtype=np.float32) * 10
    boxes = np.stack([left, left * 0, left + 9, left * 0 + 9], axis=1)
    assert suppress(boxes, left, 0.45, limit=300).tolist() == list(range(499, 199, -1))


def test_nothing_in_nothing_out() -> None:
    assert suppress(np.empty((0, 4), dtype=np.float32), np.empty(0, dtype=np.float32), 0.45, limit=300).size == 0
