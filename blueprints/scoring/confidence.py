"""What a detector's confidence means: precision and recall by threshold, and calibration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from blueprints.scoring.detection_metrics import CONFIDENCE_FLOOR, IOU_THRESHOLD, ScoredPlan
from blueprints.scoring.matching import Counts, outcomes

THRESHOLDS = tuple(percent / 100 for percent in range(1, 100))
BINS = 10


@dataclass(frozen=True, kw_only=True)
class RankedPredictions:
    """The predictions of all plans in descending order of confidence, matched at IoU 0.5, and the number of true rooms.

    Arrays of equal length: `confidences` 0..1, `right` and `duplicates` booleans (`matching.Outcome`). More confident
    predictions are matched first, so the outcomes of the first n do not depend on the rest.
    """

    confidences: np.ndarray
    right: np.ndarray
    duplicates: np.ndarray
    rooms: int

    def above(self, threshold: float) -> int:
        """How many predictions have more confidence than a threshold."""
        return int(np.count_nonzero(self.confidences > threshold))

    def counts(self, threshold: float) -> Counts:
        served = self.above(threshold)
        right = int(self.right[:served].sum())
        return Counts(
            right=right,
            missed=self.rooms - right,
            wrong=served - right,
            duplicates=int(self.duplicates[:served].sum()),
        )

    def precision_recall(self) -> tuple[np.ndarray, np.ndarray]:
        """Precision and recall after each prediction; recall is 0 without rooms."""
        right = np.cumsum(self.right)
        return right / np.arange(1, len(right) + 1), right / max(self.rooms, 1)


@dataclass(frozen=True, kw_only=True)
class ThresholdCurve:
    """Right, missed and wrong counts at each confidence threshold, and the threshold with the highest F1.

    Of equals the lowest is recommended; None if no threshold gives a right box.
    """

    counts: dict[float, Counts]
    recommended: float | None

    def as_json(self) -> dict[str, Any]:
        return {
            "recommended": self.recommended,
            "curve": [
                {"threshold": threshold, "precision": at.precision, "recall": at.recall, "f1": at.f1}
                for threshold, at in self.counts.items()
            ],
        }


@dataclass(frozen=True, kw_only=True)
class ReliabilityBin:
    """The predictions with a confidence from `from_confidence` to `to_confidence`; at least one."""

    from_confidence: float
    to_confidence: float
    predictions: int
    mean_confidence: float
    precision: float


@dataclass(frozen=True, kw_only=True)
class Reliability:
    """How far confidences are from the share of right boxes, among those above `confidence_threshold`.

    `expected_calibration_error` is the mean distance between confidence and precision over the bins, weighted by their
    predictions (Guo et al., "On Calibration of Modern Neural Networks", 2017); None without predictions.
    """

    confidence_threshold: float
    expected_calibration_error: float | None
    bins: tuple[ReliabilityBin, ...]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def rank(plans: Sequence[ScoredPlan]) -> RankedPredictions:
    """The predictions of all plans above CONFIDENCE_FLOOR; of equal confidence, earlier plans first."""
    ranked = [
        (one.confidence, outcome.room is not None, outcome.duplicate)
        for plan in plans
        for predictions in [plan.confident(CONFIDENCE_FLOOR)]
        for one, outcome in zip(predictions, outcomes(predictions, plan.truth, IOU_THRESHOLD), strict=True)
    ]
    ranked.sort(key=lambda one: one[0], reverse=True)
    return RankedPredictions(
        confidences=np.array([one[0] for one in ranked], dtype=float),
        right=np.array([one[1] for one in ranked], dtype=bool),
        duplicates=np.array([one[2] for one in ranked], dtype=bool),
        rooms=sum(len(plan.truth) for plan in plans),
    )


def threshold_curve(ranked: RankedPredictions) -> ThresholdCurve:
    """The curve at THRESHOLDS."""
    counts = {threshold: ranked.counts(threshold) for threshold in THRESHOLDS}
    best = max(THRESHOLDS, key=lambda threshold: counts[threshold].f1 or 0.0)
    return ThresholdCurve(counts=counts, recommended=best if counts[best].right else None)


def reliability(ranked: RankedPredictions, confidence_threshold: float) -> Reliability:
    """The reliability of the predictions that are served at a threshold, in BINS of equal width over 0..1."""
    served = ranked.above(confidence_threshold)
    confidences, right = ranked.confidences[:served], ranked.right[:served]
    numbers = np.minimum((confidences * BINS).astype(int), BINS - 1)
    bins = tuple(
        ReliabilityBin(
            from_confidence=number / BINS,
            to_confidence=(number + 1) / BINS,
            predictions=int(inside.sum()),
            mean_confidence=float(confidences[inside].mean()),
            precision=float(right[inside].mean()),
        )
        for number in range(BINS)
        for inside in [numbers == number]
        if inside.any()
    )
    error = sum(one.predictions * abs(one.precision - one.mean_confidence) for one in bins)
    return Reliability(
        confidence_threshold=confidence_threshold,
        expected_calibration_error=error / served if served else None,
        bins=bins,
    )
