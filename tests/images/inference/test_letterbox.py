import numpy as np
import pytest
from PIL import Image

from images.inference.letterbox import Letterbox, fit, to_image_fractions, to_input
from tests.images.inference.plans import PLAN

SIZES = [
    (640, 640),
    (640, 403),
    (403, 640),
    (800, 600),
    (100, 50),
    (1, 1),
    (5000, 4999),
    (5000, 1),
    (1, 5000),
    (639, 7),
]


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        # The parameters that Ultralytics 8.4's LetterBox((640, 640), auto=True) computes for these sizes.
        ((640, 640), Letterbox(image_width=640, image_height=640, left=0, top=0, width=640, height=640)),
        ((640, 403), Letterbox(image_width=640, image_height=403, left=0, top=6, width=640, height=416)),
        ((387, 519), Letterbox(image_width=477, image_height=640, left=1, top=0, width=480, height=640)),
        ((100, 50), Letterbox(image_width=640, image_height=320, left=0, top=0, width=640, height=320)),
        ((5000, 1), Letterbox(image_width=640, image_height=1, left=0, top=15, width=640, height=32)),
    ],
)
def test_the_geometry_matches_ultralytics(size: tuple[int, int], expected: Letterbox) -> None:
    assert fit(*size) == expected


@pytest.mark.parametrize("size", SIZES)
def test_the_input_is_640_px_long_and_padded_evenly_to_the_next_multiple_of_32(size: tuple[int, int]) -> None:
    box = fit(*size)
    assert max(box.image_width, box.image_height) == 640
    assert (box.width % 32, box.height % 32) == (0, 0)
    assert 0 <= box.width - box.image_width < 32
    assert 0 <= box.height - box.image_height < 32
    assert 0 <= (box.width - box.image_width) - 2 * box.left <= 1
    assert 0 <= (box.height - box.image_height) - 2 * box.top <= 1


def test_the_input_is_the_image_with_grey_around_it() -> None:
    image = Image.new("RGB", (640, 403), (255, 0, 51))
    pixels = to_input(image, fit(*image.size))
    assert (pixels.shape, pixels.dtype) == ((1, 416, 640, 3), np.uint8)
    assert pixels.flags["C_CONTIGUOUS"]
    assert (pixels[0, 6:409] == (255, 0, 51)).all()
    assert (pixels[0, :6] == 114).all()
    assert (pixels[0, 409:] == 114).all()


def test_a_grey_image_gives_the_input_of_the_same_image_in_colour() -> None:
    grey = Image.radial_gradient("L").resize((900, 700))
    box = fit(*grey.size)
    assert (to_input(grey, box) == to_input(grey.convert("RGB"), box)).all()


def test_thin_walls_survive_scaling_down() -> None:
    drawing = Image.new("RGB", (5000, 5000), "white")
    drawing.paste("black", (2501, 0, 2505, 5000))  # half a pixel of the input: sampling single pixels would miss it
    assert to_input(drawing, fit(5000, 5000))[0, 320].min() < 180


@pytest.mark.parametrize("size", SIZES)
def test_the_corners_of_the_image_map_to_0_and_1(size: tuple[int, int]) -> None:
    box = fit(*size)
    corners = [box.left, box.top, box.left + box.image_width, box.top + box.image_height]
    assert to_image_fractions(np.array([corners], dtype=np.float32), box) == pytest.approx(np.array([[0, 0, 1, 1]]))


def test_boxes_are_cut_at_the_image() -> None:
    box = fit(640, 403)
    beyond = np.array([[-20, 0, 700, 416]], dtype=np.float32)
    assert to_image_fractions(beyond, box).tolist() == [[0, 0, 1, 1]]


def test_no_boxes_map_to_no_boxes() -> None:
    assert to_image_fractions(np.empty((0, 4), dtype=np.float32), fit(*PLAN.size)).shape == (0, 4)
