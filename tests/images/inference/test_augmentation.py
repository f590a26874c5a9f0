"""Forward passes over mirrored views of a plan, averaged."""

import numpy as np
import pytest

from images.inference import detection, letterbox
from images.inference.answer_rooms import format_rooms
from images.inference.augmentation import averaged
from images.inference.network import Network
from images.inference.settings import Views
from tests.images.inference.plans import PLAN, are_rooms_of_the_plan

pytestmark = pytest.mark.whole

BOX = letterbox.fit(*PLAN.size)
PIXELS = letterbox.to_input(PLAN, BOX)
TOP_TO_BOTTOM, LEFT_TO_RIGHT = 1, 2


def boxes_of(output: np.ndarray) -> np.ndarray:
    """The boxes [n, 4] in thousandths of the plan, from the top left to the bottom right."""
    found = detection.select(output, BOX, confidence_threshold=0.25, iou_threshold=0.45)
    return np.array(sorted(room["bounding_box"] for room in format_rooms(found.boxes, found.confidences)))


def mirror_of(boxes: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    x_min, y_min, x_max, y_max = boxes.T
    if LEFT_TO_RIGHT in axes:
        x_min, x_max = 1000 - x_max, 1000 - x_min
    if TOP_TO_BOTTOM in axes:
        y_min, y_max = 1000 - y_max, 1000 - y_min
    return np.array(sorted(np.stack([x_min, y_min, x_max, y_max], axis=1).tolist()))


def test_one_view_is_the_networks_own(network: Network) -> None:
    assert averaged(network, 1) is network


@pytest.mark.parametrize("views", [2, 4])
def test_the_rooms_are_found_in_several_views(network: Network, views: Views) -> None:
    output = averaged(network, views)(PIXELS)
    assert (output.dtype, output.shape) == (np.float32, network(PIXELS).shape)
    assert are_rooms_of_the_plan(boxes_of(output).tolist())


@pytest.mark.parametrize(
    ("views", "axes"),
    [(2, (TOP_TO_BOTTOM,)), (4, (TOP_TO_BOTTOM,)), (4, (LEFT_TO_RIGHT,)), (4, (TOP_TO_BOTTOM, LEFT_TO_RIGHT))],
)
def test_the_rooms_of_a_mirrored_plan_are_the_mirrored_rooms(
    network: Network, views: Views, axes: tuple[int, ...]
) -> None:
    run = averaged(network, views)
    there = run(np.ascontiguousarray(np.flip(PIXELS, axes)))
    assert boxes_of(there) == pytest.approx(mirror_of(boxes_of(run(PIXELS)), axes), abs=1)


def test_if_no_view_finds_anything_there_is_no_room(network: Network) -> None:
    def blind(pixels: np.ndarray) -> np.ndarray:
        output = network(pixels)
        output[:, 4] = 0
        return output

    assert boxes_of(averaged(blind, 4)(PIXELS)).size == 0
