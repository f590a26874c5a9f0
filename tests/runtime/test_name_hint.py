"""The rule of the name hints."""

import pytest

from runtime.name_hint import generate_name_hint


@pytest.mark.parametrize(
    ("x", "y", "position"),
    [
        (166, 166, "Upper left"),
        (500, 166, "Upper center"),
        (833, 166, "Upper right"),
        (166, 500, "Middle left"),
        (500, 500, "Center"),
        (833, 500, "Middle right"),
        (166, 833, "Lower left"),
        (500, 833, "Lower center"),
        (833, 833, "Lower right"),
    ],
)
def test_position_is_the_cell_of_the_boxs_center(x: int, y: int, position: str) -> None:
    assert generate_name_hint([x - 100, y - 100, x + 100, y + 100], 640, 640).split(", ")[0] == position


@pytest.mark.parametrize(
    ("x_min", "x_max", "position"), [(0, 666, "left"), (0, 667, "center"), (334, 999, "center"), (334, 1000, "right")]
)
def test_a_center_on_the_line_belongs_to_the_cell_after_it(x_min: int, x_max: int, position: str) -> None:
    assert generate_name_hint([x_min, 0, x_max, 100], 640, 640).split(", ")[0] == f"Upper {position}"


@pytest.mark.parametrize("box", [[0, 0, 1, 1], [999, 999, 1000, 1000], [0, 0, 1000, 1000], [0, 0, 1, 1000]])
def test_boxes_at_the_edges_have_hints_too(box: list[int]) -> None:
    assert len(generate_name_hint(box, 640, 1).split(", ")) == 3


@pytest.mark.parametrize(
    ("side", "size"), [(1, "small"), (122, "small"), (123, "medium"), (223, "medium"), (224, "large"), (1000, "large")]
)
def test_size_is_the_share_of_the_plan(side: int, size: str) -> None:
    assert generate_name_hint([0, 0, side, side], 640, 640).split(", ")[1] == size


@pytest.mark.parametrize(
    ("width", "height", "shape"),
    [
        (100, 100, "square"),
        (125, 100, "square"),
        (126, 100, "wide"),
        (199, 100, "wide"),
        (100, 126, "tall"),
        (100, 199, "tall"),
        (200, 100, "narrow"),
        (100, 200, "narrow"),
    ],
)
def test_shape_is_the_ratio_of_the_sides(width: int, height: int, shape: str) -> None:
    assert generate_name_hint([0, 0, width, height], 640, 640).split(", ")[2] == shape


def test_shape_is_measured_on_the_plan_and_not_on_thousandths() -> None:
    assert generate_name_hint([0, 0, 300, 300], 640, 320).endswith("narrow")
    assert generate_name_hint([0, 0, 150, 300], 640, 320).endswith("square")


def test_the_documents_example() -> None:
    assert generate_name_hint([50, 50, 100, 250], 640, 640) == "Upper left, small, narrow"
