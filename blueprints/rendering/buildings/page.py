"""A page of a set of drawings: storeys, and all that stands around them and holds no room."""

from __future__ import annotations

import io
import math
import random
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from blueprints.geometry import Box
from blueprints.rendering import scan
from blueprints.rendering.buildings.building import storey
from blueprints.rendering.buildings.grey_sheet import GreySheet
from blueprints.rendering.buildings.look import Placing, Style, reach_px, style
from blueprints.rendering.buildings.other_drawings import other_drawing
from blueprints.rendering.buildings.page_areas import areas, blank_outside, match_lines
from blueprints.rendering.buildings.page_surroundings import surround
from blueprints.rendering.buildings.programmes import programme
from blueprints.rendering.buildings.room_tags import OTHERS
from blueprints.rendering.buildings.storey import Storey
from blueprints.rendering.buildings.storey_drawing import draw_storey
from blueprints.rendering.buildings.title_block import drawing_title
from blueprints.rendering.polygons import Points, clipped, clockwise, extent, signed_area, thinned
from blueprints.rendering.surface import Lettering

LONGEST_PX = (2000, 3600)
LEAST_SEEN = 0.25
"""A room of which a cut page shows a smaller share of the area is none of the page's."""
OUTLINE_TOLERANCE_PX = 0.4
SMALLEST_CAPITAL_PX = 3.2
LARGEST_CAPITAL_M = 0.4
LEAST_SCALE = 9.0
"""Pixels a metre: below, a cell gets another drawing."""


@dataclass(frozen=True, eq=False, kw_only=True)
class PageRoom:
    """A room of a page; the outline is clockwise as seen, in pixels, along the inner faces of its walls."""

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


WEAR = scan.Wear(
    turned=0.0,
    skewed=0.35,
    stretched=0.0,
    faded=0.5,
    shaded=0.25,
    folded=0.1,
    dirty=0.3,
    noisy=0.5,
    blurred=0.5,
    coarse=0.3,
    bilevel=0.25,
    grey=1.0,
)
WORN_SHARE = 0.18
JPEG_SHARE = 0.15


def render_page(seed: int, index: int, *, worn: bool | None = None, longest_px: int | None = None) -> Page:
    """Page number `index` of a seed; size and wear by lot unless given."""
    rng = random.Random(f"building/{seed}/{index}")
    longest = longest_px or rng.randint(*LONGEST_PX)
    aspect = rng.choice((1.5, 1.5, 1.4, 1.333, 1.294, 1.414))
    size = (longest, round(longest / aspect))
    if rng.random() < 0.12:
        size = size[1], size[0]
    lettering: Lettering = rng.choice(
        ((1.0, 0.0, 0), (0.85, 0.0, 0), (0.75, 0.0, 0), (1.15, 0.0, 0), (1.0, 0.2, 0), (0.9, 0.0, 1))
    )
    sheet = GreySheet(size, lettering)
    look = style(rng, longest)
    building = programme(rng)
    language = rng.choices(("english", *OTHERS), (14, 1, 1, 1, 1, 1, 1))[0]
    layout = areas(rng, size)
    rooms = []
    cells, cut = _cells(rng, layout.content)
    spare: list[Box] = []
    crop: Box | None = None
    form = ""
    for cell in cells:
        if len(cells) > 1 and rng.random() < 0.15:
            spare.append(cell)
            continue
        s = storey(rng, building, form=form, language=language)
        form = _same_form(rng)
        at, taken = _placed(rng, s, cell, look, cut=cut)
        if at.scale < LEAST_SCALE:
            spare.append(cell)
            continue
        # Letters stand for at most half a metre: plans of small scale have small letters.
        fitted = replace(look, capital=max(SMALLEST_CAPITAL_PX, min(look.capital, LARGEST_CAPITAL_M * at.scale)))
        outlines = draw_storey(sheet, s, at, fitted, rng)
        rooms += [(o, r) for o, r in zip(outlines, s.rooms, strict=True)]
        if cut:
            crop = cell
        drawing_title(sheet, rng, (cell[0], cell[1], cell[2], cell[3]), taken, look)
        key = s
    if crop is not None:
        blank_outside(sheet, crop)
        match_lines(sheet, rng, crop, look)
        rooms = [(o, r) for o, r in ((_seen(o, crop), r) for o, r in rooms) if len(o) > 2]
    bare = [*layout.bare, *spare]
    for box in spare:
        other_drawing(sheet, rng, box, look)
    plan_outlines = [at(outer) for outer, _ in key.walls] if rooms else []  # pyright: ignore[reportPossiblyUnboundVariable]
    surround(sheet, rng, layout, look, plan_outlines)
    image = sheet.finish()
    found = [
        PageRoom(outline=clockwise(thinned(o, OUTLINE_TOLERANCE_PX)), kind=r.kind, name=r.name, number=r.number)
        for o, r in rooms
    ]
    page = Page(image=image, rooms=tuple(found), bare=tuple(bare), building=building.name)
    if rng.random() < 0.12:
        page = _turned(page, rng)
    if worn or (worn is None and rng.random() < WORN_SHARE):
        # A copier in black and white leaves nothing to be seen in a grey room.
        greys = (
            look.ghost
            or "grey" in (look.wet_floor, look.corridor_floor, look.floor)
            or "grey" in (look.outer, look.inner)
        )
        page = _worn(page, rng, replace(WEAR, bilevel=0.0) if greys else WEAR)
    if rng.random() < JPEG_SHARE:
        page = Page(image=_compressed(page.image, rng), rooms=page.rooms, bare=page.bare, building=page.building)
    if rng.random() < 0.02:
        page = Page(image=page.image.point(lambda v: 255 - v), rooms=page.rooms, bare=page.bare, building=page.building)
    return page


def _compressed(image: Image.Image, rng: random.Random) -> Image.Image:
    encoded = io.BytesIO()
    image.save(encoded, "JPEG", quality=rng.randint(35, 85))
    return Image.open(encoded).convert("L")


def _same_form(rng: random.Random) -> str:
    return "" if rng.random() < 0.5 else rng.choice(("straight", "ring", "deep", "straight"))


def _cells(rng: random.Random, content: Box) -> tuple[list[Box], bool]:
    """The boxes of the page's drawings, and whether the one drawing is larger than its box."""
    left, top, right, bottom = content
    lot = rng.random()
    if lot < 0.14:
        return [content], True
    if lot < 0.7:
        return [content], False
    share = rng.uniform(0.4, 0.6)
    wide = right - left > (bottom - top) * 1.1
    if lot < 0.9:
        if wide and rng.random() < 0.5:
            x = left + (right - left) * share
            return [(left, top, x, bottom), (x, top, right, bottom)], False
        y = top + (bottom - top) * share
        return [(left, top, right, y), (left, y, right, bottom)], False
    x, y = left + (right - left) * share, top + (bottom - top) * rng.uniform(0.4, 0.6)
    return [(left, top, x, y), (x, top, right, y), (left, y, x, bottom), (x, y, right, bottom)], False


def _placed(rng: random.Random, s: Storey, cell: Box, look: Style, *, cut: bool) -> tuple[Placing, Box]:
    """As large as the cell allows, or smaller; turned by quarters where that fits better, or by any angle."""
    every = np.concatenate([outer for outer, _ in s.walls])
    angles = [0.0, math.pi / 2]
    if rng.random() < 0.1:
        angles = [rng.uniform(-0.8, 0.8)]
    elif rng.random() < 0.5:
        angles = [math.pi, 1.5 * math.pi]
    margin = reach_px(look)
    left, top, right, bottom = cell
    title = look.capital * 5
    best: tuple[float, float, Points] | None = None
    for angle in angles:
        turned = Placing(scale=1.0, angle=angle, origin=(0.0, 0.0))(every)
        w, h = np.ptp(turned[:, 0]), np.ptp(turned[:, 1])
        scale = min((right - left - 2 * margin) / w, (bottom - top - 2 * margin - title) / h)
        if best is None or scale > best[0]:
            best = float(scale), angle, turned
    assert best is not None
    scale, angle, turned = best
    scale *= rng.uniform(1.25, 2.2) if cut else rng.choice((1.0, 1.0, rng.uniform(0.6, 1.0)))
    scale = min(scale, 75.0)
    turned = turned * scale
    w, h = float(np.ptp(turned[:, 0])), float(np.ptp(turned[:, 1]))
    free_x, free_y = right - left - w - 2 * margin, bottom - top - title - h - 2 * margin
    x = left + margin + free_x * rng.uniform(0.2, 0.8) - float(turned[:, 0].min())
    y = top + margin + free_y * rng.uniform(0.2, 0.8) - float(turned[:, 1].min())
    at = Placing(scale=scale, angle=angle, origin=(x, y))
    corner = x + float(turned[:, 0].min()), y + float(turned[:, 1].min())
    return at, (corner[0], corner[1], corner[0] + w, corner[1] + h)


def _seen(outline: Points, box: Box) -> Points:
    """What a box shows of a room; nothing where that is too little."""
    part = clipped(outline, box)
    if len(part) < 3 or abs(signed_area(part)) < LEAST_SEEN * abs(signed_area(outline)):
        return outline[:0]
    return part


def _turned(page: Page, rng: random.Random) -> Page:
    """By quarters."""
    width, height = page.image.size
    turn, matrix = rng.choice(
        (
            (Image.Transpose.ROTATE_90, [[0, 1, 0], [-1, 0, width], [0, 0, 1]]),
            (Image.Transpose.ROTATE_180, [[-1, 0, width], [0, -1, height], [0, 0, 1]]),
            (Image.Transpose.ROTATE_270, [[0, -1, height], [1, 0, 0], [0, 0, 1]]),
        )
    )
    return _moved(page, page.image.transpose(turn), np.array(matrix, float))


def _moved(page: Page, image: Image.Image, matrix: scan.Matrix) -> Page:
    rooms = tuple(
        PageRoom(outline=clockwise(scan.projected(r.outline, matrix)), kind=r.kind, name=r.name, number=r.number)
        for r in page.rooms
    )
    corners = [np.array(((b[0], b[1]), (b[2], b[1]), (b[2], b[3]), (b[0], b[3])), float) for b in page.bare]
    bare = tuple(extent(scan.projected(c, matrix)) for c in corners)
    return Page(image=image, rooms=rooms, bare=bare, building=page.building)


def _worn(page: Page, rng: random.Random, wear: scan.Wear) -> Page:
    """Printed and scanned."""
    outlines = [r.outline for r in page.rooms]
    bare = [np.array(((b[0], b[1]), (b[2], b[1]), (b[2], b[3]), (b[0], b[3])), float) for b in page.bare]
    image, moved = scan.scan(
        page.image.convert("RGB"), [*outlines, *bare], wear, rng, (rng.choice((255, 240, 40)),) * 3
    )
    size = image.size
    rooms = []
    for room, outline in zip(page.rooms, moved, strict=False):
        part = _seen(outline, (0.0, 0.0, float(size[0]), float(size[1])))
        if len(part) > 2:
            rooms.append(PageRoom(outline=clockwise(part), kind=room.kind, name=room.name, number=room.number))
    boxes = tuple(extent(points) for points in moved[len(outlines) :])
    return Page(image=image.convert("L"), rooms=tuple(rooms), bare=boxes, building=page.building)
