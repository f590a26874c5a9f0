"""A page with its rooms."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image

from blueprints.geometry import Box
from blueprints.rendering.polygons import Points, clipped, extent, signed_area

LEAST_SEEN = 0.25
"""A room of which a cut page shows a smaller share of the area is none of the page's."""


@dataclass(frozen=True, eq=False, kw_only=True)
class PageRoom:
    """A room of a page; the outline is clockwise as seen, in pixels, along the inner faces of its walls.

    Where a room has a hole (a corridor around a core), its outline goes around it through a slit of no width.
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
    """A grey page (mode L) and its rooms; `bare` are the boxes of its parts that hold no room."""

    image: Image.Image
    rooms: tuple[PageRoom, ...]
    bare: tuple[Box, ...]
    building: str


def seen(outline: Points, box: Box) -> Points:
    """What a box shows of a room; nothing where that is less than LEAST_SEEN of it."""
    part = clipped(outline, box)
    if len(part) < 3 or abs(signed_area(part)) < LEAST_SEEN * abs(signed_area(outline)):
        return outline[:0]
    return part
