"""A page and its rooms."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image

from blueprints.geometry import Box
from blueprints.rendering.polygons import Points, clipped, extent, signed_area

LEAST_SEEN = 0.25
"""If a cut page shows less than this share of a room's area, the room is not listed."""


@dataclass(frozen=True, eq=False, kw_only=True)
class PageRoom:
    """A room of a page. The outline is in pixels, clockwise as seen, along the inner faces of its walls.

    The outline of a room with a hole (a corridor around a core) goes around the hole, through a slit of zero width.
    """

    outline: Points
    kind: str
    name: str
    number: str

    @property
    def box(self) -> Box:
        return extent(self.outline)


@dataclass(frozen=True, eq=False, kw_only=True)
class Page:
    """A grey page (mode L) and its rooms; `bare` are the boxes of the parts without rooms."""

    image: Image.Image
    rooms: tuple[PageRoom, ...]
    bare: tuple[Box, ...]
    building: str


def seen(outline: Points, box: Box) -> Points:
    """The part of a room within a box; nothing if that is less than LEAST_SEEN of the room."""
    part = clipped(outline, box)
    if len(part) < 3 or abs(signed_area(part)) < LEAST_SEEN * abs(signed_area(outline)):
        return outline[:0]
    return part
