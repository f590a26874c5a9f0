"""Points and transforms mean what SVG 1.1 says they mean."""

import pytest

from blueprints.datasets import svg


@pytest.mark.parametrize("text", ["1,2 3,4", "1 2 3 4", " 1, 2\n3 ,4 ", "1e0,2.0 3,+4"])
def test_points_are_pairs_whatever_separates_them(text: str) -> None:
    assert svg.points(text) == [(1, 2), (3, 4)]


@pytest.mark.parametrize("text", ["1,2 3", "1,two", "1;2"])
def test_anything_but_pairs_of_numbers_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"must be pairs|could not convert"):
        svg.points(text)


@pytest.mark.parametrize(
    ("text", "moved"),
    [
        ("", (3, 4)),
        ("translate(10)", (13, 4)),
        ("translate(10,20)", (13, 24)),
        ("scale(2)", (6, 8)),
        ("scale(2 3)", (6, 12)),
        ("rotate(90)", (-4, 3)),
        ("rotate(180, 5, 5)", (7, 6)),
        ("matrix(1 2 3 4 5 6)", (20, 28)),
        ("skewX(45)", (7, 4)),
        ("skewY(45)", (3, 7)),
        ("translate(10,0) scale(2)", (16, 8)),
        ("scale(2), translate(10,0)", (26, 8)),
    ],
)
def test_a_transform_moves_a_point(text: str, moved: tuple[float, float]) -> None:
    assert svg.moved((3, 4), svg.transform(text)) == pytest.approx(moved)


@pytest.mark.parametrize("text", ["translate", "turn(90)", "rotate()", "rotate(1,2)", "scale(x)", "matrix(1,2)"])
def test_a_text_that_is_not_a_transform_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"transform|could not convert"):
        svg.transform(text)
