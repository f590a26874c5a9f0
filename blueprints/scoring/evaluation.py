"""The report on a detector: its metrics over all plans and by style, and what its confidence means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from blueprints.scoring import confidence, mistakes
from blueprints.scoring.confidence import RankedPredictions, Reliability, ThresholdCurve
from blueprints.scoring.detection_metrics import DetectionMetrics, ScoredPlan, measure


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """`styles` has the metrics of each style by name; `wrong_boxes` counts the wrong boxes of all plans by kind."""

    total: DetectionMetrics
    styles: dict[str, DetectionMetrics]
    wrong_boxes: dict[str, int]
    ranked: RankedPredictions
    thresholds: ThresholdCurve
    reliability: Reliability

    def as_json(self) -> dict[str, Any]:
        """The report as JSON values; undefined metrics are null."""
        return {
            **self.total.as_json(),
            "styles": {style: metrics.as_json() for style, metrics in self.styles.items()},
            "wrong_boxes": self.wrong_boxes,
            "reliability": self.reliability.as_json(),
            "thresholds": self.thresholds.as_json(),
        }


def evaluate(plans: Sequence[ScoredPlan], *, confidence_threshold: float) -> Evaluation:
    """Evaluates predictions on at least one plan; BlueprintError without plans or for a bad threshold."""
    total = measure(plans, confidence_threshold=confidence_threshold)
    by_style: dict[str, list[ScoredPlan]] = {}
    for plan in plans:
        by_style.setdefault(plan.style, []).append(plan)
    ranked = confidence.rank(plans)
    return Evaluation(
        total=total,
        styles={
            style: measure(of_style, confidence_threshold=confidence_threshold)
            for style, of_style in sorted(by_style.items())
        },
        wrong_boxes=mistakes.wrong_boxes(plans, confidence_threshold),
        ranked=ranked,
        thresholds=confidence.threshold_curve(ranked),
        reliability=confidence.reliability(ranked, confidence_threshold),
    )
