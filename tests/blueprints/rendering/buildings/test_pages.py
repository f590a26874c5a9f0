"""Pages of buildings: outlines where the walls are, rooms apart from each other, the same page for a seed."""

import random
import subprocess
import sys

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from blueprints.rendering.buildings.building import FORMS, storey
from blueprints.rendering.buildings.page import render_page
from blueprints.rendering.buildings.page_rooms import Page
from blueprints.rendering.buildings.programmes import PROGRAMMES
from blueprints.rendering.buildings.storey import Storey
from blueprints.rendering.polygons import Points, signed_area

pytestmark = pytest.mark.whole

PIXELS_PER_METRE = 10


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
        width, height = ((high - low) * PIXELS_PER_METRE).astype(int).tolist()
        walls = np.zeros((height, width), bool)
        for outer, _ in s.walls:
            walls |= drawn((outer - low) * PIXELS_PER_METRE, (width, height))
        taken = np.zeros((height, width), np.uint8)
        for room in s.rooms:
            assert signed_area(room.outline) > 0, room.kind
            taken += drawn((room.outline - low) * PIXELS_PER_METRE, (width, height))
        # Edges of neighbours may share a pixel.
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
