"""Pages of drawing sets: storeys, and everything around them that is not a room."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from blueprints.geometry import Box
from blueprints.rendering.buildings.building import storey
from blueprints.rendering.buildings.grey_sheet import GreySheet
from blueprints.rendering.buildings.look import Style, style
from blueprints.rendering.buildings.other_drawings import other_drawing
from blueprints.rendering.buildings.page_areas import areas, blank_outside, match_lines
from blueprints.rendering.buildings.page_rooms import Page, PageRoom, seen
from blueprints.rendering.buildings.page_surroundings import surround
from blueprints.rendering.buildings.page_wear import aged
from blueprints.rendering.buildings.placement import cells, placed
from blueprints.rendering.buildings.programmes import programme
from blueprints.rendering.buildings.room_tags import OTHERS
from blueprints.rendering.buildings.storey import Room, Storey
from blueprints.rendering.buildings.storey_drawing import draw_storey
from blueprints.rendering.buildings.title_block import drawing_title
from blueprints.rendering.polygons import Points, clockwise, thinned
from blueprints.rendering.surface import Lettering

LONGEST_PX = (2000, 3600)
ASPECTS = (1.5, 1.5, 1.4, 1.333, 1.294, 1.414)
UPRIGHT_SHARE = 0.12
LETTERINGS: tuple[Lettering, ...] = (
    (1.0, 0.0, 0),
    (0.85, 0.0, 0),
    (0.75, 0.0, 0),
    (1.15, 0.0, 0),
    (1.0, 0.2, 0),
    (0.9, 0.0, 1),
)
OUTLINE_TOLERANCE_PX = 0.4
SMALLEST_CAPITAL_PX = 3.2
LARGEST_CAPITAL_M = 0.4
LEAST_SCALE = 9.0
"""Pixels per metre: below this, a storey is too large for its cell."""
TRIES = 3
"""How many storeys are tried before a cell gets another drawing instead."""


def render_page(seed: int, index: int, *, worn: bool | None = None, longest_px: int | None = None) -> Page:
    """Page number `index` of a seed: the same two numbers give the same page. Size and wear are random unless given."""
    rng = random.Random(f"building/{seed}/{index}")
    longest = longest_px or rng.randint(*LONGEST_PX)
    size = longest, round(longest / rng.choice(ASPECTS))
    if rng.random() < UPRIGHT_SHARE:
        size = size[1], size[0]
    sheet = GreySheet(size, rng.choice(LETTERINGS))
    look = style(rng, longest)
    building = programme(rng)
    language = rng.choices(("english", *OTHERS), (14, *(1 for _ in OTHERS)))[0]
    layout = areas(rng, size)
    drawn = _draw(sheet, rng, look, layout.content, partial(storey, rng, building, language=language))
    surround(sheet, rng, layout, look, drawn.footprint)
    page = Page(
        image=sheet.finish(),
        rooms=tuple(_page_rooms(drawn.rooms)),
        bare=(*layout.bare, *drawn.spare),
        building=building.name,
    )
    return aged(page, rng, worn=worn, copied=not _grey(look))


def _grey(look: Style) -> bool:
    """Whether rooms or walls are filled with grey: on a black and white copy their content would be lost."""
    fills = look.wet_floor, look.corridor_floor, look.floor, look.outer, look.inner
    return look.ghost or "grey" in fills


def _page_rooms(rooms: Sequence[tuple[Points, Room]]) -> Iterator[PageRoom]:
    for outline, room in rooms:
        shown = clockwise(thinned(outline, OUTLINE_TOLERANCE_PX))
        yield PageRoom(outline=shown, kind=room.kind, name=room.name, number=room.number)


@dataclass(eq=False, kw_only=True)
class _Drawn:
    """The content of a page's cells: rooms with their outlines, the last footprint, and the cells without a storey."""

    rooms: list[tuple[Points, Room]] = field(default_factory=list)
    footprint: list[Points] = field(default_factory=list)
    spare: list[Box] = field(default_factory=list)


def _draw(sheet: GreySheet, rng: random.Random, look: Style, content: Box, storeys: Callable[..., Storey]) -> _Drawn:
    """Fill the content area with storeys, which `storeys` returns for a form, and with other drawings."""
    boxes, cut = cells(rng, content)
    drawn = _Drawn()
    form = ""
    for cell in boxes:
        if len(boxes) > 1 and rng.random() < 0.15:
            drawn.spare.append(cell)
            continue
        for _ in range(TRIES):
            s = storeys(form=form)
            form = "" if rng.random() < 0.5 else rng.choice(("straight", "ring", "deep", "straight"))
            at, taken = placed(rng, s, cell, look, cut=cut)
            if at.scale >= LEAST_SCALE:
                break
        else:
            drawn.spare.append(cell)
            continue
        fitted = replace(look, capital=max(SMALLEST_CAPITAL_PX, min(look.capital, LARGEST_CAPITAL_M * at.scale)))
        outlines = draw_storey(sheet, s, at, fitted, rng)
        drawn.rooms += zip(outlines, s.rooms, strict=True)
        drawn.footprint = [at(outer) for outer, _ in s.walls]
        drawing_title(sheet, rng, cell, taken, look)
    if cut and drawn.rooms:
        blank_outside(sheet, boxes[0])
        match_lines(sheet, rng, boxes[0], look)
        drawn.rooms = [(part, room) for outline, room in drawn.rooms for part in seen(outline, boxes[0])]
    for box in drawn.spare:
        other_drawing(sheet, rng, box, look)
    return drawn
