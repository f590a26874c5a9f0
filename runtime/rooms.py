"""Rooms as the detector returns them, and what the API adds: the only place that reads a detector's answer."""

import json
import math
from typing import Any, TypedDict

from runtime.errors import DetectorError
from runtime.name_hint import generate_name_hint
from runtime.payloads import Room

COORDINATE_MAX = 1000

# Keeps a record far below DynamoDB's limit of 400 KB: a room takes about 150 bytes.
MAX_ROOMS = 1000


class DetectedRoom(TypedDict):
    """A room without its name hint; the fields are `Room`'s in `payloads.py`.

    A new field that is a fraction is also converted in `_findings` of `stores/blueprint_records.py`.
    """

    id: str
    bounding_box: list[int]
    confidence: float


def read_rooms(answer: bytes) -> list[DetectedRoom]:
    """The rooms of a detector's answer, in its order (descending confidence). Raises DetectorError."""
    try:
        rooms = json.loads(answer)["rooms"]
        if not isinstance(rooms, list):
            raise TypeError("rooms is not a list")
        if len(rooms) > MAX_ROOMS:
            raise ValueError(f"{len(rooms)} rooms, {MAX_ROOMS} are allowed")
        return [
            {
                "id": _id(room["id"]),
                "bounding_box": _bounding_box(room["bounding_box"]),
                "confidence": _confidence(room["confidence"]),
            }
            for room in rooms
        ]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise DetectorError("The detector's answer is not a valid list of rooms: try again later.") from error


def with_name_hints(rooms: list[DetectedRoom], plan_width: int, plan_height: int) -> list[Room]:
    """The API's rooms, with name hints for a plan of this size in pixels; only the ratio of its sides matters."""
    return [{**room, "name_hint": generate_name_hint(room["bounding_box"], plan_width, plan_height)} for room in rooms]


def _id(identifier: Any) -> str:
    if not isinstance(identifier, str):
        raise TypeError("an id is not a string")
    return identifier


def _bounding_box(box: Any) -> list[int]:
    if not (isinstance(box, list) and len(box) == 4 and all(type(edge) is int for edge in box)):
        raise TypeError("a bounding box is not a list of 4 integers")
    x_min, y_min, x_max, y_max = box
    if not (0 <= x_min < x_max <= COORDINATE_MAX and 0 <= y_min < y_max <= COORDINATE_MAX):
        raise ValueError(f"bounding box {box} is not within 0..{COORDINATE_MAX} with min < max")
    return box


def _confidence(confidence: Any) -> float:
    if isinstance(confidence, bool) or not isinstance(confidence, int | float):
        raise TypeError("a confidence is not a number")
    if not (math.isfinite(confidence) and 0 <= confidence <= 1):
        raise ValueError(f"confidence {confidence} is not within 0..1")
    return float(confidence)
