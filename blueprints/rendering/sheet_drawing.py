"""What a sheet carries around its floors: dimensions, axes, captions, title blocks, stamps, and drawings of no room."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from PIL import Image, ImageDraw

from blueprints.geometry import Box, Point
from blueprints.rendering.drawing_style import DrawingStyle
from blueprints.rendering.layout import Kind
from blueprints.rendering.layout_drawing import PlacedLayout
from blueprints.rendering.room_names import FLOOR_NAMES
from blueprints.rendering.surface import SUPERSAMPLING, Colour, Surface

CHAIN_PX = 13.0
AXIS_PX = 22.0
LEAST_GAP_PX = 9.0

TITLES = (
    "ASUNTO B 16", "FLOOR PLAN", "POHJAPIIRROS 1:100", "OMAKOTITALO", "PROPOSED RESIDENCE", "EINFAMILIENHAUS",
    "MAISON INDIVIDUELLE", "VIVIENDA UNIFAMILIAR", "A-101", "A1.3", "SHEET 3 OF 12", "REV. B", "1:50", "2021-03-08",
    "14.5.1987", "3H+K+S 89,5 m2", "DRAWN: JK", "ISSUED FOR CONSTRUCTION", "PROJECT NO. 2017-44", "LOT 22", "Plan R+1",
    "SCALE 1/4\" = 1'-0\"", "ARK 02", "Pohja ohjeellinen, ei mittakaavassa", "2 BHK", "HOUSE TYPE C", "AREA 124.6 m2",
)  # fmt: skip
STAMPS = ("APPROVED", "HYVÄKSYTTY", "GENEHMIGT", "COPY", "RECEIVED 12.06.1994", "VU", "APROBADO", "PRELIMINARY")
STAMP_INKS: tuple[Colour, ...] = ((170, 40, 50), (50, 60, 150), (90, 90, 90), (30, 110, 70))
PENS: tuple[Colour, ...] = ((40, 50, 140), (20, 20, 20), (200, 30, 40))


def chains_px(style: DrawingStyle) -> float:
    """The room that dimensions and axes take at each side of a floor, in pixels."""
    return style.chains * CHAIN_PX + (AXIS_PX if style.axes else 0.0) + (6.0 if style.chains else 0.0)


def draw_surroundings(surface: Surface, placed: PlacedLayout, style: DrawingStyle, rng: random.Random) -> None:
    """Dimension chains and axes around one floor, and its caption."""
    stops = _stops(placed)
    if style.axes:
        _axes(surface, placed, style, stops)
    sides: list[Literal["top", "left", "bottom", "right"]] = ["top", "left", "bottom", "right"]
    for side in sides:
        if style.chains and (side in ("top", "left") or rng.random() < 0.5):
            _chains(surface, placed, style, side, stops, rng)
    if style.eaves:
        _eaves(surface, placed, style, rng)
    for _ in range(style.sections):
        _section(surface, placed, style, rng)
    if style.title == "caption":
        left, _, right, bottom = placed.box
        capital = style.capital_px * rng.uniform(0.9, 1.4)
        at = (
            rng.choice((left + capital * 5, (left + right) / 2, right - capital * 5)),
            bottom + chains_px(style) + capital * 1.6,
        )
        _text(surface, style, at, rng.choice(FLOOR_NAMES[style.language]), capital)


def _eaves(surface: Surface, placed: PlacedLayout, style: DrawingStyle, rng: random.Random) -> None:
    left, top, right, bottom = placed.box
    out = rng.uniform(0.3, 0.9) * placed.metre
    corners = (left - out, top - out), (right + out, top - out), (right + out, bottom + out), (left - out, bottom + out)
    surface.line([*corners, corners[0]], style.pen * 0.7, style.ink, (6.0, 3.0))


def _section(surface: Surface, placed: PlacedLayout, style: DrawingStyle, rng: random.Random) -> None:
    """A dash-dot line across the floor, or only its ends, with the arrows and letters of the view."""
    left, top, right, bottom = placed.box
    upright = rng.random() < 0.5
    share = rng.uniform(0.15, 0.85)
    at = left + (right - left) * share if upright else top + (bottom - top) * share
    low, high = (top - 8, bottom + 8) if upright else (left - 8, right + 8)

    def point(along: float, across: float) -> Point:
        return (across, along) if upright else (along, across)

    if rng.random() < 0.5:
        surface.line([point(low, at), point(high, at)], style.pen * 0.6, style.ink, (9.0, 3.0))
    letter = rng.choice("ABC")
    for end, inward in ((low, 1), (high, -1)):
        surface.line([point(end, at), point(end + inward * 6, at)], style.pen * 1.5, style.ink)
        surface.fill([point(end - 3, at), point(end + 3, at), point(end, at + 6)], style.ink)
        _text(surface, style, point(end, at - 6), letter, 5.0)


def _text(
    surface: Surface,
    style: DrawingStyle,
    at: Point,
    text: str,
    capital: float,
    *,
    align: Literal["left", "middle", "right"] = "middle",
    angle: float = 0.0,
) -> None:
    surface.text(at, text, capital, style.text_ink, lettering=style.lettering, align=align, angle=angle)


def _stops(placed: PlacedLayout) -> tuple[list[float], list[float]]:
    """Where walls of rooms meet the sides, in pixels of the sheet, and the floor's own ends."""
    indoor = [room.box for room in placed.layout.rooms if room.kind is not Kind.OUTDOOR]
    xs = {0, placed.layout.width, *(edge for box in indoor for edge in (box[0], box[2]))}
    ys = {0, placed.layout.height, *(edge for box in indoor for edge in (box[1], box[3]))}
    return (
        _apart([placed.point(x, 0)[0] for x in sorted(xs)]),
        _apart([placed.point(0, y)[1] for y in sorted(ys)]),
    )


def _apart(values: Sequence[float]) -> list[float]:
    kept = [values[0]]
    kept.extend(value for value, after in pairwise(values[1:]) if value - kept[-1] > LEAST_GAP_PX and after > value)
    return [*(value for value in kept if values[-1] - value > LEAST_GAP_PX or value == values[0]), values[-1]]


def _axes(surface: Surface, placed: PlacedLayout, style: DrawingStyle, stops: tuple[list[float], list[float]]) -> None:
    """Numbered dash-dot lines through the walls."""
    left, top, right, bottom = placed.box
    reach = chains_px(style) - AXIS_PX / 2
    for number, x in enumerate(stops[0][::2], start=1):
        surface.line([(x, top - reach), (x, bottom + reach)], style.pen * 0.5, style.ink, (7.0, 3.0))
        surface.circle((x, top - reach), 6.0, style.pen, style.ink, style.paper)
        _text(surface, style, (x, top - reach), str(number), 4.0)
    for number, y in enumerate(stops[1][::2]):
        surface.line([(left - reach, y), (right + reach, y)], style.pen * 0.5, style.ink, (7.0, 3.0))
        surface.circle((left - reach, y), 6.0, style.pen, style.ink, style.paper)
        _text(surface, style, (left - reach, y), chr(ord("A") + number % 26), 4.0)


def _chains(
    surface: Surface,
    placed: PlacedLayout,
    style: DrawingStyle,
    side: Literal["top", "left", "bottom", "right"],
    stops: tuple[list[float], list[float]],
    rng: random.Random,
) -> None:
    left, top, right, bottom = placed.box
    upright = side in ("left", "right")
    values = stops[1 if upright else 0]
    for number in range(style.chains):
        away = 6.0 + number * CHAIN_PX + CHAIN_PX / 2
        at = {"top": top - away, "left": left - away, "bottom": bottom + away, "right": right + away}[side]
        # The outermost chain gives the whole, those within it more and more of the parts.
        outermost = number == style.chains - 1
        parts = [values[0], values[-1]] if outermost else [v for v in values if rng.random() < 0.85 or v == values[0]]
        _chain(surface, placed, style, parts, at, upright)


def _chain(
    surface: Surface, placed: PlacedLayout, style: DrawingStyle, stops: Sequence[float], at: float, upright: bool
) -> None:
    def point(along: float, across: float) -> Point:
        return (across, along) if upright else (along, across)

    pen = style.pen * 0.6
    surface.line([point(stops[0] - 4, at), point(stops[-1] + 4, at)], pen, style.ink)
    for stop in stops:
        surface.line([point(stop, at - 3.5), point(stop, at + 3.5)], pen, style.ink)
        if style.tick == "slash":
            surface.line([point(stop - 2, at + 2), point(stop + 2, at - 2)], style.pen, style.ink)
        elif style.tick == "dot":
            surface.circle(point(stop, at), 1.2, style.pen, style.ink, style.ink)
        else:
            surface.line([point(stop - 3, at - 1.5), point(stop, at), point(stop - 3, at + 1.5)], pen, style.ink)
    for start, end in pairwise(stops):
        text = _length_text((end - start) / placed.metre, style.unit)
        capital = min(4.5, style.capital_px, (end - start) * 1.1 / len(text))
        if capital > 2.0:
            _text(surface, style, point((start + end) / 2, at - 4.0), text, capital, angle=90 if upright else 0)


def _length_text(metres: float, unit: str) -> str:
    if unit == "feet":
        inches = round(metres / 0.0254)
        return f"{inches // 12}'-{inches % 12}\""
    return {"mm": f"{metres * 1000:.0f}", "cm": f"{metres * 100:.0f}", "m": f"{metres:.2f}"}[unit]


def draw_sheet(surface: Surface, style: DrawingStyle, spare: Sequence[Box], rng: random.Random) -> None:
    """Title block, north arrow, scale bar, stamps and scrawls; drawings of no room fill the `spare` boxes."""
    for box in spare:
        rng.choice((_elevation, _roof, _table, _site))(surface, style, box, rng)
    width, height = surface.size
    if style.title in ("strip", "band", "corner"):
        _title_block(surface, style, title_box(style, surface.size), rng)
    if style.north:
        _north_arrow(surface, style, (rng.choice((0.06, 0.94)) * width, rng.choice((0.07, 0.93)) * height), rng)
    if style.scale_bar:
        _scale_bar(surface, style, (rng.uniform(0.1, 0.7) * width, 0.97 * height))
    for _ in range(style.stamps):
        _stamp(surface, (rng.uniform(0.1, 0.9) * width, rng.uniform(0.1, 0.9) * height), rng)
    for _ in range(style.scrawls):
        _scrawl(surface, rng)


def title_px(style: DrawingStyle) -> Point:
    """What a title block takes of the sheet's width and height, in pixels."""
    return {"strip": (88.0, 0.0), "band": (0.0, 60.0)}.get(style.title, (0.0, 0.0))


def title_box(style: DrawingStyle, size: tuple[int, int]) -> Box:
    width, height = size
    if style.title == "strip":
        return width - 84.0, 4.0, width - 4.0, height - 4.0
    if style.title == "band":
        return 4.0, height - 56.0, width - 4.0, height - 4.0
    return width * 0.72, height - 60.0, width - 4.0, height - 4.0


def _title_block(surface: Surface, style: DrawingStyle, box: Box, rng: random.Random) -> None:
    left, top, right, bottom = box
    width, height = surface.size
    surface.rectangle(box, style.paper)
    surface.outline(box, style.pen * 1.5, style.ink)
    if style.title != "corner":
        surface.outline((4.0, 4.0, width - 4.0, height - 4.0), style.pen * 1.5, style.ink)
    along_x = style.title == "band"
    at = left if along_x else top
    end = right if along_x else bottom
    while at < end - 12:
        size = min(rng.uniform(14, 110 if along_x else 70), end - at)
        cell = (at, top, at + size, bottom) if along_x else (left, at, right, at + size)
        surface.outline(cell, style.pen, style.ink)
        _paragraph(surface, style, cell, rng)
        at += size


def _paragraph(surface: Surface, style: DrawingStyle, box: Box, rng: random.Random) -> None:
    """As many lines of title texts as fit."""
    left, top, right, bottom = box
    capital = rng.choice((2.6, 3.2, 4.5))
    y = top + capital * 1.6
    while y < bottom - capital and rng.random() < 0.85:
        text = rng.choice(TITLES)
        fitting = text[: max(1, int((right - left - 6) / capital / 0.95))]
        _text(surface, style, (left + 4, y), fitting, capital, align="left")
        y += capital * 2.2


def _north_arrow(surface: Surface, style: DrawingStyle, centre: Point, rng: random.Random) -> None:
    (x, y), radius = centre, rng.uniform(8, 15)
    angle = rng.uniform(0, math.tau)
    if rng.random() < 0.7:
        surface.circle(centre, radius, style.pen, style.ink)

    def around(turn: float, distance: float) -> Point:
        return x + distance * math.sin(angle + turn), y - distance * math.cos(angle + turn)

    surface.fill([around(0, radius), around(2.6, radius * 0.8), around(math.pi, radius * 0.3)], style.ink)
    surface.line([around(0, radius), around(-2.6, radius * 0.8), around(math.pi, radius * 0.3)], style.pen, style.ink)
    _text(surface, style, around(0, radius + 6), "N", 5.0)


def _scale_bar(surface: Surface, style: DrawingStyle, corner: Point) -> None:
    x, y = corner
    for part in range(4):
        box = x + part * 16, y, x + part * 16 + 16, y + 3
        if part % 2 == 0:
            surface.rectangle(box, style.ink)
        surface.outline(box, style.pen * 0.6, style.ink)
        _text(surface, style, (x + part * 16, y - 4), str(part), 3.2)


def _stamp(surface: Surface, centre: Point, rng: random.Random) -> None:
    """A rectangle or a ring with a word, slanted and translucent."""
    ink, text = rng.choice(STAMP_INKS), rng.choice(STAMPS)
    width, height = (rng.randint(70, 150) * SUPERSAMPLING, rng.randint(22, 44) * SUPERSAMPLING)
    opacity = rng.randint(120, 230)
    mask = Image.new("L", (width, height))
    draw = ImageDraw.Draw(mask)
    pen = rng.choice((2, 3, 5))
    if rng.random() < 0.6:
        draw.rectangle((0, 0, width - 1, height - 1), outline=opacity, width=pen)
    else:
        draw.ellipse((0, 0, width - 1, height - 1), outline=opacity, width=pen)
    draw.text((width / 2, height / 2), text, fill=opacity, anchor="mm", font_size=min(height * 0.4, width / len(text)))
    mask = mask.rotate(rng.uniform(-25, 25), Image.Resampling.BILINEAR, expand=True)
    corner = centre[0] - mask.width / 2 / SUPERSAMPLING, centre[1] - mask.height / 2 / SUPERSAMPLING
    surface.stencil(mask, corner, ink)


def _scrawl(surface: Surface, rng: random.Random) -> None:
    """A stroke of a pen: a wandering line, or a loop around a part of the plan."""
    width, height = surface.size
    x, y = rng.uniform(0.1, 0.9) * width, rng.uniform(0.1, 0.9) * height
    colour = rng.choice(PENS)
    if rng.random() < 0.2:
        radii = rng.uniform(0.1, 0.3) * width, rng.uniform(0.1, 0.3) * height
        turns = [math.tau * step / 24 for step in range(25)]
        loop = [
            (x + radii[0] * math.cos(a) + rng.uniform(-4, 4), y + radii[1] * math.sin(a) + rng.uniform(-4, 4))
            for a in turns
        ]
        surface.line(loop, rng.choice((1.5, 4.0)), colour)
        return
    points = [(x, y)]
    heading = rng.uniform(0, math.tau)
    for _ in range(rng.randint(6, 30)):
        heading += rng.uniform(-1.0, 1.0)
        x, y = x + 5 * math.cos(heading), y + 4 * math.sin(heading)
        points.append((x, y))
    surface.line(points, rng.choice((0.6, 1.0)), colour)


def _elevation(surface: Surface, style: DrawingStyle, box: Box, rng: random.Random) -> None:
    """A front with a roof and windows."""
    left, top, right, bottom = _inset(box, 0.12)
    eaves = top + (bottom - top) * rng.uniform(0.3, 0.5)
    surface.line([(left, bottom), (right, bottom)], style.pen * 2, style.ink)
    surface.outline((left + 6, eaves, right - 6, bottom), style.pen, style.ink)
    ridge = left + (right - left) * rng.uniform(0.3, 0.7)
    surface.line([(left, eaves), (ridge, top), (right, eaves), (left, eaves)], style.pen, style.ink)
    for _ in range(rng.randint(2, 6)):
        x, y = rng.uniform(left + 8, right - 24), rng.uniform(eaves + 3, max(eaves + 4, bottom - 20))
        surface.outline((x, y, x + rng.uniform(8, 16), y + rng.uniform(8, 16)), style.pen * 0.7, style.ink)
    if rng.random() < 0.5:
        y = eaves
        while y < bottom:
            surface.line([(left + 6, y), (right - 6, y)], style.pen * 0.4, style.ink)
            y += 4


def _roof(surface: Surface, style: DrawingStyle, box: Box, _rng: random.Random) -> None:
    """A hipped roof from above."""
    left, top, right, bottom = _inset(box, 0.15)
    middle, hip = (top + bottom) / 2, min(right - left, bottom - top) / 2
    surface.outline((left, top, right, bottom), style.pen, style.ink)
    ends = (left + hip, middle), (right - hip, middle)
    surface.line([*ends], style.pen, style.ink)
    for corner, end in (
        ((left, top), ends[0]),
        ((left, bottom), ends[0]),
        ((right, top), ends[1]),
        ((right, bottom), ends[1]),
    ):
        surface.line([corner, end], style.pen, style.ink)
    _text(surface, style, ((left + right) / 2, bottom + 8), "ROOF PLAN", 4.5)


def _table(surface: Surface, style: DrawingStyle, box: Box, rng: random.Random) -> None:
    """A schedule: rows of short texts."""
    left, top, right, bottom = _inset(box, 0.15)
    row = rng.uniform(8, 12)
    columns = [left, *sorted(rng.uniform(left + 10, right - 10) for _ in range(rng.randint(1, 4))), right]
    y = top
    while y + row <= bottom:
        surface.line([(left, y), (right, y)], style.pen * 0.6, style.ink)
        for start, end in pairwise(columns):
            text = rng.choice(TITLES)[: max(1, int((end - start - 4) / 3.2))]
            _text(surface, style, (start + 2, y + row / 2), text, 3.0, align="left")
        y += row
    surface.outline((left, top, right, y), style.pen, style.ink)
    for x in columns[1:-1]:
        surface.line([(x, top), (x, y)], style.pen * 0.6, style.ink)


def _site(surface: Surface, style: DrawingStyle, box: Box, rng: random.Random) -> None:
    """A plot with the outline of a house and some trees."""
    left, top, right, bottom = _inset(box, 0.12)
    plot = [
        (left + rng.uniform(0, 12), top + rng.uniform(0, 12)),
        (right - rng.uniform(0, 12), top),
        (right, bottom - rng.uniform(0, 12)),
        (left, bottom),
    ]
    surface.line([*plot, plot[0]], style.pen, style.ink, (8.0, 3.0))
    inner = _inset((left, top, right, bottom), rng.uniform(0.3, 0.36))
    surface.fill([(inner[0], inner[1]), (inner[2], inner[1]), (inner[2], inner[3]), (inner[0], inner[3])], style.ink)
    for _ in range(rng.randint(2, 8)):
        surface.circle((rng.uniform(left, right), rng.uniform(top, bottom)), rng.uniform(4, 9), style.pen, style.ink)


def _inset(box: Box, share: float) -> Box:
    left, top, right, bottom = box
    dx, dy = (right - left) * share, (bottom - top) * share
    return left + dx, top + dy, right - dx, bottom - dy
