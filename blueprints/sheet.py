"""What the sheet carries beside the plan: frame, room schedule, scale bar, north arrow and title block."""

from __future__ import annotations

import math

from blueprints.canvas import PAPER, Canvas
from blueprints.geometry import Point
from blueprints.plan import Plan, TitleBlock

INK = 30
FRAME_PEN = 0.030
THIN_PEN = 0.012
LETTERING = 0.125
SMALL_LETTERING = 0.095
ROW = 0.30
CELL = 0.52


def draw(canvas: Canvas, plan: Plan) -> None:
    """Everything around the plan; a plan without a title block is drawn without frame and strip."""
    if plan.title is None:
        return
    (ox, oy), sheet = plan.sheet.origin, plan.sheet
    left, top = sheet.margin - ox, sheet.margin - oy
    right, bottom = sheet.width - sheet.margin - ox, sheet.height - sheet.margin - oy
    _rectangle(canvas, left, top, right, bottom, FRAME_PEN)
    strip = right - sheet.strip
    canvas.line([(strip, top), (strip, bottom)], FRAME_PEN, INK)
    schedule_end = _schedule(canvas, plan, (strip, top), sheet.strip)
    _notes(canvas, plan.title.notes, (strip + 0.2, schedule_end + 0.5))
    block_top = bottom - CELL * 6
    _title_block(canvas, plan.title, sheet.scale, (strip, block_top), right, bottom)
    _north_arrow(canvas, ((strip + right) / 2, block_top - 2.1), 0.55)
    _scale_bar(canvas, ((strip + right) / 2 - 1.0, block_top - 0.75))


def _rectangle(canvas: Canvas, x0: float, y0: float, x1: float, y1: float, pen: float) -> None:
    canvas.line([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], pen, INK, closed=True)


def _schedule(canvas: Canvas, plan: Plan, corner: Point, width: float) -> float:
    """The rooms with their areas, and the sum; gives back where it ends on y."""
    x, y = corner[0] + 0.2, corner[1] + 0.45
    end = corner[0] + width - 0.2
    canvas.text((x, y), "ROOM SCHEDULE", LETTERING, INK, align="left")
    y += 0.25
    canvas.line([(x, y), (end, y)], THIN_PEN, INK)
    for number, room in enumerate(plan.rooms, start=1):
        canvas.text((x, y + ROW / 2), f"{number:02d}", LETTERING, INK, align="left")
        canvas.text((x + 0.4, y + ROW / 2), room.name, LETTERING, INK, align="left")
        canvas.text((end, y + ROW / 2), f"{room.area:.1f} m²", LETTERING, INK, align="right")
        y += ROW
    y += 0.06
    canvas.line([(x, y), (end, y)], THIN_PEN, INK)
    canvas.text((x + 0.4, y + ROW / 2), "Total", LETTERING, INK, align="left")
    total = sum(room.area for room in plan.rooms)
    canvas.text((end, y + ROW / 2), f"{total:.1f} m²", LETTERING, INK, align="right")
    return y + ROW


def _notes(canvas: Canvas, notes: tuple[str, ...], corner: Point) -> None:
    x, y = corner
    canvas.text((x, y), "NOTES", LETTERING, INK, align="left")
    for number, note in enumerate(notes, start=1):
        canvas.text((x, y + number * ROW * 0.85), f"{number}. {note}", SMALL_LETTERING, INK, align="left")


def _title_block(canvas: Canvas, title: TitleBlock, scale: int, corner: Point, right: float, bottom: float) -> None:
    """Rows of captioned cells; the last two rows are split in halves."""
    x, y = corner
    middle = (x + right) / 2
    rows: list[list[tuple[str, str]]] = [
        [("PROJECT", title.project)],
        [("DRAWING", title.drawing)],
        [("PHASE", title.phase)],
        [("DRAWN BY", title.drawn_by)],
        [("DATE", title.date), ("SCALE", f"1:{scale}")],
        [("SHEET", title.number), ("UNITS", "m")],
    ]
    canvas.line([(x, y), (right, y)], FRAME_PEN, INK)
    for row in rows:
        for left, (caption, text) in zip((x, middle), row, strict=False):
            canvas.text((left + 0.12, y + 0.14), caption, SMALL_LETTERING * 0.8, INK, align="left")
            canvas.text((left + 0.12, y + 0.36), text, LETTERING, INK, align="left")
        if len(row) == 2:
            canvas.line([(middle, y), (middle, y + CELL)], THIN_PEN, INK)
        y += CELL
        if y < bottom:
            canvas.line([(x, y), (right, y)], THIN_PEN, INK)


def _north_arrow(canvas: Canvas, centre: Point, radius: float) -> None:
    x, y = centre
    ring = [math.tau * step / 72 for step in range(72)]
    canvas.line([(x + radius * math.cos(a), y + radius * math.sin(a)) for a in ring], THIN_PEN, INK, closed=True)
    tip, foot, waist = (x, y - radius), radius * 0.62, (x, y + radius * 0.35)
    canvas.fill([tip, (x - radius * 0.42, y + foot), waist], INK)
    canvas.fill([tip, (x + radius * 0.42, y + foot), waist], PAPER)
    canvas.line([tip, (x + radius * 0.42, y + foot), waist], THIN_PEN, INK, closed=True)
    canvas.text((x, y - radius - 0.18), "N", 0.2, INK)


def _scale_bar(canvas: Canvas, corner: Point) -> None:
    """Two metres in alternating halves; `corner` is the bar's top left."""
    x, y = corner
    part, height = 0.5, 0.09
    for index in range(4):
        box = [
            (x + index * part, y),
            (x + (index + 1) * part, y),
            (x + (index + 1) * part, y + height),
            (x + index * part, y + height),
        ]
        canvas.fill(box, INK if index % 2 == 0 else PAPER)
        canvas.line(box, THIN_PEN, INK, closed=True)
    for metres in (0, 1, 2):
        canvas.text((x + metres, y + 0.24), f"{metres} m" if metres else "0", SMALL_LETTERING, INK)
