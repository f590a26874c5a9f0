"""Accuracy of a detector's boxes: COCO's metrics, precision and recall at one confidence, recall by room size."""

from __future__ import annotations

import contextlib
import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from blueprints.errors import BlueprintError
from blueprints.geometry import Box
from blueprints.scoring.matching import Counts, Outcome, Prediction, outcomes

CONFIDENCE_FLOOR = 0.001
"""Predictions below this confidence are ignored, as in Ultralytics' validation."""
MOST_DETECTIONS = 100
"""COCO counts this many predictions per plan, the most confident ones."""
LONGEST_SIDE_PX = 640
IOU_THRESHOLD = 0.5
SIZES = (0.0, 0.01, 0.05, 1.0)
"""The classes of box size, as shares of the plan's area: under 1 %, 1 to 5 %, over 5 %."""
NORMAL_QUANTILE_95 = 1.959964


@dataclass(frozen=True, kw_only=True)
class ScoredPlan:
    """A plan's true rooms and its predictions, down to a confidence of CONFIDENCE_FLOOR.

    All boxes are x_min, y_min, x_max, y_max as fractions 0..1 of the upright image of `width_px` x `height_px`.
    """

    name: str
    style: str
    width_px: int
    height_px: int
    truth: Sequence[Box]
    predictions: Sequence[Prediction]

    def confident(self, threshold: float) -> list[Prediction]:
        """The predictions that are served at a confidence threshold: those above it."""
        return [one for one in self.predictions if one.confidence > threshold]


@dataclass(frozen=True, kw_only=True)
class SizeRecall:
    """Recall of the rooms whose box has at least `from_share` and less than `to_share` of the plan's area.

    `low` and `high` are the Wilson 95 % interval of `recall`; all three are None without rooms.
    """

    from_share: float
    to_share: float
    rooms: int
    recall: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, kw_only=True)
class DetectionMetrics:
    """Metrics 0..1 over all plans together; None if the denominator is 0.

    `map50`, `map50_95` and `average_recall` are COCO's AP at IoU 0.5, AP and AR over IoU 0.5 to 0.95, of at most 100
    predictions a plan. `precision`, `recall`, `duplicates` and `recall_by_size` are those of the predictions above
    `confidence_threshold`, matched at IoU 0.5 (`matching`); duplicates are among the wrong predictions.
    """

    plans: int
    rooms: int
    map50: float | None
    map50_95: float | None
    average_recall: float | None
    confidence_threshold: float
    precision: float | None
    recall: float | None
    duplicates: int
    recall_by_size: tuple[SizeRecall, ...]

    def as_json(self) -> dict[str, Any]:
        """The metrics as JSON values, under their own names."""
        return asdict(self)


def measure(plans: Sequence[ScoredPlan], *, confidence_threshold: float) -> DetectionMetrics:
    """Measures predictions against the true rooms of at least one plan; BlueprintError for none or a bad threshold."""
    if not plans:
        raise BlueprintError("no plans: there is nothing to measure")
    if not 0 <= confidence_threshold <= 1:
        raise BlueprintError(f"confidence threshold {confidence_threshold:g}: must be a number from 0 to 1")
    matched = [(plan, outcomes(plan.confident(confidence_threshold), plan.truth, IOU_THRESHOLD)) for plan in plans]
    counts = sum((Counts.of(found, len(plan.truth)) for plan, found in matched), Counts())
    map50, map50_95, average_recall = _coco(plans)
    return DetectionMetrics(
        plans=len(plans),
        rooms=sum(len(plan.truth) for plan in plans),
        map50=map50,
        map50_95=map50_95,
        average_recall=average_recall,
        confidence_threshold=confidence_threshold,
        precision=counts.precision,
        recall=counts.recall,
        duplicates=counts.duplicates,
        recall_by_size=_recall_by_size(matched),
    )


def wilson_interval(successes: int, trials: int) -> tuple[float, float]:
    """The 95 % confidence interval of a share, for one trial or more.

    E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference" (1927): it stays within 0..1
    and holds for few trials and shares near the ends, where the normal approximation does not.
    """
    share, square = successes / trials, NORMAL_QUANTILE_95**2
    middle = (share + square / (2 * trials)) / (1 + square / trials)
    half = NORMAL_QUANTILE_95 * math.sqrt(share * (1 - share) / trials + square / (4 * trials**2))
    half /= 1 + square / trials
    return max(0.0, middle - half), min(1.0, middle + half)


def _recall_by_size(matched: Sequence[tuple[ScoredPlan, Sequence[Outcome]]]) -> tuple[SizeRecall, ...]:
    shares: list[float] = []
    found: list[bool] = []
    for plan, plan_outcomes in matched:
        rooms = {outcome.room for outcome in plan_outcomes}
        shares += [(box[2] - box[0]) * (box[3] - box[1]) for box in plan.truth]
        found += [index in rooms for index in range(len(plan.truth))]
    classes = np.digitize(shares, SIZES[1:-1])
    return tuple(
        _size_recall(SIZES[number], SIZES[number + 1], [found[place] for place in np.flatnonzero(classes == number)])
        for number in range(len(SIZES) - 1)
    )


def _size_recall(from_share: float, to_share: float, found: Sequence[bool]) -> SizeRecall:
    low, high = wilson_interval(sum(found), len(found)) if found else (None, None)
    recall = sum(found) / len(found) if found else None
    return SizeRecall(from_share=from_share, to_share=to_share, rooms=len(found), recall=recall, low=low, high=high)


def _coco(plans: Sequence[ScoredPlan]) -> tuple[float | None, float | None, float | None]:
    """AP at IoU 0.5, AP and AR, by pycocotools; None without rooms."""
    truth = [[(box, 1.0) for box in plan.truth] for plan in plans]
    predicted = [[(one.box, one.confidence) for one in plan.confident(CONFIDENCE_FLOOR)] for plan in plans]
    with contextlib.redirect_stdout(io.StringIO()):
        evaluation = COCOeval(_data_set(plans, truth), _data_set(plans, predicted), "bbox")
        evaluation.params.maxDets = [MOST_DETECTIONS]
        evaluation.params.areaRng, evaluation.params.areaRngLbl = evaluation.params.areaRng[:1], ["all"]
        evaluation.evaluate()
        evaluation.accumulate()
    # [IoU, recall level, class, area, detections] and the same without recall levels; -1 where there are no rooms.
    precision, recall = evaluation.eval["precision"], evaluation.eval["recall"]
    if (recall < 0).any():
        return None, None, None
    return float(precision[0].mean()), float(precision.mean()), float(recall.mean())


def _data_set(plans: Sequence[ScoredPlan], boxes: Sequence[Sequence[tuple[Box, float]]]) -> COCO:
    # pycocotools' type has keys that only segmentations and pictures need.
    document: Any = {
        "images": [{"id": number} for number in range(len(plans))],
        "categories": [{"id": 0, "name": "room"}],
        # To pycocotools an id of 0 means "not matched".
        "annotations": [{"id": number, **one} for number, one in enumerate(_annotations(plans, boxes), start=1)],
    }
    data_set = COCO()
    data_set.dataset = document
    data_set.createIndex()
    return data_set


def _annotations(plans: Sequence[ScoredPlan], boxes: Sequence[Sequence[tuple[Box, float]]]) -> Iterator[dict[str, Any]]:
    for number, (plan, plan_boxes) in enumerate(zip(plans, boxes, strict=True)):
        scale = LONGEST_SIDE_PX / max(plan.width_px, plan.height_px)
        width, height = plan.width_px * scale, plan.height_px * scale
        for (x0, y0, x1, y1), score in plan_boxes:
            bbox = [x0 * width, y0 * height, (x1 - x0) * width, (y1 - y0) * height]
            yield {
                "image_id": number,
                "category_id": 0,
                "bbox": bbox,
                "area": bbox[2] * bbox[3],
                "iscrowd": 0,
                "score": score,
            }
