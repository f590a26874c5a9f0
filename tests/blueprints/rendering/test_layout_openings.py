"""Doors and windows stand in walls, and every room can be reached."""

import random

import numpy as np
import pytest

from blueprints.rendering.layout import OUTSIDE, Kind, Layout
from blueprints.rendering.layout_generator import generate
from blueprints.rendering.layout_openings import Hole, openings

House = tuple[Layout, tuple[Hole, ...]]


@pytest.fixture(scope="module")
def houses() -> list[House]:
    made = [generate(random.Random(seed)) for seed in range(40)]
    return [(house, openings(house, random.Random(seed))) for seed, house in enumerate(made)]


def test_an_opening_reaches_from_face_to_face_of_one_wall(houses: list[House]) -> None:
    for house, holes in houses:
        for hole in holes:
            left, top, right, bottom = hole.box
            pixels = house.kinds[int(top) : int(np.ceil(bottom)), int(left) : int(np.ceil(right))]
            assert (pixels == Kind.WALL).all()


def test_openings_do_not_meet(houses: list[House]) -> None:
    for _, holes in houses:
        for number, one in enumerate(holes):
            for other in holes[number + 1 :]:
                assert (
                    one.box[2] <= other.box[0]
                    or other.box[2] <= one.box[0]
                    or one.box[3] <= other.box[1]
                    or other.box[3] <= one.box[1]
                )


def test_nearly_every_indoor_room_has_a_door_or_an_open_border(houses: list[House]) -> None:
    """A closet may be too small for any door."""
    reached = total = 0
    for house, holes in houses:
        joined = {side for hole in holes if hole.use != "window" for side in (hole.before, hole.after)}
        joined |= {side for border in house.open_borders for side in (border.before, border.after)}
        indoor = [room.number for room in house.own_rooms if room.kind is not Kind.OUTDOOR]
        reached += sum(number in joined for number in indoor)
        total += len(indoor)
    assert reached > 0.95 * total


def test_windows_are_in_outer_walls(houses: list[House]) -> None:
    for house, holes in houses:
        outdoor = {room.number for room in house.rooms if room.kind is Kind.OUTDOOR}
        for hole in holes:
            if hole.use == "window":
                assert sum(side == OUTSIDE or side in outdoor for side in (hole.before, hole.after)) == 1


def test_every_use_of_an_opening_appears(houses: list[House]) -> None:
    uses = {hole.use for _, holes in houses for hole in holes}
    assert uses == {"door", "double door", "passage", "window", "garage door"}


def test_a_house_without_windows_can_be_asked_for() -> None:
    assert all(hole.use != "window" for hole in openings(generate(random.Random(1)), random.Random(1), windowed=0.0))


def test_no_opening_leads_to_a_neighbour(houses: list[House]) -> None:
    between = [(house, holes) for house, holes in houses if house.own < len(house.rooms)]
    assert between
    for house, holes in between:
        for hole in holes:
            sides = [side for side in (hole.before, hole.after) if side > 0]
            assert len({side > house.own for side in sides}) == 1
