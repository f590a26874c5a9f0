"""A plan that cannot be drawn cannot be made, and its boxes are those of its outlines."""

from collections.abc import Callable

import pytest

from blueprints.errors import BlueprintError
from blueprints.plan import DimensionChain, Door, Furniture, Opening, Plan, Room, Sheet, Wall, Window

L_SHAPE = ((0.0, 0.0), (2.0, 0.0), (2.0, 3.0), (5.0, 3.0), (5.0, 4.0), (0.0, 4.0))


def test_an_l_shaped_room_has_the_box_of_its_extent_and_the_area_of_its_outline() -> None:
    room = Room(name="Living", outline=L_SHAPE, label=(1, 1))
    assert room.box == (0.0, 0.0, 5.0, 4.0)
    assert room.area == 2 * 4 + 3 * 1


def test_the_area_does_not_depend_on_the_direction_of_the_outline() -> None:
    assert Room(name="Living", outline=L_SHAPE[::-1], label=(1, 1)).area == 11


def test_room_boxes_are_fractions_of_the_sheet() -> None:
    room = Room(name="Hall", outline=((1, 1), (3, 1), (3, 2), (1, 2)), label=(2, 1.5))
    sheet = Sheet(width=20, height=10, scale=50, origin=(1, 2))
    assert Plan(sheet=sheet, walls=(), rooms=(room,)).room_boxes() == ((0.1, 0.3, 0.2, 0.4),)


def test_left_of_a_wall_is_the_left_hand_of_somebody_who_walks_along_it() -> None:
    east = Wall(start=(0, 5), end=(4, 5), thickness=0.2)
    assert east.point(1, left=0.5) == (1, 4.5)
    north = Wall(start=(2, 4), end=(2, 0), thickness=0.2)
    assert north.point(1, left=0.5) == (1.5, 3)


def test_a_wall_stands_between_its_openings_and_half_a_thickness_beyond_its_ends() -> None:
    wall = Wall(start=(0, 0), end=(6, 0), thickness=0.4, openings=(Door(at=1, width=0.9), Window(at=3, width=2)))
    assert list(wall.pieces()) == [(-0.2, 1), (1.9, 3), (5, 6.2)]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Wall(start=(0, 0), end=(0, 0), thickness=0.1), "wall (0, 0) to (0, 0): has no length"),
        (lambda: Wall(start=(0, 0), end=(1, 0), thickness=0), "thickness is 0 m"),
        (
            lambda: Wall(start=(0, 0), end=(3, 0), thickness=0.1, openings=(Opening(at=2.5, width=1),)),
            "an opening ends at 3.50 m of 3.00 m",
        ),
        (
            lambda: Wall(
                start=(0, 0), end=(3, 0), thickness=0.1, openings=(Opening(at=1, width=1), Opening(at=1.5, width=1))
            ),
            "an opening begins at 1.5 m, before 2 m",
        ),
        (
            lambda: Wall(start=(0, 0), end=(3, 0), thickness=0.1, openings=(Opening(at=-1, width=2),)),
            "an opening begins at -1 m",
        ),
        (lambda: Door(at=0, width=0), "Door.width is 0 m"),
        (lambda: Room(name="Hall", outline=((0, 0), (1, 1)), label=(0, 0)), "room 'Hall': its outline"),
        (lambda: Room(name="Hall", outline=((0, 0), (1, 1), (2, 2)), label=(0, 0)), "must enclose an area"),
        (lambda: Furniture(kind="sofa", x=0, y=0, width=-2, height=1), "sofa: is -2 x 1 m"),
        (lambda: DimensionChain(axis="x", at=0, stops=(1, 1)), "two or more rising stops"),
        (lambda: DimensionChain(axis="x", at=0, stops=(1,)), "two or more rising stops"),
    ],
)
def test_a_plan_that_cannot_be_drawn_is_refused_with_its_value(make: Callable[[], object], message: str) -> None:
    with pytest.raises(BlueprintError) as refused:
        make()
    assert message in str(refused.value)


def test_a_room_beyond_the_sheet_is_refused() -> None:
    room = Room(name="Attic", outline=((9, 0), (12, 0), (12, 2), (9, 2)), label=(10, 1))
    with pytest.raises(BlueprintError, match="room 'Attic': lies outside the sheet"):
        Plan(sheet=Sheet(width=10, height=10, scale=50, origin=(0, 0)), walls=(), rooms=(room,))
