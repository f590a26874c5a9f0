"""Walls, doors and windows are drawn where the layout and its openings say, at any resolution."""

from dataclasses import replace
from random import Random
from typing import Literal

import numpy as np
import pytest
from PIL import Image

from blueprints.rendering.drawing_style import DrawingStyle, Walls
from blueprints.rendering.furniture_symbols import Furniture
from blueprints.rendering.layout import Kind, layout
from blueprints.rendering.layout_drawing import LayoutDrawing
from blueprints.rendering.layout_openings import Hole
from blueprints.rendering.placed_layout import PlacedLayout
from blueprints.rendering.surface import Surface, text_mask

STYLE = DrawingStyle(family="architect")
DOOR = Hole(use="door", box=(40, 50, 60, 54), through="y", before=1, after=2)


def _drawn(*holes: Hole, style: DrawingStyle = STYLE, resolution: int = 1) -> Image.Image:
    """Two rooms of 100 x 50 px above each other with a wall of 4 px between them, on a sheet with 10 px around."""
    kinds = np.full((104, 100), Kind.LIVING, np.uint8)
    kinds[50:54] = Kind.WALL
    surface = Surface((120, 124), style.paper, resolution)
    placed = PlacedLayout(layout=layout(kinds, 20.0), corner=(10, 10), scale=1.0)
    drawing = LayoutDrawing(surface=surface, style=style, placed=placed)
    drawing.walls()
    drawing.holes(holes)
    return surface.finish().convert("L")


def _ink(image: Image.Image, box: tuple[int, int, int, int]) -> bool:
    return min(image.crop(box).tobytes()) < 200


def test_a_passage_interrupts_its_wall_and_nothing_else() -> None:
    image = _drawn(replace(DOOR, use="passage"))
    assert not _ink(image, (52, 58, 68, 66)), "the passage is open in its middle"
    assert image.getpixel((30, 62)) == image.getpixel((90, 62)) == 0, "the wall goes on at both sides"


@pytest.mark.parametrize(("swings", "above"), [("before", True), ("after", False)])
def test_a_door_swings_into_its_room(swings: Literal["before", "after"], above: bool) -> None:
    image = _drawn(replace(DOOR, swings=swings))
    assert _ink(image, (20, 20, 100, 58)) is above
    assert _ink(image, (20, 66, 100, 104)) is not above


@pytest.mark.parametrize(("hinge", "leaf_x"), [("low", 50), ("high", 70)])
def test_a_door_hangs_on_the_jamb_of_its_hinge(hinge: Literal["low", "high"], leaf_x: int) -> None:
    image = _drawn(replace(DOOR, hinge=hinge))
    other = 120 - leaf_x
    assert _ink(image, (leaf_x - 2, 80, leaf_x + 2, 84)), "the leaf stands at its hinge"
    assert not _ink(image, (other - 4, 80, other + 4, 84)), "and there is no leaf at the other jamb"


def test_a_window_shows_its_panes_between_the_faces_of_the_wall() -> None:
    image = _drawn(replace(DOOR, use="window"), style=replace(STYLE, windows="lines", pen=0.5), resolution=4)
    column = list(image.crop((240, 230, 241, 266)).tobytes())
    dark = [value < 160 for value in column]
    assert sum(now and not before for before, now in zip([False, *dark], dark, strict=False)) == 3, column


@pytest.mark.parametrize(
    ("walls", "light"),
    [("solid", False), ("outlined", True), ("hatched", True), ("insulated", True), ("speckled", True)],
)
def test_a_wall_is_filled_as_its_style_says(walls: Walls, light: bool) -> None:
    image = _drawn(style=replace(STYLE, walls=walls, partitions=walls, pen=0.5), resolution=4)
    body = image.crop((60, 246, 260, 250))
    assert (max(body.tobytes()) > 200) is light
    assert image.getpixel((100, 241)) == 0, "its face is drawn"


@pytest.mark.parametrize("resolution", [1, 3])
def test_a_drawing_of_a_higher_resolution_is_the_same_drawing_with_more_pixels(resolution: int) -> None:
    image = _drawn(DOOR, resolution=resolution)
    assert image.size == (120 * resolution, 124 * resolution)
    small = image.resize((120, 124), Image.Resampling.BOX)
    difference = np.asarray(small, float) - np.asarray(_drawn(DOOR), float)
    assert np.abs(difference).mean() < 1.0


def test_a_raised_two_is_drawn_although_the_font_has_none() -> None:
    square = np.asarray(text_mask("m²", 60))
    plain = np.asarray(text_mask("m", 60))
    added = square[:, plain.shape[1] :]
    rows = np.flatnonzero(added.max(axis=1) > 128)
    assert added.max() > 128
    assert rows[-1] < square.shape[0] * 0.6, "it stands above the line of the text"


def _terrace(bare: set[int]) -> Image.Image:
    """A small terrace at the top of a sheet, open on three sides, above a wall and a room."""
    kinds = np.zeros((80, 60), np.uint8)
    kinds[:20, 10:50] = Kind.OUTDOOR
    kinds[20:24] = Kind.WALL
    kinds[24:80] = Kind.ENTRY
    surface = Surface((80, 100), STYLE.paper)
    placed = PlacedLayout(layout=layout(kinds, 20.0), corner=(10, 10), scale=1.0)
    drawing = LayoutDrawing(surface=surface, style=STYLE, placed=placed)
    drawing.borders(bare)
    return surface.finish().convert("L")


def test_the_edge_of_an_outdoor_area_is_drawn_unless_it_is_bare() -> None:
    assert _ink(_terrace(set()), (10, 8, 70, 14))
    assert not _ink(_terrace({1}), (0, 0, 80, 100))


def test_masonry_is_filled_and_reserved_space_is_dashed() -> None:
    kinds = np.full((60, 100), Kind.LIVING, np.uint8)
    surface = Surface((100, 60), STYLE.paper)
    placed = PlacedLayout(layout=layout(kinds, 20.0), corner=(0, 0), scale=1.0)
    drawing = LayoutDrawing(surface=surface, style=STYLE, placed=placed)
    drawing.furnish(
        (
            Furniture(kind="hearth", x=0.5, y=0.5, width=1.0, height=1.0),
            Furniture(kind="reserved_place", x=3.0, y=0.5, width=1.0, height=1.0),
        )
    )
    image = surface.finish().convert("L")
    assert max(image.crop((13, 12, 27, 16)).tobytes()) == 0, "the mass of the hearth is solid"
    edge = image.crop((60, 9, 80, 12)).tobytes()
    assert any(value < 128 for value in edge)
    assert any(min(edge[x::20]) > 240 for x in range(20)), "the edge of a reserved place has gaps"


def test_each_cupboard_of_a_row_may_carry_its_letters() -> None:
    kinds = np.full((60, 120), Kind.KITCHEN, np.uint8)
    surface = Surface((120, 60), STYLE.paper)
    placed = PlacedLayout(layout=layout(kinds, 40.0), corner=(0, 0), scale=1.0)
    drawing = LayoutDrawing(surface=surface, style=STYLE, placed=placed)
    drawing.mark(Furniture(kind="cupboards", x=0.25, y=0.25, width=2.2, height=0.6), "JK")
    image = surface.finish().convert("L")
    cells = [(10 + 22 * index, 10, 32 + 22 * index, 34) for index in range(4)]
    assert all(_ink(image, cell) for cell in cells)
    assert not _ink(image, (98, 0, 120, 60))


@pytest.mark.parametrize("seed", range(3))
def test_lines_of_things_above_a_room_are_drawn_within_it(seed: int) -> None:
    style = replace(STYLE, overhead=1.0, built_in=0.0, names=0.0, windowed=0.0)
    kinds = np.full((104, 104), Kind.WALL, np.uint8)
    kinds[4:100, 4:100] = Kind.LIVING
    images = []
    for share in (0.0, 1.0):
        surface = Surface((124, 124), style.paper)
        placed = PlacedLayout(layout=layout(kinds, 20.0), corner=(10, 10), scale=1.0)
        LayoutDrawing(surface=surface, style=replace(style, overhead=share), placed=placed).draw_at_random(Random(seed))
        images.append(np.asarray(surface.finish().convert("L"), int))
    rows, columns = np.nonzero(images[0] - images[1] > 60)
    assert rows.size > 30
    assert all(values.min() >= 13 and values.max() <= 110 for values in (rows, columns))
