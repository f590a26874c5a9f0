"""Training pictures: squares of a page with what they show of its rooms."""

import random

import numpy as np
import pytest
from PIL import Image

from blueprints.rendering import dwelling_samples
from blueprints.rendering.buildings import samples as building_samples
from blueprints.rendering.buildings.page import render_page
from blueprints.rendering.buildings.samples import PADDING_GREY, SIDE_PX, Sample, cut
from blueprints.rendering.polygons import extent, points, rectangle

pytestmark = pytest.mark.whole

ROOM = rectangle(100, 100, 300, 200)


@pytest.fixture
def page() -> Image.Image:
    image = Image.new("L", (800, 400), 255)
    image.paste(0, (100, 100, 300, 200))
    return image


def taken(image: Image.Image, square: tuple[float, float, float, float]) -> Sample:
    return cut(image, [ROOM], square, random.Random(1))


def test_a_page_that_is_not_square_is_padded(page: Image.Image) -> None:
    picture, boxes, outlines = taken(page, (0.0, -200.0, 800.0, 600.0))
    assert picture.shape == (SIDE_PX, SIDE_PX)
    assert (picture[:160] == PADDING_GREY).all()
    assert (picture[480:] == PADDING_GREY).all()
    assert boxes.tolist() == [[80, 240, 240, 320]]
    assert extent(outlines[0].astype(float)) == (80, 240, 240, 320)
    # Where the box says, the page is black.
    assert picture[250:310, 90:230].max() == 0


def test_boxes_and_outlines_end_where_the_part_does(page: Image.Image) -> None:
    _, boxes, outlines = taken(page, (200.0, 100.0, 360.0, 260.0))
    assert boxes.tolist() == [[0, 0, 400, 400]]
    assert outlines[0].shape == (4, 2)


def test_what_is_seen_of_a_large_room_has_a_box_however_much_lies_beyond(page: Image.Image) -> None:
    _, boxes, _ = taken(page, (260.0, 100.0, 400.0, 240.0))
    assert boxes.round().tolist() == [[0, 0, 183, 457]]


def test_a_sliver_of_a_room_has_no_box(page: Image.Image) -> None:
    assert len(taken(page, (296.0, 100.0, 436.0, 240.0))[1]) == 0
    # Of a small room it is a good share.
    small = cut(page, [rectangle(285, 100, 300, 200)], (296.0, 100.0, 436.0, 240.0), random.Random(1))
    assert len(small[1]) == 1


def test_the_two_arms_that_are_seen_of_a_room_have_a_box_each(page: Image.Image) -> None:
    corridor = points((0, 0), (800, 0), (800, 400), (700, 400), (700, 100), (100, 100), (100, 400), (0, 400))
    _, boxes, outlines = cut(page, [corridor], (0.0, 200.0, 800.0, 1000.0), random.Random(1))
    assert sorted(boxes.tolist()) == [[0, 0, 80, 160], [560, 0, 640, 160]]
    assert len(outlines) == 2


def test_a_room_that_appears_too_small_has_no_box() -> None:
    image = Image.new("L", (4000, 4000), 255)
    _, boxes, outlines = cut(image, [rectangle(0, 0, 20, 500)], (0.0, 0.0, 4000.0, 4000.0), random.Random(1))
    assert boxes.shape == (0, 4)
    assert outlines == []


def check(sample: Sample) -> None:
    picture, boxes, outlines = sample
    assert picture.shape == (SIDE_PX, SIDE_PX)
    assert picture.dtype == np.uint8
    assert boxes.dtype == np.float32
    assert boxes.shape == (len(outlines), 4)
    for box, outline in zip(boxes, outlines, strict=True):
        assert extent(outline.astype(float)) == pytest.approx(box.tolist(), abs=1e-3)
        assert box.min() >= -0.01
        assert box.max() <= SIDE_PX + 0.01


def test_a_page_is_shown_whole_and_in_parts_at_several_scales() -> None:
    page = render_page(3, 0, longest_px=1500)
    found = building_samples.page_samples(page, random.Random(1))
    assert 11 <= len(found) <= 12
    for sample in found:
        check(sample)
    widths = [float(np.median(boxes[:, 2] - boxes[:, 0])) for _, boxes, _ in found if len(boxes)]
    assert max(widths) > 2 * min(widths)


def test_dwellings_come_alone_in_parts_and_several_together() -> None:
    found = dwelling_samples.samples(4)
    assert len(found) == 6
    for sample in found:
        check(sample)
    again = dwelling_samples.samples(4)
    assert all(np.array_equal(a[0], b[0]) and np.array_equal(a[1], b[1]) for a, b in zip(found, again, strict=True))
