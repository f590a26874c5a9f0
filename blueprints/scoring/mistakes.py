"""Where a detector goes wrong: wrong boxes by kind, the worst plans, and pictures of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from PIL import Image, ImageDraw

from blueprints.answer import thousandths
from blueprints.geometry import Box
from blueprints.lettering import font
from blueprints.overlay import draw_rooms, enlarged
from blueprints.scoring.detection_metrics import IOU_THRESHOLD, ScoredPlan
from blueprints.scoring.matching import Counts, iou, outcomes

LEAST_OVERLAP = 0.1
"""A box with less IoU than this with every room is background: the threshold of TIDE (Bolya et al., 2020)."""
CAPTION_PX = 36
GAP_PX = 24


class Verdict(StrEnum):
    """Kinds of predicted boxes; the last three are wrong."""

    RIGHT = "right"
    SECOND = "second box"
    """Its nearest room was found by another box: a duplicate, of whatever size."""
    INEXACT = "inexact"
    """Its nearest room was not found by any box: near a room, but with an IoU below 0.5."""
    NO_ROOM = "no room"
    """It overlaps no room by LEAST_OVERLAP."""


def verdicts(plan: ScoredPlan, confidence_threshold: float) -> list[Verdict]:
    """A verdict for each of `plan.confident(confidence_threshold)`, in the same order."""
    predictions = plan.confident(confidence_threshold)
    found = outcomes(predictions, plan.truth, IOU_THRESHOLD)
    taken = {outcome.room for outcome in found}
    return [
        Verdict.RIGHT if outcome.room is not None else _wrong(one.box, plan.truth, taken)
        for one, outcome in zip(predictions, found, strict=True)
    ]


def wrong_boxes(plans: Sequence[ScoredPlan], confidence_threshold: float) -> dict[str, int]:
    """The number of wrong boxes in all plans, by verdict."""
    counted = Counter(verdict for plan in plans for verdict in verdicts(plan, confidence_threshold))
    return {verdict.value: counted[verdict] for verdict in Verdict if verdict is not Verdict.RIGHT}


def worst(plans: Sequence[ScoredPlan], confidence_threshold: float, limit: int) -> list[ScoredPlan]:
    """At most `limit` plans with mistakes, the lowest F1 first; of equals, the one with more mistakes."""
    counted = [(plan, _counts(plan, confidence_threshold)) for plan in plans]
    mistaken = [(plan, counts) for plan, counts in counted if counts.missed or counts.wrong]
    mistaken.sort(key=lambda one: (one[1].f1 or 0.0, -one[1].missed - one[1].wrong))
    return [plan for plan, _ in mistaken[:limit]]


def picture(image: Image.Image, plan: ScoredPlan, confidence_threshold: float) -> Image.Image:
    """The upright `image` of a plan twice: with its labels (found or missed) and with the boxes served (by verdict)."""
    predictions, counts = plan.confident(confidence_threshold), _counts(plan, confidence_threshold)
    taken = {outcome.room for outcome in outcomes(predictions, plan.truth, IOU_THRESHOLD)}
    labels = [
        _room(number, box, 1.0, "found" if number in taken else "missed") for number, box in enumerate(plan.truth)
    ]
    boxes = [
        _room(number, one.box, one.confidence, verdict)
        for number, (one, verdict) in enumerate(zip(predictions, verdicts(plan, confidence_threshold), strict=True))
    ]
    large = enlarged(image)
    panels = (
        _captioned(draw_rooms(large, labels), f"{plan.name}, labels: {counts.right} of {len(labels)} rooms found"),
        _captioned(draw_rooms(large, boxes), f"detector: {len(boxes)} boxes, {counts.wrong} of them wrong"),
    )
    sheet = Image.new("RGB", (2 * large.width + GAP_PX, panels[0].height), "white")
    sheet.paste(panels[0], (0, 0))
    sheet.paste(panels[1], (large.width + GAP_PX, 0))
    return sheet


def _captioned(image: Image.Image, caption: str) -> Image.Image:
    panel = Image.new("RGB", (image.width, image.height + CAPTION_PX), "white")
    panel.paste(image, (0, CAPTION_PX))
    ImageDraw.Draw(panel).text((8, 6), caption, fill="black", font=font(20))
    return panel


def _wrong(box: Box, truth: Sequence[Box], taken: set[int | None]) -> Verdict:
    overlaps = [iou(box, room) for room in truth]
    nearest = max(range(len(truth)), key=overlaps.__getitem__, default=None)
    if nearest is None or overlaps[nearest] < LEAST_OVERLAP:
        return Verdict.NO_ROOM
    return Verdict.SECOND if nearest in taken else Verdict.INEXACT


def _counts(plan: ScoredPlan, confidence_threshold: float) -> Counts:
    found = outcomes(plan.confident(confidence_threshold), plan.truth, IOU_THRESHOLD)
    return Counts.of(found, len(plan.truth))


def _room(number: int, box: Box, confidence: float, hint: str) -> dict[str, Any]:
    """A room in the API's format, for drawing an overlay."""
    return {
        "id": f"room_{number + 1}",
        "bounding_box": list(thousandths(box)),
        "confidence": confidence,
        "name_hint": hint,
    }
