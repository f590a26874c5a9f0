"""Generated layouts are houses: enclosed rooms of every kind, angular ones, open plans, and the same for a seed."""

import random

import numpy as np
import pytest

from blueprints.rendering.layout import ROOM_KINDS, Kind, Layout
from blueprints.rendering.layout_generator import generate


@pytest.fixture(scope="module")
def houses() -> list[Layout]:
    return [generate(random.Random(seed)) for seed in range(60)]


def test_the_same_seed_gives_the_same_layout() -> None:
    one, other = (generate(random.Random(7)) for _ in range(2))
    assert np.array_equal(one.kinds, other.kinds)
    assert one.pixels_per_metre == other.pixels_per_metre


def test_every_kind_of_room_and_railings_appear(houses: list[Layout]) -> None:
    kinds = {int(kind) for house in houses for kind in np.unique(house.kinds)}
    assert kinds >= {int(kind) for kind in (*ROOM_KINDS, Kind.RAILING)}


def test_no_indoor_room_touches_the_background(houses: list[Layout]) -> None:
    for house in houses:
        padded = np.pad(house.kinds, 1)
        background = padded == Kind.BACKGROUND
        near = np.zeros_like(background)
        near[1:] |= background[:-1]
        near[:-1] |= background[1:]
        near[:, 1:] |= background[:, :-1]
        near[:, :-1] |= background[:, 1:]
        own = [room.number for room in house.own_rooms if room.kind is not Kind.OUTDOOR]
        indoor = np.isin(np.pad(house.labels, 1), own)
        assert not (near & indoor).any()


def test_there_are_angular_rooms_closets_open_plans_and_corridors(houses: list[Layout]) -> None:
    rooms = [(house, room) for house in houses for room in house.rooms]
    assert sum(room.fullness < 0.9 for _, room in rooms) > 20
    assert sum(len(house.open_borders) > 0 for house in houses) > 20
    assert sum(room.area < 2 * house.pixels_per_metre**2 for house, room in rooms) > 20
    oblong = [max(w, h) / min(w, h) for _, room in rooms for w, h in [_size(room.box)]]
    assert sum(ratio > 4 for ratio in oblong) > 20


def test_most_halls_are_short_and_many_are_angular(houses: list[Layout]) -> None:
    halls = [room for house in houses for room in house.own_rooms if room.kind is Kind.ENTRY]
    lengths = sorted(max(w, h) / min(w, h) for room in halls for w, h in [_size(room.box)])
    assert lengths[len(lengths) * 8 // 10] < 4
    assert sum(room.fullness < 0.85 for room in halls) > 0.1 * len(halls)


def test_a_living_room_may_have_a_part_of_another_kind_without_a_wall_between_them(houses: list[Layout]) -> None:
    pairs = {
        (house.pixels_per_metre, frozenset((border.before, border.after)))
        for house in houses
        for border in house.open_borders
        if border.length > 0.6 * house.pixels_per_metre
    }
    assert len(pairs) > 1.5 * len(houses)


def test_there_are_loggias_within_the_walls_and_porches_before_halls(houses: list[Layout]) -> None:
    loggias = porches = 0
    for house in houses:
        for room in house.own_rooms:
            if room.kind is not Kind.OUTDOOR:
                continue
            sides = {
                side
                for wall in house.walls
                if room.number in (wall.before, wall.after)
                for side in (wall.before, wall.after)
            }
            beside = {house.rooms[side - 1].kind for side in sides - {room.number} if side > 0}
            loggias += len(beside - {Kind.OUTDOOR}) > 2
            porches += Kind.ENTRY in beside and room.area < 3.5 * house.pixels_per_metre**2
    assert loggias > 3
    assert porches > 10


def test_some_houses_have_neighbours_whose_rooms_are_not_their_own() -> None:
    houses = [generate(random.Random(seed)) for seed in range(120)]
    between = [house for house in houses if house.own < len(house.rooms)]
    assert 3 <= len(between) <= 20
    for house in between:
        assert {room.number for room in house.own_rooms} == set(range(1, house.own + 1))
        touching = [
            stretch for stretch in house.open_borders if (stretch.before > house.own) != (stretch.after > house.own)
        ]
        assert all(house.rooms[border.before - 1].kind is Kind.OUTDOOR for border in touching)


def test_houses_have_few_and_many_rooms(houses: list[Layout]) -> None:
    counts = [len(house.rooms) for house in houses]
    assert min(counts) <= 4
    assert max(counts) >= 20
    assert 8 <= np.median(counts) <= 13, "as many as plans of CubiCasa5K"


def _size(box: tuple[int, int, int, int]) -> tuple[int, int]:
    return box[2] - box[0], box[3] - box[1]
