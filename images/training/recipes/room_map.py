"""A plan's map: which room is at each place."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

SIDE_PX = 640
"""Of the squares that plans lie on."""
MAP_STRIDE_PX = 2
MOST_ROOMS = 254
"""The numbers of a map are bytes: 0 is no room."""


def room_map(outlines: list[NDArray[np.float32] | None]) -> NDArray[np.uint8]:
    """A plan's map from the outlines (points, 2) of its rooms in px. Smaller rooms are drawn over larger ones."""
    side = SIDE_PX // MAP_STRIDE_PX
    image = Image.new("L", (side, side), 0)
    draw = ImageDraw.Draw(image)
    areas = [0.0 if outline is None or len(outline) < 3 else _area(outline) for outline in outlines]
    for index in sorted(range(len(outlines)), key=lambda index: -areas[index]):
        outline = outlines[index]
        if areas[index] and index < MOST_ROOMS and outline is not None:
            points = outline / MAP_STRIDE_PX - 0.25  # a pixel's centre has whole coordinates in Pillow
            draw.polygon([(float(x), float(y)) for x, y in points], fill=index + 1)
    return np.asarray(image)


def _area(outline: NDArray[np.float32]) -> float:
    x, y = outline.T
    return abs(float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)))) / 2
