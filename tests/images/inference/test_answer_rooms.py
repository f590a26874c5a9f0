import numpy as np
import pytest

from images.inference.answer_rooms import format_rooms


def test_rooms_are_numbered_in_order_with_rounded_thousandths_and_four_decimals() -> None:
    boxes = np.array([[0.1, 0.2, 0.3006, 0.4004], [0, 0, 1, 1]], dtype=np.float32)
    assert format_rooms(boxes, np.array([0.912345, 0.25], dtype=np.float32)) == [
        {"id": "room_1", "bounding_box": [100, 200, 301, 400], "confidence": 0.9123},
        {"id": "room_2", "bounding_box": [0, 0, 1000, 1000], "confidence": 0.25},
    ]


@pytest.mark.parametrize(
    ("fractions", "expected"),
    [
        ([0.5, 0.5, 0.5001, 0.5001], [500, 500, 501, 501]),
        ([0.9999, 0.9999, 1, 1], [999, 999, 1000, 1000]),
        ([0, 0, 0.0001, 0.0001], [0, 0, 1, 1]),
        ([-0.1, -0.1, 1.1, 1.1], [0, 0, 1000, 1000]),
    ],
)
def test_a_box_keeps_min_below_max_within_the_image(fractions: list[float], expected: list[int]) -> None:
    assert format_rooms(np.array([fractions]), np.array([0.5]))[0]["bounding_box"] == expected


def test_without_detections_there_are_no_rooms() -> None:
    assert format_rooms(np.empty((0, 4)), np.empty(0)) == []
