"""From detections to the rooms of the answer."""

from typing import TypedDict

import numpy as np


class Room(TypedDict):
    """One room: id `room_1`..., box [x_min, y_min, x_max, y_max] in thousandths of the image, confidence 0..1."""

    id: str
    bounding_box: list[int]
    confidence: float


def format_rooms(boxes: np.ndarray, confidences: np.ndarray) -> list[Room]:
    """Returns a room for each of `boxes` [n, 4] (fractions 0..1 of the image), in their order (descending confidence).

    Coordinates are rounded integers within 0..1000 with min < max, even for a box thinner than a thousandth.
    """
    thousandths = np.rint(boxes * 1000)
    least = np.clip(thousandths[:, :2], 0, 999)
    most = np.clip(thousandths[:, 2:], least + 1, 1000)
    corners = np.concatenate([least, most], axis=1).astype(int).tolist()
    return [
        {"id": f"room_{number}", "bounding_box": box, "confidence": round(float(confidence), 4)}
        for number, (box, confidence) in enumerate(zip(corners, confidences, strict=True), start=1)
    ]
