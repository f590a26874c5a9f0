import numpy as np
import pytest
from PIL import Image

from images.inference import letterbox
from images.inference.answer_rooms import Room, format_rooms
from images.inference.decoding import decode
from images.inference.detection import MAX_DETECTIONS, select
from images.inference.network import Network
from tests.images.inference.plans import PLAN, ROOMS, are_rooms_of_the_plan, encode, grey_16_bit

pytestmark = pytest.mark.whole


def find_rooms(
    network: Network, image: Image.Image, *, confidence_threshold: float = 0.25, iou_threshold: float = 0.45
) -> list[Room]:
    box = letterbox.fit(*image.size)
    detections = select(
        network(letterbox.to_input(image, box)),
        box,
        confidence_threshold=confidence_threshold,
        iou_threshold=iou_threshold,
    )
    return format_rooms(detections.boxes, detections.confidences)


def boxes(rooms: list[Room]) -> list[list[int]]:
    return [room["bounding_box"] for room in rooms]


def test_the_shipped_weights_find_every_room_of_a_drawn_plan_once(network: Network) -> None:
    rooms = find_rooms(network, PLAN)
    assert are_rooms_of_the_plan(boxes(rooms)), rooms
    assert [room["id"] for room in rooms] == ["room_1", "room_2", "room_3"]
    confidences = [room["confidence"] for room in rooms]
    assert confidences == sorted(confidences, reverse=True)


def test_an_empty_sheet_has_no_rooms(network: Network) -> None:
    assert find_rooms(network, Image.new("RGB", (700, 500), "white")) == []


@pytest.mark.parametrize("scale", [0.25, 0.5, 2, 5])
def test_the_rooms_do_not_depend_on_the_resolution(network: Network, scale: float) -> None:
    scaled = PLAN.resize((int(PLAN.width * scale), int(PLAN.height * scale)))
    assert are_rooms_of_the_plan(boxes(find_rooms(network, scaled)))


def test_a_plan_turned_by_90_degrees_has_its_rooms_turned(network: Network) -> None:
    turned = tuple([y_min, 1000 - x_max, y_max, 1000 - x_min] for x_min, y_min, x_max, y_max in ROOMS)
    found = boxes(find_rooms(network, PLAN.transpose(Image.Transpose.ROTATE_90)))
    assert are_rooms_of_the_plan(found, turned)


@pytest.mark.parametrize(
    "data",
    [
        encode(PLAN, "JPEG"),
        encode(PLAN, "WEBP"),
        encode(PLAN, "GIF"),
        encode(PLAN.convert("1"), "TIFF", compression="group4"),
        encode(grey_16_bit(PLAN), "PNG"),
        encode(PLAN.convert("CMYK"), "JPEG"),
        encode(PLAN.convert("RGBA"), "PNG"),
    ],
    ids=["JPEG", "WebP", "GIF", "1-bit TIFF", "16-bit PNG", "CMYK JPEG", "RGBA PNG"],
)
def test_the_rooms_do_not_depend_on_the_file_format(network: Network, data: bytes) -> None:
    expected, found = find_rooms(network, PLAN), find_rooms(network, decode(data))
    assert are_rooms_of_the_plan(boxes(found))
    assert [room["confidence"] for room in found] == pytest.approx([room["confidence"] for room in expected], abs=0.1)


def test_a_room_needs_more_confidence_than_the_threshold(network: Network) -> None:
    rooms = find_rooms(network, PLAN, confidence_threshold=0.1)
    threshold = rooms[1]["confidence"]
    confident = find_rooms(network, PLAN, confidence_threshold=threshold + 0.0001)
    assert boxes(confident) == boxes(rooms[:1])


def test_with_an_iou_threshold_of_1_no_box_is_suppressed_but_at_most_300_stay(network: Network) -> None:
    rooms = find_rooms(network, PLAN, confidence_threshold=0.0, iou_threshold=1.0)
    assert len(rooms) == MAX_DETECTIONS


def test_a_box_entirely_in_the_padding_is_not_a_room() -> None:
    box = letterbox.fit(640, 403)
    in_the_padding, in_the_image = [300, 2, 50, 4, 0.9], [300, 200, 50, 40, 0.8]
    output = np.array([in_the_padding, in_the_image], dtype=np.float32).T[np.newaxis]
    detections = select(output, box, confidence_threshold=0.25, iou_threshold=0.45)
    assert detections.confidences.tolist() == pytest.approx([0.8])


@pytest.mark.parametrize("broken", [[np.nan, 2, 50, 4, 0.9], [300, 200, np.inf, 40, 0.9], [300, 200, 50, 40, np.inf]])
def test_a_value_that_is_not_finite_does_not_spoil_the_other_rooms(broken: list[float]) -> None:
    box = letterbox.fit(640, 640)
    output = np.array([broken, [300, 200, 50, 40, 0.8]], dtype=np.float32).T[np.newaxis]
    detections = select(output, box, confidence_threshold=0.25, iou_threshold=0.45)
    assert detections.confidences.tolist() == pytest.approx([0.8])
    assert detections.boxes[0] == pytest.approx(np.array([275, 180, 325, 220]) / 640)
