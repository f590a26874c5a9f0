"""Drawing a plan: furniture, walls, openings, names and dimensions, then what the sheet itself carries.

Pens and lettering are those of a drawing on paper: millimetres on the sheet times its scale.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from PIL import Image

from blueprints import sheet
from blueprints.canvas import PAPER, Canvas
from blueprints.errors import BlueprintError
from blueprints.geometry import Point
from blueprints.plan import DimensionChain, Door, Opening, Plan, Room, Wall, Window
from blueprints.rendering import furniture

WALL_INK = 20
LINE_INK = 60
FURNITURE_INK = 95
HATCH_INK = 90
TEXT_INK = 20

HEAVY_PEN = 0.030
MEDIUM_PEN = 0.018
THIN_PEN = 0.012

HATCH_SPACING = 0.075
LEAF_THICKNESS = 0.045
DIMENSION_TEXT = 0.135
TICK = 0.09
OVERSHOOT = 0.16

# The API refuses images of more than 5000 px a side, and a plan of less than 20 px a metre loses its doors.
PIXELS_PER_METRE = (20.0, 200.0)


def draw(plan: Plan, pixels_per_metre: float) -> Image.Image:
    """The plan as an 8-bit grey image of the whole sheet.

    The same plan and scale (20..200 px a metre) give the same pixels everywhere. `plan.room_boxes()` are fractions of
    the image's size.
    """
    low, high = PIXELS_PER_METRE
    if not low <= pixels_per_metre <= high:
        raise BlueprintError(f"scale {pixels_per_metre:g}: must be from {low:g} to {high:g} pixels a metre")
    canvas = Canvas(plan.sheet.width, plan.sheet.height, pixels_per_metre, plan.sheet.origin)
    for piece in plan.furniture:
        for shape in furniture.shapes(piece):
            if shape.closed:
                canvas.fill(shape.points, PAPER)
            canvas.line(shape.points, THIN_PEN, FURNITURE_INK, closed=shape.closed)
    _walls(canvas, plan.walls)
    for wall in plan.walls:
        for opening in wall.openings:
            _opening(canvas, wall, opening)
    for room in plan.rooms:
        _name(canvas, room)
    for chain in plan.dimensions:
        _dimension_lines(canvas, chain)
        _measures(canvas, chain)
    sheet.draw(canvas, plan)
    return canvas.finish()


def _walls(canvas: Canvas, walls: Sequence[Wall]) -> None:
    """Lighter walls first: a partition ends at the face of the masonry it meets.

    Bodies of one material merge, because their outlines are drawn before their insides.
    """
    for material, pen in (("railing", MEDIUM_PEN), ("stud", HEAVY_PEN), ("masonry", HEAVY_PEN)):
        bodies = [(wall, *piece) for wall in walls if wall.material == material for piece in wall.pieces()]
        for wall, start, end in bodies:
            canvas.fill(wall.quad(start, end), WALL_INK)
        insides = [wall.quad(start, end, inset=pen) for wall, start, end in bodies]
        if material == "masonry":
            canvas.hatch(insides, HATCH_SPACING, THIN_PEN, HATCH_INK)
        elif material == "railing":
            for inside in insides:
                canvas.fill(inside, PAPER)


def _opening(canvas: Canvas, wall: Wall, opening: Opening) -> None:
    half = wall.thickness / 2
    for face in (half, -half):
        edge = face - math.copysign(THIN_PEN / 2, face)
        pen = MEDIUM_PEN if isinstance(opening, Window) else THIN_PEN
        canvas.line([wall.point(opening.at, edge), wall.point(opening.end, edge)], pen, LINE_INK)
    if isinstance(opening, Window):
        for pane in (0.03, -0.03):
            canvas.line([wall.point(opening.at, pane), wall.point(opening.end, pane)], MEDIUM_PEN, WALL_INK)
    elif isinstance(opening, Door):
        _door(canvas, wall, opening)


def _door(canvas: Canvas, wall: Wall, door: Door) -> None:
    """An open leaf at a right angle to the wall and the quarter circle of its free edge."""
    towards = 1 if door.side == "left" else -1
    face = towards * wall.thickness / 2
    hinge, free = (door.at, 1) if door.hinge == "start" else (door.end, -1)

    def around_hinge(along: float, away: float) -> Point:
        return wall.point(hinge + free * along, face + towards * away)

    arc = [math.pi / 2 * step / 24 for step in range(25)]
    swing = [around_hinge(door.width * math.cos(angle), door.width * math.sin(angle)) for angle in arc]
    canvas.line(swing, THIN_PEN, LINE_INK)
    leaf = [
        around_hinge(along, away)
        for along, away in ((0, 0), (LEAF_THICKNESS, 0), (LEAF_THICKNESS, door.width), (0, door.width))
    ]
    canvas.fill(leaf, PAPER)
    canvas.line(leaf, MEDIUM_PEN, WALL_INK, closed=True)


def _name(canvas: Canvas, room: Room) -> None:
    x, y = room.label
    height = room.text_height
    canvas.text((x, y - height * 0.85), room.name, height, TEXT_INK, halo=True)
    canvas.text((x, y + height * 0.85), f"{room.area:.1f} m²", height * 0.8, TEXT_INK, halo=True)


def _dimension_lines(canvas: Canvas, chain: DimensionChain) -> None:
    """The chain's line, and at every stop a short extension line and a slanted tick."""
    ends = chain.point(chain.stops[0] - OVERSHOOT, chain.at), chain.point(chain.stops[-1] + OVERSHOOT, chain.at)
    canvas.line(ends, THIN_PEN, LINE_INK)
    for stop in chain.stops:
        extension = chain.point(stop, chain.at - OVERSHOOT), chain.point(stop, chain.at + OVERSHOOT)
        canvas.line(extension, THIN_PEN, LINE_INK)
        tick = chain.point(stop - TICK, chain.at + TICK), chain.point(stop + TICK, chain.at - TICK)
        canvas.line(tick, HEAVY_PEN, WALL_INK)


def _measures(canvas: Canvas, chain: DimensionChain) -> None:
    """The distances in metres, above a horizontal chain and left of a vertical one, which is read from the right.

    A measure that is wider than its stretch is left out, as on paper.
    """
    for start, end in pairwise(chain.stops):
        measure = f"{end - start:.2f}"
        if canvas.text_width(measure, DIMENSION_TEXT) < end - start:
            at = chain.point((start + end) / 2, chain.at - DIMENSION_TEXT * 1.05)
            canvas.text(at, measure, DIMENSION_TEXT, TEXT_INK, upwards=chain.axis == "y")
