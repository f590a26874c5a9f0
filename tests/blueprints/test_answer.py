"""Rooms are read in the API's shape and nothing else, and a plan's truth is written in it."""

import json
from pathlib import Path
from typing import Any

import pytest

from blueprints import answer, sample
from blueprints.errors import BlueprintError

ROOM: dict[str, Any] = {
    "id": "room_1",
    "bounding_box": [0, 100, 500, 1000],
    "confidence": 0.9,
    "name_hint": "Upper left",
}


def test_a_room_of_the_api_has_its_box_as_fractions() -> None:
    (room,) = answer.parse_rooms([ROOM])
    assert room.box == (0.0, 0.1, 0.5, 1.0)
    assert (room.id, room.confidence, room.name_hint) == ("room_1", 0.9, "Upper left")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"bounding_box": None}, "room 1 (room_1): bounding_box None"),
        ({"bounding_box": [0, 0, 1]}, "bounding_box [0, 0, 1]"),
        ({"bounding_box": [0, 0, 1001, 10]}, "integers from 0 to 1000"),
        ({"bounding_box": [-1, 0, 10, 10]}, "integers from 0 to 1000"),
        ({"bounding_box": [10, 0, 10, 10]}, "integers from 0 to 1000"),
        ({"bounding_box": [0.1, 0.1, 0.5, 0.5]}, "integers from 0 to 1000"),
        ({"bounding_box": "abcd"}, "bounding_box 'abcd'"),
        ({"confidence": 1.5}, "confidence 1.5: must be a number from 0 to 1"),
        ({"confidence": True}, "confidence True"),
        ({"confidence": float("nan")}, "confidence nan"),
        ({"id": 7}, "id 7"),
        ({"name_hint": None}, "name_hint None"),
    ],
)
def test_a_room_in_another_shape_is_refused_with_its_value(change: dict[str, Any], message: str) -> None:
    with pytest.raises(BlueprintError) as refused:
        answer.parse_rooms([ROOM | change])
    assert message in str(refused.value)


def test_a_file_with_an_answer_gives_its_rooms(tmp_path: Path) -> None:
    path = tmp_path / "plan.rooms.json"
    path.write_text(json.dumps({"blueprint_id": "x", "detected_rooms": [ROOM, ROOM | {"id": "room_2"}]}))
    assert [room.id for room in answer.read(path)] == ["room_1", "room_2"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is not JSON"),
        ("[]", 'has no list "detected_rooms"'),
        ('{"detected_rooms": {}}', 'has no list "detected_rooms"'),
        ('{"detected_rooms": [5]}', "room 1: is 5"),
    ],
)
def test_a_file_without_an_answer_is_refused_by_name(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "plan.rooms.json"
    path.write_text(text)
    with pytest.raises(BlueprintError) as refused:
        answer.read(path)
    assert str(refused.value).startswith(f"{path}: ")
    assert message in str(refused.value)


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(BlueprintError, match=r"gone\.rooms\.json: cannot be read: No such file"):
        answer.read(tmp_path / "gone.rooms.json")


def test_a_plans_truth_reads_back_as_its_rooms_to_a_thousandth() -> None:
    rooms = answer.parse_rooms(answer.truth(sample.rooms())["detected_rooms"])
    assert [room.name_hint for room in rooms] == [name for name, _ in sample.rooms()]
    for room, (_, box) in zip(rooms, sample.rooms(), strict=True):
        assert room.box == pytest.approx(box, abs=0.0005)


def test_the_box_of_a_tiny_room_at_the_border_is_never_empty() -> None:
    truth = answer.truth([("Shaft", (0.9999, 0.9999, 1.0, 1.0))])
    (room,) = answer.parse_rooms(truth["detected_rooms"])
    assert room.bounding_box == (999, 999, 1000, 1000)
