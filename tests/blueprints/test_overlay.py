"""Every room is marked on a copy of its plan, and nothing leaves the picture."""

from itertools import combinations, pairwise
from typing import Any

import pytest
from PIL import Image, ImageChops

from blueprints.errors import BlueprintError
from blueprints.overlay import colour, draw_rooms, enlarged, text_colour


def _room(number: int, box: list[int], hint: str = "Upper left, small, narrow") -> dict[str, Any]:
    return {"id": f"room_{number}", "bounding_box": box, "confidence": 0.9, "name_hint": hint}


def _white(width: int = 600, height: int = 400) -> Image.Image:
    return Image.new("RGB", (width, height), "white")


def _contrast(a: tuple[int, int, int], b: tuple[int, int, int]) -> float:
    """WCAG 2.1's contrast ratio."""

    def luminance(colour: tuple[int, int, int]) -> float:
        parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (value / 255 for value in colour)]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _pixels_near(wanted: tuple[int, int, int], image: Image.Image) -> int:
    """How many pixels have a colour or nearly so: the outline and the label, not the tint, of a room."""
    difference = ImageChops.difference(image, Image.new("RGB", image.size, wanted))
    channels = [channel.point([255 if value < 30 else 0 for value in range(256)]) for channel in difference.split()]
    both = ImageChops.darker(ImageChops.darker(channels[0], channels[1]), channels[2])
    return both.histogram()[255]


def test_the_plan_given_stays_as_it_is() -> None:
    plan = _white()
    marked = draw_rooms(plan, [_room(1, [0, 0, 1000, 1000])])
    assert plan.tobytes() == _white().tobytes()
    assert (marked.mode, marked.size) == ("RGB", plan.size)


def test_every_room_has_an_outline_of_its_own_colour_on_its_box() -> None:
    rooms = [_room(1, [100, 100, 400, 900]), _room(2, [500, 100, 900, 900])]
    marked = draw_rooms(_white(1000, 1000), rooms)
    for index, room in enumerate(rooms):
        x0, y0, x1, y1 = room["bounding_box"]
        middle = (y0 + y1) // 2
        assert marked.getpixel((x0, middle)) == colour(index)
        assert marked.getpixel((x1 - 1, middle)) == colour(index)
        assert marked.getpixel(((x0 + x1) // 2, y1 - 1)) == colour(index)
        assert marked.getpixel((x0 - 1, middle)) == (255, 255, 255), "nothing is drawn outside"


def test_a_small_room_inside_the_box_of_a_large_one_stays_visible() -> None:
    marked = draw_rooms(_white(1000, 1000), [_room(1, [600, 600, 700, 700]), _room(2, [0, 0, 1000, 1000])])
    assert marked.getpixel((650, 699)) == colour(0)


def test_the_plan_shows_through_a_marked_room() -> None:
    plan = _white(1000, 1000)
    plan.paste("black", (500, 500, 520, 520))
    marked = draw_rooms(plan, [_room(1, [0, 0, 1000, 1000])])
    on_ink, on_paper = marked.getpixel((510, 510)), marked.getpixel((700, 700))
    assert isinstance(on_ink, tuple)
    assert isinstance(on_paper, tuple)
    assert sum(on_paper) - sum(on_ink) > 500


def test_no_rooms_leave_the_plan_unmarked() -> None:
    assert draw_rooms(_white(), []).tobytes() == _white().tobytes()


@pytest.mark.parametrize("box", [[0, 0, 40, 40], [960, 0, 1000, 40], [0, 960, 40, 1000], [960, 960, 1000, 1000]])
def test_the_label_of_a_room_in_a_corner_stays_whole_in_the_picture(box: list[int]) -> None:
    middle = draw_rooms(_white(), [_room(1, [480, 480, 520, 520])])
    corner = draw_rooms(_white(), [_room(1, box)])
    assert _pixels_near(colour(0), corner) == pytest.approx(_pixels_near(colour(0), middle), rel=0.1)


@pytest.mark.parametrize("size", [(1, 1), (8, 300), (300, 8), (40, 40)])
def test_a_picture_smaller_than_its_labels_is_still_marked(size: tuple[int, int]) -> None:
    marked = draw_rooms(_white(*size), [_room(1, [0, 0, 1000, 1000]), _room(2, [999, 999, 1000, 1000])])
    assert marked.size == size
    assert marked.tobytes() != _white(*size).tobytes()


def test_labels_of_overlapping_rooms_do_not_hide_each_other() -> None:
    rooms = [_room(number, [300, 300, 700, 700]) for number in range(1, 4)]
    marked = draw_rooms(_white(1000, 1000), rooms)
    for index, room in enumerate(rooms):
        # Only the topmost outline of three is seen, so what a colour covers besides is its label.
        alone = _pixels_near(colour(index), draw_rooms(_white(1000, 1000), [room]))
        outline = 4 * 400 * 2
        assert _pixels_near(colour(index), marked) >= (alone - outline) * 0.9, (
            f"the label of room {index + 1} is hidden"
        )


def test_a_room_too_small_for_its_hint_shows_the_plan_instead() -> None:
    small = [480, 480, 520, 520]
    marked = draw_rooms(_white(1000, 1000), [_room(1, small, "Upper left, small, narrow")])
    assert marked.tobytes() == draw_rooms(_white(1000, 1000), [_room(1, small, "Center")]).tobytes()


@pytest.mark.parametrize(
    ("size", "larger"), [((640, 320), (1600, 800)), ((100, 400), (400, 1600)), ((2000, 900), (2000, 900))]
)
def test_a_small_plan_is_enlarged_for_its_labels(size: tuple[int, int], larger: tuple[int, int]) -> None:
    assert enlarged(_white(*size)).size == larger


def test_a_hint_that_the_font_cannot_draw_is_still_marked() -> None:
    marked = draw_rooms(_white(), [_room(1, [0, 0, 500, 500], "Küche\n東")])
    assert marked.tobytes() == draw_rooms(_white(), [_room(1, [0, 0, 500, 500], "K?che??")]).tobytes()


def test_a_room_without_a_hint_has_a_label() -> None:
    room = _room(1, [100, 100, 900, 900])
    del room["name_hint"]
    assert draw_rooms(_white(), [room]).tobytes() == draw_rooms(_white(), [room | {"name_hint": ""}]).tobytes()


def test_colours_of_neighbours_in_the_list_differ_and_no_two_of_forty_are_equal() -> None:
    colours = [colour(index) for index in range(40)]
    assert len(set(colours)) == 40
    for a, b in [*pairwise(colours), *combinations(colours[:10], 2)]:
        assert sum(abs(x - y) for x, y in zip(a, b, strict=True)) > 60


def test_text_stands_out_from_every_label() -> None:
    for index in range(40):
        assert _contrast(colour(index), text_colour(colour(index))) >= 4.5


def test_a_room_in_another_shape_is_refused() -> None:
    with pytest.raises(BlueprintError, match=r"room 1 \(room_1\): bounding_box"):
        draw_rooms(_white(), [_room(1, [0, 0, 2000, 10])])
