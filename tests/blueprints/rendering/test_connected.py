"""Connected areas: the same as SciPy finds, and their edges as rings."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from blueprints.rendering.connected import boundary, components, depths
from blueprints.rendering.polygons import extent, signed_area


@pytest.fixture(params=range(12))
def mask(request: pytest.FixtureRequest) -> NDArray[np.bool_]:
    rng = np.random.default_rng(request.param)
    return rng.random(tuple(rng.integers(1, 50, 2))) < rng.uniform(0.3, 0.9)


def test_areas_are_numbered_as_scipy_numbers_them(mask: NDArray[np.bool_]) -> None:
    labels, where = components(mask)
    expected = np.zeros(mask.shape, np.int32)
    ndimage.label(mask, output=expected)
    assert np.array_equal(labels, expected)
    assert where == [tuple(found) for found in ndimage.find_objects(expected)]


def test_depths_are_the_distances_to_the_nearest_edge(mask: NDArray[np.bool_]) -> None:
    padded = np.pad(mask, 1)
    assert np.array_equal(depths(padded), np.asarray(ndimage.distance_transform_cdt(padded)))


def test_a_boundary_encloses_the_area_but_for_small_holes(mask: NDArray[np.bool_]) -> None:
    labels, where = components(mask)
    for number, found in enumerate(where, start=1):
        area = labels[found] == number
        ring = boundary(area)
        filled = np.count_nonzero(np.asarray(ndimage.binary_fill_holes(area)))
        assert np.count_nonzero(area) <= signed_area(ring) <= filled
        assert extent(ring) == (0, 0, area.shape[1], area.shape[0])


def test_a_large_hole_is_left_out() -> None:
    area = np.ones((20, 20), bool)
    area[5:15, 5:15] = False
    assert signed_area(boundary(area)) == 300


def test_areas_that_touch_by_a_corner_have_a_boundary_each() -> None:
    labels, _ = components(np.array([[1, 0], [0, 1]], bool))
    assert labels.tolist() == [[1, 0], [0, 2]]
    assert boundary(np.array([[1, 1, 0], [1, 0, 1], [1, 1, 1]], bool)).shape[1] == 2
