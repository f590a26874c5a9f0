"""Polygons: which way they run, what is left of them after a cut, how holes and notches are told."""

import numpy as np
import pytest

from blueprints.rendering.polygons import (
    clipped,
    clipped_apart,
    clipped_by_line,
    clockwise,
    extent,
    grown,
    inside,
    keyholed,
    notched,
    points,
    rectangle,
    signed_area,
    thinned,
)

L_SHAPE = points((0, 0), (40, 0), (40, 10), (10, 10), (10, 30), (0, 30))


def test_a_counterclockwise_ring_is_reversed() -> None:
    assert signed_area(L_SHAPE) == 600
    assert signed_area(L_SHAPE[::-1]) == -600
    assert signed_area(clockwise(L_SHAPE[::-1])) == 600


def test_clipping_to_a_box_keeps_the_part_of_a_polygon_inside_it() -> None:
    part = clipped(L_SHAPE, (5.0, 5.0, 20.0, 50.0))
    assert extent(part) == (5.0, 5.0, 20.0, 30.0)
    assert signed_area(part) == 5 * 15 + 5 * 20


def test_a_box_that_holds_the_whole_polygon_changes_nothing() -> None:
    assert clipped(L_SHAPE, (-1.0, -1.0, 99.0, 99.0)) is L_SHAPE


def test_a_box_beside_the_polygon_leaves_nothing() -> None:
    assert len(clipped(L_SHAPE, (20.0, 20.0, 30.0, 30.0))) < 3
    assert len(clipped_by_line(L_SHAPE, (-1.0, 0.0), (1.0, 0.0))) == 0


def test_a_slanted_line_cuts_a_corner_off() -> None:
    cut = clipped_by_line(rectangle(0, 0, 10, 10), (10.0, 5.0), (0.5**0.5, 0.5**0.5))
    assert signed_area(cut) == pytest.approx(100 - 5 * 5 / 2)


def test_a_notch_is_missing_from_its_corner() -> None:
    room = notched(6.0, 8.0, [(2.0, 3.0), None, (1.0, 1.0), None])
    assert signed_area(room) == 48 - 6 - 1
    assert not inside(room, 1.0, 1.0)
    assert not inside(room, 5.5, 7.5)
    assert inside(room, 5.5, 0.5)
    assert inside(room, 0.5, 7.5)


def test_a_ring_with_a_hole_goes_around_it() -> None:
    ring = keyholed(rectangle(0, 0, 20, 20), [rectangle(5, 5, 9, 15), rectangle(12, 5, 16, 15)])
    assert signed_area(ring) == 400 - 40 - 40
    assert not inside(ring, 7.0, 10.0)
    assert not inside(ring, 14.0, 10.0)
    assert inside(ring, 10.5, 10.0)
    assert extent(ring) == (0, 0, 20, 20)


def test_a_grown_polygon_has_its_sides_moved_out_by_that_much() -> None:
    assert extent(grown(rectangle(0, 0, 4, 6), 0.5)) == (-0.5, -0.5, 4.5, 6.5)


def test_thinning_takes_the_steps_of_a_slope_and_keeps_its_corners() -> None:
    steps = [(float(x), float(y)) for step in range(20) for x, y in ((step, step), (step + 1, step))]
    slope = np.array([*steps, (20.0, 20.0), (0.0, 20.0)])
    thin = thinned(slope, 0.8)
    assert len(thin) <= 5
    assert abs(signed_area(thin)) == pytest.approx(abs(signed_area(slope)), abs=15)
    assert thinned(L_SHAPE, 0.1).tolist() == L_SHAPE.tolist()


U_SHAPE = points((0, 0), (30, 0), (30, 20), (20, 20), (20, 10), (10, 10), (10, 20), (0, 20))


def test_a_box_that_cuts_a_polygon_apart_gives_its_parts() -> None:
    parts = sorted(clipped_apart(U_SHAPE, (0.0, 12.0, 30.0, 30.0)), key=lambda part: extent(part)[0])
    assert [extent(part) for part in parts] == [(0, 12, 10, 20), (20, 12, 30, 20)]
    assert all(signed_area(part) == 80 for part in parts)
    (whole,) = clipped_apart(U_SHAPE, (0.0, 5.0, 30.0, 30.0))
    assert signed_area(whole) == signed_area(U_SHAPE) - 150
    assert clipped_apart(U_SHAPE, (11.0, 12.0, 19.0, 30.0)) == []


def test_a_ring_with_a_slit_is_cut_into_the_sides_that_a_box_shows() -> None:
    ring = keyholed(rectangle(0, 0, 100, 60), [rectangle(10, 10, 90, 50)])
    parts = sorted(clipped_apart(ring, (30.0, 0.0, 70.0, 60.0)), key=lambda part: extent(part)[1])
    assert [extent(part) for part in parts] == [(30, 0, 70, 10), (30, 50, 70, 60)]
    assert sum(signed_area(part) for part in clipped_apart(ring, (0.0, 5.0, 100.0, 60.0))) == 6000 - 3200 - 500
    corner = clipped_apart(ring, (0.0, 0.0, 50.0, 30.0))
    assert sum(signed_area(part) for part in corner) == 50 * 30 - 40 * 20
