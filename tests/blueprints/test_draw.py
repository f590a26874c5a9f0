"""What is drawn is where the model says, at every scale, and the same every time."""

from dataclasses import replace
from typing import Literal

import pytest
from PIL import Image, ImageChops, ImageDraw

from blueprints.draw import draw
from blueprints.errors import BlueprintError
from blueprints.plan import Door, Furniture, Opening, Plan, Room, Sheet, Side, Wall, Window
from blueprints.rendering.furniture import SYMBOLS, shapes
from blueprints.sample import SAMPLE

SHEET = Sheet(width=8, height=6, scale=50, origin=(1, 1))


def _shell(plan: Plan) -> Plan:
    """The plan's walls alone, all openings closed."""
    walls = tuple(replace(wall, openings=()) for wall in plan.walls)
    return Plan(sheet=plan.sheet, walls=walls, rooms=())


def _pixel_box(plan: Plan, index: int, size: tuple[int, int]) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = plan.room_boxes()[index]
    return x0 * size[0], y0 * size[1], x1 * size[0], y1 * size[1]


@pytest.mark.parametrize("pixels_per_metre", [40, 61.7])
def test_the_free_floor_of_a_room_fills_exactly_its_box(pixels_per_metre: float) -> None:
    shell = draw(_shell(SAMPLE), pixels_per_metre)
    # Anti-aliased border pixels belong to the walls.
    floor = shell.point([255 if value > 250 else 0 for value in range(256)])
    for index, room in enumerate(SAMPLE.rooms):
        box = _pixel_box(SAMPLE, index, shell.size)
        flooded = floor.copy()
        # In an L as in a rectangle, just inside the first corner of the outline is floor.
        seed = round(box[0]) + 6, round(box[1]) + 6
        ImageDraw.floodfill(flooded, seed, 128)
        reached = flooded.point([255 if value == 128 else 0 for value in range(256)]).getbbox()
        assert reached is not None, room.name
        assert reached == pytest.approx(box, abs=1.5), f"{room.name}: the floor drawn is not the room's box"


def test_the_same_plan_and_scale_give_the_same_bytes() -> None:
    assert draw(SAMPLE, 33.3).tobytes() == draw(SAMPLE, 33.3).tobytes()


@pytest.mark.parametrize("pixels_per_metre", [20, 50])
def test_the_image_is_the_sheet_at_the_scale(pixels_per_metre: float) -> None:
    image = draw(SAMPLE, pixels_per_metre)
    assert image.size == (round(21 * pixels_per_metre), round(14.85 * pixels_per_metre))
    assert image.mode == "L"


@pytest.mark.parametrize("pixels_per_metre", [0, 19.9, 201, float("nan"), float("inf")])
def test_a_scale_out_of_range_is_refused_with_the_range(pixels_per_metre: float) -> None:
    with pytest.raises(BlueprintError, match="must be from 20 to 200 pixels a metre"):
        draw(SAMPLE, pixels_per_metre)


def _wall_with(opening: Opening | None) -> Image.Image:
    """A solid wall from x 1 m to 5 m at y 3 m of an 8 x 6 m sheet, at 50 px a metre."""
    openings = () if opening is None else (opening,)
    wall = Wall(start=(0, 2), end=(4, 2), thickness=0.2, material="stud", openings=openings)
    return draw(Plan(sheet=SHEET, walls=(wall,), rooms=()), 50)


def _ink(image: Image.Image, box: tuple[int, int, int, int]) -> bool:
    return min(image.crop(box).tobytes()) < 200


def test_an_opening_interrupts_its_wall_and_nothing_else() -> None:
    image = _wall_with(Opening(at=1, width=1))
    assert not _ink(image, (102, 148, 148, 152)), "the passage is open in its middle"
    assert image.getpixel((80, 150)) == image.getpixel((170, 150)) == 20, "the wall goes on at both sides"


@pytest.mark.parametrize(("side", "above"), [("left", True), ("right", False)])
def test_a_door_swings_to_its_side_of_the_wall(side: Literal["left", "right"], above: bool) -> None:
    image = _wall_with(Door(at=1, width=1, side=side))
    assert _ink(image, (90, 90, 160, 140)) is above
    assert _ink(image, (90, 160, 160, 210)) is not above


@pytest.mark.parametrize(("hinge", "leaf_x"), [("start", 101), ("end", 149)])
def test_a_door_hangs_on_the_jamb_of_its_hinge(hinge: Literal["start", "end"], leaf_x: int) -> None:
    image = _wall_with(Door(at=1, width=1, hinge=hinge))
    far = 100 if leaf_x > 125 else 140
    assert _ink(image, (leaf_x - 3, 110, leaf_x + 3, 114)), "the leaf stands at its hinge"
    assert not _ink(image, (far, 95, far + 8, 99)), "and there is no leaf at the other jamb"


def test_a_window_shows_two_panes_between_the_faces_of_the_wall() -> None:
    image = _wall_with(Window(at=1, width=2))
    column = list(image.crop((150, 143, 151, 157)).tobytes())
    dark = [value < 160 for value in column]
    strokes = sum(now and not before for before, now in zip([False, *dark], dark, strict=False))
    assert strokes in (3, 4), f"two faces and the panes between them, not {column}"


def test_a_partition_ends_at_the_face_of_the_masonry_it_meets() -> None:
    masonry = Wall(start=(0, 0), end=(4, 0), thickness=0.4)
    stud = Wall(start=(2, 0), end=(2, 3), thickness=0.1, material="stud")
    together = draw(Plan(sheet=SHEET, walls=(masonry, stud), rooms=()), 50)
    alone = draw(Plan(sheet=SHEET, walls=(masonry,), rooms=()), 50)
    inside = (50, 41, 250, 59)
    assert together.crop(inside).tobytes() == alone.crop(inside).tobytes()


@pytest.mark.parametrize("kind", sorted(SYMBOLS))
@pytest.mark.parametrize("back", ["north", "east", "south", "west"])
def test_a_symbol_stays_within_its_box_whatever_side_its_back_is_on(kind: str, back: Side) -> None:
    piece = Furniture(kind=kind, x=2, y=1, width=1.8, height=1.8, back=back)
    points = [point for shape in shapes(piece) for point in shape.points]
    margin = 1e-9
    assert min(x for x, _ in points) >= 2 - margin
    assert max(x for x, _ in points) <= 3.8 + margin
    assert min(y for _, y in points) >= 1 - margin
    assert max(y for _, y in points) <= 2.8 + margin


def test_a_toilet_has_its_cistern_at_its_back() -> None:
    backs: dict[Side, tuple[float, float]] = {"north": (0.5, 0), "south": (0.5, 1), "west": (0, 0.5), "east": (1, 0.5)}
    for back, (x, y) in backs.items():
        cistern = next(shapes(Furniture(kind="toilet", x=0, y=0, width=1, height=1, back=back))).points
        middle = sum(u for u, _ in cistern) / len(cistern), sum(v for _, v in cistern) / len(cistern)
        assert middle == pytest.approx((x, y), abs=0.1), back


def test_unknown_furniture_is_refused_with_what_there_is() -> None:
    plan = Plan(sheet=SHEET, walls=(), rooms=(), furniture=(Furniture(kind="piano", x=0, y=0, width=1, height=1),))
    with pytest.raises(BlueprintError, match="furniture 'piano': is unknown: use one of armchair, basin"):
        draw(plan, 50)


def test_a_name_that_the_font_cannot_draw_is_refused() -> None:
    room = Room(name="Séjour", outline=((0, 0), (3, 0), (3, 3), (0, 3)), label=(1.5, 1.5))
    with pytest.raises(BlueprintError, match="cannot draw 'é'"):
        draw(Plan(sheet=SHEET, walls=(), rooms=(room,)), 50)


def test_a_plan_without_title_is_drawn_without_a_frame() -> None:
    empty = draw(Plan(sheet=SHEET, walls=(), rooms=()), 50)
    assert ImageChops.invert(empty).getbbox() is None
