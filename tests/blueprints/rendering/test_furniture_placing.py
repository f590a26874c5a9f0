"""Furniture stands in one room with its back to a wall, and in nobody's way."""

import random

import numpy as np
import pytest

from blueprints.rendering.furniture_placing import BUILT_IN, MOVABLE, SIZES, furnish
from blueprints.rendering.furniture_symbols import SYMBOLS, Furniture
from blueprints.rendering.layout import Kind, Layout, layout
from blueprints.rendering.layout_generator import generate
from blueprints.rendering.layout_openings import openings

PARTS = {"sink", "hob", "fridge"}
"""They stand on a worktop."""


def furnished(seed: int) -> tuple[Layout, list[Furniture]]:
    house, rng = generate(random.Random(seed)), random.Random(seed)
    return house, furnish(house, openings(house, rng), rng, movable=1.0, built_in=1.0)


@pytest.fixture(scope="module")
def houses() -> list[tuple[Layout, list[Furniture]]]:
    return [furnished(seed) for seed in range(60)]


def pixels(house: Layout, piece: Furniture) -> tuple[int, int, int, int]:
    metre = house.pixels_per_metre
    return (
        round(piece.x * metre),
        round(piece.y * metre),
        round((piece.x + piece.width) * metre),
        round((piece.y + piece.height) * metre),
    )


def test_a_piece_stands_within_one_room(houses: list[tuple[Layout, list[Furniture]]]) -> None:
    for house, pieces in houses:
        for piece in pieces:
            left, top, right, bottom = pixels(house, piece)
            under = set(house.labels[top:bottom, left:right].ravel().tolist())
            assert len(under) == 1, piece
            assert under != {0}, piece


def test_pieces_do_not_overlap(houses: list[tuple[Layout, list[Furniture]]]) -> None:
    for house, pieces in houses:
        taken = house.labels * 0
        for piece in pieces:
            if piece.kind not in PARTS:
                left, top, right, bottom = pixels(house, piece)
                assert not taken[top:bottom, left:right].any(), piece
                taken[top:bottom, left:right] = 1


def test_a_piece_has_its_back_to_the_edge_of_its_room(houses: list[tuple[Layout, list[Furniture]]]) -> None:
    for house, pieces in houses:
        for piece in pieces:
            left, top, right, bottom = pixels(house, piece)
            number = house.labels[top, left]
            behind = {
                "north": house.labels[top - 1, left:right],
                "south": house.labels[bottom : bottom + 1, left:right],
                "west": house.labels[top:bottom, left - 1],
                "east": house.labels[top:bottom, right : right + 1],
            }[piece.back]
            assert (behind != number).all(), piece


def test_every_piece_that_a_room_may_get_can_be_drawn_and_has_a_size() -> None:
    wanted = {kind for sets in (*BUILT_IN.values(), *MOVABLE.values()) for kinds in sets for kind in kinds}
    assert wanted <= SYMBOLS.keys()
    assert wanted == SIZES.keys()


def test_every_piece_appears(houses: list[tuple[Layout, list[Furniture]]]) -> None:
    assert {piece.kind for _, pieces in houses for piece in pieces} == SIZES.keys() | PARTS


def test_free_standing_pieces_are_within_their_rooms_too() -> None:
    house, rng = generate(random.Random(1)), random.Random(1)
    pieces = furnish(house, (), rng, movable=1.0, built_in=0.0, afloat=1.0)
    assert pieces
    for piece in pieces:
        left, top, right, bottom = pixels(house, piece)
        assert len(set(house.labels[top:bottom, left:right].ravel().tolist())) == 1


def test_empty_rooms_can_be_asked_for() -> None:
    house, rng = generate(random.Random(1)), random.Random(1)
    assert furnish(house, (), rng, movable=0.0, built_in=0.0) == []


def test_cupboards_may_fill_a_wall_from_end_to_end(houses: list[tuple[Layout, list[Furniture]]]) -> None:
    filled = 0
    for house, pieces in houses:
        for piece in pieces:
            left, top, right, _ = pixels(house, piece)
            number = house.labels[top, left]
            if piece.kind in ("cupboards", "coat_cupboard") and piece.back == "north":
                filled += house.labels[top, left - 1] != number and house.labels[top, right : right + 1].tolist() != [
                    number
                ]
    assert filled > 3


def test_cupboards_fill_a_niche_in_its_width_and_depth() -> None:
    """The niche is 40 x 18 pixels, 20 to a metre, between a wall and a stub."""
    kinds = np.full((108, 108), Kind.WALL, np.uint8)
    kinds[4:104, 4:104] = Kind.BEDROOM
    kinds[4:22, 44:47] = Kind.WALL
    room = layout(kinds, 20.0)
    found = [furnish(room, (), random.Random(seed), movable=0.0, built_in=1.0) for seed in range(30)]
    assert any(pixels(room, piece) == (4, 4, 44, 22) for pieces in found for piece in pieces)
