"""Rooms in the format of the API's answers, and files that hold them.

A room is `{"id", "bounding_box": [x_min, y_min, x_max, y_max], "confidence", "name_hint"}`, its box in whole
thousandths of the upright image's width and height. A file holds `{"detected_rooms": [...]}`, like an answer of
`POST /process`. A plan's true rooms are written the same way, with their real names and a confidence of 1.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

from blueprints.errors import BlueprintError
from blueprints.geometry import Box

SUFFIX = ".rooms.json"
FULL_SCALE = 1000


@dataclass(frozen=True, kw_only=True)
class DetectedRoom:
    """`bounding_box` in thousandths, `confidence` 0..1."""

    id: str
    bounding_box: tuple[int, int, int, int]
    confidence: float
    name_hint: str

    @property
    def box(self) -> Box:
        """The bounding box as fractions 0..1."""
        x0, y0, x1, y1 = self.bounding_box
        return x0 / FULL_SCALE, y0 / FULL_SCALE, x1 / FULL_SCALE, y1 / FULL_SCALE


def parse_rooms(rooms: Sequence[Mapping[str, Any]]) -> list[DetectedRoom]:
    """The API's rooms, checked; BlueprintError names the first that is malformed. A missing hint is ""."""
    return [_parse_room(index, room) for index, room in enumerate(rooms)]


def read(path: Path) -> list[DetectedRoom]:
    """The rooms in an answer file; BlueprintError names the file and what is wrong with it."""
    try:
        answer = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BlueprintError(f"{path}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise BlueprintError(f"{path}: is not JSON: {error}") from error
    rooms = answer.get("detected_rooms") if isinstance(answer, dict) else None
    if not isinstance(rooms, list):
        raise BlueprintError(f'{path}: has no list "detected_rooms": give an answer of POST /process')
    try:
        return parse_rooms(rooms)
    except BlueprintError as error:
        raise BlueprintError(f"{path}: {error}") from error


def truth(rooms: Iterable[tuple[str, Box]]) -> dict[str, Any]:
    """A plan's true rooms (names and boxes 0..1, in order) as an answer that found all of them."""
    return {
        "detected_rooms": [
            {"id": f"room_{number}", "bounding_box": list(thousandths(box)), "confidence": 1.0, "name_hint": name}
            for number, (name, box) in enumerate(rooms, start=1)
        ]
    }


def thousandths(box: Box) -> tuple[int, int, int, int]:
    """Fractions in thousandths, rounded as the API does: to the nearest, and never to an empty box."""
    x0, y0, x1, y1 = (round(value * FULL_SCALE) for value in box)
    x0, y0 = min(x0, FULL_SCALE - 1), min(y0, FULL_SCALE - 1)
    return x0, y0, max(x1, x0 + 1), max(y1, y0 + 1)


def _parse_room(index: int, room: object) -> DetectedRoom:
    where = f"room {index + 1}"
    if not isinstance(room, Mapping):
        raise BlueprintError(f"{where}: is {room!r}: must be an object with id, bounding_box and confidence")
    identifier, hint = room.get("id"), room.get("name_hint", "")
    if not isinstance(identifier, str) or not isinstance(hint, str):
        raise BlueprintError(f"{where}: id {identifier!r} and name_hint {hint!r} must be strings")
    box, confidence = room.get("bounding_box"), room.get("confidence")
    if not _is_box(box):
        raise BlueprintError(
            f"{where} ({identifier}): bounding_box {box!r}: must be [x_min, y_min, x_max, y_max],"
            f" integers from 0 to {FULL_SCALE} with x_min < x_max and y_min < y_max"
        )
    if isinstance(confidence, bool) or not isinstance(confidence, int | float) or not 0 <= confidence <= 1:
        raise BlueprintError(f"{where} ({identifier}): confidence {confidence!r}: must be a number from 0 to 1")
    x0, y0, x1, y1 = box
    return DetectedRoom(id=identifier, bounding_box=(x0, y0, x1, y1), confidence=float(confidence), name_hint=hint)


def _is_box(box: object) -> TypeGuard[Sequence[int]]:
    return (
        isinstance(box, Sequence)
        and len(box) == 4
        and all(isinstance(value, int) and not isinstance(value, bool) for value in box)
        and 0 <= box[0] < box[2] <= FULL_SCALE
        and 0 <= box[1] < box[3] <= FULL_SCALE
    )
