"""The shipped sample is what the code draws, its truth is exact, and the detector finds the rooms of its schedule."""

import io
import json

import numpy as np
import pytest
from PIL import Image, ImageChops
from scipy import ndimage

from blueprints import answer, sample
from blueprints.geometry import Box
from blueprints.lettering import undrawable
from blueprints.rendering.drawing_style import DrawingStyle
from blueprints.rendering.layout_drawing import LayoutDrawing
from blueprints.rendering.surface import Surface
from blueprints.scoring.matching import iou
from images.inference.detector import Detector
from images.inference.settings import read_settings
from tests.images.inference.server_process import WEIGHTS

pytestmark = pytest.mark.whole


def test_drawing_the_sample_again_gives_the_shipped_pixels() -> None:
    with Image.open(sample.PICTURE) as shipped:
        shipped.load()
    assert shipped.mode == "L"
    assert sample.draw().tobytes() == shipped.tobytes(), "run `python -m blueprints draw` and commit its two files"


def test_the_shipped_truth_is_that_of_the_drawing() -> None:
    shipped = json.loads(sample.PICTURE.with_name("sample.rooms.json").read_text(encoding="utf-8"))
    assert shipped == answer.truth(sample.rooms())


def test_the_shipped_picture_is_a_handy_file() -> None:
    assert sample.PICTURE.stat().st_size < 200_000
    with Image.open(sample.PICTURE) as shipped:
        assert 1600 <= max(shipped.size) <= 2000


def test_the_sample_has_an_l_shaped_room_and_each_kind_of_space() -> None:
    assert [room.name for room in sample.ROOMS if len(room.boxes) > 1] == ["Living room"]
    names = {room.name for room in sample.ROOMS}
    assert {"Kitchen", "Hall", "Bath", "WC", "Storage", "Balcony"} < names
    assert len(names) == len(sample.ROOMS) == 11


@pytest.fixture(scope="module", params=["float32", "int8"])
def detector(request: pytest.FixtureRequest) -> Detector:
    return Detector(read_settings({"MODEL_PATH": str(WEIGHTS), "PRECISION": request.param}), cores=1)


@pytest.mark.parametrize("encoding", ["shipped", "JPEG", "half"])
def test_the_detector_finds_each_room_of_the_schedule_and_no_other(detector: Detector, encoding: str) -> None:
    """A difference between the answer's rooms and the sheet's own list is the first thing that a reader would see."""
    content = sample.PICTURE.read_bytes()
    if encoding != "shipped":
        changed = io.BytesIO()
        with Image.open(sample.PICTURE) as picture:
            if encoding == "half":
                picture.resize((picture.width // 2, picture.height // 2)).save(changed, "PNG")
            else:
                picture.convert("RGB").save(changed, "JPEG", quality=75)
        content = changed.getvalue()
    found = [answer.parse_rooms([{**room, "name_hint": ""}])[0] for room in detector.detect(content)["rooms"]]
    assert len(found) == len(sample.ROOMS)
    for name, box in sample.rooms():
        assert max(iou(box, room.box) for room in found) > 0.9, name
    assert min(room.confidence for room in found) > 0.8


def _walls() -> Image.Image:
    """The walls alone, all openings closed."""
    style = DrawingStyle(family="schematic")
    surface = Surface(sample.SHEET_PX, style.paper, sample.RESOLUTION)
    LayoutDrawing(surface=surface, style=style, placed=sample.floor()).walls()
    return surface.finish().convert("L")


def test_the_free_floor_of_a_room_fills_exactly_its_box() -> None:
    drawn = np.asarray(_walls())
    areas = np.zeros(drawn.shape, np.int32)
    # Anti-aliased border pixels belong to the walls.
    ndimage.label(drawn > 250, output=areas)
    found = ndimage.find_objects(areas)
    height, width = drawn.shape
    for room, (name, box) in zip(sample.ROOMS, sample.rooms(), strict=True):
        x, y = (round(value * sample.RESOLUTION) for value in sample.on_sheet(*room.label))
        rows, columns = found[areas[y, x] - 1]
        reached = columns.start, rows.start, columns.stop, rows.stop
        expected = box[0] * width, box[1] * height, box[2] * width, box[3] * height
        assert reached == pytest.approx(expected, abs=1.5), f"{name}: the floor drawn is not the room's box"


def test_the_schedule_gives_the_areas_that_are_drawn() -> None:
    layout = sample.floor().layout
    drawn = sorted(room.area * sample.GRID_M**2 for room in layout.rooms)
    assert drawn == pytest.approx(sorted(room.area for room in sample.ROOMS))


def test_an_opening_goes_through_a_wall_and_joins_two_spaces() -> None:
    for opening in sample.OPENINGS:
        assert any(_within(opening.box, box) for box in sample.BUILDING), opening
        assert not any(_meet(opening.box, box) for room in sample.ROOMS for box in room.boxes), opening
    for hole in sample.holes():
        assert hole.before != hole.after, hole


def test_every_room_can_be_entered() -> None:
    doors = [hole for hole in sample.holes() if hole.use != "window"]
    reached = {0}
    for _ in doors:
        for hole in doors:
            if {hole.before, hole.after} & reached:
                reached |= {hole.before, hole.after}
    assert reached == set(range(len(sample.ROOMS) + 1))


def test_names_and_areas_stand_inside_their_rooms() -> None:
    for room in sample.ROOMS:
        x, y = room.label
        height = room.capital * 1.7
        assert any(x0 < x < x1 and y0 + height < y < y1 - height for x0, y0, x1, y1 in room.boxes), room.name


def test_no_furniture_stands_in_a_wall() -> None:
    boxes = [box for room in sample.ROOMS for box in room.boxes]
    for piece in sample.FURNITURE:
        body = piece.x, piece.y, piece.x + piece.width, piece.y + piece.height
        assert any(_within(body, box) for box in boxes), f"{piece.kind} at {piece.x}, {piece.y} stands in a wall"


def test_the_embedded_font_can_draw_every_text_of_the_sample() -> None:
    texts = [room.name for room in sample.ROOMS] + list(sample.NOTES)
    texts += [text for row in sample.TITLE for cell in row for text in cell]
    assert [text for text in texts if undrawable(text)] == []


def test_nothing_is_cut_off_at_the_edge_of_the_sheet() -> None:
    with Image.open(sample.PICTURE) as picture:
        ink = ImageChops.invert(picture).getbbox()
        assert ink is not None
        margin = (sample.MARGIN - 1) * sample.RESOLUTION
        assert min(ink[0], ink[1], picture.width - ink[2], picture.height - ink[3]) >= margin


def _within(inner: Box, outer: Box) -> bool:
    return inner[0] >= outer[0] and inner[1] >= outer[1] and inner[2] <= outer[2] and inner[3] <= outer[3]


def _meet(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
