"""Every plan has a picture of its own, below the results' folder, whatever its name."""

import json

import pytest

from bulk.errors import PlanError
from bulk.results import parse_answer, picture_path
from tests.bulk.account import ANSWER, ROOM

LONG = "x" * 250


def test_a_picture_has_the_folder_and_the_full_name_of_its_plan() -> None:
    assert picture_path("floor 1/plan.png").as_posix() == "pictures/floor 1/plan.png.rooms.png"


@pytest.mark.parametrize(
    ("one", "other"),
    [("plan.png", "plan.jpg"), (f"{LONG}1.png", f"{LONG}2.png"), ("a//b.png", "a/b.png"), ("a", "a/a")],
)
def test_two_plans_have_two_pictures(one: str, other: str) -> None:
    assert picture_path(one) != picture_path(other)


@pytest.mark.parametrize("name", [f"{LONG}.png", f"{LONG}/{LONG}/a.png", "ü" * 127 + ".png", "/a.png", "a//b.png"])
def test_a_picture_is_a_file_that_can_be_written_below_the_results(name: str) -> None:
    path = picture_path(name)
    assert path.parts[0] == "pictures"
    assert not path.is_absolute()
    assert all(0 < len(part.encode()) <= 255 and part not in (".", "..") for part in path.parts)
    assert path.name.endswith(".rooms.png")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        json.dumps({**ANSWER, "image": None}).encode(),
        json.dumps({**ANSWER, "rooms": [{**ROOM, "bounding_box": [0, 0, 0, 0]}]}).encode(),
        json.dumps({**ANSWER, "rooms": [{**ROOM, "confidence": "high"}]}).encode(),
    ],
)
def test_an_invalid_answer_is_an_error_of_the_detector(answer: bytes) -> None:
    with pytest.raises(PlanError) as refused:
        parse_answer(answer)
    assert refused.value.code == "detector_error"
