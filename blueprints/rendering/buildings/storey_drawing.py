"""A storey on a sheet: floors, fixtures, walls in a style, openings, tags, dimension strings, axes and marks."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image, ImageDraw

from blueprints.rendering.buildings.grey_sheet import DOUBLED, PAPER, GreySheet, Hatch, hatch
from blueprints.rendering.buildings.room_tags import area_text
from blueprints.rendering.buildings.storey import Facade, Room, Storey
from blueprints.rendering.polygons import Points, inside, signed_area

THINNEST_WALL = 4.0
"""In doubled pixels."""

WallForm = Literal["double", "solid", "grey", "diagonal", "cross", "wave", "dots"]


@dataclass(frozen=True, kw_only=True)
class Style:
    """How a page is drawn; pens and heights in pixels of the page, greys 0 black to 255."""

    outer: WallForm
    inner: WallForm
    wall_pen: float
    pens: tuple[float, float, float, float]
    ink: int
    fixture_ink: int
    door_ink: int
    wet_floor: Hatch | Literal["none", "grey"]
    corridor_floor: Hatch | Literal["none", "grey"]
    floor: Hatch | Literal["none", "grey"]
    floor_share: float
    ghost: bool
    capital: float
    tag: Literal["plain", "boxed", "number first", "oval", "number only", "name only"]
    areas: bool
    metric: bool
    halo: bool
    tag_weight: int
    dimensions: int
    axes: Literal["none", "one end", "both ends"]
    marks: float
    """How densely door tags, finish tags, keynotes and section marks stand: 0 none to 1."""
    inside_dimensions: bool
    ceiling: bool
    slash_ticks: bool


def style(rng: random.Random, longest_px: int) -> Style:
    dense = rng.random()
    unit = longest_px / 3000
    outer, inner = rng.choice(
        (
            ("double", "double"), ("double", "double"), ("double", "double"), ("double", "double"),
            ("solid", "solid"), ("solid", "solid"), ("grey", "double"), ("grey", "double"), ("grey", "grey"),
            ("diagonal", "double"), ("diagonal", "diagonal"), ("cross", "double"), ("wave", "double"), ("dots", "grey"),
            ("solid", "double"), ("double", "grey"), ("double", "solid"),
        )
    )  # fmt: skip
    thin = rng.choice((0.5, 0.5, 1.0, 1.0, 1.0, 1.5))
    return Style(
        outer=outer,
        inner=inner,
        wall_pen=rng.choice((0.5, 1.0, 1.0, 1.5, 2.0)),
        pens=(max(0.5, thin - 0.5), thin, thin + rng.choice((0.0, 0.5)), thin + rng.choice((0.5, 1.0, 1.5))),
        ink=rng.choice((0, 0, 0, 0, 40, 80)),
        fixture_ink=rng.choice((0, 0, 60, 110, 150, 170)),
        door_ink=rng.choice((0, 0, 0, 70)),
        wet_floor=rng.choice(("none", "none", "none", "tiles", "tiles", "grey", "dots", "cross")),
        corridor_floor=rng.choice(("none",) * 10 + ("tiles", "dots", "grey", "diagonal")),
        floor=rng.choice(("none", "none", "tiles", "grey", "diagonal", "dots", "sparse")),
        floor_share=rng.choice((0.0, 0.0, 0.1, 0.3)),
        ghost=rng.random() < 0.12,
        capital=rng.choice((4.5, 5.0, 6.0, 6.0, 7.0, 8.0, 10.0)) * unit,
        tag=rng.choice(
            ("plain", "plain", "boxed", "boxed", "boxed", "number first", "oval", "number only", "name only")
        ),
        areas=rng.random() < 0.3,
        metric=rng.random() < 0.45,
        halo=rng.random() < 0.35,
        tag_weight=rng.choice((0, 0, 0, 1)),
        dimensions=rng.choice((0, 0, 0, 1, 2, 3, 3)),
        axes=rng.choice(("none", "none", "one end", "both ends", "both ends")),
        marks=0.0 if dense < 0.25 else rng.uniform(0.05, 0.9) ** 1.5,
        inside_dimensions=rng.random() < 0.25,
        ceiling=rng.random() < 0.06,
        slash_ticks=rng.random() < 0.7,
    )


@dataclass(frozen=True, kw_only=True)
class Placing:
    """Where a storey's metres lie on the sheet: pixels a metre, then turned by `angle`, then moved."""

    scale: float
    angle: float
    origin: tuple[float, float]

    def __call__(self, path: Points) -> Points:
        cos, sin = math.cos(self.angle) * self.scale, math.sin(self.angle) * self.scale
        x, y = path[:, 0], path[:, 1]
        return np.stack((self.origin[0] + cos * x - sin * y, self.origin[1] + sin * x + cos * y), axis=1)


def reach_px(style_: Style) -> float:
    """What dimension strings and axes take around a storey."""
    return (
        (8 + style_.dimensions * style_.capital * 3.4 if style_.dimensions else 0)
        + (style_.capital * 8 if style_.axes != "none" else 0)
        + style_.capital * 2
    )


def draw_storey(sheet: GreySheet, s: Storey, at: Placing, style_: Style, rng: random.Random) -> list[Points]:
    """Draw the storey and give its rooms' outlines on the sheet, in order."""
    outlines = [at(room.outline) for room in s.rooms]
    if rng.random() < 0.12:
        _grounds(sheet, s, at, rng)
    if style_.axes != "none" and rng.random() < 0.5:
        _axes(sheet, s, at, style_, rng)
        late_axes = False
    else:
        late_axes = style_.axes != "none"
    _floors(sheet, s, outlines, style_, rng)
    for outline, grey in s.shades:
        sheet.polygon(at(outline), grey)
    ink = style_.fixture_ink
    for path, pen, dash in s.under:
        scaled = (dash[0] * at.scale, dash[1] * at.scale) if dash else None
        sheet.line(at(path), style_.pens[pen], ink, scaled)
    if style_.ceiling:
        _ceilings(sheet, s, outlines, at, style_, rng)
    _walls(sheet, s, outlines, at, style_)
    for path, pen, dash in s.over:
        sheet.line(at(path), style_.pens[pen], style_.door_ink)
    if late_axes:
        _axes(sheet, s, at, style_, rng)
    if style_.dimensions:
        for facade in s.facades:
            _dimensions(sheet, facade, at, style_, rng)
    if style_.inside_dimensions:
        _inside_dimensions(sheet, s, outlines, at, style_, rng)
    if style_.marks:
        _marks(sheet, s, outlines, at, style_, rng)
    for room, outline in zip(s.rooms, outlines, strict=True):
        if room.tagged:
            _tag(sheet, room, outline, at, style_, rng)
    return outlines


def _grounds(sheet: GreySheet, s: Storey, at: Placing, rng: random.Random) -> None:
    """Hatched ground or neighbours beside the building."""
    every = np.concatenate([at(outer) for outer, _ in s.walls])
    (left, top), (right, bottom) = every.min(axis=0), every.max(axis=0)
    w, h = right - left, bottom - top
    form: Hatch = rng.choice(("diagonal", "diagonal", "sparse", "dots", "bricks"))
    pitch, grey = rng.choice((8, 12, 20)), rng.choice((0, 0, 90, 160))
    for _ in range(rng.randint(1, 3)):
        side = rng.randrange(4)
        far, a, b = rng.uniform(0.05, 0.25), *sorted((rng.uniform(-0.1, 1.1), rng.uniform(-0.1, 1.1)))
        x0, x1 = (
            (left - far * w, left),
            (right, right + far * w),
            (left + a * w, left + b * w),
            (left + a * w, left + b * w),
        )[side]
        y0, y1 = (
            (top + a * h, top + b * h),
            (top + a * h, top + b * h),
            (top - far * h, top),
            (bottom, bottom + far * h),
        )[side]
        ground = np.array(((x0, y0), (x1, y0), (x1, y1), (x0, y1)))
        _filled(sheet, ground, form, pitch, grey)
        sheet.polygon(ground, None, 1.0, 0)
    for outer, _ in s.walls:
        sheet.polygon(at(outer), PAPER)


def _floors(sheet: GreySheet, s: Storey, outlines: Sequence[Points], style_: Style, rng: random.Random) -> None:
    ghosts = _ghosts(s, rng) if style_.ghost else set()
    grey = rng.choice((110, 150, 180, 200, 215, 225, 235))
    forms: dict[str, str] = {"wet": style_.wet_floor, "corridor": style_.corridor_floor}
    pitch = rng.choice((3, 4, 6, 8, 10, 14, 18)) if style_.wet_floor != "dots" else rng.choice((4, 5, 6))
    line_grey = rng.choice((0, 60, 120, 160, 190)) if pitch > 4 else rng.choice((70, 120, 160, 190))
    for number, (room, outline) in enumerate(zip(s.rooms, outlines, strict=True)):
        form = forms.get(room.floor) or ("none" if rng.random() > style_.floor_share else style_.floor)
        if number in ghosts:
            sheet.polygon(outline, 205)
        elif form == "grey":
            sheet.polygon(outline, grey)
        elif form != "none":
            _filled(sheet, outline, form, pitch, line_grey)  # pyright: ignore[reportArgumentType]


def _ghosts(s: Storey, rng: random.Random) -> set[int]:
    """The rooms on one side of a line: a part of the building that is not in the contract."""
    middles = np.array([room.middle for room in s.rooms])
    axis = rng.choice((0, 1))
    limit = float(np.quantile(middles[:, axis], rng.uniform(0.2, 0.6)))
    return set(np.flatnonzero(middles[:, axis] < limit).tolist())


def _filled(sheet: GreySheet, outline: Points, form: Hatch, pitch: int, grey: int) -> None:
    left, top = np.floor(outline.min(axis=0) * DOUBLED).astype(int)
    right, bottom = np.ceil(outline.max(axis=0) * DOUBLED).astype(int)
    left, top = max(0, left), max(0, top)
    right, bottom = min(sheet.image.width, right), min(sheet.image.height, bottom)
    if right - left < 2 or bottom - top < 2:
        return
    mask = Image.new("1", (right - left, bottom - top))
    ImageDraw.Draw(mask).polygon(((outline * DOUBLED) - (left, top)).ravel().tolist(), fill=1)
    sheet.through(mask, (left, top), hatch(form, mask.size, pitch, grey, 1 if pitch < 10 else 2, (left, top)))


def _walls(sheet: GreySheet, s: Storey, outlines: Sequence[Points], at: Placing, style_: Style) -> None:
    """Whatever lies within the outer faces and in no room is wall; it is filled by its style and gets an edge."""
    every = np.concatenate([at(outer) for outer, _ in s.walls])
    left, top = np.floor(every.min(axis=0) * DOUBLED).astype(int) - 4
    right, bottom = np.ceil(every.max(axis=0) * DOUBLED).astype(int) + 4
    left, top = max(0, int(left)), max(0, int(top))
    right, bottom = min(sheet.image.width, int(right)), min(sheet.image.height, int(bottom))
    size = right - left, bottom - top
    if min(size) < 4:
        return
    whole, inner = Image.new("L", size), Image.new("L", size)
    draw, draw_inner = ImageDraw.Draw(whole), ImageDraw.Draw(inner)

    def flat(path: Points) -> list[float]:
        return ((path * DOUBLED) - (left, top)).ravel().tolist()

    for outer, _ in s.walls:
        draw.polygon(flat(at(outer)), fill=255)
    for _, clear in s.walls:
        draw_inner.polygon(flat(at(clear)), fill=255)
    for outline in outlines:
        draw.polygon(flat(outline), fill=0)
    # Partitions that are thinner than a line are drawn as one.
    thickness = s.partition * at.scale * DOUBLED
    if thickness < THINNEST_WALL:
        for outline in outlines:
            path = flat(outline)
            draw.line([*path, *path[:2]], fill=255, width=max(1, round(style_.wall_pen * DOUBLED)))
    solids = Image.new("L", size)
    if s.solids:
        draw_solids = ImageDraw.Draw(solids)
        for outline in s.solids:
            draw_solids.polygon(flat(at(outline)), fill=255)
        bounds = ImageDraw.Draw(whole)
        for outline in s.solids:
            bounds.polygon(flat(at(outline)), fill=255)
    for outline in s.cuts:
        draw.polygon(flat(at(outline)), fill=0)
    mask = np.asarray(whole) > 0
    part = np.asarray(inner) > 0
    corner = (left, top)
    for form, where in ((style_.outer, mask & ~part), (style_.inner, mask & part)):
        sheet.through(Image.fromarray(where), corner, _wall_fill(form, size, corner, style_))
    if s.solids:
        sheet.through(
            Image.fromarray(np.asarray(solids) & np.asarray(whole)), corner, 0 if style_.inner != "double" else 150
        )
    steps = max(1, round(style_.wall_pen * DOUBLED))
    if style_.inner == style_.outer == "solid":
        return
    eroded = mask
    for _ in range(steps):
        eroded = eroded & _shifted(eroded)
    sheet.through(Image.fromarray(mask & ~eroded), corner, style_.ink)


def _shifted(mask: np.ndarray) -> np.ndarray:
    """Where all four neighbours are set."""
    out = np.zeros_like(mask)
    out[1:-1, 1:-1] = mask[:-2, 1:-1] & mask[2:, 1:-1] & mask[1:-1, :-2] & mask[1:-1, 2:]
    return out


def _wall_fill(form: WallForm, size: tuple[int, int], corner: tuple[int, int], style_: Style) -> int | Image.Image:
    if form == "double":
        return PAPER
    if form == "solid":
        return style_.ink
    if form == "grey":
        return 150
    return hatch(form, size, {"diagonal": 10, "cross": 9, "wave": 5, "dots": 4}[form], style_.ink, 1, corner)


def _ceilings(
    sheet: GreySheet, s: Storey, outlines: Sequence[Points], at: Placing, style_: Style, rng: random.Random
) -> None:
    pitch = max(4, round(0.6 * at.scale * DOUBLED))
    for room, outline in zip(s.rooms, outlines, strict=True):
        if room.kind not in ("stair", "lift", "shaft") and rng.random() < 0.8:
            _filled(sheet, outline, "tiles", pitch, 130)


def _lines(room: Room, outline: Points, at: Placing, style_: Style, rng: random.Random) -> list[tuple[str, bool]]:
    """The tag's lines, and whether each is the boxed number."""
    name, number = room.name, room.number
    words = name.split(" ")
    lines: list[str] = []
    limit = max(8, len(max(words, key=len)))
    for word in words:
        if lines and len(lines[-1]) + 1 + len(word) <= limit:
            lines[-1] += " " + word
        else:
            lines.append(word)
    named = [(line, False) for line in lines if line]
    numbered = [(number, style_.tag in ("boxed", "oval"))] if number else []
    if style_.tag == "number first":
        out = numbered + named
    elif style_.tag == "number only":
        out = numbered or named
    elif style_.tag == "name only":
        out = named or numbered
    else:
        out = named + numbered
    if style_.areas and room.kind not in ("shaft", "lift", "closet"):
        out = [*out, (area_text(abs(signed_area(outline)) / at.scale**2, rng, metric=style_.metric), False)]
    return out


def _tag(sheet: GreySheet, room: Room, outline: Points, at: Placing, style_: Style, rng: random.Random) -> None:
    lines = _lines(room, outline, at, style_, rng)
    if not lines:
        return
    x, y = at(np.array([room.middle]))[0].tolist()
    if not inside(outline, x, y):
        x, y = _within(outline, rng)
    width, height = room.size[0] * at.scale, room.size[1] * at.scale
    turn = abs(math.sin(room.angle + at.angle))
    if turn > 0.8:
        width, height = height, width
    elif turn > 0.2:
        width = height = min(width, height)
    capital = style_.capital
    widest = max(sheet.width_of(line, capital) for line, _ in lines)
    tall = len(lines) * capital * 1.7
    upright = False
    if widest > width * 0.96 or tall > height:
        if widest <= height * 0.96 and tall <= width and rng.random() < 0.6:
            upright = True
        elif widest * 0.75 <= width and tall * 0.75 <= height:
            capital *= 0.75
        else:
            lot = rng.random()
            if lot < 0.35:
                return
            if lot < 0.6 and room.number:
                # Outside, with a line to the room.
                turn = rng.uniform(0, math.tau)
                away = capital * rng.uniform(5, 11)
                tx, ty = x + away * math.cos(turn), y + away * math.sin(turn)
                sheet.segment(x, y, tx, ty, style_.pens[1], style_.ink)
                sheet.circle(x, y, 1.2, 1, style_.ink, style_.ink)
                x, y = tx + (capital * 2 if tx > x else -capital * 2), ty
                lines = lines[-1:] if rng.random() < 0.5 else lines
            elif lot < 0.8:
                capital *= 0.75
                lines = lines[-1:]
    x += rng.uniform(-0.12, 0.12) * max(0.0, width - widest)
    y += rng.uniform(-0.2, 0.2) * max(0.0, height - tall)
    _stack(sheet, x, y, lines, capital, style_, upright)


def _stack(
    sheet: GreySheet,
    x: float,
    y: float,
    lines: Sequence[tuple[str, bool]],
    capital: float,
    style_: Style,
    upright: bool,
) -> None:
    pitch = capital * 1.75
    start = -(len(lines) - 1) / 2 * pitch
    for i, (line, boxed) in enumerate(lines):
        away = start + i * pitch
        lx, ly = (x + away, y) if upright else (x, y + away)
        halo = PAPER if style_.halo else None
        sheet.text(
            lx,
            ly,
            line,
            capital,
            grey=style_.ink,
            angle=90 if upright else 0,
            halo=halo,
            weight=0 if boxed else style_.tag_weight,
        )
        if boxed:
            half = sheet.width_of(line, capital) / 2 + capital * 0.6
            across = capital * 0.85
            a, b = (across, half) if upright else (half, across)
            if style_.tag == "oval":
                r = min(a, b)
                if a >= b:
                    sheet.segment(lx - a + r, ly - r, lx + a - r, ly - r, 0.5)
                    sheet.segment(lx - a + r, ly + r, lx + a - r, ly + r, 0.5)
                    sheet.arc(lx - a + r, ly, r, 90, 270, 0.5)
                    sheet.arc(lx + a - r, ly, r, 270, 90, 0.5)
            else:
                sheet.box(lx - a, ly - b, lx + a, ly + b, 0.5, style_.ink)


def _within(outline: Points, rng: random.Random) -> tuple[float, float]:
    """A point in the polygon, better than others away from its sides."""
    low, high = outline.min(axis=0), outline.max(axis=0)
    best, point = -1.0, outline.mean(axis=0)
    for _ in range(40):
        x, y = rng.uniform(low[0], high[0]), rng.uniform(low[1], high[1])
        if inside(outline, x, y):
            away = float(np.hypot(*(outline - (x, y)).T).min())
            if away > best:
                best, point = away, np.array((x, y))
    return float(point[0]), float(point[1])


def length_text(metres: float, *, metric: bool) -> str:
    if metric:
        return f"{metres * 1000:.0f}"
    inches = round(metres / 0.0254)
    return f"{inches // 12}'-{inches % 12}\""


def _tick(sheet: GreySheet, x: float, y: float, along: Points, style_: Style) -> None:
    u = along * style_.capital * 0.4
    n = np.array((-u[1], u[0]))
    sheet.segment(x - n[0] * 1.6, y - n[1] * 1.6, x + n[0] * 1.6, y + n[1] * 1.6, 0.5, style_.ink)
    if style_.slash_ticks:
        d = u + n
        sheet.segment(x - d[0], y - d[1], x + d[0], y + d[1], style_.pens[3], style_.ink)
    else:
        sheet.circle(x, y, style_.capital * 0.25, 0.5, style_.ink, style_.ink)


def _string(sheet: GreySheet, path: Points, style_: Style, metres: Sequence[float]) -> None:
    """A dimension string through points on a line, with the lengths between them."""
    along = path[-1] - path[0]
    length = math.hypot(*along)
    if length < 4:
        return
    along = along / length
    sheet.segment(*(path[0] - along * 4).tolist(), *(path[-1] + along * 4).tolist(), 0.5, style_.ink)
    for point in path:
        _tick(sheet, float(point[0]), float(point[1]), along, style_)
    angle = -math.degrees(math.atan2(along[1], along[0]))
    angle = (angle + 90) % 180 - 90
    if abs(abs(angle) - 90) < 1:
        angle = 90
    elif abs(angle) < 1:
        angle = 0
    up = np.array((along[1], -along[0]))
    if up[1] > 0.01 or (abs(up[1]) <= 0.01 and up[0] > 0):
        up = -up
    for a, b, metre in zip(path[:-1], path[1:], metres, strict=True):
        gap = math.hypot(*(b - a))
        text = length_text(metre, metric=style_.metric)
        capital = min(style_.capital * 0.85, gap * 1.25 / len(text))
        if capital > style_.capital * 0.4:
            middle = (a + b) / 2 + up * style_.capital * 0.95
            sheet.text(float(middle[0]), float(middle[1]), text, capital, grey=style_.ink, angle=angle)


def _dimensions(sheet: GreySheet, facade: Facade, at: Placing, style_: Style, rng: random.Random) -> None:
    stops = sorted(set(round(x, 3) for x in facade.stops))
    if len(stops) < 2 or facade.frame.radius is not None:
        return
    pitch = style_.capital * 3.4 / at.scale
    start = max(0.6, 10 / at.scale)
    for number in range(style_.dimensions):
        outermost = number == style_.dimensions - 1
        if outermost and style_.dimensions > 1:
            chosen = [stops[0], stops[-1]]
        elif number == 1:
            chosen = [stops[0], *(x for x in stops[1:-1] if rng.random() < 0.4), stops[-1]]
        else:
            chosen = stops
        y = start + number * pitch
        path = at(facade.frame(np.array([(x, y) for x in chosen])))
        _string(sheet, path, style_, [b - a for a, b in zip(chosen[:-1], chosen[1:], strict=True)])
    end = start + (style_.dimensions - 1) * pitch + pitch * 0.3
    for x in stops:
        if rng.random() < 0.9:
            line = at(facade.frame(np.array(((x, 0.25), (x, end)))))
            sheet.line(line, 0.5, style_.ink)


def _inside_dimensions(
    sheet: GreySheet, s: Storey, outlines: Sequence[Points], at: Placing, style_: Style, rng: random.Random
) -> None:
    for room, outline in zip(s.rooms, outlines, strict=True):
        if rng.random() > 0.3 or len(outline) != 4:
            continue
        side = rng.randrange(4)
        a, b = outline[side], outline[(side + 1) % 4]
        c = outline[(side + 2) % 4]
        share = rng.uniform(0.15, 0.85)
        shift = (c - b) * share
        path = np.array((a + shift, b + shift))
        if math.hypot(*(b - a)) > style_.capital * 6:
            _string(sheet, path, style_, [math.hypot(*(b - a)) / at.scale])
    del room


def _axes(sheet: GreySheet, s: Storey, at: Placing, style_: Style, rng: random.Random) -> None:
    """Dash-dot lines with bubbles."""
    beyond = (8 + style_.dimensions * style_.capital * 3.4 + style_.capital * 2.5) / at.scale
    radius = style_.capital * rng.uniform(1.6, 2.4)
    number, letter = rng.randint(1, 4), 0
    prefix = rng.choice(("", "", "", "M-", "E."))
    solid = rng.random() < 0.25
    for frame, xs, y0, y1 in s.axes:
        if frame.radius is not None:
            continue
        numbered = abs(frame.matrix[0]) > 0.5 or rng.random() < 0.2
        for x in xs:
            low, high = y0 - beyond, y1 + (beyond if style_.axes == "both ends" else 0.8)
            path = at(frame(np.array(((x, low), (x, high)))))
            sheet.line(path, 0.5, rng.choice((style_.ink, 120)), None if solid else (14, 4))
            if numbered:
                text = f"{prefix}{number}"
                number += 1
            else:
                text = chr(ord("A") + letter % 26) if not prefix else f"{prefix}{chr(ord('A') + letter % 26)}"
                letter += 1
            along = path[1] - path[0]
            along = along / max(1e-6, math.hypot(*along))
            ends = ((path[0], -1), (path[1], 1)) if style_.axes == "both ends" else ((path[0], -1),)
            for end, sign in ends:
                cx, cy = (end + sign * along * radius).tolist()
                sheet.circle(cx, cy, radius, style_.pens[1], style_.ink, PAPER)
                sheet.text(cx, cy, text, min(style_.capital * 1.2, radius * 1.4 / len(text)), grey=style_.ink)


FINISHES = (
    "CPT-1",
    "CPT-2",
    "VCT-1",
    "P-1",
    "P-2",
    "P-3",
    "PT-1/PT-2",
    "CG",
    "RB-1",
    "LVT-3",
    "F-CP",
    "W1",
    "DA",
    "DEA",
    "XTNA",
    "7.1B",
    "2.1A",
    "EQ",
    "TYP.",
)


def _marks(
    sheet: GreySheet, s: Storey, outlines: Sequence[Points], at: Placing, style_: Style, rng: random.Random
) -> None:
    """Tags of doors, windows, walls and finishes, keynotes, section and elevation marks, revision clouds."""
    capital, ink = style_.capital * 0.8, style_.ink
    door_form = rng.choice(("none", "circle", "hexagon", "oval"))
    forms = rng.sample(("finish", "hexagon", "wall", "arrows", "elevation", "paint"), rng.randint(1, 4))
    for number, cut in enumerate(s.cuts):
        if rng.random() < style_.marks and door_form != "none":
            x, y = at(cut).mean(axis=0).tolist()
            x, y = x + rng.uniform(-2.5, 2.5) * capital, y + rng.uniform(-2.5, 2.5) * capital
            _bubble(sheet, x, y, door_form, str(100 + number), capital * 0.8, style_)
    for room, outline in zip(s.rooms, outlines, strict=True):
        form = rng.choice(forms)
        if rng.random() > style_.marks:
            continue
        x, y = _along(outline, rng) if len(outline) == 4 else _within(outline, rng)
        if form == "finish":
            text = rng.choice(FINISHES)
            x2 = x + rng.choice((-1, 1)) * capital * rng.uniform(5, 9)
            sheet.segment(x, y, x2, y, 0.5, ink)
            sheet.text(x2, y, text, capital, grey=ink, halo=PAPER)
            sheet.text(x, y, text, capital, grey=ink, halo=PAPER)
        elif form == "hexagon":
            _bubble(sheet, x, y, "hexagon", rng.choice("123456789"), capital * 1.2, style_)
        elif form == "wall":
            corner = outline[rng.randrange(len(outline))]
            x2, y2 = corner.tolist()
            sheet.segment(x2, y2, x, y, style_.pens[1], ink)
            text = rng.choice(FINISHES)
            half = sheet.width_of(text, capital) / 2 + 3
            sheet.box(x - half, y - capital, x + half, y + capital, 0.5, ink, PAPER)
            sheet.text(x, y, text, capital, grey=ink)
        elif form == "arrows":
            side = capital * 2.2
            sheet.segment(x - side, y, x + side, y, style_.pens[1], ink)
            for sign in (-1, 1):
                sheet.polygon(
                    np.array(
                        ((x + sign * side, y), (x + sign * side * 0.5, y - 2.5), (x + sign * side * 0.5, y + 2.5))
                    ),
                    ink,
                )
        elif form == "elevation":
            _view_mark(sheet, x, y, capital, style_, rng)
        elif form == "paint" and len(outline) == 4:
            centre = outline.mean(axis=0)
            ring = centre + (outline - centre) * 0.9
            sheet.polygon(ring, None, 0.5, ink)
            for corner, inner in zip(outline, ring, strict=True):
                sheet.segment(*corner.tolist(), *inner.tolist(), 0.5, ink)
            middle = (ring[0] + ring[1]) / 2
            sheet.text(
                float(middle[0]), float(middle[1]), rng.choice(("P-1", "P-2", "P-3")), capital, grey=ink, halo=PAPER
            )
    every = np.concatenate(outlines)
    low, high = every.min(axis=0), every.max(axis=0)
    for _ in range(rng.randint(0, 5)):
        x = rng.uniform(low[0], high[0])
        y = rng.choice((low[1] - capital * 4, high[1] + capital * 4, rng.uniform(low[1], high[1])))
        _view_mark(sheet, float(x), float(y), capital * 1.4, style_, rng)
    for _ in range(rng.choice((0, 0, 1, 2))):
        across = rng.random() < 0.5
        at_ = rng.uniform(0.1, 0.9)
        if across:
            y = low[1] + (high[1] - low[1]) * at_
            sheet.segment(low[0] - 20, y, high[0] + 20, y, style_.pens[2], ink, (18, 4))
        else:
            x = low[0] + (high[0] - low[0]) * at_
            sheet.segment(x, low[1] - 20, x, high[1] + 20, style_.pens[2], ink, (18, 4))
    if rng.random() < 0.15:
        for _ in range(rng.randint(1, 4)):
            stops = [np.array(_within(rng.choice(outlines), rng)) for _ in range(rng.randint(2, 4))]
            path = [stops[0]]
            for stop in stops[1:]:
                path += [np.array((stop[0], path[-1][1])), stop]
            sheet.line(np.array(path), style_.pens[2], ink, (8, 4))
            sheet.circle(*path[0].tolist(), capital * 0.6, style_.pens[2], ink, PAPER)
    if rng.random() < 0.3:
        for _ in range(rng.randint(1, 3)):
            cx, cy = rng.uniform(low[0], high[0]), rng.uniform(low[1], high[1])
            cloud(sheet, cx, cy, cx + rng.uniform(60, 400), cy + rng.uniform(30, 250), rng.uniform(8, 16), style_)
    for _ in range(rng.choice((0, 0, 1, 2))):
        cx, cy = rng.uniform(low[0], high[0]), rng.uniform(low[1], high[1])
        w, h = rng.uniform(60, 260), rng.uniform(50, 200)
        for a, b in (
            ((cx, cy), (cx + w, cy)),
            ((cx + w, cy), (cx + w, cy + h)),
            ((cx + w, cy + h), (cx, cy + h)),
            ((cx, cy + h), (cx, cy)),
        ):
            sheet.segment(*a, *b, style_.pens[2], ink, (10, 4))
        sheet.circle(cx + w + 20, cy - 10, capital * 2.2, style_.pens[1], ink, PAPER)
        sheet.text(cx + w + 20, cy - 10, f"A{rng.randint(1, 9)}", capital, grey=ink)
        sheet.segment(cx + w, cy, cx + w + 20 - capital * 2.2, cy - 8, style_.pens[1], ink)


def _along(outline: Points, rng: random.Random) -> tuple[float, float]:
    a, b = rng.uniform(0.2, 0.8), rng.uniform(0.2, 0.8)
    point = outline[0] + (outline[1] - outline[0]) * a + (outline[3] - outline[0]) * b
    return float(point[0]), float(point[1])


def _bubble(sheet: GreySheet, x: float, y: float, form: str, text: str, capital: float, style_: Style) -> None:
    radius = max(capital * 1.4, capital * 0.45 * len(text) + 2)
    if form == "circle":
        sheet.circle(x, y, radius, 0.5, style_.ink, PAPER)
    elif form == "hexagon":
        turns = np.arange(6) * math.pi / 3
        sheet.polygon(
            np.stack((x + radius * np.cos(turns), y + radius * np.sin(turns)), axis=1), PAPER, 0.5, style_.ink
        )
    else:
        sheet.box(x - radius, y - capital, x + radius, y + capital, 0.5, style_.ink, PAPER)
    sheet.text(x, y, text, capital, grey=style_.ink)


def _view_mark(sheet: GreySheet, x: float, y: float, capital: float, style_: Style, rng: random.Random) -> None:
    r = capital * 2
    turn = rng.choice((0, 1, 2, 3)) * math.pi / 2
    tip = np.array([(math.cos(turn + a), math.sin(turn + a)) for a in (0, 0.9, -0.9)])
    sheet.polygon(np.array((x, y)) + tip * np.array(((1.5,), (1.0,), (1.0,))) * r, style_.ink)
    sheet.circle(x, y, r, style_.pens[1], style_.ink, PAPER)
    sheet.segment(x - r, y, x + r, y, 0.5, style_.ink)
    sheet.text(x, y - r * 0.45, str(rng.randint(1, 12)), capital * 0.7, grey=style_.ink)
    sheet.text(x, y + r * 0.45, f"A{rng.randint(1, 9)}.0{rng.randint(1, 9)}", capital * 0.55, grey=style_.ink)


def cloud(sheet: GreySheet, x0: float, y0: float, x1: float, y1: float, radius: float, style_: Style) -> None:
    x = x0
    while x < x1:
        sheet.arc(x + radius, y0, radius, 180, 360, style_.pens[2], style_.ink)
        sheet.arc(x + radius, y1, radius, 0, 180, style_.pens[2], style_.ink)
        x += 2 * radius
    y = y0
    while y < y1:
        sheet.arc(x0, y + radius, radius, 90, 270, style_.pens[2], style_.ink)
        sheet.arc(x, y + radius, radius, 270, 90, style_.pens[2], style_.ink)
        y += 2 * radius
