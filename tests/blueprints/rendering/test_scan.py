"""A scan moves the picture and its points alike, and each fault shows."""

import random
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageDraw

from blueprints.rendering import scan
from blueprints.rendering.scan import NONE, Wear

GEOMETRY = ("turned", "skewed", "stretched")
FAULTS = [name for name in Wear.__dataclass_fields__ if name not in GEOMETRY]


def drawing() -> Image.Image:
    """A page with a red square of which the corners are known."""
    image = Image.new("RGB", (300, 200), "white")
    ImageDraw.Draw(image).rectangle((60, 50, 119, 89), fill="red")
    return image


CORNERS = np.array([(60, 50), (120, 50), (120, 90), (60, 90)], float)


def red_box(image: Image.Image) -> tuple[int, int, int, int]:
    pixels = np.asarray(image).astype(int)
    ys, xs = np.nonzero((pixels[..., 0] - pixels[..., 1]) > 127)
    return xs.min(), ys.min(), xs.max() + 1, ys.max() + 1


def test_without_wear_nothing_changes() -> None:
    image, (points,) = scan.scan(drawing(), [CORNERS], NONE, random.Random(1), (0, 0, 0))
    assert image.tobytes() == drawing().tobytes()
    assert np.array_equal(points, CORNERS)


@pytest.mark.parametrize("kinds", [("turned",), ("skewed",), ("stretched",), GEOMETRY])
def test_points_follow_the_picture(kinds: tuple[str, ...]) -> None:
    wear = replace(NONE, **dict.fromkeys(kinds, 1.0))
    boxes = []
    for seed in range(25):
        image, (points,) = scan.scan(drawing(), [CORNERS], wear, random.Random(seed), (0, 0, 0))
        expected = (*points.min(axis=0), *points.max(axis=0))
        assert red_box(image) == pytest.approx(expected, abs=1.0)
        boxes.append(red_box(image))
    assert len(set(boxes)) > 2


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_changes_the_picture_but_not_its_size(fault: str) -> None:
    wear = replace(NONE, **{fault: 1.0})
    image, (points,) = scan.scan(drawing(), [CORNERS], wear, random.Random(1), (0, 0, 0))
    assert image.size == drawing().size
    assert image.tobytes() != drawing().tobytes()
    assert np.array_equal(points, CORNERS)


def test_the_same_seed_gives_the_same_scan() -> None:
    wear = Wear(**dict.fromkeys(Wear.__dataclass_fields__, 1.0))
    one, other = (scan.scan(drawing(), [CORNERS], wear, random.Random(5), (0, 0, 0)) for _ in range(2))
    assert one[0].tobytes() == other[0].tobytes()
    assert np.array_equal(one[1][0], other[1][0])
