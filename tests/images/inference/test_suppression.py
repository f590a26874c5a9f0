import math
from collections.abc import Sequence

import numpy as np
import pytest

from images.inference.suppression import DUPLICATE_IOU, MAX_CANDIDATES, SOFT_SIGMA, VOTING_CONFIDENCE, VOTING_IOU
from images.inference.suppression import suppress as suppress_boxes

Box = list[float]


def suppress(
    boxes: Sequence[Sequence[float]] | np.ndarray,
    confidences: Sequence[float] | np.ndarray,
    iou_threshold: float = 0.45,
    limit: int = 300,
) -> tuple[list[Box], list[float]]:
    kept, sure = suppress_boxes(
        np.array(boxes, dtype=np.float32).reshape(-1, 4),
        np.array(confidences, dtype=np.float32),
        iou_threshold=iou_threshold,
        confidence_threshold=0.25,
        limit=limit,
    )
    return kept.tolist(), sure.tolist()


def iou(box: np.ndarray, other: np.ndarray) -> float:
    width = max(0.0, min(box[2], other[2]) - max(box[0], other[0]))
    height = max(0.0, min(box[3], other[3]) - max(box[1], other[1]))
    union = (box[2] - box[0]) * (box[3] - box[1]) + (other[2] - other[0]) * (other[3] - other[1]) - width * height
    return width * height / union


def by_definition(boxes: np.ndarray, given: np.ndarray, iou_threshold: float) -> list[tuple[list[float], float]]:
    """Soft-NMS and box voting, one pair at a time."""
    left = {index: float(confidence) for index, confidence in enumerate(given)}
    kept: list[tuple[list[float], float]] = []
    while left:
        best = max(left, key=lambda index: left[index])
        confidence = left.pop(best)
        if confidence <= 0.25:
            break
        voters = {
            other: iou(boxes[best], boxes[other]) * float(given[other])
            for other in range(len(boxes))
            if iou(boxes[best], boxes[other]) > VOTING_IOU and given[other] > VOTING_CONFIDENCE
        }
        votes = np.average(boxes[list(voters)], axis=0, weights=list(voters.values()))
        kept.append((votes.tolist(), confidence))
        for other in list(left):
            overlap = iou(boxes[best], boxes[other])
            if overlap > max(DUPLICATE_IOU, iou_threshold):
                del left[other]
            elif overlap > iou_threshold:
                left[other] *= math.exp(-(overlap**2) / SOFT_SIGMA)
    return kept


@pytest.mark.parametrize("iou_threshold", [0.0, 0.2, 0.45, 0.7, 1.0])
@pytest.mark.parametrize("seed", range(5))
def test_suppression_keeps_what_the_definition_says(seed: int, iou_threshold: float) -> None:
    random = np.random.default_rng(seed)
    corners = random.uniform(0, 100, (120, 2))
    boxes = np.concatenate([corners, corners + random.uniform(5, 60, (120, 2))], axis=1)
    boxes[60:] = boxes[:60] + random.uniform(-1, 1, (60, 4))  # near duplicates, for the votes
    given = random.uniform(size=120)
    kept, confidences = suppress(boxes, given, iou_threshold)
    expected = by_definition(boxes, given, iou_threshold)
    assert confidences == pytest.approx([confidence for _, confidence in expected], abs=1e-5)
    assert np.array(kept) == pytest.approx(np.array([box for box, _ in expected]), abs=1e-2)


def test_of_equal_boxes_the_most_confident_stays() -> None:
    kept, confidences = suppress([[0, 0, 9, 9]] * 3, [0.3, 0.9, 0.5])
    assert (kept, confidences) == ([pytest.approx([0, 0, 9, 9])], pytest.approx([0.9]))


def test_an_overlap_of_exactly_the_threshold_costs_no_confidence() -> None:
    boxes = [[0, 0, 4, 4], [0, 0, 2, 4]]
    assert suppress(boxes, [0.9, 0.8], 0.5)[1] == pytest.approx([0.9, 0.8])
    assert suppress(boxes, [0.9, 0.8], 0.49)[1] == pytest.approx([0.9, 0.8 * math.exp(-0.5)])


def test_an_overlapping_box_is_dropped_if_too_little_of_its_confidence_is_left() -> None:
    assert len(suppress([[0, 0, 4, 4], [0, 0, 2, 4]], [0.9, 0.4])[0]) == 1


def test_the_edges_of_a_room_are_voted_for_by_its_duplicates() -> None:
    kept, _ = suppress([[0, 0, 100, 100], [0, 0, 110, 100]], [0.5, 0.5])
    assert kept == [pytest.approx([0, 0, 100 + 10 * (100 / 110) / (1 + 100 / 110), 100])]


def test_a_box_below_the_voting_confidence_moves_no_edge() -> None:
    kept, _ = suppress([[0, 0, 100, 100], [0, 0, 110, 100]], [0.5, 0.09])
    assert kept == [pytest.approx([0, 0, 100, 100])]


def test_boxes_without_area_are_kept_apart() -> None:
    assert suppress([[5, 5, 5, 5], [5, 5, 5, 5]], [0.9, 0.8])[1] == pytest.approx([0.9, 0.8])


def test_no_more_than_the_limit_stay_and_they_are_the_most_confident() -> None:
    left = np.arange(500, dtype=np.float32) * 10
    boxes = np.stack([left, left * 0, left + 9, left * 0 + 9], axis=1)
    kept, _ = suppress(boxes, 0.3 + left / 10_000)
    assert [box[0] for box in kept] == pytest.approx(list(left[:199:-1]))


def test_of_very_many_boxes_the_most_confident_are_considered() -> None:
    left = np.arange(MAX_CANDIDATES + 500, dtype=np.float32) * 10
    boxes = np.stack([left, left * 0, left + 9, left * 0 + 9], axis=1)
    kept, _ = suppress(boxes, 0.3 + left / 100_000, limit=5_000)
    assert len(kept) == MAX_CANDIDATES
    assert kept[0][0] == pytest.approx(left[-1])


def test_nothing_in_nothing_out() -> None:
    assert suppress([], []) == ([], [])
