"""A page and its rooms."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image

from blueprints.geometry import Box
from blueprints.rendering.polygons import Points, clipped_apart, extent, signed_area

LEAST_SEEN = 0.25
"""A part of a room that shows less than this share of its area is not listed, unless it is large."""
LEAST_SEEN_PX = 80.0
"""A part of this width and height is large, in pixels of a page."""


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


def seen(outline: Points, box: Box, least_px: float = LEAST_SEEN_PX) -> list[Points]:
    """The parts of a room within a box, each apart from the others, that are worth to be listed.

    A part is if it is a good share of the room, or large: what is seen of a long corridor is a room to whoever sees
    no more than that. `least_px` is in pixels of the outline.
    """
    parts = []
    for part in clipped_apart(outline, box):
        if len(part) < 3:
            continue
        left, top, right, bottom = extent(part)
        large = min(right - left, bottom - top) >= least_px
        if large or abs(signed_area(part)) >= LEAST_SEEN * abs(signed_area(outline)):
            parts.append(part)
    return parts
