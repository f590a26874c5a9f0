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
        indoor = ~np.isin(padded, (Kind.BACKGROUND, Kind.WALL, Kind.RAILING, Kind.OUTDOOR))
        assert not (near & indoor).any()


def test_there_are_angular_rooms_closets_open_plans_and_corridors(houses: list[Layout]) -> None:
    rooms = [(house, room) for house in houses for room in house.rooms]
    assert sum(room.fullness < 0.9 for _, room in rooms) > 20
    assert sum(len(house.open_borders) > 0 for house in houses) > 20
    assert sum(room.area < 2 * house.pixels_per_metre**2 for house, room in rooms) > 20
    oblong = [max(w, h) / min(w, h) for _, room in rooms for w, h in [_size(room.box)]]
    assert sum(ratio > 4 for ratio in oblong) > 20


def test_houses_have_few_and_many_rooms(houses: list[Layout]) -> None:
    counts = [len(house.rooms) for house in houses]
    assert min(counts) <= 4
    assert max(counts) >= 20


def _size(box: tuple[int, int, int, int]) -> tuple[int, int]:
    return box[2] - box[0], box[3] - box[1]
