"""A plan's map: which room is at each place."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from blueprints.rendering.polygons import signed_area

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
    drawn = [
        (abs(signed_area(outline.astype(np.float64))), number, outline)
        for number, outline in enumerate(outlines[:MOST_ROOMS], start=1)
        if outline is not None and len(outline) > 2
    ]
    for _, number, outline in sorted(drawn, key=lambda room: -room[0]):
        points = outline / MAP_STRIDE_PX - 0.25  # a pixel's centre has whole coordinates in Pillow
        draw.polygon([(float(x), float(y)) for x, y in points], fill=number)
    return np.asarray(image)
