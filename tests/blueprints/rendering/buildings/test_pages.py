"""Pages of buildings: outlines where the walls are, rooms apart from each other, the same page for a seed."""

import random
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from blueprints.rendering.buildings.building import FORMS, storey
from blueprints.rendering.buildings.cell import Cell
from blueprints.rendering.buildings.columns import COLUMN_FORMS, add_columns
from blueprints.rendering.buildings.frame import Frame
from blueprints.rendering.buildings.grey_sheet import GreySheet
from blueprints.rendering.buildings.ground_drawing import draw_grounds
from blueprints.rendering.buildings.logo import draw_logo
from blueprints.rendering.buildings.look import Placing, style
from blueprints.rendering.buildings.page import render_page
from blueprints.rendering.buildings.page_rooms import Page
from blueprints.rendering.buildings.piers import add_piers
from blueprints.rendering.buildings.programmes import PROGRAMMES
from blueprints.rendering.buildings.storey import Storey
from blueprints.rendering.buildings.storey_drawing import draw_storey
from blueprints.rendering.buildings.straight_wings import Branch, straight_wing
from blueprints.rendering.buildings.suites import clinic
from blueprints.rendering.buildings.zone_drawing import draw_captions, draw_zones
from blueprints.rendering.polygons import Points, extent, rectangle, signed_area

pytestmark = pytest.mark.whole

PIXELS_PER_METRE = 10
FINE = 20


def drawn(polygon: Points, size: tuple[int, int]) -> NDArray[np.bool_]:
    mask = Image.new("1", size)
    ImageDraw.Draw(mask).polygon(polygon.ravel().tolist(), fill=1)
    return np.asarray(mask)


def small_page(seed: int, *, worn: bool = False) -> Page:
    return render_page(seed, 0, worn=worn, longest_px=1200)


def plan(form: str, seed: int) -> Storey:
    rng = random.Random(f"{form}/{seed}")
    return storey(rng, rng.choice(list(PROGRAMMES.values())), form=form)


@pytest.mark.parametrize("form", FORMS)
def test_rooms_of_every_form_of_building_lie_within_its_walls_and_apart(form: str) -> None:
    for seed in range(2):
        s = plan(form, seed)
        assert len(s.rooms) >= 10
        every = np.concatenate([outer for outer, _ in s.walls])
        low, high = every.min(axis=0) - 3, every.max(axis=0) + 3
        width, height = ((high - low) * FINE).astype(int).tolist()
        walls = np.zeros((height, width), bool)
        for outer, _ in s.walls:
            walls |= drawn((outer - low) * FINE, (width, height))
        taken = np.zeros((height, width), np.uint8)
        for room in s.rooms:
            assert signed_area(room.outline) > 0, room.kind
            taken += drawn((room.outline - low) * FINE, (width, height))
        # Edges of neighbours may share a pixel where a partition is thin.
        assert np.count_nonzero(taken > 1) < 0.03 * np.count_nonzero(taken)
        assert np.count_nonzero((taken > 0) & ~walls) < 0.002 * np.count_nonzero(taken)


@pytest.mark.parametrize("form", FORMS)
def test_no_part_of_a_building_is_left_without_a_room(form: str) -> None:
    for seed in range(2):
        s = plan(form, seed)
        every = np.concatenate([outer for outer, _ in s.walls])
        low, high = every.min(axis=0), every.max(axis=0)
        size = tuple(((high - low) * PIXELS_PER_METRE).astype(int).tolist())
        left = np.zeros(size[::-1], bool)
        for outer, _ in s.walls:
            left |= drawn((outer - low) * PIXELS_PER_METRE, size)
        for room in s.rooms:
            left &= ~drawn((room.outline - low) * PIXELS_PER_METRE, size)
        # Walls are thinner than 1.3 m, but for a piece in a bend.
        solid = np.asarray(Image.fromarray(left).convert("L").reduce(4)) == 255
        wide = solid[1:-1, 1:-1] & solid[:-2, 1:-1] & solid[2:, 1:-1] & solid[1:-1, :-2] & solid[1:-1, 2:]
        assert np.count_nonzero(wide) * (4 / PIXELS_PER_METRE) ** 2 < 4.0


def test_a_page_is_the_same_for_the_same_seed_and_different_for_the_next() -> None:
    first, again, other = small_page(5), small_page(5), small_page(6)
    assert first.image.tobytes() == again.image.tobytes()
    assert [room.outline.tolist() for room in first.rooms] == [room.outline.tolist() for room in again.rooms]
    assert first.image.tobytes() != other.image.tobytes()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("worn", [False, True])
def test_outlines_are_clockwise_on_the_page_and_named_by_kind(seed: int, worn: bool) -> None:
    page = small_page(seed, worn=worn)
    assert page.image.mode == "L"
    assert len(page.rooms) > 5
    for room in page.rooms:
        assert signed_area(room.outline) > 0
        assert room.kind
        left, top, right, bottom = room.box
        assert min(left, top) >= -1
        assert right <= page.image.width + 1
        assert bottom <= page.image.height + 1


def test_there_is_more_ink_along_an_outline_than_inside_it() -> None:
    along, within = [], []
    for seed in range(3):
        page = render_page(seed, 1, worn=False, longest_px=2000)
        ink = 255 - np.asarray(page.image).astype(float)
        if np.median(ink) > 128:  # An inverted page.
            ink = 255 - ink
        for room in page.rooms:
            left, top, right, bottom = (int(value) for value in room.box)
            if len(room.outline) != 4 or min(right - left, bottom - top) < 40 or left < 4 or top < 4:
                continue
            side = ink[top - 3 : top + 2, left + 5 : right - 5]
            if side.size and abs(room.outline[0, 1] - room.outline[1, 1]) < 1:
                along.append(side.max(axis=0).mean())
                within.append(np.median(ink[top + 8 : bottom - 8, left + 8 : right - 8]))
    assert len(along) > 20
    assert np.median(along) > np.median(within) + 60


def test_pages_differ_in_kind_of_building_and_in_scale() -> None:
    pages = [small_page(seed) for seed in range(8)]
    assert len({page.building for page in pages}) >= 4
    shares = [
        abs(signed_area(room.outline)) / (page.image.width * page.image.height) for page in pages for room in page.rooms
    ]
    assert min(shares) < 0.0005
    assert max(shares) > 0.02


def hall(**fit: object) -> Storey:
    """A storey of one hall of 20 by 12 metres."""
    s = plan("straight", 1)
    s = Storey(rng=s.rng, habits=s.habits, fit=replace(s.fit, **fit), partition=0.15, facade=0.4)
    s.wing(Frame(), rectangle(-0.4, -0.4, 20.4, 12.4), rectangle(0, 0, 20, 12))
    s.box(Frame(), 0, 0, 20, 12, "lobby")
    return s


def drawing(s: Storey, **look: object) -> tuple[NDArray[np.uint8], list[Points]]:
    """The storey at 20 px per metre, 5 m from the corner of the sheet, without lettering."""
    bare = dict[str, object](
        dimensions=0, axes="none", marks=0.0, outer="double", inner="double", ink=0, ceiling=False, zones=0.0
    )
    bare |= {"floor_share": 0.0, "ghost": False, "captions": False, "dashed_edges": False, "wall_pen": 1.0}
    drawn_in = replace(style(random.Random(2), 600), **(bare | look))
    sheet = GreySheet((600, 440))
    quiet = random.Random(2)
    at = Placing(scale=20.0, angle=0.0, origin=(100.0, 100.0))
    for room in s.rooms:
        room.tagged = False
    outlines = draw_storey(sheet, s, at, drawn_in, quiet)
    return np.asarray(sheet.finish()), outlines


def test_a_pier_is_a_hollow_bump_of_the_outer_wall_and_no_room() -> None:
    s = hall(piers=5.0, pier_size=(2.0, 0.9))
    add_piers(s, Frame().moved(0, -0.4).mirrored_y(), 20)
    picture, outlines = drawing(s)
    assert len(outlines) == 1
    assert extent(outlines[0]) == (100, 100, 500, 340)
    # The second of four piers: from 5.7 to 7.7 m, 0.9 m beyond the face.
    above = picture[72:76, 233]
    assert above.min() < 100
    assert picture[80:90, 223:243].min() > 200


@pytest.mark.parametrize("form", sorted(set(COLUMN_FORMS)))
def test_columns_stand_in_a_room_and_leave_its_outline_as_it_is(form: str) -> None:
    s = hall(columns=form, column_side=0.6)
    add_columns(s, Frame(), 6.0, 20, 12)
    picture, outlines = drawing(s, column_grey=0)
    assert extent(outlines[0]) == (100, 100, 500, 340)
    # The column at (6.2, 6.2) m, and the floor between two columns.
    assert picture[214:234, 214:234].min() < 100
    assert picture[240:270, 240:270].min() > 200


def test_ground_beside_a_building_is_not_drawn_within_it() -> None:
    s = hall()
    straight_wing(s, PROGRAMMES["office"], Frame().moved(0, 30), 20, (5, 5), 2)
    s.walls, s.rooms = s.walls[:1], s.rooms[:1]
    look = style(random.Random(1), 600)
    for seed in range(4):
        sheet = GreySheet((600, 1200))
        draw_grounds(sheet, s, Placing(scale=20.0, angle=0.0, origin=(100.0, 100.0)), look, random.Random(seed))
        picture = np.asarray(sheet.finish())
        assert picture[100:340, 100:500].min() == 255
        assert picture.min() < 255


def test_the_zones_of_a_hall_and_large_marks_are_lettering_in_one_room() -> None:
    s = hall()
    outline = rectangle(100, 100, 500, 340)
    at, look = Placing(scale=20.0, angle=0.0, origin=(100.0, 100.0)), replace(style(random.Random(1), 2000), zones=1.0)
    for draw in (
        lambda sheet: draw_zones(sheet, s, [outline], at, look, random.Random(3)),
        lambda sheet: draw_captions(sheet, [outline], look, random.Random(3)),
    ):
        sheet = GreySheet((600, 440))
        draw(sheet)
        assert np.asarray(sheet.finish())[100:340, 100:500].min() < 128
    assert len(s.rooms) == 1


def test_rooms_on_both_sides_of_a_folding_wall_meet_at_its_dashes() -> None:
    s = hall(folding_walls=1.0, furnished=False)
    clinic(s, Cell(frame=Frame().moved(4, 2), width=4.0, depth=6.0, front=0.15, back=None))
    front, back = (extent(room.outline) for room in s.rooms[1:])
    assert front[3] == back[1]
    assert (front[0], front[2]) == (back[0], back[2])
    assert [dash for path, _, dash in s.under if dash and np.allclose(path[:, 1], front[3])] == [(0.3, 0.15)]


def test_the_corridor_of_a_branch_is_mostly_a_room_of_its_own() -> None:
    counts = []
    for seed in range(12):
        s = plan("straight", seed)
        s.rooms.clear()
        straight_wing(s, PROGRAMMES["office"], Frame(), 40, (5, 5), 2, branches=[Branch(x=20, upper=True, length=20)])
        corridors = [extent(room.outline) for room in s.rooms if room.kind == "corridor"]
        counts.append(any(box[3] - box[1] > 20 and box[2] - box[0] < 3 for box in corridors))
    assert 5 <= sum(counts) < 12


def test_halls_are_larger_than_what_other_buildings_have() -> None:
    areas = [signed_area(room.outline) for seed in range(3) for room in plan("halls", seed).rooms]
    assert max(areas) > 250


def test_a_logo_stays_within_its_cell() -> None:
    look = style(random.Random(1), 3000)
    for seed in range(12):
        sheet = GreySheet((400, 300))
        draw_logo(sheet, random.Random(seed), (100.0, 50.0, 300.0, 250.0), look)
        picture = np.asarray(sheet.finish())
        assert picture.min() < 128
        outside = picture.copy()
        outside[45:255, 95:305] = 255
        assert outside.min() == 255


def test_few_pages_are_of_rooms_at_an_angle() -> None:
    """Their boxes overlap. One real building in eight or so has them."""
    oblique = 0
    for seed in range(120):
        rng = random.Random(f"angle/{seed}")
        s = storey(rng, rng.choice(list(PROGRAMMES.values())))
        turns = np.degrees([room.angle for room in s.rooms]) % 90
        oblique += np.count_nonzero(np.minimum(turns, 90 - turns) > 5) > 0.3 * len(s.rooms)
    assert 4 <= oblique <= 30


def test_pages_are_drawn_with_only_numpy_and_pillow() -> None:
    """A machine that trains may have no more."""
    program = (
        "import sys\n"
        "from blueprints.rendering.buildings import samples\n"
        "from blueprints.rendering import dwelling_samples\n"
        "print(*sorted({name.split('.')[0] for name in sys.modules}))\n"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert {"scipy", "rich", "pydantic", "pulumi", "boto3", "cv2"}.isdisjoint(loaded.stdout.split())
