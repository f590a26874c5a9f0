"""The shipped sample is what the code draws, its truth is exact, and every room can be told on it."""

import json

from PIL import Image, ImageChops

from blueprints import answer, sample
from blueprints.draw import draw
from blueprints.lettering import undrawable
from blueprints.sample import SAMPLE


def test_drawing_the_sample_again_gives_the_shipped_pixels() -> None:
    with Image.open(sample.PICTURE) as shipped:
        shipped.load()
    assert shipped.mode == "L"
    drawn = draw(SAMPLE, sample.PIXELS_PER_METRE)
    assert drawn.tobytes() == shipped.tobytes(), "run `python -m blueprints draw` and commit its two files"


def test_the_shipped_truth_is_that_of_the_model() -> None:
    shipped = json.loads(sample.PICTURE.with_name("sample.rooms.json").read_text(encoding="utf-8"))
    assert shipped == answer.truth(SAMPLE)


def test_the_shipped_picture_is_a_handy_file() -> None:
    assert sample.PICTURE.stat().st_size < 200_000
    with Image.open(sample.PICTURE) as shipped:
        assert 1600 <= max(shipped.size) <= 2000


def test_the_sample_has_an_l_shaped_room_and_each_kind_of_space() -> None:
    assert [room.name for room in SAMPLE.rooms if len(room.outline) > 4] == ["Kitchen / Living"]
    names = {room.name for room in SAMPLE.rooms}
    assert {"Hall", "Bath", "WC", "Storage", "Balcony"} < names
    assert len(names) == len(SAMPLE.rooms) == 10


def test_names_and_areas_stand_inside_their_rooms() -> None:
    for room in SAMPLE.rooms:
        x0, y0, x1, y1 = room.box
        x, y = room.label
        assert x0 < x < x1, room.name
        assert y0 + room.text_height < y < y1 - room.text_height, room.name


def test_no_furniture_stands_in_a_wall() -> None:
    for piece in SAMPLE.furniture:
        right, bottom = piece.x + piece.width, piece.y + piece.height
        homes = [
            room.name
            for room in SAMPLE.rooms
            if room.box[0] <= piece.x and room.box[1] <= piece.y and right <= room.box[2] and bottom <= room.box[3]
        ]
        assert homes, f"{piece.kind} at {piece.x}, {piece.y} stands in a wall"


def test_the_embedded_font_can_draw_every_text_of_the_sample() -> None:
    assert SAMPLE.title is not None
    texts = [room.name for room in SAMPLE.rooms] + [SAMPLE.title.project, SAMPLE.title.drawing, *SAMPLE.title.notes]
    assert [text for text in texts if undrawable(text)] == []


def test_nothing_is_cut_off_at_the_edge_of_the_sheet() -> None:
    picture = draw(SAMPLE, 40)
    ink = ImageChops.invert(picture).getbbox()
    assert ink is not None
    margin = SAMPLE.sheet.margin * 40 - 2
    assert min(ink[0], ink[1], picture.width - ink[2], picture.height - ink[3]) >= margin
