"""What is read off a raster of kinds: its rooms with exact boxes, its walls and its open borders."""

import numpy as np
import pytest
from numpy.typing import NDArray

from blueprints.errors import BlueprintError
from blueprints.rendering.layout import BLOCKED, OUTSIDE, Kind, Layout, extent, layout


def house() -> NDArray[np.uint8]:
    """An angular living room with a bath in its corner, an open kitchen below, and a balcony at the right."""
    kinds = np.zeros((120, 160), np.uint8)
    kinds[10:110, 10:110] = Kind.WALL
    kinds[14:60, 14:106] = Kind.LIVING
    kinds[60:106, 14:106] = Kind.KITCHEN
    kinds[14:44, 14:44] = Kind.WALL
    kinds[14:40, 14:40] = Kind.BATH
    kinds[30:80, 110:140] = Kind.OUTDOOR
    return kinds


@pytest.fixture
def drawn() -> Layout:
    return layout(house())


def test_a_room_is_a_connected_area_of_one_kind_with_a_tight_box(drawn: Layout) -> None:
    # What is shown begins at (10, 10): the background around it is cut off.
    assert {room.kind: room.box for room in drawn.rooms} == {
        Kind.LIVING: (4, 4, 96, 50),
        Kind.KITCHEN: (4, 50, 96, 96),
        Kind.BATH: (4, 4, 30, 30),
        Kind.OUTDOOR: (100, 20, 130, 70),
    }


def test_two_areas_of_one_kind_are_two_rooms() -> None:
    kinds = house()
    kinds[60:106, 58:62] = Kind.WALL
    boxes = [room.box for room in layout(kinds).rooms if room.kind is Kind.KITCHEN]
    assert boxes == [(4, 50, 48, 96), (52, 50, 96, 96)]


def test_specks_and_slivers_are_not_rooms() -> None:
    kinds = house()
    kinds[20:24, 60:64] = Kind.STORAGE
    kinds[70:72, 20:100] = Kind.ENTRY
    assert {room.kind for room in layout(kinds).rooms}.isdisjoint({Kind.STORAGE, Kind.ENTRY})


def test_the_outline_of_an_angular_room_spans_its_box_and_leaves_the_corner_out(drawn: Layout) -> None:
    living = next(room for room in drawn.rooms if room.kind is Kind.LIVING)
    outline = drawn.outline(living)
    assert extent(outline) == living.box
    assert not ((outline[:, 0] < 34) & (outline[:, 1] < 34)).any()


def test_the_boundary_of_an_angular_room_is_its_six_corners(drawn: Layout) -> None:
    living = next(room for room in drawn.rooms if room.kind is Kind.LIVING)
    corners = [(4, 34), (34, 34), (34, 4), (96, 4), (96, 50), (4, 50)]
    ring = [tuple(point) for point in drawn.boundary(living).tolist()]
    start = ring.index((4, 34))
    assert ring[start:] + ring[:start] == corners


def test_the_middle_of_an_angular_room_lies_inside_it(drawn: Layout) -> None:
    for room in drawn.rooms:
        x, y = drawn.middle(room)
        assert drawn.labels[int(y), int(x)] == room.number


def test_walls_are_known_with_their_thickness_and_the_spaces_on_both_sides(drawn: Layout) -> None:
    number = {room.kind: room.number for room in drawn.rooms}
    walls = {(wall.before, wall.after): wall for wall in drawn.walls}
    between = walls[number[Kind.BATH], number[Kind.LIVING]]
    assert (between.thickness, between.length) == (4, 26)
    towards_balcony = walls[number[Kind.LIVING], number[Kind.OUTDOOR]]
    assert (towards_balcony.box, towards_balcony.through) == ((96, 20, 100, 50), "x")
    assert any(wall.before == OUTSIDE and wall.after == number[Kind.KITCHEN] for wall in drawn.walls)


def test_open_plan_neighbours_have_a_border_without_thickness(drawn: Layout) -> None:
    (border,) = drawn.open_borders
    assert (border.box, border.through, border.thickness) == ((4, 50, 96, 50), "y", 0)


def test_an_outdoor_area_has_an_edge_towards_the_background_only(drawn: Layout) -> None:
    balcony = next(room for room in drawn.rooms if room.kind is Kind.OUTDOOR)
    assert {edge.box for edge in drawn.edges} == {(100, 20, 130, 20), (100, 70, 130, 70), (130, 20, 130, 70)}
    assert all({edge.before, edge.after} == {OUTSIDE, balcony.number} for edge in drawn.edges)


def test_a_wall_that_ends_at_a_railing_is_blocked_there() -> None:
    kinds = house()
    kinds[40:60, 4:10] = Kind.RAILING
    assert any(wall.before == BLOCKED for wall in layout(kinds).walls)


def test_a_missing_scale_is_estimated_from_the_rooms(drawn: Layout) -> None:
    assert 10 < drawn.pixels_per_metre < 30
    assert layout(house(), 25.0).pixels_per_metre == 25.0


@pytest.mark.parametrize(
    ("kinds", "message"),
    [
        (np.zeros((40, 40), np.uint8), "shows no room"),
        (np.full((40, 40), 12, np.uint8), "index 12: the kinds of space are 0 to 11"),
        (np.zeros((40, 4000), np.uint8), r"shape \(40, 4000\): must be a raster of up to 2000 px"),
    ],
)
def test_an_array_that_is_not_a_layout_is_refused(kinds: NDArray[np.uint8], message: str) -> None:
    with pytest.raises(BlueprintError, match=message):
        layout(kinds)
